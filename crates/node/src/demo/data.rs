//! The invented files, with their dates brought near today.

use crate::private_file;
use crate::screen::finding::ListInfo;
use crate::screen::lists::Searchable;
use anyhow::Context;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use portcullis_ingest::{Item, ListFile, ListFormat, ReadContext, read_list};
use portcullis_matching::Index;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

const DONORS: &str = include_str!("../../demo/donors.csv");

struct List {
    file: &'static str,
    source: &'static str,
    title: &'static str,
    format: ListFormat,
    text: &'static str,
    days_old: i64,
}

const LISTS: [List; 3] = [
    List {
        file: "sanctions.csv",
        source: "invented-sanctions",
        title: "Invented Sanctions List",
        format: ListFormat::UkSanctionsListCsv,
        text: include_str!("../../demo/sanctions.csv"),
        days_old: 3,
    },
    List {
        file: "exposed.jsonl",
        source: "invented-exposed",
        title: "Invented Politically Exposed Persons",
        format: ListFormat::FollowTheMoney,
        text: include_str!("../../demo/exposed.jsonl"),
        days_old: 1,
    },
    List {
        file: "influence.jsonl",
        source: "invented-influence",
        title: "Invented Register of Foreign Influence",
        format: ListFormat::FollowTheMoney,
        text: include_str!("../../demo/influence.jsonl"),
        days_old: 64,
    },
];

/// An issue older than this looks old in the demonstration.
const OLD_DAYS: i64 = 14;

/// The invented donors.
pub(super) fn donors(today: Date) -> String {
    dated(DONORS, today)
}

/// The invented lists.
pub(super) fn lists(today: Date, now: Timestamp) -> anyhow::Result<Searchable> {
    let mut dossiers = Vec::new();
    let mut infos = Vec::new();
    for list in &LISTS {
        let issued = today.saturating_sub(list.days_old.days());
        let context = ReadContext {
            source: list.source.parse()?,
            version: issued.to_string().parse()?,
            recorded_at: now,
            controller: "own".parse()?,
        };
        let text = dated(list.text, today);
        let file = ListFile { name: list.file.to_owned(), bytes: Box::new(text.as_bytes()) };
        let reading = read_list(list.format, vec![file], &context, &mut |item| {
            if let Item::Dossier(dossier) = item {
                dossiers.push(*dossier);
            }
        })?;
        infos.push(Arc::new(ListInfo {
            source: reading.origin.source.clone(),
            title: list.title.to_owned(),
            version: reading.origin.version.clone(),
            issued: Some(issued),
            age_days: Some(list.days_old),
            old: list.days_old > OLD_DAYS,
            records: reading.tally.dossiers_made,
            set_aside: reading.tally.rows_set_aside,
            warnings: Vec::new(),
        }));
    }
    Ok(Searchable::new(Index::build(dossiers), infos))
}

/// Writes the invented files into a folder.
pub(super) fn write(folder: &Path, today: Date) -> anyhow::Result<()> {
    private_file::create_folder(folder)
        .with_context(|| format!("cannot make the folder `{}`", folder.display()))?;
    let lists = LISTS.iter().map(|list| (list.file, list.text));
    let files: Vec<_> = lists.chain([("donors.csv", DONORS)]).collect();
    // Before any is written, so that a refusal leaves the folder as it was.
    if let Some((name, _)) = files.iter().find(|(name, _)| folder.join(name).exists()) {
        anyhow::bail!(
            "`{}` is there already and is not written over; name a new folder with `--files DIR`",
            folder.join(name).display()
        );
    }
    for (name, text) in files {
        let path = folder.join(name);
        private_file::create_new(&path)
            .and_then(|mut file| file.write_all(dated(text, today).as_bytes()))
            .with_context(|| format!("cannot write `{}`", path.display()))?;
    }
    Ok(())
}

/// Turns `@d3` into the day three days ago as `19/11/2026`, and `@m3` into `19-Nov-2026`, so that
/// the deadlines of the demonstration lie ahead whenever it is run.
fn dated(text: &str, today: Date) -> String {
    let mut out = String::with_capacity(text.len() + 1024);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('@') {
        out.push_str(before);
        let form = match after.as_bytes().first() {
            Some(b'd') => "%d/%m/%Y",
            Some(b'm') => "%d-%b-%Y",
            _ => {
                out.push('@');
                rest = after;
                continue;
            }
        };
        let body = after.get(1..).unwrap_or_default();
        let end = body.find(|c: char| !c.is_ascii_digit()).unwrap_or(body.len());
        let (days, after) = body.split_at(end);
        let days: i64 = days.parse().unwrap_or_default();
        out.push_str(&today.saturating_sub(days.days()).strftime(form).to_string());
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_the_demonstration_follow_the_calendar() {
        let today = "2024-03-01".parse().unwrap();
        assert_eq!(dated("a,@d1,b@m0 c@x", today), "a,29/02/2024,b01-Mar-2024 c@x");
    }

    #[test]
    fn the_invented_lists_are_read_whole() {
        let today = "2026-01-15".parse().unwrap();
        let lists = lists(today, "2026-01-15T12:00:00Z".parse().unwrap()).unwrap();
        assert!(lists.infos.iter().all(|info| info.set_aside == 0));
        // Seven subjects in ten rows; seven entities; three entities.
        let records: Vec<u64> = lists.infos.iter().map(|info| info.records).collect();
        assert_eq!(records, [7, 7, 3]);
    }
}
