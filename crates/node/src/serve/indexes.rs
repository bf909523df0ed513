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
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use portcullis_access::{Act, Deed, ThingKind};
use portcullis_decide::{Digest, KeptList};
use portcullis_store::{SeenList, Visible};
use portcullis_types::{Label, ListVersion, Purpose};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::{Mutex, OnceCell, Semaphore};

/// How often it is looked whether a list has changed.
const LOOK: Duration = Duration::from_secs(2);

/// Indexes held at once. Which lists somebody may use follows from labels, of which there are few.
const HELD: usize = 6;

/// Requests that wait for indexes, at most.
const WAITING: usize = 64;

/// Name of the dataset that is all lists the asker may use.
pub(crate) const ALL: &str = "default";

/// The lists that there are, and the indexes in use.
#[derive(Debug)]
pub(crate) struct Indexes {
    place: Place,
    lists: RwLock<Arc<Vec<SeenList>>>,
    /// The one used last stands last.
    held: Mutex<Vec<(Key, Arc<Held>)>>,
    /// One is built at a time: it takes much memory.
    building: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    /// Whether the index over the open lists was loaded when it was looked last.
    is_ready: AtomicBool,
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
    all: Arc<[KeptList]>,
    wanted: Vec<KeptList>,
}

impl Usable {
    fn all(lists: Vec<KeptList>) -> Self {
        Self { all: lists.as_slice().into(), wanted: lists }
    }

    /// The lists, by name.
    pub(crate) fn lists(&self) -> &[KeptList] {
        &self.wanted
    }

    /// Of these lists, those of a dataset: one by its name, or all of them.
    pub(crate) fn of(&self, dataset: &str) -> Answer<Self> {
        self.filtered(|list| dataset == ALL || list.name.as_str() == dataset)
    }

    /// Those of them that are wanted. That none is looks like a list that is not there.
    pub(crate) fn filtered(&self, wanted: impl Fn(&KeptList) -> bool) -> Answer<Self> {
        let lists: Vec<_> = self.wanted.iter().filter(|list| wanted(list)).cloned().collect();
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
        Arc::new(index.only(|info| self.wanted.iter().any(|list| is_it(list, info))))
    }
}

impl Indexes {
    pub(super) fn new(place: Place) -> Self {
        Self {
            place,
            lists: RwLock::default(),
            held: Mutex::default(),
            building: Arc::new(Semaphore::new(1)),
            waiting: Arc::new(Semaphore::new(WAITING)),
            is_ready: AtomicBool::new(false),
        }
    }

    fn current(&self) -> Arc<Vec<SeenList>> {
        Arc::clone(&self.lists.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The index over the lists that may be used, narrowed to those wanted; built when it is not there.
    pub(crate) async fn over(&self, state: &State, lists: &Usable) -> Answer<Arc<Searchable>> {
        let now = state.clock.now();
        let key = Key {
            issues: lists
                .all
                .iter()
                .map(|list| {
                    let current = &list.current;
                    (list.name.to_string(), current.digest, current.version.clone())
                })
                .collect(),
            day: now.to_zoned(TimeZone::UTC).date(),
        };
        let cell = self.cell(key).await;
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
        lists: &Arc<[KeptList]>,
        now: Timestamp,
    ) -> Answer<Arc<Searchable>> {
        let waiting = Arc::clone(&self.waiting).try_acquire_owned().map_err(|_| Problem::busy())?;
        let building = Arc::clone(&self.building);
        let (place, lists, workers) = (self.place.clone(), lists.to_vec(), state.workers.clone());
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
    pub(super) fn is_ready(&self) -> bool {
        self.is_ready.load(Ordering::Relaxed)
    }

    async fn cell(&self, key: Key) -> Arc<Held> {
        let mut held = self.held.lock().await;
        let found = held.iter().position(|(other, _)| *other == key);
        let entry = match found {
            Some(place) => held.remove(place),
            None => (key, Arc::default()),
        };
        let cell = Arc::clone(&entry.1);
        held.push(entry);
        if held.len() > HELD {
            held.remove(0);
        }
        cell
    }

    /// Lets go of indexes over issues that are in use no more.
    async fn let_go(&self, current: &[SeenList], today: Date) {
        let is_current = |(name, digest, version): &(String, Digest, ListVersion)| {
            current.iter().any(|listed| {
                let list = &listed.list;
                list.name.as_str() == name
                    && list.current.digest == *digest
                    && list.current.version == *version
            })
        };
        let mut held = self.held.lock().await;
        held.retain(|(key, _)| key.day == today && key.issues.iter().all(is_current));
    }
}

/// The lists that the asker may use for this.
///
/// A stranger who may use none is asked to sign in, and a token is told which scope it lacks; to
/// anybody else a list that is hidden and one that
/// is not there are the same.
pub(crate) fn usable(state: &State, asking: &Asking, deed: impl Into<Deed>) -> Answer<Usable> {
    let deed = deed.into();
    refuse_unscoped(state, &asking.0, deed, ThingKind::List)?;
    let listed = state.indexes.current();
    // Whether somebody may use lists at all doesn't depend on which there are.
    let open = Label::open();
    let mut labels: Vec<&Label> = vec![&open];
    for one in listed.iter() {
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
    let lists = lists.map(|one| one.list.clone());
    Ok(Usable::all(lists.collect()))
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
pub(super) async fn read_lists(state: &State) -> Answer<()> {
    // All of them: who may use which is judged for each who asks.
    let all = Visible::all();
    let new: Vec<SeenList> = state
        .store
        .with(move |store| store.view(&all, |view| view.seen_lists(&organisation())))
        .await??;
    let indexes = &state.indexes;
    if *indexes.current() != new {
        *indexes.lists.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(new);
    }
    Ok(())
}

/// Looks which lists there are, and has the index over the open ones ready where strangers may use it.
pub(super) async fn look(state: &State) -> Answer<()> {
    let looked = looked(state).await;
    state.indexes.is_ready.store(looked.is_ok(), Ordering::Relaxed);
    looked
}

async fn looked(state: &State) -> Answer<()> {
    read_lists(state).await?;
    let listed = state.indexes.current();
    let today = state.clock.now().to_zoned(TimeZone::UTC).date();
    state.indexes.let_go(&listed, today).await;
    let is_open = |one: &&SeenList| one.label == Label::open();
    let open: Vec<_> = listed.iter().filter(is_open).map(|one| one.list.clone()).collect();
    if state.open_matching && !open.is_empty() {
        state.indexes.over(state, &Usable::all(open)).await?;
    }
    Ok(())
}

/// Looks again and again, until the node stops.
pub(super) async fn keep(state: Arc<State>) {
    let mut stopping = state.stopping.subscribe();
    loop {
        // What failed is logged; the lists known before stay in use.
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
