use super::*;
use crate::exchange::{ActError, Acting};
use crate::{RecordKind, StatedReason};
use jiff::{SignedDuration, Timestamp};
use portcullis_federation::Moment;
use portcullis_share::NoticeId;
use portcullis_testkit::{MockClock, SeededRng};
use portcullis_types::{EventTime, JobName, OfficerId, OrganisationId, PersonId, Purpose};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn at(text: &str) -> EventTime {
    EventTime::new(text.parse().unwrap()).unwrap()
}

/// An hour of 1 March 2025, or of the days after it.
fn hour(hour: i64) -> EventTime {
    let midnight: Timestamp = "2025-03-01T00:00:00Z".parse().unwrap();
    EventTime::new(midnight + SignedDuration::from_hours(hour)).unwrap()
}

fn turn(officer: &str, place: u8, from: i64, until: i64) -> Turn {
    let officer = OfficerId::new(officer).unwrap();
    Turn { place, from: hour(from), until: hour(until), officer }
}

fn roster(turns: &[Turn]) -> Roster {
    Roster::new(turns.to_vec()).unwrap()
}

fn person(officer: &str) -> PersonId {
    PersonId {
        organisation: OrganisationId::new("party-a").unwrap(),
        officer: OfficerId::new(officer).unwrap(),
    }
}

fn notice() -> NoticeId {
    NoticeId::from_bytes([7; 16])
}

fn people(officers: &[&str]) -> BTreeSet<PersonId> {
    officers.iter().map(|officer| person(officer)).collect()
}

fn acting(officer: &str) -> Acting {
    let PersonId { organisation, officer } = person(officer);
    Acting { organisation, officer, purpose: Purpose::ScreenStaff }
}

fn mark(name: &str) -> SubjectMark {
    SubjectMark::of(&name.into(), &"pass 1".into())
}

fn tie(officer: &str, kind: TieKind, subject: Subject) -> Tie {
    Tie { person: person(officer), kind, subject }
}

#[test]
fn the_line_is_whoever_is_on_duty_and_then_the_deputies_nobody_twice() {
    let roster = roster(&[
        turn("q.examplesson", 1, 0, 24),
        turn("o.testwick", 0, 8, 20),
        turn("q.examplesson", 0, 20, 24),
        turn("v.placeholder", 2, 0, 24),
    ]);
    let line = |at| roster.line(at).into_iter().map(OfficerId::as_str).collect::<Vec<_>>();
    assert_eq!(line(hour(7)), ["q.examplesson", "v.placeholder"]);
    assert_eq!(line(hour(8)), ["o.testwick", "q.examplesson", "v.placeholder"]);
    // A turn ends at its end: at 20:00 the next one has begun.
    assert_eq!(line(hour(20)), ["q.examplesson", "v.placeholder"]);
    assert!(line(hour(24)).is_empty());
    assert_eq!(roster.next_change(hour(8)), Some(hour(20)));
    assert_eq!(roster.next_change(hour(24)), None);
}

#[test]
fn the_faults_of_a_roster_are_named_with_their_hours() {
    let roster = roster(&[
        turn("o.testwick", 0, 0, 8),
        turn("q.examplesson", 0, 6, 12),
        turn("v.placeholder", 1, 0, 10),
        turn("v.placeholder", 0, 14, 20),
        turn("v.placeholder", 1, 14, 20),
    ]);
    // By hand: two at once from 6 to 8; nobody from 12 to 14 and from 20 on; alone are he of 10 to 12
    // and, from 14 to 20, somebody who is his own deputy.
    let expected = [
        RosterFault::Gap { from: hour(12), until: hour(14) },
        RosterFault::Gap { from: hour(20), until: hour(24) },
        RosterFault::Overlap { place: 0, from: hour(6), until: hour(8) },
        RosterFault::Alone { from: hour(10), until: hour(12) },
        RosterFault::Alone { from: hour(14), until: hour(20) },
    ];
    assert_eq!(roster.faults(hour(0), hour(24)), expected);
    assert!(roster.faults(hour(0), hour(6)).is_empty());
}

#[test]
fn an_empty_roster_is_one_gap() {
    let expected = [RosterFault::Gap { from: hour(0), until: hour(24) }];
    assert_eq!(Roster::default().faults(hour(0), hour(24)), expected);
}

