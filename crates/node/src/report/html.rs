//! The HTML report: one file, complete in itself, that reads well on paper.
//!
//! All text passes through askama's escaping; what is marked `safe` in the templates is our own
//! style sheet and a marking written in hexadecimal escapes. Alerts are kept in a nameless temporary
//! file while they come, because the summary stands before them.

mod compare;
mod picture;

use super::waterfall::{Waterfall, meaning};
use super::{Report, words};
use crate::screen::finding::{Alert, Change, Finding, Heading, Subject, Summary};
use askama::Template;
use compare::Fact;
use picture::Picture;
use portcullis_matching::sentence;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufWriter, Seek, Write};

#[derive(Template)]
#[template(path = "report_head.html")]
struct Head<'a> {
    style: &'static str,
    marking: &'a str,
    marking_css: String,
    heading: String,
    at: String,
    lead: String,
    class_many: &'static str,
    people: String,
    alerts: String,
    alerts_number: u64,
    quiet: String,
    quiet_number: u64,
    set_aside: String,
    set_aside_number: u64,
    notices: Vec<String>,
    lists: Vec<ListRow<'a>>,
    how_to_decide: &'static str,
    prior_words: String,
    threshold: f64,
}

struct ListRow<'a> {
    title: &'a str,
    version: &'a str,
    age: String,
    stale: bool,
    records: String,
    set_aside: String,
}

#[derive(Template)]
#[template(path = "report_index.html")]
struct IndexRow<'a> {
    number: u64,
    reference: &'a str,
    row: u64,
    given: &'a str,
    matched: &'a str,
    lists: String,
    score: String,
    decide_by: String,
}

#[derive(Template)]
#[template(path = "report_alert.html")]
struct Article<'a> {
    number: u64,
    row: u64,
    reference: Option<&'a str>,
    references: String,
    class_one: &'static str,
    gift: Option<String>,
    change: Option<&'static str>,
    given: &'a str,
    matched: &'a str,
    score: String,
    meaning: String,
    strength: String,
    similarity: String,
    received: Option<String>,
    decide_by: Option<String>,
    again: Option<&'a str>,
    standing: Option<&'a str>,
    list: &'a str,
    record: &'a str,
    facts: Vec<Fact>,
    missing: String,
    picture: Picture,
    reasons: Vec<ReasonItem>,
    records: Vec<RecordRow<'a>>,
}

struct ReasonItem {
    sentence: String,
    bits: String,
}

struct RecordRow<'a> {
    list: &'a str,
    version: &'a str,
    age: String,
    record: &'a str,
    reference: &'a str,
    name: &'a str,
    score: String,
    strength: String,
    made_with: String,
}

#[derive(Template)]
#[template(path = "report_tail.html")]
struct Tail<'a> {
    marking: &'a str,
    quiet: Vec<QuietRow<'a>>,
    quiet_caption: String,
    set_aside: Vec<AsideRow<'a>>,
    set_aside_caption: String,
    set_aside_file: Option<String>,
    warnings: &'a [String],
    candidates: usize,
    versions: Vec<(&'static str, String)>,
    portcullis: &'static str,
    elapsed: String,
}

struct QuietRow<'a> {
    row: u64,
    reference: &'a str,
    by: &'a str,
    on: String,
    reason: &'a str,
}

struct AsideRow<'a> {
    line: u64,
    column: String,
    reason: &'a str,
}

/// Writes the HTML report.
pub(crate) struct HtmlReport<W: Write> {
    out: W,
    heading: Heading,
    index: BufWriter<File>,
    articles: BufWriter<File>,
    number: u64,
}

impl<W: Write> HtmlReport<W> {
    pub(crate) fn new(out: W, heading: Heading) -> anyhow::Result<Self> {
        let spool = || tempfile::tempfile().map(BufWriter::new);
        Ok(Self { out, heading, index: spool()?, articles: spool()?, number: 0 })
    }

    fn index_row(&mut self, finding: &Finding, alert: &Alert) -> anyhow::Result<()> {
        let mut lists: Vec<&str> = alert.records().map(|record| &*record.list.title).collect();
        lists.dedup();
        IndexRow {
            number: self.number,
            reference: alert.reference().unwrap_or("none"),
            row: finding.subject.row,
            given: finding.subject.name.reveal(),
            matched: alert.best.matched_name.reveal(),
            lists: lists.join(", "),
            score: words::score(alert.score()),
            decide_by: finding
                .subject
                .decide_by
                .map_or_else(|| "\u{2013}".to_owned(), words::deadline),
        }
        .write_into(&mut self.index)?;
        Ok(())
    }

