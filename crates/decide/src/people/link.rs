//! Links by which volunteers hand in somebody's particulars, and see nothing.

use super::credential::own;
use super::token::{NOTE_CHARACTERS, is_note};
use super::{Person, Telling, approval::in_days};
use crate::{Change, Digest, RecordKind};
use portcullis_types::{
    Actor, Clock, Detail, Details, EventError, EventId, EventTime, JobName, OfficerId, PersonId,
    PopulationClass, Protected, Purpose, Rng, Role,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The longest that a link may hold, in days.
const LINK_LONGEST_DAYS: u16 = 90;

/// The most that may be handed in by one link.
const MOST_USES: u32 = 10_000;

/// Longest name, birth date, address and other field, in characters.
const FIELD_CHARACTERS: usize = 1_000;

/// Longest name of a field, in characters.
const FIELD_NAME_CHARACTERS: usize = 60;

/// Most other fields.
const MOST_FIELDS: usize = 20;

/// A link: whoever has it can hand in, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubmitLink {
    /// Its id, the event that made it.
    pub id: EventId,
    /// Digest of the secret in it.
    pub digest: Digest,
    /// The officer who made it and answers for what comes in.
    pub made_by: PersonId,
    /// What the people are who are handed in.
    pub class: PopulationClass,
    /// What it is for, in the officer's words.
    pub note: Protected,
    /// When it was made.
    pub made_at: EventTime,
    /// Until when it holds.
    pub until: EventTime,
    /// How often it may be used.
    pub most_uses: u32,
    /// How often it was used.
    pub uses: u32,
    /// When it was closed.
    pub closed_at: Option<EventTime>,
}

impl SubmitLink {
    /// Whether something can be handed in by it at this time, as far as the link itself goes.
    pub fn is_open(&self, at: EventTime) -> bool {
        self.closed_at.is_none() && at < self.until && self.uses < self.most_uses
    }

    /// Whether something can be handed in by it at this time: it is open, and whoever made it is still
    /// an officer, who answers for what comes in.
    pub fn takes(&self, at: EventTime, made_by: &Person) -> bool {
        self.is_open(at) && self.made_by == made_by.person && made_by.has_role(Role::Officer, at)
    }
}

/// What an officer asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkOrder {
    /// What the people are who are handed in.
    pub class: PopulationClass,
    /// What it is for.
    pub note: Protected,
    /// For how many days.
    pub days: u16,
    /// How often it may be used.
    pub most_uses: u32,
}

/// Why there is no link.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// He is no officer.
    #[error("`{officer}` may not make links; it takes the role of officer")]
    MayNot {
        /// Who.
        officer: OfficerId,
    },
    /// It would hold too long, or not at all.
    #[error("a link holds for 1 to {LINK_LONGEST_DAYS} days")]
    Days,
    /// It could be used too often, or never.
    #[error("a link is used 1 to {MOST_USES} times")]
    Uses,
    /// The note is missing or long.
    #[error("say in 1 to {NOTE_CHARACTERS} characters what it is for")]
    Note,
    /// The event can't be made.
    #[error("the link cannot be written as an event")]
    Event(#[from] EventError),
}

/// Makes a link of this digest.
///
/// # Errors
///
/// [`LinkError`].
pub fn make_link(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    person: &Person,
    digest: Digest,
    order: LinkOrder,
) -> Result<Change<SubmitLink>, LinkError> {
    let at = EventTime::rounded_down(clock.now())?;
    if !person.has_role(Role::Officer, at) {
        return Err(LinkError::MayNot { officer: person.person.officer.clone() });
    }
    if !(1..=LINK_LONGEST_DAYS).contains(&order.days) {
        return Err(LinkError::Days);
    }
    if !(1..=MOST_USES).contains(&order.most_uses) {
        return Err(LinkError::Uses);
    }
    if !is_note(&order.note) {
        return Err(LinkError::Note);
    }
    let mut details = Details::new();
    details.insert("class", order.class.code())?;
    details.insert("days", u64::from(order.days))?;
    details.insert("uses", u64::from(order.most_uses))?;
    let telling = own(clock, rng, person, "people.link-made", details)?;
    let link = SubmitLink {
        id: telling.id,
        digest,
        made_by: person.person.clone(),
        class: order.class,
        note: order.note,
        made_at: at,
        until: in_days(at, i64::from(order.days)),
        most_uses: order.most_uses,
        uses: 0,
        closed_at: None,
    };
    Ok(telling.of(link, RecordKind::Person))
}

