//! Rows that could not be read, kept whole beside the file they stood in.

use super::finding::{SHOWN, Summary};
use super::{output, paths};
use crate::private_file;
use crate::report::spreadsheet::guarded;
use anyhow::Context;
use portcullis_ingest::SetAside;
use std::fs::File;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

/// How many names are tried for a side file before it is said that there are too many.
const MOST_NAMES: u32 = 1_000;

/// The side file. It is made when the first row comes, and never over a file that is there: an
/// officer may have worked in it.
#[derive(Debug)]
pub(crate) struct SideFile {
    /// The first name to try; `None` only counts.
    path: Option<PathBuf>,
    /// Where the results go, which may not be there yet.
    results: Option<PathBuf>,
    writer: Option<csv::Writer<BufWriter<File>>>,
}

impl SideFile {
    /// The side file of `file`, or at `path` if one is given.
    pub(crate) fn of(file: &Path, path: Option<&Path>, results: Option<&Path>) -> Self {
        let path = path.map_or_else(|| usual(file), Path::to_owned);
        Self { path: Some(path), results: results.map(Path::to_owned), writer: None }
    }

    /// No file: rows are counted and told, but not kept. For invented people.
    pub(crate) fn none() -> Self {
        Self { path: None, results: None, writer: None }
    }

    /// Where it goes, unless that file is there already.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Keeps a row.
    pub(crate) fn keep(&mut self, row: SetAside, summary: &mut Summary) -> anyhow::Result<()> {
        if let Some(path) = &mut self.path {
            let writer = match &mut self.writer {
                Some(writer) => writer,
                none => {
                    let (found, file) = create(path, self.results.as_deref()).with_context(|| {
                        let path = path.display();
                        format!("cannot write rows set aside to `{path}`; choose with --set-aside PATH")
                    })?;
                    *path = found;
                    none.insert(begin(file)?)
                }
            };
            let column = row.column.map(|column| column.to_string()).unwrap_or_default();
            writer.write_record([
                row.line.to_string().as_str(),
                &column,
                &guarded(&row.reason),
                &guarded(row.raw.reveal()),
            ])?;
        }
        summary.set_aside += 1;
        if summary.set_aside_rows.len() < SHOWN {
            summary.set_aside_rows.push(row);
        }
        Ok(())
    }

    /// Closes it, and tells where it is if there is one, or which an earlier run left.
    pub(crate) fn finish(self, summary: &mut Summary) -> anyhow::Result<()> {
        if let Some(mut writer) = self.writer {
            writer.flush()?;
            summary.set_aside_file = self.path;
        } else {
            summary.earlier_set_aside_file = self.path.filter(|path| path.is_file());
        }
        Ok(())
    }
}

/// `donors.csv.set-aside.csv` for `donors.csv`.
fn usual(file: &Path) -> PathBuf {
    let mut name =
        if file.as_os_str() == "-" { "standard-input".into() } else { file.as_os_str().to_owned() };
    name.push(".set-aside.csv");
    PathBuf::from(name)
}

/// Makes the file, under the next free name where one of that name is there or is to be.
pub(crate) fn create(path: &Path, results: Option<&Path>) -> io::Result<(PathBuf, File)> {
    if output::is_special(path) {
        return Ok((path.to_owned(), File::options().append(true).open(path)?));
    }
    for number in 1..=MOST_NAMES {
        let path = numbered(path, number);
        if results.is_some_and(|results| paths::is_same(results, &path)) {
            continue;
        }
        match private_file::create_new(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => return Ok((path, made?)),
        }
    }
    Err(io::Error::new(io::ErrorKind::AlreadyExists, "too many files of that name are there"))
}

/// `a.csv`, `a-2.csv`, `a-3.csv`.
fn numbered(path: &Path, number: u32) -> PathBuf {
    let Some(stem) = path.file_stem().filter(|_| number > 1) else { return path.to_owned() };
    let mut name = stem.to_owned();
    name.push(format!("-{number}"));
    if let Some(ending) = path.extension() {
        name.push(".");
        name.push(ending);
    }
    path.with_file_name(name)
}

fn begin(file: File) -> anyhow::Result<csv::Writer<BufWriter<File>>> {
    let mut file = BufWriter::new(file);
    io::Write::write_all(&mut file, "\u{FEFF}".as_bytes())?;
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(file);
    writer.write_record(["line", "column", "reason", "raw"])?;
    Ok(writer)
}
