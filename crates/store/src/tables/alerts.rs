//! Pairs that were shown to people.

use super::by_label::{self, by_label};
use super::{events, labels, records};
use crate::cells::Cells;
use crate::database::Open;
use crate::engine::{FromCell as _, Row};
use crate::{StoreError, marks};
use portcullis_decide::{Change, Judgement, Raised, RaisedPair, Reference, Retention, reference};
use portcullis_keys::{Place, RecordNumber};
use portcullis_types::{Label, OrganisationId, Purpose, Score, SourceId};
use std::collections::{BTreeMap, BTreeSet};

const TABLE: &str = "raised";

/// Rows read at a time.
const PAGE: i64 = 500;

/// Each pair bears at least the label of the list that its record is from, and what was screened;
/// that it was shown, and how many were, bears the join of them all.
pub(crate) fn put(open: &Open<'_>, change: &Change<Raised>) -> Result<(), StoreError> {
    let organisation = &change.event().organisation;
    let record = records::open_new(open, organisation, change.retention(open.schedule()))?;
    let mut sources = BTreeMap::new();
    let mut together = change.label().clone();
    for pair in &change.state().pairs {
        let source = &pair.record.source;
        if !sources.contains_key(source) {
            let of_list = labels::of_source(open, organisation, source)?;
            together = labels::join(&together, &of_list);
            sources.insert(source.clone(), labels::join(change.label(), &of_list));
        }
    }
    labels::raise(open, change.event(), record, &together)?;
    events::append(open, change.event(), record)?;
    for (pair, retention) in change.state().records(open.schedule()) {
        let label = sources.get(&pair.record.source).unwrap_or(&together);
        put_pair(open, change, pair, label, retention)?;
    }
    Ok(())
}

/// What a showing of a pair under a label is known by in the table. Whoever has no keyring can't tell
/// it from the pair's facts. One pair under two labels is two showings: were it one, a showing that a
/// reader may not know of would take the pair from his sight, or change its time and score.
fn blind_pair(open: &Open<'_>, pair: &RaisedPair, label: &Label) -> Result<[u8; 32], StoreError> {
    let organisation = pair.organisation.as_str().as_bytes();
    let mut bytes = [pair.digest().as_bytes().as_slice(), organisation].concat();
    if *label != Label::open() {
        bytes.push(0);
        bytes.extend_from_slice(&labels::blind(open, &pair.organisation, label)?);
    }
    Ok(open.keyring().blind("raised/pair", &bytes))
}

pub(crate) fn blind_reference(open: &Open<'_>, reference: Reference) -> [u8; 32] {
    open.keyring().blind("raised/reference", reference.to_string().as_bytes())
}

fn put_pair(
    open: &Open<'_>,
    change: &Change<Raised>,
    pair: &RaisedPair,
    label: &Label,
    retention: Retention,
) -> Result<(), StoreError> {
    let id = blind_pair(open, pair, label)?;
    let record = match live_record(open, pair, &id)? {
        Some(record) => {
            records::renew(open, record, retention)?;
            record
        }
        None => records::open_new(open, &pair.organisation, retention)?,
    };
    labels::raise(open, change.event(), record, label)?;
    let [query_name, record_name, query_mark, record_mark] = sealed(open, record, &id, pair)?;
    let Score(score) = pair.score;
    let at_us = change.state().at.timestamp().as_microsecond();
    open.execute(
        "INSERT INTO raised (organisation, pair, reference, record_number, first_raised_at_us,
             last_raised_at_us, raised_event, purpose, score, query_name, record_name, query_mark,
             record_mark, written_by, bears)
         VALUES ($1, $2, $3, $4, $5, $5, $6, $7, $8, $9, $10, $11, $12, $13,
             (SELECT coalesce(v.label, 0) FROM record v WHERE v.number = $4))
         ON CONFLICT (organisation, pair) DO UPDATE SET
             record_number = excluded.record_number,
             last_raised_at_us = excluded.last_raised_at_us, raised_event = excluded.raised_event,
             purpose = excluded.purpose, score = excluded.score,
             query_name = excluded.query_name, record_name = excluded.record_name,
             query_mark = excluded.query_mark, record_mark = excluded.record_mark,
             written_by = excluded.written_by, bears = excluded.bears",
        &[
            pair.organisation.as_str().into(),
            (&id).into(),
            (&blind_reference(open, pair.reference())).into(),
            records::value(record),
            at_us.into(),
            change.event().id.as_bytes().into(),
            pair.purpose.code().into(),
            score.into(),
            (&query_name).into(),
            (&record_name).into(),
            (&query_mark).into(),
            (&record_mark).into(),
            open.written_by().into(),
        ],
    )
    .map(drop)
}