#[test]
fn a_night_in_which_clocks_are_changed_has_neither_gap_nor_overlap() {
    // 30 March 2025: clocks in the United Kingdom go from 01:00 to 02:00.
    let turn = |officer: &str, from: &str, until: &str| Turn {
        place: 0,
        from: at(from),
        until: at(until),
        officer: OfficerId::new(officer).unwrap(),
    };
    let roster = roster(&[
        turn("o.testwick", "2025-03-29T20:00:00Z", "2025-03-30T01:00:00Z"),
        turn("q.examplesson", "2025-03-30T01:00:00Z", "2025-03-30T08:00:00Z"),
    ]);
    let faults = roster.faults(at("2025-03-29T20:00:00Z"), at("2025-03-30T08:00:00Z"));
    assert!(faults.iter().all(|fault| matches!(fault, RosterFault::Alone { .. })), "{faults:?}");
}

#[test]
fn a_turn_that_ends_before_it_begins_and_one_of_a_machine_are_refused() {
    let officer = OfficerId::new("o.testwick").unwrap();
    let refused = Roster::new(vec![turn("o.testwick", 0, 8, 8)]);
    assert_eq!(refused, Err(RosterError::Backwards { officer, from: hour(8) }));
    let refused = Roster::new(vec![turn("root", 0, 8, 9)]);
    assert!(matches!(refused, Err(RosterError::Officer(_))));
    assert_eq!(Roster::new(vec![turn("o.testwick", 0, 8, 9); 4_097]), Err(RosterError::TooMany));
}

#[test]
fn a_roster_that_is_read_back_is_checked_again() {
    let kept = serde_json::to_string(&roster(&[turn("o.testwick", 0, 8, 9)])).unwrap();
    assert_eq!(
        serde_json::from_str::<Roster>(&kept).unwrap(),
        roster(&[turn("o.testwick", 0, 8, 9)])
    );
    let swapped = serde_json::to_string(&[turn("o.testwick", 0, 9, 8)]).unwrap();
    assert!(serde_json::from_str::<Roster>(&swapped).is_err());
}

#[test]
fn setting_a_roster_is_told_with_its_span() {
    let (clock, mut rng) = (MockClock::default(), SeededRng::new(1));
    let set = roster(&[turn("o.testwick", 0, 8, 9), turn("q.examplesson", 0, 9, 12)]);
    let change = set_roster(&clock, &mut rng, &acting("o.testwick"), set).unwrap();
    assert_eq!(change.event().kind.as_str(), "duty.roster-set");
    assert_eq!(change.record_kind(), RecordKind::DutyRoster);
    let until = change.event().details.text("until").unwrap();
    assert_eq!(until.reveal(), "2025-03-01T12:00:00Z");
    let refused = set_roster(&clock, &mut rng, &acting("root"), Roster::default());
    assert!(matches!(refused, Err(ActError::Officer(_))));
}

#[test]
fn a_recipient_who_is_the_subject_or_tied_to_it_refuses_the_whole() {
    let subjects =
        [Subject::Member(person("o.testwick")), Subject::Other(mark("Vera Placeholder"))];
    let (subjects, none) = (BTreeSet::from(subjects), BTreeSet::new());
    let ties: BTreeSet<_> = [
        tie("q.examplesson", TieKind::Employs, Subject::Other(mark("Vera Placeholder"))),
        tie("n.untied", TieKind::Employs, Subject::Other(mark("Another Placeholder"))),
    ]
    .into();
    // THREATS T-49
    let refused = untied(notice(), &people(&["o.testwick", "n.untied"]), &none, &subjects, &ties);
    assert_eq!(refused, Err(UntiedError::IsSubject { person: person("o.testwick") }));
    let refused = untied(notice(), &people(&["q.examplesson"]), &none, &subjects, &ties);
    let kind = TieKind::Employs;
    assert_eq!(refused, Err(UntiedError::Tied { person: person("q.examplesson"), kind }));
    assert!(untied(notice(), &people(&["n.untied"]), &none, &subjects, &ties).is_ok());
    assert_eq!(untied(notice(), &none, &none, &subjects, &ties), Err(UntiedError::Nobody));
}

