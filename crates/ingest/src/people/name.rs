//! Donor names: what registers and spreadsheets write into one cell, taken apart.

use super::words::{self, Doubt, bare, is_address, is_company_word, is_suffix, kind_by_words};
use portcullis_types::Schema;

/// Most people taken out of one cell.
const MOST_PEOPLE: usize = 10;

/// What is known about the name from elsewhere.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hints {
    /// What the file says the name is of.
    pub(crate) said: Option<Schema>,
    /// What it is of when nothing tells.
    pub(crate) otherwise: Schema,
    /// Names of bodies carry the first line of their address after a comma.
    pub(crate) carries_address: bool,
}

/// One person or body named in a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) schema: Schema,
    /// The name without titles, letters after it, address and notes.
    pub(crate) name: String,
    pub(crate) titles: Vec<String>,
    pub(crate) aliases: Vec<String>,
    pub(crate) previous: Vec<String>,
    pub(crate) address: Option<String>,
    pub(crate) notes: Vec<String>,
}

/// Takes a cell apart. The list is empty when nothing in it is a name.
pub(crate) fn take_apart(cell: &str, hints: Hints) -> Vec<Named> {
    let cell = tidy(cell);
    let parts: Vec<&str> = cell.split(';').map(str::trim).filter(|p| !p.is_empty()).collect();
    parts
        .into_iter()
        .take(MOST_PEOPLE)
        .flat_map(|part| one_part(part, hints))
        .take(MOST_PEOPLE)
        .filter(|named| named.name.chars().any(char::is_alphabetic))
        .collect()
}

/// White space to single spaces; stray quotes and commas off the ends, as exports leave them.
fn tidy(text: &str) -> String {
    let text = text.trim();
    let text = text.strip_prefix("=\"").and_then(|t| t.strip_suffix('"')).unwrap_or(text);
    let spaced = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let junk = |c: char| c.is_whitespace() || matches!(c, ',' | '"' | ';');
    let end = spaced.trim_end_matches(junk);
    // A closing quote belongs to the name when an opening one does.
    let end = if end.matches('"').count() % 2 == 1
        && spaced.get(end.len()..).is_some_and(|r| r.starts_with('"'))
    {
        spaced.get(..=end.len()).unwrap_or(end)
    } else {
        end
    };
    end.trim_start_matches(|c: char| c.is_whitespace() || c == ',').to_owned()
}

fn one_part(part: &str, hints: Hints) -> Vec<Named> {
    let mut named = Named {
        schema: hints.otherwise,
        name: part.to_owned(),
        titles: Vec::new(),
        aliases: Vec::new(),
        previous: Vec::new(),
        address: None,
        notes: Vec::new(),
    };
    let estate = take_notes(&mut named);
    take_other_names(&mut named);
    let by_words = || {
        let head = named.name.split(',').next().unwrap_or_default();
        kind_by_words(head).or_else(|| kind_by_words(&named.name).filter(|s| *s != Schema::Person))
    };
    named.schema = match hints.said {
        Some(Schema::LegalEntity) | None if estate => Schema::Person,
        Some(Schema::LegalEntity) | None => by_words().unwrap_or(hints.otherwise),
        Some(said) => said,
    };
    let is_couple = || joined_titles(&named.name);
    if named.schema == Schema::Person || (hints.said.is_none() && is_couple()) {
        named.schema = Schema::Person;
        people(named)
    } else {
        vec![body(named, hints)]
    }
}

/// Takes off "[De-registered 1/2/2003]", "[The]", "(Sponsorship)", "(dec'd)", "The Estate of the
/// late". Tells whether the name is of somebody who died.
fn take_notes(named: &mut Named) -> bool {
    if let Some((head, note)) = closing_brackets(&named.name, '[', ']') {
        if note.eq_ignore_ascii_case("the") {
            named.name = format!("The {head}");
        } else {
            named.notes.push(note);
            named.name = head;
        }
    }
    let mut estate = false;
    if let Some((head, note)) = closing_brackets(&named.name, '(', ')') {
        let word = bare(&note).replace('\'', "").replace('’', "");
        let died = matches!(word.as_str(), "decd" | "deceased" | "dec" | "late" | "the late");
        if died
            || matches!(
                word.as_str(),
                "sponsorship" | "sponsor" | "deregistered" | "legacy" | "bequest"
            )
        {
            estate |= died;
            named.notes.push(note);
            named.name = head;
        }
    }
    if let Some(head) = strip_end(&named.name, " - sponsorship") {
        named.notes.push("Sponsorship".to_owned());
        named.name = head.to_owned();
    }
    for end in [" deceased", " dec'd", " (deceased"] {
        if let Some(head) = strip_end(&named.name, end) {
            estate = true;
            named.notes.push("deceased".to_owned());
            named.name = head.trim_end_matches([',', ' ']).to_owned();
        }
    }
    const OPENINGS: &[&str] = &[
        "estate of the late ",
        "estate of ",
        "executors of the estate of the late ",
        "executors of the estate of ",
        "executors of the late ",
        "executors of ",
        "executor of the estate of ",
        "executor of ",
        "will of the late ",
        "will of ",
        "legacy of the late ",
        "legacy of ",
        "bequest of the late ",
        "bequest of ",
        "late ",
        "trustees of the estate of ",
    ];
    let body = strip_start(&named.name, "the ").unwrap_or(&named.name);
    let bare_late = body.len() == named.name.len();
    for opening in OPENINGS {
        // "Late" without "the" is as likely a part of a name.
        if *opening == "late " && bare_late {
            continue;
        }
        if let Some(head) = strip_start(body, opening) {
            named.notes.push("estate".to_owned());
            named.name = head.to_owned();
            return true;
        }
    }
    estate
}

