//! A receipt with what opens its entry: shows an overseer what one entry of the log stands for.

use crate::encoding::{self, take_line};
use crate::leaf::{Commitment, Opened, Opening, Salt};
use crate::note;
use crate::policy::{Policy, Satisfied};
use crate::receipt::{Receipt, ReceiptError, ReceiptFormatError};
use zeroize::Zeroizing;

/// The first line.
const HEADER: &str = "portcullis-opening/v1";

/// Bytes of it, at most: an event of 64 KiB in base64, and a receipt.
const LONGEST: usize = 2 * note::LONGEST;

/// What opens an entry, and the receipt that shows it to be in the log.
#[derive(Debug, Clone)]
pub struct Disclosure {
    /// What the entry stands for.
    pub opening: Opening,
    /// That it is in the log. Its extra data is the entry.
    pub receipt: Receipt,
}

/// Why bytes are no disclosure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DisclosureFormatError {
    /// It is longer than it may be, or not UTF-8.
    #[error("the opening is too long or not text")]
    Text {},
    /// A line is missing or malformed.
    #[error("line {line} of the opening is malformed")]
    Line {
        /// Which, from 1.
        line: usize,
    },
    /// What follows the empty line is no receipt.
    #[error("the opening has no receipt in it")]
    Receipt(#[source] ReceiptFormatError),
}

/// Why a disclosure does not show what an entry stands for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DisclosureError {
    /// The receipt has no entry in its extra data.
    #[error("the receipt does not hold the entry that it is of")]
    NoEntry {},
    /// The receipt does not hold.
    #[error(transparent)]
    Receipt(#[from] ReceiptError),
    /// The opening belongs to another entry.
    #[error("the opening does not belong to the entry: it was altered, or is of another one")]
    Mismatch {},
}

impl Receipt {
    /// The entry that it is of, from its extra data, where that has the length of one.
    pub fn entry(&self) -> Option<Commitment> {
        self.extra.as_deref().and_then(Commitment::from_entry)
    }

    /// As [`Receipt::verify`], for the entry that it holds.
    ///
    /// # Errors
    /// When it holds none, or it is not shown to be in the log.
    pub fn verify_own(&self, policy: &Policy) -> Result<(Commitment, Satisfied), DisclosureError> {
        let entry = self.entry().ok_or(DisclosureError::NoEntry {})?;
        Ok((entry, self.verify(entry.as_bytes(), policy)?))
    }
}

