//! New generations of keys: begun, everything sealed anew under them, old ones destroyed.
//!
//! The keyring lies outside the database, so a change to it takes three steps, and whoever opens the
//! store next finishes what a crash left half done: the event and what is intended are written in one
//! transaction; the keyring is changed; its new revision is written and the intention taken away. From
//! then on nobody seals under the generation before, because every transaction looks at the revision.
//!
//! Sealing anew needs no such care. A few hundred rows at a time are opened and sealed in one
//! transaction, others read and write in between, and each cell says by itself what it is sealed under:
//! begun again after a crash, it passes over what is done.

use crate::cells::Cells;
use crate::database::{Database, Open};
use crate::engine::Value;
use crate::settings::put_seen_keyring;
use crate::tables::{SEALED, SealedTable, Wipe, events, records};
use crate::{InconsistencyError, StoreError, TransactionName, migrations};
use portcullis_decide::{Change, ChangedKeys, KeyDeed};
use portcullis_keys::{DestroyError, Keyring, OpenError, Place, RecordNumber, Unlock};
use std::path::PathBuf;

/// Rows sealed anew in one transaction.
const BATCH: i64 = 300;

/// The row of `setting` with what is intended with the keyring: a byte for the deed, the generation.
const INTENT: &str = "keyring-change";

/// How the rows of a table are gone through and sealed anew.
struct Rotated {
    /// Of the same name as in [`SEALED`].
    table: &'static str,
    count: &'static str,
    /// Rows of an organisation (`$1`) after an id (`$2`), in the order of the ids, so many (`$3`).
    page: &'static str,
    /// Puts sealed cells (`$4` on) into the row of an organisation (`$1`) with an id (`$2`), by a
    /// transaction (`$3`).
    put: &'static str,
}

/// A table of people: what a row says is one cell.
macro_rules! of_people {
    ($table:literal) => {
        Rotated {
            table: $table,
            count: concat!("SELECT count(*) AS number FROM ", $table),
            page: concat!(
                "SELECT id, record_number, details FROM ",
                $table,
                " WHERE organisation = $1 AND id > $2 ORDER BY id LIMIT $3"
            ),
            put: concat!(
                "UPDATE ",
                $table,
                " SET written_by = $3, details = $4 WHERE organisation = $1 AND id = $2"
            ),
        }
    };
}

/// A table of the exchange: one cell.
macro_rules! of_exchange {
    ($table:literal, $column:literal) => {
        Rotated {
            table: $table,
            count: concat!("SELECT count(*) AS number FROM ", $table),
            page: concat!(
                "SELECT id, record_number, ",
                $column,
                " FROM ",
                $table,
                " WHERE organisation = $1 AND id > $2 ORDER BY id LIMIT $3"
            ),
            put: concat!(
                "UPDATE ",
                $table,
                " SET written_by = $3, ",
                $column,
                " = $4 WHERE organisation = $1 AND id = $2"
            ),
        }
    };
}

