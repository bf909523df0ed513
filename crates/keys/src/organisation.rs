//! The keys of an organisation as such: what it signs with, and what others seal to.
//!
//! They are not those of its log and of cosigning, and none follows from another: who gets one has
//! one. A new key is begun before it is used; the one before signs until then, and goes on opening
//! what was sealed to it.

use crate::keyring::Keyring;
use crate::sealing::SealingKey;
use crate::secret::{SECRET_BYTES, Secret};
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// Which of its two keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OrganisationKey {
    /// Ed25519: everything that the organisation says as an organisation.
    Signing,
    /// X-Wing: what others seal to it.
    Sealing,
}

/// Why a key was not begun or destroyed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OrganisationKeyError {
    /// A key begins at that time or later already.
    #[error("a key begins at `{last_s}` seconds since 1970 already, and a new one begins after it")]
    NotAfter {
        /// When the last one begins, in seconds since 1970.
        last_s: u64,
    },
    /// The organisation has no keys yet.
    #[error("the organisation has no keys yet; make it first with `portcullis init`")]
    None,
    /// The keyring holds no such key.
    #[error("the keyring holds no such key")]
    Unknown,
    /// It is the last key of its kind.
    #[error("this is the last key of its kind; begin a new one first")]
    Last,
}

impl Keyring {
    /// Draws the first keys of the organisation, used from this second (since 1970) on. Where there
    /// are some already, nothing changes.
    pub fn begin_organisation(&mut self, random: &mut dyn FnMut(&mut [u8]), from_s: u64) {
        if !self.has_organisation_keys() {
            self.signing = BTreeMap::from([(from_s, Secret::random(random))]);
            self.sealing = BTreeMap::from([(from_s, Secret::random(random))]);
            self.changed();
        }
    }

    /// Whether the organisation has keys.
    pub fn has_organisation_keys(&self) -> bool {
        !self.signing.is_empty()
    }

    /// Draws a key that is used from this second (since 1970) on.
    ///
    /// # Errors
    /// Says so when there is none before it, or one that begins then or later.
    pub fn begin_organisation_key(
        &mut self,
        random: &mut dyn FnMut(&mut [u8]),
        which: OrganisationKey,
        from_s: u64,
    ) -> Result<(), OrganisationKeyError> {
        let seeds = self.organisation_seeds(which);
        let (last_s, _) = seeds.last_key_value().ok_or(OrganisationKeyError::None)?;
        if *last_s >= from_s {
            return Err(OrganisationKeyError::NotAfter { last_s: *last_s });
        }
        seeds.insert(from_s, Secret::random(random));
        self.changed();
        Ok(())
    }

    /// Destroys the key that began at this second: one that signs no more, or of which nothing is
    /// left to be opened. Copies of the keyring still hold it.
    ///
    /// # Errors
    /// Says so when there is no such key, or none after it.
    pub fn destroy_organisation_key(
        &mut self,
        which: OrganisationKey,
        from_s: u64,
    ) -> Result<(), OrganisationKeyError> {
        let seeds = self.organisation_seeds(which);
        if seeds.last_key_value().is_some_and(|(last_s, _)| *last_s == from_s) {
            return Err(OrganisationKeyError::Last);
        }
        seeds.remove(&from_s).ok_or(OrganisationKeyError::Unknown)?;
        self.changed();
        Ok(())
    }

    /// The seeds of the keys that the organisation signs with, by the second from which each is used.
    pub fn signing_seeds(&self) -> impl Iterator<Item = (u64, Zeroizing<[u8; SECRET_BYTES]>)> {
        self.signing.iter().map(|(from_s, seed)| (*from_s, Zeroizing::new(*seed.bytes())))
    }

    /// The keys that open what was sealed to the organisation, by the second from which others seal
    /// to each. Those before the last still open what was sealed to them.
    pub fn sealing_keys(&self) -> impl Iterator<Item = (u64, SealingKey)> {
        self.sealing.iter().map(|(from_s, seed)| (*from_s, SealingKey::from_seed(seed.bytes())))
    }

