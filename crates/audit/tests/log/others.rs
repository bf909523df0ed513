//! An export is checked by verifiers that others wrote, and every change to it is found by each of
//! them and by ours.
//!
//! Needs `go` with golang.org/x/mod in GOPATH (Debian: golang-go, golang-golang-x-mod-dev), and a
//! Python with `cryptography` and `pymerkle`, named by `PORTCULLIS_PYTHON` or in
//! `~/.cache/portcullis/verify-venv`. `./test` installs both.

use crate::common::{EverySize, Memory, log_key, policy, witness_key};
use portcullis_audit::{
    Checkpoint, Note, Receipt, Tile, TileSource, Tree, verify_consistency, verify_export,
};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::{env, fs, io};

const WITNESSES: u8 = 2;

/// A folder with an export in it.
struct Folder {
    folder: PathBuf,
    size: u64,
    receipts: Vec<u64>,
}

impl TileSource for Folder {
    type Error = io::Error;

    fn read(&self, tile: Tile) -> io::Result<Option<Vec<u8>>> {
        match fs::read(self.folder.join(tile.to_string())) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            other => other.map(Some),
        }
    }
}

impl Folder {
    fn write(folder: &Path, size: u64, older: u64, receipts: &[u64]) -> Self {
        let put = |path: String, bytes: &[u8]| {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        };
        let memory = Memory::of(size);
        for tile in Tile::all(size) {
            put(tile.to_string(), &memory.tiles[&tile]);
        }
        let note = memory.note(WITNESSES);
        put("checkpoint".into(), note.to_string().as_bytes());
        put("older".into(), Memory::of(older).note(WITNESSES).to_string().as_bytes());
        let memory = EverySize(memory);
        for index in receipts {
            let path = Tree::new(&memory, size).inclusion(*index).unwrap();
            let checkpoint = note.clone();
            let extra = Some(crate::common::entry(*index));
            let receipt = Receipt { extra, index: *index, path, checkpoint };
            put(format!("receipts/{index}.tlog-proof"), receipt.to_string().as_bytes());
        }
        Self { folder: folder.to_owned(), size, receipts: receipts.to_vec() }
    }

    /// What our own verifier says, of the same files as the others.
    fn check(&self) -> Result<(), String> {
        let read = |path: &str| fs::read(self.folder.join(path)).unwrap();
        let said = |error: &dyn std::error::Error| error.to_string();
        let policy = policy(WITNESSES);
        let older = Note::parse(&read("older")).map_err(|error| said(&error))?;
        let older = policy.check(&older).map_err(|error| said(&error))?.checkpoint;
        for index in &self.receipts {
            let receipt = read(&format!("receipts/{index}.tlog-proof"));
            let receipt = Receipt::parse(&receipt).map_err(|error| said(&error))?;
            let entry = receipt.extra.as_deref().ok_or("no entry")?;
            receipt.verify(entry, &policy).map_err(|error| said(&error))?;
        }
        let report = verify_export(self, &read("checkpoint"), &policy);
        let head: Checkpoint = report.map_err(|error| said(&error))?.satisfied.checkpoint;
        let proof = Tree::new(self, head.size()).consistency(older.size());
        let proof = proof.map_err(|error| said(&error))?;
        let grew =
            verify_consistency(older.size(), &older.root(), head.size(), &head.root(), &proof);
        grew.map_err(|error| said(&error))
    }
}

/// Somebody else's verifier, running.
struct Verifier {
    name: &'static str,
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Verifier {
    fn start(name: &'static str, mut command: Command, folder: &Folder) -> Self {
        command.arg(&folder.folder).arg(log_key().verifier().to_string());
        command.args((1..=WITNESSES).map(|number| witness_key(number).verifier().to_string()));
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it is there");
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { name, child, input, output }
    }

    fn check(&mut self) -> Result<(), String> {
        self.input.as_mut().unwrap().write_all(b"check\n").unwrap();
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        match line.trim_end() {
            "ok" => Ok(()),
            damaged if damaged.starts_with("damaged: ") => Err(damaged.to_owned()),
            other => panic!("{} ended: {other}", self.name),
        }
    }
}

impl Drop for Verifier {
    fn drop(&mut self) {
        // Its input ends, and so does it.
        self.input = None;
        let _ = self.child.wait();
    }
}

fn others() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/others")
}

/// Why a verifier does not run; a failure where nothing may be left out.
fn skip(what: &str, how: &str) {
    assert!(env::var("CI").as_deref() != Ok("true"), "{what} is missing. {how}");
    let _ = writeln!(io::stderr(), "skipped: {what} is missing. {how}");
}

