//! Does every sealed cell open in its place, and does every event agree with its leaf?

use super::{Checkup, Finding, RESTORE};
use crate::StoreError;
use crate::backup::{self, Progress, catalogue};
use crate::engine::{Cell, FromCell, Row};
use crate::error::RowName;
use crate::tables::{SEALED, SealedTable};
use portcullis_audit::{Commitment, Salt, commit};
use portcullis_keys::{Place, RecordNumber};
use portcullis_types::Event;

/// The column of events that holds the leaf.
const COMMITMENT: &str = "commitment";

/// Bytes of salt before an event.
const SALT_BYTES: usize = 32;

#[derive(Default)]
struct Tally {
    opened: u64,
    erased: u64,
    left_over: u64,
    bad: u64,
    first_bad: Option<RowName>,
}

impl Checkup<'_, '_> {
    pub(super) fn cells(
        &self,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Vec<Finding>, StoreError> {
        let (mut findings, mut done) = (Vec::new(), 0_u64);
        let sealed = |name: &str| SEALED.iter().find(|sealed| sealed.name == name);
        let tables = || {
            let all = catalogue::statements().iter();
            all.filter_map(|statements| sealed(statements.table.name).map(|s| (statements, s)))
        };
        let mut of = 0_u64;
        for (statements, _) in tables() {
            of = of.saturating_add(backup::count(self.open, statements)?);
        }
        for (statements, sealed) in tables() {
            let mut tally = Tally::default();
            backup::each_page(self.open, statements, |rows| -> Result<(), StoreError> {
                for row in rows {
                    self.row(sealed, row, &mut tally);
                }
                done = done.saturating_add(rows.len() as u64);
                progress(Progress { done, of, table: sealed.name });
                Ok(())
            })?;
            findings.extend(told(sealed.name, &tally));
        }
        Ok(findings)
    }

    fn row(&self, sealed: &SealedTable, row: &Row, tally: &mut Tally) {
        let number = row.cell(sealed.record).and_then(i64::from_cell);
        let number = number.and_then(|number| RecordNumber::new(u64::try_from(number).ok()?));
        let id = row.cell(sealed.id).and_then(Vec::<u8>::from_cell);
        let (Some(number), Some(id)) = (number, id) else {
            return bad(tally, row.cell(sealed.id));
        };
        for column in sealed.columns {
            let bytes = match row.cell(column) {
                Some(Cell::Bytes(bytes)) => bytes,
                Some(Cell::Null) => {
                    tally.erased = tally.erased.saturating_add(1);
                    continue;
                }
                _ => return bad(tally, row.cell(sealed.id)),
            };
            if self.open.keyring().is_shredded(number) {
                tally.left_over = tally.left_over.saturating_add(1);
                continue;
            }
            let place = Place { table: sealed.name, row: &id, column };
            let opened = self.open.keyring().open(number, &place, bytes);
            let agrees = opened
                .is_ok_and(|plain| sealed.name != "event" || agrees(row.cell(COMMITMENT), &plain));
            if agrees {
                tally.opened = tally.opened.saturating_add(1);
            } else {
                bad(tally, row.cell(sealed.id));
            }
        }
    }
}

/// Whether a sealed event is one, and the leaf is its own.
fn agrees(leaf: Option<&Cell>, plain: &[u8]) -> bool {
    let Some((salt, bytes)) = plain.split_first_chunk::<SALT_BYTES>() else { return false };
    let leaf = leaf.and_then(Vec::<u8>::from_cell).and_then(|bytes| Commitment::from_entry(&bytes));
    Event::from_bytes(bytes).is_ok() && leaf == Some(commit(&Salt::new(*salt), bytes))
}

fn bad(tally: &mut Tally, id: Option<&Cell>) {
    tally.bad = tally.bad.saturating_add(1);
    let id = id.and_then(Vec::<u8>::from_cell).unwrap_or_default();
    tally.first_bad.get_or_insert_with(|| RowName::id(&id));
}

fn told(name: &str, tally: &Tally) -> Vec<Finding> {
    let subject = format!("table `{name}`");
    let Tally { opened, erased, left_over, bad, first_bad } = tally;
    let mut findings = Vec::new();
    if let Some(row) = first_bad {
        findings.push(Finding::broken(
            &subject,
            format!("{bad} sealed cells don't open or don't agree, the first in row {row}"),
            RESTORE,
        ));
    }
    if *left_over > 0 {
        findings.push(Finding::look(
            &subject,
            format!("{left_over} cells of erased records are still there; nothing opens them"),
            "make a backup and restore it, which leaves them out",
        ));
    }
    if findings.is_empty() {
        let says = format!("{opened} sealed cells open, {erased} are empty");
        findings.push(Finding::sound(&subject, says));
    }
    findings
}
