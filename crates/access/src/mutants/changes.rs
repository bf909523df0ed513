//! Every change that can be made to one clause of a policy, in Cedar's JSON form.

use super::MutantsError;
use cedar_policy::Policy;
use serde_json::{Value, json};

/// One change of a policy.
pub(super) struct Change {
    /// What it is, in a few words.
    pub(super) says: String,
    /// The policy as changed; none where it is left out.
    pub(super) policy: Option<Policy>,
}

/// A changed piece of JSON, and what was changed.
struct Changed {
    says: String,
    json: Value,
}

/// Every change of this policy.
pub(super) fn changes(policy: &Policy) -> Result<Vec<Change>, MutantsError> {
    let whole = policy.to_json().map_err(|error| not_changeable(policy, "none", error))?;
    let mut all = vec![Change { says: "the policy left out".to_owned(), policy: None }];
    let mut changed = Vec::new();
    for part in ["principal", "action", "resource"] {
        changed.extend(scope(&whole, part));
    }
    changed.extend(conditions(&whole));
    for Changed { says, json } in changed {
        let policy = Policy::from_json(Some(policy.id().clone()), json)
            .map_err(|error| not_changeable(policy, &says, error))?;
        all.push(Change { says, policy: Some(policy) });
    }
    Ok(all)
}

fn not_changeable(
    policy: &Policy,
    change: &str,
    error: impl std::error::Error + Send + Sync + 'static,
) -> MutantsError {
    let (policy, change) = (policy.id().to_string(), change.to_owned());
    MutantsError::NotChangeable { policy, change, source: Box::new(error) }
}

/// Changes of one part of the scope: left out, turned round, and each member of its list left out.
fn scope(whole: &Value, part: &str) -> Vec<Changed> {
    let Some(constraint) = whole.get(part) else { return Vec::new() };
    let Some(clause) = scope_as_clause(part, constraint) else { return Vec::new() };
    let text = written(&clause);
    let open = with(whole, part, json!({ "op": "All" }));
    let mut conditions = list(whole, "conditions");
    conditions.push(json!({ "kind": "unless", "body": clause }));
    let mut all = vec![
        Changed {
            says: format!("scope `{text}` turned round"),
            json: with(&open, "conditions", conditions.into()),
        },
        Changed { says: format!("scope `{text}` left out"), json: open },
    ];
    let members = list(constraint, "entities");
    for (member, rest) in each_left_out(&members) {
        all.push(Changed {
            says: format!(
                "scope `{text}` without `{}`",
                written(&json!({ "Value": { "__entity": member } }))
            ),
            json: with(whole, part, with(constraint, "entities", rest)),
        });
    }
    all
}

/// A part of the scope as a clause; none where it says nothing.
fn scope_as_clause(part: &str, constraint: &Value) -> Option<Value> {
    let var = json!({ "Var": part });
    let entity = |entity: &Value| json!({ "Value": { "__entity": entity } });
    let member = |of: &Value| match (of.get("entity"), of.get("entities")) {
        (Some(one), _) => entity(one),
        (None, these) => {
            let these = these.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            json!({ "Set": these.iter().map(entity).collect::<Vec<_>>() })
        }
    };
    match constraint.get("op").and_then(Value::as_str)? {
        "==" => Some(json!({ "==": { "left": var, "right": member(constraint) } })),
        "in" => Some(json!({ "in": { "left": var, "right": member(constraint) } })),
        "is" => {
            let mut body = json!({ "left": var, "entity_type": constraint.get("entity_type") });
            if let Some(within) = constraint.get("in") {
                body = with(&body, "in", member(within));
            }
            Some(json!({ "is": body }))
        }
        _ => None,
    }
}

/// Changes of each condition and of each clause in it.
fn conditions(whole: &Value) -> Vec<Changed> {
    let conditions = list(whole, "conditions");
    let mut all = Vec::new();
    for ((condition, rest), i) in each_left_out(&conditions).into_iter().zip(0..) {
        let body = condition.get("body").cloned().unwrap_or_default();
        let text = written(&body);
        let when = condition.get("kind").and_then(Value::as_str) == Some("when");
        all.push(Changed {
            says: format!("condition `{text}` left out"),
            json: with(whole, "conditions", rest),
        });
        let put = |condition: Value| {
            let mut conditions = conditions.clone();
            if let Some(place) = conditions.get_mut(i) {
                *place = condition;
            }
            with(whole, "conditions", conditions.into())
        };
        let other = if when { "unless" } else { "when" };
        all.push(Changed {
            says: format!("condition `{text}` turned round"),
            json: put(with(&condition, "kind", other.into())),
        });
        for Changed { says, json } in inside(&body) {
            all.push(Changed { says, json: put(with(&condition, "body", json)) });
        }
    }
    all
}

