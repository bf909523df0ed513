//! `portcullis people first`.

use super::{digest, new_code, recovery};
use crate::decisions::{officer, organisation};
use crate::environment::Environment;
use crate::exit::Outcome;
use crate::lists::Place;
use anyhow::Context as _;
use portcullis_decide::people::{NewAdministrator, RECOVERY_CODES, first_people};
use portcullis_keys::{CodeKind, SecretCode};
use portcullis_store::TransactionName;
use portcullis_types::{Protected, Role};
use std::collections::BTreeSet;
use std::io::{self, Write as _};

/// Make the first administrators: two, or one and a sheet of recovery codes
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// An administrator: account and name; twice for two
    #[arg(long = "administrator", value_names = ["ACCOUNT", "NAME"], num_args = 2, required = true)]
    administrators: Vec<String>,

    /// Another role that they have beside it
    #[arg(long = "role", value_name = "ROLE", value_parser = role)]
    roles: Vec<Role>,

    /// Print a sheet of recovery codes for the safe; one administrator alone needs it
    #[arg(long)]
    with_recovery_codes: bool,
}

fn role(code: &str) -> Result<Role, String> {
    Role::from_code(code).ok_or_else(|| "there is no such role".to_owned())
}

pub(super) fn run(args: &Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let place = Place::new(environment);
    let mut store = place.store()?;
    let (clock, rng) = (environment.clock.as_ref(), environment.rng.as_mut());
    let mut invitations = Vec::new();
    let mut administrators = Vec::new();
    let roles: BTreeSet<Role> = args.roles.iter().copied().collect();
    for pair in args.administrators.chunks(2) {
        let [account, name] = pair else { continue };
        let officer = officer(account).map_err(anyhow::Error::msg)?;
        let code = new_code(rng, CodeKind::Invitation);
        administrators.push(NewAdministrator {
            officer: officer.clone(),
            name: Protected::new(name.as_str()),
            roles: roles.clone(),
            invitation: digest(&code),
        });
        invitations.push((officer, code));
    }
    let codes: Vec<SecretCode> = if args.with_recovery_codes {
        (0..RECOVERY_CODES).map(|_| new_code(rng, CodeKind::Recovery)).collect()
    } else {
        Vec::new()
    };
    let digests: Vec<_> = codes.iter().map(digest).collect();
    store
        .write(TransactionName("people.first"), |w| {
            let office = w.office(&organisation())?;
            let change = first_people(clock, rng, &office, &administrators, &digests)?;
            w.put_first_people(&change)?;
            anyhow::Ok(())
        })
        .context("no administrators were made")?;
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "Made the first administrators. Each enrols within 7 days with an invitation of their own, which is\nshown now and never again. Hand them out apart, so that nobody has both:\n"
    )?;
    for (officer, code) in &invitations {
        writeln!(out, "  {officer}   {}", code.grouped().as_str())?;
    }
    writeln!(
        out,
        "\nEach enrols alone, where nobody watches what is typed:\n    portcullis people passphrase set --officer ACCOUNT"
    )?;
    if !codes.is_empty() {
        recovery::write_sheet(&mut out, &codes)?;
    }
    Ok(Outcome::Clear)
}
