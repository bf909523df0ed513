//! The lists to search: stored ones by name, or files read on the fly.

use super::finding::ListInfo;
use super::repeats;
use crate::environment::Environment;
use crate::input;
use crate::lists::{Age, Compiled, ListStore};
use anyhow::Context;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use portcullis_decide::{KeptIssue, KeptList, ListName};
use portcullis_ingest::{Item, ListFile, ListFormat, ReadContext, known_sources, read_list};
use portcullis_matching::{Index, Screening, Settings};
use portcullis_types::{Dossier, ListVersion, Pair, Precision, SourceId};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// From this age on, in days, a list read from a file is called old: the lists that matter most are
/// issued several times a month.
const OLD_DAYS: i64 = 14;
/// How many different warnings of a list are passed on.
const WARNINGS: usize = 10;
/// How many bytes are looked at to recognise a format.
const HEAD_BYTES: u64 = 16_384;

/// Lists, ready to be searched.
#[derive(Debug)]
pub(crate) struct Searchable {
    /// All of them together, and perhaps others beside them.
    index: Arc<Index>,
    /// Each of them, in the order asked for.
    pub(crate) infos: Vec<Arc<ListInfo>>,
    /// Whether the index has records of other lists, which are passed over.
    is_part: bool,
}

impl Searchable {
    /// An index over exactly these lists.
    pub(crate) fn new(index: Index, infos: Vec<Arc<ListInfo>>) -> Self {
        Self { index: Arc::new(index), infos, is_part: false }
    }

    /// Stored lists that were compiled together, as they are at this time.
    pub(crate) fn of_stored(compiled: Compiled, now: Timestamp) -> Self {
        let infos = infos(&compiled, now);
        let mut index = compiled.index;
        if repeats::any(index.dossiers()) {
            index = Index::build(repeats::merged(index.dossiers().to_vec()));
        }
        Self::new(index, infos)
    }

    /// Some of the lists. How rare a name is counts over all of them still.
    pub(crate) fn only(&self, wanted: impl Fn(&ListInfo) -> bool) -> Self {
        let infos = self.infos.iter().filter(|info| wanted(info)).cloned().collect();
        Self { index: Arc::clone(&self.index), infos, is_part: true }
    }

    /// Screens somebody against the lists.
    pub(crate) fn screen(&self, query: &Dossier, settings: &Settings) -> Screening {
        if self.is_part {
            self.index.screen_among(query, settings, |record| self.info(record).is_some())
        } else {
            self.index.screen(query, settings)
        }
    }

    /// The record of a pair.
    pub(crate) fn record_of(&self, pair: &Pair) -> Option<&Dossier> {
        self.index.record_of(pair)
    }

    /// Every record of the lists.
    pub(crate) fn records(&self) -> impl Iterator<Item = &Dossier> {
        let all = self.index.dossiers().iter();
        all.filter(|record| !self.is_part || self.info(record).is_some())
    }

    /// The list that a record is from.
    pub(crate) fn info(&self, dossier: &Dossier) -> Option<&Arc<ListInfo>> {
        self.infos.iter().find(|info| {
            info.source == dossier.origin.source && info.version == dossier.origin.version
        })
    }
}

/// Opens the lists asked for: names of stored lists and files, or all stored lists when nothing is
/// asked for.
pub(crate) fn open(
    asked: &[String],
    format: Option<&str>,
    environment: &Environment,
) -> anyhow::Result<Searchable> {
    let format = format.map(format_of_code).transpose()?;
    let store = ListStore::open(environment)?;
    let mut names: Vec<ListName> = Vec::new();
    let mut files: Vec<PathBuf> = Vec::new();
    for one in asked {
        match store.list(one) {
            Some(list) => names.push(list.name.clone()),
            None if Path::new(one).exists() => files.push(PathBuf::from(one)),
            None if known_sources().iter().any(|known| known.name == one) => anyhow::bail!(
                "the list `{one}` is known but not stored yet; store it with `portcullis lists add {one}`"
            ),
            None => anyhow::bail!(
                "there is neither a stored list nor a file called `{one}`; `portcullis lists status` tells which lists are stored"
            ),
        }
    }
    if asked.is_empty() {
        names.extend(store.lists().iter().map(|list| list.name.clone()));
        if names.is_empty() {
            anyhow::bail!(
                "there is no list to search; store one with `portcullis lists add uk-sanctions-list`, or name a file with `--list FILE`"
            );
        }
    }
    let now = environment.clock.now();
    let stored = if names.is_empty() { None } else { Some(store.compiled(&names)?) };
    if files.is_empty() {
        let none = || Searchable::new(Index::build(Vec::new()), Vec::new());
        return Ok(stored.map_or_else(none, |compiled| Searchable::of_stored(compiled, now)));
    }
    let mut infos = stored.as_ref().map_or_else(Vec::new, |compiled| infos(compiled, now));
    let mut dossiers = stored.map_or_else(Vec::new, |compiled| compiled.index.dossiers().to_vec());
    for group in groups(&files, format)? {
        let info = read_group(&group, environment, &mut dossiers)?;
        let is_it = |other: &Arc<ListInfo>| {
            (&other.source, &other.version) == (&info.source, &info.version)
        };
        if !infos.iter().any(is_it) {
            infos.push(Arc::new(info));
        }
    }
    Ok(Searchable::new(Index::build(repeats::merged(dossiers)), infos))
}

