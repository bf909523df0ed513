//! What the events tell of people: the log keeps it, and its witnesses keep the log.

use super::approval::PRINTED;
use super::enrolment::ENROLLED;
use super::first::FIRST;
use crate::Digest;
use portcullis_types::{
    Actor, Detail, Event, EventId, EventTime, OfficerId, OrganisationId, PersonId, Role,
};

/// What happened to people, in the order in which the events tell of it.
#[derive(Debug, Clone, Default)]
pub struct Told(pub(super) Vec<(EventTime, Deed)>);

/// What happened.
#[derive(Debug, Clone)]
pub(super) enum Deed {
    /// The first administrators, with these roles each.
    First { people: Vec<(OfficerId, Vec<Role>)>, series: EventId, sheet: Vec<Digest> },
    /// Somebody came in, with this key, and what he signs in with.
    Enrolled { officer: OfficerId, key: [u8; 32], credential: Option<(EventId, Digest)> },
    /// A proposal was made.
    Proposed { proposal: EventId },
    /// A proposal was approved.
    Approved { proposal: EventId },
    /// Somebody was suspended.
    Suspended { officer: OfficerId },
    /// Somebody left.
    Left { officer: OfficerId },
    /// An administrator outside was taken off.
    OutsideRemoved { person: PersonId },
    /// A sheet of recovery codes was printed.
    Printed { by: OfficerId, proposal: EventId, series: EventId, sheet: Vec<Digest> },
    /// Something to sign in with was added.
    CredentialAdded { officer: OfficerId, credential: (EventId, Digest) },
    /// And taken away.
    CredentialRemoved { officer: OfficerId, credential: EventId },
}

impl Told {
    /// Notes what this event tells of people. Events come in the order in which they happened.
    pub fn note(&mut self, event: &Event) {
        self.0.extend(deed(event).map(|deed| (event.at, deed)));
    }
}

fn deed(event: &Event) -> Option<Deed> {
    let by = || match &event.actor {
        Actor::Officer(officer) => Some(officer.clone()),
        Actor::Job(_) => None,
    };
    let officer = || OfficerId::new(text(event, "officer")?).ok();
    let id = |name| Some(EventId::from_bytes(bytes(event, name)?.try_into().ok()?));
    let credential = || {
        let lookup = bytes(event, "lookup")?.try_into().ok()?;
        Some((id("credential")?, Digest::from_bytes(lookup)))
    };
    Some(match event.kind.as_str() {
        FIRST => {
            let one = |number: u32| {
                let officer = OfficerId::new(text(event, &format!("officer-{number}"))?).ok()?;
                let roles = text(event, &format!("roles-{number}")).unwrap_or_default();
                Some((officer, roles.split(' ').filter_map(Role::from_code).collect()))
            };
            let people = (1..).map_while(one).collect();
            Deed::First { people, series: event.id, sheet: sheet(event) }
        }
        ENROLLED => Deed::Enrolled {
            officer: by()?,
            key: bytes(event, "signing-key")?.try_into().ok()?,
            credential: credential(),
        },
        "people.proposed" | "people.proposed-with-recovery-code" => {
            Deed::Proposed { proposal: event.id }
        }
        "people.approved" | "people.approved-with-recovery-code" | "people.approved-outside" => {
            Deed::Approved { proposal: id("proposal")? }
        }
        "people.suspended" => Deed::Suspended { officer: officer()? },
        "people.ended" => Deed::Left { officer: officer()? },
        "people.outside-removed" => {
            let organisation = OrganisationId::new(text(event, "outside")?).ok()?;
            Deed::OutsideRemoved { person: PersonId { organisation, officer: officer()? } }
        }
        PRINTED => Deed::Printed {
            by: by()?,
            proposal: id("proposal")?,
            series: event.id,
            sheet: sheet(event),
        },
        "people.credential-added" => {
            Deed::CredentialAdded { officer: by()?, credential: credential()? }
        }
        "people.credential-removed" => {
            Deed::CredentialRemoved { officer: by()?, credential: id("credential")? }
        }
        _ => return None,
    })
}

/// The digests of the recovery codes on the sheet that this event tells of, in their order; none where it
/// tells of no sheet.
pub fn sheet(event: &Event) -> Vec<Digest> {
    let of_sheet = matches!(event.kind.as_str(), FIRST | PRINTED);
    let Some(bytes) = bytes(event, "sheet").filter(|_| of_sheet) else { return Vec::new() };
    bytes.as_chunks::<32>().0.iter().map(|digest| Digest::from_bytes(*digest)).collect()
}

/// The same, as the detail of the event.
pub(super) fn sheet_detail(digests: &[Digest]) -> Detail {
    Detail::Bytes(digests.iter().flat_map(|digest| *digest.as_bytes()).collect())
}

fn bytes<'a>(event: &'a Event, name: &str) -> Option<&'a [u8]> {
    match event.details.get(name) {
        Some(Detail::Bytes(bytes)) => Some(bytes),
        _ => None,
    }
}

fn text<'a>(event: &'a Event, name: &str) -> Option<&'a str> {
    match event.details.get(name) {
        Some(Detail::Text(text)) => Some(text.reveal()),
        _ => None,
    }
}
