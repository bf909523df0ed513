//! Names to comparable parts.

use crate::numbers;
use crate::part::{Kind, Part};
use crate::romanise;
use crate::script::Script;
use crate::split::{self, Word};
use crate::words::{self, BodyPhrase, PersonWord};

/// Most parts of a name that are compared; the rest of an absurdly long name is left out.
const MAX_PARTS: usize = 24;

/// A name, taken apart.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Name {
    /// The parts, in the order written.
    pub(crate) parts: Vec<Part>,
    /// Legal forms of a body.
    pub(crate) forms: Vec<Box<str>>,
    /// Whether the order of the parts means something: the name holds "son of".
    pub(crate) ordered: bool,
    /// Script of most of it.
    pub(crate) script: Script,
}

impl Name {
    /// Takes apart the name of a person.
    pub(crate) fn of_person(name: &str) -> Self {
        let text = split::tidy(name);
        let script = Script::of_text(&text);
        let words = split::split(&text, true);
        let alone = words.len() == 1;
        let mut parts = Vec::new();
        let mut dropped = Vec::new();
        let mut honours = Vec::new();
        let mut ordered = false;
        for (index, word) in words.iter().enumerate() {
            match words::person_word(&word.native) {
                Some(PersonWord::Article) if !alone => {}
                // As a first word, Ben is short for Benjamin.
                Some(PersonWord::SonOf) if index > 0 || word.native != "ben" => {
                    ordered |= index > 0;
                }
                // "da" before a Portuguese family name is a particle, in "Da-in" it is half a name.
                Some(PersonWord::Particle) if word.hyphenated => {
                    person_parts(word, words.len(), &mut parts);
                }
                Some(PersonWord::Honour) if !alone => {
                    person_parts(word, words.len(), &mut honours);
                }
                Some(PersonWord::Title | PersonWord::Suffix | PersonWord::Particle) if !alone => {
                    person_parts(word, words.len(), &mut dropped);
                }
                _ => person_parts(word, words.len(), &mut parts),
            }
        }
        if parts.len() < 2 {
            // Hafez and Sayyid are given names as often as honours.
            parts.append(&mut honours);
        }
        if parts.iter().all(|p| p.kind == Kind::Initial) {
            // A name made of titles only is a name all the same ("Khan", "Shah", "Lord").
            parts.append(&mut dropped);
        }
        parts.truncate(MAX_PARTS);
        Self { parts, forms: Vec::new(), ordered, script }
    }

    /// Takes apart the name of a body.
    pub(crate) fn of_body(name: &str) -> Self {
        let text = split::tidy(name);
        let script = Script::of_text(&text);
        let words = split::join_single_letters(split::split(&text, false));
        let mut parts = Vec::new();
        let mut forms: Vec<Box<str>> = Vec::new();
        let mut all = Vec::new();
        let mut rest = words.as_slice();
        while let Some(first) = rest.first() {
            let (used, meaning) = longest_phrase(rest);
            match meaning {
                Some(BodyPhrase::Dropped) => body_part(first, &mut all),
                Some(BodyPhrase::Form(form)) => {
                    body_part(first, &mut all);
                    if !forms.contains(form) {
                        forms.push(form.clone());
                    }
                }
                Some(BodyPhrase::Words(words)) => {
                    for word in words {
                        parts.push(Part::new(word.to_string(), Kind::Word, Script::Latin));
                    }
                }
                None => match first.script {
                    Script::Han | Script::Hangul => unspaced(first, &mut parts, &mut forms),
                    _ => body_part(first, &mut parts),
                },
            }
            rest = rest.get(used..).unwrap_or_default();
        }
        if parts.is_empty() {
            parts = all;
        }
        numbers::add_up_numbers(&mut parts);
        parts.truncate(MAX_PARTS);
        Self { parts, forms, ordered: false, script }
    }
}

fn part_kind(text: &str) -> Kind {
    if text.bytes().all(|b| b.is_ascii_digit()) {
        Kind::Number
    } else if text.len() == 1 {
        Kind::Initial
    } else {
        Kind::Word
    }
}

