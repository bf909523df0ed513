use super::*;
use crate::{FactKind, reference};
use jiff::Timestamp;
use portcullis_types::{
    Dossier, DossierId, ListVersion, Origin, Property, RecordId, Schema, SourceId, Statement,
};
use std::sync::Arc;

#[derive(Debug)]
struct At(i64);
impl Clock for At {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0).unwrap()
    }
}

#[derive(Debug)]
struct Count(u8);
impl Rng for Count {
    fn fill(&mut self, bytes: &mut [u8]) {
        self.0 += 1;
        bytes.fill(self.0);
    }
}

type Facts<'a> = &'a [(Property, &'a str)];

fn dossier(source: &str, version: &str, record: &str, facts: Facts<'_>) -> Dossier {
    let origin = Arc::new(Origin {
        source: SourceId::new(source).unwrap(),
        version: ListVersion::new(version).unwrap(),
        recorded_at: Timestamp::UNIX_EPOCH,
        controller: OrganisationId::new("tests").unwrap(),
    });
    let id = DossierId::new(&format!("{source}:{record}")).unwrap();
    let mut dossier = Dossier::new(id, RecordId::new(record).unwrap(), Schema::Person, origin);
    for (property, value) in facts {
        dossier.state(Statement::new(property.clone(), *value, 2));
    }
    dossier
}

const DONOR: Facts<'_> = &[(Property::Name, "Orsolya Testwick"), (Property::Country, "gb")];
const LISTED: Facts<'_> = &[
    (Property::Name, "Orsolia Testwicke"),
    (Property::BirthDate, "1958"),
    (Property::Country, "ru"),
];

fn donor(file: &str, row: &str, extra: Facts<'_>) -> QueryMark {
    QueryMark::of(&dossier(file, "1", row, &[DONOR, extra].concat()))
}

fn listed(version: &str, extra: Facts<'_>) -> RecordMark {
    RecordMark::of(&dossier("a-list", version, "R1", &[LISTED, extra].concat()))
}

fn judgement(verdict: Verdict, query: QueryMark, record: RecordMark) -> Judgement {
    Judgement {
        organisation: OrganisationId::new("tests").unwrap(),
        purpose: Purpose::ScreenDonor,
        query,
        record,
        query_name: "Orsolya Testwick".into(),
        record_name: "Orsolia Testwicke".into(),
        verdict,
        officer: OfficerId::new("q.examplesson").unwrap(),
        reason: StatedReason::new("born in 1971").unwrap(),
    }
}

fn decided(verdict: Verdict) -> Decision {
    let judgement = judgement(verdict, donor("q1.csv", "7", &[]), listed("2025-01-01", &[]));
    super::record(&At(100), &mut Count(0), judgement, None).unwrap().into_state()
}

#[test]
fn the_same_donor_in_the_next_file_with_another_row_is_recognised() {
    let decision = decided(Verdict::NotSame);
    let remembered = judge(
        [&decision],
        Purpose::ScreenDonor,
        &donor("q2.csv", "31", &[]),
        &listed("2025-04-01", &[]),
    );
    assert_eq!(remembered, Remembered::Standing(&decision));
    assert!(remembered.is_settled());
}

#[test]
fn a_fact_added_to_the_donor_raises_the_pair_again_and_says_which() {
    for (property, value, kind) in [
        (Property::Alias, "Orsi Testwick", FactKind::Name),
        (Property::BirthDate, "1958-03-21", FactKind::BirthDate),
        (Property::PassportNumber, "X1", FactKind::Identifier),
        (Property::Nationality, "hu", FactKind::Country),
    ] {
        let decision = decided(Verdict::NotSame);
        let query = donor("q2.csv", "7", &[(property, value)]);
        let remembered =
            judge([&decision], Purpose::ScreenDonor, &query, &listed("2025-01-01", &[]));
        let changed = vec![Moved::Query(kind)];
        assert!(!remembered.is_settled());
        assert_eq!(remembered, Remembered::Lapsed { decision: &decision, changed });
    }
}

#[test]
fn a_fact_added_to_the_record_raises_the_pair_again_and_says_which() {
    for (property, value, kind) in [
        (Property::WeakAlias, "Orsi", FactKind::Name),
        (Property::BirthDate, "1958-03-21", FactKind::BirthDate),
        (Property::IdNumber, "1", FactKind::Identifier),
        (Property::Nationality, "gb", FactKind::Country),
    ] {
        let decision = decided(Verdict::NotSame);
        let record = listed("2025-02-01", &[(property, value)]);
        let remembered =
            judge([&decision], Purpose::ScreenDonor, &donor("q1.csv", "7", &[]), &record);
        let changed = vec![Moved::Record(kind)];
        assert_eq!(remembered, Remembered::Lapsed { decision: &decision, changed });
    }
}

#[test]
fn a_remark_or_a_new_issue_of_the_list_changes_nothing() {
    let decision = decided(Verdict::NotSame);
    let query = donor("q1.csv", "7", &[(Property::Notes, "paid by cheque")]);
    let record = listed("2026-01-01", &[(Property::Notes, "amended")]);
    assert!(judge([&decision], Purpose::ScreenDonor, &query, &record).is_settled());
}

#[test]
fn another_record_or_another_donor_has_no_memory() {
    let decision = decided(Verdict::NotSame);
    let other_record = RecordMark::of(&dossier("a-list", "2025-01-01", "R2", LISTED));
    let same_id_elsewhere = RecordMark::of(&dossier("b-list", "2025-01-01", "R1", LISTED));
    let query = donor("q1.csv", "7", &[]);
    assert_eq!(judge([&decision], Purpose::ScreenDonor, &query, &other_record), Remembered::None);
    assert_eq!(
        judge([&decision], Purpose::ScreenDonor, &query, &same_id_elsewhere),
        Remembered::None
    );
    let stranger =
        QueryMark::of(&dossier("q1.csv", "1", "8", &[(Property::Name, "Quillon Examplesson")]));
    assert_eq!(
        judge([&decision], Purpose::ScreenDonor, &stranger, &listed("2025-01-01", &[])),
        Remembered::None
    );
}

#[test]
fn the_same_and_unsure_leave_the_pair_raised() {
    for verdict in [Verdict::Same, Verdict::Unsure] {
        let decision = decided(verdict);
        let remembered = judge(
            [&decision],
            Purpose::ScreenDonor,
            &donor("q1.csv", "7", &[]),
            &listed("2025-01-01", &[]),
        );
        assert_eq!(remembered, Remembered::Standing(&decision));
        assert!(!remembered.is_settled());
    }
}

#[test]
fn of_two_decisions_on_the_same_facts_the_later_stands() {
    let decisions = [decided(Verdict::NotSame), decided(Verdict::Same)];
    let remembered = judge(
        &decisions,
        Purpose::ScreenDonor,
        &donor("q1.csv", "7", &[]),
        &listed("2025-01-01", &[]),
    );
    assert_eq!(remembered, Remembered::Standing(&decisions[1]));
}

#[test]
fn namesakes_keep_their_own_decisions() {
    let born = |year| donor("q1.csv", "7", &[(Property::BirthDate, year)]);
    let decide = |verdict, year| {
        let judgement = judgement(verdict, born(year), listed("2025-01-01", &[]));
        super::record(&At(1), &mut Count(0), judgement, None).unwrap().into_state()
    };
    let decisions = [decide(Verdict::NotSame, "1971"), decide(Verdict::Same, "1958")];
    let record = listed("2025-01-01", &[]);
    assert!(judge(&decisions, Purpose::ScreenDonor, &born("1971"), &record).is_settled());
    assert!(!judge(&decisions, Purpose::ScreenDonor, &born("1958"), &record).is_settled());
    assert!(matches!(
        judge(&decisions, Purpose::ScreenDonor, &born("1990"), &record),
        Remembered::Lapsed { .. }
    ));
}

fn namesake(places: Facts<'_>) -> QueryMark {
    let name = [(Property::Name, "Orsolya Testwick")];
    QueryMark::of(&dossier("q.csv", "1", "2", &[&name, places].concat()))
}

fn decided_on(query: QueryMark) -> Decision {
    let judgement = judgement(Verdict::NotSame, query, listed("2025-01-01", &[]));
    super::record(&At(1), &mut Count(0), judgement, None).unwrap().into_state()
}

#[test]
fn a_namesake_at_another_address_is_raised_when_only_the_name_is_known() {
    let here = [(Property::PostalCode, "ZZ1 1ZZ")];
    let there = [(Property::PostalCode, "ZZ9 9ZZ")];
    let decision = decided_on(namesake(&here));
    let record = listed("2025-01-01", &[]);
    assert_eq!(
        judge([&decision], Purpose::ScreenDonor, &namesake(&there), &record),
        Remembered::Lapsed { decision: &decision, changed: vec![Moved::AnotherAddress] }
    );
    assert_ne!(
        reference(Purpose::ScreenDonor, &namesake(&here), &record),
        reference(Purpose::ScreenDonor, &namesake(&there), &record)
    );
}

#[test]
fn a_country_makes_no_name_unique() {
    let country = (Property::Country, "is");
    let mark = |code| namesake(&[country.clone(), (Property::PostalCode, code)]);
    let (here, there) = (mark("ZZ1 1AA"), mark("YY9 9BB"));
    let decision = decided_on(here.clone());
    let record = listed("2025-01-01", &[]);
    assert!(judge([&decision], Purpose::ScreenDonor, &here, &record).is_settled());
    assert_eq!(
        judge([&decision], Purpose::ScreenDonor, &there, &record),
        Remembered::Lapsed { decision: &decision, changed: vec![Moved::AnotherAddress] }
    );
    let name = |query| reference(Purpose::ScreenDonor, query, &record);
    assert_ne!(name(&here), name(&there));
}

#[test]
fn a_place_that_only_one_of_two_namesakes_has_raises_the_pair_again() {
    let record = listed("2025-01-01", &[]);
    let code = &[(Property::PostalCode, "ZZ1 1ZZ")][..];
    let street = &[(Property::Address, "1 Invented Street, Testham")][..];
    for (then, now) in [(code, &[][..]), (&[], code), (street, &[]), (&[], street), (code, street)]
    {
        let decision = decided_on(namesake(then));
        assert_eq!(
            judge([&decision], Purpose::ScreenDonor, &namesake(now), &record),
            Remembered::Lapsed { decision: &decision, changed: vec![Moved::AnotherAddress] }
        );
    }
    let decision = decided_on(namesake(&[]));
    assert!(judge([&decision], Purpose::ScreenDonor, &namesake(&[]), &record).is_settled());
}

#[test]
fn an_address_written_otherwise_raises_nothing() {
    let record = listed("2025-01-01", &[]);
    let street = (Property::Address, "1 Invented Street, Testham");
    for (then, now) in [
        // The post code tells, whatever the rest of the address is.
        (
            vec![(Property::PostalCode, "ZZ1 1ZZ"), street.clone()],
            vec![(Property::PostalCode, "zz11zz"), (Property::Address, "Testham")],
        ),
        (vec![street], vec![(Property::Address, "1, INVENTED STREET Testham")]),
    ] {
        let (then, now) = (namesake(&then), namesake(&now));
        let decision = decided_on(then.clone());
        assert!(judge([&decision], Purpose::ScreenDonor, &now, &record).is_settled());
        let name = |query| reference(Purpose::ScreenDonor, query, &record);
        assert_eq!(name(&then), name(&now));
    }
}

#[test]
fn a_decision_for_one_purpose_holds_for_no_other() {
    for verdict in Verdict::ALL {
        let decision = decided(verdict);
        let (query, record) = (donor("q1.csv", "7", &[]), listed("2025-01-01", &[]));
        let remembered = judge([&decision], Purpose::ScreenStaff, &query, &record);
        assert_eq!(
            remembered,
            Remembered::Lapsed {
                decision: &decision,
                changed: vec![Moved::Purpose(Purpose::ScreenDonor)]
            }
        );
        assert!(!remembered.is_settled());
        assert_ne!(
            reference(Purpose::ScreenStaff, &query, &record),
            reference(Purpose::ScreenDonor, &query, &record)
        );
    }
    assert_eq!(
        Moved::Purpose(Purpose::ScreenDonor).to_string(),
        "purpose, which was to screen donors"
    );
}

#[test]
fn a_donor_known_by_more_than_a_name_may_move() {
    let born = (Property::BirthDate, "1971-01-02");
    let here = namesake(&[born.clone(), (Property::PostalCode, "ZZ1 1ZZ")]);
    let there = namesake(&[born, (Property::PostalCode, "ZZ9 9ZZ")]);
    let record = listed("2025-01-01", &[]);
    assert!(judge([&decided_on(here.clone())], Purpose::ScreenDonor, &there, &record).is_settled());
    assert_eq!(
        reference(Purpose::ScreenDonor, &here, &record),
        reference(Purpose::ScreenDonor, &there, &record)
    );
}

// THREATS T-02
#[test]
fn a_decision_names_the_officer_and_carries_the_reason() {
    let judgement =
        judgement(Verdict::NotSame, donor("q1.csv", "7", &[]), listed("2025-01-01", &[]));
    let reference =
        reference(Purpose::ScreenDonor, &judgement.query, &judgement.record).to_string();
    let change = super::record(&At(100), &mut Count(0), judgement, Some("otestwick")).unwrap();
    let event = change.event();
    assert_eq!(event.details.get("account"), Some(&Detail::Text("otestwick".into())));
    assert_eq!(event.kind.as_str(), "screening.decision.recorded");
    assert_eq!(event.actor, Actor::Officer(OfficerId::new("q.examplesson").unwrap()));
    assert_eq!(event.at.timestamp(), Timestamp::from_second(100).unwrap());
    assert_eq!(event.id, change.state().id);
    assert_eq!(event.details.get("verdict"), Some(&Detail::Text("not-same".into())));
    assert_eq!(event.details.get("reason"), Some(&Detail::Text("born in 1971".into())));
    assert_eq!(event.details.get("reference"), Some(&Detail::Text(reference.into())));
    assert_eq!(Event::from_bytes(&event.to_bytes()).unwrap(), *event);
}

#[test]
fn a_job_neither_decides_nor_undoes() {
    // THREATS T-02
    let job = OfficerId::new("cron").unwrap();
    let mut judgement =
        judgement(Verdict::NotSame, donor("q1.csv", "7", &[]), listed("2025-01-01", &[]));
    judgement.officer = job.clone();
    assert_eq!(
        super::record(&At(1), &mut Count(0), judgement, None),
        Err(RecordError::Officer(NotAPersonError))
    );
    let reason = StatedReason::new("wrong row").unwrap();
    assert_eq!(
        undo(&At(1), &mut Count(0), decided(Verdict::NotSame), job, reason, None),
        Err(UndoError::Officer(NotAPersonError))
    );
}

#[test]
fn the_longest_reason_still_fits_an_event() {
    let mut judgement =
        judgement(Verdict::NotSame, donor("q1.csv", "7", &[]), listed("2025-01-01", &[]));
    judgement.reason = StatedReason::new(&"\u{10348}".repeat(8_000)).unwrap();
    let change = super::record(&At(1), &mut Count(0), judgement, None).unwrap();
    assert!(Event::from_bytes(&change.event().to_bytes()).is_ok());
}

#[test]
fn an_undone_decision_settles_nothing_and_stays_on_file() {
    let officer = OfficerId::new("o.testwick").unwrap();
    let reason = StatedReason::new("wrong row").unwrap();
    let decision = decided(Verdict::NotSame);
    let change =
        undo(&At(200), &mut Count(9), decision.clone(), officer.clone(), reason.clone(), None)
            .unwrap();
    let undone = change.state();
    assert_eq!(undone.judgement, decision.judgement);
    assert_eq!(undone.undoing.as_ref().unwrap().officer, officer);
    assert_eq!(change.event().kind.as_str(), "screening.decision.undone");
    assert_eq!(change.event().actor, Actor::Officer(officer.clone()));
    assert_eq!(
        judge(
            [undone],
            Purpose::ScreenDonor,
            &donor("q1.csv", "7", &[]),
            &listed("2025-01-01", &[])
        ),
        Remembered::None
    );
}

#[test]
fn nothing_is_undone_twice() {
    let officer = OfficerId::new("o.testwick").unwrap();
    let reason = StatedReason::new("wrong row").unwrap();
    let undone =
        undo(&At(1), &mut Count(0), decided(Verdict::Same), officer.clone(), reason.clone(), None)
            .unwrap()
            .into_state();
    assert_eq!(
        undo(&At(2), &mut Count(0), undone, officer.clone(), reason, None),
        Err(UndoError::AlreadyUndone { officer })
    );
}

#[test]
fn undoing_a_later_decision_lets_the_earlier_one_stand_again() {
    let officer = OfficerId::new("o.testwick").unwrap();
    let reason = StatedReason::new("wrong row").unwrap();
    let earlier = decided(Verdict::NotSame);
    let later = undo(&At(2), &mut Count(0), decided(Verdict::Same), officer, reason, None)
        .unwrap()
        .into_state();
    let decisions = [earlier, later];
    let remembered = judge(
        &decisions,
        Purpose::ScreenDonor,
        &donor("q1.csv", "7", &[]),
        &listed("2025-01-01", &[]),
    );
    assert_eq!(remembered, Remembered::Standing(&decisions[0]));
}

#[test]
fn a_reference_changes_with_the_facts_and_with_nothing_else() {
    let base =
        reference(Purpose::ScreenDonor, &donor("q1.csv", "7", &[]), &listed("2025-01-01", &[]));
    assert_eq!(
        base,
        reference(Purpose::ScreenDonor, &donor("q2.csv", "8", &[]), &listed("2025-04-01", &[]))
    );
    let born = donor("q1.csv", "7", &[(Property::BirthDate, "1958")]);
    assert_ne!(base, reference(Purpose::ScreenDonor, &born, &listed("2025-01-01", &[])));
    let amended = listed("2025-01-01", &[(Property::Alias, "Orsi")]);
    assert_ne!(base, reference(Purpose::ScreenDonor, &donor("q1.csv", "7", &[]), &amended));
}

#[test]
fn verdict_codes_read_back() {
    for verdict in Verdict::ALL {
        assert_eq!(Verdict::from_code(verdict.code()), Some(verdict));
    }
    assert_eq!(Verdict::from_code("positive"), None);
}
