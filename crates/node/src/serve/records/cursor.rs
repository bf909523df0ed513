//! Pages: how many of a kind, and after which.
//!
//! A cursor is made of the row before it alone, which the reader has seen. It counts nothing, and one
//! that was made up stands somewhere or other in the order, where it says no more than a right one.

use super::super::extract::Options;
use super::super::problem::{Answer, Problem};
use portcullis_store::MAX_PAGE;
use std::fmt::Write as _;

/// Rows of a page where the asker says nothing.
const ROWS: u16 = 50;

/// How much is asked for, and after what.
#[derive(Debug, Clone, Copy)]
pub(super) struct Page<const N: usize> {
    pub(super) limit: u16,
    pub(super) after: Option<[u8; N]>,
}

impl<const N: usize> Page<N> {
    pub(super) fn read(options: &Options) -> Answer<Self> {
        let limit = options
            .one("limit", "a number from 1 to 500", |n: &u16| (1..=MAX_PAGE).contains(n))?
            .unwrap_or(ROWS);
        let after = match options.text("after") {
            None => None,
            Some(text) => Some(read(text).ok_or_else(|| {
                Problem::impossible("`after` must be what an answer gave as `next`")
            })?),
        };
        Ok(Self { limit, after })
    }

    /// Where to go on after a page, unless it was the last.
    pub(super) fn next(&self, rows: usize, last: Option<[u8; N]>) -> Option<String> {
        (rows >= usize::from(self.limit)).then_some(last).flatten().map(|bytes| text(&bytes))
    }
}

/// The bytes as text.
pub(super) fn text(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn read<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = |pair: &[u8]| {
        let pair = std::str::from_utf8(pair).ok()?;
        pair.bytes().all(|b| b.is_ascii_hexdigit()).then_some(pair)?;
        u8::from_str_radix(pair, 16).ok()
    };
    let bytes: Option<Vec<u8>> = text.as_bytes().chunks(2).map(digits).collect();
    (text.len() == 2 * N).then_some(bytes)??.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_cursor_of_another_length_or_alphabet_is_refused() {
        for text in ["", "00", "0g00", "+100", "000000", "é0"] {
            assert_eq!(read::<2>(text), None, "{text}");
        }
        assert_eq!(read::<2>("00fF"), Some([0, 255]));
    }

    #[test]
    fn the_last_page_has_no_next() {
        let page = Page::<1> { limit: 2, after: None };
        assert_eq!(page.next(1, Some([7])), None);
        assert_eq!(page.next(2, Some([7])), Some("07".to_owned()));
    }

    proptest! {
        #[test]
        fn no_cursor_makes_the_reader_panic(said: String) {
            let _ = read::<40>(&said);
        }

        #[test]
        fn a_cursor_reads_back(bytes: [u8; 24]) {
            prop_assert_eq!(read::<24>(&text(&bytes)), Some(bytes));
        }
    }
}
