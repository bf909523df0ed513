//! All that a proposal says, for whoever approves it: what is signed is what is shown here.

use super::shown;
use portcullis_decide::Digest;
use portcullis_decide::people::{Grants, Person, Proposed, Term};
use portcullis_types::{Level, Role};
use std::collections::BTreeSet;

/// A row: what it is, and how it is proposed to be.
pub(super) type Row = (&'static str, String);

/// What is proposed, with how it is now beside it where that differs. `level` says a level in words.
pub(super) fn rows(
    what: &Proposed,
    before: Option<&Person>,
    level: impl Fn(Level) -> String,
) -> Vec<Row> {
    let mut rows = Vec::new();
    if let Some(officer) = what.officer() {
        rows.push(("Account", officer.to_string()));
    }
    match what {
        Proposed::MakeOfficer { name, grants, .. } => {
            rows.push(("Name", name.reveal().to_owned()));
            grants_rows(grants, None, level, &mut rows);
        }
        Proposed::ChangeGrants { grants, .. } => {
            grants_rows(grants, before.map(|person| &person.grants), level, &mut rows);
        }
        Proposed::ResetSignIn { .. } => rows.push((
            "What it does",
            "Passkeys and keys are made anew. What was sealed to the old keys stays closed.".into(),
        )),
        Proposed::OutsideAdministrator { person, key, until } => {
            rows.push(("Who", person.to_string()));
            rows.push(("Signs with key", Digest::from_bytes(*key).to_string()));
            rows.push(("May approve until", shown(*until)));
        }
        Proposed::Reinstate { .. } | Proposed::RecoveryCodes => {}
    }
    rows
}

fn grants_rows(
    grants: &Grants,
    before: Option<&Grants>,
    level: impl Fn(Level) -> String,
    rows: &mut Vec<Row>,
) {
    let mut row = |what, of: &dyn Fn(&Grants) -> String| {
        let (now, before) = (of(grants), before.map(of).filter(|before| *before != of(grants)));
        let before = before.map(|before| format!("; until now: {before}")).unwrap_or_default();
        rows.push((what, now + &before));
    };
    let all = |grants: &Grants| grants.roles.keys().copied().collect::<BTreeSet<Role>>();
    let roles: BTreeSet<Role> =
        before.map(all).unwrap_or_default().union(&all(grants)).copied().collect();
    for role in roles {
        row("Role", &|grants| match grants.roles.get(&role) {
            Some(term) => format!("{role}, {}", during(term)),
            None => format!("not {role}"),
        });
    }
    row("Level of what may be read", &|grants| level(grants.clearance));
    row("Compartments", &|grants| {
        let names: Vec<&str> = grants.compartments.iter().map(|name| &**name).collect();
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    });
    row("Holds office in", &|grants| {
        grants.party.as_ref().map_or_else(|| "no party".to_owned(), ToString::to_string)
    });
    row("With the organisation", &|grants| during(&grants.term));
}

fn during(term: &Term) -> String {
    let until = term
        .until
        .map_or_else(|| "no end is set".into(), |until| format!("until {}", shown(until)));
    format!("from {}, {until}", shown(term.from))
}

#[cfg(test)]
mod tests {
    use super::*;
    use portcullis_types::EventTime;
    use serde_json::{Value, json};

    /// Every leaf, with the names of the maps that it is in.
    fn leaves(value: &Value) -> Vec<String> {
        match value {
            Value::Object(map) => map
                .iter()
                .flat_map(|(name, value)| match name.as_str() {
                    "kind" => Vec::new(),
                    "roles" => {
                        value.as_object().unwrap().keys().cloned().chain(leaves(value)).collect()
                    }
                    _ => leaves(value),
                })
                .collect(),
            Value::Array(values) => values.iter().flat_map(leaves).collect(),
            Value::Null => Vec::new(),
            Value::String(text) => vec![text.clone()],
            other => vec![other.to_string()],
        }
    }

    /// A leaf as people read it. Times are microseconds; no other number here is as great.
    fn said(leaf: &str) -> String {
        let time = leaf.parse().ok().filter(|micros: &i64| *micros > 1_000_000_000_000);
        time.map_or_else(|| leaf.to_owned(), |micros| shown(EventTime::try_from(micros).unwrap()))
    }

    fn time(year: u16) -> Value {
        let at: jiff::Timestamp = format!("{year}-04-05T06:07:08Z").parse().unwrap();
        json!(at.as_microsecond())
    }

    fn grants(year: u16) -> Value {
        json!({
            "roles": {
                "officer": { "from": time(year), "until": time(year + 1) },
                "auditor": { "from": time(year + 2), "until": null },
            },
            "clearance": 3,
            "compartments": ["harbour", "tower"],
            "party": "another-party",
            "term": { "from": time(year + 3), "until": time(year + 4) },
        })
    }

    // THREATS T-33
    #[test]
    fn whoever_approves_is_shown_all_that_is_signed() {
        let account = "m.inventedson";
        let outside = json!({ "organisation": "party-b", "officer": "z.elsewhere" });
        for what in [
            json!({ "kind": "make-officer", "officer": account, "name": "Planted", "grants": grants(2031) }),
            json!({ "kind": "change-grants", "officer": account, "grants": grants(2031) }),
            json!({ "kind": "reinstate", "officer": account }),
            json!({ "kind": "reset-sign-in", "officer": account }),
            json!({ "kind": "recovery-codes" }),
            json!({ "kind": "outside-administrator", "person": outside, "key": "5a".repeat(32), "until": time(2032) }),
        ] {
            let what: Proposed = serde_json::from_value(what).unwrap();
            let rows = rows(&what, None, |level| format!("level {}", level.0));
            let card: Vec<&str> = rows.iter().map(|(_, text)| text.as_ref()).collect();
            let card = card.join("\n");
            for leaf in leaves(&serde_json::to_value(&what).unwrap()) {
                assert!(card.contains(&said(&leaf)), "{leaf} is not in {card}");
            }
        }
    }

    #[test]
    fn what_changes_stands_beside_what_was() {
        let (now, was): (Grants, Grants) = (
            serde_json::from_value(grants(2031)).unwrap(),
            serde_json::from_value(json!({
                "roles": { "administrator": { "from": time(2020), "until": null } },
                "clearance": 1,
                "compartments": [],
                "party": null,
                "term": { "from": time(2034), "until": time(2035) },
            }))
            .unwrap(),
        );
        let mut rows = Vec::new();
        grants_rows(&now, Some(&was), |level| level.0.to_string(), &mut rows);
        let row = |text: &str| rows.iter().any(|(_, row)| row == text);
        assert!(row(
            "not administrator; until now: administrator, from 5 April 2020, 06:07 UTC, no end is set"
        ));
        assert!(row(
            "auditor, from 5 April 2033, 06:07 UTC, no end is set; until now: not auditor"
        ));
        assert!(row("3; until now: 1"));
        assert!(row("harbour, tower; until now: none"));
        assert!(row("another-party; until now: no party"));
        assert!(row("from 5 April 2034, 06:07 UTC, until 5 April 2035, 06:07 UTC"), "unchanged");
    }
}
