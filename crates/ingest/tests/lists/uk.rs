//! The UK's lists, current and retired.

use crate::{original, read, values};
use portcullis_ingest::ListFormat;
use portcullis_types::Schema;

/// The columns of the published file (58 since 2025).
const HEADER: &str = "Last Updated,Unique ID,OFSI Group ID,UN Reference Number,Name 6,Name 1,\
Name 2,Name 3,Name 4,Name 5,Name type,Alias strength,Title,Name non-latin script,\
Non-latin script type,Non-latin script language,Regime Name,Designation Type,\
Designation source,Sanctions Imposed,Other Information,UK Statement of Reasons,Address Line 1,\
Address Line 2,Address Line 3,Address Line 4,Address Line 5,Address Line 6,Address Postal Code,\
Address Country,Phone number,Website,Email address,Date Designated,D.O.B,Nationality(/ies),\
National Identifier number,National Identifier additional information,Passport number,\
Passport additional information,Position,Gender,Town of birth,Country of birth,Type of entity,\
Subsidiaries,Parent company,Business registration number (s),IMO number,\
Current owner/operator (s),Previous owner/operator (s),Current believed flag of ship,\
Previous flags,Type of ship,Tonnage of ship,Length of ship,Year Built,\
Hull identification number (HIN)";

/// A row of the published file with some cells filled.
fn row(cells: &[(&str, &str)]) -> String {
    let row: Vec<String> = HEADER
        .split(',')
        .map(|column| {
            let cell = cells.iter().find(|(name, _)| *name == column).map_or("", |(_, cell)| cell);
            format!("\"{}\"", cell.replace('"', "\"\""))
        })
        .collect();
    row.join(",")
}

fn person(cells: &[(&str, &str)]) -> String {
    let mut all = vec![
        ("Unique ID", "XXX0001"),
        ("Designation Type", "Individual"),
        ("Regime Name", "The Exampleland (Sanctions) Regulations 2020"),
    ];
    all.extend_from_slice(cells);
    row(&all)
}

fn file(rows: &[String]) -> String {
    format!("Report Date: 24-Feb-2025\r\n{HEADER}\r\n{}\r\n", rows.join("\r\n"))
}

#[test]
fn rows_of_one_subject_are_joined_and_each_fact_stands_once() {
    let first = person(&[
        ("Name 6", "TESTWICK"),
        ("Name 1", "Orsolya"),
        ("Name 2", "Quill"),
        ("Name type", "Primary Name"),
        ("D.O.B", "dd/mm/1962"),
        ("Nationality(/ies)", "Russia"),
        ("Passport number", "A0123456"),
        ("Sanctions Imposed", "Asset freeze|Travel Ban"),
        ("Name non-latin script", "Оршоя Тествик"),
    ]);
    let second = person(&[
        ("Name 6", "TESTWIK"),
        ("Name 1", "Orsi"),
        ("Name type", "Alias"),
        ("Alias strength", "Low quality"),
        ("D.O.B", "dd/08/1962"),
        ("Nationality(/ies)", "Russia"),
        ("Address Line 1", "1 Example Road"),
        ("Address Country", "Former USSR, now Ukraine"),
    ]);
    let variation = person(&[
        ("Name 6", "TESTVIK"),
        ("Name 1", "Orsolya"),
        ("Name type", "Primary Name Variation"),
        ("D.O.B", "01/01/1962"),
    ]);
    let found = read(ListFormat::UkSanctionsListCsv, &[&file(&[first, second, variation])]);
    assert_eq!((found.reading.tally.rows_read, found.dossiers.len()), (3, 1));
    let dossier = found.dossier("XXX0001");
    assert_eq!(dossier.id.as_str(), "invented:XXX0001");
    assert_eq!(dossier.schema, Schema::Person);
    assert_eq!(values(dossier, "name"), ["Orsolya Quill TESTWICK"]);
    assert_eq!(values(dossier, "weakAlias"), ["Orsi TESTWIK"]);
    assert_eq!(values(dossier, "alias"), ["Оршоя Тествик", "Orsolya TESTVIK"]);
    assert_eq!(values(dossier, "firstName"), ["Orsolya"]);
    assert_eq!(values(dossier, "lastName"), ["TESTWICK"]);
    assert_eq!(values(dossier, "birthDate"), ["1962", "1962-08", "1962-01-01?"]);
    assert_eq!(values(dossier, "nationality"), ["ru"]);
    assert_eq!(original(dossier, "nationality"), Some("Russia"));
    assert_eq!(values(dossier, "country"), ["ua"]);
    assert_eq!(values(dossier, "passportNumber"), ["A0123456"]);
    assert_eq!(values(dossier, "provisions"), ["Asset freeze", "Travel Ban"]);
    assert_eq!(values(dossier, "address"), ["1 Example Road, Former USSR, now Ukraine"]);
}

