//! What `portcullis screen` can be asked.

use super::settings::ScoreArgs;
use clap::ValueEnum;
use portcullis_types::PopulationClass;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

/// Find who in a file may be the same as somebody on a list, and say why
///
/// Reads donors, candidates, staff or associates from CSV, TSV, XLSX or FollowTheMoney JSON lines and
/// looks for each of them on the lists. Whoever may be the same as somebody listed gets one alert,
/// however many lists and names there are, with a score, the strength of the evidence, the reasons,
/// and the day by which a gift must be decided on. Rows that cannot be read go to a side file with the
/// reason. Nothing is decided: a named person does that with `portcullis decisions`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    /// The people: .csv, .tsv, .xlsx or .jsonl; - reads standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,

    /// Who they are, because the law differs: donor, candidate, staff or associate
    #[arg(long, value_name = "CLASS", value_parser = class, help_heading = "What to screen")]
    pub(crate) class: Option<PopulationClass>,

    /// A stored list by name, or a file; may be repeated [default: all stored lists]
    #[arg(long = "list", value_name = "NAME_OR_FILE", help_heading = "What to screen")]
    pub(crate) lists: Vec<String>,

    /// Format of list files whose format is not recognised
    #[arg(long, value_name = "CODE", help_heading = "What to screen")]
    pub(crate) list_format: Option<String>,

    /// Which column holds a field, when it is not recognised: --map name="Donor full name"
    #[arg(long, value_name = "FIELD=HEADER", help_heading = "What to screen")]
    pub(crate) map: Vec<String>,

    /// Read 03/04/1958 as 4 March, as in the United States
    #[arg(long, help_heading = "What to screen")]
    pub(crate) month_first: bool,

    #[command(flatten, next_help_heading = "When to raise an alert")]
    pub(crate) score: ScoreArgs,

    /// Score at most this many records for each person [default: 64]
    #[arg(long, value_name = "CANDIDATES", help_heading = "When to raise an alert")]
    pub(crate) limit: Option<NonZeroUsize>,

    /// Form of the results: table, csv, xlsx, jsonl or html [default: by the ending of --out]
    #[arg(
        long,
        value_enum,
        value_name = "FORMAT",
        hide_possible_values = true,
        help_heading = "What to write"
    )]
    pub(crate) format: Option<Format>,

    /// File to write to, readable by you alone [default: standard output]
    #[arg(long, value_name = "PATH", help_heading = "What to write")]
    pub(crate) out: Option<PathBuf>,

    /// Show the reasons: each in a sentence, with its weight
    #[arg(long, help_heading = "What to write")]
    pub(crate) explain: bool,

    /// Where rows go that cannot be read; if it is there, the next free name [default:
    /// FILE.set-aside.csv]
    #[arg(long, value_name = "PATH", help_heading = "What to write")]
    pub(crate) set_aside: Option<PathBuf>,

    /// What stands at the top and bottom of a report
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "OFFICIAL-SENSITIVE: contains personal data",
        value_parser = marking,
        help_heading = "What to write"
    )]
    pub(crate) marking: String,

    /// Raise only what updates of the stored lists changed since this issue, day or time
    ///
    /// A day (YYYY-MM-DD) counts from its beginning, so updates made on it are told; a time is written
    /// like 2026-01-31T12:00:00Z (UTC).
    ///
    /// Both the lists of now and those of then are searched in full, so this tells exactly what a full
    /// run raises now and did not raise then, or raised otherwise.
    #[arg(long, value_name = "ISSUE|DATE|TIME", help_heading = "What to screen")]
    pub(crate) since: Option<String>,

    /// Threads to use [default: one for each core]
    #[arg(long, value_name = "N", value_parser = crate::parallel::jobs, help_heading = "What to write")]
    pub(crate) jobs: Option<NonZeroUsize>,
}

const AFTER: &str = "\
Examples:
  Screen this year's donors against every stored list:
    portcullis screen donors.csv --class donor
  Write a report to read and print:
    portcullis screen donors.csv --class donor --out report.html
  Screen candidates against two list files, with reasons, in a spreadsheet:
    portcullis screen candidates.xlsx --class candidate \\
      --list UK_Sanctions_List.csv --list sdn.csv --explain --out alerts.xlsx
  A file whose columns have names of their own:
    portcullis screen gifts.csv --class donor --map name=\"Received from\" --map received-date=\"On\"

