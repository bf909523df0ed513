//! The keyring: every key of a node that is not shredded.

use crate::cell::{self, NONCE_BYTES, OpenError, Opened, Place, SealError, Sealed};
use crate::contents;
use crate::file::{self, Unlock, UnlockError};
use crate::list::{ReplayError, ShreddedList};
use crate::number::RecordNumber;
use crate::path::{self, Path};
use crate::ranges::Ranges;
use crate::secret::{SECRET_BYTES, Secret};
use crate::tree::Tree;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::RangeInclusive;
use std::sync::{Mutex, TryLockError};
use zeroize::Zeroizing;

/// The number of the first generation.
pub(crate) const FIRST_GENERATION: u32 = 1;

/// What stands before the purpose when a blind index is made.
const BLIND: &[u8] = b"portcullis-blind/v1";

/// Every key of a node: those of the records that are not shredded, and one each for the log, for
/// cosigning, for decoy leaves and for blind indexes.
///
/// Its secrets are overwritten on drop, and `Debug` shows none of them. It is changed in memory;
/// to keep a change, the caller locks it and writes the file before relying on it. A clone is a
/// copy like any other: what is shredded in the one opens with the other until that is dropped.
///
/// ```
/// use portcullis_keys::{Keyring, OpenError, Place, RecordNumber};
/// # let mut count = 0_u8;
/// # let mut random = |bytes: &mut [u8]| bytes.iter_mut().for_each(|byte| {
/// #     count = count.wrapping_add(1);
/// #     *byte = count;
/// # });
/// let mut keyring = Keyring::new(&mut random);
/// let record = RecordNumber::new(17).ok_or("too great")?;
/// let place = Place { table: "decision", row: b"41", column: "reason" };
/// let cell = keyring.seal(&mut random, record, &place, b"another birth date")?;
/// assert_eq!(&*keyring.open(record, &place, &cell)?, b"another birth date");
///
/// keyring.shred(record);
/// assert_eq!(keyring.open(record, &place, &cell), Err(OpenError::Shredded { record: 17 }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// ```compile_fail,E0277
/// fn show(keyring: portcullis_keys::Keyring) {
///     println!("{keyring}"); // Keyring has no Display
/// }
/// ```
pub struct Keyring {
    pub(crate) id: [u8; 16],
    pub(crate) revision: u64,
    pub(crate) shredded: Ranges,
    /// INVARIANT: holds at least one, each punctured as `shredded` says.
    pub(crate) generations: BTreeMap<u32, Tree>,
    pub(crate) log: Secret,
    pub(crate) cosign: Secret,
    pub(crate) decoy: Secret,
    pub(crate) blind: Secret,
    /// Seeds of the keys that the organisation signs with, by the second from which each is used.
    /// INVARIANT: empty exactly when `sealing` is.
    pub(crate) signing: BTreeMap<u64, Secret>,
    /// Seeds of the keys that others seal to.
    pub(crate) sealing: BTreeMap<u64, Secret>,
    /// INVARIANT: forgotten whenever a tree is punctured or goes.
    path: Mutex<Option<Path>>,
}

/// Why a generation was not destroyed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DestroyError {
    /// New cells are sealed under it.
    #[error("generation `{generation}` is the one in use; begin another and seal its cells anew")]
    Current {
        /// The generation.
        generation: u32,
    },
    /// The keyring does not hold it.
    #[error("the keyring holds no generation `{generation}`")]
    Unknown {
        /// The generation.
        generation: u32,
    },
}

impl Keyring {
    /// A new keyring, with one generation and nothing shredded.
    pub fn new(random: &mut dyn FnMut(&mut [u8])) -> Self {
        let mut id = [0; 16];
        random(&mut id);
        Self {
            id,
            revision: 1,
            shredded: Ranges::default(),
            generations: BTreeMap::from([(FIRST_GENERATION, Tree::grown(Secret::random(random)))]),
            log: Secret::random(random),
            cosign: Secret::random(random),
            decoy: Secret::random(random),
            blind: Secret::random(random),
            signing: BTreeMap::new(),
            sealing: BTreeMap::new(),
            path: Mutex::default(),
        }
    }

    pub(crate) fn from_parts(
        (id, revision, shredded): ([u8; 16], u64, Ranges),
        generations: BTreeMap<u32, Tree>,
        [log, cosign, decoy, blind]: [Secret; 4],
    ) -> Self {
        let (signing, sealing, path) = (BTreeMap::new(), BTreeMap::new(), Mutex::default());
        Self {
            id,
            revision,
            shredded,
            generations,
            log,
            cosign,
            decoy,
            blind,
            signing,
            sealing,
            path,
        }
    }