#[test]
fn the_same_account_in_another_organisation_is_somebody_else() {
    let elsewhere = PersonId {
        organisation: OrganisationId::new("party-b").unwrap(),
        officer: OfficerId::new("o.testwick").unwrap(),
    };
    let subjects = BTreeSet::from([Subject::Member(elsewhere)]);
    let none = BTreeSet::new();
    assert!(untied(notice(), &people(&["o.testwick"]), &none, &subjects, &BTreeSet::new()).is_ok());
}

#[test]
fn a_mark_tells_namesakes_apart_by_their_identifier_and_shows_no_name() {
    let other = SubjectMark::of(&"Vera Placeholder".into(), &"pass 2".into());
    assert_ne!(mark("Vera Placeholder"), other);
    assert!(!format!("{other:?}").contains("Placeholder"));
}

#[test]
fn whoever_was_looked_at_for_one_notice_was_not_for_another() {
    // THREATS T-49
    let (none, ties) = (BTreeSet::new(), BTreeSet::new());
    let free = untied(notice(), &people(&["o.testwick"]), &none, &none_of_subjects(), &ties);
    let free = free.unwrap();
    assert!(free.admits(notice(), &person("o.testwick")));
    assert!(!free.admits(NoticeId::from_bytes([8; 16]), &person("o.testwick")));
    let mut other = watched(&[], None);
    other.notice = NoticeId::from_bytes([8; 16]);
    let step = escalate(hour(0), &other, &Roster::default(), &free, Patience::URGENT);
    assert_eq!(step, Escalation::NobodyLeft { until: None });
}

fn none_of_subjects() -> BTreeSet<Subject> {
    BTreeSet::new()
}

#[test]
fn nobody_strikes_a_tie_of_his_own() {
    let (clock, mut rng) = (MockClock::default(), SeededRng::new(1));
    let tie = tie("o.testwick", TieKind::Funds, Subject::Other(mark("Vera Placeholder")));
    let declared = declare_tie(&clock, &mut rng, &acting("o.testwick"), tie.clone()).unwrap();
    assert_eq!(declared.event().kind.as_str(), "duty.tie-declared");
    let names: Vec<_> = declared.event().details.iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["officer", "organisation", "tie"]);
    let reason = StatedReason::new("another person of that name").unwrap();
    let own = strike_tie(&clock, &mut rng, &acting("o.testwick"), tie.clone(), &reason);
    assert_eq!(own, Err(StrikeTieError::Own));
    let struck = strike_tie(&clock, &mut rng, &acting("q.examplesson"), tie, &reason).unwrap();
    assert_eq!(struck.event().kind.as_str(), "duty.tie-struck");
    // The reason is told by its digest alone.
    assert_eq!(struck.event().details.text("reason"), None);
    assert!(struck.event().details.get("reason").is_some());
}

fn watched(told: &[(&str, EventTime)], read_at: Option<EventTime>) -> Watched {
    let told = told.iter().map(|(officer, at)| Told { person: person(officer), at: *at });
    Watched {
        notice: notice(),
        organisation: person("o.testwick").organisation,
        recipient: person("o.testwick"),
        told: told.collect(),
        read_at,
    }
}

fn quarter(n: i64) -> EventTime {
    let start: Timestamp = "2025-03-01T22:00:00Z".parse().unwrap();
    EventTime::new(start + SignedDuration::from_mins(15 * n)).unwrap()
}

