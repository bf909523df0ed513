//! What is refused, and what nothing may make panic.

use crate::{read, try_read};
use portcullis_ingest::{ListFormat, ReadError};
use proptest::prelude::*;

#[test]
fn every_format_has_a_code_that_reads_back() {
    for format in ListFormat::ALL {
        assert_eq!(ListFormat::from_code(format.code()), Some(*format));
        assert!(!format.title().is_empty());
    }
    assert_eq!(ListFormat::from_code("no-such-format"), None);
}

#[test]
fn a_binary_file_is_refused_by_every_format() {
    for format in ListFormat::ALL {
        for bytes in [&b"PK\x03\x04rest of an archive"[..], b"%PDF-1.7\n", b"a,b\n\0,c\n"] {
            let refused = try_read(*format, &[bytes]);
            assert!(matches!(refused, Err(ReadError::NotText { .. })), "{format}");
        }
    }
}

#[test]
fn a_line_over_16_mb_is_refused_by_every_format() {
    let mut line = b"{\"id\":\"x\",\"schema\":\"Person\",\"properties\":{\"name\":[\"".to_vec();
    line.resize(17_000_000, b'x');
    for format in [ListFormat::FollowTheMoney, ListFormat::UkSanctionsListCsv, ListFormat::OfacCsv]
    {
        let refused = try_read(format, &[&line]);
        assert!(matches!(refused, Err(ReadError::LineTooLong { line: 1, .. })), "{format}");
    }
    let mut xml = b"<CONSOLIDATED_LIST><INDIVIDUAL><FIRST_NAME>".to_vec();
    xml.resize(17_000_000, b'x');
    assert!(matches!(
        try_read(ListFormat::UnXml, &[&xml]),
        Err(ReadError::LineTooLong { line: 1, .. })
    ));
}

#[test]
fn a_file_of_another_format_is_refused_by_every_format() {
    for format in ListFormat::ALL {
        for bytes in [&b"Dear all,\nplease find the list attached.\n"[..], b"<html></html>", b""] {
            if bytes.is_empty() && *format == ListFormat::FollowTheMoney {
                continue; // no lines are no entities
            }
            assert!(try_read(*format, &[bytes]).is_err(), "{format} {:?}", bytes.len());
        }
    }
}

#[test]
fn a_missing_column_is_named() {
    for (format, header, column) in [
        (
            ListFormat::UkSanctionsListCsv,
            "Last Updated,Unique ID,Name 6,Name type\n",
            "Designation Type",
        ),
        (
            ListFormat::OfsiConsolidatedCsv,
            "Last Updated,13/04/2018\nName 6,Name 1,Group Type,Alias Type\n",
            "Group ID",
        ),
        (ListFormat::EuFsfCsv, "fileGenerationDate;Entity_Remark\n", "Entity_LogicalId"),
        (ListFormat::OpenSanctionsSimpleCsv, "id,name,aliases\n", "schema"),
        (ListFormat::FaraRegistrants, "Name,Business Name\n", "Registration Number"),
        (ListFormat::FaraForeignPrincipals, "Registrant,Registration #\n", "Foreign Principal"),
    ] {
        match try_read(format, &[header.as_bytes()]) {
            Err(error @ ReadError::MissingColumn { .. }) => {
                assert!(error.to_string().contains(column), "{format}: {error}");
            }
            other => panic!("{format}: {:?}", other.map(|found| found.reading)),
        }
    }
}

#[test]
fn a_missing_file_is_named() {
    let aliases = b"101,1,\"aka\",\"TESTWIK, Orsi\",-0- \n";
    let refused = try_read(ListFormat::OfacCsv, &[&aliases[..]]).err().unwrap();
    assert!(refused.to_string().contains("sdn.csv"), "{refused}");
    let subjects = b"unique_id,subject_type,date_designated\nX1,entity,\n";
    let refused = try_read(ListFormat::UkSanctionsListTables, &[&subjects[..]]).err().unwrap();
    assert!(refused.to_string().contains("subject_names.csv"), "{refused}");
}

#[test]
fn no_error_holds_text_of_the_file() {
    let secret = "Orsolya Testwick";
    for format in ListFormat::ALL {
        let text = format!("{secret},{secret}\n{secret};{secret}\n");
        if let Err(error) = try_read(*format, &[text.as_bytes()]) {
            assert!(!error.to_string().contains("Testwick"), "{format}: {error}");
            assert!(!format!("{error:?}").contains("Testwick"), "{format}");
        }
    }
}

