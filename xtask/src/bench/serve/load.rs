//! An open load: requests at their moments, over many connections.

use super::client::Client;
use super::node::Node;
use anyhow::Result;
use cpu_time::ProcessTime;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How much is asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Load {
    /// Requests in a second.
    pub(super) rate: u32,
    /// For so long.
    pub(super) seconds: u32,
    /// Over so many connections.
    pub(super) connections: usize,
}

/// What came of it.
#[derive(Debug)]
pub(super) struct Outcome {
    /// From the moment of each request to the end of its answer; shortest first.
    times: Vec<Duration>,
    /// Requests that were not answered with 200.
    pub(super) failed: usize,
    /// What the first of them was answered with.
    pub(super) first_failure: Option<String>,
    elapsed: Duration,
    /// Processor time of the node, as a share of one core.
    pub(super) node_share: f64,
    /// Processor time of this program, as a share of one core.
    pub(super) generator_share: f64,
}

impl Outcome {
    /// The time within which this share of requests was answered.
    pub(super) fn percentile(&self, share: f64) -> Duration {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a place in a list of some thousands"
        )]
        let place = ((self.times.len() as f64 * share).ceil() as usize).max(1) - 1;
        self.times.get(place).copied().unwrap_or_default()
    }

    #[expect(clippy::cast_precision_loss, reason = "some thousands")]
    pub(super) fn answered_per_second(&self) -> f64 {
        (self.times.len() - self.failed) as f64 / self.elapsed.as_secs_f64()
    }
}

/// In milliseconds.
pub(super) fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

/// Puts a load on a node.
pub(super) fn run(node: &Node, bodies: &[String], load: Load) -> Result<Outcome> {
    let count = load.rate * load.seconds;
    let next = AtomicU32::new(0);
    let (own, nodes) = (ProcessTime::now(), node.processor_time()?);
    let began = Instant::now() + Duration::from_millis(50);
    // Each connection takes the next request, waits for its moment and sends it. Only when all of them
    // wait for answers does a request begin late, and its time counts from its moment all the same.
    let all: Vec<Vec<(Duration, Option<String>)>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..load.connections)
            .map(|_| {
                scope.spawn(|| {
                    let mut client = Client::new(node.address);
                    let mut answered = Vec::new();
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= count {
                            return answered;
                        }
                        let moment = began + Duration::from_secs(1) * number / load.rate;
                        wait_until(moment);
                        let body =
                            bodies.get(number as usize % bodies.len()).map_or("", String::as_str);
                        let failure = match client.ask("POST /match/default", body) {
                            Ok((200, _)) => None,
                            Ok((status, body)) => {
                                Some(format!("{status} {}", String::from_utf8_lossy(&body)))
                            }
                            Err(error) => Some(format!("{error:#}")),
                        };
                        answered.push((moment.elapsed(), failure));
                    }
                })
            })
            .collect();
        threads.into_iter().filter_map(|thread| thread.join().ok()).collect()
    });
    let elapsed = began.elapsed();
    let share = |time: Duration| time.as_secs_f64() / elapsed.as_secs_f64();
    let generator_share = share(own.elapsed());
    let node_share = share(node.processor_time()?.saturating_sub(nodes));
    let mut answered: Vec<_> = all.into_iter().flatten().collect();
    let failed = answered.iter().filter(|(_, failure)| failure.is_some()).count();
    let first_failure = answered.iter_mut().find_map(|(_, failure)| failure.take());
    let mut times: Vec<Duration> = answered.into_iter().map(|(time, _)| time).collect();
    times.sort();
    Ok(Outcome { times, failed, first_failure, elapsed, node_share, generator_share })
}

#[expect(clippy::disallowed_methods, reason = "a load runs in real time")]
fn wait_until(moment: Instant) {
    thread::sleep(moment.saturating_duration_since(Instant::now()));
}
