//! The marking scheme: what the ranks of levels are called, and which words there are. It is data of
//! the node, not code.

use anyhow::{Context, bail, ensure};
use portcullis_types::{Label, Level};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// Where an organisation's own scheme is, in the data folder.
pub(super) const FILE: &str = "marking.toml";

/// The scheme of a node that has none of its own.
pub(super) const DEFAULT: &str = include_str!("marking.toml");

/// Longest name of a level, compartment or handling word.
const LONGEST: usize = 40;

/// Levels by rank, and the words that a marking may have.
#[derive(Debug)]
pub(crate) struct Scheme {
    levels: BTreeMap<Level, String>,
    /// None where any word will do.
    compartments: Option<BTreeSet<Box<str>>>,
    handling: BTreeSet<Box<str>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    version: u8,
    level: Vec<RawLevel>,
    compartments: Option<BTreeSet<Box<str>>>,
    handling: BTreeSet<Box<str>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLevel {
    rank: u8,
    name: String,
}

impl Scheme {
    /// The scheme in force: the one in the data folder, else the default.
    pub(crate) fn in_force(data: &Path) -> anyhow::Result<Self> {
        let path = data.join(FILE);
        match fs::read_to_string(&path) {
            Ok(text) => Self::parse(&text)
                .with_context(|| format!("cannot use the marking scheme `{}`", path.display())),
            Err(error) if error.kind() == ErrorKind::NotFound => Self::parse(DEFAULT),
            Err(error) => Err(error)
                .with_context(|| format!("cannot read the marking scheme `{}`", path.display())),
        }
    }

    pub(super) fn parse(text: &str) -> anyhow::Result<Self> {
        let raw: Raw = toml::from_str(text)?;
        ensure!(raw.version == 1, "its version is {}; this program knows version 1", raw.version);
        let mut levels = BTreeMap::new();
        let mut names = BTreeSet::new();
        for RawLevel { rank, name } in raw.level {
            check_word(&name)?;
            ensure!(names.insert(folded(&name)), "two levels are called `{name}`");
            if let Some(other) = levels.insert(Level(rank), name) {
                bail!("`{other}` is not the only level of rank {rank}; give each its own");
            }
        }
        ensure!(levels.contains_key(&Level(0)), "name the level of rank 0, that of open things");
        for word in raw.compartments.iter().flatten().chain(&raw.handling) {
            check_word(word)?;
        }
        Ok(Self { levels, compartments: raw.compartments, handling: raw.handling })
    }

    /// The level of this name, whatever its case.
    pub(super) fn level(&self, name: &str) -> anyhow::Result<Level> {
        let found = self.levels.iter().find(|(_, other)| folded(other) == folded(name));
        found.map(|(level, _)| *level).with_context(|| {
            let names: Vec<&str> = self.levels.values().map(String::as_str).collect();
            format!("there is no such level; there are: {}", names.join(", "))
        })
    }

    /// A compartment. One that is written wrongly would hide a thing from everybody.
    pub(super) fn compartment(&self, word: &str) -> anyhow::Result<Box<str>> {
        check_word(word)?;
        if self.compartments.as_ref().is_some_and(|known| !known.contains(word)) {
            bail!("the marking scheme knows no such compartment; add it to `{FILE}` first");
        }
        Ok(word.into())
    }

    /// A handling word, which the policies know.
    pub(super) fn handling(&self, word: &str) -> anyhow::Result<Box<str>> {
        self.handling.get(word).cloned().with_context(|| {
            let words: Vec<&str> = self.handling.iter().map(AsRef::as_ref).collect();
            format!("there is no such handling word; there are: {}", words.join(", "))
        })
    }

    /// Every level, the lowest first.
    pub(super) fn levels(&self) -> impl Iterator<Item = (Level, &str)> {
        self.levels.iter().map(|(level, name)| (*level, name.as_str()))
    }

    /// What a level is called.
    pub(crate) fn level_words(&self, level: Level) -> String {
        self.levels.get(&level).cloned().unwrap_or_else(|| format!("level {}", level.0))
    }

    /// A label in words.
    pub(crate) fn words(&self, label: &Label) -> String {
        let mut text = self.level_words(label.level);
        let mut say = |what: &str, these: Vec<String>| {
            if !these.is_empty() {
                let _ = write!(text, "; {what}{}", these.join(", "));
            }
        };
        say("compartments ", label.compartments.iter().map(ToString::to_string).collect());
        say("", label.handling.iter().map(ToString::to_string).collect());
        say("released to ", audience(&label.organisations));
        say("for these people alone: ", audience(&label.people));
        say("matters of ", label.parties.iter().map(ToString::to_string).collect());
        say("from ", label.originators.iter().map(ToString::to_string).collect());
        text
    }
}

fn audience<T: Ord + ToString>(audience: &portcullis_types::Audience<T>) -> Vec<String> {
    match audience {
        portcullis_types::Audience::Everyone => Vec::new(),
        portcullis_types::Audience::Only(these) if these.is_empty() => vec!["nobody".to_owned()],
        portcullis_types::Audience::Only(these) => these.iter().map(T::to_string).collect(),
    }
}

fn folded(name: &str) -> String {
    name.to_lowercase()
}

fn check_word(word: &str) -> anyhow::Result<()> {
    let is_fit = !word.is_empty()
        && word.trim() == word
        && word.chars().count() <= LONGEST
        && !word.chars().any(|c| c.is_control() || matches!(c, ',' | ';'));
    ensure!(is_fit, "a level or word has 1 to {LONGEST} letters, without commas and semicolons");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_a_scheme() {
        let scheme = Scheme::parse(DEFAULT).unwrap();
        assert_eq!(scheme.level("secret").unwrap(), Level(3));
        assert_eq!(scheme.words(&Label::open()), "OPEN");
        assert!(scheme.level("COSMIC").is_err());
        assert!(scheme.handling("orcon").is_ok());
        assert!(scheme.handling("eyes-only").is_err());
    }

    #[test]
    fn a_scheme_that_could_be_misread_is_refused() {
        let level = |rank: u8, name: &str| format!("[[level]]\nrank = {rank}\nname = {name:?}\n");
        let head = "version = 1\nhandling = []\n";
        let open = level(0, "OPEN");
        assert!(Scheme::parse(&format!("{head}{open}")).is_ok());
        for bad in [
            String::new(),
            head.to_owned(),
            format!("{head}{}", level(1, "OFFICIAL")),
            format!("{head}{open}{}", level(0, "OFFICIAL")),
            format!("{head}{open}{}", level(1, "Open")),
            format!("{head}{open}{}", level(1, "A;B")),
            format!("version = 2\nhandling = []\n{open}"),
            format!("{head}colour = 1\n{open}"),
        ] {
            assert!(Scheme::parse(&bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_compartment_that_is_not_in_the_scheme_is_refused() {
        let text = "version = 1\nhandling = []\ncompartments = [\"river\"]\n\
                    [[level]]\nrank = 0\nname = \"OPEN\"\n";
        let scheme = Scheme::parse(text).unwrap();
        assert!(scheme.compartment("river").is_ok());
        assert!(scheme.compartment("rivre").is_err());
        assert!(Scheme::parse(DEFAULT).unwrap().compartment("anything").is_ok());
    }
}
