//! A bar on stderr, when it is a terminal and nowhere else.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use portcullis_store::Progress;

/// How far a command has got, by rows.
#[derive(Debug)]
pub(super) struct Bar(ProgressBar);

impl Bar {
    /// Begins.
    pub(super) fn new(doing: &'static str) -> Self {
        let bar = ProgressBar::no_length();
        // Hidden by itself when standard error is no terminal.
        bar.set_draw_target(ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template(
            "{prefix} {bar:30} {human_pos} rows, {elapsed_precise}, about {eta} left: {msg}",
        );
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("━╸─"));
        bar.set_prefix(doing);
        Self(bar)
    }

    /// Shows how far it has got.
    pub(super) fn show(&self, progress: Progress) {
        if progress.of > 0 {
            self.0.set_length(progress.of);
        }
        self.0.set_position(progress.done);
        self.0.set_message(progress.table);
    }

    /// Ends, and leaves no trace.
    pub(super) fn clear(&self) {
        self.0.finish_and_clear();
    }
}
