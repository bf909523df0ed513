//! Whatever exists above a reader's labels changes nothing that he sees (THREATS T-38): worlds that
//! differ only in what he may not read answer him with the same bytes, after the same time.

mod leaks;
mod matching;
mod node;
mod parties;
mod property;
mod scopes;
mod script;
mod subsets;
mod talk;
mod time;
