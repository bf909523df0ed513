//! Files of people, as officers and registers write them, all invented.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    reason = "helpers of tests fail as tests do, and read more easily by value"
)]

use portcullis_ingest::people::{
    ColumnError, ColumnMap, DateOrder, Field, Layout, PeopleFormat, PeopleOptions, PeopleReading,
    PersonItem, PersonRow, SharedGift, read_people,
};
use portcullis_ingest::{ReadContext, ReadError, SetAside, Tally, Warning};
use portcullis_types::{Pence, PopulationClass, Property, Schema};
use proptest::prelude::*;

#[derive(Debug)]
struct Found {
    reading: PeopleReading,
    people: Vec<PersonRow>,
    aside: Vec<SetAside>,
    warnings: Vec<Warning>,
}

impl Found {
    fn names(&self) -> Vec<&str> {
        self.people.iter().filter_map(|p| p.dossier.main_name()).collect()
    }

    fn values(&self, person: usize, property: Property) -> Vec<&str> {
        let statements = self.people[person].dossier.statements.iter();
        statements.filter(|s| s.property == property).map(|s| s.value.reveal()).collect()
    }

    fn field(&self, header: &str) -> Option<Field> {
        self.reading.columns.iter().find(|(h, _)| h == header).unwrap().1
    }
}

fn options(class: PopulationClass, map: &[&str]) -> PeopleOptions {
    PeopleOptions {
        class,
        map: ColumnMap::parse(map).unwrap(),
        context: ReadContext {
            source: "gifts".parse().unwrap(),
            version: "1".parse().unwrap(),
            recorded_at: "2026-11-22T12:00:00Z".parse().unwrap(),
            controller: "invented-party".parse().unwrap(),
        },
        format: None,
        date_order: DateOrder::DayMonthYear,
    }
}

fn try_read(name: &str, bytes: &[u8], options: &PeopleOptions) -> Result<Found, ReadError> {
    let (mut people, mut aside, mut warnings) = (Vec::new(), Vec::new(), Vec::new());
    let reading = read_people(name, bytes, options, &mut |item| match item {
        PersonItem::Person(row) => people.push(*row),
        PersonItem::SetAside(row) => aside.push(row),
        PersonItem::Warning(warning) => warnings.push(warning),
    })?;
    Ok(Found { reading, people, aside, warnings })
}

fn donors(text: &str) -> Found {
    try_read("donors.csv", text.as_bytes(), &options(PopulationClass::Donor, &[])).unwrap()
}

fn refused(text: &str) -> String {
    let options = options(PopulationClass::Donor, &[]);
    try_read("donors.csv", text.as_bytes(), &options).unwrap_err().to_string()
}

#[test]
fn an_officers_table_is_read_whole() {
    let found = donors(
        "Ref,Title,Forename,Surname,D.O.B.,Nationality,Address 1,Address 2,Post code,Date received,Amount (£),Recipient\n\
         G-1,Mrs,Orsolya,Testwick,21/03/1958,Hungarian,1 Example Road,Inventton,ZZ1 1ZZ,01/11/2026,\"7,500.00\",Invented Party\n",
    );
    let person = &found.people[0];
    assert_eq!(person.dossier.id.as_str(), "gifts:G-1");
    assert_eq!(person.dossier.schema, Schema::Person);
    assert_eq!(found.names(), ["Orsolya Testwick"]);
    assert_eq!(found.values(0, Property::Title), ["Mrs"]);
    assert_eq!(found.values(0, Property::LastName), ["Testwick"]);
    assert_eq!(found.values(0, Property::BirthDate), ["1958-03-21"]);
    assert_eq!(found.values(0, Property::Nationality), ["hu"]);
    assert_eq!(found.values(0, Property::Address), ["1 Example Road, Inventton"]);
    assert_eq!(found.values(0, Property::PostalCode), ["ZZ1 1ZZ"]);
    assert_eq!(person.received.unwrap().to_string(), "2026-11-01");
    assert_eq!(person.value, Some(Pence::new(750_000)));
    assert_eq!(person.recipient.as_ref().unwrap().reveal(), "Invented Party");
    assert_eq!(found.reading.layout, Layout::Own);
    assert_eq!(found.field("D.O.B."), Some(Field::BirthDate));
    assert_eq!(found.reading.tally, Tally { rows_read: 1, dossiers_made: 1, ..Tally::default() });
}

