//! Doubles with a fault built in, to see that the property notices.

use std::cell::Cell;

thread_local! {
    static JOINS_ARE_BROKEN: Cell<bool> = const { Cell::new(false) };
}

/// Whether the first label alone is inherited, as a careless join would have it.
pub(crate) fn joins_are_broken() -> bool {
    JOINS_ARE_BROKEN.get()
}
