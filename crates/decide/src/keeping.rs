//! Keeping copies of lists: what a copy is, and when a new one may take the place of the old.

use crate::decision::kind;
use crate::{Change, Digest, RecordKind};
use jiff::Timestamp;
use jiff::civil::Date;
use portcullis_types::{
    Actor, Clock, Detail, Details, Event, EventError, EventId, EventTime, ListVersion, OfficerId,
    OrganisationId, Purpose, Rng, SourceId,
};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// How many issues of a list are kept with their files, the current one included.
pub const ISSUES_KEPT: usize = 5;

/// What a list is called here: 1 to 64 of `a-z`, `0-9`, `-`, `_` and `.`, the first a letter or
/// digit. It names a folder too, so nothing that a file system could misread.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ListName(Arc<str>);

/// Why a text is not the name of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the name of a list has 1 to 64 of a-z, 0-9, `-`, `_` and `.`, and begins with a letter or digit"
)]
pub struct ListNameError;

impl FromStr for ListName {
    type Err = ListNameError;

    fn from_str(text: &str) -> Result<Self, ListNameError> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let allowed = |b: u8| plain(b) || matches!(b, b'-' | b'_' | b'.');
        let first = text.bytes().next().ok_or(ListNameError)?;
        if text.len() <= 64 && plain(first) && text.bytes().all(allowed) && !text.contains("..") {
            Ok(Self(Arc::from(text)))
        } else {
            Err(ListNameError)
        }
    }
}

impl ListName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ListName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a file of a list comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Address {
    /// An absolute path of this machine.
    File(Arc<str>),
    /// An address on the web.
    Url(Arc<str>),
}

impl Address {
    /// Reads the text of [`Address::as_str`].
    pub fn from_text(text: &str) -> Self {
        if text.contains("://") { Self::Url(Arc::from(text)) } else { Self::File(Arc::from(text)) }
    }

    /// The path or address as text.
    pub fn as_str(&self) -> &str {
        match self {
            Self::File(text) | Self::Url(text) => text,
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One file of an issue, as it was fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptFile {
    /// Its name in the folder of the issue.
    pub name: String,
    /// Where it came from.
    pub address: Address,
    /// SHA-256 of its bytes as fetched.
    pub sha256: Digest,
    /// Size as fetched, in bytes.
    pub size_bytes: u64,
    /// Entity tag the server gave, for asking again on condition (RFC 9110 section 8.8.3).
    pub entity_tag: Option<String>,
    /// Date of change the server gave, for asking again on condition (RFC 9110 section 8.8.2).
    pub last_modified: Option<String>,
}

/// One issue of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptIssue {
    /// Digest of its files: two issues of one day are still two.
    pub digest: Digest,
    /// What its publisher, or else its digest, calls it.
    pub version: ListVersion,
    /// The day it was published, where it says so.
    pub published: Option<Date>,
    /// When it was read (UTC).
    pub recorded_at: Timestamp,
    /// Records read.
    pub entries: u64,
    /// Rows that could not be read.
    pub set_aside: u64,
    /// Its files.
    pub files: Vec<KeptFile>,
}

/// A list of which copies are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptList {
    /// The organisation that controls the copies.
    pub organisation: OrganisationId,
    /// What it is called here.
    pub name: ListName,
    /// The source that its records name.
    pub source: SourceId,
    /// Code of its format.
    pub format: String,
    /// Where its files come from.
    pub addresses: Vec<Address>,
    /// How often a new issue is to be expected, in days, if anybody says so.
    pub rhythm_days: Option<u32>,
    /// When somebody last looked for a new issue (UTC).
    pub checked_at: Timestamp,
    /// The issue that screening uses.
    pub current: KeptIssue,
    /// Earlier issues whose files are still kept, newest first.
    pub earlier: Vec<KeptIssue>,
}

impl KeptList {
    /// The issues whose files are kept, newest first.
    pub fn issues(&self) -> impl Iterator<Item = &KeptIssue> {
        std::iter::once(&self.current).chain(&self.earlier)
    }

    /// Puts a new issue in the place of the current one, and keeps [`ISSUES_KEPT`] in all. One that
    /// comes back is kept once: that it was in use before is told by the events alone.
    pub fn replace(&mut self, issue: KeptIssue) {
        let digest = issue.digest;
        let before = std::mem::replace(&mut self.current, issue);
        self.earlier.insert(0, before);
        self.earlier.retain(|earlier| earlier.digest != digest);
        self.earlier.truncate(ISSUES_KEPT - 1);
    }
}

/// A list that is kept no longer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForgottenList {
    /// The organisation that controlled the copies.
    pub organisation: OrganisationId,
    /// What it was called.
    pub name: ListName,
}

/// What was done with a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Keeping {
    /// It was added.
    Added,
    /// A new issue took the place of the old.
    Updated,
    /// It was looked for, and there was no new issue.
    Checked,
}

impl Keeping {
    /// The kind of the event.
    pub fn code(self) -> &'static str {
        match self {
            Self::Added => "lists.added",
            Self::Updated => "lists.updated",
            Self::Checked => "lists.checked",
        }
    }

    /// Does it: the list as it now is, with the event that tells of it.
    ///
    /// # Errors
    ///
    /// [`EventError::OutOfRange`] when the clock stands outside 1970 to 9999.
    pub fn done(
        self,
        clock: &dyn Clock,
        rng: &mut dyn Rng,
        officer: OfficerId,
        list: KeptList,
    ) -> Result<Change<KeptList>, EventError> {
        let event = event(self.code(), clock, rng, officer, &list)?;
        Ok(Change::new(list, event, RecordKind::ListHistory))
    }
}

