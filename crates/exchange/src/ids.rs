//! Ids and digests, each a type of its own.

use portcullis_federation::Moment;
use portcullis_types::Rng;
use std::fmt;

macro_rules! bytes_id {
    ($(#[$doc:meta])* $name:ident, $length:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $length]);

        impl $name {
            /// The one with these bytes.
            pub const fn from_bytes(bytes: [u8; $length]) -> Self {
                Self(bytes)
            }

            /// The bytes.
            pub const fn as_bytes(&self) -> &[u8; $length] {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "("))?;
                self.0.iter().take(4).try_for_each(|byte| write!(f, "{byte:02x}"))?;
                f.write_str("…)")
            }
        }
    };
}

bytes_id! {
    /// What belongs together, and is delivered in the order in which it was said: 16 random bytes.
    Conversation, 16
}
bytes_id! {
    /// One life of a node's store: from when it was made, or restored from a backup, until it is
    /// restored again. Of two the later one is the greater. 8 bytes of the second in which it began,
    /// 8 random ones.
    Incarnation, 16
}
bytes_id! {
    /// The digest of a message: the same however often it is sent, and in whichever life of a node.
    MessageDigest, 32
}
bytes_id! {
    /// The digest of an envelope, by which it is acknowledged.
    EnvelopeDigest, 32
}
bytes_id! {
    /// The digest of a frame, by which it is answered.
    FrameDigest, 32
}

impl Conversation {
    /// Draws a new one.
    pub fn begin(rng: &mut dyn Rng) -> Self {
        let mut bytes = [0; 16];
        rng.fill(&mut bytes);
        Self(bytes)
    }
}

impl Incarnation {
    /// Begins a new life.
    pub fn begin(now: Moment, rng: &mut dyn Rng) -> Self {
        let mut random = [0; 8];
        rng.fill(&mut random);
        let mut bytes = [0; 16];
        let both = now.seconds().to_be_bytes().into_iter().chain(random);
        bytes.iter_mut().zip(both).for_each(|(byte, from)| *byte = from);
        Self(bytes)
    }

    /// The second since 1970 in which it began.
    pub fn began_s(&self) -> u64 {
        self.0.iter().take(8).fold(0, |seconds, byte| (seconds << 8) | u64::from(*byte))
    }
}
