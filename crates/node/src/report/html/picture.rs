//! The waterfall as shapes of an SVG picture.

use crate::report::waterfall::{Direction, Step, Waterfall};
use crate::report::words;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

const LEFT: f64 = 285.0;
const WIDTH: f64 = 405.0;
const TOP: i32 = 24;
const PITCH: i32 = 23;
/// Columns of text that fit to the left of the bars.
const LABEL_COLUMNS: usize = 40;

/// What the template draws.
#[derive(Debug)]
pub(super) struct Picture {
    pub(super) height: i32,
    pub(super) bottom: i32,
    pub(super) even: String,
    pub(super) even_anchor: &'static str,
    pub(super) threshold: Option<String>,
    pub(super) threshold_is_even: bool,
    pub(super) bars: Vec<Bar>,
    pub(super) description: String,
}

/// One bar with its words.
#[derive(Debug)]
pub(super) struct Bar {
    pub(super) label: String,
    pub(super) bits: String,
    pub(super) x: String,
    pub(super) y: i32,
    pub(super) width: String,
    pub(super) text_y: i32,
    pub(super) fill: &'static str,
    pub(super) strong: bool,
    /// Where the stroke to the next bar stands.
    pub(super) join: Option<String>,
}

impl Picture {
    pub(super) fn of(waterfall: &Waterfall) -> Self {
        let x = |total: f64| LEFT + waterfall.place(total) * WIDTH;
        let last = waterfall.steps.len().saturating_sub(1);
        let mut y = TOP;
        let mut bars = Vec::new();
        for (place, step) in waterfall.steps.iter().enumerate() {
            let (a, b) = (x(step.from.min(step.to)), x(step.from.max(step.to)));
            let is_end = matches!(step.direction, Direction::Start | Direction::Total);
            let words = step.label.reveal();
            let label = if is_end { words.to_owned() } else { format!("{place}. {words}") };
            bars.push(Bar {
                label: shorten(&label),
                bits: words::signed(step.bits),
                x: length(a),
                y,
                width: length((b - a).max(2.0)),
                text_y: y + 12,
                fill: fill(step),
                strong: step.direction == Direction::Total,
                join: (place < last).then(|| length(x(step.to))),
            });
            y += PITCH;
        }
        let even = x(0.0);
        let is_even = waterfall.threshold.abs() < 1e-9;
        let in_sight = waterfall.threshold > waterfall.low && waterfall.threshold < waterfall.high;
        let threshold = (!is_even && in_sight).then(|| length(x(waterfall.threshold)));
        Self {
            height: y + if threshold.is_some() { 16 } else { 2 },
            bottom: y - 4,
            even: length(even),
            even_anchor: if even > LEFT + WIDTH * 0.75 { "end" } else { "middle" },
            threshold,
            threshold_is_even: is_even,
            bars,
            description: describe(waterfall),
        }
    }
}

fn fill(step: &Step) -> &'static str {
    match step.direction {
        Direction::Start => "#9aa5af",
        Direction::For => "#1d5fa8",
        Direction::Against => "hatch",
        Direction::Neutral => "#51606e",
        Direction::Total => "#16202a",
    }
}

fn describe(waterfall: &Waterfall) -> String {
    waterfall
        .steps
        .iter()
        .map(|step| format!("{} {} bits.", step.label.reveal(), words::signed(step.bits)))
        .collect::<Vec<_>>()
        .join(" ")
}

fn length(number: f64) -> String {
    format!("{number:.1}")
}

fn shorten(label: &str) -> String {
    if label.width() <= LABEL_COLUMNS {
        return label.to_owned();
    }
    let mut columns = 0;
    let kept: String = label
        .chars()
        .take_while(|c| {
            columns += c.width().unwrap_or(0);
            columns < LABEL_COLUMNS
        })
        .collect();
    format!("{kept}\u{2026}")
}
