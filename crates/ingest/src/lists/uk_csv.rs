//! The UK Sanctions List, CSV in the layout published since 2025.
//!
//! Line 1 is "Report Date: 24-Feb-2025", line 2 the header; one row for each combination of name,
//! address and document, joined on "Unique ID". Unknown parts of a date are letters:
//! "dd/mm/1962".

use super::columns::{Column, Columns, find_header};
use super::draft::{Draft, Drafts};
use super::out::Out;
use super::rules::{Rule, Rules};
use super::uk;
use crate::dates::{self, Order};
use crate::table::{Row, TableOptions, TableReader};
use crate::{Encoding, ReadError};
use portcullis_types::Property;
use std::io::Read;

const FORMAT: &str = "the UK Sanctions List in CSV";

const RULES: &[(&str, Rule)] = &[
    ("OFSI Group ID", Rule::Say("ofsiGroupId")),
    ("UN Reference Number", Rule::Say("unscId")),
    ("Title", Rule::Say("title")),
    ("Name non-latin script", Rule::Say("alias")),
    ("Regime Name", Rule::Say("program")),
    ("Designation source", Rule::Barred("authority")),
    ("Sanctions Imposed", Rule::Barred("provisions")),
    ("Other Information", Rule::Say("notes")),
    ("UK Statement of Reasons", Rule::Say("reason")),
    ("Address Country", Rule::Country("country")),
    ("Phone number", Rule::Say("phone")),
    ("Website", Rule::Say("website")),
    ("Email address", Rule::Say("email")),
    ("Date Designated", Rule::Day("listingDate")),
    ("Last Updated", Rule::Day("modifiedAt")),
    ("D.O.B", Rule::Birth),
    ("Nationality(/ies)", Rule::Country("nationality")),
    ("National Identifier number", Rule::Number("idNumber")),
    ("National Identifier additional information", Rule::Say("documentNote")),
    ("Passport number", Rule::Number("passportNumber")),
    ("Passport additional information", Rule::Say("documentNote")),
    ("Position", Rule::Packed("position")),
    ("Gender", Rule::Gender),
    ("Town of birth", Rule::Packed("birthPlace")),
    ("Country of birth", Rule::Country("birthCountry")),
    ("Type of entity", Rule::Say("legalForm")),
    ("Subsidiaries", Rule::Packed("subsidiaries")),
    ("Parent company", Rule::Packed("parent")),
    ("Business registration number (s)", Rule::Registration),
    ("IMO number", Rule::Imo),
    ("Current owner/operator (s)", Rule::Packed("owner")),
    ("Previous owner/operator (s)", Rule::Packed("pastOwner")),
    ("Current believed flag of ship", Rule::Country("flag")),
    ("Previous flags", Rule::Country("pastFlags")),
    ("Type of ship", Rule::Say("type")),
    ("Tonnage of ship", Rule::Say("tonnage")),
    ("Length of ship", Rule::Say("length")),
    ("Year Built", Rule::Day("buildDate")),
    ("Hull identification number (HIN)", Rule::Say("hullNumber")),
];

struct Names {
    id: Column,
    kind: Column,
    name_type: Column,
    strength: Column,
    family: Column,
    given: Vec<Column>,
}

impl Names {
    fn new(columns: &Columns) -> Result<Self, ReadError> {
        Ok(Self {
            id: columns.need("Unique ID")?,
            kind: columns.need("Designation Type")?,
            name_type: columns.need("Name type")?,
            strength: columns.at("Alias strength"),
            family: columns.need("Name 6")?,
            given: columns.numbered("Name ", 1, 5),
        })
    }

    fn say(&self, draft: &mut Draft, row: &Row) {
        let given: Vec<&str> = self.given.iter().map(|column| column.of(row)).collect();
        let family = self.family.of(row);
        let property = uk::name_property(self.name_type.of(row), self.strength.of(row));
        uk::say_name(draft, property, &given, family, row.line);
    }
}

pub(super) fn read(source: &mut dyn Read, out: &mut Out<'_>) -> Result<(), ReadError> {
    let options = TableOptions { delimiter: Some(b','), encoding: Encoding::Auto };
    let mut reader = TableReader::new(source, options);
    let needed = ["Unique ID", "Name 6", "Name type", "Designation Type"];
    let columns = find_header(&mut reader, FORMAT, &needed, out, |row, out| {
        let date = row.cell(0).split_once(':').map(|(_, date)| date);
        if let Some(date) = date.and_then(|text| dates::read(text, Order::DayFirst)) {
            out.issued(date);
        }
    })?;
    let names = Names::new(&columns)?;
    let mut rules =
        Rules::new(&columns, RULES, "Address Line ", "Address Postal Code", "Address Country");
    let mut drafts = Drafts::default();
    let widths = columns.widths();
    for item in reader {
        let Some(row) = out.take_whole(item, &widths)? else { continue };
        let id = names.id.of(&row).to_owned();
        if id.is_empty() {
            out.aside(row.set_aside(names.id.index(), "the row has no `Unique ID`"));
            continue;
        }
        drafts.grew_by(row.raw.len())?;
        match drafts.of(out, &id, uk::schema(names.kind.of(&row))) {
            Err(reason) => out.aside(row.set_aside(names.id.index(), reason)),
            Ok(draft) => {
                names.say(draft, &row);
                draft.say(Property::Topics, "sanction", row.line);
                rules.say(draft, &id, row);
            }
        }
    }
    drafts.finish(out);
    Ok(())
}
