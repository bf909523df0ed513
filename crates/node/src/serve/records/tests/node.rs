//! A node in this process, and people who are taken for whom they say they are.

use crate::environment::Environment;
use crate::key_file::KeySource;
use crate::lists::Place;
use crate::serve::args::Args;
use crate::serve::asker::{Credential, Occasion, Recognise};
use crate::serve::indexes::{self, Indexes};
use crate::serve::pool::Pool;
use crate::serve::records::{Pace, Records};
use crate::serve::state::State;
use axum::Router;
use clap::Parser;
use jiff::{SignedDuration, Timestamp};
use portcullis_access::{Person, Policies, PolicyFile, SHIPPED, SignIn};
use portcullis_store::{Database, StoreError};
use portcullis_testkit::{MockClock, SeededRng};
use portcullis_types::{
    Audience, Body, Clock, Label, Level, OfficerId, OrganisationId, PersonId, Role,
};
use std::cell::Cell;
use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

/// The step on which answers leave; time stands still but for waiting.
pub(super) const STEP: Duration = Duration::from_millis(50);

/// How often followers hear something.
pub(super) const BEAT: Duration = Duration::from_secs(5);

/// Indexes held.
const INDEXES: NonZeroU32 = NonZeroU32::new(2).unwrap();

/// What the reader shows.
pub(super) const TOKEN: &str = "Bearer reader";

/// A node with a store of its own.
pub(super) struct Node {
    folder: TempDir,
    pub(super) state: Arc<State>,
    pub(super) app: Router,
    pub(super) clock: Arc<MockClock>,
}

thread_local! {
    /// The state of a node that is gone.
    static SPARE: Cell<Option<State>> = const { Cell::new(None) };
}

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    args: Args,
}

/// Takes everybody for the reader.
#[derive(Debug)]
struct Cast(Person);

impl Recognise for Cast {
    fn recognise(
        &self,
        _store: &mut Database,
        _now: Timestamp,
        _credential: &Credential,
        _occasion: Occasion,
    ) -> Result<Option<Person>, StoreError> {
        Ok(Some(self.0.clone()))
    }
}

/// The same, on a store that takes so long over each label.
#[derive(Debug)]
struct Slow(Person, Duration);

impl Recognise for Slow {
    #[expect(clippy::disallowed_methods, reason = "work in the store takes time of the real clock")]
    fn recognise(
        &self,
        store: &mut Database,
        _now: Timestamp,
        _credential: &Credential,
        _occasion: Occasion,
    ) -> Result<Option<Person>, StoreError> {
        for _ in store.labels(&own())?.iter() {
            std::thread::sleep(self.1);
        }
        Ok(Some(self.0.clone()))
    }
}

/// A folder in memory where there is one.
fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() }.unwrap()
}

fn environment(folder: &Path) -> Environment {
    Environment {
        data: folder.to_owned(),
        key: KeySource::File(folder.join("key")),
        server: None,
        schedule: None,
        clock: Box::new(MockClock::default()),
        rng: Box::new(SeededRng::new(3)),
    }
}

impl Node {
    /// What a command on its machine is handed.
    pub(super) fn environment(&self) -> Environment {
        environment(self.folder.path())
    }

    /// A node whose reader this is. The keyring of two nodes is the same.
    pub(super) fn new(reader: &Person) -> Self {
        Self::of(Arc::new(Cast(reader.clone())))
    }

    /// One whose operator has a policy beside those of the program.
    pub(super) fn under(reader: &Person, policy: &str) -> Self {
        let Self { folder, state, app, clock } = Self::new(reader);
        drop(app);
        let file = |(name, text): (&str, &str)| PolicyFile { name: name.into(), text: text.into() };
        let files = SHIPPED.iter().copied().chain([("9-own.cedar", policy)]).map(file);
        let policies = Policies::read(files).unwrap();
        let state = Arc::new(State { policies, ..Arc::try_unwrap(state).unwrap() });
        let app = crate::serve::app(&state);
        Self { folder, state, app, clock }
    }

