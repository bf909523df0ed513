//! Messages between nodes that serve.

use crate::world::{PARTY_A, PARTY_B, SERVICE, World, eventually, pause, text};
use std::net::TcpListener;
use std::time::{Duration, Instant};

// THREATS T-42
#[test]
fn what_is_posted_is_delivered_once_and_in_order_both_ways() {
    let world = World::new(&[SERVICE, PARTY_A]);
    for says in ["one", "two", "three", "four", "five"] {
        world.post(PARTY_A, SERVICE, 1, says.as_bytes());
    }
    world.post(SERVICE, PARTY_A, 2, b"a warning");
    let service = world.serve(SERVICE, &[]);
    world.poll_ok(PARTY_A, &service);
    assert_eq!(world.heard(PARTY_A, SERVICE, 2), ["a warning"]);
    assert_eq!(world.heard(SERVICE, PARTY_A, 1), ["one", "two", "three", "four"]);
    for _ in 0..2 {
        world.poll_ok(PARTY_A, &service);
    }
    assert_eq!(world.heard(SERVICE, PARTY_A, 1), ["one", "two", "three", "four", "five"]);
    assert_eq!(world.heard(PARTY_A, SERVICE, 2), ["a warning"]);
    let status = world.status(PARTY_A);
    assert_eq!(status["own"], PARTY_A);
    assert_eq!(status["to_be_handled"], 1);
    let peer = &status["peers"][0];
    assert_eq!((&peer["id"], &peer["body"]), (&SERVICE.into(), &"service".into()));
    assert_eq!((&peer["waiting"], &peer["given_up"]), (&0.into(), &0.into()));
    assert!(peer["polled"].is_string() && peer["heard"].is_null(), "{status}");
    let shown = world.ok(SERVICE, &["exchange", "status"]);
    assert!(shown.contains("came        5 messages to be handled"), "{shown}");
    assert!(shown.contains("says no address, so it has to ask here"), "{shown}");
    assert_eq!(world.ok(SERVICE, &["exchange", "dead"]), "no message was given up\n");
}

// THREATS T-42
#[test]
fn three_nodes_exchange_by_themselves_and_one_that_is_down_costs_the_others_nothing() {
    let world = World::new(&[SERVICE, PARTY_A, PARTY_B]);
    let often = ["--exchange-every", "1"];
    let mut service = world.serve(SERVICE, &often);
    let at = format!("--exchange-at={}", service.reached());
    let asking = [often.as_slice(), &[&at]].concat();
    let a = world.serve(PARTY_A, &asking);
    world.post(PARTY_A, SERVICE, 1, b"of a");
    eventually("the service has it", || world.heard(SERVICE, PARTY_A, 1) == ["of a"]);
    // The other party is down while something is said to it, and says something itself.
    world.post(SERVICE, PARTY_B, 2, b"to b");
    world.post(PARTY_B, SERVICE, 3, b"of b");
    world.post(SERVICE, PARTY_A, 4, b"to a");
    eventually("the first has its own", || world.heard(PARTY_A, SERVICE, 4) == ["to a"]);
    assert!(world.came(PARTY_B).is_empty());
    let _b = world.serve(PARTY_B, &asking);
    eventually("the second is up", || world.heard(PARTY_B, SERVICE, 2) == ["to b"]);
    eventually("and is heard", || world.heard(SERVICE, PARTY_B, 3) == ["of b"]);
    // The one that is asked is down, and there again: nothing is lost or said twice.
    let address = service.address.to_string();
    drop(service);
    world.post(PARTY_A, SERVICE, 1, b"while it was down");
    eventually("it is missed", || a.log().contains(r#""code":"unreachable""#));
    service = world.serve_at(SERVICE, &address, &often);
    let both = ["of a", "while it was down"];
    eventually("it is up again", || world.heard(SERVICE, PARTY_A, 1) == both);
    pause(Duration::from_secs(3));
    assert_eq!(world.heard(SERVICE, PARTY_A, 1), both);
    assert_eq!(world.came(SERVICE).len(), 3);
    let metrics = service.metrics();
    assert!(metrics.contains("portcullis_exchange_requests_taken_total "), "{metrics}");
    assert!(a.metrics().contains("portcullis_exchange_polls_total{outcome=\"answered\"}"));
    assert!(!metrics.contains(PARTY_A) && !metrics.contains(PARTY_B), "{metrics}");
}

#[test]
fn a_poll_in_vain_is_told_and_what_was_to_go_goes_with_the_next_one() {
    let world = World::new(&[SERVICE, PARTY_A]);
    world.post(PARTY_A, SERVICE, 1, b"an enquiry");
    let nobody = world.run(PARTY_A, &["exchange", "poll"]);
    assert!(text(&nobody.stderr).contains("none was asked"), "{}", text(&nobody.stderr));
    let service = world.serve(SERVICE, &["--no-exchange"]);
    let output = world.poll(PARTY_A, &service);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("was asked in vain (refused-there)"));
    let address = service.address.to_string();
    drop(service);
    let service = world.serve_at(SERVICE, &address, &[]);
    // At the next moment of the clock, of which there is one each second.
    let at = format!("--exchange-at={}", service.reached());
    pause(Duration::from_millis(1_100));
    world.ok(PARTY_A, &["exchange", "poll", "--exchange-every", "1", &at]);
    assert_eq!(world.heard(SERVICE, PARTY_A, 1), ["an enquiry"]);
}

// THREATS T-40
#[test]
fn a_node_that_never_answers_holds_up_no_other() {
    let world = World::new(&[SERVICE, PARTY_A, PARTY_B]);
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let a = world.serve(PARTY_A, &[]);
    let [to_a, to_b] = [a.reached(), format!("{PARTY_B}=http://{}", silent.local_addr().unwrap())]
        .map(|at| format!("--exchange-at={at}"));
    let service = world.serve(SERVICE, &["--exchange-every", "1", &to_a, &to_b]);
    let (connected, _) = silent.accept().unwrap();
    for says in ["one", "two"] {
        let began = Instant::now();
        world.post(SERVICE, PARTY_A, 1, says.as_bytes());
        eventually("it is there", || world.heard(PARTY_A, SERVICE, 1).iter().any(|s| s == says));
        assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    }
    drop(connected);
    assert!(!service.log().contains("\"peer\":\"party-a.example\""), "{}", service.log());
}

// THREATS T-40
#[test]
fn a_node_that_begins_to_serve_asks_nobody_before_their_moment_whatever_waits() {
    let world = World::new(&[SERVICE, PARTY_A]);
    let service = world.serve(SERVICE, &[]);
    world.post(PARTY_A, SERVICE, 1, b"tonight");
    let at = format!("--exchange-at={}", service.reached());
    // The next moment is decades away.
    let a = world.serve(PARTY_A, &["--exchange-every", "4000000000", &at]);
    pause(Duration::from_secs(3));
    assert!(world.came(SERVICE).is_empty());
    assert!(service.metrics().contains("portcullis_exchange_requests_taken_total 0"));
    assert!(!a.metrics().contains("portcullis_exchange_polls_total{"), "{}", a.metrics());
}
