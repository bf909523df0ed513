//! Being asked to stop: what is going on is finished, and nothing new is begun.

use anyhow::Context;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How often somebody who waits looks whether to stop.
const LOOK: Duration = Duration::from_millis(100);

/// Whether somebody asked the program to stop, with Ctrl-C or as a service manager does.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Listens from now on. Once asked for, a second request ends the program at once.
    pub(crate) fn on_request() -> anyhow::Result<Self> {
        let stop = Self::default();
        let asked = Arc::clone(&stop.0);
        ctrlc::set_handler(move || {
            if asked.swap(true, Ordering::Relaxed) {
                std::process::exit(130);
            }
        })
        .context("cannot listen for a request to stop")?;
        Ok(stop)
    }

    /// Whether it was asked for.
    pub(crate) fn asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Waits so long, or until it is asked for.
    #[expect(clippy::disallowed_methods, reason = "the node waits for the real clock")]
    pub(crate) fn wait(&self, mut time: Duration) {
        while !time.is_zero() && !self.asked() {
            let step = time.min(LOOK);
            std::thread::sleep(step);
            time = time.saturating_sub(step);
        }
    }
}
