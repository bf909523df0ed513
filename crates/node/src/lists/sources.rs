//! Lists known by name, as this program uses them.

use portcullis_decide::Address;
use portcullis_ingest::{KnownSource, Rhythm, known_sources};

/// The list known by this name.
pub(super) fn known(name: &str) -> Option<&'static KnownSource> {
    known_sources().iter().find(|source| source.name == name)
}

/// The names of the lists known.
pub(super) fn names() -> Vec<&'static str> {
    known_sources().iter().map(|source| source.name).collect()
}

/// Where the files of a known list are.
pub(super) fn addresses(known: &KnownSource) -> Vec<Address> {
    known.addresses.iter().map(|address| Address::from_text(address)).collect()
}

/// After how many days a newer issue is to be expected. A list that changes when something happens
/// does so several times in most months.
pub(super) fn rhythm_days(known: &KnownSource) -> Option<u32> {
    match known.rhythm {
        Rhythm::Daily => Some(2),
        Rhythm::WhenNeeded => Some(14),
        Rhythm::Retired(_) => None,
    }
}

/// Since when the publisher no longer keeps a list up to date.
pub(super) fn retired_since(name: &str) -> Option<&'static str> {
    match known(name)?.rhythm {
        Rhythm::Retired(since) => Some(since),
        Rhythm::Daily | Rhythm::WhenNeeded => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use portcullis_decide::ListName;

    #[test]
    fn every_known_name_can_name_a_list() {
        for name in names() {
            assert!(name.parse::<ListName>().is_ok(), "{name}");
            assert!(known(name).is_some());
        }
        assert!(known("no-such-list").is_none());
    }

    #[test]
    fn a_retired_list_says_since_when() {
        // The OFSI consolidated list ended on 28 January 2026, as its publisher announced.
        assert_eq!(retired_since("ofsi-consolidated"), Some("2026-01-28"));
        assert_eq!(retired_since("uk-sanctions-list"), None);
    }
}
