//! How a name sounds, coarsely, and how far two sounds are apart.
//!
//! A romanised word is folded into a short string of sounds, one byte each, so that spellings of the
//! same name in English, German, French or Turkish habit come close ("Tschaikowski", "Chaikovsky").
//! Two strings of sounds are compared by a weighted edit distance: sounds that are confused between
//! languages are near, and a vowel costs little where one side's script does not write vowels.

use crate::romanise;
use crate::script::Script;
use std::sync::LazyLock;

/// Longest word compared, in sounds; longer ones are cut.
pub(crate) const MAX_SOUNDS: usize = 28;

/// Folds a romanised lower-case word into sounds.
///
/// Consonants: `b p f v m n l r t d s z S` (sh) `C` (ch, ts) `j` (dj, zh) `k g h` (also kh) `w y`.
/// Vowels: `a e i o u`. Digits stand for themselves.
pub(crate) fn fold(word: &str) -> Vec<u8> {
    let bytes = word.as_bytes();
    let mut out: Vec<u8> = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(&c) = rest.first() {
        if out.len() >= MAX_SOUNDS {
            break;
        }
        let (sounds, used) = one(rest, c, out.last().copied());
        for &s in sounds {
            // Doubled sounds are written or not at will.
            if out.last() != Some(&s) || s.is_ascii_digit() {
                out.push(s);
            }
        }
        rest = rest.get(used..).unwrap_or_default();
    }
    out.truncate(MAX_SOUNDS);
    out
}

/// Folds a word of a script without vowels, letter by letter.
pub(crate) fn fold_letters(native: &str, script: Script) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::new();
    let mut letter = [0; 4];
    for c in native.chars() {
        let sounds = fold(&romanise::word(c.encode_utf8(&mut letter), script));
        match (out.last(), sounds.first()) {
            // A doubled w or y is how Hebrew writes one of them as a consonant.
            (Some(b'w'), Some(b'w')) | (Some(b'i'), Some(b'i')) => {}
            // Arabic and Hebrew write the "ch" of foreign names so.
            (Some(b't'), Some(b'S')) => {
                out.pop();
                out.push(b'C');
            }
            _ => out.extend_from_slice(&sounds),
        }
    }
    out.truncate(MAX_SOUNDS);
    out
}

fn one(rest: &[u8], c: u8, before: Option<u8>) -> (&'static [u8], usize) {
    for (spelling, sounds) in CLUSTERS {
        if spelling.first() == Some(&c) && rest.starts_with(spelling) {
            return (sounds, spelling.len());
        }
    }
    let next = rest.get(1).copied();
    let sounds: &'static [u8] = match c {
        b'a' => b"a",
        b'e' => b"e",
        b'i' => b"i",
        b'o' => b"o",
        b'u' => b"u",
        b'y' => {
            if next.is_some_and(is_vowel_letter) {
                b"y"
            } else {
                b"i"
            }
        }
        b'b' => b"b",
        b'c' => {
            if matches!(next, Some(b'e' | b'i' | b'y')) {
                b"s"
            } else {
                b"k"
            }
        }
        b'd' => b"d",
        b'f' => b"f",
        b'g' => b"g",
        // After a vowel and before none, h is a sign of length: Mahdi keeps it, John does not.
        b'h' => {
            if before.is_some_and(is_vowel) && next.is_some_and(|n| matches!(n, b'n' | b'm' | b'l'))
            {
                b""
            } else {
                b"h"
            }
        }
        b'j' => b"j",
        b'k' | b'q' => b"k",
        b'l' => b"l",
        b'm' => b"m",
        b'n' => b"n",
        b'p' => b"p",
        b'r' => b"r",
        b's' => b"s",
        b't' => b"t",
        b'v' => b"v",
        b'w' => b"w",
        b'x' => b"ks",
        b'z' => b"z",
        b'0'..=b'9' => digit(c),
        _ => b"",
    };
    (sounds, 1)
}