/// What is known of stored lists.
fn infos(compiled: &Compiled, now: Timestamp) -> Vec<Arc<ListInfo>> {
    let info = |(list, age): &(KeptList, Age)| {
        let info = info_of_issue(list, &list.current, now);
        let (age_days, old) = (Some(i64::from(age.days)), age.is_overdue());
        Arc::new(ListInfo { age_days, old, ..info })
    };
    compiled.lists.iter().map(info).collect()
}

/// What is known of an issue of a stored list.
pub(super) fn info_of_issue(list: &KeptList, issue: &KeptIssue, now: Timestamp) -> ListInfo {
    let today = now.to_zoned(TimeZone::UTC).date();
    let day = issue.published.unwrap_or_else(|| issue.recorded_at.to_zoned(TimeZone::UTC).date());
    ListInfo {
        source: list.source.clone(),
        title: title(&list.source, list.name.to_string()),
        version: issue.version.clone(),
        issued: issue.published,
        age_days: Some(days_between(day, today)),
        old: false,
        records: issue.entries,
        set_aside: issue.set_aside,
        warnings: Vec::new(),
    }
}

fn format_of_code(code: &str) -> anyhow::Result<ListFormat> {
    ListFormat::from_code(code).with_context(|| {
        let codes: Vec<_> = ListFormat::ALL.iter().map(|format| format.code()).collect();
        format!("`{code}` is no format of lists; the formats are {}", codes.join(", "))
    })
}

/// Files that make up one list.
#[derive(Debug)]
struct Group {
    format: ListFormat,
    files: Vec<PathBuf>,
}

/// Brings files together that are one list: those of OFAC and the UK's normalised tables, when they
/// lie in one folder.
fn groups(files: &[PathBuf], format: Option<ListFormat>) -> anyhow::Result<Vec<Group>> {
    let mut groups: Vec<Group> = Vec::new();
    let mut seen: BTreeSet<PathBuf> = BTreeSet::new();
    for path in files {
        for path in members(path)? {
            if !seen.insert(path.canonicalize().unwrap_or_else(|_| path.clone())) {
                continue;
            }
            let format = match format {
                Some(format) => format,
                None => recognise(&path)?,
            };
            let family = family(format, &path);
            let same = groups.iter_mut().find(|group| {
                group.format == format
                    && family.is_some()
                    && group
                        .files
                        .first()
                        .is_some_and(|first| self::family(format, first) == family)
            });
            match same {
                Some(group) => group.files.push(path),
                None => groups.push(Group { format, files: vec![path] }),
            }
        }
    }
    Ok(groups)
}

/// The files that those asked for may mean.
pub(super) fn files(asked: &[String]) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for one in asked.iter().map(Path::new).filter(|path| path.exists()) {
        files.append(&mut members(one)?);
    }
    Ok(files)
}