const ROTATED: &[Rotated] = &[
    Rotated {
        table: "event",
        count: "SELECT count(*) AS number FROM event",
        page: "SELECT id, record, sealed FROM event
               WHERE organisation = $1 AND id > $2 ORDER BY id LIMIT $3",
        put: "UPDATE event SET written_by = $3, sealed = $4 WHERE organisation = $1 AND id = $2",
    },
    Rotated {
        table: "decision",
        count: "SELECT count(*) AS number FROM decision",
        page: "SELECT id, record_number, reason, query_name, record_name, query_mark, record_mark,
                   undone_reason
               FROM decision WHERE organisation = $1 AND id > $2 ORDER BY id LIMIT $3",
        put: "UPDATE decision SET written_by = $3, reason = $4, query_name = $5, record_name = $6,
                  query_mark = $7, record_mark = $8, undone_reason = $9
              WHERE organisation = $1 AND id = $2",
    },
    Rotated {
        table: "raised",
        count: "SELECT count(*) AS number FROM raised",
        page: "SELECT pair, record_number, query_name, record_name, query_mark, record_mark
               FROM raised WHERE organisation = $1 AND pair > $2 ORDER BY pair LIMIT $3",
        put:
            "UPDATE raised SET written_by = $3, query_name = $4, record_name = $5, query_mark = $6,
                  record_mark = $7
              WHERE organisation = $1 AND pair = $2",
    },
    Rotated {
        table: "job",
        count: "SELECT count(*) AS number FROM job",
        page: "SELECT id, record_number, payload, failure_account FROM job
               WHERE organisation = $1 AND id > $2 ORDER BY id LIMIT $3",
        put: "UPDATE job SET written_by = $3, payload = $4, failure_account = $5
              WHERE organisation = $1 AND id = $2",
    },
    Rotated {
        table: "given_up_job",
        count: "SELECT count(*) AS number FROM given_up_job",
        page: "SELECT id, record_number, failure_account, dealt_reason FROM given_up_job
               WHERE organisation = $1 AND id > $2 ORDER BY id LIMIT $3",
        put: "UPDATE given_up_job SET written_by = $3, failure_account = $4, dealt_reason = $5
              WHERE organisation = $1 AND id = $2",
    },
    Rotated {
        table: "label",
        count: "SELECT count(*) AS number FROM label",
        page: "SELECT blind, record_number, sealed FROM label
               WHERE organisation = $1 AND blind > $2 ORDER BY blind LIMIT $3",
        put: "UPDATE label SET written_by = $3, sealed = $4
              WHERE organisation = $1 AND blind = $2",
    },
    of_people!("person"),
    of_people!("person_proposal"),
    of_people!("person_outside"),
    of_people!("recovery_code"),
    of_people!("credential"),
    of_people!("personal_key"),
    of_people!("session"),
    of_people!("api_token"),
    of_people!("submit_link"),
    of_people!("submission"),
    of_exchange!("exchange_outgoing", "heading"),
    of_exchange!("exchange_open", "heading"),
    of_exchange!("exchange_part", "content"),
    of_exchange!("exchange_content", "content"),
    of_exchange!("exchange_inbox", "heading"),
];

/// How far sealing anew has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Resealed {
    /// Rows looked at.
    pub rows: u64,
    /// Rows there were when it began.
    pub of_rows: u64,
    /// Cells that were sealed anew.
    pub cells: u64,
}

/// What is known of the keyring without its secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyringState {
    /// Its file.
    pub path: PathBuf,
    /// Counts its changes.
    pub revision: u64,
    /// The generations that it holds, the one in use last.
    pub generations: Vec<u32>,
    /// Records whose keys were taken out of it.
    pub erased: u64,
}

