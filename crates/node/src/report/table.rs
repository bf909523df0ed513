//! A table for the terminal: one line for each alert, with its reasons below when asked for.

use super::waterfall::{Direction, Step, Waterfall};
use super::{Report, words};
use crate::screen::finding::{Alert, Finding, Heading, Record, Summary};
use anstyle::{AnsiColor, Style};
use std::io::Write;
use unicode_width::UnicodeWidthStr;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const FOR: Style = AnsiColor::Blue.on_default();
const AGAINST: Style = AnsiColor::Yellow.on_default();
const AGAIN: Style = AnsiColor::Magenta.on_default();

/// Columns a name may take before it pushes the rest of its line to the right.
const NAME_COLUMNS: usize = 28;
/// Columns of a bar.
const BAR_COLUMNS: usize = 30;
/// Narrowest column of sentences, so that a small terminal still shows words and not letters.
const MIN_SENTENCE_COLUMNS: usize = 30;

/// Writes a table as the findings come. The lines begin with what has a fixed width, so no name,
/// however long or in whichever script, breaks the columns.
pub(crate) struct TableReport<W: Write> {
    out: W,
    heading: Heading,
    columns: usize,
    begun: bool,
}

impl<W: Write> TableReport<W> {
    /// `columns` is the width to wrap sentences at.
    pub(crate) fn new(out: W, heading: Heading, columns: usize) -> Self {
        Self { out, heading, columns, begun: false }
    }

    fn begin(&mut self) -> anyhow::Result<()> {
        if std::mem::replace(&mut self.begun, true) {
            return Ok(());
        }
        if self.heading.explain {
            return Ok(());
        }
        let name = pad("AS GIVEN", NAME_COLUMNS);
        writeln!(
            self.out,
            "{DIM}{:<11}  {:>6}  {:>5}  {:>8}  {:<10}  {name}  MAY BE THE SAME AS{DIM:#}",
            "REFERENCE", "ROW", "SCORE", "STRENGTH", "DECIDE BY"
        )?;
        Ok(())
    }

    fn line(&mut self, finding: &Finding, alert: &Alert) -> anyhow::Result<()> {
        let subject = &finding.subject;
        let by = subject.decide_by.map_or_else(|| "\u{2013}".to_owned(), words::deadline);
        writeln!(
            self.out,
            "{BOLD}{:<11}{BOLD:#}  {:>6}  {BOLD}{:>5}{BOLD:#}  {:>8}  {:<10}  {}  {}",
            alert.reference().unwrap_or("\u{2013}"),
            subject.row,
            words::score(alert.score()),
            words::bits(alert.strength()),
            by,
            pad(&words::plain(subject.name.reveal()), NAME_COLUMNS),
            words::plain(alert.best.matched_name.reveal()),
        )?;
        let indent = 11 + 2 + 6 + 2 + 5 + 2 + 8 + 2 + 10 + 2 + NAME_COLUMNS + 2;
        for record in alert.records() {
            writeln!(self.out, "{:indent$}{DIM}{}{DIM:#}", "", provenance(alert, record))?;
        }
        self.again(alert, indent)
    }

    fn again(&mut self, alert: &Alert, indent: usize) -> anyhow::Result<()> {
        if let Some(change) = alert.change {
            writeln!(
                self.out,
                "{:indent$}{AGAIN}{} since the lists were updated{AGAIN:#}",
                "",
                change.word()
            )?;
        }
        if let Some(decided) = &alert.standing {
            writeln!(self.out, "{:indent$}{AGAIN}decided: {decided}{AGAIN:#}", "")?;
        }
        if let Some(why) = &alert.raised_again {
            writeln!(self.out, "{:indent$}{AGAIN}raised again: {why}{AGAIN:#}", "")?;
        }
        Ok(())
    }

    fn explained(&mut self, finding: &Finding, alert: &Alert) -> anyhow::Result<()> {
        let subject = &finding.subject;
        let given = words::plain(subject.name.reveal());
        let matched = words::plain(alert.best.matched_name.reveal());
        writeln!(self.out, "{BOLD}{given}{BOLD:#}  may be the same as  {BOLD}{matched}{BOLD:#}")?;
        let mut facts = vec![format!("row {}", subject.row)];
        facts.extend(alert.reference().iter().map(|reference| format!("reference {reference}")));
        facts.extend(subject.value.map(|value| value.to_string()));
        facts.extend(subject.received.map(|date| format!("received {date}")));
        facts.extend(subject.decide_by.map(|by| format!("decide by {}", words::deadline(by))));
        writeln!(self.out, "  {}", facts.join("  \u{b7}  "))?;
        writeln!(
            self.out,
            "  score {BOLD}{}{BOLD:#}  \u{b7}  strength {} bits  \u{b7}  similarity {}",
            words::score(alert.score()),
            words::bits(alert.strength()),
            words::similarity(alert.similarity()),
        )?;
        for record in alert.records() {
            writeln!(self.out, "  {DIM}{}{DIM:#}", provenance(alert, record))?;
        }
        self.again(alert, 2)?;
        self.waterfall(&Waterfall::of(&alert.best.pair, &self.heading.settings))?;
        writeln!(self.out)?;
        Ok(())
    }

