//! One comparable part of a name.

use crate::pinyin;
use crate::script::Script;
use crate::sound;
use crate::words;

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

    /// The same part, remembering how it was written in its own script.
    pub(crate) fn written(mut self, native: &str) -> Self {
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
