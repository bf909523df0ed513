//! What reading people gives.

use super::{Field, Layout};
use crate::{SetAside, Tally, Warning};
use portcullis_types::{Dossier, PartialDate, Pence, PopulationClass, Protected};

/// One person or body that a row names.
#[derive(Debug, Clone, PartialEq)]
pub struct PersonRow {
    /// What the row says about the person.
    pub dossier: Dossier,
    /// The line or sheet row, counted from 1 with the header as row 1 where it stands first.
    pub row: u64,
    /// The population: that of the row where the file has a column for it, else that of the run.
    pub class: PopulationClass,
    /// The day the gift was received, where the row is a gift.
    pub received: Option<PartialDate>,
    /// The value of the gift or loan.
    pub value: Option<Pence>,
    /// Who received the gift or loan.
    pub recipient: Option<Protected>,
    /// Ids that ought to be found, of a test query.
    pub expected: Option<Vec<String>>,
    /// Which of several people of the same row this is, where the row names more than one.
    pub shared_gift: Option<SharedGift>,
}

/// A row that names several people: "Mr & Mrs Q Testwick".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SharedGift {
    /// Which of them, counted from 1.
    pub person: usize,
    /// How many there are.
    pub of: usize,
}

/// One thing found in a file of people.
#[derive(Debug, Clone, PartialEq)]
pub enum PersonItem {
    /// A person or body.
    Person(Box<PersonRow>),
    /// A row that could not be read.
    SetAside(SetAside),
    /// Something noticed.
    Warning(Warning),
}

/// What was read, and how the file was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeopleReading {
    /// Counts. A row that names two people makes two dossiers.
    pub tally: Tally,
    /// Each column's name as the file has it, and the field it was taken for. Empty for
    /// `FollowTheMoney`.
    pub columns: Vec<(String, Option<Field>)>,
    /// The layout that was recognised.
    pub layout: Layout,
}