    fn waterfall(&mut self, waterfall: &Waterfall) -> anyhow::Result<()> {
        let indent = 2 + 6 + 2 + BAR_COLUMNS + 2;
        let room = self.columns.saturating_sub(indent).max(MIN_SENTENCE_COLUMNS);
        for step in &waterfall.steps {
            let (style, strong) = match step.direction {
                Direction::For => (FOR, Style::new()),
                Direction::Against => (AGAINST, Style::new()),
                Direction::Total => (BOLD, BOLD),
                Direction::Start | Direction::Neutral => (DIM, Style::new()),
            };
            let sentence = words::plain(step.sentence.reveal());
            let mut lines = wrap(&sentence, room).into_iter();
            writeln!(
                self.out,
                "  {strong}{:>6}{strong:#}  {style}{}{style:#}  {strong}{}{strong:#}",
                words::signed(step.bits),
                bar(waterfall, step),
                lines.next().unwrap_or_default()
            )?;
            for line in lines {
                writeln!(self.out, "{:indent$}{line}", "")?;
            }
        }
        Ok(())
    }
}

impl<W: Write> Report for TableReport<W> {
    fn person(&mut self, finding: &Finding) -> anyhow::Result<()> {
        for alert in &finding.alerts {
            self.begin()?;
            if self.heading.explain {
                self.explained(finding, alert)?;
            } else {
                self.line(finding, alert)?;
            }
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>, _summary: &Summary) -> anyhow::Result<()> {
        Ok(self.out.flush()?)
    }
}

/// `UK Sanctions List, issue 2026-03-17 (12 days old), record XYZ0001`; the reference of the record
/// too, unless it is that of the alert.
fn provenance(alert: &Alert, record: &Record) -> String {
    let list = &record.list;
    let own = record.reference.as_deref().filter(|own| Some(*own) != alert.reference());
    let reference = own.map_or_else(String::new, |own| format!(", reference {own}"));
    words::plain(&format!(
        "{}, issue {} ({}), record {}{reference}",
        list.title,
        list.version,
        list.age(),
        record.dossier.record
    ))
}

/// A bar in blocks: full for what speaks for, dotted for what speaks against, so that it can be
/// read without colour. A thin stroke marks even odds.
fn bar(waterfall: &Waterfall, step: &Step) -> String {
    let column = |total: f64| {
        // At most BAR_COLUMNS, so nothing is cut off or negative.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a share from 0 to 1 of a small number of columns"
        )]
        let column = (waterfall.place(total) * BAR_COLUMNS as f64).round() as usize;
        column
    };
    let (a, b) = (column(step.from.min(step.to)), column(step.from.max(step.to)));
    let end = b.max(a + 1).min(BAR_COLUMNS);
    let start = a.min(end.saturating_sub(1));
    let zero = column(0.0).min(BAR_COLUMNS - 1);
    let fill = match step.direction {
        Direction::For => '\u{2588}',
        Direction::Against => '\u{2591}',
        Direction::Start => '\u{2592}',
        Direction::Total => '\u{2593}',
        Direction::Neutral => '\u{2502}',
    };
    (0..BAR_COLUMNS)
        .map(|place| match place {
            place if place >= start && place < end => fill,
            place if place == zero => '\u{2506}',
            _ => ' ',
        })
        .collect()
}

fn pad(text: &str, columns: usize) -> String {
    let missing = columns.saturating_sub(text.width());
    format!("{text}{:missing$}", "")
}

/// Breaks text between words into lines of at most `columns`; a longer word stands alone.
fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.width() + 1 + word.width() <= columns => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_wide_letters_takes_the_columns_it_needs() {
        assert_eq!(pad("例", 4), "例  "); // two columns wide by Unicode Standard Annex 11
        assert_eq!(pad("longer than four", 4), "longer than four");
    }

    #[test]
    fn sentences_wrap_between_words() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("incomprehensibilities a", 5), ["incomprehensibilities", "a"]);
        assert!(wrap("", 5).is_empty());
    }
}
