//! What people compare in person or on the telephone.

use crate::codec;
use crate::member::MemberKeys;
use portcullis_types::{Body, OrganisationId};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::str::FromStr;

/// What stands before the identity in the digest.
const DOMAIN: &[u8] = b"portcullis-identity/v1";

/// How often it is digested: it makes finding two identities of one fingerprint as much dearer.
const ROUNDS: u32 = 4096;

/// Groups of a fingerprint, and digits of a group without its check digit.
const GROUPS: usize = 6;
const DIGITS: usize = 5;

/// Damm's quasigroup of order 10 (H. M. Damm, "Total anti-symmetrische Quasigruppen", 2004): finds
/// every single wrong digit and every two neighbours exchanged.
const DAMM: [[u8; 10]; 10] = [
    [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
    [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
    [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
    [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
    [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
    [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
    [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
    [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
    [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
    [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
];

/// Six groups of six digits that stand for an organisation: its id, what it is, and its keys. The
/// last digit of each group is a check digit, so that whoever mishears knows which group to ask for
/// again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; GROUPS * DIGITS]);

/// Why a text is no fingerprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FingerprintError {
    /// It has another number of digits, or something else than digits.
    #[error("a fingerprint has six groups of six digits")]
    Form,
    /// A check digit does not fit.
    #[error("group {group} of the fingerprint is not as it was read out; ask for it again")]
    Group {
        /// Which, from 1.
        group: usize,
    },
}

impl Fingerprint {
    /// The fingerprint of an organisation: of the last key of each kind.
    pub fn new(id: &OrganisationId, body: Body, keys: &MemberKeys) -> Self {
        let identity = codec::identity(id, body, keys);
        let mut digest: [u8; 32] =
            Sha256::new_with_prefix(DOMAIN).chain_update(&identity).finalize().into();
        for _ in 0..ROUNDS {
            digest = Sha256::new_with_prefix(digest).chain_update(DOMAIN).finalize().into();
        }
        let mut digits = [0; GROUPS * DIGITS];
        // A remainder of 128 bits by 10^30 favours no number by more than 2^-28.
        let (half, _) = digest.split_first_chunk::<16>().unwrap_or((&[0; 16], &[]));
        let mut number = u128::from_be_bytes(*half);
        for digit in digits.iter_mut().rev() {
            *digit = u8::try_from(number.rem_euclid(10)).unwrap_or_default();
            number = number.div_euclid(10);
        }
        Self(digits)
    }

    fn groups(&self) -> impl Iterator<Item = (usize, &[u8])> {
        self.0.chunks(DIGITS).enumerate()
    }
}

/// The check digit of a group. The group's own number goes in first: groups in another order are
/// noticed too.
fn check(group: usize, digits: &[u8]) -> u8 {
    let number = u8::try_from(group).unwrap_or_default();
    [number].iter().chain(digits).fold(0, |interim, digit| {
        let row = DAMM.get(usize::from(interim));
        row.and_then(|row| row.get(usize::from(*digit))).copied().unwrap_or_default()
    })
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (group, digits) in self.groups() {
            if group > 0 {
                f.write_str(" ")?;
            }
            digits.iter().try_for_each(|digit| write!(f, "{digit}"))?;
            write!(f, "{}", check(group, digits))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

impl FromStr for Fingerprint {
    type Err = FingerprintError;

    /// Reads six groups; spaces and `-` may stand anywhere.
    fn from_str(text: &str) -> Result<Self, FingerprintError> {
        let digits: Vec<u8> = text
            .chars()
            .filter(|c| !matches!(c, ' ' | '-'))
            .map(|c| c.to_digit(10).and_then(|digit| u8::try_from(digit).ok()))
            .collect::<Option<_>>()
            .ok_or(FingerprintError::Form)?;
        let (groups, rest) = digits.as_chunks::<{ DIGITS + 1 }>();
        if groups.len() != GROUPS || !rest.is_empty() {
            return Err(FingerprintError::Form);
        }
        let mut all = Vec::with_capacity(GROUPS * DIGITS);
        for (group, [digits @ .., stated]) in groups.iter().enumerate() {
            if check(group, digits) != *stated {
                return Err(FingerprintError::Group { group: group.saturating_add(1) });
            }
            all.extend_from_slice(digits);
        }
        all.try_into().map(Self).map_err(|_| FingerprintError::Form)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Damm's own example: the check digit of 572 is 4 (first interim digit 0).
    #[test]
    fn the_check_digit_of_572_is_4() {
        assert_eq!(check(0, &[5, 7, 2]), 4);
    }

    fn digits() -> impl Strategy<Value = Fingerprint> {
        proptest::array::uniform30(0_u8..10).prop_map(Fingerprint)
    }

    proptest! {
        #[test]
        fn what_is_read_out_is_read_back(fingerprint in digits()) {
            let text = fingerprint.to_string();
            prop_assert_eq!(text.len(), 41);
            prop_assert_eq!(text.parse(), Ok(fingerprint));
            prop_assert_eq!(text.replace(' ', "-").parse(), Ok(fingerprint));
        }

        #[test]
        fn a_wrong_digit_or_two_exchanged_are_noticed_with_their_group(
            fingerprint in digits(), at in 0_usize..36, by in 1_u8..10,
        ) {
            let text: Vec<u8> = fingerprint.to_string().replace(' ', "").into_bytes();
            let mut wrong = text.clone();
            wrong[at] = b'0' + (wrong[at] - b'0' + by) % 10;
            let error = FingerprintError::Group { group: at / 6 + 1 };
            prop_assert_eq!(String::from_utf8(wrong).unwrap().parse::<Fingerprint>(), Err(error));
            if at % 6 < 5 && text[at] != text[at + 1] {
                let mut swapped = text.clone();
                swapped.swap(at, at + 1);
                let swapped = String::from_utf8(swapped).unwrap();
                prop_assert_eq!(swapped.parse::<Fingerprint>(), Err(error));
            }
        }

        #[test]
        fn no_text_makes_reading_panic(text in "[0-9 \\-a-zé]{0,60}") {
            let _ = text.parse::<Fingerprint>();
        }
    }
}
