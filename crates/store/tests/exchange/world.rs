//! Nodes that exchange: each with a store of its own, on one kind of store, and the keys in it.

use jiff::SignedDuration;
use portcullis_decide::exchange::traffic::{NewMessage, queue_message};
use portcullis_exchange::outgoing::Urgency;
use portcullis_exchange::{
    BelievedFrame, Conversation, Frame, FrameSize, MessageDigest, Payload, TakenAs,
};
use portcullis_federation::{Dated, Member, MemberKeys, MemberList, Moment};
use portcullis_keys::Unlock;
use portcullis_store::{
    Arrival, Brought, Database, ExchangeError, KeyringPlace, Link, RestoreOrder, Restoring,
    StoreError, TransactionName,
};
use portcullis_testkit::postgres::PostgresServer;
use portcullis_testkit::{MockClock, SeededRng};
use portcullis_types::{Actor, Body, Clock, Level, OfficerId, OrganisationId, Purpose};
use std::io::Cursor;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use tempfile::TempDir;
use zeroize::Zeroizing;

pub(crate) const TEST: TransactionName = TransactionName("tests");

/// How many envelopes a poll carries each way, here.
pub(crate) fn size() -> FrameSize {
    FrameSize::poll(2).unwrap()
}

/// What a node's store is built on.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

/// Runs each case on each kind of store.
#[macro_export]
macro_rules! on_both {
    ($($case:ident,)*) => {
        mod sqlite {
            $(#[test] fn $case() { super::$case(&mut $crate::world::World::new($crate::world::Kind::Sqlite).unwrap()); })*
        }

        mod postgres {
            $(#[test] fn $case() {
                if let Some(mut world) = $crate::world::World::new($crate::world::Kind::Postgres) {
                    super::$case(&mut world);
                }
            })*
        }
    };
}

/// Randomness that differs each time.
pub(crate) fn randomness() -> SeededRng {
    static SEED: AtomicU64 = AtomicU64::new(1);
    let process = u64::from(std::process::id()) << 48;
    SeededRng::new(process ^ (SEED.fetch_add(1, Ordering::Relaxed) << 32))
}

pub(crate) fn officer() -> Actor {
    Actor::Officer(OfficerId::new("o.testwick").unwrap())
}

/// An organisation's node.
pub(crate) struct Node {
    kind: Kind,
    folder: TempDir,
    stores: usize,
    address: String,
    /// What the node calls its organisation, which is not what the federation does.
    pub(crate) organisation: OrganisationId,
    pub(crate) id: OrganisationId,
    store: Option<Database>,
}

impl Node {
    fn new(kind: Kind, name: &str) -> Option<Self> {
        let mut node = Self {
            kind,
            folder: tempfile::tempdir().unwrap(),
            stores: 0,
            address: String::new(),
            organisation: OrganisationId::new(&format!("{name}.node")).unwrap(),
            id: OrganisationId::new(name).unwrap(),
            store: None,
        };
        node.move_on()?;
        node.store = Some(node.open());
        Some(node)
    }

    /// To a new and empty place.
    fn move_on(&mut self) -> Option<()> {
        self.stores += 1;
        if let Kind::Postgres = self.kind {
            self.address = PostgresServer::shared()?.database();
        }
        Some(())
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join(format!("store-{}.db", self.stores))
    }

    fn keyring(&self) -> KeyringPlace {
        let unlock = Unlock::KeyFile(Zeroizing::new([7; 32]));
        KeyringPlace::new(self.folder.path().join("keyring"), unlock)
    }

    fn open(&self) -> Database {
        let (keyring, rng) = (self.keyring(), Box::new(randomness()));
        match self.kind {
            Kind::Sqlite => Database::open_sqlite(&self.file(), keyring, rng).unwrap(),
            Kind::Postgres => Database::open_postgres(&self.address, keyring, rng).unwrap(),
        }
    }

    pub(crate) fn store(&mut self) -> &mut Database {
        self.store.as_mut().unwrap()
    }

    /// As after the process stopped and was started again.
    pub(crate) fn start_again(&mut self) {
        self.store = None;
        self.store = Some(self.open());
    }

    pub(crate) fn back_up(&mut self, clock: &MockClock) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.store().back_up(&mut bytes, clock.now(), &mut |_| {}).unwrap();
        bytes
    }

    pub(crate) fn restore(&mut self, clock: &MockClock, backup: &[u8]) {
        self.store = None;
        self.move_on().unwrap();
        let order = RestoreOrder {
            organisation: &self.organisation,
            actor: officer(),
            shredded: None,
            witnessed: None,
        };
        let mut progress = |_| {};
        let restoring = Restoring::new(clock, Box::new(randomness()), &order, &mut progress);
        let mut backup = Cursor::new(backup);
        match self.kind {
            Kind::Sqlite => restoring.into_sqlite(&self.file(), self.keyring(), &mut backup),
            Kind::Postgres => restoring.into_postgres(&self.address, self.keyring(), &mut backup),
        }
        .unwrap();
        self.store = Some(self.open());
    }

    pub(crate) fn arrivals(&mut self) -> Vec<Arrival> {
        let organisation = self.organisation.clone();
        let read = self.store().read(|r| r.arrivals(&organisation, 0, 100_000));
        read.map_err(|error: StoreError| error).unwrap()
    }

    /// What the messages say that are to be handled.
    pub(crate) fn said(&mut self) -> Vec<Vec<u8>> {
        self.arrivals().into_iter().map(|arrival| arrival.content.to_vec()).collect()
    }

    pub(crate) fn events(&mut self) -> Vec<String> {
        let organisation = self.organisation.clone();
        let events = self.store().read(|r| r.events(&organisation));
        let events = events.map_err(|error: StoreError| error).unwrap();
        events.iter().map(|event| event.kind.as_str().to_owned()).collect()
    }
}

