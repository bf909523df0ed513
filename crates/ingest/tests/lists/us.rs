//! The lists and registers of the United States.

use crate::{original, read, values};
use portcullis_ingest::ListFormat;
use portcullis_types::Schema;

const MAIN: &str = "101,\"TESTWICK, Orsolya Quill\",\"individual\",\"XDGT] [IFSR\",\"Minister\",-0- ,\
-0- ,-0- ,-0- ,-0- ,-0- ,\"DOB 14 Mar 1958; alt. DOB circa 1960; POB Exampleton, Italy; \
nationality Russia; Gender Female; Passport A0123456 (Italy) expires 02 Jan 2020; National ID No. \
77 88 (Italy); a.k.a. 'THE WREN'; Linked To: EXAMPLE WORKS; indicted, 2001.\"\r\n\
102,\"EXAMPLE WORKS, LTD.\",-0- ,\"XDGT\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,\"Tax ID No. 5566 \
(Italy); Organization Established Date 2003; Registration Number 998877 (Italy).\"\r\n\
103,\"EXAMPLE STAR\",\"vessel\",\"XDGT\",-0- ,\"X9XX\",\"Tanker\",\"1000\",\"2000\",\"Panama\",\
\"Example Works\",\"Vessel Registration Identification IMO 1234567.\"\r\n\
104,\"EX-001\",\"aircraft\",\"XDGT\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \r\n\x1A";
const ALIASES: &str = "101,1,\"aka\",\"TESTWIK, Orsi\",-0- \r\n101,2,\"fka\",\"EXAMPLESSON, Orsolya\"\
,-0- \r\n999,3,\"aka\",\"NOBODY\",-0- \r\n\x1A";
const ADDRESSES: &str = "101,1,\"1 Example Road\",\"Exampleton 99\",\"Congo, Democratic Republic of \
the\",-0- \r\n102,2,-0- ,-0- ,-0- ,-0- \r\n\x1A";

#[test]
fn main_alias_and_address_files_are_joined() {
    // The files may come in any order.
    let found = read(ListFormat::OfacCsv, &[ALIASES, MAIN, ADDRESSES]);
    assert_eq!(found.reading.tally.rows_read, 4 + 3 + 2, "the closing byte 0x1A is no row");
    assert_eq!((found.dossiers.len(), found.asides.len()), (4, 1));
    let dossier = found.dossier("101");
    assert_eq!(dossier.schema, Schema::Person);
    assert_eq!(values(dossier, "name"), ["Orsolya Quill TESTWICK"]);
    assert_eq!(original(dossier, "name"), Some("TESTWICK, Orsolya Quill"));
    assert_eq!(values(dossier, "lastName"), ["TESTWICK"]);
    assert_eq!(values(dossier, "alias"), ["Orsi TESTWIK"]);
    assert_eq!(values(dossier, "previousName"), ["Orsolya EXAMPLESSON"]);
    assert_eq!(values(dossier, "program"), ["XDGT", "IFSR"]);
    assert_eq!(values(dossier, "position"), ["Minister"]);
    assert_eq!(values(dossier, "country"), ["cd"]);
    let address = "1 Example Road, Exampleton 99, Congo, Democratic Republic of the";
    assert_eq!(values(dossier, "address"), [address]);
}

#[test]
fn remarks_are_taken_apart_and_weak_aliases_stay_weak() {
    let found = read(ListFormat::OfacCsv, &[MAIN]);
    let dossier = found.dossier("101");
    assert_eq!(values(dossier, "birthDate"), ["1958-03-14", "1960~"]);
    assert_eq!(values(dossier, "birthPlace"), ["Exampleton, Italy"]);
    assert_eq!(values(dossier, "birthCountry"), ["it"]);
    assert_eq!(values(dossier, "nationality"), ["ru"]);
    assert_eq!(values(dossier, "gender"), ["female"]);
    assert_eq!(values(dossier, "passportNumber"), ["A0123456"]);
    assert_eq!(values(dossier, "idNumber"), ["77 88"]);
    assert_eq!(values(dossier, "weakAlias"), ["THE WREN"]);
    assert_eq!(values(dossier, "linkedTo"), ["EXAMPLE WORKS"]);
    assert_eq!(values(dossier, "notes"), ["indicted, 2001"], "what is not known is kept");
}

#[test]
fn bodies_ships_and_aircraft_are_told_apart() {
    let found = read(ListFormat::OfacCsv, &[MAIN]);
    let (body, ship, plane) = (found.dossier("102"), found.dossier("103"), found.dossier("104"));
    assert_eq!(
        (body.schema, ship.schema, plane.schema),
        (Schema::Organization, Schema::Vessel, Schema::Airplane)
    );
    assert_eq!(values(body, "name"), ["EXAMPLE WORKS, LTD."], "a comma in a body's name stays");
    assert_eq!(values(body, "taxNumber"), ["5566"]);
    assert_eq!(values(body, "registrationNumber"), ["998877"]);
    assert_eq!(values(body, "incorporationDate"), ["2003"]);
    assert_eq!(values(ship, "imoNumber"), ["1234567"]);
    assert_eq!(values(ship, "flag"), ["pa"]);
    assert_eq!(values(ship, "callSign"), ["X9XX"]);
}

#[test]
fn the_comments_file_carries_on_the_remarks() {
    let found = read(ListFormat::OfacCsv, &[MAIN, "101,\"alt. POB Otherton; citizen Greece.\"\n"]);
    assert_eq!(values(found.dossier("101"), "nationality"), ["ru", "gr"]);
}

