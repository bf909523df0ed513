//! The list of the European Union.

use crate::{read, try_read, values};
use portcullis_ingest::ListFormat;
use portcullis_types::Schema;

#[test]
fn rows_of_the_published_csv_are_joined() {
    let header = "fileGenerationDate;Entity_LogicalId;Entity_EU_ReferenceNumber;\
Entity_UnitedNationId;Entity_DesignationDate;Entity_DesignationDetails;Entity_Remark;\
Entity_SubjectType;Entity_SubjectType_ClassificationCode;Entity_Regulation_Programme;\
NameAlias_LastName;NameAlias_FirstName;NameAlias_MiddleName;NameAlias_WholeName;\
NameAlias_Gender;NameAlias_Title;NameAlias_Function;Address_City;Address_Street;\
Address_CountryIso2Code;Address_CountryDescription;BirthDate_BirthDate;BirthDate_Day;\
BirthDate_Month;BirthDate_Year;BirthDate_YearRangeFrom;BirthDate_YearRangeTo;BirthDate_Circa;\
BirthDate_CalendarType;BirthDate_City;BirthDate_CountryIso2Code;BirthDate_CountryDescription;\
Identification_Number;Identification_TypeCode;Identification_TypeDescription;\
Citizenship_CountryIso2Code;Citizenship_CountryDescription";
    let columns: Vec<&str> = header.split(';').collect();
    let row = |cells: &[(&str, &str)]| {
        let mut all = vec![
            ("fileGenerationDate", "05/08/2026"),
            ("Entity_LogicalId", "13"),
            ("Entity_EU_ReferenceNumber", "EU.27.99"),
            ("Entity_SubjectType", "P"),
            ("Entity_SubjectType_ClassificationCode", "person"),
            ("Entity_Regulation_Programme", "XXX"),
            ("Entity_DesignationDate", "2012-06-29"),
        ];
        all.extend_from_slice(cells);
        let cell = |column: &&str| {
            all.iter().find(|(name, _)| name == column).map_or("", |(_, cell)| *cell)
        };
        columns.iter().map(cell).collect::<Vec<_>>().join(";")
    };
    let rows = [
        row(&[
            ("NameAlias_LastName", "Testwick"),
            ("NameAlias_FirstName", "Orsolya"),
            ("NameAlias_WholeName", "Orsolya Testwick"),
            ("NameAlias_Gender", "F"),
            ("NameAlias_Function", "\"Minister; of Examples\""),
        ]),
        row(&[("NameAlias_WholeName", "Оршоя Тествик")]),
        row(&[
            ("BirthDate_Year", "1958"),
            ("BirthDate_Circa", "true"),
            ("BirthDate_CalendarType", "GREGORIAN"),
            ("BirthDate_City", "Exampleton"),
            ("BirthDate_CountryIso2Code", "00"),
            ("BirthDate_CountryDescription", "UNKNOWN"),
        ]),
        row(&[("BirthDate_YearRangeFrom", "1956"), ("BirthDate_YearRangeTo", "1958")]),
        row(&[("BirthDate_BirthDate", "1337-02-03"), ("BirthDate_CalendarType", "ISLAMIC")]),
        row(&[("Identification_Number", "A0123456"), ("Identification_TypeCode", "passport")]),
        row(&[("Citizenship_CountryIso2Code", "RU")]),
    ];
    let text = format!("\u{FEFF}{header}\r\n{}\r\n", rows.join("\r\n"));
    let found = read(ListFormat::EuFsfCsv, &[&text]);
    assert_eq!((found.reading.tally.rows_read, found.dossiers.len()), (7, 1));
    assert_eq!(found.reading.origin.version.as_str(), "2026-08-05");
    let dossier = found.dossier("EU.27.99");
    assert_eq!(dossier.schema, Schema::Person);
    assert_eq!(values(dossier, "name"), ["Orsolya Testwick"]);
    assert_eq!(values(dossier, "alias"), ["Оршоя Тествик"]);
    assert_eq!(values(dossier, "position"), ["Minister; of Examples"]);
    assert_eq!(values(dossier, "listingDate"), ["2012-06-29"]);
    assert_eq!(values(dossier, "birthDate"), ["1958~", "1956/1958"]);
    // A year of another calendar must not be taken for one of ours.
    assert_eq!(values(dossier, "birthDateAsPublished"), ["1337-02-03"]);
    assert_eq!(values(dossier, "passportNumber"), ["A0123456"]);
    assert_eq!(values(dossier, "nationality"), ["ru"]);
    assert!(values(dossier, "birthCountry").is_empty());
}