/// Changes of the clauses that this one is made of, itself not among them.
fn inside(clause: &Value) -> Vec<Changed> {
    let Some((operator, operands)) = clause.as_object().and_then(|object| object.iter().next())
    else {
        return Vec::new();
    };
    let mut all = Vec::new();
    if let Some(other) = neighbour(operator) {
        let mut turned = serde_json::Map::new();
        turned.insert(other.to_owned(), operands.clone());
        all.push(Changed {
            says: format!("`{operator}` in `{}` made `{other}`", written(clause)),
            json: turned.into(),
        });
    }
    if let (true, Some(members)) = (operator == "Set", operands.as_array()) {
        for (member, rest) in each_left_out(members) {
            all.push(Changed {
                says: format!("`{}` without `{}`", written(clause), written(&member)),
                json: json!({ "Set": rest }),
            });
        }
    }
    let back = |operands: Value| with(clause, operator, operands);
    let boolean = matches!(operator.as_str(), "&&" | "||" | "!");
    match operands {
        Value::Object(named) => {
            for (name, operand) in named {
                let condition = operator == "if-then-else" && name == "if";
                let own = if boolean || condition { itself(operand) } else { Vec::new() };
                for Changed { says, json } in own.into_iter().chain(inside(operand)) {
                    all.push(Changed { says, json: back(with(operands, name, json)) });
                }
            }
        }
        Value::Array(arguments) => {
            for (i, argument) in arguments.iter().enumerate() {
                for Changed { says, json } in inside(argument) {
                    let mut arguments = arguments.clone();
                    if let Some(place) = arguments.get_mut(i) {
                        *place = json;
                    }
                    all.push(Changed { says, json: back(arguments.into()) });
                }
            }
        }
        _ => (),
    }
    all
}

/// A clause always true, always false, and turned round.
fn itself(clause: &Value) -> Vec<Changed> {
    let text = written(clause);
    let change = |how: &str, json| Changed { says: format!("`{text}` {how}"), json };
    vec![
        change("always true", json!({ "Value": true })),
        change("always false", json!({ "Value": false })),
        change("turned round", json!({ "!": { "arg": clause } })),
    ]
}

/// The operator that differs in one point.
fn neighbour(operator: &str) -> Option<&'static str> {
    match operator {
        "<" => Some("<="),
        "<=" => Some("<"),
        ">" => Some(">="),
        ">=" => Some(">"),
        "&&" => Some("||"),
        "||" => Some("&&"),
        "containsAll" => Some("containsAny"),
        "containsAny" => Some("containsAll"),
        _ => None,
    }
}

fn with(object: &Value, key: &str, value: Value) -> Value {
    let mut object = object.as_object().cloned().unwrap_or_default();
    object.insert(key.to_owned(), value);
    object.into()
}

fn list(object: &Value, key: &str) -> Vec<Value> {
    object.get(key).and_then(Value::as_array).cloned().unwrap_or_default()
}

/// Each member, and the others.
fn each_left_out(members: &[Value]) -> Vec<(Value, Value)> {
    let others = |i: usize| {
        let others = members.iter().enumerate().filter(|(j, _)| *j != i);
        others.map(|(_, member)| member.clone()).collect::<Vec<_>>()
    };
    members.iter().enumerate().map(|(i, member)| (member.clone(), others(i).into())).collect()
}

/// A clause as it is written in a policy, as far as that can be told.
fn written(clause: &Value) -> String {
    let policy = json!({
        "effect": "permit",
        "principal": { "op": "All" },
        "action": { "op": "All" },
        "resource": { "op": "All" },
        "conditions": [{ "kind": "when", "body": clause }],
    });
    let text = Policy::from_json(None, policy).ok().and_then(|policy| policy.to_cedar());
    let body = text.as_deref().and_then(|text| {
        text.split_once("when {")
            .map(|(_, body)| body.trim_end_matches([';', ' ', '}', '\n']).trim())
    });
    body.map_or_else(|| clause.to_string(), str::to_owned)
}
