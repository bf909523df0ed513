//! What every request shares.

use super::args::Args;
use super::asker::Recognise;
use super::exchange::Exchange;
use super::indexes::Indexes;
use super::limits::Limits;
use super::metrics::Metrics;
use super::pool::Pool;
use super::records::Records;
use super::sign_in::{Sessions, SignIn};
use super::workers::Workers;
use crate::environment::{Environment, SystemClock};
use crate::label::Scheme;
use crate::lists::Place;
use crate::retention::in_force as retention;
use portcullis_access::Policies;
use portcullis_decide::Schedule;
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
    /// Says who may do what.
    pub(crate) policies: Policies,
    /// How long things are kept.
    pub(crate) schedule: Schedule,
    /// What levels are called.
    pub(crate) scheme: Scheme,
    /// The lists, compiled.
    pub(crate) indexes: Indexes,
    /// Threads to compute on.
    pub(crate) workers: Workers,
    /// Who sees what of what is remembered, and when answers leave.
    pub(crate) records: Records,
    /// Tells who shows a session or a token.
    pub(crate) recognise: Arc<dyn Recognise>,
    /// What other nodes bring, and when they are asked.
    pub(crate) exchange: Exchange,
    /// How people sign in, and what of them is held while they are.
    pub(crate) sign_in: SignIn,
    /// Whether whoever can connect may match against open lists without being known.
    pub(crate) open_matching: bool,
    /// Whether only this machine can reach the node.
    pub(crate) is_private: bool,
    /// Whether the node does TLS itself.
    pub(crate) is_tls: bool,
    /// What is counted.
    pub(crate) metrics: Metrics,
    /// What limits are held with.
    pub(crate) limits: Limits,
    /// Becomes true when the node is asked to stop: answers that go on and on end then.
    pub(crate) stopping: watch::Sender<bool>,
}

impl State {
    /// The state of a node that begins to serve.
    pub(crate) fn new(args: &Args, environment: &Environment) -> anyhow::Result<Self> {
        let is_private = args.listen.ip().is_loopback() && !args.behind_proxy;
        let place = Place::new(environment);
        Ok(Self {
            clock: Arc::new(SystemClock),
            store: Pool::open(place.clone())?,
            policies: crate::policy::in_force(&args.policies)?,
            schedule: retention(&environment.data, environment.schedule.as_deref())?,
            scheme: Scheme::in_force(&environment.data)?,
            indexes: Indexes::new(place, args.max_indexes),
            workers: Workers::new(),
            records: Records::default(),
            recognise: Arc::new(Sessions),
            exchange: Exchange::of(args),
            sign_in: SignIn::of(args, is_private)?,
            open_matching: args.open_matching || is_private,
            is_private,
            is_tls: args.tls_cert.is_some(),
            metrics: Metrics::default(),
            limits: Limits::of(args),
            stopping: watch::Sender::new(false),
        })
    }
}