    fn article(&mut self, finding: &Finding, alert: &Alert) -> anyhow::Result<()> {
        let subject = &finding.subject;
        let best = &alert.best;
        let waterfall = Waterfall::of(&best.pair, &self.heading.settings);
        let records = alert.records().map(|record| RecordRow {
            list: &record.list.title,
            version: record.list.version.as_str(),
            age: record.list.age(),
            record: record.dossier.record.as_str(),
            reference: record.reference.as_deref().unwrap_or("none"),
            name: record.matched_name.reveal(),
            score: words::score(record.pair.score),
            strength: words::bits(record.pair.strength),
            made_with: format!(
                "{}, {}",
                record.pair.versions.normaliser, record.pair.versions.model
            ),
        });
        Article {
            number: self.number,
            row: subject.row,
            reference: alert.reference(),
            references: alert
                .records()
                .filter_map(|record| record.reference.as_deref())
                .collect::<Vec<_>>()
                .join(" "),
            class_one: words::class(subject.class, 1),
            gift: gift(subject),
            change: alert.change.map(Change::word),
            given: subject.name.reveal(),
            matched: best.matched_name.reveal(),
            score: words::score(alert.score()),
            meaning: meaning(alert.score()),
            strength: words::bits(alert.strength()),
            similarity: words::similarity(alert.similarity()),
            received: subject.received.map(|date| date.to_string()),
            decide_by: subject.decide_by.map(words::deadline),
            again: alert.raised_again.as_deref(),
            standing: alert.standing.as_deref(),
            list: &best.list.title,
            record: best.dossier.record.as_str(),
            facts: compare::facts(subject, best),
            missing: compare::missing(subject, best),
            picture: Picture::of(&waterfall),
            reasons: best
                .pair
                .reasons
                .iter()
                .map(|reason| ReasonItem {
                    sentence: sentence(reason).reveal().to_owned(),
                    bits: words::bits(reason.bits),
                })
                .collect(),
            records: records.collect(),
        }
        .write_into(&mut self.articles)?;
        Ok(())
    }

    fn head<'a>(&'a self, summary: &Summary) -> Head<'a> {
        let heading = &self.heading;
        let lists = heading.lists.iter().map(|list| ListRow {
            title: &list.title,
            version: list.version.as_str(),
            age: list.age(),
            stale: list.is_stale(),
            records: words::count(list.records),
            set_aside: words::count(list.set_aside),
        });
        Head {
            style: include_str!("../../templates/style.css"),
            marking: &heading.marking,
            marking_css: css_text(&heading.marking),
            heading: format!("{}, {}", heading.file, words::class(heading.class, 2)),
            at: heading.at.strftime("%-d %B %Y, %H:%M").to_string(),
            lead: lead(heading, summary),
            class_many: words::class(heading.class, summary.people),
            people: words::count(summary.people),
            alerts: words::count(summary.alerts),
            alerts_number: summary.alerts,
            quiet: words::count(summary.quiet),
            quiet_number: summary.quiet,
            set_aside: words::count(summary.set_aside),
            set_aside_number: summary.set_aside,
            notices: notices(heading, summary),
            lists: lists.collect(),
            how_to_decide: HOW_TO_DECIDE_IN_REPORT,
            prior_words: words::prior(heading.settings.prior),
            threshold: heading.settings.threshold.0,
        }
    }

    fn tail<'a>(&'a self, summary: &'a Summary) -> Tail<'a> {
        let settings = &self.heading.settings;
        let quiet = summary.quiet_rows.iter().map(|quiet| QuietRow {
            row: quiet.row,
            reference: &quiet.decided.reference,
            by: &quiet.decided.by,
            on: quiet.decided.on.to_string(),
            reason: quiet.decided.reason.reveal(),
        });
        let aside = summary.set_aside_rows.iter().map(|aside| AsideRow {
            line: aside.line,
            column: aside.column.map_or_else(|| "\u{2013}".to_owned(), |column| column.to_string()),
            reason: &aside.reason,
        });
        let first = |shown: usize, all: u64| {
            if all > shown as u64 {
                format!("The first {shown} of {}", words::count(all))
            } else {
                words::several(all, "row", "rows")
            }
        };
        Tail {
            marking: &self.heading.marking,
            quiet_caption: first(summary.quiet_rows.len(), summary.quiet),
            quiet: quiet.collect(),
            set_aside_caption: first(summary.set_aside_rows.len(), summary.set_aside),
            set_aside: aside.collect(),
            set_aside_file: summary.set_aside_file.as_ref().map(|path| path.display().to_string()),
            warnings: &summary.warnings,
            candidates: settings.candidates,
            versions: vec![
                ("Portcullis", env!("CARGO_PKG_VERSION").to_owned()),
                ("Normaliser of names", portcullis_matching::NORMALISER.to_owned()),
                ("Model of evidence", portcullis_matching::MODEL.to_owned()),
                ("Prior", format!("{} ({})", settings.prior.0, words::prior(settings.prior))),
                ("Threshold", settings.threshold.0.to_string()),
                ("Records scored for each person, at most", settings.candidates.to_string()),
            ],
            portcullis: env!("CARGO_PKG_VERSION"),
            elapsed: words::elapsed(summary.elapsed),
        }
    }
}