fn digit(c: u8) -> &'static [u8] {
    const DIGITS: [&[u8]; 10] = [b"0", b"1", b"2", b"3", b"4", b"5", b"6", b"7", b"8", b"9"];
    DIGITS.get(usize::from(c.wrapping_sub(b'0'))).copied().unwrap_or_default()
}

/// Spellings of more than one letter, longest first.
const CLUSTERS: [(&[u8], &[u8]); 34] = [
    (b"tzsch", b"C"),
    (b"shch", b"S"),
    (b"tsch", b"C"),
    (b"dsch", b"j"),
    (b"tch", b"C"),
    (b"sch", b"S"),
    (b"dzh", b"j"),
    (b"stj", b"S"),
    (b"cks", b"ks"),
    (b"sh", b"S"),
    (b"ch", b"C"),
    (b"cz", b"C"),
    (b"cs", b"C"),
    (b"tj", b"C"),
    (b"ts", b"C"),
    (b"tz", b"C"),
    (b"zh", b"j"),
    (b"dj", b"j"),
    (b"dz", b"j"),
    (b"kh", b"h"),
    (b"gh", b"g"),
    (b"ph", b"f"),
    (b"th", b"t"),
    (b"dh", b"d"),
    (b"bh", b"b"),
    (b"ck", b"k"),
    (b"qu", b"kw"),
    (b"ou", b"u"),
    (b"oo", b"u"),
    (b"ee", b"i"),
    (b"ie", b"i"),
    (b"ae", b"e"),
    (b"oe", b"o"),
    (b"ue", b"u"),
];

fn is_vowel_letter(c: u8) -> bool {
    matches!(c, b'a' | b'e' | b'i' | b'o' | b'u')
}

pub(crate) fn is_vowel(sound: u8) -> bool {
    matches!(sound, b'a' | b'e' | b'i' | b'o' | b'u')
}

/// What a pair of scripts makes cheap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meeting {
    /// Both sides are Latin.
    Latin,
    /// Two alphabets with vowels, at least one of them not Latin.
    Alphabets,
    /// At least one side leaves vowels out.
    NoVowels,
    /// At least one side writes foreign names by syllables: Chinese, Korean, Japanese.
    Syllables,
}

impl Meeting {
    pub(crate) fn of(a: Script, b: Script) -> Self {
        let syllables = |s| matches!(s, Script::Han | Script::Hangul | Script::Kana);
        if a == b && (a == Script::Latin || a == Script::Cyrillic) {
            Self::Latin
        } else if a == b {
            Self::Alphabets
        } else if syllables(a) || syllables(b) {
            Self::Syllables
        } else if a.leaves_vowels_out() || b.leaves_vowels_out() {
            Self::NoVowels
        } else {
            Self::Alphabets
        }
    }
}

