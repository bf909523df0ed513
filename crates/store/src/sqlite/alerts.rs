//! Pairs that were shown to people.

use super::Open;
use super::cells::joined;
use crate::StoreError;
use portcullis_decide::{Change, Raised, RaisedPair, Reference};
use portcullis_types::{OrganisationId, Protected, Purpose, Score};
use rusqlite::named_params;

pub(super) fn put(open: &Open<'_>, change: &Change<Raised>) -> Result<(), StoreError> {
    let Raised { at, pairs } = change.state();
    for pair in pairs {
        let (query, record) = (&pair.query.fingerprint, &pair.record.fingerprint);
        open.execute(
            "INSERT INTO raised (
                 organisation, reference, pair_digest, first_raised_at_us, last_raised_at_us,
                 raised_event, purpose, score, query_name, record_name,
                 query_name_digest, query_birth_digest, query_number_digest, query_country_digest,
                 query_handles, query_postcodes, query_addresses, source, list_version, record,
                 record_name_digest, record_birth_digest, record_number_digest,
                 record_country_digest, written_by)
             VALUES (
                 :organisation, :reference, :digest, :at_us, :at_us, :event, :purpose, :score,
                 :query_name, :record_name, :q_name, :q_birth, :q_number, :q_country, :handles, :postcodes, :addresses,
                 :source, :list_version, :record, :r_name, :r_birth, :r_number, :r_country,
                 :written_by)
             ON CONFLICT (organisation, reference, pair_digest) DO UPDATE SET
                 last_raised_at_us = max(last_raised_at_us, excluded.last_raised_at_us),
                 raised_event = excluded.raised_event, purpose = excluded.purpose,
                 score = excluded.score, query_name = excluded.query_name,
                 record_name = excluded.record_name, list_version = excluded.list_version,
                 written_by = excluded.written_by",
            named_params! {
                ":organisation": pair.organisation.as_str(),
                ":reference": pair.reference().to_string(),
                ":digest": pair.digest().as_bytes().as_slice(),
                ":at_us": at.timestamp().as_microsecond(),
                ":event": change.event().id.as_bytes().as_slice(),
                ":purpose": pair.purpose.code(),
                ":score": pair.score.0,
                ":query_name": pair.query_name.reveal(),
                ":record_name": pair.record_name.reveal(),
                ":q_name": query.name.as_bytes().as_slice(),
                ":q_birth": query.birth_date.as_bytes().as_slice(),
                ":q_number": query.identifier.as_bytes().as_slice(),
                ":q_country": query.country.as_bytes().as_slice(),
                ":handles": joined(&pair.query.handles),
                ":postcodes": joined(&pair.query.postcodes),
                ":addresses": joined(&pair.query.addresses),
                ":source": pair.record.source.as_str(),
                ":list_version": pair.record.list_version.as_str(),
                ":record": pair.record.record.as_str(),
                ":r_name": record.name.as_bytes().as_slice(),
                ":r_birth": record.birth_date.as_bytes().as_slice(),
                ":r_number": record.identifier.as_bytes().as_slice(),
                ":r_country": record.country.as_bytes().as_slice(),
                ":written_by": open.written_by(),
            },
        )?;
    }
    Ok(())
}

pub(super) fn under(
    open: &Open<'_>,
    organisation: &OrganisationId,
    reference: Reference,
) -> Result<Vec<RaisedPair>, StoreError> {
    open.rows(
        "raised",
        "SELECT rowid, * FROM raised WHERE organisation = ?1 AND reference = ?2
         ORDER BY pair_digest",
        [organisation.as_str(), &reference.to_string()],
        |cells| {
            let pair = RaisedPair {
                organisation: organisation.clone(),
                purpose: cells.make("purpose", |code: String| Purpose::from_code(&code))?,
                query: cells.query_mark()?,
                record: cells.record_mark()?,
                query_name: cells.raw::<String>("query_name").map(Protected::from)?,
                record_name: cells.raw::<String>("record_name").map(Protected::from)?,
                score: Score(cells.raw("score")?),
            };
            // A reference that its own facts don't give would let one pair be decided for another.
            if pair.digest() != cells.digest("pair_digest")? {
                return Err(cells.bad("pair_digest"));
            }
            if pair.reference() != reference {
                return Err(cells.bad("reference"));
            }
            Ok(pair)
        },
    )
}
