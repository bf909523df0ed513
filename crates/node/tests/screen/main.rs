//! The program as its users run it: `screen`, `match` and `demo`.
#![cfg(test)]

mod common;
mod demonstration;
mod formats;
#[path = "../kept/mod.rs"]
mod kept;
mod pairs;
mod report;
mod rows;
mod streaming;
mod updates;
mod usage;
mod writing;
