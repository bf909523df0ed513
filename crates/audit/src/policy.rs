//! Trust policies (C2SP tlog-policy): which logs, which witnesses, and how many of them.

mod read;

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::cosign::Cosignature;
use crate::key::{KeyError, KeyName, VerifierKey};
use crate::note::{Note, SignatureError};
use std::fmt;

/// Who must have signed and cosigned a checkpoint for it to be believed.
///
/// It is trusted: whoever can change it decides which history is believed.
#[derive(Debug, Clone)]
pub struct Policy {
    logs: Vec<Log>,
    /// INVARIANT: members of a group stand before it, so that going through it ends.
    nodes: Vec<Node>,
    /// `None` where no cosignature is needed.
    quorum: Option<usize>,
}

#[derive(Debug, Clone)]
struct Log {
    key: VerifierKey,
    url: Option<String>,
}

#[derive(Debug, Clone)]
struct Node {
    name: String,
    kind: NodeKind,
}

#[derive(Debug, Clone)]
enum NodeKind {
    Witness { key: Box<VerifierKey>, url: Option<String> },
    Group { threshold: usize, members: Vec<usize> },
}

/// Why a file is no policy, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column} of the policy: {problem}")]
pub struct PolicyError {
    /// From 1.
    pub line: usize,
    /// The byte within the line, from 1.
    pub column: usize,
    /// What is wrong there.
    pub problem: PolicyProblem,
}

/// What is wrong with a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyProblem {
    /// A control character, or a last line that does not end.
    #[error("only tabs, newlines and printable characters may stand here, and each line must end")]
    Character {},
    /// The file or one of its parts is too large.
    #[error("the policy is larger than this program takes")]
    TooLarge {},
    /// The line begins with another word than `log`, `witness`, `group` or `quorum`.
    #[error("a line begins with `log`, `witness`, `group` or `quorum`")]
    Keyword {},
    /// The line ends too early.
    #[error("something is missing at the end of this line")]
    Missing {},
    /// The line goes on where it should end.
    #[error("nothing more may stand on this line")]
    Surplus {},
    /// The key is malformed or of the wrong kind.
    #[error("this key cannot be used here: {0}")]
    Key(KeyError),
    /// A cosigning key stands for a log, or the key of a log for a witness.
    #[error("a log needs a key of type 1 and a witness one of type 4")]
    WrongUse {},
    /// A public key stands twice.
    #[error("this key is there already")]
    DuplicateKey {},
    /// A name is defined twice, or is `none`.
    #[error("this name is taken already")]
    DuplicateName {},
    /// A name is not defined on a line before.
    #[error("no witness or group of this name stands on a line before")]
    UnknownName {},
    /// A name is a member of two groups, or twice of one.
    #[error("this name is a member of a group already")]
    MemberTwice {},
    /// The threshold is no number from 1 to the count of members.
    #[error("the threshold must be `any`, `all` or a number from 1 to the count of members")]
    Threshold {},
    /// There is more than one quorum.
    #[error("there is a quorum already")]
    SecondQuorum {},
    /// There is no quorum.
    #[error("the policy has no line `quorum`")]
    NoQuorum {},
}

/// A checkpoint that meets the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Satisfied {
    /// The checkpoint.
    pub checkpoint: Checkpoint,
    /// Those witnesses of the policy that have validly cosigned it, whether needed or not.
    pub cosigners: Vec<Cosignature>,
}

/// Why a checkpoint does not meet the policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsatisfied {
    /// The note is no checkpoint.
    #[error("the note is no checkpoint")]
    Checkpoint(#[from] CheckpointError),
    /// No log of the policy has signed it, or a signature is not valid.
    #[error("the checkpoint is not signed by a log of the policy")]
    Log(#[from] SignatureError),
    /// The key of a log has signed a checkpoint of another origin.
    #[error("the checkpoint is of `{origin}`, which is not the log whose key has signed it")]
    Origin {
        /// The origin on the checkpoint.
        origin: String,
    },
    /// A cosignature that says it is by a witness of the policy is not valid.
    #[error("the cosignature of `{name}` is not valid; the checkpoint was altered or it is forged")]
    Cosignature {
        /// The name of the witness's key.
        name: KeyName,
    },
    /// Too few witnesses have cosigned it.
    #[error("too few witnesses have cosigned the checkpoint: {lacking}")]
    Quorum {
        /// Those who have.
        cosigners: Vec<Cosignature>,
        /// What is lacking.
        lacking: Lacking,
    },
}

/// What is lacking for a quorum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lacking {
    /// The cosignature of a witness.
    Witness {
        /// Its name in the policy.
        name: String,
    },
    /// Members of a group.
    Group {
        /// Its name in the policy.
        name: String,
        /// How many more of them are needed.
        needed: usize,
        /// Those that are lacking, of which so many are needed.
        of: Vec<Lacking>,
    },
}