#[test]
fn the_original_of_a_name_is_kept() {
    let found = donors("Donor\n\"  Mr Quillon Examplesson OBE\"\n");
    let name = &found.people[0].dossier.statements[0];
    assert_eq!(name.value.reveal(), "Quillon Examplesson");
    assert_eq!(name.original.as_ref().unwrap().reveal(), "Mr Quillon Examplesson OBE");
}

#[test]
fn a_couple_is_two_people_of_one_row() {
    let found = donors("Name,Value\nMr & Mrs Q Testwick,£600\n");
    assert_eq!(found.names(), ["Q Testwick", "Q Testwick"]);
    assert_eq!(found.people[1].shared_gift, Some(SharedGift { person: 2, of: 2 }));
    assert_eq!(found.people[0].row, found.people[1].row);
    assert_ne!(found.people[0].dossier.id, found.people[1].dossier.id);
    assert_eq!(found.reading.tally.rows_read, 1);
    assert_eq!(found.reading.tally.dossiers_made, 2);
}

#[test]
fn a_value_that_cannot_be_right_is_left_out_and_the_row_still_screened() {
    let found = donors(
        "Name,DOB,Received date,Value\n\
         Orsolya Testwick,31/02/1958,01/01/2102,about ten pounds\n\
         Quillon Examplesson,01/01/2102,1/11/26,£1\n",
    );
    assert_eq!(found.names(), ["Orsolya Testwick", "Quillon Examplesson"]);
    assert!(found.values(0, Property::BirthDate).is_empty());
    assert_eq!((found.people[0].received, found.people[0].value), (None, None));
    let lines: Vec<_> = found.warnings.iter().map(|w| w.line).collect();
    assert_eq!(lines, [Some(2), Some(2), Some(2), Some(3)]);
    for (warning, column) in found.warnings.iter().zip(["column 3", "column 4", "column 2"]) {
        assert!(warning.message.contains(column), "{}", warning.message);
    }
    let all: String = found.warnings.iter().map(|w| w.message.clone()).collect();
    assert!(!all.contains("ten pounds") && !all.contains("2102"), "warnings repeat no value");
}

#[test]
fn the_first_of_january_is_marked_as_a_date_that_may_stand_for_unknown() {
    let found = donors("Name,DOB\nOrsolya Testwick,01/01/1958\n");
    assert_eq!(found.values(0, Property::BirthDate), ["1958-01-01?"]);
}

#[test]
fn the_users_columns_go_before_the_recognised_ones() {
    let text = "Name,Whom to screen,Geboren\nInvented Branch,Orsolya Testwick,1958\n";
    let map = ["name=Whom to screen", "birth-date = geboren"];
    let found = try_read("a.csv", text.as_bytes(), &options(PopulationClass::Staff, &map)).unwrap();
    assert_eq!(found.names(), ["Orsolya Testwick"]);
    assert_eq!(found.values(0, Property::BirthDate), ["1958"]);
    assert_eq!(found.field("Name"), None);
}

#[test]
fn columns_can_be_given_by_number_where_a_file_has_no_header() {
    let text = "1,Orsolya Testwick,1958\n2,Quillon Examplesson,1960\n";
    let map = ["name=#2", "birth-date=#3"];
    let found = try_read("a.csv", text.as_bytes(), &options(PopulationClass::Staff, &map)).unwrap();
    assert_eq!(found.names(), ["Orsolya Testwick", "Quillon Examplesson"]);
}

