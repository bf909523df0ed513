//! `portcullis match`: how alike are the two sides of each pair, and why?

use crate::environment::Environment;
use crate::exit::Outcome;
use crate::input;
use crate::lines::{Line, LineError, Lines};
use crate::parallel;
use crate::report::json::{ReasonLine, reason_lines};
use crate::screen::settings::ScoreArgs;
use anyhow::Context;
use portcullis_ingest::read_entity;
use portcullis_matching::Settings;
use portcullis_types::{Origin, Pair};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::io::{BufReader, BufWriter, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Compare two records in each line of a file, without any list
///
/// Reads lines like {"query": ENTITY, "candidate": ENTITY}, where ENTITY is a FollowTheMoney entity,
/// and writes one JSON line for each, in the same order: similarity, strength, score, reasons. A line
/// that cannot be read gives {"error": ...} in its place, so that line N of the output always answers
/// line N of the input (blank lines apart).
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    /// JSON lines with "query" and "candidate"; - reads standard input
    #[arg(long, value_name = "FILE")]
    pairs: PathBuf,

    #[command(flatten)]
    score: ScoreArgs,

    /// Threads to use [default: one for each core]
    #[arg(long, value_name = "N", value_parser = parallel::jobs)]
    jobs: Option<NonZeroUsize>,
}

const AFTER: &str = "\
Example:
  portcullis match --pairs pairs.jsonl > scores.jsonl

Exit status:
  0  every line was compared      2  could not be done      3  some lines could not be read";

#[derive(Deserialize)]
struct Question {
    query: Value,
    candidate: Value,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Answer {
    Compared {
        similarity: f64,
        strength: f64,
        score: f64,
        reasons: Vec<ReasonLine>,
        versions: PairVersions,
        /// Says so where the two cannot be the same kind of thing, or share nothing to compare.
        #[serde(skip_serializing_if = "Option::is_none")]
        note: Option<&'static str>,
    },
    Error {
        error: String,
    },
}

#[derive(Serialize)]
struct PairVersions {
    normaliser: &'static str,
    model: &'static str,
}

/// Runs `portcullis match`.
pub(crate) fn run(args: &Args, environment: &Environment) -> anyhow::Result<Outcome> {
    let settings = args.score.settings();
    let origin = origin(environment)?;
    let reader = BufReader::with_capacity(1 << 16, input::open(&args.pairs)?);
    let mut out = BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
    let mut unreadable = 0_u64;
    parallel::in_order(
        args.jobs.unwrap_or_else(parallel::default_jobs),
        Lines::new(reader),
        |line| line.as_ref().map_or(0, |line| line.bytes.len()),
        |line| line.map(|line| answer(&line, &origin, &settings)),
        |result: Result<Answer, LineError>| -> anyhow::Result<()> {
            let answer = result.with_context(|| cannot_read(&args.pairs))?;
            unreadable += u64::from(matches!(answer, Answer::Error { .. }));
            serde_json::to_writer(&mut out, &answer)?;
            out.write_all(b"\n")?;
            Ok(())
        },
    )?;
    out.flush()?;
    Ok(if unreadable == 0 { Outcome::Clear } else { Outcome::Incomplete })
}

fn answer(line: &Line, origin: &Arc<Origin>, settings: &Settings) -> Answer {
    let compared = match compare(line, origin, settings) {
        Ok(compared) => compared,
        Err(error) => return Answer::Error { error: format!("line {}: {error}", line.number) },
    };
    let versions = PairVersions {
        normaliser: portcullis_matching::NORMALISER,
        model: portcullis_matching::MODEL,
    };
    match compared {
        Some(pair) => Answer::Compared {
            similarity: pair.similarity.0,
            strength: pair.strength.0,
            score: pair.score.0,
            reasons: reason_lines(&pair.reasons),
            versions,
            note: None,
        },
        None => Answer::Compared {
            similarity: 0.0,
            strength: 0.0,
            score: 0.0,
            reasons: Vec::new(),
            versions,
            note: Some(
                "not compared: two different kinds of thing, or nothing in common to compare",
            ),
        },
    }
}

fn compare(line: &Line, origin: &Arc<Origin>, settings: &Settings) -> Result<Option<Pair>, String> {
    let question: Question = serde_json::from_slice(&line.bytes).map_err(|error| {
        // The parser's own words may quote the line, so only its position is passed on.
        format!("not a JSON object with `query` and `candidate` (column {})", error.column())
    })?;
    let side = |name: &str, mut value: Value| {
        // Nothing refers to the sides of a pair, so they need no ids.
        if let Some(entity) = value.as_object_mut() {
            entity.entry("id").or_insert_with(|| Value::from(name));
        }
        read_entity(&value, line.number, origin).map_err(|error| format!("`{name}`: {error}"))
    };
    let query = side("query", question.query)?;
    let candidate = side("candidate", question.candidate)?;
    Ok(portcullis_matching::compare(&query, &candidate, settings))
}

fn origin(environment: &Environment) -> anyhow::Result<Arc<Origin>> {
    Ok(Arc::new(Origin {
        source: "pairs".parse()?,
        version: "unversioned".parse()?,
        recorded_at: environment.clock.now(),
        controller: "own".parse()?,
    }))
}

fn cannot_read(path: &Path) -> String {
    format!("cannot read `{}`", path.display())
}
