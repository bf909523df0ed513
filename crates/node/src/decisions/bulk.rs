//! Many decisions from one file. A row that cannot be taken is set aside, the others are taken.

use super::add::{self, Args, Finding};
use super::{account, officer, reason, verdict};
use crate::environment::Environment;
use crate::exit::Outcome;
use crate::lists::Place;
use crate::report::spreadsheet::guarded;
use crate::report::words::several;
use crate::screen::paths::{self, Written};
use crate::screen::side_file;
use anyhow::{Context, bail};
use portcullis_decide::Reference;
use portcullis_store::TransactionName;
use portcullis_types::Protected;
use serde_json::Value;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

/// Largest file of decisions taken, in bytes: some hundred thousand rows.
const MAX_BYTES: u64 = 64 << 20;

/// A row as it stands in the file.
#[derive(Debug, Default)]
struct Row {
    line: u64,
    references: Vec<String>,
    verdict: Option<String>,
    officer: Option<String>,
    reason: Option<Protected>,
    raw: Option<Protected>,
}

/// A row that cannot be taken; the reason holds no text of the row.
#[derive(Debug)]
struct Refused {
    line: u64,
    why: String,
    raw: Option<Protected>,
}

/// The decisions of one row.
#[derive(Debug)]
struct Wanted {
    line: u64,
    references: Vec<Reference>,
    finding: Finding,
    raw: Option<Protected>,
}

pub(super) fn run(
    args: &Args,
    path: &Path,
    environment: &mut Environment,
) -> anyhow::Result<Outcome> {
    let aside = args.set_aside.clone().unwrap_or_else(|| beside(path));
    let written = [Written { option: "--set-aside", path: &aside }];
    paths::check(&[path.to_owned()], &written, &environment.data)?;
    let rows = read(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    let total = rows.len();
    let mut refused = Vec::new();
    let mut wanted = Vec::new();
    for row in rows {
        match row.and_then(|row| understand(row, args)) {
            Ok(row) => wanted.push(row),
            Err(row) => refused.push(row),
        }
    }
    let account = account();
    let mut store = Place::new(environment).store()?;
    let (clock, rng) = (environment.clock.as_ref(), environment.rng.as_mut());
    let (taken, unknown) = store.write(TransactionName("decisions.add"), |w| {
        let mut taken = 0_u64;
        let mut unknown = Vec::new();
        for row in &wanted {
            let pairs: anyhow::Result<Vec<_>> =
                row.references.iter().map(|reference| add::raised(&*w, *reference)).collect();
            match pairs {
                Err(error) => unknown.push(Refused {
                    line: row.line,
                    why: error.to_string(),
                    raw: row.raw.clone(),
                }),
                Ok(pairs) => {
                    for pair in pairs {
                        let change =
                            row.finding.clone().decide(clock, rng, pair, account.as_deref())?;
                        w.put_decision(&change)?;
                        taken += 1;
                    }
                }
            }
        }
        anyhow::Ok((taken, unknown))
    })?;
    refused.extend(unknown);
    refused.sort_by_key(|row| row.line);
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "{} recorded from {}",
        several(taken, "decision", "decisions"),
        several(total as u64, "row", "rows")
    )?;
    if refused.is_empty() {
        return Ok(Outcome::Clear);
    }
    let aside = set_aside(&aside, &refused)
        .with_context(|| format!("cannot write the rows set aside to `{}`", aside.display()))?;
    writeln!(
        out,
        "{} set aside, with the reasons in `{}`",
        several(refused.len() as u64, "row", "rows"),
        aside.display()
    )?;
    Ok(Outcome::Incomplete)
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".set-aside.csv");
    name.into()
}

