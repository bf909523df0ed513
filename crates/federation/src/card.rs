//! What an organisation says of itself to those who are to enrol it.

use crate::{Fingerprint, Member, MemberKeys, MemberName};
use portcullis_types::{Body, OrganisationId};

/// Who an organisation is and its public keys: what it hands to whoever proposes it as a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// Its id.
    pub id: OrganisationId,
    /// What it is called.
    pub name: MemberName,
    /// What it is.
    pub body: Body,
    /// Its keys.
    pub keys: MemberKeys,
}

impl Card {
    /// What is read out, to be compared.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::new(&self.id, self.body, &self.keys)
    }
}

impl From<&Member> for Card {
    fn from(member: &Member) -> Self {
        Self {
            id: member.id.clone(),
            name: member.name.clone(),
            body: member.body,
            keys: member.keys.clone(),
        }
    }
}
