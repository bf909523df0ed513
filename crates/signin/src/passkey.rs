//! Passkeys: enrolling one, signing in with one, confirming with one.
//!
//! The ceremonies are WebAuthn Level 3, checked by `webauthn-rs`. What we add: the authenticator must
//! have verified its user each time (a PIN, a finger); who signs in need not say who he is, so that no
//! account can be asked after; and a passkey's secret output (the PRF extension) opens personal keys.

use crate::site::Site;
use crate::token::Token;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::time::Duration;
use webauthn_rs::prelude::{
    AuthenticationResult, CredentialID, DiscoverableAuthentication, DiscoverableKey, Passkey,
    PasskeyAuthentication, PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential,
    Uuid, Webauthn, WebauthnBuilder, WebauthnError,
};
use zeroize::Zeroizing;

/// How long somebody has to answer with his passkey, in seconds: what WebAuthn Level 3, section
/// 15.1, recommends where the user must be verified.
pub const CEREMONY_SECONDS: u32 = 300;

/// Longest answer of a browser that is read, in bytes.
const LONGEST_ANSWER_BYTES: usize = 64 * 1024;

/// Runs ceremonies for one site. It keeps nothing between the halves: the caller does, on the server.
pub struct Passkeys {
    webauthn: Webauthn,
    prf_input: String,
}

impl fmt::Debug for Passkeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passkeys")
    }
}

/// Why no ceremony can be run.
#[derive(Debug, thiserror::Error)]
#[error("passkeys cannot be used under this address")]
pub struct PasskeysError {
    source: WebauthnError,
}

/// Why an answer is not taken. It says no more than that to whoever sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// It cannot be read.
    #[error("the browser's answer cannot be read; try again")]
    Unreadable,
    /// It was checked and found wanting: another site, another challenge, a wrong signature, no
    /// verified user, an unknown passkey.
    #[error("the passkey was not accepted; try again")]
    Refused,
    /// The passkey's counter went back: there may be a copy of it.
    #[error(
        "this passkey may have been copied and is not accepted; ask an administrator to remove it"
    )]
    Copied,
}

/// An enrolment that has begun. To be kept on the server.
#[derive(Debug)]
pub struct Enrolling(PasskeyRegistration);

/// A sign-in that has begun, of nobody in particular. To be kept on the server.
#[derive(Debug)]
pub struct SigningIn(DiscoverableAuthentication);

/// A confirmation by somebody who is signed in. To be kept on the server.
#[derive(Debug)]
pub struct Confirming(PasskeyAuthentication);

/// A passkey as it is kept: its public key, its counter. Whoever reads it can sign in with nothing
/// of it; whoever can change it can sign in as its owner.
#[derive(Clone)]
pub struct StoredPasskey(Passkey);

impl fmt::Debug for StoredPasskey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoredPasskey(…)")
    }
}

impl StoredPasskey {
    /// The bytes to be kept.
    ///
    /// # Errors
    ///
    /// [`AnswerError::Unreadable`] when the passkey has no form that can be kept.
    pub fn to_bytes(&self) -> Result<Vec<u8>, AnswerError> {
        serde_json::to_vec(&self.0).map_err(|_| AnswerError::Unreadable)
    }

    /// A passkey that was kept.
    ///
    /// # Errors
    ///
    /// [`AnswerError::Unreadable`] when the bytes are not one.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, AnswerError> {
        serde_json::from_slice(bytes).map(Self).map_err(|_| AnswerError::Unreadable)
    }

    /// The id by which its authenticator knows it.
    pub fn id(&self) -> &[u8] {
        self.0.cred_id()
    }
}

/// The number by which an authenticator knows a person: random, one for each person, never shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserHandle([u8; 16]);

impl UserHandle {
    /// A handle that was drawn or kept.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// Proof that somebody held a passkey and was verified by it, just now. Only a ceremony makes one.
#[derive(Debug)]
pub struct Proof {
    passkey: StoredPasskey,
    changed: bool,
}

impl Proof {
    /// The passkey, with the counter it has now.
    pub fn passkey(&self) -> &StoredPasskey {
        &self.passkey
    }