/// Why the keys were not changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RotationError {
    /// The change says another generation than the keyring is at.
    #[error(
        "somebody else changed the keys meanwhile; look at them again with `portcullis keys status`"
    )]
    Overtaken,
    /// The generation cannot be destroyed.
    #[error(transparent)]
    Destroy(#[from] DestroyError),
    /// The generation is still needed.
    #[error(
        "{cells} cells are still sealed under generation {generation}; seal them anew first with `portcullis keys rotate`"
    )]
    StillNeeded {
        /// The generation.
        generation: u32,
        /// What is sealed under it.
        cells: u64,
    },
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Database {
    /// What is known of the keyring.
    pub fn keyring_state(&self) -> KeyringState {
        let keyring = self.vault.keyring();
        let length = |range: std::ops::RangeInclusive<u64>| {
            range.end().saturating_sub(*range.start()).saturating_add(1)
        };
        KeyringState {
            path: self.vault.path().to_owned(),
            revision: keyring.revision(),
            generations: keyring.generations().collect(),
            erased: keyring.shredded().map(length).sum(),
        }
    }

    /// Locks the keyring with another key file or passphrase, and writes the event of it. What other
    /// processes opened with the old one they can't open again; nor can they when the event could not
    /// be written.
    ///
    /// # Errors
    ///
    /// Why it could not be done.
    pub fn lock_keyring_with(
        &mut self,
        change: &Change<ChangedKeys>,
        unlock: Unlock,
    ) -> Result<(), StoreError> {
        let rng = &self.rng;
        self.vault.lock_with(&mut |bytes| rng.fill(bytes), unlock)?;
        self.transact(TransactionName("keys.lock"), |open| append(open, change))
    }

    /// Begins the generation that the change names, which is the one after that in use.
    ///
    /// # Errors
    ///
    /// [`RotationError`]; nothing has changed then, or the next who opens the store finishes it.
    pub fn begin_generation(&mut self, change: &Change<ChangedKeys>) -> Result<(), RotationError> {
        self.intend(TransactionName("keys.rotate"), change, |keyring, generation| {
            let next = keyring.generation().checked_add(1);
            if next == Some(generation) { Ok(()) } else { Err(RotationError::Overtaken) }
        })
    }

    /// Destroys the generation that the change names, once nothing is sealed under it.
    ///
    /// # Errors
    ///
    /// As [`Database::begin_generation`].
    pub fn destroy_generation(
        &mut self,
        change: &Change<ChangedKeys>,
    ) -> Result<(), RotationError> {
        let generation = change.state().generation;
        may_be_destroyed(self.vault.keyring(), generation)?;
        // Nobody adds to them: every transaction seals under the generation in use.
        let cells = self.sealed_under(generation)?;
        if cells > 0 {
            return Err(RotationError::StillNeeded { generation, cells });
        }
        self.intend(TransactionName("keys.destroy"), change, may_be_destroyed)
    }

    fn intend(
        &mut self,
        name: TransactionName,
        change: &Change<ChangedKeys>,
        allowed: impl Fn(&Keyring, u32) -> Result<(), RotationError>,
    ) -> Result<(), RotationError> {
        self.finish_key_change()?;
        let ChangedKeys { deed, generation, .. } = *change.state();
        self.transact(name, |open| {
            every_table_is_known(open)?;
            allowed(open.keyring(), generation)?;
            append(open, change)?;
            let intent = Intent { destroys: deed == KeyDeed::Destroyed, generation };
            open.execute(
                "INSERT INTO setting (name, value, written_by) VALUES ($1, $2, $3)",
                &[INTENT.into(), (&intent.to_bytes()).into(), open.written_by().into()],
            )?;
            Ok::<_, RotationError>(())
        })?;
        Ok(self.finish_key_change()?)
    }

    /// Does to the keyring what was intended with it.
    pub(crate) fn finish_key_change(&mut self) -> Result<(), StoreError> {
        let Some(intent) = self.look(intent)? else { return Ok(()) };
        let Intent { destroys, generation } = intent;
        let rng = &self.rng;
        self.vault.change(&mut |bytes| rng.fill(bytes), |keyring| {
            if destroys {
                // Gone already where somebody else finishes this at the same time.
                let _ = keyring.destroy_generation(generation);
            } else if keyring.generation() < generation {
                keyring.begin_generation(&mut |bytes| rng.fill(bytes));
            }
        })?;
        self.take_away(intent)
    }

    fn take_away(&mut self, intent: Intent) -> Result<(), StoreError> {
        self.transact(TransactionName("keys.finish"), |open| {
            // Only this one: whoever finished it first may intend something else by now.
            open.execute(
                "DELETE FROM setting WHERE name = $1 AND value = $2",
                &[INTENT.into(), (&intent.to_bytes()).into()],
            )?;
            put_seen_keyring(open, open.keyring())
        })
    }

    /// Seals everything under the generation in use, a few hundred rows at a time. After each it is
    /// said how far it is, and the rest is left for later when `go_on` says no.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; what was sealed anew before stays so.
    pub fn reseal(
        &mut self,
        mut go_on: impl FnMut(&Resealed) -> bool,
    ) -> Result<Resealed, StoreError> {
        let mut done = Resealed::default();
        let organisations = self.look(|open| {
            every_table_is_known(open)?;
            for table in ROTATED {
                let row = open.row(table.count, &[])?;
                let number =
                    row.map(|row| Cells::new(open, table.table, "number", &row).count("number"));
                done.of_rows += number.transpose()?.unwrap_or_default();
            }
            organisations(open)
        })?;
        for (table, organisation) in each(&organisations) {
            let mut after = Some(Vec::new());
            while let Some(id) = after {
                let (page, next) = self.transact(TransactionName("keys.reseal"), |open| {
                    reseal_page(open, table, organisation, &id)
                })?;
                done.rows += page.rows;
                done.cells += page.cells;
                if !go_on(&done) {
                    return Ok(done);
                }
                after = next;
            }
        }
        Ok(done)
    }

    /// How many cells are sealed under a generation.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when they cannot be read.
    pub fn sealed_under(&mut self, generation: u32) -> Result<u64, StoreError> {
        self.look(|open| {
            let mut cells = 0;
            for (table, organisation) in each(&organisations(open)?) {
                let mut after = Some(Vec::new());
                while let Some(id) = after {
                    after = gone_through(open, table, organisation, &id, |row| {
                        let under =
                            |sealed: &&Vec<u8>| Keyring::generation_of(sealed) == Some(generation);
                        cells += row.sealed.iter().flatten().filter(under).count() as u64;
                        Ok(())
                    })?;
                }
            }
            Ok(cells)
        })
    }
}

