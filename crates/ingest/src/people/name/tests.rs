use super::*;
use proptest::prelude::*;

const DONOR: Hints = Hints {
    said: None,
    otherwise: Schema::LegalEntity,
    carries_address: false,
    has_placeholders: false,
};
const PERSON: Hints = Hints { said: Some(Schema::Person), ..DONOR };
const COMPANY: Hints = Hints { said: Some(Schema::Company), ..DONOR };
const REGISTER: Hints = Hints { said: Some(Schema::Organization), carries_address: true, ..DONOR };

fn names(cell: &str, hints: Hints) -> Vec<String> {
    take_apart(cell, hints).into_iter().map(|n| n.name).collect()
}

fn one(cell: &str, hints: Hints) -> Named {
    let mut all = take_apart(cell, hints);
    assert_eq!(all.len(), 1, "{cell}");
    all.remove(0)
}

#[test]
fn titles_and_letters_after_a_name_are_split_off() {
    for (cell, name, titles) in [
        ("Mr Quillon Examplesson", "Quillon Examplesson", &["Mr"][..]),
        (
            "  The Rt Hon Dr Orsolya Testwick OBE MP ",
            "Orsolya Testwick",
            &["Rt", "Hon", "Dr", "MP", "OBE"],
        ),
        ("na Quillon Examplesson", "Quillon Examplesson", &[]),
        ("Lord na Testwick", "Testwick", &["Lord"]),
        ("Orsolya Testwick, KC", "Orsolya Testwick", &["KC"]),
        ("Earl Testwick", "Earl Testwick", &[]),
        ("Prof. O. Testwick", "O. Testwick", &["Prof."]),
        ("ORSOLYA MA", "ORSOLYA MA", &[]),
    ] {
        let named = one(cell, PERSON);
        assert_eq!(
            (named.name.as_str(), named.titles.as_slice()),
            (name, titles.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>().as_slice()),
            "{cell}"
        );
    }
}

#[test]
fn couples_make_two_people() {
    for (cell, expected) in [
        ("Mr & Mrs J Testwick", &["J Testwick", "J Testwick"][..]),
        ("Mr and Mrs Testwick", &["Testwick", "Testwick"]),
        ("Dr A & Mrs B Testwick", &["A Testwick", "B Testwick"]),
        ("Quillon & Orsolya Testwick", &["Quillon Testwick", "Orsolya Testwick"]),
        (
            "Mr Quillon Examplesson and Ms Orsolya Testwick",
            &["Quillon Examplesson", "Orsolya Testwick"],
        ),
        ("na Quillon & Orsolya Testwick", &["Quillon Testwick", "Orsolya Testwick"]),
        ("Mr Quillon Testwick & Orsolya", &["Quillon Testwick", "Orsolya Testwick"]),
        ("Earl of Invented and Madeup", &["of Invented and Madeup"]),
        ("Quillon Examplesson; Orsolya Testwick", &["Quillon Examplesson", "Orsolya Testwick"]),
        (
            "Lord Testwick and directors of the racecourse",
            &["Testwick and directors of the racecourse"],
        ),
        ("quillon and orsolya testwick", &["quillon testwick", "orsolya testwick"]),
    ] {
        assert_eq!(names(cell, PERSON), expected, "{cell}");
    }
    assert_eq!(names("Mr & Mrs J Testwick", DONOR), ["J Testwick", "J Testwick"]);
    assert_eq!(names("Testwick & Examplesson", DONOR), ["Testwick & Examplesson"]);
    assert_eq!(names("Testwick & Sons Ltd", COMPANY), ["Testwick & Sons Ltd"]);
}