#[test]
fn a_file_that_breaks_off_is_an_error_and_not_a_short_list() {
    let xml = "<CONSOLIDATED_LIST><INDIVIDUALS><INDIVIDUAL><FIRST_NAME>A</FIRST_NAME>";
    assert!(try_read(ListFormat::UnXml, &[xml.as_bytes()]).is_err());
    let json = "{\"persons\":[{\"id\":\"p1\",\"name\":\"A\"}";
    assert!(try_read(ListFormat::Popolo, &[json.as_bytes()]).is_err());
}

#[test]
fn empty_cells_too_many_do_no_harm_but_full_ones_do() {
    let text = "id,schema,name\nx1,Person,T,,\nx2,Person,T,U\nx3,\"Person\",\"T\"U,\n";
    let found = read(ListFormat::OpenSanctionsSimpleCsv, &[text]);
    assert_eq!(found.dossiers.iter().map(|d| d.record.as_str()).collect::<Vec<_>>(), ["x1"]);
    assert_eq!(found.asides.iter().map(|a| a.line).collect::<Vec<_>>(), [3, 4]);
}

#[test]
fn a_header_alone_is_an_empty_list() {
    let header = "id,schema,name,aliases\n";
    let found = read(ListFormat::OpenSanctionsSimpleCsv, &[header]);
    assert_eq!(found.reading.tally, portcullis_ingest::Tally::default());
}

#[test]
fn formats_are_recognised_by_their_first_bytes() {
    for (head, format) in [
        (
            "Report Date: 24-Feb-2025\nLast Updated,Unique ID,OFSI Group ID,UN Reference Number,Name 6,Name 1,Designation Type",
            ListFormat::UkSanctionsListCsv,
        ),
        ("<?xml version='1.0'?><Designations>", ListFormat::UkSanctionsListXml),
        ("unique_id,subject_type,un_reference_number", ListFormat::UkSanctionsListTables),
        (
            "Last Updated,13/04/2018,,\nName 6,Name 1,Group Type,Group ID",
            ListFormat::OfsiConsolidatedCsv,
        ),
        (
            "36,\"EXAMPLE\",-0- ,\"X\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \r\n",
            ListFormat::OfacCsv,
        ),
        ("<sdnList xmlns=\"x\">", ListFormat::OfacXml),
        ("<?xml version=\"1.0\"?>\n<CONSOLIDATED_LIST dateGenerated=\"\">", ListFormat::UnXml),
        ("\u{FEFF}fileGenerationDate;Entity_LogicalId;", ListFormat::EuFsfCsv),
        ("\"Date_filexxxx;Entity_logical_id;Subject_type\t\"", ListFormat::EuFsfCsv),
        ("<export xmlns=\"http://eu.europa.ec/fpi/fsd/export\">", ListFormat::EuFsfXml),
        (
            "\"id\",\"schema\",\"name\",\"aliases\",\"birth_date\",",
            ListFormat::OpenSanctionsSimpleCsv,
        ),
        ("{\"id\":\"x\",\"schema\":\"Person\"}", ListFormat::FollowTheMoney),
        ("{\"op\":\"DEL\",\"entity\":{\"id\":\"x\"}}", ListFormat::FollowTheMoney),
        (
            "\"Registration Number\",\"Registration Date\",\"Termination Date\",\"Name\"",
            ListFormat::FaraRegistrants,
        ),
        (
            "\"Foreign Principal Termination Date\",\"Foreign Principal\",\"Registration Number\"",
            ListFormat::FaraForeignPrincipals,
        ),
        ("{\n  \"persons\": [", ListFormat::Popolo),
    ] {
        assert_eq!(ListFormat::detect("download", head.as_bytes()), Some(format), "{head}");
    }
    for head in ["", "Dear all", "name,born\nA,1958\n", "<html>", "{\"a\":1}", "12,13,14\n"] {
        assert_eq!(ListFormat::detect("download", head.as_bytes()), None, "{head}");
    }
}

