//! Lines out of text, in bounded memory: for formats with one record to a line.

use crate::ReadError;
use crate::bytes::{Guarded, MAX_LINE_BYTES};
use std::io::Read;

/// Reads lines; blank ones are left out, but counted in the line numbers.
#[derive(Debug)]
pub(crate) struct Lines<R> {
    source: Guarded<R>,
    buffer: Vec<u8>,
    start: usize,
    /// Up to where the buffer was searched for a line end.
    searched: usize,
    line: u64,
    ended: bool,
}

impl<R: Read> Lines<R> {
    pub(crate) fn new(source: R) -> Self {
        Self {
            source: Guarded::new(source),
            buffer: Vec::new(),
            start: 0,
            searched: 0,
            line: 0,
            ended: false,
        }
    }

    /// The next line that is not blank, with its number counted from 1, without its line end.
    ///
    /// # Errors
    ///
    /// [`ReadError`] when the file is binary, a line is over 16 MB, or its bytes cannot be read.
    pub(crate) fn next_line(&mut self) -> Result<Option<(u64, &[u8])>, ReadError> {
        let range = loop {
            let rest = self.buffer.get(self.searched..).unwrap_or_default();
            let found = rest.iter().position(|b| *b == b'\n').map(|p| self.searched + p);
            self.searched = self.buffer.len();
            let end = match found {
                Some(end) => end,
                None if self.ended && self.start < self.buffer.len() => self.buffer.len(),
                None if self.ended => return Ok(None),
                None => {
                    self.more()?;
                    continue;
                }
            };
            let range = self.start..end;
            self.start = (end + 1).min(self.buffer.len());
            self.searched = self.start;
            self.line += 1;
            if range.len() > MAX_LINE_BYTES {
                return Err(self.too_long(self.line));
            }
            // DOS programs end a text file with the byte 0x1A.
            let text = self.buffer.get(range.clone()).unwrap_or_default();
            if !text.iter().all(|b| b.is_ascii_whitespace() || *b == 0x1A) {
                break range;
            }
        };
        let bytes = self.buffer.get(range).unwrap_or_default();
        Ok(Some((self.line, bytes.strip_suffix(b"\r").unwrap_or(bytes))))
    }

    fn more(&mut self) -> Result<(), ReadError> {
        self.buffer.drain(..self.start);
        self.searched -= self.start;
        self.start = 0;
        if self.buffer.len() > MAX_LINE_BYTES {
            return Err(self.too_long(self.line + 1));
        }
        self.ended = self.source.fill(&mut self.buffer)? == 0;
        Ok(())
    }

    fn too_long(&mut self, line: u64) -> ReadError {
        self.ended = true;
        self.buffer.clear();
        self.start = 0;
        self.searched = 0;
        ReadError::LineTooLong { line, limit_bytes: MAX_LINE_BYTES }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(bytes: &[u8]) -> Result<Vec<(u64, Vec<u8>)>, ReadError> {
        let mut lines = Lines::new(bytes);
        let mut out = Vec::new();
        while let Some((line, text)) = lines.next_line()? {
            out.push((line, text.to_vec()));
        }
        Ok(out)
    }

    #[test]
    fn blank_lines_are_left_out_and_counted() {
        let lines = all(b"\xEF\xBB\xBFa\r\n\n  \nb\n\nc").unwrap();
        assert_eq!(lines, [(1, b"a".to_vec()), (4, b"b".to_vec()), (6, b"c".to_vec())]);
    }

    #[test]
    fn a_line_over_16_mb_is_an_error_with_its_number() {
        let mut bytes = b"a\n".to_vec();
        bytes.extend(vec![b'x'; MAX_LINE_BYTES + 1]);
        for end in ["", "\nb\n"] {
            let bytes = [&bytes[..], end.as_bytes()].concat();
            assert!(matches!(all(&bytes), Err(ReadError::LineTooLong { line: 2, .. })));
        }
    }

    proptest! {
        #[test]
        fn lines_are_those_of_the_standard_library(text in "[a-z\\n]{0,200}") {
            let expected: Vec<_> = text
                .split('\n')
                .zip(1..)
                .filter(|(l, _)| !l.is_empty())
                .map(|(l, n)| (n, l.as_bytes().to_vec()))
                .collect();
            prop_assert_eq!(all(text.as_bytes()).unwrap(), expected);
        }
    }
}