#[test]
fn surname_first_is_turned_round_and_an_address_is_cut_off() {
    assert_eq!(names("TESTWICK, Orsolya", PERSON), ["Orsolya TESTWICK"]);
    assert_eq!(names("Testwick, Mrs Orsolya", PERSON), ["Orsolya Testwick"]);
    assert_eq!(names("Testwick, Orsolya", DONOR), ["Orsolya Testwick"]);
    let firm = one("Testwick Ltd, 1 Example Road", DONOR);
    assert_eq!(
        (firm.name.as_str(), firm.address.as_deref()),
        ("Testwick Ltd", Some("1 Example Road"))
    );
    assert_eq!(firm.schema, Schema::Company);
    let person = one("Orsolya Testwick, 1 Example Road", PERSON);
    assert_eq!(
        (person.name.as_str(), person.address.as_deref()),
        ("Orsolya Testwick", Some("1 Example Road"))
    );
    assert_eq!(names("Testwick, Ltd", COMPANY), ["Testwick, Ltd"]);
    let twice = one("Testwick Club, Testwick Club", REGISTER);
    assert_eq!((twice.name.as_str(), twice.address), ("Testwick Club", None));
}

#[test]
fn a_comma_that_may_belong_to_the_name_keeps_both_readings() {
    let named = one("Weavers Testers, Invented and Allied Trades", REGISTER);
    assert_eq!(named.name, "Weavers Testers, Invented and Allied Trades");
    assert_eq!(named.aliases, ["Weavers Testers"]);
}

#[test]
fn care_of_other_names_and_former_names_are_told_apart() {
    let named = one("Testwick Liberal Club, c/o 5 Example Lane", REGISTER);
    assert_eq!(
        (named.name.as_str(), named.address.as_deref()),
        ("Testwick Liberal Club", Some("c/o 5 Example Lane"))
    );
    let named = one("Testwick Ltd t/a The Invented Fort, 7 Example Street", COMPANY);
    assert_eq!(
        (named.name.as_str(), named.aliases.as_slice()),
        ("Testwick Ltd", &["The Invented Fort".to_owned()][..])
    );
    assert_eq!(named.address.as_deref(), Some("7 Example Street"));
    let named = one("Greentest Ltd (trading as INV Solutions), 13 High Street", COMPANY);
    assert_eq!(
        (named.name.as_str(), named.aliases.as_slice()),
        ("Greentest Ltd", &["INV Solutions".to_owned()][..])
    );
    let named = one("Testwick Solicitors (formerly Invented Madeup), Example House", REGISTER);
    assert_eq!(
        (named.name.as_str(), named.previous.as_slice()),
        ("Testwick Solicitors", &["Invented Madeup".to_owned()][..])
    );
    let named = one("Orsolya Testwick (née Examplesson)", PERSON);
    assert_eq!(
        (named.name.as_str(), named.previous.as_slice()),
        ("Orsolya Testwick", &["Orsolya Examplesson".to_owned()][..])
    );
    let named = one("Orsolya (Orsi) Testwick", PERSON);
    assert_eq!(
        (named.name.as_str(), named.aliases.as_slice()),
        ("Orsolya Testwick", &["Orsi Testwick".to_owned()][..])
    );
}

#[test]
fn estates_notes_and_the_dead_are_told_from_names() {
    for cell in [
        "The Estate of the late Orsolya Testwick",
        "Estate of Mrs Orsolya Testwick",
        "Executors of Orsolya Testwick",
        "Orsolya Testwick (dec'd)",
        "Orsolya Testwick deceased",
    ] {
        let named = one(cell, DONOR);
        assert_eq!(
            (named.name.as_str(), named.schema),
            ("Orsolya Testwick", Schema::Person),
            "{cell}"
        );
    }
    let named = one("Testwick Party [De-registered 01/02/2003]", REGISTER);
    assert_eq!((named.name.as_str(), named.notes.len()), ("Testwick Party", 1));
    assert_eq!(names("Testwick Memorial Fund [The]", REGISTER), ["The Testwick Memorial Fund"]);
    assert_eq!(names("Testwick Ltd (Sponsorship)", COMPANY), ["Testwick Ltd"]);
    assert_eq!(names("Testwick Ltd - Sponsorship, 1 Example Road", COMPANY), ["Testwick Ltd"]);
    assert_eq!(names("Government of Invented, no address", REGISTER), ["Government of Invented"]);
    assert_eq!(names("Legacy of War Foundation", DONOR), ["Legacy of War Foundation"]);
    assert_eq!(names("Estates Testwick Ltd", COMPANY), ["Estates Testwick Ltd"]);
}

