use crate::common::{EverySize, Memory, digest, entry, vector};
use portcullis_audit::{
    Digest, Frontier, ProofError, Tile, TileKind, Tree, TreeError, empty_root, leaf_hash,
    verify_consistency, verify_inclusion,
};
use proptest::prelude::*;

/// The leaves of the tests of Certificate Transparency (`merkle_tree_test.cc`, later
/// `testonly/constants.go`).
const LEAVES: [&[u8]; 8] = [
    b"",
    b"\x00",
    b"\x10",
    b"\x20\x21",
    b"\x30\x31",
    b"\x40\x41\x42\x43",
    b"\x50\x51\x52\x53\x54\x55\x56\x57",
    b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
];
/// Their roots, for sizes 0 to 8.
const ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn hex(digest: &Digest) -> String {
    let digits = digest.as_bytes().iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from_digit(digit.into(), 16).unwrap()).collect()
}

fn published(size: u64) -> EverySize {
    EverySize(Memory::with(size, |index| LEAVES[usize::try_from(index).unwrap()].to_vec()))
}

#[test]
fn roots_are_those_published_for_certificate_transparency() {
    for (size, root) in (0..).zip(ROOTS) {
        let memory = published(size);
        assert_eq!(hex(&memory.0.frontier.root()), root);
        assert_eq!(hex(&Tree::new(&memory, size).root().unwrap()), root);
        assert_eq!(hex(&Tree::new(&published(8), size).root().unwrap()), root, "as a prefix");
    }
}

#[test]
fn proofs_are_those_published_for_certificate_transparency() {
    let memory = published(8);
    let mut tree = Tree::new(&memory, 8);
    let hexes = |proof: Vec<Digest>| proof.iter().map(hex).collect::<Vec<_>>();
    assert_eq!(
        hexes(tree.inclusion(0).unwrap()),
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ]
    );
    assert_eq!(
        hexes(tree.inclusion(5).unwrap()),
        [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ]
    );
    assert_eq!(
        hexes(tree.consistency(1).unwrap()),
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ]
    );
    assert_eq!(
        hexes(tree.consistency(6).unwrap()),
        [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ]
    );
    assert_eq!(
        hexes(Tree::new(&memory, 5).consistency(2).unwrap()),
        [
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ]
    );
}

#[test]
fn roots_and_proofs_are_those_of_another_implementation_up_to_70_000_leaves() {
    let vectors = vector("tree");
    let memory = EverySize(Memory::of(70_000));
    let mut tree = Tree::new(&memory, 70_000);
    for case in vectors["root"].as_array().unwrap() {
        let size = case["size"].as_u64().unwrap();
        assert_eq!(tree.root_at(size).unwrap(), digest(&case["root"]), "size {size}");
    }
    let proof =
        |case: &serde_json::Value| case["proof"].as_array().unwrap().iter().map(digest).collect();
    for case in vectors["inclusion"].as_array().unwrap() {
        let (index, size) = (case["index"].as_u64().unwrap(), case["size"].as_u64().unwrap());
        let proof: Vec<Digest> = proof(case);
        let mut tree = Tree::new(&memory, size);
        assert_eq!(tree.inclusion(index).unwrap(), proof, "{index} in {size}");
        let root = tree.root().unwrap();
        verify_inclusion(&leaf_hash(&entry(index)), index, size, &proof, &root).unwrap();
    }
    for case in vectors["consistency"].as_array().unwrap() {
        let (old, new) = (case["old"].as_u64().unwrap(), case["new"].as_u64().unwrap());
        let proof: Vec<Digest> = proof(case);
        let mut tree = Tree::new(&memory, new);
        assert_eq!(tree.consistency(old).unwrap(), proof, "{old} to {new}");
        let roots = (tree.root_at(old).unwrap(), tree.root().unwrap());
        verify_consistency(old, &roots.0, new, &roots.1, &proof).unwrap();
    }
}

#[test]
fn every_leaf_of_every_tree_up_to_300_can_be_shown_and_nothing_else() {
    let memory = EverySize(Memory::of(300));
    for size in 1..=300 {
        let mut tree = Tree::new(&memory, size);
        let root = tree.root().unwrap();
        for index in 0..size {
            let leaf = leaf_hash(&entry(index));
            let proof = tree.inclusion(index).unwrap();
            verify_inclusion(&leaf, index, size, &proof, &root).unwrap();
            let other = leaf_hash(&entry(index + 1));
            assert_eq!(
                verify_inclusion(&other, index, size, &proof, &root),
                Err(ProofError::Root {})
            );
            if size > 1 {
                let moved = (index + 1) % size;
                verify_inclusion(&leaf, moved, size, &proof, &root).unwrap_err();
            }
        }
    }
}

