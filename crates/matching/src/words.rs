//! The word lists that names are read with, from `data/`.

use crate::script::Script;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::LazyLock;

/// What a word within a name of a person is, when it is no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PersonWord {
    /// Dr, Lord.
    Title,
    /// Sheikh, Haji, Sayyid: an honour, and in some names the name itself.
    Honour,
    /// Jr, III.
    Suffix,
    /// The Arabic article.
    Article,
    /// de, von.
    Particle,
    /// bin, ibn, oglu: joins a name to the father's.
    SonOf,
}

/// What a phrase within the name of a body stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BodyPhrase {
    /// Nothing.
    Dropped,
    /// A legal form.
    Form(Box<str>),
    /// English words.
    Words(Vec<Box<str>>),
}

fn lines(text: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    text.lines().filter(|l| !l.starts_with('#')).filter_map(|l| l.split_once('\t'))
}

static PERSON_WORDS: LazyLock<FxHashMap<&'static str, PersonWord>> = LazyLock::new(|| {
    let mut map = FxHashMap::default();
    for (kind, words) in lines(include_str!("../data/person-words.tsv")) {
        let kind = match kind {
            "title" => PersonWord::Title,
            "honour" => PersonWord::Honour,
            "suffix" => PersonWord::Suffix,
            "article" => PersonWord::Article,
            "particle" => PersonWord::Particle,
            _ => PersonWord::SonOf,
        };
        for word in words.split(' ') {
            map.insert(word, kind);
        }
    }
    map
});

/// What a word, in lower case and its own script, is within the name of a person.
pub(crate) fn person_word(word: &str) -> Option<PersonWord> {
    PERSON_WORDS.get(word).copied()
}

static GIVEN_NAMES: LazyLock<FxHashMap<&'static str, Vec<u16>>> = LazyLock::new(|| {
    let mut map: FxHashMap<&'static str, Vec<u16>> = FxHashMap::default();
    let groups = include_str!("../data/given-names.tsv").lines().filter(|l| !l.starts_with('#'));
    for (group, line) in (0_u16..).zip(groups) {
        for name in line.split(' ') {
            map.entry(name).or_default().push(group);
        }
    }
    map
});

/// The groups of given names that a word belongs to; names of one group stand for one another, as
/// Bill for William.
pub(crate) fn given_name_groups(word: &str) -> &'static [u16] {
    GIVEN_NAMES.get(word).map(Vec::as_slice).unwrap_or_default()
}

#[derive(Debug)]
struct Phrases {
    whole: FxHashMap<&'static str, BodyPhrase>,
    stems: FxHashMap<String, &'static str>,
    /// Longest phrase, in words.
    longest_words: usize,
    /// Longest Chinese or Korean phrase, in characters.
    longest_chars: usize,
}

static BODY_PHRASES: LazyLock<Phrases> = LazyLock::new(|| {
    let mut phrases = Phrases {
        whole: FxHashMap::default(),
        stems: FxHashMap::default(),
        longest_words: 1,
        longest_chars: 1,
    };
    for (phrase, meaning) in lines(include_str!("../data/organisation-words.tsv")) {
        let words = phrase.split(' ').count();
        phrases.longest_words = phrases.longest_words.max(words);
        if matches!(Script::of_text(phrase), Script::Han | Script::Hangul | Script::Kana) {
            phrases.longest_chars = phrases.longest_chars.max(phrase.chars().count());
        }
        if words == 1 && Script::of_text(phrase) == Script::Cyrillic && phrase.chars().count() >= 5
        {
            phrases.stems.entry(stem(phrase)).or_insert(phrase);
        }
        let meaning = match meaning.strip_prefix('=') {
            Some(form) => BodyPhrase::Form(form.into()),
            None if meaning == "-" => BodyPhrase::Dropped,
            None => BodyPhrase::Words(meaning.split(' ').map(Into::into).collect()),
        };
        phrases.whole.entry(phrase).or_insert(meaning);
    }
    phrases
});

/// Longest phrase of [`body_phrase`], in words.
pub(crate) fn longest_body_phrase() -> usize {
    BODY_PHRASES.longest_words
}

/// Longest phrase in a script without blanks, in characters.
pub(crate) fn longest_unspaced_phrase() -> usize {
    BODY_PHRASES.longest_chars
}

/// What a phrase of lower-case words in their own script stands for in the name of a body.
pub(crate) fn body_phrase(phrase: &str) -> Option<&'static BodyPhrase> {
    let table = &*BODY_PHRASES;
    if let Some(found) = table.whole.get(phrase) {
        return Some(found);
    }
    if phrase.contains(' ') {
        return None;
    }
    match Script::of_text(phrase) {
        Script::Cyrillic if phrase.chars().count() >= 5 => {
            table.stems.get(&stem(phrase)).and_then(|whole| table.whole.get(whole))
        }
        Script::Arabic => phrase.strip_prefix("ال").and_then(|bare| table.whole.get(bare)),
        _ => None,
    }
}