#[test]
fn a_cell_that_lists_several_makes_several() {
    for (cell, expected) in [
        ("(1) Testwick Society; (2) Quillon Forum", &["Testwick Society", "Quillon Forum"][..]),
        (
            "1) Testwick Aid 2) Invented Alert 3) MADEUP",
            &["Testwick Aid", "Invented Alert", "MADEUP"],
        ),
        ("(1) Testaid and (2) INV", &["Testaid", "INV"]),
        ("Testwick (1995) Ltd", &["Testwick (1995) Ltd"]),
        ("Testwick Ltd; makers of tests", &["Testwick Ltd"]),
        ("orsolya testwick; quillon examplesson", &["orsolya testwick", "quillon examplesson"]),
    ] {
        assert_eq!(names(cell, DONOR), expected, "{cell}");
    }
}

#[test]
fn a_registers_placeholder_tells_a_person() {
    let hints = Hints { has_placeholders: true, ..DONOR };
    let named = one("na Testwick", hints);
    assert_eq!((named.name.as_str(), named.schema), ("Testwick", Schema::Person));
    assert_eq!(names("na Testwick", DONOR), ["na Testwick"]);
    assert_eq!(names("Na Testwick", hints), ["Na Testwick"]);
}

#[test]
fn an_address_begins_where_a_part_reads_like_one() {
    let named = one("Testers, Makers, Weavers, Invented House, 1 Example Road", REGISTER);
    assert_eq!(named.name, "Testers, Makers, Weavers");
    assert_eq!(named.address.as_deref(), Some("Invented House, 1 Example Road"));
}

#[test]
fn an_initial_is_no_title_and_a_long_bracket_no_nickname() {
    assert_eq!(names("Cllr M Testwick", PERSON), ["M Testwick"]);
    assert_eq!(names("Captain Testwick", PERSON), ["Captain Testwick"]);
    let named = one("Orsolya Testwick MP (from gifts that were made some time ago)", PERSON);
    assert_eq!(
        (named.name.as_str(), named.aliases.len(), named.notes.len()),
        ("Orsolya Testwick", 0, 1)
    );
}

#[test]
fn stray_quotes_and_formulas_around_a_name_go() {
    assert_eq!(names("Testwick Ltd,\"\n", COMPANY), ["Testwick Ltd"]);
    assert_eq!(names("=\"Orsolya Testwick\"", PERSON), ["Orsolya Testwick"]);
    assert_eq!(names("Club \"Invented\"", COMPANY), ["Club \"Invented\""]);
}

#[test]
fn what_holds_no_letters_names_nobody() {
    for cell in ["", " ", "12345", "-", ";;", "(1)"] {
        assert!(take_apart(cell, DONOR).is_empty(), "{cell}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic_or_give_an_empty_name(
        text in "\\PC{0,60}",
        words in proptest::collection::vec(
            prop_oneof![
                Just("Mr"), Just("&"), Just("and"), Just("Mrs"), Just("(née"), Just("t/a"), Just("İ"),
                Just("c/o"), Just("["), Just("]"), Just(")"), Just(","), Just("Ltd"), Just("estate of"),
                Just("A"), Just("Testwick"), Just("OBE"), Just("na"), Just("the"), Just("earl"), Just(";"),
            ],
            0..12,
        ),
    ) {
        for cell in [text, words.join(" "), words.concat()] {
            for hints in [DONOR, PERSON, COMPANY, REGISTER] {
                for named in take_apart(&cell, hints) {
                    prop_assert!(!named.name.trim().is_empty());
                }
            }
        }
    }
}
