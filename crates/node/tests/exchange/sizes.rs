//! What somebody sees who watches the line.

use crate::world::{PARTY_A, SERVICE, Serving, World, eventually};
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// Passes on what is sent to it, and counts the bytes of each connection, there and back.
struct Watcher {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<(usize, usize)>>>,
}

fn pass_on(mut from: TcpStream, mut to: TcpStream) -> usize {
    let mut count = 0;
    let mut buffer = [0; 16_384];
    while let Ok(read) = from.read(&mut buffer) {
        if read == 0 || to.write_all(&buffer[..read]).is_err() {
            break;
        }
        count += read;
    }
    let _ = to.shutdown(Shutdown::Write);
    count
}

impl Watcher {
    fn before(holder: &Serving) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, to) = (listener.local_addr().unwrap(), holder.address);
        let seen = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&seen);
        thread::spawn(move || {
            for from in listener.incoming().map_while(Result::ok) {
                let there = TcpStream::connect(to).unwrap();
                let (back, asker) = (there.try_clone().unwrap(), from.try_clone().unwrap());
                let answers = thread::spawn(move || pass_on(back, asker));
                let requests = pass_on(from, there);
                kept.lock().unwrap().push((requests, answers.join().unwrap()));
            }
        });
        Self { address, seen }
    }
}

// THREATS T-40
#[test]
fn a_poll_has_the_same_bytes_both_ways_whatever_waits() {
    let world = World::new(&[SERVICE, PARTY_A]);
    let mut service = world.serve(SERVICE, &[]);
    let watcher = Watcher::before(&service);
    service.address = watcher.address;
    // Nothing waits; something waits on either side, and more than goes at once on both.
    world.poll_ok(PARTY_A, &service);
    world.post(PARTY_A, SERVICE, 1, b"x");
    world.poll_ok(PARTY_A, &service);
    world.post(SERVICE, PARTY_A, 2, &vec![7; 20_000]);
    world.poll_ok(PARTY_A, &service);
    world.post(PARTY_A, SERVICE, 1, &vec![7; 100_000]);
    world.post(SERVICE, PARTY_A, 2, &vec![8; 100_000]);
    world.poll_ok(PARTY_A, &service);
    world.poll_ok(PARTY_A, &service);
    assert_eq!((world.came(PARTY_A).len(), world.came(SERVICE).len()), (2, 2));
    eventually("the last connection is over", || watcher.seen.lock().unwrap().len() == 5);
    let seen = watcher.seen.lock().unwrap().clone();
    // Four envelopes of 16,384 bytes, and their digests.
    assert!(seen.iter().all(|(there, back)| *there > 4 * 16_416 && *back > 4 * 16_416), "{seen:?}");
    assert!(seen.iter().all(|one| *one == seen[0]), "{seen:?}");
}

// THREATS T-40
#[test]
fn a_file_shows_its_class_alone() {
    let world = World::new(&[SERVICE, PARTY_A]);
    let (empty, full) = (world.path("empty"), world.path("full"));
    world.ok(PARTY_A, &["exchange", "export", SERVICE, empty.to_str().unwrap()]);
    for says in ["one", "two", "three"] {
        world.post(PARTY_A, SERVICE, 1, says.as_bytes());
    }
    world.ok(PARTY_A, &["exchange", "export", SERVICE, full.to_str().unwrap()]);
    let length = |path| std::fs::metadata(path).unwrap().len();
    assert_eq!(length(&empty), length(&full));
}