/// Takes off "t/a …", "(formerly …)", "née …", "aka …".
fn take_other_names(named: &mut Named) {
    const ALIAS: &[&str] = &[
        "t/a ",
        "t/as ",
        "trading as ",
        "aka ",
        "a.k.a. ",
        "a/k/a ",
        "also known as ",
        "known as ",
        "d/b/a ",
        "dba ",
    ];
    const PREVIOUS: &[&str] = &[
        "formerly known as ",
        "formerly ",
        "previously known as ",
        "previously ",
        "née ",
        "nee ",
        "f/k/a ",
        "fka ",
        "born ",
    ];
    for (marks, previous) in [(PREVIOUS, true), (ALIAS, false)] {
        for mark in marks {
            let Some((start, length, bracketed)) = find_mark(&named.name, mark) else { continue };
            let rest = named.name.get(start + length..).unwrap_or_default().to_owned();
            let head = named.name.get(..start).unwrap_or_default();
            let head = head.trim_end_matches([' ', '(', ',', '-', '[']).to_owned();
            let (other, tail) = if bracketed {
                rest.split_once([')', ']']).unwrap_or((&rest, ""))
            } else {
                rest.split_once(',').unwrap_or((&rest, ""))
            };
            let other = other.trim().trim_end_matches([')', ']']).to_owned();
            if head.is_empty() || other.is_empty() {
                continue;
            }
            named.name = match tail.trim_start_matches([',', ' ']) {
                "" => head,
                tail => format!("{head}, {tail}"),
            };
            let list = if previous { &mut named.previous } else { &mut named.aliases };
            list.push(other);
            break;
        }
    }
}

/// Where a mark begins as a word of its own, its length, and whether it stands in brackets.
fn find_mark(name: &str, mark: &str) -> Option<(usize, usize, bool)> {
    let lower = name.to_lowercase();
    if lower.len() != name.len() {
        return None;
    }
    let start = lower.find(mark)?;
    let before = lower.get(..start)?.chars().next_back()?;
    match before {
        '(' | '[' => Some((start, mark.len(), true)),
        ' ' => Some((start, mark.len(), false)),
        _ => None,
    }
}

fn body(mut named: Named, hints: Hints) -> Named {
    if named.schema == Schema::LegalEntity && reads_surname_first(&named.name) {
        if let Some((surname, given)) = named.name.split_once(',') {
            named.name = format!("{} {}", given.trim(), surname.trim());
        }
        return named;
    }
    if let Some(at) = find_care_of(&named.name) {
        let (head, tail) = named.name.split_at(at);
        named.address = Some(tail.trim_start_matches([',', ' ']).to_owned());
        named.name = head.trim_end_matches([',', ' ']).to_owned();
        if named.name.is_empty() {
            named.name = named.address.take().unwrap_or_default();
        }
    }
    let Some((head, tail)) = named.name.split_once(',') else { return named };
    let (head, tail) = (head.trim().to_owned(), tail.trim().to_owned());
    let ends_in_form = head.split_whitespace().last().is_some_and(is_company_word);
    let repeats = tail.eq_ignore_ascii_case(&head);
    let only_form = tail.split_whitespace().all(is_company_word);
    if only_form || head.is_empty() {
        return named;
    }
    if ends_in_form || repeats || is_address(&tail) {
        if !repeats {
            let rest = named.address.take();
            named.address =
                Some([Some(tail), rest].into_iter().flatten().collect::<Vec<_>>().join(", "));
        }
        named.name = head;
    } else if hints.carries_address && head.contains(' ') {
        // It may be an address or a part of the name: both readings are kept.
        named.aliases.push(head);
    }
    named
}

