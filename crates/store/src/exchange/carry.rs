//! The rules of the exchange over the rows of the store, each as one transaction.

use super::{Brought, ExchangeError, Link, Tidied};
use crate::StoreError;
use crate::database::Open;
use crate::tables::exchange::inbox::InboxRows;
use crate::tables::exchange::outgoing::OutboxRows;
use crate::tables::exchange::{Drawn, Way, lives, moment, note, owed, peers, refused};
use crate::tables::{events, labels, records};
use jiff::ToSpan as _;
use portcullis_decide::Change;
use portcullis_decide::exchange::traffic::{QueuedMessage, Traffic};
use portcullis_exchange::incoming::tidy as tidy_inbox;
use portcullis_exchange::outgoing::{
    Outbox as _, Patience, begin_anew, enqueue, expire, fill, forget, release,
};
use portcullis_exchange::{
    BelievedFrame, ExchangeSigner, Frame, FrameKind, FrameSize, LONGEST_WAIT_S, MessageDigest,
    Received, Recipient, STALE_S, SealError, Sealer, Sender, receive,
};
use portcullis_federation::{ListSigner, Moment};
use portcullis_keys::SealingKey;
use portcullis_types::{Clock, OrganisationId};

/// Envelopes in a file, at most.
const MOST_IN_FILE: usize = 1_024;

/// How much longer than it could be sent again it is kept what a message said, in seconds: the own
/// clock may be set back.
const KEPT_LONGER_S: u64 = 86_400;

/// How long it is kept how much was refused, in days: as long as the events that tell of it.
const REFUSED_KEPT_DAYS: i64 = 90;

impl<'a> Link<'a> {
    fn way(self) -> Way<'a> {
        Way { organisation: self.organisation, peer: self.peer }
    }
}

/// Queues a message, under a record of its own.
pub(super) fn queue(open: &Open<'_>, change: &Change<QueuedMessage>) -> Result<(), StoreError> {
    let (queued, event) = (change.state(), change.event());
    let between = queued.between();
    let way = Way { organisation: &event.organisation, peer: between.recipient };
    if OutboxRows::new(open, way).record_of(&queued.message())?.is_some() {
        return Ok(());
    }
    let retention = change.retention(open.schedule());
    let record = records::open_new(open, &event.organisation, retention)?;
    labels::raise(open, event, record, change.label())?;
    events::append(open, event, record)?;
    enqueue(&mut OutboxRows::queueing(open, way, record), between, queued.post()).map(drop)
}

/// Seals to the other one at one moment.
struct Hand {
    signer: ExchangeSigner,
    now: Moment,
}

impl Hand {
    fn of(open: &Open<'_>, clock: &dyn Clock, link: Link<'_>) -> Result<Self, ExchangeError> {
        let now = moment(clock)?;
        let own = link.list.member(link.own);
        let key = own.and_then(|own| own.keys.signing_at(now)).ok_or(SealError::OwnKey)?;
        let mut seeds = open.keyring().signing_seeds();
        let seed = seeds.find(|(_, seed)| ListSigner::new(seed).public() == *key);
        let (_, seed) = seed.ok_or(SealError::OwnKey)?;
        Ok(Self { signer: ExchangeSigner::new(&seed), now })
    }

    fn sealer<'a>(
        &'a self,
        open: &Open<'_>,
        clock: &dyn Clock,
        link: Link<'a>,
    ) -> Result<Sealer<'a>, ExchangeError> {
        let incarnation = lives::current_or_first(open, clock, link.organisation)?;
        let sender = Sender { list: link.list, id: link.own, incarnation, signer: &self.signer };
        Ok(sender.to(self.now, link.peer)?)
    }
}

/// What goes now, and what was given up by the way.
fn filled(
    open: &Open<'_>,
    clock: &dyn Clock,
    link: Link<'_>,
    sealer: &Sealer<'_>,
    (most, patience): (usize, Patience),
) -> Result<(Vec<portcullis_exchange::Envelope>, Vec<MessageDigest>), StoreError> {
    let given_up = give_up(open, clock, link.way())?;
    let mut outbox = OutboxRows::new(open, link.way());
    let envelopes = fill(&mut Drawn(open), &mut outbox, sealer, most, patience)?;
    Ok((envelopes, given_up))
}

