//! Files to read: plain, packed with zstd, or standard input.

use anyhow::Context;
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::path::Path;

/// First bytes of a zstd frame (RFC 8878 section 3.1.1).
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];

/// Opens a file to read; `-` is standard input. One packed with zstd is unpacked on the way.
pub(crate) fn open(path: &Path) -> anyhow::Result<Box<dyn Read + Send>> {
    if path.as_os_str() == "-" {
        return unpacked(io::stdin());
    }
    let context = || format!("cannot read `{}`", path.display());
    let file = File::open(path).with_context(context)?;
    if file.metadata().with_context(context)?.is_dir() {
        anyhow::bail!("`{}` is a folder; name a file in it", path.display());
    }
    unpacked(file).with_context(context)
}

fn unpacked(mut raw: impl Read + Send + 'static) -> anyhow::Result<Box<dyn Read + Send>> {
    let mut head = Vec::new();
    raw.by_ref().take(4).read_to_end(&mut head)?;
    let packed = head == ZSTD_MAGIC;
    let whole = BufReader::with_capacity(1 << 16, Cursor::new(head).chain(raw));
    Ok(if packed {
        Box::new(Unpacked(zstd::Decoder::with_buffer(whole)?))
    } else {
        Box::new(whole)
    })
}

/// Says in words when a packed file ends before its time.
struct Unpacked<R>(R);

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.0.read(into).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the packed file is cut short; copy or download it again",
            ),
            _ => error,
        })
    }
}

/// The name of a file without its folder and without the ending of its packing.
pub(crate) fn name(path: &Path) -> String {
    if path.as_os_str() == "-" {
        return "standard input".to_owned();
    }
    let name =
        path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    name.strip_suffix(".zst").map_or_else(|| name.clone(), str::to_owned)
}

/// Reads the first bytes to look at, and gives back a reader of everything.
pub(crate) fn peek(
    mut input: Box<dyn Read + Send>,
    bytes: u64,
) -> io::Result<(Vec<u8>, Box<dyn Read + Send>)> {
    let mut head = Vec::new();
    input.by_ref().take(bytes).read_to_end(&mut head)?;
    Ok((head.clone(), Box::new(Cursor::new(head).chain(input))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packed_file_reads_as_what_was_packed() {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in [
            ("plain", b"Name\nOrsolya".to_vec()),
            ("packed.zst", zstd::encode_all(&b"Name\nOrsolya"[..], 1).unwrap()),
            ("short", b"N".to_vec()),
        ] {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            let mut text = String::new();
            open(&path).unwrap().read_to_string(&mut text).unwrap();
            assert!("Name\nOrsolya".starts_with(&text) && !text.is_empty());
        }
    }

    #[test]
    fn a_folder_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert!(open(folder.path()).err().unwrap().to_string().contains("is a folder"));
    }
}
