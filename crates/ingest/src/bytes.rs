//! Bytes in, text out: refuses what is not text, and says how it read the rest.
//!
//! *Which encoding?* A byte-order mark decides where there is one (UTF-8, UTF-16). Otherwise, with
//! [`Encoding::Auto`], each record or line is decided for itself: it is UTF-8 when its bytes are
//! valid UTF-8, and windows-1252 when they are not; the first record that is read as windows-1252
//! gives a warning with its line. So the rule needs no look ahead, holds for a file of any length,
//! never changes how a later UTF-8 record is read, and never does so silently. (Text in
//! windows-1252 is valid UTF-8 by chance only where every accented letter is followed by particular
//! signs, as in "Ã©": what then comes out is what the writer's program showed before saving.)

use crate::ReadError;
use encoding_rs::{Decoder, DecoderResult, UTF_16BE, UTF_16LE, WINDOWS_1252};
use std::borrow::Cow;
use std::io::{self, Read};

/// Longest line or record taken, in bytes: 16 MB.
pub(crate) const MAX_LINE_BYTES: usize = 16_000_000;

/// How many bytes are asked for at a time.
const CHUNK_BYTES: usize = 64 * 1024;

/// How the bytes of a text file are read as letters. A byte-order mark takes precedence.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8 where a record is valid UTF-8, else windows-1252 with a warning.
    #[default]
    Auto,
    /// UTF-8; a record that is not valid UTF-8 is set aside.
    Utf8,
    /// windows-1252, as older exports of British and American publishers are.
    Windows1252,
}

/// Text of one record or line, and whether [`Encoding::Auto`] fell back to windows-1252 for it.
#[derive(Debug)]
pub(crate) struct Decoded<'a> {
    pub(crate) text: Cow<'a, str>,
    pub(crate) fell_back: bool,
}

/// Decodes one record; `None` when it is not valid in the encoding asked for.
pub(crate) fn decode(bytes: &[u8], encoding: Encoding) -> Option<Decoded<'_>> {
    if encoding == Encoding::Windows1252 {
        let text = WINDOWS_1252.decode_without_bom_handling(bytes).0;
        return Some(Decoded { text, fell_back: false });
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(Decoded { text: Cow::Borrowed(text), fell_back: false }),
        Err(_) if encoding == Encoding::Utf8 => None,
        Err(_) => {
            let text = WINDOWS_1252.decode_without_bom_handling(bytes).0;
            Some(Decoded { text, fell_back: true })
        }
    }
}

/// Decodes whatever can be decoded, for showing a row that was set aside.
pub(crate) fn decode_for_show(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0,
    }
}

/// A source of bytes that are text: binary files are refused, byte-order marks removed, UTF-16
/// turned into UTF-8. What comes out has ASCII where ASCII is meant, and no NUL.
pub(crate) struct Guarded<R> {
    inner: R,
    chunk: Vec<u8>,
    utf16: Option<Decoder>,
    started: bool,
    ended: bool,
    /// For [`Read`]: bytes made but not yet taken.
    ready: Vec<u8>,
    taken: usize,
}

impl<R> std::fmt::Debug for Guarded<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Guarded").field("started", &self.started).finish_non_exhaustive()
    }
}

impl<R: Read> Guarded<R> {
    pub(crate) fn new(inner: R) -> Self {
        Self {
            inner,
            chunk: vec![0; CHUNK_BYTES],
            utf16: None,
            started: false,
            ended: false,
            ready: Vec::new(),
            taken: 0,
        }
    }

    /// Appends a chunk to `out` and tells how many bytes; 0 at the end.
    pub(crate) fn fill(&mut self, out: &mut Vec<u8>) -> Result<usize, ReadError> {
        let before = out.len();
        while !self.ended && out.len() == before {
            if self.started {
                let count = self.read_some(0)?;
                self.ended = count == 0;
                self.pass(0, count, out)?;
            } else {
                let count = self.read_head()?;
                let skip = self.judge_head(count)?;
                self.pass(skip, count, out)?;
            }
        }
        Ok(out.len() - before)
    }