impl<W: Write> Report for HtmlReport<W> {
    fn person(&mut self, finding: &Finding) -> anyhow::Result<()> {
        for alert in &finding.alerts {
            self.number += 1;
            self.index_row(finding, alert)?;
            self.article(finding, alert)?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>, summary: &Summary) -> anyhow::Result<()> {
        let head = self.head(summary).render()?;
        self.out.write_all(head.as_bytes())?;
        if self.number > 0 {
            replay(&mut self.index, &mut self.out)?;
            self.out.write_all(b"</tbody></table></div>\n")?;
        }
        replay(&mut self.articles, &mut self.out)?;
        self.out.write_all(b"</section>\n")?;
        let tail = self.tail(summary).render()?;
        self.out.write_all(tail.as_bytes())?;
        Ok(self.out.flush()?)
    }
}

/// "£7,500.00 to The Example Party".
fn gift(subject: &Subject) -> Option<String> {
    let value = subject.value?;
    Some(match &subject.recipient {
        Some(recipient) => format!("{value} to {}", recipient.reveal()),
        None => value.to_string(),
    })
}

const HOW_TO_DECIDE_IN_REPORT: &str =
    "No score decides: a named person looks at both records and decides, with a reason.";

fn replay(spool: &mut BufWriter<File>, out: &mut impl Write) -> anyhow::Result<()> {
    spool.flush()?;
    let file = spool.get_mut();
    file.rewind()?;
    io::copy(file, out)?;
    Ok(())
}

fn lead(heading: &Heading, summary: &Summary) -> String {
    let people = words::several(
        summary.people,
        words::class(heading.class, 1),
        words::class(heading.class, summary.people),
    );
    let was = if summary.people == 1 { "was" } else { "were" };
    if let Some(since) = &heading.since {
        return format!(
            "{people} {was} screened. This report tells only the alerts that are new or changed since {since}: {}.",
            words::count(summary.alerts)
        );
    }
    match summary.people_with_alerts {
        0 => format!(
            "{people} {was} screened. None of them was found on the lists that were searched."
        ),
        1 => format!(
            "{people} {was} screened. One of them may be the same as somebody on a list; a named person must decide."
        ),
        several => format!(
            "{people} {was} screened. {} of them may be the same as somebody on a list; for each, a named person must decide.",
            words::count(several)
        ),
    }
}

fn notices(heading: &Heading, summary: &Summary) -> Vec<String> {
    let mut notices = Vec::new();
    for list in heading.lists.iter().filter(|list| list.is_stale()) {
        notices.push(format!(
            "The issue of {} that was searched is {}. Look for a newer one before relying on this report.",
            list.title,
            list.age()
        ));
    }
    for list in &heading.lists {
        notices.extend(list.warnings.iter().map(|warning| format!("{}: {warning}", list.title)));
    }
    if summary.set_aside > 0 {
        notices.push(format!(
            "{} could not be read; nobody named there was screened.",
            words::several(summary.set_aside, "row", "rows")
        ));
    }
    if summary.raised_again > 0 {
        notices.push(format!(
            "{} raised again although decided before, because a fact has changed since.",
            words::several(summary.raised_again, "alert is", "alerts are")
        ));
    }
    if summary.noticed > 0 {
        notices.push(format!(
            "Your file has {} to look at: see Notes on your file.",
            words::several(summary.noticed, "thing", "things")
        ));
    }
    notices
}

/// Text for a CSS string, every character but letters and digits as a hexadecimal escape (CSS Syntax
/// 3 section 4.3.7), so that it cannot end the string, the sheet or the element. A blank is escaped
/// too, because one that follows an escape belongs to it.
fn css_text(text: &str) -> String {
    let mut css = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            css.push(c);
        } else {
            // Writing to a string cannot fail.
            let _ = write!(css, "\\{:06x}", u32::from(c));
        }
    }
    css
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marking_cannot_leave_its_css_string() {
        let css = css_text("\"}</style><script>\\");
        assert!(css.chars().all(|c| c.is_ascii_alphanumeric() || c == '\\'));
        assert_eq!(css_text("A-B"), "A\\00002dB"); // U+002D HYPHEN-MINUS
    }
}
