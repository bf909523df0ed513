//! Lists of which copies are kept.

use super::Open;
use super::cells::integer;
use crate::StoreError;
use portcullis_decide::{
    Address, Change, Digest, ForgottenList, KeptFile, KeptIssue, KeptList, ListName,
};
use portcullis_types::OrganisationId;
use rusqlite::{named_params, params};

pub(super) fn put(open: &Open<'_>, change: &Change<KeptList>) -> Result<(), StoreError> {
    let list = change.state();
    let (organisation, name) = (list.organisation.as_str(), list.name.as_str());
    open.execute(
        "INSERT INTO list (organisation, name, source, format, rhythm_days, checked_at_us,
             kept_event, written_by)
         VALUES (:organisation, :name, :source, :format, :rhythm_days, :checked_at_us, :event,
             :written_by)
         ON CONFLICT (organisation, name) DO UPDATE SET
             source = excluded.source, format = excluded.format,
             rhythm_days = excluded.rhythm_days, checked_at_us = excluded.checked_at_us,
             kept_event = excluded.kept_event, written_by = excluded.written_by",
        named_params! {
            ":organisation": organisation,
            ":name": name,
            ":source": list.source.as_str(),
            ":format": list.format,
            ":rhythm_days": list.rhythm_days,
            ":checked_at_us": list.checked_at.as_microsecond(),
            ":event": change.event().id.as_bytes().as_slice(),
            ":written_by": open.written_by(),
        },
    )?;
    open.execute(
        "DELETE FROM list_address WHERE organisation = ?1 AND list = ?2",
        [organisation, name],
    )?;
    open.execute(
        "DELETE FROM list_issue WHERE organisation = ?1 AND list = ?2",
        [organisation, name],
    )?;
    for (place, address) in (0_i64..).zip(&list.addresses) {
        open.execute(
            "INSERT INTO list_address (organisation, list, place, address, written_by)
             VALUES (?1, ?2, ?3, ?4, ?5)",
            params![organisation, name, place, address.as_str(), open.written_by()],
        )?;
    }
    for (place, issue) in (0_i64..).zip(list.issues()) {
        put_issue(open, list, place, issue)?;
    }
    Ok(())
}

fn put_issue(
    open: &Open<'_>,
    list: &KeptList,
    place: i64,
    issue: &KeptIssue,
) -> Result<(), StoreError> {
    open.execute(
        "INSERT INTO list_issue (organisation, list, digest, place, version, published,
             recorded_at_us, entries, set_aside, written_by)
         VALUES (:organisation, :list, :digest, :place, :version, :published, :recorded_at_us,
             :entries, :set_aside, :written_by)",
        named_params! {
            ":organisation": list.organisation.as_str(),
            ":list": list.name.as_str(),
            ":digest": issue.digest.as_bytes().as_slice(),
            ":place": place,
            ":version": issue.version.as_str(),
            ":published": issue.published.map(|day| day.to_string()),
            ":recorded_at_us": issue.recorded_at.as_microsecond(),
            ":entries": integer(issue.entries),
            ":set_aside": integer(issue.set_aside),
            ":written_by": open.written_by(),
        },
    )?;
    for (place, file) in (0_i64..).zip(&issue.files) {
        open.execute(
            "INSERT INTO list_file (organisation, list, issue, place, name, address, sha256,
                 size_bytes, entity_tag, last_modified, written_by)
             VALUES (:organisation, :list, :issue, :place, :name, :address, :sha256, :size_bytes,
                 :entity_tag, :last_modified, :written_by)",
            named_params! {
                ":organisation": list.organisation.as_str(),
                ":list": list.name.as_str(),
                ":issue": issue.digest.as_bytes().as_slice(),
                ":place": place,
                ":name": file.name,
                ":address": file.address.as_str(),
                ":sha256": file.sha256.as_bytes().as_slice(),
                ":size_bytes": integer(file.size_bytes),
                ":entity_tag": file.entity_tag,
                ":last_modified": file.last_modified,
                ":written_by": open.written_by(),
            },
        )?;
    }
    Ok(())
}

pub(super) fn forget(open: &Open<'_>, list: &ForgottenList) -> Result<(), StoreError> {
    let gone = open.execute(
        "DELETE FROM list WHERE organisation = ?1 AND name = ?2",
        [list.organisation.as_str(), list.name.as_str()],
    )?;
    if gone == 1 { Ok(()) } else { Err(StoreError::Overtaken { what: "list" }) }
}

pub(super) fn all(
    open: &Open<'_>,
    organisation: &OrganisationId,
) -> Result<Vec<KeptList>, StoreError> {
    open.rows(
        "list",
        "SELECT rowid, * FROM list WHERE organisation = ?1 ORDER BY name",
        [organisation.as_str()],
        |cells| {
            let name: ListName = cells.parse("name")?;
            let mut issues = issues(open, organisation, &name)?.into_iter();
            // Every list has an issue, and screening uses the first.
            let current = issues.next().ok_or_else(|| cells.bad("name"))?;
            Ok(KeptList {
                organisation: organisation.clone(),
                source: cells.parse("source")?,
                format: cells.raw("format")?,
                addresses: addresses(open, organisation, &name)?,
                rhythm_days: cells.raw("rhythm_days")?,
                checked_at: cells.timestamp("checked_at_us")?,
                current,
                earlier: issues.collect(),
                name,
            })
        },
    )
}

fn addresses(
    open: &Open<'_>,
    organisation: &OrganisationId,
    list: &ListName,
) -> Result<Vec<Address>, StoreError> {
    open.rows(
        "list_address",
        "SELECT rowid, address FROM list_address WHERE organisation = ?1 AND list = ?2
         ORDER BY place",
        [organisation.as_str(), list.as_str()],
        |cells| cells.raw::<String>("address").map(|text| Address::from_text(&text)),
    )
}

fn issues(
    open: &Open<'_>,
    organisation: &OrganisationId,
    list: &ListName,
) -> Result<Vec<KeptIssue>, StoreError> {
    open.rows(
        "list_issue",
        "SELECT rowid, * FROM list_issue WHERE organisation = ?1 AND list = ?2 ORDER BY place",
        [organisation.as_str(), list.as_str()],
        |cells| {
            let digest = cells.digest("digest")?;
            Ok(KeptIssue {
                digest,
                version: cells.parse("version")?,
                published: cells.make("published", |day: Option<String>| match day {
                    None => Some(None),
                    Some(day) => day.parse().ok().map(Some),
                })?,
                recorded_at: cells.timestamp("recorded_at_us")?,
                entries: cells.count("entries")?,
                set_aside: cells.count("set_aside")?,
                files: files(open, organisation, list, digest)?,
            })
        },
    )
}

fn files(
    open: &Open<'_>,
    organisation: &OrganisationId,
    list: &ListName,
    issue: Digest,
) -> Result<Vec<KeptFile>, StoreError> {
    open.rows(
        "list_file",
        "SELECT rowid, * FROM list_file WHERE organisation = ?1 AND list = ?2 AND issue = ?3
         ORDER BY place",
        params![organisation.as_str(), list.as_str(), issue.as_bytes().as_slice()],
        |cells| {
            Ok(KeptFile {
                name: cells.raw("name")?,
                address: Address::from_text(&cells.raw::<String>("address")?),
                sha256: cells.digest("sha256")?,
                size_bytes: cells.count("size_bytes")?,
                entity_tag: cells.raw("entity_tag")?,
                last_modified: cells.raw("last_modified")?,
            })
        },
    )
}