#[test]
fn the_report_date_is_the_version() {
    let rows = [person(&[("Name 6", "TESTWICK"), ("Name type", "Primary Name")])];
    let found = read(ListFormat::UkSanctionsListCsv, &[&file(&rows)]);
    assert_eq!(found.reading.published.unwrap().to_string(), "2025-02-24");
    assert_eq!(found.reading.origin.version.as_str(), "2025-02-24");
    assert_eq!(found.dossiers[0].origin.version.as_str(), "2025-02-24");
    assert_eq!(found.dossiers[0].statements[0].row, 3, "line 1 is the report date, 2 the header");
}

#[test]
fn ships_and_bodies_are_told_from_persons() {
    let ship = row(&[
        ("Unique ID", "XXX0002"),
        ("Designation Type", "Ship"),
        ("Name 6", "EXAMPLE STAR"),
        ("Name type", "Primary Name"),
        ("IMO number", "IMO1234567"),
        ("Current believed flag of ship", "Panama"),
    ]);
    let body = row(&[
        ("Unique ID", "XXX0003"),
        ("Designation Type", "Entity"),
        ("Name 6", "EXAMPLE WORKS LLC"),
        ("Name type", "Primary Name"),
        ("Business registration number (s)", "INN: 1234567890; OGRN: 1234567890123"),
    ]);
    let found = read(ListFormat::UkSanctionsListCsv, &[&file(&[ship, body])]);
    let (ship, body) = (found.dossier("XXX0002"), found.dossier("XXX0003"));
    assert_eq!((ship.schema, body.schema), (Schema::Vessel, Schema::Organization));
    assert_eq!(values(ship, "imoNumber"), ["1234567"]);
    assert_eq!(values(ship, "flag"), ["pa"]);
    assert_eq!(values(body, "taxNumber"), ["1234567890"]);
    assert_eq!(values(body, "registrationNumber"), ["1234567890123"]);
}

#[test]
fn a_row_without_an_id_or_with_slipped_cells_is_set_aside() {
    let rows = [
        person(&[("Name 6", "TESTWICK"), ("Name type", "Primary Name")]),
        row(&[("Name 6", "NOBODY"), ("Name type", "Primary Name")]),
        "a,b,c".to_owned(),
    ];
    let found = read(ListFormat::UkSanctionsListCsv, &[&file(&rows)]);
    assert_eq!((found.dossiers.len(), found.asides.len()), (1, 2));
    assert_eq!((found.asides[0].line, found.asides[0].column), (4, Some(2)));
    assert_eq!(found.asides[1].line, 5);
    assert!(found.asides.iter().all(|aside| !aside.reason.contains("NOBODY")));
}

#[test]
fn a_country_that_is_none_is_kept_apart() {
    let rows = [person(&[
        ("Name 6", "TESTWICK"),
        ("Name type", "Primary Name"),
        ("Nationality(/ies)", "Ruritania"),
        ("D.O.B", "spring of 1962"),
    ])];
    let found = read(ListFormat::UkSanctionsListCsv, &[&file(&rows)]);
    let dossier = &found.dossiers[0];
    assert!(values(dossier, "nationality").is_empty());
    assert_eq!(values(dossier, "nationalityAsPublished"), ["Ruritania"]);
    assert_eq!(values(dossier, "birthDateAsPublished"), ["spring of 1962"]);
}