impl fmt::Display for Lacking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Witness { name } => write!(f, "`{name}`"),
            Self::Group { name, needed, of } => {
                write!(f, "`{name}` needs {needed} more of ")?;
                for (place, lacking) in of.iter().enumerate() {
                    let separator = if place == 0 { "" } else { ", " };
                    match lacking {
                        Self::Witness { .. } => write!(f, "{separator}{lacking}")?,
                        Self::Group { .. } => write!(f, "{separator}({lacking})")?,
                    }
                }
                Ok(())
            }
        }
    }
}

impl Policy {
    /// Reads a policy file.
    ///
    /// # Errors
    /// When it is none; the error says where.
    pub fn parse(bytes: &[u8]) -> Result<Self, PolicyError> {
        read::read(bytes)
    }

    /// The logs, each with the address where it can be reached, if that is said.
    pub fn logs(&self) -> impl Iterator<Item = (&VerifierKey, Option<&str>)> {
        self.logs.iter().map(|log| (&log.key, log.url.as_deref()))
    }

    /// The witnesses, each with the address where it can be reached, if that is said.
    pub fn witnesses(&self) -> impl Iterator<Item = (&VerifierKey, Option<&str>)> {
        self.nodes.iter().filter_map(|node| match &node.kind {
            NodeKind::Witness { key, url } => Some((&**key, url.as_deref())),
            NodeKind::Group { .. } => None,
        })
    }

    /// Checks that a note is a checkpoint which a log of the policy has signed and enough of its
    /// witnesses have cosigned. Signatures by others are passed over.
    ///
    /// # Errors
    /// When it is not so, or when a signature that says it is by a key of the policy is not valid.
    pub fn check(&self, note: &Note) -> Result<Satisfied, Unsatisfied> {
        let checkpoint: Checkpoint = note.text().parse()?;
        let signers = note.verify(self.logs.iter().map(|log| &log.key))?;
        if !signers.iter().any(|key| key.name().as_str() == checkpoint.origin()) {
            return Err(Unsatisfied::Origin { origin: checkpoint.origin().to_owned() });
        }
        let mut cosigners = Vec::new();
        let mut witnessed: Vec<Result<(), Lacking>> = Vec::new();
        for node in &self.nodes {
            witnessed.push(match &node.kind {
                NodeKind::Witness { key, .. } => {
                    let found = Cosignature::find(note, key);
                    let name = key.name().clone();
                    match found.map_err(|_| Unsatisfied::Cosignature { name })? {
                        Some(cosignature) => {
                            cosigners.push(cosignature);
                            Ok(())
                        }
                        None => Err(Lacking::Witness { name: node.name.clone() }),
                    }
                }
                NodeKind::Group { threshold, members } => {
                    let of: Vec<Lacking> = members
                        .iter()
                        .filter_map(|member| witnessed.get(*member)?.clone().err())
                        .collect();
                    let needed = (threshold + of.len()).saturating_sub(members.len());
                    match needed {
                        0 => Ok(()),
                        needed => Err(Lacking::Group { name: node.name.clone(), needed, of }),
                    }
                }
            });
        }
        match self.quorum.and_then(|place| witnessed.get(place)) {
            Some(Err(lacking)) => Err(Unsatisfied::Quorum { cosigners, lacking: lacking.clone() }),
            Some(Ok(())) | None => Ok(Satisfied { checkpoint, cosigners }),
        }
    }
}
