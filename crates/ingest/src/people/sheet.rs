//! Excel workbooks to people.

use super::table::Intake;
use super::{PeopleOptions, PeopleReading, PersonItem};
use crate::table::Row;
use crate::{ReadError, Warning};
use calamine::{DataRef, ExcelDateTime, Reader, SheetType, SheetVisible, Xlsx, XlsxError};
use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use zip::ZipArchive;

/// Largest workbook taken, packed.
const MAX_PACKED_BYTES: usize = 100_000_000;
/// Largest workbook taken, unpacked. The sheet is read as it is unpacked, so this bounds time.
const MAX_UNPACKED_BYTES: u64 = 1_000_000_000;
/// Largest part, other than a sheet, taken unpacked: these are held in memory.
const MAX_PART_BYTES: u64 = 64_000_000;
/// Most parts of a workbook.
const MAX_PARTS: usize = 10_000;
/// Columns of an Excel sheet.
const MAX_COLUMNS: u32 = 16_384;
/// The last day that Excel knows, 31 December 9999.
const LAST_SERIAL: f64 = 2_958_466.0;

type Book<'a> = Xlsx<Cursor<&'a [u8]>>;

/// Reads the first visible sheet that names people.
pub(crate) fn read<R: Read>(
    input: R,
    options: &PeopleOptions,
    sink: &mut dyn FnMut(PersonItem),
) -> Result<PeopleReading, ReadError> {
    let mut bytes = Vec::new();
    input.take(MAX_PACKED_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(ReadError::from_io)?;
    if bytes.len() > MAX_PACKED_BYTES {
        return Err(workbook("it is larger than 100 MB"));
    }
    guard(&bytes)?;
    let mut book: Book<'_> = shielded(|| Xlsx::new(Cursor::new(bytes.as_slice())))?;
    let sheets: Vec<String> = book
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible)
        .map(|sheet| sheet.name.clone())
        .collect();
    let mut refused = None;
    for (index, sheet) in sheets.iter().enumerate() {
        match one_sheet(&mut book, sheet, options, sink) {
            Ok(None) => {}
            Ok(Some(reading)) => {
                if sheets.len() > 1 {
                    let message = format!(
                        "sheet {} of {} was read and no other; save each that names people as a \
                         file of its own",
                        index + 1,
                        sheets.len(),
                    );
                    sink(PersonItem::Warning(Warning { line: None, message }));
                }
                return Ok(reading);
            }
            // A cover sheet, perhaps; the people may stand on the next.
            Err(error @ ReadError::Columns { .. }) => refused = refused.or(Some(error)),
            Err(error) => return Err(error),
        }
    }
    Err(refused.unwrap_or_else(|| workbook("none of its sheets holds anything")))
}

/// Reads one sheet; `None` when it is empty.
fn one_sheet(
    book: &mut Book<'_>,
    sheet: &str,
    options: &PeopleOptions,
    sink: &mut dyn FnMut(PersonItem),
) -> Result<Option<PeopleReading>, ReadError> {
    let mut intake = Intake::new(options);
    if fill(book, sheet, &mut intake, sink)? { intake.finish(sink).map(Some) } else { Ok(None) }
}

/// Refuses a workbook that unpacks to more than any real one, whatever it says of itself.
fn guard(bytes: &[u8]) -> Result<(), ReadError> {
    let mut archive = ZipArchive::new(Cursor::new(bytes))
        .map_err(|_| workbook("it is not a whole zip archive"))?;
    if archive.len() > MAX_PARTS {
        return Err(workbook("it has too many parts"));
    }
    let mut total = 0;
    for index in 0..archive.len() {
        let part = archive
            .by_index(index)
            .map_err(|_| workbook("a part of it is broken, or it has a password"))?;
        let is_sheet = part.name().is_ok_and(|name| name.contains("worksheets/"));
        let limit = if is_sheet { MAX_UNPACKED_BYTES } else { MAX_PART_BYTES };
        let size = std::io::copy(&mut part.take(limit + 1), &mut std::io::sink())
            .map_err(|_| workbook("a part of it is broken"))?;
        total += size;
        if size > limit || total > MAX_UNPACKED_BYTES {
            return Err(workbook("it unpacks to more than any table needs"));
        }
    }
    Ok(())
}

