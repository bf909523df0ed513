//! The log: entries, tiles made of them, checkpoints.

use super::{events, records};
use crate::cells::{Cells, integer};
use crate::database::Open;
use crate::error::RowName;
use crate::{InconsistencyError, Leaf, StoreError};
use portcullis_audit::{
    Commitment, FinishedTile, Pace, SignatureLine, Tile, TileKind, TileSource, write_bundle,
};
use portcullis_decide::{Change, OpenedLog};
use portcullis_types::{EventId, OrganisationId};

/// Entries in a full bundle, hashes in a full tile.
const FULL: u64 = 256;

/// Bytes of a hash.
const HASH_BYTES: usize = 32;

/// A log of an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// Its number in the store, in the order of opening.
    pub number: u64,
    /// First line of its checkpoints.
    pub origin: String,
    /// How fast it grows.
    pub pace: Pace,
    /// The signed note that ties it to the log before it.
    pub link: Option<String>,
}

/// A checkpoint as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCheckpoint {
    /// Leaves under it.
    pub size: u64,
    /// The boundary it was made for: microseconds since 1970.
    pub at_us: u64,
    /// The note, with the log's signature and those of witnesses.
    pub note: String,
}

pub(crate) fn open_new(open: &Open<'_>, change: &Change<OpenedLog>) -> Result<(), StoreError> {
    let log = change.state();
    let at_us = change.event().at.timestamp().as_microsecond();
    let record = records::open_new(open, &log.organisation, change.retention(open.schedule()))?;
    events::append(open, change.event(), record)?;
    open.execute(
        "UPDATE log SET closed_at_us = $1, written_by = $2
         WHERE organisation = $3 AND closed_at_us IS NULL",
        &[at_us.into(), open.written_by().into(), log.organisation.as_str().into()],
    )?;
    open.execute(
        "INSERT INTO log (organisation, origin, start_us, interval_s, per_interval, link, written_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[
            log.organisation.as_str().into(),
            log.origin.as_str().into(),
            integer(log.start_us).into(),
            i64::from(log.interval_s).into(),
            i64::from(log.per_interval).into(),
            log.link.as_deref().into(),
            open.written_by().into(),
        ],
    )
    .map(drop)
}

const COLUMNS: &str = "SELECT number, origin, start_us, interval_s, per_interval, link FROM log
     WHERE organisation = $1 ORDER BY number";

/// All logs, the open one last.
pub(crate) fn all(open: &Open<'_>, organisation: &OrganisationId) -> Result<Vec<Log>, StoreError> {
    open.query(COLUMNS, &[organisation.as_str().into()])?
        .iter()
        .map(|row| made(&Cells::new(open, "log", "number", row)))
        .collect()
}

/// The log that is open.
pub(crate) fn current(
    open: &Open<'_>,
    organisation: &OrganisationId,
) -> Result<Option<Log>, StoreError> {
    open.row(
        "SELECT number, origin, start_us, interval_s, per_interval, link FROM log
         WHERE organisation = $1 AND closed_at_us IS NULL ORDER BY number DESC LIMIT 1",
        &[organisation.as_str().into()],
    )?
    .map(|row| made(&Cells::new(open, "log", "number", &row)))
    .transpose()
}

/// Whose logs are open.
pub(crate) fn with_open_logs(open: &Open<'_>) -> Result<Vec<OrganisationId>, StoreError> {
    open.query(
        "SELECT DISTINCT organisation FROM log WHERE closed_at_us IS NULL ORDER BY organisation",
        &[],
    )?
    .iter()
    .map(|row| {
        let cells = Cells::new(open, "log", "organisation", row);
        cells.make("organisation", |id: String| OrganisationId::new(&id).ok())
    })
    .collect()
}

fn made(cells: &Cells<'_>) -> Result<Log, StoreError> {
    let small = |column| cells.make(column, |number: i64| u32::try_from(number).ok());
    let pace = Pace::new(cells.count("start_us")?, small("interval_s")?, small("per_interval")?);
    Ok(Log {
        number: cells.count("number")?,
        origin: cells.raw("origin")?,
        pace: pace.map_err(|_| cells.bad("start_us"))?,
        link: cells.raw("link")?,
    })
}

/// Leaves that are not in the log yet, oldest first: the position of the event, and its leaf.
pub(crate) fn waiting(
    open: &Open<'_>,
    organisation: &OrganisationId,
    most: u64,
) -> Result<Vec<(u64, Commitment)>, StoreError> {
    open.query(
        "SELECT w.position AS position, e.commitment AS commitment
         FROM leaf_waiting w JOIN event e ON e.position = w.position
         WHERE w.organisation = $1 ORDER BY w.position LIMIT $2",
        &[organisation.as_str().into(), integer(most).into()],
    )?
    .iter()
    .map(|row| {
        let cells = Cells::new(open, "leaf_waiting", "position", row);
        let commitment =
            cells.make("commitment", |bytes: Vec<u8>| Commitment::from_entry(&bytes))?;
        Ok((cells.count("position")?, commitment))
    })
    .collect()
}

