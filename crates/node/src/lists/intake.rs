//! Taking in an issue: fetched or copied, checked, read. Nothing here changes what is in use.

use super::http::{self, Condition, FetchError, Fetched, Limits, Received};
use super::place::{Place, short};
use super::{progress, say, unpack};
use crate::report::spreadsheet::guarded;
use anyhow::{Context, bail};
use indicatif::ProgressBar;
use jiff::Timestamp;
use portcullis_decide::{Address, Digest, KeptFile, KeptIssue, KeptList};
use portcullis_ingest::{Item, ListFile, ListFormat, ReadContext, SetAside, Warning, read_list};
use portcullis_types::{Dossier, OrganisationId, SourceId};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// How many bytes are looked at to recognise a format.
const HEAD_BYTES: usize = 4_096;

/// Files of an issue that are here but not yet in use.
#[derive(Debug)]
pub(super) struct Incoming {
    pub(super) folder: TempDir,
    pub(super) files: Vec<KeptFile>,
}

/// An issue that was read from end to end.
#[derive(Debug)]
pub(super) struct Taken {
    /// What it is.
    pub(super) issue: KeptIssue,
    /// The format it is in.
    pub(super) format: ListFormat,
    /// Its records.
    pub(super) dossiers: Vec<Dossier>,
    /// What could not be read.
    pub(super) set_aside: Vec<SetAside>,
    /// What was noticed.
    pub(super) warnings: Vec<Warning>,
}

/// Fetches the files of a list. `None` when every server says that nothing has changed since
/// `previous`, whose files must be whole then.
pub(super) fn fetch(
    place: &Place,
    addresses: &[Address],
    previous: Option<&KeptList>,
    checksums: &[Digest],
    limits: Limits,
) -> anyhow::Result<Option<Incoming>> {
    let folder = place.incoming()?;
    let mut files: Vec<KeptFile> = Vec::new();
    let mut is_changed = false;
    for (number, address) in addresses.iter().enumerate() {
        let taken: BTreeSet<&str> = files.iter().map(|file| file.name.as_str()).collect();
        let before = previous.and_then(|list| {
            let file = list.current.files.get(number).filter(|file| file.address == *address)?;
            Some((place.issue(&list.name, list.current.digest).join(&file.name), file))
        });
        let name = match before {
            Some((_, file)) if !taken.contains(file.name.as_str()) => file.name.clone(),
            _ => file_name(address, number, &taken),
        };
        let sha256_before = before.as_ref().map(|(_, file)| file.sha256);
        let to = folder.path().join(&name);
        let condition = before.as_ref().map_or_else(Condition::default, |(_, file)| Condition {
            entity_tag: file.entity_tag.clone(),
            last_modified: file.last_modified.clone(),
        });
        let received = match bring(address, &condition, limits, &to)? {
            Fetched::File(received) => received,
            Fetched::NotModified => {
                let Some((path, file)) = before else {
                    bail!("`{address}` answered that nothing has changed, but was not asked that");
                };
                fs::copy(path, &to).context("cannot copy a file that has not changed")?;
                Received { sha256: file.sha256, size_bytes: file.size_bytes, condition }
            }
        };
        if let Some(expected) = checksums.get(number)
            && *expected != received.sha256
        {
            bail!(
                "`{address}` has the SHA-256 {}, not {expected} as given; it was not taken",
                received.sha256
            );
        }
        is_changed |= sha256_before != Some(received.sha256);
        files.push(KeptFile {
            name,
            address: address.clone(),
            sha256: received.sha256,
            size_bytes: received.size_bytes,
            entity_tag: received.condition.entity_tag,
            last_modified: received.condition.last_modified,
        });
    }
    Ok(is_changed.then_some(Incoming { folder, files }))
}

/// Whether the files of an issue are here as they were fetched.
pub(super) fn is_whole(folder: &Path, issue: &KeptIssue) -> bool {
    issue.files.iter().all(|file| {
        File::open(folder.join(&file.name))
            .and_then(|mut from| copy(&mut from, &mut io::sink(), u64::MAX))
            .is_ok_and(|received| received.sha256 == file.sha256)
    })
}

