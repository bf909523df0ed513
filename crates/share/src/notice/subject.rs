//! Whom a notice names, and which donations it is about, and which not.

use crate::about::BirthDate;
use crate::codec::{record, vocabulary};
use crate::{Identifier, Line, PartyKind};
use jiff::civil::Date;

vocabulary! {
    /// What somebody is in a notice. Exposure is not guilt, and kinship is nothing at all: whoever is
    /// named without being its subject is so expressly.
    SubjectRole {
        /// The notice is about him.
        Subject = "subject", "the subject";
        /// Others aim at him.
        Target = "target", "a target of others";
        /// He is named so that nobody takes him for a subject.
        NotImplicated = "not-implicated", "expressly not implicated";
    }
}

record! {
    /// Somebody whom a notice names.
    pub NoticeSubject: 200 {
        /// As what.
        1 role: SubjectRole,
        /// A person or a body.
        2 kind: PartyKind,
        /// The names, the usual one first.
        3 names: Vec<Line>,
        /// Names that he goes by.
        4 aliases: Vec<Line>,
        /// When born; a body has none.
        5 birth_date: Option<BirthDate>,
        /// Numbers that belong to nobody else.
        6 identifiers: Vec<Identifier>,
        /// Profiles on networks.
        7 profiles: Vec<Line>,
        /// Companies that serve as cover.
        8 covers: Vec<Line>,
    }
}

record! {
    /// Donations: from one, to one, within a time. What is left out is any.
    pub Donation {
        /// Who gave, by the usual name.
        1 donor: Option<Line>,
        /// Who received.
        2 recipient: Option<Line>,
        /// From which day on.
        3 from: Option<Date>,
        /// Until which day.
        4 until: Option<Date>,
    }
}

record! {
    /// Which donations a notice is about, and which not: somebody may have received others from the same
    /// hand.
    pub DonationScope {
        /// It is about these.
        1 about: Vec<Donation>,
        /// It is not about these.
        2 not_about: Vec<Donation>,
        /// It was considered which it is not about, and there are none to be named.
        3 none_excepted: Option<Considered>,
    }
}

vocabulary! {
    /// A box that was ticked.
    Considered {
        /// It was considered, and there are none.
        None = "none", "it was considered, and there are none";
    }
}
