//! Whose word is taken: a policy file, or the key of a log.

use anyhow::{Context, ensure};
use portcullis_audit::{KeyKind, Policy, VerifierKey};
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

/// Whom to believe.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct TrustArgs {
    /// Policy file (C2SP tlog-policy): the logs, the witnesses, and how many of them must agree
    #[arg(long, value_name = "FILE", conflicts_with = "key")]
    policy: Option<PathBuf>,

    /// Key of the log, as `audit open` printed it
    #[arg(long, value_name = "VKEY")]
    key: Vec<VerifierKey>,
}

impl TrustArgs {
    /// The policy that was given; none where nothing was.
    pub(super) fn policy(&self) -> anyhow::Result<Option<Policy>> {
        if let Some(path) = &self.policy {
            let refused = || format!("cannot use the policy `{}`", path.display());
            let bytes = fs::read(path).with_context(refused)?;
            return Policy::parse(&bytes).map(Some).with_context(refused);
        }
        if self.key.is_empty() { Ok(None) } else { of_keys(&self.key).map(Some) }
    }
}

/// The policy that these logs need no witness.
pub(super) fn of_keys(keys: &[VerifierKey]) -> anyhow::Result<Policy> {
    let mut text = String::new();
    for key in keys {
        ensure!(
            key.kind() == KeyKind::Log,
            "`{}` is the key of a witness; give the key of the log, or a policy file",
            key.name()
        );
        let _ = writeln!(text, "log {key}");
    }
    text.push_str("quorum none\n");
    Policy::parse(text.as_bytes()).context("cannot use the key of the log")
}
