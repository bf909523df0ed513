//! Blocks: what a backup is made of, each bound to all those before it.

use sha2::{Digest as _, Sha256};
use std::io::{self, Read, Write};

/// How a backup begins.
pub(crate) const MAGIC: &[u8; 21] = b"portcullis-backup/v1\n";

/// Bytes of a block, at most, packed or not: more than the largest row.
const LARGEST: usize = 160 * 1024 * 1024;

/// How hard rows are packed; sealed ones hardly get smaller.
const LEVEL: i32 = 3;

const CHECK_BYTES: usize = 32;

/// What a block holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// What the backup is of.
    Header,
    /// The name and columns of the table whose rows follow.
    Table,
    /// Rows. Packed with zstd.
    Rows,
    /// How many rows each table has, and the seal.
    End,
}

impl Kind {
    fn byte(self) -> u8 {
        match self {
            Self::Header => b'H',
            Self::Table => b'T',
            Self::Rows => b'R',
            Self::End => b'E',
        }
    }

    fn from_byte(byte: u8) -> Option<Self> {
        [Self::Header, Self::Table, Self::Rows, Self::End].into_iter().find(|k| k.byte() == byte)
    }
}

/// The digest of a block and of all before it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Check(pub(crate) [u8; CHECK_BYTES]);

impl Check {
    fn first() -> Self {
        Self(Sha256::digest(MAGIC).into())
    }

    fn next(self, head: &[u8; 9], body: &[u8]) -> Self {
        let hash = Sha256::new_with_prefix(self.0).chain_update(head).chain_update(body);
        Self(hash.finalize().into())
    }
}

/// Writes blocks.
pub(crate) struct BlockWriter<'w> {
    out: &'w mut dyn Write,
    /// Of what was written last.
    pub(crate) check: Check,
    /// How many were written.
    pub(crate) blocks: u64,
    /// How many bytes were written.
    pub(crate) bytes: u64,
}

impl<'w> BlockWriter<'w> {
    /// Begins a backup.
    pub(crate) fn begin(out: &'w mut dyn Write) -> io::Result<Self> {
        out.write_all(MAGIC)?;
        Ok(Self { out, check: Check::first(), blocks: 0, bytes: MAGIC.len() as u64 })
    }

    pub(crate) fn write(&mut self, kind: Kind, plain: &[u8]) -> io::Result<()> {
        let packed;
        let body = if kind == Kind::Rows {
            packed = zstd::bulk::compress(plain, LEVEL)?;
            &packed
        } else {
            plain
        };
        let mut head = [kind.byte(); 9];
        let (_, lengths) = head.split_at_mut(1);
        let (stored, unpacked) = lengths.split_at_mut(4);
        stored.copy_from_slice(&length(body)?);
        unpacked.copy_from_slice(&length(plain)?);
        let check = self.check.next(&head, body);
        for part in [head.as_slice(), body, &check.0] {
            self.out.write_all(part)?;
            self.bytes = self.bytes.saturating_add(part.len() as u64);
        }
        self.check = check;
        self.blocks = self.blocks.saturating_add(1);
        Ok(())
    }
}

fn length(bytes: &[u8]) -> io::Result<[u8; 4]> {
    u32::try_from(bytes.len())
        .ok()
        .filter(|_| bytes.len() <= LARGEST)
        .map(u32::to_be_bytes)
        .ok_or_else(|| io::Error::other("a row is larger than any the store takes"))
}

/// Why there is no block.
#[derive(Debug)]
pub(crate) enum BlockError {
    /// It isn't the one that was written, or its end is missing.
    Damaged,
    /// The file cannot be read.
    Read(io::Error),
}

/// Reads blocks.
pub(crate) struct BlockReader<R> {
    from: R,
    /// Of what was read last.
    pub(crate) check: Check,
    /// The number of the block that is read next, from 0.
    pub(crate) number: u64,
    /// How many bytes were read.
    pub(crate) bytes: u64,
}

