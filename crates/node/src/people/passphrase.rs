//! `portcullis people passphrase set`: enrols whoever was invited, or sets another passphrase.

use super::{Who, digest, known, office, opened, owner, typed};
use crate::decisions::organisation;
use crate::environment::Environment;
use crate::exit::Outcome;
use anyhow::bail;
use clap::Subcommand;
use portcullis_decide::people::{
    EnrolError, KeyWay, PersonState, PublicKeys, WrappedKeys, add_wrapped_keys, enrol,
};
use portcullis_keys::{CodeKind, KeyLock, PersonalKeys};
use portcullis_store::TransactionName;
use portcullis_types::{EventId, EventTime, PersonId};
use std::io::{self, Write as _};
use std::path::PathBuf;

/// The passphrase of your own keys: set
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Set(SetArgs),
}

/// Set the passphrase of your own keys; with your invitation, this makes them
///
/// Where nobody watches you type. Nobody can set it back: without it, and without a passkey, your keys
/// are gone, and what was sealed to them stays closed for good.
#[derive(Debug, clap::Args)]
struct SetArgs {
    #[command(flatten)]
    who: Who,

    /// File with your invitation, a half on each line; else it is asked for
    #[arg(long, value_name = "FILE")]
    invitation_file: Option<PathBuf>,

    /// File whose first line is the new passphrase; else it is asked for, twice
    #[arg(long, value_name = "FILE")]
    new_passphrase_file: Option<PathBuf>,
}

pub(super) fn run(args: Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let Verb::Set(args) = args.verb;
    let mut store = opened(environment)?;
    let officer = &args.who.officer;
    let person = known(&office(&mut store)?, officer)?;
    let own = organisation();
    let new_file = args.new_passphrase_file.as_deref();
    let (clock, now) = (environment.clock.as_ref(), environment.clock.now());
    let at = EventTime::rounded_down(now)?;
    let rng = environment.rng.as_mut();
    let wrapped = |id, bytes| WrappedKeys {
        id,
        person: PersonId { organisation: own.clone(), officer: officer.clone() },
        way: KeyWay::Passphrase,
        credential: None,
        bytes,
        made_at: at,
    };
    match person.state {
        PersonState::Invited => {
            let prompts = [
                "First half of your invitation: ",
                "Second half (Enter the same again if you have one code only): ",
            ];
            let codes =
                typed::codes(CodeKind::Invitation, &prompts, args.invitation_file.as_deref())?;
            let halves = match codes.as_slice() {
                [one] => [digest(one), digest(one)],
                [one, other] => [digest(one), digest(other)],
                _ => bail!("an invitation has one code, or two halves"),
            };
            if !person.invites(at, [&halves[0], &halves[1]]) {
                return Err(EnrolError::NotInvited.into());
            }
            let passphrase = typed::passphrase(officer, new_file, typed::Asked::ToChoose)?;
            let mut random = |bytes: &mut [u8]| rng.fill(bytes);
            let keys = PersonalKeys::random(&mut random);
            let lock = KeyLock::Passphrase(&passphrase);
            let bytes = keys.wrap(&mut random, &owner(&own, officer), &lock);
            let public = PublicKeys {
                signing: keys.signing_public(),
                sealing: keys.sealing_public().as_bytes().to_vec(),
            };
            let way = wrapped(EventId::random(rng), bytes);
            store.write(TransactionName("people.enrol"), |w| {
                let person = known(&w.office(&own)?, officer)?;
                let halves = [&halves[0], &halves[1]];
                let change =
                    enrol(clock, rng, person, halves, public.clone(), None, vec![way.clone()])?;
                w.enrol(&change)?;
                anyhow::Ok(())
            })?;
            writeln!(
                io::stdout(),
                "{officer} has enrolled, with keys of his own.\nNobody can set the passphrase back: without it, and without a passkey, the keys are gone and what was\nsealed to them stays closed for good."
            )?;
        }
        PersonState::Active => {
            let keys = args.who.keys(&mut store)?;
            let passphrase = typed::passphrase(officer, new_file, typed::Asked::ToChoose)?;
            let lock = KeyLock::Passphrase(&passphrase);
            let bytes = keys.wrap(&mut |bytes| rng.fill(bytes), &owner(&own, officer), &lock);
            let way = wrapped(EventId::random(rng), bytes);
            store.write(TransactionName("people.passphrase"), |w| {
                let person = known(&w.office(&own)?, officer)?;
                w.put_wrapped_keys(&add_wrapped_keys(clock, rng, &person, way.clone())?)?;
                anyhow::Ok(())
            })?;
            writeln!(
                io::stdout(),
                "{officer} has another passphrase; the one before opens nothing here.\nIt still opens backups made until now."
            )?;
        }
        PersonState::Suspended | PersonState::Left => {
            bail!("`{officer}` is {}, and may set nothing", person.state)
        }
    }
    Ok(Outcome::Clear)
}
