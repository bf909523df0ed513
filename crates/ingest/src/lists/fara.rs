//! Registers under the US Foreign Agents Registration Act (FARA): registrants and foreign
//! principals, as the bulk files and as the daily reports.
//!
//! Whether a registrant is a person or a body is not said: both are legal entities. A registrant
//! names its principals and a principal its registrant, each with the days from and to which that
//! held. Dates are MM/DD/YYYY; countries are words; the bulk files are windows-1252, with bare
//! carriage returns inside cells and some rows whose quotation marks were not doubled.

use super::columns::{Column, Columns, find_header};
use super::draft::{Drafts, address};
use super::out::Out;
use crate::dates::{self, Order};
use crate::table::{Row, TableOptions, TableReader};
use crate::{Encoding, ReadError};
use portcullis_types::{PartialDate, Property, Schema, Validity};
use std::io::Read;

const REGISTRANTS: &str = "the register of FARA registrants";
const PRINCIPALS: &str = "the register of FARA foreign principals";

pub(super) fn registrants(source: &mut dyn Read, out: &mut Out<'_>) -> Result<(), ReadError> {
    join(source, out, REGISTRANTS, registrant)
}

pub(super) fn principals(source: &mut dyn Read, out: &mut Out<'_>) -> Result<(), ReadError> {
    join(source, out, PRINCIPALS, principal)
}

/// The columns of all the files, under each of their names.
struct Fields {
    number: Column,
    registrant: Column,
    business: Column,
    registered: Column,
    terminated: Column,
    principal: Column,
    principal_registered: Column,
    principal_terminated: Column,
    country: Column,
    address: Vec<Column>,
}

impl Fields {
    fn new(columns: &Columns) -> Self {
        let any = |names: &[&str]| columns.any(names);
        Self {
            number: any(&["Registration Number", "Registration #"]),
            registrant: any(&["Name", "Registrant Name", "Registrant"]),
            business: any(&["Business Name"]),
            registered: any(&["Registration Date", "Registrant Date"]),
            terminated: any(&["Termination Date"]),
            principal: any(&["Foreign Principal"]),
            principal_registered: any(&["Foreign Principal Registration Date"]),
            principal_terminated: any(&["Foreign Principal Termination Date"]),
            country: any(&["Country/Location Represented"]),
            address: ["Address", "Address 1", "Address 2", "City", "State", "Zip"]
                .map(|name| columns.at(name))
                .to_vec(),
        }
    }

    fn address(&self, row: &Row) -> String {
        let parts: Vec<String> =
            self.address.iter().map(|column| super::draft::tidy(column.of(row))).collect();
        address(parts.iter().map(String::as_str))
    }
}

/// Why a row makes no dossier.
struct Unusable {
    column: Column,
    reason: String,
}

impl Unusable {
    fn new(column: Column, reason: impl Into<String>) -> Self {
        Self { column, reason: reason.into() }
    }
}