impl Disclosure {
    /// Reads a disclosure. Only the form of [`Disclosure::to_text`] is taken.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(bytes: &[u8]) -> Result<Self, DisclosureFormatError> {
        if bytes.len() > LONGEST {
            return Err(DisclosureFormatError::Text {});
        }
        let mut rest = std::str::from_utf8(bytes).map_err(|_| DisclosureFormatError::Text {})?;
        let line = |line| DisclosureFormatError::Line { line };
        if take_line(&mut rest) != Some(HEADER) {
            return Err(line(1));
        }
        let salt = take_line(&mut rest).and_then(|text| text.strip_prefix("salt "));
        let salt = salt.and_then(encoding::decode).map(Zeroizing::new);
        let salt = salt.and_then(|salt| salt.as_slice().try_into().ok()).ok_or(line(2))?;
        let payload = match take_line(&mut rest).ok_or(line(3))? {
            "decoy" => Vec::new(),
            text => text
                .strip_prefix("event ")
                .and_then(encoding::decode)
                .filter(|event| !event.is_empty())
                .ok_or(line(3))?,
        };
        if take_line(&mut rest) != Some("") {
            return Err(line(4));
        }
        let receipt = Receipt::parse(rest.as_bytes()).map_err(DisclosureFormatError::Receipt)?;
        let opening = Opening { salt: Salt::new(salt), payload: Zeroizing::new(payload) };
        Ok(Self { opening, receipt })
    }

    /// The text form. It tells what the entry stands for, so it is as secret as the event.
    pub fn to_text(&self) -> Zeroizing<String> {
        let salt = Zeroizing::new(encoding::encode(self.opening.salt.as_bytes()));
        let payload = if self.opening.payload.is_empty() {
            Zeroizing::new("decoy".to_owned())
        } else {
            Zeroizing::new(format!("event {}", encoding::encode(&self.opening.payload)))
        };
        Zeroizing::new(format!(
            "{HEADER}\nsalt {}\n{}\n\n{}",
            salt.as_str(),
            payload.as_str(),
            self.receipt
        ))
    }

    /// Checks the receipt, and that the opening belongs to its entry. Says what the entry stands for:
    /// an event or a decoy.
    ///
    /// # Errors
    /// When one of both is not so.
    pub fn verify(&self, policy: &Policy) -> Result<(Opened, Satisfied), DisclosureError> {
        let (entry, satisfied) = self.receipt.verify_own(policy)?;
        match self.opening.verify(&entry) {
            Opened::Mismatch => Err(DisclosureError::Mismatch {}),
            opened => Ok((opened, satisfied)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Checkpoint, Frontier, LogSigner, commit};
    use proptest::prelude::*;

    fn made(payload: &[u8]) -> (Disclosure, Policy) {
        let signer = LogSigner::new("log.example/tests".parse().unwrap(), &[7; 32]);
        let salt = Salt::new([1; 32]);
        let entry = commit(&salt, payload);
        let mut frontier = Frontier::new();
        frontier.append(entry.as_bytes(), &mut Vec::new());
        let head = Checkpoint::new("log.example/tests", 1, frontier.root()).unwrap();
        let receipt = Receipt {
            extra: Some(entry.as_bytes().to_vec()),
            index: 0,
            path: Vec::new(),
            checkpoint: head.sign(&signer),
        };
        let opening = Opening { salt, payload: Zeroizing::new(payload.to_vec()) };
        let policy = format!("log {}\nquorum none\n", signer.verifier());
        (Disclosure { opening, receipt }, Policy::parse(policy.as_bytes()).unwrap())
    }

    #[test]
    fn what_was_written_reads_back_and_says_what_the_entry_is() {
        for (payload, expected) in [(b"an event".as_slice(), Opened::Real), (b"", Opened::Decoy)] {
            let (disclosure, policy) = made(payload);
            let read = Disclosure::parse(disclosure.to_text().as_bytes()).unwrap();
            assert_eq!(read.to_text(), disclosure.to_text());
            assert_eq!(read.verify(&policy).unwrap().0, expected);
        }
    }

    #[test]
    fn no_byte_of_it_can_be_altered_unnoticed() {
        let (disclosure, policy) = made(b"an event");
        let text = disclosure.to_text();
        for at in 0..text.len() {
            let mut bytes = text.as_bytes().to_vec();
            bytes[at] ^= 1;
            let read = Disclosure::parse(&bytes);
            assert!(read.is_err() || read.unwrap().verify(&policy).is_err(), "byte {at}");
        }
    }

    #[test]
    fn a_real_event_cannot_be_shown_as_a_decoy() {
        let (mut disclosure, policy) = made(b"an event");
        disclosure.opening.payload = Zeroizing::new(Vec::new());
        assert_eq!(disclosure.verify(&policy), Err(DisclosureError::Mismatch {}));
    }

    #[test]
    fn a_receipt_without_its_entry_is_refused() {
        let (mut disclosure, policy) = made(b"an event");
        disclosure.receipt.extra = None;
        assert_eq!(disclosure.verify(&policy), Err(DisclosureError::NoEntry {}));
    }

    proptest! {
        #[test]
        fn no_input_panics(bytes in prop::collection::vec(any::<u8>(), 0..200), cut in 0..1000_usize) {
            let _ = Disclosure::parse(&bytes);
            let text = made(b"an event").0.to_text();
            let cut = &text.as_bytes()[..cut.min(text.len())];
            let _ = Disclosure::parse(&[cut, &bytes].concat());
        }
    }
}