    fn read_some(&mut self, at: usize) -> Result<usize, ReadError> {
        let free = self.chunk.get_mut(at..).unwrap_or_default();
        loop {
            match self.inner.read(free) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(ReadError::from_io(e)),
                Ok(count) => return Ok(count.min(free.len())),
            }
        }
    }

    /// Reads enough to judge the file by.
    fn read_head(&mut self) -> Result<usize, ReadError> {
        self.started = true;
        let mut count = 0;
        while count < 4096 {
            let more = self.read_some(count)?;
            if more == 0 {
                self.ended = true;
                break;
            }
            count += more;
        }
        Ok(count)
    }

    /// Refuses a binary file; tells how many bytes of byte-order mark to skip.
    fn judge_head(&mut self, count: usize) -> Result<usize, ReadError> {
        let head = self.chunk.get(..count).unwrap_or_default();
        if let Some((looks_like, advice)) = binary_kind(head) {
            return Err(ReadError::NotText { looks_like, advice });
        }
        if head.starts_with(b"\xEF\xBB\xBF") {
            return Ok(3);
        }
        for (mark, encoding) in [(b"\xFF\xFE", UTF_16LE), (b"\xFE\xFF", UTF_16BE)] {
            if head.starts_with(mark) {
                self.utf16 = Some(encoding.new_decoder_without_bom_handling());
                return Ok(2);
            }
        }
        Ok(0)
    }

    /// Hands on the bytes of the chunk from `from` to `to`.
    fn pass(&mut self, from: usize, to: usize, out: &mut Vec<u8>) -> Result<(), ReadError> {
        let bytes = self.chunk.get(from..to).unwrap_or_default();
        let before = out.len();
        match &mut self.utf16 {
            None => out.extend_from_slice(bytes),
            Some(decoder) => decode_utf16(decoder, bytes, self.ended, out)?,
        }
        if out.get(before..).unwrap_or_default().contains(&0) {
            return Err(nul_found());
        }
        Ok(())
    }
}

impl<R: Read> Read for Guarded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.taken == self.ready.len() {
            let mut ready = std::mem::take(&mut self.ready);
            ready.clear();
            let filled = self.fill(&mut ready);
            self.ready = ready;
            self.taken = 0;
            filled.map_err(io::Error::other)?;
        }
        let mut rest = self.ready.get(self.taken..).unwrap_or_default();
        let count = rest.read(into)?;
        self.taken += count;
        Ok(count)
    }
}

fn decode_utf16(
    decoder: &mut Decoder,
    mut bytes: &[u8],
    last: bool,
    out: &mut Vec<u8>,
) -> Result<(), ReadError> {
    let room = decoder.max_utf8_buffer_length_without_replacement(bytes.len());
    let mut text = String::with_capacity(room.unwrap_or(bytes.len() * 3 + 16));
    loop {
        let (result, read) = decoder.decode_to_string_without_replacement(bytes, &mut text, last);
        bytes = bytes.get(read..).unwrap_or_default();
        match result {
            DecoderResult::InputEmpty => break,
            DecoderResult::OutputFull => text.reserve(bytes.len() * 3 + 16),
            DecoderResult::Malformed(..) => {
                return Err(ReadError::NotText {
                    looks_like: "broken UTF-16",
                    advice: "save it again as UTF-8",
                });
            }
        }
    }
    out.extend_from_slice(text.as_bytes());
    Ok(())
}

fn nul_found() -> ReadError {
    ReadError::NotText {
        looks_like: "a binary file (it holds NUL bytes)",
        advice: "give the table as CSV, TSV or .xlsx, or save it again as UTF-8",
    }
}

