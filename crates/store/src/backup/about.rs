//! What the first and the last block of a backup say.

use jiff::Timestamp;
use minicbor::{Decoder, Encoder};
use std::convert::Infallible;

/// What a backup says of itself. Nothing here is protected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupHeader {
    /// The schema of its tables.
    pub schema_version: u32,
    /// The program that made it: `portcullis 0.1.0`.
    pub program: String,
    /// What the store was built on: `SQLite`, `PostgreSQL`.
    pub engine: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// What the keyring of the store is known by.
    pub keyring: [u8; 32],
    /// The revision of the keyring when it was made.
    pub keyring_revision: u64,
    /// The logs that were open.
    pub logs: Vec<BackupLog>,
}

/// An open log as the backup has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupLog {
    /// Whose it is.
    pub organisation: String,
    /// First line of its checkpoints.
    pub origin: String,
    /// Leaves in it.
    pub size: u64,
    /// Leaves under its last checkpoint that a witness cosigned; 0 for none.
    pub witnessed: u64,
}

impl BackupHeader {
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        // Writing to memory doesn't fail.
        let _ = self.encode(&mut Encoder::new(&mut bytes));
        bytes
    }

    fn encode(
        &self,
        encoder: &mut Encoder<&mut Vec<u8>>,
    ) -> Result<(), minicbor::encode::Error<Infallible>> {
        encoder.array(7)?;
        encoder.u32(self.schema_version)?.str(&self.program)?.str(&self.engine)?;
        encoder.i64(self.made_at.as_microsecond())?;
        encoder.bytes(&self.keyring)?.u64(self.keyring_revision)?;
        encoder.array(self.logs.len() as u64)?;
        for log in &self.logs {
            encoder.array(4)?.str(&log.organisation)?.str(&log.origin)?;
            encoder.u64(log.size)?.u64(log.witnessed)?;
        }
        Ok(())
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut decoder = Decoder::new(bytes);
        array(&mut decoder, 7)?;
        let mut header = Self {
            schema_version: decoder.u32().ok()?,
            program: decoder.str().ok()?.to_owned(),
            engine: decoder.str().ok()?.to_owned(),
            made_at: Timestamp::from_microsecond(decoder.i64().ok()?).ok()?,
            keyring: decoder.bytes().ok()?.try_into().ok()?,
            keyring_revision: decoder.u64().ok()?,
            logs: Vec::new(),
        };
        for _ in 0..decoder.array().ok()?? {
            array(&mut decoder, 4)?;
            header.logs.push(BackupLog {
                organisation: decoder.str().ok()?.to_owned(),
                origin: decoder.str().ok()?.to_owned(),
                size: decoder.u64().ok()?,
                witnessed: decoder.u64().ok()?,
            });
        }
        (decoder.position() == bytes.len() && header.to_bytes() == bytes).then_some(header)
    }
}

/// The name and columns of a table, as the block before its rows has them.
pub(super) fn table_bytes(name: &str, columns: &[&str]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes);
    let mut encode = || -> Result<(), minicbor::encode::Error<Infallible>> {
        encoder.array(2)?.str(name)?.array(columns.len() as u64)?;
        columns.iter().try_for_each(|column| encoder.str(column).map(drop))
    };
    // Writing to memory doesn't fail.
    let _ = encode();
    bytes
}

/// How many rows each table has.
pub(super) fn counts_bytes(counts: &[(&str, u64)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes);
    let mut encode = || -> Result<(), minicbor::encode::Error<Infallible>> {
        encoder.array(counts.len() as u64)?;
        counts.iter().try_for_each(|(name, rows)| encoder.array(2)?.str(name)?.u64(*rows).map(drop))
    };
    // Writing to memory doesn't fail.
    let _ = encode();
    bytes
}

fn array(decoder: &mut Decoder<'_>, length: u64) -> Option<()> {
    (decoder.array().ok()?? == length).then_some(())
}
