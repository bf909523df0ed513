//! Copies of what the node keeps, getting it back from them, and looking whether it is sound.

pub(crate) mod backup;
pub(crate) mod doctor;
pub(crate) mod restore;