    /// One whose store takes so long over each label, as one would that reads what it leaves out.
    pub(super) fn slow(reader: &Person, each: Duration) -> Self {
        Self::of(Arc::new(Slow(reader.clone(), each)))
    }

    fn of(recognise: Arc<dyn Recognise>) -> Self {
        let folder = folder();
        let clock = Arc::new(MockClock::default());
        let environment = environment(folder.path());
        let place = Place::new(&environment);
        let keyring = place.keyring().unwrap();
        let rng = Box::new(SeededRng::new(1));
        drop(Database::open_sqlite(&place.store_path(), keyring, rng).unwrap());
        let mut state = if let Some(state) = SPARE.take() {
            let store = Pool::open(place.clone()).unwrap();
            State { store, indexes: Indexes::new(place, INDEXES), ..state }
        } else {
            let line = Line::parse_from(["serve", "--rate", "0", "--max-indexes", "2"]);
            State::new(&line.args, &environment).unwrap()
        };
        state.clock = Arc::clone(&clock) as Arc<dyn Clock + Send + Sync>;
        state.recognise = recognise;
        state.records = Records::new(Pace::of(STEP), BEAT, Box::new(SeededRng::new(2)));
        let state = Arc::new(state);
        let app = crate::serve::app(&state);
        Self { folder, state, app, clock }
    }

    /// Leaves to the next node of this thread what takes long to make and differs in none: the policies.
    pub(super) fn leave(self) {
        drop(self.app);
        SPARE.set(Arc::try_unwrap(self.state).ok());
    }

    /// Sets the clock to so many seconds after everything began.
    pub(super) fn at(&self, seconds: i64) {
        let since = self.clock.now().as_second() - MockClock::default().now().as_second();
        self.clock.advance(SignedDuration::from_secs(seconds - since));
    }

    /// Does something with the store.
    pub(super) fn with<T>(&self, work: impl FnOnce(&mut Database) -> T) -> T {
        self.state.store.on_this_thread(work).unwrap()
    }

    /// Has the node look which lists there are.
    pub(super) async fn look_at_lists(&self) {
        // Lists of worlds have no files: there it fails, in each of them.
        let _ = indexes::look(&self.state).await;
    }
}

pub(super) fn own() -> OrganisationId {
    crate::decisions::organisation()
}

pub(super) fn other() -> OrganisationId {
    OrganisationId::new("another-party").unwrap()
}

pub(super) fn officer(name: &str) -> OfficerId {
    OfficerId::new(name).unwrap()
}

pub(super) fn person(name: &str) -> PersonId {
    PersonId { organisation: own(), officer: officer(name) }
}

/// Somebody who reads with these roles up to this level in these compartments.
pub(super) fn reader(roles: &[Role], level: u8, compartments: &[&str]) -> Person {
    Person {
        id: person("r.reader"),
        body: Body::Party,
        roles: roles.iter().copied().collect(),
        clearance: Level(level),
        compartments: compartments.iter().map(|word| (*word).into()).collect(),
        party: None,
        from: None,
        until: None,
        sign_in: SignIn::Session { signed_in_at: MockClock::default().now(), confirmed_at: None },
    }
}

/// Whether a label lets somebody read, worked out apart from the policies.
pub(super) fn lets(label: &Label, reader: &Person) -> bool {
    label.level <= reader.clearance
        && label.compartments.is_subset(&reader.compartments)
        && label.organisations.admits(&reader.id.organisation)
        && label.people.admits(&reader.id)
        && label.parties.iter().all(|whose| {
            reader.party.as_ref().is_none_or(|party| party == whose)
                && (reader.body != Body::Party || *whose == reader.id.organisation)
        })
}

/// A label of these parts.
pub(super) fn label(level: u8, compartments: &[&str]) -> Label {
    Label {
        level: Level(level),
        compartments: compartments.iter().map(|word| (*word).into()).collect(),
        ..Label::open()
    }
}

/// A label for named people alone.
pub(super) fn for_people(people: &[PersonId]) -> Label {
    let people: BTreeSet<PersonId> = people.iter().cloned().collect();
    Label { people: Audience::Only(people), ..Label::open() }
}
