//! What one reader sees, and may write: everything in terms of the labels that he may read.

use crate::labels::Visible;
use crate::tables::events::StoredEvent;
use crate::{Database, StoreError, TransactionName};
use jiff::Timestamp;
use portcullis_decide::{
    Change, Decision, Judgement, KeptList, ListName, Raised, RaisedPair, Reference, Verdict,
};
use portcullis_types::{Event, EventId, EventTime, Label, OrganisationId, Purpose, SourceId};

/// The most rows that a page has.
pub const MAX_PAGE: u16 = 500;

/// A showing of a pair: one pair that was shown under two labels is two showings, which don't know of
/// each other.
#[derive(Debug, Clone, PartialEq)]
pub struct SeenAlert {
    /// The pair.
    pub pair: RaisedPair,
    /// Its short name.
    pub reference: Reference,
    /// When it was first shown under this label (UTC).
    pub first_raised_at: EventTime,
    /// When it was last shown under this label (UTC).
    pub last_raised_at: EventTime,
    /// What the showing bears.
    pub label: Label,
    /// Where it stands among the others.
    pub place: AlertPlace,
}

/// A decision as its reader sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenDecision {
    /// The decision.
    pub decision: Decision,
    /// What it bears.
    pub label: Label,
}

impl SeenDecision {
    /// Where it stands among the others.
    pub fn place(&self) -> DecisionPlace {
        DecisionPlace {
            at_us: self.decision.at.timestamp().as_microsecond(),
            id: *self.decision.id.as_bytes(),
        }
    }
}

/// A list as its reader sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenList {
    /// The list.
    pub list: KeptList,
    /// What it bears.
    pub label: Label,
}

/// Where a showing stands, the latest first. Made of it alone: it says nothing of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlertPlace {
    pub(crate) at_us: i64,
    pub(crate) pair: [u8; 32],
}

/// Where a decision stands, the latest first. Made of it alone: it says nothing of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecisionPlace {
    pub(crate) at_us: i64,
    pub(crate) id: [u8; 16],
}

impl AlertPlace {
    /// Its bytes, for a cursor.
    pub fn to_bytes(self) -> [u8; 40] {
        let mut bytes = [0; 40];
        let (at, pair) = bytes.split_at_mut(8);
        at.copy_from_slice(&self.at_us.to_be_bytes());
        pair.copy_from_slice(&self.pair);
        bytes
    }

    /// The place that has these bytes. Any bytes are one: it need not be that of anything.
    pub fn from_bytes(bytes: [u8; 40]) -> Self {
        let (mut at, mut pair) = ([0; 8], [0; 32]);
        let (front, back) = bytes.split_at(8);
        at.copy_from_slice(front);
        pair.copy_from_slice(back);
        Self { at_us: i64::from_be_bytes(at), pair }
    }
}

impl DecisionPlace {
    /// Its bytes, for a cursor.
    pub fn to_bytes(self) -> [u8; 24] {
        let mut bytes = [0; 24];
        let (at, id) = bytes.split_at_mut(8);
        at.copy_from_slice(&self.at_us.to_be_bytes());
        id.copy_from_slice(&self.id);
        bytes
    }

    /// The place that has these bytes. Any bytes are one: it need not be that of anything.
    pub fn from_bytes(bytes: [u8; 24]) -> Self {
        let (mut at, mut id) = ([0; 8], [0; 16]);
        let (front, back) = bytes.split_at(8);
        at.copy_from_slice(front);
        id.copy_from_slice(back);
        Self { at_us: i64::from_be_bytes(at), id }
    }
}

/// How many decisions there are of one purpose and verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionCount {
    /// What the screening was for.
    pub purpose: Purpose,
    /// What was found.
    pub verdict: Verdict,
    /// Those that stand.
    pub standing: u64,
    /// Those that were undone.
    pub undone: u64,
}

/// How far somebody who follows what happens has read. It stays in the process: the number in it
/// counts what he doesn't see, too.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct NewsPlace(pub(crate) u64);

impl std::fmt::Debug for NewsPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NewsPlace(..)")
    }
}

/// What one reader sees. What he may not read is not there: not in a page, nor in a count, nor in the
/// order, nor in an error.
pub trait View {
    /// Some of the pairs that were shown, those first shown latest before the others, after a place.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when they cannot be read.
    fn alerts(
        &self,
        organisation: &OrganisationId,
        after: Option<AlertPlace>,
        most: u16,
    ) -> Result<Vec<SeenAlert>, StoreError>;

    /// The showings under a reference.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when they cannot be read.
    fn alert(
        &self,
        organisation: &OrganisationId,
        reference: Reference,
    ) -> Result<Vec<SeenAlert>, StoreError>;

    /// Some of the decisions, the latest first, after a place.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when they cannot be read.
    fn seen_decisions(
        &self,
        organisation: &OrganisationId,
        after: Option<DecisionPlace>,
        most: u16,
    ) -> Result<Vec<SeenDecision>, StoreError>;