fn join(
    source: &mut dyn Read,
    out: &mut Out<'_>,
    format: &'static str,
    one: impl Fn(&Fields, &Row, &mut Drafts, &mut Out<'_>) -> Result<(), Unusable>,
) -> Result<(), ReadError> {
    let options = TableOptions { delimiter: Some(b','), encoding: Encoding::Auto };
    let mut reader = TableReader::new(source, options);
    let columns = find_header(&mut reader, format, &[], out, |_, _| {})?;
    let fields = Fields::new(&columns);
    if fields.number.index().is_none() {
        columns.need("Registration Number")?;
    }
    if fields.registrant.index().is_none() {
        columns.need("Registrant")?;
    }
    if format == PRINCIPALS {
        columns.need("Foreign Principal")?;
    }
    let mut drafts = Drafts::default();
    let widths = columns.widths();
    for item in reader {
        let Some(row) = out.take_whole(item, &widths)? else { continue };
        drafts.grew_by(row.raw.len())?;
        for column in [fields.registered, fields.principal_registered] {
            if let Some(date) = day(column.of(&row)) {
                out.seen(date);
            }
        }
        if let Err(why) = one(&fields, &row, &mut drafts, out) {
            out.aside(row.set_aside(why.column.index(), why.reason));
        }
    }
    drafts.finish(out);
    Ok(())
}

fn registrant(
    fields: &Fields,
    row: &Row,
    drafts: &mut Drafts,
    out: &mut Out<'_>,
) -> Result<(), Unusable> {
    let number = fields.number.of(row);
    if fields.registrant.of(row).is_empty() {
        return Err(Unusable::new(fields.registrant, "the row names no registrant"));
    }
    let draft = drafts
        .of(out, number, Schema::LegalEntity)
        .map_err(|reason| Unusable::new(fields.number, reason))?;
    let line = row.line;
    let name = fields.registrant.of(row);
    draft.say(if draft.has_name() { Property::Alias } else { Property::Name }, name, line);
    draft.say(Property::Alias, fields.business.of(row), line);
    draft.say(Property::from_name("faraNumber"), number, line);
    let active =
        Validity { from: day(fields.registered.of(row)), to: day(fields.terminated.of(row)) };
    draft.say_within(Property::Program, "FARA", line, active);
    draft.say(Property::Address, &fields.address(row), line);
    let represented = Validity {
        from: day(fields.principal_registered.of(row)),
        to: day(fields.principal_terminated.of(row)),
    };
    draft.say_within(Property::from_name("principal"), fields.principal.of(row), line, represented);
    draft.say_country(Property::from_name("principalCountry"), fields.country.of(row), line);
    Ok(())
}

fn principal(
    fields: &Fields,
    row: &Row,
    drafts: &mut Drafts,
    out: &mut Out<'_>,
) -> Result<(), Unusable> {
    let (number, name) = (fields.number.of(row), fields.principal.of(row));
    if name.is_empty() {
        return Err(Unusable::new(fields.principal, "the row names no foreign principal"));
    }
    if number.is_empty() {
        return Err(Unusable::new(fields.number, "the row has no registration number"));
    }
    // The register gives principals no number: theirs is the registrant's with a digest, so that it
    // stays the same from issue to issue and does not spell out the name.
    let since = fields.principal_registered.of(row);
    let id = format!("{number}-{:016x}", digest(&[name, since]));
    let draft = drafts
        .of(out, &id, Schema::LegalEntity)
        .map_err(|reason| Unusable::new(fields.number, reason))?;
    let line = row.line;
    draft.say(Property::Name, name, line);
    draft.say_country(Property::Country, fields.country.of(row), line);
    draft.say(Property::Address, &fields.address(row), line);
    let represented = Validity { from: day(since), to: day(fields.principal_terminated.of(row)) };
    let agent = fields.registrant.of(row);
    draft.say_within(Property::from_name("agent"), agent, line, represented.clone());
    draft.say(Property::from_name("agentNumber"), number, line);
    draft.say_within(Property::Program, "FARA", line, represented);
    Ok(())
}

fn day(text: &str) -> Option<PartialDate> {
    dates::read(text, Order::MonthFirst)
}

/// FNV-1a of 64 bits: stable over versions of Portcullis, unlike the hashes of the standard
/// library. It needs to tell the principals of one registrant apart, nothing more.
fn digest(parts: &[&str]) -> u64 {
    parts
        .iter()
        .flat_map(|part| part.bytes().chain([0]))
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
}

#[cfg(test)]
mod tests {
    use super::digest;

    #[test]
    fn the_digest_is_fnv_1a() {
        // Test vector of the authors of FNV for "a"; ours ends each part with a zero byte.
        let plain = "a".bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        assert_eq!(plain, 0xaf63_dc4c_8601_ec8c);
        assert_ne!(digest(&["ab", "c"]), digest(&["a", "bc"]));
    }
}
