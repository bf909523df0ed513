//! Files made to cost memory, time or trust.

use crate::{read, try_read, values};
use portcullis_ingest::{ListFormat, ReadError};

#[test]
fn a_record_that_says_more_than_any_real_one_is_set_aside() {
    let mut rows = "Unique ID,Name 6,Name type,Designation Type\n".to_owned();
    rows.extend((0..50_010).map(|number| format!("X1,TESTWICK {number},Alias,Individual\n")));
    rows.push_str("X2,EXAMPLESSON,Primary Name,Individual\n");
    let found = read(ListFormat::UkSanctionsListCsv, &[&rows]);
    assert_eq!((found.dossiers.len(), found.asides.len()), (1, 1));
    assert!(found.asides[0].reason.contains("X1"));

    let cell = "a;".repeat(60_000);
    let text = format!("id,schema,name,aliases\nx1,Person,T,{cell}\nx2,Person,T,b\n");
    let found = read(ListFormat::OpenSanctionsSimpleCsv, &[&text]);
    assert_eq!((found.dossiers.len(), found.asides.len()), (1, 1));

    let names: Vec<String> = (0..100_010).map(|number| format!("\"n{number}\"")).collect();
    let line = |id: &str, names: &str| {
        format!("{{\"id\":\"{id}\",\"schema\":\"Person\",\"properties\":{{\"name\":[{names}]}}}}\n")
    };
    let text = line("x1", "\"T\"") + &line("x2", &names.join(","));
    let found = read(ListFormat::FollowTheMoney, &[&text]);
    assert_eq!((found.dossiers.len(), found.asides.len()), (1, 1));
}

#[test]
fn a_file_that_unfolds_into_far_more_memory_is_refused() {
    let persons = format!("{{\"persons\":[{}{{}}]}}", "{},".repeat(200_001));
    assert!(try_read(ListFormat::Popolo, &[persons.as_bytes()]).is_err());
    let large = format!("{{\"persons\":[],\"x\":\"{}\"}}", "x".repeat(33_000_000));
    let refused = try_read(ListFormat::Popolo, &[large.as_bytes()]);
    assert!(matches!(refused, Err(ReadError::TooLarge { .. })));
    let deep = format!("{{\"persons\":{}", "[".repeat(100_000));
    assert!(try_read(ListFormat::Popolo, &[deep.as_bytes()]).is_err());
    let deep = format!("{{\"id\":\"x\",\"properties\":{}\n", "{\"a\":".repeat(100_000));
    assert!(try_read(ListFormat::FollowTheMoney, &[deep.as_bytes()]).is_err());
}

#[test]
fn a_row_of_more_cells_than_any_table_is_set_aside() {
    let text = format!("id,schema,name\nx1,Person,T\n{}\n", ",".repeat(100_000));
    let found = read(ListFormat::OpenSanctionsSimpleCsv, &[&text]);
    assert_eq!((found.dossiers.len(), found.asides.len()), (1, 1));
}

#[test]
fn many_ampersands_do_not_cost_time_without_end() {
    let name = "&amp;".repeat(1000) + &"&".repeat(1_000_000);
    let xml = format!(
        "<export><sanctionEntity logicalId='1'><nameAlias wholeName='A{name}'/></sanctionEntity></export>"
    );
    let found = read(ListFormat::EuFsfXml, &[&xml]);
    assert_eq!(values(&found.dossiers[0], "name")[0].len(), 1 + 1000 + 1_000_000);
}

#[test]
fn an_external_entity_is_never_fetched() {
    let xml = "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/hostname\">]><CONSOLIDATED_LIST>\
<INDIVIDUAL><REFERENCE_NUMBER>X1</REFERENCE_NUMBER><FIRST_NAME>&e;</FIRST_NAME></INDIVIDUAL>\
</CONSOLIDATED_LIST>";
    let found = read(ListFormat::UnXml, &[xml]);
    assert_eq!(values(&found.dossiers[0], "name"), ["&e;"]);
}

#[test]
fn a_record_that_comes_twice_is_kept_and_said_to() {
    let one = "<INDIVIDUAL><REFERENCE_NUMBER>X1</REFERENCE_NUMBER><FIRST_NAME>T</FIRST_NAME></INDIVIDUAL>";
    let xml = format!("<CONSOLIDATED_LIST>{one}{one}</CONSOLIDATED_LIST>");
    let found = read(ListFormat::UnXml, &[&xml]);
    assert_eq!(found.dossiers.len(), 2);
    assert!(found.warnings[0].message.contains("earlier record has too: 1"));
}

#[test]
fn an_id_that_is_none_is_set_aside_with_its_row() {
    let id = "x".repeat(600);
    let text = format!("id,schema,name\n{id},Person,T\n\u{1}\u{2},Person,T\nx1,Person,T\n");
    let found = read(ListFormat::OpenSanctionsSimpleCsv, &[&text]);
    assert_eq!((found.dossiers.len(), found.asides.len()), (1, 2));
    assert_eq!(found.asides.iter().map(|a| a.line).collect::<Vec<_>>(), [2, 3]);
}
