//! Any script to lower-case Latin letters.
//!
//! Cyrillic, Arabic, Hebrew and Korean have tables of their own, because a reader of names needs
//! other choices than a reader of text; every other script goes through a general table. The result
//! is a reading, not a standard transliteration: [`sound`](crate::sound) brings readings together.

use crate::script::Script;

/// Writes a word of one script in lower-case Latin letters and digits; anything else is left out.
pub(crate) fn word(text: &str, script: Script) -> String {
    let mut out = String::with_capacity(text.len() + 4);
    match script {
        Script::Arabic => arabic(text, &mut out),
        Script::Hangul => text.chars().for_each(|c| hangul(c, &mut out)),
        _ => text.chars().for_each(|c| letter(c, &mut out)),
    }
    out
}

fn letter(c: char, out: &mut String) {
    if c.is_ascii_alphanumeric() {
        out.push(c.to_ascii_lowercase());
        return;
    }
    match Script::of(c) {
        Some(Script::Cyrillic) => {
            let lower = c.to_lowercase().next().unwrap_or(c);
            match cyrillic(lower) {
                Some(latin) => out.push_str(latin),
                None => general(c, out),
            }
        }
        Some(Script::Hebrew) => match hebrew(c) {
            Some(latin) => out.push_str(latin),
            None => general(c, out),
        },
        Some(Script::Arabic) => {
            if let Some(latin) = arabic_letter(c) {
                out.push_str(latin);
            } else {
                general(c, out);
            }
        }
        Some(Script::Hangul) => hangul(c, out),
        // The general table spells the German umlauts and the Scandinavian vowels with one letter,
        // and Danish å as it sounds; only letters that change the sound are set apart here.
        Some(Script::Latin) => match c {
            'ö' | 'Ö' | 'ø' | 'Ø' | 'ő' | 'Ő' => out.push('o'),
            'ü' | 'Ü' | 'ű' | 'Ű' => out.push('u'),
            'š' | 'Š' | 'ş' | 'Ş' | 'ș' | 'Ș' | 'ś' | 'Ś' => out.push_str("sh"),
            'č' | 'Č' | 'ć' | 'Ć' => out.push_str("ch"),
            'ž' | 'Ž' => out.push_str("zh"),
            'ı' | 'İ' => out.push('i'),
            'ə' | 'Ə' => out.push('a'),
            'ʿ' | 'ʾ' | 'ʼ' => {}
            _ => general(c, out),
        },
        Some(Script::Han | Script::Kana | Script::Other) => general(c, out),
        None => {
            if c.is_alphanumeric() {
                general(c, out);
            }
        }
    }
}

fn general(c: char, out: &mut String) {
    for b in any_ascii::any_ascii_char(c).bytes().filter(u8::is_ascii_alphanumeric) {
        out.push(char::from(b.to_ascii_lowercase()));
    }
}

#[expect(clippy::match_same_arms, reason = "a table in the order of the alphabet")]
fn cyrillic(c: char) -> Option<&'static str> {
    Some(match c {
        'а' => "a",
        'б' => "b",
        'в' => "v",
        'г' | 'ґ' | 'ѓ' => "g",
        'д' => "d",
        'е' | 'э' => "e",
        'ё' => "yo",
        'є' => "ye",
        'ж' | 'җ' => "zh",
        'з' => "z",
        'и' | 'і' | 'ы' => "i",
        'ї' => "yi",
        'й' | 'ј' => "y",
        'к' | 'қ' | 'ĸ' | 'ќ' => "k",
        'л' => "l",
        'љ' => "l",
        'м' => "m",
        'н' | 'ң' | 'њ' => "n",
        'о' | 'ө' => "o",
        'п' => "p",
        'р' => "r",
        'с' => "s",
        'т' => "t",
        'у' | 'ү' | 'ұ' => "u",
        'ў' => "w",
        'ф' => "f",
        'х' | 'һ' | 'ҳ' => "kh",
        'ц' => "ts",
        'ч' | 'ћ' => "ch",
        'ш' => "sh",
        'щ' => "shch",
        'ъ' | 'ь' | '\u{301}' => "",
        'ю' => "yu",
        'я' => "ya",
        'ђ' => "dj",
        'џ' => "dzh",
        'ә' => "a",
        'ғ' => "g",
        _ => return None,
    })
}

