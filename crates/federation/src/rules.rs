//! Which changes of a member need its own signature, and which key has a say.

use crate::{Member, MemberList, Moment, SigningPublic};
use portcullis_types::OrganisationId;

/// What a signature by a key has to say.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Say {
    /// It is a vote, by the list before.
    pub(crate) votes: bool,
    /// It agrees, by the list itself.
    pub(crate) agrees: bool,
}

impl Say {
    /// Whether it counts at all.
    pub(crate) fn is_any(self) -> bool {
        self.votes || self.agrees
    }
}

/// What a signature by this key has to say about a list: the one rule, for those who sign and those
/// who count.
pub(crate) fn say(
    before: Option<&MemberList>,
    list: &MemberList,
    signer: &OrganisationId,
    key: &SigningPublic,
) -> Say {
    let votes = before.is_some_and(|before| has_vote(before, list.issued, signer, key));
    Say { votes, agrees: is_named(list, signer, key) }
}

/// Whether this key of a member has a vote on what follows on the list, issued at this moment. It may
/// have been begun for later; it must not have ended or been lost.
fn has_vote(
    before: &MemberList,
    issued: Moment,
    signer: &OrganisationId,
    key: &SigningPublic,
) -> bool {
    let member = before.member(signer).filter(|member| member.revoked.is_none());
    member.is_some_and(|member| {
        member.keys.signing.iter().any(|dated| {
            dated.key == *key
                && dated.lost.is_none()
                && dated.until.is_none_or(|until| issued < until)
        })
    })
}

/// Whether the list itself names this key for this member, neither as lost nor for one that is revoked.
fn is_named(list: &MemberList, signer: &OrganisationId, key: &SigningPublic) -> bool {
    list.member(signer).filter(|member| member.revoked.is_none()).is_some_and(|member| {
        member.keys.signing.iter().any(|dated| dated.key == *key && dated.lost.is_none())
    })
}

/// Whether a member must agree with the key that the list before names: when its keys change, what
/// it is, or where it is reached. Only where the list says that all of those keys were lost it can't,
/// and when it is revoked it need not.
pub(crate) fn needs_owner(before: Option<&Member>, after: &Member) -> bool {
    let Some(before) = before.filter(|before| before.revoked.is_none()) else { return false };
    if after.revoked.is_some() {
        return false;
    }
    let same =
        before.keys == after.keys && before.body == after.body && before.endpoint == after.endpoint;
    !same && !has_lost_all(before, after)
}

fn has_lost_all(before: &Member, after: &Member) -> bool {
    let usable = before.keys.signing.iter().filter(|dated| dated.lost.is_none());
    usable
        .filter(|dated| dated.until.is_none())
        .all(|old| after.keys.signing.iter().any(|new| new.key == old.key && new.lost.is_some()))
}

/// Whether a member must agree with a key that the list names itself.
pub(crate) enum NewMember {
    /// No: it was a member with this key before.
    No,
    /// Yes, with this one.
    WithKey(SigningPublic),
}

/// Whether a member is new, or its last signing key is: it proves that it holds the key, and that it
/// agrees to be named so.
pub(crate) fn newcomer(before: Option<&Member>, after: &Member) -> NewMember {
    let last = after.keys.signing.last().map(|dated| dated.key);
    let Some(key) = last.filter(|_| after.revoked.is_none()) else { return NewMember::No };
    let known = before.filter(|before| before.revoked.is_none());
    let had = known.is_some_and(|before| before.keys.signing.iter().any(|old| old.key == key));
    if had { NewMember::No } else { NewMember::WithKey(key) }
}
