//! Workbooks of people, made by hand: whole, odd and hostile.

#![expect(
    clippy::unwrap_used,
    clippy::format_push_string,
    clippy::panic,
    reason = "helpers of tests fail as tests do, and are made to be read"
)]

use portcullis_ingest::people::{
    ColumnMap, DateOrder, PeopleOptions, PeopleReading, PersonItem, PersonRow, read_people,
};
use portcullis_ingest::{ReadContext, ReadError, Warning};
use portcullis_types::{Pence, PopulationClass, Property};
use proptest::prelude::*;
use std::io::{Cursor, Write};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// Cell formats: 0 general, 1 a date, 2 ten digits, 3 date and time.
const STYLES: &str = r#"<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">
<numFmts count="1"><numFmt numFmtId="170" formatCode="0000000000"/></numFmts>
<fonts count="1"><font/></fonts><fills count="1"><fill/></fills><borders count="1"><border/></borders>
<cellXfs count="4"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/><xf numFmtId="170" applyNumberFormat="1"/><xf numFmtId="22" applyNumberFormat="1"/></cellXfs>
</styleSheet>"#;

struct Book {
    sheets: Vec<(&'static str, String)>,
    properties: &'static str,
    strings: String,
}

impl Book {
    fn of(rows: &str) -> Self {
        Self { sheets: vec![("", rows.to_owned())], properties: "", strings: String::new() }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let mut part = |name: &str, text: &str| {
            zip.start_file(name, SimpleFileOptions::default()).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        };
        part(
            "[Content_Types].xml",
            r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#,
        );
        let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
        let links = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        part(
            "_rels/.rels",
            &format!(
                r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="b" Type="{links}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
            ),
        );
        let (mut names, mut targets) = (String::new(), String::new());
        for (n, (state, rows)) in self.sheets.iter().enumerate() {
            names +=
                &format!(r#"<sheet name="Sheet{n}" sheetId="{}" {state} r:id="r{n}"/>"#, n + 1);
            targets += &format!(
                r#"<Relationship Id="r{n}" Type="{links}/worksheet" Target="worksheets/sheet{n}.xml"/>"#
            );
            let sheet =
                format!(r#"<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>"#);
            part(&format!("xl/worksheets/sheet{n}.xml"), &sheet);
        }
        let (properties, strings) = (self.properties, &self.strings);
        part(
            "xl/workbook.xml",
            &format!(
                r#"<workbook xmlns="{main}" xmlns:r="{links}">{properties}<sheets>{names}</sheets></workbook>"#
            ),
        );
        part(
            "xl/_rels/workbook.xml.rels",
            &format!(
                r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{targets}<Relationship Id="s" Type="{links}/styles" Target="styles.xml"/><Relationship Id="t" Type="{links}/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#
            ),
        );
        part("xl/styles.xml", STYLES);
        part("xl/sharedStrings.xml", &format!(r#"<sst xmlns="{main}">{strings}</sst>"#));
        zip.finish().unwrap().into_inner()
    }
}

/// A row of cells: `"text"`, or `s1:21265` for a number in format 1.
fn row(number: u32, cells: &[&str]) -> String {
    let mut xml = format!(r#"<row r="{number}">"#);
    for (column, cell) in ('A'..='Z').zip(cells) {
        match cell.strip_prefix('s').and_then(|c| c.split_once(':')) {
            Some((style, value)) => {
                xml += &format!(r#"<c r="{column}{number}" s="{style}"><v>{value}</v></c>"#);
            }
            None if cell.is_empty() => {}
            None => {
                xml +=
                    &format!(r#"<c r="{column}{number}" t="inlineStr"><is><t>{cell}</t></is></c>"#);
            }
        }
    }
    xml + "</row>"
}

struct Found {
    reading: PeopleReading,
    people: Vec<PersonRow>,
    warnings: Vec<Warning>,
}

fn read(bytes: &[u8]) -> Result<Found, ReadError> {
    let options = PeopleOptions {
        class: PopulationClass::Donor,
        map: ColumnMap::default(),
        context: ReadContext {
            source: "gifts".parse().unwrap(),
            version: "1".parse().unwrap(),
            recorded_at: "2026-11-22T12:00:00Z".parse().unwrap(),
            controller: "invented-party".parse().unwrap(),
        },
        format: None,
        date_order: DateOrder::DayMonthYear,
    };
    let (mut people, mut warnings) = (Vec::new(), Vec::new());
    let reading = read_people("donors.xlsx", bytes, &options, &mut |item| match item {
        PersonItem::Person(person) => people.push(*person),
        PersonItem::Warning(warning) => warnings.push(warning),
        PersonItem::SetAside(_) => {}
    })?;
    Ok(Found { reading, people, warnings })
}

fn values(person: &PersonRow, property: &Property) -> Vec<String> {
    person.dossier.values(property).map(str::to_owned).collect()
}

fn problem(bytes: &[u8]) -> String {
    match read(bytes) {
        Err(error @ ReadError::Workbook { .. }) => error.to_string(),
        other => panic!("not refused as a workbook: {:?}", other.map(|f| f.reading)),
    }
}

#[test]
fn dates_numbers_and_ids_of_a_workbook_are_read() {
    let rows = [
        row(1, &["Donor name", "DOB", "Company no", "Passport", "Date received", "Value", "Phone"]),
        // Day 21,265 of Excel is 21 March 1958; day 46,327 is 1 November 2026.
        row(
            2,
            &[
                "Orsolya Testwick",
                "s1:21265",
                "s0:123456",
                "s2:12345",
                "s3:46327.75",
                "s0:7500.5",
                "s0:7700900123",
            ],
        ),
    ];
    let found = read(&Book::of(&rows.concat()).bytes()).unwrap();
    let person = &found.people[0];
    assert_eq!(values(person, &Property::BirthDate), ["1958-03-21"]);
    assert_eq!(values(person, &Property::RegistrationNumber), ["00123456"]);
    assert_eq!(values(person, &Property::PassportNumber), ["0000012345"]);
    assert_eq!(values(person, &Property::Phone), ["7700900123"]);
    assert_eq!(person.received.unwrap().to_string(), "2026-11-01");
    assert_eq!(person.value, Some(Pence::new(750_050)));
    assert_eq!(person.row, 2);
}

#[test]
fn dates_count_from_1904_where_the_workbook_says_so() {
    let rows = [row(1, &["Name", "DOB"]), row(2, &["Orsolya Testwick", "s1:19803"])];
    let mut book = Book::of(&rows.concat());
    // 21,265 less the 1,462 days between the two beginnings.
    book.properties = r#"<workbookPr date1904="1"/>"#;
    let found = read(&book.bytes()).unwrap();
    assert_eq!(values(&found.people[0], &Property::BirthDate), ["1958-03-21"]);
}

#[test]
fn titles_above_the_header_gaps_and_a_total_below_are_got_over() {
    let rows = [
        row(1, &["Invented Party: gifts"]),
        row(4, &["", "Name", "Value"]),
        row(5, &["", "Quillon Examplesson", "s0:5"]),
        row(9, &["", "Mr &amp; Mrs Q Testwick", "s0:10"]),
        row(10, &["", "Total", "s0:15"]),
    ];
    let found = read(&Book::of(&rows.concat()).bytes()).unwrap();
    let rows: Vec<_> = found.people.iter().map(|p| p.row).collect();
    assert_eq!(rows, [5, 9, 9]);
    assert_eq!(found.reading.tally.rows_without_subject, 1);
}

#[test]
fn the_first_visible_sheet_that_names_people_is_read_and_the_rest_told() {
    let people = |name| row(1, &["Name"]) + &row(2, &[name]);
    let book = Book {
        sheets: vec![
            (r#"state="hidden""#, people("Hidden Testwick")),
            ("", String::new()),
            ("", row(1, &["How to fill in this book"])),
            ("", people("Orsolya Testwick")),
            ("", people("Quillon Examplesson")),
        ],
        ..Book::of("")
    };
    let found = read(&book.bytes()).unwrap();
    assert_eq!(found.people.len(), 1);
    assert_eq!(found.people[0].dossier.main_name(), Some("Orsolya Testwick"));
    assert!(found.warnings[0].message.contains("sheet 3 of 4"));
}

#[test]
fn formulas_count_by_their_last_result_and_errors_as_nothing() {
    let rows = row(1, &["Name", "DOB"])
        + r#"<row r="2"><c r="A2" t="str"><f>B1&amp;"x"</f><v>Orsolya Testwick</v></c><c r="B2" t="e"><v>#REF!</v></c></row>"#;
    let found = read(&Book::of(&rows).bytes()).unwrap();
    assert_eq!(found.people[0].dossier.main_name(), Some("Orsolya Testwick"));
    assert!(found.warnings.is_empty());
}

#[test]
fn a_cell_at_the_far_corner_costs_no_memory_and_one_beyond_it_is_refused() {
    let far = |cell: &str| {
        row(1, &["Name"])
            + &row(2, &["Orsolya Testwick"])
            + &format!(r#"<row r="1048576"><c r="{cell}1048576"><v>1</v></c></row>"#)
    };
    assert_eq!(read(&Book::of(&far("XFD")).bytes()).unwrap().people.len(), 1);
    for beyond in ["ZZZZZ", "NAAAAAA"] {
        assert!(problem(&Book::of(&far(beyond)).bytes()).contains("save it again"));
    }
}

#[test]
fn a_workbook_that_unpacks_to_too_much_is_refused() {
    let mut book = Book::of(&row(1, &["Name"]));
    book.strings = " ".repeat(64_000_001);
    let bytes = book.bytes();
    assert!(bytes.len() < 1_000_000, "packed it is small");
    assert!(problem(&bytes).contains("unpacks to more"));
}

#[test]
fn broken_and_empty_workbooks_are_refused_without_a_word_of_their_cells() {
    let whole = Book::of(&(row(1, &["Name"]) + &row(2, &["Orsolya Testwick"]))).bytes();
    assert!(problem(&whole[..whole.len() / 2]).contains("save it again"));
    assert!(problem(&Book::of("").bytes()).contains("none of its sheets"));
    let torn = Book::of("<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>Orsolya Testwick");
    assert!(!problem(&torn.bytes()).contains("Testwick"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_damage_to_a_workbook_makes_the_reader_panic(
        at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = Book::of(&(row(1, &["Name", "DOB"]) + &row(2, &["A B", "s1:21265"]))).bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        drop(read(&bytes));
        drop(read(&bytes[..cut.index(bytes.len())]));
    }

    #[test]
    fn no_sheet_makes_the_reader_panic(
        reference in "[A-Z]{0,8}[0-9]{0,12}", value in "-?[0-9]{0,20}(\\.[0-9]{0,5})?(E[0-9]{1,3})?",
        style in 0_u8..6, kind in "(n|s|b|d|e|str)", xml in "[<>/a-z\"= &;]{0,30}",
    ) {
        let rows = row(1, &["Name", "DOB"])
            + &format!(r#"<row r="2"><c r="A2" t="inlineStr"><is><t>A B</t></is></c><c r="{reference}" s="{style}" t="{kind}"><v>{value}</v></c></row>{xml}"#);
        drop(read(&Book::of(&rows).bytes()));
    }
}
