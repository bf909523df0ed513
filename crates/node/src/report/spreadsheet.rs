//! Tables for spreadsheet programs: CSV and XLSX.

mod csv_file;
mod workbook;

pub(crate) use csv_file::{CsvReport, guarded};
pub(crate) use workbook::WorkbookReport;
