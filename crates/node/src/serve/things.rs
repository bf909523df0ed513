//! What is asked for, as the policies are told of it: whose matter it is follows from what this
//! organisation is, and from the label of what came from elsewhere.

use super::problem::{Answer, Problem};
use super::state::State;
use crate::decisions::organisation;
use portcullis_access::{Asker, Deed, ForAsker, Judgement, Thing, ThingKind};
use portcullis_types::{Body, Label};

/// A thing of this organisation that bears a label. In a party, whatever it holds about people is its
/// own matter; whatever came from another party says so in its label (THREATS T-24).
pub(super) fn thing(asker: &Asker, kind: ThingKind, label: &Label) -> Thing {
    let own = organisation();
    // Whoever is known here is of this organisation. Before it has said what it is, it is a party.
    let is_party = asker.person().is_none_or(|person| person.body == Body::Party);
    let party = (is_party && is_a_matter(kind, label)).then(|| own.clone());
    Thing { label: label.clone(), party, ..Thing::new(kind, own) }
}

/// Whether such a thing is anybody's matter: an open list is published, and how the node itself is
/// kept tells of nobody outside.
fn is_a_matter(kind: ThingKind, label: &Label) -> bool {
    match kind {
        ThingKind::List => *label != Label::open(),
        ThingKind::Alert
        | ThingKind::Decision
        | ThingKind::Event
        | ThingKind::Figures
        | ThingKind::Link
        | ThingKind::Submission
        | ThingKind::Notice
        | ThingKind::Enquiry
        | ThingKind::Exposure => true,
        ThingKind::Account
        | ThingKind::WayIn
        | ThingKind::RoleChange
        | ThingKind::Token
        | ThingKind::Members
        | ThingKind::Job
        | ThingKind::Backup => false,
    }
}

/// Whether the asker may do this. A refusal tells no more than the policies let it.
pub(super) fn judged(
    state: &State,
    asker: &Asker,
    deed: impl Into<Deed>,
    thing: &Thing,
) -> Answer<()> {
    match state.policies.judge(state.clock.now(), asker, deed, thing) {
        Judgement::Allowed(_) => Ok(()),
        Judgement::Denied(denial) => Err(match denial.for_asker() {
            ForAsker::Absent => Problem::absent(),
            told @ ForAsker::Refused { .. } => Problem::refused(told.to_string()),
        }),
    }
}

/// Refuses a token that lacks the scope for this, and names the scope: an empty answer would be taken
/// for an all-clear. It is judged by a thing that anybody could think of, so that the answer is the same
/// whatever there is; where whoever stands behind the token may not either, nothing is said here.
pub(super) fn refuse_unscoped(
    state: &State,
    asker: &Asker,
    deed: impl Into<Deed>,
    kind: ThingKind,
) -> Answer<()> {
    let thing = thing(asker, kind, &Label::open());
    match state.policies.lacking_scope(state.clock.now(), asker, deed, &thing) {
        Some(scope) => Err(Problem::refused(format!("this token lacks `{scope}`"))),
        None => Ok(()),
    }
}