/// Reads one sheet; tells whether it held anything.
fn fill(
    book: &mut Book<'_>,
    sheet: &str,
    intake: &mut Intake<'_>,
    sink: &mut dyn FnMut(PersonItem),
) -> Result<bool, ReadError> {
    let mut cells = shielded(|| book.worksheet_cells_reader(sheet))?;
    let zeros: Vec<usize> = cells
        .styles()
        .iter()
        .map(|style| style.number_format.as_ref().map_or(0, |f| leading_zeros(&f.format_code)))
        .collect();
    let mut row: Option<Row> = None;
    let mut any = false;
    while let Some((cell, style)) = shielded(|| cells.next_cell_with_style_id())? {
        let (line, column) = cell.get_position();
        let width = zeros.get(style).copied().unwrap_or(0);
        let Some(text) = text_of(cell.get_value(), width) else { continue };
        if column >= MAX_COLUMNS {
            return Err(workbook("a cell lies beyond the last column that Excel has"));
        }
        let line = u64::from(line) + 1;
        if row.as_ref().is_some_and(|r| r.line != line)
            && let Some(done) = row.take()
        {
            intake.push(whole(done), sink)?;
        }
        let current = row.get_or_insert_with(|| Row { line, ..Row::default() });
        let index = column as usize;
        if current.cells.len() <= index {
            current.cells.resize(index + 1, String::new());
        }
        if let Some(place) = current.cells.get_mut(index) {
            *place = text;
        }
        any = true;
    }
    if let Some(done) = row {
        intake.push(whole(done), sink)?;
    }
    Ok(any)
}

/// Completes a row with the text that stands for it when it is set aside.
fn whole(row: Row) -> Row {
    let raw = row.cells.join("\t").into_boxed_str();
    Row { raw, ..row }
}

/// A cell as text: dates as 2025-11-01, whole numbers without a point, with the leading zeros that
/// their format shows. `None` for an empty cell. A formula counts by its last result.
fn text_of(value: &DataRef<'_>, zeros: usize) -> Option<String> {
    let text = match value {
        DataRef::Int(number) => padded(&number.to_string(), zeros),
        DataRef::Float(number) => padded(&number.to_string(), zeros),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(flag) => flag.to_string().to_uppercase(),
        DataRef::DateTime(date) => date_of(date),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            text.clone()
        }
        // #N/A and its like say that there is no value.
        DataRef::Empty | DataRef::Error(_) => return None,
    };
    (!text.trim().is_empty()).then_some(text)
}

fn date_of(date: &ExcelDateTime) -> String {
    let serial = date.as_f64();
    if !date.is_datetime() || !(0.0..LAST_SERIAL).contains(&serial) {
        return serial.to_string();
    }
    let (year, month, day, ..) = date.to_ymd_hms_milli();
    format!("{year:04}-{month:02}-{day:02}")
}

/// How many digits a number format such as `00000000` shows at least.
fn leading_zeros(format: &str) -> usize {
    let zeros = format.bytes().all(|b| b == b'0');
    if zeros && format.len() <= 32 { format.len() } else { 0 }
}

fn padded(number: &str, width: usize) -> String {
    if width > 1 && number.bytes().all(|b| b.is_ascii_digit()) {
        format!("{number:0>width$}")
    } else {
        number.to_owned()
    }
}

/// Calls the workbook's reader. It checks some of its sums only by panicking, as on a cell whose
/// column is past all counting; what a file holds must not end the program.
fn shielded<T>(call: impl FnOnce() -> Result<T, XlsxError>) -> Result<T, ReadError> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(result) => result.map_err(|error| broken(&error)),
        Err(_) => Err(workbook("a part of it is broken")),
    }
}

fn workbook(problem: &str) -> ReadError {
    ReadError::Workbook { problem: problem.to_owned() }
}

/// The error of the workbook's reader may quote cells, so it is put in words of our own.
fn broken(error: &XlsxError) -> ReadError {
    workbook(match error {
        XlsxError::Password => "it has a password",
        XlsxError::Zip(_) | XlsxError::FileNotFound(_) => "a part of it is missing",
        _ => "a part of it is broken",
    })
}