    /// The passkey as it must be kept from now on, where that differs from what was kept.
    pub fn to_keep(&self) -> Option<&StoredPasskey> {
        self.changed.then_some(&self.passkey)
    }
}

/// What a browser answers to a sign-in or a confirmation. Nothing in it is proved yet.
#[derive(Debug)]
pub struct Answer(PublicKeyCredential);

impl Answer {
    /// Reads the answer of a browser: the JSON of a `PublicKeyCredential` (WebAuthn Level 3, section
    /// 5.1.6).
    ///
    /// # Errors
    ///
    /// [`AnswerError::Unreadable`] when it is not one.
    pub fn read(json: &[u8]) -> Result<Self, AnswerError> {
        within_bounds(json)?;
        serde_json::from_slice(json).map(Self).map_err(|_| AnswerError::Unreadable)
    }

    /// Which passkey it claims to be from.
    pub fn id(&self) -> &[u8] {
        self.0.get_credential_id()
    }

    /// Whom it claims to be from; none where the authenticator does not say.
    pub fn handle(&self) -> Option<UserHandle> {
        let bytes = self.0.get_user_unique_id()?;
        bytes.try_into().ok().map(UserHandle)
    }
}

impl Passkeys {
    /// Ceremonies for this site. `name` is what authenticators show for it.
    ///
    /// # Errors
    ///
    /// [`PasskeysError`] when the site cannot have passkeys.
    pub fn of(site: &Site, name: &str) -> Result<Self, PasskeysError> {
        let webauthn = WebauthnBuilder::new(site.host(), site.url())
            .and_then(|builder| {
                builder
                    .rp_name(name)
                    .timeout(Duration::from_secs(u64::from(CEREMONY_SECONDS)))
                    .build()
            })
            .map_err(|source| PasskeysError { source })?;
        let mut hash = Sha256::new();
        hash.update(b"portcullis personal keys v1\0");
        hash.update(site.host().as_bytes());
        Ok(Self { webauthn, prf_input: base64_url(&hash.finalize()) })
    }

    /// Begins to enrol a passkey. `account` is what the authenticator shows when there are several;
    /// `existing` are the person's passkeys, whose authenticators then refuse to make another.
    ///
    /// Gives what the page hands to `navigator.credentials.create`, as JSON, and what to keep.
    ///
    /// # Errors
    ///
    /// [`AnswerError::Refused`] when there is nothing to show for the account.
    pub fn begin_enrolment(
        &self,
        handle: UserHandle,
        account: &str,
        existing: &[StoredPasskey],
    ) -> Result<(Value, Enrolling), AnswerError> {
        let existing: Vec<CredentialID> =
            existing.iter().map(|passkey| passkey.0.cred_id().clone()).collect();
        let (options, begun) = self
            .webauthn
            .start_passkey_registration(
                Uuid::from_bytes(handle.0),
                account,
                account,
                Some(existing),
            )
            .map_err(|_| AnswerError::Refused)?;
        let mut options = to_json(&options)?;
        // Found by the authenticator itself, so that nobody has to say who he is before he is known.
        set(&mut options, "/publicKey/authenticatorSelection", "residentKey", json!("required"));
        set(&mut options, "/publicKey/authenticatorSelection", "requireResidentKey", json!(true));
        set(&mut options, "/publicKey/extensions", "prf", self.prf());
        Ok((options, Enrolling(begun)))
    }

    /// Finishes an enrolment with the browser's answer.
    ///
    /// # Errors
    ///
    /// [`AnswerError`] when the answer is not taken. The caller must refuse a passkey whose id
    /// somebody has already.
    pub fn finish_enrolment(
        &self,
        begun: &Enrolling,
        answer: &[u8],
    ) -> Result<StoredPasskey, AnswerError> {
        within_bounds(answer)?;
        let answer: RegisterPublicKeyCredential =
            serde_json::from_slice(answer).map_err(|_| AnswerError::Unreadable)?;
        let made = self.webauthn.finish_passkey_registration(&answer, &begun.0);
        made.map(StoredPasskey).map_err(|error| refused(&error))
    }

    /// Begins a sign-in of whoever is there: he picks the passkey, and the answer says who he is.
    ///
    /// # Errors
    ///
    /// [`AnswerError::Refused`] when there is no challenge.
    pub fn begin_sign_in(&self) -> Result<(Value, SigningIn), AnswerError> {
        let (mut options, begun) =
            self.webauthn.start_discoverable_authentication().map_err(|_| AnswerError::Refused)?;
        // With a button to press, not in the browser's list of passwords.
        options.mediation = None;
        let mut options = to_json(&options)?;
        self.ask_for_prf(&mut options);
        Ok((options, SigningIn(begun)))
    }

