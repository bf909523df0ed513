//! XLSX: sheets for alerts, reasons, lists, rows set aside, and how it was made.

use super::csv_file::guarded;
use crate::report::{Report, waterfall, words};
use crate::screen::finding::{Alert, Finding, Heading, Record, Summary};
use anyhow::Context;
use jiff::civil::Date;
use portcullis_matching::sentence;
use rust_xlsxwriter::{ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet};
use std::io::Write;

/// Rows that a sheet can hold (ECMA-376 programs agree on 1,048,576), less the header.
const MAX_ROWS: u32 = 1_048_575;

const ALERTS: &[(&str, f64)] = &[
    ("Alert", 14.0),
    ("Row", 8.0),
    ("Name as given", 32.0),
    ("Class", 12.0),
    ("Received", 12.0),
    ("Decide by", 12.0),
    ("Score", 8.0),
    ("Similarity", 10.0),
    ("Strength (bits)", 14.0),
    ("Rank in alert", 12.0),
    ("May be the same as", 32.0),
    ("Main name on the list", 32.0),
    ("List", 28.0),
    ("Issue", 18.0),
    ("List age (days)", 14.0),
    ("Record", 18.0),
    ("Reference", 14.0),
    ("Raised again because", 28.0),
    ("Decided before", 28.0),
    ("Normaliser", 14.0),
    ("Model", 14.0),
];

const REASONS: &[(&str, f64)] = &[
    ("Alert", 14.0),
    ("Row", 8.0),
    ("List", 22.0),
    ("Record", 18.0),
    ("Evidence", 24.0),
    ("Bits", 9.0),
    ("In your file", 26.0),
    ("On the list", 26.0),
    ("In plain English", 80.0),
];

/// Writes a workbook when the last finding is in: a workbook cannot be written piece by piece.
pub(crate) struct WorkbookReport<W: Write> {
    out: W,
    heading: Heading,
    formats: Formats,
    alerts: Worksheet,
    reasons: Worksheet,
    alert_row: u32,
    reason_row: u32,
}

struct Formats {
    head: Format,
    date: Format,
    two: Format,
    one: Format,
    wrapped: Format,
    strong: Format,
}

impl Formats {
    fn new() -> Self {
        let top = || Format::new().set_align(FormatAlign::Top);
        Self {
            head: Format::new().set_bold().set_border_bottom(FormatBorder::Thin),
            date: top().set_num_format("yyyy-mm-dd"),
            two: top().set_num_format("0.00"),
            one: top().set_num_format("+0.0;\u{2212}0.0;0.0"),
            wrapped: top().set_text_wrap(),
            strong: Format::new().set_bold(),
        }
    }
}

impl<W: Write> WorkbookReport<W> {
    pub(crate) fn new(out: W, heading: Heading) -> anyhow::Result<Self> {
        let formats = Formats::new();
        let alerts = sheet("Alerts", ALERTS, &formats, &heading)?;
        let reasons = sheet("Reasons", REASONS, &formats, &heading)?;
        Ok(Self { out, heading, formats, alerts, reasons, alert_row: 0, reason_row: 0 })
    }

    fn alert(
        &mut self,
        finding: &Finding,
        alert: &Alert,
        rank: u32,
        record: &Record,
    ) -> anyhow::Result<()> {
        self.alert_row = next_row(self.alert_row)?;
        let (row, formats) = (self.alert_row, &self.formats);
        let subject = &finding.subject;
        let class =
            self.heading.class.map_or("not stated", portcullis_types::PopulationClass::code);
        let day = |date: Option<portcullis_types::PartialDate>| {
            date.filter(|date| date.earliest() == date.latest()).map(|date| date.earliest())
        };
        let sheet = &mut self.alerts;
        sheet.write_string(row, 0, alert.reference().unwrap_or_default())?;
        sheet.write_number(row, 1, number(subject.row))?;
        sheet.write_string(row, 2, guarded(subject.name.reveal()))?;
        sheet.write_string(row, 3, class)?;
        match (day(subject.received), subject.received) {
            (Some(day), _) => write_day(sheet, row, 4, day, formats)?,
            (None, Some(date)) => _ = sheet.write_string(row, 4, date.to_string())?,
            (None, None) => {}
        }
        if let Some(deadline) = subject.decide_by {
            write_day(sheet, row, 5, deadline.last_day, formats)?;
        }
        sheet.write_number_with_format(row, 6, record.pair.score.0, &formats.two)?;
        sheet.write_number_with_format(row, 7, record.pair.similarity.0, &formats.two)?;
        sheet.write_number_with_format(row, 8, record.pair.strength.0, &formats.one)?;
        sheet.write_number(row, 9, rank)?;
        sheet.write_string(row, 10, guarded(record.matched_name.reveal()))?;
        sheet.write_string(row, 11, guarded(record.dossier.main_name().unwrap_or_default()))?;
        sheet.write_string(row, 12, guarded(&record.list.title))?;
        sheet.write_string(row, 13, guarded(record.list.version.as_str()))?;
        if let Some(days) = record.list.age_days {
            sheet.write_number(row, 14, i32::try_from(days).unwrap_or(i32::MAX))?;
        }
        sheet.write_string(row, 15, guarded(record.dossier.record.as_str()))?;
        sheet.write_string(row, 16, record.reference.as_deref().unwrap_or_default())?;
        sheet.write_string(row, 17, guarded(alert.raised_again.as_deref().unwrap_or_default()))?;
        sheet.write_string(row, 18, guarded(alert.standing.as_deref().unwrap_or_default()))?;
        sheet.write_string(row, 19, &*record.pair.versions.normaliser)?;
        sheet.write_string(row, 20, &*record.pair.versions.model)?;
        Ok(())
    }

