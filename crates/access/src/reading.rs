//! Reading policy files: what does not parse, hold to the schema or explain itself is refused.

use crate::judgement::Remedy;
use crate::policies::PolicyFile;
use cedar_policy::{Policy, PolicyId, PolicySet, Schema, ValidationMode, Validator};
use miette::Diagnostic;
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// Why policies cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the policies can't be used: {}", self.summary())]
pub struct PoliciesError {
    faults: Vec<Fault>,
}

impl PoliciesError {
    /// Every fault found.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    fn summary(&self) -> String {
        match self.faults.as_slice() {
            [] => "there are none".to_owned(),
            [only] => only.to_string(),
            [first, rest @ ..] => format!("{first} (and {} more)", rest.len()),
        }
    }
}

/// Something wrong in a file of policies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The name of the file.
    pub file: String,
    /// Line and column, counted from 1, where that is known. Columns are characters.
    pub at: Option<(usize, usize)>,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.file)?;
        if let Some((line, column)) = self.at {
            write!(f, ", line {line}, column {column}")?;
        }
        write!(f, ": {}", self.message)
    }
}

/// The policies of these files, each under its own id.
pub(crate) fn read(schema: &Schema, files: &[PolicyFile]) -> Result<PolicySet, PoliciesError> {
    let validator = Validator::new(schema.clone());
    let (mut all, mut taken, mut faults) = (Vec::new(), BTreeSet::new(), Vec::new());
    for file in files {
        match read_one(file, &validator, &mut taken) {
            Ok(policies) => all.extend(policies),
            Err(found) => faults.extend(found),
        }
    }
    if !faults.is_empty() || all.is_empty() {
        return Err(PoliciesError { faults });
    }
    PolicySet::from_policies(all).map_err(|error| PoliciesError {
        faults: vec![Fault { file: "policies".to_owned(), at: None, message: error.to_string() }],
    })
}

fn read_one(
    file: &PolicyFile,
    validator: &Validator,
    taken: &mut BTreeSet<String>,
) -> Result<Vec<Policy>, Vec<Fault>> {
    let parsed = PolicySet::from_str(&file.text)
        .map_err(|errors| errors.iter().map(|error| fault(file, error)).collect::<Vec<_>>())?;
    if parsed.num_of_templates() > 0 {
        return Err(vec![plain(file, "templates aren't taken; write the policy out")]);
    }
    let (mut policies, mut faults) = (Vec::new(), Vec::new());
    for policy in in_order(&parsed) {
        match named(policy, taken) {
            Ok(policy) => policies.push(policy),
            Err(message) => faults.push(plain(file, &message)),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let set = PolicySet::from_policies(policies.iter().cloned())
        .map_err(|error| vec![plain(file, &error.to_string())])?;
    let result = validator.validate(&set, ValidationMode::Strict);
    faults.extend(result.validation_errors().map(|error| fault(file, error)));
    faults.extend(result.validation_warnings().map(|warning| fault(file, warning)));
    if faults.is_empty() { Ok(policies) } else { Err(faults) }
}

/// As they stand in the file: the parser calls them `policy0`, `policy1`, and so on.
fn in_order(set: &PolicySet) -> Vec<&Policy> {
    let mut policies: Vec<_> = set.policies().collect();
    policies.sort_by_key(|policy| {
        let id: &str = policy.id().as_ref();
        (id.len(), id.to_owned())
    });
    policies
}

/// The policy under the id that it gives itself.
fn named(policy: &Policy, taken: &mut BTreeSet<String>) -> Result<Policy, String> {
    let parsed_as: &str = policy.id().as_ref();
    let number: usize = parsed_as.trim_start_matches("policy").parse().unwrap_or_default();
    let which = format!("policy number {}", number.saturating_add(1));
    let id = policy.annotation("id").filter(|id| !id.trim().is_empty());
    let id = id.ok_or_else(|| format!("{which} has no name; put `@id(\"name\")` before it"))?;
    if policy.annotation("says").is_none_or(|says| says.trim().is_empty()) {
        return Err(format!("`{id}` doesn't say what it does; put `@says(\"...\")` before it"));
    }
    if policy.annotation("remedy").is_some_and(|remedy| Remedy::from_code(remedy).is_none()) {
        return Err(format!("`{id}` has a remedy that isn't known; `confirm` is the only one"));
    }
    if !taken.insert(id.to_owned()) {
        return Err(format!("`{id}` is the name of another policy too; each needs its own"));
    }
    Ok(policy.new_id(PolicyId::new(id)))
}

fn fault(file: &PolicyFile, error: &(impl Diagnostic + ?Sized)) -> Fault {
    let offset = error.labels().and_then(|mut labels| labels.next()).map(|label| label.offset());
    let help = error.help().map(|help| format!(" ({help})")).unwrap_or_default();
    let at = offset.and_then(|offset| position(&file.text, offset));
    Fault { file: file.name.clone(), at, message: format!("{error}{help}") }
}

fn plain(file: &PolicyFile, message: &str) -> Fault {
    Fault { file: file.name.clone(), at: None, message: message.to_owned() }
}

fn position(text: &str, offset: usize) -> Option<(usize, usize)> {
    let before = text.get(..offset)?;
    let line = before.matches('\n').count().saturating_add(1);
    let column = before.rsplit('\n').next()?.chars().count().saturating_add(1);
    Some((line, column))
}
