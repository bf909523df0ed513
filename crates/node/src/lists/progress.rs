//! Bars on stderr, when it is a terminal and nowhere else.

use indicatif::{ProgressBar, ProgressStyle};
use std::time::Duration;

/// A bar for bytes on their way.
pub(super) fn bytes(address: &str) -> ProgressBar {
    let name = address.split('?').next().unwrap_or_default().to_owned();
    let bar = ProgressBar::no_length()
        .with_style(style("{spinner} {msg} {bytes} of {total_bytes} {wide_bar} {bytes_per_sec}"));
    bar.set_message(name);
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

/// A sign of life for work of unknown length.
pub(super) fn spinner(what: String) -> ProgressBar {
    let bar = ProgressBar::new_spinner().with_style(style("{spinner} {msg} {elapsed}"));
    bar.set_message(what);
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
