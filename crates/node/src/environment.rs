//! What the outside world hands to a command: where data is kept, the time, and randomness.

use crate::key_file::KeySource;
use jiff::Timestamp;
use portcullis_types::{Clock, Protected, Rng};
use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

/// Everything a command may take from the outside world. Made once, in `main`.
#[derive(Debug)]
pub(crate) struct Environment {
    /// The folder that keeps lists and decisions. It need not exist yet.
    pub(crate) data: PathBuf,
    /// What unlocks the keyring.
    pub(crate) key: KeySource,
    /// The address of the database of PostgreSQL that holds the store, with its password; none for a
    /// file of SQLite in the data folder.
    pub(crate) server: Option<Protected>,
    /// The retention schedule, where one is named.
    pub(crate) schedule: Option<PathBuf>,
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
    /// No folder for configuration is known.
    #[error(
        "cannot tell where the key is: no home folder is known; name a file with `--key-file FILE` or `PORTCULLIS_KEY_FILE`"
    )]
    NoKeyPlace,
}

impl Environment {
    /// The real one. `data`, `key` and `server` are what the command line or the environment says, if anything.
    pub(crate) fn real(
        data: Option<PathBuf>,
        key: Option<KeySource>,
        server: Option<Protected>,
    ) -> Result<Self, EnvironmentError> {
        let variable = |name: &str| env::var_os(name);
        let data = data.or_else(|| default_data(variable)).ok_or(EnvironmentError::NoHome)?;
        let key = match key {
            Some(key) => key,
            None => {
                KeySource::File(default_key_file(variable).ok_or(EnvironmentError::NoKeyPlace)?)
            }
        };
        let (clock, rng) = (Box::new(SystemClock), Box::new(SystemRng));
        Ok(Self { data, key, server, schedule: None, clock, rng })
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

/// `$XDG_CONFIG_HOME/portcullis/key`, else `~/.config/portcullis/key`; on Windows
/// `%APPDATA%\portcullis\key`.
fn default_key_file(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let folder = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = folder("XDG_CONFIG_HOME")
        .or_else(|| folder("APPDATA").filter(|_| cfg!(windows)))
        .or_else(|| folder("HOME").map(|home| home.join(".config")))?;
    Some(base.join("portcullis").join("key"))
}

/// The one real clock.
#[derive(Debug)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one real clock, handed to everything else")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// The real source of randomness.
#[derive(Debug)]
pub(crate) struct SystemRng;

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
