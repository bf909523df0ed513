//! What the tests share.

use portcullis_access::{Policies, PoliciesError, PolicyFile};

/// Policies of this file alone.
pub(crate) fn alone(text: &str) -> Result<Policies, PoliciesError> {
    Policies::read([file("own.cedar", text)])
}

pub(crate) fn file(name: &str, text: &str) -> PolicyFile {
    PolicyFile { name: name.to_owned(), text: text.to_owned() }
}
