//! A folder to run the program in, with invented people and lists.

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// Two listed people: one in Cyrillic with an exact birth date, one whose year alone is known.
pub(crate) const LIST: &str = r#"{"id":"inv-1","schema":"Person","properties":{"name":["Орсоля Тествик"],"alias":["Orsolya Testvik"],"birthDate":["1958-03-21"],"nationality":["hu"]}}
{"id":"inv-2","schema":"Person","properties":{"name":["Quillon Examplesson"],"birthDate":["1971"]}}
"#;

/// Three gifts: one by somebody who may be listed, two by people who are not.
pub(crate) const DONORS: &str = "\
Donor name,Date of birth,Received date,Value
Hester Mockridge,,01/02/2024,£600.00
Orsolya Testwick,21/03/1958,01/02/2024,\"£7,500.00\"
Barnaby Mocksworth,,01/02/2024,£700.00
";

pub(crate) struct Desk {
    folder: TempDir,
}

impl Desk {
    /// A folder with `list.jsonl` and `donors.csv` in it.
    pub(crate) fn new() -> Self {
        let desk = Self { folder: tempfile::tempdir().unwrap() };
        desk.write("list.jsonl", LIST);
        desk.write("donors.csv", DONORS);
        desk
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.path(name), text).unwrap();
    }

    pub(crate) fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_portcullis"));
        command
            .current_dir(self.folder.path())
            .env("PORTCULLIS_DATA", self.path("data"))
            .env("PORTCULLIS_KEY_FILE", self.path("key"))
            .env("USER", "o.testwick")
            .stdin(Stdio::null());
        command
    }

    /// Runs the program with arguments that hold no blank.
    pub(crate) fn run(&self, arguments: &str) -> Run {
        Run::of(self.command().args(arguments.split_whitespace()).output().unwrap())
    }

    /// Screens `donors.csv` as donors against `list.jsonl`.
    pub(crate) fn screen(&self, more: &str) -> Run {
        self.run(&format!("screen donors.csv --class donor --list list.jsonl {more}"))
    }
}

/// What a run gave.
pub(crate) struct Run {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Run {
    fn of(output: Output) -> Self {
        Self {
            status: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The lines of standard output as JSON.
    pub(crate) fn json(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

#[cfg(unix)]
pub(crate) fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}
