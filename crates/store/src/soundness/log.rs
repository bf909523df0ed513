//! Does the log follow from its entries, and hold every event? Is it on time, and witnessed?

use super::{Checkup, Closeness, DAY_US, Finding, RESTORE, ago};
use crate::StoreError;
use crate::cells::Cells;
use crate::tables::events;
use crate::tables::log::{self, Log, LogTiles};
use portcullis_audit::{
    Checkpoint, DecoyKey, KeyName, LogSigner, Note, Policy, decoy_commitment, verify_export,
};

/// Without a cosignature for so long, somebody should ask the witnesses.
const UNWITNESSED_US: u64 = 2 * DAY_US;

const SEQUENCE: &str = "have `portcullis audit sequence` run, as a service or by the clock";

impl Checkup<'_, '_> {
    fn number(&self, sql: &'static str) -> Result<u64, StoreError> {
        let row = self.open.row(sql, &[])?;
        row.map_or(Ok(0), |row| Cells::new(self.open, "log_entry", "number", &row).count("number"))
    }

    /// Every event has its leaf, in the log or on the way to it.
    pub(super) fn leaves(&self) -> Result<Vec<Finding>, StoreError> {
        let mut findings = Vec::new();
        if self.closeness == Closeness::EveryRow {
            let without = self.number(
                "SELECT count(*) AS number FROM event e
                 WHERE NOT EXISTS (SELECT 1 FROM leaf_waiting w WHERE w.position = e.position)
                   AND NOT EXISTS (SELECT 1 FROM log_entry l WHERE l.event = e.position)",
            )?;
            if without > 0 {
                let says = format!("{without} events have no leaf in a log, and none waits");
                findings.push(Finding::broken("leaves", says, RESTORE));
            }
            let other = self.number(
                "SELECT count(*) AS number FROM log_entry l JOIN event e ON e.position = l.event
                 WHERE l.entry <> e.commitment",
            )?;
            if other > 0 {
                let says = format!("{other} entries of the log are not the leaves of their events");
                findings.push(Finding::broken("leaves", says, RESTORE));
            }
        }
        if findings.is_empty() {
            let events = self.number("SELECT count(*) AS number FROM event")?;
            let says = match self.closeness {
                Closeness::EveryRow => format!("each of {events} events has its leaf"),
                Closeness::Quick => {
                    format!("{events} events; whether each has its leaf wasn't looked at")
                }
            };
            findings.push(Finding::sound("leaves", says));
        }
        Ok(findings)
    }

    pub(super) fn logs(&self) -> Result<Vec<Finding>, StoreError> {
        let logs = log::all(self.open, self.organisation)?;
        if logs.is_empty() {
            return Ok(vec![Finding::look(
                "log",
                "there is none, so nobody outside can tell whether something was changed",
                "open one with `portcullis audit open`",
            )]);
        }
        let current = log::current(self.open, self.organisation)?.map(|log| log.number);
        let mut findings = Vec::new();
        for log in &logs {
            findings.push(self.log(log)?);
            if current == Some(log.number) {
                findings.extend(self.pace(log)?);
            }
        }
        Ok(findings)
    }

    fn log(&self, log: &Log) -> Result<Finding, StoreError> {
        let subject = format!("log `{}`", log.origin);
        let size = log::size(self.open, log)?;
        if size == 0 {
            return Ok(Finding::sound(&subject, "nothing in it yet"));
        }
        let broken = |says: String| Ok(Finding::broken(&subject, says, RESTORE));
        let Some(checkpoint) = log::checkpoint(self.open, log, size)? else {
            return broken("its last checkpoint is missing".to_owned());
        };
        let Ok(name) = log.origin.parse::<KeyName>() else {
            return broken("its name is none".to_owned());
        };
        let key = LogSigner::of_origin(name, &self.open.keyring().log_seed()).verifier();
        if self.closeness == Closeness::Quick {
            let signed = Note::parse(checkpoint.note.as_bytes()).ok().filter(|note| {
                let head = note.text().parse::<Checkpoint>();
                note.verify([&key]).is_ok()
                    && head.is_ok_and(|head| head.size() == size && head.origin() == log.origin)
            });
            return match signed {
                Some(_) => Ok(Finding::sound(
                    &subject,
                    format!("{size} leaves, the last checkpoint signed"),
                )),
                None => broken("its last checkpoint is not validly signed".to_owned()),
            };
        }
        let policy = format!("log {key}\nquorum none\n");
        let Ok(policy) = Policy::parse(policy.as_bytes()) else {
            return broken("its key is none".to_owned());
        };
        let tiles = LogTiles { open: self.open, log };
        match verify_export(&tiles, checkpoint.note.as_bytes(), &policy) {
            Err(damage) => Ok(Finding::failed(&subject, &damage, RESTORE)),
            Ok(report) => {
                let strange = self.strange_decoys(log, size)?;
                if strange > 0 {
                    return broken(format!(
                        "{strange} of its leaves are neither an event's nor decoys of this node"
                    ));
                }
                let tiles = report.tiles;
                Ok(Finding::sound(
                    &subject,
                    format!("{size} leaves in {tiles} tiles give the root that was signed"),
                ))
            }
        }
    }

