//! Text is either refused or is the one form of the checkpoint it gives; paths of tiles likewise.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis_audit::{Checkpoint, Tile};

fuzz_target!(|text: &str| {
    if let Ok(checkpoint) = text.parse::<Checkpoint>() {
        assert_eq!(checkpoint.to_string(), text);
    }
    if let Ok(tile) = text.parse::<Tile>() {
        assert_eq!(tile.to_string(), text);
    }
});
