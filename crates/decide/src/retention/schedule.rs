//! How long each kind of record is kept: the organisation's own choice, in a text it can read.

use super::{Disposal, RecordKind, Retention};
use jiff::Span;
use jiff::civil::Date;
use portcullis_types::Purpose;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::str::FromStr;
use toml::Spanned;

/// Where an organisation begins. It says for each period why.
const DEFAULT: &str = include_str!("default.toml");

/// Longest schedule read, in bytes.
const MAX_BYTES: usize = 65_536;

/// Longest reason of a rule, in characters.
const MAX_BECAUSE_CHARACTERS: usize = 1_000;

/// Longest period, in years; more is for ever by another name.
const MAX_YEARS: i32 = 100;

/// Periods are compared by where they lead from here; the first day of a long run without surprises.
const SOME_DAY: Date = Date::constant(2001, 1, 1);

/// A time for which something is kept, in days, months or years of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Period {
    // INVARIANT: 1 to 100 years, or their number of months or days.
    length: i32,
    unit: Unit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Unit {
    Days,
    Months,
    Years,
}

/// Why a text is not a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PeriodError {
    /// It is not a whole number and a unit.
    #[error("a period is a whole number of days, months or years, like `30 days` or `6 years`")]
    NotAPeriod,
    /// It is nothing at all.
    #[error("a period is at least one day; what need not be kept need not be written")]
    Zero,
    /// It is longer than 100 years.
    #[error("a period is at most {MAX_YEARS} years")]
    TooLong,
}

impl Period {
    /// The day that lies this period after another. Where the month has no such day, its last one:
    /// a year after 29 February is 28 February. At most the last day of the calendar.
    pub fn after(self, day: Date) -> Date {
        let span = match self.unit {
            Unit::Days => Span::new().try_days(self.length),
            Unit::Months => Span::new().try_months(self.length),
            Unit::Years => Span::new().try_years(self.length),
        };
        span.and_then(|span| day.checked_add(span)).unwrap_or(Date::MAX)
    }
}

impl FromStr for Period {
    type Err = PeriodError;

    fn from_str(text: &str) -> Result<Self, PeriodError> {
        let (length, unit) = text.split_once(' ').ok_or(PeriodError::NotAPeriod)?;
        let (unit, most) = match unit {
            "day" | "days" => (Unit::Days, MAX_YEARS * 365),
            "month" | "months" => (Unit::Months, MAX_YEARS * 12),
            "year" | "years" => (Unit::Years, MAX_YEARS),
            _ => return Err(PeriodError::NotAPeriod),
        };
        if length.is_empty() || !length.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(PeriodError::NotAPeriod);
        }
        match length.parse() {
            Ok(0) => Err(PeriodError::Zero),
            Ok(length) if length <= most => Ok(Self { length, unit }),
            _ => Err(PeriodError::TooLong),
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            Unit::Days => "day",
            Unit::Months => "month",
            Unit::Years => "year",
        };
        let plural = if self.length == 1 { "" } else { "s" };
        write!(f, "{} {unit}{plural}", self.length)
    }
}

/// How long records of a kind are kept, what happens then, and why so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// How long.
    pub period: Period,
    /// What happens then.
    pub disposal: Disposal,
    /// Why, in the organisation's own words.
    pub because: String,
}

/// A rule for every kind of record, and others for single purposes.
///
/// The periods are the organisation's own choice: UK GDPR Art. 5(1)(e) asks that data be kept no
/// longer than its purpose needs, and names no number. [`Schedule::default`] is where to begin; it
/// is a TOML text that says why beside each period, and so does whatever replaces it:
///
/// ```
/// use portcullis_decide::{RecordKind, Schedule};
/// use portcullis_types::Purpose;
/// let text = Schedule::DEFAULT_TEXT.replace("\"90 days\"", "\"45 days\"");
/// let schedule: Schedule = text.parse()?;
/// let shown = "2026-03-01".parse()?;
/// let kept = schedule.retention_for(RecordKind::RaisedPair, Purpose::ScreenDonor, shown);
/// assert_eq!(kept.review_on.to_string(), "2026-04-15");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A schedule is trusted: whoever can change it can have records erased early or kept long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    // INVARIANT: a rule without a purpose for every kind.
    rules: BTreeMap<(RecordKind, Option<Purpose>), Rule>,
}

