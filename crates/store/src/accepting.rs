//! After a restore, a witness is shown what it cosigned last.
//!
//! The backup may be older than the last cosignature, and its key is as good as before. So nothing
//! is cosigned of a log until its last checkpoint that this node cosigned is handed in, by the log
//! or by anybody who has it (THREATS T-17).

use crate::database::Database;
use crate::tables::witnessed;
use crate::{StoreError, TransactionName};
use portcullis_audit::{Checkpoint, Cosignature, Cosigner, KeyName, Note, Seen};
use portcullis_types::OrganisationId;

/// Why a checkpoint was not accepted as what this node cosigned last.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AcceptError {
    /// It is none.
    #[error("this is no checkpoint of a log")]
    NotACheckpoint,
    /// It does not have the cosignature of this node.
    #[error(
        "this node has not cosigned the checkpoint under this name; give one that it cosigned, with its cosignature"
    )]
    NotCosigned,
    /// A later one is known.
    #[error(
        "this node is known to have cosigned a checkpoint of {size} leaves; give that or a later one"
    )]
    Older {
        /// How many leaves it had.
        size: u64,
    },
    /// Another history was cosigned.
    #[error(
        "this node is known to have cosigned another root for {size} leaves; keep both checkpoints, they are evidence"
    )]
    Forked {
        /// How many leaves both have.
        size: u64,
    },
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Database {
    /// Takes a checkpoint that this node cosigned under this name as the last one of its log, and
    /// goes on from there. It rests on whoever hands it in: that this node cosigned none after it
    /// cannot be told from it. Says of which log, and what is known to be seen of it from now on.
    ///
    /// # Errors
    ///
    /// [`AcceptError`]; nothing has changed then.
    pub fn accept_cosigned(
        &mut self,
        organisation: &OrganisationId,
        name: &KeyName,
        note: &[u8],
    ) -> Result<(String, Seen), AcceptError> {
        self.transact(TransactionName("witness.accept"), |open| {
            let cosigner = Cosigner::new(name.clone(), &open.keyring().cosign_seed());
            let note = Note::parse(note).map_err(|_| AcceptError::NotACheckpoint)?;
            let checkpoint: Checkpoint =
                note.text().parse().map_err(|_| AcceptError::NotACheckpoint)?;
            if !matches!(Cosignature::find(&note, &cosigner.verifier()), Ok(Some(_))) {
                return Err(AcceptError::NotCosigned);
            }
            let origin = checkpoint.origin();
            let now = Seen { size: checkpoint.size(), root: checkpoint.root() };
            if let Some(known) = witnessed::seen(open, origin)? {
                let Seen { size, root } = known.seen;
                if now.size < size {
                    return Err(AcceptError::Older { size });
                }
                if now.size == size && now.root != root {
                    return Err(AcceptError::Forked { size });
                }
            }
            witnessed::put(open, organisation, origin, now, &note.to_string())?;
            Ok((origin.to_owned(), now))
        })
    }
}