fn understand(row: Row, args: &Args) -> Result<Wanted, Refused> {
    let Row { line, raw, .. } = row;
    let understood = || -> Result<_, String> {
        if row.references.is_empty() {
            return Err("there is no reference".to_owned());
        }
        let references = row.references.iter().map(|text| text.parse()).collect::<Result<_, _>>();
        let references =
            references.map_err(|error: portcullis_decide::ReferenceError| error.to_string())?;
        let verdict = match row.verdict {
            Some(text) => verdict(&text)?,
            None => args.verdict.ok_or("there is no verdict, here or as --verdict")?,
        };
        let officer = match row.officer {
            Some(text) => officer(&text)?,
            None => args.officer.clone().ok_or("there is no officer, here or as --officer")?,
        };
        let reason = match row.reason {
            Some(text) => reason(&text),
            None => reason(args.reason.as_ref().ok_or("there is no reason, here or as --reason")?),
        };
        let reason = reason.map_err(|error| error.to_string())?;
        Ok((references, Finding { verdict, officer, reason }))
    };
    match understood() {
        Ok((references, finding)) => Ok(Wanted { line, references, finding, raw }),
        Err(why) => Err(Refused { line, why, raw }),
    }
}

fn read(path: &Path) -> anyhow::Result<Vec<Result<Row, Refused>>> {
    let mut text = Vec::new();
    File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut text)?;
    if text.len() as u64 > MAX_BYTES {
        bail!("a file of decisions has at most {MAX_BYTES} bytes; split it");
    }
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&text);
    if text.contains(&0) {
        bail!("this is not a text file; save the spreadsheet as CSV");
    }
    if text.trim_ascii_start().starts_with(b"{") { Ok(json_lines(text)?) } else { table(text) }
}

fn table(text: &[u8]) -> anyhow::Result<Vec<Result<Row, Refused>>> {
    // The reader counts a line late where lines end in CR and LF.
    let text: Vec<u8> = text
        .iter()
        .zip(text.iter().skip(1).map(Some).chain([None]))
        .filter(|pair| *pair != (&b'\r', Some(&b'\n')))
        .map(|(byte, _)| *byte)
        .collect();
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_slice());
    let headers = reader.byte_headers()?.clone();
    let column = |name: &str| {
        headers
            .iter()
            .position(|header| String::from_utf8_lossy(header).trim().eq_ignore_ascii_case(name))
    };
    let reference = column("reference").context(
        "there is no column `reference`; the columns are reference, verdict, officer and reason",
    )?;
    let (verdict, officer, reason) = (column("verdict"), column("officer"), column("reason"));
    let mut rows = Vec::new();
    let mut record = csv::ByteRecord::new();
    while reader.read_byte_record(&mut record)? {
        let line = first_line(&record, reader.position(), &text);
        let raw = raw(&record);
        let Ok(record) = csv::StringRecord::from_byte_record(record.clone()) else {
            let why = "it is not UTF-8; save the spreadsheet as CSV UTF-8".to_owned();
            rows.push(Err(Refused { line, why, raw }));
            continue;
        };
        let cell = |column: Option<usize>| {
            let text = record.get(column?)?.trim();
            (!text.is_empty()).then(|| text.to_owned())
        };
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        rows.push(Ok(Row {
            line,
            references: cell(Some(reference)).into_iter().collect(),
            verdict: cell(verdict),
            officer: cell(officer),
            reason: cell(reason).map(Protected::from),
            raw,
        }));
    }
    Ok(rows)
}

/// The line on which a record begins, counted back from where it ended: the reader's own count
/// takes blank lines before a record for part of it.
fn first_line(record: &csv::ByteRecord, end: &csv::Position, text: &[u8]) -> u64 {
    let within = record.iter().flatten().filter(|byte| **byte == b'\n').count() as u64;
    let before = usize::try_from(end.byte()).ok().and_then(|at| at.checked_sub(1));
    let ended = before.and_then(|at| text.get(at)) == Some(&b'\n');
    end.line() - within - u64::from(ended)
}

fn raw(record: &csv::ByteRecord) -> Option<Protected> {
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    writer.write_byte_record(record).ok()?;
    let bytes = writer.into_inner().ok()?;
    Some(Protected::from(String::from_utf8_lossy(&bytes).trim_end().to_owned()))
}

