//! The EU's consolidated financial sanctions list, CSV with semicolons, of either layout.
//!
//! *Version 1.1*, as published today: `fileGenerationDate;Entity_LogicalId;…`. *The older one*:
//! `…;Entity_logical_id;Subject_type;…`, with `Naal_` before the columns of a name. Each row says
//! one thing of one subject (a name, an address, a birth, a document, a citizenship), and the rows
//! are joined on the logical id. No name is called the main one: the first is taken as such.
//!
//! *A damaged shape* of the older one goes round: every record is a single quoted cell with the
//! semicolons inside, tabs at its end, and "?" for each letter that windows-1252 has not. The cell
//! is opened; the letters are lost, and a warning says in how many names.

use super::columns::{Column, Columns};
use super::draft::{Draft, Drafts, address, joined};
use super::eu::{self, Birth};
use super::out::Out;
use super::packed::quoted;
use crate::dates::{self, Order};
use crate::table::{Row, TableItem, TableOptions, TableReader};
use crate::{Encoding, ReadError};
use portcullis_types::Property;
use std::io::Read;

const FORMAT: &str = "the EU financial sanctions list in CSV";

pub(super) fn read(source: &mut dyn Read, out: &mut Out<'_>) -> Result<(), ReadError> {
    let options = TableOptions { delimiter: Some(b';'), encoding: Encoding::Auto };
    let mut reader = TableReader::new(source, options);
    let header = first_row(&mut reader, out)?;
    let boxed = header.cells.len() == 1;
    let header = if boxed { unboxed(header) } else { header };
    let columns = Columns::new(FORMAT, &header);
    let widths = if boxed { 1..=1 } else { columns.widths() };
    reader.expect_width(*widths.end());
    let fields = Fields::new(&columns)?;
    let mut drafts = Drafts::default();
    let mut lost_letters = 0_u64;
    for item in reader {
        let Some(row) = out.take_whole(item, &widths)? else { continue };
        let row = if boxed { unboxed(row) } else { row };
        if boxed && !columns.widths().contains(&row.cells.len()) {
            out.aside(row.set_aside(None, "the record has not as many fields as the header"));
            continue;
        }
        drafts.grew_by(row.raw.len())?;
        lost_letters += u64::from(fields.whole_name.of(&row).contains('?'));
        take(&fields, &row, &mut drafts, out);
    }
    if lost_letters > 0 {
        out.warn(
            None,
            format!(
                "names with `?` where a letter was lost before this file was saved: \
                 {lost_letters}; download the list again as UTF-8"
            ),
        );
    }
    drafts.finish(out);
    Ok(())
}

fn first_row<R: Read>(reader: &mut TableReader<R>, out: &mut Out<'_>) -> Result<Row, ReadError> {
    for item in reader.by_ref() {
        match item? {
            TableItem::Row(row) => return Ok(row),
            TableItem::SetAside(aside) => out.aside(aside),
            TableItem::Warning(warning) => out.warn(warning.line, warning.message),
        }
    }
    Err(ReadError::NotThisFormat { expected: FORMAT, found: "an empty file".to_owned(), line: 1 })
}

/// Opens a record that was saved as a single quoted cell.
fn unboxed(row: Row) -> Row {
    let inner = row.cells.first().map_or("", |cell| cell.trim_end());
    Row { cells: quoted(inner, ';'), ..row }
}

fn take(fields: &Fields, row: &Row, drafts: &mut Drafts, out: &mut Out<'_>) {
    if out.published.is_none()
        && let Some(date) = dates::read(fields.generated.of(row), Order::DayFirst)
    {
        out.issued(date);
    }
    let id = fields.id.of(row);
    if id.is_empty() {
        out.aside(row.set_aside(fields.id.index(), "the row has no logical id of its subject"));
        return;
    }
    let reference = fields.reference.of(row);
    let record = if reference.is_empty() { id } else { reference };
    let kinds = fields.kinds.iter().map(|column| column.of(row));
    let schema = kinds.map(eu::schema).min().unwrap_or(portcullis_types::Schema::LegalEntity);
    match drafts.of_record(out, id, record, schema) {
        Err(reason) => out.aside(row.set_aside(fields.id.index(), reason)),
        Ok(draft) => fields.say(draft, row),
    }
}

