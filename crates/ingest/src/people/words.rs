//! Words that tell what a name is of: titles, letters after names, legal forms, kinds of body,
//! addresses.

mod lists;

use lists::{
    ADDRESS_WORDS, ARTICLES, BODY_WORDS, COMPANY_WORDS, DOUBTFUL_SUFFIXES, DOUBTFUL_TITLES, PEERS,
    PHRASE_WORDS, SHORT_COMPANY_WORDS, SUFFIXES, TITLES,
};
use portcullis_types::Schema;

/// A word as it is compared: lower case, without the points around and in it.
pub(crate) fn bare(word: &str) -> String {
    word.trim_matches(|c: char| !c.is_alphanumeric())
        .chars()
        .filter(|c| *c != '.')
        .flat_map(char::to_lowercase)
        .collect()
}

/// How sure it is that a word is a title.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doubt {
    Sure,
    Doubtful,
}

pub(crate) fn title(word: &str) -> Option<Doubt> {
    let word = bare(word);
    if TITLES.contains(&word.as_str()) {
        Some(Doubt::Sure)
    } else if DOUBTFUL_TITLES.contains(&word.as_str()) {
        Some(Doubt::Doubtful)
    } else {
        None
    }
}

pub(crate) fn is_peer(word: &str) -> bool {
    PEERS.contains(&bare(word).as_str())
}

/// Whether the word is letters after a name. `shouted` says that the whole name is in capitals, so
/// that capitals tell nothing.
pub(crate) fn is_suffix(word: &str, shouted: bool) -> bool {
    let plain: String = word.chars().filter(|c| c.is_alphanumeric()).collect();
    let upper = plain.to_uppercase();
    let long = upper.len() > 2;
    if SUFFIXES.contains(&upper.as_str()) {
        // "Bt" and "Esq" stand in small letters; two letters such as "Pc" or "Ba" may be a name.
        return plain == upper || long || upper == "BT" || upper == "MP";
    }
    DOUBTFUL_SUFFIXES.contains(&upper.as_str()) && plain == upper && !shouted
}

/// Whether the word is a legal form. `shouted` says that the whole name is in capitals.
pub(crate) fn is_company_word(word: &str, shouted: bool) -> bool {
    let bare = bare(word);
    COMPANY_WORDS.contains(&bare.as_str())
        || (SHORT_COMPANY_WORDS.contains(&bare.as_str())
            && !shouted
            && !word.chars().any(char::is_lowercase))
        || (bare == "co" && word.ends_with('.'))
}

/// Whether a name is in capitals throughout.
pub(crate) fn is_shouted(name: &str) -> bool {
    !name.chars().any(char::is_lowercase)
}

/// What the words of a name say it is of; `None` when they do not say, or contradict each other.
pub(crate) fn kind_by_words(name: &str) -> Option<Schema> {
    let shouted = is_shouted(name);
    let mut words: Vec<&str> =
        name.split_whitespace().filter(|word| !bare(word).is_empty()).collect();
    while words.first().is_some_and(|word| ARTICLES.contains(&bare(word).as_str())) {
        words.remove(0);
    }
    let titled = words.first().copied().and_then(title) == Some(Doubt::Sure);
    let company = words.iter().skip(1).any(|word| is_company_word(word, shouted));
    let body = words.iter().any(|word| BODY_WORDS.contains(&bare(word).as_str()));
    let lettered = words.len() > 2 && words.last().is_some_and(|word| is_suffix(word, shouted));
    // "Sir Quillon Testwick Programme for Peace"
    let phrase = words.iter().any(|word| PHRASE_WORDS.contains(word));
    match (company, body || phrase, titled || lettered) {
        (true, ..) => Some(Schema::Company),
        (false, true, false) if body => Some(Schema::Organization),
        (false, false, true) => Some(Schema::Person),
        (false, true, _) | (false, false, false) => None,
    }
}

