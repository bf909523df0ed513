//! Whom is asked for: people who are on the list, people nearly on it, and people who are not.

use anyhow::{Context as _, Result};
use portcullis_testkit::SeededRng;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

/// Queries that take turns.
const QUERIES: usize = 5_000;

const GIVEN: [&str; 24] = [
    "Orsolya",
    "Quillon",
    "Bettany",
    "Ferelith",
    "Osric",
    "Tamsin",
    "Leopold",
    "Ysolde",
    "Caspar",
    "Isaura",
    "Barnaby",
    "Melisende",
    "Thaddeus",
    "Rosamund",
    "Ambrose",
    "Perpetua",
    "Lysander",
    "Drusilla",
    "Evander",
    "Hesper",
    "Ignatius",
    "Jocasta",
    "Kester",
    "Lettice",
];
const FAMILY: [&str; 20] = [
    "Testwick",
    "Examplesson",
    "Sampleford",
    "Mockridge",
    "Fakeham",
    "Placeholt",
    "Dummyson",
    "Inventley",
    "Specimen",
    "Trialby",
    "Draftsworth",
    "Modelby",
    "Stubbington",
    "Fixtureham",
    "Pretendale",
    "Madeupson",
    "Notrealby",
    "Figment",
    "Phantomley",
    "Nemoham",
];

/// The records of a list, and the file of it: the one given where there is one, else an invented one.
pub(super) fn list(given: &Path, people: usize, folder: &Path) -> Result<(Vec<Value>, PathBuf)> {
    if given.is_file() {
        let bytes = fs::read(given)?;
        let text = if given.extension().is_some_and(|extension| extension == "zst") {
            zstd::decode_all(bytes.as_slice())?
        } else {
            bytes
        };
        let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let records = lines.map(serde_json::from_slice).collect::<Result<Vec<Value>, _>>();
        return Ok((records.context("the list is not JSON lines")?, given.to_owned()));
    }
    let mut rng = SeededRng::new(7);
    let records: Vec<Value> = (0..people).map(|number| person(&mut rng, number)).collect();
    let path = folder.join("invented.jsonl");
    let lines: Vec<String> = records.iter().map(Value::to_string).collect();
    fs::write(&path, lines.join("\n"))?;
    Ok((records, path))
}

fn person(rng: &mut SeededRng, number: usize) -> Value {
    let name = format!("{} {} {}", pick(rng, &GIVEN), made_up(rng), pick(rng, &FAMILY));
    let birth = format!("{}-{:02}", 1930 + rng.next_u64() % 70, 1 + rng.next_u64() % 12);
    json!({
        "id": format!("invented-{number}"), "schema": "Person",
        "properties": {"name": [name], "birthDate": [birth], "topics": ["sanction"]},
    })
}

fn pick<'a>(rng: &mut SeededRng, words: &[&'a str]) -> &'a str {
    words.get(place(rng, words.len())).copied().unwrap_or_default()
}

/// A place in a list of so many.
fn place(rng: &mut SeededRng, count: usize) -> usize {
    let place = rng.next_u64() % (count.max(1) as u64);
    usize::try_from(place).unwrap_or_default()
}

/// Two to four syllables.
fn made_up(rng: &mut SeededRng) -> String {
    const SYLLABLES: [&str; 16] = [
        "ba", "dor", "fen", "gri", "hal", "jo", "kel", "lim", "mor", "nas", "per", "quo", "ris",
        "sul", "tav", "wyn",
    ];
    let mut word: String = (0..2 + rng.next_u64() % 3).map(|_| pick(rng, &SYLLABLES)).collect();
    if let Some(first) = word.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    word
}

/// Bodies of requests: a third as on the list, a third with a letter changed, a third invented.
pub(super) fn bodies(records: &[Value], seed: u64) -> Vec<String> {
    let mut rng = SeededRng::new(seed);
    (0..QUERIES)
        .map(|number| {
            let record = records.get(place(&mut rng, records.len()));
            let schema = record.and_then(|r| r.get("schema")).cloned().unwrap_or(json!("Person"));
            let listed =
                record.and_then(|r| r.pointer("/properties/name/0")).and_then(Value::as_str);
            let query = match (number % 3, listed) {
                (0, Some(name)) => json!({"schema": schema, "properties": {"name": [name]}}),
                (1, Some(name)) => {
                    json!({"schema": schema, "properties": {"name": [misspelt(&mut rng, name)]}})
                }
                _ => person(&mut rng, number),
            };
            json!({"queries": {"a": query}}).to_string()
        })
        .collect()
}

fn misspelt(rng: &mut SeededRng, name: &str) -> String {
    let mut letters: Vec<char> = name.chars().collect();
    let place = place(rng, letters.len());
    if let Some(letter) = letters.get_mut(place)
        && letter.is_alphabetic()
    {
        *letter = 'e';
    }
    letters.into_iter().collect()
}