/// How many leaves are not in the log yet.
pub(crate) fn count_waiting(
    open: &Open<'_>,
    organisation: &OrganisationId,
) -> Result<u64, StoreError> {
    let row = open.row(
        "SELECT count(*) AS waiting FROM leaf_waiting WHERE organisation = $1",
        &[organisation.as_str().into()],
    )?;
    row.map_or(Ok(0), |row| Cells::new(open, "leaf_waiting", "waiting", &row).count("waiting"))
}

/// Adds an entry: the leaf of the event in this position, or a decoy.
pub(crate) fn append(
    open: &Open<'_>,
    organisation: &OrganisationId,
    log: &Log,
    place: u64,
    entry: &Commitment,
    event: Option<u64>,
) -> Result<(), StoreError> {
    open.execute(
        "INSERT INTO log_entry (log, place, organisation, entry, event, written_by)
         VALUES ($1, $2, $3, $4, $5, $6)",
        &[
            integer(log.number).into(),
            integer(place).into(),
            organisation.as_str().into(),
            entry.as_bytes().into(),
            event.map(integer).into(),
            open.written_by().into(),
        ],
    )?;
    if let Some(position) = event {
        open.execute("DELETE FROM leaf_waiting WHERE position = $1", &[integer(position).into()])?;
    }
    Ok(())
}

/// Keeps a tile, in place of a narrower one.
pub(crate) fn put_tile(
    open: &Open<'_>,
    organisation: &OrganisationId,
    log: &Log,
    finished: &FinishedTile,
) -> Result<(), StoreError> {
    let TileKind::Hashes(level) = finished.tile.kind() else { return Ok(()) };
    open.execute(
        "INSERT INTO log_tile (log, level, place, organisation, hashes, written_by)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (log, level, place) DO UPDATE SET
             hashes = excluded.hashes, written_by = excluded.written_by",
        &[
            integer(log.number).into(),
            i64::from(level).into(),
            integer(finished.tile.index()).into(),
            organisation.as_str().into(),
            (&finished.bytes).into(),
            open.written_by().into(),
        ],
    )
    .map(drop)
}

/// Keeps a checkpoint.
pub(crate) fn put_checkpoint(
    open: &Open<'_>,
    organisation: &OrganisationId,
    log: &Log,
    checkpoint: &StoredCheckpoint,
) -> Result<(), StoreError> {
    open.execute(
        "INSERT INTO log_checkpoint (log, size, organisation, at_us, note, written_by)
         VALUES ($1, $2, $3, $4, $5, $6)",
        &[
            integer(log.number).into(),
            integer(checkpoint.size).into(),
            organisation.as_str().into(),
            integer(checkpoint.at_us).into(),
            checkpoint.note.as_str().into(),
            open.written_by().into(),
        ],
    )
    .map(drop)
}

/// Leaves in the log.
pub(crate) fn size(open: &Open<'_>, log: &Log) -> Result<u64, StoreError> {
    let row = open.row(
        "SELECT coalesce(max(size), 0) AS size FROM log_checkpoint WHERE log = $1",
        &[integer(log.number).into()],
    )?;
    row.map_or(Ok(0), |row| Cells::new(open, "log_checkpoint", "size", &row).count("size"))
}

/// The checkpoint of this size, with what witnesses added.
pub(crate) fn checkpoint(
    open: &Open<'_>,
    log: &Log,
    size: u64,
) -> Result<Option<StoredCheckpoint>, StoreError> {
    let values = [integer(log.number).into(), integer(size).into()];
    let row = open.row(
        "SELECT size, at_us, note FROM log_checkpoint WHERE log = $1 AND size = $2",
        &values,
    )?;
    let Some(row) = row else { return Ok(None) };
    let cells = Cells::new(open, "log_checkpoint", "size", &row);
    let mut note: String = cells.raw("note")?;
    for row in open.query(
        "SELECT witness, line FROM log_cosignature WHERE log = $1 AND size = $2
          ORDER BY witness, key_id",
        &values,
    )? {
        note.push_str(&Cells::new(open, "log_cosignature", "witness", &row).raw::<String>("line")?);
        note.push('\n');
    }
    Ok(Some(StoredCheckpoint { size: cells.count("size")?, at_us: cells.count("at_us")?, note }))
}

/// Keeps what a witness added to a checkpoint; what it added before with the same key stays.
pub(crate) fn put_cosignature(
    open: &Open<'_>,
    organisation: &OrganisationId,
    log: &Log,
    size: u64,
    line: &SignatureLine,
) -> Result<(), StoreError> {
    open.execute(
        "INSERT INTO log_cosignature (log, size, witness, key_id, organisation, line, written_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (log, size, witness, key_id) DO NOTHING",
        &[
            integer(log.number).into(),
            integer(size).into(),
            line.name().as_str().into(),
            i64::from(line.id()).into(),
            organisation.as_str().into(),
            line.to_string().as_str().into(),
            open.written_by().into(),
        ],
    )
    .map(drop)
}