/// Why a link isn't closed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CloseLinkError {
    /// It is closed.
    #[error("the link was closed before")]
    Closed,
    /// He neither made it nor is an administrator.
    #[error("`{officer}` may not close it; whoever made it does, or an administrator")]
    MayNot {
        /// Who.
        officer: OfficerId,
    },
    /// The event can't be made.
    #[error("the change cannot be written as an event")]
    Event(#[from] EventError),
}

/// Closes a link.
///
/// # Errors
///
/// [`CloseLinkError`].
pub fn close_link(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    by: &Person,
    link: SubmitLink,
) -> Result<Change<SubmitLink>, CloseLinkError> {
    let at = EventTime::rounded_down(clock.now())?;
    let own_link = by.person == link.made_by && by.stands(at);
    if !own_link && !by.has_role(Role::Administrator, at) {
        return Err(CloseLinkError::MayNot { officer: by.person.officer.clone() });
    }
    if link.closed_at.is_some() {
        return Err(CloseLinkError::Closed);
    }
    let mut details = Details::new();
    details.insert("link", Detail::Bytes(link.id.as_bytes().to_vec()))?;
    let telling = own(clock, rng, by, "people.link-closed", details)?;
    Ok(telling.of(SubmitLink { closed_at: Some(at), ..link }, RecordKind::Person))
}

/// What a volunteer fills in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubmissionForm {
    /// Whose particulars.
    pub name: Protected,
    /// His birth date, as it was written.
    pub birth_date: Option<Protected>,
    /// His address, as it was written.
    pub address: Option<Protected>,
    /// Other fields by their names.
    pub fields: BTreeMap<Box<str>, Protected>,
}

/// What was handed in by a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Submission {
    /// Its id, the event that it came.
    pub id: EventId,
    /// The link by which it came.
    pub link: EventId,
    /// The officer who answers for it.
    pub made_by: PersonId,
    /// What the person is.
    pub class: PopulationClass,
    /// When it came.
    pub at: EventTime,
    /// What was filled in.
    pub form: SubmissionForm,
}

/// Why nothing is taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubmissionError {
    /// There is no such link any more.
    #[error("this link is not open; ask whoever gave it to you")]
    Closed,
    /// There is no name.
    #[error("a name is needed")]
    NoName,
    /// Something is too long.
    #[error(
        "a field has at most {FIELD_CHARACTERS} characters, and there are at most {MOST_FIELDS}"
    )]
    TooLong,
    /// The event can't be made.
    #[error("what was handed in cannot be written as an event")]
    Event(#[from] EventError),
}

/// Takes in what a volunteer filled in by a link that this person made.
///
/// # Errors
///
/// [`SubmissionError`]; above all [`SubmissionError::Closed`] when he is no officer any more.
pub fn submit(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    link: &SubmitLink,
    made_by: &Person,
    form: SubmissionForm,
) -> Result<Change<Submission>, SubmissionError> {
    let at = EventTime::rounded_down(clock.now())?;
    if !link.takes(at, made_by) {
        return Err(SubmissionError::Closed);
    }
    if form.name.reveal().trim().is_empty() {
        return Err(SubmissionError::NoName);
    }
    let long = |text: &Protected| text.reveal().chars().count() > FIELD_CHARACTERS;
    let texts = [Some(&form.name), form.birth_date.as_ref(), form.address.as_ref()];
    let long_name = |name: &str| name.is_empty() || name.chars().count() > FIELD_NAME_CHARACTERS;
    if texts.into_iter().flatten().any(long)
        || form.fields.len() > MOST_FIELDS
        || form.fields.iter().any(|(name, text)| long_name(name) || long(text))
    {
        return Err(SubmissionError::TooLong);
    }
    let id = EventId::random(rng);
    let mut details = Details::new();
    details.insert("link", Detail::Bytes(link.id.as_bytes().to_vec()))?;
    let telling = Telling {
        id,
        kind: "people.submission-received",
        at,
        organisation: link.made_by.organisation.clone(),
        actor: Actor::Job(JobName::new("people.submit")?),
        purpose: Purpose::from(link.class),
        details,
    };
    let (made_by, class) = (link.made_by.clone(), link.class);
    let submission = Submission { id, link: link.id, made_by, class, at, form };
    Ok(telling.of(submission, RecordKind::Submission))
}
