//! The federation as a node remembers it, and the keys with which it speaks there.

use crate::database::{Database, Open};
use crate::tables::members;
use crate::{StoreError, TransactionName};
use portcullis_decide::Change;
use portcullis_decide::members::{
    AcceptedList, CastVote, FoundFork, OwnKeyChange, OwnKeyDeed, OwnOrganisation, PinnedMember,
};
use portcullis_federation::{
    FederationName, Fork, History, ListDigest, ListSigner, MemberList, Moment, Signature,
    SigningPublic,
};
use portcullis_keys::{OrganisationKey, OrganisationKeyError, SealingPublic};
use portcullis_types::OrganisationId;

/// What can be looked up about the federation.
pub trait Members {
    /// What the organisation of this node is called in the federation.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be read, or was changed by somebody without the keyring.
    fn own_organisation(
        &self,
        organisation: &OrganisationId,
    ) -> Result<Option<OwnOrganisation>, StoreError>;

    /// The lists of the federation that this node is in, their signatures checked again.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when they cannot be read, or were changed by somebody without the keyring.
    fn member_history(&self, organisation: &OrganisationId) -> Result<Option<History>, StoreError>;

    /// The lists of a federation that this node is in, or was in.
    ///
    /// # Errors
    ///
    /// As [`Members::member_history`].
    fn member_history_of(
        &self,
        organisation: &OrganisationId,
        federation: &FederationName,
    ) -> Result<Option<History>, StoreError>;

    /// Which lists of a version this organisation signed.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when they cannot be read.
    fn member_votes(
        &self,
        organisation: &OrganisationId,
        of: (&FederationName, u64),
    ) -> Result<Vec<ListDigest>, StoreError>;

    /// Every proof of two lists of one version that was found.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when they cannot be read.
    fn member_forks(&self, organisation: &OrganisationId) -> Result<Vec<Fork>, StoreError>;
}

/// What can be changed about the federation; each with its event and leaf.
pub trait MembersWriter {
    /// Makes the organisation what it is called in the federation.
    ///
    /// # Errors
    ///
    /// [`StoreError::Overtaken`] when it was made before; else why it cannot be written.
    fn put_own_organisation(&mut self, change: &Change<OwnOrganisation>) -> Result<(), StoreError>;

    /// Takes a version of the list.
    ///
    /// # Errors
    ///
    /// [`StoreError::Overtaken`] when this version was taken meanwhile; else why it cannot be written.
    fn put_member_list(&mut self, change: &Change<AcceptedList>) -> Result<(), StoreError>;

    /// Pins what was compared in person.
    ///
    /// # Errors
    ///
    /// [`StoreError::Overtaken`] when no list is in force; else why it cannot be written.
    fn put_member_pin(&mut self, change: &Change<PinnedMember>) -> Result<(), StoreError>;

    /// Keeps which list was signed.
    ///
    /// # Errors
    ///
    /// [`StoreError::Overtaken`] when it was signed before; else why it cannot be written.
    fn put_member_vote(&mut self, change: &Change<CastVote>) -> Result<(), StoreError>;

    /// Keeps the proof of two lists of one version.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be written.
    fn put_member_fork(&mut self, change: &Change<FoundFork>) -> Result<(), StoreError>;
}

impl Members for Open<'_> {
    fn own_organisation(
        &self,
        organisation: &OrganisationId,
    ) -> Result<Option<OwnOrganisation>, StoreError> {
        members::own(self, organisation)
    }

    fn member_history(&self, organisation: &OrganisationId) -> Result<Option<History>, StoreError> {
        members::history(self, organisation)
    }

    fn member_history_of(
        &self,
        organisation: &OrganisationId,
        federation: &FederationName,
    ) -> Result<Option<History>, StoreError> {
        members::history_of(self, organisation, federation)
    }

    fn member_votes(
        &self,
        organisation: &OrganisationId,
        of: (&FederationName, u64),
    ) -> Result<Vec<ListDigest>, StoreError> {
        members::votes(self, organisation, of)
    }

    fn member_forks(&self, organisation: &OrganisationId) -> Result<Vec<Fork>, StoreError> {
        members::forks(self, organisation)
    }
}

