//! The steps that `add` and `update` share: from files on their way in to the issue in use.

use super::compiled;
use super::http::Limits;
use super::intake::{self, Incoming, Taken};
use super::place::Place;
use crate::environment::Environment;
use anyhow::Context;
use portcullis_decide::{Digest, Keeping, KeptList, Shrink, may_replace};
use portcullis_ingest::ListFormat;
use portcullis_store::{StoreError, TransactionName};
use portcullis_types::{Label, OfficerId, OrganisationId, SourceId};
use std::time::Duration;

/// Limits and permissions on what is taken.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct TakeArgs {
    /// SHA-256 that the file must have; one for each file, in their order
    #[arg(long, value_name = "HEX", value_parser = digest)]
    pub(super) sha256: Vec<Digest>,

    /// Largest file taken, in bytes, or with K, M or G
    #[arg(long, value_name = "SIZE", default_value = "1G", value_parser = size)]
    max_size: u64,

    /// Longest time for one file, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 900, value_parser = clap::value_parser!(u64).range(1..))]
    timeout: u64,

    /// Take an issue that has less than half of the records of the one before
    #[arg(long)]
    accept_shrink: bool,
}

impl TakeArgs {
    pub(super) fn limits(&self) -> Limits {
        Limits { size_bytes: self.max_size, time: Duration::from_secs(self.timeout) }
    }

    fn shrink(&self) -> Shrink {
        if self.accept_shrink { Shrink::Accept } else { Shrink::Refuse }
    }

    pub(super) fn checksums_for(&self, files: usize) -> anyhow::Result<&[Digest]> {
        anyhow::ensure!(
            self.sha256.is_empty() || self.sha256.len() == files,
            "{} checksums are given for {files} files; give --sha256 once for each",
            self.sha256.len()
        );
        Ok(&self.sha256)
    }
}

/// Reads what came in and sees whether it may take the place of an issue with `entries_before`.
pub(super) fn check(
    incoming: &Incoming,
    args: &TakeArgs,
    format: Option<ListFormat>,
    source: &SourceId,
    controller: &OrganisationId,
    entries_before: Option<u64>,
    environment: &Environment,
) -> anyhow::Result<Taken> {
    let folder = incoming.folder.path();
    let taken = intake::read(
        folder,
        incoming.files.clone(),
        format,
        source,
        controller,
        environment.clock.now(),
        args.limits().size_bytes,
    )?;
    intake::report(&taken, folder)?;
    may_replace(entries_before, taken.issue.entries, args.shrink())?;
    Ok(taken)
}

/// An issue that was checked, and what becomes of its list.
pub(super) struct Ready {
    /// Its files.
    pub(super) incoming: Incoming,
    /// What was read from them.
    pub(super) taken: Taken,
    /// Whether the list is new.
    pub(super) how: Keeping,
    /// What it is to bear at least.
    pub(super) label: Label,
    /// The list, with the issue as the current one.
    pub(super) list: KeptList,
}

/// Puts an issue into use: its files, the store with the event, the index.
pub(super) fn put_into_use(
    place: &Place,
    ready: Ready,
    officer: OfficerId,
    environment: &mut Environment,
) -> anyhow::Result<KeptList> {
    let Ready { incoming, taken, how, label, list } = ready;
    let change = how
        .done(environment.clock.as_ref(), environment.rng.as_mut(), officer, list)?
        .labelled(&label);
    let list = change.state();
    place.settle(incoming.folder, &list.name, list.current.digest)?;
    let mut store = place.store()?;
    let name = TransactionName(if how == Keeping::Added { "lists.add" } else { "lists.update" });
    store.write(name, |w| w.put_list(&change).map_err(anyhow::Error::from))?;
    // From here on the new issue is in use, and what follows is tidying.
    let list = change.into_state();
    place.keep_only(&list);
    compiled::clear(place, None);
    compiled::build(place, &[&list], taken.dossiers);
    Ok(list)
}

/// Notes that somebody looked and found nothing new.
pub(super) fn note_checked(
    place: &Place,
    list: KeptList,
    officer: OfficerId,
    environment: &mut Environment,
) -> anyhow::Result<()> {
    let list = KeptList { checked_at: environment.clock.now(), ..list };
    let change = Keeping::Checked.done(
        environment.clock.as_ref(),
        environment.rng.as_mut(),
        officer,
        list,
    )?;
    place
        .store()?
        .write(TransactionName("lists.check"), |w| w.put_list(&change))
        .map_err(|error: StoreError| anyhow::Error::from(error).context("cannot note the check"))
}

/// The current state of a list, read under the lock.
pub(super) fn current(place: &Place, name: &str) -> anyhow::Result<Option<KeptList>> {
    let Some(mut store) = place.existing_store()? else { return Ok(None) };
    let organisation = crate::decisions::organisation();
    let lists = store
        .read(|r| r.lists(&organisation))
        .map_err(|error: StoreError| error)
        .context("cannot read which lists there are")?;
    Ok(lists.into_iter().find(|list| list.name.as_str() == name))
}

fn digest(text: &str) -> Result<Digest, String> {
    let digits = text.trim();
    let mut bytes = [0; 32];
    if digits.len() != 64 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err("a SHA-256 has 64 hexadecimal digits".to_owned());
    }
    for (byte, at) in bytes.iter_mut().zip((0..64).step_by(2)) {
        let pair = digits.get(at..at + 2).unwrap_or_default();
        *byte = u8::from_str_radix(pair, 16).map_err(|error| error.to_string())?;
    }
    Ok(Digest::from_bytes(bytes))
}

fn size(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let (number, unit) = match text.to_ascii_uppercase().chars().last() {
        Some('K') => (text.split_at(text.len() - 1).0, 1 << 10),
        Some('M') => (text.split_at(text.len() - 1).0, 1 << 20),
        Some('G') => (text.split_at(text.len() - 1).0, 1 << 30),
        _ => (text, 1_u64),
    };
    number
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(unit))
        .filter(|size_bytes| *size_bytes > 0)
        .ok_or_else(|| "give a size like 500000, 20M or 1G".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_with_and_without_a_unit() {
        assert_eq!(size("500"), Ok(500));
        assert_eq!(size("2K"), Ok(2_048));
        assert_eq!(size("1g"), Ok(1_073_741_824));
        for text in ["", "0", "G", "-1", "1T", "99999999999G", "é"] {
            assert!(size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_checksum_is_64_hexadecimal_digits() {
        let text = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(digest(text).unwrap().to_string(), text);
        assert_eq!(digest(&text.to_uppercase()).unwrap().to_string(), text);
        for text in ["", "ba78", &"g".repeat(64), &"é".repeat(32)] {
            assert!(digest(text).is_err(), "{text}");
        }
    }
}
