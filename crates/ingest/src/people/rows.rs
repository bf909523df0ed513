//! One row of a table to the people it names.

use super::columns::Columns;
use super::dates::{DateOf, read_date};
use super::field::key;
use super::name::{Hints, Named, take_apart};
use super::words::kind_named;
use super::{Field, Layout, PeopleOptions, PersonItem, PersonRow, SharedGift, company_number};
use crate::ftm::doubted_default;
use crate::table::Row;
use crate::{Tally, Warning, country_code};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use portcullis_types::{
    Dossier, DossierId, Origin, PartialDate, Pence, PenceError, PopulationClass, Property,
    RecordId, Schema, Statement,
};
use std::cell::RefCell;
use std::sync::Arc;

/// Longest cell taken as a name. The longest that a register holds has some 300 bytes.
const MAX_NAME_BYTES: usize = 2_000;

/// Turns rows into people, and counts.
pub(crate) struct Rows<'a> {
    options: &'a PeopleOptions,
    pub(crate) columns: Columns,
    pub(crate) layout: Layout,
    pub(crate) tally: Tally,
    origin: Arc<Origin>,
    today: Date,
    groups: Vec<u8>,
}

impl<'a> Rows<'a> {
    pub(crate) fn new(options: &'a PeopleOptions, columns: Columns, layout: Layout) -> Self {
        let origin = options.context.origin();
        let today = options.context.recorded_at.to_zoned(TimeZone::UTC).date();
        let groups = columns.groups();
        Self { options, columns, layout, tally: Tally::default(), origin, today, groups }
    }

    /// Reads one row and hands out what it names.
    pub(crate) fn take(&mut self, row: &Row, sink: &mut dyn FnMut(PersonItem)) {
        self.tally.rows_read += 1;
        if row.is_blank() || is_total(row) {
            self.tally.rows_without_subject += 1;
            return;
        }
        let reader = RowReader { rows: self, row, warnings: RefCell::default() };
        let found = reader.people();
        let warnings = reader.warnings.into_inner();
        for message in warnings {
            sink(PersonItem::Warning(Warning { line: Some(row.line), message }));
        }
        match found {
            Ok(people) if people.is_empty() => self.tally.rows_without_subject += 1,
            Ok(people) => {
                for person in people {
                    self.tally.dossiers_made += 1;
                    sink(PersonItem::Person(Box::new(person)));
                }
            }
            Err(problem) => {
                self.tally.rows_set_aside += 1;
                sink(PersonItem::SetAside(row.set_aside(problem.column, problem.reason)));
            }
        }
    }
}

/// Why a row cannot be screened. Holds nothing of the row.
struct Problem {
    column: Option<usize>,
    reason: &'static str,
}

struct RowReader<'r, 'a> {
    rows: &'r Rows<'a>,
    row: &'r Row,
    warnings: RefCell<Vec<String>>,
}

impl RowReader<'_, '_> {
    fn people(&self) -> Result<Vec<PersonRow>, Problem> {
        let class = self.class();
        let received = self.date(Field::Received, DateOf::Receipt, 0);
        let fields: &[Field] = match class {
            // "Party" in a table of gifts is who received them.
            PopulationClass::Donor => &[Field::Recipient, Field::Party],
            _ => &[Field::Recipient],
        };
        let recipient = fields.iter().map(|f| self.text(*f, 0)).find(|text| !text.is_empty());
        let reference = self.text(Field::Reference, 0).to_owned();
        let mut people = Vec::new();
        for &group in &self.rows.groups {
            let Some((cell, named)) = self.named(group, class)? else { continue };
            let of_row = if group == 0 { None } else { self.value(0) };
            let value = self.value(group).or(of_row);
            let of = named.len();
            for (index, named) in named.into_iter().enumerate() {
                people.push(PersonRow {
                    dossier: self.dossier(&reference, people.len(), group, &cell, &named),
                    row: self.row.line,
                    class,
                    received,
                    value,
                    recipient: recipient.map(Into::into),
                    expected: None,
                    shared_gift: (of > 1).then_some(SharedGift { person: index + 1, of }),
                });
            }
        }
        if people.is_empty() && !self.nobody_is_right() {
            return Err(Problem {
                column: self.rows.columns.column(Field::Name, 0),
                reason: "the row names nobody; give it a name, or take the row out",
            });
        }
        Ok(people)
    }

    /// Whether a row without a name is as it should be: the register says so.
    fn nobody_is_right(&self) -> bool {
        let kind = key(self.text(Field::Kind, 0));
        self.rows.layout.may_name_nobody()
            || matches!(kind.as_str(), "unidentifiabledonor" | "unidentifieddonor" | "na")
    }

