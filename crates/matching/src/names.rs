//! Names to comparable parts.

use crate::pinyin;
use crate::romanise;
use crate::script::Script;
use crate::sound;
use crate::words::{self, BodyPhrase, PersonWord};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Most parts of a name that are compared; the rest of an absurdly long name is left out.
const MAX_PARTS: usize = 24;
/// Most characters of a name that are read.
const MAX_CHARS: usize = 400;

/// What part a word plays in a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A word.
    Word,
    /// A single letter that stands for a word.
    Initial,
    /// A number, which is never merely similar to another.
    Number,
}

/// One comparable part of a name.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Part {
    /// Lower-case Latin letters and digits.
    pub(crate) text: Box<str>,
    /// As written, where that was not in Latin letters.
    pub(crate) native: Option<Box<str>>,
    /// How it sounds.
    pub(crate) sounds: Box<[u8]>,
    /// Which sounds it has, a bit each, for turning pairs away quickly.
    pub(crate) mask: u32,
    /// Which letters and digits it has, a bit each.
    pub(crate) letters: u64,
    /// What part it plays.
    pub(crate) kind: Kind,
    /// The script it was written in.
    pub(crate) script: Script,
    /// A Slavic name after the father.
    pub(crate) patronymic: bool,
    /// The groups of given names it belongs to.
    pub(crate) groups: &'static [u16],
    /// Whether the letters can be read as Chinese syllables.
    pub(crate) pinyin: bool,
}

impl Part {
    pub(crate) fn new(text: String, kind: Kind, script: Script) -> Self {
        let sounds = sound::fold(&text).into_boxed_slice();
        let mask = mask(&sounds);
        let letters = letters(&text);
        let patronymic = text.len() >= 7 && PATRONYMICS.iter().any(|e| text.ends_with(e));
        let groups = words::given_name_groups(&text);
        let pinyin = pinyin::is_reading(&text);
        Self {
            text: text.into(),
            native: None,
            sounds,
            mask,
            letters,
            kind,
            script,
            patronymic,
            groups,
            pinyin,
        }
    }

    fn written(mut self, native: &str) -> Self {
        if self.script.leaves_vowels_out() {
            // Two consonants that stand together because the vowel between them is not written are
            // not one sound, as "ts" or "sh" would be.
            self.sounds = sound::fold_letters(native, self.script).into();
            self.mask = mask(&self.sounds);
        }
        self.native = (self.script != Script::Latin).then(|| native.into());
        self
    }

    /// Two neighbouring parts written as one.
    pub(crate) fn join(&self, next: &Self) -> Self {
        let sounds = [&*self.sounds, &*next.sounds].concat();
        let sounds = sounds.get(..sound::MAX_SOUNDS).unwrap_or(&sounds).into();
        Self {
            text: format!("{}{}", self.text, next.text).into(),
            native: None,
            sounds,
            mask: self.mask | next.mask,
            letters: self.letters | next.letters,
            kind: Kind::Word,
            script: self.script,
            patronymic: false,
            groups: &[],
            pinyin: self.pinyin && next.pinyin,
        }
    }
}

const PATRONYMICS: [&str; 14] = [
    "ovich", "evich", "ovych", "evych", "yovych", "avich", "iyovich", "ovna", "evna", "ivna",
    "owna", "auna", "avna", "ichna",
];

/// The letters and digits of a word as a set.
fn letters(text: &str) -> u64 {
    text.bytes().fold(0, |set, b| {
        set | match b {
            b'a'..=b'z' => 1 << (b - b'a'),
            b'0'..=b'9' => 1 << (26 + b - b'0'),
            _ => 0,
        }
    })
}

/// The classes of sounds that a word has, a bit each.
fn mask(sounds: &[u8]) -> u32 {
    sounds.iter().fold(0, |set, s| set | 1 << mask_class(*s))
}

