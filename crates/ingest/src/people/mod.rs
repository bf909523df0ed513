//! Who is to be screened? Tables of donors, candidates and staff, and `FollowTheMoney` lines.
//!
//! [`read_people`] finds the format, the line with the names of the columns and what each column
//! holds, and hands out one [`PersonRow`] for each person or body that a row names. It reads as it
//! goes: a file of any length takes the memory of its longest line (a workbook is bounded instead).
//! A row that names nobody is set aside, a value that cannot be right is left out with a warning and
//! the row screened without it, and all of it is counted.
//!
//! This module refuses to guess who is meant: it takes names apart and keeps the original beside
//! each part, but never joins two rows into one person.

mod columns;
mod company_number;
mod dates;
mod entities;
mod field;
mod layout;
mod name;
mod options;
mod person;
mod rows;
mod sheet;
mod table;
mod words;

pub use columns::{ColumnError, ColumnMap, Headers};
pub use field::Field;
pub use layout::Layout;
pub use options::{DateOrder, PeopleFormat, PeopleOptions};
pub use person::{PeopleReading, PersonItem, PersonRow, SharedGift};

use crate::ReadError;
use std::io::Read;

/// How many bytes are looked at to find the format.
const HEAD_BYTES: usize = 4096;

/// Reads a file of people and hands each thing found to `sink`, in the order of the file.
/// `file_name` serves to find the format only.
///
/// # Errors
///
/// [`ReadError`] when the file as a whole cannot be read: it is binary, no column of it is a name, a
/// line is over 16 MB, or reading its bytes fails. What was handed out before stays true.
///
/// ```
/// use portcullis_ingest::{ReadContext, people::*};
/// use portcullis_types::PopulationClass;
/// # let context = ReadContext {
/// #     source: "demo".parse()?, version: "1".parse()?,
/// #     recorded_at: "2026-01-01T00:00:00Z".parse()?, controller: "demo".parse()?,
/// # };
/// let options = PeopleOptions {
///     class: PopulationClass::Donor,
///     map: ColumnMap::default(),
///     context,
///     format: None,
///     date_order: DateOrder::DayMonthYear,
/// };
/// let file = "Donor name,Received date,Value\nMr & Mrs Q Testwick,01/11/2025,\"£7,500.00\"\n";
/// let mut people = Vec::new();
/// let reading = read_people("gifts.csv", file.as_bytes(), &options, &mut |item| {
///     if let PersonItem::Person(row) = item {
///         people.push(row);
///     }
/// })?;
/// assert_eq!((reading.tally.rows_read, people.len()), (1, 2));
/// assert_eq!(people[0].dossier.main_name(), Some("Q Testwick"));
/// assert_eq!(people[0].value.map(|v| v.to_string()).as_deref(), Some("£7,500.00"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read_people<R: Read>(
    file_name: &str,
    mut input: R,
    options: &PeopleOptions,
    sink: &mut dyn FnMut(PersonItem),
) -> Result<PeopleReading, ReadError> {
    let mut head = Vec::new();
    input.by_ref().take(HEAD_BYTES as u64).read_to_end(&mut head).map_err(ReadError::from_io)?;
    if is_json_list(&head) {
        return Err(ColumnError::JsonList.into());
    }
    let format = options.format.unwrap_or_else(|| PeopleFormat::detect(file_name, &head));
    let delimiter = match format {
        PeopleFormat::Csv => table::delimiter(&head),
        _ => Some(b'\t'),
    };
    let input = std::io::Cursor::new(head).chain(input);
    match format {
        PeopleFormat::Csv | PeopleFormat::Tsv => table::read(input, delimiter, options, sink),
        PeopleFormat::Xlsx => sheet::read(input, options, sink),
        PeopleFormat::FollowTheMoney => entities::read(input, options, sink),
    }
}

/// Whether a file begins like `[{"id":…`.
fn is_json_list(head: &[u8]) -> bool {
    let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    let list = text.strip_prefix(b"[").map(<[u8]>::trim_ascii_start);
    list.is_some_and(|rest| rest.starts_with(b"{"))
}
