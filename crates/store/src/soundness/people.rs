//! Is anything waiting for a person?

use super::{Checkup, DAY_US, Finding, ago};
use crate::cells::Cells;
use crate::engine::FromCell;
use crate::{Reader as _, StoreError, backup};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use portcullis_decide::people::{Told, unproven};
use portcullis_types::EventTime;

/// After so long without a backup, one is due.
const BACKUP_US: u64 = 7 * DAY_US;

impl Checkup<'_, '_> {
    /// Records whose key is still to be taken out of the keyring.
    pub(super) fn erasures(&self) -> Result<Vec<Finding>, StoreError> {
        let row = self.open.row("SELECT count(*) AS number FROM erasing", &[])?;
        let left = row.map_or(Ok(0), |row| {
            Cells::new(self.open, "erasing", "number", &row).count("number")
        })?;
        Ok(vec![if left == 0 {
            Finding::sound("erasures", "every key of an erased record is gone")
        } else {
            Finding::look(
                "erasures",
                format!("{left} erased records still have their key"),
                "open the store again with a keyring that can be written",
            )
        }])
    }

    pub(super) fn reviews(&self) -> Result<Vec<Finding>, StoreError> {
        let now = i64::try_from(self.now_us).unwrap_or(i64::MAX);
        let today = Timestamp::from_microsecond(now).unwrap_or(Timestamp::MAX);
        let today = today.to_zoned(TimeZone::UTC).date();
        let counts = self.open.record_counts(self.organisation, today)?;
        let overdue: u64 = counts.iter().map(|count| count.overdue).sum();
        Ok(vec![if overdue == 0 {
            Finding::sound("reviews", "no review or disposal is overdue")
        } else {
            Finding::look(
                "reviews",
                format!("{overdue} records are past the day of their review or disposal"),
                "see `portcullis retention report`",
            )
        }])
    }

    pub(super) fn jobs(&self) -> Result<Vec<Finding>, StoreError> {
        let row = self.open.row(
            "SELECT count(*) AS number FROM given_up_job
             WHERE organisation = $1 AND dealt_event IS NULL",
            &[self.organisation.as_str().into()],
        )?;
        let given_up = row.map_or(Ok(0), |row| {
            Cells::new(self.open, "given_up_job", "number", &row).count("number")
        })?;
        Ok(vec![if given_up == 0 {
            Finding::sound("jobs", "none waits for a person")
        } else {
            Finding::look(
                "jobs",
                format!("{given_up} were given up and wait for a person"),
                "see `portcullis jobs list`",
            )
        }])
    }

    /// Whether there are two who can approve, and what nobody may miss: that a recovery code was used.
    pub(super) fn administrators(&self) -> Result<Vec<Finding>, StoreError> {
        const SUBJECT: &str = "administrators";
        const ADVICE: &str = "see `portcullis people list`";
        let office = self.open.office(self.organisation)?;
        if office.people.is_empty() {
            return Ok(Vec::new());
        }
        let now = i64::try_from(self.now_us).unwrap_or(i64::MAX);
        let number = EventTime::try_from(now).map_or(0, |now| office.administrators(now));
        let left = office.codes.iter().filter(|code| code.used_at.is_none()).count();
        let mut findings = Vec::new();
        for code in office.codes.iter().filter(|code| code.used_at.is_some()) {
            findings.push(Finding::look(
                SUBJECT,
                format!("recovery code {} was used", code.place),
                "make sure that it was you; then print a new sheet",
            ));
        }
        findings.push(if number >= 2 {
            Finding::sound(SUBJECT, format!("{number} are in office"))
        } else {
            let says = format!("{number} in office, {left} recovery codes left");
            Finding::look(SUBJECT, says, ADVICE)
        });
        Ok(findings)
    }

    /// Whether what people may do was signed by two, each with the key that he enrolled with.
    pub(super) fn signatures(&self) -> Result<Vec<Finding>, StoreError> {
        const SUBJECT: &str = "signatures";
        const ADVICE: &str = "somebody wrote it into the store past the program: see `portcullis people proposals --all`, suspend whom you do not know, and compare the log with what its witnesses have";
        let office = self.open.office(self.organisation)?;
        if office.people.is_empty() {
            return Ok(Vec::new());
        }
        let proposals = self.open.proposals(self.organisation)?;
        let (mut told, mut next) = (Told::default(), Some(0));
        while let Some(position) = next {
            let (page, further) = self.open.events_after(self.organisation, position)?;
            for stored in &page {
                told.note(&stored.event);
            }
            next = further;
        }
        let mut credentials = Vec::new();
        for person in &office.people {
            let of = self.open.credentials(self.organisation, &person.person.officer)?;
            credentials.extend(of);
        }
        let found = unproven(&office, &credentials, &proposals, &told);
        if found.is_empty() {
            let says = format!("{} proposals and their approvals hold", proposals.len());
            return Ok(vec![Finding::sound(SUBJECT, says)]);
        }
        Ok(found.iter().map(|one| Finding::broken(SUBJECT, one.to_string(), ADVICE)).collect())
    }

    pub(super) fn backup(&self) -> Result<Vec<Finding>, StoreError> {
        const ADVICE: &str = "make one with `portcullis backup`";
        let row =
            self.open.row("SELECT value FROM setting WHERE name = $1", &[backup::MADE.into()])?;
        let at = row.as_ref().and_then(|row| {
            let bytes = Vec::<u8>::from_cell(row.cell("value")?)?;
            u64::try_from(i64::from_be_bytes(bytes.try_into().ok()?)).ok()
        });
        Ok(vec![match at {
            None => Finding::look("backup", "none was made from this store yet", ADVICE),
            Some(at) => {
                let says = format!("the last was made {}", ago(self.now_us, at));
                if self.now_us.saturating_sub(at) > BACKUP_US {
                    Finding::look("backup", says, ADVICE)
                } else {
                    Finding::sound("backup", says)
                }
            }
        }])
    }
}