/// Lines of JSON with the fields of the table, or result lines of `screen`, whose hits each have a
/// reference.
fn json_lines(text: &[u8]) -> io::Result<Vec<Result<Row, Refused>>> {
    let mut rows = Vec::new();
    for (line, text) in (1..).zip(BufReader::new(text).split(b'\n')) {
        let text = text?;
        if text.trim_ascii().is_empty() {
            continue;
        }
        let raw = Some(Protected::from(String::from_utf8_lossy(&text).into_owned()));
        let Ok(value) = serde_json::from_slice::<Value>(&text) else {
            rows.push(Err(Refused { line, why: "it is not JSON".to_owned(), raw }));
            continue;
        };
        let field = |name: &str| {
            let text = value.get(name)?.as_str()?.trim();
            (!text.is_empty()).then(|| text.to_owned())
        };
        let references = references(&value);
        if references.is_empty() && value.get("hits").is_some() {
            // A result of somebody who is on no list: there is nothing to decide.
            continue;
        }
        rows.push(Ok(Row {
            line,
            references,
            verdict: field("verdict"),
            officer: field("officer"),
            reason: field("reason").map(Protected::from),
            raw,
        }));
    }
    Ok(rows)
}

fn references(value: &Value) -> Vec<String> {
    let own = |value: &Value| value.get("reference").and_then(Value::as_str).map(str::to_owned);
    if let Some(reference) = own(value) {
        return vec![reference];
    }
    let nested = |name: &str| value.get(name).and_then(Value::as_array);
    let hits = nested("hits").or_else(|| nested("records"));
    hits.into_iter().flatten().flat_map(references).collect()
}

/// Writes the rows to a file that is not there yet, and tells which: somebody may be working in one
/// that is.
fn set_aside(path: &Path, refused: &[Refused]) -> anyhow::Result<PathBuf> {
    let (path, file) = side_file::create(path, None)?;
    let mut csv = csv::Writer::from_writer(BufWriter::new(file));
    csv.write_record(["line", "why", "row"])?;
    for row in refused {
        let raw = row.raw.as_ref().map_or("", Protected::reveal);
        csv.write_record([&row.line.to_string(), &row.why, guarded(raw).as_ref()])?;
    }
    csv.flush()?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lines(text: &str) -> Vec<u64> {
        let rows = table(text.as_bytes()).unwrap();
        rows.iter().map(|row| row.as_ref().map_or_else(|row| row.line, |row| row.line)).collect()
    }

    #[test]
    fn a_row_knows_the_line_it_begins_on() {
        // Counted by eye: blank lines, a cell of two lines, line ends of either kind, none at last.
        assert_eq!(lines("reference\na\nb\n"), [2, 3]);
        assert_eq!(lines("reference\r\n\r\na\r\nb"), [3, 4]);
        assert_eq!(lines("reference,reason\na,\"two\nlines\"\nb,x\n"), [2, 4]);
    }

    #[test]
    fn a_row_that_is_not_utf_8_is_set_aside_and_the_rest_read() {
        let rows = table(b"reference,reason\na,caf\xE9\nb,x\n").unwrap();
        assert!(rows.first().is_some_and(|row| row.as_ref().is_err_and(|row| row.line == 2)));
        assert!(rows.get(1).is_some_and(Result::is_ok));
    }

    #[test]
    fn every_hit_of_a_result_line_counts() {
        let value = serde_json::json!({"hits": [
            {"id": "a", "reference": "00000-00001"},
            {"id": "b", "records": [{"reference": "00000-00002"}, {"reference": "00000-00003"}]},
        ]});
        assert_eq!(references(&value), ["00000-00001", "00000-00002", "00000-00003"]);
    }

    proptest! {
        #[test]
        fn no_table_panics(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = table(&bytes);
            let _ = table(&[b"reference,verdict,officer,reason\r\n".as_slice(), &bytes].concat());
        }

        #[test]
        fn no_json_line_panics(text in "[\\[\\]{}\":,a-z0-9 \n]{0,200}") {
            let _ = json_lines(text.as_bytes());
        }
    }
}
