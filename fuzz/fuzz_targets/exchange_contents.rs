//! What is inside the seal is refused, or is the contents that it gives. Each input is signed and
//! sealed as an honest sender would, since no input at random is.
#![no_main]

use ed25519_dalek::{Signer as _, SigningKey};
use libfuzzer_sys::fuzz_target;
use portcullis_exchange::{
    Envelope, ExchangeSigner, Recipient, RefusedEnvelope, RefusedSender, Sender,
};
use portcullis_federation::{Dated, ListSigner, Member, MemberKeys, MemberList, Moment};
use portcullis_keys::SealingKey;
use portcullis_types::{Body, Level, OrganisationId, Rng};
use std::sync::LazyLock;

const NOW: u64 = 1_800_000_301;
const SIGNED_BYTES: usize = 15_183;
const INFO: &[u8] = b"portcullis-exchange-envelope/v1";

#[derive(Debug)]
struct Counting(u8);

impl Rng for Counting {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.0 = self.0.wrapping_mul(5).wrapping_add(17);
            *byte = self.0;
        }
    }
}

fn id(name: &str) -> OrganisationId {
    OrganisationId::new(name).expect("these are ids")
}

fn member(name: &str, seed: u8) -> Member {
    let from = Moment::new(0).expect("1970 is a moment");
    Member {
        id: id(name),
        name: name.parse().expect("these are names"),
        body: Body::Party,
        ceiling: Level(0),
        from,
        until: None,
        revoked: None,
        endpoint: None,
        keys: MemberKeys {
            signing: vec![Dated::from(ListSigner::new(&[seed; 32]).public(), from)],
            sealing: vec![Dated::from(SealingKey::from_seed(&[seed; 32]).public(), from)],
            log: Vec::new(),
            cosigning: Vec::new(),
        },
    }
}

static LIST: LazyLock<MemberList> = LazyLock::new(|| MemberList {
    federation: "federation.example".parse().expect("this is a name"),
    version: 1,
    previous: None,
    issued: Moment::new(0).expect("1970 is a moment"),
    members: vec![member("party-a", 1), member("service-x", 2)],
});

fn seal(contents: &[u8]) -> Envelope {
    let federation = LIST.federation.as_str();
    let mut message = b"portcullis-exchange-envelope-signature/v1".to_vec();
    message.extend_from_slice(&(federation.len() as u64).to_be_bytes());
    message.extend_from_slice(federation.as_bytes());
    message.extend_from_slice(contents);
    let signature = SigningKey::from_bytes(&[2; 32]).sign(&message).to_bytes();
    let text = [contents, &signature].concat();
    let to = SealingKey::from_seed(&[1; 32]).public();
    let sealed = to.seal(&mut |bytes| Counting(1).fill(bytes), INFO, b"party-a", &text);
    Envelope::from_bytes(&sealed).expect("it has the length of an envelope")
}

fuzz_target!(|bytes: &[u8]| {
    let mut contents = bytes.to_vec();
    contents.resize(SIGNED_BYTES, 0);
    let (own, sender) = (id("party-a"), id("service-x"));
    let keys = [SealingKey::from_seed(&[1; 32])];
    let recipient = Recipient { list: &LIST, id: &own, keys: &keys };
    let now = Moment::new(NOW).expect("this is a moment");
    match recipient.open(now, &sender, &seal(&contents)) {
        Ok(opened) => {
            let signer = ExchangeSigner::new(&[2; 32]);
            let incarnation = opened.incarnation;
            let sender = Sender { list: &LIST, id: &sender, incarnation, signer: &signer };
            let sealer = sender.to(opened.sealed, &own).expect("both take part at all times");
            let again = sealer.seal(&mut Counting(7), opened.said);
            let text = keys[0].open(INFO, b"party-a", again.as_bytes()).expect("it is its key");
            assert_eq!(text[..SIGNED_BYTES], contents);
        }
        Err(refused) => assert!(
            !matches!(
                refused,
                RefusedEnvelope::NotForUs
                    | RefusedEnvelope::BadSignature { .. }
                    | RefusedEnvelope::Sender(
                        RefusedSender::Revoked { .. }
                            | RefusedSender::NotAMember { .. }
                            | RefusedSender::KeyLost { .. }
                            | RefusedSender::NoKey { .. }
                    )
            ),
            "{refused}"
        ),
    }
});
