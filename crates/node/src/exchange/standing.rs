//! Who this node is in the federation, and with whom it exchanges.

use super::failed::Failed;
use crate::decisions::organisation;
use crate::serve::pool::Pool;
use portcullis_federation::{Member, MemberList, Moment};
use portcullis_store::{Link, Reader};
use portcullis_types::OrganisationId;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// How long what was read of the member list counts: somebody who is revoked is heard for so long
/// after the list that says so was taken here.
const FRESH: Duration = Duration::from_secs(5);

/// Who this node is in the federation, and the member list in force.
#[derive(Debug)]
pub(crate) struct Standing {
    node: OrganisationId,
    own: OrganisationId,
    list: MemberList,
}

impl Standing {
    /// Reads it. Every signature of the list's history is checked again.
    pub(crate) fn read(reader: &dyn Reader) -> Result<Self, Failed> {
        let node = organisation();
        let own = reader.own_organisation(&node)?.ok_or(Failed::NotMade)?.id;
        let history = reader.member_history(&node)?.ok_or(Failed::NotJoined)?;
        Ok(Self { node, own, list: history.current().list().clone() })
    }

    /// What this organisation is called in the member list.
    pub(crate) fn own(&self) -> &OrganisationId {
        &self.own
    }

    /// The member list in force.
    pub(crate) fn list(&self) -> &MemberList {
        &self.list
    }

    /// The members that something can be exchanged with at this moment.
    pub(crate) fn peers(&self, now: Moment) -> impl Iterator<Item = &Member> {
        self.list.members.iter().filter(move |m| m.id != self.own && m.takes_part(now))
    }

    /// This node and another, as the store wants it.
    pub(crate) fn link<'a>(&'a self, peer: &'a OrganisationId) -> Link<'a> {
        Link { organisation: &self.node, own: &self.own, peer, list: &self.list }
    }
}

/// The standing, read again when it is no more fresh: checking it takes too long for each of those
/// who ask.
#[derive(Debug, Default)]
pub(crate) struct Standings(Mutex<Option<(Instant, Arc<Standing>)>>);

impl Standings {
    /// The standing of today.
    pub(crate) async fn current(&self, pool: &Pool) -> Result<Arc<Standing>, Failed> {
        let mut kept = self.0.lock().await;
        if let Some((read, standing)) = kept.as_ref()
            && read.elapsed() < FRESH
        {
            return Ok(Arc::clone(standing));
        }
        let read = Instant::now();
        let standing = pool.with(|store| store.read(Standing::read)).await;
        let standing = Arc::new(standing.map_err(|_| Failed::NoStore)??);
        *kept = Some((read, Arc::clone(&standing)));
        Ok(standing)
    }
}