#[test]
fn unread_it_goes_down_the_line_a_quarter_of_an_hour_each_until_nobody_is_left() {
    let roster = roster(&[
        turn("q.examplesson", 0, 0, 24),
        turn("v.placeholder", 1, 0, 24),
        turn("n.untied", 0, 24, 48),
    ]);
    let none = BTreeSet::new();
    let all = people(&["q.examplesson", "v.placeholder", "n.untied"]);
    let free = untied(notice(), &people(&["o.testwick"]), &all, &BTreeSet::new(), &none_of_ties())
        .unwrap();
    assert!(free.passed_over() == &none);
    let ask = |now, told: &[(&str, EventTime)]| {
        escalate(now, &watched(told, None), &roster, &free, Patience::URGENT)
    };
    let tell = |officer: &str| Escalation::Tell { person: person(officer) };
    assert_eq!(ask(quarter(0), &[]), tell("o.testwick"));
    let mut told = vec![("o.testwick", quarter(0))];
    let soon = EventTime::new(quarter(1).timestamp() - SignedDuration::from_secs(1)).unwrap();
    assert_eq!(ask(soon, &told), Escalation::Wait { until: quarter(1) });
    assert_eq!(ask(quarter(1), &told), tell("q.examplesson"));
    told.push(("q.examplesson", quarter(1)));
    assert_eq!(ask(quarter(2), &told), tell("v.placeholder"));
    told.push(("v.placeholder", quarter(2)));
    // 22:45: the next on the roster comes at midnight; until then somebody must telephone.
    assert_eq!(ask(quarter(3), &told), Escalation::NobodyLeft { until: Some(hour(24)) });
    assert_eq!(ask(hour(24), &told), tell("n.untied"));
    let read = watched(&told, Some(quarter(3)));
    assert_eq!(escalate(hour(24), &read, &roster, &free, Patience::URGENT), Escalation::Read);
}

fn none_of_ties() -> BTreeSet<Tie> {
    BTreeSet::new()
}

#[test]
fn a_node_that_was_down_tells_one_now_and_gives_him_his_time() {
    let roster = roster(&[turn("q.examplesson", 0, 0, 48), turn("v.placeholder", 1, 0, 48)]);
    let all = people(&["q.examplesson", "v.placeholder"]);
    let free = untied(notice(), &people(&["o.testwick"]), &all, &BTreeSet::new(), &none_of_ties())
        .unwrap();
    let told = [("o.testwick", quarter(0))];
    let late = quarter(9);
    let step = escalate(late, &watched(&told, None), &roster, &free, Patience::URGENT);
    assert_eq!(step, Escalation::Tell { person: person("q.examplesson") });
    let told = [("o.testwick", quarter(0)), ("q.examplesson", late)];
    let step = escalate(late, &watched(&told, None), &roster, &free, Patience::URGENT);
    assert_eq!(step, Escalation::Wait { until: quarter(10) });
}

#[test]
fn whoever_is_told_is_written_down_and_is_told_once() {
    let roster = roster(&[turn("q.examplesson", 0, 0, 48)]);
    let all = people(&["q.examplesson"]);
    let free = untied(notice(), &people(&["o.testwick"]), &all, &BTreeSet::new(), &none_of_ties())
        .unwrap();
    let (clock, mut rng) = (MockClock::default(), SeededRng::new(1));
    let job = JobName::new("duty.watch").unwrap();
    let mut look = |watched: Watched| {
        let with = (&job, Purpose::ScreenStaff);
        look_after(&clock, &mut rng, with, watched, (&roster, &free), Patience::URGENT).unwrap()
    };
    let Looked::Told(change) = look(watched(&[], None)) else { panic!("the recipient is told") };
    assert_eq!(change.event().kind.as_str(), "duty.told");
    let text = serde_json::to_string(change.state()).unwrap();
    let told: Watched = serde_json::from_str(&text).unwrap();
    assert_eq!(told.told.len(), 1);
    // The clock of the tests stands at noon.
    let until = at("2025-03-01T12:15:00Z");
    assert_eq!(look(told.clone()), Looked::Not(Escalation::Wait { until }));
    clock.advance(SignedDuration::from_mins(15));
    let Looked::Told(change) = look(told) else { panic!("whoever is on duty is told") };
    assert_eq!(change.state().told[1].person, person("q.examplesson"));
}

#[test]
fn patience_is_a_minute_to_a_week() {
    for minutes in [0, 10_081] {
        assert_eq!(Patience::minutes(minutes), Err(PatienceError));
    }
    assert!(Patience::minutes(1).is_ok() && Patience::minutes(10_080).is_ok());
    assert!(serde_json::from_str::<Patience>("0").is_err());
}

