//! What the cells of a column say, for lists whose rows are joined by an id.

use super::columns::{Column, Columns};
use super::draft::{Draft, address};
use super::packed;
use crate::dates::{self, Order};
use crate::table::Row;
use portcullis_types::Property;

/// What a cell says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// A value of a property, by its name.
    Say(&'static str),
    /// One or more values, enumerated within the cell.
    Packed(&'static str),
    /// Values parted by `|`.
    Barred(&'static str),
    /// One or more countries.
    Country(&'static str),
    /// A date of birth.
    Birth,
    /// Another date.
    Day(&'static str),
    /// A sex.
    Gender,
    /// The number of a ship.
    Imo,
    /// Numbers in registers, with labels.
    Registration,
    /// One or more numbers of documents, with words around them.
    Number(&'static str),
}

/// Columns and what their cells say.
#[derive(Debug)]
pub(super) struct Rules {
    rules: Vec<(Column, Rule)>,
    address: Vec<Column>,
    postcode: Column,
    country: Column,
    previous: Option<(String, Row)>,
}

impl Rules {
    /// Finds the columns of `rules`; those of an address are named by prefix.
    pub(super) fn new(
        columns: &Columns,
        rules: &[(&str, Rule)],
        address_prefix: &str,
        postcode: &str,
        country: &str,
    ) -> Self {
        let found = rules.iter().map(|(name, rule)| (columns.at(name), *rule));
        Self {
            rules: found.filter(|(column, _)| column.index().is_some()).collect(),
            address: columns.numbered(address_prefix, 1, 6),
            postcode: columns.at(postcode),
            country: columns.at(country),
            previous: None,
        }
    }

    /// States everything the row says. A cell that stood in the row before, of the same record, is
    /// passed over: these lists repeat themselves for every alias.
    pub(super) fn say(&mut self, draft: &mut Draft, id: &str, row: Row) {
        let previous = self.previous.take().filter(|(before, _)| before == id).map(|(_, row)| row);
        for (column, rule) in &self.rules {
            let cell = column.of(&row);
            let said = previous.as_ref().is_some_and(|before| column.of(before) == cell);
            if !cell.is_empty() && !said {
                apply(draft, *rule, cell, row.line);
            }
        }
        let lines = self.address.iter().chain([&self.postcode, &self.country]);
        draft.say(Property::Address, &address(lines.map(|column| column.of(&row))), row.line);
        draft.say(Property::PostalCode, self.postcode.of(&row), row.line);
        self.previous = Some((id.to_owned(), row));
    }
}

fn apply(draft: &mut Draft, rule: Rule, cell: &str, row: u64) {
    match rule {
        Rule::Say(name) => draft.say(Property::from_name(name), cell, row),
        Rule::Packed(name) => {
            for part in packed::parts(cell) {
                draft.say_as(Property::from_name(name), part, cell, row);
            }
        }
        Rule::Barred(name) => {
            for part in cell.split('|') {
                draft.say(Property::from_name(name), part, row);
            }
        }
        Rule::Country(name) => {
            for part in packed::parts(cell) {
                draft.say_country(Property::from_name(name), part, row);
            }
        }
        Rule::Birth => {
            let date = dates::read_birth(cell, Order::DayFirst);
            draft.say_date(Property::BirthDate, date, cell, row);
        }
        Rule::Day(name) => {
            let date = dates::read(cell, Order::DayFirst);
            draft.say_date(Property::from_name(name), date, cell, row);
        }
        Rule::Gender => draft.say_gender(cell, row),
        Rule::Imo => super::uk::say_imo(draft, cell, row),
        Rule::Registration => super::uk::say_registration(draft, cell, row),
        Rule::Number(name) => {
            for part in packed::parts(cell) {
                say_number(draft, name, part, row);
            }
        }
    }
}

/// States the number among words: "Passport No: 765431 (issued on …)" says 765431. A cell without
/// small letters is a number as it stands; words without a number are kept as published.
pub(super) fn say_number(draft: &mut Draft, name: &str, text: &str, row: u64) {
    match number_in(text) {
        Some(number) => draft.say_as(Property::from_name(name), number, text, row),
        None => draft.say(super::draft::as_published(&Property::from_name(name)), text, row),
    }
}

fn number_in(text: &str) -> Option<&str> {
    let text = text.trim();
    let digits = |word: &str| word.bytes().filter(u8::is_ascii_digit).count();
    if !text.chars().any(char::is_lowercase) {
        return (digits(text) > 0).then_some(text);
    }
    text.split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | ',' | ';' | ':'))
        // "no.765431": what stands before the full stop is no part of the number.
        .map(|word| match word.rsplit_once('.') {
            Some((before, number)) if before.chars().any(char::is_lowercase) => number,
            _ => word,
        })
        .map(|word| word.trim_matches(['.', '\'', '"', '-']))
        .find(|word| digits(word) >= 3 && !word.chars().any(char::is_lowercase))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_found_among_words() {
        for (text, number) in [
            ("Passport No: 765431 (Exampleland passport issued on 3 May 2007).", Some("765431")),
            ("AB 123456", Some("AB 123456")),
            ("A0033501", Some("A0033501")),
            ("OR000001 (Exampleland). Issued on 28 Feb 2006", Some("OR000001")),
            ("Exampleland national id no. 1012112108", Some("1012112108")),
            ("Exampleland passport no.C00000001", Some("C00000001")),
            ("number not known", None),
        ] {
            assert_eq!(number_in(text), number, "{text}");
        }
    }
}
