//! What every recipient of a notice sees, and what a node judges it by before anybody opens it.

use crate::codec::{record, vocabulary};
use crate::{Line, NoticeId, Word};
use portcullis_federation::Moment;
use portcullis_types::{Gateway, OrganisationId, PopulationClass};

vocabulary! {
    /// What kind of notice.
    Category {
        /// For one organisation.
        Warning = "warning", "a warning";
        /// For many.
        Alert = "alert", "an alert";
        /// For reading, without anybody who must act.
        Briefing = "briefing", "a briefing";
    }
}

vocabulary! {
    /// What a notice is for.
    ReleasePurpose {
        /// To decide on a donation.
        DecideDonor = "decide-donor", "to decide on a donation";
        /// To decide on who stands for election.
        DecideCandidate = "decide-candidate", "to decide who stands for election";
        /// To decide on employment.
        DecideStaff = "decide-staff", "to decide on employment";
        /// To decide on who works closely with a representative.
        DecideAssociate = "decide-associate", "to decide who works with a representative";
        /// To protect parliamentary democracy, without a decision on anybody.
        Protect = "protect", "to protect parliamentary democracy";
    }
}

impl ReleasePurpose {
    /// Whether an approved provision must be cited: employment is decided, or an office or capacity
    /// (Security Service Act 1989 s.2(3)). Whether standing for election is one is for counsel; to cite
    /// one costs nothing, so it must be. Who works beside a representative holds a capacity too.
    pub fn needs_provision(self) -> bool {
        matches!(self, Self::DecideStaff | Self::DecideCandidate | Self::DecideAssociate)
    }

    /// The population that it is about, where it is about one.
    pub fn class(self) -> Option<PopulationClass> {
        match self {
            Self::DecideDonor => Some(PopulationClass::Donor),
            Self::DecideCandidate => Some(PopulationClass::Candidate),
            Self::DecideStaff => Some(PopulationClass::Staff),
            Self::DecideAssociate => Some(PopulationClass::Associate),
            Self::Protect => None,
        }
    }
}

impl From<PopulationClass> for ReleasePurpose {
    fn from(class: PopulationClass) -> Self {
        match class {
            PopulationClass::Donor => Self::DecideDonor,
            PopulationClass::Candidate => Self::DecideCandidate,
            PopulationClass::Staff => Self::DecideStaff,
            PopulationClass::Associate => Self::DecideAssociate,
        }
    }
}

vocabulary! {
    /// Why a notice is corrected.
    CorrectionReason {
        /// It named the wrong person, or one too many.
        WrongPerson = "wrong-person", "it named the wrong person";
        /// Something in it was not so.
        NotSo = "not-so", "something in it was not so";
        /// It said too much or too little.
        Scope = "scope", "it said too much or too little";
        /// More is known now.
        MoreKnown = "more-known", "more is known now";
    }
}

record! {
    /// What a later version of a notice does to the one before.
    pub Correction {
        /// Which version it replaces.
        1 replaces: u64,
        /// Why.
        2 reason: CorrectionReason,
    }
}

record! {
    /// The heading of a notice. It holds nothing of what the notice says.
    pub Heading {
        /// Its id, drawn at random.
        1 id: NoticeId,
        /// Which version, from 1.
        2 version: u64,
        /// Which kind.
        3 category: Category,
        /// Whose notice it is: whose officers release it, and who may take it back.
        4 originator: OrganisationId,
        /// Through whose node it goes, where not straight to the recipients: a parliament's, for its
        /// members.
        5 conduit: Option<OrganisationId>,
        /// Who hands it to the audience, where somebody other than originator and conduit does.
        6 distributor: Option<OrganisationId>,
        /// Through which gateway it leaves.
        7 gateway: Gateway,
        /// What it is for.
        8 purpose: ReleasePurpose,
        /// Under which approved provision, where employment or office is decided.
        9 provision: Option<Word>,
        /// When it was written.
        10 written: Moment,
        /// Before when it must not be shown to its readers.
        11 embargo: Option<Moment>,
        /// From when it must not be acted on.
        12 expires: Moment,
        /// When whoever holds a copy must look whether it is still needed.
        13 review: Moment,
        /// How to answer: a number, a place.
        14 reply: Line,
        /// What it does to the version before; none in version 1.
        15 correction: Option<Correction>,
    }
}

impl Heading {
    /// Whether this is the version that follows on the one with the other heading: only the same
    /// originator writes it.
    pub fn replaces(&self, before: &Self) -> bool {
        self.originator == before.originator
            && self.id == before.id
            && self.correction.as_ref().is_some_and(|one| one.replaces == before.version)
    }
}
