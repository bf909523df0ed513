//! Reads every list file of a folder of published data and prints what came of each, as the table
//! of `docs/guide/formats.md`:
//!
//! ```sh
//! cargo run --release -p portcullis-ingest --example tally -- ../shared/data
//! ```
//!
//! With `--format CODE FILE...` it reads just those files as one list.

use portcullis_ingest::{Item, ListFile, ListFormat, ReadContext, read_list};
use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::path::{Path, PathBuf};

#[path = "shared/lists.rs"]
mod lists;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "| file | rows read | dossiers made | rows set aside | rows without subject | issue | why set aside, and warnings |"
    )?;
    writeln!(out, "|---|---:|---:|---:|---:|---|---|")?;
    match arguments.as_slice() {
        [flag, code, files @ ..] if flag == "--format" => {
            let format = ListFormat::from_code(code).ok_or("no such format")?;
            let paths: Vec<PathBuf> = files.iter().map(PathBuf::from).collect();
            row(&mut out, format, &paths, code)?;
        }
        [folder] => {
            for (format, files) in lists::LISTS {
                let paths: Vec<PathBuf> =
                    files.iter().map(|file| Path::new(folder).join(file)).collect();
                if paths.iter().all(|path| path.exists()) {
                    row(&mut out, *format, &paths, &files.join("`, `"))?;
                } else {
                    writeln!(out, "| `{}` | absent |", files.join("`, `"))?;
                }
            }
        }
        _ => return Err("give a folder, or --format CODE FILE...".into()),
    }
    Ok(())
}

fn row(
    out: &mut impl Write,
    format: ListFormat,
    paths: &[PathBuf],
    title: &str,
) -> Result<(), Box<dyn Error>> {
    let mut files = Vec::new();
    for path in paths {
        let file = BufReader::new(File::open(path)?);
        let bytes: Box<dyn Read> = if path.extension().is_some_and(|e| e == "zst") {
            Box::new(zstd::Decoder::new(file)?)
        } else {
            Box::new(file)
        };
        files.push(ListFile { name: path.display().to_string(), bytes });
    }
    let context = ReadContext {
        source: format.code().parse()?,
        version: "unstated".parse()?,
        // Any time after the youngest file: days to come do not count for a list's age.
        recorded_at: "2026-12-31T00:00:00Z".parse()?,
        controller: "tally".parse()?,
    };
    let mut reasons: BTreeMap<String, u64> = BTreeMap::new();
    let started = std::time::Instant::now();
    let reading = read_list(format, files, &context, &mut |item| match item {
        Item::Dossier(_) => {}
        Item::SetAside(aside) => *reasons.entry(aside.reason).or_default() += 1,
        Item::Warning(warning) => *reasons.entry(warning.message).or_default() += 1,
    })?;
    if std::env::var_os("TALLY_TIMES").is_some() {
        eprintln!("{:>6} ms  {title}", started.elapsed().as_millis());
    }
    let why: Vec<String> = reasons.iter().map(|(why, times)| format!("{times} × {why}")).collect();
    let tally = reading.tally;
    writeln!(
        out,
        "| `{title}` | {} | {} | {} | {} | {} | {} |",
        tally.rows_read,
        tally.dossiers_made,
        tally.rows_set_aside,
        tally.rows_without_subject,
        reading.published.map_or_else(|| "not stated".to_owned(), |date| date.to_string()),
        why.join("; "),
    )?;
    Ok(())
}
