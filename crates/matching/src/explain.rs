//! Reasons in plain English.

use portcullis_types::{Evidence, Protected, Reason};

/// A reason in plain English. Protected text: it repeats names and dates.
pub fn sentence(reason: &Reason) -> Protected {
    let query = reason.query_value.as_ref().map(Protected::reveal);
    let record = reason.record_value.as_ref().map(Protected::reveal);
    let q = query.unwrap_or("");
    let r = record.unwrap_or("");
    Protected::new(match reason.evidence {
        Evidence::NamePartAgrees if q == r => format!("Both names have “{q}”."),
        Evidence::NamePartAgrees => format!("“{q}” and “{r}” are the same name."),
        Evidence::NamePartAlike => format!("“{q}” is like “{r}”."),
        Evidence::Initial => format!("The initial fits: “{q}” and “{r}”."),
        Evidence::NamePartMissing => match (query, record) {
            (Some(q), None) => format!("“{q}” has nothing to answer it in the list’s name."),
            (None, Some(r)) => format!("The list’s name also has “{r}”."),
            _ => "One side gives a single name only.".to_owned(),
        },
        Evidence::NamePartDiffers => format!("“{q}” is not “{r}”."),
        Evidence::NameOrder => {
            "The same names stand in another order, which makes another person of them.".to_owned()
        }
        Evidence::WeakAlias => format!(
            "The name that matched is one its publisher calls weak{}.",
            record.map(|r| format!(": “{r}”")).unwrap_or_default()
        ),
        Evidence::WholeNameAgrees => "Nothing in the two names differs.".to_owned(),
        Evidence::RelatedNames => {
            "Relatives, or sister companies, share names like these, so together \
             they say little more than the part that agrees least."
                .to_owned()
        }
        Evidence::CrossScript => "The names are written in different scripts.".to_owned(),
        Evidence::BirthDateAgrees if q == r => format!("The birth dates agree: {q}."),
        Evidence::BirthDateAgrees => format!("The birth dates agree: {q} and {r}."),
        Evidence::BirthDateClose => format!("The birth dates are close, not equal: {q} and {r}."),
        Evidence::BirthDateDiffers => format!("The birth dates differ: {q} and {r}."),
        Evidence::IdentifierAgrees => "An identity or registration number agrees.".to_owned(),
        Evidence::IdentifierDiffers => "Numbers of the same kind differ.".to_owned(),
        Evidence::CountryAgrees if q == r => format!("A country agrees: {q}."),
        Evidence::CountryAgrees => format!("A country agrees: {q} and {r}."),
        Evidence::CountryDiffers => format!("The countries differ: {q} and {r}."),
        Evidence::GenderDiffers => format!("The genders differ: {q} and {r}."),
        Evidence::LegalFormDiffers => format!("The legal forms differ: {q} and {r}."),
        Evidence::NumberDiffers => format!("The numbers in the names differ: {q} and {r}."),
        _ => "One source does not say whether this is a person or a body.".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use portcullis_types::Bits;

    #[test]
    fn what_is_the_same_on_both_sides_is_said_once() {
        let said = |evidence, query: &str, record: &str| {
            let [query_value, record_value] = [query, record].map(|v| Some(Protected::from(v)));
            let reason = Reason { evidence, bits: Bits(1.0), query_value, record_value };
            sentence(&reason).reveal().to_owned()
        };
        assert_eq!(said(Evidence::CountryAgrees, "hu", "hu"), "A country agrees: hu.");
        let born = said(Evidence::BirthDateAgrees, "1961-02-14", "1961-02-14");
        assert_eq!(born, "The birth dates agree: 1961-02-14.");
        let born = said(Evidence::BirthDateAgrees, "1961", "1961-02-14");
        assert_eq!(born, "The birth dates agree: 1961 and 1961-02-14.");
    }

    #[test]
    fn a_missing_part_says_which_side_misses_it() {
        let reason = |query: Option<&str>, record: Option<&str>| Reason {
            evidence: Evidence::NamePartMissing,
            bits: Bits(-1.0),
            query_value: query.map(Protected::from),
            record_value: record.map(Protected::from),
        };
        assert!(sentence(&reason(Some("quillon"), None)).reveal().contains("nothing to answer"));
        assert!(sentence(&reason(None, Some("quillon"))).reveal().contains("also has"));
    }
}
