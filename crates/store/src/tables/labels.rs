//! Labels, each kept once, and the records that bear them.

use super::records;
use crate::StoreError;
use crate::cells::Cells;
use crate::database::Open;
use crate::engine::Value;
use crate::labels::{LabelId, Labelled, Labels, LabelsMark};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use portcullis_decide::{Change, RecordKind, Relabelled};
use portcullis_keys::{Place, RecordNumber};
use portcullis_types::{Event, Label, OrganisationId, SourceId};
use std::collections::BTreeMap;

const TABLE: &str = "label";

/// The bytes of a label. Its sets are ordered, so that one label has one form.
fn bytes(label: &Label) -> Result<zeroize::Zeroizing<Vec<u8>>, StoreError> {
    let bytes = serde_json::to_vec(label);
    bytes.map(zeroize::Zeroizing::new).map_err(|source| StoreError::Label { source: source.into() })
}

/// What a label is found by. Whoever has no keyring can't try labels against it.
pub(crate) fn blind(
    open: &Open<'_>,
    organisation: &OrganisationId,
    label: &Label,
) -> Result<[u8; 32], StoreError> {
    let mut keyed = zeroize::Zeroizing::new(organisation.as_str().as_bytes().to_vec());
    keyed.push(0);
    keyed.extend_from_slice(&bytes(label)?);
    Ok(open.keyring().blind("label", &keyed))
}

/// The number of a label; none for the open one. One that nothing bore so far is kept from now on, in
/// a record of its own, with the change that `event` tells of.
fn intern(
    open: &Open<'_>,
    event: &Event,
    label: &Label,
) -> Result<Option<RecordNumber>, StoreError> {
    if *label == Label::open() {
        return Ok(None);
    }
    let (organisation, blind) = (&event.organisation, blind(open, &event.organisation, label)?);
    let known = open.row(
        "SELECT blind, record_number FROM label WHERE organisation = $1 AND blind = $2",
        &[organisation.as_str().into(), (&blind).into()],
    )?;
    if let Some(row) = known {
        return Cells::new(open, TABLE, "blind", &row).record_number("record_number").map(Some);
    }
    let retention = open.schedule().retention_for(RecordKind::Label, event.purpose, day_of(event));
    let number = records::open_new(open, organisation, retention)?;
    let place = Place { table: TABLE, row: &blind, column: "sealed" };
    let sealed = open.seal(number, &place, &bytes(label)?)?;
    open.execute(
        "INSERT INTO label (record_number, organisation, blind, sealed, written_by)
         VALUES ($1, $2, $3, $4, $5)",
        &[
            records::value(number),
            organisation.as_str().into(),
            (&blind).into(),
            (&sealed).into(),
            open.written_by().into(),
        ],
    )?;
    Ok(Some(number))
}

fn day_of(event: &Event) -> Date {
    event.at.timestamp().to_zoned(TimeZone::UTC).date()
}

/// Has a record bear the join of the label it bears and another; says which that is. No label is
/// ever lowered.
pub(crate) fn raise(
    open: &Open<'_>,
    event: &Event,
    record: RecordNumber,
    label: &Label,
) -> Result<Label, StoreError> {
    let before = of_record(open, record)?;
    let joined = join(&before, label);
    if joined == before {
        return Ok(before);
    }
    if let Some(number) = intern(open, event, &joined)? {
        open.execute(
            "UPDATE record SET label = $1, written_by = $2 WHERE number = $3",
            &[records::value(number), open.written_by().into(), records::value(record)],
        )?;
        super::by_label::follow(open, record, number)?;
        super::alerts::follow_label(open, &event.organisation, record, &joined)?;
    }
    Ok(joined)
}

/// Has what was made from the lists of a source bear their label, too: the pairs that were shown and
/// the decisions on them. They tell what is on the list. The event of the list speaks for them all.
pub(crate) fn raise_what_was_made(
    open: &Open<'_>,
    event: &Event,
    source: &SourceId,
    label: &Label,
) -> Result<(), StoreError> {
    let pairs = super::alerts::of_source(open, &event.organisation, source)?;
    let decisions = super::decisions::of_source(open, &event.organisation, source)?;
    for record in pairs.into_iter().chain(decisions) {
        raise(open, event, record, label)?;
    }
    Ok(())
}

/// The label of what is made from two things.
pub(crate) fn join(one: &Label, other: &Label) -> Label {
    #[cfg(test)]
    if crate::labels::tests::joins_are_broken() {
        return if *one == Label::open() { other.clone() } else { one.clone() };
    }
    one.join(other)
}

/// The label that a record bears.
pub(crate) fn of_record(open: &Open<'_>, record: RecordNumber) -> Result<Label, StoreError> {
    let row = open.row(
        "SELECT v.number, v.label, l.blind, l.record_number AS label_record, l.sealed
         FROM record v LEFT JOIN label l ON l.record_number = v.label WHERE v.number = $1",
        &[records::value(record)],
    )?;
    row.map_or_else(|| Ok(Label::open()), |row| of_row(open, &row))
}

