//! Asking other nodes: each at moments that follow from the clock alone, so that what waits shows
//! nowhere (THREATS T-40).

use super::call::{AddressError, CallError, NodeAddress};
use super::driver::{self, Due};
use super::failed::Failed;
use super::standing::{Standing, Standings};
use super::terms::Terms;
use crate::serve::pool::Pool;
use portcullis_federation::Moment;
use portcullis_store::Brought;
use portcullis_types::{Clock, OrganisationId};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// Nodes that are asked at once, at most: those that answered when they were asked last, and those
/// that did not. So who is down holds up nobody but others who are.
const AT_ONCE: usize = 12;
const AT_ONCE_AILING: usize = 4;

/// How often to look whether the member list has changed.
const LOOK: Duration = Duration::from_secs(10);

/// How late a poll may begin: one that is later was missed, and is not made up for.
const LATE_S: u64 = 10;

/// What came of asking one other node.
#[derive(Debug)]
pub(crate) enum Polled {
    /// It answered, and this was in it.
    Answered(Brought),
    /// Another process asked it at this moment.
    AskedElsewhere,
    /// Nothing came of it, and what was to go goes with the next one.
    Failed(PollError),
}

/// Why nothing came of asking another node.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PollError {
    /// It can't be called.
    #[error(transparent)]
    Call(#[from] CallError),
    /// Its request can't be made, or its answer not be taken.
    #[error(transparent)]
    Exchange(#[from] Failed),
    /// Where it is reached is no address that is used.
    #[error("where its node is reached can't be used")]
    Address(#[from] AddressError),
    /// It was cut off.
    #[error("it was cut off")]
    CutOff,
}

impl PollError {
    /// The name by which it is counted and logged.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Call(error) => error.code(),
            Self::Exchange(failed) => failed.code(),
            Self::Address(_) => "no-address",
            Self::CutOff => "cut-off",
        }
    }
}

/// Is told what comes of each poll.
pub(crate) type Tell = Box<dyn Fn(&OrganisationId, &Polled) + Send + Sync>;

/// What asks other nodes.
pub(crate) struct Polling {
    pub(crate) store: Pool,
    pub(crate) clock: Arc<dyn Clock + Send + Sync>,
    pub(crate) terms: Terms,
    pub(crate) standings: Arc<Standings>,
    pub(crate) tell: Tell,
    places: Places,
}

impl fmt::Debug for Polling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Polling").field("terms", &self.terms).finish_non_exhaustive()
    }
}

/// Who is asked at this moment, and who did not answer.
struct Places {
    well: Semaphore,
    ailing: Semaphore,
    did_not_answer: Mutex<BTreeSet<OrganisationId>>,
    asked: Mutex<BTreeSet<OrganisationId>>,
}

