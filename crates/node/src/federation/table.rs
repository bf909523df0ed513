//! Lists and cards for people to read.

use crate::report::words::plain;
use portcullis_federation::{
    Card, Dated, KeyKind, Member, MemberList, Missing, Moment, SignedList, Tally,
};
use portcullis_types::OrganisationId;
use std::collections::BTreeSet;
use std::io::{self, Write};

/// The card of an organisation, to be read out.
pub(super) fn card(out: &mut impl Write, card: &Card) -> io::Result<()> {
    writeln!(out, "organisation  {}", plain(card.id.as_str()))?;
    writeln!(out, "name          {}", plain(card.name.as_str()))?;
    writeln!(out, "kind          {}", card.body)?;
    let there = |is: bool| if is { "yes" } else { "none yet" };
    writeln!(out, "log key       {}", there(!card.keys.log.is_empty()))?;
    writeln!(out, "cosigning key {}", there(!card.keys.cosigning.is_empty()))?;
    writeln!(out, "fingerprint   {}", card.fingerprint())?;
    writeln!(
        out,
        "\nRead the fingerprint out to whoever joins, in person or on the telephone. The last digit of each\ngroup is a check digit: who mishears is told which group to ask for again."
    )
}

/// Who is in, with which keys, until when.
pub(super) fn members(out: &mut impl Write, list: &MemberList, at: Moment) -> io::Result<()> {
    for member in &list.members {
        writeln!(
            out,
            "{}  {}, {}",
            plain(member.id.as_str()),
            plain(member.name.as_str()),
            member.body
        )?;
        writeln!(out, "    {}", standing(member, at))?;
        if let Some(endpoint) = &member.endpoint {
            writeln!(out, "    at {}", plain(endpoint.as_str()))?;
        }
        keys(out, KeyKind::Signing, &member.keys.signing, at)?;
        keys(out, KeyKind::Sealing, &member.keys.sealing, at)?;
        keys(out, KeyKind::Log, &member.keys.log, at)?;
        keys(out, KeyKind::Cosigning, &member.keys.cosigning, at)?;
        if member.revoked.is_none() {
            writeln!(out, "    fingerprint {}", Card::from(member).fingerprint())?;
        }
    }
    Ok(())
}

fn standing(member: &Member, at: Moment) -> String {
    let level = member.ceiling.0;
    if let Some(revoked) = &member.revoked {
        return format!("revoked since {} ({})", revoked.since, revoked.reason);
    }
    let until = member.until.map_or_else(String::new, |until| format!(" until {until}"));
    let now = if member.takes_part(at) { "" } else { ", not at this time" };
    format!("member from {}{until}{now}; up to level {level}", member.from)
}

fn keys<K>(out: &mut impl Write, kind: KeyKind, keys: &[Dated<K>], at: Moment) -> io::Result<()> {
    for key in keys {
        let until = key.until.map_or_else(String::new, |until| format!(" until {until}"));
        let lost = key.lost.map_or_else(String::new, |lost| format!(", lost since {lost}"));
        let used = if key.is_in_use(at) { "in use" } else { "not in use" };
        writeln!(out, "    {kind} key from {}{until}{lost}, {used}", key.from)?;
    }
    Ok(())
}

/// What a proposed list changes.
pub(super) fn changes(
    out: &mut impl Write,
    before: Option<&MemberList>,
    list: &MemberList,
) -> io::Result<()> {
    let Some(before) = before else {
        if list.version > 1 {
            return writeln!(
                out,
                "this node does not know the version before: `--history FILE` shows what changes and who is missing"
            );
        }
        return writeln!(out, "founds `{}` with {} members", list.federation, list.members.len());
    };
    for member in &list.members {
        let id = plain(member.id.as_str());
        let Some(old) = before.member(&member.id) else {
            writeln!(out, "adds      {id}, {} ({})", plain(member.name.as_str()), member.body)?;
            continue;
        };
        let parts = [
            ("name", old.name != member.name),
            ("kind", old.body != member.body),
            ("level", old.ceiling != member.ceiling),
            ("time", (old.from, old.until) != (member.from, member.until)),
            ("revocation", old.revoked != member.revoked),
            ("address", old.endpoint != member.endpoint),
            ("signing keys", old.keys.signing != member.keys.signing),
            ("sealing keys", old.keys.sealing != member.keys.sealing),
            ("log keys", old.keys.log != member.keys.log),
            ("cosigning keys", old.keys.cosigning != member.keys.cosigning),
        ];
        let changed: Vec<_> =
            parts.iter().filter(|(_, changed)| *changed).map(|(what, _)| *what).collect();
        if !changed.is_empty() {
            writeln!(out, "changes   {id}: {}", changed.join(", "))?;
        }
    }
    Ok(())
}

/// Who signed and what is missing.
pub(super) fn tally(out: &mut impl Write, signed: &SignedList, tally: &Tally) -> io::Result<()> {
    let signers: BTreeSet<_> = signed.signatures().iter().map(|one| one.signer.clone()).collect();
    writeln!(out, "signed by {} ({})", signers.len(), names(&signers))?;
    missing(out, &tally.missing)?;
    if tally.is_complete() {
        let how = if signed.list().version == 1 {
            "join with it: `portcullis join FILE --pin ...`"
        } else {
            "take it with `portcullis member accept`"
        };
        writeln!(out, "complete  nothing is missing; {how}")?;
    }
    Ok(())
}

/// Whose signatures are missing.
pub(super) fn missing(out: &mut impl Write, missing: &[Missing]) -> io::Result<()> {
    for missing in missing {
        match missing {
            Missing::Of { body, more, of } => writeln!(
                out,
                "missing   {more} more of kind {body}, with its key in the list in force: {}",
                names(of)
            )?,
            Missing::Any { more, of } => {
                writeln!(out, "missing   {more} more of any kind: {}", names(of))?;
            }
            Missing::AnotherKind { of } => {
                writeln!(out, "missing   somebody of another kind: {}", names(of))?;
            }
            Missing::Owner { member } => writeln!(
                out,
                "missing   {}, with its key in the list in force: its keys, kind or address change",
                plain(member.as_str())
            )?,
            Missing::Newcomer { member } => writeln!(
                out,
                "missing   {}, with the key that this list names for it",
                plain(member.as_str())
            )?,
        }
    }
    Ok(())
}

/// Whose signatures were left out.
pub(super) fn dropped(out: &mut impl Write, of: &BTreeSet<OrganisationId>) -> io::Result<()> {
    if of.is_empty() {
        return Ok(());
    }
    writeln!(out, "left out  signatures that do not count, said to be of {}", names(of))
}

pub(super) fn names(of: &BTreeSet<OrganisationId>) -> String {
    let names: Vec<_> = of.iter().map(|id| plain(id.as_str())).collect();
    if names.is_empty() { "nobody".to_owned() } else { names.join(", ") }
}
