//! How a command ends: the exit status that scripts rely on, and the last words of a failure.

use std::io::{self, Write};
use std::process::ExitCode;

/// How a command ended. The numbers are part of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Done; when screening, nobody needs a look. Status 0.
    Clear,
    /// Done, and at least one alert needs a decision. Status 1.
    Alerts,
    /// Done without an alert, but some rows could not be read or nobody was named, so silence is not
    /// an all-clear.
    /// Status 3.
    Incomplete,
    /// What was looked at isn't sound, and it was said why. Status 1.
    Unsound,
    /// Something that is kept is broken, and it was said what. Status 2.
    Broken,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Clear => Self::SUCCESS,
            Outcome::Alerts | Outcome::Unsound => Self::from(1),
            Outcome::Broken => Self::from(2),
            Outcome::Incomplete => Self::from(3),
        }
    }
}

/// Says why a command could not do its work; status 2. A reader who closes the pipe early (`head`)
/// is no failure worth a word.
pub(crate) fn failed(error: &anyhow::Error) -> ExitCode {
    if !error.chain().any(is_closed_pipe) {
        let red = anstyle::AnsiColor::Red.on_default().bold();
        let mut stderr = anstream::stderr().lock();
        // If even stderr is closed there is nobody left to tell.
        let _ = writeln!(stderr, "{red}portcullis:{red:#} {error}");
        for cause in error.chain().skip(1) {
            let _ = writeln!(stderr, "  because: {cause}");
        }
    }
    ExitCode::from(2)
}

fn is_closed_pipe(cause: &(dyn std::error::Error + 'static)) -> bool {
    let plain = cause.downcast_ref::<io::Error>().map(io::Error::kind);
    // JSON errors keep theirs to themselves.
    let json =
        || cause.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind);
    let table = || match cause.downcast_ref::<csv::Error>().map(csv::Error::kind) {
        Some(csv::ErrorKind::Io(error)) => Some(error.kind()),
        _ => None,
    };
    plain.or_else(json).or_else(table) == Some(io::ErrorKind::BrokenPipe)
}
