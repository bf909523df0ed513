//! Tables as their writers leave them.

use super::*;
use proptest::prelude::*;

fn read(bytes: &[u8]) -> Vec<TableItem> {
    TableReader::new(bytes, TableOptions::default()).map(Result::unwrap).collect()
}

fn rows(bytes: &[u8]) -> Vec<(u64, Vec<String>)> {
    read(bytes)
        .into_iter()
        .filter_map(|item| match item {
            TableItem::Row(row) => Some((row.line, row.cells)),
            _ => None,
        })
        .collect()
}

fn row(line: u64, cells: &[&str]) -> (u64, Vec<String>) {
    (line, cells.iter().map(|c| (*c).to_owned()).collect())
}

#[test]
fn quoting_follows_rfc_4180() {
    // RFC 4180 section 2, rules 5 to 7.
    let found = rows(b"aaa,\"b \r\nbb\",ccc\r\nzzz,\"y\"\"y\",\"x,x\"\r\n");
    assert_eq!(found, [row(1, &["aaa", "b \r\nbb", "ccc"]), row(3, &["zzz", "y\"y", "x,x"])]);
}

#[test]
fn the_delimiter_is_found() {
    for d in [",", ";", "\t", "|"] {
        let text = format!("name{d}born{d}note\nOrsolya Testwick{d}1958{d}\"one, two; three\"\n");
        let mut reader = TableReader::new(text.as_bytes(), TableOptions::default());
        let Some(Ok(TableItem::Row(header))) = reader.next() else { panic!("no row") };
        assert_eq!(header.cells.len(), 3);
    }
}

#[test]
fn line_ends_of_every_kind_are_taken_and_blank_lines_skipped() {
    let expected = [row(1, &["a", "b"]), row(3, &["c", "d"])];
    for end in ["\n", "\r\n", "\r"] {
        let text = format!("a,b{end}{end}c,d{end}\x1A");
        assert_eq!(rows(text.as_bytes()), expected, "{end:?}");
    }
}

#[test]
fn a_bare_carriage_return_stays_in_its_cell() {
    assert_eq!(
        rows(b"a,b\r\n1,Suite 2\rFloor 3\r\n4,\"x\ry\"\r\n"),
        [row(1, &["a", "b"]), row(2, &["1", "Suite 2\rFloor 3"]), row(3, &["4", "x\ry"])]
    );
}

#[test]
fn a_quote_that_is_never_closed_costs_one_line() {
    let found = read(b"a,b\n1,\"oops\n2,fine\n3,fine\n");
    assert!(
        matches!(&found[1], TableItem::SetAside(s) if s.line == 2 && s.raw.reveal() == "1,\"oops")
    );
    assert_eq!(
        rows(b"a,b\n1,\"oops\n2,fine\n3,fine\n"),
        [row(1, &["a", "b"]), row(3, &["2", "fine"]), row(4, &["3", "fine"])]
    );
}

#[test]
fn a_quote_closed_only_by_a_later_row_costs_one_line() {
    let text = b"a,b,c\n1,\"oops,x\n2,\"fine\",y\n3,ok,z\n";
    assert_eq!(
        rows(text),
        [row(1, &["a", "b", "c"]), row(3, &["2", "fine", "y"]), row(4, &["3", "ok", "z"])]
    );
    assert_eq!(read(text).len(), 4);
}

#[test]
fn a_regular_cell_of_many_lines_is_kept() {
    let text = b"a,b\n1,\"x,y\np,q\nr,s\"\n2,t\n";
    assert_eq!(
        rows(text),
        [row(1, &["a", "b"]), row(2, &["1", "x,y\np,q\nr,s"]), row(5, &["2", "t"])]
    );
}

#[test]
fn a_row_with_other_than_the_usual_number_of_cells_is_the_callers_business() {
    assert_eq!(rows(b"a,b\n1\n1,2,3\n").len(), 3);
}

#[test]
fn windows_1252_gives_one_warning_and_utf_8_rows_stay_utf_8() {
    let found = read(b"n,v\nZo\xEB,1\nZo\xC3\xAB,2\nZo\xEB,3\n");
    let warnings: Vec<_> = found.iter().filter(|i| matches!(i, TableItem::Warning(_))).collect();
    assert_eq!(warnings.len(), 1);
    let names: Vec<_> =
        rows(b"n,v\nZo\xEB,1\nZo\xC3\xAB,2\n").into_iter().map(|r| r.1[0].clone()).collect();
    assert_eq!(names, ["n", "Zoë", "Zoë"]);
}

#[test]
fn a_line_over_16_mb_is_an_error() {
    let mut bytes = b"a,b\n".to_vec();
    bytes.resize(MAX_LINE_BYTES + 100_000, b'x');
    let last = TableReader::new(&bytes[..], TableOptions::default()).last();
    assert!(matches!(last, Some(Err(ReadError::LineTooLong { line: 2, .. }))));
}

#[test]
fn a_quote_left_open_before_16_mb_of_rows_costs_one_line() {
    let mut text = b"a,b\n1,\"oops\n".to_vec();
    text.extend_from_slice(&b"12345,67890\n".repeat(1_500_000));
    assert_eq!(rows(&text).len(), 1_500_001);
}

proptest! {
    #[test]
    fn no_bytes_make_the_table_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        for item in TableReader::new(&bytes[..], TableOptions::default()) { let _ = item; }
    }

    #[test]
    fn every_byte_ends_in_a_row_or_aside(text in "[ab,\"\n\r]{0,120}") {
        // Nothing vanishes: each letter of the file is in some raw text.
        let letters = text.bytes().filter(u8::is_ascii_alphabetic).count();
        let found: usize = read(text.as_bytes()).iter().map(|item| match item {
            TableItem::Row(row) => row.raw.bytes().filter(u8::is_ascii_alphabetic).count(),
            TableItem::SetAside(aside) => aside.raw.reveal().bytes().filter(u8::is_ascii_alphabetic).count(),
            TableItem::Warning(_) => 0,
        }).sum();
        prop_assert_eq!(letters, found);
    }

    #[test]
    fn what_is_written_by_the_csv_crate_reads_back(
        table in proptest::collection::vec(proptest::collection::vec("[a-zé,;\"\n ]{1,8}x", 3), 1..6)
    ) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        for cells in &table { writer.write_record(cells).unwrap(); }
        let bytes = writer.into_inner().unwrap();
        let found: Vec<Vec<String>> = TableReader::new(&bytes[..], TableOptions { delimiter: Some(b','), ..Default::default() })
            .filter_map(|item| match item.unwrap() { TableItem::Row(row) => Some(row.cells), _ => None })
            .collect();
        prop_assert_eq!(found, table);
    }
}