#[test]
fn the_xml_says_what_the_csv_says() {
    let xml = r"<?xml version='1.0' encoding='utf-8'?>
<Designations><DateGenerated>24/02/2025</DateGenerated>
<Designation><LastUpdated>16/04/2024</LastUpdated><DateDesignated>29/06/2012</DateDesignated>
<UniqueID>XXX0001</UniqueID><OFSIGroupID>99001</OFSIGroupID>
<Names><Name><Name1>Orsolya</Name1><Name2>Quill</Name2><Name6>TESTWICK</Name6>
<NameType>Primary Name</NameType></Name>
<Name><Name6>THE WREN</Name6><NameType>Alias</NameType>
<AliasStrength>Low quality</AliasStrength></Name></Names>
<NonLatinNames><NonLatinName><NameNonLatinScript>Оршоя Тествик</NameNonLatinScript></NonLatinName>
</NonLatinNames><RegimeName>The Exampleland (Sanctions) Regulations 2020</RegimeName>
<IndividualEntityShip>Individual</IndividualEntityShip>
<SanctionsImposed>Asset freeze|Travel Ban</SanctionsImposed>
<Addresses><Address><AddressLine1>1 Example Road</AddressLine1>
<AddressCountry>France</AddressCountry></Address></Addresses>
<IndividualDetails><Individual><DOBs><DOB>dd/mm/1962</DOB></DOBs>
<Nationalities><Nationality>Russia</Nationality></Nationalities>
<PassportDetails><Passport><PassportNumber>A0123456</PassportNumber></Passport></PassportDetails>
<BirthDetails><Location><TownOfBirth>Exampleton</TownOfBirth>
<CountryOfBirth>Belarusian SSR, (now Belarus)</CountryOfBirth></Location></BirthDetails>
<Genders><Gender>Female</Gender></Genders></Individual></IndividualDetails></Designation>
<Designation><UniqueID></UniqueID><Names><Name><Name6>NOBODY</Name6></Name></Names></Designation>
</Designations>";
    let found = read(ListFormat::UkSanctionsListXml, &[xml]);
    assert_eq!(found.reading.origin.version.as_str(), "2025-02-24");
    assert_eq!((found.dossiers.len(), found.asides.len()), (1, 1));
    let dossier = found.dossier("XXX0001");
    assert_eq!(dossier.schema, Schema::Person);
    assert_eq!(values(dossier, "name"), ["Orsolya Quill TESTWICK"]);
    assert_eq!(values(dossier, "weakAlias"), ["THE WREN"]);
    assert_eq!(values(dossier, "alias"), ["Оршоя Тествик"]);
    assert_eq!(values(dossier, "birthDate"), ["1962"]);
    assert_eq!(values(dossier, "nationality"), ["ru"]);
    assert_eq!(values(dossier, "birthCountry"), ["by"]);
    assert_eq!(values(dossier, "passportNumber"), ["A0123456"]);
    assert_eq!(values(dossier, "gender"), ["female"]);
    assert_eq!(values(dossier, "address"), ["1 Example Road, France"]);
    assert_eq!(values(dossier, "listingDate"), ["2012-06-29"]);
}

#[test]
fn the_tables_are_joined_in_any_order_and_strays_set_aside() {
    let subjects = "unique_id,subject_type,un_reference_number,ofsi_group_id,date_designated,\
last_updated\nXXX0001,individual,XXi.001,99001,29/06/2012,16/04/2025\n\
XXX0002,ship,,,01/02/2024,01/02/2024\n";
    let names = "name_id,unique_id,name_type,alias_strength,full_name,name_6,name_1,name_2,name_3,\
name_4,name_5\n0,XXX0001,primary,,Orsolya TESTWICK,TESTWICK,Orsolya,,,,\n\
1,XXX0001,alias,low quality,The Wren,The Wren,,,,,\n2,XXX0002,primary,,EXAMPLE STAR,EXAMPLE STAR,\
,,,,\n3,XXX0009,primary,,NOBODY,NOBODY,,,,,\n";
    let births = "dob_id,unique_id,year,month,day,precision,parse_issues\n\
0,XXX0001,1962,,,year_only,\n1,XXX0001,1962,08,,month_year,\n2,XXX0001,1962,01,01,exact,\n";
    let countries = "id,unique_id,raw_value,country_type,iso,resolution_method,iso_available\n\
0,XXX0001,Russia,nationality,RU,direct,True\n1,XXX0001,Russia,nationality,RU,direct,True\n\
2,XXX0001,Former USSR,birth,,direct,False\n";
    let identifiers = "id,unique_id,ofsi_group_id,raw_value,identifier_type,additional_info\n\
0,XXX0001,99001,A0123456,passport,Issued in Exampleton\n";
    let files = [names, countries, births, subjects, identifiers];
    let found = read(ListFormat::UkSanctionsListTables, &files);
    assert_eq!(found.reading.tally.rows_read, 2 + 4 + 3 + 3 + 1);
    assert_eq!((found.dossiers.len(), found.asides.len()), (2, 1));
    let dossier = found.dossier("XXX0001");
    assert_eq!(values(dossier, "name"), ["Orsolya TESTWICK"]);
    assert_eq!(values(dossier, "weakAlias"), ["The Wren"]);
    assert_eq!(values(dossier, "birthDate"), ["1962", "1962-08", "1962-01-01?"]);
    assert_eq!(values(dossier, "nationality"), ["ru"]);
    assert_eq!(values(dossier, "birthCountry"), ["su"]);
    assert_eq!(values(dossier, "passportNumber"), ["A0123456"]);
    // The tables do not say of which day they are; the youngest change tells.
    assert_eq!(found.reading.published.unwrap().to_string(), "2025-04-16");
}

