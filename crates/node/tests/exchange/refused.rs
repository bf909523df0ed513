//! Whoever is refused learns nothing but that, and the node keeps why.

use crate::world::{
    Answered, Now, PARTY_A, PARTY_B, SERVICE, Serving, World, id, randomness, text,
};
use portcullis_exchange::{ExchangeSigner, Frame, FrameKind, FrameSize, Incarnation, Sender};
use portcullis_federation::{Dated, Moment};
use portcullis_federation::{ListSigner, MemberList};
use portcullis_types::Clock as _;

const FRAME: &str = "application/octet-stream";

/// A request of somebody whom the list of the reader does not name.
fn of_a_stranger(list: &MemberList) -> Vec<u8> {
    let (seed, now) = ([7; 32], Moment::of(Now.now()).unwrap());
    let mut list = list.clone();
    let mut stranger = list.member(&id(PARTY_A)).unwrap().clone();
    stranger.id = id("stranger.example");
    stranger.keys.signing = vec![Dated::from(ListSigner::new(&seed).public(), stranger.from)];
    list.members.push(stranger);
    let (own, signer, rng) =
        (id("stranger.example"), ExchangeSigner::new(&seed), &mut randomness());
    let incarnation = Incarnation::begin(now, rng);
    let sender = Sender { list: &list, id: &own, incarnation, signer: &signer };
    let service = id(SERVICE);
    let sealer = sender.to(now, &service).unwrap();
    Frame::make(rng, &sealer, FrameKind::Request, FrameSize::POLL, Vec::new(), &[]).to_bytes()
}

fn refused(service: &Serving, bytes: &[u8], code: &str) -> Answered {
    let answered = service.bring(FRAME, bytes);
    assert_eq!(answered.status, 403, "{code}");
    let log = service.log();
    let told = |line: &str| line.contains("refused") && line.contains(&format!("\"{code}\""));
    assert!(log.lines().any(told), "{code}: {log}");
    answered
}

// THREATS T-41
#[test]
fn strangers_and_those_who_repeat_or_are_revoked_are_refused_alike_and_by_name() {
    let world = World::new(&[SERVICE, PARTY_A, PARTY_B]);
    let list = world.list(SERVICE);
    let revoked = world.request(PARTY_B, SERVICE);
    let (new, names) = (world.at("list2"), [SERVICE, PARTY_A, PARTY_B]);
    world.ok(SERVICE, &["member", "revoke", PARTY_B, "--why", "left", "--out", &new]);
    world.sign(&new, &names);
    world.officer(SERVICE, &["member", "accept", &new]);
    let service = world.serve(SERVICE, &[]);
    world.post(PARTY_A, SERVICE, 1, b"an enquiry");
    let good = world.request(PARTY_A, SERVICE);
    let mut spoilt = good.clone();
    *spoilt.last_mut().unwrap() ^= 1;
    let mut later = good.clone();
    later[20] = 2;
    let mut all = vec![
        refused(&service, &of_a_stranger(&list), "unknown-sender"),
        refused(&service, &revoked, "revoked"),
        refused(&service, &spoilt, "bad-signature"),
        refused(&service, &later, "unknown-version"),
        refused(&service, &good[..1_000], "malformed"),
        refused(&service, b"something else", "other"),
        refused(&service, b"", "other"),
    ];
    assert!(world.came(SERVICE).is_empty());
    let answer = service.bring(FRAME, &good);
    assert_eq!((answer.status, answer.body.len() > 4 * 16_384), (200, true));
    assert_eq!(world.heard(SERVICE, PARTY_A, 1), ["an enquiry"]);
    all.push(refused(&service, &good, "replayed"));
    let another = service.bring("text/plain", &good);
    all.push(another);
    // Also after the node was started again, when only its store knows what was taken.
    drop(service);
    let service = world.serve(SERVICE, &[]);
    all.push(refused(&service, &good, "replayed"));
    assert_eq!(world.heard(SERVICE, PARTY_A, 1), ["an enquiry"]);
    for one in &all {
        assert_eq!((one.status, &one.headers), (403, &all[0].headers));
        assert_eq!(text(&one.body), text(&all[0].body));
        assert!(one.took.as_millis() >= 500, "answers leave at fixed moments: {:?}", one.took);
    }
    let status = world.status(SERVICE);
    let strangers = &status["refused_of_strangers"];
    for code in ["unknown-sender", "revoked", "bad-signature", "unknown-version", "malformed"] {
        assert_eq!(strangers[code], 1, "{code}: {status}");
    }
    let peers = status["peers"].as_array().unwrap();
    let a = peers.iter().find(|peer| peer["id"] == PARTY_A).unwrap();
    assert_eq!(a["refused"]["replayed"], 2, "{status}");
    let metrics = service.metrics();
    assert!(metrics.contains("portcullis_exchange_refused_total{reason=\"replayed\"} 1"));
}

// THREATS T-41
#[test]
fn a_body_that_no_request_is_long_enough_for_is_not_read() {
    let world = World::new(&[SERVICE, PARTY_A]);
    let service = world.serve(SERVICE, &[]);
    assert_eq!(service.bring(FRAME, &vec![0; 2_000_000]).status, 413);
    // The most that a request may have is more than other bodies may.
    assert_eq!(service.bring(FRAME, &vec![0; 1_050_000]).status, 403);
}

// THREATS T-41
#[test]
fn who_asks_too_often_from_an_address_keeps_no_member_out_that_shares_it() {
    let world = World::new(&[SERVICE, PARTY_A]);
    let service = world.serve(SERVICE, &["--rate", "1"]);
    for _ in 0..10 {
        let _ = ureq::get(format!("http://{}/health", service.address)).call();
    }
    world.post(PARTY_A, SERVICE, 1, b"an enquiry");
    world.poll_ok(PARTY_A, &service);
    assert_eq!(world.heard(SERVICE, PARTY_A, 1), ["an enquiry"]);
}

// THREATS T-41
#[test]
fn nothing_is_sent_to_an_address_that_others_can_listen_to() {
    let world = World::new(&[SERVICE, PARTY_A]);
    let output = world.run(
        PARTY_A,
        &["exchange", "poll", "--now", "--exchange-at=service.example=http://192.0.2.1"],
    );
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("not encrypted"), "{}", text(&output.stderr));
}