fn go(built: &Path) -> Option<Command> {
    let gopath = env::var_os("PORTCULLIS_GOPATH").unwrap_or_else(|| "/usr/share/gocode".into());
    let there = Path::new(&gopath).join("src/golang.org/x/mod/sumdb/tlog").is_dir();
    if !there || Command::new("go").arg("version").output().is_err() {
        skip("Go with golang.org/x/mod", "Install golang-go and golang-golang-x-mod-dev");
        return None;
    }
    let program = built.join("verify");
    let built = Command::new("go")
        .args(["build", "-o"])
        .arg(&program)
        .arg(others().join("verify.go"))
        .env("GO111MODULE", "off")
        .env("GOFLAGS", "")
        .env("GOPATH", gopath)
        .env("GOCACHE", built.join("cache"))
        .output()
        .unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    Some(Command::new(program))
}

fn python() -> Option<Command> {
    let home = env::home_dir().unwrap_or_default();
    let cache = env::var_os("XDG_CACHE_HOME").map_or_else(|| home.join(".cache"), PathBuf::from);
    let python = env::var_os("PORTCULLIS_PYTHON")
        .map_or_else(|| cache.join("portcullis/verify-venv/bin/python"), PathBuf::from);
    let works = Command::new(&python).args(["-c", "import cryptography, pymerkle"]).output();
    if !works.is_ok_and(|output| output.status.success()) {
        skip("a Python with cryptography and pymerkle", "Run ./test, or set PORTCULLIS_PYTHON");
        return None;
    }
    let mut command = Command::new(python);
    command.arg("-B").arg(others().join("verify.py"));
    Some(command)
}

/// A repeatable choice of numbers (`SplitMix64` by Steele, Lea and Flood).
struct Choice(u64);

impl Choice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % bound as u64).unwrap()
    }
}

/// Flips one bit of each of some bytes of a file, one after another, and expects every verifier to
/// find it.
fn alter(folder: &Folder, verifiers: &mut [Verifier], path: &str, samples: usize) {
    let file = folder.folder.join(path);
    let good = fs::read(&file).unwrap();
    let mut choice = Choice(path.len() as u64 + folder.size);
    let all = samples >= good.len();
    for sample in 0..samples.min(good.len()) {
        let at = if all { sample } else { choice.below(good.len()) };
        let mut bytes = good.clone();
        bytes[at] ^= 1 << choice.below(8);
        fs::write(&file, &bytes).unwrap();
        assert!(folder.check().is_err(), "byte {at} of {path} was altered and we did not see it");
        for verifier in verifiers.iter_mut() {
            let found = verifier.check();
            assert!(found.is_err(), "{} did not see byte {at} of {path}", verifier.name);
        }
    }
    fs::write(&file, good).unwrap();
}

fn everybody(folder: &Folder, built: &Path) -> Vec<Verifier> {
    let go = go(built).map(|command| Verifier::start("Go", command, folder));
    let python = python().map(|command| Verifier::start("Python", command, folder));
    go.into_iter().chain(python).collect()
}

fn agree(folder: &Folder, verifiers: &mut [Verifier]) {
    folder.check().unwrap();
    for verifier in verifiers {
        assert_eq!(verifier.check(), Ok(()), "{}", verifier.name);
    }
}

// THREATS T-17
#[test]
fn verifiers_that_others_wrote_take_an_export_and_find_every_altered_byte() {
    let place = tempfile::tempdir().unwrap();
    let folder = Folder::write(&place.path().join("export"), 600, 300, &[0, 599]);
    let mut verifiers = everybody(&folder, place.path());
    agree(&folder, &mut verifiers);
    // Small files byte by byte, of large ones some.
    for path in ["checkpoint", "older", "receipts/599.tlog-proof", "tile/1/000.p/2"] {
        alter(&folder, &mut verifiers, path, usize::MAX);
    }
    for path in [
        "tile/entries/000",
        "tile/entries/002.p/88",
        "tile/0/001",
        "tile/0/002.p/88",
        "receipts/0.tlog-proof",
    ] {
        alter(&folder, &mut verifiers, path, 25);
    }
    agree(&folder, &mut verifiers);
}

#[test]
fn verifiers_that_others_wrote_take_an_export_with_three_levels() {
    let place = tempfile::tempdir().unwrap();
    let folder = Folder::write(&place.path().join("export"), 65_900, 65_537, &[7, 65_899]);
    let mut verifiers = everybody(&folder, place.path());
    agree(&folder, &mut verifiers);
    for path in ["tile/1/000", "tile/2/000.p/1", "tile/1/001.p/1", "tile/entries/100"] {
        alter(&folder, &mut verifiers, path, 2);
    }
    agree(&folder, &mut verifiers);
}
