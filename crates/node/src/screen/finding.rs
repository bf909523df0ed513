//! What screening found, in the form that every report shows.

use jiff::civil::Date;
use portcullis_decide::Deadline;
use portcullis_ingest::SetAside;
use portcullis_matching::Settings;
use portcullis_types::{
    Bits, Dossier, DossierId, ListVersion, Pair, PartialDate, Pence, PopulationClass, Protected,
    Score, Similarity, SourceId,
};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Somebody who is screened.
#[derive(Debug, Clone)]
pub(crate) struct Subject {
    /// What the file says of the person.
    pub(crate) dossier: Dossier,
    /// Row of the file, counted from 1 with the header as row 1.
    pub(crate) row: u64,
    /// The name as it stands in the file.
    pub(crate) name: Protected,
    /// Who the person is to us; `None` in a trial.
    pub(crate) class: Option<PopulationClass>,
    /// Value of the gift.
    pub(crate) value: Option<Pence>,
    /// Who received the gift.
    pub(crate) recipient: Option<Protected>,
    /// Day the gift was received.
    pub(crate) received: Option<PartialDate>,
    /// Last day to accept it or send it back.
    pub(crate) decide_by: Option<Deadline>,
}

/// A list that was screened against.
#[derive(Debug, Clone)]
pub(crate) struct ListInfo {
    /// Its id.
    pub(crate) source: SourceId,
    /// Its name for people.
    pub(crate) title: String,
    /// Which issue.
    pub(crate) version: ListVersion,
    /// Day of issue, where it is known.
    pub(crate) issued: Option<Date>,
    /// Days since then.
    pub(crate) age_days: Option<i64>,
    /// Whether a newer issue is to be expected.
    pub(crate) old: bool,
    /// How many records it gave.
    pub(crate) records: u64,
    /// How many of its rows could not be read.
    pub(crate) set_aside: u64,
    /// What the reader of the list should know.
    pub(crate) warnings: Vec<String>,
}

impl ListInfo {
    /// Whether the issue is so old that newer ones are likely.
    pub(crate) fn is_stale(&self) -> bool {
        self.old
    }

    /// Its age in words.
    pub(crate) fn age(&self) -> String {
        match self.age_days {
            None => "age not known".to_owned(),
            Some(days) if days <= 0 => "of today".to_owned(),
            Some(1) => "1 day old".to_owned(),
            Some(days) if days < 730 => format!("{days} days old"),
            Some(days) => format!("{} years old", days / 365),
        }
    }
}

/// A record of a list that a subject may be.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    /// The word by which a decision refers to this pair; none when no class was stated.
    pub(crate) reference: Option<String>,
    /// How alike, how strong, why.
    pub(crate) pair: Pair,
    /// The list it is from.
    pub(crate) list: Arc<ListInfo>,
    /// What the list says.
    pub(crate) dossier: Dossier,
    /// The one of its names that matched.
    pub(crate) matched_name: Protected,
}

/// One person or body of the lists that a subject may be, however many records name it.
#[derive(Debug, Clone)]
pub(crate) struct Alert {
    /// The record with the best score.
    pub(crate) best: Record,
    /// The other records, best first.
    pub(crate) others: Vec<Record>,
    /// What an update of the lists did to it; `None` when that was not asked.
    pub(crate) change: Option<Change>,
    /// Why it is raised although it was decided before: what has changed since.
    pub(crate) raised_again: Option<String>,
    /// What was decided and still stands, without keeping the alert quiet.
    pub(crate) standing: Option<String>,
}

impl Alert {
    /// All records, best first.
    pub(crate) fn records(&self) -> impl Iterator<Item = &Record> {
        std::iter::once(&self.best).chain(&self.others)
    }

    /// The reference of the best record, by which people speak of the alert.
    pub(crate) fn reference(&self) -> Option<&str> {
        self.best.reference.as_deref()
    }

    /// Score of the best record.
    pub(crate) fn score(&self) -> Score {
        self.best.pair.score
    }

    /// Similarity of the best record.
    pub(crate) fn similarity(&self) -> Similarity {
        self.best.pair.similarity
    }

