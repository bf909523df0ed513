//! One change, which follows from a few numbers: so that whoever checks can make it again.

use jiff::Timestamp;
use portcullis_decide::{
    Address, Change, ChangedKeys, Decision, Digest, ForgottenList, Judgement, Keeping, KeptFile,
    KeptIssue, KeptList, KeyDeed, QueryMark, Raised, RaisedPair, RecordMark, StatedReason, Verdict,
    change_keys, raise, record, undo,
};
use portcullis_testkit::{MockClock, SeededRng, dossier};
use portcullis_types::{
    ListVersion, OfficerId, OrganisationId, Property, Purpose, Score, SourceId,
};
use std::fmt;
use std::str::FromStr;

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    OpenLog,
    Decide,
    /// `of` is the seed of the decision.
    Undo,
    Raise,
    /// `of` is the number of the list.
    List,
    /// As above.
    Forget,
    Enqueue,
    /// A decision written in the transaction that ends a job; `of` is the seed of the job.
    Finish,
    /// A decision that is to be erased.
    Doomed,
    /// `of` is the seed of the decision.
    Erase,
    /// A new generation of keys is begun; `of` is its number.
    Rotate,
    /// An old one is destroyed; as above.
    Destroy,
}

const KINDS: [(Kind, &str); 12] = [
    (Kind::OpenLog, "open-log"),
    (Kind::Decide, "decide"),
    (Kind::Undo, "undo"),
    (Kind::Raise, "raise"),
    (Kind::List, "list"),
    (Kind::Forget, "forget"),
    (Kind::Enqueue, "enqueue"),
    (Kind::Finish, "finish"),
    (Kind::Doomed, "doomed"),
    (Kind::Erase, "erase"),
    (Kind::Rotate, "rotate"),
    (Kind::Destroy, "destroy"),
];

/// A change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Op {
    pub(crate) kind: Kind,
    /// Of no other change.
    pub(crate) seed: u64,
    pub(crate) at_us: i64,
    /// What it changes, where that is something.
    pub(crate) of: u64,
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = KINDS.iter().find(|(kind, _)| *kind == self.kind).map_or("", |(_, name)| name);
        write!(f, "{name} {} {} {}", self.seed, self.at_us, self.of)
    }
}

impl FromStr for Op {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut words = text.split(' ');
        let name = words.next().ok_or(())?;
        let kind = KINDS.iter().find(|(_, known)| *known == name).ok_or(())?.0;
        let mut number = || words.next().and_then(|word| word.parse::<u64>().ok()).ok_or(());
        let (seed, at_us, of) = (number()?, number()?, number()?);
        Ok(Self { kind, seed, at_us: i64::try_from(at_us).map_err(drop)?, of })
    }
}

pub(crate) fn organisation() -> OrganisationId {
    OrganisationId::new("party-of-tests").unwrap()
}

pub(crate) fn officer() -> OfficerId {
    OfficerId::new("q.examplesson").unwrap()
}

/// The seed of a decision, by the name in it.
pub(crate) fn seed_in(name: &str) -> Option<u64> {
    name.strip_prefix("Quillon ")?.parse().ok()
}

fn text(seed: u64) -> String {
    format!("Quillon {seed}")
}

pub(crate) fn list_name(number: u64) -> String {
    format!("list-{number}")
}

impl Op {
    pub(crate) fn clock(&self) -> MockClock {
        MockClock::at(self.at())
    }

    fn at(&self) -> Timestamp {
        Timestamp::from_microsecond(self.at_us).unwrap()
    }

    pub(crate) fn rng(&self) -> SeededRng {
        SeededRng::new(self.seed)
    }

    /// What a decision is made for, by which the kinds of them are told apart.
    pub(crate) fn purpose(&self) -> Purpose {
        match self.kind {
            Kind::Doomed => Purpose::ScreenStaff,
            Kind::Finish => Purpose::ScreenAssociate,
            _ => Purpose::ScreenDonor,
        }
    }

