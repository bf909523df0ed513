//! What the outside world hands to a command: where data is kept, the time, and randomness.

use jiff::Timestamp;
use portcullis_types::{Clock, Rng};
use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

/// Everything a command may take from the outside world. Made once, in `main`.
#[derive(Debug)]
pub(crate) struct Environment {
    /// The folder that keeps lists and decisions. It need not exist yet.
    pub(crate) data: PathBuf,
    /// Tells the time.
    pub(crate) clock: Box<dyn Clock>,
    /// Gives random bytes.
    pub(crate) rng: Box<dyn Rng>,
}

/// Why there is no environment.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EnvironmentError {
    /// Neither a home folder nor a choice.
    #[error(
        "cannot tell where to keep data: no home folder is known; name a folder with `--data DIR` or `PORTCULLIS_DATA`"
    )]
    NoHome,
}

impl Environment {
    /// The real one. `data` is what `--data` or `PORTCULLIS_DATA` says, if anything.
    pub(crate) fn real(data: Option<PathBuf>) -> Result<Self, EnvironmentError> {
        let data = match data {
            Some(data) => data,
            None => default_data(|name| env::var_os(name)).ok_or(EnvironmentError::NoHome)?,
        };
        Ok(Self { data, clock: Box::new(SystemClock), rng: Box::new(SystemRng) })
    }
}

/// `$XDG_DATA_HOME/portcullis`, else `~/.local/share/portcullis`; on Windows
/// `%LOCALAPPDATA%\portcullis`. A relative `XDG_DATA_HOME` counts as unset, as its specification
/// (XDG Base Directory 0.8) demands.
fn default_data(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let folder = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = folder("XDG_DATA_HOME")
        .or_else(|| folder("LOCALAPPDATA").filter(|_| cfg!(windows)))
        .or_else(|| folder("HOME").map(|home| home.join(".local").join("share")))?;
    Some(base.join("portcullis"))
}

#[derive(Debug)]
struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one real clock, handed to everything else")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

#[derive(Debug)]
struct SystemRng;

impl Rng for SystemRng {
    fn fill(&mut self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("an operating system without randomness cannot be used");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(pairs: &'static [(&'static str, &'static str)]) -> Option<PathBuf> {
        default_data(|name| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| OsString::from(v)))
    }

    #[test]
    fn data_lives_where_the_xdg_specification_says() {
        assert_eq!(with(&[("XDG_DATA_HOME", "/d"), ("HOME", "/h")]), Some("/d/portcullis".into()));
        assert_eq!(with(&[("HOME", "/h")]), Some("/h/.local/share/portcullis".into()));
    }

    #[test]
    fn a_relative_xdg_folder_counts_as_unset() {
        assert_eq!(
            with(&[("XDG_DATA_HOME", "d"), ("HOME", "/h")]),
            Some("/h/.local/share/portcullis".into())
        );
    }

    #[test]
    fn without_a_home_there_is_no_guess() {
        assert_eq!(with(&[]), None);
    }
}
