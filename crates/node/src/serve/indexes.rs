//! Compiled lists: which lists somebody may match against, and the index over exactly those.
//!
//! An index is built from all lists that the asker may use and no other, so that a list which is hidden
//! from him changes no rarity, no score and no order. Where he wants only some of them, the others are
//! passed over in that same index: nobody has indexes built by choosing (THREATS T-36).

use super::LOG;
use super::asker::Asking;
use super::extract::Options;
use super::problem::{Answer, Problem};
use super::state::State;
use super::things::{refuse_unscoped, thing};
use crate::decisions::organisation;
use crate::lists::{ListStore, Place};
use crate::screen::finding::ListInfo;
use crate::screen::lists::Searchable;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use portcullis_access::{Act, Deed, ThingKind};
use portcullis_decide::{Digest, KeptList};
use portcullis_store::{SeenList, Visible};
use portcullis_types::{Label, ListVersion, Purpose, SourceId};
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Once, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::{Mutex, OnceCell, Semaphore};

/// How often it is looked whether a list has changed.
const LOOK: Duration = Duration::from_secs(2);

/// An index that was used within so long is in use, and is not let go for another.
const IN_USE: SignedDuration = SignedDuration::from_mins(1);

/// Lists are not used any more when they were read last so long ago: who may use them may have changed.
const READ_WITHIN: SignedDuration = SignedDuration::from_secs(10);

/// Requests that wait for indexes, at most.
const WAITING: usize = 64;

/// Name of the dataset that is all lists the asker may use.
pub(crate) const ALL: &str = "default";

/// The lists that there are, and the indexes in use.
#[derive(Debug)]
pub(crate) struct Indexes {
    place: Place,
    known: RwLock<Option<Known>>,
    /// How often it was begun to read which lists there are.
    readings: AtomicU64,
    /// The one used last stands last.
    held: Mutex<Vec<Entry>>,
    /// How many of them are held that are not in use.
    most: usize,
    has_told: Once,
    /// One is built at a time: it takes much memory.
    building: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    /// Whether the index over the open lists was loaded when it was looked last.
    is_ready: AtomicBool,
}

/// Which lists there were when they were read.
#[derive(Debug)]
struct Known {
    lists: Arc<Vec<SeenList>>,
    reading: u64,
    at: Timestamp,
}

/// An index, when it was used last, and what it is made of.
#[derive(Debug)]
struct Entry {
    key: Key,
    cell: Arc<Held>,
    used_at: Timestamp,
}

/// An index, built by whoever needs it first.
type Held = OnceCell<Arc<Searchable>>;

/// What an index is made of: issues of lists, and the day that their age is told on.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Key {
    issues: BTreeSet<(String, Digest, ListVersion)>,
    day: Date,
}

/// The lists that somebody may use for something, and those of them that he wants.
#[derive(Debug, Clone)]
pub(crate) struct Usable {
    all: Arc<[SeenList]>,
    wanted: Vec<SeenList>,
}

impl Usable {
    fn all(lists: Vec<SeenList>) -> Self {
        Self { all: lists.as_slice().into(), wanted: lists }
    }

    /// The lists, by name.
    pub(crate) fn lists(&self) -> impl Iterator<Item = &KeptList> {
        self.wanted.iter().map(|one| &one.list)
    }

    /// What the lists bear, by the source of their records.
    pub(crate) fn labels(&self) -> BTreeMap<SourceId, Label> {
        let label = |one: &SeenList| (one.list.source.clone(), one.label.clone());
        self.wanted.iter().map(label).collect()
    }

    /// Of these lists, those of a dataset: one by its name, or all of them.
    pub(crate) fn of(&self, dataset: &str) -> Answer<Self> {
        self.filtered(|list| dataset == ALL || list.name.as_str() == dataset)
    }

    /// Those of them that are wanted. That none is looks like a list that is not there.
    pub(crate) fn filtered(&self, wanted: impl Fn(&KeptList) -> bool) -> Answer<Self> {
        let lists: Vec<_> = self.wanted.iter().filter(|one| wanted(&one.list)).cloned().collect();
        if lists.is_empty() {
            return Err(Problem::absent());
        }
        Ok(Self { all: Arc::clone(&self.all), wanted: lists })
    }

    /// Of an index over all of them, what is wanted.
    fn in_index(&self, index: &Arc<Searchable>) -> Arc<Searchable> {
        if self.wanted.len() == self.all.len() {
            return Arc::clone(index);
        }
        let is_it = |list: &KeptList, info: &ListInfo| {
            list.source == info.source && list.current.version == info.version
        };
        Arc::new(index.only(|info| self.lists().any(|list| is_it(list, info))))
    }
}