fn may_be_destroyed(keyring: &Keyring, generation: u32) -> Result<(), RotationError> {
    if keyring.generation() == generation {
        return Err(DestroyError::Current { generation }.into());
    }
    let known = keyring.generations().any(|one| one == generation);
    if known { Ok(()) } else { Err(DestroyError::Unknown { generation }.into()) }
}

fn append(open: &Open<'_>, change: &Change<ChangedKeys>) -> Result<(), StoreError> {
    let organisation = &change.state().organisation;
    let record = records::open_new(open, organisation, change.retention(open.schedule()))?;
    events::append(open, change.event(), record)
}

/// Refuses what needs all that is sealed, where a later program may have added tables: what is sealed
/// there would be lost with the keys.
fn every_table_is_known(open: &Open<'_>) -> Result<(), StoreError> {
    let (found, known) = (migrations::version(open)?, migrations::known());
    if found > known { Err(StoreError::NewerSchema { found, known }) } else { Ok(()) }
}

/// What is intended with the keyring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Intent {
    destroys: bool,
    generation: u32,
}

impl Intent {
    fn to_bytes(self) -> [u8; 5] {
        let [a, b, c, d] = self.generation.to_be_bytes();
        [u8::from(self.destroys), a, b, c, d]
    }
}

fn intent(open: &Open<'_>) -> Result<Option<Intent>, StoreError> {
    let row = open.row("SELECT name, value FROM setting WHERE name = $1", &[INTENT.into()])?;
    row.map(|row| {
        let cells = Cells::new(open, "setting", "name", &row);
        let [destroys, generation @ ..] = cells.bytes::<5>("value")?;
        Ok(Intent { destroys: destroys == 1, generation: u32::from_be_bytes(generation) })
    })
    .transpose()
}

fn organisations(open: &Open<'_>) -> Result<Vec<String>, StoreError> {
    open.query("SELECT DISTINCT organisation FROM record ORDER BY organisation", &[])?
        .iter()
        .map(|row| Cells::new(open, "record", "organisation", row).raw("organisation"))
        .collect()
}

type Table = (&'static SealedTable, &'static Rotated);

/// Every table with sealed cells, for each organisation.
fn each(organisations: &[String]) -> impl Iterator<Item = (Table, &str)> {
    let tables = SEALED.iter().filter_map(|sealed| {
        let rotated = ROTATED.iter().find(|rotated| rotated.table == sealed.name)?;
        Some((sealed, rotated))
    });
    tables.flat_map(move |table| organisations.iter().map(move |one| (table, one.as_str())))
}

