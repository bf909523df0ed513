//! Is what is exchanged complete, and does it get there?

use super::{Checkup, Closeness, DAY_US, Finding, RESTORE, ago};
use crate::StoreError;
use crate::cells::Cells;
use crate::tables::exchange::{Way, lives, outgoing, peers, received};
use portcullis_exchange::outgoing::Outbox as _;
use portcullis_federation::Moment;
use portcullis_types::OrganisationId;

const SUBJECT: &str = "exchange";

/// What must not be: each statement counts the rows of an organisation (`$1`) where it is.
const BROKEN: [(&str, &str); 5] = [
    (
        "messages that wait are not there as a whole",
        "SELECT count(*) AS number FROM exchange_outgoing o
         WHERE o.organisation = $1 AND o.state = 'waiting' AND o.count <>
             (SELECT count(*) FROM exchange_content c WHERE c.record_number = o.record_number)",
    ),
    (
        "messages are for somebody for whom none was queued",
        "SELECT count(*) AS number FROM exchange_outgoing o
         WHERE o.organisation = $1 AND NOT EXISTS
             (SELECT 1 FROM exchange_peer p
              WHERE p.organisation = o.organisation AND p.peer = o.peer)",
    ),
    (
        "places in a conversation have two messages",
        "SELECT count(*) AS number FROM
             (SELECT 1 FROM exchange_outgoing WHERE organisation = $1
              GROUP BY peer, conversation, sequence HAVING count(*) > 1) twice",
    ),
    (
        "messages have a place that is yet to be given",
        "SELECT count(*) AS number FROM exchange_outgoing o
         WHERE o.organisation = $1 AND o.sequence > coalesce(
             (SELECT s.last FROM exchange_sequence s WHERE s.organisation = o.organisation
                 AND s.peer = o.peer AND s.conversation = o.conversation), 0)",
    ),
    (
        "messages that came in part have no part",
        "SELECT count(*) AS number FROM exchange_open o
         WHERE o.organisation = $1 AND NOT EXISTS
             (SELECT 1 FROM exchange_part p WHERE p.record_number = o.record_number)",
    ),
];

impl Checkup<'_, '_> {
    /// What waits to be handled and to be sent; and looked at closely, that all of it is there.
    pub(super) fn exchange(&self) -> Result<Vec<Finding>, StoreError> {
        let peers = peers::all(self.open, self.organisation)?;
        if peers.is_empty() && lives::current(self.open, self.organisation)?.is_none() {
            return Ok(Vec::new());
        }
        let mut findings = Vec::new();
        if self.closeness == Closeness::EveryRow {
            findings.extend(self.incomplete(&peers)?);
        }
        findings.extend(self.unhandled()?);
        findings.extend(self.unsent()?);
        if findings.is_empty() {
            findings.push(Finding::sound(SUBJECT, "nothing waits for longer than a day"));
        }
        Ok(findings)
    }

    fn incomplete(&self, peers: &[OrganisationId]) -> Result<Vec<Finding>, StoreError> {
        let mut findings = Vec::new();
        for (what, sql) in BROKEN {
            let row = self.open.row(sql, &[self.organisation.as_str().into()])?;
            let number = row.map_or(Ok(0), |row| {
                Cells::new(self.open, "exchange_outgoing", "number", &row).count("number")
            })?;
            if number > 0 {
                findings.push(Finding::broken(SUBJECT, format!("{number} {what}"), RESTORE));
            }
        }
        // Each says by itself whose message it is, and is held against the columns.
        for peer in peers {
            let way = Way { organisation: self.organisation, peer };
            outgoing::OutboxRows::new(self.open, way).all()?;
        }
        Ok(findings)
    }

    fn unhandled(&self) -> Result<Option<Finding>, StoreError> {
        let (number, oldest) = received::waiting(self.open, self.organisation)?;
        Ok(self.since(oldest).map(|since| {
            Finding::look(
                SUBJECT,
                format!("{number} messages of others wait to be handled, the first came {since}"),
                "see what the node says when it handles messages, and update the program",
            )
        }))
    }

    fn unsent(&self) -> Result<Vec<Finding>, StoreError> {
        let counts = outgoing::counts(self.open, self.organisation)?;
        let one = |count: &outgoing::WaitingCount| {
            let since = self.since(count.oldest)?;
            let (peer, waiting) = (&count.peer, count.waiting);
            Some(Finding::look(
                SUBJECT,
                format!("{waiting} messages wait for `{peer}`, the first was queued {since}"),
                "see whether its node can be reached, or carry a file there",
            ))
        };
        Ok(counts.iter().filter_map(one).collect())
    }

    /// How long ago something was, where it was more than a day.
    fn since(&self, then: Option<Moment>) -> Option<String> {
        let then_us = then?.seconds().saturating_mul(1_000_000);
        let is_old = then_us.saturating_add(DAY_US) < self.now_us;
        is_old.then(|| ago(self.now_us, then_us))
    }
}
