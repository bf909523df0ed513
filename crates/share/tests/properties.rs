//! What holds of every message, whatever is in it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod world;

use portcullis_share::*;
use portcullis_types::{Gateway, PopulationClass};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use world::*;

fn lines() -> impl Strategy<Value = Line> {
    "[\\p{L}\\p{N}][\\p{L}\\p{N} '.-]{0,30}[\\p{L}\\p{N}]".prop_map(|text| line(&text))
}

fn proses() -> impl Strategy<Value = Prose> {
    "([\\p{L}][\\p{L} \n.,]{0,60}[\\p{L}])?".prop_map(|text| prose(&text))
}

fn named() -> impl Strategy<Value = Named> {
    let identifiers = prop::collection::vec(("[a-z]{1,9}", lines()), 0..3);
    let birth = prop::option::of(select(vec!["1980", "1980-05", "1980-05-06~", "1979/1981"]));
    (select(PartyKind::ALL), prop::collection::vec(lines(), 0..4), birth, identifiers).prop_map(
        |(kind, names, birth, identifiers)| Named {
            kind,
            names,
            birth_date: birth.map(|text| BirthDate::new(text.parse().unwrap())),
            identifiers: identifiers
                .into_iter()
                .map(|(scheme, value)| Identifier { scheme: word(&scheme), value })
                .collect(),
        },
    )
}

fn enquiries() -> impl Strategy<Value = Outgoing> {
    let days = (2000_i16..2100, 1_i8..=12, 1_i8..=28);
    (any::<[u8; 16]>(), named(), select(PopulationClass::ALL), proses(), days, 0..300 * DAY)
        .prop_map(|(number, subject, class, relationship, (y, m, d), asked)| {
            let enquiry = Enquiry {
                id: EnquiryId::from_bytes(number),
                subject,
                class,
                relationship,
                decide_by: jiff::civil::date(y, m, d),
                office: office("head of compliance"),
                asked: at(asked),
                gateway: Gateway::ToService,
            };
            Outgoing::new(id("service-x"), enquiry)
        })
}

fn reports() -> impl Strategy<Value = Outgoing> {
    let signs = prop::collection::btree_set(select(ApproachSign::ALL), 0..4);
    let subjects = prop::collection::vec(named(), 0..3);
    (any::<[u8; 16]>(), select(ReportKind::ALL), proses(), signs, subjects, lines()).prop_map(
        |(number, kind, text, signs, subjects, accountable)| {
            let report = Report {
                id: ReportId::from_bytes(number),
                kind,
                text,
                signs,
                subjects,
                accountable,
                office: office("treasurer"),
                made: at(0),
                gateway: Gateway::ToService,
            };
            Outgoing::new(id("service-x"), report)
        },
    )
}

fn outcomes() -> impl Strategy<Value = Outgoing> {
    let numbers = (any::<[u8; 16]>(), any::<u64>(), any::<u64>());
    (numbers, select(OutcomeAct::ALL), select(Reliance::ALL), proses()).prop_map(
        |((notice, version, copy), act, reliance, text)| {
            let outcome = Outcome {
                notice: NoticeId::from_bytes(notice),
                version,
                copy,
                act,
                reliance,
                text,
                at: at(0),
                office: office("treasurer"),
            };
            Outgoing::new(id("service-x"), outcome)
        },
    )
}

fn messages() -> impl Strategy<Value = Outgoing> {
    prop_oneof![enquiries(), reports(), outcomes()]
}

/// A notice as it is sent to its reader.
fn sent() -> Outgoing {
    let world = World::new();
    let notice = world.approve(notice()).into();
    let cleared = Cleared::whole(&notice, world.member("party-a"), at(8000)).unwrap();
    let directory = directory("party-a");
    cleared.to_person(&mut Counting(1), 1, &directory, &officer("o.testwick")).unwrap()
}

/// Whether a recipient takes these bytes and reads the substance out of them.
fn is_read(bytes: &[u8]) -> bool {
    let world = World::new();
    let Ok(Message::Notice(copy)) = Message::from_bytes(bytes) else { return false };
    let arrival = FromX::to("party-a");
    let Ok(received) = copy.verify(&arrival.arrival(), &world.checks(at(9000))) else {
        return false;
    };
    let (me, key) = (person("party-a", "o.testwick"), keys("o.testwick").sealing());
    received.open(&me, &office("head of compliance"), &key, at(9000)).is_ok()
}

#[test]
fn what_is_sent_is_read() {
    assert!(is_read(&sent().to_bytes()));
}

proptest! {
    #[test]
    fn every_message_reads_back_as_it_was_written(sent in messages()) {
        prop_assert_eq!(&Message::from_bytes(&sent.to_bytes()).unwrap(), sent.message());
    }

    /// One message has one form: whatever bytes read as it are its bytes.
    #[test]
    fn no_other_bytes_read_as_the_same_message(
        sent in messages(), at in any::<Index>(), byte in any::<u8>(), cut in any::<bool>(),
    ) {
        let right = sent.to_bytes();
        let mut bytes = right.clone();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if cut {
            bytes.truncate(at);
        }
        if let Ok(message) = Message::from_bytes(&bytes) {
            prop_assert_eq!(bytes == right, &message == sent.message());
        }
    }

    #[test]
    fn something_before_or_after_a_message_is_refused(sent in messages(), byte in any::<u8>()) {
        let bytes = sent.to_bytes();
        prop_assert!(Message::from_bytes(&[bytes.as_slice(), &[byte]].concat()).is_err());
        prop_assert!(Message::from_bytes(&[&[byte], bytes.as_slice()].concat()).is_err());
    }

    #[test]
    fn no_bytes_make_reading_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Message::from_bytes(&bytes);
        for kind in 1..=14 {
            let _ = Message::from_bytes(&[&[0x83, 1, kind], bytes.as_slice()].concat());
        }
        let _ = ProvisionRegister::verify(&bytes, &[signer("operator").public()], at(0));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    // THREATS T-43, T-46
    #[test]
    fn with_any_bit_of_a_copy_flipped_nobody_reads_it(at in any::<Index>(), bit in 0_u32..8) {
        let mut bytes = sent().to_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        prop_assert!(!is_read(&bytes), "byte {at}, bit {bit}");
    }

    // THREATS T-44
    #[test]
    fn with_any_bit_of_a_register_flipped_it_is_not_taken(at in any::<Index>(), bit in 0_u32..8) {
        let mut bytes = ProvisionRegister::sign(register_text(), &signer("operator"));
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let trusted = [signer("operator").public()];
        prop_assert!(ProvisionRegister::verify(&bytes, &trusted, world::at(0)).is_err());
    }

    #[test]
    fn the_same_text_twice_has_two_commitments(salt in any::<u64>()) {
        let mut rng = Counting(salt % (1 << 40));
        let part = |rng: &mut Counting| Part::new(rng, whole_marking(), substance());
        prop_assert_ne!(part(&mut rng).commitment(), part(&mut rng).commitment());
    }
}
