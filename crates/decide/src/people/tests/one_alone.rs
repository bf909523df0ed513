//! One administrator alone, whatever he does.

use super::*;
use proptest::prelude::*;

/// What somebody may try who has the key of one administrator and the machine.
#[derive(Debug, Clone)]
enum Try {
    Propose { by: u8, what: u8 },
    Approve { by: u8, which: u8, as_what: u8 },
    Suspend { by: u8, whom: u8 },
    Enrol { whom: u8, one: u8, other: u8 },
    First,
    Print { which: u8 },
    Wait { days: u8 },
}

fn tries() -> impl Strategy<Value = Try> {
    prop_oneof![
        4 => (0..4_u8, 0..7_u8).prop_map(|(by, what)| Try::Propose { by, what }),
        6 => (0..4_u8, 0..9_u8, 0..4_u8)
            .prop_map(|(by, which, as_what)| Try::Approve { by, which, as_what }),
        1 => (0..4_u8, 0..4_u8).prop_map(|(by, whom)| Try::Suspend { by, whom }),
        2 => (0..4_u8, 20..23_u8, 20..23_u8)
            .prop_map(|(whom, one, other)| Try::Enrol { whom, one, other }),
        1 => Just(Try::First),
        1 => (0..9_u8).prop_map(|which| Try::Print { which }),
        1 => (0..4_u8).prop_map(|days| Try::Wait { days }),
    ]
}

fn name(number: u8) -> &'static str {
    [A, B, C, "n.fictionby"][usize::from(number % 4)]
}

impl World {
    fn what(&self, number: u8) -> Proposed {
        match number {
            0 => self.making("n.fictionby", &[Role::Administrator]),
            1 => Proposed::ChangeGrants {
                officer: account(A),
                grants: self.grants(&[Role::Administrator, Role::Auditor, Role::Officer]),
            },
            2 => Proposed::ChangeGrants {
                officer: account(C),
                grants: self.grants(&[Role::Administrator]),
            },
            3 => Proposed::Reinstate { officer: account(C) },
            7 => self.making("n.fictionby", &[Role::Officer, Role::Approver]),
            8 => Proposed::ResetSignIn { officer: account(C) },
            4 => Proposed::ResetSignIn { officer: account(B) },
            5 => Proposed::RecoveryCodes,
            _ => Proposed::OutsideAdministrator {
                person: PersonId {
                    organisation: OrganisationId::new("another-party").unwrap(),
                    officer: account(B),
                },
                key: self.keys[&account(A)].verifying_key().to_bytes(),
                until: approval::in_days(self.now(), 90),
            },
        }
    }