/// Families of sounds that languages confuse, with the cost of taking one for another:
/// same alphabet, other alphabet.
#[expect(
    clippy::match_same_arms,
    clippy::unnested_or_patterns,
    reason = "a table of pairs of sounds, one family a line"
)]
fn substitution(a: u8, b: u8, meeting: Meeting) -> f32 {
    if a == b {
        return 0.0;
    }
    let (x, y) = if a < b { (a, b) } else { (b, a) };
    let (near, far) = match (x, y) {
        (b'a', b'e') | (b'e', b'i') | (b'o', b'u') | (b'a', b'o') => (0.3, 0.2),
        (b'i', b'y') | (b'v', b'w') | (b'u', b'w') => (0.15, 0.05),
        (b'o', b'w') | (b'e', b'y') => (0.3, 0.1),
        (b'b', b'v') | (b'f', b'v') | (b'b', b'w') | (b'f', b'w') => (0.5, 0.2),
        (b'f', b'p') | (b'b', b'p') => (0.55, 0.2),
        (b'd', b't') | (b's', b'z') | (b'g', b'k') => (0.45, 0.2),
        (b'j', b'y') | (b'i', b'j') => (0.35, 0.25),
        (b'u', b'v') => (0.4, 0.3),
        (b'S', b's') => (0.4, 0.2),
        (b'C', b'S') | (b'C', b'j') | (b'j', b'z') | (b'S', b'j') => (0.5, 0.25),
        (b'C', b's') | (b'C', b'z') | (b'C', b'k') => (0.5, 0.3),
        (b'C', b't') | (b'k', b's') | (b'd', b'z') | (b's', b't') | (b'd', b'j') => (0.75, 0.45),
        (b'h', b'k') | (b'g', b'h') => (0.5, 0.3),
        (b'C', b'h') | (b'h', b'j') => (0.6, 0.5),
        (b'g', b'j') => (0.4, 0.25),
        (b'l', b'r') => (0.8, if meeting == Meeting::Syllables { 0.15 } else { 0.8 }),
        (b'm', b'n') => (0.6, 0.45),
        _ if is_vowel(a) && is_vowel(b) => (0.45, 0.3),
        _ if is_vowel(a) != is_vowel(b) => (1.1, 1.1),
        _ => (1.0, 1.0),
    };
    match meeting {
        Meeting::Latin => near,
        // Other alphabets write consonants as exactly as Latin does, vowels in their own way.
        Meeting::Alphabets if !is_vowel(a) && !is_vowel(b) => near,
        _ => far,
    }
}

fn gap(sound: u8, meeting: Meeting, at_edge: bool) -> f32 {
    match sound {
        b'a' | b'e' | b'i' | b'o' | b'u' => match meeting {
            Meeting::Latin => 0.5,
            Meeting::Alphabets => 0.4,
            Meeting::NoVowels => 0.12,
            Meeting::Syllables => 0.25,
        },
        b'y' | b'w' => match meeting {
            Meeting::Latin => 0.5,
            Meeting::Alphabets => 0.35,
            Meeting::NoVowels | Meeting::Syllables => 0.25,
        },
        b'h' => match meeting {
            Meeting::Latin => 0.45,
            _ => 0.35,
        },
        // Latvian and Lithuanian add it to foreign names.
        b's' if at_edge && meeting == Meeting::Latin => 0.5,
        // Chinese and Japanese have no closing r or l, Korean drops r.
        b'r' | b'l' if meeting == Meeting::Syllables => 0.45,
        b'n' | b'g' | b't' | b'd' | b's' if meeting == Meeting::Syllables && at_edge => 0.6,
        _ => 1.0,
    }
}

/// The costs of one meeting, looked up by the code of a sound.
#[derive(Debug)]
struct Costs {
    substitution: [[f32; CODES]; CODES],
    gap: [f32; CODES],
    closing_gap: [f32; CODES],
    weight: [f32; CODES],
}

/// `a` to `z`, `S`, `C`, and one code for digits, up to a power of two.
const CODES: usize = 32;
const DIGIT: u8 = 28;

fn code(sound: u8) -> u8 {
    match sound {
        b'a'..=b'z' => sound - b'a',
        b'S' => 26,
        b'C' => 27,
        _ => DIGIT,
    }
}

static COSTS: LazyLock<[Costs; 4]> = LazyLock::new(|| {
    [Meeting::Latin, Meeting::Alphabets, Meeting::NoVowels, Meeting::Syllables].map(|meeting| {
        let mut sounds = [b'0'; CODES];
        for (index, sound) in (b'a'..=b'z').chain(*b"SC").enumerate() {
            if let Some(place) = sounds.get_mut(index) {
                *place = sound;
            }
        }
        Costs {
            substitution: sounds.map(|x| sounds.map(|y| substitution(x, y, meeting))),
            gap: sounds.map(|s| gap(s, meeting, false)),
            closing_gap: sounds.map(|s| gap(s, meeting, true)),
            weight: sounds.map(|s| weight(s, meeting)),
        }
    })
});

