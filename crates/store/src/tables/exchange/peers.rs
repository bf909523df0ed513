//! Whom something was exchanged with.

use super::{Way, seconds};
use crate::StoreError;
use crate::cells::{Cells, integer};
use crate::database::Open;
use portcullis_exchange::Incarnation;
use portcullis_federation::Moment;
use portcullis_types::OrganisationId;

const TABLE: &str = "exchange_peer";

/// What is known of another organisation's node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PeerState {
    /// The greatest life of it that was seen.
    pub life: Option<Incarnation>,
    /// When the last request was made that was taken from it, by its own clock: none of then or before
    /// is taken again.
    pub last_request: Option<Moment>,
    /// The number of the last poll that was made there.
    pub last_tick: Option<u64>,
}

/// What is known of another organisation's node; nothing where there is no row.
pub(crate) fn state(open: &Open<'_>, way: Way<'_>) -> Result<PeerState, StoreError> {
    let row = open.row(
        "SELECT peer, life, request_s, tick FROM exchange_peer
         WHERE organisation = $1 AND peer = $2",
        &[way.organisation.as_str().into(), way.peer.as_str().into()],
    )?;
    let Some(row) = row else { return Ok(PeerState::default()) };
    let cells = Cells::new(open, TABLE, "peer", &row);
    let life = cells.make("life", |bytes: Option<Vec<u8>>| match bytes {
        None => Some(None),
        Some(bytes) => bytes.try_into().ok().map(|bytes| Some(Incarnation::from_bytes(bytes))),
    })?;
    let number = |column| -> Result<Option<u64>, StoreError> {
        cells.make(column, |number: Option<i64>| match number {
            None => Some(None),
            Some(number) => u64::try_from(number).ok().map(Some),
        })
    };
    let last_request = match number("request_s")? {
        Some(_) => Some(seconds(&cells, "request_s")?),
        None => None,
    };
    Ok(PeerState { life, last_request, last_tick: number("tick")? })
}

/// Everybody that something was exchanged with, or is to be.
pub(crate) fn all(
    open: &Open<'_>,
    organisation: &OrganisationId,
) -> Result<Vec<OrganisationId>, StoreError> {
    let rows = open.query(
        "SELECT peer FROM exchange_peer WHERE organisation = $1 ORDER BY peer",
        &[organisation.as_str().into()],
    )?;
    rows.iter().map(|row| Cells::new(open, TABLE, "peer", row).parse("peer")).collect()
}

/// Keeps the greatest life that was seen.
pub(super) fn set_life(open: &Open<'_>, way: Way<'_>, life: Incarnation) -> Result<(), StoreError> {
    open.execute(
        "INSERT INTO exchange_peer (organisation, peer, life, last_order, written_by)
         VALUES ($1, $2, $3, 0, $4)
         ON CONFLICT (organisation, peer) DO UPDATE SET
             life = excluded.life, written_by = excluded.written_by",
        &[
            way.organisation.as_str().into(),
            way.peer.as_str().into(),
            life.as_bytes().into(),
            open.written_by().into(),
        ],
    )
    .map(drop)
}

/// Counts a message that is queued.
pub(super) fn next_order(open: &Open<'_>, way: Way<'_>) -> Result<u64, StoreError> {
    let row = open.row(
        "INSERT INTO exchange_peer (organisation, peer, last_order, written_by)
         VALUES ($1, $2, 1, $3)
         ON CONFLICT (organisation, peer) DO UPDATE SET
             last_order = exchange_peer.last_order + 1, written_by = excluded.written_by
         RETURNING peer, last_order",
        &[way.organisation.as_str().into(), way.peer.as_str().into(), open.written_by().into()],
    )?;
    row.map_or(Ok(1), |row| Cells::new(open, TABLE, "peer", &row).count("last_order"))
}

/// Notes when the request was made that was taken last.
pub(crate) fn took_request(open: &Open<'_>, way: Way<'_>, made: Moment) -> Result<(), StoreError> {
    set(
        open,
        way,
        "INSERT INTO exchange_peer (organisation, peer, last_order, request_s, written_by)
         VALUES ($1, $2, 0, $3, $4)
         ON CONFLICT (organisation, peer) DO UPDATE SET
             request_s = excluded.request_s, written_by = excluded.written_by",
        made.seconds(),
    )
}

/// Notes which poll was made last.
pub(crate) fn polled(open: &Open<'_>, way: Way<'_>, tick: u64) -> Result<(), StoreError> {
    set(
        open,
        way,
        "INSERT INTO exchange_peer (organisation, peer, last_order, tick, written_by)
         VALUES ($1, $2, 0, $3, $4)
         ON CONFLICT (organisation, peer) DO UPDATE SET
             tick = excluded.tick, written_by = excluded.written_by",
        tick,
    )
}

fn set(open: &Open<'_>, way: Way<'_>, sql: &'static str, number: u64) -> Result<(), StoreError> {
    open.execute(
        sql,
        &[
            way.organisation.as_str().into(),
            way.peer.as_str().into(),
            integer(number).into(),
            open.written_by().into(),
        ],
    )
    .map(drop)
}