#[test]
fn a_map_that_fits_nothing_is_refused_with_what_the_file_has() {
    let options = options(PopulationClass::Donor, &["name=Full Nmae"]);
    let error = try_read("a.csv", b"Giver's name,DOB\nA B,1958\n", &options).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("`Full Nmae`") && text.contains("`Giver's name`, `DOB`"), "{text}");
    assert!(matches!(ColumnMap::parse(["name"]), Err(ColumnError::NotAnAssignment { .. })));
    assert!(matches!(ColumnMap::parse(["x=y"]), Err(ColumnError::UnknownField { .. })));
    assert!(matches!(
        ColumnMap::parse(["name=a", "name=b"]),
        Err(ColumnError::MappedTwice { field: Field::Name })
    ));
}

#[test]
fn a_file_without_a_name_column_says_which_map_to_type() {
    let text = refused("Bienfaiteur,Montant\nOrsolya Testwick,5\n");
    assert!(text.contains("`Bienfaiteur`, `Montant`"), "{text}");
    assert!(text.contains("--map name=\"Bienfaiteur\""), "{text}");
}

#[test]
fn a_file_without_a_header_is_refused_without_repeating_its_people() {
    for text in [
        "Mrs Orsolya Testwick,21/03/1958\nQuillon Examplesson,1960\n",
        "Orsolya Testwick,0207 000 0000\n",
        "o.testwick@example.org\n",
        "Orsolya Testwick,Inventton\nQuillon Examplesson,Madeup\n",
    ] {
        let error = refused(text);
        assert!(error.contains("no line with the names of its columns"), "{error}");
        assert!(!error.contains("Testwick") && !error.contains("testwick"), "{error}");
    }
}

#[test]
fn the_header_is_listed_where_other_columns_of_it_are_known() {
    let text = refused("Invented Title,,\nDie Person,DOB,Ort\nOrsolya Testwick,1958,Inventton\n");
    assert!(text.starts_with("line 2:") && text.contains("`Die Person`, `DOB`, `Ort`"), "{text}");
}

#[test]
fn a_party_in_a_table_of_gifts_is_the_recipient() {
    let found = donors("Donor,Party\nOrsolya Testwick,Invented Party\n");
    assert_eq!(found.people[0].recipient.as_ref().unwrap().reveal(), "Invented Party");
    assert!(found.values(0, Property::Political).is_empty());
}

#[test]
fn what_file_and_words_say_differently_is_compared_with_both() {
    let found =
        donors("Donor,Donor type\nTestwick & Sons Ltd,Individual\nMrs Orsolya Testwick,Company\n");
    let schemas: Vec<_> = found.people.iter().map(|p| p.dossier.schema).collect();
    assert_eq!(schemas, [Schema::LegalEntity, Schema::LegalEntity]);
}

#[test]
fn what_is_of_one_person_is_not_told_of_a_couple() {
    let found =
        donors("Title,Forename,Surname,DOB,Nationality\nMr & Mrs,Quillon,Testwick,1958,gb\n");
    assert_eq!(found.names(), ["Quillon Testwick", "Quillon Testwick"]);
    for person in 0..2 {
        assert!(found.values(person, Property::BirthDate).is_empty());
        assert_eq!(found.values(person, Property::Nationality), ["gb"]);
    }
    assert!(found.warnings[0].message.contains("several people"));
    assert_eq!(found.warnings.len(), 1);
}

#[test]
fn no_person_of_a_long_list_is_dropped() {
    let letters: Vec<String> = ('A'..='Z').map(|c| format!("{c}a Testwick")).collect();
    assert_eq!(donors(&format!("Name\n{}\n", letters.join("; "))).people.len(), 26);
    let couple = format!("Name,Type\n{},Individual\n", letters.join(" & "));
    assert_eq!(donors(&couple).people.len(), 26);
}