impl Costs {
    fn of(meeting: Meeting) -> Option<&'static Self> {
        COSTS.get(meeting as usize)
    }

    fn substitution(&self, x: u8, y: u8) -> f32 {
        if x == y {
            return 0.0;
        }
        let (i, j) = (code(x), code(y));
        // Two digits that differ are as far apart as any two sounds.
        if i == DIGIT && j == DIGIT {
            return 1.0;
        }
        self.substitution
            .get(usize::from(i))
            .and_then(|r| r.get(usize::from(j)))
            .copied()
            .unwrap_or(1.0)
    }

    fn gap(&self, sound: u8, closing: bool) -> f32 {
        let table = if closing { &self.closing_gap } else { &self.gap };
        table.get(usize::from(code(sound))).copied().unwrap_or(1.0)
    }

    fn weight(&self, sounds: &[u8]) -> f32 {
        sounds.iter().map(|s| self.weight.get(usize::from(code(*s))).copied().unwrap_or(1.0)).sum()
    }
}

/// Endings that Slavic family names share, in sounds.
const SHARED_ENDINGS: [&[u8]; 16] = [
    b"ova", b"eva", b"ovna", b"evna", b"skaia", b"skaya", b"enko", b"oviC", b"eviC", b"ina",
    b"ski", b"ov", b"ev", b"in", b"Cuk", b"yan",
];

/// Shortest stem before a shared ending, in sounds.
const SHORTEST_STEM: usize = 3;

/// How alike two strings of sounds are, from 0 to 1. An ending that many names share says little:
/// where both sides have it, what stands before it counts for more. A likeness below `least` may be
/// given as 0.
pub(crate) fn likeness(a: &[u8], b: &[u8], meeting: Meeting, least: f32) -> f32 {
    let Some(costs) = Costs::of(meeting) else { return 0.0 };
    let whole = whole_likeness(a, b, meeting, costs, least);
    if whole >= 1.0 || whole < least || !matches!(meeting, Meeting::Latin | Meeting::Alphabets) {
        return whole;
    }
    let stems = SHARED_ENDINGS.iter().find_map(|ending| {
        let (x, y) = (a.strip_suffix(*ending)?, b.strip_suffix(*ending)?);
        (x.len() >= SHORTEST_STEM && y.len() >= SHORTEST_STEM).then_some((x, y))
    });
    match stems {
        Some((x, y)) => whole.min(0.4 * whole + 0.6 * whole_likeness(x, y, meeting, costs, 0.0)),
        None => whole,
    }
}

fn whole_likeness(a: &[u8], b: &[u8], meeting: Meeting, costs: &Costs, least: f32) -> f32 {
    let (Some(first_a), Some(first_b)) = (a.first(), b.first()) else { return 0.0 };
    if a == b {
        return 1.0;
    }
    let length = (0.5 * (costs.weight(a) + costs.weight(b))).max(1.0);
    // The first sound is the one least often mistaken.
    let vowel = is_vowel(*first_a) || is_vowel(*first_b);
    let onset = if first_a == first_b || (vowel && meeting != Meeting::Latin) {
        0.0
    } else {
        0.25 * costs.substitution(*first_a, *first_b).min(1.0)
    };
    let most = (1.0 - least) * length - onset;
    let mut row = [0.0_f32; MAX_SOUNDS + 1];
    let end_b = b.len() - 1;
    let mut total = 0.0;
    for (j, (cell, &s)) in row.iter_mut().skip(1).zip(b).enumerate() {
        total += costs.gap(s, j == end_b);
        *cell = total;
    }
    let mut gaps_b = [0.0_f32; MAX_SOUNDS];
    for (j, (cell, &s)) in gaps_b.iter_mut().zip(b).enumerate() {
        *cell = costs.gap(s, j == end_b);
    }
    let end_a = a.len() - 1;
    let mut start = 0.0_f32;
    for (i, &x) in a.iter().enumerate() {
        let gap_x = costs.gap(x, i == end_a);
        let mut diagonal = start;
        start += gap_x;
        let mut left = start;
        let mut lowest = left;
        for ((&y, gap_y), cell) in b.iter().zip(&gaps_b).zip(row.iter_mut().skip(1)) {
            let up = *cell;
            let best = (diagonal + costs.substitution(x, y)).min(up + gap_x).min(left + gap_y);
            diagonal = up;
            left = best;
            lowest = lowest.min(best);
            *cell = best;
        }
        if lowest > most {
            return 0.0;
        }
    }
    let cost = row.get(b.len()).copied().unwrap_or(f32::MAX);
    (1.0 - (cost + onset) / length).max(0.0)
}