/// A row with sealed cells, in the order of the columns.
struct SealedRow {
    id: Vec<u8>,
    record: RecordNumber,
    sealed: Vec<Option<Vec<u8>>>,
}

/// Goes through the rows after an id; gives the id to go on from, unless these are the last.
fn gone_through(
    open: &Open<'_>,
    (sealed, rotated): Table,
    organisation: &str,
    after: &[u8],
    mut look: impl FnMut(&SealedRow) -> Result<(), StoreError>,
) -> Result<Option<Vec<u8>>, StoreError> {
    let rows = open.query(rotated.page, &[organisation.into(), after.into(), BATCH.into()])?;
    let mut last = None;
    for row in &rows {
        let cells = Cells::new(open, sealed.name, sealed.id, row);
        let columns = sealed.columns.iter();
        let row = SealedRow {
            id: cells.raw(sealed.id)?,
            record: cells.record_number(sealed.record)?,
            sealed: columns.map(|column| cells.raw(column)).collect::<Result<_, _>>()?,
        };
        look(&row)?;
        last = Some(row.id);
    }
    let full = i64::try_from(rows.len()).unwrap_or(i64::MAX) == BATCH;
    Ok(last.filter(|_| full))
}

/// Seals the rows after an id anew; gives the id to go on from, unless these are the last.
fn reseal_page(
    open: &Open<'_>,
    table: Table,
    organisation: &str,
    after: &[u8],
) -> Result<(Resealed, Option<Vec<u8>>), StoreError> {
    let mut done = Resealed::default();
    let next = gone_through(open, table, organisation, after, |row| {
        done.rows += 1;
        done.cells += reseal_row(open, table, organisation, row)?;
        Ok(())
    })?;
    Ok((done, next))
}

/// Seals a row anew where it is not under the generation in use; says how many cells.
fn reseal_row(
    open: &Open<'_>,
    (table, rotated): Table,
    organisation: &str,
    row: &SealedRow,
) -> Result<u64, StoreError> {
    let current = Some(open.keyring().generation());
    let old = |sealed: &Vec<u8>| Keyring::generation_of(sealed) != current;
    if !row.sealed.iter().flatten().any(old) {
        return Ok(0);
    }
    let mut anew = Vec::with_capacity(row.sealed.len());
    let mut cells = 0;
    for (column, sealed) in table.columns.iter().zip(&row.sealed) {
        let place = Place { table: table.name, row: &row.id, column };
        let Some(sealed) = sealed else {
            anew.push(None);
            continue;
        };
        let plain = match open.keyring().open(row.record, &place, sealed) {
            Ok(plain) => plain,
            // Erased, and put back by an old copy of the store.
            Err(OpenError::Shredded { .. }) => return wipe(open, table, row.record),
            Err(_) => {
                let row = crate::error::RowName::id(&row.id);
                return Err(InconsistencyError { table: table.name, column, row }.into());
            }
        };
        anew.push(Some(open.seal(row.record, &place, &plain)?));
        cells += 1;
    }
    let mut values: Vec<Value<'_>> =
        vec![organisation.into(), row.id.as_slice().into(), open.written_by().into()];
    values.extend(anew.iter().map(|sealed| Value::from(sealed.as_ref())));
    open.execute(rotated.put, &values)?;
    Ok(cells)
}

fn wipe(open: &Open<'_>, table: &SealedTable, record: RecordNumber) -> Result<u64, StoreError> {
    match table.wipe {
        Wipe::Cells(sql) => {
            open.execute(sql, &[records::value(record), open.written_by().into()])?
        }
        Wipe::Rows(sql) => open.execute(sql, &[records::value(record)])?,
    };
    Ok(0)
}

#[cfg(test)]
mod tests;
