//! The HTML report: one file, complete in itself, that reads well on paper.
//!
//! All text passes through askama's escaping; what is marked `safe` in the templates is our own
//! style sheet and a marking written in hexadecimal escapes. Alerts are kept in a nameless temporary
//! file while they come, because the summary stands before them.

mod compare;
mod picture;
mod text;

use super::waterfall::{Waterfall, meaning};
use super::{Report, words};
use crate::screen::finding::{Alert, Change, Finding, Heading, Summary};
use askama::Template;
use compare::Fact;
use picture::Picture;
use portcullis_matching::sentence;
use std::fs::File;
use std::io::{self, BufWriter, Seek, Write};
use text::{css_text, gift, lead, notices};

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

const HOW_TO_DECIDE_IN_REPORT: &str =
    "No score decides: a named person looks at both records and decides, with a reason.";

fn replay(spool: &mut BufWriter<File>, out: &mut impl Write) -> anyhow::Result<()> {
    spool.flush()?;
    let file = spool.get_mut();
    file.rewind()?;
    io::copy(file, out)?;
    Ok(())
}