impl Schedule {
    /// The text of the default.
    pub const DEFAULT_TEXT: &str = DEFAULT;

    /// How long a record that is opened on a day (UTC) is kept.
    pub fn retention_for(&self, kind: RecordKind, purpose: Purpose, on: Date) -> Retention {
        let rule = self.rule_for(kind, purpose);
        Retention { kind, purpose, review_on: rule.period.after(on), disposal: rule.disposal }
    }

    /// The rule for a kind of record and a purpose.
    pub fn rule_for(&self, kind: RecordKind, purpose: Purpose) -> &Rule {
        self.rules.get(&(kind, Some(purpose))).unwrap_or_else(|| self.rule_of(kind))
    }

    fn rule_of(&self, kind: RecordKind) -> &Rule {
        self.rules.get(&(kind, None)).expect("INVARIANT: every kind has a rule without a purpose")
    }

    /// All rules: for each kind the one for every purpose, and then those for single ones.
    pub fn rules(&self) -> impl Iterator<Item = (RecordKind, Option<Purpose>, &Rule)> {
        self.rules.iter().map(|((kind, purpose), rule)| (*kind, *purpose, rule))
    }
}

impl Default for Schedule {
    fn default() -> Self {
        DEFAULT.parse().expect("a constant of this crate, which a test reads")
    }
}

/// Why a text is not a schedule, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {fault}")]
pub struct ScheduleError {
    /// The line, counted from 1.
    pub line: usize,
    /// The column, in characters, counted from 1.
    pub column: usize,
    /// What is wrong there.
    pub fault: ScheduleFault,
}

/// What is wrong with a schedule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScheduleFault {
    /// It is longer than any schedule.
    #[error("a schedule has at most {MAX_BYTES} bytes")]
    TooLong,
    /// It is not TOML of the form that a schedule has.
    #[error("{message}")]
    Form {
        /// What the reader of TOML says.
        message: String,
    },
    /// There is no such kind of record.
    #[error("there is no kind of record `{kind}`; the kinds are {}", kinds())]
    UnknownKind {
        /// What stands there.
        kind: String,
    },
    /// There is no such purpose.
    #[error("there is no purpose `{purpose}`; the purposes are {}", purposes())]
    UnknownPurpose {
        /// What stands there.
        purpose: String,
    },
    /// There is no such disposal.
    #[error("what happens then is `erase` or `review`, not `{disposal}`")]
    UnknownDisposal {
        /// What stands there.
        disposal: String,
    },
    /// The period is none.
    #[error(transparent)]
    Period(#[from] PeriodError),
    /// The reason is missing, or a book.
    #[error("say in `because` why, in 1 to {MAX_BECAUSE_CHARACTERS} characters")]
    Because,
    /// A person must look before such a record is erased.
    #[error("a `{}` is reviewed by a person, so `then` must be `review`: {because}", kind.code())]
    MustBeReviewed {
        /// The kind of record.
        kind: RecordKind,
        /// Why.
        because: &'static str,
    },
    /// A kind has no rule.
    #[error("there is no rule for `{}`; every kind of record needs one", kind.code())]
    NotCovered {
        /// The kind of record.
        kind: RecordKind,
    },
    /// The proof would go before what it could be asked about.
    #[error("the proof of a disposal is kept at least as long as a `{}`", kind.code())]
    ProofTooShort {
        /// The kind of record that is kept longer.
        kind: RecordKind,
    },
}

fn kinds() -> String {
    RecordKind::ALL.map(RecordKind::code).join(", ")
}

