//! `FollowTheMoney` entities as JSON lines, as OpenSanctions ships them, also as deltas.
//!
//! A line is an entity, or holds one as `{"op":"ADD","entity":{…}}` or `{"entity":{…}}`. A
//! withdrawal (`"op":"DEL"`) names no subject and is counted. So are entities that only tie others
//! together or belong to one (payments, addresses, sanctions), by kind, in one warning at the end.

use super::out::Out;
use crate::bytes::{Encoding, decode, decode_for_show};
use crate::ftm::{EntityError, read_entity, schema_named};
use crate::lines::Lines;
use crate::{ReadError, SetAside, dates};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Read;

/// Kinds that are no subject even where they have a name or caption: links between entities, and
/// parts of one. From the model's list of schemata.
const NO_SUBJECTS: &[&str] = &[
    "Address",
    "Associate",
    "BankAccount",
    "Call",
    "ContractAward",
    "CourtCaseParty",
    "Debt",
    "Directorship",
    "Documentation",
    "EconomicActivity",
    "Employment",
    "Event",
    "Family",
    "Identification",
    "Interest",
    "Interval",
    "License",
    "Membership",
    "Mention",
    "Message",
    "Note",
    "Occupancy",
    "Ownership",
    "Passport",
    "Payment",
    "Permit",
    "Position",
    "ProjectParticipant",
    "Representation",
    "Sanction",
    "Similar",
    "Succession",
    "TaxRoll",
    "Trip",
    "UnknownLink",
    "UserAccount",
];

pub(super) fn read(source: &mut dyn Read, out: &mut Out<'_>) -> Result<(), ReadError> {
    let mut lines = Lines::new(source);
    let mut passed_over: BTreeMap<String, u64> = BTreeMap::new();
    let mut any = false;
    while let Some((line, bytes)) = lines.next_line()? {
        out.row();
        let value = decode(bytes, Encoding::Utf8)
            .and_then(|decoded| serde_json::from_str::<Value>(&decoded.text).ok());
        let Some(value) = value.filter(Value::is_object) else {
            if !any {
                return Err(ReadError::NotThisFormat {
                    expected: "one FollowTheMoney entity to a line, as JSON",
                    found: "a line that is no JSON object".to_owned(),
                    line,
                });
            }
            out.aside(aside(line, bytes, "the line is not a JSON object in UTF-8"));
            continue;
        };
        any = true;
        match take(&value, line, out) {
            Ok(()) => {}
            Err(Passed::Over(kind)) => {
                out.without_subject();
                *passed_over.entry(kind).or_default() += 1;
            }
            Err(Passed::Aside(error)) => out.aside(aside(line, bytes, &error.to_string())),
        }
    }
    if !passed_over.is_empty() {
        let kinds: Vec<String> =
            passed_over.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
        out.warn(None, format!("lines that are no subject by themselves: {}", kinds.join(", ")));
    }
    Ok(())
}

/// Why a line made no dossier.
enum Passed {
    Over(String),
    Aside(EntityError),
}

fn take(value: &Value, line: u64, out: &mut Out<'_>) -> Result<(), Passed> {
    let entity = match value.get("entity") {
        Some(entity @ Value::Object(_)) if value.get("properties").is_none() => entity,
        _ => value,
    };
    if value.get("op").and_then(Value::as_str) == Some("DEL") {
        return Err(Passed::Over("withdrawals".to_owned()));
    }
    let schema = entity.get("schema").and_then(Value::as_str).unwrap_or_default().trim();
    if NO_SUBJECTS.iter().any(|name| name.eq_ignore_ascii_case(schema)) {
        return Err(Passed::Over(schema.to_owned()));
    }
    if let Some(date) = entity
        .get("last_seen")
        .and_then(Value::as_str)
        .and_then(|text| dates::read(text, dates::Order::DayFirst))
    {
        out.seen(date);
    }
    match read_entity(entity, line, &out.origin) {
        Ok(dossier) => {
            out.dossier(dossier);
            Ok(())
        }
        // A thing without a name, such as a crypto wallet, cannot be screened against by name.
        Err(EntityError::NoName) if schema_named(schema).is_none() && !schema.is_empty() => {
            let known = schema.len() <= 32 && schema.bytes().all(|b| b.is_ascii_alphabetic());
            Err(Passed::Over(if known { schema.to_owned() } else { "other kinds".to_owned() }))
        }
        Err(error) => Err(Passed::Aside(error)),
    }
}

fn aside(line: u64, bytes: &[u8], reason: &str) -> SetAside {
    SetAside {
        line,
        column: None,
        reason: reason.to_owned(),
        raw: decode_for_show(bytes).as_ref().into(),
    }
}