#[test]
fn other_names_of_their_own_column_keep_their_own_original() {
    let found = donors("Name,Also known as\nOrsolya Testwick,Mrs Orsi Testwick; O. T. Invented\n");
    assert_eq!(found.values(0, Property::Alias), ["Orsi Testwick", "O. T. Invented"]);
    let alias = found.people[0].dossier.statements.iter().find(|s| s.property == Property::Alias);
    assert_eq!(alias.unwrap().original, None);
}

#[test]
fn thousands_of_columns_of_one_name_cost_no_time() {
    let text = format!("Name{}\nOrsolya Testwick\n", ",Name,Alias".repeat(20_000));
    let found = donors(&text);
    assert_eq!(found.names(), ["Orsolya Testwick"]);
    assert!(found.warnings.len() < 20);
}

#[test]
fn an_anonymous_giver_is_set_aside() {
    let found = donors("Donor,Value\nAnonymous,£600\nN/A,£5\nVarious Testwick,£5\n");
    assert_eq!(found.names(), ["Various Testwick"]);
    assert_eq!(found.aside.len(), 2);
}

#[test]
fn a_json_list_is_refused_with_what_to_do() {
    assert!(refused(" [ {\"id\":\"a\"}]").contains("one entity to a line"));
}

#[test]
fn headers_with_line_breaks_marks_and_other_encodings_are_read() {
    let text = "\u{feff}\"Donor\n name\",\"Date of\nbirth\"\r\nOrsolya Testwick,1958\r\n";
    let found = donors(text);
    assert_eq!(
        (found.names(), found.values(0, Property::BirthDate)),
        (vec!["Orsolya Testwick"], vec!["1958"])
    );
    let wide: Vec<u8> = "\u{feff}Name\tDOB\r\nZoë Testwick\t1958\r\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let found = try_read("unicode.txt", &wide, &options(PopulationClass::Donor, &[])).unwrap();
    assert_eq!(found.names(), ["Zoë Testwick"]);
}

#[test]
fn names_in_any_script_are_left_as_they_are() {
    let found = donors("Name\nТест Примеров\n测试 某\nO'Testwick d'Example\nNa Testwick\n");
    assert_eq!(found.names(), ["Тест Примеров", "测试 某", "O'Testwick d'Example", "Na Testwick"]);
}

#[test]
fn a_page_of_text_is_no_name() {
    let found = donors(&format!("Name,Value\n{},£5\n", "Testwick ".repeat(300)));
    assert!(found.aside[0].reason.contains("longer than any name"));
}

#[test]
fn empty_files_and_files_of_a_header_alone() {
    for text in ["", "\n\n", "\u{feff}", ",,,\n,,\n"] {
        assert!(refused(text).contains("the file is empty"), "{text:?}");
    }
    let found = donors("Name,DOB\n");
    assert_eq!(found.reading.tally, Tally::default());
    assert!(found.people.is_empty());
}

#[test]
fn a_row_that_names_nobody_is_set_aside_and_a_blank_one_counted() {
    let found = donors("Name,Value\n,£500\n12345,£5\n,\nOrsolya Testwick,£5\n");
    assert_eq!(found.names(), ["Orsolya Testwick"]);
    assert_eq!(found.aside.iter().map(|a| a.line).collect::<Vec<_>>(), [2, 3]);
    assert_eq!(found.aside[0].raw.reveal(), ",£500");
    let tally = found.reading.tally;
    assert_eq!((tally.rows_read, tally.rows_set_aside, tally.rows_without_subject), (4, 2, 1));
}

#[test]
fn titles_above_the_header_and_a_total_below_it_are_no_people() {
    let found = donors(
        "Gifts received in 2026,,\n,,\nName,Date received,Value\nOrsolya Testwick,1/11/2026,£5\nTotal,,£5\n,Grand total,£5\n",
    );
    assert_eq!(found.names(), ["Orsolya Testwick"]);
    assert!(found.warnings[0].message.contains("above the names of the columns"));
    assert_eq!(found.people[0].row, 4);
    assert_eq!(found.reading.tally.rows_without_subject, 2);
}

