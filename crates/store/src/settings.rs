//! What the store knows of itself: which keyring is its own, and how new it must be.

use crate::database::{Open, Randomness};
use crate::engine::{Access, Engine, FromCell};
use crate::error::{Doing, RowName};
use crate::vault::{KeyringPlace, Vault};
use crate::{InconsistencyError, KeyringError, StoreError};
use portcullis_keys::Keyring;

/// The row that names the keyring: 32 bytes by which it is known, its revision, and 32 bytes of what it
/// held then.
pub(crate) const KEYRING: &str = "keyring";

/// What the store has seen of its keyring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seen {
    identity: [u8; 32],
    /// It has this revision, or a later one.
    pub(crate) revision: u64,
    /// What it held at that revision.
    pub(crate) state: [u8; 32],
}

/// Opens the keyring of this store; makes one where the store has none yet.
pub(crate) fn open_vault(
    engine: &mut dyn Engine,
    place: KeyringPlace,
    rng: &Randomness,
) -> Result<Vault, StoreError> {
    let failed = |error| Doing::Opening.failed(error);
    let known = {
        let mut session = engine.begin(Access::Read).map_err(failed)?;
        stored(&session.query(SELECT, &[KEYRING.into()]).map_err(failed)?)?
    };
    if let Some(Seen { identity, .. }) = known {
        let vault = Vault::open(place)?;
        return check(vault, identity);
    }
    // Two processes may come here at once: the second finds what the first wrote.
    let mut session = engine.begin(Access::Write).map_err(failed)?;
    session.exclude_others().map_err(failed)?;
    let known = stored(&session.query(SELECT, &[KEYRING.into()]).map_err(failed)?)?;
    if let Some(Seen { identity, .. }) = known {
        return check(Vault::open(place)?, identity);
    }
    let vault = Vault::open_or_make(place, &mut |bytes| rng.fill(bytes))?;
    let value = value(vault.keyring());
    session
        .execute(
            "INSERT INTO setting (name, value, written_by) VALUES ($1, $2, $3)",
            &[KEYRING.into(), (&value).into(), "store.open".into()],
        )
        .map_err(failed)?;
    session.commit().map_err(failed)?;
    Ok(vault)
}

const SELECT: &str = "SELECT value FROM setting WHERE name = $1";

/// What the store has seen of its keyring.
pub(crate) fn seen_keyring(open: &Open<'_>) -> Result<Seen, StoreError> {
    stored(&open.query(SELECT, &[KEYRING.into()])?)?.ok_or_else(|| bad().into())
}

/// Remembers what the keyring is at now.
pub(crate) fn put_seen_keyring(open: &Open<'_>, keyring: &Keyring) -> Result<(), StoreError> {
    let value = value(keyring);
    open.execute(
        "UPDATE setting SET value = $1, written_by = $2 WHERE name = $3",
        &[(&value).into(), open.written_by().into(), KEYRING.into()],
    )
    .map(drop)
}

fn check(vault: Vault, identity: [u8; 32]) -> Result<Vault, StoreError> {
    if self::identity(vault.keyring()) == identity {
        return Ok(vault);
    }
    Err(KeyringError::OfAnother { path: vault.path().to_owned() }.into())
}

/// What a keyring is known by.
pub(crate) fn identity(keyring: &Keyring) -> [u8; 32] {
    keyring.blind("store/identity", b"")
}

/// The value of the row that names a keyring.
pub(crate) fn value(keyring: &Keyring) -> Vec<u8> {
    let (identity, state) = (identity(keyring), keyring.state());
    [identity.as_slice(), &keyring.revision().to_be_bytes(), &state].concat()
}

fn stored(rows: &[crate::engine::Row]) -> Result<Option<Seen>, StoreError> {
    let Some(row) = rows.first() else { return Ok(None) };
    let value = row.cell("value").and_then(Vec::<u8>::from_cell).ok_or_else(bad)?;
    let (identity, rest) = value.split_first_chunk::<32>().ok_or_else(bad)?;
    let (revision, state) = rest.split_first_chunk::<8>().ok_or_else(bad)?;
    let state = state.try_into().map_err(|_| bad())?;
    Ok(Some(Seen { identity: *identity, revision: u64::from_be_bytes(*revision), state }))
}

fn bad() -> InconsistencyError {
    let row = RowName::id(KEYRING.as_bytes());
    InconsistencyError { table: "setting", column: "value", row }
}

/// Takes a lease, or keeps it: until `now_us + for_us` nobody else gets it. False where another has
/// it.
pub(crate) fn lease(
    open: &Open<'_>,
    name: &'static str,
    holder: &[u8; 16],
    now_us: i64,
    for_us: i64,
) -> Result<bool, StoreError> {
    let changed = open.execute(
        "INSERT INTO lease (name, holder, until_us, written_by) VALUES ($1, $2, $3, $4)
         ON CONFLICT (name) DO UPDATE SET
             holder = excluded.holder, until_us = excluded.until_us,
             written_by = excluded.written_by
         WHERE lease.holder = excluded.holder OR lease.until_us <= $5",
        &[
            name.into(),
            holder.into(),
            now_us.saturating_add(for_us).into(),
            open.written_by().into(),
            now_us.into(),
        ],
    )?;
    Ok(changed == 1)
}

/// Gives a lease up, where this holder has it.
pub(crate) fn release(
    open: &Open<'_>,
    name: &'static str,
    holder: &[u8; 16],
) -> Result<(), StoreError> {
    open.execute("DELETE FROM lease WHERE name = $1 AND holder = $2", &[name.into(), holder.into()])
        .map(drop)
}