#[test]
fn every_tree_up_to_300_is_shown_to_grow_into_every_larger_one() {
    let memory = EverySize(Memory::of(300));
    let roots: Vec<Digest> =
        (0..=300).map(|size| Tree::new(&memory, size).root().unwrap()).collect();
    for new in 0..=300_u64 {
        let mut tree = Tree::new(&memory, new);
        let new_root = &roots[usize::try_from(new).unwrap()];
        for old in 0..=new {
            let old_root = &roots[usize::try_from(old).unwrap()];
            let proof = tree.consistency(old).unwrap();
            verify_consistency(old, old_root, new, new_root, &proof).unwrap();
            let forged = leaf_hash(b"another history");
            verify_consistency(old, &forged, new, new_root, &proof).unwrap_err();
            if old > 0 {
                verify_consistency(old, old_root, new, &forged, &proof).unwrap_err();
            }
            let surplus = [proof.as_slice(), &[forged]].concat();
            assert!(matches!(
                verify_consistency(old, old_root, new, new_root, &surplus),
                Err(ProofError::Length { .. })
            ));
        }
    }
}

#[test]
fn an_edge_that_was_restored_grows_as_the_one_it_was_stored_from() {
    let mut memory = Memory::default();
    for size in [0, 1, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 66_000] {
        memory.grow(size, entry);
        let restored = Frontier::restore(size, &memory).unwrap();
        assert_eq!(restored, memory.frontier, "{size}");
        memory.frontier = restored;
    }
    assert_eq!(memory.frontier.root(), Memory::of(66_000).frontier.root());
    assert_eq!(Frontier::new().root(), empty_root());
}

#[test]
fn a_partial_tile_that_is_gone_is_taken_from_the_full_one() {
    let mut memory = Memory::of(100);
    memory.grow(256, entry);
    let partial = Tile::of(TileKind::Hashes(0), 0, 100).unwrap();
    assert!(memory.tiles.remove(&partial).is_some());
    let root = Tree::new(&memory, 100).root().unwrap();
    assert_eq!(root, Memory::of(100).frontier.root());
}

#[test]
fn a_missing_or_cut_tile_is_named() {
    let mut memory = Memory::of(600);
    let tile = Tile::of(TileKind::Hashes(0), 1, 600).unwrap();
    memory.tiles.get_mut(&tile).unwrap().pop();
    let error = Tree::new(&memory, 600).inclusion(300).unwrap_err();
    assert_eq!(error.to_string(), "`tile/0/001` has 8191 bytes, which is not right for its width");
    memory.tiles.remove(&tile);
    let error = Tree::new(&memory, 600).inclusion(300).unwrap_err();
    assert_eq!(error.to_string(), "`tile/0/001` is missing");
}

#[test]
fn what_lies_outside_of_a_tree_is_refused() {
    let memory = Memory::of(10);
    let mut tree = Tree::new(&memory, 10);
    assert!(matches!(tree.inclusion(10), Err(TreeError::Outside { place: 10, size: 10 })));
    assert!(matches!(tree.consistency(11), Err(TreeError::Outside { .. })));
    assert!(matches!(tree.root_at(11), Err(TreeError::Outside { .. })));
    let root = tree.root().unwrap();
    let outside = ProofError::Outside { place: 10, size: 10 };
    assert_eq!(verify_inclusion(&root, 10, 10, &[], &root), Err(outside));
    assert_eq!(
        verify_inclusion(&root, 0, 0, &[], &root).unwrap_err().to_string(),
        "`0` lies outside of a tree of 0 entries"
    );
}

#[test]
fn tiles_have_the_paths_of_the_specification() {
    // C2SP tlog-tiles: "index 1234067 will be encoded as x001/x234/067".
    let tile = Tile::full(TileKind::Hashes(0), 1_234_067).unwrap();
    assert_eq!(tile.to_string(), "tile/0/x001/x234/067");
    assert_eq!("tile/0/x001/x234/067".parse(), Ok(tile));
    let tile = Tile::of(TileKind::Entries, 273, 70_000).unwrap();
    assert_eq!(tile.to_string(), "tile/entries/273.p/112");
    assert_eq!("tile/entries/273.p/112".parse(), Ok(tile));
}