#[test]
fn a_column_that_comes_twice_is_said_to_be_left_out() {
    let found = donors("Name,DOB,Name\nOrsolya Testwick,1958,Quillon Examplesson\n");
    assert_eq!(found.names(), ["Orsolya Testwick"]);
    assert!(found.warnings[0].message.starts_with("column 3"));
}

#[test]
fn a_name_column_beside_a_surname_column_is_the_given_name() {
    let found = donors("Name,Surname\nOrsolya,Testwick\n");
    assert_eq!(found.names(), ["Orsolya Testwick"]);
}

#[test]
fn a_row_with_more_cells_than_columns_is_set_aside() {
    let found = donors("Name,DOB\nTestwick, Orsolya,1958\nQuillon Examplesson,1960\n");
    assert_eq!(found.names(), ["Quillon Examplesson"]);
    assert!(found.aside[0].reason.contains("quotation marks"));
}

#[test]
fn ten_thousand_columns_are_read() {
    let headers: Vec<String> = (0..10_000).map(|n| format!("c{n}")).collect();
    let cells = vec!["x"; 10_000];
    let text = format!("Name,{}\nOrsolya Testwick,{}\n", headers.join(","), cells.join(","));
    assert_eq!(donors(&text).names(), ["Orsolya Testwick"]);
}

#[test]
fn a_list_of_names_alone_needs_no_quotes() {
    let found = donors("Donor\nTestwick, Orsolya\nQuillon Examplesson\n\"Testwick Ltd\"\n");
    assert_eq!(found.names(), ["Orsolya Testwick", "Quillon Examplesson", "Testwick Ltd"]);
}

#[test]
fn the_delimiter_is_that_of_the_header() {
    let text = "Name,Notes\nOrsolya Testwick,a;b;c;d\nQuillon Examplesson,e;f;g;h\n";
    assert_eq!(donors(text).names(), ["Orsolya Testwick", "Quillon Examplesson"]);
}

#[test]
fn several_people_in_one_cell_are_told_apart() {
    let found = donors("Names\n\"Testwick, Orsolya; Examplesson, Quillon\"\n");
    assert_eq!(found.names(), ["Orsolya Testwick", "Quillon Examplesson"]);
}

#[test]
fn formulas_in_text_are_unwrapped_and_never_run() {
    let found = donors(
        "Name,Company no\n\"=\"\"Testwick Ltd\"\"\",\"=\"\"0000123\"\"\"\n=cmd|' /C calc'!A0,1\n",
    );
    assert_eq!(found.names()[0], "Testwick Ltd");
    assert_eq!(found.values(0, Property::RegistrationNumber), ["00000123"]);
    assert_eq!(found.people.len(), 2);
}

#[test]
fn the_class_of_a_row_goes_before_that_of_the_run() {
    let found =
        donors("Name,Class\nOrsolya Testwick,Staff\nQuillon Examplesson,\nA Testwick,king\n");
    let classes: Vec<_> = found.people.iter().map(|p| p.class).collect();
    assert_eq!(classes, [PopulationClass::Staff, PopulationClass::Donor, PopulationClass::Donor]);
    assert_eq!(found.warnings.len(), 1);
}

#[test]
fn semicolons_tabs_and_windows_letters_are_read() {
    assert_eq!(donors("Name;DOB\nOrsolya Testwick;1958\n").names(), ["Orsolya Testwick"]);
    let tsv = b"Name\tDOB\nZo\xEB Testwick\t1958\n";
    let found = try_read("a.tsv", tsv, &options(PopulationClass::Donor, &[])).unwrap();
    assert_eq!(found.names(), ["Zoë Testwick"]);
    assert!(found.warnings[0].message.contains("windows-1252"));
}

