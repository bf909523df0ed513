//! One row of a table to the people it names.

mod facts;
mod naming;

use super::columns::Columns;
use super::dates::{DateOf, read_date};
use super::field::key;
use super::words::kind_named;
use super::{Field, Layout, PeopleOptions, PersonItem, PersonRow, SharedGift};
use crate::table::Row;
use crate::{Tally, Warning};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use portcullis_types::{
    DossierId, Origin, PartialDate, Pence, PenceError, PopulationClass, RecordId, Schema,
};
use std::cell::RefCell;
use std::sync::Arc;

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
                    dossier: self.dossier(&reference, people.len(), group, &cell, &named, of),
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
        let warning = format!(
            "column {} ({}): {problem}; the value was left out and the row is read without it",
            column + 1,
            field.code(),
        );
        // Several people of one row share its columns.
        let mut warnings = self.warnings.borrow_mut();
        if !warnings.contains(&warning) {
            warnings.push(warning);
        }
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
}

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