    /// Counts the changes: it grows by one with each. Of two copies of a keyring, the one with the
    /// greater revision is the later.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The generation that new cells are sealed under.
    pub fn generation(&self) -> u32 {
        self.generations.last_key_value().map_or(FIRST_GENERATION, |(number, _)| *number)
    }

    /// Every generation that the keyring holds, the earliest first.
    pub fn generations(&self) -> impl Iterator<Item = u32> {
        self.generations.keys().copied()
    }

    /// Seals a text for its place, under the key of its record.
    ///
    /// # Errors
    /// Says so when the record is shredded or the text is longer than 64 MiB.
    pub fn seal(
        &self,
        random: &mut dyn FnMut(&mut [u8]),
        record: RecordNumber,
        place: &Place<'_>,
        plain: &[u8],
    ) -> Result<Vec<u8>, SealError> {
        let (record, generation) = (record.value(), self.generation());
        let tree = self.generations.get(&generation);
        let key = tree.and_then(|tree| self.record_key(generation, tree, record));
        let key = key.ok_or(SealError::Shredded { record })?;
        let mut nonce = [0; NONCE_BYTES];
        random(&mut nonce);
        cell::seal(&key, generation, nonce, record, place, plain)
    }

    /// Opens a cell in the place that it was sealed for.
    ///
    /// # Errors
    /// Says so when the record is shredded, when the keyring does not hold the generation, when
    /// the form is unknown, and when the bytes are not what was sealed for this place.
    pub fn open(
        &self,
        record: RecordNumber,
        place: &Place<'_>,
        sealed: &[u8],
    ) -> Result<Opened, OpenError> {
        let sealed = Sealed::parse(sealed)?;
        let (record, generation) = (record.value(), sealed.generation);
        if self.shredded.contains(record) {
            return Err(OpenError::Shredded { record });
        }
        let tree = self.generations.get(&generation);
        let tree = tree.ok_or(OpenError::UnknownGeneration { generation })?;
        let key = self.record_key(generation, tree, record);
        sealed.open(&key.ok_or(OpenError::Shredded { record })?, record, place)
    }

    /// The generation that a cell is sealed under; nothing when the bytes are no cell.
    pub fn generation_of(sealed: &[u8]) -> Option<u32> {
        Sealed::parse(sealed).ok().map(|sealed| sealed.generation)
    }

    /// Makes a record unopenable for good, in every generation. Doing it twice changes nothing.
    ///
    /// It holds once the keyring is written and no copy from before is left.
    pub fn shred(&mut self, record: RecordNumber) {
        self.merge_shredded([record.value()..=record.value()]);
    }

    /// Shreds every record of the ranges; numbers of 2^40 and more are no records and passed over.
    /// For another copy of the same keyring; a list from a file goes through
    /// [`Keyring::replay`], which checks whose it is.
    pub fn merge_shredded(&mut self, ranges: impl IntoIterator<Item = RangeInclusive<u64>>) {
        let mut changed = false;
        for range in ranges {
            if self.shredded.insert(&range) {
                self.generations.values_mut().for_each(|tree| tree.puncture(&range));
                changed = true;
            }
        }
        if changed {
            self.changed();
        }
    }

    /// Shreds every record of a list that this keyring, or a copy of it, gave out.
    ///
    /// # Errors
    /// Says so when the list is of another keyring, or was altered by somebody who does not hold
    /// this one.
    pub fn replay(&mut self, list: &ShreddedList) -> Result<(), ReplayError> {
        list.check(&self.id, &self.blind)?;
        self.merge_shredded(list.ranges());
        Ok(())
    }

    /// The list of what is shredded, to be held elsewhere and replayed after a restore.
    pub fn shredded_list(&self) -> ShreddedList {
        ShreddedList::new(self.id, self.revision, self.shredded.clone(), &self.blind)
    }

    /// Whether a record is shredded.
    pub fn is_shredded(&self, record: RecordNumber) -> bool {
        self.shredded.contains(record.value())
    }

    /// The numbers that are shredded, as ranges in order that do not touch.
    pub fn shredded(&self) -> impl Iterator<Item = RangeInclusive<u64>> {
        self.shredded.iter()
    }