/// How much a sound counts towards the length of a word.
fn weight(sound: u8, meeting: Meeting) -> f32 {
    if is_vowel(sound) {
        match meeting {
            Meeting::Latin => 0.9,
            Meeting::Alphabets => 0.75,
            Meeting::NoVowels => 0.35,
            Meeting::Syllables => 0.5,
        }
    } else {
        1.0
    }
}

/// The coarse consonant classes of a string of sounds: what stays of a name in any script.
pub(crate) fn skeleton(sounds: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(sounds.len());
    for &s in sounds {
        let class = match s {
            b'b' | b'p' | b'f' | b'v' => b'P',
            b't' | b'd' => b'T',
            b'k' | b'g' => b'K',
            b's' | b'z' | b'S' | b'C' | b'j' => b'S',
            b'm' | b'n' => b'N',
            b'l' | b'r' => b'R',
            b'0'..=b'9' => s,
            // h, w, y and vowels come and go.
            _ => continue,
        };
        out.push(class);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spellings_of_one_name_fold_together() {
        // Pairs from the spelling habits of English, German and French for the same Russian or
        // Arabic name.
        for (a, b) in [
            ("khadzhi", "hadji"),
            ("pushkin", "puschkin"),
            ("john", "jon"),
            ("philip", "filip"),
            ("mohammad", "mohamad"),
        ] {
            assert_eq!(fold(a), fold(b), "{a} {b}");
        }
    }

    #[test]
    fn sounds_that_are_confused_are_nearer_than_others() {
        let near = likeness(&fold("testrov"), &fold("testrow"), Meeting::Latin, 0.0);
        let far = likeness(&fold("testrov"), &fold("testrok"), Meeting::Latin, 0.0);
        assert!(near > far);
    }

    proptest! {
        #[test]
        fn leaving_early_changes_nothing_above_the_least(
            a in "[a-z]{1,12}", b in "[a-z]{1,12}", least in 0.0_f32..1.0
        ) {
            let (x, y) = (fold(&a), fold(&b));
            let full = likeness(&x, &y, Meeting::Latin, 0.0);
            if full > least + 1e-4 {
                prop_assert!((likeness(&x, &y, Meeting::Latin, least) - full).abs() < 1e-6);
            }
        }

        #[test]
        fn likeness_is_symmetric_and_bounded(a in "[a-z]{1,30}", b in "[a-z]{1,30}") {
            let (x, y) = (fold(&a), fold(&b));
            for meeting in [Meeting::Latin, Meeting::Alphabets, Meeting::NoVowels, Meeting::Syllables] {
                let left = likeness(&x, &y, meeting, 0.0);
                let right = likeness(&y, &x, meeting, 0.0);
                prop_assert!((0.0..=1.0).contains(&left));
                prop_assert!((left - right).abs() < 1e-4);
            }
        }

        #[test]
        fn folding_any_text_never_panics(text in "\\PC{0,40}") {
            let _ = skeleton(&fold(&text));
        }
    }
}
