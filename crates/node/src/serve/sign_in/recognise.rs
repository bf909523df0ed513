//! Tells the rest of the server who shows a session or a token.

use super::super::asker::{Credential, Occasion, Recognise};
use super::digest_of;
use super::sessions::{holding, standing};
use crate::decisions::organisation;
use jiff::Timestamp;
use portcullis_access::{Person as Asking, Scope as AccessScope, SignIn};
use portcullis_decide::Digest;
use portcullis_decide::members::OwnOrganisation;
use portcullis_decide::people::{Person, Scope, Session};
use portcullis_keys::CodeKind;
use portcullis_store::{Database, StoreError};
use portcullis_types::{Body, EventTime, OrganisationId};
use std::collections::BTreeSet;

/// Tells people by their sessions and tokens in the store.
#[derive(Debug)]
pub(in crate::serve) struct Sessions;

/// Somebody as the policies know him. The party in which he holds office bears the name that it has in
/// the federation, save this one, which has another here.
fn asking(
    own: Option<&OwnOrganisation>,
    person: &Person,
    at: EventTime,
    sign_in: SignIn,
) -> Asking {
    let grants = &person.grants;
    let here = |party: &OrganisationId| match own {
        Some(own) if own.id == *party => organisation(),
        _ => party.clone(),
    };
    Asking {
        id: person.person.clone(),
        // Before the organisation has said what it is, it is taken for a party, of which least is said.
        body: own.map_or(Body::Party, |own| own.body),
        roles: person.roles(at),
        clearance: grants.clearance,
        compartments: grants.compartments.clone(),
        party: grants.party.as_ref().map(here),
        from: Some(grants.term.from.timestamp()),
        until: grants.term.until.map(EventTime::timestamp),
        sign_in,
    }
}

/// What the organisation has said that it is.
fn said(store: &mut Database) -> Result<Option<OwnOrganisation>, StoreError> {
    store.read(|reader| reader.own_organisation(&organisation()))
}

/// Somebody who is signed in, as the policies know him.
pub(in crate::serve) fn as_asker(
    store: &mut Database,
    at: EventTime,
    person: &Person,
    session: &Session,
) -> Result<Asking, StoreError> {
    let sign_in = SignIn::Session {
        signed_in_at: session.began_at.timestamp(),
        confirmed_at: session.confirmed_at.map(EventTime::timestamp),
    };
    Ok(asking(said(store)?.as_ref(), person, at, sign_in))
}

impl Recognise for Sessions {
    fn recognise(
        &self,
        store: &mut Database,
        now: Timestamp,
        credential: &Credential,
        occasion: Occasion,
    ) -> Result<Option<Asking>, StoreError> {
        let Ok(at) = EventTime::rounded_down(now) else { return Ok(None) };
        match credential {
            Credential::Session(token) => {
                let digest = Digest::from_bytes(*token.digest().as_bytes());
                let found = match occasion {
                    Occasion::Request => holding(store, at, &digest)?,
                    Occasion::Following => standing(store, at, &digest)?,
                };
                found.map(|(person, session)| as_asker(store, at, &person, &session)).transpose()
            }
            Credential::Token(text) => {
                let own = organisation();
                let Some(digest) = digest_of(CodeKind::Token, text) else { return Ok(None) };
                let found = store.read(|reader| {
                    let Some(token) = reader.api_token(&own, &digest)? else { return Ok(None) };
                    let person = reader.person(&own, &token.person.officer)?;
                    Ok::<_, StoreError>(person.map(|person| (person, token)))
                })?;
                let Some((person, token)) = found else { return Ok(None) };
                let scopes = token.scopes(at, &person);
                if scopes.is_empty() {
                    return Ok(None);
                }
                let scopes = scopes.into_iter().map(translated).collect::<BTreeSet<_>>();
                let sign_in = SignIn::Token { scopes, until: token.until.timestamp() };
                Ok(Some(asking(said(store)?.as_ref(), &person, at, sign_in)))
            }
        }
    }
}

/// What the policies call a scope.
fn translated(scope: Scope) -> AccessScope {
    match scope {
        Scope::Match => AccessScope::Match,
        Scope::Screen => AccessScope::Screen,
        Scope::ListsRead => AccessScope::ListsRead,
        Scope::DecisionsRead => AccessScope::DecisionsRead,
        Scope::HistoryRead => AccessScope::HistoryRead,
    }
}
