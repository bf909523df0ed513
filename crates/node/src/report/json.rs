//! JSON lines: one line for each person screened, in the order of the file.

use super::Report;
use crate::screen::finding::{Alert, Change, Finding, Heading, Record, Summary};
use portcullis_ingest::SetAside;
use portcullis_ingest::people::PeopleFormat;
use portcullis_types::Reason;
use serde::Serialize;
use serde_json::Value;
use std::io::Write;

/// One reason.
#[derive(Debug, Serialize)]
pub(crate) struct ReasonLine {
    evidence: portcullis_types::Evidence,
    bits: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    query: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<String>,
    sentence: String,
}

/// Reasons with their sentences, for those entitled to see them.
pub(crate) fn reason_lines(reasons: &[Reason]) -> Vec<ReasonLine> {
    let text = |value: &Option<portcullis_types::Protected>| {
        value.as_ref().map(|value| value.reveal().to_owned())
    };
    reasons
        .iter()
        .map(|reason| ReasonLine {
            evidence: reason.evidence,
            bits: reason.bits.0,
            query: text(&reason.query_value),
            record: text(&reason.record_value),
            sentence: portcullis_matching::sentence(reason).reveal().to_owned(),
        })
        .collect()
}

#[derive(Serialize)]
struct PersonLine<'a> {
    query_id: &'a str,
    row: u64,
    name: &'a str,
    class: Option<&'static str>,
    received: Option<String>,
    decide_by: Option<String>,
    prior: f64,
    threshold: f64,
    candidates: Vec<&'a str>,
    hits: Vec<HitLine<'a>>,
    decided: Vec<DecidedLine<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    gone: Vec<&'a str>,
}

#[derive(Serialize)]
struct HitLine<'a> {
    id: &'a str,
    ids: Vec<&'a str>,
    score: f64,
    similarity: f64,
    strength: f64,
    reference: Option<&'a str>,
    list: &'a str,
    list_version: &'a str,
    list_age_days: Option<i64>,
    name: &'a str,
    normaliser: &'a str,
    model: &'a str,
    raised_again: Option<&'a str>,
    standing: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<&'static str>,
    reasons: Vec<ReasonLine>,
    records: Vec<RecordLine<'a>>,
}

#[derive(Serialize)]
struct RecordLine<'a> {
    id: &'a str,
    reference: Option<&'a str>,
    record: &'a str,
    list: &'a str,
    list_version: &'a str,
    list_age_days: Option<i64>,
    name: &'a str,
    score: f64,
    similarity: f64,
    strength: f64,
    normaliser: &'a str,
    model: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasons: Option<Vec<ReasonLine>>,
}

#[derive(Serialize)]
struct DecidedLine<'a> {
    reference: &'a str,
    by: &'a str,
    on: String,
    ids: Vec<&'a str>,
}

/// Stands where a line could not be read, so that lines go on to answer lines.
#[derive(Serialize)]
struct ErrorLine<'a> {
    query_id: Option<String>,
    row: u64,
    candidates: [&'a str; 0],
    hits: [&'a str; 0],
    error: &'a str,
}

/// Writes JSON lines.
pub(crate) struct JsonReport<W> {
    out: W,
    heading: Heading,
    input: PeopleFormat,
}

impl<W: Write> JsonReport<W> {
    pub(crate) fn new(out: W, heading: Heading, input: PeopleFormat) -> Self {
        Self { out, heading, input }
    }

    fn hit<'a>(&self, alert: &'a Alert) -> HitLine<'a> {
        let best = &alert.best;
        HitLine {
            id: best.dossier.id.as_str(),
            ids: ids(alert),
            score: alert.score().0,
            similarity: alert.similarity().0,
            strength: alert.strength().0,
            reference: alert.reference(),
            list: best.list.source.as_str(),
            list_version: best.list.version.as_str(),
            list_age_days: best.list.age_days,
            name: best.matched_name.reveal(),
            normaliser: &best.pair.versions.normaliser,
            model: &best.pair.versions.model,
            raised_again: alert.raised_again.as_deref(),
            standing: alert.standing.as_deref(),
            since: alert.change.map(Change::word),
            reasons: reason_lines(&best.pair.reasons),
            records: alert.records().map(|record| self.record(record)).collect(),
        }
    }

    fn record<'a>(&self, record: &'a Record) -> RecordLine<'a> {
        RecordLine {
            id: record.dossier.id.as_str(),
            reference: record.reference.as_deref(),
            record: record.dossier.record.as_str(),
            list: record.list.source.as_str(),
            list_version: record.list.version.as_str(),
            list_age_days: record.list.age_days,
            name: record.matched_name.reveal(),
            score: record.pair.score.0,
            similarity: record.pair.similarity.0,
            strength: record.pair.strength.0,
            normaliser: &record.pair.versions.normaliser,
            model: &record.pair.versions.model,
            reasons: self.heading.explain.then(|| reason_lines(&record.pair.reasons)),
        }
    }
}

/// The id in a line that is JSON, though it could not be screened.
fn query_id(raw: &str) -> Option<String> {
    let line: Value = serde_json::from_str(raw).ok()?;
    let id = line.get("query").unwrap_or(&line).get("id")?;
    Some(id.as_str()?.to_owned())
}

impl<W: Write> Report for JsonReport<W> {
    fn person(&mut self, finding: &Finding) -> anyhow::Result<()> {
        let subject = &finding.subject;
        let line = PersonLine {
            query_id: subject.dossier.id.as_str(),
            row: subject.row,
            name: subject.name.reveal(),
            class: subject.class.map(portcullis_types::PopulationClass::code),
            received: subject.received.map(|date| date.to_string()),
            decide_by: subject.decide_by.map(|deadline| deadline.last_day.to_string()),
            prior: self.heading.settings.prior.0,
            threshold: self.heading.settings.threshold.0,
            candidates: finding
                .candidates
                .iter()
                .map(portcullis_types::DossierId::as_str)
                .collect(),
            hits: finding.alerts.iter().map(|alert| self.hit(alert)).collect(),
            decided: finding
                .decided
                .iter()
                .map(|decided| DecidedLine {
                    reference: &decided.reference,
                    by: &decided.by,
                    on: decided.on.to_string(),
                    ids: decided.ids.iter().map(portcullis_types::DossierId::as_str).collect(),
                })
                .collect(),
            gone: finding.gone.iter().map(portcullis_types::DossierId::as_str).collect(),
        };
        serde_json::to_writer(&mut self.out, &line)?;
        self.out.write_all(b"\n")?;
        Ok(())
    }

    fn set_aside(&mut self, row: &SetAside) -> anyhow::Result<()> {
        // A row of a table may be about several people or none, so no line stands for it.
        if self.input != PeopleFormat::FollowTheMoney {
            return Ok(());
        }
        let line = ErrorLine {
            query_id: query_id(row.raw.reveal()),
            row: row.line,
            candidates: [],
            hits: [],
            error: &row.reason,
        };
        serde_json::to_writer(&mut self.out, &line)?;
        self.out.write_all(b"\n")?;
        Ok(())
    }

    fn finish(mut self: Box<Self>, _summary: &Summary) -> anyhow::Result<()> {
        Ok(self.out.flush()?)
    }
}

/// The ids of the records of an alert, each once: two lists may use one id.
fn ids(alert: &Alert) -> Vec<&str> {
    let mut ids = Vec::new();
    for record in alert.records() {
        let id = record.dossier.id.as_str();
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids
}
