//! How much work statements were, for tests: the steps of the machine that carries them out, of which
//! each row that is visited takes some. They are the same on every machine.

use std::cell::Cell;

thread_local! {
    static STEPS: Cell<u64> = const { Cell::new(0) };
}

pub(super) fn add(steps: i32) {
    STEPS.set(STEPS.get() + u64::try_from(steps).unwrap());
}

/// The steps of this thread since the last time.
pub(crate) fn taken() -> u64 {
    STEPS.take()
}