    /// The people whom one group of columns names, with the cell as it stands; `None` when it is
    /// empty.
    fn named(
        &self,
        group: u8,
        class: PopulationClass,
    ) -> Result<Option<(String, Vec<Named>)>, Problem> {
        let said = self.kind(group);
        let hints = Hints {
            said,
            otherwise: match class {
                PopulationClass::Donor => Schema::LegalEntity,
                _ => Schema::Person,
            },
            carries_address: self.rows.layout.names_carry_addresses(),
            has_placeholders: self.rows.layout.is_of_commission(),
        };
        let (cell, column, hints) = if let Some((column, cell)) = self.cell(Field::Name, group) {
            (cell.to_owned(), column, hints)
        } else if let Some((column, cell)) = self.parts(group) {
            (cell, column, Hints { said: said.or(Some(Schema::Person)), ..hints })
        } else if let Some((column, cell)) = self.cell(Field::Organisation, group) {
            let otherwise = Schema::Organization;
            (cell.to_owned(), column, Hints { otherwise, ..hints })
        } else if let Some((column, cell)) = self.described(group) {
            (cell, column, hints)
        } else {
            return Ok(None);
        };
        if cell.len() > MAX_NAME_BYTES {
            return Err(Problem {
                column: Some(column),
                reason: "what stands as the name is longer than any name; check that the columns are right",
            });
        }
        let mut named = take_apart(&cell, hints);
        if named.is_empty() {
            return Err(Problem {
                column: Some(column),
                reason: "what stands as the name holds no letters; check that the columns are right",
            });
        }
        self.add_parts(group, &mut named, &cell, hints);
        Ok(Some((cell, named)))
    }

    /// A name out of columns for its parts.
    fn parts(&self, group: u8) -> Option<(usize, String)> {
        let parts = [Field::FirstName, Field::MiddleName, Field::LastName];
        let first = parts.iter().find_map(|field| self.cell(*field, group))?.0;
        let words: Vec<&str> = parts
            .iter()
            .flat_map(|field| self.rows.columns.all(*field, group))
            .map(|column| self.row.cell(column))
            .filter(|cell| !cell.is_empty())
            .collect();
        Some((first, words.join(" ")))
    }

    /// What columns of their own say about titles and other names.
    fn add_parts(&self, group: u8, named: &mut [Named], original: &str, hints: Hints) {
        let [named] = named else { return };
        for field in [Field::Title, Field::Suffix] {
            let cell = self.text(field, group);
            if !cell.is_empty() && !named.titles.iter().any(|t| t == cell) {
                named.titles.push(cell.to_owned());
            }
        }
        for field in [Field::Alias, Field::PreviousName] {
            for column in self.rows.columns.all(field, group) {
                let cell = self.row.cell(column);
                if cell == original {
                    continue;
                }
                for other in cell.split('|').flat_map(|other| {
                    take_apart(other, Hints { said: Some(named.schema), ..hints })
                }) {
                    let list = match field {
                        Field::PreviousName => &mut named.previous,
                        _ => &mut named.aliases,
                    };
                    list.push(other.name);
                    named.aliases.extend(other.aliases);
                    named.previous.extend(other.previous);
                }
            }
        }
    }

    /// "Donor: …" in a description, up to the next label.
    fn described(&self, group: u8) -> Option<(usize, String)> {
        const LABELS: &[&str] =
            &["Donor:", "Name of donor:", "Lender:", "Name of lender:", "Sponsor:"];
        const NEXT: &[&str] = &[
            "Address of",
            "Amount of",
            "Date of",
            "Donor status:",
            "Nature and value",
            "Destination of",
            "Purpose of",
            "(Registered",
            "London office:",
        ];
        let (column, cell) = self.cell(Field::Description, group)?;
        let (at, label) = LABELS.iter().filter_map(|l| Some((cell.find(l)?, *l))).min()?;
        let rest = cell.get(at + label.len()..)?;
        let end = NEXT.iter().filter_map(|next| rest.find(next)).min().unwrap_or(rest.len());
        let name = rest.get(..end)?.trim();
        (!name.is_empty()).then(|| (column, name.to_owned()))
    }

    fn kind(&self, group: u8) -> Option<Schema> {
        let kind = [self.text(Field::Kind, group), self.text(Field::Kind, 0)];
        if let Some(schema) = kind.into_iter().find_map(kind_named) {
            return Some(schema);
        }
        match self.text(Field::Individual, group).to_lowercase().as_str() {
            "true" | "yes" | "y" | "1" => Some(Schema::Person),
            _ => None,
        }
    }

