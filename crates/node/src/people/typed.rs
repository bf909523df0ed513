//! What people type and nobody else may see: from the terminal without echo, or from a file.

use anyhow::{Context as _, bail};
use portcullis_keys::{CodeKind, Passphrase, SecretCode};
use portcullis_types::OfficerId;
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use zeroize::Zeroizing;

/// Longest line taken.
const LINE_BYTES: u64 = 4096;

/// What a passphrase is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// To unlock keys.
    ToUnlock,
    /// To choose one: it is asked for twice.
    ToChoose,
}

/// A passphrase, from the first line of a file or from the terminal.
pub(super) fn passphrase(
    officer: &OfficerId,
    file: Option<&Path>,
    asked: Asked,
) -> anyhow::Result<Passphrase> {
    let text = match (file, asked) {
        (Some(file), _) => first_line(file)?,
        (None, Asked::ToUnlock) => hidden(&format!("Passphrase of {officer}: "))?,
        (None, Asked::ToChoose) => {
            let text = hidden(&format!("New passphrase of {officer}, at least 12 characters: "))?;
            if hidden("The same again: ")? != text {
                bail!("the two were not the same; nothing was changed");
            }
            text
        }
    };
    Ok(Passphrase::new(&text)?)
}

/// A code, from the first line of a file or from the terminal.
pub(super) fn code(
    kind: CodeKind,
    prompt: &str,
    file: Option<&Path>,
) -> anyhow::Result<SecretCode> {
    let text = match file {
        Some(file) => first_line(file)?,
        None => hidden(prompt)?,
    };
    Ok(SecretCode::read(kind, &text)?)
}

/// The codes in the lines of a file, or as many as wanted from the terminal.
pub(super) fn codes(
    kind: CodeKind,
    prompts: &[&str],
    file: Option<&Path>,
) -> anyhow::Result<Vec<SecretCode>> {
    let Some(file) = file else {
        return prompts.iter().map(|prompt| code(kind, prompt, None)).collect();
    };
    let text = read(file)?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| Ok(SecretCode::read(kind, line)?)).collect()
}

fn read(file: &Path) -> anyhow::Result<Zeroizing<String>> {
    let refused = || format!("cannot read `{}`", file.display());
    fs::read_to_string(file).map(Zeroizing::new).with_context(refused)
}

fn first_line(file: &Path) -> anyhow::Result<Zeroizing<String>> {
    let text = read(file)?;
    let line = text.lines().next().unwrap_or_default();
    if line.is_empty() {
        bail!("the first line of `{}` is empty", file.display());
    }
    Ok(Zeroizing::new(line.to_owned()))
}

/// A line from the terminal, even where the standard streams lead elsewhere.
fn hidden(prompt: &str) -> anyhow::Result<Zeroizing<String>> {
    let mut terminal = OpenOptions::new().read(true).write(true).open("/dev/tty").context(
        "there is no terminal to ask at; give each secret in a file: `--help` names the options that end in `-file`",
    )?;
    terminal.write_all(prompt.as_bytes())?;
    let quiet = Quiet::new(&terminal)?;
    let mut line = Zeroizing::new(String::with_capacity(256));
    let read = BufReader::new((&terminal).take(LINE_BYTES)).read_line(&mut line);
    drop(quiet);
    terminal.write_all(b"\n")?;
    read.context("cannot read from the terminal")?;
    while line.ends_with(['\n', '\r']) {
        line.pop();
    }
    Ok(line)
}

/// A terminal that shows nothing of what is typed, until this is dropped.
#[cfg(unix)]
struct Quiet<'a> {
    terminal: &'a File,
    before: rustix::termios::Termios,
}

#[cfg(unix)]
impl<'a> Quiet<'a> {
    fn new(terminal: &'a File) -> anyhow::Result<Self> {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
        let before = tcgetattr(terminal).context("cannot keep the terminal from showing it")?;
        let mut quiet = before.clone();
        quiet.local_modes.remove(LocalModes::ECHO);
        tcsetattr(terminal, OptionalActions::Flush, &quiet)
            .context("cannot keep the terminal from showing it")?;
        Ok(Self { terminal, before })
    }
}

#[cfg(unix)]
impl Drop for Quiet<'_> {
    fn drop(&mut self) {
        use rustix::termios::{OptionalActions, tcsetattr};
        // If it can't be set back there is nobody left to tell.
        let _ = tcsetattr(self.terminal, OptionalActions::Flush, &self.before);
    }
}

#[cfg(not(unix))]
struct Quiet;

#[cfg(not(unix))]
impl Quiet {
    fn new(_: &File) -> anyhow::Result<Self> {
        bail!("what is typed can't be hidden here; name a file")
    }
}
