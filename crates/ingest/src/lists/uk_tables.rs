//! The UK Sanctions List in five normalised tables, joined on `unique_id`.
//!
//! `subjects.csv` is the main one; names, dates of birth, identifiers and countries are joined to
//! it in whatever order the files come. The tables repeat the same fact many times over: each is
//! stated once. They do not state their issue date: the youngest `last_updated` stands for it.

use super::ListFile;
use super::columns::{Column, Columns, is_header};
use super::draft::{Draft, Drafts, joined};
use super::out::Out;
use crate::dates::{self, Order};
use crate::table::{Row, TableItem, TableOptions, TableReader};
use crate::{Encoding, ReadError};
use portcullis_types::Property;
use std::io::Read;

const FORMAT: &str = "the UK Sanctions List in tables";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Subjects,
    Names,
    Births,
    Identifiers,
    Countries,
}

/// What tells each table by its header.
const SIGNS: &[(Kind, &[&str])] = &[
    (Kind::Subjects, &["unique_id", "subject_type", "date_designated"]),
    (Kind::Names, &["unique_id", "name_type", "full_name"]),
    (Kind::Births, &["unique_id", "year", "precision"]),
    (Kind::Identifiers, &["unique_id", "raw_value", "identifier_type"]),
    (Kind::Countries, &["unique_id", "raw_value", "country_type"]),
];

struct Table<'a> {
    kind: Kind,
    columns: Columns,
    reader: TableReader<Box<dyn Read + 'a>>,
}

pub(super) fn read(files: Vec<ListFile<'_>>, out: &mut Out<'_>) -> Result<(), ReadError> {
    let mut tables = Vec::new();
    for file in files {
        tables.push(open(file.bytes, out)?);
    }
    if !tables.iter().any(|table| table.kind == Kind::Subjects) {
        return Err(ReadError::MissingFile { format: FORMAT, file: "subjects.csv" });
    }
    if !tables.iter().any(|table| table.kind == Kind::Names) {
        return Err(ReadError::MissingFile { format: FORMAT, file: "subject_names.csv" });
    }
    // The subjects first, so that the others find what they belong to.
    tables.sort_by_key(|table| table.kind as u8);
    let mut drafts = Drafts::default();
    for mut table in tables {
        join(&mut table, &mut drafts, out)?;
    }
    drafts.finish(out);
    Ok(())
}

/// Reads the header and tells which table it is.
fn open<'a>(bytes: Box<dyn Read + 'a>, out: &mut Out<'_>) -> Result<Table<'a>, ReadError> {
    let options = TableOptions { delimiter: Some(b','), encoding: Encoding::Auto };
    let mut reader = TableReader::new(bytes, options);
    while let Some(item) = reader.next() {
        match item? {
            TableItem::Row(header) => {
                let kind = SIGNS.iter().find(|(_, names)| is_header(&header, names));
                let Some((kind, _)) = kind else {
                    return Err(ReadError::NotThisFormat {
                        expected: FORMAT,
                        found: "another header".to_owned(),
                        line: header.line,
                    });
                };
                let columns = Columns::new(FORMAT, &header);
                return Ok(Table { kind: *kind, columns, reader });
            }
            TableItem::SetAside(aside) => out.aside(aside),
            TableItem::Warning(warning) => out.warn(warning.line, warning.message),
        }
    }
    Err(ReadError::NotThisFormat { expected: FORMAT, found: "an empty file".to_owned(), line: 1 })
}

fn join(table: &mut Table<'_>, drafts: &mut Drafts, out: &mut Out<'_>) -> Result<(), ReadError> {
    let id = table.columns.need("unique_id")?;
    let widths = table.columns.widths();
    let fields = Fields::new(table.kind, &table.columns);
    for item in table.reader.by_ref() {
        let Some(row) = out.take_whole(item, &widths)? else { continue };
        let key = id.of(&row);
        if table.kind == Kind::Subjects {
            subject(key, &row, &table.columns, drafts, out)?;
            continue;
        }
        if let Some(draft) = drafts.known(key) {
            fields.say(draft, &row);
        } else {
            let reason = "no subject has this `unique_id`; give all tables of one issue";
            out.aside(row.set_aside(id.index(), reason));
        }
        drafts.grew_by(row.raw.len())?;
    }
    Ok(())
}

fn subject(
    key: &str,
    row: &Row,
    columns: &Columns,
    drafts: &mut Drafts,
    out: &mut Out<'_>,
) -> Result<(), ReadError> {
    let schema = super::uk::schema(columns.need("subject_type")?.of(row));
    if drafts.known(key).is_some() {
        out.aside(row.set_aside(None, "a subject of this `unique_id` came before"));
        return Ok(());
    }
    let updated = dates::read(columns.at("last_updated").of(row), Order::DayFirst);
    if let Some(date) = updated {
        out.seen(date);
        if let Some(newest) = out.published {
            out.issued(newest);
        }
    }
    match drafts.of(out, key, schema) {
        Err(reason) => out.aside(row.set_aside(None, reason)),
        Ok(draft) => {
            draft.say(
                Property::from_name("unscId"),
                columns.at("un_reference_number").of(row),
                row.line,
            );
            draft.say(
                Property::from_name("ofsiGroupId"),
                columns.at("ofsi_group_id").of(row),
                row.line,
            );
            let listed = columns.at("date_designated").of(row);
            draft.say_date(
                Property::from_name("listingDate"),
                dates::read(listed, Order::DayFirst),
                listed,
                row.line,
            );
            draft.say(Property::Topics, "sanction", row.line);
        }
    }
    drafts.grew_by(row.raw.len())
}

/// The columns of a table that hangs on the subjects.
struct Fields {
    kind: Kind,
    columns: Vec<Column>,
}

impl Fields {
    fn new(kind: Kind, columns: &Columns) -> Self {
        let names: &[&str] = match kind {
            Kind::Subjects => &[],
            Kind::Names => &[
                "name_type",
                "alias_strength",
                "full_name",
                "name_1",
                "name_2",
                "name_3",
                "name_4",
                "name_5",
                "name_6",
            ],
            Kind::Births => &["year", "month", "day"],
            Kind::Identifiers => &["raw_value", "identifier_type", "additional_info"],
            Kind::Countries => &["raw_value", "country_type"],
        };
        Self { kind, columns: names.iter().map(|name| columns.at(name)).collect() }
    }

    fn say(&self, draft: &mut Draft, row: &Row) {
        let cells: Vec<&str> = self.columns.iter().map(|column| column.of(row)).collect();
        match (self.kind, cells.as_slice()) {
            (Kind::Names, [kind, strength, full, given @ .., family]) => {
                let property = super::uk::name_property(kind, strength);
                let parts = joined(given.iter().chain([family]).copied());
                if parts.is_empty() {
                    draft.say(property, full, row.line);
                } else {
                    super::uk::say_name(draft, property, given, family, row.line);
                }
            }
            (Kind::Births, [year, month, day]) => {
                let date = dates::from_parts(year, month, day).map(crate::ftm::doubted_default);
                draft.say_date(
                    Property::BirthDate,
                    date,
                    &format!("{day}/{month}/{year}"),
                    row.line,
                );
            }
            (Kind::Identifiers, [value, kind, about]) => {
                super::uk::say_identifier(draft, kind, value, about, row.line);
            }
            (Kind::Countries, [words, kind]) => {
                let property = match kind.to_lowercase().as_str() {
                    "nationality" => Property::Nationality,
                    "birth" => Property::BirthCountry,
                    _ => Property::Country,
                };
                draft.say_country(property, words, row.line);
            }
            _ => {}
        }
    }
}