#[test]
fn the_xml_of_the_same_office_is_read() {
    let xml = r#"<?xml version="1.0" standalone="yes"?>
<sdnList xmlns="http://tempuri.org/sdnList.xsd"><publshInformation>
<Publish_Date>04/22/2020</Publish_Date><Record_Count>1</Record_Count></publshInformation>
<sdnEntry><uid>101</uid><firstName>Orsolya</firstName><lastName>TESTWICK</lastName>
<sdnType>Individual</sdnType><programList><program>XDGT</program></programList>
<idList><id><uid>1</uid><idType>Passport</idType><idNumber>A0123456</idNumber>
<idCountry>Italy</idCountry></id></idList>
<akaList><aka><uid>2</uid><type>a.k.a.</type><category>weak</category>
<lastName>THE WREN</lastName></aka><aka><uid>3</uid><type>f.k.a.</type><category>strong</category>
<lastName>EXAMPLESSON</lastName><firstName>Orsolya</firstName></aka></akaList>
<nationalityList><nationality><country>Russia</country></nationality></nationalityList>
<dateOfBirthList><dateOfBirthItem><dateOfBirth>circa 1958</dateOfBirth></dateOfBirthItem>
</dateOfBirthList></sdnEntry></sdnList>"#;
    let found = read(ListFormat::OfacXml, &[xml]);
    assert_eq!(found.reading.origin.version.as_str(), "2020-04-22");
    let dossier = found.dossier("101");
    assert_eq!(values(dossier, "name"), ["Orsolya TESTWICK"]);
    assert_eq!(values(dossier, "weakAlias"), ["THE WREN"]);
    assert_eq!(values(dossier, "previousName"), ["Orsolya EXAMPLESSON"]);
    assert_eq!(values(dossier, "birthDate"), ["1958~"]);
    assert_eq!(values(dossier, "nationality"), ["ru"]);
    assert_eq!(values(dossier, "passportNumber"), ["A0123456"]);
}

#[test]
fn registrants_and_principals_name_each_other() {
    let registrants = "\"Registration Number\",\"Registration Date\",\"Termination Date\",\"Name\",\
\"Business Name\",\"Address 1\",\"Address 2\",\"City\",\"State\",\"Zip\"\r\n\
\"9901\",\"04/02/2025\",\"\",\"Testwick Group LLC\",\"TG\",\"Suite 2\rFloor 3\",\"\",\"Washington\",\
\"DC\",\" 20001\"\r\n";
    let found = read(ListFormat::FaraRegistrants, &[registrants]);
    let dossier = found.dossier("9901");
    assert_eq!(dossier.schema, Schema::LegalEntity);
    assert_eq!(values(dossier, "name"), ["Testwick Group LLC"]);
    assert_eq!(values(dossier, "address"), ["Suite 2 Floor 3, Washington, DC, 20001"]);
    let program = dossier.statements.iter().find(|s| s.property.name() == "program").unwrap();
    assert_eq!(program.validity.from.unwrap().to_string(), "2025-04-02");
    assert_eq!(program.validity.to, None);

    let principals = "\"Foreign Principal Termination Date\",\"Foreign Principal\",\
\"Foreign Principal Registration Date\",\"Country/Location Represented\",\"Registration Number\",\
\"Registrant Date\",\"Registrant Name\",\"Address 1\",\"Address 2\",\"City\",\"State\",\"Zip\"\r\n\
\"\",\"Ministry of Examples\",\"04/03/2025\",\"CONGO, DEMOCRATIC REPUBLIC OF THE\",\"9901\",\
\"04/02/2025\",\"Testwick Group LLC\",\"1 Example Road\",\"\",\"Kinshasa\",\"\",\"\"\r\n\
\"\",\"Bureau \"of\", Examples\",\"04/03/2025\",\"FRANCE\",\"9901\",\"\",\"X\",\"\",\"\",\"\",\"\",\
\"\"\r\n";
    let found = read(ListFormat::FaraForeignPrincipals, &[principals]);
    assert_eq!((found.dossiers.len(), found.asides.len()), (1, 1), "slipped cells are set aside");
    let dossier = &found.dossiers[0];
    assert_eq!(values(dossier, "country"), ["cd"]);
    assert_eq!(values(dossier, "agent"), ["Testwick Group LLC"]);
    assert_eq!(values(dossier, "agentNumber"), ["9901"]);
    assert!(dossier.record.as_str().starts_with("9901-"));
    assert!(!dossier.record.as_str().to_lowercase().contains("ministry"));
}

#[test]
fn a_daily_report_lists_whom_it_puts_first() {
    let by_country = "\"Country/LocationRepresented\",\"Registrant\",\"Registration #\",\
\"RegistrationDate\",\"Address\",\"State\",\"Foreign Principal\",\
\"Foreign PrincipalRegistration Date\"\n\"FRANCE\",\"Testwick Group LLC\",\"9901\",\"04/02/2025\",\
\"Suite 2&nbsp;&nbsp;20001\",\"DC\",\"Ministry of Examples\",\"04/03/2025\"\n\"ITALY\",\
\"Testwick Group LLC\",\"9901\",\"04/02/2025\",\"Suite 2&nbsp;&nbsp;20001\",\"DC\",\
\"Bureau of Examples\",\"04/04/2025\"\n";
    let format = ListFormat::detect("report.csv", by_country.as_bytes()).unwrap();
    assert_eq!(format, ListFormat::FaraRegistrants);
    let found = read(format, &[by_country]);
    assert_eq!((found.reading.tally.rows_read, found.dossiers.len()), (2, 1));
    let dossier = found.dossier("9901");
    assert_eq!(values(dossier, "principal"), ["Ministry of Examples", "Bureau of Examples"]);
    assert_eq!(values(dossier, "principalCountry"), ["fr", "it"]);
    assert_eq!(values(dossier, "address"), ["Suite 2 20001, DC"]);
    assert_eq!(found.reading.published.unwrap().to_string(), "2025-04-04");
}