fn purposes() -> String {
    Purpose::ALL.iter().map(|purpose| purpose.code()).collect::<Vec<_>>().join(", ")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KindText {
    keep: Spanned<String>,
    then: Spanned<String>,
    because: Spanned<String>,
    #[serde(default, rename = "for")]
    by_purpose: BTreeMap<Spanned<String>, RuleText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleText {
    keep: Spanned<String>,
    then: Spanned<String>,
    because: Spanned<String>,
}

impl FromStr for Schedule {
    type Err = ScheduleError;

    fn from_str(text: &str) -> Result<Self, ScheduleError> {
        read(text).map_err(|(place, fault)| {
            let before = text.get(..place).unwrap_or(text);
            let line = before.rsplit('\n').next().unwrap_or_default();
            ScheduleError {
                line: before.matches('\n').count().saturating_add(1),
                column: line.chars().count().saturating_add(1),
                fault,
            }
        })
    }
}

/// A fault, and the byte at which it stands.
type Fault = (usize, ScheduleFault);

fn read(text: &str) -> Result<Schedule, Fault> {
    if text.len() > MAX_BYTES {
        return Err((0, ScheduleFault::TooLong));
    }
    let kinds: BTreeMap<Spanned<String>, KindText> = toml::from_str(text).map_err(|error| {
        let place = error.span().map_or(0, |Range { start, .. }| start);
        (place, ScheduleFault::Form { message: error.message().to_owned() })
    })?;
    let (mut rules, mut proof_at) = (BTreeMap::new(), 0);
    for (name, KindText { keep, then, because, by_purpose }) in kinds {
        let kind = RecordKind::from_code(name.as_ref())
            .ok_or_else(|| at(&name, ScheduleFault::UnknownKind { kind: name.as_ref().clone() }))?;
        if kind == RecordKind::Disposal {
            proof_at = name.span().start;
        }
        rules.insert((kind, None), rule(kind, &RuleText { keep, then, because })?);
        for (name, text) in by_purpose {
            let purpose = Purpose::from_code(name.as_ref()).ok_or_else(|| {
                at(&name, ScheduleFault::UnknownPurpose { purpose: name.as_ref().clone() })
            })?;
            rules.insert((kind, Some(purpose)), rule(kind, &text)?);
        }
    }
    for kind in RecordKind::ALL {
        if !rules.contains_key(&(kind, None)) {
            return Err((text.len(), ScheduleFault::NotCovered { kind }));
        }
    }
    proof_outlives(&rules).map_err(|kind| (proof_at, ScheduleFault::ProofTooShort { kind }))?;
    Ok(Schedule { rules })
}

/// Whoever asks after a record that is gone asks, at the latest, within the time such records are
/// kept; until then the proof of its disposal must be there.
fn proof_outlives(rules: &BTreeMap<(RecordKind, Option<Purpose>), Rule>) -> Result<(), RecordKind> {
    let last_day = |rule: &Rule| rule.period.after(SOME_DAY);
    let (proofs, others): (Vec<_>, Vec<_>) =
        rules.iter().partition(|((kind, _), _)| *kind == RecordKind::Disposal);
    let proof = proofs.iter().map(|(_, rule)| last_day(rule)).min();
    match others.iter().max_by_key(|(_, rule)| last_day(rule)) {
        Some(((kind, _), rule)) if proof < Some(last_day(rule)) => Err(*kind),
        _ => Ok(()),
    }
}

fn rule(kind: RecordKind, text: &RuleText) -> Result<Rule, Fault> {
    let RuleText { keep, then, because } = text;
    let period = keep.as_ref().parse().map_err(|error: PeriodError| at(keep, error.into()))?;
    let disposal = Disposal::from_code(then.as_ref()).ok_or_else(|| {
        at(then, ScheduleFault::UnknownDisposal { disposal: then.as_ref().clone() })
    })?;
    if let (Disposal::Erase, Some(because)) = (disposal, kind.must_be_reviewed()) {
        return Err(at(then, ScheduleFault::MustBeReviewed { kind, because }));
    }
    let reason = because.as_ref().trim();
    if reason.is_empty() || reason.chars().count() > MAX_BECAUSE_CHARACTERS {
        return Err(at(because, ScheduleFault::Because));
    }
    Ok(Rule { period, disposal, because: reason.to_owned() })
}

fn at<T>(place: &Spanned<T>, fault: ScheduleFault) -> Fault {
    (place.span().start, fault)
}

#[cfg(test)]
mod tests;
