//! Who, among the people in this file, may be somebody on these lists, and how would I check?
//!
//! The one binary of Portcullis. It alone touches files, the network, the terminal, the clock and
//! the random source; it holds no rule of matching (`matching`) and none of law (`decide`). It
//! refuses to decide: it shows what a named person needs in order to decide.

mod audit;
mod backup;
mod cli;
mod decisions;
mod demo;
mod environment;
mod exchange;
mod exit;
mod federation;
mod input;
mod jobs;
mod key_file;
mod keys;
mod label;
mod lines;
mod lists;
mod pairs;
mod parallel;
mod people;
mod policy;
mod private_file;
mod report;
mod retention;
mod screen;
mod serve;
mod stop;

use clap::Parser;
use cli::{Cli, Command};
use environment::Environment;
use key_file::KeySource;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let key =
        (cli.key_file.map(KeySource::File)).or(cli.passphrase_file.map(KeySource::PassphraseFile));
    let mut environment = match Environment::real(cli.data, key, cli.store.map(Into::into)) {
        Ok(environment) => Environment { schedule: cli.schedule, ..environment },
        Err(error) => return exit::failed(&error.into()),
    };
    let result = match cli.command {
        Command::Demo(args) => demo::run(&args, &mut environment),
        Command::Screen(args) => screen::run(&args, &mut environment),
        Command::Match(args) => pairs::run(&args, &environment),
        Command::Lists(args) => lists::run(args, &mut environment),
        Command::Decisions(args) => decisions::run(args, &mut environment),
        Command::Audit(args) => audit::run(args, &mut environment),
        Command::Backup(args) => backup::backup::run(args, &mut environment),
        Command::Restore(args) => backup::restore::run(args, &mut environment),
        Command::Doctor(args) => backup::doctor::run(args, &mut environment),
        Command::Exchange(args) => exchange::run(&args, &mut environment),
        Command::Jobs(args) => jobs::run(args, &mut environment),
        Command::Init(args) => federation::init(args, &mut environment),
        Command::Join(args) => federation::join(&args, &mut environment),
        Command::Label(args) => label::run(args, &mut environment),
        Command::Keys(args) => keys::run(args, &mut environment),
        Command::Member(args) => federation::member(args, &mut environment),
        Command::People(args) => people::run(args, &mut environment),
        Command::Policy(args) => policy::run(&args, &environment),
        Command::Retention(args) => retention::run(args, &mut environment),
        Command::Serve(args) => serve::run(&args, &mut environment),
    };
    match result {
        Ok(outcome) => outcome.into(),
        Err(error) => exit::failed(&error),
    }
}
