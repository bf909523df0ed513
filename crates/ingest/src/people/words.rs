//! Words that tell what a name is of: titles, letters after names, legal forms, kinds of body,
//! addresses.

use portcullis_types::Schema;

/// Titles that are no given names.
const TITLES: &[&str] = &[
    "mr",
    "mrs",
    "ms",
    "miss",
    "mx",
    "mister",
    "messrs",
    "dr",
    "doctor",
    "prof",
    "professor",
    "sir",
    "dame",
    "lord",
    "lady",
    "baroness",
    "viscount",
    "viscountess",
    "countess",
    "marquess",
    "marquis",
    "marchioness",
    "duchess",
    "hon",
    "honourable",
    "rt",
    "right",
    "rev",
    "reverend",
    "revd",
    "cllr",
    "councillor",
    "councilor",
    "mme",
    "mlle",
    "herr",
    "frau",
    "señor",
    "señora",
    "ald",
    "alderman",
    "hrh",
];
/// Titles that are given names or surnames too: titles only where two words still follow.
const DOUBTFUL_TITLES: &[&str] = &[
    "earl",
    "duke",
    "prince",
    "princess",
    "baron",
    "count",
    "major",
    "maj",
    "general",
    "gen",
    "judge",
    "master",
    "king",
    "father",
    "pastor",
    "canon",
    "bishop",
    "dean",
    "capt",
    "captain",
    "col",
    "colonel",
    "lt",
    "lieutenant",
    "cdr",
    "cmdr",
    "commander",
    "brig",
    "brigadier",
    "sgt",
    "sergeant",
    "adm",
    "admiral",
    "sheikh",
    "shaikh",
    "sheik",
    "rabbi",
    "imam",
];
/// Titles of peers whose place may hold an "and": "Earl of Mar and Kellie".
const PEERS: &[&str] =
    &["earl", "countess", "duke", "duchess", "marquess", "viscount", "viscountess", "baron"];
/// Letters after a name, whatever the case of the name.
const SUFFIXES: &[&str] = &[
    "MP", "MSP", "MEP", "MLA", "MBE", "OBE", "CBE", "KBE", "DBE", "GBE", "KC", "QC", "KCB", "DCB",
    "GCB", "CMG", "KCMG", "DCMG", "GCMG", "LVO", "CVO", "KCVO", "MVO", "BEM", "QPM", "PHD",
    "DPHIL", "FRS", "FRCS", "FRCP", "FRSA", "FCA", "FBA", "ESQ", "ESQUIRE", "BT", "BART", "TD",
    "RN", "MBBS", "LLB", "LLM", "BSC", "MSC", "MBA", "BA", "PC", "CB", "CVO",
];
/// Letters after a name that may be a name themselves, where they are not in capitals among
/// smaller letters.
const DOUBTFUL_SUFFIXES: &[&str] =
    &["AM", "MS", "MA", "DL", "JP", "CH", "KG", "KT", "MD", "GC", "VC", "DSO", "MC", "SC", "DC"];
/// Legal forms of companies.
const COMPANY_WORDS: &[&str] = &[
    "ltd",
    "limited",
    "plc",
    "llp",
    "inc",
    "incorporated",
    "corp",
    "corporation",
    "company",
    "gmbh",
    "sarl",
    "srl",
    "llc",
    "ooo",
    "oao",
    "pao",
    "zao",
    "jsc",
    "pjsc",
    "ojsc",
    "cyf",
    "cyfyngedig",
    "pty",
    "bhd",
    "holdings",
    "ltda",
];
/// Legal forms that are names too, unless they stand in capitals among smaller letters.
const SHORT_COMPANY_WORDS: &[&str] = &[
    "lp", "ag", "sa", "spa", "bv", "nv", "ab", "oy", "as", "aps", "ccc", "cic", "kg", "kk", "pte",
];
/// Kinds of body. Left out are those that are surnames (Church, Ward, Alliance): a person taken for
/// a body would never be compared with a person.
const BODY_WORDS: &[&str] = &[
    "association",
    "union",
    "club",
    "society",
    "party",
    "trust",
    "fund",
    "foundation",
    "council",
    "committee",
    "group",
    "university",
    "college",
    "school",
    "institute",
    "institution",
    "federation",
    "confederation",
    "congress",
    "embassy",
    "ministry",
    "government",
    "parliament",
    "assembly",
    "commission",
    "partnership",
    "partners",
    "solicitors",
    "accountants",
    "consultants",
    "consulting",
    "associates",
    "services",
    "charity",
    "centre",
    "center",
    "labour",
    "conservative",
    "conservatives",
    "liberal",
    "democrats",
    "unison",
    "gmb",
    "properties",
    "estates",
    "investments",
    "international",
    "enterprises",
    "industries",
    "productions",
    "publishing",
    "museum",
    "theatre",
    "hotel",
    "hospital",
    "campaign",
    "network",
    "organisation",
    "organization",
    "agency",
    "department",
    "authority",
    "forum",
    "movement",
    "airlines",
    "airways",
    "insurance",
    "securities",
    "management",
    "engineering",
    "construction",
    "developments",
    "restaurant",
    "syndicate",
    "constituency",
    "solutions",
    "systems",
    "technologies",
    "media",
    "cooperative",
    "cooperatives",
    "company",
];
/// Words of an address line.
const ADDRESS_WORDS: &[&str] = &[
    "road",
    "rd",
    "street",
    "st",
    "lane",
    "avenue",
    "ave",
    "house",
    "court",
    "park",
    "square",
    "place",
    "floor",
    "unit",
    "suite",
    "building",
    "buildings",
    "box",
    "drive",
    "close",
    "crescent",
    "terrace",
    "gardens",
    "way",
    "row",
    "hill",
    "green",
    "mews",
    "gate",
    "quay",
    "wharf",
    "yard",
    "estate",
    "office",
    "offices",
    "hall",
    "farm",
    "cottage",
    "lodge",
    "centre",
    "london",
    "manchester",
    "birmingham",
    "edinburgh",
    "cardiff",
    "glasgow",
    "leeds",
    "liverpool",
    "bristol",
    "embassy",
    "c/o",
    "co",
    "villa",
    "villas",
    "walk",
    "grove",
    "parade",
    "embankment",
    "works",
    "industrial",
    "business",
    "room",
    "flat",
    "apartment",
    "rectory",
    "vicarage",
    "manor",
    "parkway",
    "boulevard",
    "broadway",
    "bridge",
    "corner",
    "cross",
    "headquarters",
    "tower",
    "towers",
    "chambers",
    "mill",
];

/// Small words that stand in names of bodies and not of people.
const PHRASE_WORDS: &[&str] = &["for", "in", "at", "on", "with", "by", "to", "from"];

/// Words before a name that say nothing about it.
const ARTICLES: &[&str] = &["the", "a", "an"];

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
