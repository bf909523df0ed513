//! How surprising it is to meet a word in a name by chance.

use crate::part::{Kind, Part};
use crate::pinyin;
use crate::script::Script;
use crate::words::{self, Rarities};
use rustc_hash::FxHashMap;

/// Rarities of words, from general tables and, where there is one, from the list itself.
///
/// A word is taken to be as common as the more favourable of the two says: people who resemble a
/// listed person come from where the list's names are common.
#[derive(Debug, Default)]
pub(crate) struct Background {
    person: Counts,
    body: Counts,
}

#[derive(Debug, Default)]
struct Counts {
    names: u32,
    holding: FxHashMap<Box<[u8]>, u32>,
}

/// A list's own counts are used from so many names up.
const ENOUGH_NAMES: u32 = 500;
/// How much rarer a word is in the population at large than in the list, at least: 2 bits.
const LIST_TO_POPULATION: f32 = 2.0;

impl Background {
    /// Counts the words of one name of a list.
    pub(crate) fn count(&mut self, parts: &[Part], person: bool) {
        let counts = if person { &mut self.person } else { &mut self.body };
        counts.names += 1;
        for (index, part) in parts.iter().enumerate() {
            if !parts.iter().take(index).any(|p| p.sounds == part.sounds) {
                *counts.holding.entry(part.sounds.clone()).or_default() += 1;
            }
        }
    }

    /// The rarity of a part, in bits.
    pub(crate) fn rarity(&self, part: &Part, person: bool) -> f32 {
        let (counts, table): (_, &Rarities) = if person {
            (&self.person, &words::PERSON_RARITIES)
        } else {
            (&self.body, &words::BODY_RARITIES)
        };
        let mut bits = table.get(&part.text).copied().unwrap_or_else(|| by_length(part));
        if part.patronymic {
            bits = bits.min(6.0);
        }
        if counts.names >= ENOUGH_NAMES
            && let Some(holding) = counts.holding.get(&part.sounds)
        {
            #[expect(clippy::cast_precision_loss, reason = "counts of names stay far below 2^24")]
            let listed = (counts.names as f32 / *holding as f32).log2() + LIST_TO_POPULATION;
            bits = bits.min(listed);
        }
        bits
    }
}

/// Rarity of a word that no table knows: short words are shared by more names.
fn by_length(part: &Part) -> f32 {
    if part.kind == Kind::Number {
        return 6.0;
    }
    if matches!(part.script, Script::Han | Script::Hangul) {
        // There are some four hundred Chinese and fewer common Korean syllables.
        return match pinyin::syllables(&part.text) {
            0 | 1 => 6.5,
            2 => 10.5,
            _ => 13.0,
        };
    }
    match part.text.len() {
        0 | 1 => 2.0,
        2 => 6.0,
        3 => 8.5,
        4 => 10.5,
        5 => 12.0,
        _ => 13.5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str) -> Part {
        Part::new(text.to_owned(), Kind::Word, Script::Latin)
    }

    #[test]
    fn smith_is_as_rare_as_the_census_says() {
        // 1.006 per cent of surnames in the 1990 census: 6.6 bits.
        let bits = Background::default().rarity(&word("smith"), true);
        assert!((bits - (100.0_f32 / 1.006).log2()).abs() < 0.1, "{bits}");
    }

    #[test]
    fn a_word_common_in_the_list_says_less() {
        let mut background = Background::default();
        for index in 0..1000 {
            let parts = [word("zzyzx"), word(&format!("name{index}"))];
            background.count(&parts, true);
        }
        // In every name of the list: 0 bits there, 2 in the population.
        assert!((background.rarity(&word("zzyzx"), true) - 2.0).abs() < 0.01);
    }
}
