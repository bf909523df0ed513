//! Two lists of one version: proof that somebody signed what must not be signed twice.

use crate::quorum::Tally;
use crate::{MemberList, RefusedList, SignedList};
use portcullis_types::OrganisationId;
use std::collections::BTreeSet;

/// Two lists of one version that both have the signatures they need, with the list that both follow
/// on. It proves itself to whoever knows that list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fork {
    before: Option<SignedList>,
    lists: [SignedList; 2],
}

/// Why this is no proof.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ForkError {
    /// The lists are of different federations or versions, or follow on different ones, or are the
    /// same.
    #[error("these are not two lists of one version that follow on the same one")]
    NotTwo,
    /// One of them is not signed as it must be.
    #[error("one of the lists is not signed as it must be")]
    NotSigned,
    /// One of the signatures does not count.
    #[error(transparent)]
    Refused(#[from] RefusedList),
}

impl Fork {
    /// The proof, if these lists are one.
    ///
    /// # Errors
    /// [`ForkError`] when they are none.
    pub fn new(
        before: Option<SignedList>,
        one: SignedList,
        other: SignedList,
    ) -> Result<Self, ForkError> {
        let (a, b) = (one.list(), other.list());
        let same = a.federation == b.federation && a.version == b.version;
        let digest = before.as_ref().map(SignedList::digest);
        let follow = a.previous == digest && b.previous == digest;
        if !same || !follow || one.digest() == other.digest() {
            return Err(ForkError::NotTwo);
        }
        let fork = Self { before, lists: [one, other] };
        let list = fork.before.as_ref().map(SignedList::list);
        for signed in &fork.lists {
            if !Tally::of(list, signed)?.is_complete() {
                return Err(ForkError::NotSigned);
            }
        }
        // Anybody can found a federation of any name: only one who founded two of a name forks it.
        if list.is_none() && fork.both().is_empty() {
            return Err(ForkError::NotTwo);
        }
        Ok(fork)
    }

    /// Of which version there are two.
    pub fn version(&self) -> u64 {
        let [one, _] = &self.lists;
        one.list().version
    }

    /// The list that both follow on.
    pub fn before(&self) -> Option<&SignedList> {
        self.before.as_ref()
    }

    /// The two, the one that was held first before the other.
    pub fn lists(&self) -> &[SignedList; 2] {
        &self.lists
    }

    /// Who signed both. There is always one: two quorums of one list share a member.
    pub fn both(&self) -> BTreeSet<OrganisationId> {
        let signers = |signed: &SignedList| -> BTreeSet<_> {
            signed.signatures().iter().map(|signature| signature.signer.clone()).collect()
        };
        let [one, other] = &self.lists;
        signers(one).intersection(&signers(other)).cloned().collect()
    }

    /// What both lists are lists of.
    pub fn list(&self) -> &MemberList {
        let [one, _] = &self.lists;
        one.list()
    }
}
