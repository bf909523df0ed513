//! Files as fetched, and the text within them.

use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::Path;
use zip::ZipArchive;

/// First bytes of a gzip member (RFC 1952 section 2.3.1) and of a Zstandard frame (RFC 8878 section
/// 3.1.1).
const GZIP: [u8; 2] = [0x1F, 0x8B];
const ZSTANDARD: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];
/// First bytes of a file in a zip archive (APPNOTE.TXT section 4.3.7).
const ZIP: [u8; 4] = *b"PK\x03\x04";

/// Opens a file and unpacks it on the way, when its first bytes say that it is packed. More than
/// `limit_bytes` of text is an error, so that a small file cannot fill the memory.
pub(super) fn open(path: &Path, limit_bytes: u64) -> io::Result<Box<dyn Read>> {
    let mut file = BufReader::with_capacity(256 * 1024, File::open(path)?);
    let start = io::BufRead::fill_buf(&mut file)?;
    let text: Box<dyn Read> = if start.starts_with(&GZIP) {
        Box::new(MultiGzDecoder::new(file))
    } else if start.starts_with(&ZSTANDARD) {
        Box::new(zstd::Decoder::with_buffer(file)?)
    } else if start.starts_with(&ZIP) {
        Box::new(unzipped(file, limit_bytes)?)
    } else {
        Box::new(file)
    };
    Ok(Box::new(Bounded { text, left: limit_bytes, limit_bytes }))
}

/// The one file in an archive, unpacked to a file without a name: an archive can only be read back
/// and forth, not as it comes.
fn unzipped(archive: BufReader<File>, limit_bytes: u64) -> io::Result<BufReader<File>> {
    let mut archive = ZipArchive::new(archive)?;
    if archive.len() != 1 {
        return Err(io::Error::other(format!(
            "the archive holds {} files instead of one; unpack it first",
            archive.len()
        )));
    }
    let packed = archive.by_index(0)?;
    let mut text = tempfile::tempfile()?;
    let mut bounded = Bounded { text: packed, left: limit_bytes, limit_bytes };
    io::copy(&mut bounded, &mut text)?;
    text.rewind()?;
    Ok(BufReader::with_capacity(256 * 1024, text))
}

/// The name of the file within: `sdn.csv` for `sdn.csv.gz`.
pub(super) fn name_within(name: &str) -> &str {
    [".zst", ".gz", ".zip"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name)
}

/// Whether a text begins like a web page.
pub(super) fn is_web_page(head: &[u8]) -> bool {
    let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    let begins =
        |with: &[u8]| text.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with));
    begins(b"<!doctype html") || begins(b"<html")
}

struct Bounded<R> {
    text: R,
    left: u64,
    limit_bytes: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.text.read(buffer)?;
        self.left = self.left.checked_sub(read as u64).ok_or_else(|| {
            io::Error::other(format!(
                "unpacked it has more than {} bytes; if that is right, raise --max-size",
                self.limit_bytes
            ))
        })?;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn unpacked(bytes: &[u8], limit_bytes: u64) -> io::Result<String> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        let mut text = String::new();
        open(file.path(), limit_bytes)?.read_to_string(&mut text)?;
        Ok(text)
    }

    fn gzip(text: &str) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn packed_and_plain_files_give_the_same_text() {
        assert_eq!(unpacked(b"a,b", 100).unwrap(), "a,b");
        assert_eq!(unpacked(&gzip("a,b"), 100).unwrap(), "a,b");
        assert_eq!(unpacked(&zstd::encode_all(&b"a,b"[..], 0).unwrap(), 100).unwrap(), "a,b");
        // Several members are one text (RFC 1952 section 2.2).
        assert_eq!(unpacked(&[gzip("a,"), gzip("b")].concat(), 100).unwrap(), "a,b");
        assert_eq!(unpacked(b"", 100).unwrap(), "");
    }

    fn zip(files: &[(&str, &str)]) -> Vec<u8> {
        let mut archive = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
        for (name, text) in files {
            let options = zip::write::SimpleFileOptions::default();
            archive.start_file(*name, options).unwrap();
            archive.write_all(text.as_bytes()).unwrap();
        }
        archive.finish().unwrap().into_inner()
    }

    #[test]
    fn an_archive_with_one_file_is_that_file() {
        assert_eq!(unpacked(&zip(&[("a.csv", "a,b")]), 100).unwrap(), "a,b");
        assert!(unpacked(&zip(&[("a.csv", "a"), ("b.csv", "b")]), 100).is_err());
        assert!(unpacked(&zip(&[("a.csv", &"0".repeat(10_000))]), 100).is_err());
        let whole = zip(&[("a.csv", "a,b")]);
        assert!(unpacked(&whole[..whole.len() - 5], 100).is_err());
    }

    #[test]
    fn a_packed_file_that_breaks_off_is_an_error() {
        let whole = gzip(&"text ".repeat(1_000));
        assert!(unpacked(&whole[..whole.len() - 9], 10_000).is_err());
    }

    #[test]
    fn a_small_file_cannot_unpack_without_bound() {
        let bomb = gzip(&"0".repeat(1_000_000));
        assert!(bomb.len() < 10_000);
        assert!(unpacked(&bomb, 10_000).is_err());
        assert!(unpacked(b"0123456789", 10).is_ok());
    }

    #[test]
    fn a_web_page_is_told_from_a_list() {
        for page in ["<!DOCTYPE html><p>", "\u{FEFF}\n <HTML lang=en>"] {
            assert!(is_web_page(page.as_bytes()), "{page}");
        }
        for list in ["<?xml version=\"1.0\"?><CONSOLIDATED_LIST>", "id,name\n", "{}", ""] {
            assert!(!is_web_page(list.as_bytes()), "{list}");
        }
    }

    #[test]
    fn the_name_within_has_no_packing() {
        assert_eq!(name_within("sdn.csv.gz"), "sdn.csv");
        assert_eq!(name_within("list.xml.zst"), "list.xml");
        assert_eq!(name_within("list.xml"), "list.xml");
    }
}