/// Reads an issue from end to end.
///
/// `format` is recognised from the first file when it is not given.
pub(super) fn read(
    folder: &Path,
    files: Vec<KeptFile>,
    format: Option<ListFormat>,
    source: &SourceId,
    controller: &OrganisationId,
    recorded_at: Timestamp,
    limit_bytes: u64,
) -> anyhow::Result<Taken> {
    let digest = digest(&files);
    let paths: Vec<PathBuf> = files.iter().map(|file| folder.join(&file.name)).collect();
    let context = ReadContext {
        source: source.clone(),
        version: short(digest).parse().context("a digest is a version")?,
        recorded_at,
        controller: controller.clone(),
    };
    let taken = read_files(&paths, format, &context, limit_bytes)?;
    Ok(Taken { issue: KeptIssue { digest, files, ..taken.issue }, ..taken })
}

fn read_files(
    paths: &[PathBuf],
    format: Option<ListFormat>,
    context: &ReadContext,
    limit_bytes: u64,
) -> anyhow::Result<Taken> {
    let format = match (format, paths.first()) {
        (Some(format), _) => format,
        (None, Some(first)) => detect(first, limit_bytes)?,
        (None, None) => bail!("a list has at least one file"),
    };
    let bar = progress::spinner(format!("reading the {}", format.title()));
    let mut files = Vec::new();
    for path in paths {
        let text = unpack::open(path, limit_bytes)
            .with_context(|| format!("cannot read `{}`", path.display()))?;
        files.push(ListFile {
            name: unpack::name_within(&name_of(path)).to_owned(),
            bytes: Box::new(bar.wrap_read(text)),
        });
    }
    let mut dossiers = Vec::new();
    let mut set_aside = Vec::new();
    let mut warnings = Vec::new();
    let reading = read_list(format, files, context, &mut |item| match item {
        Item::Dossier(dossier) => dossiers.push(*dossier),
        Item::SetAside(row) => set_aside.push(row),
        Item::Warning(warning) => warnings.push(warning),
    })
    .with_context(|| format!("cannot read it as {}", format.title()))?;
    bar.finish_and_clear();
    let issue = KeptIssue {
        digest: Digest::from_bytes([0; 32]),
        version: reading.origin.version.clone(),
        published: reading.published.map(|day| day.latest()),
        recorded_at: context.recorded_at,
        entries: reading.tally.dossiers_made,
        set_aside: reading.tally.rows_set_aside,
        files: Vec::new(),
    };
    Ok(Taken { issue, format, dossiers, set_aside, warnings })
}

/// Says what could not be read, and keeps the rows beside the files of the issue.
pub(super) fn report(taken: &Taken, folder: &Path) -> anyhow::Result<()> {
    let mut warnings: BTreeMap<&str, u64> = BTreeMap::new();
    for warning in &taken.warnings {
        *warnings.entry(&warning.message).or_default() += 1;
    }
    for (message, times) in warnings {
        if times == 1 {
            say(&format!("note: {message}"));
        } else {
            say(&format!("note, {times} times: {message}"));
        }
    }
    if taken.set_aside.is_empty() {
        return Ok(());
    }
    let mut reasons: BTreeMap<&str, u64> = BTreeMap::new();
    for row in &taken.set_aside {
        *reasons.entry(&row.reason).or_default() += 1;
    }
    let mut reasons: Vec<_> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
    for (reason, times) in reasons.iter().take(5) {
        say(&format!("set aside {times}: {reason}"));
    }
    let path = folder.join(SET_ASIDE);
    let file = crate::private_file::create(&path).context("cannot write the rows set aside")?;
    let mut csv = csv::Writer::from_writer(BufWriter::new(file));
    csv.write_record(["line", "column", "reason", "row"])?;
    for row in &taken.set_aside {
        csv.write_record([
            row.line.to_string().as_str(),
            &row.column.map_or_else(String::new, |column| column.to_string()),
            &row.reason,
            &guarded(row.raw.reveal()),
        ])?;
    }
    csv.flush().context("cannot write the rows set aside")
}

/// The rows of an issue that could not be read.
pub(super) const SET_ASIDE: &str = "set-aside.csv";