    /// The decision that is made. A job's has the job in its reason.
    pub(crate) fn decision(&self) -> Change<Decision> {
        let name = text(self.seed);
        let query = dossier("q.csv", "2", &[(Property::Name, &name)]);
        let listed = dossier("a-list", "R1", &[(Property::Name, "Orsolia Testwicke")]);
        let judgement = Judgement {
            organisation: organisation(),
            purpose: self.purpose(),
            query: QueryMark::of(&query),
            record: RecordMark::of(&listed),
            query_name: name.as_str().into(),
            record_name: "Orsolia Testwicke".into(),
            verdict: if self.seed.is_multiple_of(2) { Verdict::NotSame } else { Verdict::Unsure },
            officer: officer(),
            reason: StatedReason::new(&format!("as {} says", self.of)).unwrap(),
        };
        record(&self.clock(), &mut self.rng(), judgement, None).unwrap()
    }

    /// The undoing of a decision.
    pub(crate) fn undoing(&self, decision: Decision) -> Change<Decision> {
        let reason = StatedReason::new(&text(self.seed)).unwrap();
        undo(&self.clock(), &mut self.rng(), decision, officer(), reason, None).unwrap()
    }

    pub(crate) fn pair(&self) -> RaisedPair {
        let name = text(self.seed);
        let query = dossier("q.csv", "2", &[(Property::Name, &name)]);
        let listed = dossier("a-list", "R1", &[(Property::Name, "Orsolia Testwicke")]);
        RaisedPair::of(organisation(), self.purpose(), &query, &listed, Score(0.5))
    }

    pub(crate) fn raising(&self) -> Change<Raised> {
        let pairs = vec![self.pair()];
        raise(&self.clock(), &mut self.rng(), organisation(), self.purpose(), pairs).unwrap()
    }

    /// The list as it is after this.
    pub(crate) fn list(&self) -> KeptList {
        let digest = |salt: u64| {
            let mut bytes = [0; 32];
            bytes[..8].copy_from_slice(&self.seed.to_be_bytes());
            bytes[8..16].copy_from_slice(&salt.to_be_bytes());
            Digest::from_bytes(bytes)
        };
        let issue = |salt: u64| KeptIssue {
            digest: digest(salt),
            version: ListVersion::new(&format!("{}-{salt}", self.seed)).unwrap(),
            published: None,
            recorded_at: self.at(),
            entries: 1 + self.seed % 1_000,
            set_aside: 1,
            files: vec![KeptFile {
                name: "1-a.csv".to_owned(),
                address: Address::from_text("https://lists.example/a.csv"),
                sha256: digest(salt),
                size_bytes: self.seed % 10_000,
                entity_tag: None,
                last_modified: None,
            }],
        };
        KeptList {
            organisation: organisation(),
            name: list_name(self.of).parse().unwrap(),
            source: SourceId::new("invented-source").unwrap(),
            format: "invented-csv".to_owned(),
            addresses: vec![Address::from_text("https://lists.example/a.csv")],
            rhythm_days: Some(7),
            checked_at: self.at(),
            current: issue(1),
            earlier: vec![issue(0)],
        }
    }

    pub(crate) fn keeping(&self) -> Change<KeptList> {
        Keeping::Updated.done(&self.clock(), &mut self.rng(), officer(), self.list()).unwrap()
    }

    pub(crate) fn forgetting(&self) -> Change<ForgottenList> {
        self.list().forget(&self.clock(), &mut self.rng(), officer()).unwrap()
    }

    pub(crate) fn key_change(&self) -> Change<ChangedKeys> {
        let deed = if self.kind == Kind::Destroy { KeyDeed::Destroyed } else { KeyDeed::Rotated };
        let generation = u32::try_from(self.of).unwrap();
        let changed = ChangedKeys { organisation: organisation(), deed, generation };
        change_keys(&self.clock(), &mut self.rng(), officer(), changed).unwrap()
    }

    pub(crate) fn job_key(&self) -> String {
        format!("job-{}", self.seed)
    }
}
