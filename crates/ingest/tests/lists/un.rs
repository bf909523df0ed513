//! The list of the United Nations Security Council.

use crate::{read, values};
use portcullis_ingest::ListFormat;
use portcullis_types::Schema;

const LIST: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<CONSOLIDATED_LIST dateGenerated="2026-02-27T00:00:09.554Z">
 <INDIVIDUALS>
  <INDIVIDUAL>
   <DATAID>9900001</DATAID><FIRST_NAME>ORSOLYA</FIRST_NAME><SECOND_NAME>QUILL</SECOND_NAME>
   <THIRD_NAME>TESTWICK</THIRD_NAME><UN_LIST_TYPE>Examples</UN_LIST_TYPE>
   <REFERENCE_NUMBER>XXi.001 </REFERENCE_NUMBER><LISTED_ON>2012-12-31</LISTED_ON>
   <NAME_ORIGINAL_SCRIPT>أورسوليا تستويك</NAME_ORIGINAL_SCRIPT><GENDER>Female</GENDER>
   <DESIGNATION><VALUE>Minister</VALUE><VALUE>General</VALUE></DESIGNATION>
   <NATIONALITY><VALUE>Democratic Republic of the Congo</VALUE></NATIONALITY>
   <INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>Orsi Testwik</ALIAS_NAME></INDIVIDUAL_ALIAS>
   <INDIVIDUAL_ALIAS><QUALITY>Low</QUALITY><ALIAS_NAME>The Wren</ALIAS_NAME></INDIVIDUAL_ALIAS>
   <INDIVIDUAL_ALIAS><QUALITY/><ALIAS_NAME/></INDIVIDUAL_ALIAS>
   <INDIVIDUAL_ADDRESS><CITY>Exampleton</CITY><COUNTRY>Rwanda</COUNTRY></INDIVIDUAL_ADDRESS>
   <INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>EXACT</TYPE_OF_DATE><DATE>1971-03-14</DATE></INDIVIDUAL_DATE_OF_BIRTH>
   <INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>APPROXIMATELY</TYPE_OF_DATE><YEAR>1970</YEAR></INDIVIDUAL_DATE_OF_BIRTH>
   <INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>BETWEEN</TYPE_OF_DATE><FROM_YEAR>1968</FROM_YEAR><TO_YEAR>1972</TO_YEAR></INDIVIDUAL_DATE_OF_BIRTH>
   <INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE/></INDIVIDUAL_DATE_OF_BIRTH>
   <INDIVIDUAL_PLACE_OF_BIRTH><CITY>Exampleton</CITY><COUNTRY>Rwanda</COUNTRY></INDIVIDUAL_PLACE_OF_BIRTH>
   <INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>Passport</TYPE_OF_DOCUMENT><NUMBER>OB0123456</NUMBER></INDIVIDUAL_DOCUMENT>
   <INDIVIDUAL_DOCUMENT/>
  </INDIVIDUAL>
 </INDIVIDUALS>
 <ENTITIES>
  <ENTITY><DATAID>9900002</DATAID><FIRST_NAME>EXAMPLE WORKS &amp; CO</FIRST_NAME>
   <REFERENCE_NUMBER>XXe.002</REFERENCE_NUMBER>
   <ENTITY_ALIAS><QUALITY>f.k.a.</QUALITY><ALIAS_NAME>OLD WORKS</ALIAS_NAME></ENTITY_ALIAS></ENTITY>
  <ENTITY><DATAID>9900003</DATAID><FIRST_NAME/><REFERENCE_NUMBER>XXe.003</REFERENCE_NUMBER></ENTITY>
 </ENTITIES>
</CONSOLIDATED_LIST>"#;

#[test]
fn names_dates_and_aliases_keep_what_the_publisher_says_of_them() {
    let found = read(ListFormat::UnXml, &[LIST]);
    assert_eq!(found.reading.origin.version.as_str(), "2026-02-27");
    let dossier = found.dossier("XXi.001");
    assert_eq!(dossier.schema, Schema::Person);
    assert_eq!(values(dossier, "name"), ["ORSOLYA QUILL TESTWICK"]);
    assert_eq!(values(dossier, "alias"), ["أورسوليا تستويك", "Orsi Testwik"]);
    assert_eq!(values(dossier, "weakAlias"), ["The Wren"]);
    assert_eq!(values(dossier, "birthDate"), ["1971-03-14", "1970~", "1968/1972"]);
    assert_eq!(values(dossier, "nationality"), ["cd"]);
    assert_eq!(values(dossier, "birthCountry"), ["rw"]);
    assert_eq!(values(dossier, "position"), ["Minister", "General"]);
    assert_eq!(values(dossier, "passportNumber"), ["OB0123456"]);
    assert_eq!(values(dossier, "listingDate"), ["2012-12-31"]);
}

#[test]
fn a_fact_knows_its_line() {
    let found = read(ListFormat::UnXml, &[LIST]);
    let row = |property: &str| {
        let statements = &found.dossier("XXi.001").statements;
        statements.iter().find(|s| s.property.name() == property).unwrap().row
    };
    assert_eq!((row("name"), row("weakAlias"), row("passportNumber")), (4, 12, 20));
}

#[test]
fn a_subject_without_a_name_is_set_aside() {
    let found = read(ListFormat::UnXml, &[LIST]);
    assert_eq!((found.reading.tally.rows_read, found.dossiers.len()), (3, 2));
    assert_eq!(values(found.dossier("XXe.002"), "name"), ["EXAMPLE WORKS & CO"]);
    assert_eq!(values(found.dossier("XXe.002"), "previousName"), ["OLD WORKS"]);
    assert_eq!(found.asides.len(), 1);
    assert!(found.asides[0].reason.contains("XXe.003"));
}