fn detect(first: &Path, limit_bytes: u64) -> anyhow::Result<ListFormat> {
    let mut head = Vec::new();
    unpack::open(first, limit_bytes)
        .and_then(|text| text.take(HEAD_BYTES as u64).read_to_end(&mut head))
        .with_context(|| format!("cannot read `{}`", first.display()))?;
    let name = name_of(first);
    if head.is_empty() {
        bail!("`{name}` is empty");
    }
    if head.contains(&0) && !head.starts_with(b"\xFF\xFE") && !head.starts_with(b"\xFE\xFF") {
        bail!("`{name}` is not a text file; give the list as its publisher ships it");
    }
    ListFormat::detect(unpack::name_within(&name), &head).with_context(|| {
        let codes: Vec<_> = ListFormat::ALL.iter().map(|format| format.code()).collect();
        format!(
            "the format of `{name}` is not recognised; name it with --format: {}",
            codes.join(", ")
        )
    })
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn bring(
    address: &Address,
    condition: &Condition,
    limits: Limits,
    to: &Path,
) -> anyhow::Result<Fetched> {
    let mut file = crate::private_file::create(to).context("cannot write what is fetched")?;
    let fetched = match address {
        Address::File(path) => {
            let mut from =
                File::open(path.as_ref()).with_context(|| format!("cannot read `{path}`"))?;
            copy(&mut from, &mut file, limits.size_bytes)
                .map(Fetched::File)
                .with_context(|| format!("cannot copy `{path}`"))?
        }
        Address::Url(url) => {
            let bar: ProgressBar = progress::bytes(address.as_str());
            let fetched = http::fetch(url, condition, limits, &mut file, &bar);
            bar.finish_and_clear();
            fetched?
        }
    };
    if let Fetched::File(_) = fetched {
        file.sync_all().context("cannot write what is fetched")?;
        let mut head = Vec::new();
        let begins = unpack::open(to, limits.size_bytes)
            .and_then(|text| text.take(HEAD_BYTES as u64).read_to_end(&mut head));
        if begins.is_ok() && unpack::is_web_page(&head) {
            let address = address.as_str().split('?').next().unwrap_or_default().to_owned();
            return Err(FetchError::WebPage { address }.into());
        }
    }
    Ok(fetched)
}

fn copy(from: &mut dyn Read, to: &mut dyn Write, limit_bytes: u64) -> io::Result<Received> {
    let mut hash = Sha256::new();
    let mut size_bytes = 0_u64;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let bytes = buffer.get(..read).unwrap_or_default();
        size_bytes += read as u64;
        if size_bytes > limit_bytes {
            return Err(io::Error::other(format!(
                "it has more than {limit_bytes} bytes; if that is right, raise --max-size"
            )));
        }
        hash.update(bytes);
        to.write_all(bytes)?;
    }
    let sha256 = Digest::from_bytes(hash.finalize().into());
    Ok(Received { sha256, size_bytes, condition: Condition::default() })
}

/// Of one file its own digest, so that it can be compared with what a publisher states; of several
/// the digest of theirs, in order.
fn digest(files: &[KeptFile]) -> Digest {
    if let [file] = files {
        return file.sha256;
    }
    let mut hash = Sha256::new();
    for file in files {
        hash.update(file.sha256.as_bytes());
    }
    Digest::from_bytes(hash.finalize().into())
}

/// The last part of an address, made safe, and unlike those that are taken.
fn file_name(address: &Address, number: usize, taken: &BTreeSet<&str>) -> String {
    let path = match address {
        Address::File(path) => path.as_ref(),
        Address::Url(url) => url.split(['?', '#']).next().unwrap_or_default(),
    };
    let last = path.rsplit(['/', '\\']).next().unwrap_or_default();
    let safe = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' };
    let name: String = last.chars().map(safe).take(80).collect();
    let name = name.trim_start_matches('.');
    let is_free = !name.is_empty() && !taken.contains(name) && name != SET_ASIDE;
    if is_free { name.to_owned() } else { format!("{number}-{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_never_leaves_its_folder() {
        let none = BTreeSet::new();
        for (address, expected) in [
            ("https://lists.example/a/sdn.csv?x=/../y", "sdn.csv"),
            ("https://lists.example/", "0-"),
            ("https://lists.example/..", "0-"),
            ("https://lists.example/a%2F..%2Fb", "a_2F.._2Fb"),
            ("/srv/lists/.hidden", "hidden"),
            ("/srv/lists/list 1.csv", "list_1.csv"),
            ("/srv/set-aside.csv", "0-set-aside.csv"),
        ] {
            assert_eq!(file_name(&Address::from_text(address), 0, &none), expected);
        }
    }

    #[test]
    fn two_files_of_one_name_get_two_names() {
        let taken = BTreeSet::from(["a.csv"]);
        let name = file_name(&Address::from_text("https://lists.example/b/a.csv"), 1, &taken);
        assert_eq!(name, "1-a.csv");
    }

    #[test]
    fn the_digest_of_one_file_is_its_sha_256() {
        // FIPS 180-4, the message "abc".
        let mut folder = tempfile::NamedTempFile::new().unwrap();
        folder.write_all(b"abc").unwrap();
        let received = copy(&mut File::open(folder.path()).unwrap(), &mut io::sink(), 3).unwrap();
        assert_eq!(
            received.sha256.to_string(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
