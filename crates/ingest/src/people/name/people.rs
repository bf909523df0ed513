//! Names of people: titles, couples, order, nicknames.

use super::Named;
use crate::people::words::{self, Doubt, bare, is_address, is_shouted, is_suffix, kind_by_words};
use portcullis_types::Schema;

/// "Mr & Mrs …", "Dr A and Mrs B …": a title on both sides of the "and".
pub(super) fn joined_titles(name: &str) -> bool {
    let parts = split_couple(name);
    parts.len() > 1
        && parts
            .iter()
            .all(|part| part.split_whitespace().next().and_then(words::title) == Some(Doubt::Sure))
        && kind_by_words(name) == Some(Schema::Person)
}

fn split_couple(name: &str) -> Vec<String> {
    let mut parts = vec![Vec::new()];
    for word in name.split_whitespace() {
        let is_and = matches!(word, "&" | "+") || word.eq_ignore_ascii_case("and");
        match parts.last_mut() {
            Some(last) if !is_and => last.push(word),
            Some(last) if !last.is_empty() => parts.push(Vec::new()),
            _ => {}
        }
    }
    parts.into_iter().filter(|p| !p.is_empty()).map(|p| p.join(" ")).collect()
}

pub(super) fn people(named: Named) -> Vec<Named> {
    let peer = named
        .name
        .split_whitespace()
        .find(|w| !w.eq_ignore_ascii_case("the"))
        .is_some_and(words::is_peer);
    let joined = split_couple(&named.name);
    let titled_second =
        joined.get(1).and_then(|p| p.split_whitespace().next()).and_then(words::title);
    let has_capitals = named.name.chars().any(char::is_uppercase);
    let all_read = joined.iter().all(|part| reads_like_a_name(part, has_capitals));
    if joined.len() < 2 || !all_read || (peer && titled_second.is_none()) {
        return vec![person(named, None)];
    }
    let parts: Vec<Person> = joined.iter().map(|p| Person::read(p)).collect();
    let surname = |words: &[String]| words.last().filter(|w| !is_initial(w)).cloned();
    let whole = parts.iter().rev().filter(|p| p.words.len() > 1).find_map(|p| surname(&p.words));
    let alone = parts.last().and_then(|p| surname(&p.words));
    let given_of_last = parts.last().map(|p| p.words.clone()).unwrap_or_default();
    parts
        .into_iter()
        .map(|mut part| {
            if part.words.is_empty() {
                // "Mr & Mrs J Testwick": the initials are told of one and may be of either.
                part.words.clone_from(&given_of_last);
            } else if surname(&part.words).is_none() {
                part.words.extend(whole.clone().or_else(|| alone.clone()));
            } else if part.words.len() == 1 {
                part.words.extend(whole.clone());
            }
            person(named.clone(), Some(part))
        })
        .collect()
}

/// Whether one side of an "and" can be a name: short, without figures, and with no small word in it
/// but such as belong to surnames ("directors of the racecourse" is none).
fn reads_like_a_name(part: &str, has_capitals: bool) -> bool {
    const PARTICLES: &[&str] = &[
        "de", "del", "della", "der", "den", "di", "da", "do", "dos", "das", "du", "la", "le",
        "van", "von", "zu", "zur", "ter", "ten", "bin", "ibn", "al", "el", "ap", "na", "n/a", "y",
        "st", "ó",
    ];
    let small = |word: &str| {
        word.starts_with(char::is_lowercase)
            && !PARTICLES.contains(&word)
            && words::title(word).is_none()
            && !word.starts_with("d'")
            && !word.starts_with("al-")
    };
    part.split_whitespace().count() <= 8
        && !part.bytes().any(|b| b.is_ascii_digit())
        && !(has_capitals && part.split_whitespace().any(small))
}

/// A person's name in words, with what stood before and after it.
#[derive(Debug, Default)]
struct Person {
    titles: Vec<String>,
    words: Vec<String>,
}