#[test]
fn a_tree_has_the_tiles_of_the_specification() {
    // C2SP tlog-tiles: a tree of 70,000 has 273 full level 0 tiles, one of width 112, one full
    // level 1 tile, one of width 17, and one level 2 tile of width 1.
    let count = |kind, width| {
        Tile::all(70_000).filter(|tile| tile.kind() == kind && tile.width() == width).count()
    };
    assert_eq!(count(TileKind::Hashes(0), 256), 273);
    assert_eq!(count(TileKind::Hashes(0), 112), 1);
    assert_eq!(count(TileKind::Hashes(1), 256), 1);
    assert_eq!(count(TileKind::Hashes(1), 17), 1);
    assert_eq!(count(TileKind::Hashes(2), 1), 1);
    assert_eq!(count(TileKind::Entries, 256), 273);
    assert_eq!(Tile::all(70_000).count(), 274 + 274 + 2 + 1);
    // "A tree of size 256 will be represented by a full level 0 tile and a partial level 1 tile".
    let paths: Vec<String> = Tile::all(256).map(|tile| tile.to_string()).collect();
    assert_eq!(paths, ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"]);
}

#[test]
fn other_paths_are_refused() {
    for path in [
        "",
        "tile",
        "tile/",
        "tile/0",
        "tile/0/",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/0/x000/000",
        "tile/0/001/002",
        "tile/0/x001",
        "tile/00/000",
        "tile/8/000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/",
        "tile/0/+01",
        "tile/0/../000",
        "/tile/0/000",
        "tile/entries/x99/999",
        "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
    ] {
        path.parse::<Tile>().unwrap_err();
    }
}

proptest! {
    #[test]
    fn proofs_hold_in_large_trees(old in 0_u64..66_000, more in 0_u64..4_000, at: prop::sample::Index) {
        // One large tree serves all cases.
        static LARGE: std::sync::OnceLock<EverySize> = std::sync::OnceLock::new();
        let memory = LARGE.get_or_init(|| EverySize(Memory::of(70_000)));
        let new = old + more;
        let mut tree = Tree::new(memory, new);
        let (old_root, new_root) = (tree.root_at(old).unwrap(), tree.root().unwrap());
        let proof = tree.consistency(old).unwrap();
        prop_assert_eq!(verify_consistency(old, &old_root, new, &new_root, &proof), Ok(()));
        if new > 0 {
            let index = at.index(usize::try_from(new).unwrap()) as u64;
            let leaf = leaf_hash(&entry(index));
            let proof = tree.inclusion(index).unwrap();
            prop_assert_eq!(verify_inclusion(&leaf, index, new, &proof, &new_root), Ok(()));
        }
    }

    #[test]
    fn any_flipped_bit_of_a_proof_is_found(size in 2_u64..2_000, at: prop::sample::Index, bit: prop::sample::Index) {
        static MEMORY: std::sync::OnceLock<EverySize> = std::sync::OnceLock::new();
        let memory = MEMORY.get_or_init(|| EverySize(Memory::of(2_000)));
        let mut tree = Tree::new(memory, size);
        let root = tree.root().unwrap();
        let place = at.index(usize::try_from(size).unwrap()) as u64;
        let flip = |proof: &[Digest]| -> Vec<Digest> {
            let bit = bit.index(proof.len() * 256);
            let mut flipped = proof.to_vec();
            let mut bytes = *flipped[bit / 256].as_bytes();
            bytes[bit % 256 / 8] ^= 1 << (bit % 8);
            flipped[bit / 256] = Digest::new(bytes);
            flipped
        };
        let proof = flip(&tree.inclusion(place).unwrap());
        let leaf = leaf_hash(&entry(place));
        prop_assert_eq!(verify_inclusion(&leaf, place, size, &proof, &root), Err(ProofError::Root {}));
        if place > 0 {
            let old_root = tree.root_at(place).unwrap();
            let proof = flip(&tree.consistency(place).unwrap());
            let found = verify_consistency(place, &old_root, size, &root, &proof);
            prop_assert_eq!(found, Err(ProofError::Root {}));
        }
    }

    #[test]
    fn no_proof_makes_the_check_panic(
        place: u64,
        size: u64,
        proof in prop::collection::vec(any::<[u8; 32]>(), 0..70),
    ) {
        let proof: Vec<Digest> = proof.into_iter().map(Digest::new).collect();
        let root = empty_root();
        let _ = verify_inclusion(&root, place, size, &proof, &root);
        let _ = verify_consistency(place, &root, size, &root, &proof);
    }

    #[test]
    fn no_path_makes_the_parser_panic(path in "(tile/)?[x0-9/.pent]{0,40}") {
        if let Ok(tile) = path.parse::<Tile>() {
            prop_assert_eq!(tile.to_string(), path);
        }
    }

    #[test]
    fn bundles_come_back_as_they_were(
        entries in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..50), 0..256),
    ) {
        let bytes = portcullis_audit::write_bundle(entries.iter().map(Vec::as_slice)).unwrap();
        prop_assert_eq!(portcullis_audit::read_bundle(&bytes).unwrap(), entries);
    }

    #[test]
    fn no_bundle_makes_the_parser_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        if let Ok(entries) = portcullis_audit::read_bundle(&bytes) {
            prop_assert_eq!(portcullis_audit::write_bundle(entries).unwrap(), bytes);
        }
    }
}

#[test]
fn a_bundle_that_is_too_large_is_refused() {
    let many = vec![[].as_slice(); 257];
    assert_eq!(
        portcullis_audit::write_bundle(many).unwrap_err().to_string(),
        "the bundle holds more than 256 entries"
    );
    let long = vec![0; 65_536];
    assert_eq!(
        portcullis_audit::write_bundle([long.as_slice()]).unwrap_err().to_string(),
        "entry 0 has 65536 bytes, more than 65535"
    );
    assert!(portcullis_audit::read_bundle(&[0; 2 * 257]).is_err());
    assert_eq!(
        portcullis_audit::read_bundle(&[0, 0, 0, 2, 7]).unwrap_err().to_string(),
        "entry 1 of the bundle is cut off"
    );
}