/// The sealed cells of a row: the names, then what both sides are known by.
fn sealed(
    open: &Open<'_>,
    record: RecordNumber,
    id: &[u8; 32],
    pair: &RaisedPair,
) -> Result<[Vec<u8>; 4], StoreError> {
    let seal =
        |column, plain: &[u8]| open.seal(record, &Place { table: TABLE, row: id, column }, plain);
    let Score(score) = pair.score;
    let bound = marks::bind(&in_the_clear(pair.purpose, score), &marks::record_bytes(&pair.record));
    Ok([
        seal("query_name", pair.query_name.reveal().as_bytes())?,
        seal("record_name", pair.record_name.reveal().as_bytes())?,
        seal("query_mark", &marks::query_bytes(&pair.query))?,
        seal("record_mark", &bound)?,
    ])
}

/// Has the showings in a record be found under the label that it bears now. Were they found under the
/// one before still, a showing under that one would be taken for theirs: whoever it was shown to would
/// not see it, and would write into what is above him (THREATS T-38).
pub(crate) fn follow_label(
    open: &Open<'_>,
    organisation: &OrganisationId,
    record: RecordNumber,
    label: &Label,
) -> Result<(), StoreError> {
    let rows = open.query(
        "SELECT * FROM raised
         WHERE organisation = $1 AND record_number = $2 AND query_name IS NOT NULL",
        &[organisation.as_str().into(), records::value(record)],
    )?;
    for row in &rows {
        let cells = Cells::new(open, TABLE, "pair", row);
        let Some(pair) = made(&cells, organisation)? else { continue };
        let before: [u8; 32] = cells.bytes("pair")?;
        let mut id = blind_pair(open, &pair, label)?;
        if is_taken(open, organisation, &id)? {
            // It was shown under that label, too: both showings stay.
            let bytes = [id.as_slice(), &before].concat();
            id = open.keyring().blind("raised/pair", &bytes);
        }
        let [query_name, record_name, query_mark, record_mark] = sealed(open, record, &id, &pair)?;
        open.execute(
            "UPDATE raised SET pair = $3, query_name = $4, record_name = $5, query_mark = $6,
                 record_mark = $7, written_by = $8
             WHERE organisation = $1 AND pair = $2",
            &[
                organisation.as_str().into(),
                (&before).into(),
                (&id).into(),
                (&query_name).into(),
                (&record_name).into(),
                (&query_mark).into(),
                (&record_mark).into(),
                open.written_by().into(),
            ],
        )?;
    }
    Ok(())
}

fn is_taken(
    open: &Open<'_>,
    organisation: &OrganisationId,
    id: &[u8; 32],
) -> Result<bool, StoreError> {
    let row = open.row(
        "SELECT pair FROM raised WHERE organisation = $1 AND pair = $2",
        &[organisation.as_str().into(), id.into()],
    )?;
    Ok(row.is_some())
}

/// The records of the pairs with a record of a source, each with its own number.
pub(crate) fn of_source(
    open: &Open<'_>,
    organisation: &OrganisationId,
    source: &SourceId,
) -> Result<Vec<RecordNumber>, StoreError> {
    let (mut found, mut after) = (Vec::new(), Vec::new());
    loop {
        let rows = open.query(
            "SELECT * FROM raised WHERE organisation = $1 AND pair > $2 AND query_name IS NOT NULL
             ORDER BY pair LIMIT $3",
            &[organisation.as_str().into(), (&after).into(), PAGE.into()],
        )?;
        for row in &rows {
            let cells = Cells::new(open, TABLE, "pair", row);
            after = cells.raw("pair")?;
            if made(&cells, organisation)?.is_some_and(|pair| pair.record.source == *source) {
                found.push(cells.record_number("record_number")?);
            }
        }
        if i64::try_from(rows.len()).unwrap_or(i64::MAX) < PAGE {
            return Ok(found);
        }
    }
}

