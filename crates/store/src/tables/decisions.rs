//! Decisions: added, undone, never changed otherwise.

use super::{alerts, by_label, events, labels, records};
use crate::cells::{Cells, integer};
use crate::database::Open;
use crate::labels::visible;
use crate::tables::by_label::by_label;
use crate::{StoreError, marks};
use portcullis_decide::{Change, Decision, Judgement, StatedReason, Undoing, Verdict};
use portcullis_keys::{Place, RecordNumber};
use portcullis_types::{EventId, EventTime, Label, OfficerId, OrganisationId, Purpose, SourceId};

const TABLE: &str = "decision";

/// Rows read at a time.
const PAGE: i64 = 500;

/// Gives the label that the decision bears.
pub(crate) fn put(open: &Open<'_>, change: &Change<Decision>) -> Result<Label, StoreError> {
    let decision = change.state();
    let organisation = &decision.judgement.organisation;
    match &decision.undoing {
        None => {
            let record = records::open_new(open, organisation, change.retention(open.schedule()))?;
            // Whoever decides need not know what he reads bears (THREATS T-38).
            let pair = alerts::label_of_pair(open, &decision.judgement)?;
            let label = labels::join(change.label(), &pair);
            let label = labels::raise(open, change.event(), record, &label)?;
            events::append(open, change.event(), record)?;
            add(open, decision, record).map(|()| label)
        }
        Some(undoing) => {
            let record = record_of(open, decision)?;
            let label = labels::raise(open, change.event(), record, change.label())?;
            events::append(open, change.event(), record)?;
            undo(open, change, undoing, record).map(|()| label)
        }
    }
}

fn place<'a>(decision: &'a Decision, column: &'static str) -> Place<'a> {
    Place { table: TABLE, row: decision.id.as_bytes(), column }
}

fn record_of(open: &Open<'_>, decision: &Decision) -> Result<RecordNumber, StoreError> {
    let row = open.row(
        concat!(
            "SELECT d.id, d.record_number FROM decision d JOIN record v ON v.number = d.record_number
             WHERE d.organisation = $1 AND ",
            visible!(),
            " AND d.id = $3"
        ),
        &[
            decision.judgement.organisation.as_str().into(),
            open.visible().value().into(),
            decision.id.as_bytes().into(),
        ],
    )?;
    let row = row.ok_or(StoreError::Overtaken { what: "decision" })?;
    Cells::new(open, TABLE, "id", &row).record_number("record_number")
}

fn undo(
    open: &Open<'_>,
    change: &Change<Decision>,
    undoing: &Undoing,
    record: RecordNumber,
) -> Result<(), StoreError> {
    let decision = change.state();
    let reason =
        marks::bind(&undoing_in_the_clear(undoing), undoing.reason.text().reveal().as_bytes());
    let reason = open.seal(record, &place(decision, "undone_reason"), &reason)?;
    let changed = open.execute(
        "UPDATE decision SET undone_event = $1, undone_at_us = $2, undone_by = $3,
             undone_reason = $4, written_by = $5
         WHERE id = $6 AND organisation = $7 AND undone_event IS NULL",
        &[
            change.event().id.as_bytes().into(),
            undoing.at.timestamp().as_microsecond().into(),
            undoing.officer.as_str().into(),
            (&reason).into(),
            open.written_by().into(),
            decision.id.as_bytes().into(),
            decision.judgement.organisation.as_str().into(),
        ],
    )?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Overtaken { what: "decision" }) }
}

fn add(open: &Open<'_>, decision: &Decision, record: RecordNumber) -> Result<(), StoreError> {
    let judgement = &decision.judgement;
    let seal = |column, plain: &[u8]| open.seal(record, &place(decision, column), plain);
    let reason = marks::bind(
        &in_the_clear(decision.at, judgement.purpose, judgement.verdict, &judgement.officer),
        judgement.reason.text().reveal().as_bytes(),
    );
    let reason = seal("reason", &reason)?;
    let query_name = seal("query_name", judgement.query_name.reveal().as_bytes())?;
    let record_name = seal("record_name", judgement.record_name.reveal().as_bytes())?;
    let query_mark = seal("query_mark", &marks::query_bytes(&judgement.query))?;
    let record_mark = seal("record_mark", &marks::record_bytes(&judgement.record))?;
    open.execute(
        "INSERT INTO decision (id, organisation, record_number, at_us, purpose, verdict, officer,
             reason, query_name, record_name, query_mark, record_mark, written_by, bears)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,
             (SELECT coalesce(v.label, 0) FROM record v WHERE v.number = $3))",
        &[
            decision.id.as_bytes().into(),
            judgement.organisation.as_str().into(),
            records::value(record),
            decision.at.timestamp().as_microsecond().into(),
            judgement.purpose.code().into(),
            judgement.verdict.code().into(),
            judgement.officer.as_str().into(),
            (&reason).into(),
            (&query_name).into(),
            (&record_name).into(),
            (&query_mark).into(),
            (&record_mark).into(),
            open.written_by().into(),
        ],
    )
    .map(drop)
}