/// Gives up what waited too long.
fn give_up(
    open: &Open<'_>,
    clock: &dyn Clock,
    way: Way<'_>,
) -> Result<Vec<MessageDigest>, StoreError> {
    let mut outbox = OutboxRows::new(open, way);
    let given_up = expire(moment(clock)?, &mut outbox)?;
    for message in &given_up {
        let record = outbox.record_of(message)?;
        let traffic = Traffic::GivenUp { to: way.peer.clone(), message: *message };
        note(open, clock, way.organisation, record, traffic)?;
    }
    Ok(given_up)
}

pub(super) fn make_request(
    open: &Open<'_>,
    clock: &dyn Clock,
    link: Link<'_>,
    size: FrameSize,
    tick: u64,
) -> Result<Frame, ExchangeError> {
    let hand = Hand::of(open, clock, link)?;
    let sealer = hand.sealer(open, clock, link)?;
    let (envelopes, _) = filled(open, clock, link, &sealer, (size.count(), Patience::POLL))?;
    let told = owed::tell(open, link.way(), size.count())?;
    peers::polled(open, link.way(), tick)?;
    let rng = &mut Drawn(open);
    Ok(Frame::make(rng, &sealer, FrameKind::Request, size, envelopes, &told))
}

pub(super) fn answer_request(
    open: &Open<'_>,
    clock: &dyn Clock,
    link: Link<'_>,
    request: &BelievedFrame,
) -> Result<(Brought, Frame), ExchangeError> {
    is_of_peer(link, request)?;
    let made = request.frame().made();
    if peers::state(open, link.way())?.last_request.is_some_and(|last| made <= last) {
        return Err(ExchangeError::Replayed { peer: link.peer.clone() });
    }
    let hand = Hand::of(open, clock, link)?;
    let sealer = hand.sealer(open, clock, link)?;
    let received = taken(open, clock, link, request)?;
    peers::took_request(open, link.way(), made)?;
    let size = request.frame().size();
    let (envelopes, given_up) = filled(open, clock, link, &sealer, (size.count(), Patience::POLL))?;
    let kind = FrameKind::Answer { to: request.frame().digest() };
    let frame = Frame::make(&mut Drawn(open), &sealer, kind, size, envelopes, &received.taken);
    Ok((Brought { received, given_up }, frame))
}

pub(super) fn take_answer(
    open: &Open<'_>,
    clock: &dyn Clock,
    link: Link<'_>,
    answer: &BelievedFrame,
) -> Result<Brought, ExchangeError> {
    let received = taken(open, clock, link, answer)?;
    // It came, so the request did.
    owed::forget_told(open, link.way())?;
    owed::add(open, link.way(), moment(clock)?, &received.taken)?;
    Ok(Brought { received, given_up: Vec::new() })
}

pub(super) fn poll_failed(
    open: &Open<'_>,
    clock: &dyn Clock,
    link: Link<'_>,
    request: &Frame,
) -> Result<(), ExchangeError> {
    let now = moment(clock)?;
    let mut outbox = OutboxRows::new(open, link.way());
    for envelope in request.envelopes() {
        release(now, &mut outbox, &envelope.digest())?;
    }
    Ok(())
}

pub(super) fn make_file(
    open: &Open<'_>,
    clock: &dyn Clock,
    link: Link<'_>,
) -> Result<Frame, ExchangeError> {
    let hand = Hand::of(open, clock, link)?;
    let sealer = hand.sealer(open, clock, link)?;
    let (envelopes, _) = filled(open, clock, link, &sealer, (MOST_IN_FILE, Patience::FILE))?;
    let told = owed::tell(open, link.way(), MOST_IN_FILE)?;
    // Nobody answers a file; whoever loses it is sent the same again, and it is acknowledged again.
    owed::forget_told(open, link.way())?;
    let size = FrameSize::file(envelopes.len().max(told.len()));
    Ok(Frame::make(&mut Drawn(open), &sealer, FrameKind::File, size, envelopes, &told))
}

