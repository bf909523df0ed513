//! Why a notice may be given.

use crate::Prose;
use crate::codec::record;

record! {
    /// The tests of the law, each answered in words, so that a tribunal can follow the decision.
    pub Grounds {
        /// Why it must be told, for which function of the originator.
        1 necessity: Prose,
        /// Why the good outweighs the harm.
        2 proportionality: Prose,
        /// Whom else it touches, and what is done about it.
        3 collateral: Prose,
        /// Which lesser step was considered, and why it does not do.
        4 alternative: Prose,
    }
}
