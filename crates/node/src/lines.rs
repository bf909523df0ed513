//! Lines of a JSON lines file, one at a time, of bounded length.

use std::io::{self, BufRead};

/// Longest line taken, in bytes: 16 MB.
pub(crate) const MAX_LINE_BYTES: u64 = 16_000_000;

/// A line with its number.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// Counted from 1.
    pub(crate) number: u64,
    /// Without its end.
    pub(crate) bytes: Vec<u8>,
}

/// Why lines cannot be read on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LineError {
    /// Longer than any real one.
    #[error(
        "line {number} is longer than {MAX_LINE_BYTES} bytes; check that the file is what you meant"
    )]
    TooLong {
        /// Counted from 1.
        number: u64,
    },
    /// A NUL byte.
    #[error("line {number} holds a NUL byte, so this is a binary file; give JSON lines")]
    Binary {
        /// Counted from 1.
        number: u64,
    },
    /// The bytes cannot be had.
    #[error("the file could not be read beyond line {number}")]
    Io {
        /// The last line that was read, counted from 1.
        number: u64,
        /// What the operating system said.
        source: io::Error,
    },
}

/// Reads lines; blank ones are passed over, a byte-order mark is removed. Ends after an error.
#[derive(Debug)]
pub(crate) struct Lines<R> {
    reader: R,
    number: u64,
    ended: bool,
}

impl<R: BufRead> Lines<R> {
    /// Reads the lines of `reader`.
    pub(crate) fn new(reader: R) -> Self {
        Self { reader, number: 0, ended: false }
    }

    fn read(&mut self) -> Result<Option<Line>, LineError> {
        loop {
            let mut bytes = Vec::new();
            let mut limited = io::Read::take(&mut self.reader, MAX_LINE_BYTES + 1);
            let count = limited
                .read_until(b'\n', &mut bytes)
                .map_err(|source| LineError::Io { number: self.number, source })?;
            if count == 0 {
                return Ok(None);
            }
            self.number += 1;
            if bytes.ends_with(b"\n") {
                bytes.pop();
            } else if bytes.len() as u64 > MAX_LINE_BYTES {
                return Err(LineError::TooLong { number: self.number });
            }
            if bytes.contains(&0) {
                return Err(LineError::Binary { number: self.number });
            }
            if self.number == 1 && bytes.starts_with(b"\xEF\xBB\xBF") {
                bytes.drain(..3);
            }
            if !bytes.trim_ascii().is_empty() {
                return Ok(Some(Line { number: self.number, bytes }));
            }
        }
    }
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = Result<Line, LineError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = self.read().transpose();
        self.ended = !matches!(next, Some(Ok(_)));
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_lines_are_passed_over_but_counted() {
        let lines: Vec<_> =
            Lines::new(&b"\xEF\xBB\xBFa\r\n\n  \nb"[..]).map(|line| line.unwrap()).collect();
        assert_eq!(
            lines,
            [Line { number: 1, bytes: b"a\r".to_vec() }, Line { number: 4, bytes: b"b".to_vec() },]
        );
    }

    #[test]
    fn a_line_of_16_mb_is_taken_and_one_byte_more_is_refused() {
        let mut text = vec![b'x'; 16_000_000];
        text.push(b'\n');
        assert!(Lines::new(&text[..]).all(|line| line.is_ok()));
        text.insert(0, b'x');
        let mut lines = Lines::new(&text[..]);
        assert!(matches!(lines.next(), Some(Err(LineError::TooLong { number: 1 }))));
        assert!(lines.next().is_none());
    }

    #[test]
    fn a_binary_file_is_refused() {
        assert!(matches!(
            Lines::new(&b"a\nb\0\n"[..]).last(),
            Some(Err(LineError::Binary { number: 2 }))
        ));
    }
}
