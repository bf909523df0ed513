//! Donor names: what registers and spreadsheets write into one cell, taken apart.

mod notes;
mod people;

use super::words::{is_address, is_company_word, is_shouted, kind_by_words};
use notes::{take_notes, take_other_names};
use people::{joined_titles, people};
use portcullis_types::Schema;

/// How far "(1) A (2) B" is followed.
const MOST_NUMBERED: usize = 20;

/// What is known about the name from elsewhere.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hints {
    /// What the file says the name is of.
    pub(crate) said: Option<Schema>,
    /// What it is of when nothing tells.
    pub(crate) otherwise: Schema,
    /// Names of bodies carry the first line of their address after a comma.
    pub(crate) carries_address: bool,
    /// "na" before a name stands for a title or given name that the register does not have.
    pub(crate) has_placeholders: bool,
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
    let mut all: Vec<Named> = Vec::new();
    for part in parts(&cell) {
        let lower = !part.chars().any(char::is_uppercase);
        match all.last_mut() {
            // "Testwick Ltd; makers of tests"
            Some(last)
                if lower && !is_shouted(part) && last.name.chars().any(char::is_uppercase) =>
            {
                last.notes.push(part.to_owned());
            }
            _ if part.chars().any(char::is_alphabetic) => all.extend(one_part(part, hints)),
            _ => {}
        }
    }
    all.retain(|named| named.name.chars().any(char::is_alphabetic));
    all
}

/// "A; B", "(1) A; (2) B", "1) A 2) B".
fn parts(cell: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    for piece in cell.split(';').map(str::trim) {
        let mut rest = piece;
        let numbered = strip_marker(piece).len() < piece.len();
        // Only in order and after a first number, so that "Testwick (1995) Ltd" stays whole.
        for number in (2..=MOST_NUMBERED).take_while(|_| numbered) {
            let marks = [format!(" ({number}) "), format!(" {number}) ")];
            if let Some(at) = marks.iter().find_map(|mark| rest.find(mark.as_str())) {
                let (part, tail) = rest.split_at(at);
                parts.push(part);
                rest = tail;
            }
        }
        parts.push(rest);
    }
    let joined = |part: &'_ str| -> usize {
        let end = part.trim_end();
        [" and", " &"].iter().find_map(|and| end.strip_suffix(and)).map_or(part.len(), str::len)
    };
    let parts = parts.into_iter().map(|part| part.get(..joined(part)).unwrap_or(part));
    parts.map(strip_marker).filter(|part| !part.is_empty()).collect()
}

/// Takes "(2)", "2)" and "2." off the start.
fn strip_marker(part: &str) -> &str {
    let part = part.trim();
    let body = part.strip_prefix('(').unwrap_or(part);
    let digits = body.bytes().take_while(u8::is_ascii_digit).count();
    match body.get(digits..).and_then(|rest| rest.strip_prefix(')')) {
        Some(rest) if (1..=2).contains(&digits) => rest.trim_start(),
        _ => part,
    }
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
    let mut placeholder = false;
    if hints.has_placeholders
        && let Some(rest) = named.name.strip_prefix("na ")
    {
        named.name = rest.trim_start().into();
        placeholder = true;
    }
    let estate = take_notes(&mut named) || placeholder;
    take_other_names(&mut named);
    let by_words = || {
        let head = named.name.split(',').next().unwrap_or_default();
        kind_by_words(head).or_else(|| kind_by_words(&named.name).filter(|s| *s != Schema::Person))
    };
    let by_words = by_words();
    named.schema = match (hints.said, by_words) {
        (None | Some(Schema::LegalEntity), _) if estate => Schema::Person,
        (None | Some(Schema::LegalEntity), by_words) => by_words.unwrap_or(hints.otherwise),
        // The file says one thing and the words another: it is compared with both.
        (Some(Schema::Person), Some(Schema::Company))
        | (Some(Schema::Company), Some(Schema::Person)) => Schema::LegalEntity,
        (Some(said), _) => said,
    };
    let is_couple = || joined_titles(&named.name);
    if named.schema == Schema::Person || (hints.said.is_none() && is_couple()) {
        named.schema = Schema::Person;
        people(named)
    } else {
        vec![body(named, hints)]
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
        named.name = head.trim_end_matches([',', ' ']).into();
        if named.name.is_empty() {
            named.name = named.address.take().unwrap_or_default();
        }
    }
    let Some((head, tail)) = named.name.split_once(',') else { return named };
    let (head, tail) = (head.trim().to_owned(), tail.trim().to_owned());
    let shouted = is_shouted(&named.name);
    let only_form = tail.split_whitespace().all(|word| is_company_word(word, shouted));
    if only_form || head.is_empty() {
        return named;
    }
    if tail.eq_ignore_ascii_case(&head) || says_no_address(&tail) {
        named.name = head;
        return named;
    }
    let ends_in_form =
        head.split_whitespace().last().is_some_and(|word| is_company_word(word, shouted));
    let at = if ends_in_form { Some(head.len()) } else { address_start(&named.name) };
    if let Some(at) = at {
        let (name, address) = named.name.split_at(at);
        let address = address.trim_start_matches([',', ' ']).to_owned();
        let care_of = named.address.take();
        named.name = name.trim_end_matches([',', ' ']).into();
        named.address =
            Some([Some(address), care_of].into_iter().flatten().collect::<Vec<_>>().join(", "));
    } else if hints.carries_address && head.contains(' ') {
        // It may be an address or a part of the name: both readings are kept.
        named.aliases.push(head);
    }
    named
}

fn says_no_address(text: &str) -> bool {
    const WORDS: &[&str] =
        &["no address", "not provided", "not known", "unknown", "address unknown", "n/a", "none"];
    WORDS.iter().any(|words| text.eq_ignore_ascii_case(words))
}

/// Where the first of the parts after a comma begins that reads like an address.
fn address_start(name: &str) -> Option<usize> {
    let commas: Vec<usize> = name.match_indices(',').map(|(at, _)| at).collect();
    let ends = commas.iter().skip(1).copied().chain([name.len()]);
    let part = |(from, to): (usize, usize)| name.get(from + 1..to).unwrap_or_default();
    let found = commas.iter().copied().zip(ends).find(|range| is_address(part(*range)));
    found.map(|(from, _)| from).filter(|from| *from > 0)
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
        && !given.split_whitespace().any(|word| is_company_word(word, false))
        && !is_address(given)
}

#[cfg(test)]
mod tests;
