//! Tells the rest of the server who shows a session or a token.

use super::super::asker::{Credential, Occasion, Recognise};
use super::digest_of;
use super::sessions::{holding, standing};
use crate::decisions::organisation;
use jiff::Timestamp;
use portcullis_access::{Person as Asking, Scope as AccessScope, SignIn};
use portcullis_decide::Digest;
use portcullis_decide::people::{Person, Scope};
use portcullis_keys::CodeKind;
use portcullis_store::{Database, StoreError};
use portcullis_types::{Body, EventTime};
use std::collections::BTreeSet;

/// Tells people by their sessions and tokens in the store.
#[derive(Debug)]
pub(in crate::serve) struct Sessions;

fn asking(body: Body, person: &Person, at: EventTime, sign_in: SignIn) -> Asking {
    let grants = &person.grants;
    Asking {
        id: person.person.clone(),
        body,
        roles: person.roles(at),
        clearance: grants.clearance,
        compartments: grants.compartments.clone(),
        party: grants.party.clone(),
        from: Some(grants.term.from.timestamp()),
        until: grants.term.until.map(EventTime::timestamp),
        sign_in,
    }
}

/// What the organisation is; before it has said so it is taken for a party, of which least is said.
fn body(store: &mut Database) -> Result<Body, StoreError> {
    let own = store.read(|reader| reader.own_organisation(&organisation()))?;
    Ok(own.map_or(Body::Party, |own| own.body))
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
                let body = body(store)?;
                Ok(found.map(|(person, session)| {
                    let sign_in = SignIn::Session {
                        signed_in_at: session.began_at.timestamp(),
                        confirmed_at: session.confirmed_at.map(EventTime::timestamp),
                    };
                    asking(body, &person, at, sign_in)
                }))
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
                Ok(Some(asking(body(store)?, &person, at, sign_in)))
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