/// Sounds that are confused share a class, so that the mask never turns a likely pair away.
fn mask_class(sound: u8) -> u32 {
    match sound {
        b'b' | b'p' | b'f' | b'v' | b'w' => 0,
        b't' | b'd' => 1,
        b'k' | b'g' | b'h' => 2,
        b's' | b'z' | b'S' | b'C' | b'j' => 3,
        b'm' | b'n' => 4,
        b'l' | b'r' => 5,
        b'0'..=b'9' => 8 + u32::from(sound - b'0'),
        _ => 6,
    }
}

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

/// A word as written, in lower case, with its script.
struct Word {
    native: String,
    script: Script,
    /// Whether a hyphen joins it to a neighbour.
    hyphenated: bool,
    /// Whether only a full stop stands between it and the word before.
    dotted: bool,
}

fn tidy(name: &str) -> String {
    name.chars()
        .take(MAX_CHARS)
        .collect::<String>()
        .nfkc()
        .filter(|c| {
            !matches!(
                c,
                '\'' | '’' | '‘' | 'ʼ' | 'ʿ' | 'ʾ' | '`' | '´' | '\u{2bb}' | '\u{ad}'
                    | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}'
            )
        })
        .collect()
}

fn split(text: &str, break_camel_case: bool) -> Vec<Word> {
    let mut words = Vec::new();
    let mut current = String::new();
    let mut script: Option<Script> = None;
    let mut lower_run = 0;
    let mut after_hyphen = false;
    let mut between = String::new();
    let flush = |current: &mut String,
                 script: &mut Option<Script>,
                 words: &mut Vec<Word>,
                 hyphenated: &mut bool,
                 between: &mut String| {
        if !current.is_empty() {
            let native = current.to_lowercase();
            let script = script.take().unwrap_or_default();
            let hyphenated = std::mem::take(hyphenated);
            words.push(Word { native, script, hyphenated, dotted: between == "." });
            current.clear();
            between.clear();
        }
    };
    for c in text.chars() {
        let own = Script::of(c);
        let mark = is_combining_mark(c);
        if !c.is_alphanumeric() && !mark {
            flush(&mut current, &mut script, &mut words, &mut after_hyphen, &mut between);
            let hyphen = matches!(c, '-' | '\u{2010}' | '\u{2011}');
            if let Some(before) = words.last_mut().filter(|_| hyphen) {
                before.hyphenated = true;
            }
            after_hyphen = hyphen;
            between.push(c);
            lower_run = 0;
            continue;
        }
        if break_camel_case && c.is_uppercase() && lower_run >= 3 {
            flush(&mut current, &mut script, &mut words, &mut after_hyphen, &mut between);
        }
        // A word may mix letters that look alike; only a change to or from a script without case
        // begins a new word.
        if let (Some(now), Some(before)) = (own, script) {
            let caseless = |s| matches!(s, Script::Han | Script::Hangul | Script::Kana);
            if now != before && (caseless(now) || caseless(before)) {
                flush(&mut current, &mut script, &mut words, &mut after_hyphen, &mut between);
            }
        }
        if c.is_lowercase() {
            lower_run += 1;
        } else {
            lower_run = 0;
        }
        if script.is_none() || own.is_some_and(|s| s != Script::Latin) {
            script = own.or(script);
        }
        current.push(c);
    }
    flush(&mut current, &mut script, &mut words, &mut after_hyphen, &mut between);
    for word in &mut words {
        word.script = Script::of_text(&word.native);
        unmix(word);
    }
    words
}

