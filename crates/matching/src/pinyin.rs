//! Which Latin words can be read as Chinese syllables.

/// Initials of Hanyu Pinyin, longest first.
const INITIALS: [&str; 23] = [
    "zh", "ch", "sh", "b", "p", "m", "f", "d", "t", "n", "l", "g", "k", "h", "j", "q", "x", "r",
    "z", "c", "s", "y", "w",
];
/// Finals of Hanyu Pinyin, without tone marks, longest first.
const FINALS: [&str; 34] = [
    "iang", "iong", "uang", "ang", "eng", "ian", "iao", "ing", "ong", "uai", "uan", "ai", "an",
    "ao", "ei", "en", "er", "ia", "ie", "in", "iu", "ou", "ua", "ue", "ui", "un", "uo", "ve", "a",
    "e", "i", "o", "u", "v",
];
/// Most syllables of one word of a Chinese name.
const MOST: usize = 3;

/// Whether a lower-case word divides into at most three syllables of Hanyu Pinyin.
pub(crate) fn is_reading(word: &str) -> bool {
    // No syllable has more than six letters.
    word.len() <= 6 * MOST && divides(word, MOST)
}

fn divides(rest: &str, most: usize) -> bool {
    if rest.is_empty() {
        return true;
    }
    if most == 0 {
        return false;
    }
    let starts = INITIALS.iter().filter_map(|i| rest.strip_prefix(i)).chain([rest]);
    starts.into_iter().any(|after| {
        FINALS.iter().filter_map(|f| after.strip_prefix(f)).any(|next| divides(next, most - 1))
    })
}

/// How many syllables a word in Chinese characters has, by its vowels; for judging its rarity.
pub(crate) fn syllables(word: &str) -> usize {
    let vowel = |b: u8| matches!(b, b'a' | b'e' | b'i' | b'o' | b'u');
    let bytes = word.as_bytes();
    let starts = bytes.iter().zip([b' '].iter().chain(bytes));
    starts.filter(|(b, before)| vowel(**b) && !vowel(**before)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readings_divide_and_other_words_do_not() {
        // Syllables from the table of Hanyu Pinyin (ISO 7098).
        for word in ["li", "xiaoming", "zhongheng", "ouyang", "lin", "er"] {
            assert!(is_reading(word), "{word}");
        }
        for word in ["bonner", "mckeon", "smith", "stra", "xdi", "kasitengabcd"] {
            assert!(!is_reading(word), "{word}");
        }
        assert_eq!(syllables("zhongheng"), 2);
    }
}
