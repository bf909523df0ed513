//! Notes and other names that registers write into the cell of a name.

use super::Named;
use crate::people::words::{bare, kind_by_words};
use portcullis_types::Schema;

/// Most words of another name; more are a sentence.
const MOST_WORDS: usize = 8;
/// How the estate of somebody who died is named.
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

/// Takes off `[De-registered 1/2/2003]`, `[The]`, `(Sponsorship)`, `(dec'd)`, `The Estate of the
/// late`. Tells whether the name is of somebody who died.
pub(super) fn take_notes(named: &mut Named) -> bool {
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
        let word = bare(&note).replace(['\'', '’'], "");
        let died = matches!(word.as_str(), "decd" | "deceased" | "dec" | "late" | "the late");
        if died || matches!(word.as_str(), "sponsor" | "deregistered" | "legacy" | "bequest") {
            estate |= died;
            named.notes.push(note);
            named.name = head;
        }
    }
    // "Testwick Ltd - Sponsorship, 1 Example Road"
    for mark in [" - sponsorship", " (sponsorship)"] {
        let found = named.name.to_ascii_lowercase().find(mark);
        let Some((head, tail)) = found.and_then(|at| named.name.split_at_checked(at)) else {
            continue;
        };
        let tail = tail.get(mark.len()..).unwrap_or_default();
        if !head.trim().is_empty() && (tail.is_empty() || tail.starts_with(',')) {
            named.name = format!("{head}{tail}");
            named.notes.push("Sponsorship".to_owned());
        }
    }
    for end in [" deceased", " dec'd", " (deceased"] {
        if let Some(head) = strip_end(&named.name, end) {
            estate = true;
            named.notes.push("deceased".to_owned());
            named.name = head.trim_end_matches([',', ' ']).to_owned();
        }
    }
    let body = strip_start(&named.name, "the ").unwrap_or(&named.name);
    let bare_late = body.len() == named.name.len();
    for opening in OPENINGS {
        // "Late" without "the" is as likely a part of a name.
        if *opening == "late " && bare_late {
            continue;
        }
        // "Legacy of War Foundation" is no estate.
        let person = |head: &&str| matches!(kind_by_words(head), None | Some(Schema::Person));
        if let Some(head) = strip_start(body, opening).filter(person) {
            named.notes.push("estate".to_owned());
            named.name = head.to_owned();
            return true;
        }
    }
    estate
}

/// Takes off "t/a …", "(formerly …)", "née …", "aka …".
pub(super) fn take_other_names(named: &mut Named) {
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
        "(previously ",
        "née ",
        "nee ",
        "f/k/a ",
        "fka ",
        "(born ",
    ];
    for (marks, previous) in [(PREVIOUS, true), (ALIAS, false)] {
        let lower = named.name.to_ascii_lowercase();
        for mark in marks {
            let Some((start, length, bracketed)) = find_mark(&lower, mark) else { continue };
            let rest = named.name.get(start + length..).unwrap_or_default().to_owned();
            let head = named.name.get(..start).unwrap_or_default();
            let head = head.trim_end_matches([' ', '(', ',', '-', '[']).to_owned();
            let (other, tail) = if bracketed {
                rest.split_once([')', ']']).unwrap_or((&rest, ""))
            } else {
                rest.split_once(',').unwrap_or((&rest, ""))
            };
            let other = other.trim().trim_end_matches([')', ']']).to_owned();
            // A sentence is no name.
            if head.is_empty() || !(1..=MOST_WORDS).contains(&other.split_whitespace().count()) {
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
fn find_mark(lower: &str, mark: &str) -> Option<(usize, usize, bool)> {
    lower.match_indices(mark).find_map(|(start, _)| {
        let before = lower.get(..start)?.chars().next_back()?;
        let bracketed = mark.starts_with('(') || matches!(before, '(' | '[');
        (bracketed || before == ' ').then_some((start, mark.len(), bracketed))
    })
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
