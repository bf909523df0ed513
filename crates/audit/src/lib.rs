//! The log that only grows: can anyone rewrite what happened without it being noticed?
//!
//! A log is a Merkle tree (RFC 6962) over entries that tell an outsider nothing: salted
//! commitments to events, and decoys that look the same. It is kept as C2SP tlog-tiles, its head is
//! a signed checkpoint, and witnesses cosign the checkpoint when they have seen that the tree only
//! grew. `docs/spec/log.md` says which documents hold and what is ours.
//!
//! This crate makes and checks all of these as bytes. It refuses to do any I/O, and has no clock and
//! no randomness: tiles come through [`TileSource`], times and seeds are arguments.
//!
//! ```
//! use portcullis_audit::{Checkpoint, Frontier, KeyName, LogSigner, Policy, Receipt, Salt, commit};
//!
//! let name: KeyName = "log.example/party".parse()?;
//! let signer = LogSigner::new(name, &[7; 32]);
//!
//! // The log takes a commitment to an event, never the event.
//! let commitment = commit(&Salt::new([1; 32]), b"the bytes of an event");
//! let mut finished = Vec::new();
//! let mut frontier = Frontier::new();
//! frontier.append(commitment.as_bytes(), &mut finished);
//!
//! // The head is signed, and a receipt shows that the commitment is in it.
//! let head = Checkpoint::new("log.example/party", frontier.size(), frontier.root())?;
//! let receipt = Receipt { extra: None, index: 0, path: vec![], checkpoint: head.sign(&signer) };
//! let policy = Policy::parse(format!("log {}\nquorum none\n", signer.verifier()).as_bytes())?;
//! receipt.verify(commitment.as_bytes(), &policy)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod bundle;
mod checkpoint;
mod cosign;
mod digest;
mod disclosure;
mod encoding;
mod export;
mod frontier;
mod key;
mod leaf;
mod link;
mod note;
mod pace;
mod policy;
mod proof;
mod receipt;
mod split;
mod tile;
mod tree;
mod witness;

pub use bundle::{BundleError, read_bundle, write_bundle};
pub use checkpoint::{Checkpoint, CheckpointError};
pub use cosign::{Cosignature, CosignatureError, Cosigner};
pub use digest::{Digest, empty_root, leaf_hash, node_hash};
pub use disclosure::{Disclosure, DisclosureError, DisclosureFormatError};
pub use export::{Damage, ExportReport, verify_export};
pub use frontier::{FinishedTile, Frontier};
pub use key::{KeyError, KeyKind, KeyName, LogSigner, VerifierKey};
pub use leaf::{Commitment, DecoyKey, Opened, Opening, Salt, commit, decoy_commitment, decoy_salt};
pub use link::{Attested, LinkError, LogLink, Point, ReasonCode};
pub use note::{Note, NoteError, SignatureError, SignatureLine};
pub use pace::{Due, Pace, PaceError, Place};
pub use policy::{Lacking, Policy, PolicyError, PolicyProblem, Satisfied, Unsatisfied};
pub use proof::{ProofError, verify_consistency, verify_inclusion};
pub use receipt::{Receipt, ReceiptError, ReceiptFormatError};
pub use split::{Held, Prefix, Split, SplitError, Splits, find_splits};
pub use tile::{Tile, TileKind, TilePathError};
pub use tree::{TileSource, Tree, TreeError};
pub use witness::{
    AddCheckpoint, Answer, KnownLog, Outcome, RequestError, Response, Seen, Witness,
    read_cosignatures, read_size,
};