/// The record of a pair that was shown before and not erased since.
fn live_record(
    open: &Open<'_>,
    pair: &RaisedPair,
    id: &[u8; 32],
) -> Result<Option<RecordNumber>, StoreError> {
    let row = open.row(
        "SELECT pair, record_number FROM raised
         WHERE organisation = $1 AND pair = $2 AND query_name IS NOT NULL",
        &[pair.organisation.as_str().into(), id.into()],
    )?;
    let record = row
        .map(|row| Cells::new(open, TABLE, "pair", &row).record_number("record_number"))
        .transpose()?;
    Ok(record.filter(|record| !open.keyring().is_shredded(*record)))
}

/// The label of a pair that is decided on: the join of those of its showings that whoever decides
/// sees, and of the list that the record is from, which he need not be let know.
pub(crate) fn label_of_pair(open: &Open<'_>, judgement: &Judgement) -> Result<Label, StoreError> {
    let Judgement { organisation, purpose, query, record, .. } = judgement;
    let reference = reference(*purpose, query, record);
    let of_list = labels::of_source(open, organisation, &record.source)?;
    rows_under(open, organisation, reference)?
        .iter()
        .try_fold(of_list, |joined, row| Ok(labels::join(&joined, &labels::of_row(open, row)?)))
}

/// The rows of what a reader sees under a reference, each with its label.
pub(crate) fn rows_under(
    open: &Open<'_>,
    organisation: &OrganisationId,
    reference: Reference,
) -> Result<Vec<Row>, StoreError> {
    let mut rows = by_label::rows(
        open,
        &by_label!(
            "SELECT r.*, v.label, k.blind, k.sealed,
                 k.record_number AS label_record
             FROM raised r JOIN record v ON v.number = r.record_number
             LEFT JOIN label k ON k.record_number = v.label
             WHERE r.organisation = $1 AND ",
            "r",
            " AND r.reference = $3 AND r.query_name IS NOT NULL"
        ),
        organisation,
        &[(&blind_reference(open, reference)).into()],
    )?;
    let pair = |row: &Row| row.cell("pair").and_then(Vec::<u8>::from_cell);
    rows.sort_by_cached_key(|row| (by_label::number(row, "first_raised_at_us"), pair(row)));
    Ok(rows)
}

/// The pairs shown under a reference, each once.
pub(crate) fn under(
    open: &Open<'_>,
    organisation: &OrganisationId,
    reference: Reference,
) -> Result<Vec<RaisedPair>, StoreError> {
    let rows = rows_under(open, organisation, reference)?;
    let mut pairs = Vec::with_capacity(rows.len());
    for row in &rows {
        pairs.extend(made(&Cells::new(open, TABLE, "pair", row), organisation)?);
    }
    // A row that was moved under another reference would have people decide on the wrong pair.
    for (pair, row) in pairs.iter().zip(&rows) {
        if pair.reference() != reference {
            return Err(Cells::new(open, TABLE, "pair", row).bad("reference"));
        }
    }
    let mut digests = BTreeSet::new();
    pairs.reverse();
    pairs.retain(|pair| digests.insert(pair.digest()));
    pairs.reverse();
    Ok(pairs)
}

/// The pair in a row; none where it was erased.
pub(crate) fn made(
    cells: &Cells<'_>,
    organisation: &OrganisationId,
) -> Result<Option<RaisedPair>, StoreError> {
    let record = cells.record_number("record_number")?;
    let (Some(query_name), Some(record_name), Some(query), Some(listed)) = (
        cells.sealed_text(record, "query_name")?,
        cells.sealed_text(record, "record_name")?,
        cells.sealed(record, "query_mark")?,
        cells.sealed(record, "record_mark")?,
    ) else {
        return Ok(None);
    };
    let purpose = cells.make("purpose", |code: String| Purpose::from_code(&code))?;
    let score = cells.make("score", |score: f64| (0.0..=1.0).contains(&score).then_some(score))?;
    let listed = marks::bound(&in_the_clear(purpose, score), &listed)
        .and_then(marks::record_mark)
        .ok_or_else(|| cells.bad("record_mark"))?;
    Ok(Some(RaisedPair {
        organisation: organisation.clone(),
        purpose,
        query: marks::query_mark(&query).ok_or_else(|| cells.bad("query_mark"))?,
        record: listed,
        query_name,
        record_name,
        score: Score(score),
    }))
}

/// What stands in the clear beside the pair. It is sealed with it, so that nobody changes a score
/// without being noticed.
fn in_the_clear(purpose: Purpose, score: f64) -> [String; 2] {
    [purpose.code().to_owned(), score.to_bits().to_string()]
}
