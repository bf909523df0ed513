//! Where policies and cases come from: the program, or a folder of the operator's.

use anyhow::{Context, bail};
use portcullis_access::{Effect, Policies, PolicyFile, Rule};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Largest file of policies or cases taken, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// Most files taken from a folder.
const MAX_FILES: usize = 1_000;

/// Which policies hold.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct PoliciesFrom {
    /// Folder with policies of your own (`*.cedar`), which take the place of the program's
    ///
    /// They are trusted: whoever can change them decides who may see and do what.
    #[arg(
        long,
        env = "PORTCULLIS_POLICIES",
        value_name = "DIR",
        hide_env_values = true,
        help_heading = "Who may do what"
    )]
    pub(crate) policies: Option<PathBuf>,
}

/// The policies that hold: the operator's where a folder is named, else those of the program. A folder
/// with a fault in it is refused with file, line and column; nothing is ever judged by the others
/// instead.
pub(crate) fn in_force(from: &PoliciesFrom) -> anyhow::Result<Policies> {
    let Some(folder) = &from.policies else { return Ok(Policies::shipped()) };
    let files = files(folder)?;
    Policies::read(files)
        .with_context(|| format!("cannot use the policies in `{}`", folder.display()))
}

/// The program's policies of this effect of whose name there is none among these.
pub(crate) fn missing(policies: &Policies, effect: Effect) -> Vec<Rule> {
    let own: BTreeSet<&str> = policies.rules().map(Rule::id).collect();
    let shipped = Policies::shipped();
    let is_gone = |rule: &&Rule| rule.effect() == effect && !own.contains(rule.id());
    shipped.rules().filter(is_gone).cloned().collect()
}

/// Whose policies these are, for a heading.
pub(super) fn whose(from: &PoliciesFrom) -> String {
    from.policies.as_ref().map_or_else(
        || "the program's own".to_owned(),
        |folder| format!("those in `{}`", folder.display()),
    )
}

/// The files of policies in this folder, in order of their names.
pub(super) fn files(folder: &Path) -> anyhow::Result<Vec<PolicyFile>> {
    let mut files = Vec::new();
    for path in named_so(folder, "cedar")? {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        files.push(PolicyFile { name, text: text(&path)? });
    }
    if files.is_empty() {
        bail!("`{}` holds no policies; they are files called `*.cedar`", folder.display());
    }
    Ok(files)
}

/// Files in this folder whose names end so, in order.
pub(super) fn named_so(folder: &Path, ending: &str) -> anyhow::Result<Vec<PathBuf>> {
    let cannot = || format!("cannot read the folder `{}`", folder.display());
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).with_context(cannot)? {
        let path = entry.with_context(cannot)?.path();
        if path.extension().is_some_and(|extension| extension == ending) {
            paths.push(path);
        }
        if paths.len() > MAX_FILES {
            bail!("`{}` holds more than {MAX_FILES} files of policies", folder.display());
        }
    }
    paths.sort();
    Ok(paths)
}

/// A file as text, if it is not too large to be one of these.
pub(super) fn text(path: &Path) -> anyhow::Result<String> {
    let cannot = || format!("cannot read `{}`", path.display());
    let file = File::open(path).with_context(cannot)?;
    let mut text = String::new();
    file.take(MAX_BYTES + 1).read_to_string(&mut text).with_context(cannot)?;
    if text.len() as u64 > MAX_BYTES {
        bail!("`{}` is larger than 1 MiB, which no policies and no cases are", path.display());
    }
    Ok(text)
}
