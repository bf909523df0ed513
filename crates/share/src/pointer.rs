//! A message without content: call this number.

use crate::codec::record;
use crate::{Line, PointerId};
use portcullis_federation::Moment;

record! {
    /// Asks whoever is on duty to call a number. It says nothing of what about, and its id has nothing to
    /// do with the id of what the call will be about.
    pub Pointer {
        /// Its id, drawn at random.
        1 id: PointerId,
        /// The number to call, or where to come.
        2 call: Line,
        /// By when.
        3 by: Moment,
        /// When it was sent.
        4 sent: Moment,
    }
}