fn person_parts(word: &Word, words: usize, parts: &mut Vec<Part>) {
    let mut push = |text: String, native: &str, script: Script| {
        if !text.is_empty() {
            let kind = if script == Script::Latin || script == Script::Cyrillic {
                part_kind(&text)
            } else {
                Kind::Word
            };
            parts.push(Part::new(text, kind, script).written(native));
        }
    };
    let read = |text: &str| romanise::word(text, word.script);
    let letters: Vec<char> = word.native.chars().collect();
    match word.script {
        Script::Han if words == 1 && (2..=4).contains(&letters.len()) => {
            let double: String = letters.iter().take(2).collect();
            let cut = if letters.len() > 2 && words::DOUBLE_SURNAMES.contains(double.as_str()) {
                2
            } else {
                1
            };
            let (family, given) = letters.split_at(cut);
            for name in [family, given] {
                let name: String = name.iter().collect();
                push(read(&name), &name, Script::Han);
            }
        }
        Script::Hangul if words == 1 && (2..=4).contains(&letters.len()) => {
            let (family, given) = letters.split_at(1);
            let family: String = family.iter().collect();
            match words::korean_surname(&family) {
                Some(usual) => push(usual.to_owned(), &family, Script::Hangul),
                None => push(read(&family), &family, Script::Hangul),
            }
            let given: String = given.iter().collect();
            push(read(&given), &given, Script::Hangul);
        }
        Script::Arabic => {
            let bare = word.native.strip_prefix("ال").filter(|b| b.chars().count() > 2);
            let bare = bare.filter(|_| word.native != "الله").unwrap_or(&word.native);
            match bare.strip_prefix("عبد").filter(|r| !r.is_empty() && *r != "ه") {
                Some(rest) => {
                    let rest = rest.strip_prefix("ال").unwrap_or(rest);
                    if rest == "له" || rest == "لله" {
                        push("abdallah".to_owned(), "", Script::Latin);
                    } else {
                        push("abd".to_owned(), "", Script::Latin);
                        push(read(rest), rest, Script::Arabic);
                    }
                }
                None if bare == "عبد" => push("abd".to_owned(), "", Script::Latin),
                None => push(read(bare), bare, Script::Arabic),
            }
        }
        _ => {
            let text = read(&word.native);
            match servant(&text) {
                Some(("abdallah", _)) => push("abdallah".to_owned(), &word.native, word.script),
                Some((_, rest)) => {
                    push("abd".to_owned(), &word.native, word.script);
                    push(rest.to_owned(), &word.native, word.script);
                }
                None => push(text, &word.native, word.script),
            }
        }
    }
}

/// Spellings of "servant of the" before a name of God.
const SERVANT_PREFIXES: [&str; 14] = [
    "abdoul", "abdour", "abdool", "abdul", "abdel", "abdal", "abdol", "abdur", "abder", "abdus",
    "abdes", "abdun", "abdar", "abdil",
];

/// "Servant of": `abdulrahman`, `abdur`, `abdel aziz` to `abd` and what follows; `abdullah` stays one.
fn servant(text: &str) -> Option<(&'static str, &str)> {
    if !text.starts_with("abd") {
        return None;
    }
    if matches!(text, "abd" | "abdul" | "abdel" | "abdal" | "abdol" | "abdoul" | "abdur" | "abdus")
        || matches!(text, "abdu" | "abdool" | "abdil" | "abdus" | "abder" | "abdour" | "abdulla-")
    {
        return Some(("abd", ""));
    }
    if matches!(
        text,
        "abdullah"
            | "abdulla"
            | "abdallah"
            | "abdalla"
            | "abdollah"
            | "abdellah"
            | "abdullahi"
            | "abdallahi"
            | "abdoullah"
            | "abdilahi"
            | "abdulahi"
    ) {
        return Some(("abdallah", ""));
    }
    SERVANT_PREFIXES.iter().find_map(|prefix| {
        text.strip_prefix(prefix).filter(|rest| rest.len() >= 3).map(|rest| ("abd", rest))
    })
}

fn body_part(word: &Word, parts: &mut Vec<Part>) {
    let native = match word.script {
        Script::Arabic => {
            word.native.strip_prefix("ال").filter(|b| b.chars().count() > 2).unwrap_or(&word.native)
        }
        _ => &word.native,
    };
    let text = romanise::word(native, word.script);
    if !text.is_empty() {
        let (text, kind) = match part_kind(&text) {
            Kind::Number => (text, Kind::Number),
            _ => match numbers::spelt(&text) {
                Some(number) if !parts.is_empty() => (number.to_string(), Kind::Number),
                _ => (text, Kind::Word),
            },
        };
        parts.push(Part::new(text, kind, word.script).written(native));
    }
}

fn longest_phrase(words: &[Word]) -> (usize, Option<&'static BodyPhrase>) {
    let most = words::longest_body_phrase().min(words.len());
    let mut phrase = String::new();
    let mut best = (1, None);
    for (count, word) in (1..).zip(words.iter().take(most)) {
        if count > 1 {
            phrase.push(' ');
        }
        phrase.push_str(&word.native);
        if let Some(found) = words::body_phrase(&phrase) {
            best = (count, Some(found));
        }
    }
    best
}