    fn class(&self) -> PopulationClass {
        let of_run = self.rows.options.class;
        if let Some(class) = class_named(self.text(Field::Kind, 0)) {
            return class;
        }
        let Some((column, cell)) = self.cell(Field::Class, 0) else { return of_run };
        class_named(cell).unwrap_or_else(|| {
            self.warn(
                column,
                Field::Class,
                &"not a class; write donor, candidate, staff or associate",
            );
            of_run
        })
    }

    fn value(&self, group: u8) -> Option<Pence> {
        let (column, cell) = self.cell(Field::Value, group)?;
        match read_value(cell) {
            Ok(value) => Some(value),
            Err(problem) => {
                self.warn(column, Field::Value, &problem);
                None
            }
        }
    }

    fn date(&self, field: Field, of: DateOf, group: u8) -> Option<PartialDate> {
        let (column, cell) = self.cell(field, group)?;
        match read_date(cell, of, self.rows.options.date_order, self.rows.today) {
            Ok(date) => Some(date),
            Err(problem) => {
                self.warn(column, field, &problem);
                None
            }
        }
    }

    fn warn(&self, column: usize, field: Field, problem: &dyn std::fmt::Display) {
        self.warnings.borrow_mut().push(format!(
            "column {} ({}): {problem}; the value was left out and the row is read without it",
            column + 1,
            field.code(),
        ));
    }

    /// The first cell of a field that is not empty.
    fn cell(&self, field: Field, group: u8) -> Option<(usize, &str)> {
        let mut columns = self.rows.columns.all(field, group);
        columns
            .find_map(|column| Some((column, self.row.cell(column))).filter(|(_, c)| !c.is_empty()))
    }

    fn text(&self, field: Field, group: u8) -> &str {
        self.cell(field, group).map_or("", |(_, cell)| cell)
    }

    fn dossier(
        &self,
        reference: &str,
        nth: usize,
        group: u8,
        cell: &str,
        named: &Named,
    ) -> Dossier {
        let (id, record) = ids(&self.rows.origin, reference, self.row.line, nth);
        let mut dossier = Dossier::new(id, record, named.schema, Arc::clone(&self.rows.origin));
        let line = self.row.line;
        let mut say = |property: Property, value: &str, original: &str| {
            let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
            dossier.state(Statement::new(property, value, line).published_as(original));
        };
        say(Property::Name, &named.name, cell);
        for title in &named.titles {
            say(Property::Title, title, title);
        }
        for alias in named.aliases.iter().filter(|a| **a != named.name) {
            say(Property::Alias, alias, cell);
        }
        for previous in &named.previous {
            say(Property::PreviousName, previous, cell);
        }
        if let Some(address) = &named.address {
            say(Property::Address, address, cell);
        }
        for note in &named.notes {
            say(Property::Notes, note, cell);
        }
        let column_address = self.address(group);
        if !column_address.is_empty() {
            say(Property::Address, &column_address, &column_address);
        }
        let used_parts = self.cell(Field::Name, group).is_none();
        for (field, property) in PLAIN {
            if (matches!(field, Field::FirstName | Field::MiddleName | Field::LastName)
                && (!used_parts || named.schema != Schema::Person))
                || (*field == Field::Party && self.rows.options.class == PopulationClass::Donor)
            {
                continue;
            }
            for column in self.rows.columns.all(*field, group) {
                say(property.clone(), self.row.cell(column), self.row.cell(column));
            }
        }
        for column in self.rows.columns.all(Field::CompanyNumber, group) {
            let cell = self.row.cell(column);
            if let Some(number) = company_number::tidy(cell) {
                say(Property::RegistrationNumber, &number, cell);
            }
        }
        self.countries(group, &mut dossier);
        if let Some(date) = self.date(Field::BirthDate, DateOf::Birth, group) {
            let original = self.text(Field::BirthDate, group);
            let date = doubted_default(date).to_string();
            dossier.state(Statement::new(Property::BirthDate, date, line).published_as(original));
        }
        dossier
    }

    fn address(&self, group: u8) -> String {
        let lines: Vec<&str> = self
            .rows
            .columns
            .all(Field::Address, group)
            .map(|column| self.row.cell(column).trim_matches([',', ' ']))
            .filter(|line| !line.is_empty())
            .collect();
        lines.join(", ")
    }