    fn organisation_seeds(&mut self, which: OrganisationKey) -> &mut BTreeMap<u64, Secret> {
        match which {
            OrganisationKey::Signing => &mut self.signing,
            OrganisationKey::Sealing => &mut self.sealing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Unlock, UnsealError};

    fn counting(start: u8) -> impl FnMut(&mut [u8]) {
        let mut count = start;
        move |buffer| {
            for byte in buffer {
                count = count.wrapping_mul(5).wrapping_add(17);
                *byte = count;
            }
        }
    }

    fn unlock() -> Unlock {
        Unlock::KeyFile(Zeroizing::new([7; 32]))
    }

    fn read_again(keyring: &Keyring) -> Keyring {
        Keyring::unlock(&keyring.lock(&mut counting(3), &unlock()), &unlock()).unwrap()
    }

    #[test]
    fn a_keyring_from_before_opens_and_gets_keys_once() {
        let mut keyring = read_again(&Keyring::new(&mut counting(1)));
        assert!(!keyring.has_organisation_keys());
        let revision = keyring.revision();
        keyring.begin_organisation(&mut counting(2), 100);
        assert_eq!(keyring.revision(), revision + 1);
        let first: Vec<_> = keyring.signing_seeds().collect();
        keyring.begin_organisation(&mut counting(9), 200);
        assert_eq!(keyring.revision(), revision + 1);
        let again = read_again(&keyring);
        assert_eq!(again.signing_seeds().collect::<Vec<_>>(), first);
        assert_eq!(again.state(), keyring.state());
    }

    // THREATS T-28
    #[test]
    fn the_secrets_for_signing_sealing_log_and_cosigning_are_four_and_differ() {
        let mut keyring = Keyring::new(&mut counting(1));
        keyring.begin_organisation(&mut counting(2), 100);
        let secrets = std::collections::BTreeSet::from([
            *keyring.signing_seeds().next().unwrap().1,
            *keyring.sealing_keys().next().unwrap().1.seed(),
            *keyring.log_seed(),
            *keyring.cosign_seed(),
        ]);
        assert_eq!(secrets.len(), 4);
    }

    // THREATS T-28
    #[test]
    fn a_sealing_key_that_was_followed_by_another_still_opens_until_it_is_destroyed() {
        let mut keyring = Keyring::new(&mut counting(1));
        keyring.begin_organisation(&mut counting(2), 100);
        let (_, before) = keyring.sealing_keys().next().unwrap();
        let sealed = before.public().seal(&mut counting(4), b"use", b"place", b"text");
        let which = OrganisationKey::Sealing;
        keyring.begin_organisation_key(&mut counting(5), which, 200).unwrap();
        let mut keyring = read_again(&keyring);
        let open = |keyring: &Keyring| {
            let keys: Vec<_> = keyring.sealing_keys().collect();
            keys.iter().find_map(|(_, key)| key.open(b"use", b"place", &sealed).ok()).is_some()
        };
        assert!(open(&keyring));
        let (_, after) = keyring.sealing_keys().last().unwrap();
        assert_eq!(after.open(b"use", b"place", &sealed), Err(UnsealError::NotForThis));
        keyring.destroy_organisation_key(which, 100).unwrap();
        assert!(!open(&read_again(&keyring)));
    }

    #[test]
    fn keys_are_begun_in_order_and_the_last_is_never_destroyed() {
        let mut keyring = Keyring::new(&mut counting(1));
        let which = OrganisationKey::Signing;
        let begin = |keyring: &mut Keyring, from_s| {
            keyring.begin_organisation_key(&mut counting(5), which, from_s)
        };
        assert_eq!(begin(&mut keyring, 5), Err(OrganisationKeyError::None));
        keyring.begin_organisation(&mut counting(2), 100);
        let refused = OrganisationKeyError::NotAfter { last_s: 100 };
        assert_eq!(begin(&mut keyring, 100), Err(refused));
        assert_eq!(keyring.destroy_organisation_key(which, 100), Err(OrganisationKeyError::Last));
        begin(&mut keyring, 101).unwrap();
        assert_eq!(keyring.destroy_organisation_key(which, 99), Err(OrganisationKeyError::Unknown));
        assert_eq!(keyring.destroy_organisation_key(which, 100), Ok(()));
        assert_eq!(keyring.signing_seeds().map(|(from_s, _)| from_s).collect::<Vec<_>>(), [101]);
    }
}
