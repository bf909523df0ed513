//! When a notice is released: at a moment that tells nothing of what gave rise to it.

use crate::StatedReason;
use jiff::civil::Weekday;
use portcullis_federation::Moment;
use portcullis_types::Rng;
use serde::{Deserialize, Serialize};

/// Seconds of a day.
const DAY: u64 = 24 * 60 * 60;

/// Periods are counted from the first Monday after the beginning of 1970: 5 January.
const FIRST_MONDAY: u64 = 4 * DAY;

/// Longest period, in weeks.
const MOST_WEEKS: u8 = 8;

/// The fixed moments at which an organisation releases its notices, by period. Whatever is approved in
/// one period leaves in the next one, at a slot drawn at random: within a period, when it was approved
/// moves nothing, and what gave rise to it even less.
///
/// The longer the period, the less a moment tells, and the longer routine notices wait: a period on
/// average, two at the most. What can't wait is released at once, with a reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "PlanText", into = "PlanText")]
pub struct ReleasePlan {
    // INVARIANT: sorted, none twice, at least one; days count from Monday as 0.
    days: Vec<u8>,
    hour: u8,
    weeks: u8,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlanText {
    days: Vec<u8>,
    hour: u8,
    weeks: u8,
}

/// Why a plan can't be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReleasePlanError {
    /// It has too few slots to draw from.
    #[error("a period has at least five release slots; name more days or more weeks")]
    TooFew,
    /// The hour is none.
    #[error("the hour of release is 0 to 23 (UTC)")]
    Hour,
    /// The period is too long or nothing.
    #[error("a release period is 1 to {MOST_WEEKS} weeks")]
    Weeks,
    /// The day is none.
    #[error("a day of release is 0 for Monday to 6 for Sunday")]
    Day,
}

/// Fewest slots of a period: with fewer the draw hides too little.
const FEWEST_SLOTS: u64 = 5;

impl ReleasePlan {
    /// A plan of these days of the week, this hour (UTC), in periods of so many weeks.
    ///
    /// # Errors
    /// [`ReleasePlanError`].
    pub fn new(
        days: impl IntoIterator<Item = Weekday>,
        hour: u8,
        weeks: u8,
    ) -> Result<Self, ReleasePlanError> {
        let days = days.into_iter().map(|day| day.to_monday_zero_offset().unsigned_abs());
        PlanText { days: days.collect(), hour, weeks }.try_into()
    }

    fn slots(&self) -> u64 {
        (self.days.len() as u64).saturating_mul(u64::from(self.weeks))
    }

    fn period(&self) -> u64 {
        u64::from(self.weeks).saturating_mul(7 * DAY)
    }

    /// Slot `n` of the period that begins at a second.
    fn slot(&self, begins: u64, n: u64) -> Moment {
        let in_week = (self.days.len() as u64).max(1);
        let day = usize::try_from(n % in_week).ok().and_then(|n| self.days.get(n));
        let day = u64::from(day.copied().unwrap_or_default());
        let days = (n / in_week).saturating_mul(7).saturating_add(day);
        let after = days.saturating_mul(DAY).saturating_add(u64::from(self.hour) * 60 * 60);
        Moment::new(begins).unwrap_or(Moment::END).later(after)
    }
}

impl Default for ReleasePlan {
    /// Monday to Friday at 15:00, in periods of two weeks: as long as an answer may take.
    fn default() -> Self {
        Self { days: vec![0, 1, 2, 3, 4], hour: 15, weeks: 2 }
    }
}

impl TryFrom<PlanText> for ReleasePlan {
    type Error = ReleasePlanError;
    fn try_from(text: PlanText) -> Result<Self, ReleasePlanError> {
        let PlanText { mut days, hour, weeks } = text;
        days.sort_unstable();
        days.dedup();
        if days.iter().any(|day| *day > 6) {
            return Err(ReleasePlanError::Day);
        }
        if hour > 23 {
            return Err(ReleasePlanError::Hour);
        }
        if !(1..=MOST_WEEKS).contains(&weeks) {
            return Err(ReleasePlanError::Weeks);
        }
        let plan = Self { days, hour, weeks };
        if plan.slots() < FEWEST_SLOTS { Err(ReleasePlanError::TooFew) } else { Ok(plan) }
    }
}

impl From<ReleasePlan> for PlanText {
    fn from(plan: ReleasePlan) -> Self {
        Self { days: plan.days, hour: plan.hour, weeks: plan.weeks }
    }
}

/// How an approved notice is released.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReleaseOrder {
    /// At a slot of the plan.
    Independently,
    /// At once, because an officer says why it can't wait. Counted.
    Now(StatedReason),
}