fn find_care_of(name: &str) -> Option<usize> {
    let lower = name.to_ascii_lowercase();
    let at = lower.find("c/o")?;
    (at == 0 || lower.get(..at).is_some_and(|h| h.ends_with([' ', ',']))).then_some(at)
}

/// Whether "Testwick, Orsolya" is one: short, without digits, and nothing in it of a body or place.
fn reads_surname_first(name: &str) -> bool {
    let Some((surname, given)) = name.split_once(',') else { return false };
    let words = |text: &str| text.split_whitespace().count();
    let plain = |text: &str| {
        text.chars().all(|c| c.is_alphabetic() || matches!(c, ' ' | '-' | '\'' | '’' | '.'))
    };
    (1..=3).contains(&words(given))
        && (1..=3).contains(&words(surname))
        && plain(given)
        && plain(surname)
        && kind_by_words(surname).is_none()
        && !given.split_whitespace().any(is_company_word)
        && !is_address(given)
}

/// "Mr & Mrs …", "Dr A and Mrs B …": a title on both sides of the "and".
fn joined_titles(name: &str) -> bool {
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

fn people(named: Named) -> Vec<Named> {
    let peer = named
        .name
        .split_whitespace()
        .find(|w| !w.eq_ignore_ascii_case("the"))
        .is_some_and(words::is_peer);
    let joined = split_couple(&named.name);
    let titled_second =
        joined.get(1).and_then(|p| p.split_whitespace().next()).and_then(words::title);
    if joined.len() < 2 || (peer && titled_second.is_none()) {
        return vec![person(named, None)];
    }
    let parts: Vec<Person> = joined.iter().take(MOST_PEOPLE).map(|p| Person::read(p)).collect();
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

/// A person's name in words, with what stood before and after it.
#[derive(Debug, Default)]
struct Person {
    titles: Vec<String>,
    words: Vec<String>,
}

impl Person {
    fn read(text: &str) -> Self {
        let shouted = !text.chars().any(char::is_lowercase);
        let mut words: Vec<&str> = text
            .split_whitespace()
            .map(|w| w.trim_matches(','))
            .filter(|w| !w.is_empty())
            .collect();
        let mut titles = Vec::new();
        loop {
            let Some(first) = words.first().copied() else { break };
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
    let (plain, nicknames) = split_nicknames(&part.words);
    named.aliases.extend(nicknames);
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
    let shouted = !text.chars().any(char::is_lowercase);
    if right.split([' ', ',']).filter(|w| !w.is_empty()).all(|w| is_suffix(w, shouted)) {
        return (format!("{left} {right}"), None);
    }
    if is_address(right) && left.contains(' ') {
        return (left.to_owned(), Some(right.to_owned()));
    }
    (format!("{} {left}", right.replace(',', " ")), None)
}

/// "Geoffrey (Jamie) Testwick": the name without the brackets, and the names in them.
fn split_nicknames(words: &[String]) -> (Vec<String>, Vec<String>) {
    let mut plain = Vec::new();
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
            None if !bare.is_empty() => plain.push(bare.to_owned()),
            _ => {}
        }
        if word.ends_with(')') {
            open = false;
        }
    }
    let nicknames = inside
        .into_iter()
        .filter(|n| !n.is_empty())
        .map(|nickname| match (nickname.as_slice(), plain.last()) {
            ([one], Some(surname)) if plain.len() > 1 => format!("{one} {surname}"),
            (several, _) => several.join(" "),
        })
        .collect();
    if plain.is_empty() { (words.to_vec(), Vec::new()) } else { (plain, nicknames) }
}

fn closing_brackets(name: &str, open: char, close: char) -> Option<(String, String)> {
    let body = name.trim_end().strip_suffix(close)?;
    let (head, note) = body.rsplit_once(open)?;
    let head = head.trim_end_matches([' ', ',']);
    (!head.is_empty()).then(|| (head.to_owned(), note.trim().to_owned()))
}

fn strip_start<'a>(text: &'a str, start: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(start.len())?;
    head.eq_ignore_ascii_case(start).then_some(rest.trim_start()).filter(|r| !r.is_empty())
}

fn strip_end<'a>(text: &'a str, end: &str) -> Option<&'a str> {
    let (rest, tail) = text.split_at_checked(text.len().checked_sub(end.len())?)?;
    tail.eq_ignore_ascii_case(end).then_some(rest.trim_end()).filter(|r| !r.is_empty())
}

#[cfg(test)]
mod tests;