#[test]
fn the_commissions_yearly_donations_are_read() {
    let text = "\"EC reference\",\"Entity name\",\"Entity type\",\"Donor name\",\"Donor type\",\"Company reg. no.\",\"Postcode\",\"Value\",\"Received date\"\n\
        \"Z1\",\"Invented Party\",\"Political Party\",\"Testwick Ltd, 1 Example Road\",\"Company\",\":123456\",\"ZZ1 1ZZ\",\"\u{a3}50,000.00\",\"01/02/2010\"\n\
        \"Z2\",\"Invented Party\",\"Political Party\",\"na Quillon Examplesson\",\"Individual\",\"\",\"\",\"\u{a3}7.00\",\"\"\n";
    let found = donors(text);
    assert_eq!(found.reading.layout, Layout::CommissionDonationsYearly);
    assert_eq!(found.names(), ["Testwick Ltd", "Quillon Examplesson"]);
    assert_eq!(found.people[0].dossier.schema, Schema::Company);
    assert_eq!(found.people[1].dossier.schema, Schema::Person);
    assert_eq!(found.values(0, Property::RegistrationNumber), ["00123456"]);
    assert_eq!(found.values(0, Property::Address), ["1 Example Road"]);
    assert_eq!(found.people[0].recipient.as_ref().unwrap().reveal(), "Invented Party");
    assert_eq!(found.people[0].received.unwrap().to_string(), "2010-02-01");
}

#[test]
fn the_commissions_current_export_is_read() {
    // requirements C1, and the names of the search service, C2.
    let text = "ECRef,RegulatedEntityName,RegulatedEntityType,Value,AcceptedDate,AccountingUnitName,DonorName,AccountingUnitsAsCentralParty,IsSponsorship,DonorStatus,RegulatedDoneeType,CompanyRegistrationNumber,Postcode,DonationType,NatureOfDonation,PurposeOfVisit,DonationAction,ReceivedDate,ReportedDate,IsReportedPrePoll,ReportingPeriodName,IsBequest,IsAggregation,RegulatedEntityId,AccountingUnitId,DonorId,CampaigningName,RegisterName,IsIrishSource\n\
        Z1,Invented Party,Political Party,\"£7,000.00\",02/11/2026,,Mr Quillon Examplesson,False,False,Individual,,,,Cash,,,Accepted,01/11/2026,,,Q4,False,False,1,,9,,Great Britain,False\n\
        Z2,Invented Party,Political Party,£1,02/11/2026,,,False,False,Unidentifiable Donor,,,,Unidentified Donor,,,Returned,/Date(1793491200000)/,,,Q4,False,False,1,,,,Great Britain,False\n\
        Z3,Invented Party,Political Party,£1,,,,False,False,Company,,,,Cash,,,Accepted,,,,Q4,False,False,1,,,,Great Britain,False\n";
    let found = donors(text);
    assert_eq!(found.reading.layout, Layout::CommissionDonations);
    assert_eq!(found.names(), ["Quillon Examplesson"]);
    assert_eq!(found.people[0].dossier.record.as_str(), "Z1");
    assert_eq!(found.people[0].value, Some(Pence::new(700_000)));
    assert_eq!(found.people[0].received.unwrap().to_string(), "2026-11-01");
    assert_eq!(found.reading.tally.rows_without_subject, 1);
    assert_eq!(found.aside.len(), 1, "a company without a name must not pass unseen");
}

