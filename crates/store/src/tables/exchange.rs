//! What is exchanged with other organisations: what waits for each, what came from each, and what is
//! to be handled here.
//!
//! The rules are in `portcullis_exchange`; here are their rows. A message has a record of its own,
//! from when it is queued or its first part comes: its content is sealed under it, and the events that
//! tell of it belong to it.

pub(crate) mod contents;
mod heading;
pub(crate) mod inbox;
pub(crate) mod lives;
pub(crate) mod outgoing;
pub(crate) mod owed;
pub(crate) mod peers;
pub(crate) mod received;
pub(crate) mod refused;

use crate::StoreError;
use crate::cells::Cells;
use crate::database::Open;
use crate::tables::{events, records};
use jiff::tz::TimeZone;
use portcullis_decide::exchange::traffic::{Traffic, tell};
use portcullis_exchange::MessageDigest;
use portcullis_federation::Moment;
use portcullis_keys::RecordNumber;
use portcullis_types::{Clock, OrganisationId, Rng};

/// Between whom messages go: the organisation whose node this is, and another.
#[derive(Clone, Copy)]
pub(crate) struct Way<'a> {
    /// Whose rows these are.
    pub(crate) organisation: &'a OrganisationId,
    /// The id of the other one in the member list.
    pub(crate) peer: &'a OrganisationId,
}

/// A digest by which a message is found, and from which nobody without the keyring can try what it
/// says.
fn blind(open: &Open<'_>, organisation: &OrganisationId, message: &MessageDigest) -> [u8; 32] {
    let parts = [message.as_bytes().as_slice(), organisation.as_str().as_bytes()].concat();
    open.keyring().blind("exchange/message", &parts)
}

/// Randomness of the store, for the rules.
pub(crate) struct Drawn<'a, 'c>(pub(crate) &'a Open<'c>);

impl std::fmt::Debug for Drawn<'_, '_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Drawn")
    }
}

impl Rng for Drawn<'_, '_> {
    fn fill(&mut self, bytes: &mut [u8]) {
        self.0.fill(bytes);
    }
}

/// The second in which something happens.
pub(crate) fn moment(clock: &dyn Clock) -> Result<Moment, StoreError> {
    let out_of_range = || portcullis_types::EventError::OutOfRange;
    let moment = Moment::of(clock.now()).ok_or_else(out_of_range);
    moment.map_err(|source| StoreError::Event { source })
}

/// The day on which something happens (UTC), `YYYY-MM-DD`.
fn day(clock: &dyn Clock) -> String {
    clock.now().to_zoned(TimeZone::UTC).date().to_string()
}

/// Tells what happened, in a record: its own where it has none yet.
pub(crate) fn note(
    open: &Open<'_>,
    clock: &dyn Clock,
    organisation: &OrganisationId,
    record: Option<RecordNumber>,
    traffic: Traffic,
) -> Result<RecordNumber, StoreError> {
    let told = tell(clock, &mut Drawn(open), organisation, traffic);
    let change = told.map_err(|source| StoreError::Event { source })?;
    let record = match record {
        Some(record) => record,
        None => records::open_new(open, organisation, change.retention(open.schedule()))?,
    };
    events::append(open, change.event(), record)?;
    Ok(record)
}

/// Whether a record has something that is still on its way, or not handled.
pub(crate) fn is_under_way(open: &Open<'_>, number: i64) -> Result<bool, StoreError> {
    let row = open.row(
        "SELECT EXISTS (SELECT 1 FROM exchange_outgoing WHERE record_number = $1)
             OR EXISTS (SELECT 1 FROM exchange_open WHERE record_number = $1)
             OR EXISTS (SELECT 1 FROM exchange_inbox WHERE record_number = $1) AS held",
        &[number.into()],
    )?;
    let held = row.map(|row| Cells::new(open, "record", "held", &row).count("held"));
    Ok(held.transpose()? == Some(1))
}

/// A moment of a row.
fn seconds(cells: &Cells<'_>, column: &'static str) -> Result<Moment, StoreError> {
    Moment::new(cells.count(column)?).ok_or_else(|| cells.bad(column))
}

#[cfg(test)]
mod tests;
