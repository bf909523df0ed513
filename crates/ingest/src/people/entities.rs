//! `FollowTheMoney` lines to people.

use super::{Layout, PeopleOptions, PeopleReading, PersonItem, PersonRow};
use crate::bytes::decode_for_show;
use crate::ftm::read_entity_or;
use crate::lines::Lines;
use crate::{ReadError, SetAside, Tally};
use portcullis_types::{Origin, Schema};
use serde_json::Value;
use std::io::Read;
use std::sync::Arc;

/// Reads entities, one to a line, bare or as `{"query": entity, "expected": [ids]}`.
pub(crate) fn read<R: Read>(
    input: R,
    options: &PeopleOptions,
    sink: &mut dyn FnMut(PersonItem),
) -> Result<PeopleReading, ReadError> {
    let mut lines = Lines::new(input);
    let origin = options.context.origin();
    let mut tally = Tally::default();
    while let Some((line, bytes)) = lines.next_line()? {
        tally.rows_read += 1;
        match one(line, bytes, options, &origin) {
            Ok(Some(person)) => {
                tally.dossiers_made += 1;
                sink(PersonItem::Person(Box::new(person)));
            }
            Ok(None) => tally.rows_without_subject += 1,
            Err(Problem { column, reason }) => {
                tally.rows_set_aside += 1;
                let raw = decode_for_show(bytes).into_owned().into();
                sink(PersonItem::SetAside(SetAside { line, column, reason, raw }));
            }
        }
    }
    Ok(PeopleReading { tally, columns: Vec::new(), layout: Layout::FollowTheMoney })
}

struct Problem {
    column: Option<u64>,
    reason: String,
}

impl Problem {
    fn new(reason: impl Into<String>) -> Self {
        Self { column: None, reason: reason.into() }
    }
}

fn one(
    line: u64,
    bytes: &[u8],
    options: &PeopleOptions,
    origin: &Arc<Origin>,
) -> Result<Option<PersonRow>, Problem> {
    let value: Value = serde_json::from_slice(bytes).map_err(|error| Problem {
        column: u64::try_from(error.column()).ok().filter(|c| *c > 0),
        // The words of the parser would quote the line.
        reason: "the line is not JSON; each line must be one whole entity".to_owned(),
    })?;
    let (entity, expected) = match value.get("query") {
        Some(query) => (query, expected(&value)?),
        None => (&value, None),
    };
    let schema = entity.get("schema").and_then(Value::as_str).unwrap_or_default();
    if NOBODY.contains(&schema) {
        return Ok(None);
    }
    let dossier = read_entity_or(entity, line, origin, Some(&format!("row-{line}")))
        .map_err(|error| Problem::new(error.to_string()))?;
    if dossier.schema == Schema::Thing {
        return Err(Problem::new(
            "the entity's `schema` is of no person or body that is known; write Person, Company, \
             Organization, PublicBody, LegalEntity, Vessel or Airplane",
        ));
    }
    Ok(Some(PersonRow {
        dossier,
        row: line,
        class: options.class,
        received: None,
        value: None,
        recipient: None,
        expected,
        shared_gift: None,
    }))
}

fn expected(value: &Value) -> Result<Option<Vec<String>>, Problem> {
    let ids = match value.get("expected") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Array(ids)) => ids,
        Some(_) => return Err(Problem::new("`expected` is not a list of ids")),
    };
    ids.iter()
        .map(|id| match id {
            Value::String(id) => Ok(id.clone()),
            Value::Number(id) => Ok(id.to_string()),
            _ => Err(Problem::new("`expected` holds something that is no id")),
        })
        .collect::<Result<_, _>>()
        .map(Some)
}

/// Kinds of entity that describe a link or a paper, never a subject.
const NOBODY: &[&str] = &[
    "Address",
    "Sanction",
    "Passport",
    "Identification",
    "Position",
    "Occupancy",
    "Payment",
    "Ownership",
    "Directorship",
    "Membership",
    "Employment",
    "Family",
    "Associate",
    "Representation",
    "UnknownLink",
    "Documentation",
    "Succession",
    "Similar",
    "Debt",
    "ContractAward",
    "Contract",
    "Article",
    "Note",
    "Event",
    "CallForTenders",
    "TaxRoll",
    "EconomicActivity",
    "ProjectParticipant",
    "BankAccount",
];
