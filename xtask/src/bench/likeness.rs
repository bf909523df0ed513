//! `cargo xtask bench likeness`: what a likeness between two spellings says, in bits.
//!
//! Words of names in Latin letters beside the same words in another script are compared with each
//! other and with words of other names. How much more often two spellings of one word are so alike
//! than two words drawn at random is what the matcher may conclude from it.

use super::data::open;
use crate::say;
use crate::workspace::root;
use anyhow::{Context as _, Result, ensure};
use portcullis_matching::{Settings, compare};
use portcullis_types::{Dossier, Origin, Property, Schema, Statement};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What to measure on.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Folder with `translit-coling2018/wd_*_80.zst` and `translit-google/ar2en.txt`
    #[arg(long, default_value = "../shared/data")]
    data: PathBuf,
}

/// The word lists: what they are, where, and whether the Latin word comes first.
const LISTS: [(&str, &str, bool); 4] = [
    ("Arabic", "translit-coling2018/wd_arabic_80.zst", true),
    ("Arabic, Google's", "translit-google/ar2en.txt", false),
    ("Cyrillic", "translit-coling2018/wd_russian_80.zst", true),
    ("Chinese", "translit-coling2018/wd_chinese_80.zst", true),
];
/// How many words of a list are taken, evenly spread over it.
const WORDS: usize = 6_000;
/// With how many other words each is compared.
const STRANGERS: usize = 20;
/// Shortest Latin word taken, in bytes.
const SHORTEST: usize = 3;
/// Steps of likeness, a twentieth each; the last holds what is wholly alike.
const STEPS: usize = 21;

/// Prints, for each list and step of likeness, what it says in bits.
pub(crate) fn run(args: &Args) -> Result<()> {
    let folder = if args.data.is_dir() { args.data.clone() } else { root().join(&args.data) };
    for (title, file, latin_first) in LISTS {
        let words = words(&folder.join(file), latin_first)?;
        let (same, other) = counts(&words)?;
        let (all_same, all_other) = (sum(&same), sum(&other));
        say(&format!("{title}: {all_same} pairs of one word, {all_other} of two"))?;
        say("  likeness from   of one word   of two words   bits")?;
        for (step, (a, b)) in same.iter().zip(&other).enumerate().rev().take(10) {
            let (a, b) =
                (f64::from(*a) / f64::from(all_same), f64::from(*b) / f64::from(all_other));
            let bits = if a > 0.0 && b > 0.0 {
                format!("{:6.1}", (a / b).log2())
            } else {
                "     -".to_owned()
            };
            let from = f64::from(u32::try_from(step)?) / 20.0;
            say(&format!("           {from:.2}        {a:.4}       {b:.6} {bits}"))?;
        }
    }
    Ok(())
}

fn sum(counts: &[u32]) -> u32 {
    counts.iter().sum()
}

/// Latin and native spellings.
fn words(path: &Path, latin_first: bool) -> Result<Vec<(String, String)>> {
    let mut words = Vec::new();
    for line in BufReader::new(open(path)?).lines() {
        let line = line?;
        let mut cells = line.split('\t');
        let (Some(one), Some(two)) = (cells.next(), cells.next()) else { continue };
        let (latin, native) = if latin_first { (one, two) } else { (two, one) };
        // Native words are written letter by letter with blanks between.
        let (latin, native) = (latin.trim().to_owned(), native.replace(' ', ""));
        if latin.len() >= SHORTEST && !native.is_empty() {
            words.push((latin, native));
        }
    }
    ensure!(words.len() > STRANGERS, "too few words in {}", path.display());
    let step = (words.len() / WORDS).max(1);
    Ok(words.into_iter().step_by(step).take(WORDS).collect())
}

fn counts(words: &[(String, String)]) -> Result<([u32; STEPS], [u32; STEPS])> {
    let (mut same, mut other) = ([0; STEPS], [0; STEPS]);
    for (index, (latin, native)) in words.iter().enumerate() {
        count(&mut same, latin, native)?;
        for turn in 1..=STRANGERS {
            // A large stride, so that neighbours in the alphabet are not favoured.
            let place = (index + turn * 2_711) % words.len();
            if let Some((_, stranger)) = words.get(place).filter(|_| place != index) {
                count(&mut other, latin, stranger)?;
            }
        }
    }
    Ok((same, other))
}

fn count(counts: &mut [u32; STEPS], latin: &str, native: &str) -> Result<()> {
    // Each word twice: a Chinese name of one word would be parted into family and given name.
    let query = person(&format!("{native}·{native}"))?;
    let record = person(&format!("{latin} {latin}"))?;
    let alike = compare(&query, &record, &Settings::default()).map_or(0.0, |p| p.similarity.0);
    let step = (0..STEPS)
        .rev()
        .find(|step| u32::try_from(*step).is_ok_and(|step| alike + 1e-6 >= f64::from(step) / 20.0));
    if let Some(count) = step.and_then(|step| counts.get_mut(step)) {
        *count += 1;
    }
    Ok(())
}

fn person(name: &str) -> Result<Dossier> {
    let origin = Arc::new(Origin {
        source: "bench".parse()?,
        version: "bench".parse()?,
        recorded_at: "2026-01-01T00:00:00Z".parse().context("a constant time")?,
        controller: "bench".parse()?,
    });
    let mut dossier = Dossier::new("w".parse()?, "w".parse()?, Schema::Person, origin);
    dossier.state(Statement::new(Property::Name, name, 1));
    Ok(dossier)
}
