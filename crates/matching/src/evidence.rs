//! What birth dates, countries, genders and identifiers say.

use crate::align::Finding;
use crate::model;
use crate::prepared::Prepared;
use jiff::civil::Date;
use portcullis_types::{Doubt, Evidence, PartialDate, Precision};

/// All findings besides those of the names. Missing evidence gives none.
pub(crate) fn beside_names(query: &Prepared, record: &Prepared, findings: &mut Vec<Finding>) {
    findings.extend(births(&query.births, &record.births));
    findings.extend(countries(&query.countries, &record.countries));
    if !query.genders.is_empty()
        && !record.genders.is_empty()
        && !query.genders.iter().any(|g| record.genders.contains(g))
    {
        findings.push(Finding::whole(Evidence::GenderDiffers, model::GENDER_DIFFERS));
    }
    findings.extend(identifiers(query, record));
    if crossed_roles(query, record) {
        findings.push(Finding::whole(Evidence::NameOrder, model::ORDER));
    }
}

/// The best agreement between any two dates; several dates of one side are alternatives.
fn births(a: &[PartialDate], b: &[PartialDate]) -> Option<Finding> {
    a.iter()
        .flat_map(|x| b.iter().map(move |y| birth(*x, *y)))
        .max_by(|x, y| x.bits.total_cmp(&y.bits))
}

fn birth(a: PartialDate, b: PartialDate) -> Finding {
    use Evidence::{BirthDateAgrees, BirthDateClose, BirthDateDiffers};
    let doubtful = a.doubt() != Doubt::None || b.doubt() != Doubt::None;
    let overlap = a.earliest() <= b.latest() && b.earliest() <= a.latest();
    let coarsest = a.precision().max(b.precision());
    let (x, y) = (a.earliest(), b.earliest());
    let to_the_day = coarsest == Precision::Day;
    if overlap {
        let bits = match coarsest {
            Precision::Day => model::BIRTH_DAY,
            Precision::Month => model::BIRTH_MONTH,
            Precision::Year => model::BIRTH_YEAR,
            Precision::Span => model::BIRTH_YEAR - 1.5,
        };
        return Finding::whole(
            BirthDateAgrees,
            if doubtful { bits.min(model::BIRTH_YEAR) } else { bits },
        );
    }
    let gap_days = if a.latest() < b.earliest() {
        days(a.latest(), b.earliest())
    } else {
        days(b.latest(), a.earliest())
    };
    if to_the_day && x.year() == y.year() {
        if x.month() == y.day() && x.day() == y.month() {
            return Finding::whole(BirthDateClose, model::BIRTH_SWAPPED);
        }
        return Finding::whole(BirthDateClose, model::BIRTH_SAME_YEAR);
    }
    if x.year() == y.year() {
        return Finding::whole(BirthDateClose, model::BIRTH_NEAR);
    }
    if to_the_day
        && (x.month(), x.day()) == (y.month(), y.day())
        && (x.month(), x.day()) != (1, 1)
        && (x.year().abs_diff(y.year()) <= model::BIRTH_SLIP_YEARS || digits_swapped(x, y))
    {
        return Finding::whole(BirthDateClose, model::BIRTH_OTHER_YEAR);
    }
    // "Circa" reaches two years either way.
    let reach = if a.doubt() == Doubt::Circa || b.doubt() == Doubt::Circa { 730 } else { 0 };
    match gap_days - reach {
        ..=366 => Finding::whole(BirthDateClose, model::BIRTH_NEAR),
        367..=1_827 => Finding::whole(BirthDateDiffers, model::BIRTH_APART),
        _ => Finding::whole(BirthDateDiffers, model::BIRTH_FAR),
    }
}

/// Whether two years are one with its last two digits exchanged, as 1958 and 1985.
fn digits_swapped(x: Date, y: Date) -> bool {
    let (a, b) = (x.year(), y.year());
    a / 100 == b / 100 && a % 10 == b / 10 % 10 && a / 10 % 10 == b % 10
}

fn days(earlier: Date, later: Date) -> i32 {
    earlier.until(later).map_or(i32::MAX, |span| span.get_days())
}

fn countries(a: &[Box<str>], b: &[Box<str>]) -> Option<Finding> {
    if a.is_empty() || b.is_empty() {
        return None;
    }
    let mut common = a.iter().filter(|c| b.contains(c)).peekable();
    Some(if common.peek().is_none() {
        Finding::whole(Evidence::CountryDiffers, model::COUNTRY_DIFFERS)
    } else if common.any(|c| &**c != "gb") {
        Finding::whole(Evidence::CountryAgrees, model::COUNTRY)
    } else {
        Finding::whole(Evidence::CountryAgrees, model::HOME_COUNTRY)
    })
}

fn identifiers(query: &Prepared, record: &Prepared) -> Option<Finding> {
    let mut of_one_kind = false;
    for a in &query.identifiers {
        for b in &record.identifiers {
            if a.value == b.value {
                return Some(Finding::whole(Evidence::IdentifierAgrees, model::IDENTIFIER));
            }
            of_one_kind |= a.property == b.property;
        }
    }
    of_one_kind.then(|| Finding::whole(Evidence::IdentifierDiffers, model::IDENTIFIER_DIFFERS))
}

/// Both sides tell given from family name, and one's given name is the other's family name.
fn crossed_roles(query: &Prepared, record: &Prepared) -> bool {
    match (&query.roles, &record.roles) {
        (Some(a), Some(b)) => a.given == b.family && a.family == b.given && a.given != a.family,
        _ => false,
    }
}
