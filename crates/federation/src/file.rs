//! The file in which lists go about: one or several versions with their signatures.

use crate::codec::{self, FormError, Stop, length, read_all, version};
use crate::list::{MOST_BYTES, MOST_MEMBERS};
use crate::member::SigningPublic;
use crate::{Card, Fork, Signature, SignedList};
use minicbor::Decoder;

/// What every file begins with; the kind follows.
const MAGIC: &[u8] = b"portcullis-members\0";

const LISTS: u8 = 1;
const CARD: u8 = 2;
const FORK: u8 = 3;

/// Versions in a file, at most.
const MOST_LISTS: usize = 10_000;

/// Bytes of a file, at most.
const MOST_FILE_BYTES: usize = 64 << 20;

/// What stands in a file besides its lists, in bytes, rounded up.
const ROOM: usize = 64;

/// Why bytes are no such file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// It is something else.
    #[error("this is no file of a federation: neither lists nor the card of an organisation")]
    Other,
    /// It is longer than such a file may be.
    #[error("a file of a federation has at most {MOST_FILE_BYTES} bytes")]
    TooLong,
    /// It says that it proves a fork, and does not.
    #[error("this is no proof: the lists in it are not two of one version, signed as they must be")]
    NoFork,
    /// What it holds is not as it must be.
    #[error(transparent)]
    Form(#[from] FormError),
}

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MemberFile {
    /// Versions of the list, in the order in which they were put there.
    Lists(Vec<SignedList>),
    /// What an organisation says of itself.
    Card(Box<Card>),
    /// The proof that there are two lists of one version.
    Fork(Box<Fork>),
}

impl MemberFile {
    /// Puts lists into as many files as they need, each of which [`MemberFile::from_bytes`] reads.
    pub fn of_lists(lists: Vec<SignedList>) -> Vec<Self> {
        let mut files: Vec<Vec<SignedList>> = Vec::new();
        let mut length = 0_usize;
        for signed in lists {
            let own = lists_bytes(&[&signed]).len();
            match files.last_mut() {
                Some(last)
                    if last.len() < MOST_LISTS && length.saturating_add(own) < MOST_FILE_BYTES =>
                {
                    length = length.saturating_add(own);
                    last.push(signed);
                }
                _ => {
                    length = own.saturating_add(ROOM);
                    files.push(vec![signed]);
                }
            }
        }
        files.into_iter().map(Self::Lists).collect()
    }

    /// The bytes of the file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let (kind, content) = match self {
            Self::Lists(lists) => (LISTS, lists_bytes(&lists.iter().collect::<Vec<_>>())),
            Self::Card(card) => (CARD, codec::card_bytes(card)),
            Self::Fork(fork) => {
                let lists: Vec<_> = fork.before().into_iter().chain(fork.lists()).collect();
                (FORK, lists_bytes(&lists))
            }
        };
        [MAGIC, &[kind], &content].concat()
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`FileError`] when it is none, or what it holds is not as it must be.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FileError> {
        if bytes.len() > MOST_FILE_BYTES {
            return Err(FileError::TooLong);
        }
        let rest = bytes.strip_prefix(MAGIC).ok_or(FileError::Other)?;
        match rest.split_first() {
            Some((&LISTS, rest)) => Ok(Self::Lists(read_lists(rest)?)),
            Some((&CARD, rest)) => Ok(Self::Card(Box::new(read_card(rest)?))),
            Some((&FORK, rest)) => read_fork(rest).map(Box::new).map(Self::Fork),
            _ => Err(FileError::Other),
        }
    }
}

fn read_card(bytes: &[u8]) -> Result<Card, FormError> {
    codec::read_card(bytes)
}

fn read_fork(bytes: &[u8]) -> Result<Fork, FileError> {
    let mut lists = read_lists(bytes)?;
    let (Some(other), Some(one)) = (lists.pop(), lists.pop()) else {
        return Err(FileError::NoFork);
    };
    let before = lists.pop();
    if !lists.is_empty() {
        return Err(FileError::NoFork);
    }
    Fork::new(before, one, other).map_err(|_| FileError::NoFork)
}

fn lists_bytes(lists: &[&SignedList]) -> Vec<u8> {
    codec::written(|e| {
        e.map(2)?.u8(0)?.u64(1)?;
        e.u8(1)?.array(lists.len() as u64)?;
        for signed in lists {
            e.array(2)?.bytes(signed.document())?;
            e.array(signed.signatures().len() as u64)?;
            for Signature { signer, key, bytes } in signed.signatures() {
                e.array(3)?.str(signer.as_str())?.bytes(key.as_bytes())?.bytes(bytes)?;
            }
        }
        Ok(())
    })
}

fn read_lists(bytes: &[u8]) -> Result<Vec<SignedList>, FormError> {
    read_all(bytes, MOST_FILE_BYTES, lists, |lists| lists_bytes(&lists.iter().collect::<Vec<_>>()))
}

fn lists(d: &mut Decoder<'_>) -> Result<Vec<SignedList>, Stop> {
    let fields = d.map()?;
    version(d)?;
    if fields != Some(2) || d.u8()? != 1 {
        return Err(Stop::Cbor);
    }
    let count = length(d.array()?, MOST_LISTS)?;
    (0..count).map(|_| signed(d)).collect()
}

fn signed(d: &mut Decoder<'_>) -> Result<SignedList, Stop> {
    if d.array()? != Some(2) {
        return Err(Stop::Cbor);
    }
    let document = d.bytes()?;
    if document.len() > MOST_BYTES {
        return Err(Stop::Error(FormError::TooLong));
    }
    // Two of each: with the key before and the key after.
    let count = length(d.array()?, MOST_MEMBERS.saturating_mul(2))?;
    let signatures = (0..count).map(|_| signature(d)).collect::<Result<_, _>>()?;
    SignedList::from_parts(document.to_vec(), signatures).map_err(Stop::Error)
}

fn signature(d: &mut Decoder<'_>) -> Result<Signature, Stop> {
    let not_allowed = || Stop::Error(FormError::NotAllowed { field: "signature" });
    if d.array()? != Some(3) {
        return Err(Stop::Cbor);
    }
    let signer = codec::organisation(d)?;
    let key = d.bytes()?.try_into().map_err(|_| not_allowed())?;
    let key = SigningPublic::from_bytes(key).ok_or_else(not_allowed)?;
    let bytes = d.bytes()?.try_into().map_err(|_| not_allowed())?;
    Ok(Signature { signer, key, bytes })
}
