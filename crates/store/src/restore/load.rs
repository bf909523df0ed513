//! Puts the rows of a backup into empty tables, but for what was erased since.

use super::RestoreError;
use crate::backup::catalogue::{self, CONFIRMED, ERASED, RECORD, SETTING, Table, WITNESSED};
use crate::backup::{self, BackupReader, TableRows};
use crate::database::Open;
use crate::engine::Cell;
use crate::tables::{SEALED, SealedTable, Wipe};
use crate::{BackupSummary, Progress, StoreError, settings};
use jiff::Timestamp;
use portcullis_keys::{Keyring, RecordNumber};
use std::io::Read;

/// Takes all rows over. Says what the backup was, and how many records in it were erased since.
pub(super) fn load(
    open: &Open<'_>,
    mut reader: BackupReader<impl Read>,
    checked: &BackupSummary,
    now: Timestamp,
    progress: &mut dyn FnMut(Progress),
) -> Result<(BackupSummary, u64), RestoreError> {
    for statements in catalogue::statements() {
        if backup::count(open, statements)? > 0 {
            return Err(RestoreError::NotEmpty);
        }
    }
    let of = checked.all_rows();
    let (mut done, mut erased) = (0_u64, 0_u64);
    while let Some(TableRows { table, rows }) = reader.next()? {
        let statements = catalogue::statements().iter().find(|of| of.table.name == table.name);
        let Some(statements) = statements else { continue };
        done = done.saturating_add(rows.len() as u64);
        for row in rows {
            if let Some(row) = as_it_is_now(open, table, row, now, &mut erased) {
                refuse_destroyed(open, table, &row)?;
                let values: Vec<_> = row.iter().map(backup::value).collect();
                open.execute(&statements.insert, &values)?;
            }
        }
        progress(Progress { done, of, table: table.name });
    }
    let summary = reader.finish()?;
    // Read twice, it must have been the same: the first time alone its seal was checked.
    summary.check(open.keyring())?;
    for statements in catalogue::statements() {
        let table = statements.table;
        if let Some(counter) = table.counter {
            open.count_from(table.name, counter, greatest(open, statements.table)?)?;
        }
    }
    Ok((summary, erased))
}

/// The row without what was erased since the backup; nothing where the row itself went with it.
fn as_it_is_now(
    open: &Open<'_>,
    table: &Table,
    mut row: Vec<Cell>,
    now: Timestamp,
    erased: &mut u64,
) -> Option<Vec<Cell>> {
    match table.name {
        RECORD if is_shredded(open, table, &row, "number") => {
            let cell = row.get_mut(table.place(ERASED)?)?;
            if *cell == Cell::Null {
                *cell = Cell::Integer(now.as_microsecond());
                *erased = erased.saturating_add(1);
            }
        }
        SETTING => {
            // Whatever else is set was set for the store that was.
            let name = Cell::Text(settings::KEYRING.to_owned());
            (row.get(table.place("name")?) == Some(&name)).then_some(())?;
            // It has changed since, and is at least as new as the backup says.
            *row.get_mut(table.place("value")?)? = Cell::Bytes(settings::value(open.keyring()));
        }
        // This node may have cosigned more since; nothing here says so.
        WITNESSED => *row.get_mut(table.place(CONFIRMED)?)? = Cell::Integer(0),
        _ => {}
    }
    let Some(sealed) = sealed(table) else { return Some(row) };
    if is_shredded(open, table, &row, sealed.record) {
        if matches!(sealed.wipe, Wipe::Rows(_)) {
            return None;
        }
        for column in sealed.columns {
            *row.get_mut(table.place(column)?)? = Cell::Null;
        }
    }
    Some(row)
}

/// Refuses cells whose keys went with a generation: nobody could ever read them.
fn refuse_destroyed(open: &Open<'_>, table: &Table, row: &[Cell]) -> Result<(), RestoreError> {
    let Some(sealed) = sealed(table) else { return Ok(()) };
    for column in sealed.columns {
        let Some(Cell::Bytes(cell)) = table.place(column).and_then(|place| row.get(place)) else {
            continue;
        };
        if let Some(generation) = Keyring::generation_of(cell)
            && !open.keyring().generations().any(|held| held == generation)
        {
            return Err(RestoreError::Destroyed { generation });
        }
    }
    Ok(())
}

fn sealed(table: &Table) -> Option<&'static SealedTable> {
    SEALED.iter().find(|sealed| sealed.name == table.name)
}

fn is_shredded(open: &Open<'_>, table: &Table, row: &[Cell], column: &str) -> bool {
    let Some(Cell::Integer(number)) = table.place(column).and_then(|place| row.get(place)) else {
        return false;
    };
    let number = u64::try_from(*number).ok().and_then(RecordNumber::new);
    number.is_some_and(|number| open.keyring().is_shredded(number))
}

/// The greatest key of a table that counts up.
fn greatest(open: &Open<'_>, table: &'static Table) -> Result<i64, StoreError> {
    let sql = match table.name {
        RECORD => "SELECT coalesce(max(number), 0) AS number FROM record",
        "event" => "SELECT coalesce(max(position), 0) AS number FROM event",
        "log" => "SELECT coalesce(max(number), 0) AS number FROM log",
        _ => "SELECT coalesce(max(position), 0) AS number FROM decision",
    };
    let row = open.row(sql, &[])?;
    row.map_or(Ok(0), |row| {
        crate::cells::Cells::new(open, table.name, "number", &row).raw::<i64>("number")
    })
}
