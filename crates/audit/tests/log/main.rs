//! Tests of the log through what the crate shows.

mod common;
mod export;
mod leaf;
mod link;
mod note;
mod others;
mod pace;
mod policy;
mod receipt;
mod speed;
mod split;
mod tree;
mod witness;
