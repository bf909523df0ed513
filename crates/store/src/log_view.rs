//! The log as others may see it, with what only the node knows of it: which leaf is which event's.

use crate::database::{Database, Open};
use crate::tables::log::{self, Log, LogTiles, StoredCheckpoint};
use crate::tables::{events, witnessed};
use crate::{StoreError, StoredEvent, TransactionName};
use portcullis_audit::{
    AddCheckpoint, Answer, Commitment, Cosigner, DecoyKey, KeyName, KnownLog, LogSigner, Opening,
    SignatureLine, TileSource, VerifierKey, Witness, decoy_commitment, decoy_salt,
};
use portcullis_types::{EventId, OrganisationId};
use std::fmt;
use zeroize::Zeroizing;

/// The logs of one organisation at one moment.
pub struct LogView<'a, 'c> {
    open: &'a Open<'c>,
    organisation: &'a OrganisationId,
}

impl fmt::Debug for LogView<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogView").field("organisation", &self.organisation).finish_non_exhaustive()
    }
}

/// Where the leaf of an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whereabouts {
    /// In a log.
    InLog {
        /// The number of the log.
        log: u64,
        /// Its index there, from 0.
        index: u64,
    },
    /// It waits for a boundary.
    Waiting {
        /// How many leaves are before it.
        before: u64,
    },
    /// There is no such event.
    Unknown,
}

impl Database {
    /// Looks at the logs of an organisation.
    ///
    /// # Errors
    ///
    /// Whatever `look` returns, or why the store cannot be read.
    pub fn read_logs<T, E: From<StoreError>>(
        &mut self,
        organisation: &OrganisationId,
        look: impl FnOnce(&LogView<'_, '_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.look(|open| look(&LogView { open, organisation }))
    }

    /// Keeps what witnesses added to the checkpoint of this size. Who calls this has verified them.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when they cannot be written.
    pub fn add_cosignatures(
        &mut self,
        organisation: &OrganisationId,
        log: &Log,
        size: u64,
        lines: &[SignatureLine],
    ) -> Result<(), StoreError> {
        self.transact(TransactionName("log.cosignature"), |open| {
            for line in lines {
                log::put_cosignature(open, organisation, log, size, line)?;
            }
            Ok(())
        })
    }

    /// Answers a request to cosign, as a witness of others' logs. What was seen is kept before the
    /// answer is given, in the transaction that read what was seen before (THREATS T-17). What was
    /// seen according to a backup counts once [`Database::accept_cosigned`] has confirmed it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be kept; there is no answer then.
    pub fn cosign(
        &mut self,
        organisation: &OrganisationId,
        time_s: u64,
        name: &KeyName,
        logs: &[KnownLog],
        request: &[u8],
    ) -> Result<Answer, StoreError> {
        self.transact(TransactionName("witness.cosign"), |open| {
            let cosigner = cosigner(open, name);
            let witness = Witness { cosigner: &cosigner, logs };
            let mut confirmed = true;
            let answer = witness.answer(time_s, request, |origin| {
                let known = witnessed::seen(open, origin)?;
                confirmed = known.is_none_or(|known| known.confirmed);
                Ok::<_, StoreError>(known.map(|known| known.seen))
            })?;
            if !confirmed {
                return Ok(Answer::unconfirmed());
            }
            if let Some((origin, seen)) = &answer.to_store {
                let request = AddCheckpoint::parse(request);
                let note = request.map(|request| request.checkpoint.to_string());
                witnessed::put(open, organisation, origin, *seen, &note.unwrap_or_default())?;
            }
            Ok(answer)
        })
    }

    /// The public key with which this node cosigns the checkpoints of others, under a name.
    pub fn witness_key(&self, name: &KeyName) -> VerifierKey {
        Cosigner::new(name.clone(), &self.vault.keyring().cosign_seed()).verifier()
    }
}

fn cosigner(open: &Open<'_>, name: &KeyName) -> Cosigner {
    Cosigner::new(name.clone(), &open.keyring().cosign_seed())
}

impl LogView<'_, '_> {
    /// All logs, the latest last.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when they cannot be read.
    pub fn logs(&self) -> Result<Vec<Log>, StoreError> {
        log::all(self.open, self.organisation)
    }