    /// Leaves of no event that nobody can show to be decoys.
    fn strange_decoys(&self, log: &Log, size: u64) -> Result<u64, StoreError> {
        const PAGE: i64 = 4_096;
        let key = DecoyKey::new(*self.open.keyring().decoy_key());
        let (mut from, mut strange) = (0_u64, 0_u64);
        loop {
            let rows = self.open.query(
                "SELECT place, entry FROM log_entry
                 WHERE log = $1 AND place >= $2 AND place < $3 AND event IS NULL
                 ORDER BY place LIMIT $4",
                &[
                    crate::cells::integer(log.number).into(),
                    crate::cells::integer(from).into(),
                    crate::cells::integer(size).into(),
                    PAGE.into(),
                ],
            )?;
            for row in &rows {
                let cells = Cells::new(self.open, "log_entry", "place", row);
                let place = cells.count("place")?;
                let entry: [u8; 32] = cells.bytes("entry")?;
                if *decoy_commitment(&key, &log.origin, place).as_bytes() != entry {
                    strange = strange.saturating_add(1);
                }
                from = place.saturating_add(1);
            }
            if i64::try_from(rows.len()).unwrap_or(i64::MAX) < PAGE {
                return Ok(strange);
            }
        }
    }

    /// Its size is a matter of the clock alone.
    fn pace(&self, log: &Log) -> Result<Vec<Finding>, StoreError> {
        let size = log::size(self.open, log)?;
        let due = log.pace.size_at(self.now_us);
        let per_interval = u64::from(log.pace.per_interval());
        let behind = due.saturating_sub(size).checked_div(per_interval).unwrap_or(0);
        Ok(vec![if size > due {
            Finding::look(
                "pace of the log",
                "the log is ahead of the clock",
                "set the clock right; the log grows again when its time has come",
            )
        } else if !size.is_multiple_of(per_interval) {
            Finding::broken("pace of the log", "an interval of it was not filled whole", RESTORE)
        } else if behind > 1 {
            Finding::look(
                "pace of the log",
                format!("{behind} intervals are over and not in the log"),
                SEQUENCE,
            )
        } else {
            Finding::sound("pace of the log", "as large as the clock demands")
        }])
    }

    pub(super) fn waiting(&self) -> Result<Vec<Finding>, StoreError> {
        const SUBJECT: &str = "waiting leaves";
        let waiting = log::count_waiting(self.open, self.organisation)?;
        let Some(log) = log::current(self.open, self.organisation)? else {
            return Ok(vec![Finding::sound(SUBJECT, format!("{waiting} wait for a first log"))]);
        };
        let room = u64::from(log.pace.per_interval());
        let since = self.oldest_waiting_us()?;
        let since = since
            .map_or(String::new(), |us| format!(", the first was made {}", ago(self.now_us, us)));
        Ok(vec![if waiting > room {
            Finding::look(
                SUBJECT,
                format!("{waiting} wait, and an interval takes {room}{since}"),
                "if they grow in number day by day, open a log that takes more in an interval",
            )
        } else {
            Finding::sound(SUBJECT, format!("{waiting} wait for the next boundary{since}"))
        }])
    }

    /// When the event was made whose leaf waits longest; nothing where none does, or it was erased.
    fn oldest_waiting_us(&self) -> Result<Option<u64>, StoreError> {
        let row = self.open.row(
            "SELECT coalesce(min(position), 0) AS number FROM leaf_waiting WHERE organisation = $1",
            &[self.organisation.as_str().into()],
        )?;
        let first = row.map_or(Ok(0), |row| {
            Cells::new(self.open, "leaf_waiting", "number", &row).count("number")
        })?;
        let Some(before) = first.checked_sub(1) else { return Ok(None) };
        let (events, _) = events::after(self.open, self.organisation, before)?;
        let oldest = events.first().filter(|stored| stored.position == first);
        Ok(oldest
            .and_then(|stored| u64::try_from(stored.event.at.timestamp().as_microsecond()).ok()))
    }

    pub(super) fn witnesses(&self) -> Result<Vec<Finding>, StoreError> {
        const SUBJECT: &str = "witnesses";
        const ASK: &str = "ask the witnesses, with `portcullis audit witness`";
        let Some(log) = log::current(self.open, self.organisation)? else { return Ok(Vec::new()) };
        let size = log::last_cosigned(self.open, &log)?;
        let checkpoint = log::checkpoint(self.open, &log, size)?;
        Ok(vec![match checkpoint {
            None => Finding::look(SUBJECT, "none has cosigned this log yet", ASK),
            Some(checkpoint) => {
                let says = format!(
                    "the last cosigned checkpoint has {size} leaves and was made {}",
                    ago(self.now_us, checkpoint.at_us)
                );
                if self.now_us.saturating_sub(checkpoint.at_us) > UNWITNESSED_US {
                    Finding::look(SUBJECT, says, ASK)
                } else {
                    Finding::sound(SUBJECT, says)
                }
            }
        }])
    }
}
