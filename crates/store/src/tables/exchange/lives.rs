//! The lives of this node.

use super::{Drawn, moment, note};
use crate::StoreError;
use crate::cells::Cells;
use crate::database::Open;
use portcullis_decide::exchange::traffic::Traffic;
use portcullis_exchange::Incarnation;
use portcullis_federation::Moment;
use portcullis_types::{Clock, OrganisationId};

/// The life of today; none before the first.
pub(crate) fn current(
    open: &Open<'_>,
    organisation: &OrganisationId,
) -> Result<Option<Incarnation>, StoreError> {
    let row = open.row(
        "SELECT life FROM exchange_life WHERE organisation = $1 ORDER BY life DESC LIMIT 1",
        &[organisation.as_str().into()],
    )?;
    let life = |row| Cells::new(open, "exchange_life", "life", row).bytes("life");
    Ok(row.as_ref().map(life).transpose()?.map(Incarnation::from_bytes))
}

/// The life of today; the first one begins now.
pub(crate) fn current_or_first(
    open: &Open<'_>,
    clock: &dyn Clock,
    organisation: &OrganisationId,
) -> Result<Incarnation, StoreError> {
    match current(open, organisation)? {
        Some(life) => Ok(life),
        None => begin(open, clock, organisation),
    }
}

/// Begins a life, which comes after all before it, even where the clock was set back.
pub(crate) fn begin(
    open: &Open<'_>,
    clock: &dyn Clock,
    organisation: &OrganisationId,
) -> Result<Incarnation, StoreError> {
    let now = moment(clock)?;
    let last = current(open, organisation)?.and_then(|last| Moment::new(last.began_s()));
    let after = last.map_or(now, |last| last.later(1).max(now));
    let life = Incarnation::begin(after, &mut Drawn(open));
    open.execute(
        "INSERT INTO exchange_life (organisation, life, written_by) VALUES ($1, $2, $3)",
        &[organisation.as_str().into(), life.as_bytes().into(), open.written_by().into()],
    )?;
    note(open, clock, organisation, None, Traffic::LifeBegan(life))?;
    Ok(life)
}

/// Everybody who exchanged something here.
pub(crate) fn of_whom(open: &Open<'_>) -> Result<Vec<OrganisationId>, StoreError> {
    let rows =
        open.query("SELECT DISTINCT organisation FROM exchange_life ORDER BY organisation", &[])?;
    let one = |row| Cells::new(open, "exchange_life", "organisation", row).parse("organisation");
    rows.iter().map(one).collect()
}