    /// Begins a generation: new cells are sealed under it, those before it stay openable. What is
    /// shredded is so in the new one too.
    ///
    /// A copy of the keyring from before opens nothing that is sealed from now on: the caller
    /// writes the file before sealing anything, and its user makes new copies.
    #[expect(clippy::missing_panics_doc, reason = "nobody begins two thousand million of them")]
    pub fn begin_generation(&mut self, random: &mut dyn FnMut(&mut [u8])) {
        let number = self.generation().checked_add(1);
        let number = number.expect("generations are read only below 2^31, and begun one by one");
        let mut tree = Tree::grown(Secret::random(random));
        self.shredded.iter().for_each(|range| tree.puncture(&range));
        self.generations.insert(number, tree);
        self.changed();
    }

    /// Destroys the keys of a generation: whatever is still sealed under it opens no more.
    ///
    /// # Errors
    /// Says so when it is the one in use or the keyring does not hold it.
    pub fn destroy_generation(&mut self, generation: u32) -> Result<(), DestroyError> {
        if generation == self.generation() {
            return Err(DestroyError::Current { generation });
        }
        self.generations.remove(&generation).ok_or(DestroyError::Unknown { generation })?;
        self.changed();
        Ok(())
    }

    /// What two copies of one keyring have in common exactly while they hold the same: a digest of all
    /// that is in it, under the key for blind indexes. It takes the longer, the more was shredded.
    pub fn state(&self) -> [u8; 32] {
        self.blind("keyring/state", &contents::write(self))
    }

    /// A value that is the same for the same bytes and purpose, and tells nothing about them to
    /// whoever does not hold the keyring: for finding what is equal without its text.
    ///
    /// Whoever holds the keyring can try guesses on it, also after the record is shredded: it must
    /// not be made of protected text that backups would keep.
    pub fn blind(&self, purpose: &'static str, bytes: &[u8]) -> [u8; 32] {
        let length = (purpose.len() as u64).to_be_bytes();
        self.blind.hmac(&[BLIND, &length, purpose.as_bytes(), bytes])
    }

    /// The secret from which the key of each log follows that signs its checkpoints.
    pub fn log_seed(&self) -> Zeroizing<[u8; SECRET_BYTES]> {
        Zeroizing::new(*self.log.bytes())
    }

    /// The seed of the key that cosigns the checkpoints of others.
    pub fn cosign_seed(&self) -> Zeroizing<[u8; SECRET_BYTES]> {
        Zeroizing::new(*self.cosign.bytes())
    }

    /// The key that the salts of decoy leaves are made with.
    pub fn decoy_key(&self) -> Zeroizing<[u8; SECRET_BYTES]> {
        Zeroizing::new(*self.decoy.bytes())
    }

    /// The bytes of the file that the keyring is kept in. With a passphrase it takes a moment and
    /// 64 MiB of memory, on purpose.
    pub fn lock(&self, random: &mut dyn FnMut(&mut [u8]), with: &Unlock) -> Vec<u8> {
        file::lock(random, with, contents::write(self))
    }

    /// Reads the bytes of a file.
    ///
    /// # Errors
    /// Tells apart what can be told apart: a file of another kind or version, one that was
    /// damaged, one that is opened by other means, one that asks for more than is reasonable, and
    /// a wrong key.
    pub fn unlock(bytes: &[u8], with: &Unlock) -> Result<Self, UnlockError> {
        contents::read(&file::unlock(bytes, with)?).ok_or(UnlockError::Malformed)
    }

    pub(crate) fn changed(&mut self) {
        *self.path.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner) = None;
        self.revision = self.revision.saturating_add(1);
    }

    /// The key of a record. Whoever finds the remembered way in use goes down from the node.
    fn record_key(&self, generation: u32, tree: &Tree, record: u64) -> Option<Secret> {
        match self.path.try_lock() {
            Ok(mut path) => path::record_key(&mut path, generation, tree, record),
            Err(TryLockError::Poisoned(_) | TryLockError::WouldBlock) => {
                path::record_key(&mut None, generation, tree, record)
            }
        }
    }
}

impl Clone for Keyring {
    fn clone(&self) -> Self {
        Self {
            id: self.id,
            revision: self.revision,
            shredded: self.shredded.clone(),
            generations: self.generations.clone(),
            log: self.log.clone(),
            cosign: self.cosign.clone(),
            decoy: self.decoy.clone(),
            blind: self.blind.clone(),
            signing: self.signing.clone(),
            sealing: self.sealing.clone(),
            path: Mutex::default(),
        }
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keyring(…)")
    }
}
