//! What was refused: how often, from whom and why, and nothing of what it said.
//!
//! An event tells of the first of a day; the others are counted. So whoever sends things to be refused
//! does not fill the log.

use super::{day, note};
use crate::StoreError;
use crate::cells::Cells;
use crate::database::Open;
use portcullis_decide::exchange::traffic::Traffic;
use portcullis_types::{Clock, OrganisationId};

const TABLE: &str = "exchange_refused";

/// What was refused on one day for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedCount {
    /// Whose it was; none where that is not known to be true.
    pub peer: Option<OrganisationId>,
    /// The code of the reason.
    pub reason: String,
    /// On which day (UTC).
    pub day: jiff::civil::Date,
    /// How often.
    pub count: u64,
    /// When first.
    pub first: jiff::Timestamp,
    /// When last.
    pub last: jiff::Timestamp,
}

/// Counts a refusal; the first of a day is told.
pub(crate) fn count(
    open: &Open<'_>,
    clock: &dyn Clock,
    organisation: &OrganisationId,
    (peer, code): (Option<&OrganisationId>, &'static str),
) -> Result<(), StoreError> {
    let day = day(clock);
    let row = open.row(
        "INSERT INTO exchange_refused
             (organisation, peer, reason, day, count, first_us, last_us, written_by)
         VALUES ($1, $2, $3, $4, 1, $5, $5, $6)
         ON CONFLICT (organisation, peer, reason, day) DO UPDATE SET
             count = exchange_refused.count + 1, last_us = excluded.last_us,
             written_by = excluded.written_by
         RETURNING reason, count",
        &[
            organisation.as_str().into(),
            peer.map_or("", |peer| peer.as_str()).into(),
            code.into(),
            day.as_str().into(),
            clock.now().as_microsecond().into(),
            open.written_by().into(),
        ],
    )?;
    let count = row.map(|row| Cells::new(open, TABLE, "reason", &row).count("count"));
    if count.transpose()? == Some(1) {
        let traffic = Traffic::Refused { from: peer.cloned(), code };
        note(open, clock, organisation, None, traffic)?;
    }
    Ok(())
}

/// What was refused, the latest days first.
pub(crate) fn all(
    open: &Open<'_>,
    organisation: &OrganisationId,
) -> Result<Vec<RefusedCount>, StoreError> {
    let rows = open.query(
        "SELECT peer, reason, day, count, first_us, last_us FROM exchange_refused
         WHERE organisation = $1 ORDER BY day DESC, peer, reason",
        &[organisation.as_str().into()],
    )?;
    let one = |row| {
        let cells = Cells::new(open, TABLE, "reason", row);
        Ok(RefusedCount {
            peer: cells.make("peer", |peer: String| {
                if peer.is_empty() { Some(None) } else { OrganisationId::new(&peer).ok().map(Some) }
            })?,
            reason: cells.raw("reason")?,
            day: cells.parse("day")?,
            count: cells.count("count")?,
            first: cells.timestamp("first_us")?,
            last: cells.timestamp("last_us")?,
        })
    };
    rows.iter().map(one).collect()
}

/// Forgets the days before this one.
pub(crate) fn forget_before(
    open: &Open<'_>,
    organisation: &OrganisationId,
    day: jiff::civil::Date,
) -> Result<(), StoreError> {
    let day = day.to_string();
    open.execute(
        "DELETE FROM exchange_refused WHERE organisation = $1 AND day < $2",
        &[organisation.as_str().into(), day.as_str().into()],
    )
    .map(drop)
}