#[test]
fn lenders_are_screened_and_a_loan_has_no_receipt_date() {
    let text = "ecReference,ecLastNotifiedDate,lenderID,lenderType,lenderTitle,lenderFirstName,lenderMiddleName,lenderLastName,lenderName,lenderCompanyNumber,lenderAddress,lenderPostcode,lenderCountry,recipientName,value,type,status,startDate\n\
        L1,2015-01-01,7,Individual,Mr,Quillon,Q,Examplesson,,,,,,Invented Party,\"50,000\",Loan,Outstanding,2014-01-01\n\
        L2,2015-01-01,8,Company,,,,,Testwick Bank Plc,123456,\"1 Example Street, Inventton\",ZZ1 1ZZ,Liechtenstein,Invented Party,500,Credit Facility,Ended,2014-01-01\n";
    let found = donors(text);
    assert_eq!(found.reading.layout, Layout::CommissionLoans);
    assert_eq!(found.names(), ["Quillon Q Examplesson", "Testwick Bank Plc"]);
    assert_eq!(found.values(1, Property::Country), ["li"]);
    assert_eq!(found.people[0].received, None);
    assert_eq!(found.people[0].value, Some(Pence::new(5_000_000)));
}

#[test]
fn each_donor_of_a_visit_is_read_and_rows_that_name_nobody_are_counted() {
    // Both header families of the Commons register.
    for registered in
        ["Registration Date,Published Date,Updated Date", "Registered,Published,Updated"]
    {
        let text = format!(
            "ID,Parent Interest ID,Summary,{registered},Category,Member,MNIS ID,Donors,Donors_1_Name,Donors_1_IsPrivateIndividual,Donors_1_PublicAddress,Donors_1_Value,Donors_2_Name,Donors_2_IsPrivateIndividual,Donors_2_PublicAddress,Donors_2_Value\n\
            7,,A visit,01/02/2026,,,Visits,Invented Member,1,,Testwick Forum,FALSE,1 Example Road,500,Quillon Examplesson,TRUE,,20.50\n\
            8,,A visit,01/02/2026,,,Visits,Invented Member,1,,,,,,,,,\n"
        );
        let found = donors(&text);
        assert_eq!(found.reading.layout, Layout::CommonsRegister);
        assert_eq!(found.names(), ["Testwick Forum", "Quillon Examplesson"]);
        assert_eq!(found.people[1].dossier.schema, Schema::Person);
        assert_eq!(found.people[1].value, Some(Pence::new(2_050)));
        assert_eq!(found.people[1].dossier.record.as_str(), "7#2");
        assert_eq!(found.people[0].shared_gift, None);
        assert_eq!(found.people[0].recipient.as_ref().unwrap().reveal(), "Invented Member");
        assert_eq!(found.reading.tally.rows_without_subject, 1);
    }
}

#[test]
fn donors_are_taken_out_of_the_descriptions_of_the_older_register() {
    let text = "id,list_name,party,session,type,date,value,donated_to_charity,party_donation,description,sub_entry\n\
        1,\"Member, Invented\",X,2010-11,gift,2102-01-01,100.0,False,False,\"Donor: Mr Quillon\n Examplesson Address of donor: 1 Example Road\",\n\
        1,\"Member, Invented\",X,2010-11,employment,2010-01-01,100.0,False,False,Wages,\n";
    let found = donors(text);
    assert_eq!(found.reading.layout, Layout::CommonsInterests2010);
    assert_eq!(found.names(), ["Quillon Examplesson"]);
    assert_eq!(found.reading.tally.rows_without_subject, 1);
}

#[test]
fn candidates_are_people() {
    let text = "name,id,party,constituency,gss_code,gender,birth_date,honorific_prefix\n\
        Orsolya Testwick,9,Invented Party,Inventton,E1,female,1958-03-21,Dr\n";
    let options = options(PopulationClass::Candidate, &[]);
    let found = try_read("candidates.csv", text.as_bytes(), &options).unwrap();
    assert_eq!(found.reading.layout, Layout::CandidateList);
    assert_eq!(found.people[0].dossier.schema, Schema::Person);
    assert_eq!(found.values(0, Property::Political), ["Invented Party"]);
    assert_eq!(found.values(0, Property::Title), ["Dr"]);
    assert_eq!(found.people[0].class, PopulationClass::Candidate);
}