    /// The log that is open.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be read.
    pub fn current(&self) -> Result<Option<Log>, StoreError> {
        log::current(self.open, self.organisation)
    }

    /// The public key of a log; none where its origin can't name a key.
    pub fn key(&self, log: &Log) -> Option<VerifierKey> {
        let name: KeyName = log.origin.parse().ok()?;
        Some(LogSigner::of_origin(name, &self.open.keyring().log_seed()).verifier())
    }

    /// Leaves in a log.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be read.
    pub fn size(&self, log: &Log) -> Result<u64, StoreError> {
        log::size(self.open, log)
    }

    /// Leaves that wait for the next boundary.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when they cannot be counted.
    pub fn waiting(&self) -> Result<u64, StoreError> {
        log::count_waiting(self.open, self.organisation)
    }

    /// The checkpoint of this size, with what witnesses added.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be read.
    pub fn checkpoint(&self, log: &Log, size: u64) -> Result<Option<StoredCheckpoint>, StoreError> {
        log::checkpoint(self.open, log, size)
    }

    /// The size of the largest checkpoint that a witness cosigned; 0 where there is none.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be read.
    pub fn last_cosigned(&self, log: &Log) -> Result<u64, StoreError> {
        log::last_cosigned(self.open, log)
    }

    /// The tiles of a log, for proofs and exports.
    pub fn tiles<'v>(&'v self, log: &'v Log) -> impl TileSource<Error = StoreError> + 'v {
        LogTiles { open: self.open, log }
    }

    /// Where the leaf of an event is.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be read.
    pub fn whereabouts(&self, event: EventId) -> Result<Whereabouts, StoreError> {
        if let Some((log, index)) = log::place_of(self.open, event)? {
            return Ok(Whereabouts::InLog { log, index });
        }
        Ok(log::waiting_before(self.open, self.organisation, event)?
            .map_or(Whereabouts::Unknown, |before| Whereabouts::Waiting { before }))
    }

    /// The leaf at an index of a log, and whether it is an event's.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be read.
    pub fn leaf(&self, log: &Log, index: u64) -> Result<Option<Leaf>, StoreError> {
        log::leaf(self.open, log, index)
    }

    /// What shows that the leaf at an index is a decoy; none where it is an event's.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be read.
    pub fn decoy(&self, log: &Log, index: u64) -> Result<Option<Opening>, StoreError> {
        let key = DecoyKey::new(*self.open.keyring().decoy_key());
        let leaf = self.leaf(log, index)?;
        let decoy = leaf.is_some_and(|leaf| {
            leaf.event.is_none() && leaf.entry == decoy_commitment(&key, &log.origin, index)
        });
        Ok(decoy.then(|| Opening {
            salt: decoy_salt(&key, &log.origin, index),
            payload: Zeroizing::new(Vec::new()),
        }))
    }

    /// An event with what opens its leaf; none where there is none or it was erased.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be read.
    pub fn event(&self, event: EventId) -> Result<Option<StoredEvent>, StoreError> {
        events::one(self.open, self.organisation, event)
    }

    /// As [`Reader::events_after`](crate::Reader::events_after).
    ///
    /// # Errors
    ///
    /// [`StoreError`] when they cannot be read.
    pub fn events_after(
        &self,
        position: u64,
    ) -> Result<(Vec<StoredEvent>, Option<u64>), StoreError> {
        events::after(self.open, self.organisation, position)
    }
}

/// A leaf of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leaf {
    /// What stands in the log.
    pub entry: Commitment,
    /// The position of its event in the store; none for a decoy.
    pub event: Option<u64>,
}