#[test]
fn the_damaged_file_of_one_cell_per_line_is_opened() {
    let header = "\"Date_filexxxx;Entity_logical_id;Subject_type;Programme;Entity_remark;\
Naal_logical_id;Entity_logical_id;Naal_lastname;Naal_firstname;Naal_middlename;Naal_wholename;\
Birt_date;Birt_place;Birt_country;Citi_country;EU_ref_num\t\t\t\"";
    let rows = [
        "\"04/07/2018;1;P;XXX;;1;1;Testwick;Orsolya;;Orsolya Testwick;;;;;EU.36.99\t\t\t\"",
        "\"04/07/2018;1;P;XXX;;2;1;;;;Isl?ma Testwick;;;;;EU.36.99\t\t\"",
        "\"04/07/2018;1;P;XXX;;;;;;;;1958-03-21;Exampleton;FR;;EU.36.99\t\"",
        "\"04/07/2018;2;E;XXX;;3;2;;;;Caf\u{e9} Example;;;;;EU.37.99\t\"",
        "\"04/07/2018;3;E\t\"",
    ];
    let text = format!("{header}\n{}\n", rows.join("\n"));
    // As it goes round: windows-1252.
    let bytes: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let found = try_read(ListFormat::EuFsfCsv, &[&bytes]).unwrap();
    assert_eq!((found.reading.tally.rows_read, found.dossiers.len()), (5, 2));
    assert_eq!(found.asides.len(), 1, "a record with too few fields is set aside");
    assert_eq!(found.reading.origin.version.as_str(), "2018-07-04");
    let dossier = found.dossier("EU.36.99");
    assert_eq!(values(dossier, "name"), ["Orsolya Testwick"]);
    assert_eq!(values(dossier, "birthDate"), ["1958-03-21"]);
    assert_eq!(values(dossier, "birthCountry"), ["fr"]);
    assert_eq!(values(found.dossier("EU.37.99"), "name"), ["Café Example"]);
    assert!(found.warnings.iter().any(|w| w.message.contains("was saved: 1;")));
    assert!(found.warnings.iter().any(|w| w.message.contains("windows-1252")));
}

#[test]
fn the_xml_tells_weak_names_from_strong_ones() {
    let xml = r#"<?xml version="1.0" encoding="UTF-8"?>
<export xmlns="http://eu.europa.ec/fpi/fsd/export" generationDate="2020-04-15T15:29:22.497+02:00">
<sanctionEntity designationDate="2008-07-03" unitedNationId="" euReferenceNumber="EU.2026.99" logicalId="5295">
<regulation programme="XXX"><publicationUrl>https://example.org/?a=1&amp;b=2</publicationUrl></regulation>
<subjectType code="person" classificationCode="P"/>
<nameAlias firstName="" lastName="" wholeName="The Wren" strong="false"/>
<nameAlias firstName="Orsolya" middleName="" lastName="Testwick" wholeName="Orsolya Testwick" strong="true"/>
<nameAlias firstName="" lastName="" wholeName="Orsi Testwik" strong="true"/>
<citizenship countryIso2Code="DZ" countryDescription="ALGERIA"/>
<birthdate circa="true" calendarType="GREGORIAN" year="1958" city="Exampleton" countryIso2Code="DZ"/>
<birthdate circa="false" calendarType="GREGORIAN" birthdate="1965-01-01" year="1965" monthOfYear="1" dayOfMonth="1"/>
<identification identificationTypeCode="passport" number="A0123456"/>
</sanctionEntity></export>"#;
    let found = read(ListFormat::EuFsfXml, &[xml]);
    assert_eq!(found.reading.origin.version.as_str(), "2020-04-15");
    let dossier = found.dossier("EU.2026.99");
    assert_eq!(values(dossier, "name"), ["Orsolya Testwick"]);
    assert_eq!(values(dossier, "alias"), ["Orsi Testwik"]);
    assert_eq!(values(dossier, "weakAlias"), ["The Wren"]);
    assert_eq!(values(dossier, "birthDate"), ["1958~", "1965-01-01?"]);
    assert_eq!(values(dossier, "nationality"), ["dz"]);
    assert_eq!(values(dossier, "passportNumber"), ["A0123456"]);
    assert_eq!(values(dossier, "sourceUrl"), ["https://example.org/?a=1&b=2"]);
}