    /// Strength of the evidence for the best record.
    pub(crate) fn strength(&self) -> Bits {
        self.best.pair.strength
    }
}

/// What an update of the lists did to an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// Nothing like it was raised before.
    New,
    /// It was raised before, on other records, other facts or with another score.
    Changed,
}

impl Change {
    /// In a word.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Changed => "changed",
        }
    }
}

/// An alert that is not raised, because somebody decided it.
#[derive(Debug, Clone)]
pub(crate) struct Decided {
    /// The word by which the decision is known.
    pub(crate) reference: String,
    /// Who decided.
    pub(crate) by: String,
    /// When.
    pub(crate) on: Date,
    /// Why.
    pub(crate) reason: Protected,
    /// The records it would have named.
    pub(crate) ids: Vec<DossierId>,
}

/// What screening one subject found.
#[derive(Debug, Clone)]
pub(crate) struct Finding {
    /// Who.
    pub(crate) subject: Subject,
    /// The records that were scored, best first.
    pub(crate) candidates: Vec<DossierId>,
    /// The alerts, best first.
    pub(crate) alerts: Vec<Alert>,
    /// The alerts that an earlier decision keeps quiet.
    pub(crate) decided: Vec<Decided>,
    /// The records named by alerts that an update of the lists ended.
    pub(crate) gone: Vec<DossierId>,
}

/// What is known before the first person is screened.
#[derive(Debug, Clone)]
pub(crate) struct Heading {
    /// Name of the file, without its folder.
    pub(crate) file: String,
    /// Who is screened; `None` for a trial, on whose results nothing can be decided.
    pub(crate) class: Option<PopulationClass>,
    /// The lists, in order.
    pub(crate) lists: Vec<Arc<ListInfo>>,
    /// The issue or day since which changes are told; `None` for a full run.
    pub(crate) since: Option<String>,
    /// Prior, threshold, number of candidates.
    pub(crate) settings: Settings,
    /// Day and time of the screening (UTC).
    pub(crate) at: jiff::Timestamp,
    /// Whether reasons are to be shown.
    pub(crate) explain: bool,
    /// What stands at the top and bottom of each page.
    pub(crate) marking: String,
}

/// An alert kept quiet by an earlier decision, with the row it would have stood at.
#[derive(Debug, Clone)]
pub(crate) struct Quiet {
    /// Row of the file.
    pub(crate) row: u64,
    /// The decision.
    pub(crate) decided: Decided,
}

/// How many set-aside rows a report lists one by one; the side file has them all.
pub(crate) const SHOWN: usize = 200;

/// What is known after the last person was screened.
#[derive(Debug, Clone, Default)]
pub(crate) struct Summary {
    /// People screened.
    pub(crate) people: u64,
    /// Those with at least one alert.
    pub(crate) people_with_alerts: u64,
    /// Alerts.
    pub(crate) alerts: u64,
    /// Alerts raised again although decided before.
    pub(crate) raised_again: u64,
    /// The first [`SHOWN`] of them, in words.
    pub(crate) raised_again_rows: Vec<String>,
    /// Rows that could not be read.
    pub(crate) set_aside: u64,
    /// The first [`SHOWN`] of them.
    pub(crate) set_aside_rows: Vec<SetAside>,
    /// Where they were written.
    pub(crate) set_aside_file: Option<PathBuf>,
    /// A side file that an earlier run left, when this run set nothing aside.
    pub(crate) earlier_set_aside_file: Option<PathBuf>,
    /// Rows that name nobody: blank ones, totals, and those a register has for its headings.
    pub(crate) naming_nobody: u64,
    /// How often the reader of the people file noticed something.
    pub(crate) noticed: u64,
    /// The first [`SHOWN`] things it noticed.
    pub(crate) warnings: Vec<String>,
    /// Number of alerts kept quiet by earlier decisions.
    pub(crate) quiet: u64,
    /// The first [`SHOWN`] of them.
    pub(crate) quiet_rows: Vec<Quiet>,
    /// Records named by alerts before an update of the lists, and by none after it.
    pub(crate) gone: u64,
    /// How long it took.
    pub(crate) elapsed: Duration,
}