impl<R: Read> BlockReader<R> {
    /// Begins; false when it isn't a backup.
    pub(crate) fn begin(mut from: R) -> io::Result<Option<Self>> {
        let mut magic = [0; MAGIC.len()];
        match from.read_exact(&mut magic) {
            Ok(()) if magic == *MAGIC => {
                let bytes = MAGIC.len() as u64;
                Ok(Some(Self { from, check: Check::first(), number: 0, bytes }))
            }
            Ok(()) => Ok(None),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The next block, unpacked. Nothing of it is believed before its digest was compared.
    pub(crate) fn next(&mut self) -> Result<(Kind, Vec<u8>), BlockError> {
        let mut head = [0; 9];
        self.exact(&mut head)?;
        let ([kind], lengths) = head.split_first_chunk::<1>().ok_or(BlockError::Damaged)?;
        let (stored, plain) = lengths.split_first_chunk::<4>().ok_or(BlockError::Damaged)?;
        let stored = size(*stored)?;
        let plain = size(*plain.first_chunk().ok_or(BlockError::Damaged)?)?;
        // Read as it comes: a length that was altered takes no memory by itself.
        let mut body = Vec::new();
        let limit = u64::try_from(stored).unwrap_or(u64::MAX);
        (&mut self.from).take(limit).read_to_end(&mut body).map_err(BlockError::Read)?;
        let mut check = [0; CHECK_BYTES];
        self.exact(&mut check)?;
        let expected = self.check.next(&head, &body);
        let kind = Kind::from_byte(*kind).ok_or(BlockError::Damaged)?;
        if body.len() != stored || check != expected.0 {
            return Err(BlockError::Damaged);
        }
        let read = head.len().saturating_add(stored).saturating_add(CHECK_BYTES);
        let body = if kind == Kind::Rows { unpack(&body, plain)? } else { body };
        if body.len() != plain {
            return Err(BlockError::Damaged);
        }
        self.bytes = self.bytes.saturating_add(read as u64);
        self.check = expected;
        self.number = self.number.saturating_add(1);
        Ok((kind, body))
    }

    /// Whether nothing follows.
    pub(crate) fn is_at_end(&mut self) -> io::Result<bool> {
        let mut byte = Vec::new();
        (&mut self.from).take(1).read_to_end(&mut byte).map(|read| read == 0)
    }

    fn exact(&mut self, bytes: &mut [u8]) -> Result<(), BlockError> {
        self.from.read_exact(bytes).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => BlockError::Damaged,
            _ => BlockError::Read(error),
        })
    }
}

fn size(bytes: [u8; 4]) -> Result<usize, BlockError> {
    let size = usize::try_from(u32::from_be_bytes(bytes)).unwrap_or(usize::MAX);
    if size <= LARGEST { Ok(size) } else { Err(BlockError::Damaged) }
}

fn unpack(packed: &[u8], plain: usize) -> Result<Vec<u8>, BlockError> {
    let decoder = zstd::Decoder::with_buffer(packed).map_err(|_| BlockError::Damaged)?;
    let limit = u64::try_from(plain).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    decoder.take(limit).read_to_end(&mut bytes).map_err(|_| BlockError::Damaged)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Section 6 of `docs/spec/backup.md`, made by another program: the table `t` with the column
    /// `a`, and a row of it that holds 1, in a block that is packed by not being packed.
    const VECTOR: &str = "706f727463756c6c69732d6261636b75702f76310a54000000060000000682617481\
        6161e8f4f0a77d7ff5bd58330663d4f1d20a4f50854b613ed8cd07177397f1afc4ef520000000b00000002\
        28b52ffd2002110000810187c56c8a492029026aecac695034a04756d9fd2314a7f2fdc126519aabacd705";

    fn vector() -> Vec<u8> {
        let digits: Vec<u8> = VECTOR.bytes().filter(u8::is_ascii_hexdigit).collect();
        digits
            .chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect()
    }

    #[test]
    fn the_blocks_of_the_specification_are_read() {
        let vector = vector();
        let mut reader = BlockReader::begin(vector.as_slice()).unwrap().unwrap();
        assert_eq!(reader.next().unwrap(), (Kind::Table, b"\x82\x61t\x81\x61a".to_vec()));
        assert_eq!(reader.next().unwrap(), (Kind::Rows, b"\x81\x01".to_vec()));
        assert!(reader.is_at_end().unwrap());
        assert_eq!(reader.bytes, 120);
    }

    #[test]
    fn the_first_block_of_the_specification_is_written() {
        let vector = vector();
        let mut bytes = Vec::new();
        let mut writer = BlockWriter::begin(&mut bytes).unwrap();
        writer.write(Kind::Table, b"\x82\x61t\x81\x61a").unwrap();
        assert_eq!(writer.bytes, 68);
        assert_eq!(bytes, vector[..68]);
    }

    #[test]
    fn what_was_written_is_read() {
        let rows = vec![0x81; 3_000_000];
        let mut bytes = Vec::new();
        let mut writer = BlockWriter::begin(&mut bytes).unwrap();
        writer.write(Kind::Rows, &rows).unwrap();
        writer.write(Kind::End, b"").unwrap();
        let mut reader = BlockReader::begin(bytes.as_slice()).unwrap().unwrap();
        assert_eq!(reader.next().unwrap(), (Kind::Rows, rows));
        assert_eq!(reader.next().unwrap(), (Kind::End, Vec::new()));
    }
}
