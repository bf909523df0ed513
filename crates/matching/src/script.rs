//! Which script a text is written in.

/// Scripts that are treated differently from one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) enum Script {
    /// Latin, and whatever has no letters.
    #[default]
    Latin,
    /// Cyrillic.
    Cyrillic,
    /// Arabic and Persian: short vowels are not written.
    Arabic,
    /// Hebrew: vowels are mostly not written.
    Hebrew,
    /// Chinese characters, read in Mandarin.
    Han,
    /// Korean.
    Hangul,
    /// Japanese syllables.
    Kana,
    /// Any other; romanised letter by letter.
    Other,
}

impl Script {
    pub(crate) fn of(c: char) -> Option<Self> {
        Some(match c as u32 {
            0x41..=0x5A | 0x61..=0x7A | 0xAA | 0xBA | 0xC0..=0x24F | 0x1E00..=0x1EFF => Self::Latin,
            0x400..=0x52F | 0x1C80..=0x1C8F | 0x2DE0..=0x2DFF | 0xA640..=0xA69F => Self::Cyrillic,
            0x600..=0x6FF | 0x750..=0x77F | 0x8A0..=0x8FF | 0xFB50..=0xFDFF | 0xFE70..=0xFEFC => {
                Self::Arabic
            }
            0x590..=0x5FF | 0xFB1D..=0xFB4F => Self::Hebrew,
            0x3040..=0x30FF | 0x31F0..=0x31FF | 0xFF66..=0xFF9F => Self::Kana,
            0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x2_0000..=0x3_FFFF => Self::Han,
            0x1100..=0x11FF | 0x3130..=0x318F | 0xAC00..=0xD7A3 => Self::Hangul,
            _ if c.is_alphabetic() => Self::Other,
            _ => return None,
        })
    }

    /// The script of most letters of a text; Latin for a text without letters.
    pub(crate) fn of_text(text: &str) -> Self {
        let mut counts = [0_u32; 8];
        for script in text.chars().filter_map(Self::of) {
            if let Some(count) = counts.get_mut(script as usize) {
                *count += 1;
            }
        }
        // Chinese characters beside Japanese syllables are Japanese, and read as such by neither
        // side alone; the syllables are the safer reading.
        [
            Self::Latin,
            Self::Cyrillic,
            Self::Arabic,
            Self::Hebrew,
            Self::Han,
            Self::Hangul,
            Self::Kana,
            Self::Other,
        ]
        .into_iter()
        .max_by_key(|s| {
            let count = counts.get(*s as usize).copied().unwrap_or(0);
            (count, std::cmp::Reverse(*s as usize))
        })
        .unwrap_or_default()
    }

    /// Whether the script leaves vowels out.
    pub(crate) fn leaves_vowels_out(self) -> bool {
        matches!(self, Self::Arabic | Self::Hebrew)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_the_script_of_most_of_its_letters() {
        for (text, script) in [
            ("Orsolya Testwick", Script::Latin),
            ("Орсолья", Script::Cyrillic),
            ("أورسوليا", Script::Arabic),
            ("אורסוליה", Script::Hebrew),
            ("测试", Script::Han),
            ("테스트", Script::Hangul),
            ("テスト", Script::Kana),
            ("1234", Script::Latin),
            ("Τεστ", Script::Other),
        ] {
            assert_eq!(Script::of_text(text), script, "{text}");
        }
    }
}