fn lock<T>(set: &Mutex<T>) -> MutexGuard<'_, T> {
    // A set is whole whatever happened while somebody held it.
    set.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Polling {
    pub(crate) fn new(
        store: Pool,
        clock: Arc<dyn Clock + Send + Sync>,
        terms: Terms,
        standings: Arc<Standings>,
        tell: Tell,
    ) -> Self {
        let places = Places {
            well: Semaphore::new(AT_ONCE),
            ailing: Semaphore::new(AT_ONCE_AILING),
            did_not_answer: Mutex::default(),
            asked: Mutex::default(),
        };
        Self { store, clock, terms, standings, tell, places }
    }

    /// Asks everybody who can be reached at once, waits for all of them, and says how many there
    /// were.
    pub(crate) async fn everybody_now(self: &Arc<Self>) -> Result<usize, Failed> {
        let now = driver::now(self.clock.as_ref())?;
        let standing = self.standings.current(&self.store).await?;
        let mut polls = JoinSet::new();
        for (peer, address) in self.reached(&standing, now) {
            let tick = self.terms.pace(standing.own(), &peer).tick_at(now).unwrap_or(0);
            polls.spawn(Arc::clone(self).poll(peer, address, Due::Now(tick)));
        }
        let count = polls.len();
        while polls.join_next().await.is_some() {}
        Ok(count)
    }

    /// Asks everybody who can be reached at their next moment, each once, waits for all of them, and
    /// says how many there were.
    pub(crate) async fn everybody_once(self: &Arc<Self>) -> Result<usize, Failed> {
        let now = driver::now(self.clock.as_ref())?;
        let standing = self.standings.current(&self.store).await?;
        let mut polls = JoinSet::new();
        for (peer, address) in self.reached(&standing, now) {
            let pace = self.terms.pace(standing.own(), &peer);
            let Some(at) = pace.next_after(now) else { continue };
            let Some(tick) = pace.tick_at(at) else { continue };
            let polling = Arc::clone(self);
            polls.spawn(async move {
                tokio::time::sleep(polling.until(at)).await;
                polling.poll(peer, address, Due::Once(tick)).await;
            });
        }
        let count = polls.len();
        while polls.join_next().await.is_some() {}
        Ok(count)
    }

    /// Asks everybody at their moments, on and on. What was missed is not made up for.
    pub(crate) async fn go_on(self: Arc<Self>) {
        let mut seen: BTreeMap<OrganisationId, u64> = BTreeMap::new();
        let mut polls = JoinSet::new();
        loop {
            while polls.try_join_next().is_some() {}
            let Ok(now) = driver::now(self.clock.as_ref()) else {
                tokio::time::sleep(LOOK).await;
                continue;
            };
            let mut wait = LOOK;
            match self.standings.current(&self.store).await {
                // A node that is in no federation yet asks nobody.
                Err(_) => {}
                Ok(standing) => {
                    for (peer, address) in self.reached(&standing, now) {
                        let pace = self.terms.pace(standing.own(), &peer);
                        if let Some(next) = pace.next_after(now) {
                            wait = wait.min(self.until(next));
                        }
                        let Some(tick) = pace.tick_at(now) else { continue };
                        let before = seen.insert(peer.clone(), tick);
                        let is_new = before.is_some_and(|before| before != tick);
                        let at = pace.moment_of(tick);
                        let is_late = at.is_none_or(|at| at.later(LATE_S) < now);
                        if is_new && !is_late {
                            polls.spawn(Arc::clone(&self).poll(peer, address, Due::Once(tick)));
                        }
                    }
                }
            }
            tokio::time::sleep(wait).await;
        }
    }

    /// The members that have an address, or say one that can't be used.
    fn reached(
        &self,
        standing: &Standing,
        now: Moment,
    ) -> Vec<(OrganisationId, Result<NodeAddress, AddressError>)> {
        let address = |member| self.terms.address(member).transpose();
        standing.peers(now).filter_map(|peer| Some((peer.id.clone(), address(peer)?))).collect()
    }

    /// How long it is until a moment.
    fn until(&self, at: Moment) -> Duration {
        let at =
            i64::try_from(at.seconds()).ok().and_then(|s| jiff::Timestamp::from_second(s).ok());
        let left = at.map(|at| at.duration_since(self.clock.now()));
        left.and_then(|left| Duration::try_from(left).ok()).unwrap_or_default()
    }

    async fn poll(
        self: Arc<Self>,
        peer: OrganisationId,
        address: Result<NodeAddress, AddressError>,
        due: Due,
    ) {
        // One that takes longer than to the next is not asked twice at once.
        if !lock(&self.places.asked).insert(peer.clone()) {
            return;
        }
        let polled = self.ask(&peer, address, due).await;
        lock(&self.places.asked).remove(&peer);
        let polled = polled.unwrap_or_else(Polled::Failed);
        if matches!(polled, Polled::Failed(PollError::Call(_))) {
            lock(&self.places.did_not_answer).insert(peer.clone());
        } else {
            lock(&self.places.did_not_answer).remove(&peer);
        }
        (self.tell)(&peer, &polled);
    }

    async fn ask(
        &self,
        peer: &OrganisationId,
        address: Result<NodeAddress, AddressError>,
        due: Due,
    ) -> Result<Polled, PollError> {
        let address = address?;
        let is_ailing = lock(&self.places.did_not_answer).contains(peer);
        let places = if is_ailing { &self.places.ailing } else { &self.places.well };
        let _place = places.acquire().await.map_err(|_| PollError::CutOff)?;
        let standing = self.standings.current(&self.store).await?;
        let (clock, size) = (Arc::clone(&self.clock), self.terms.size);
        let (about, to) = (Arc::clone(&standing), peer.clone());
        let request = self
            .store
            .with(move |store| driver::request_to(store, clock.as_ref(), &about, &to, (size, due)))
            .await
            .map_err(|_| Failed::NoStore)??;
        let Some(request) = request else { return Ok(Polled::AskedElsewhere) };
        let bytes = request.to_bytes();
        let called = tokio::task::spawn_blocking(move || address.call(&bytes)).await;
        let (clock, answer) = (Arc::clone(&self.clock), called.map_err(|_| PollError::CutOff)?);
        let taken = self
            .store
            .with(move |store| match answer {
                Ok(answer) => {
                    let taken =
                        driver::take_answer(store, clock.as_ref(), &standing, (&request, &answer));
                    if let Err(failed) = &taken {
                        driver::count_refusal(store, clock.as_ref(), failed)?;
                    }
                    Ok(taken?)
                }
                Err(error) => {
                    driver::poll_failed(store, clock.as_ref(), &standing, &request)?;
                    Err(PollError::from(error))
                }
            })
            .await
            .map_err(|_| Failed::NoStore)?;
        taken.map(Polled::Answered)
    }
}
