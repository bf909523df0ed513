//! Entry bundles: entries one after another, each with its length as two bytes in front.

/// Why bytes are no entry bundle, or entries do not go into one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    /// An entry is cut off.
    #[error("entry {entry} of the bundle is cut off")]
    CutOff {
        /// Which, from 0.
        entry: usize,
    },
    /// There are more entries than a tile holds.
    #[error("the bundle holds more than 256 entries")]
    TooMany {},
    /// An entry is longer than its length field can say.
    #[error("entry {entry} has {length_bytes} bytes, more than 65535")]
    TooLong {
        /// Which, from 0.
        entry: usize,
        /// Its length.
        length_bytes: usize,
    },
}

/// Takes a bundle apart into its entries, which borrow from it. At most 256 come out.
///
/// # Errors
/// When an entry is cut off or there are too many.
pub fn read_bundle(bytes: &[u8]) -> Result<Vec<&[u8]>, BundleError> {
    let mut entries = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let entry = entries.len();
        if entry == usize::from(crate::tile::FULL) {
            return Err(BundleError::TooMany {});
        }
        let (length, after) = rest.split_first_chunk().ok_or(BundleError::CutOff { entry })?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (body, after) = after.split_at_checked(length).ok_or(BundleError::CutOff { entry })?;
        entries.push(body);
        rest = after;
    }
    Ok(entries)
}

/// Puts up to 256 entries into a bundle.
///
/// # Errors
/// When there are too many, or one is too long.
pub fn write_bundle<'a>(
    entries: impl IntoIterator<Item = &'a [u8]>,
) -> Result<Vec<u8>, BundleError> {
    let mut bytes = Vec::new();
    for (entry, body) in entries.into_iter().enumerate() {
        if entry == usize::from(crate::tile::FULL) {
            return Err(BundleError::TooMany {});
        }
        let length = u16::try_from(body.len())
            .map_err(|_| BundleError::TooLong { entry, length_bytes: body.len() })?;
        bytes.extend(length.to_be_bytes());
        bytes.extend(body);
    }
    Ok(bytes)
}