impl MembersWriter for Open<'_> {
    fn put_own_organisation(&mut self, change: &Change<OwnOrganisation>) -> Result<(), StoreError> {
        members::put_own(self, change)
    }

    fn put_member_list(&mut self, change: &Change<AcceptedList>) -> Result<(), StoreError> {
        members::put_list(self, change)
    }

    fn put_member_pin(&mut self, change: &Change<PinnedMember>) -> Result<(), StoreError> {
        members::put_pin(self, change)
    }

    fn put_member_vote(&mut self, change: &Change<CastVote>) -> Result<(), StoreError> {
        members::put_vote(self, change)
    }

    fn put_member_fork(&mut self, change: &Change<FoundFork>) -> Result<(), StoreError> {
        members::put_fork(self, change)
    }
}

/// The public keys of this organisation, each with the second from which it is used.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OwnPublicKeys {
    /// What it signs with.
    pub signing: Vec<(Moment, SigningPublic)>,
    /// What others seal to.
    pub sealing: Vec<(Moment, SealingPublic)>,
}

/// Why the organisation's own keys were not changed.
#[derive(Debug, thiserror::Error)]
pub enum OwnKeyError {
    /// The keyring refuses.
    #[error(transparent)]
    Key(#[from] OrganisationKeyError),
    /// The store or the keyring cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Database {
    /// The public keys of this organisation; none before it has some.
    pub fn own_public_keys(&self) -> OwnPublicKeys {
        let keyring = self.vault.keyring();
        let from = |from_s| Moment::new(from_s).unwrap_or(Moment::END);
        let signing = keyring.signing_seeds();
        let signing = signing.map(|(at, seed)| (from(at), ListSigner::new(&seed).public()));
        let sealing = keyring.sealing_keys().map(|(at, key)| (from(at), key.public()));
        OwnPublicKeys { signing: signing.collect(), sealing: sealing.collect() }
    }

    /// Draws the organisation's first keys, used from this moment on. Where there are some already,
    /// nothing changes.
    ///
    /// # Errors
    ///
    /// Why the keyring cannot be written.
    pub fn make_own_keys(&mut self, from: Moment) -> Result<(), StoreError> {
        let rng = &self.rng;
        let mut random = |bytes: &mut [u8]| rng.fill(bytes);
        self.vault.change(&mut |bytes| rng.fill(bytes), |keyring| {
            keyring.begin_organisation(&mut random, from.seconds());
        })?;
        Ok(())
    }

    /// Draws or destroys a key of the organisation, and writes the event of it. Its user makes new
    /// copies of the keyring then.
    ///
    /// # Errors
    ///
    /// [`OwnKeyError`]; the key may be in the keyring without its event when that could not be
    /// written, and is in no list then.
    pub fn change_own_key(&mut self, change: &Change<OwnKeyChange>) -> Result<(), OwnKeyError> {
        let OwnKeyChange { deed, from } = *change.state();
        let rng = &self.rng;
        let mut random = |bytes: &mut [u8]| rng.fill(bytes);
        let (signing, sealing) = (OrganisationKey::Signing, OrganisationKey::Sealing);
        let from_s = from.seconds();
        self.vault
            .change(&mut |bytes| rng.fill(bytes), |keyring| match deed {
                OwnKeyDeed::SigningBegun => {
                    keyring.begin_organisation_key(&mut random, signing, from_s)
                }
                OwnKeyDeed::SealingBegun => {
                    keyring.begin_organisation_key(&mut random, sealing, from_s)
                }
                OwnKeyDeed::SigningDestroyed => keyring.destroy_organisation_key(signing, from_s),
                OwnKeyDeed::SealingDestroyed => keyring.destroy_organisation_key(sealing, from_s),
            })
            .map_err(StoreError::from)??;
        self.transact(TransactionName("members.key"), |open| members::put_own_key(open, change))?;
        Ok(())
    }

    /// Signs a list with one of the organisation's keys; nothing when the keyring does not hold it.
    /// Who calls this has kept that it signs, with [`MembersWriter::put_member_vote`].
    pub fn sign_list(
        &self,
        key: &SigningPublic,
        signer: &OrganisationId,
        list: &MemberList,
    ) -> Option<Signature> {
        self.vault
            .keyring()
            .signing_seeds()
            .map(|(_, seed)| ListSigner::new(&seed))
            .find(|own| own.public() == *key)
            .map(|own| own.sign(signer, list))
    }
}