/// All decisions, oldest first, without those that were erased.
pub(crate) fn all(
    open: &Open<'_>,
    organisation: &OrganisationId,
) -> Result<Vec<Decision>, StoreError> {
    let mut rows = by_label::rows(
        open,
        &by_label!(
            "SELECT d.* FROM decision d JOIN record v ON v.number = d.record_number
             WHERE d.organisation = $1 AND ",
            "d",
            " AND d.reason IS NOT NULL"
        ),
        organisation,
        &[],
    )?;
    rows.sort_by_cached_key(|row| by_label::number(row, "position"));
    let mut decisions = Vec::with_capacity(rows.len());
    for row in &rows {
        decisions.extend(made(&Cells::new(open, TABLE, "id", row), organisation)?);
    }
    Ok(decisions)
}

/// The records of the decisions on records of a source, whoever sees them.
pub(crate) fn of_source(
    open: &Open<'_>,
    organisation: &OrganisationId,
    source: &SourceId,
) -> Result<Vec<RecordNumber>, StoreError> {
    let (mut found, mut after) = (Vec::new(), 0_u64);
    loop {
        let rows = open.query(
            "SELECT * FROM decision
             WHERE organisation = $1 AND position > $2 AND reason IS NOT NULL
             ORDER BY position LIMIT $3",
            &[organisation.as_str().into(), integer(after).into(), PAGE.into()],
        )?;
        for row in &rows {
            let cells = Cells::new(open, TABLE, "id", row);
            after = cells.count("position")?;
            let decision = made(&cells, organisation)?;
            if decision.is_some_and(|decision| decision.judgement.record.source == *source) {
                found.push(cells.record_number("record_number")?);
            }
        }
        if i64::try_from(rows.len()).unwrap_or(i64::MAX) < PAGE {
            return Ok(found);
        }
    }
}

pub(crate) fn made(
    cells: &Cells<'_>,
    organisation: &OrganisationId,
) -> Result<Option<Decision>, StoreError> {
    let record = cells.record_number("record_number")?;
    // One key seals them all: where one is erased, all are.
    let (Some(reason), Some(query_name), Some(record_name), Some(query), Some(listed)) = (
        cells.sealed(record, "reason")?,
        cells.sealed_text(record, "query_name")?,
        cells.sealed_text(record, "record_name")?,
        cells.sealed(record, "query_mark")?,
        cells.sealed(record, "record_mark")?,
    ) else {
        return Ok(None);
    };
    let bad = |column| move || cells.bad(column);
    let at = cells.event_time("at_us")?;
    let purpose = cells.make("purpose", |code: String| Purpose::from_code(&code))?;
    let verdict = cells.make("verdict", |code: String| Verdict::from_code(&code))?;
    let officer = cells.parse("officer")?;
    let reason = marks::bound(&in_the_clear(at, purpose, verdict, &officer), &reason)
        .and_then(|reason| std::str::from_utf8(reason).ok())
        .ok_or_else(bad("reason"))?;
    Ok(Some(Decision {
        id: EventId::from_bytes(cells.bytes("id")?),
        at,
        judgement: Judgement {
            organisation: organisation.clone(),
            purpose,
            query: marks::query_mark(&query).ok_or_else(bad("query_mark"))?,
            record: marks::record_mark(&listed).ok_or_else(bad("record_mark"))?,
            query_name,
            record_name,
            verdict,
            officer,
            reason: StatedReason::new(reason).map_err(|_| cells.bad("reason"))?,
        },
        undoing: undoing(cells, record)?,
    }))
}

fn undoing(cells: &Cells<'_>, record: RecordNumber) -> Result<Option<Undoing>, StoreError> {
    if cells.raw::<Option<Vec<u8>>>("undone_event")?.is_none() {
        return Ok(None);
    }
    let bad = || cells.bad("undone_reason");
    let sealed = cells.sealed(record, "undone_reason")?.ok_or_else(bad)?;
    let mut undoing = Undoing {
        at: cells.event_time("undone_at_us")?,
        officer: cells.parse("undone_by")?,
        reason: StatedReason::new("not read yet").map_err(|_| bad())?,
    };
    let reason = marks::bound(&undoing_in_the_clear(&undoing), &sealed)
        .and_then(|reason| std::str::from_utf8(reason).ok())
        .ok_or_else(bad)?;
    undoing.reason = StatedReason::new(reason).map_err(|_| bad())?;
    Ok(Some(undoing))
}

/// What stands in the clear beside the reason. It is sealed with the reason, so that nobody changes a
/// verdict without being noticed.
fn in_the_clear(
    at: EventTime,
    purpose: Purpose,
    verdict: Verdict,
    officer: &OfficerId,
) -> [String; 4] {
    [
        at.timestamp().as_microsecond().to_string(),
        purpose.code().to_owned(),
        verdict.code().to_owned(),
        officer.as_str().to_owned(),
    ]
}

/// The same of an undoing.
fn undoing_in_the_clear(undoing: &Undoing) -> [String; 2] {
    [undoing.at.timestamp().as_microsecond().to_string(), undoing.officer.as_str().to_owned()]
}