/// The kinds of file that people mistake for a table, by their first bytes, with what to do.
fn binary_kind(head: &[u8]) -> Option<(&'static str, &'static str)> {
    const UNPACK: &str = "unpack it first";
    const EXPORT: &str = "export the table as CSV or .xlsx";
    const KINDS: &[(&[u8], &str, &str)] = &[
        (
            b"PK\x03\x04",
            "a zip archive or an office document",
            "unpack it, or give a workbook with its ending .xlsx",
        ),
        (b"PK\x05\x06", "an empty zip archive", "check the download"),
        (b"%PDF", "a PDF document", EXPORT),
        (b"\x1F\x8B", "a gzip archive", UNPACK),
        (b"\x28\xB5\x2F\xFD", "a zstd archive", UNPACK),
        (b"BZh", "a bzip2 archive", UNPACK),
        (b"\xFD7zXZ", "an xz archive", UNPACK),
        (b"7z\xBC\xAF\x27\x1C", "a 7-Zip archive", UNPACK),
        (b"MZ\x90", "a Windows program", EXPORT),
        (b"\x7FELF", "a program", EXPORT),
        (b"\xD0\xCF\x11\xE0", "an old office document (.xls, .doc)", "save it as .xlsx or CSV"),
        (b"\x89PNG", "an image", EXPORT),
        (b"\xFF\xD8\xFF", "an image", EXPORT),
        (b"GIF8", "an image", EXPORT),
        (b"SQLite format 3\0", "a database", EXPORT),
        (b"PAR1", "a Parquet file", EXPORT),
        (b"{\\rtf", "a rich-text document", EXPORT),
    ];
    KINDS
        .iter()
        .find(|(magic, ..)| head.starts_with(magic))
        .map(|(_, kind, advice)| (*kind, *advice))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(bytes: &[u8]) -> Result<Vec<u8>, ReadError> {
        let mut guarded = Guarded::new(bytes);
        let mut out = Vec::new();
        while guarded.fill(&mut out)? > 0 {}
        Ok(out)
    }

    /// Gives one byte at a time, as a slow connection may.
    struct Drip<'a>(&'a [u8]);
    impl Read for Drip<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let n = into.len().min(1);
            self.0.read(&mut into[..n])
        }
    }

    #[test]
    fn byte_order_marks_are_removed() {
        assert_eq!(all(b"\xEF\xBB\xBFname\n").unwrap(), b"name\n");
        assert_eq!(all(b"\xFF\xFEn\0a\0\xE9\0").unwrap(), "naé".as_bytes());
        assert_eq!(all(b"\xFE\xFF\0n\0a\0\xE9").unwrap(), "naé".as_bytes());
    }

    #[test]
    fn utf_16_that_arrives_byte_by_byte_is_read_whole() {
        let mut bytes = vec![0xFF, 0xFE];
        for unit in "Zoë 𝒜,b\n".repeat(1000).encode_utf16() {
            bytes.extend_from_slice(&unit.to_le_bytes());
        }
        let mut guarded = Guarded::new(Drip(&bytes));
        let mut out = Vec::new();
        while guarded.fill(&mut out).unwrap() > 0 {}
        assert_eq!(String::from_utf8(out).unwrap(), "Zoë 𝒜,b\n".repeat(1000));
    }

    #[test]
    fn a_binary_file_is_refused_with_advice() {
        for bytes in
            [&b"PK\x03\x04rest"[..], b"%PDF-1.7", b"MZ\x90\0", b"name\0x", b"\xFF\xD8\xFF\xE0"]
        {
            let error = all(bytes).unwrap_err();
            assert!(matches!(error, ReadError::NotText { .. }));
            assert!(error.to_string().contains(';'), "says what to do: {error}");
        }
    }

    #[test]
    fn a_nul_far_into_the_file_is_refused_too() {
        let mut bytes = b"name\n".repeat(100_000);
        bytes.push(0);
        assert!(matches!(all(&bytes), Err(ReadError::NotText { .. })));
    }

    #[test]
    fn auto_reads_each_record_as_what_it_is() {
        assert_eq!(decode("Zoë".as_bytes(), Encoding::Auto).unwrap().text, "Zoë");
        let latin = decode(b"Zo\xEB \x80", Encoding::Auto).unwrap();
        assert_eq!(latin.text, "Zoë €");
        assert!(latin.fell_back);
        assert!(decode(b"Zo\xEB", Encoding::Utf8).is_none());
    }

    #[test]
    fn an_error_of_ours_survives_the_way_through_io() {
        let error = Guarded::new(&b"%PDF"[..]).read(&mut [0; 8]).unwrap_err();
        assert!(matches!(ReadError::from_io(error), ReadError::NotText { .. }));
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_guard_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = all(&bytes);
            let _ = all(&[b"\xFF\xFE", &bytes[..]].concat());
        }
    }
}
