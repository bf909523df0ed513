//! Whole ways through the pages, with passkeys in software, and whatever must not get through.

mod browser;
mod ceremonies;
mod following;
mod office;
mod policies;
mod provider;
mod sessions;
mod volunteers;