/// Letters of another script that only look right ("Алеĸсандр", "Cтрой") are put right.
fn unmix(word: &mut Word) {
    const PAIRS: [(char, char); 12] = [
        ('a', 'а'),
        ('c', 'с'),
        ('e', 'е'),
        ('o', 'о'),
        ('p', 'р'),
        ('x', 'х'),
        ('y', 'у'),
        ('k', 'к'),
        ('m', 'м'),
        ('t', 'т'),
        ('b', 'в'),
        ('i', 'і'),
    ];
    let mixed = |s: Script| word.native.chars().any(|c| Script::of(c) == Some(s));
    if !(mixed(Script::Latin) && mixed(Script::Cyrillic)) {
        return;
    }
    let to_cyrillic = word.script == Script::Cyrillic;
    word.native = word
        .native
        .chars()
        .map(|c| {
            PAIRS
                .iter()
                .find_map(|(latin, cyrillic)| match to_cyrillic {
                    true if c == *latin => Some(*cyrillic),
                    false if c == *cyrillic => Some(*latin),
                    _ => None,
                })
                .unwrap_or(c)
        })
        .collect();
}

impl Name {
    /// Takes apart the name of a person.
    pub(crate) fn of_person(name: &str) -> Self {
        let text = tidy(name);
        let script = Script::of_text(&text);
        let words = split(&text, true);
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
        let text = tidy(name);
        let script = Script::of_text(&text);
        let words = join_single_letters(split(&text, false));
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
        add_up_numbers(&mut parts);
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
            _ => match roman(&text).or_else(|| number_word(&text)) {
                Some(number) if !parts.is_empty() => (number.to_string(), Kind::Number),
                _ => (text, Kind::Word),
            },
        };
        parts.push(Part::new(text, kind, word.script).written(native));
    }
}

/// Roman numbers from 1 to 39, which tell funds and ships apart.
fn roman(text: &str) -> Option<u32> {
    let tens = text.bytes().take_while(|b| *b == b'x').count();
    let units = match text.get(tens..)? {
        "" if tens > 0 => 0,
        "i" => 1,
        "ii" => 2,
        "iii" => 3,
        "iv" => 4,
        "v" => 5,
        "vi" => 6,
        "vii" => 7,
        "viii" => 8,
        "ix" => 9,
        _ => return None,
    };
    (tens <= 3).then(|| u32::try_from(tens).unwrap_or(0) * 10 + units)
}

fn number_word(text: &str) -> Option<u32> {
    Some(match text {
        "one" => 1,
        "two" => 2,
        "three" => 3,
        "four" => 4,
        "five" => 5,
        "six" => 6,
        "seven" => 7,
        "eight" => 8,
        "nine" => 9,
        "ten" => 10,
        "eleven" => 11,
        "twelve" => 12,
        "twenty" => 20,
        "thirty" => 30,
        "forty" => 40,
        "fifty" => 50,
        "sixty" => 60,
        "seventy" => 70,
        "eighty" => 80,
        "ninety" => 90,
        _ => return None,
    })
}

/// "Forty 4" to "44".
fn add_up_numbers(parts: &mut Vec<Part>) {
    let mut index = 0;
    while let Some([tens, units]) = parts.get(index..index + 2) {
        let value = |p: &Part| p.text.parse::<u32>().ok().filter(|_| p.kind == Kind::Number);
        match (value(tens), value(units)) {
            (Some(t), Some(u)) if (20..=90).contains(&t) && t % 10 == 0 && (1..=9).contains(&u) => {
                let sum = Part::new((t + u).to_string(), Kind::Number, tens.script);
                parts.splice(index..index + 2, [sum]);
            }
            _ => index += 1,
        }
    }
}

/// `A. B. C.` to `ABC`: the letters of an abbreviation belong together.
fn join_single_letters(words: Vec<Word>) -> Vec<Word> {
    let mut out: Vec<Word> = Vec::with_capacity(words.len());
    let mut run = false;
    for word in words {
        let single = word.native.chars().count() == 1
            && !matches!(word.script, Script::Han | Script::Hangul | Script::Kana)
            && word.native.chars().all(char::is_alphabetic);
        match out.last_mut() {
            Some(last) if single && run && word.dotted && last.script == word.script => {
                last.native.push_str(&word.native);
            }
            _ => out.push(word),
        }
        run = single;
    }
    out
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