Classes:
  donor      gives, or wishes to give, money or kind
  candidate  stands, or wishes to stand, for election
  staff      is, or wishes to be, employed
  associate  works closely with a representative without being employed

Fields for --map (columns with usual names need none; a column may be given as #3):
  name first-name middle-name last-name title suffix alias previous-name organisation birth-date
  birth-place birth-country nationality country gender address postcode company-number passport
  id-number lei position kind individual received-date value recipient class reference

Formats:
  table  for the terminal           csv    one row for each alert and record
  xlsx   a workbook with filters    jsonl  one line for each person, for programs
  html   a report that prints well, complete in one file

Exit status:
  0  no alert                       1  at least one alert
  2  could not be done              3  no alert, but some rows could not be read, or
                                       the file names nobody

With --format jsonl, a line of JSON lines that cannot be read is answered in its place by a line with an
\"error\"; it goes to the side file too.

A trial: a file of {\"query\": ENTITY, \"expected\": [ids]} lines may be screened without --class with
--format jsonl. Nothing can be decided on its results.";

/// The form of the results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For the terminal.
    Table,
    /// One row for each alert and record.
    Csv,
    /// A workbook.
    Xlsx,
    /// One line for each person.
    Jsonl,
    /// A report.
    Html,
}

impl Format {
    fn by_ending(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_str()?.to_ascii_lowercase();
        match ending.as_str() {
            "txt" => Some(Self::Table),
            "csv" => Some(Self::Csv),
            "xlsx" => Some(Self::Xlsx),
            "jsonl" | "ndjson" => Some(Self::Jsonl),
            "html" | "htm" => Some(Self::Html),
            _ => None,
        }
    }
}

impl Args {
    /// The form asked for, or the one that the ending of `--out` stands for.
    pub(crate) fn format(&self) -> Format {
        let by_ending = || self.out.as_deref().and_then(Format::by_ending);
        self.format.or_else(by_ending).unwrap_or(Format::Table)
    }
}

fn class(text: &str) -> Result<PopulationClass, String> {
    PopulationClass::from_code(&text.to_ascii_lowercase())
        .ok_or_else(|| "the classes are donor, candidate, staff and associate".to_owned())
}

fn marking(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > 120 || text.chars().any(char::is_control) {
        return Err("a marking has 1 to 120 letters on one line".to_owned());
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use portcullis_ingest::people::Field;

    #[test]
    fn every_field_of_the_help_exists() {
        let fields =
            AFTER.split("Fields for --map").nth(1).and_then(|rest| rest.split("Formats:").next());
        let words = fields.unwrap().split_once('\n').unwrap().1;
        for word in words.split_whitespace() {
            assert!(Field::from_code(word).is_some(), "{word}");
        }
    }

    #[test]
    fn the_defaults_of_the_help_are_those_of_matching() {
        let default = portcullis_matching::Settings::default();
        // As the help says: --prior 1/4096, --threshold 0.5, --limit 64.
        assert!((default.prior.0 - 1.0 / 4096.0).abs() < 1e-15);
        assert!((default.threshold.0 - 0.5).abs() < 1e-15);
        assert_eq!(default.candidates, 64);
    }

    #[test]
    fn the_ending_of_a_file_tells_its_form() {
        for (name, format) in [
            ("a.html", Some(Format::Html)),
            ("A.XLSX", Some(Format::Xlsx)),
            ("a.csv", Some(Format::Csv)),
            ("a.jsonl", Some(Format::Jsonl)),
            ("a", None),
            ("a.doc", None),
        ] {
            assert_eq!(Format::by_ending(Path::new(name)), format, "{name}");
        }
    }

    #[test]
    fn a_marking_is_one_short_line() {
        assert_eq!(marking(" OFFICIAL ").as_deref(), Ok("OFFICIAL"));
        for text in ["", "  ", "a\nb", &"x".repeat(121)] {
            assert!(marking(text).is_err());
        }
    }
}
