//! Decisions: added, undone, never changed otherwise.

use super::Open;
use super::cells::{Cells, joined};
use crate::StoreError;
use portcullis_decide::{Change, Decision, Judgement, StatedReason, Undoing, Verdict};
use portcullis_types::{EventId, OrganisationId, Protected, Purpose};
use rusqlite::named_params;

pub(super) fn put(open: &Open<'_>, change: &Change<Decision>) -> Result<(), StoreError> {
    let decision = change.state();
    match &decision.undoing {
        None => add(open, decision),
        Some(undoing) => {
            let changed = open.execute(
                "UPDATE decision SET undone_event = :event, undone_at_us = :at_us,
                     undone_by = :officer, undone_reason = :reason, written_by = :written_by
                 WHERE id = :id AND organisation = :organisation AND undone_event IS NULL",
                named_params! {
                    ":event": change.event().id.as_bytes().as_slice(),
                    ":at_us": undoing.at.timestamp().as_microsecond(),
                    ":officer": undoing.officer.as_str(),
                    ":reason": undoing.reason.text().reveal(),
                    ":written_by": open.written_by(),
                    ":id": decision.id.as_bytes().as_slice(),
                    ":organisation": decision.judgement.organisation.as_str(),
                },
            )?;
            if changed == 1 { Ok(()) } else { Err(StoreError::Overtaken { what: "decision" }) }
        }
    }
}

fn add(open: &Open<'_>, decision: &Decision) -> Result<(), StoreError> {
    let Judgement { query, record, .. } = &decision.judgement;
    open.execute(
        "INSERT INTO decision (
             id, organisation, at_us, purpose, verdict, officer, reason, query_name, record_name,
             query_name_digest, query_birth_digest, query_number_digest, query_country_digest,
             query_handles, query_postcodes, query_addresses, source, list_version, record,
             record_name_digest, record_birth_digest, record_number_digest, record_country_digest,
             written_by)
         VALUES (
             :id, :organisation, :at_us, :purpose, :verdict, :officer, :reason, :query_name,
             :record_name, :q_name, :q_birth, :q_number, :q_country, :handles, :postcodes, :addresses,
             :source, :list_version, :record, :r_name, :r_birth, :r_number, :r_country,
             :written_by)",
        named_params! {
            ":id": decision.id.as_bytes().as_slice(),
            ":organisation": decision.judgement.organisation.as_str(),
            ":at_us": decision.at.timestamp().as_microsecond(),
            ":purpose": decision.judgement.purpose.code(),
            ":verdict": decision.judgement.verdict.code(),
            ":officer": decision.judgement.officer.as_str(),
            ":reason": decision.judgement.reason.text().reveal(),
            ":query_name": decision.judgement.query_name.reveal(),
            ":record_name": decision.judgement.record_name.reveal(),
            ":q_name": query.fingerprint.name.as_bytes().as_slice(),
            ":q_birth": query.fingerprint.birth_date.as_bytes().as_slice(),
            ":q_number": query.fingerprint.identifier.as_bytes().as_slice(),
            ":q_country": query.fingerprint.country.as_bytes().as_slice(),
            ":handles": joined(&query.handles),
            ":postcodes": joined(&query.postcodes),
            ":addresses": joined(&query.addresses),
            ":source": record.source.as_str(),
            ":list_version": record.list_version.as_str(),
            ":record": record.record.as_str(),
            ":r_name": record.fingerprint.name.as_bytes().as_slice(),
            ":r_birth": record.fingerprint.birth_date.as_bytes().as_slice(),
            ":r_number": record.fingerprint.identifier.as_bytes().as_slice(),
            ":r_country": record.fingerprint.country.as_bytes().as_slice(),
            ":written_by": open.written_by(),
        },
    )
    .map(drop)
}

pub(super) fn all(
    open: &Open<'_>,
    organisation: &OrganisationId,
) -> Result<Vec<Decision>, StoreError> {
    open.rows(
        "decision",
        "SELECT * FROM decision WHERE organisation = ?1 ORDER BY position",
        [organisation.as_str()],
        |cells| {
            Ok(Decision {
                id: EventId::from_bytes(cells.bytes("id")?),
                at: cells.event_time("at_us")?,
                judgement: Judgement {
                    organisation: organisation.clone(),
                    purpose: cells.make("purpose", |code: String| Purpose::from_code(&code))?,
                    query: cells.query_mark()?,
                    record: cells.record_mark()?,
                    query_name: cells.raw::<String>("query_name").map(Protected::from)?,
                    record_name: cells.raw::<String>("record_name").map(Protected::from)?,
                    verdict: cells.make("verdict", |code: String| Verdict::from_code(&code))?,
                    officer: cells.parse("officer")?,
                    reason: reason(cells, "reason")?,
                },
                undoing: undoing(cells)?,
            })
        },
    )
}

fn undoing(cells: &Cells<'_>) -> Result<Option<Undoing>, StoreError> {
    if cells.raw::<Option<Vec<u8>>>("undone_event")?.is_none() {
        return Ok(None);
    }
    Ok(Some(Undoing {
        at: cells.event_time("undone_at_us")?,
        officer: cells.parse("undone_by")?,
        reason: reason(cells, "undone_reason")?,
    }))
}

fn reason(cells: &Cells<'_>, column: &'static str) -> Result<StatedReason, StoreError> {
    cells.make(column, |text: String| StatedReason::new(&text).ok())
}