impl Indexes {
    /// None yet. So many are held that are not in use, and twice as many of all.
    pub(super) fn new(place: Place, most: NonZeroU32) -> Self {
        Self {
            place,
            known: RwLock::default(),
            readings: AtomicU64::new(0),
            held: Mutex::default(),
            most: most.get() as usize,
            has_told: Once::new(),
            building: Arc::new(Semaphore::new(1)),
            waiting: Arc::new(Semaphore::new(WAITING)),
            is_ready: AtomicBool::new(false),
        }
    }

    /// The lists as they were read last, if that was just now.
    fn current(&self, now: Timestamp) -> Answer<Arc<Vec<SeenList>>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        // A clock that was set back makes nothing newer.
        let is_fresh = |known: &&Known| now.duration_since(known.at).abs() <= READ_WITHIN;
        let known = known.as_ref().filter(is_fresh).ok_or_else(Problem::busy)?;
        Ok(Arc::clone(&known.lists))
    }

    /// Keeps what was read, unless what was read later came before it.
    fn learn(&self, new: Known) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.as_ref().is_none_or(|known| known.reading < new.reading) {
            *known = Some(new);
        }
    }

    /// The index over the lists that may be used, narrowed to those wanted; built when it is not there.
    pub(crate) async fn over(&self, state: &State, lists: &Usable) -> Answer<Arc<Searchable>> {
        let now = state.clock.now();
        let key = Key {
            issues: lists
                .all
                .iter()
                .map(|SeenList { list, .. }| {
                    let current = &list.current;
                    (list.name.to_string(), current.digest, current.version.clone())
                })
                .collect(),
            day: now.to_zoned(TimeZone::UTC).date(),
        };
        let cell = self.cell(key, now).await;
        match cell.get() {
            Some(index) => Ok(lists.in_index(index)),
            None => Ok(lists.in_index(&self.built(state, cell, &lists.all, now).await?)),
        }
    }

    /// The index over exactly these lists. It is built by itself, apart from who asked first: when he
    /// goes away, others need it still.
    async fn built(
        &self,
        state: &State,
        cell: Arc<Held>,
        lists: &[SeenList],
        now: Timestamp,
    ) -> Answer<Arc<Searchable>> {
        let waiting = Arc::clone(&self.waiting).try_acquire_owned().map_err(|_| Problem::busy())?;
        let building = Arc::clone(&self.building);
        let lists: Vec<KeptList> = lists.iter().map(|one| one.list.clone()).collect();
        let (place, workers) = (self.place.clone(), state.workers.clone());
        let build = async move || {
            let _turn = building.acquire_owned().await.map_err(|_| Problem::busy())?;
            let built = workers.run(move || {
                let names: Vec<_> = lists.iter().map(|list| list.name.clone()).collect();
                let compiled = ListStore::of(place, now, lists).compiled(&names)?;
                anyhow::Ok(Arc::new(Searchable::of_stored(compiled, now)))
            });
            built.await?.map_err(|error| {
                let error = format!("{error:#}");
                tracing::error!(target: LOG, error, "lists can't be loaded");
                Problem::internal()
            })
        };
        let task = tokio::spawn(async move {
            let index = cell.get_or_try_init(build).await.cloned();
            drop(waiting);
            index
        });
        task.await.map_err(|_| Problem::internal())?
    }

    /// Whether there is what a stranger may be offered. It follows from the open lists alone, and not
    /// from what anybody uses: whoever may ask nothing else may ask this.
    pub(super) fn is_ready(&self, now: Timestamp) -> bool {
        self.is_ready.load(Ordering::Relaxed) && self.current(now).is_ok()
    }

    async fn cell(&self, key: Key, now: Timestamp) -> Arc<Held> {
        let mut held = self.held.lock().await;
        let found = held.iter().position(|other| other.key == key);
        let cell = found.map_or_else(Arc::default, |place| held.remove(place).cell);
        held.push(Entry { key, cell: Arc::clone(&cell), used_at: now });
        self.shrink(&mut held, now);
        cell
    }

    /// Lets go of those used longest ago where there are too many. What is in use stays while there is
    /// room for it: else readers who may use other lists would each throw out what the next one needs.
    fn shrink(&self, held: &mut Vec<Entry>, now: Timestamp) {
        let is_idle = |entry: &&Entry| now.duration_since(entry.used_at).abs() > IN_USE;
        let idle = held.iter().take_while(is_idle).count();
        let in_use = held.len().saturating_sub(2 * self.most);
        let gone = held.len().saturating_sub(self.most).min(idle).max(in_use);
        if gone > idle {
            self.has_told.call_once(|| {
                tracing::warn!(target: LOG, "indexes that are in use are let go and built again: give more with `--max-indexes`");
            });
        }
        held.drain(..gone);
    }

    /// Lets go of indexes over issues that are in use no more.
    async fn let_go(&self, current: &[SeenList], now: Timestamp) {
        let today = now.to_zoned(TimeZone::UTC).date();
        let is_current = |(name, digest, version): &(String, Digest, ListVersion)| {
            current.iter().any(|listed| {
                let list = &listed.list;
                list.name.as_str() == name
                    && list.current.digest == *digest
                    && list.current.version == *version
            })
        };
        let mut held = self.held.lock().await;
        held.retain(|entry| entry.key.day == today && entry.key.issues.iter().all(is_current));
        self.shrink(&mut held, now);
    }
}