/// The largest checkpoint that a witness cosigned, as far as this store knows.
pub(crate) fn last_cosigned(open: &Open<'_>, log: &Log) -> Result<u64, StoreError> {
    let row = open.row(
        "SELECT coalesce(max(size), 0) AS size FROM log_cosignature WHERE log = $1",
        &[integer(log.number).into()],
    )?;
    row.map_or(Ok(0), |row| Cells::new(open, "log_cosignature", "size", &row).count("size"))
}

/// Where the leaf of an event stands: the number of the log, and the index in it. None while it
/// waits. An event stands in one log alone: after a restore only what waited goes into the new one.
pub(crate) fn place_of(open: &Open<'_>, event: EventId) -> Result<Option<(u64, u64)>, StoreError> {
    open.row(
        "SELECT l.log AS log, l.place AS place
         FROM log_entry l JOIN event e ON e.position = l.event
         WHERE e.id = $1 ORDER BY l.log DESC LIMIT 1",
        &[event.as_bytes().into()],
    )?
    .map(|row| {
        let cells = Cells::new(open, "log_entry", "place", &row);
        Ok((cells.count("log")?, cells.count("place")?))
    })
    .transpose()
}

/// How many waiting leaves are before that of an event; none where it doesn't wait.
pub(crate) fn waiting_before(
    open: &Open<'_>,
    organisation: &OrganisationId,
    event: EventId,
) -> Result<Option<u64>, StoreError> {
    let row = open.row(
        "SELECT w.position AS position FROM leaf_waiting w JOIN event e ON e.position = w.position
         WHERE e.id = $1 AND e.organisation = $2",
        &[event.as_bytes().into(), organisation.as_str().into()],
    )?;
    let Some(row) = row else { return Ok(None) };
    let position = Cells::new(open, "leaf_waiting", "position", &row).count("position")?;
    let row = open.row(
        "SELECT count(*) AS waiting FROM leaf_waiting WHERE organisation = $1 AND position < $2",
        &[organisation.as_str().into(), integer(position).into()],
    )?;
    row.map(|row| Cells::new(open, "leaf_waiting", "waiting", &row).count("waiting")).transpose()
}

/// The leaf at an index.
pub(crate) fn leaf(open: &Open<'_>, log: &Log, index: u64) -> Result<Option<Leaf>, StoreError> {
    open.row(
        "SELECT place, entry, event FROM log_entry WHERE log = $1 AND place = $2",
        &[integer(log.number).into(), integer(index).into()],
    )?
    .map(|row| {
        let cells = Cells::new(open, "log_entry", "place", &row);
        let event: Option<i64> = cells.raw("event")?;
        Ok(Leaf {
            entry: cells.make("entry", |bytes: Vec<u8>| Commitment::from_entry(&bytes))?,
            event: event.and_then(|event| u64::try_from(event).ok()),
        })
    })
    .transpose()
}

/// The entries from an index on, at most a bundle of them.
pub(crate) fn entries(
    open: &Open<'_>,
    log: &Log,
    from: u64,
) -> Result<Vec<[u8; HASH_BYTES]>, StoreError> {
    let rows = open.query(
        "SELECT place, entry FROM log_entry WHERE log = $1 AND place >= $2 AND place < $3
         ORDER BY place",
        &[
            integer(log.number).into(),
            integer(from).into(),
            integer(from.saturating_add(FULL)).into(),
        ],
    )?;
    let make = |(row, expected): (_, u64)| {
        let cells = Cells::new(open, "log_entry", "place", row);
        if cells.count("place")? != expected {
            let row = RowName::number(integer(expected));
            return Err(InconsistencyError { table: "log_entry", column: "place", row }.into());
        }
        cells.bytes("entry")
    };
    rows.iter().zip(from..).map(make).collect()
}

/// The tiles of a log, for proofs and exports.
pub(crate) struct LogTiles<'a, 'c> {
    pub(crate) open: &'a Open<'c>,
    pub(crate) log: &'a Log,
}

impl TileSource for LogTiles<'_, '_> {
    type Error = StoreError;

    fn read(&self, tile: Tile) -> Result<Option<Vec<u8>>, StoreError> {
        let TileKind::Hashes(level) = tile.kind() else {
            let entries = entries(self.open, self.log, tile.index().saturating_mul(FULL))?;
            let wanted = entries.get(..usize::from(tile.width()));
            return Ok(wanted
                .and_then(|entries| write_bundle(entries.iter().map(<[u8; 32]>::as_slice)).ok()));
        };
        let row = self.open.row(
            "SELECT place, hashes FROM log_tile WHERE log = $1 AND level = $2 AND place = $3",
            &[
                integer(self.log.number).into(),
                i64::from(level).into(),
                integer(tile.index()).into(),
            ],
        )?;
        let Some(row) = row else { return Ok(None) };
        let mut hashes: Vec<u8> = Cells::new(self.open, "log_tile", "place", &row).raw("hashes")?;
        let wanted = usize::from(tile.width()).saturating_mul(HASH_BYTES);
        if hashes.len() < wanted {
            return Ok(None);
        }
        // The tile has grown since; what was there then is its beginning.
        hashes.truncate(wanted);
        Ok(Some(hashes))
    }
}