    /// All decisions, the oldest first: what screening for this reader remembers.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when they cannot be read.
    fn every_decision(&self, organisation: &OrganisationId) -> Result<Vec<Decision>, StoreError>;

    /// A decision.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be read.
    fn decision(
        &self,
        organisation: &OrganisationId,
        id: EventId,
    ) -> Result<Option<SeenDecision>, StoreError>;

    /// The lists, by name.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when they cannot be read.
    fn seen_lists(&self, organisation: &OrganisationId) -> Result<Vec<SeenList>, StoreError>;

    /// A list.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be read.
    fn list(
        &self,
        organisation: &OrganisationId,
        name: &ListName,
    ) -> Result<Option<SeenList>, StoreError>;

    /// The label of the lists whose records name this source; the open one where there is none. For
    /// sources of records that the reader was shown.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be read.
    fn source_label(
        &self,
        organisation: &OrganisationId,
        source: &SourceId,
    ) -> Result<Label, StoreError>;

    /// What happened to a decision, the first first; nothing where there is none.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be read.
    fn decision_history(
        &self,
        organisation: &OrganisationId,
        id: EventId,
    ) -> Result<Vec<Event>, StoreError>;

    /// What was done with the showings under a reference, the first first: who kept them longer, who
    /// raised their label. When each was shown, it says itself.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be read.
    fn alert_history(
        &self,
        organisation: &OrganisationId,
        reference: Reference,
    ) -> Result<Vec<Event>, StoreError>;

    /// What happened to a list that is kept, the first first.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be read.
    fn list_history(
        &self,
        organisation: &OrganisationId,
        name: &ListName,
    ) -> Result<Vec<Event>, StoreError>;

    /// How many showings of pairs there are.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when they cannot be counted.
    fn alert_count(&self, organisation: &OrganisationId) -> Result<u64, StoreError>;

    /// How many lists there are.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when they cannot be counted.
    fn list_count(&self, organisation: &OrganisationId) -> Result<u64, StoreError>;

    /// How many decisions there are, by purpose and verdict; those that were undone apart.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when they cannot be counted.
    fn decision_counts(
        &self,
        organisation: &OrganisationId,
    ) -> Result<Vec<DecisionCount>, StoreError>;

    /// Where what happens from now on begins.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be read.
    fn news_from_now(&self) -> Result<NewsPlace, StoreError>;

    /// Where what happened after an event begins; nothing where the reader sees no such event.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be read.
    fn news_after(
        &self,
        organisation: &OrganisationId,
        event: EventId,
    ) -> Result<Option<NewsPlace>, StoreError>;

    /// Some of what happened to alerts, decisions and lists after a place, and the place to go on from.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be read.
    fn news(
        &self,
        organisation: &OrganisationId,
        after: NewsPlace,
    ) -> Result<(Vec<StoredEvent>, NewsPlace), StoreError>;
}

/// What a person may write: decisions on what that person sees, and what screening showed.
pub trait Deciding: View {
    /// The label that a decision would bear, be it one that the person may not read: judge it before
    /// anything is written or said.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be read.
    fn label_on(&self, judgement: &Judgement) -> Result<Label, StoreError>;

    /// Writes a new decision, or the undoing of one that the person sees. A new one bears the join of
    /// the labels of the change, of the showings of the pair that the person sees, and of the list that
    /// the record is from. Gives the label that the decision bears.
    ///
    /// # Errors
    ///
    /// [`StoreError::Overtaken`] when it has been undone meanwhile, or the person doesn't see it; else
    /// why it cannot be written.
    fn decide(&mut self, change: &Change<Decision>) -> Result<Label, StoreError>;

    /// Writes what was shown to the person. A pair bears the join of the labels of the change and of
    /// the list that its record is from. Write what differs in that in changes of their own
    /// ([`View::source_label`]): that so many were shown bears the join of all.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be written.
    fn show(&mut self, change: &Change<Raised>) -> Result<(), StoreError>;
}

impl Database {
    /// Looks at one moment with the eyes of one reader.
    ///
    /// # Errors
    ///
    /// Whatever `look` returns, or why the store cannot be read.
    pub fn view<T, E: From<StoreError>>(
        &mut self,
        visible: &Visible,
        look: impl FnOnce(&dyn View) -> Result<T, E>,
    ) -> Result<T, E> {
        self.look_as(visible, |open| look(open))
    }

    /// Decides as one reader, all or nothing, as [`Database::write`] does.
    ///
    /// # Errors
    ///
    /// As [`Database::write`].
    pub fn decide<T, E: From<StoreError>>(
        &mut self,
        visible: &Visible,
        name: TransactionName,
        mut work: impl FnMut(&mut dyn Deciding) -> Result<T, E>,
    ) -> Result<T, E> {
        self.transact_as(visible, name, |open| work(open))
    }
}

/// A time of the store as microseconds.
pub(crate) fn micros(at: EventTime) -> i64 {
    let at: Timestamp = at.timestamp();
    at.as_microsecond()
}