    /// Does it with the key of A alone, in whatever name. Errors are what we hope for.
    fn attempt(&mut self, one: &Try, proposals: &mut Vec<Proposal>) {
        match *one {
            Try::Propose { by, what } => {
                let what = self.what(what);
                proposals.extend(self.proposed_by(name(by), A, what));
            }
            Try::Approve { by, which, as_what } => {
                let Some(proposal) = proposals.get(usize::from(which)).cloned() else { return };
                let signature = self.sign(A, &proposal.approval_statement());
                let person = PersonId {
                    organisation: OrganisationId::new("another-party").unwrap(),
                    officer: account(name(by)),
                };
                let officer = account(name(by));
                let second = match as_what {
                    0 | 1 => Second::Administrator { officer, signature },
                    2 => Second::RecoveryCode {
                        digest: digest_of(by),
                        officer,
                        signature: Some(signature),
                    },
                    _ => Second::Outside { person, signature },
                };
                let _ = self.approved_as(proposal, &second);
            }
            Try::Suspend { by, whom } => drop(self.suspends(name(by), A, name(whom))),
            Try::Enrol { whom, one, other } => {
                if self.office.person(&account(name(whom))).is_some() {
                    let _ = self.enrols(name(whom), [&digest_of(one), &digest_of(other)]);
                }
            }
            Try::First => {
                let new = |officer| NewAdministrator {
                    officer: account(officer),
                    name: "Somebody Invented".into(),
                    roles: BTreeSet::new(),
                    invitation: digest_of(1),
                };
                let these = [new("n.fictionby"), new("x.nobodyson")];
                let made = first_people(&self.clock, &mut self.rng, &self.office, &these, &[]);
                assert!(made.is_err());
            }
            Try::Print { which } => {
                let Some(proposal) = proposals.get(usize::from(which)).cloned() else { return };
                let sheet = codes();
                let by = account(A);
                let printed =
                    codes_printed(&self.clock, &mut self.rng, &self.office, proposal, by, &sheet);
                assert!(printed.is_err());
            }
            Try::Wait { days } => self.days_pass(i64::from(days)),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    // THREATS T-29
    #[test]
    fn one_administrator_alone_gives_nobody_anything(tries in prop::collection::vec(tries(), 1..40)) {
        let mut world = World::of(&[A, B]);
        let what = world.making(C, &[Role::Officer]);
        world.done(what);
        world.enrols(C, [&digest_of(21), &digest_of(22)]).unwrap();
        let before: BTreeMap<OfficerId, Person> = world
            .office
            .people
            .iter()
            .map(|person| (person.person.officer.clone(), person.clone()))
            .collect();
        let mut proposals = Vec::new();
        for one in &tries {
            world.attempt(one, &mut proposals);
        }
        prop_assert_eq!(world.office.people.len(), before.len(), "nobody was made");
        prop_assert!(world.office.outside.is_empty());
        for person in &world.office.people {
            let was = &before[&person.person.officer];
            prop_assert_eq!(&person.grants, &was.grants, "no role, clearance or compartment");
            prop_assert_eq!(&person.keys, &was.keys, "no key was exchanged");
            prop_assert_eq!(&person.invitation, &None);
            let only_less =
                person.state == was.state || person.state == PersonState::Suspended;
            prop_assert!(only_less, "taking away is all that one alone does");
        }
        prop_assert_eq!(world.unproven(), [], "and all of it is proven");
        let now = world.now();
        let administrators = world.office.people.iter();
        let administrators = administrators.filter(|one| one.has_role(Role::Administrator, now));
        prop_assert!(administrators.count() > 0, "and never the last");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    // THREATS T-29
    #[test]
    fn one_administrator_with_the_whole_sheet_gives_himself_nothing_that_lasts(
        tries in prop::collection::vec((0..4_u8, 0..9_u8, 0..4_u8, 0..4_u8), 1..20),
    ) {
        let mut world = World::of(&[A, B]);
        let what = world.making(C, &[Role::Officer]);
        world.done(what);
        world.enrols(C, [&digest_of(21), &digest_of(22)]).unwrap();
        let before: Vec<(OfficerId, Grants, Option<PublicKeys>)> = world.said();
        let mut left = (101..=108_u8).collect::<Vec<_>>();
        // Whoever enrolled with halves that were both shown to A has a key that A has.
        let mut own = BTreeSet::from([A]);
        for (by, what, user, signer) in tries {
            let signer = if own.contains(name(signer)) { name(signer) } else { A };
            let what = world.what(what);
            let Ok(proposal) = world.proposed_by(name(by), signer, what) else { continue };
            if world.approved_by(name(user), signer, proposal.clone()).is_err() {
                let Some(code) = left.last().copied() else { break };
                if world.approved_with_code([name(user), signer], proposal, code).is_ok() {
                    left.pop();
                }
            }
            for whom in (0..4).map(name) {
                let there = world.office.person(&account(whom)).is_some();
                if there && world.enrols(whom, [&digest_of(21), &digest_of(22)]).is_ok() {
                    own.insert(whom);
                }
            }
        }
        prop_assert_eq!(world.unproven(), []);
        prop_assert_eq!(own, BTreeSet::from([A]), "he enrols in nobody's place");
        prop_assert_eq!(world.said(), before, "nobody has more, and nobody another key");
        prop_assert!(world.office.outside.is_empty(), "nobody outside whose key he has");
        prop_assert_eq!(world.office.codes.len(), 8, "no other sheet");
    }
}

impl World {
    /// Who there is, what each may do, and with which key.
    fn said(&self) -> Vec<(OfficerId, Grants, Option<PublicKeys>)> {
        let people = self.office.people.iter();
        let mut all: Vec<_> = people
            .map(|one| (one.person.officer.clone(), one.grants.clone(), one.keys.clone()))
            .collect();
        all.sort_by(|one, other| one.0.cmp(&other.0));
        all
    }
}