/// The files of a folder, or the file itself.
fn members(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let context = || format!("cannot read the folder `{}`", path.display());
    let mut files = Vec::new();
    for entry in path.read_dir().with_context(context)? {
        let path = entry.with_context(context)?.path();
        if path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// What tells the files of one list from those of another, where a list has several files.
fn family(format: ListFormat, path: &Path) -> Option<(PathBuf, bool)> {
    let consolidated = input::name(path).to_lowercase().starts_with("cons");
    matches!(format, ListFormat::OfacCsv | ListFormat::UkSanctionsListTables)
        .then(|| (path.parent().map(Path::to_owned).unwrap_or_default(), consolidated))
}

fn recognise(path: &Path) -> anyhow::Result<ListFormat> {
    let (head, _) = input::peek(input::open(path)?, HEAD_BYTES)
        .with_context(|| format!("cannot read `{}`", path.display()))?;
    ListFormat::detect(&input::name(path), &head).with_context(|| {
        format!(
            "cannot tell the format of the list `{}`; say it with `--list-format CODE`: {}",
            path.display(),
            ListFormat::ALL.iter().map(|format| format.code()).collect::<Vec<_>>().join(", ")
        )
    })
}

fn read_group(
    group: &Group,
    environment: &Environment,
    into: &mut Vec<Dossier>,
) -> anyhow::Result<ListInfo> {
    let shown = group.files.first().map(|path| path.display().to_string()).unwrap_or_default();
    let context = ReadContext {
        source: source(group)?,
        version: version(&group.files)?,
        recorded_at: environment.clock.now(),
        controller: "own".parse()?,
    };
    let mut files = Vec::new();
    for path in &group.files {
        files.push(ListFile { name: input::name(path), bytes: input::open(path)? });
    }
    let mut warnings: BTreeMap<String, Option<u64>> = BTreeMap::new();
    let mut first_aside = None;
    let reading = read_list(group.format, files, &context, &mut |item| match item {
        Item::Dossier(dossier) => into.push(*dossier),
        Item::Warning(warning) if warnings.len() < WARNINGS => {
            warnings.entry(warning.message).or_insert(warning.line);
        }
        Item::Warning(_) => {}
        Item::SetAside(row) => {
            first_aside.get_or_insert_with(|| format!("line {}: {}", row.line, row.reason));
        }
    })
    .with_context(|| format!("cannot read the list `{shown}`"))?;
    let mut warnings: Vec<String> = warnings
        .into_iter()
        .map(|(message, line)| match line {
            Some(line) => format!("line {line}: {message}"),
            None => message,
        })
        .collect();
    warnings
        .extend(first_aside.map(|first| format!("the first row that could not be read: {first}")));
    let today = environment.clock.now().to_zoned(TimeZone::UTC).date();
    let issued = reading
        .published
        .filter(|date| date.precision() == Precision::Day)
        .map(|date| date.earliest());
    let age_days = issued.map(|day| days_between(day, today));
    Ok(ListInfo {
        source: reading.origin.source.clone(),
        title: title(&reading.origin.source, input::name(Path::new(&shown))),
        version: reading.origin.version.clone(),
        issued,
        age_days,
        old: age_days.is_some_and(|days| days > OLD_DAYS),
        records: reading.tally.dossiers_made,
        set_aside: reading.tally.rows_set_aside,
        warnings,
    })
}

fn days_between(from: Date, to: Date) -> i64 {
    i64::from(from.until(to).map_or(0, |span| span.get_days())).max(0)
}

/// What the list is called in results. A publisher's own list has one id, wherever its file lies, so
/// that a decision on it holds; any other is known by the name of its file.
fn source(group: &Group) -> anyhow::Result<SourceId> {
    let path = group.files.first().map_or(Path::new("list"), PathBuf::as_path);
    let consolidated = family(group.format, path).is_some_and(|(_, consolidated)| consolidated);
    let id = match group.format {
        ListFormat::UkSanctionsListCsv
        | ListFormat::UkSanctionsListXml
        | ListFormat::UkSanctionsListTables => "uk-sanctions-list",
        ListFormat::OfsiConsolidatedCsv => "ofsi-consolidated",
        ListFormat::OfacCsv if consolidated => "ofac-consolidated",
        ListFormat::OfacCsv => "ofac-sdn",
        ListFormat::UnXml => "un-sc",
        ListFormat::EuFsfCsv | ListFormat::EuFsfXml => "eu-fsf",
        ListFormat::FaraRegistrants => "fara-registrants",
        ListFormat::FaraForeignPrincipals => "fara-principals",
        _ => {
            let name = input::name(path);
            let stem = name.split('.').next().unwrap_or_default();
            return SourceId::new(stem)
                .with_context(|| format!("`{}` has no name to call the list by", path.display()));
        }
    };
    Ok(id.parse()?)
}

/// The name of a list for people: what its publisher calls it, else `otherwise`.
fn title(source: &SourceId, otherwise: String) -> String {
    known_sources()
        .iter()
        .find(|known| known.name == source.as_str())
        .map_or(otherwise, |known| known.title.to_owned())
}

/// The first 16 hexadecimal digits of the SHA-256 of the files; a format that states its own issue
/// replaces it.
fn version(files: &[PathBuf]) -> anyhow::Result<ListVersion> {
    let mut hash = Sha256::new();
    for path in files {
        let mut input = input::open(path)?;
        let mut buffer = vec![0; 1 << 16];
        loop {
            let count = match input.read(&mut buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                result => result.with_context(|| format!("cannot read `{}`", path.display()))?,
            };
            if count == 0 {
                break;
            }
            hash.update(buffer.get(..count).unwrap_or_default());
        }
    }
    let mut digits = String::new();
    for byte in hash.finalize().iter().take(8) {
        // Writing to a string cannot fail.
        let _ = write!(digits, "{byte:02x}");
    }
    Ok(digits.parse()?)
}