    fn countries(&self, group: u8, dossier: &mut Dossier) {
        for (field, property) in [
            (Field::Nationality, Property::Nationality),
            (Field::Country, Property::Country),
            (Field::BirthCountry, Property::BirthCountry),
        ] {
            let columns: Vec<usize> = self.rows.columns.all(field, group).collect();
            for column in columns {
                let cell = self.row.cell(column);
                let whole = country_code(cell).map(|code| vec![(cell, Some(code))]);
                let several = || {
                    cell.split([';', '/', ',', '|', '&'])
                        .flat_map(|part| part.split(" and "))
                        .map(str::trim)
                        .filter(|part| !part.is_empty())
                        .map(|part| (part, country_code(part)))
                        .collect()
                };
                for (part, code) in whole.unwrap_or_else(several) {
                    if let Some(code) = code {
                        let statement = Statement::new(property.clone(), code, self.row.line);
                        dossier.state(statement.published_as(part));
                    } else {
                        self.warn(
                            column,
                            field,
                            &"not a country that is known; write its name or its two-letter code",
                        );
                    }
                }
            }
        }
    }
}

/// Fields whose cells stand as they are.
const PLAIN: &[(Field, Property)] = &[
    (Field::FirstName, Property::FirstName),
    (Field::MiddleName, Property::MiddleName),
    (Field::LastName, Property::LastName),
    (Field::BirthPlace, Property::BirthPlace),
    (Field::Gender, Property::Gender),
    (Field::PostalCode, Property::PostalCode),
    (Field::Passport, Property::PassportNumber),
    (Field::IdNumber, Property::IdNumber),
    (Field::Lei, Property::LeiCode),
    (Field::Email, Property::Email),
    (Field::Phone, Property::Phone),
    (Field::Position, Property::Position),
    (Field::Party, Property::Political),
];

/// A sum at the foot of the table, which is nobody's.
fn is_total(row: &Row) -> bool {
    const WORDS: &[&str] =
        &["total", "totals", "grandtotal", "subtotal", "sum", "totalvalue", "totalamount"];
    let mut texts = row
        .cells
        .iter()
        .map(|cell| cell.trim())
        .filter(|cell| cell.chars().any(char::is_alphabetic));
    texts.next().is_some_and(|text| WORDS.contains(&key(text).as_str())) && texts.next().is_none()
}

/// The reference of the row, or its number; `#2` and so on for further people of the same row.
fn ids(origin: &Origin, reference: &str, line: u64, nth: usize) -> (DossierId, RecordId) {
    let nth = if nth == 0 { String::new() } else { format!("#{}", nth + 1) };
    let by_row = format!("row-{line}{nth}");
    let make = |record: &str| {
        let record = RecordId::new(record).ok()?;
        let id = DossierId::new(&format!("{}:{record}", origin.source)).ok()?;
        Some((id, record))
    };
    let referenced = (!reference.is_empty()).then(|| make(&format!("{reference}{nth}"))).flatten();
    referenced
        .or_else(|| make(&by_row))
        .or_else(|| Some((DossierId::new(&by_row).ok()?, RecordId::new(&by_row).ok()?)))
        .expect("`row-` and a number make an id")
}

fn class_named(text: &str) -> Option<PopulationClass> {
    let word = text.trim().to_lowercase();
    PopulationClass::from_code(&word).or(match word.as_str() {
        "donors" | "lender" | "giver" => Some(PopulationClass::Donor),
        "candidates" | "prospective candidate" | "ppc" => Some(PopulationClass::Candidate),
        "employee" | "employees" | "member of staff" => Some(PopulationClass::Staff),
        "associates" | "volunteer" | "adviser" | "advisor" | "agent" => {
            Some(PopulationClass::Associate)
        }
        _ => None,
    })
}

/// An amount as people type it. Programs that compute with fractions write `2145.3000000000002`;
/// that is rounded to the penny, and nothing else is.
fn read_value(cell: &str) -> Result<Pence, PenceError> {
    let upper = cell.trim().to_uppercase();
    let bare = upper.strip_prefix("GBP").or_else(|| upper.strip_suffix("GBP")).unwrap_or(&upper);
    let read = bare.trim().parse();
    let fraction = bare.rsplit_once('.').map_or("", |(_, fraction)| fraction);
    if read != Err(PenceError::FractionOfAPenny) || fraction.len() < 8 {
        return read;
    }
    let noise = matches!(fraction.get(2..7), Some("00000" | "99999"));
    let rounded = bare.trim().parse::<f64>().ok().filter(|_| noise);
    rounded.map_or(read, |amount| format!("{amount:.2}").parse())
}