pub(super) fn take_file(
    open: &Open<'_>,
    clock: &dyn Clock,
    link: Link<'_>,
    file: &BelievedFrame,
) -> Result<Brought, ExchangeError> {
    let received = taken(open, clock, link, file)?;
    owed::add(open, link.way(), moment(clock)?, &received.taken)?;
    Ok(Brought { received, given_up: Vec::new() })
}

fn is_of_peer(link: Link<'_>, frame: &BelievedFrame) -> Result<(), ExchangeError> {
    let sender = frame.frame().sender();
    if sender == link.peer {
        return Ok(());
    }
    Err(ExchangeError::OtherSender { sender: sender.clone(), peer: link.peer.clone() })
}

/// Takes what a frame brings.
fn taken(
    open: &Open<'_>,
    clock: &dyn Clock,
    link: Link<'_>,
    frame: &BelievedFrame,
) -> Result<Received, ExchangeError> {
    is_of_peer(link, frame)?;
    let mut keys: Vec<SealingKey> = open.keyring().sealing_keys().map(|(_, key)| key).collect();
    keys.reverse();
    let recipient = Recipient { list: link.list, id: link.own, keys: &keys };
    let mut inbox = InboxRows::new(open, clock, link.way());
    let mut outbox = OutboxRows::new(open, link.way());
    let received = receive(moment(clock)?, &mut inbox, &mut outbox, &recipient, frame)?;
    for message in &received.arrived {
        let record = outbox.record_of(message)?;
        let traffic = Traffic::Acknowledged { to: link.peer.clone(), message: *message };
        note(open, clock, link.organisation, record, traffic)?;
    }
    for (_, reason) in &received.refused {
        refused::count(open, clock, link.organisation, (Some(link.peer), reason.code()))?;
    }
    Ok(received)
}

pub(super) fn tidy(
    open: &Open<'_>,
    clock: &dyn Clock,
    organisation: &OrganisationId,
) -> Result<Tidied, StoreError> {
    let now = moment(clock)?;
    let ago = |seconds| now.seconds().checked_sub(seconds).and_then(Moment::new);
    let mut tidied = Tidied::default();
    for peer in &peers::all(open, organisation)? {
        let way = Way { organisation, peer };
        let given_up = give_up(open, clock, way)?;
        tidied.given_up.extend(given_up.into_iter().map(|message| (peer.clone(), message)));
        let mut outbox = OutboxRows::new(open, way);
        let forgotten = forget(now, &mut outbox)?;
        tidied.forgotten = tidied.forgotten.saturating_add(forgotten.len() as u64);
        if let Some(queued) = ago(LONGEST_WAIT_S.saturating_add(KEPT_LONGER_S)) {
            // Kept so that no place is empty before one that is waited for; what it says is not.
            for kept in outbox.finished_before(queued)? {
                outbox.drop_content(&kept.message)?;
            }
        }
        tidy_inbox(now, &mut InboxRows::new(open, clock, way))?;
        if let Some(taken) = ago(STALE_S) {
            owed::forget_older(open, way, taken)?;
        }
    }
    let today = clock.now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let before = today.saturating_sub(REFUSED_KEPT_DAYS.days());
    refused::forget_before(open, organisation, before)?;
    Ok(tidied)
}

/// The store was restored from a backup, which is behind what others have seen: this node begins a
/// new life, and sends again all that it knows of. Nobody is asked for anything: they see the new life
/// in what it sends, and send again what it may have lost.
pub(crate) fn begin_new_life(open: &Open<'_>, clock: &dyn Clock) -> Result<(), StoreError> {
    let now = moment(clock)?;
    for organisation in &lives::of_whom(open)? {
        lives::begin(open, clock, organisation)?;
        for peer in &peers::all(open, organisation)? {
            begin_anew(now, &mut OutboxRows::new(open, Way { organisation, peer }))?;
        }
    }
    // Of messages that are not there any more.
    open.execute(
        "DELETE FROM exchange_attempt
         WHERE NOT EXISTS (SELECT 1 FROM exchange_outgoing o WHERE o.id = exchange_attempt.message)",
        &[],
    )?;
    Ok(())
}
