//! Which country do these words mean?

use std::collections::HashMap;
use std::sync::LazyLock;

/// `code TAB alpha-3 TAB names separated by bars`; trusted: whoever can change it can move a person
/// to another country.
const TABLE: &str = include_str!("../data/countries.tsv");

static BY_NAME: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let mut map = HashMap::new();
    for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
        let mut fields = line.split('\t');
        let (Some(code), Some(alpha3), Some(names)) = (fields.next(), fields.next(), fields.next())
        else {
            continue;
        };
        for name in names.split('|').chain([code, alpha3]) {
            map.insert(key(name), code);
        }
    }
    // Andorra's alpha-3 code is a small word, and so would stand for no words at all.
    map.remove("");
    map
});

/// The code of a country, from a name, a demonym or a code, in any case and with the usual
/// additions: "CONGO, DEMOCRATIC REPUBLIC OF THE", "Russian", "Germany (in prison)",
/// "Former USSR, now Ukraine" (the present country), "UK".
///
/// Codes are ISO 3166-1 alpha-2 in lower case, plus `su`, `yu`, `cs`, `dd` for states that are no
/// more and `xk` for Kosovo. `None` when the words are not known, or mean more than one country
/// ("Congolese", "Korean").
///
/// ```
/// use portcullis_ingest::country_code;
/// assert_eq!(country_code("Iran, Islamic Republic of"), Some("ir"));
/// assert_eq!(country_code("Russian"), Some("ru"));
/// assert_eq!(country_code("Narnia"), None);
/// ```
pub fn country_code(words: &str) -> Option<&'static str> {
    if words.len() > 200 {
        return None;
    }
    let look = |text: &str| {
        let key = key(text);
        BY_NAME.get(&key).copied()
    };
    if let Some(code) = look(words) {
        return Some(code);
    }
    let lower = words.to_lowercase();
    for marker in ["now ", "currently "] {
        if let Some((_, today)) = lower.rsplit_once(marker)
            && let Some(code) = look(today.trim_end_matches([')', '.']))
        {
            return Some(code);
        }
    }
    let mut rest = lower.as_str();
    for opening in ["possibly ", "in ", "former "] {
        rest = rest.strip_prefix(opening).unwrap_or(rest);
    }
    let head = rest.split(['(', ';', '.']).next().unwrap_or(rest).trim();
    if let Some(code) = look(head) {
        return Some(code);
    }
    let head = head.split(" as of ").next().unwrap_or(head);
    let head = head.split(" as at ").next().unwrap_or(head);
    let head = TAILS.iter().find_map(|tail| head.strip_suffix(tail)).unwrap_or(head);
    look(head)
}

/// Words after the name of a country that do not change which it is.
const TAILS: [&str; 6] =
    [" citizenship", " citizen", " nationality", " nationals", " national", " by birth"];

/// What is left of a name when case, accents of spelling and small words are taken away.
fn key(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split(|c: char| !c.is_alphanumeric() && !matches!(c, '\'' | '’' | '.')) {
        let word = word.replace(['\'', '’', '.'], "").to_lowercase();
        let word = match word.as_str() {
            "" | "the" => continue,
            "st" => "saint",
            other => other,
        };
        if word == "and" {
            continue;
        }
        out.push_str(word);
        out.push(' ');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_of_publishers_become_codes() {
        // Words as they stand in published lists; codes from ISO 3166-1 and ISO 3166-3.
        for (words, code) in [
            ("CONGO, DEMOCRATIC REPUBLIC OF THE", "cd"),
            ("CONGO, REPUBLIC OF THE", "cg"),
            ("COTE D'IVOIRE (IVORY COAST)", "ci"),
            ("Cote d Ivoire", "ci"),
            ("ANTIGUA & BARBUDA", "ag"),
            ("ST. KITTS AND NEVIS", "kn"),
            ("GAMBIA, THE", "gm"),
            ("Iran (Islamic Republic of).", "ir"),
            ("Korea, North", "kp"),
            ("Democratic People’s Republic of Korea", "kp"),
            ("Former USSR Currently Belarus", "by"),
            ("Belarusian SSR, (now Belarus)", "by"),
            ("Komi ASSR (now Russian Federation)", "ru"),
            ("USSR", "su"),
            ("former Yugoslavia", "yu"),
            ("Kosovo", "xk"),
            ("Germany (in prison since Sept", "de"),
            ("Saudi Arabian (", "sa"),
            ("Possibly Ethiopian", "et"),
            ("Sudanese by birth", "sd"),
            ("Syrian Arab Republic as of September 2015", "sy"),
            ("UK", "gb"),
            ("GBR", "gb"),
            ("gb", "gb"),
            ("Trinadad and Tobago (from birth until 27 Nov", "tt"),
        ] {
            assert_eq!(country_code(words), Some(code), "{words}");
        }
    }

    #[test]
    fn words_that_mean_no_one_country_are_not_guessed() {
        for words in [
            "",
            "Narnia",
            "Congolese",
            "Korean",
            "INTERNATIONAL",
            "undetermined",
            "-0- ",
            "Kuwaiti citizenship withdrawn in 2002",
        ] {
            assert_eq!(country_code(words), None, "{words}");
        }
    }

    #[test]
    fn the_table_is_well_formed() {
        let lines: Vec<_> = TABLE.lines().filter(|l| !l.starts_with('#')).collect();
        // 249 codes of ISO 3166-1 and the five named in the documentation.
        assert_eq!(lines.len(), 249 + 5);
        for line in lines {
            let fields: Vec<_> = line.split('\t').collect();
            assert_eq!(fields.len(), 3, "{line}");
            assert_eq!((fields[0].len(), fields[1].len()), (2, 3), "{line}");
        }
    }

    proptest! {
        #[test]
        fn no_words_make_it_panic(words in "\\PC{0,60}") {
            let _ = country_code(&words);
        }
    }
}
