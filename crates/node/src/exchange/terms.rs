//! How a node exchanges: as its operator set it, and never as follows from what is said.

use super::call::{AddressError, NodeAddress};
use portcullis_exchange::{FrameSize, Pace};
use portcullis_federation::Member;
use portcullis_types::OrganisationId;
use std::collections::BTreeMap;
use std::num::NonZeroU32;

/// How this node exchanges.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct TermsArgs {
    /// Seconds from one poll of another node to the next
    ///
    /// Give the same to every process that shares the store.
    #[arg(
        long,
        value_name = "SECONDS",
        default_value = "300",
        env = "PORTCULLIS_EXCHANGE_EVERY",
        hide_env_values = true,
        help_heading = EXCHANGE
    )]
    exchange_every: NonZeroU32,

    /// Envelopes of each poll, each way, from 1 to 64
    ///
    /// All polls have as many, whatever waits: whoever watches sees this number and no other.
    #[arg(
        long,
        value_name = "NUMBER",
        default_value = "4",
        value_parser = size,
        env = "PORTCULLIS_EXCHANGE_ENVELOPES",
        hide_env_values = true,
        help_heading = EXCHANGE
    )]
    exchange_envelopes: FrameSize,

    /// Reach a member elsewhere than the member list says, as through a tunnel
    #[arg(long, value_name = "ID=ADDRESS", value_parser = at, help_heading = EXCHANGE)]
    exchange_at: Vec<(OrganisationId, NodeAddress)>,
}

const EXCHANGE: &str = "Exchange with other nodes";

fn size(text: &str) -> Result<FrameSize, &'static str> {
    let count = text.parse().ok().and_then(FrameSize::poll);
    count.ok_or("a poll has 1 to 64 envelopes")
}

fn at(text: &str) -> Result<(OrganisationId, NodeAddress), String> {
    let (id, address) = text.split_once('=').ok_or("give it as `ID=ADDRESS`")?;
    let id = OrganisationId::new(id).map_err(|error| error.to_string())?;
    let address = NodeAddress::new(address).map_err(|error| error.to_string())?;
    Ok((id, address))
}

/// The same, to be used.
#[derive(Debug, Clone)]
pub(crate) struct Terms {
    /// How many envelopes each poll has.
    pub(crate) size: FrameSize,
    /// How many seconds are from one poll to the next.
    pub(crate) every: NonZeroU32,
    at: BTreeMap<OrganisationId, NodeAddress>,
}

impl From<&TermsArgs> for Terms {
    fn from(args: &TermsArgs) -> Self {
        let at = args.exchange_at.iter().cloned().collect();
        Self { size: args.exchange_envelopes, every: args.exchange_every, at }
    }
}

impl Terms {
    /// When one organisation polls another.
    pub(crate) fn pace(&self, own: &OrganisationId, peer: &OrganisationId) -> Pace {
        Pace::between(own, peer, self.every)
    }

    /// Where a member is reached; none where it is not reached, but polls.
    pub(crate) fn address(&self, member: &Member) -> Result<Option<NodeAddress>, AddressError> {
        match self.at.get(&member.id) {
            Some(address) => Ok(Some(address.clone())),
            None => member.endpoint.as_ref().map(NodeAddress::of).transpose(),
        }
    }
}
