//! Sessions, tokens and links.

use super::*;
use portcullis_types::{PopulationClass, Protected};

fn signed_in(world: &mut World, by: CredentialKind) -> Session {
    let person = world.person(A).clone();
    begin_session(&world.clock, &mut world.rng, &person, digest_of(7), by).unwrap().into_state()
}

fn minutes(world: &mut World, minutes: i64) {
    world.clock = MockClock::at(world.clock.now() + SignedDuration::from_mins(minutes));
}

#[test]
fn a_session_is_over_after_half_an_hour_without_use() {
    let mut world = World::of(&[A, B]);
    let session = signed_in(&mut world, CredentialKind::Passkey);
    minutes(&mut world, 29);
    assert_eq!(session.holds(world.now(), world.person(A)), Ok(()));
    minutes(&mut world, 1);
    assert_eq!(session.holds(world.now(), world.person(A)), Err(SessionOver::TimedOut));
}

#[test]
fn a_session_is_over_after_twelve_hours_of_use() {
    let mut world = World::of(&[A, B]);
    let mut session = signed_in(&mut world, CredentialKind::Passkey);
    minutes(&mut world, 12 * 60 - 1);
    session.seen_at = world.now();
    assert_eq!(session.holds(world.now(), world.person(A)), Ok(()));
    minutes(&mut world, 1);
    assert_eq!(session.holds(world.now(), world.person(A)), Err(SessionOver::TimedOut));
}

#[test]
fn a_session_is_over_once_roles_change_or_its_person_is_suspended() {
    // THREATS T-31
    let mut world = World::of(&[A, B, C]);
    let session = signed_in(&mut world, CredentialKind::Passkey);
    let grants = world.grants(&[Role::Administrator]);
    let proposal =
        world.proposed(B, Proposed::ChangeGrants { officer: account(A), grants }).unwrap();
    world.approved_by(C, C, proposal).unwrap();
    assert_eq!(session.holds(world.now(), world.person(A)), Err(SessionOver::Changed));
    let session = signed_in(&mut world, CredentialKind::Passkey);
    world.suspends(B, B, A).unwrap();
    assert_eq!(session.holds(world.now(), world.person(A)), Err(SessionOver::Changed));
}

#[test]
fn a_session_is_nobody_elses() {
    let mut world = World::of(&[A, B]);
    let session = signed_in(&mut world, CredentialKind::Passkey);
    assert_eq!(session.holds(world.now(), world.person(B)), Err(SessionOver::Changed));
}

#[test]
fn a_passkey_confirms_for_five_minutes_and_another_sign_in_does_not() {
    let mut world = World::of(&[A, B]);
    let by_provider = signed_in(&mut world, CredentialKind::Oidc);
    assert!(!by_provider.is_confirmed(world.now()));
    let session = signed_in(&mut world, CredentialKind::Passkey);
    assert!(session.is_confirmed(world.now()));
    minutes(&mut world, 5);
    assert!(!session.is_confirmed(world.now()));
    let person = world.person(A).clone();
    let (clock, rng, another) = (&world.clock, &mut world.rng, digest_of(7));
    let change = confirm_session(clock, rng, &person, session.clone(), another).unwrap();
    let confirmed = change.state();
    assert!(confirmed.is_confirmed(world.now()));
    // THREATS T-33: under another token, and twelve hours from when it began.
    assert_eq!((confirmed.digest, confirmed.id), (another, session.id));
    assert_eq!(confirmed.began_at, session.began_at);
}

fn token(world: &mut World, scopes: &[Scope], days: u16) -> Result<ApiToken, TokenError> {
    let (person, scopes) = (world.person(A).clone(), scopes.iter().copied().collect());
    let note = Protected::new("nightly matching");
    let made = make_token(&world.clock, &mut world.rng, &person, digest_of(8), scopes, days, note)?;
    Ok(made.into_state())
}

#[test]
fn a_token_is_for_no_more_than_its_officer_may() {
    // THREATS T-31
    let mut world = World::of(&[A, B]);
    // An officer reads history, and so may a program that acts for him.
    let all = [Scope::Match, Scope::ListsRead, Scope::HistoryRead];
    let made = token(&mut world, &all, 30).unwrap();
    assert_eq!(made.scopes(world.now(), world.person(A)), BTreeSet::from(all));
    assert!(made.scopes(world.now(), world.person(B)).is_empty(), "it is nobody else's");
    let grants = world.grants(&[Role::Administrator, Role::Operator]);
    world.done_about_a(grants);
    let left = BTreeSet::from([Scope::ListsRead]);
    assert_eq!(made.scopes(world.now(), world.person(A)), left, "his roles have shrunk");
    let refused = token(&mut world, &[Scope::ListsRead, Scope::HistoryRead], 30).unwrap_err();
    assert_eq!(refused, TokenError::Scope { scope: Scope::HistoryRead });
    world.days_pass(30);
    assert!(made.scopes(world.now(), world.person(A)).is_empty(), "it has lapsed");
}

