//! What every request shares.

use super::args::Args;
use super::asker::{Nobody, Recognise};
use super::pool::Pool;
use crate::environment::{Environment, SystemClock};
use crate::lists::Place;
use portcullis_types::Clock;
use std::sync::Arc;
use tokio::sync::watch;

/// What every request shares. Areas add a field each for what they share among their own.
#[derive(Debug)]
pub(crate) struct State {
    /// Tells the time.
    pub(crate) clock: Arc<dyn Clock + Send + Sync>,
    /// The store.
    pub(crate) store: Pool,
    /// Tells who shows a session or a token.
    pub(crate) recognise: Arc<dyn Recognise>,
    /// Whether whoever can connect may match against open lists without being known.
    pub(crate) open_matching: bool,
    /// Becomes true when the node is asked to stop: answers that go on and on end then.
    pub(crate) stopping: watch::Sender<bool>,
}

impl State {
    /// The state of a node that begins to serve.
    pub(crate) fn new(args: &Args, environment: &Environment) -> anyhow::Result<Self> {
        let reachable_from_here_only = args.listen.ip().is_loopback() && !args.behind_proxy;
        Ok(Self {
            clock: Arc::new(SystemClock),
            store: Pool::open(Place::new(environment))?,
            recognise: Arc::new(Nobody),
            open_matching: args.open_matching || reachable_from_here_only,
            stopping: watch::Sender::new(false),
        })
    }
}