/// A list that almost holds, to reach the depths of each reader.
fn nearly(format: ListFormat) -> &'static str {
    match format {
        ListFormat::UkSanctionsListCsv => {
            "Report Date: 24-Feb-2025\nUnique ID,Name 6,Name type,Designation Type,D.O.B,Nationality(/ies),Passport number\nX1,T,Primary Name,Individual,dd/mm/1962,Russia,A1\n"
        }
        ListFormat::UkSanctionsListXml => {
            "<Designations><DateGenerated>24/02/2025</DateGenerated><Designation><UniqueID>X1</UniqueID><Names><Name><Name6>T</Name6></Name></Names><DOB>01/02/1960</DOB></Designation></Designations>"
        }
        ListFormat::UkSanctionsListTables => {
            "unique_id,subject_type,date_designated,last_updated\nX1,individual,01/02/2003,01/02/2003\n"
        }
        ListFormat::OfsiConsolidatedCsv => {
            "Last Updated,13/04/2018\nName 6,Name 1,DOB,Nationality,Passport Details,Group Type,Alias Type,Group ID\nT,O,00/00/1980,1) A 2) B,No: 12345,Individual,AKA,9\n"
        }
        ListFormat::OfacCsv => {
            "1,\"T, O\",individual,X,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,\"DOB 1958; a.k.a. 'X'; Passport 1 (A).\"\n"
        }
        ListFormat::OfacXml => {
            "<sdnList><publshInformation><Publish_Date>04/22/2020</Publish_Date></publshInformation><sdnEntry><uid>1</uid><lastName>T</lastName></sdnEntry></sdnList>"
        }
        ListFormat::UnXml => {
            "<CONSOLIDATED_LIST><INDIVIDUAL><REFERENCE_NUMBER>X</REFERENCE_NUMBER><FIRST_NAME>T</FIRST_NAME></INDIVIDUAL></CONSOLIDATED_LIST>"
        }
        ListFormat::EuFsfCsv => {
            "fileGenerationDate;Entity_LogicalId;NameAlias_WholeName;BirthDate_BirthDate\n05/08/2026;1;T;1958-01-01\n"
        }
        ListFormat::EuFsfXml => {
            "<export generationDate=\"2020-04-15\"><sanctionEntity logicalId=\"1\"><nameAlias wholeName=\"T\"/><birthdate year=\"1958\"/></sanctionEntity></export>"
        }
        ListFormat::OpenSanctionsSimpleCsv => {
            "id,schema,name,aliases,identifiers\nx,Person,T,\"a;\"\"b;c\"\"\",IMO1\n"
        }
        ListFormat::FollowTheMoney => {
            "{\"id\":\"x\",\"schema\":\"Person\",\"properties\":{\"name\":[\"T\"],\"birthDate\":[\"1958\"]}}\n"
        }
        ListFormat::FaraRegistrants => {
            "Registration Number,Registration Date,Termination Date,Name\n1,04/02/2025,,T\n"
        }
        ListFormat::FaraForeignPrincipals => {
            "Foreign Principal,Country/Location Represented,Registration #,Registrant\nT,FRANCE,1,R\n"
        }
        _ => {
            "{\"persons\":[{\"id\":\"x\",\"name\":\"T\",\"birth_date\":\"1958\"}],\"memberships\":[]}"
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_make_any_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        for format in ListFormat::ALL {
            let _ = try_read(*format, &[&bytes]);
            let _ = ListFormat::detect("x", &bytes);
        }
    }

    #[test]
    fn no_damage_to_a_list_makes_its_reader_panic(
        cut in 0_usize..400, at in 0_usize..400, bytes in proptest::collection::vec(any::<u8>(), 0..6),
        twice in any::<bool>(),
    ) {
        for format in ListFormat::ALL {
            let mut list = nearly(*format).as_bytes().to_vec();
            let at = at.min(list.len());
            list.splice(at..at, bytes.iter().copied());
            list.truncate(cut.max(at));
            let files: &[&[u8]] = if twice { &[&list, &list] } else { &[&list] };
            let _ = try_read(*format, files);
        }
    }
}

#[test]
fn what_almost_holds_does_hold_when_undamaged() {
    for format in ListFormat::ALL {
        if *format == ListFormat::UkSanctionsListTables {
            continue; // needs its second file
        }
        assert_eq!(read(*format, &[nearly(*format)]).dossiers.len(), 1, "{format}");
    }
}