impl Person {
    fn read(text: &str) -> Self {
        let shouted = is_shouted(text);
        let mut words: Vec<&str> = text
            .split_whitespace()
            .map(|w| w.trim_matches(','))
            .filter(|w| !w.is_empty())
            .collect();
        let mut titles = Vec::new();
        while let Some(first) = words.first().copied() {
            let placeholder = matches!(first, "na" | "n/a" | "N/A");
            let article =
                bare(first) == "the" && words.get(1).is_some_and(|w| words::title(w).is_some());
            let sure = match words::title(first) {
                Some(Doubt::Sure) => true,
                Some(Doubt::Doubtful) => words.len() > 2 || !titles.is_empty(),
                None => false,
            };
            if !(placeholder || article || sure) {
                break;
            }
            words.remove(0);
            if sure {
                titles.push(first.to_owned());
            }
        }
        while words.len() > 1 && words.last().is_some_and(|w| is_suffix(w, shouted)) {
            titles.extend(words.pop().map(str::to_owned));
        }
        // "Lord na Testwick": the register's word for "no given name".
        words.retain(|w| !matches!(*w, "na" | "n/a"));
        Self { titles, words: words.into_iter().map(str::to_owned).collect() }
    }
}

fn is_initial(word: &str) -> bool {
    let letters = word.chars().filter(|c| c.is_alphabetic()).count();
    letters <= 1 || (word.contains('.') && letters <= 3)
}

fn person(mut named: Named, read: Option<Person>) -> Named {
    let text = named.name.clone();
    let part = read.unwrap_or_else(|| {
        let (text, address) = surname_first(&text);
        named.address = named.address.take().or(address);
        Person::read(&text)
    });
    let mut titles = part.titles;
    named.titles.append(&mut titles);
    let InBrackets { mut plain, nicknames, notes } = split_brackets(&part.words);
    // "Orsolya Testwick MP (from …)"
    while plain.len() > 1 && plain.last().is_some_and(|word| is_suffix(word, is_shouted(&text))) {
        named.titles.extend(plain.pop());
    }
    named.aliases.extend(nicknames);
    named.notes.extend(notes);
    if let [first @ .., _] = plain.as_slice()
        && !first.is_empty()
    {
        // "Orsolya Testwick (née Examplesson)"
        let first = first.join(" ");
        for previous in &mut named.previous {
            if !previous.contains(' ') {
                *previous = format!("{first} {previous}");
            }
        }
    }
    named.name = plain.join(" ");
    if named.name.is_empty() {
        named.name = text;
    }
    named
}

/// Turns "TESTWICK, Orsolya" round; an address after a comma is cut off.
fn surname_first(text: &str) -> (String, Option<String>) {
    let Some((left, right)) = text.split_once(',') else { return (text.to_owned(), None) };
    let (left, right) = (left.trim(), right.trim());
    let shouted = is_shouted(text);
    if right.split([' ', ',']).filter(|w| !w.is_empty()).all(|w| is_suffix(w, shouted)) {
        return (format!("{left} {right}"), None);
    }
    if is_address(right) && left.contains(' ') {
        return (left.to_owned(), Some(right.to_owned()));
    }
    (format!("{} {left}", right.replace(',', " ")), None)
}

/// What stands in brackets within the name of a person.
#[derive(Debug, Default)]
struct InBrackets {
    plain: Vec<String>,
    nicknames: Vec<String>,
    notes: Vec<String>,
}

/// "Geoffrey (Jamie) Testwick": the name without the brackets, and what stands in them.
fn split_brackets(words: &[String]) -> InBrackets {
    let mut found = InBrackets::default();
    let mut inside: Vec<Vec<String>> = Vec::new();
    let mut open = false;
    for word in words {
        if word.starts_with('(') {
            open = true;
            inside.push(Vec::new());
        }
        let bare = word.trim_matches(['(', ')', ',']);
        match inside.last_mut().filter(|_| open) {
            Some(nickname) if !bare.is_empty() => nickname.push(bare.to_owned()),
            None if !bare.is_empty() => found.plain.push(bare.to_owned()),
            _ => {}
        }
        if word.ends_with(')') {
            open = false;
        }
    }
    if found.plain.is_empty() {
        return InBrackets { plain: words.to_vec(), ..InBrackets::default() };
    }
    for bracketed in inside.into_iter().filter(|b| !b.is_empty()) {
        match (bracketed.as_slice(), found.plain.last()) {
            ([one], Some(surname)) if found.plain.len() > 1 => {
                found.nicknames.push(format!("{one} {surname}"));
            }
            ([_] | [_, _] | [_, _, _], _) => found.nicknames.push(bracketed.join(" ")),
            _ => found.notes.push(bracketed.join(" ")),
        }
    }
    found
}