#[test]
fn an_urgent_release_lapses_at_the_hour_unless_another_officer_approved() {
    let (own, other) =
        (OfficerId::new("o.testwick").unwrap(), OfficerId::new("q.examplesson").unwrap());
    let moment = |text: &str| Moment::of(text.parse().unwrap()).unwrap();
    // Twelve hours after 22:00 on the 1st: 10:00 on the 2nd.
    let confirm_by = SecondWithin::default().after(moment("2025-03-01T22:00:00Z"));
    assert_eq!(confirm_by, moment("2025-03-02T10:00:00Z"));
    let digest = crate::Digest::from_bytes([7; 32]);
    let release = UrgentRelease { by: own.clone(), digest, confirm_by, second: None };
    let before = moment("2025-03-02T09:59:59Z");
    assert_eq!(release.standing(before), UrgentStanding::Waiting);
    assert_eq!(release.standing(confirm_by), UrgentStanding::Lapsed);
    assert_eq!(release.seconded(own.clone(), before), Err(SecondError::Same { officer: own }));
    let late = release.seconded(other.clone(), confirm_by);
    assert_eq!(late, Err(SecondError::TooLate { confirm_by }));
    let seconded = release.seconded(other.clone(), before).unwrap();
    assert_eq!(seconded.standing(Moment::END), UrgentStanding::Confirmed);
    assert_eq!(seconded.seconded(other, before), Err(SecondError::Given));
    for hours in [0, 73] {
        assert_eq!(SecondWithin::hours(hours), Err(SecondWithinError));
    }
}

const NAMES: [&str; 5] = ["a.one", "b.two", "c.three", "d.four", "e.five"];

fn turns() -> impl Strategy<Value = Vec<Turn>> {
    proptest::collection::vec(
        (0..5_usize, 0..3_u8, 0..40_i64, 1..12_i64)
            .prop_map(|(who, place, from, length)| turn(NAMES[who], place, from, from + length)),
        0..12,
    )
}

proptest! {
    #[test]
    fn whatever_the_roster_nobody_who_must_not_know_is_turned_to(
        turns in turns(),
        barred in proptest::collection::btree_set(1..5_usize, 0..4),
        kinds in proptest::collection::vec(0..TieKind::ALL.len(), 5),
    ) {
        // THREATS T-49
        let subject = Subject::Other(mark("Vera Placeholder"));
        let ties = barred.iter().map(|n| tie(NAMES[*n], TieKind::ALL[kinds[*n]], subject.clone()));
        let (ties, others) = (ties.collect(), people(&NAMES));
        let mut watched = watched(&[], None);
        watched.recipient = person(NAMES[0]);
        let subjects = BTreeSet::from([subject]);
        let free = untied(notice(), &people(&[NAMES[0]]), &others, &subjects, &ties).unwrap();
        let (roster, mut now) = (Roster::new(turns).unwrap(), hour(0));
        for _ in 0..200 {
            now = match escalate(now, &watched, &roster, &free, Patience::URGENT) {
                Escalation::Tell { person: next } => {
                    let told_before = watched.told.iter().any(|told| told.person == next);
                    prop_assert!(!told_before);
                    prop_assert!(barred.iter().all(|n| next != person(NAMES[*n])));
                    watched.told.push(Told { person: next, at: now });
                    now
                }
                Escalation::Wait { until } | Escalation::NobodyLeft { until: Some(until) } => {
                    prop_assert!(until > now, "it waits for a moment to come");
                    until
                }
                Escalation::NobodyLeft { until: None } | Escalation::Read => break,
            };
        }
        // Everybody who may know and stands on the roster from the beginning to the end was told.
        prop_assert!(watched.told.iter().any(|told| told.person == person(NAMES[0])));
    }

    #[test]
    fn at_every_moment_the_faults_say_what_the_line_shows(turns in turns(), moment in 0..52_i64) {
        let roster = Roster::new(turns).unwrap();
        let faults = roster.faults(hour(0), hour(52));
        let now = hour(moment);
        let there = |from: EventTime, until: EventTime| from <= now && now < until;
        let gap = faults.iter().any(|f| matches!(*f, RosterFault::Gap { from, until } if there(from, until)));
        let alone = faults.iter().any(|f| matches!(*f, RosterFault::Alone { from, until } if there(from, until)));
        let on_duty = roster.turns().iter().any(|t| t.place == 0 && there(t.from, t.until));
        prop_assert_eq!(gap, !on_duty);
        prop_assert_eq!(alone, roster.line(now).len() == 1);
    }
}
