//! A service, two parties, a parliament and an overseer of tests, with officers, whose keys follow from
//! their names.

#![expect(clippy::indexing_slicing, reason = "helpers of tests fail as tests do")]
#![allow(
    dead_code,
    reason = "each test binary takes this module in as a whole and uses another part of it, so that `expect` would fail in those that use all"
)]

use portcullis_federation::{Dated, Member, MemberKeys, MemberList, Moment};
use portcullis_keys::{PersonalKeys, SealingKey};
use portcullis_share::*;
use portcullis_types::{
    Audience, Body, Gateway, Label, Level, OfficerId, OrganisationId, PersonId, Rng,
};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;

pub(crate) const FOUNDED: u64 = 1_800_000_000;
pub(crate) const DAY: u64 = 86_400;

/// Bytes that follow from a count, so that no two draws are the same.
#[derive(Debug, Default)]
pub(crate) struct Counting(pub(crate) u64);

impl Rng for Counting {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            self.0 += 1;
            let digest: [u8; 32] = Sha256::digest(self.0.to_be_bytes()).into();
            chunk.copy_from_slice(&digest[..chunk.len()]);
        }
    }
}

pub(crate) fn at(seconds: u64) -> Moment {
    Moment::new(FOUNDED + seconds).unwrap()
}

pub(crate) fn id(name: &str) -> OrganisationId {
    OrganisationId::new(name).unwrap()
}

pub(crate) fn officer(name: &str) -> OfficerId {
    OfficerId::new(name).unwrap()
}

pub(crate) fn person(organisation: &str, name: &str) -> PersonId {
    PersonId { organisation: id(organisation), officer: officer(name) }
}

pub(crate) fn office(text: &str) -> Office {
    Office::new(text).unwrap()
}

pub(crate) fn line(text: &str) -> Line {
    Line::new(text).unwrap()
}

pub(crate) fn prose(text: &str) -> Prose {
    Prose::new(text).unwrap()
}

pub(crate) fn word(text: &str) -> Word {
    Word::new(text).unwrap()
}

fn seed(text: &str) -> [u8; 32] {
    Sha256::digest(text).into()
}

pub(crate) fn signer(name: &str) -> OrganisationSigner {
    OrganisationSigner::new(&seed(&format!("{name}/signing")))
}

/// The keys of a person follow from the name and the number of the draw.
pub(crate) fn keys(name: &str) -> PersonalKeys {
    let mut number = 0_u8;
    PersonalKeys::random(&mut |bytes: &mut [u8]| {
        number += 1;
        bytes.copy_from_slice(&seed(&format!("{name}/{number}"))[..bytes.len()]);
    })
}

pub(crate) fn member(name: &str, body: Body, ceiling: u8) -> Member {
    let sealing = SealingKey::from_seed(&seed(&format!("{name}/sealing")));
    Member {
        id: id(name),
        name: format!("The {name} of tests").parse().unwrap(),
        body,
        ceiling: Level(ceiling),
        from: at(0),
        until: None,
        revoked: None,
        endpoint: None,
        keys: MemberKeys {
            signing: vec![Dated::from(signer(name).public(), at(0))],
            sealing: vec![Dated::from(sealing.public(), at(0))],
            log: Vec::new(),
            cosigning: Vec::new(),
        },
    }
}

pub(crate) fn members() -> MemberList {
    let members = vec![
        member("overseer-a", Body::Overseer, 3),
        member("parliament-a", Body::Parliament, 2),
        member("party-a", Body::Party, 2),
        member("party-b", Body::Party, 1),
        member("service-x", Body::Service, 3),
    ];
    let list = MemberList {
        federation: "federation.example".parse().unwrap(),
        version: 1,
        previous: None,
        issued: at(0),
        members,
    };
    list.check().unwrap();
    list
}

pub(crate) fn change<'l>(list: &'l mut MemberList, name: &str) -> &'l mut Member {
    list.members.iter_mut().find(|member| member.id == id(name)).unwrap()
}

pub(crate) const BOTH: [ReleaseRole; 2] = [ReleaseRole::Author, ReleaseRole::Approver];

/// What `service-x` says of an officer whose keys follow from his name.
pub(crate) fn attested(name: &str, roles: &[ReleaseRole]) -> Attested {
    let mut officer = [0; 16];
    officer.copy_from_slice(&seed(name)[..16]);
    Attested {
        federation: members().federation,
        organisation: id("service-x"),
        officer: ReleaseOfficerId::from_bytes(officer),
        office: office("desk officer"),
        key: portcullis_federation::SigningPublic::from_bytes(&keys(name).signing_public())
            .unwrap(),
        roles: roles.iter().copied().collect(),
        from: at(0),
        until: at(300 * DAY),
        attested: at(0),
    }
}

pub(crate) fn release_officer(name: &str) -> ReleaseOfficer {
    signer("service-x").attest(attested(name, &BOTH))
}