    fn reasons(&mut self, finding: &Finding, alert: &Alert, record: &Record) -> anyhow::Result<()> {
        for reason in &record.pair.reasons {
            self.reason_row = next_row(self.reason_row)?;
            let (row, sheet) = (self.reason_row, &mut self.reasons);
            let text = |value: &Option<portcullis_types::Protected>| {
                value.as_ref().map(|value| guarded(value.reveal()).into_owned()).unwrap_or_default()
            };
            sheet.write_string(row, 0, alert.reference().unwrap_or_default())?;
            sheet.write_number(row, 1, number(finding.subject.row))?;
            sheet.write_string(row, 2, guarded(&record.list.title))?;
            sheet.write_string(row, 3, guarded(record.dossier.record.as_str()))?;
            sheet.write_string(row, 4, waterfall::evidence(reason.evidence))?;
            sheet.write_number_with_format(row, 5, reason.bits.0, &self.formats.one)?;
            sheet.write_string(row, 6, text(&reason.query_value))?;
            sheet.write_string(row, 7, text(&reason.record_value))?;
            let plain_english = sentence(reason);
            let plain_english = guarded(plain_english.reveal());
            sheet.write_string_with_format(row, 8, plain_english, &self.formats.wrapped)?;
        }
        Ok(())
    }

    fn lists(&self) -> anyhow::Result<Worksheet> {
        let columns = &[
            ("List", 40.0),
            ("Id", 26.0),
            ("Issue", 18.0),
            ("Issued", 12.0),
            ("Age (days)", 12.0),
            ("Records", 10.0),
            ("Rows set aside", 14.0),
            ("What to know", 80.0),
        ];
        let mut sheet = sheet("Lists", columns, &self.formats, &self.heading)?;
        for (row, list) in (1..).zip(&self.heading.lists) {
            sheet.write_string(row, 0, guarded(&list.title))?;
            sheet.write_string(row, 1, guarded(list.source.as_str()))?;
            sheet.write_string(row, 2, guarded(list.version.as_str()))?;
            if let Some(issued) = list.issued {
                write_day(&mut sheet, row, 3, issued, &self.formats)?;
            }
            if let Some(days) = list.age_days {
                sheet.write_number(row, 4, i32::try_from(days).unwrap_or(i32::MAX))?;
            }
            sheet.write_number(row, 5, number(list.records))?;
            sheet.write_number(row, 6, number(list.set_aside))?;
            let mut notes = list.warnings.clone();
            if list.is_stale() {
                notes.insert(0, format!("This issue is {}: look for a newer one.", list.age()));
            }
            let notes = notes.join(" ");
            sheet.write_string_with_format(row, 7, guarded(&notes), &self.formats.wrapped)?;
        }
        Ok(sheet)
    }

    fn set_aside(&self, summary: &Summary) -> anyhow::Result<Worksheet> {
        let columns = &[("Line", 8.0), ("Column", 8.0), ("Reason", 90.0)];
        let mut sheet = sheet("Set aside", columns, &self.formats, &self.heading)?;
        let mut row = 0;
        for aside in &summary.set_aside_rows {
            row += 1;
            sheet.write_number(row, 0, number(aside.line))?;
            if let Some(column) = aside.column {
                sheet.write_number(row, 1, number(column))?;
            }
            sheet.write_string_with_format(
                row,
                2,
                guarded(&aside.reason),
                &self.formats.wrapped,
            )?;
        }
        if summary.set_aside > summary.set_aside_rows.len() as u64 {
            sheet.write_string(
                row + 1,
                2,
                "More rows were set aside; the side file has all of them.",
            )?;
        }
        Ok(sheet)
    }

