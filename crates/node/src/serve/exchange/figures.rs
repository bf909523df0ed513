//! What is counted of the exchange: by the codes of reasons, and by no organisation.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// What is counted of the exchange.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    taken: AtomicU64,
    refused: Mutex<BTreeMap<&'static str, u64>>,
    polled: Mutex<BTreeMap<&'static str, u64>>,
}

fn add(counts: &Mutex<BTreeMap<&'static str, u64>>, code: &'static str) {
    let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
    let count = counts.entry(code).or_default();
    *count = count.saturating_add(1);
}

impl Figures {
    /// A request of another node was taken and answered.
    pub(super) fn taken(&self) {
        self.taken.fetch_add(1, Ordering::Relaxed);
    }

    /// Something was refused for this reason.
    pub(super) fn refused(&self, code: &'static str) {
        add(&self.refused, code);
    }

    /// Another node was asked, and this came of it.
    pub(super) fn polled(&self, outcome: &'static str) {
        add(&self.polled, outcome);
    }

    /// Adds what was counted, in the text format of Prometheus.
    pub(crate) fn write(&self, text: &mut String) -> std::fmt::Result {
        head(text, "exchange_requests_taken_total", "Requests of other nodes that were taken")?;
        let taken = self.taken.load(Ordering::Relaxed);
        writeln!(text, "portcullis_exchange_requests_taken_total {taken}")?;
        let counts = [
            (
                "exchange_refused_total",
                "What other nodes sent and was refused",
                "reason",
                &self.refused,
            ),
            ("exchange_polls_total", "Polls of other nodes", "outcome", &self.polled),
        ];
        for (name, help, label, counts) in counts {
            head(text, name, help)?;
            for (code, count) in counts.lock().unwrap_or_else(PoisonError::into_inner).iter() {
                writeln!(text, "portcullis_{name}{{{label}=\"{code}\"}} {count}")?;
            }
        }
        Ok(())
    }
}

fn head(text: &mut String, name: &str, help: &str) -> std::fmt::Result {
    writeln!(text, "# HELP portcullis_{name} {help}.\n# TYPE portcullis_{name} counter")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused_is_counted_by_its_reason_alone() {
        let figures = Figures::default();
        figures.refused("stale");
        figures.refused("stale");
        figures.polled("unreachable");
        let mut text = String::new();
        figures.write(&mut text).unwrap();
        for line in [
            "portcullis_exchange_requests_taken_total 0",
            "portcullis_exchange_refused_total{reason=\"stale\"} 2",
            "portcullis_exchange_polls_total{outcome=\"unreachable\"} 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
    }
}
