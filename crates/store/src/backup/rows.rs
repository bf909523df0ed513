//! Rows as bytes: CBOR (RFC 8949) in its core deterministic encoding, but for reals, which always
//! take 64 bits.

use crate::engine::{Cell, Value};
use minicbor::data::Type;
use minicbor::encode::write::Write;
use minicbor::{Decoder, Encoder};
use std::convert::Infallible;

/// Adds a row to the bytes of a block.
pub(crate) fn put(block: &mut Vec<u8>, cells: &[Cell]) {
    // Writing to memory doesn't fail.
    let _: Result<(), minicbor::encode::Error<Infallible>> = encode(block, cells);
}

fn encode<W: Write>(to: W, cells: &[Cell]) -> Result<(), minicbor::encode::Error<W::Error>> {
    let mut encoder = Encoder::new(to);
    encoder.array(cells.len() as u64)?;
    for cell in cells {
        match cell {
            Cell::Null => encoder.null()?,
            Cell::Integer(number) => encoder.i64(*number)?,
            Cell::Real(number) => encoder.f64(*number)?,
            Cell::Text(text) => encoder.str(text)?,
            Cell::Bytes(bytes) => encoder.bytes(bytes)?,
        };
    }
    Ok(())
}

/// The rows of a block, each with as many cells as the table has columns; nothing when the bytes are
/// anything else.
pub(crate) fn take(block: &[u8], columns: usize) -> Option<Vec<Vec<Cell>>> {
    let mut decoder = Decoder::new(block);
    let mut rows = Vec::new();
    while decoder.position() < block.len() {
        let count = usize::try_from(decoder.array().ok()??).ok()?;
        if count != columns {
            return None;
        }
        let cells: Option<Vec<Cell>> = (0..count).map(|_| cell(&mut decoder)).collect();
        rows.push(cells?);
    }
    Some(rows)
}

fn cell(decoder: &mut Decoder<'_>) -> Option<Cell> {
    match decoder.datatype().ok()? {
        Type::Null => decoder.null().ok().map(|()| Cell::Null),
        Type::F64 => decoder.f64().ok().map(Cell::Real),
        Type::String => decoder.str().ok().map(|text| Cell::Text(text.to_owned())),
        Type::Bytes => decoder.bytes().ok().map(|bytes| Cell::Bytes(bytes.to_vec())),
        Type::U8
        | Type::U16
        | Type::U32
        | Type::U64
        | Type::I8
        | Type::I16
        | Type::I32
        | Type::I64 => decoder.i64().ok().map(Cell::Integer),
        _ => None,
    }
}

/// A cell as a value of a statement.
pub(crate) fn value(cell: &Cell) -> Value<'_> {
    match cell {
        Cell::Null => Value::Null,
        Cell::Integer(number) => Value::Integer(*number),
        Cell::Real(number) => Value::Real(*number),
        Cell::Text(text) => Value::Text(text),
        Cell::Bytes(bytes) => Value::Bytes(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each item is one of RFC 8949, appendix A.
    const ROW: [u8; 27] = [
        0x86, 0xf6, 0x20, 0x19, 0x03, 0xe8, 0xfb, 0x3f, 0xf1, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9a,
        0x62, 0xc3, 0xbc, 0x44, 0x01, 0x02, 0x03, 0x04, 0x81, 0x18, 0x64, 0x81,
    ];

    fn cells() -> Vec<Cell> {
        vec![
            Cell::Null,
            Cell::Integer(-1),
            Cell::Integer(1_000),
            Cell::Real(1.1),
            Cell::Text("\u{fc}".to_owned()),
            Cell::Bytes(vec![1, 2, 3, 4]),
        ]
    }

    #[test]
    fn a_row_is_the_bytes_of_the_standard() {
        let mut bytes = Vec::new();
        put(&mut bytes, &cells());
        assert_eq!(bytes, ROW[..23]);
        let mut small = Vec::new();
        put(&mut small, &[Cell::Integer(100)]);
        assert_eq!(small, ROW[23..26]);
        assert!(take(&ROW[..23], 6) == Some(vec![cells()]));
    }

    #[test]
    fn a_row_of_another_length_or_cut_is_none() {
        assert!(take(&ROW[..23], 5).is_none());
        for end in 1..23 {
            assert!(take(&ROW[..end], 6).is_none(), "{end}");
        }
        assert!(take(&ROW[23..], 1).is_none());
        assert!(take(&[], 6).is_some_and(|rows| rows.is_empty()));
    }

    #[test]
    fn the_ends_of_whole_numbers_read_back() {
        for number in [i64::MIN, -1, 0, 23, 24, i64::MAX] {
            let mut bytes = Vec::new();
            put(&mut bytes, &[Cell::Integer(number)]);
            assert!(take(&bytes, 1) == Some(vec![vec![Cell::Integer(number)]]), "{number}");
        }
    }
}