pub(crate) fn register_text() -> RegisterText {
    let provision = |id: &str, purpose, from, until| Provision {
        id: word(id),
        title: office("Provision of tests"),
        purposes: BTreeSet::from([purpose]),
        services: BTreeSet::from([self::id("service-x")]),
        gateways: BTreeSet::from([Gateway::SecurityServiceOut]),
        from: at(from),
        until: at(until),
        approved_by: office("Secretary of State of tests"),
    };
    RegisterText {
        issued: at(0),
        provisions: vec![
            provision("prov-candidate", ReleasePurpose::DecideCandidate, 0, 200 * DAY),
            provision("prov-later", ReleasePurpose::DecideStaff, 100 * DAY, 200 * DAY),
            provision("prov-over", ReleasePurpose::DecideStaff, 0, 1),
            provision("prov-staff", ReleasePurpose::DecideStaff, 0, 200 * DAY),
        ],
    }
}

pub(crate) fn register() -> ProvisionRegister {
    let bytes = ProvisionRegister::sign(register_text(), &signer("operator"));
    ProvisionRegister::verify(&bytes, &[signer("operator").public()], at(0)).unwrap()
}

/// Members and register, to be judged with.
pub(crate) struct World {
    pub(crate) members: MemberList,
    pub(crate) register: ProvisionRegister,
}

impl World {
    pub(crate) fn new() -> Self {
        Self { members: members(), register: register() }
    }

    pub(crate) fn checks(&self, at: Moment) -> Checks<'_> {
        Checks { at, members: &self.members, register: &self.register }
    }

    pub(crate) fn member(&self, name: &str) -> &Member {
        self.members.member(&id(name)).unwrap()
    }

    /// Written at hour 1, signed by one officer, approved by another an hour later.
    pub(crate) fn approve<T: Approvable + Clone>(&self, document: T) -> Approved<T> {
        let proposed = self.propose(document);
        let officer = release_officer("quillon");
        proposed.approve(&self.checks(at(7200)), &officer, &keys("quillon")).unwrap()
    }

    pub(crate) fn propose<T: Approvable + Clone>(&self, document: T) -> Proposed<T> {
        let checks = self.checks(at(3600));
        let draft = Draft::new(document, &checks).unwrap();
        draft.propose(&checks, &release_officer("orsolya"), &keys("orsolya")).unwrap()
    }
}

pub(crate) fn only<T: Ord>(these: impl IntoIterator<Item = T>) -> Audience<T> {
    Audience::Only(these.into_iter().collect())
}

pub(crate) fn heading() -> Heading {
    Heading {
        id: NoticeId::from_bytes([7; 16]),
        version: 1,
        category: Category::Warning,
        originator: id("service-x"),
        conduit: None,
        distributor: None,
        gateway: Gateway::SecurityServiceOut,
        purpose: ReleasePurpose::DecideStaff,
        provision: Some(word("prov-staff")),
        written: at(3600),
        embargo: None,
        expires: at(90 * DAY),
        review: at(30 * DAY),
        reply: line("+44 0 0000 000000"),
        correction: None,
    }
}

pub(crate) fn subject(role: SubjectRole, name: &str) -> NoticeSubject {
    NoticeSubject {
        role,
        kind: PartyKind::Person,
        names: vec![line(name)],
        aliases: vec![line("Quill Example")],
        birth_date: Some(BirthDate::new("1980-05".parse().unwrap())),
        identifiers: vec![Identifier { scheme: word("passport"), value: line("X0000000") }],
        profiles: vec![line("https://network.example/quill")],
        covers: vec![line("Examplesson Consulting of Tests")],
    }
}

pub(crate) fn substance() -> Substance {
    Substance {
        subjects: vec![
            subject(SubjectRole::Subject, "Quillon Examplesson"),
            subject(SubjectRole::NotImplicated, "Orsolya Testwick"),
        ],
        findings: vec![
            Finding {
                kind: FindingKind::Assertion,
                text: prose("Met an officer of a foreign service of tests twice."),
                probability: None,
                confidence: None,
            },
            Finding {
                kind: FindingKind::Judgement,
                text: prose("Acts for that service."),
                probability: Some(Probability::HighlyLikely),
                confidence: Some(Confidence::Moderate),
            },
        ],
        donations: Some(DonationScope {
            about: vec![Donation {
                donor: Some(line("Examplesson Consulting of Tests")),
                recipient: Some(line("Orsolya Testwick")),
                from: Some("2026-01-01".parse().unwrap()),
                until: None,
            }],
            not_about: vec![],
            none_excepted: Some(Considered::None),
        }),
        to_do: prose("Do not employ before speaking to us."),
        not_infer: prose("Nothing about the family."),
        may_tell: MayTell::DecisionOnly,
        changed: None,
    }
}

pub(crate) fn grounds() -> Grounds {
    Grounds {
        necessity: prose("The party decides this week."),
        proportionality: prose("One person is told, and no more than is needed."),
        collateral: prose("The family is named nowhere."),
        alternative: prose("A pointer would not say whom it is about."),
    }
}

