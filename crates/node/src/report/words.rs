//! Words and numbers as every report shows them.

use portcullis_decide::{Deadline, Sureness};
use portcullis_types::{Bits, PopulationClass, Property, Score, Similarity};
use std::time::Duration;

/// A signed number of bits, with a true minus: `+12.3`, `−4.0`, `0.0`.
pub(crate) fn bits(bits: Bits) -> String {
    signed(bits.0)
}

/// A signed number with one decimal and a true minus.
pub(crate) fn signed(number: f64) -> String {
    let rounded = (number * 10.0).round() / 10.0;
    if rounded == 0.0 {
        "0.0".to_owned()
    } else if rounded > 0.0 {
        format!("+{rounded:.1}")
    } else {
        format!("\u{2212}{:.1}", rounded.abs())
    }
}

/// A score. Nothing short of certainty is shown as 1, and nothing above nothing as 0.
pub(crate) fn score(score: Score) -> String {
    fraction(score.0)
}

/// A similarity.
pub(crate) fn similarity(similarity: Similarity) -> String {
    format!("{:.2}", similarity.0)
}

fn fraction(number: f64) -> String {
    if number > 0.0 && number < 0.01 {
        "<0.01".to_owned()
    } else if number < 1.0 && number > 0.99 {
        ">0.99".to_owned()
    } else {
        format!("{number:.2}")
    }
}

/// A deadline; "or later" where the day of receipt is not known exactly.
pub(crate) fn deadline(deadline: Deadline) -> String {
    match deadline.sureness {
        Sureness::Exact => deadline.last_day.to_string(),
        Sureness::Earliest => format!("{} or later", deadline.last_day),
    }
}

/// What a class is called: one, and several.
pub(crate) fn class(class: Option<PopulationClass>, number: u64) -> &'static str {
    let one = number == 1;
    match class {
        Some(PopulationClass::Donor) if one => "donor",
        Some(PopulationClass::Donor) => "donors",
        Some(PopulationClass::Candidate) if one => "candidate",
        Some(PopulationClass::Candidate) => "candidates",
        Some(PopulationClass::Staff) if one => "member of staff",
        Some(PopulationClass::Staff) => "members of staff",
        Some(PopulationClass::Associate) if one => "associate",
        Some(PopulationClass::Associate) => "associates",
        None if one => "record",
        None => "records",
    }
}

/// `1 alert`, `2 alerts`.
pub(crate) fn several(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// `1 row names nobody`, `2 rows name nobody`.
pub(crate) fn naming_nobody(rows: u64) -> String {
    several(rows, "row names nobody", "rows name nobody")
}

/// A count with commas between its thousands.
pub(crate) fn count(number: u64) -> String {
    with_commas(&number.to_string())
}

/// A prior in words: "1 in 100,000".
pub(crate) fn prior(prior: Score) -> String {
    format!("1 in {}", with_commas(&format!("{:.0}", 1.0 / prior.0)))
}

/// A duration as people say it.
pub(crate) fn elapsed(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 10.0 {
        format!("{seconds:.1} seconds")
    } else if seconds < 120.0 {
        format!("{seconds:.0} seconds")
    } else {
        format!("{:.0} minutes", seconds / 60.0)
    }
}

/// What a property is called.
pub(crate) fn property(property: &Property) -> String {
    match property {
        Property::PassportNumber => "passport".to_owned(),
        Property::IdNumber => "identity number".to_owned(),
        Property::RegistrationNumber => "company number".to_owned(),
        Property::TaxNumber => "tax number".to_owned(),
        Property::LeiCode => "LEI".to_owned(),
        Property::SwiftBic => "BIC".to_owned(),
        Property::ImoNumber => "IMO number".to_owned(),
        Property::WikidataId => "Wikidata".to_owned(),
        Property::UniqueEntityId => "other id".to_owned(),
        other => other.name().to_owned(),
    }
}

/// Text that cannot take over a terminal or turn its neighbours round: control characters, and the
/// marks that override the direction of writing, become `�`.
pub(crate) fn plain(text: &str) -> String {
    let unsafe_mark = |c: char| {
        c.is_control()
            || matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if unsafe_mark(c) { '\u{FFFD}' } else { c }).collect()
}

fn with_commas(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!(prior(Score(1e-5)), "1 in 100,000");
        assert_eq!(prior(Score(0.5)), "1 in 2");
        assert_eq!(count(0), "0");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(several(1, "alert", "alerts"), "1 alert");
        assert_eq!(several(1_000, "alert", "alerts"), "1,000 alerts");
    }

    #[test]
    fn a_score_never_looks_more_certain_than_it_is() {
        assert_eq!(score(Score(0.999_9)), ">0.99");
        assert_eq!(score(Score(1e-9)), "<0.01");
        assert_eq!(score(Score(0.5)), "0.50");
        assert_eq!(score(Score(0.0)), "0.00");
    }

    #[test]
    fn bits_carry_their_sign() {
        assert_eq!(bits(Bits(12.34)), "+12.3");
        assert_eq!(bits(Bits(-4.0)), "−4.0");
        assert_eq!(bits(Bits(-0.01)), "0.0");
    }

    #[test]
    fn a_name_cannot_take_over_the_terminal() {
        assert_eq!(plain("Eve\u{1b}[2J\u{202e}kcirt\n"), "Eve�[2J�kcirt�");
        assert_eq!(plain("Zoë Ömer 例え"), "Zoë Ömer 例え");
    }
}
