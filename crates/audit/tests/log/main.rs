//! Tests of the log through what the crate shows.
//!
//! The modules are marked as tests, so that their helpers may panic as tests do.

#[cfg(test)]
mod common;
#[cfg(test)]
mod export;
#[cfg(test)]
mod leaf;
#[cfg(test)]
mod link;
#[cfg(test)]
mod note;
#[cfg(test)]
mod others;
#[cfg(test)]
mod pace;
#[cfg(test)]
mod policy;
#[cfg(test)]
mod receipt;
#[cfg(test)]
mod speed;
#[cfg(test)]
mod split;
#[cfg(test)]
mod tree;
#[cfg(test)]
mod witness;
