//! What is exchanged, over the store: each step one transaction.
//!
//! Nothing is believed because of where it came from. What is refused has a name, which
//! [`count_refusal`] keeps.

use super::failed::Failed;
use super::standing::Standing;
use crate::decisions::organisation;
use portcullis_exchange::{BelievedFrame, Frame, FrameSize, TakenAs};
use portcullis_federation::Moment;
use portcullis_store::{Brought, Database, Tidied, TransactionName};
use portcullis_types::{Clock, OrganisationId};

/// Whether a poll that was made counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Due {
    /// At its moment: where another process made the poll of this number, it is not made again.
    Once(u64),
    /// Because somebody wants it now.
    Now(u64),
}

pub(crate) fn now(clock: &dyn Clock) -> Result<Moment, Failed> {
    Moment::of(clock.now()).ok_or(Failed::Clock)
}

/// Makes the request of a poll; none where the poll was made already.
pub(crate) fn request_to(
    store: &mut Database,
    clock: &dyn Clock,
    standing: &Standing,
    peer: &OrganisationId,
    (size, due): (FrameSize, Due),
) -> Result<Option<Frame>, Failed> {
    let link = standing.link(peer);
    store.write(TransactionName("exchange.ask"), |w| {
        let tick = match due {
            Due::Now(tick) => tick,
            Due::Once(tick) => {
                if w.exchange_peer(link.organisation, peer)?.last_tick == Some(tick) {
                    return Ok(None);
                }
                tick
            }
        };
        Ok(Some(w.make_request(clock, link, size, tick)?))
    })
}

/// Believes a request. It neither reads nor writes: strangers are refused without the store.
pub(crate) fn believe_request(
    clock: &dyn Clock,
    standing: &Standing,
    bytes: &[u8],
    last: impl FnOnce(&OrganisationId) -> Option<Moment>,
) -> Result<BelievedFrame, Failed> {
    let frame = Frame::from_bytes(bytes)?;
    let taken_as = TakenAs::Request { last: last(frame.sender()) };
    Ok(frame.taken_as(now(clock)?, standing.list(), standing.own(), taken_as)?)
}

/// Takes a request, and makes its answer.
pub(crate) fn take_request(
    store: &mut Database,
    clock: &dyn Clock,
    standing: &Standing,
    request: &BelievedFrame,
) -> Result<(Brought, Vec<u8>), Failed> {
    let link = standing.link(request.frame().sender());
    let answer =
        store.write(TransactionName("exchange.answer"), |w| w.answer_request(clock, link, request));
    let (brought, answer) = answer?;
    Ok((brought, answer.to_bytes()))
}

/// Takes the answer to a request. Where it is refused, the poll failed.
pub(crate) fn take_answer(
    store: &mut Database,
    clock: &dyn Clock,
    standing: &Standing,
    (request, answer): (&Frame, &[u8]),
) -> Result<Brought, Failed> {
    let believed = Frame::from_bytes(answer).map_err(Failed::from).and_then(|frame| {
        let taken_as = TakenAs::AnswerTo(request);
        Ok(frame.taken_as(now(clock)?, standing.list(), standing.own(), taken_as)?)
    });
    let answer = match believed {
        Ok(answer) => answer,
        Err(failed) => {
            poll_failed(store, clock, standing, request)?;
            return Err(failed);
        }
    };
    let link = standing.link(request.recipient());
    let taken = store
        .write(TransactionName("exchange.take-answer"), |w| w.take_answer(clock, link, &answer));
    Ok(taken?)
}

/// Has what a request held go with the next one.
pub(crate) fn poll_failed(
    store: &mut Database,
    clock: &dyn Clock,
    standing: &Standing,
    request: &Frame,
) -> Result<(), Failed> {
    let link = standing.link(request.recipient());
    let put_back = store
        .write(TransactionName("exchange.poll-failed"), |w| w.poll_failed(clock, link, request));
    Ok(put_back?)
}

/// Makes a file for a member, to be carried.
pub(crate) fn export_file(
    store: &mut Database,
    clock: &dyn Clock,
    standing: &Standing,
    peer: &OrganisationId,
) -> Result<Frame, Failed> {
    let link = standing.link(peer);
    Ok(store.write(TransactionName("exchange.export"), |w| w.make_file(clock, link))?)
}

/// Takes a file that was carried here. Who sent it is what its signature says.
pub(crate) fn import_file(
    store: &mut Database,
    clock: &dyn Clock,
    standing: &Standing,
    bytes: &[u8],
) -> Result<(OrganisationId, Brought), Failed> {
    let frame = Frame::from_bytes(bytes)?;
    let file = frame.taken_as(now(clock)?, standing.list(), standing.own(), TakenAs::File)?;
    let peer = file.frame().sender();
    let link = standing.link(peer);
    let brought =
        store.write(TransactionName("exchange.import"), |w| w.take_file(clock, link, &file));
    Ok((peer.clone(), brought?))
}

/// Keeps that something was refused, where that is what failed.
pub(crate) fn count_refusal(
    store: &mut Database,
    clock: &dyn Clock,
    failed: &Failed,
) -> Result<(), Failed> {
    let Some(refusal) = failed.refusal() else { return Ok(()) };
    store.write(TransactionName("exchange.refused"), |w| {
        w.count_refusal(clock, &organisation(), refusal.sender, refusal.code)
    })?;
    Ok(())
}

/// Gives up what waited too long, and forgets what nobody can ask for any more.
pub(crate) fn tidy(store: &mut Database, clock: &dyn Clock) -> Result<Tidied, Failed> {
    Ok(store
        .write(TransactionName("exchange.tidy"), |w| w.tidy_exchange(clock, &organisation()))?)
}