/// Whether a text reads like a line of an address.
pub(crate) fn is_address(text: &str) -> bool {
    text.bytes().any(|b| b.is_ascii_digit())
        || text.trim_start().to_lowercase().starts_with("c/o")
        || text.split_whitespace().map(bare).any(|w| ADDRESS_WORDS.contains(&w.as_str()))
}

/// What a register's word for a kind of giver means; `None` for "Other", "N/A" and the like.
pub(crate) fn kind_named(word: &str) -> Option<Schema> {
    if let Some(schema) = crate::ftm::schema_named(word) {
        return Some(schema);
    }
    Some(match super::field::key(word).as_str() {
        "individual" | "privateindividual" | "naturalperson" | "human" => Schema::Person,
        "limitedliabilitypartnership"
        | "llp"
        | "limitedcompany"
        | "plc"
        | "corporate"
        | "registeredcompany"
        | "overseascompany" => Schema::Company,
        "unincorporatedassociation"
        | "tradeunion"
        | "buildingsociety"
        | "friendlysociety"
        | "registeredpoliticalparty"
        | "registeredparty"
        | "politicalparty"
        | "trust"
        | "charity"
        | "association"
        | "organisation"
        | "partnership"
        | "society"
        | "union"
        | "thirdparty"
        | "campaigner" => Schema::Organization,
        "publicfund" | "publicfunds" | "publicauthority" | "government" => Schema::PublicBody,
        "entity" | "body" | "legalperson" => Schema::LegalEntity,
        "ship" => Schema::Vessel,
        "aircraft" => Schema::Airplane,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_tell_what_a_name_is_of() {
        for (name, kind) in [
            ("Mr Quillon Examplesson", Some(Schema::Person)),
            ("Orsolya Testwick OBE", Some(Schema::Person)),
            ("Testwick Ltd", Some(Schema::Company)),
            ("Dr Testwick Limited", Some(Schema::Company)),
            ("Testwick & Examplesson LLP", Some(Schema::Company)),
            ("Testwick Working Men's Club", Some(Schema::Organization)),
            ("The Testwick Fund", Some(Schema::Organization)),
            ("The Rt Hon Lord Testwick", Some(Schema::Person)),
            // Either could be meant.
            ("Lady Testwick School", None),
            ("Sir Quillon Testwick Programme for Peace", None),
            ("The Testwick", None),
            ("Quillon Alliance", None),
            ("Maria Co", None),
            ("Testwick AG", Some(Schema::Company)),
            ("MARIA SA", None),
            ("Orsolya Testwick", None),
        ] {
            assert_eq!(kind_by_words(name), kind, "{name}");
        }
    }

    #[test]
    fn the_registers_words_for_givers_are_known() {
        // requirements C3; "Other", "N/A" and the impermissible kinds tell nothing.
        assert_eq!(kind_named("Individual"), Some(Schema::Person));
        assert_eq!(kind_named("Limited Liability Partnership"), Some(Schema::Company));
        assert_eq!(kind_named("Unincorporated association"), Some(Schema::Organization));
        assert_eq!(kind_named("Public Fund"), Some(Schema::PublicBody));
        for word in ["Other", "N/A", "Impermissible Donor", "Unidentifiable Donor", ""] {
            assert_eq!(kind_named(word), None, "{word}");
        }
    }

    #[test]
    fn letters_after_a_name_are_told_from_short_names() {
        assert!(is_suffix("OBE", true));
        assert!(is_suffix("Esq.", false));
        assert!(is_suffix("M.P.", false));
        assert!(is_suffix("JP", false));
        assert!(!is_suffix("MA", true));
        assert!(!is_suffix("Ma", false));
        assert!(!is_suffix("Testwick", false));
    }

    #[test]
    fn an_address_line_is_told_from_a_name() {
        for text in ["1 Example Road", "Example House", "c/o Quillon", "SW1A 1AA", "Invented Hall"]
        {
            assert!(is_address(text), "{text}");
        }
        assert!(!is_address("Orsolya"));
    }
}
