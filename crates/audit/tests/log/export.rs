use crate::common::{Memory, ORIGIN, entry, log_key, name, policy};
use portcullis_audit::{Checkpoint, Cosigner, Damage, Tile, TileKind, verify_export};
use proptest::prelude::*;

fn damage(memory: &Memory) -> String {
    let note = memory.note(2).to_string();
    verify_export(memory, note.as_bytes(), &policy(2)).unwrap_err().to_string()
}

/// Flips a bit of a tile.
fn flip(memory: &mut Memory, path: &str, byte: usize) {
    let bytes = memory.tiles.get_mut(&path.parse().unwrap()).unwrap();
    bytes[byte] ^= 1;
}

/// Writes the hash of an entry anew into the lowest tile.
fn rehash(memory: &mut Memory, path: &str, place: usize, entry: &[u8]) {
    let bytes = memory.tiles.get_mut(&path.parse().unwrap()).unwrap();
    let hash = portcullis_audit::leaf_hash(entry);
    bytes[place * 32..place * 32 + 32].copy_from_slice(hash.as_bytes());
}

#[test]
fn a_whole_export_is_whole() {
    for size in [0, 1, 255, 256, 257, 600, 65_536, 66_000] {
        let memory = Memory::of(size);
        let note = memory.note(2).to_string();
        let report = verify_export(&memory, note.as_bytes(), &policy(2)).unwrap();
        assert_eq!(report.tiles, Tile::all(size).count() as u64, "{size}");
        assert_eq!(report.satisfied.checkpoint.size(), size);
        assert_eq!(report.unknown_signatures, 0);
    }
}

#[test]
fn the_damaged_file_is_named() {
    let good = Memory::of(66_000);
    for (path, byte, expected) in [
        ("tile/entries/003", 2, "entry 768 in `tile/entries/003` was altered"),
        ("tile/entries/003", 19, "entry 769 in `tile/entries/003` was altered"),
        ("tile/entries/257.p/208", 2, "entry 65792 in `tile/entries/257.p/208` was altered"),
        ("tile/entries/003", 1, "`tile/entries/003` is no bundle of 256 entries"),
        ("tile/0/003", 700, "`tile/0/003` was altered"),
        ("tile/0/257.p/208", 0, "`tile/0/257.p/208` was altered"),
        ("tile/1/000", 8191, "`tile/1/000` was altered"),
        ("tile/1/001.p/1", 0, "`tile/1/001.p/1` was altered"),
        ("tile/2/000.p/1", 31, "`tile/2/000.p/1` was altered"),
    ] {
        let mut memory = good.clone();
        flip(&mut memory, path, byte);
        assert_eq!(damage(&memory), expected);
    }
    for tile in Tile::all(66_000).step_by(50) {
        let mut memory = good.clone();
        let bytes = memory.tiles.get_mut(&tile).unwrap();
        bytes.pop();
        let said = damage(&memory);
        assert!(said.contains(&tile.to_string()), "{said}");
        memory.tiles.remove(&tile);
        assert_eq!(damage(&memory), format!("`{tile}` is missing"));
    }
}

#[test]
fn an_entry_that_was_rewritten_with_its_hashes_is_found() {
    // The entry and its hash in the lowest tile agree; the tile above does not.
    let mut memory = Memory::of(66_000);
    flip(&mut memory, "tile/entries/003", 2);
    let mut altered = entry(768);
    altered[0] ^= 1;
    rehash(&mut memory, "tile/0/003", 0, &altered);
    assert_eq!(damage(&memory), "`tile/0/003` and the entries below it were rewritten");
    // Everything was made anew but the signature.
    let memory = Memory::of(600);
    let rewritten = Memory::with(600, |index| entry(index + u64::from(index == 5)));
    let note = memory.note(2).to_string();
    let found = verify_export(&rewritten, note.as_bytes(), &policy(2));
    assert!(matches!(found, Err(Damage::Root {})));
}

#[test]
fn entries_cannot_be_added_or_left_out() {
    let good = Memory::of(600);
    let last: Tile = "tile/entries/002.p/88".parse().unwrap();
    let mut more = good.clone();
    more.tiles.get_mut(&last).unwrap().extend([0, 0]);
    assert_eq!(damage(&more), "`tile/entries/002.p/88` is no bundle of 88 entries");
    let mut fewer = good.clone();
    fewer.tiles.get_mut(&last).unwrap().truncate(870);
    assert_eq!(damage(&fewer), "`tile/entries/002.p/88` is no bundle of 88 entries");
    // A checkpoint of another size wants other files.
    let note = Memory::of(601).note(2).to_string();
    let found = verify_export(&good, note.as_bytes(), &policy(2));
    assert!(matches!(found, Err(Damage::Missing { .. })));
}

#[test]
fn a_checkpoint_that_is_not_signed_by_enough_is_refused_before_anything_is_read() {
    let memory = Memory::of(600);
    let note = memory.note(1).to_string();
    let found = verify_export(&Memory::default(), note.as_bytes(), &policy(2));
    assert!(matches!(found, Err(Damage::Policy(_))));
    let found = verify_export(&Memory::default(), b"nothing\n", &policy(2));
    assert!(matches!(found, Err(Damage::Checkpoint(_))));
}

#[test]
fn signatures_by_strangers_are_counted() {
    let memory = Memory::of(5);
    let mut note = memory.note(2);
    note.add(Cosigner::new(name("stranger.example"), &[9; 32]).cosign(7, &memory.checkpoint()));
    let report = verify_export(&memory, note.to_string().as_bytes(), &policy(2)).unwrap();
    assert_eq!(report.unknown_signatures, 1);
}

#[test]
fn a_checkpoint_of_more_entries_than_there_are_files_ends_at_the_first_missing_one() {
    let huge = Checkpoint::new(ORIGIN, u64::MAX, Memory::of(1).frontier.root()).unwrap();
    let note = huge.sign(&log_key()).to_string();
    let found = verify_export(&Memory::of(1), note.as_bytes(), &policy(0)).unwrap_err();
    assert_eq!(found.to_string(), "`tile/entries/000` is missing");
}

proptest! {
    #[test]
    fn any_flipped_bit_of_an_export_is_found(file: prop::sample::Index, at: prop::sample::Index) {
        static GOOD: std::sync::OnceLock<Memory> = std::sync::OnceLock::new();
        let good = GOOD.get_or_init(|| Memory::of(600));
        let needed: Vec<Tile> = Tile::all(600).collect();
        let tile = needed[file.index(needed.len())];
        let mut memory = good.clone();
        let bytes = memory.tiles.get_mut(&tile).unwrap();
        let bit = at.index(bytes.len() * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
        let said = damage(&memory);
        // The damaged file is the one that is named.
        prop_assert!(said.contains(&format!("`{tile}`")), "{} for {}", said, tile);
    }
}

#[test]
fn tiles_of_entries_come_first() {
    assert!(TileKind::Entries < TileKind::Hashes(0));
}