/// The label in a row with the columns `label` of the record and `blind`, `label_record` and `sealed`
/// of the label.
pub(crate) fn of_row(open: &Open<'_>, row: &crate::engine::Row) -> Result<Label, StoreError> {
    let cells = Cells::new(open, TABLE, "blind", row);
    if cells.raw::<Option<i64>>("label")?.is_none() {
        return Ok(Label::open());
    }
    let record = cells.record_number("label_record")?;
    made(&cells, record)?.ok_or_else(|| cells.bad("sealed"))
}

/// A label; none where its record was erased.
fn made(cells: &Cells<'_>, record: RecordNumber) -> Result<Option<Label>, StoreError> {
    let Some(opened) = cells.sealed(record, "sealed")? else { return Ok(None) };
    serde_json::from_slice(&opened).map(Some).map_err(|_| cells.bad("sealed"))
}

/// Every label of an organisation.
pub(crate) fn all(open: &Open<'_>, organisation: &OrganisationId) -> Result<Labels, StoreError> {
    let rows = open.query(
        "SELECT record_number, blind, sealed FROM label WHERE organisation = $1
         ORDER BY record_number",
        &[organisation.as_str().into()],
    )?;
    let mut known = BTreeMap::new();
    for row in &rows {
        let cells = Cells::new(open, TABLE, "blind", row);
        if let Some(label) = made(&cells, cells.record_number("record_number")?)? {
            known.insert(LabelId(cells.count("record_number")?), label);
        }
    }
    Ok(Labels::of(known))
}

/// What tells whether the labels have changed: none is ever changed itself.
pub(crate) fn mark(
    open: &Open<'_>,
    organisation: &OrganisationId,
) -> Result<LabelsMark, StoreError> {
    let row = open.row(
        "SELECT coalesce(max(record_number), 0) AS last, count(sealed) AS number FROM label
         WHERE organisation = $1",
        &[organisation.as_str().into()],
    )?;
    row.map_or(Ok(LabelsMark { last: 0, count: 0 }), |row| {
        let cells = Cells::new(open, TABLE, "last", &row);
        Ok(LabelsMark { last: cells.count("last")?, count: cells.count("number")? })
    })
}

/// The label of the lists whose records name this source, joined; the open one where there is none.
pub(crate) fn of_source(
    open: &Open<'_>,
    organisation: &OrganisationId,
    source: &SourceId,
) -> Result<Label, StoreError> {
    let rows = open.query(
        "SELECT v.label, l.blind, l.record_number AS label_record, l.sealed
         FROM list t JOIN record v ON v.number = t.record_number
         LEFT JOIN label l ON l.record_number = v.label
         WHERE t.organisation = $1 AND t.source = $2 ORDER BY t.name",
        &[organisation.as_str().into(), source.as_str().into()],
    )?;
    rows.iter().try_fold(Label::open(), |joined, row| Ok(join(&joined, &of_row(open, row)?)))
}

/// Has a record bear a stricter label, as an officer said.
pub(crate) fn relabel(open: &Open<'_>, change: &Change<Relabelled>) -> Result<(), StoreError> {
    let Relabelled { organisation, record, before, label } = change.state();
    if records::held(open, organisation, *record)?.is_none() {
        return Err(StoreError::Overtaken { what: "record" });
    }
    let number = records::key(*record)?;
    // Whoever looked at it saw another label: what was judged then need not hold now.
    if of_record(open, number)? != *before {
        return Err(StoreError::Overtaken { what: "label" });
    }
    if super::lists::shares_its_source(open, number)? {
        return Err(StoreError::SharedSource);
    }
    let label = raise(open, change.event(), number, label)?;
    if let Some(source) = super::lists::source_of(open, number)? {
        raise_what_was_made(open, change.event(), &source, &label)?;
    }
    super::events::append(open, change.event(), number)
}

/// Whether anything that is there bears the label of this record.
pub(crate) fn is_borne(open: &Open<'_>, record: i64) -> Result<bool, StoreError> {
    let row = open.row(
        "SELECT number FROM record WHERE label = $1 AND erased_at_us IS NULL LIMIT 1",
        &[record.into()],
    )?;
    Ok(row.is_some())
}

/// The records of what is called so, in the order of their numbers.
pub(crate) fn records_of(
    open: &Open<'_>,
    organisation: &OrganisationId,
    thing: &Labelled,
) -> Result<Vec<portcullis_decide::RecordNumber>, StoreError> {
    let organisation = Value::from(organisation.as_str());
    let rows = match thing {
        Labelled::List(name) => open.query(
            "SELECT record_number FROM list WHERE organisation = $1 AND name = $2",
            &[organisation, name.as_str().into()],
        ),
        Labelled::Alert(reference) => open.query(
            "SELECT record_number FROM raised WHERE organisation = $1 AND reference = $2
             ORDER BY record_number",
            &[organisation, (&super::alerts::blind_reference(open, *reference)).into()],
        ),
        Labelled::Decision(id) => open.query(
            "SELECT record_number FROM decision
             WHERE organisation = $1 AND id = $2 AND reason IS NOT NULL",
            &[organisation, id.as_bytes().into()],
        ),
    }?;
    let number = |row| Cells::new(open, TABLE, "record_number", row).held_number("record_number");
    rows.iter().map(number).collect()
}
