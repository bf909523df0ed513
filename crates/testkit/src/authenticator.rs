//! A passkey in software, and the browser around it.
//!
//! It answers like a browser on a given page would, and can be told to do what it must not do.
//! Written from WebAuthn Level 3; it shares no code with what checks its answers.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use portcullis_types::Rng;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// Whether the authenticator checks who uses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verification {
    /// By a PIN or a finger, as it must.
    Done,
    /// It only sees that somebody is there.
    Skipped,
}

/// One passkey on one authenticator.
#[derive(Clone)]
pub struct SoftPasskey {
    key: SigningKey,
    id: Vec<u8>,
    handle: Vec<u8>,
    prf_key: [u8; 32],
    /// The counter that the next answer carries.
    pub counter: u32,
    /// Whether it checks who uses it.
    pub verification: Verification,
}

impl std::fmt::Debug for SoftPasskey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SoftPasskey")
    }
}

/// What a browser gives back: the JSON of a `PublicKeyCredential`, and what the PRF extension gave,
/// which the page takes out of it.
#[derive(Debug, Clone)]
pub struct Given {
    /// The answer.
    pub answer: Value,
    /// The output of the PRF extension, where the page asked for it.
    pub prf: Option<[u8; 32]>,
}

impl Given {
    /// The answer as bytes.
    pub fn bytes(&self) -> Vec<u8> {
        self.answer.to_string().into_bytes()
    }
}

const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const ATTESTED: u8 = 0x40;

impl SoftPasskey {
    /// Does what `navigator.credentials.create(options)` does on a page at `origin`.
    pub fn create(
        rng: &mut dyn Rng,
        options: &Value,
        origin: &str,
        verification: Verification,
    ) -> (Self, Given) {
        let public_key = at(options, "/publicKey");
        let key = loop {
            if let Ok(key) = SigningKey::from_slice(&random(rng)) {
                break key;
            }
        };
        let made = Self {
            key,
            id: random(rng).to_vec(),
            handle: decoded(at(public_key, "/user/id")),
            prf_key: random(rng),
            counter: 0,
            verification,
        };
        let mut data = made.data(&text(at(public_key, "/rp/id")), ATTESTED);
        data.extend_from_slice(&[0; 16]);
        data.extend_from_slice(&u16::try_from(made.id.len()).unwrap_or_default().to_be_bytes());
        data.extend_from_slice(&made.id);
        data.extend_from_slice(&made.public_key());
        let attestation = attestation(&data);
        let client = client_data("webauthn.create", public_key, origin);
        let answer = json!({
            "id": encoded(&made.id), "rawId": encoded(&made.id), "type": "public-key",
            "response": {
                "attestationObject": encoded(&attestation),
                "clientDataJSON": encoded(&client),
                "transports": ["internal"],
            },
            "clientExtensionResults": {},
        });
        let prf = made.prf(public_key);
        (made, Given { answer, prf })
    }

    /// Does what `navigator.credentials.get(options)` does on a page at `origin`, and counts up.
    pub fn get(&mut self, options: &Value, origin: &str) -> Given {
        let public_key = at(options, "/publicKey");
        self.counter += 1;
        let data = self.data(&text(at(public_key, "/rpId")), 0);
        let client = client_data("webauthn.get", public_key, origin);
        let mut signed = data.clone();
        signed.extend_from_slice(&Sha256::digest(&client));
        let signature: Signature = self.key.sign(&signed);
        let answer = json!({
            "id": encoded(&self.id), "rawId": encoded(&self.id), "type": "public-key",
            "response": {
                "authenticatorData": encoded(&data),
                "clientDataJSON": encoded(&client),
                "signature": encoded(signature.to_der().as_bytes()),
                "userHandle": encoded(&self.handle),
            },
            "clientExtensionResults": {},
        });
        Given { answer, prf: self.prf(public_key) }
    }

    /// Says from now on that it belongs to somebody else.
    pub fn claim(&mut self, handle: &[u8]) {
        self.handle = handle.to_vec();
    }

    /// By which number it knows its owner.
    pub fn handle(&self) -> &[u8] {
        &self.handle
    }

    /// Authenticator data without what is attested: WebAuthn Level 3, section 6.1.
    fn data(&self, host: &str, flags: u8) -> Vec<u8> {
        let verified = if self.verification == Verification::Done { USER_VERIFIED } else { 0 };
        let mut data = Sha256::digest(host.as_bytes()).to_vec();
        data.push(USER_PRESENT | verified | flags);
        data.extend_from_slice(&self.counter.to_be_bytes());
        data
    }

    /// The public key as a `COSE_Key` of ES256 (RFC 9053, section 7.1.1), in CBOR by hand.
    fn public_key(&self) -> Vec<u8> {
        let point = self.key.verifying_key().to_sec1_point(false);
        let both = point.as_bytes().get(1..).unwrap_or_default();
        let (x, y) = both.split_at(32);
        let mut cbor = vec![0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20];
        cbor.extend_from_slice(x);
        cbor.extend_from_slice(&[0x22, 0x58, 0x20]);
        cbor.extend_from_slice(y);
        cbor
    }

    /// WebAuthn Level 3, section 10.1.4.
    fn prf(&self, public_key: &Value) -> Option<[u8; 32]> {
        let first = at(public_key, "/extensions/prf/eval/first").as_str()?;
        let mut salt = Sha256::new();
        salt.update(b"WebAuthn PRF\0");
        salt.update(URL_SAFE_NO_PAD.decode(first).ok()?);
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.prf_key).ok()?;
        mac.update(&salt.finalize());
        Some(mac.finalize().into_bytes().into())
    }
}

/// `{"fmt": "none", "attStmt": {}, "authData": data}` in CBOR.
fn attestation(data: &[u8]) -> Vec<u8> {
    let mut cbor = vec![0xa3, 0x63];
    cbor.extend_from_slice(b"fmt");
    cbor.push(0x64);
    cbor.extend_from_slice(b"none");
    cbor.push(0x67);
    cbor.extend_from_slice(b"attStmt");
    cbor.push(0xa0);
    cbor.push(0x68);
    cbor.extend_from_slice(b"authData");
    cbor.push(0x59);
    cbor.extend_from_slice(&u16::try_from(data.len()).unwrap_or_default().to_be_bytes());
    cbor.extend_from_slice(data);
    cbor
}

fn client_data(kind: &str, public_key: &Value, origin: &str) -> Vec<u8> {
    let challenge = text(at(public_key, "/challenge"));
    json!({ "type": kind, "challenge": challenge, "origin": origin, "crossOrigin": false })
        .to_string()
        .into_bytes()
}

/// A member of an object, `null` where it is missing.
fn at<'a>(value: &'a Value, place: &str) -> &'a Value {
    value.pointer(place).unwrap_or(&Value::Null)
}

fn random(rng: &mut dyn Rng) -> [u8; 32] {
    let mut bytes = [0; 32];
    rng.fill(&mut bytes);
    bytes
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn decoded(value: &Value) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text(value)).unwrap_or_default()
}

fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
