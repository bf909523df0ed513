//! The command line: what can be asked for, and the help that teaches it.

use crate::{
    audit, backup, decisions, demo, exchange, federation, jobs, keys, label, lists, pairs, people,
    policy, retention, screen, serve,
};
use clap::{Parser, Subcommand};
use std::path::PathBuf;

/// Screens people against open lists and says why.
#[derive(Debug, Parser)]
#[command(name = "portcullis", version, about, long_about = LONG, after_help = AFTER, max_term_width = 100)]
pub(crate) struct Cli {
    /// Folder that keeps lists and decisions
    ///
    /// Default: `$XDG_DATA_HOME/portcullis`, else `~/.local/share/portcullis`.
    #[arg(
        long,
        global = true,
        help_heading = KEEPING,
        env = "PORTCULLIS_DATA",
        value_name = "DIR",
        hide_env_values = true
    )]
    pub(crate) data: Option<PathBuf>,

    /// File with the key that opens what is kept
    ///
    /// Made on first use. Default: `$XDG_CONFIG_HOME/portcullis/key`, else
    /// `~/.config/portcullis/key`. Keep a copy of it apart from the data: without it nothing that
    /// was kept can be read.
    #[arg(
        long,
        global = true,
        help_heading = KEEPING,
        env = "PORTCULLIS_KEY_FILE",
        value_name = "FILE",
        hide_env_values = true
    )]
    pub(crate) key_file: Option<PathBuf>,

    /// File whose first line is the passphrase that opens what is kept, in place of a key file
    #[arg(
        long,
        global = true,
        help_heading = KEEPING,
        env = "PORTCULLIS_PASSPHRASE_FILE",
        value_name = "FILE",
        hide_env_values = true,
        conflicts_with = "key_file"
    )]
    pub(crate) passphrase_file: Option<PathBuf>,

    /// Database of PostgreSQL to keep everything in, like `postgres://user@host/database`
    ///
    /// For several processes that share a node. Default: a file in the data folder, and nothing to
    /// install. The keyring, the lists and their indexes stay in the data folder. Give a password
    /// through `PORTCULLIS_STORE`, where other users of the machine can't see it.
    #[arg(
        long,
        global = true,
        help_heading = KEEPING,
        env = "PORTCULLIS_STORE",
        value_name = "ADDRESS",
        hide_env_values = true
    )]
    pub(crate) store: Option<String>,

    /// Text that says how long each kind of record is kept
    ///
    /// Default: `retention.toml` in the data folder, else the program's own
    /// (`portcullis retention schedule`). It holds for what is kept from then on, so give every
    /// command the same.
    #[arg(
        long,
        global = true,
        help_heading = KEEPING,
        env = "PORTCULLIS_SCHEDULE",
        value_name = "FILE",
        hide_env_values = true
    )]
    pub(crate) schedule: Option<PathBuf>,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Heading of the options that every command has.
const KEEPING: &str = "Where things are kept";

const LONG: &str = "\
Portcullis tells a compliance officer who, in a file of donors, candidates, staff or associates, may \
be somebody on a sanctions list, a list of politically exposed persons, or a register of foreign \
influence; how strong the evidence is; and why, in plain English.

It never decides. A named person decides, with a reason, and Portcullis remembers.";

const AFTER: &str = "\
Examples:
  See it work on invented people, offline, in a few seconds:
    portcullis demo
  Fetch a list, then screen this year's donors and write a report to print:
    portcullis lists add uk-sanctions-list
    portcullis screen donors.csv --class donor --format html --out report.html
  Record that an alert is not the same person, so that it is not raised again:
    portcullis decisions add REFERENCE --verdict not-same --officer a.officer --reason \"born 1971, not 1958\"

Exit status:
  0  done, no alert          1  at least one alert
  2  could not be done       3  no alert, but some rows could not be read, or nobody was named

Each command explains itself: portcullis screen --help";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Demo(demo::Args),
    Screen(screen::args::Args),
    Match(pairs::Args),
    /// Keep copies of open lists: add, update, status, diff, remove
    Lists(lists::Args),
    /// Record and review decisions on alerts: add, list, undo
    Decisions(decisions::Args),
    /// Let others check what happened: open, sequence, export, prove, verify, witness
    Audit(audit::Args),
    Backup(backup::backup::Args),
    Restore(backup::restore::Args),
    Doctor(backup::doctor::Args),
    Exchange(exchange::Args),
    /// What the node does by itself: run, list, retry, discard
    Jobs(jobs::Args),
    /// The keys that open what is kept: status, rotate, destroy, change, copy, paper
    Keys(keys::Args),
    Label(label::Args),
    Init(federation::InitArgs),
    Join(federation::JoinArgs),
    /// Who is in the federation: show, propose, sign, accept, verify, rotate, revoke
    Member(federation::MemberArgs),
    People(people::Args),
    Policy(policy::Args),
    /// What is kept for how long: report, run, keep, erase
    Retention(retention::Args),
    Serve(serve::args::Args),
}
