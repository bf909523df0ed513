//! Is what is kept sound: does every cell open, does every event agree with its leaf, does the log
//! follow from its entries, is anything waiting for a person?
//!
//! Each check ends in a line for people. None holds protected text, and one that cannot be made
//! doesn't keep the others from being made.

mod cells;
mod exchange;
mod files;
mod log;
mod members;
mod owners;
mod people;

pub use files::examine_files;

use crate::backup::Progress;
use crate::database::Open;
use crate::{Database, StoreError, migrations};
use portcullis_types::OrganisationId;
use std::error::Error;

/// How something was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Soundness {
    /// As it should be.
    Sound,
    /// Not broken, and somebody should look at it.
    Look,
    /// Broken.
    Broken,
}

impl Soundness {
    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sound => "sound",
            Self::Look => "look",
            Self::Broken => "broken",
        }
    }
}

/// What one check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at, in a word or two.
    pub subject: String,
    /// How it was found.
    pub soundness: Soundness,
    /// What was found.
    pub says: String,
    /// What to do, where something is to be done.
    pub advice: Option<&'static str>,
}

impl Finding {
    /// Nothing is to be done.
    pub fn sound(subject: &str, says: impl Into<String>) -> Self {
        let (subject, says) = (subject.to_owned(), says.into());
        Self { subject, soundness: Soundness::Sound, says, advice: None }
    }

    /// Somebody should look.
    pub fn look(subject: &str, says: impl Into<String>, advice: &'static str) -> Self {
        let soundness = Soundness::Look;
        Self { soundness, advice: Some(advice), ..Self::sound(subject, says) }
    }

    /// Something is broken.
    pub fn broken(subject: &str, says: impl Into<String>, advice: &'static str) -> Self {
        let soundness = Soundness::Broken;
        Self { soundness, advice: Some(advice), ..Self::sound(subject, says) }
    }

    /// A check could not be made, because of this.
    pub fn failed(subject: &str, error: &(dyn Error + 'static), advice: &'static str) -> Self {
        let mut says = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            says.push_str(": ");
            says.push_str(&error.to_string());
            cause = error.source();
        }
        Self::broken(subject, says, advice)
    }
}

/// What to do about damage.
pub(crate) const RESTORE: &str = "restore the latest backup with `portcullis restore`";

/// How closely to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closeness {
    /// At what is quickly looked at.
    Quick,
    /// At every row.
    EveryRow,
}

impl Database {
    /// Looks whether the store is sound, at a time in microseconds since 1970. The findings come in
    /// the order of the checks.
    pub fn examine(
        &mut self,
        organisation: &OrganisationId,
        now_us: u64,
        closeness: Closeness,
        progress: &mut dyn FnMut(Progress),
    ) -> Vec<Finding> {
        let mut findings = Vec::new();
        if closeness == Closeness::EveryRow {
            findings.extend(self.engine_findings());
        }
        let looked = self.look(|open| -> Result<Vec<Finding>, StoreError> {
            let checkup = Checkup { open, organisation, now_us, closeness };
            Ok(checkup.run(progress))
        });
        match looked {
            Ok(found) => findings.extend(found),
            Err(error) => findings.push(Finding::failed("store", &error, RESTORE)),
        }
        findings
    }

    fn engine_findings(&mut self) -> Vec<Finding> {
        let subject = self.engine_name();
        match self.engine.faults() {
            Ok(faults) if faults.is_empty() => {
                vec![Finding::sound(subject, "pages, indexes and references agree")]
            }
            Ok(faults) => {
                faults.into_iter().map(|fault| Finding::broken(subject, fault, RESTORE)).collect()
            }
            Err(error) => {
                let error = crate::error::Doing::Reading.failed(error);
                vec![Finding::failed(subject, &error, RESTORE)]
            }
        }
    }
}

struct Checkup<'a, 'c> {
    open: &'a Open<'c>,
    organisation: &'a OrganisationId,
    now_us: u64,
    closeness: Closeness,
}

/// A check: its subject, and how it is made.
type Check<'a, 'c> = (&'static str, fn(&Checkup<'a, 'c>) -> Result<Vec<Finding>, StoreError>);

impl<'a, 'c> Checkup<'a, 'c> {
    fn run(&self, progress: &mut dyn FnMut(Progress)) -> Vec<Finding> {
        let checks: [Check<'a, 'c>; 12] = [
            ("schema", Self::schema),
            ("leaves", Self::leaves),
            ("log", Self::logs),
            ("waiting leaves", Self::waiting),
            ("witnesses", Self::witnesses),
            ("erasures", Self::erasures),
            ("reviews", Self::reviews),
            ("jobs", Self::jobs),
            ("people", Self::administrators),
            ("members", Self::members),
            ("exchange", Self::exchange),
            ("backup", Self::backup),
        ];
        let mut findings = vec![self.keyring()];
        let mut take = |subject: &'static str, found: Result<Vec<Finding>, StoreError>| match found
        {
            Ok(found) => findings.extend(found),
            Err(error) => findings.push(Finding::failed(subject, &error, RESTORE)),
        };
        for (subject, check) in checks {
            take(subject, check(self));
        }
        if self.closeness == Closeness::EveryRow {
            take("cells", self.cells(progress));
            take("organisations", self.owners());
            take("signatures", self.signatures());
        }
        findings
    }

    fn schema(&self) -> Result<Vec<Finding>, StoreError> {
        let (found, known) = (migrations::version(self.open)?, migrations::known());
        Ok(vec![if found == known {
            Finding::sound("schema", format!("version {found}"))
        } else {
            Finding::look(
                "schema",
                format!("version {found}, and this program knows version {known}"),
                "update the program; this one can't back the store up",
            )
        }])
    }

    fn keyring(&self) -> Finding {
        let keyring = self.open.keyring();
        let generations = keyring.generations().count();
        Finding::sound(
            "keyring",
            format!(
                "it is this store's own, at revision {}, with {generations} generations of keys",
                keyring.revision()
            ),
        )
    }
}

/// Microseconds in a day.
const DAY_US: u64 = 86_400_000_000;

/// How long ago something was, for people.
fn ago(now_us: u64, then_us: u64) -> String {
    let seconds = now_us.saturating_sub(then_us) / 1_000_000;
    match seconds {
        0..120 => format!("{seconds} seconds ago"),
        120..7_200 => format!("{} minutes ago", seconds / 60),
        7_200..172_800 => format!("{} hours ago", seconds / 3_600),
        _ => format!("{} days ago", seconds / 86_400),
    }
}
