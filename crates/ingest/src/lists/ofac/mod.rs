//! The lists of the US Office of Foreign Assets Control as CSV: `sdn.csv`, `alt.csv`, `add.csv` and
//! `sdn_comments.csv`, or `cons_prim.csv` and its companions.
//!
//! The files have no header; each is told by its number of cells and they are joined on `ent_num`.
//! Nothing is written as `-0- `; the last byte is 0x1A. Persons stand as "SURNAME, Given": they are
//! turned into natural order, and the published form is kept. Several programmes share a cell as
//! "A] [B". What the remarks hold is taken apart by [`remarks`].

mod remarks;

pub(super) use remarks::say_one as say_remark;

use super::ListFile;
use super::draft::{Draft, Drafts, address, joined};
use super::out::Out;
use crate::table::{Row, TableItem, TableOptions, TableReader};
use crate::{Encoding, ReadError};
use portcullis_types::{Property, Schema};
use std::io::Read;

const FORMAT: &str = "the OFAC list in CSV";

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Main,
    Comments,
    Aliases,
    Addresses,
}

impl Kind {
    /// From the number of cells: `sdn.csv` 12, `sdn_comments.csv` 2, `alt.csv` 5, `add.csv` 6
    /// (OFAC data specification).
    fn of(width: usize) -> Option<Self> {
        match width {
            12 => Some(Self::Main),
            2 => Some(Self::Comments),
            5 => Some(Self::Aliases),
            6 => Some(Self::Addresses),
            _ => None,
        }
    }

    fn width(self) -> usize {
        match self {
            Self::Main => 12,
            Self::Comments => 2,
            Self::Aliases => 5,
            Self::Addresses => 6,
        }
    }
}

struct Table<'a> {
    kind: Kind,
    first: TableItem,
    reader: TableReader<Box<dyn Read + 'a>>,
}

pub(super) fn read(files: Vec<ListFile<'_>>, out: &mut Out<'_>) -> Result<(), ReadError> {
    let mut tables = Vec::new();
    for file in files {
        tables.extend(open(file.bytes, out)?);
    }
    if !tables.iter().any(|table| table.kind == Kind::Main) {
        return Err(ReadError::MissingFile { format: FORMAT, file: "sdn.csv or cons_prim.csv" });
    }
    tables.sort_by_key(|table| table.kind);
    let mut drafts = Drafts::default();
    for table in tables {
        let widths = table.kind.width()..=table.kind.width();
        for item in std::iter::once(Ok(table.first)).chain(table.reader) {
            let Some(row) = out.take_whole(item, &widths)? else { continue };
            drafts.grew_by(row.raw.len())?;
            take(table.kind, &row, &mut drafts, out);
        }
    }
    drafts.finish(out);
    Ok(())
}

/// Reads the first row and tells by it which file this is; `None` for an empty one.
fn open<'a>(bytes: Box<dyn Read + 'a>, out: &mut Out<'_>) -> Result<Option<Table<'a>>, ReadError> {
    let options = TableOptions { delimiter: Some(b','), encoding: Encoding::Auto };
    let mut reader = TableReader::new(bytes, options);
    while let Some(item) = reader.next() {
        let item = item?;
        let TableItem::Row(row) = &item else {
            out.take(Ok(item))?;
            continue;
        };
        let number = !cell(row, 0).is_empty() && cell(row, 0).bytes().all(|b| b.is_ascii_digit());
        return match Kind::of(row.cells.len()) {
            Some(kind) if number => Ok(Some(Table { kind, first: item, reader })),
            _ => Err(ReadError::NotThisFormat {
                expected: FORMAT,
                found: format!(
                    "a first row of {} cells that begins with no number",
                    row.cells.len()
                ),
                line: row.line,
            }),
        };
    }
    Ok(None)
}

/// A cell, where `-0-` stands for nothing.
fn cell(row: &Row, index: usize) -> &str {
    let text = row.cell(index);
    if text == "-0-" { "" } else { text }
}

fn take(kind: Kind, row: &Row, drafts: &mut Drafts, out: &mut Out<'_>) {
    let id = cell(row, 0);
    if kind == Kind::Main {
        main(id, row, drafts, out);
        return;
    }
    let Some(draft) = drafts.known(id) else {
        let reason = "no entry of the main file has this number; give all files of one issue";
        out.aside(row.set_aside(Some(0), reason));
        return;
    };
    match kind {
        Kind::Main => {}
        Kind::Comments => remarks::say(draft, cell(row, 1), row.line),
        Kind::Aliases => {
            let property = match cell(row, 2).to_lowercase().as_str() {
                "fka" => Property::PreviousName,
                _ => Property::Alias,
            };
            say_name(draft, property, cell(row, 3), row.line);
            draft.say(Property::Notes, cell(row, 4), row.line);
        }
        Kind::Addresses => {
            let parts = [2, 3, 4].map(|index| cell(row, index));
            draft.say(Property::Address, &address(parts), row.line);
            draft.say_country(Property::Country, cell(row, 4), row.line);
            draft.say(Property::Notes, cell(row, 5), row.line);
        }
    }
}

fn main(id: &str, row: &Row, drafts: &mut Drafts, out: &mut Out<'_>) {
    let schema = match cell(row, 2).to_lowercase().as_str() {
        "individual" => Schema::Person,
        "vessel" => Schema::Vessel,
        "aircraft" => Schema::Airplane,
        _ => Schema::Organization,
    };
    if drafts.known(id).is_some() {
        out.aside(row.set_aside(Some(0), "an entry of this number came before"));
        return;
    }
    let draft = match drafts.of(out, id, schema) {
        Ok(draft) => draft,
        Err(reason) => {
            out.aside(row.set_aside(Some(0), reason));
            return;
        }
    };
    let line = row.line;
    say_name(draft, Property::Name, cell(row, 1), line);
    for program in cell(row, 3).split("] [") {
        draft.say(Property::Program, program, line);
    }
    let title = if schema == Schema::Person { Property::Position } else { Property::Notes };
    draft.say(title, cell(row, 4), line);
    for (index, name) in
        [(5, "callSign"), (6, "type"), (7, "tonnage"), (8, "grossRegisteredTonnage")]
    {
        draft.say(Property::from_name(name), cell(row, index), line);
    }
    draft.say_country(Property::from_name("flag"), cell(row, 9), line);
    draft.say(Property::from_name("owner"), cell(row, 10), line);
    remarks::say(draft, cell(row, 11), line);
    draft.say(Property::Topics, "sanction", line);
}

/// States a name; "SURNAME, Given" of a person in natural order.
fn say_name(draft: &mut Draft, property: Property, text: &str, row: u64) {
    match text.split_once(", ") {
        Some((family, given)) if draft.schema() == Schema::Person => {
            draft.say_as(property.clone(), &joined([given, family]), text, row);
            if property == Property::Name {
                draft.say(Property::FirstName, given, row);
                draft.say(Property::LastName, family, row);
            }
        }
        _ => draft.say(property, text, row),
    }
}