/// Two organisations, whose nodes are 0 and 1, and what they know of each other.
pub(crate) struct World {
    pub(crate) clock: MockClock,
    pub(crate) list: MemberList,
    pub(crate) nodes: [Node; 2],
    ticks: u64,
}

impl World {
    pub(crate) fn new(kind: Kind) -> Option<Self> {
        let clock = MockClock::default();
        let mut nodes = [Node::new(kind, "party-a")?, Node::new(kind, "service-x")?];
        let from = Moment::of(clock.now()).unwrap();
        let members = nodes.iter_mut().map(|node| member(node, from)).collect();
        let federation = "federation.example".parse().unwrap();
        let list = MemberList { federation, version: 1, previous: None, issued: from, members };
        Some(Self { clock, list, nodes, ticks: 0 })
    }

    pub(crate) fn wait(&self, seconds: i64) {
        self.clock.advance(SignedDuration::from_secs(seconds));
    }

    pub(crate) fn now(&self) -> Moment {
        Moment::of(self.clock.now()).unwrap()
    }

    /// Queues what one says to the other.
    pub(crate) fn say(&mut self, from: usize, conversation: u8, text: &[u8]) -> MessageDigest {
        self.say_as(from, conversation, text, (Urgency::Routine, None))
    }

    pub(crate) fn say_as(
        &mut self,
        from: usize,
        conversation: u8,
        text: &[u8],
        (urgency, expires): (Urgency, Option<Moment>),
    ) -> MessageDigest {
        let [sender, recipient] = [from, 1 - from].map(|node| self.nodes[node].id.clone());
        let new = NewMessage {
            from: sender,
            to: recipient,
            conversation: Conversation::from_bytes([conversation; 16]),
            content: Payload::new(text.to_vec()),
            urgency,
            expires,
        };
        let node = &mut self.nodes[from];
        let by = (officer(), Purpose::Oversight);
        let rng = &mut randomness();
        let change = queue_message(&self.clock, rng, &node.organisation, by, new).unwrap();
        node.store().write::<_, StoreError>(TEST, |w| w.queue_message(&change)).unwrap();
        change.state().message()
    }

    /// Does something at a node, which has a link to the other one.
    pub(crate) fn at<T>(
        &mut self,
        node: usize,
        mut work: impl FnMut(
            &mut dyn portcullis_store::Writer,
            &MockClock,
            Link<'_>,
        ) -> Result<T, ExchangeError>,
    ) -> Result<T, ExchangeError> {
        let peer = self.nodes[1 - node].id.clone();
        let (clock, list) = (&self.clock, &self.list);
        let own = &mut self.nodes[node];
        let (organisation, id) = (own.organisation.clone(), own.id.clone());
        let link = Link { organisation: &organisation, own: &id, peer: &peer, list };
        own.store().write(TEST, |w| work(w, clock, link))
    }

    pub(crate) fn ask(&mut self, asker: usize) -> Frame {
        self.ticks += 1;
        let tick = self.ticks;
        self.at(asker, |w, clock, link| w.make_request(clock, link, size(), tick)).unwrap()
    }

    /// What is brought, once it is known to be by whom it says.
    pub(crate) fn believe(
        &mut self,
        by: usize,
        frame: &Frame,
        taken_as: TakenAs<'_>,
    ) -> BelievedFrame {
        let own = self.nodes[by].id.clone();
        frame.clone().taken_as(self.now(), &self.list, &own, taken_as).unwrap()
    }

    pub(crate) fn answer(&mut self, holder: usize, request: &Frame) -> (Brought, Frame) {
        let [own, peer] = [holder, 1 - holder].map(|node| self.nodes[node].id.clone());
        let _ = own;
        let organisation = self.nodes[holder].organisation.clone();
        let state = self.nodes[holder].store().read(|r| r.exchange_peer(&organisation, &peer));
        let last = state.map_err(|error: StoreError| error).unwrap().last_request;
        let request = self.believe(holder, request, TakenAs::Request { last });
        self.at(holder, |w, clock, link| w.answer_request(clock, link, &request)).unwrap()
    }

    pub(crate) fn take_answer(&mut self, asker: usize, request: &Frame, answer: &Frame) -> Brought {
        let answer = self.believe(asker, answer, TakenAs::AnswerTo(request));
        self.at(asker, |w, clock, link| w.take_answer(clock, link, &answer)).unwrap()
    }

    /// One poll, in a moment of its own.
    pub(crate) fn poll(&mut self, asker: usize) -> [Brought; 2] {
        self.wait(1);
        let request = self.ask(asker);
        let (of_request, answer) = self.answer(1 - asker, &request);
        let of_answer = self.take_answer(asker, &request, &answer);
        [of_request, of_answer]
    }
}

fn member(node: &mut Node, from: Moment) -> Member {
    node.store().make_own_keys(from).unwrap();
    let keys = node.store().own_public_keys();
    let dated = |(from, key): (Moment, _)| Dated::from(key, from);
    Member {
        id: node.id.clone(),
        name: "Of tests".parse().unwrap(),
        body: if node.id.as_str().starts_with("service") { Body::Service } else { Body::Party },
        ceiling: Level(1),
        from,
        until: None,
        revoked: None,
        endpoint: None,
        keys: MemberKeys {
            signing: keys.signing.into_iter().map(|(from, key)| Dated::from(key, from)).collect(),
            sealing: keys.sealing.into_iter().map(dated).collect(),
            log: Vec::new(),
            cosigning: Vec::new(),
        },
    }
}
