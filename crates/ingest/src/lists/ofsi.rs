//! The consolidated list of the Office of Financial Sanctions Implementation (OFSI), CSV.
//!
//! Retired on 28 January 2026 and kept readable for history. Two header lines: "Last
//! Updated,13/04/2018,…", then the columns, of the layout of before or of after 2022. One row for
//! each alias and place, joined on "Group ID" wherever it stands in the file; unknown parts of a
//! date are zeros; several values share a cell as "1) Saudi Arabia 2) Qatar"; windows-1252.

use super::columns::find_header;
use super::draft::Drafts;
use super::out::Out;
use super::rules::{Rule, Rules};
use super::uk;
use crate::dates::{self, Order};
use crate::table::{TableOptions, TableReader};
use crate::{Encoding, ReadError};
use portcullis_types::Property;
use std::io::Read;

const FORMAT: &str = "the OFSI consolidated list in CSV";

const RULES: &[(&str, Rule)] = &[
    ("Title", Rule::Say("title")),
    ("Name Non-Latin Script", Rule::Say("alias")),
    ("DOB", Rule::Birth),
    ("Town of Birth", Rule::Packed("birthPlace")),
    ("Country of Birth", Rule::Country("birthCountry")),
    ("Nationality", Rule::Country("nationality")),
    ("Passport Number", Rule::Number("passportNumber")),
    ("National Identification Number", Rule::Number("idNumber")),
    ("NI Number", Rule::Number("idNumber")),
    ("NI Details", Rule::Say("documentNote")),
    ("National Identification Details", Rule::Say("documentNote")),
    ("Position", Rule::Packed("position")),
    ("Country", Rule::Country("country")),
    ("Other Information", Rule::Say("notes")),
    ("Regime", Rule::Say("program")),
    ("Listed On", Rule::Day("listingDate")),
    ("UK Sanctions List Date Designated", Rule::Day("listingDate")),
    ("Last Updated", Rule::Day("modifiedAt")),
];

pub(super) fn read(source: &mut dyn Read, out: &mut Out<'_>) -> Result<(), ReadError> {
    out.warn(
        None,
        "this list was retired on 28 January 2026 and is not the current one: screen against the \
         UK Sanctions List as well",
    );
    let options = TableOptions { delimiter: Some(b','), encoding: Encoding::Auto };
    let mut reader = TableReader::new(source, options);
    let needed = ["Name 6", "Name 1", "Group Type", "Alias Type", "Group ID"];
    let columns = find_header(&mut reader, FORMAT, &needed, out, |row, out| {
        if let Some(date) = dates::read(row.cell(1), Order::DayFirst) {
            out.issued(date);
        }
    })?;
    let id_column = columns.need("Group ID")?;
    let (group_type, alias_type) = (columns.need("Group Type")?, columns.need("Alias Type")?);
    let quality = columns.at("Alias Quality");
    let family = columns.need("Name 6")?;
    let given = columns.numbered("Name ", 1, 5);
    // Before 2022 the details hold the number; since then they are a remark beside it.
    let own_number = columns.at("Passport Number").index().is_some();
    let details =
        if own_number { Rule::Say("documentNote") } else { Rule::Number("passportNumber") };
    let all: Vec<_> = RULES.iter().copied().chain([("Passport Details", details)]).collect();
    let mut rules = Rules::new(&columns, &all, "Address ", "Post/Zip Code", "Country");
    let mut drafts = Drafts::default();
    let widths = columns.widths();
    for item in reader {
        let Some(row) = out.take_whole(item, &widths)? else { continue };
        let id = id_column.of(&row).to_owned();
        if id.is_empty() {
            out.aside(row.set_aside(id_column.index(), "the row has no `Group ID`"));
            continue;
        }
        drafts.grew_by(row.raw.len())?;
        match drafts.of(out, &id, uk::schema(group_type.of(&row))) {
            Err(reason) => out.aside(row.set_aside(id_column.index(), reason)),
            Ok(draft) => {
                let property = uk::name_property(alias_type.of(&row), quality.of(&row));
                let parts: Vec<&str> = given.iter().map(|column| column.of(&row)).collect();
                uk::say_name(draft, property, &parts, family.of(&row), row.line);
                draft.say(Property::Topics, "sanction", row.line);
                rules.say(draft, &id, row);
            }
        }
    }
    drafts.finish(out);
    Ok(())
}
