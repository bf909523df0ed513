//! The events of the exchange.

use crate::decision::kind;
use crate::{Digest, NotAPersonError, StatedReason, check_person};
use portcullis_federation::Moment;
use portcullis_types::{
    Actor, Clock, Detail, Details, Event, EventError, EventId, EventTime, Gateway, JobName,
    OfficerId, OrganisationId, Purpose, Rng,
};

/// Who acts, in whose node, and what for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acting {
    /// The organisation whose node it is; it controls what comes of it.
    pub organisation: OrganisationId,
    /// Who acts; never a job.
    pub officer: OfficerId,
    /// What the facts are processed for.
    pub purpose: Purpose,
}

/// Why something of the exchange can't be done at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ActError {
    /// The officer is no person.
    #[error(transparent)]
    Officer(#[from] NotAPersonError),
    /// The event can't be made.
    #[error("this cannot be written as an event")]
    Event(#[from] EventError),
}

/// The second in which something happens.
pub(super) fn moment(clock: &dyn Clock) -> Result<Moment, EventError> {
    Moment::of(clock.now()).ok_or(EventError::OutOfRange)
}

/// What happened, before it is known by whom.
pub(super) struct Telling {
    kind: &'static str,
    gateway: Option<Gateway>,
    details: Details,
}

impl Telling {
    /// Something of this kind.
    pub(super) fn of(kind: &'static str) -> Self {
        Self { kind, gateway: None, details: Details::new() }
    }

    /// That passes through a gateway.
    pub(super) fn through(mut self, gateway: Gateway) -> Self {
        self.gateway = Some(gateway);
        self
    }

    /// With this detail. No detail of the exchange is protected text.
    pub(super) fn with(
        mut self,
        name: &str,
        detail: impl Into<Detail>,
    ) -> Result<Self, EventError> {
        self.details.insert(name, detail)?;
        Ok(self)
    }

    /// With the digest of an officer's reason: the text stays in the record, and whoever is shown
    /// it can see that it is the one that was given.
    pub(super) fn because(self, reason: &StatedReason) -> Result<Self, EventError> {
        let digest = Digest::of("exchange/reason", [reason.text().reveal().as_bytes()]);
        self.with("reason", Detail::Bytes(digest.as_bytes().to_vec()))
    }

    /// Done by an officer, now.
    pub(super) fn by(
        self,
        clock: &dyn Clock,
        rng: &mut dyn Rng,
        acting: &Acting,
    ) -> Result<Event, ActError> {
        check_person(&acting.officer)?;
        let actor = Actor::Officer(acting.officer.clone());
        Ok(self.event(clock, rng, &acting.organisation, acting.purpose, actor)?)
    }

    /// Done by a job, now.
    pub(super) fn by_job(
        self,
        clock: &dyn Clock,
        rng: &mut dyn Rng,
        (organisation, purpose): (&OrganisationId, Purpose),
        job: &JobName,
    ) -> Result<Event, EventError> {
        self.event(clock, rng, organisation, purpose, Actor::Job(job.clone()))
    }

    fn event(
        self,
        clock: &dyn Clock,
        rng: &mut dyn Rng,
        organisation: &OrganisationId,
        purpose: Purpose,
        actor: Actor,
    ) -> Result<Event, EventError> {
        Ok(Event {
            id: EventId::random(rng),
            kind: kind(self.kind),
            at: EventTime::rounded_down(clock.now())?,
            organisation: organisation.clone(),
            actor,
            purpose,
            gateway: self.gateway,
            details: self.details,
        })
    }
}
