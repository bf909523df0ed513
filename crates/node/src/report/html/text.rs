//! The sentences of the report that depend on what was found.

use crate::report::words;
use crate::screen::finding::{Heading, Subject, Summary};
use std::fmt::Write as _;

/// "£7,500.00 to The Example Party".
pub(super) fn gift(subject: &Subject) -> Option<String> {
    let value = subject.value?;
    Some(match &subject.recipient {
        Some(recipient) => format!("{value} to {}", recipient.reveal()),
        None => value.to_string(),
    })
}

/// The first sentence of the summary.
pub(super) fn lead(heading: &Heading, summary: &Summary) -> String {
    let people = words::several(
        summary.people,
        words::class(heading.class, 1),
        words::class(heading.class, summary.people),
    );
    let was = if summary.people == 1 { "was" } else { "were" };
    if summary.people == 0 {
        return "Nobody was screened: the file names nobody that could be read. This report says nothing about anybody.".to_owned();
    }
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

/// What a reader must know before relying on the report.
pub(super) fn notices(heading: &Heading, summary: &Summary) -> Vec<String> {
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
    if summary.naming_nobody > 0 {
        notices.push(format!("{}.", words::naming_nobody(summary.naming_nobody)));
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
pub(super) fn css_text(text: &str) -> String {
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