#[test]
fn the_retired_list_is_read_with_a_warning() {
    let header = "Name 6,Name 1,Name 2,Name 3,Name 4,Name 5,Title,DOB,Town of Birth,\
Country of Birth,Nationality,Passport Details,NI Number,Position,Address 1,Address 2,Address 3,\
Address 4,Address 5,Address 6,Post/Zip Code,Country,Other Information,Group Type,Alias Type,\
Regime,Listed On,Last Updated,Group ID";
    let first = " TESTWICK,Orsolya,,,,,Dr,00/00/1980,Exampleton,(a) Iraq (b) Iran,\
1) Saudi Arabia 2) Qatar,Passport No: 765431 (issued on 3 May 2007).,,,,,,,,,,France,,Individual,\
Prime Alias,Exampleland,01/04/2016,02/04/2016,99001";
    let other = "EXAMPLE WORKS,,,,,,,,,,,,,,,,,,,,,,,Entity,Prime Alias,Exampleland,,,99002";
    let alias = "TESTWIK,Orsi,,,,,,00/08/1981,,,,,,,,,,,,,,,,Individual,FKA,Exampleland,,,99001";
    let text = format!("Last Updated,13/04/2018,,,\n{header}\n{first}\n{other}\n{alias}\n");
    let found = read(ListFormat::OfsiConsolidatedCsv, &[&text]);
    assert!(found.warnings.iter().any(|w| w.message.contains("retired on 28 January 2026")));
    assert_eq!(found.reading.origin.version.as_str(), "2018-04-13");
    assert_eq!((found.reading.tally.rows_read, found.dossiers.len()), (3, 2));
    let dossier = found.dossier("99001");
    assert_eq!(values(dossier, "name"), ["Orsolya TESTWICK"]);
    assert_eq!(values(dossier, "previousName"), ["Orsi TESTWIK"]);
    assert_eq!(values(dossier, "birthDate"), ["1980", "1981-08"]);
    assert_eq!(values(dossier, "nationality"), ["sa", "qa"]);
    assert_eq!(values(dossier, "birthCountry"), ["iq", "ir"]);
    assert_eq!(values(dossier, "passportNumber"), ["765431"]);
    assert_eq!(
        original(dossier, "passportNumber"),
        Some("Passport No: 765431 (issued on 3 May 2007).")
    );
    assert_eq!(found.dossier("99002").schema, Schema::Organization);
}

#[test]
fn the_retired_list_of_2022_and_after_is_read_by_its_own_header() {
    let header = "Name 6,Name 1,Name 2,Name 3,Name 4,Name 5,Title,Name Non-Latin Script,\
Non-Latin Script Type,Non-Latin Script Language,DOB,Town of Birth,Country of Birth,Nationality,\
Passport Number,Passport Details,National Identification Number,National Identification Details,\
Position,Address 1,Address 2,Address 3,Address 4,Address 5,Address 6,Post/Zip Code,Country,\
Other Information,Group Type,Alias Type,Alias Quality,Regime,Listed On,\
UK Sanctions List Date Designated,Last Updated,Group ID";
    let cells = "TESTWICK,Orsolya,,,,,,Тествик,,,21/03/1958,,,Russia,A0123456,Issued in Exampleton,\
,,,,,,,,,,,,Individual,AKA,Low,Exampleland,,,,99001";
    let text = format!("Last Updated,01/12/2025\n{header}\n{cells}\n");
    let found = read(ListFormat::OfsiConsolidatedCsv, &[&text]);
    let dossier = found.dossier("99001");
    assert_eq!(values(dossier, "weakAlias"), ["Orsolya TESTWICK"]);
    assert_eq!(values(dossier, "birthDate"), ["1958-03-21"]);
    assert_eq!(values(dossier, "passportNumber"), ["A0123456"]);
    assert_eq!(values(dossier, "documentNote"), ["Issued in Exampleton"]);
}
