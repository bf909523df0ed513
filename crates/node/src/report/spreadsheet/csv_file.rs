//! CSV: one row for each alert and record, safe to open in a spreadsheet program.

use crate::report::{Report, words};
use crate::screen::finding::{Alert, Change, Finding, Heading, Record, Summary};
use portcullis_matching::sentence;
use std::borrow::Cow;
use std::io::Write;

/// The columns, in order.
const HEADER: [&str; 27] = [
    "reference",
    "alert",
    "row",
    "name_given",
    "class",
    "received",
    "decide_by",
    "alert_score",
    "records_in_alert",
    "rank_in_alert",
    "score",
    "similarity",
    "strength_bits",
    "list",
    "list_version",
    "list_age_days",
    "record_id",
    "matched_name",
    "main_name",
    "prior",
    "threshold",
    "normaliser",
    "model",
    "since_update",
    "raised_again_because",
    "standing_decision",
    "reasons",
];

/// Writes CSV in UTF-8 with a byte-order mark, without which Excel misreads every accent.
pub(crate) struct CsvReport<W: Write> {
    out: csv::Writer<W>,
    heading: Heading,
}

impl<W: Write> CsvReport<W> {
    pub(crate) fn new(mut out: W, heading: Heading) -> anyhow::Result<Self> {
        out.write_all("\u{FEFF}".as_bytes())?;
        let mut out = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
        out.write_record(HEADER)?;
        Ok(Self { out, heading })
    }

    fn row(
        &mut self,
        finding: &Finding,
        alert: &Alert,
        rank: usize,
        record: &Record,
    ) -> anyhow::Result<()> {
        let subject = &finding.subject;
        let pair = &record.pair;
        let reasons = if self.heading.explain { reasons(record) } else { String::new() };
        let class = subject.class.map_or("not stated", portcullis_types::PopulationClass::code);
        let settings = self.heading.settings;
        self.out.write_record([
            record.reference.as_deref().unwrap_or_default(),
            alert.reference().unwrap_or_default(),
            &subject.row.to_string(),
            &guarded(subject.name.reveal()),
            class,
            &subject.received.map(|date| date.to_string()).unwrap_or_default(),
            &subject.decide_by.map(words::deadline).unwrap_or_default(),
            &format!("{:.4}", alert.score().0),
            &(alert.others.len() + 1).to_string(),
            &rank.to_string(),
            &format!("{:.4}", pair.score.0),
            &format!("{:.4}", pair.similarity.0),
            &format!("{:.2}", pair.strength.0),
            &guarded(record.list.source.as_str()),
            &guarded(record.list.version.as_str()),
            &record.list.age_days.map(|days| days.to_string()).unwrap_or_default(),
            &guarded(record.dossier.record.as_str()),
            &guarded(record.matched_name.reveal()),
            &guarded(record.dossier.main_name().unwrap_or_default()),
            &format!("{}", settings.prior.0),
            &format!("{}", settings.threshold.0),
            &pair.versions.normaliser,
            &pair.versions.model,
            alert.change.map_or("", Change::word),
            &guarded(alert.raised_again.as_deref().unwrap_or_default()),
            &guarded(alert.standing.as_deref().unwrap_or_default()),
            &guarded(&reasons),
        ])?;
        Ok(())
    }
}

/// The reasons of a record, each with its bits.
pub(super) fn reasons(record: &Record) -> String {
    record
        .pair
        .reasons
        .iter()
        .map(|reason| format!("{} ({} bits)", sentence(reason).reveal(), words::bits(reason.bits)))
        .collect::<Vec<_>>()
        .join(" | ")
}

impl<W: Write> Report for CsvReport<W> {
    fn person(&mut self, finding: &Finding) -> anyhow::Result<()> {
        for alert in &finding.alerts {
            for (place, record) in alert.records().enumerate() {
                self.row(finding, alert, place + 1, record)?;
            }
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>, _summary: &Summary) -> anyhow::Result<()> {
        Ok(self.out.flush()?)
    }
}

/// Text that no spreadsheet program takes for a formula. A cell that begins with `=`, `+`, `-`, `@`
/// (or their full-width forms), a tab or a carriage return is run as one by some program; a quote
/// before it stops that (OWASP, "CSV Injection").
pub(crate) fn guarded(text: &str) -> Cow<'_, str> {
    const STARTERS: [char; 10] = ['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r'];
    let first = text.trim_start_matches([' ', '\u{FEFF}', '\u{A0}']).chars().next();
    match first {
        Some(first) if STARTERS.contains(&first) => Cow::Owned(format!("'{text}")),
        _ => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    // THREATS T-10
    fn a_cell_that_would_run_is_quoted() {
        for text in ["=1+1", "+44 20", "-2", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1"] {
            assert_eq!(guarded(text), format!("'{text}"));
        }
    }

    #[test]
    fn a_plain_name_stays_as_it_is() {
        for text in ["Orsolya Testwick", "O'Example", "", "1958-03", "a=b"] {
            assert_eq!(guarded(text), text);
        }
    }
}