#[expect(clippy::match_same_arms, reason = "a table in the order of the alphabet")]
fn hebrew(c: char) -> Option<&'static str> {
    Some(match c {
        'א' => "a",
        'ב' => "b",
        'ג' => "g",
        'ד' => "d",
        'ה' => "h",
        'ו' => "w",
        'ז' => "z",
        'ח' => "kh",
        'ט' | 'ת' => "t",
        'י' => "y",
        'כ' | 'ך' => "k",
        'ל' => "l",
        'מ' | 'ם' => "m",
        'נ' | 'ן' => "n",
        'ס' => "s",
        'ע' => "a",
        'פ' | 'ף' => "p",
        'צ' | 'ץ' => "ts",
        'ק' => "k",
        'ר' => "r",
        'ש' => "sh",
        '\u{591}'..='\u{5C7}' | '׳' | '״' => "",
        _ => return None,
    })
}

#[expect(clippy::match_same_arms, reason = "a table in the order of the alphabet")]
fn arabic_letter(c: char) -> Option<&'static str> {
    Some(match c {
        'ا' | 'أ' | 'إ' | 'ٱ' | 'ى' | 'ع' => "a",
        'آ' => "a",
        'ب' => "b",
        'پ' => "p",
        'ت' | 'ط' | 'ټ' | 'ٹ' => "t",
        'ث' => "th",
        'ج' => "j",
        'چ' => "ch",
        'ح' => "h",
        'خ' | 'څ' => "kh",
        'د' | 'ض' | 'ډ' | 'ڈ' => "d",
        'ذ' => "dh",
        'ر' | 'ړ' | 'ڑ' => "r",
        'ز' | 'ظ' | 'ځ' => "z",
        'ژ' | 'ږ' => "zh",
        'س' | 'ص' => "s",
        'ش' | 'ښ' => "sh",
        'غ' => "gh",
        'ف' => "f",
        'ڤ' => "v",
        'ق' | 'ك' | 'ک' => "k",
        'گ' | 'ګ' | 'ڭ' => "g",
        'ل' => "l",
        'م' => "m",
        'ن' | 'ڼ' | 'ں' => "n",
        'ه' | 'ھ' | 'ہ' | 'ۀ' | 'ە' => "h",
        'ة' => "a",
        'و' | 'ؤ' | 'ۇ' | 'ۋ' => "w",
        'ي' | 'ی' | 'ئ' | 'ې' | 'ۍ' | 'ے' => "y",
        'ء'
        | 'ـ'
        | '\u{200c}'
        | '\u{200d}'
        | '\u{610}'..='\u{61A}'
        | '\u{64B}'..='\u{65F}'
        | 'ٰ' => "",
        _ => return None,
    })
}

/// Arabic words: the article is set apart by the caller; a closing silent h is kept, since Persian
/// and Arabic names both write it and Latin spellings differ.
fn arabic(text: &str, out: &mut String) {
    for c in text.chars() {
        letter(c, out);
    }
}

const INITIALS: [&str; 19] = [
    "g", "kk", "n", "d", "tt", "r", "m", "b", "pp", "s", "ss", "", "j", "jj", "ch", "k", "t", "p",
    "h",
];
const VOWELS: [&str; 21] = [
    "a", "ae", "ya", "yae", "eo", "e", "yeo", "ye", "o", "wa", "wae", "oe", "yo", "u", "wo", "we",
    "wi", "yu", "eu", "ui", "i",
];
const FINALS: [&str; 28] = [
    "", "k", "k", "k", "n", "n", "n", "t", "l", "k", "m", "l", "l", "l", "p", "l", "m", "p", "p",
    "t", "t", "ng", "t", "t", "k", "t", "p", "t",
];

/// A Korean syllable by the Revised Romanisation of 2000, each syllable by itself.
fn hangul(c: char, out: &mut String) {
    let Some(index) = (c as u32).checked_sub(0xAC00).filter(|i| *i < 11_172) else {
        general(c, out);
        return;
    };
    let index = index as usize;
    for part in [INITIALS.get(index / 588), VOWELS.get(index % 588 / 28), FINALS.get(index % 28)] {
        out.push_str(part.copied().unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_script_has_its_reading() {
        // Readings from the tables of BGN/PCGN (Cyrillic, Arabic consonants) and the Revised
        // Romanisation of Korean (2000): 한국 = hanguk.
        for (native, latin) in [
            ("Хаджи", "khadzhi"),
            ("Щукин", "shchukin"),
            ("محمد", "mhmd"),
            ("한국", "hanguk"),
            ("דוד", "dwd"),
            ("北京", "beijing"),
            ("Łódź", "lodz"),
            ("Şahin", "shahin"),
        ] {
            assert_eq!(word(native, Script::of_text(native)), latin, "{native}");
        }
    }
}
