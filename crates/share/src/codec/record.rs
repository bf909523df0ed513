//! Records, which are maps from small numbers to fields, and closed vocabularies, which are texts.

use super::{Field, FormError, Stop};
use minicbor::Decoder;

/// Reads the fields of a map in the order of their keys.
pub(crate) struct Fields<'d, 'b> {
    decoder: &'d mut Decoder<'b>,
    left: u64,
}

impl<'d, 'b> Fields<'d, 'b> {
    pub(crate) fn begin(decoder: &'d mut Decoder<'b>) -> Result<Self, Stop> {
        let left = decoder.map()?.ok_or(Stop::Cbor)?;
        Ok(Self { decoder, left })
    }

    pub(crate) fn next<T: Field>(&mut self, key: u8, field: &'static str) -> Result<T, Stop> {
        let before = self.decoder.position();
        if self.left > 0 && self.decoder.u8()? == key {
            self.left = self.left.saturating_sub(1);
            return T::read(self.decoder).map_err(|stop| match stop {
                Stop::NotAllowed => Stop::Error(FormError::NotAllowed { field }),
                Stop::TooMany => Stop::Error(FormError::TooMany { field }),
                stop @ (Stop::Cbor | Stop::Error(_)) => stop,
            });
        }
        self.decoder.set_position(before);
        T::absent().ok_or(Stop::Error(FormError::Missing { field }))
    }

    pub(crate) fn end(self) -> Result<(), Stop> {
        if self.left == 0 {
            return Ok(());
        }
        Err(Stop::Error(FormError::UnknownField { position: self.decoder.position() }))
    }
}

/// A plain record with its canonical form.
macro_rules! record {
    ($(#[$meta:meta])* $vis:vis $name:ident $(: $most:literal)? {
        $($(#[$doc:meta])* $key:literal $field:ident: $type:ty,)*
    }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        $vis struct $name { $($(#[$doc])* $vis $field: $type,)* }

        impl $crate::codec::Field for $name {
            $(const MOST: usize = $most;)?

            fn write(
                &self,
                e: &mut minicbor::Encoder<Vec<u8>>,
            ) -> $crate::codec::Written {
                let there = [$(!self.$field.is_absent(),)*];
                e.map(there.iter().filter(|there| **there).count() as u64)?;
                $(if !self.$field.is_absent() {
                    e.u8($key)?;
                    self.$field.write(e)?;
                })*
                Ok(())
            }

            fn read(d: &mut minicbor::Decoder<'_>) -> Result<Self, $crate::codec::Stop> {
                let mut fields = $crate::codec::Fields::begin(d)?;
                $(let $field = fields.next($key, stringify!($field))?;)*
                fields.end()?;
                Ok(Self { $($field,)* })
            }
        }
    };
}

/// A closed vocabulary: each value has a code, which travels, and says something to people.
macro_rules! vocabulary {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $code:literal, $says:literal;)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$doc])* $variant,)* }

        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code that travels.
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// Reads a code.
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)* _ => None }
            }

            /// What it says to people.
            pub fn says(self) -> &'static str {
                match self { $(Self::$variant => $says,)* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.says())
            }
        }

        $crate::codec::coded!($name);
    };
}

/// What travels as the text of its code.
macro_rules! coded {
    ($name:ty) => {
        impl $crate::codec::Field for $name {
            fn write(&self, e: &mut minicbor::Encoder<Vec<u8>>) -> $crate::codec::Written {
                e.str(self.code()).map(drop)
            }

            fn read(d: &mut minicbor::Decoder<'_>) -> Result<Self, $crate::codec::Stop> {
                <$name>::from_code(d.str()?).ok_or($crate::codec::Stop::NotAllowed)
            }
        }
    };
}

/// What is kept by itself, as its canonical bytes.
macro_rules! kept {
    ($($name:ty),*) => {$(
        impl $name {
            /// The canonical bytes, for keeping it.
            pub fn to_bytes(&self) -> Vec<u8> {
                $crate::codec::to_bytes(self)
            }

            /// Reads it from its canonical bytes, and from no others. Nothing about it is checked by
            /// that.
            ///
            /// # Errors
            /// [`FormError`](crate::FormError) when they are not its canonical bytes.
            pub fn from_bytes(bytes: &[u8]) -> Result<Self, $crate::FormError> {
                $crate::codec::from_bytes(bytes)
            }
        }
    )*};
}

pub(crate) use {coded, kept, record, vocabulary};
