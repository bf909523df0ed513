//! A name to the words it is written in.

use crate::script::Script;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Most characters of a name that are read.
const MAX_CHARS: usize = 400;

/// A word as written, in lower case, with its script.
pub(crate) struct Word {
    pub(crate) native: String,
    pub(crate) script: Script,
    /// Whether a hyphen joins it to a neighbour.
    pub(crate) hyphenated: bool,
    /// Whether only a full stop stands between it and the word before.
    pub(crate) dotted: bool,
}

/// Puts compatibility forms, apostrophes and invisible characters right.
pub(crate) fn tidy(name: &str) -> String {
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

/// Splits a text into words.
pub(crate) fn split(text: &str, break_camel_case: bool) -> Vec<Word> {
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

/// `A. B. C.` to `ABC`: the letters of an abbreviation belong together.
pub(crate) fn join_single_letters(words: Vec<Word>) -> Vec<Word> {
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