    fn about(&self, summary: &Summary) -> anyhow::Result<Worksheet> {
        let settings = &self.heading.settings;
        let class =
            self.heading.class.map_or("not stated", portcullis_types::PopulationClass::code);
        let aside = summary.set_aside_file.as_ref().map(|path| path.display().to_string());
        let lines = [
            ("Marking", self.heading.marking.clone()),
            ("File", self.heading.file.clone()),
            ("Class", class.to_owned()),
            ("Screened at (UTC)", self.heading.at.strftime("%Y-%m-%d %H:%M").to_string()),
            ("People screened", summary.people.to_string()),
            ("Alerts", summary.alerts.to_string()),
            ("Alerts kept quiet by earlier decisions", summary.quiet.to_string()),
            ("Rows that name nobody", summary.naming_nobody.to_string()),
            ("Rows set aside", summary.set_aside.to_string()),
            ("Rows set aside are in", aside.unwrap_or_else(|| "\u{2013}".to_owned())),
            ("Prior", format!("{} ({})", settings.prior.0, words::prior(settings.prior))),
            ("Threshold", settings.threshold.0.to_string()),
            ("Candidates scored for each person", settings.candidates.to_string()),
            ("Normaliser", portcullis_matching::NORMALISER.to_owned()),
            ("Model", portcullis_matching::MODEL.to_owned()),
            ("Portcullis", env!("CARGO_PKG_VERSION").to_owned()),
            ("How to decide", super::super::HOW_TO_DECIDE.to_owned()),
        ];
        let mut sheet = Worksheet::new();
        sheet.set_name("About")?;
        sheet.set_column_width(0, 38)?.set_column_width(1, 90)?;
        for (row, (name, value)) in (0..).zip(&lines) {
            sheet.write_string_with_format(row, 0, *name, &self.formats.strong)?;
            sheet.write_string_with_format(row, 1, guarded(value), &self.formats.wrapped)?;
        }
        Ok(sheet)
    }
}

impl<W: Write> Report for WorkbookReport<W> {
    fn person(&mut self, finding: &Finding) -> anyhow::Result<()> {
        for alert in &finding.alerts {
            for (rank, record) in (1..).zip(alert.records()) {
                self.alert(finding, alert, rank, record)?;
                self.reasons(finding, alert, record)?;
            }
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>, summary: &Summary) -> anyhow::Result<()> {
        let (lists, set_aside, about) =
            (self.lists()?, self.set_aside(summary)?, self.about(summary)?);
        filter(&mut self.alerts, self.alert_row, ALERTS.len())?;
        filter(&mut self.reasons, self.reason_row, REASONS.len())?;
        let mut workbook = Workbook::new();
        workbook.push_worksheet(self.alerts);
        workbook.push_worksheet(self.reasons);
        workbook.push_worksheet(lists);
        workbook.push_worksheet(set_aside);
        workbook.push_worksheet(about);
        let bytes = workbook.save_to_buffer()?;
        self.out.write_all(&bytes)?;
        Ok(self.out.flush()?)
    }
}

fn sheet(
    name: &str,
    columns: &[(&str, f64)],
    formats: &Formats,
    heading: &Heading,
) -> anyhow::Result<Worksheet> {
    let mut sheet = Worksheet::new();
    sheet.set_name(name)?;
    sheet.set_freeze_panes(1, 0)?;
    sheet.set_landscape().set_print_fit_to_pages(1, 0).set_repeat_rows(0, 0)?;
    let marking = heading.marking.replace('&', "&&");
    sheet.set_header(format!("&C{marking}")).set_footer(format!("&C{marking}&RPage &P of &N"));
    for (column, (title, width)) in (0..).zip(columns) {
        sheet.write_string_with_format(0, column, *title, &formats.head)?;
        sheet.set_column_width(column, *width)?;
    }
    Ok(sheet)
}

fn filter(sheet: &mut Worksheet, last_row: u32, columns: usize) -> anyhow::Result<()> {
    if last_row > 0 {
        let last = u16::try_from(columns.saturating_sub(1)).context("too many columns")?;
        sheet.autofilter(0, 0, last_row, last)?;
    }
    Ok(())
}

fn next_row(row: u32) -> anyhow::Result<u32> {
    if row >= MAX_ROWS {
        anyhow::bail!("there are more rows than a sheet can hold; use `--format csv`");
    }
    Ok(row + 1)
}

fn write_day(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    day: Date,
    formats: &Formats,
) -> anyhow::Result<()> {
    let parts = u16::try_from(day.year())
        .ok()
        .zip(u8::try_from(day.month()).ok())
        .zip(u8::try_from(day.day()).ok());
    // A spreadsheet's calendar begins in 1900; an earlier day is written as text.
    let date = parts.and_then(|((y, m), d)| ExcelDateTime::from_ymd(y, m, d).ok());
    match date {
        Some(date) => sheet.write_datetime_with_format(row, column, date, &formats.date)?,
        None => sheet.write_string(row, column, day.to_string())?,
    };
    Ok(())
}

/// A count as a spreadsheet keeps numbers.
#[expect(clippy::cast_precision_loss, reason = "rows of a file stay far below 2 to the 53")]
fn number(count: u64) -> f64 {
    count as f64
}
