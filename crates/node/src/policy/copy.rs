//! `portcullis policy copy`: the program's policies as files to begin with.

use crate::exit::Outcome;
use anyhow::{Context, bail};
use portcullis_access::{SCHEMA, SHIPPED, cases};
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Write the program's policies, their schema and their cases into a new folder
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(super) struct Args {
    /// The folder, which must not exist yet
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

const AFTER: &str = "\
The schema says what policies can speak of. It is there to be read: the program goes by its own.

Example:
  portcullis policy copy policies";

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let folder = &args.folder;
    match fs::create_dir(folder) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            bail!("`{}` is there already; name another folder", folder.display())
        }
        made => made.with_context(|| format!("cannot make `{}`", folder.display()))?,
    }
    for (name, text) in SHIPPED {
        write(&folder.join(name), text)?;
    }
    write(&folder.join("portcullis.cedarschema"), SCHEMA)?;
    let held = folder.join("cases");
    fs::create_dir(&held).with_context(|| format!("cannot make `{}`", held.display()))?;
    for (name, text) in cases::SHIPPED {
        write(&held.join(name), text)?;
    }
    writeln!(
        io::stdout(),
        "`{}` holds {} files of policies, and their cases in `cases`",
        folder.display(),
        SHIPPED.len()
    )?;
    Ok(Outcome::Clear)
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let cannot = || format!("cannot write `{}`", path.display());
    let mut file =
        OpenOptions::new().write(true).create_new(true).open(path).with_context(cannot)?;
    file.write_all(text.as_bytes()).with_context(cannot)
}