#[test]
fn entities_and_test_queries_are_read_line_by_line() {
    let text = "{\"id\":\"q-1\",\"schema\":\"Person\",\"properties\":{\"name\":[\"Orsolya Testwick\"]}}\n\
        \n\
        {\"query\":{\"id\":\"q-2\",\"schema\":\"Company\",\"properties\":{\"name\":[\"Testwick Ltd\"]}},\"expected\":[\"l-1\",\"l-2\"]}\n\
        {\"query\":{\"id\":\"q-3\",\"caption\":\"Quillon\"},\"expected\":[]}\n\
        {\"id\":\"q-4\",\"schema\":\"Person\",\n\
        {\"id\":\"q-5\",\"schema\":\"Persn\",\"caption\":\"Quillon\"}\n\
        {\"id\":\"a\",\"schema\":\"Address\",\"properties\":{\"full\":[\"1 Example Road\"]}}\n\
        {\"query\":{\"id\":\"q\",\"caption\":\"A\"},\"expected\":7}\n";
    let found = donors(text);
    assert_eq!(found.reading.layout, Layout::FollowTheMoney);
    assert_eq!(found.names(), ["Orsolya Testwick", "Testwick Ltd", "Quillon"]);
    let expected: Vec<_> = found.people.iter().map(|p| p.expected.clone()).collect();
    assert_eq!(expected, [None, Some(vec!["l-1".into(), "l-2".into()]), Some(vec![])]);
    let aside: Vec<_> = found.aside.iter().map(|a| (a.line, a.column.is_some())).collect();
    assert_eq!(aside, [(5, true), (6, false), (8, false)]);
    assert!(found.aside.iter().all(|a| !a.reason.contains("Quillon")));
    let tally = found.reading.tally;
    assert_eq!((tally.rows_read, tally.dossiers_made, tally.rows_without_subject), (7, 3, 1));
}

#[test]
fn a_binary_file_and_an_endless_line_are_errors() {
    let options = options(PopulationClass::Donor, &[]);
    assert!(matches!(try_read("a.csv", b"%PDF-1.7", &options), Err(ReadError::NotText { .. })));
    assert!(matches!(
        try_read("a.csv", b"PK\x03\x04nonsense", &options),
        Err(ReadError::Workbook { .. })
    ));
    let long = [b"{\"id\":\"".to_vec(), vec![b'x'; 16_000_001]].concat();
    assert!(matches!(
        try_read("a.jsonl", &long, &options),
        Err(ReadError::LineTooLong { line: 1, .. })
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_bytes_make_the_reader_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        header in prop_oneof![
            Just("Name,DOB,Value,Company no,Nationality\n"),
            Just("Donors_1_Name,Donors_2_Name,Title,Alias\n"),
            Just("{\"id\":"), Just("PK\u{3}\u{4}"), Just(""),
        ],
        format in prop_oneof![
            Just(None), Just(Some(PeopleFormat::Csv)), Just(Some(PeopleFormat::Tsv)),
            Just(Some(PeopleFormat::Xlsx)), Just(Some(PeopleFormat::FollowTheMoney)),
        ],
    ) {
        let options = PeopleOptions { format, ..options(PopulationClass::Donor, &[]) };
        drop(try_read("a", &[header.as_bytes(), &bytes].concat(), &options));
    }

    #[test]
    fn every_row_is_accounted_for(rows in proptest::collection::vec("[A-Za-z0-9 ,;&\"()/£.-]{0,30}", 0..20)) {
        let text = format!("Name,DOB,Value\n{}\n", rows.join("\n"));
        let found = donors(&text);
        let tally = found.reading.tally;
        let lines: std::collections::BTreeSet<_> = found.people.iter().map(|p| p.row).collect();
        prop_assert_eq!(
            lines.len() as u64 + tally.rows_set_aside + tally.rows_without_subject,
            tally.rows_read
        );
        prop_assert_eq!(tally.dossiers_made, found.people.len() as u64);
        prop_assert_eq!(tally.rows_set_aside, found.aside.len() as u64);
    }
}