/// The columns used, under their names of either layout.
struct Fields {
    generated: Column,
    id: Column,
    reference: Column,
    kinds: Vec<Column>,
    whole_name: Column,
    name_parts: Vec<Column>,
    values: Vec<(Column, &'static str)>,
    listed: Column,
    gender: Column,
    birth: Vec<Column>,
    birth_place: Vec<Column>,
    birth_country: [Column; 2],
    citizenship: [Column; 2],
    number: Column,
    number_kind: Column,
    number_about: Vec<Column>,
    address: Vec<Column>,
    address_country: [Column; 2],
}

impl Fields {
    fn new(columns: &Columns) -> Result<Self, ReadError> {
        let any = |names: &[&str]| columns.any(names);
        let all = |names: &[&str]| names.iter().map(|name| columns.at(name)).collect::<Vec<_>>();
        let values = [
            (any(&["Entity_UnitedNationId", "Entity_UN_ReferenceNumber"]), "unscId"),
            (any(&["Entity_Regulation_Programme", "Programme"]), "program"),
            (any(&["Entity_Remark"]), "notes"),
            (any(&["Entity_DesignationDetails"]), "notes"),
            (any(&["Entity_Regulation_PublicationUrl", "Leba_url"]), "sourceUrl"),
            (any(&["NameAlias_Title", "Naal_title"]), "title"),
            (any(&["NameAlias_Function", "Naal_function"]), "position"),
            (any(&["NameAlias_Remark"]), "notes"),
            (any(&["Address_ZipCode", "Addr_zipcode"]), "postalCode"),
            (any(&["Address_ContactInfo"]), "contactInfo"),
        ];
        let id = columns.any(&["Entity_LogicalId", "Entity_logical_id"]);
        if id.index().is_none() {
            columns.need("Entity_LogicalId")?;
        }
        let whole_name = any(&["NameAlias_WholeName", "Naal_wholename"]);
        if whole_name.index().is_none() {
            columns.need("NameAlias_WholeName")?;
        }
        Ok(Self {
            generated: any(&["fileGenerationDate", "Date_file", "Date_filexxxx"]),
            id,
            reference: any(&["Entity_EU_ReferenceNumber", "EU_ref_num"]),
            kinds: all(&[
                "Entity_SubjectType",
                "Entity_SubjectType_ClassificationCode",
                "Subject_type",
            ]),
            whole_name,
            name_parts: vec![
                any(&["NameAlias_FirstName", "Naal_firstname"]),
                any(&["NameAlias_MiddleName", "Naal_middlename"]),
                any(&["NameAlias_LastName", "Naal_lastname"]),
            ],
            values: values.into_iter().filter(|(column, _)| column.index().is_some()).collect(),
            listed: any(&["Entity_DesignationDate"]),
            gender: any(&["NameAlias_Gender", "Naal_gender"]),
            birth: vec![
                any(&["BirthDate_BirthDate", "Birt_date"]),
                any(&["BirthDate_Year"]),
                any(&["BirthDate_Month"]),
                any(&["BirthDate_Day"]),
                any(&["BirthDate_YearRangeFrom"]),
                any(&["BirthDate_YearRangeTo"]),
                any(&["BirthDate_Circa"]),
                any(&["BirthDate_CalendarType"]),
            ],
            birth_place: vec![
                any(&["BirthDate_Place", "Birt_place"]),
                any(&["BirthDate_City"]),
                any(&["BirthDate_Region"]),
                any(&["BirthDate_CountryDescription", "Birt_country"]),
            ],
            birth_country: [
                any(&["BirthDate_CountryIso2Code", "Birt_country"]),
                any(&["BirthDate_CountryDescription"]),
            ],
            citizenship: [
                any(&["Citizenship_CountryIso2Code", "Citi_country"]),
                any(&["Citizenship_CountryDescription"]),
            ],
            number: any(&["Identification_Number", "Iden_number"]),
            number_kind: any(&["Identification_TypeCode"]),
            number_about: all(&[
                "Identification_TypeDescription",
                "Identification_CountryDescription",
                "Identification_Remark",
            ]),
            address: vec![
                any(&["Addr_number"]),
                any(&["Address_Street", "Addr_street"]),
                any(&["Address_PoBox"]),
                any(&["Address_Place"]),
                any(&["Address_City", "Addr_city"]),
                any(&["Address_Region"]),
                any(&["Address_ZipCode", "Addr_zipcode"]),
                any(&["Address_CountryDescription", "Addr_country"]),
            ],
            address_country: [
                any(&["Address_CountryIso2Code", "Addr_country"]),
                any(&["Address_CountryDescription"]),
            ],
        })
    }

    fn say(&self, draft: &mut Draft, row: &Row) {
        let line = row.line;
        self.say_name(draft, row);
        for (column, name) in &self.values {
            draft.say(Property::from_name(name), column.of(row), line);
        }
        let listed = self.listed.of(row);
        let day = dates::read(listed, Order::DayFirst);
        draft.say_date(Property::from_name("listingDate"), day, listed, line);
        draft.say_gender(self.gender.of(row), line);
        if let [whole, year, month, day, from, to, circa, calendar] = self.birth.as_slice() {
            let birth = Birth {
                whole: whole.of(row),
                year: year.of(row),
                month: month.of(row),
                day: day.of(row),
                from: from.of(row),
                to: to.of(row),
                circa: circa.of(row),
                calendar: calendar.of(row),
            };
            birth.say(draft, line);
        }
        let place = address(self.birth_place.iter().map(|column| column.of(row)));
        draft.say(Property::BirthPlace, &place, line);
        for (property, [code, name]) in [
            (Property::BirthCountry, &self.birth_country),
            (Property::Nationality, &self.citizenship),
            (Property::Country, &self.address_country),
        ] {
            eu::say_country(draft, property, code.of(row), name.of(row), line);
        }
        self.say_number(draft, row);
        let whole = address(self.address.iter().map(|column| column.of(row)));
        draft.say(Property::Address, &whole, line);
        draft.say(Property::Topics, "sanction", line);
    }

    fn say_name(&self, draft: &mut Draft, row: &Row) {
        let parts: Vec<&str> = self.name_parts.iter().map(|column| column.of(row)).collect();
        let whole = self.whole_name.of(row);
        let name = if whole.is_empty() { joined(parts.iter().copied()) } else { whole.to_owned() };
        let first = !draft.has_name() && !name.is_empty();
        draft.say(if first { Property::Name } else { Property::Alias }, &name, row.line);
        let names = [Property::FirstName, Property::MiddleName, Property::LastName];
        if first && draft.schema() == portcullis_types::Schema::Person {
            for (property, part) in names.into_iter().zip(parts) {
                draft.say(property, part, row.line);
            }
        }
    }

    fn say_number(&self, draft: &mut Draft, row: &Row) {
        let number = self.number.of(row);
        if number.is_empty() {
            return;
        }
        let about = joined(self.number_about.iter().map(|column| column.of(row)));
        draft.say(eu::identifier(self.number_kind.of(row)), number, row.line);
        draft.say(Property::from_name("documentNote"), &about, row.line);
    }
}
