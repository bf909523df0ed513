//! OpenSanctions, `FollowTheMoney` and Popolo.

use crate::{read, values};
use portcullis_ingest::ListFormat;
use portcullis_types::{Property, Schema};

#[test]
fn the_simple_csv_parts_its_cells() {
    let text = "\"id\",\"schema\",\"name\",\"aliases\",\"birth_date\",\"countries\",\"addresses\",\
\"identifiers\",\"sanctions\",\"phones\",\"emails\",\"program_ids\",\"dataset\",\"first_seen\",\
\"last_seen\",\"last_change\"\n\"NK-x1\",\"Person\",\"Orsolya Testwick\",\"Orsi;\"\"Testwick; \
Orsolya\"\";Тествик\",\"1958;1958-03-21\",\"ru;su\",\"1 Example Road\",\"1122;3344\",\"\"\"\n\"\"\",\
\"\",\"\",\"XX-1;XX-2\",\"Invented\",\"2025-01-01T00:00:00\",\"2026-03-13T05:41:01\",\
\"2026-02-05T00:00:00\"\n\"NK-x2\",\"Vessel\",\"EXAMPLE STAR\",\"\",\"\",\"pa\",\"\",\
\"IMO1234567\",\"\",\"\",\"\",\"\",\"\",\"\",\"2026-03-12T00:00:00\",\"\"\n\
\"NK-x3\",\"Person\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\"\n";
    let found = read(ListFormat::OpenSanctionsSimpleCsv, &[text]);
    assert_eq!((found.reading.tally.rows_read, found.dossiers.len()), (3, 2));
    let dossier = found.dossier("NK-x1");
    assert_eq!(dossier.id.as_str(), "NK-x1", "the id is the entity's own");
    assert_eq!(values(dossier, "alias"), ["Orsi", "Testwick; Orsolya", "Тествик"]);
    assert_eq!(values(dossier, "birthDate"), ["1958", "1958-03-21"]);
    assert_eq!(values(dossier, "country"), ["ru", "su"]);
    assert_eq!(values(dossier, "uniqueEntityId"), ["1122", "3344"]);
    assert_eq!(values(dossier, "programId"), ["XX-1", "XX-2"]);
    assert!(values(dossier, "notes").is_empty(), "quotation marks alone say nothing");
    let ship = found.dossier("NK-x2");
    assert_eq!((ship.schema, values(ship, "imoNumber")), (Schema::Vessel, vec!["1234567"]));
    assert_eq!(found.asides.len(), 1, "a row that names nobody is set aside");
    assert_eq!(found.reading.published.unwrap().to_string(), "2026-03-13");
    assert_eq!(found.reading.origin.version.as_str(), "before", "the file states no issue date");
}

#[test]
fn entities_come_bare_wrapped_or_as_a_delta() {
    let text = r#"{"id":"x1","schema":"Person","properties":{"name":["Orsolya Testwick"],"birthDate":["1958"]},"last_seen":"2026-03-13T00:00:00"}
{"op":"ADD","entity":{"id":"x2","schema":"Company","properties":{"name":["Example Works"]}}}
{"op":"DEL","entity":{"id":"x3"}}
{"entity":{"id":"x4","schema":"Person","caption":"Quillon Examplesson","properties":{}}}
{"id":"x5","schema":"Address","properties":{"full":["1 Example Road"]}}
{"id":"x6","schema":"Sanction","properties":{"entity":["x1"]}}
{"id":"x7","schema":"Person","properties":{}}
not json
{"id":"x8","schema":"CryptoWallet","properties":{"publicKey":["abc"]}}
"#;
    let found = read(ListFormat::FollowTheMoney, &[text]);
    let tally = found.reading.tally;
    assert_eq!((tally.rows_read, tally.dossiers_made, tally.rows_set_aside), (9, 3, 2));
    assert_eq!(tally.rows_without_subject, 4);
    assert_eq!(found.dossier("x4").main_name(), Some("Quillon Examplesson"));
    assert_eq!(found.asides.iter().map(|a| a.line).collect::<Vec<_>>(), [7, 8]);
    let words = "Address 1, CryptoWallet 1, Sanction 1, withdrawals 1";
    assert!(found.warnings[0].message.ends_with(words), "{}", found.warnings[0].message);
}

#[test]
fn a_parliament_gives_persons_with_their_offices() {
    let text = r#"{"persons":[
 {"id":"p1","name":{"lang:cy":"Orsolia Testwick","lang:en":"Orsolya Testwick"},
  "email":"private@example.org","contact_details":[{"type":"phone","value":"0123"}],
  "birth_date":"1958-03-21","gender":"female","given_name":"Orsolya","family_name":"Testwick",
  "identifiers":[{"scheme":"wikidata","identifier":"Q99"},{"scheme":"register","identifier":7}],
  "other_names":[{"name":"Orsi Testwick","note":"multilingual"},{"name":"Orsolya Testwick"}]},
 {"id":"p2","name":"Quillon Examplesson"},
 {"name":"Nobody Inparticular"}],
 "organizations":[{"id":"o1","name":"House of Examples"},{"id":"o2","name":"Example Party"}],
 "areas":[{"id":"a1","name":"Exampleton North"}],
 "memberships":[{"person_id":"p1","organization_id":"o1","on_behalf_of_id":"o2","area_id":"a1",
  "role":"member","start_date":"2010-05-06","end_date":"2015-03-30"},{"person_id":"gone"}],
 "meta":{"x":[1,2]}}"#;
    let found = read(ListFormat::Popolo, &[text]);
    assert_eq!((found.reading.tally.rows_read, found.dossiers.len()), (3, 2));
    let dossier = found.dossier("p1");
    assert_eq!(values(dossier, "name"), ["Orsolya Testwick"]);
    assert_eq!(values(dossier, "alias"), ["Orsolia Testwick", "Orsi Testwick"]);
    assert_eq!(values(dossier, "birthDate"), ["1958-03-21"]);
    assert_eq!(values(dossier, "wikidataId"), ["Q99"]);
    assert_eq!(values(dossier, "registerId"), ["7"]);
    assert_eq!(values(dossier, "political"), ["Example Party"]);
    let office = dossier.statements.iter().find(|s| s.property == Property::Position).unwrap();
    assert_eq!(office.value.reveal(), "member, House of Examples, Exampleton North");
    assert_eq!(office.validity.from.unwrap().to_string(), "2010-05-06");
    assert_eq!(office.validity.to.unwrap().to_string(), "2015-03-30");
    let kept: Vec<&str> = dossier.statements.iter().map(|s| s.value.reveal()).collect();
    assert!(!kept.iter().any(|v| v.contains('@') || v.contains("0123")), "no contact details");
    assert_eq!(found.asides.len(), 1, "a person without an id is set aside");
    assert!(found.warnings.iter().any(|w| w.message.starts_with("1 memberships")));
}