/// A Slavic word without its ending, so that cases and genders fall together.
fn stem(word: &str) -> String {
    const ENDINGS: [&str; 40] = [
        "ского",
        "ской",
        "ская",
        "ское",
        "ский",
        "ого",
        "его",
        "ому",
        "ему",
        "ыми",
        "ими",
        "ями",
        "ами",
        "ая",
        "яя",
        "ое",
        "ее",
        "ый",
        "ий",
        "ой",
        "ые",
        "ие",
        "ых",
        "их",
        "ую",
        "юю",
        "ом",
        "ем",
        "ам",
        "ям",
        "ах",
        "ях",
        "ов",
        "ев",
        "ия",
        "ии",
        "ей",
        "а",
        "я",
        "ы",
    ];
    const SHORT: [&str; 7] = ["о", "е", "и", "у", "ю", "ь", "й"];
    for ending in ENDINGS.iter().chain(&SHORT) {
        if let Some(rest) = word.strip_suffix(ending)
            && rest.chars().count() >= 3
        {
            return rest.to_owned();
        }
    }
    word.to_owned()
}

/// Rarity of a word, in bits: how surprising it is to find it in a name by chance.
pub(crate) type Rarities = FxHashMap<Box<str>, f32>;

fn rarity(per_100_000: f32) -> f32 {
    (100_000.0 / per_100_000).log2()
}

/// Rarities of words in names of persons.
pub(crate) static PERSON_RARITIES: LazyLock<Rarities> = LazyLock::new(|| {
    let mut map = Rarities::default();
    for (word, count) in lines(include_str!("../data/census-name-frequency.tsv")) {
        if let Ok(count) = count.parse() {
            map.insert(word.into(), rarity(count));
        }
    }
    add_commoner(&mut map, include_str!("../data/common-names.tsv"));
    map
});

/// Rarities of words in names of bodies.
pub(crate) static BODY_RARITIES: LazyLock<Rarities> = LazyLock::new(|| {
    let mut map = Rarities::default();
    add_commoner(&mut map, include_str!("../data/organisation-frequency.tsv"));
    map
});

fn add_commoner(map: &mut Rarities, text: &'static str) {
    for (count, words) in lines(text) {
        let Ok(count) = count.parse() else { continue };
        let bits = rarity(count);
        for word in words.split(' ') {
            let held = map.entry(word.into()).or_insert(bits);
            *held = held.min(bits);
        }
    }
}

/// Family names of two Chinese characters.
pub(crate) static DOUBLE_SURNAMES: LazyLock<FxHashSet<&'static str>> = LazyLock::new(|| {
    [
        "欧阳", "歐陽", "司马", "司馬", "诸葛", "諸葛", "上官", "司徒", "东方", "東方", "尉迟",
        "皇甫", "慕容", "令狐", "宇文", "长孙", "夏侯", "公孙", "南宫", "西门", "独孤",
    ]
    .into_iter()
    .collect()
});

/// Korean family names as they are usually written in Latin letters, where that is far from the
/// Revised Romanisation.
pub(crate) fn korean_surname(syllable: &str) -> Option<&'static str> {
    Some(match syllable {
        "김" => "kim",
        "이" | "리" => "lee",
        "박" => "park",
        "최" => "choi",
        "정" => "jung",
        "조" => "cho",
        "강" => "kang",
        "윤" => "yoon",
        "임" | "림" => "lim",
        "오" => "oh",
        "신" => "shin",
        "유" | "류" => "ryu",
        "노" | "로" => "roh",
        "우" => "woo",
        "문" => "moon",
        "백" => "paek",
        "허" => "heo",
        _ => return None,
    })
}

/// The romanised form of a phrase, for showing which words a table knows.
#[cfg(test)]
fn romanised(phrase: &str) -> String {
    crate::romanise::word(phrase, Script::of_text(phrase))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn russian_cases_find_the_same_word() {
        for phrase in ["завод", "завода", "заводом"] {
            let found = body_phrase(phrase);
            assert!(
                matches!(found, Some(BodyPhrase::Words(w)) if *w == ["plant".into()]),
                "{phrase}"
            );
        }
    }

    #[test]
    fn no_line_of_the_table_is_unreachable() {
        for (phrase, _) in lines(include_str!("../data/organisation-words.tsv")) {
            assert_eq!(phrase, phrase.to_lowercase(), "written in lower case");
            assert_eq!(phrase.trim(), phrase);
            assert!(!romanised(phrase).is_empty() || phrase.is_empty());
        }
    }

    #[test]
    fn bill_stands_for_william_and_not_for_robert() {
        let common = |a: &str, b: &str| {
            given_name_groups(a).iter().any(|group| given_name_groups(b).contains(group))
        };
        assert!(common("bill", "william"));
        assert!(!common("bill", "robert"));
    }
}
