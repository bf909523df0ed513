//! Taking the keys of erased records out of the keyring.
//!
//! A record is erased in the database first, in one transaction with its event; its number stands in
//! `erasing` until its key is gone. So a crash in between leaves a list of what is still to do, and
//! whoever opens the store next does it.

use crate::cells::Cells;
use crate::database::Database;
use crate::settings::put_seen_keyring;
use crate::tables::records;
use crate::{StoreError, TransactionName};
use portcullis_keys::RecordNumber;

impl Database {
    /// Takes the keys of all records that were erased out of the keyring. Whoever opens a store, or
    /// erases, does it by the way; a process that runs for long does it now and then, for those that
    /// were stopped in between.
    ///
    /// # Errors
    ///
    /// [`StoreError::Keyring`] when the keyring cannot be changed; the records stay on the list.
    pub fn finish_erasures(&mut self) -> Result<(), StoreError> {
        let numbers = self.look(|open| {
            let rows = open.query("SELECT number FROM erasing ORDER BY number", &[])?;
            rows.iter()
                .map(|row| Cells::new(open, "erasing", "number", row).record_number("number"))
                .collect::<Result<Vec<RecordNumber>, StoreError>>()
        })?;
        if numbers.is_empty() {
            return Ok(());
        }
        let rng = &self.rng;
        self.vault.change(&mut |bytes| rng.fill(bytes), |keyring| {
            for number in &numbers {
                keyring.shred(*number);
            }
        })?;
        self.transact(TransactionName("store.shred"), |open| {
            for number in &numbers {
                open.execute("DELETE FROM erasing WHERE number = $1", &[records::value(*number)])?;
            }
            put_seen_keyring(open, open.keyring())
        })?;
        self.engine.forget_erased();
        Ok(())
    }
}
