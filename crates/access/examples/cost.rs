//! What a judgement costs in time of one processor: `cargo run --release -p portcullis-access --example cost`.

use cpu_time::ThreadTime;
use portcullis_access::cases::{Case, SHIPPED};
use portcullis_access::{Act, Policies};
use portcullis_types::{Label, Level};
use std::error::Error;
use std::hint::black_box;
use std::io::{self, Write};

const ROUNDS: u32 = 50;
const LABELS: u8 = 200;

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = io::stdout().lock();
    let started = ThreadTime::now();
    let policies = Policies::shipped();
    writeln!(out, "reading the policies: {:?}", started.elapsed())?;

    let cases = Case::read(SHIPPED.iter().copied())?;
    let (mut allowed, mut denied) = (Vec::new(), Vec::new());
    for case in &cases {
        let started = ThreadTime::now();
        for _ in 0..ROUNDS {
            let _ = black_box(case.judge(&policies));
        }
        let each = started.elapsed() / ROUNDS;
        if case.expected.is_allowed() { allowed.push(each) } else { denied.push(each) }
    }
    for (what, mut times) in [("allowed", allowed), ("denied", denied)] {
        times.sort();
        let middle = times.get(times.len() / 2).copied().unwrap_or_default();
        let last = times.last().copied().unwrap_or_default();
        writeln!(out, "judging what is {what}: median {middle:?}, slowest {last:?}")?;
    }

    let labels: Vec<Label> =
        (0..LABELS).map(|level| Label { level: Level(level), ..Label::open() }).collect();
    if let Some(case) = cases.iter().find(|case| case.name.starts_with("an officer reads alerts")) {
        let started = ThreadTime::now();
        let seen = policies.visible(
            case.now,
            &case.asker,
            Act::Read,
            &case.thing,
            labels.iter().enumerate(),
        );
        let each = started.elapsed() / u32::from(LABELS);
        writeln!(out, "visible among {LABELS} labels: {}, {each:?} for each", seen.len())?;
    }
    Ok(())
}
