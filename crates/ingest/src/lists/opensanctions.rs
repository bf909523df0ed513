//! `targets.simple.csv` of OpenSanctions: one row for each target.
//!
//! Several values share a cell, parted by ";" and quoted again within it where a value holds one.
//! The identifiers do not say of what kind they are. The file does not state its issue date: the
//! youngest `last_seen` tells its age.

use super::columns::{Column, find_header};
use super::draft::{Draft, MAX_STATEMENTS, emit};
use super::out::Out;
use super::packed::quoted;
use crate::dates::{self, Order};
use crate::table::{Row, TableOptions, TableReader};
use crate::{Encoding, ReadError};
use portcullis_types::{Property, Schema};
use std::io::Read;

const FORMAT: &str = "targets.simple.csv of OpenSanctions";

/// Columns of one or more plain values, and their properties.
const VALUES: &[(&str, &str)] = &[
    ("aliases", "alias"),
    ("addresses", "address"),
    ("phones", "phone"),
    ("emails", "email"),
    ("program_ids", "programId"),
    ("dataset", "datasets"),
    ("first_seen", "firstSeen"),
    ("last_change", "modifiedAt"),
];

pub(super) fn read(source: &mut dyn Read, out: &mut Out<'_>) -> Result<(), ReadError> {
    let options = TableOptions { delimiter: Some(b','), encoding: Encoding::Auto };
    let mut reader = TableReader::new(source, options);
    let columns = find_header(&mut reader, FORMAT, &["id", "schema", "name"], out, |_, _| {})?;
    let fields = Fields {
        id: columns.need("id")?,
        schema: columns.need("schema")?,
        name: columns.need("name")?,
        birth: columns.at("birth_date"),
        countries: columns.at("countries"),
        identifiers: columns.at("identifiers"),
        sanctions: columns.at("sanctions"),
        last_seen: columns.at("last_seen"),
        values: VALUES.iter().map(|(name, property)| (columns.at(name), *property)).collect(),
    };
    let widths = columns.widths();
    for item in reader {
        let Some(row) = out.take_whole(item, &widths)? else { continue };
        if row.cells.iter().any(|cell| cell.matches(';').count() > MAX_STATEMENTS) {
            out.aside(row.set_aside(None, "a cell holds more values than any real one"));
            continue;
        }
        let schema = crate::ftm::schema_named(fields.schema.of(&row)).unwrap_or(Schema::Thing);
        let id = fields.id.of(&row);
        match Draft::with_id(out, id, id, schema) {
            Err(reason) => out.aside(row.set_aside(fields.id.index(), reason)),
            Ok(mut draft) => {
                fields.say(&mut draft, &row, out);
                if draft.has_name() {
                    emit(draft, out);
                } else {
                    out.aside(row.set_aside(fields.name.index(), "the row names nobody"));
                }
            }
        }
    }
    Ok(())
}

struct Fields {
    id: Column,
    schema: Column,
    name: Column,
    birth: Column,
    countries: Column,
    identifiers: Column,
    sanctions: Column,
    last_seen: Column,
    values: Vec<(Column, &'static str)>,
}

impl Fields {
    fn say(&self, draft: &mut Draft, row: &Row, out: &mut Out<'_>) {
        let line = row.line;
        draft.say(Property::Name, self.name.of(row), line);
        for (column, property) in &self.values {
            for value in inner(column.of(row)) {
                draft.say(Property::from_name(property), &value, line);
            }
        }
        for text in inner(self.birth.of(row)) {
            let date = dates::read_birth(&text, Order::DayFirst);
            draft.say_date(Property::BirthDate, date, &text, line);
        }
        for country in inner(self.countries.of(row)) {
            draft.say_country(Property::Country, &country, line);
        }
        for number in inner(self.identifiers.of(row)) {
            let imo = number.strip_prefix("IMO").filter(|_| draft.schema() == Schema::Vessel);
            if let Some(imo) = imo {
                draft.say_as(Property::ImoNumber, imo, &number, line);
            }
            draft.say(Property::UniqueEntityId, &number, line);
        }
        // Often nothing but a line break or a pair of quotation marks.
        let sanctions =
            self.sanctions.of(row).trim_matches(|c: char| c == '"' || c.is_whitespace());
        draft.say(Property::Notes, sanctions, line);
        if let Some(date) = dates::read(self.last_seen.of(row), Order::DayFirst) {
            out.seen(date);
        }
    }
}

/// The values of a cell: a record of its own, with ";" between.
fn inner(cell: &str) -> Vec<String> {
    if cell.is_empty() { Vec::new() } else { quoted(cell, ';') }
}