/// The lists that the asker may use for this.
///
/// A stranger who may use none is asked to sign in, and a token is told which scope it lacks; to
/// anybody else a list that is hidden and one that
/// is not there are the same.
pub(crate) fn usable(state: &State, asking: &Asking, deed: impl Into<Deed>) -> Answer<Usable> {
    usable_of(state, asking, deed.into(), &state.indexes.current(state.clock.now())?)
}

/// The same of what the lists bear now, and not some seconds ago: for what is kept afterwards.
pub(crate) async fn usable_now(state: &State, asking: &Asking, deed: Deed) -> Answer<Usable> {
    usable_of(state, asking, deed, &read_lists(state).await?)
}

fn usable_of(state: &State, asking: &Asking, deed: Deed, listed: &[SeenList]) -> Answer<Usable> {
    refuse_unscoped(state, &asking.0, deed, ThingKind::List)?;
    // Whether somebody may use lists at all doesn't depend on which there are.
    let open = Label::open();
    let mut labels: Vec<&Label> = vec![&open];
    for one in listed {
        if !labels.contains(&&one.label) {
            labels.push(&one.label);
        }
    }
    let now = state.clock.now();
    let may = |label: &&Label| {
        let list = thing(&asking.0, ThingKind::List, label);
        state.policies.judge(now, &asking.0, deed, &list).is_allowed()
    };
    let visible: Vec<&Label> = labels.into_iter().filter(may).collect();
    if visible.is_empty() && asking.0.person().is_none() {
        return Err(Problem::unknown_asker());
    }
    let lists = listed.iter().filter(|one| visible.contains(&&one.label));
    Ok(Usable::all(lists.cloned().collect()))
}

/// The lists that the asker may match against, for the purpose that he states as an option: without
/// one, the open lists.
pub(crate) fn matchable(state: &State, asking: &Asking, options: &Options) -> Answer<Usable> {
    usable(state, asking, Deed { purpose: purpose(options)?, ..Act::Match.into() })
}

/// What the asker says that he asks for.
pub(crate) fn purpose(options: &Options) -> Answer<Option<Purpose>> {
    let unknown = || Problem::impossible("`purpose` must be one of screening, like screen-donor");
    let code = options.text("purpose");
    code.map(|code| Purpose::from_code(code).ok_or_else(unknown)).transpose()
}

/// Reads which lists there are, now.
pub(super) async fn read_lists(state: &State) -> Answer<Arc<Vec<SeenList>>> {
    let indexes = &state.indexes;
    let reading = indexes.readings.fetch_add(1, Ordering::Relaxed);
    let at = state.clock.now();
    // All of them: who may use which is judged for each who asks.
    let all = Visible::all();
    let read = state.store.with(move |s| s.view(&all, |view| view.seen_lists(&organisation())));
    let lists = Arc::new(read.await??);
    indexes.learn(Known { lists: Arc::clone(&lists), reading, at });
    Ok(lists)
}

/// Looks which lists there are, and has the index over the open ones ready where strangers may use it.
pub(super) async fn look(state: &State) -> Answer<()> {
    let looked = looked(state).await;
    state.indexes.is_ready.store(looked.is_ok(), Ordering::Relaxed);
    looked
}

async fn looked(state: &State) -> Answer<()> {
    let listed = read_lists(state).await?;
    state.indexes.let_go(&listed, state.clock.now()).await;
    let is_open = |one: &&SeenList| one.label == Label::open();
    let open: Vec<_> = listed.iter().filter(is_open).cloned().collect();
    if state.open_matching && !open.is_empty() {
        state.indexes.over(state, &Usable::all(open)).await?;
    }
    Ok(())
}

/// Looks again and again, until the node stops.
pub(super) async fn keep(state: Arc<State>) {
    let mut stopping = state.stopping.subscribe();
    loop {
        // What failed is logged; the lists known before stay in use for some seconds.
        let _ = look(&state).await;
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            _ = stopping.wait_for(|stopping| *stopping) => return,
        }
    }
}

#[cfg(test)]
impl Indexes {
    /// How many indexes there are, built or being built.
    pub(super) async fn count(&self) -> usize {
        self.held.lock().await.len()
    }
}

#[cfg(test)]
mod tests;