impl KeptList {
    /// Forgets the list and all its issues; the events that tell of them remain.
    ///
    /// # Errors
    ///
    /// [`EventError::OutOfRange`] when the clock stands outside 1970 to 9999.
    pub fn forget(
        self,
        clock: &dyn Clock,
        rng: &mut dyn Rng,
        officer: OfficerId,
    ) -> Result<Change<ForgottenList>, EventError> {
        let event = event("lists.removed", clock, rng, officer, &self)?;
        let forgotten = ForgottenList { organisation: self.organisation, name: self.name };
        Ok(Change::new(forgotten, event, RecordKind::ListHistory))
    }
}

fn event(
    code: &'static str,
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    officer: OfficerId,
    list: &KeptList,
) -> Result<Event, EventError> {
    let text = |text: &str| Detail::Text(text.into());
    let mut details = Details::new();
    details.insert("list", text(list.name.as_str()))?;
    details.insert("source", text(list.source.as_str()))?;
    details.insert("list-version", text(list.current.version.as_str()))?;
    details.insert("digest", Detail::Bytes(list.current.digest.as_bytes().to_vec()))?;
    details.insert("entries", Detail::Number(list.current.entries))?;
    details.insert("set-aside", Detail::Number(list.current.set_aside))?;
    Ok(Event {
        id: EventId::random(rng),
        kind: kind(code),
        at: EventTime::rounded_down(clock.now())?,
        organisation: list.organisation.clone(),
        actor: Actor::Officer(officer),
        purpose: Purpose::KeepLists,
        gateway: None,
        details,
    })
}

/// What to do about an issue that is much shorter than the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shrink {
    /// Refuse it: more likely the file is damaged or half fetched.
    Refuse,
    /// Accept it: a person has looked.
    Accept,
}

/// Why a new issue may not take the place of the old.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ShrinkError {
    /// Not one record could be read.
    #[error("not one record could be read from it, so it cannot be used as a list")]
    Empty,
    /// More than half is gone.
    #[error(
        "the new issue has {entries} records where the old has {entries_before}: more than half is gone; if that is right, say so with --accept-shrink"
    )]
    Halved {
        /// Records of the new issue.
        entries: u64,
        /// Records of the old issue.
        entries_before: u64,
    },
}

/// Whether an issue of so many records may take the place of one of `entries_before` (THREATS T-06).
///
/// # Errors
///
/// [`ShrinkError::Empty`] when there is no record, whatever `shrink` says;
/// [`ShrinkError::Halved`] when more than half is gone and nobody accepted that.
pub fn may_replace(
    entries_before: Option<u64>,
    entries: u64,
    shrink: Shrink,
) -> Result<(), ShrinkError> {
    if entries == 0 {
        return Err(ShrinkError::Empty);
    }
    match (entries_before, shrink) {
        (Some(entries_before), Shrink::Refuse) if entries < entries_before.div_ceil(2) => {
            Err(ShrinkError::Halved { entries, entries_before })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_name_is_safe_as_the_name_of_a_folder() {
        for name in ["uk-sanctions-list", "un", "fara.2025", "a_b"] {
            assert_eq!(name.parse::<ListName>().unwrap().as_str(), name);
        }
        for name in ["", "..", ".hidden", "-x", "a/b", "a\\b", "A", "a..b", "é", &"x".repeat(65)] {
            assert_eq!(name.parse::<ListName>(), Err(ListNameError), "{name}");
        }
    }

    #[test]
    fn an_issue_without_records_never_replaces_anything() {
        for before in [None, Some(0), Some(7)] {
            assert_eq!(may_replace(before, 0, Shrink::Accept), Err(ShrinkError::Empty));
        }
    }

    #[test]
    fn exactly_half_is_still_taken_and_less_is_not() {
        assert_eq!(may_replace(Some(10), 5, Shrink::Refuse), Ok(()));
        assert_eq!(may_replace(Some(11), 6, Shrink::Refuse), Ok(()));
        for (entries_before, entries) in [(10, 4), (11, 5)] {
            assert_eq!(
                may_replace(Some(entries_before), entries, Shrink::Refuse),
                Err(ShrinkError::Halved { entries, entries_before })
            );
            assert_eq!(may_replace(Some(entries_before), entries, Shrink::Accept), Ok(()));
        }
    }

    fn issue(number: u8) -> KeptIssue {
        KeptIssue {
            digest: Digest::from_bytes([number; 32]),
            version: ListVersion::new(&number.to_string()).unwrap(),
            published: None,
            recorded_at: Timestamp::UNIX_EPOCH,
            entries: 1,
            set_aside: 0,
            files: Vec::new(),
        }
    }

    #[test]
    fn five_issues_are_kept_and_the_oldest_goes() {
        let mut list = KeptList {
            organisation: OrganisationId::new("tests").unwrap(),
            name: "invented".parse().unwrap(),
            source: SourceId::new("invented").unwrap(),
            format: "csv".to_owned(),
            addresses: Vec::new(),
            rhythm_days: None,
            checked_at: Timestamp::UNIX_EPOCH,
            current: issue(1),
            earlier: Vec::new(),
        };
        for number in 2..=6 {
            list.replace(issue(number));
        }
        assert_eq!(list.issues().cloned().collect::<Vec<_>>(), [6, 5, 4, 3, 2].map(issue));
        // An issue that comes back is the current one and no earlier one.
        list.replace(issue(4));
        assert_eq!(list.issues().cloned().collect::<Vec<_>>(), [4, 6, 5, 3, 2].map(issue));
    }

    #[test]
    fn an_address_reads_back() {
        for text in ["https://lists.example/a.csv", "/srv/lists/a.csv"] {
            assert_eq!(Address::from_text(text).as_str(), text);
        }
    }
}
