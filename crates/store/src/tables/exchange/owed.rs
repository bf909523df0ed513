//! Envelopes that are kept here, and that their sender does not know to be.

use super::Way;
use crate::StoreError;
use crate::cells::{Cells, integer};
use crate::database::Open;
use portcullis_exchange::EnvelopeDigest;
use portcullis_federation::Moment;

/// Keeps that these are to be acknowledged.
pub(crate) fn add(
    open: &Open<'_>,
    way: Way<'_>,
    now: Moment,
    envelopes: &[EnvelopeDigest],
) -> Result<(), StoreError> {
    for envelope in envelopes {
        open.execute(
            "INSERT INTO exchange_owed (organisation, peer, envelope, taken_s, told, written_by)
             VALUES ($1, $2, $3, $4, 0, $5)
             ON CONFLICT (organisation, peer, envelope) DO UPDATE SET
                 told = 0, written_by = excluded.written_by",
            &[
                way.organisation.as_str().into(),
                way.peer.as_str().into(),
                envelope.as_bytes().into(),
                integer(now.seconds()).into(),
                open.written_by().into(),
            ],
        )?;
    }
    Ok(())
}

/// Those to be acknowledged in a frame that is made now, so many at most. They are told from then on.
pub(crate) fn tell(
    open: &Open<'_>,
    way: Way<'_>,
    most: usize,
) -> Result<Vec<EnvelopeDigest>, StoreError> {
    let of = [way.organisation.as_str().into(), way.peer.as_str().into(), open.written_by().into()];
    open.execute(
        "UPDATE exchange_owed SET told = 0, written_by = $3
         WHERE organisation = $1 AND peer = $2 AND told = 1",
        &of,
    )?;
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let rows = open.query(
        "SELECT envelope FROM exchange_owed WHERE organisation = $1 AND peer = $2
         ORDER BY taken_s, envelope LIMIT $3",
        &[way.organisation.as_str().into(), way.peer.as_str().into(), most.into()],
    )?;
    let mut told = Vec::with_capacity(rows.len());
    for row in &rows {
        let envelope: [u8; 32] =
            Cells::new(open, "exchange_owed", "envelope", row).bytes("envelope")?;
        open.execute(
            "UPDATE exchange_owed SET told = 1, written_by = $4
             WHERE organisation = $1 AND peer = $2 AND envelope = $3",
            &[
                way.organisation.as_str().into(),
                way.peer.as_str().into(),
                (&envelope).into(),
                open.written_by().into(),
            ],
        )?;
        told.push(EnvelopeDigest::from_bytes(envelope));
    }
    Ok(told)
}

/// What was told arrived, or is on its way where nobody will say whether it did.
pub(crate) fn forget_told(open: &Open<'_>, way: Way<'_>) -> Result<(), StoreError> {
    open.execute(
        "DELETE FROM exchange_owed WHERE organisation = $1 AND peer = $2 AND told = 1",
        &[way.organisation.as_str().into(), way.peer.as_str().into()],
    )
    .map(drop)
}

/// Forgets those that were taken at or before this moment: nobody waits for them any more.
pub(crate) fn forget_older(open: &Open<'_>, way: Way<'_>, taken: Moment) -> Result<(), StoreError> {
    open.execute(
        "DELETE FROM exchange_owed WHERE organisation = $1 AND peer = $2 AND taken_s <= $3",
        &[
            way.organisation.as_str().into(),
            way.peer.as_str().into(),
            integer(taken.seconds()).into(),
        ],
    )
    .map(drop)
}
