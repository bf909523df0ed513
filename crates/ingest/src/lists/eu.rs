//! What the shapes of the EU's financial sanctions list have in common.

use super::draft::{Draft, as_published, says_nothing};
use crate::dates;
use portcullis_types::{PartialDate, Property, Schema};

/// The schema, from "person", "enterprise" or the classification "P", "E".
pub(super) fn schema(kind: &str) -> Schema {
    match kind.trim().to_lowercase().as_str() {
        "p" | "person" => Schema::Person,
        "e" | "enterprise" => Schema::Organization,
        _ => Schema::LegalEntity,
    }
}

/// A birth date in the parts in which the EU publishes it.
#[derive(Debug, Default)]
pub(super) struct Birth<'a> {
    pub(super) whole: &'a str,
    pub(super) year: &'a str,
    pub(super) month: &'a str,
    pub(super) day: &'a str,
    pub(super) from: &'a str,
    pub(super) to: &'a str,
    pub(super) circa: &'a str,
    pub(super) calendar: &'a str,
}

impl Birth<'_> {
    /// States the date. One of another calendar than the Gregorian is kept as published, since
    /// reading it as Gregorian would contradict the person's true date.
    pub(super) fn say(&self, draft: &mut Draft, row: u64) {
        let gregorian = self.calendar.is_empty() || self.calendar.eq_ignore_ascii_case("gregorian");
        let date = self.date().map(crate::ftm::doubted_default);
        let text = [self.whole, self.day, self.month, self.year, self.from, self.to].join(" ");
        let text = if self.whole.is_empty() { text.as_str() } else { self.whole };
        match date {
            Some(date) if gregorian => {
                let circa = self.circa.eq_ignore_ascii_case("true");
                let date = if circa { date.circa() } else { date };
                draft.say(Property::BirthDate, &date.to_string(), row);
            }
            _ if says_nothing(text) => {}
            _ => draft.say(as_published(&Property::BirthDate), text, row),
        }
    }

    fn date(&self) -> Option<PartialDate> {
        let year = |text| dates::from_parts(text, "", "");
        dates::read(self.whole, dates::Order::DayFirst)
            .or_else(|| dates::from_parts(self.year, self.month, self.day))
            .or_else(|| match (year(self.from), year(self.to)) {
                (Some(from), Some(to)) => dates::span(from, to).ok(),
                (from, to) => from.or(to),
            })
    }
}

/// The property of an identifier, by its type code.
pub(super) fn identifier(kind: &str) -> Property {
    match kind.to_lowercase().as_str() {
        "passport" => Property::PassportNumber,
        "regnumber" => Property::RegistrationNumber,
        "fiscalcode" | "tax" => Property::TaxNumber,
        "swiftbic" => Property::SwiftBic,
        "imo" => Property::ImoNumber,
        _ => Property::IdNumber,
    }
}

/// States a country by its code, or by its name where the code says nothing ("00").
pub(super) fn say_country(draft: &mut Draft, property: Property, code: &str, name: &str, row: u64) {
    if crate::country::country_code(code).is_some() {
        draft.say_country(property, code, row);
    } else {
        draft.say_country(property, name, row);
    }
}