/// The moment at which a notice that is approved now is released: a slot of the period after this one,
/// each as likely as any other. There is no argument by which a referral could have a say in it
/// (THREATS T-51).
pub fn release_independently(approved: Moment, rng: &mut dyn Rng, plan: &ReleasePlan) -> Moment {
    // Before the first Monday lies no period; it counts as the one that begins there.
    let since = approved.seconds().saturating_sub(FIRST_MONDAY);
    let next = (since / plan.period()).saturating_add(1);
    let begins = next.saturating_mul(plan.period()).saturating_add(FIRST_MONDAY);
    plan.slot(begins, below(rng, plan.slots()))
}

/// A number below a limit, each as likely as any other: what would favour the lower ones is drawn anew.
fn below(rng: &mut dyn Rng, limit: u64) -> u64 {
    let limit = limit.max(1);
    let fair = u64::MAX - u64::MAX % limit;
    loop {
        let mut bytes = [0; 8];
        rng.fill(&mut bytes);
        let drawn = u64::from_le_bytes(bytes);
        if drawn < fair {
            return drawn % limit;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use portcullis_testkit::SeededRng;
    use portcullis_types::Rng;
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};
    use std::collections::BTreeMap;

    fn at(text: &str) -> Moment {
        Moment::of(text.parse().unwrap()).unwrap()
    }

    #[test]
    fn the_slots_are_those_of_the_fortnight_after() {
        // 5 January 1970 was a Monday. 1,440 fortnights of 14 days after it (20,160 days) lies Monday 17
        // March 2025: counted with Python's `datetime`.
        let (mut rng, plan) = (SeededRng::new(1), ReleasePlan::default());
        let mut seen = BTreeMap::new();
        for _ in 0..10_000 {
            let moment = release_independently(at("2025-03-12T09:00:00Z"), &mut rng, &plan);
            *seen.entry(moment).or_insert(0_u32) += 1;
        }
        let expected = ["17", "18", "19", "20", "21", "24", "25", "26", "27", "28"]
            .map(|day| at(&format!("2025-03-{day}T15:00:00Z")));
        assert!(seen.keys().eq(expected.iter()), "{seen:?}");
        // Each is drawn a thousand times, give or take: with nine degrees of freedom chi squared passes
        // 27.88 once in a thousand draws (any table of it).
        let chi_squared: f64 =
            seen.values().map(|n| (f64::from(*n) - 1_000.0).powi(2) / 1_000.0).sum();
        assert!(chi_squared < 27.88, "{chi_squared}");
    }

    #[test]
    fn within_a_period_the_moment_of_approval_moves_nothing() {
        // THREATS T-51: from the first second of Monday 3 March to the last of Sunday 16 March.
        let plan = ReleasePlan::default();
        let draw = |text| release_independently(at(text), &mut SeededRng::new(5), &plan);
        assert_eq!(draw("2025-03-03T00:00:00Z"), draw("2025-03-16T23:59:59Z"));
        assert_ne!(draw("2025-03-16T23:59:59Z"), draw("2025-03-17T00:00:00Z"));
    }

    #[test]
    fn a_plan_of_too_few_slots_hides_nothing_and_is_refused() {
        use Weekday::{Friday, Monday, Tuesday};
        let few = ReleasePlan::new([Monday, Friday, Monday], 9, 2);
        assert_eq!(few, Err(ReleasePlanError::TooFew));
        assert!(ReleasePlan::new([Monday, Tuesday, Friday], 9, 2).is_ok());
        assert_eq!(ReleasePlan::new([Monday], 24, 8), Err(ReleasePlanError::Hour));
        for weeks in [0, 9] {
            assert_eq!(ReleasePlan::new([Monday], 9, weeks), Err(ReleasePlanError::Weeks));
        }
        let kept = r#"{"days":[0,1,2,3,7],"hour":9,"weeks":1}"#;
        assert!(serde_json::from_str::<ReleasePlan>(kept).is_err());
    }

    #[test]
    fn a_number_is_drawn_anew_where_it_would_favour_the_low_ones() {
        #[derive(Debug)]
        struct High(u8);
        impl Rng for High {
            fn fill(&mut self, bytes: &mut [u8]) {
                bytes.fill(self.0);
                self.0 = 0;
            }
        }
        // 2^64 leaves 2 when divided by 7: the two highest numbers would favour 0 and 1, and 2^64 - 1 is
        // one of them. The next draw is taken.
        assert_eq!(below(&mut High(255), 7), 0);
    }

    proptest! {
        #[test]
        fn a_notice_waits_for_a_slot_and_for_two_periods_at_the_most(
            approved in 345_600..250_000_000_000_u64,
            seed in any::<u64>(),
        ) {
            let (plan, approved) = (ReleasePlan::default(), Moment::new(approved).unwrap());
            let moment = release_independently(approved, &mut SeededRng::new(seed), &plan);
            let wait = moment.seconds() - approved.seconds();
            prop_assert!(wait > 0 && wait < 28 * DAY, "{wait}");
            prop_assert_eq!(moment.seconds() % DAY, 15 * 60 * 60);
        }
    }
}
