//! A progress bar on standard error, if that is a terminal.

use crate::report::words;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How far screening has come, by the share of the file that was read.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    bytes: Arc<AtomicU64>,
    people: u64,
}

impl Progress {
    /// Begins. `bytes` counts what was read of the file.
    pub(crate) fn new(path: &Path, bytes: Arc<AtomicU64>) -> Self {
        let packed = path.extension().is_some_and(|ending| ending == "zst");
        let length = path.metadata().ok().filter(|data| data.is_file() && !packed);
        let (bar, template) = match length {
            Some(data) => (
                ProgressBar::new(data.len()),
                "{msg} {bar:30} {percent:>3} %, {elapsed_precise}, about {eta} left",
            ),
            None => (ProgressBar::no_length(), "{msg} {spinner} {elapsed_precise}"),
        };
        // Hidden by itself when standard error is no terminal.
        bar.set_draw_target(ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template(template);
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("━╸─"));
        Self { bar, bytes, people: 0 }
    }

    /// One more person was screened.
    pub(crate) fn person(&mut self) {
        self.people += 1;
        if self.people.is_multiple_of(64) {
            self.bar.set_position(self.bytes.load(Ordering::Relaxed));
            self.bar.set_message(format!("{} screened", words::count(self.people)));
        }
    }

    /// Ends, and leaves no trace.
    pub(crate) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}
