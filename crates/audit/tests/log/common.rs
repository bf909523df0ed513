//! A log in memory, invented keys, and the vectors.

use portcullis_audit::{
    Checkpoint, Cosigner, Digest, FinishedTile, Frontier, KeyName, LogSigner, Note, Tile, TileKind,
    TileSource, write_bundle,
};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt::Write as _;

pub(crate) const ORIGIN: &str = "log.example/party";

pub(crate) fn name(text: &str) -> KeyName {
    text.parse().unwrap()
}

pub(crate) fn log_key() -> LogSigner {
    LogSigner::new(name(ORIGIN), &[1; 32])
}

pub(crate) fn witness_key(number: u8) -> Cosigner {
    Cosigner::new(name(&format!("witness.example/w{number}")), &[number + 1; 32])
}

/// What `vectors/log/1` has under a name.
pub(crate) fn vector(name: &str) -> serde_json::Value {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/log/1/");
    serde_json::from_slice(&std::fs::read(format!("{folder}{name}.json")).unwrap()).unwrap()
}

pub(crate) fn bytes(hex: &serde_json::Value) -> Vec<u8> {
    let hex = hex.as_str().unwrap();
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

pub(crate) fn digest(base64: &serde_json::Value) -> Digest {
    Digest::from_base64(base64.as_str().unwrap()).unwrap()
}

/// The entry that the vectors put at an index.
pub(crate) fn entry(index: u64) -> Vec<u8> {
    index.to_be_bytes().to_vec()
}

/// Stored tiles, as a checkpoint of the size at hand needs them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Memory {
    pub(crate) tiles: BTreeMap<Tile, Vec<u8>>,
    pub(crate) frontier: Frontier,
}

impl Memory {
    pub(crate) fn of(size: u64) -> Self {
        Self::with(size, entry)
    }

    pub(crate) fn with(size: u64, entry: impl Fn(u64) -> Vec<u8>) -> Self {
        let mut memory = Self::default();
        memory.grow(size, entry);
        memory
    }

    pub(crate) fn grow(&mut self, size: u64, entry: impl Fn(u64) -> Vec<u8>) {
        let mut finished = Vec::new();
        for index in self.frontier.size()..size {
            self.frontier.append(&entry(index), &mut finished);
        }
        finished.extend(self.frontier.partial_tiles());
        self.tiles.extend(finished.into_iter().map(|FinishedTile { tile, bytes }| (tile, bytes)));
        for tile in Tile::all(size).filter(|tile| tile.kind() == TileKind::Entries) {
            let from = tile.index() * 256;
            let entries: Vec<_> = (from..from + u64::from(tile.width())).map(&entry).collect();
            self.tiles.insert(tile, write_bundle(entries.iter().map(Vec::as_slice)).unwrap());
        }
    }

    pub(crate) fn checkpoint(&self) -> Checkpoint {
        Checkpoint::new(ORIGIN, self.frontier.size(), self.frontier.root()).unwrap()
    }

    /// The checkpoint signed by the log and cosigned by the first witnesses.
    pub(crate) fn note(&self, witnesses: u8) -> Note {
        let checkpoint = self.checkpoint();
        let mut note = checkpoint.sign(&log_key());
        for number in 1..=witnesses {
            note.add(witness_key(number).cosign(1_772_600_767, &checkpoint));
        }
        note
    }
}

impl TileSource for Memory {
    type Error = Infallible;

    fn read(&self, tile: Tile) -> Result<Option<Vec<u8>>, Infallible> {
        Ok(self.tiles.get(&tile).cloned())
    }
}

/// A log of which every earlier tile that was not full is there too.
#[derive(Debug)]
pub(crate) struct EverySize(pub(crate) Memory);

impl TileSource for EverySize {
    type Error = Infallible;

    fn read(&self, tile: Tile) -> Result<Option<Vec<u8>>, Infallible> {
        let mut tiles = self.0.tiles.iter();
        let place = |other: &Tile| (other.kind(), other.index());
        let wider = self.0.tiles.get(&tile.widened()).or_else(|| {
            tiles.find(|(other, _)| place(other) == place(&tile)).map(|(_, bytes)| bytes)
        });
        Ok(wider.and_then(|bytes| bytes.get(..usize::from(tile.width()) * 32)).map(<[u8]>::to_vec))
    }
}

/// A policy that asks for the log and all of so many witnesses.
pub(crate) fn policy_text(witnesses: u8) -> String {
    let mut text = format!("log {}\n", log_key().verifier());
    let mut members = String::new();
    for number in 1..=witnesses {
        writeln!(text, "witness w{number} {}", witness_key(number).verifier()).unwrap();
        write!(members, " w{number}").unwrap();
    }
    if witnesses == 0 {
        return text + "quorum none\n";
    }
    text + &format!("group all-of-them all{members}\nquorum all-of-them\n")
}

pub(crate) fn policy(witnesses: u8) -> portcullis_audit::Policy {
    portcullis_audit::Policy::parse(policy_text(witnesses).as_bytes()).unwrap()
}