    /// Finishes a sign-in. `kept` is the passkey that was kept under the answer's id, and `owner` the
    /// handle of the person it was kept for.
    ///
    /// # Errors
    ///
    /// [`AnswerError`] when the answer is not taken.
    pub fn finish_sign_in(
        &self,
        begun: SigningIn,
        answer: &Answer,
        kept: &StoredPasskey,
        owner: UserHandle,
    ) -> Result<Proof, AnswerError> {
        // WebAuthn Level 3, section 7.2, step 6: the handle must be there, and be the owner's.
        if answer.handle() != Some(owner) {
            return Err(AnswerError::Refused);
        }
        let key = DiscoverableKey::from(&kept.0);
        let result = self.webauthn.finish_discoverable_authentication_v2(&answer.0, begun.0, key);
        proof(kept, result)
    }

    /// Begins a confirmation by somebody who is signed in, with one of his passkeys.
    ///
    /// # Errors
    ///
    /// [`AnswerError::Refused`] when he has none.
    pub fn begin_confirmation(
        &self,
        passkeys: &[StoredPasskey],
    ) -> Result<(Value, Confirming), AnswerError> {
        if passkeys.is_empty() {
            return Err(AnswerError::Refused);
        }
        let passkeys: Vec<Passkey> = passkeys.iter().map(|passkey| passkey.0.clone()).collect();
        let (options, begun) = self
            .webauthn
            .start_passkey_authentication(&passkeys)
            .map_err(|_| AnswerError::Refused)?;
        let mut options = to_json(&options)?;
        self.ask_for_prf(&mut options);
        Ok((options, Confirming(begun)))
    }

    /// Finishes a confirmation. `kept` are the passkeys of the same person, as they are kept now.
    ///
    /// # Errors
    ///
    /// [`AnswerError`] when the answer is not taken.
    pub fn finish_confirmation(
        &self,
        begun: &Confirming,
        answer: &Answer,
        kept: &[StoredPasskey],
    ) -> Result<Proof, AnswerError> {
        let kept = kept.iter().find(|kept| kept.id() == answer.id()).ok_or(AnswerError::Refused)?;
        proof(kept, self.webauthn.finish_passkey_authentication(&answer.0, &begun.0))
    }

    /// What the PRF extension is asked for. One input for all is enough: each passkey has a key of
    /// its own for it, so no two give the same output (WebAuthn Level 3, section 10.1.4).
    fn prf(&self) -> Value {
        json!({ "eval": { "first": self.prf_input } })
    }

    fn ask_for_prf(&self, options: &mut Value) {
        if let Some(Value::Object(public_key)) = options.pointer_mut("/publicKey") {
            public_key.insert("extensions".to_owned(), json!({ "prf": self.prf() }));
        }
    }
}

/// Reads the output of a passkey's PRF extension from the text in which a page sends it.
pub fn prf_output(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    // As long as a token, and as secret.
    Token::parse(text).map(Token::into_bytes)
}

fn proof(
    kept: &StoredPasskey,
    result: Result<AuthenticationResult, WebauthnError>,
) -> Result<Proof, AnswerError> {
    let result = result.map_err(|error| refused(&error))?;
    if !result.user_verified() {
        return Err(AnswerError::Refused);
    }
    let mut passkey = kept.clone();
    let changed = passkey.0.update_credential(&result).ok_or(AnswerError::Refused)?;
    Ok(Proof { passkey, changed })
}

fn refused(error: &WebauthnError) -> AnswerError {
    match error {
        WebauthnError::CredentialPossibleCompromise => AnswerError::Copied,
        _ => AnswerError::Refused,
    }
}

fn within_bounds(json: &[u8]) -> Result<(), AnswerError> {
    if json.len() > LONGEST_ANSWER_BYTES { Err(AnswerError::Unreadable) } else { Ok(()) }
}

fn to_json(options: &impl serde::Serialize) -> Result<Value, AnswerError> {
    serde_json::to_value(options).map_err(|_| AnswerError::Unreadable)
}

fn set(options: &mut Value, place: &str, name: &str, value: Value) {
    if let Some(Value::Object(object)) = options.pointer_mut(place) {
        object.insert(name.to_owned(), value);
    }
}

fn base64_url(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}
