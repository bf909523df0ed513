//! What the caller says about a file of people, and how its format is found.

use super::ColumnMap;
use crate::ReadContext;
use portcullis_types::PopulationClass;

/// The formats in which people come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum PeopleFormat {
    /// Cells separated by commas, semicolons or bars.
    Csv,
    /// Cells separated by tabs.
    Tsv,
    /// An Excel workbook (`.xlsx`, `.xlsm`); its first visible sheet that names people is read.
    Xlsx,
    /// `FollowTheMoney` entities, or `{"query": entity, "expected": [ids]}`, one to a line.
    FollowTheMoney,
}

impl PeopleFormat {
    /// Finds the format from the first bytes, and from the ending of the name where they do not
    /// tell.
    ///
    /// ```
    /// use portcullis_ingest::people::PeopleFormat;
    /// assert_eq!(PeopleFormat::detect("donors.csv", b"Name,DOB\n"), PeopleFormat::Csv);
    /// assert_eq!(PeopleFormat::detect("donors.csv", b"PK\x03\x04"), PeopleFormat::Xlsx);
    /// assert_eq!(PeopleFormat::detect("-", b"{\"id\":\"a\"}"), PeopleFormat::FollowTheMoney);
    /// ```
    pub fn detect(file_name: &str, head: &[u8]) -> Self {
        if head.starts_with(b"PK\x03\x04") {
            return Self::Xlsx;
        }
        let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
        if text.starts_with(b"{") {
            return Self::FollowTheMoney;
        }
        let ending = file_name.rsplit_once('.').map(|(_, e)| e.to_ascii_lowercase());
        match ending.as_deref() {
            Some("tsv" | "tab") => Self::Tsv,
            Some("jsonl" | "ndjson" | "ijson") => Self::FollowTheMoney,
            _ => Self::Csv,
        }
    }
}

/// Which of day and month comes first in a date such as 03/04/1958.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DateOrder {
    /// 3 April 1958, as in Britain.
    #[default]
    DayMonthYear,
    /// 4 March 1958, as in the United States.
    MonthDayYear,
}

/// How to read a file of people.
#[derive(Debug, Clone)]
pub struct PeopleOptions {
    /// The population that the people belong to, where the file has no column for it.
    pub class: PopulationClass,
    /// Columns named by the user.
    pub map: ColumnMap,
    /// Source, issue, time and controller.
    pub context: ReadContext,
    /// The format; `None` finds it out.
    pub format: Option<PeopleFormat>,
    /// Which of day and month comes first.
    pub date_order: DateOrder,
}