impl World {
    fn done_about_a(&mut self, grants: Grants) {
        let what = Proposed::ChangeGrants { officer: account(A), grants };
        let proposal = self.proposed(A, what).unwrap();
        self.approved_by(B, B, proposal).unwrap();
    }
}

#[test]
fn a_token_holds_for_a_year_at_most_and_is_revoked_once() {
    let mut world = World::of(&[A, B]);
    for days in [0, 366] {
        assert_eq!(token(&mut world, &[Scope::Match], days).unwrap_err(), TokenError::Days);
    }
    assert_eq!(token(&mut world, &[], 30).unwrap_err(), TokenError::NoScope);
    let made = token(&mut world, &[Scope::Match], 365).unwrap();
    let by = world.person(B).clone();
    let revoked = revoke_token(&world.clock, &mut world.rng, &by, made).unwrap().into_state();
    assert!(revoked.scopes(world.now(), world.person(A)).is_empty());
    let again = revoke_token(&world.clock, &mut world.rng, &by, revoked).unwrap_err();
    assert_eq!(again, TokenError::Revoked);
}

fn order(days: u16, most_uses: u32) -> LinkOrder {
    let note = Protected::new("canvassers in spring");
    LinkOrder { class: PopulationClass::Donor, note, days, most_uses }
}

fn link(world: &mut World, by: &str, order: LinkOrder) -> Result<SubmitLink, LinkError> {
    let person = world.person(by).clone();
    Ok(make_link(&world.clock, &mut world.rng, &person, digest_of(9), order)?.into_state())
}

fn form(name: &str) -> SubmissionForm {
    SubmissionForm {
        name: Protected::new(name),
        birth_date: None,
        address: None,
        fields: BTreeMap::new(),
    }
}

#[test]
fn a_link_takes_what_it_was_made_for_and_no_more() {
    let mut world = World::of(&[A, B]);
    let made = link(&mut world, A, order(14, 2)).unwrap();
    let hand_in = |world: &World, link: &SubmitLink, name: &str| {
        submit(&world.clock, &mut SeededRng::new(4), link, world.person(A), form(name))
    };
    let change = hand_in(&world, &made, "Orsolya Testwick").unwrap();
    assert_eq!(change.record_kind(), RecordKind::Submission);
    let said: Vec<&str> = change.event().details.iter().map(|(name, _)| name).collect();
    assert_eq!(said, ["link"], "the event says nothing of whom");
    let used = SubmitLink { uses: 2, ..made.clone() };
    let refused = hand_in(&world, &used, "Orsolya Testwick");
    assert_eq!(refused.unwrap_err(), SubmissionError::Closed);
    let nameless = hand_in(&world, &made, "  ").unwrap_err();
    assert_eq!(nameless, SubmissionError::NoName);
    let long = hand_in(&world, &made, &"x".repeat(1_001)).unwrap_err();
    assert_eq!(long, SubmissionError::TooLong);
    world.days_pass(14);
    let late = hand_in(&world, &made, "Orsolya Testwick").unwrap_err();
    assert_eq!(late, SubmissionError::Closed);
}

#[test]
fn a_link_takes_nothing_once_whoever_made_it_is_no_officer() {
    // THREATS T-31
    let mut world = World::of(&[A, B]);
    let made = link(&mut world, A, order(14, 2)).unwrap();
    let now = world.now();
    assert!(made.takes(now, world.person(A)));
    assert!(!made.takes(now, world.person(B)), "another does not answer for it");
    let officer = world.person(A).clone();
    let grants = world.grants(&[Role::Administrator]);
    let no_officer = Person { grants, ..officer.clone() };
    world.suspends(B, B, A).unwrap();
    for by in [&no_officer, world.person(A)] {
        let refused =
            submit(&world.clock, &mut SeededRng::new(4), &made, by, form("Orsolya Testwick"));
        assert_eq!(refused.unwrap_err(), SubmissionError::Closed);
    }
}

#[test]
fn the_calendar_ends_without_a_panic() {
    let now = World::empty().now();
    for days in [i64::MAX, i64::MIN, 400_000_000_000_000] {
        assert_eq!(approval::in_days(now, days), now);
    }
}

#[test]
fn a_link_is_made_by_an_officer_for_a_while() {
    let mut world = World::of(&[A, B]);
    assert_eq!(link(&mut world, A, order(91, 1)).unwrap_err(), LinkError::Days);
    assert_eq!(link(&mut world, A, order(1, 0)).unwrap_err(), LinkError::Uses);
    let what = world.making(C, &[Role::Auditor]);
    world.done(what);
    world.enrols(C, [&digest_of(21), &digest_of(22)]).unwrap();
    let refused = link(&mut world, C, order(1, 1)).unwrap_err();
    assert_eq!(refused, LinkError::MayNot { officer: account(C) });
}