/// Takes a run of characters without blanks apart at the words that the tables know.
fn unspaced(word: &Word, parts: &mut Vec<Part>, forms: &mut Vec<Box<str>>) {
    let letters: Vec<char> = word.native.chars().collect();
    let mut unknown = String::new();
    let mut rest = letters.as_slice();
    let flush = |unknown: &mut String, parts: &mut Vec<Part>| {
        if !unknown.is_empty() {
            let text = romanise::word(unknown, word.script);
            if !text.is_empty() {
                parts.push(Part::new(text, Kind::Word, word.script).written(unknown));
            }
            unknown.clear();
        }
    };
    while let Some(first) = rest.first() {
        let most = words::longest_unspaced_phrase().min(rest.len());
        let found = (1..=most).rev().find_map(|count| {
            let phrase: String = rest.iter().take(count).collect();
            words::body_phrase(&phrase).map(|found| (count, found))
        });
        let used = if let Some((count, meaning)) = found {
            flush(&mut unknown, parts);
            match meaning {
                BodyPhrase::Dropped => {}
                BodyPhrase::Form(form) => {
                    if !forms.contains(form) {
                        forms.push(form.clone());
                    }
                }
                BodyPhrase::Words(words) => {
                    for word in words {
                        parts.push(Part::new(word.to_string(), Kind::Word, Script::Latin));
                    }
                }
            }
            count
        } else {
            unknown.push(*first);
            1
        };
        rest = rest.get(used..).unwrap_or_default();
    }
    flush(&mut unknown, parts);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn person(name: &str) -> Vec<String> {
        Name::of_person(name).parts.iter().map(|p| p.text.to_string()).collect()
    }

    fn body(name: &str) -> (Vec<String>, Vec<String>) {
        let name = Name::of_body(name);
        (
            name.parts.iter().map(|p| p.text.to_string()).collect(),
            name.forms.iter().map(ToString::to_string).collect(),
        )
    }

    #[test]
    fn titles_and_particles_are_not_parts_of_a_name() {
        assert_eq!(person("Dr Orsolya TESTWICK, OBE"), ["orsolya", "testwick"]);
        assert_eq!(person("Sheikh Farooq AL-TESTWICK"), ["farooq", "testwick"]);
        assert_eq!(person("Quillon van der Examplesson"), ["quillon", "examplesson"]);
    }

    #[test]
    fn a_name_of_titles_only_keeps_them() {
        assert_eq!(person("Lord"), ["lord"]);
        assert_eq!(person("Lady Mullah"), ["mullah"]);
    }

    #[test]
    fn a_servant_of_god_is_written_in_one_way() {
        for name in ["Abdul Rahman", "Abdulrahman", "Abdel-Rahman", "Abdurrahman", "عبد الرحمن"]
        {
            assert_eq!(person(name).first().map(String::as_str), Some("abd"), "{name}");
            assert_eq!(person(name).len(), 2, "{name}");
        }
        assert_eq!(person("Abdullah"), ["abdallah"]);
        assert_eq!(person("عبد الله").len(), 2);
    }

    #[test]
    fn run_together_names_are_parted() {
        assert_eq!(person("OrsolyaTestwick"), ["orsolya", "testwick"]);
        assert_eq!(person("McTestwick"), ["mctestwick"]);
    }

    #[test]
    fn chinese_and_korean_names_are_parted_after_the_family_name() {
        assert_eq!(person("李小明"), ["li", "xiaoming"]);
        assert_eq!(person("欧阳测试"), ["ouyang", "ceshi"]);
        assert_eq!(person("김철수").len(), 2);
    }

    #[test]
    fn letters_that_only_look_right_are_put_right() {
        // The last has a Latin c and a Latin o among Cyrillic letters.
        assert_eq!(person("Орсоля"), person("Орcoля"));
    }

    #[test]
    fn legal_forms_are_said_apart() {
        assert_eq!(
            body("Testwick Widgets Ltd."),
            (vec!["testwick".into(), "widgets".into()], vec!["ltd".into()])
        );
        assert_eq!(body("ООО Тествик").1, ["ltd"]);
        assert_eq!(body("A.B.C. Company").0, ["abc"]);
        assert_eq!(body("测试科技有限公司").0.last().map(String::as_str), Some("technology"));
    }

    proptest! {
        #[test]
        fn no_text_makes_reading_a_name_panic(text in "\\PC{0,60}") {
            let _ = Name::of_person(&text);
            let _ = Name::of_body(&text);
        }
    }
}