/// At level 2, for one person of `party-a`.
pub(crate) fn whole_marking() -> Marking {
    Marking {
        label: Label {
            level: Level(2),
            organisations: only([id("party-a")]),
            people: only([person("party-a", "o.testwick")]),
            handling: BTreeSet::from(["recipients-only".into()]),
            ..Label::open()
        },
        offices: only([office("head of compliance")]),
    }
}

/// At level 1, for all of `party-a`.
pub(crate) fn tearline_marking() -> Marking {
    let label = Label { level: Level(1), organisations: only([id("party-a")]), ..Label::open() };
    Marking { label, offices: Audience::Everyone }
}

pub(crate) fn notice() -> Notice {
    let mut rng = Counting(1000);
    let text = Tearline { text: prose("Please speak to us before you take somebody on.") };
    Notice {
        heading: heading(),
        tearline: Some(Part::new(&mut rng, tearline_marking(), text)),
        substance: Part::new(&mut rng, whole_marking(), substance()),
        grounds: Part::new(
            &mut rng,
            Marking {
                label: Label {
                    level: Level(3),
                    organisations: only([id("overseer-a"), id("service-x")]),
                    ..Label::open()
                },
                offices: Audience::Everyone,
            },
            grounds(),
        ),
    }
}

pub(crate) fn entry(name: &str, clearance: u8) -> DirectoryEntry {
    let keys = keys(name);
    DirectoryEntry {
        officer: officer(name),
        office: office("head of compliance"),
        sealing: keys.sealing_public(),
        signing: portcullis_federation::SigningPublic::from_bytes(&keys.signing_public()).unwrap(),
        clearance: Level(clearance),
        compartments: BTreeSet::new(),
        from: at(0),
        until: at(300 * DAY),
    }
}

pub(crate) fn directory_text(organisation: &str) -> DirectoryText {
    DirectoryText {
        federation: members().federation,
        organisation: id(organisation),
        version: 1,
        issued: at(0),
        entries: vec![entry("a.deputy", 1), entry("o.testwick", 2)],
    }
}

pub(crate) fn directory(organisation: &str) -> Directory {
    let signed = directory_text(organisation).sign(&signer(organisation));
    signed.verify(&members(), None, at(3600)).unwrap()
}

pub(crate) fn vocabulary() -> AnswerVocabulary {
    let texts = AnswerCode::ALL
        .iter()
        .map(|code| AnswerText { code: *code, text: prose(&format!("The words for {code}.")) });
    AnswerVocabulary { service: id("service-x"), version: 1, from: at(0), texts: texts.collect() }
}

pub(crate) fn withdrawal() -> Withdrawal {
    Withdrawal {
        notice: heading().id,
        version: 1,
        originator: id("service-x"),
        reason: WithdrawalReason::WrongPerson,
        remedy: Remedy::UndoAndTell,
        receipt_by: at(3 * DAY),
        written: at(3600),
    }
}

pub(crate) fn leave() -> OnwardDecision {
    OnwardDecision {
        request: OnwardId::from_bytes([9; 16]),
        notice: heading().id,
        version: 1,
        originator: id("service-x"),
        verdict: OnwardVerdict::Granted,
        holder: id("party-a"),
        to: id("parliament-a"),
        person: Some(officer("o.testwick")),
        copy: Some(2),
        until: at(20 * DAY),
        written: at(3600),
    }
}

/// Straight from `service-x`.
pub(crate) struct FromX(OrganisationId, OrganisationId);

impl FromX {
    pub(crate) fn to(name: &str) -> Self {
        Self(id(name), id("service-x"))
    }

    pub(crate) fn arrival(&self) -> Arrival<'_> {
        Arrival { own: &self.0, from: &self.1 }
    }
}

pub(crate) fn copy_of(outgoing: &Outgoing) -> NoticeCopy {
    match Message::from_bytes(&outgoing.to_bytes()).unwrap() {
        Message::Notice(copy) | Message::Correction(copy) => copy,
        other => unreachable!("a {} came out", other.kind()),
    }
}

pub(crate) fn approved(world: &World, change: impl FnOnce(&mut Notice)) -> Verified<Notice> {
    let mut document = notice();
    change(&mut document);
    world.approve(document).into()
}

pub(crate) fn sealed(
    world: &World,
    notice: &Verified<Notice>,
    to: &str,
) -> Result<Outgoing, NotCleared> {
    let cleared = Cleared::whole(notice, world.member(to), at(8000))?;
    cleared.to_person(&mut Counting(1), 1, &directory(to), &officer("o.testwick"))
}

pub(crate) fn received(world: &World, outgoing: &Outgoing, by: &str) -> Received {
    copy_of(outgoing).verify(&FromX::to(by).arrival(), &world.checks(at(9000))).unwrap()
}
