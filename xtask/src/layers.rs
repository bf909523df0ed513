//! Holds the workspace to `layers.toml`, and documents to the workspace.

use crate::workspace::root;
use anyhow::{Context as _, Result};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

/// Which of our crates each of our crates uses, and whether only its tests do.
type Uses = BTreeMap<String, BTreeSet<String>>;

/// Everything that is not as `layers.toml` and the documents say; empty when all is well.
pub(crate) fn broken() -> Result<Vec<String>> {
    let uses = uses()?;
    let mut broken = against_layers(&uses, &allowed()?);
    broken.extend(against_architecture(&uses)?);
    broken.extend(threats()?);
    Ok(broken)
}

/// The short name of a crate of ours.
fn short(name: &Value) -> Option<String> {
    name.as_str()?.strip_prefix("portcullis-").map(str::to_owned)
}

/// Reads the real dependencies from cargo; those of tests alone are free.
fn uses() -> Result<Uses> {
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(root())
        .output()?;
    let metadata: Value = serde_json::from_slice(&output.stdout)
        .with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
    let list = |value: &Value, key: &str| {
        value.get(key).and_then(Value::as_array).cloned().unwrap_or_default()
    };
    let mut uses = Uses::new();
    for package in list(&metadata, "packages") {
        let Some(from) = package.get("name").and_then(short) else { continue };
        let to = list(&package, "dependencies")
            .iter()
            .filter(|dependency| dependency.get("kind").is_none_or(Value::is_null))
            .filter_map(|dependency| dependency.get("name").and_then(short))
            .collect();
        uses.insert(from, to);
    }
    Ok(uses)
}

fn allowed() -> Result<Uses> {
    #[derive(serde::Deserialize)]
    struct File {
        layers: Uses,
    }
    let text = fs::read_to_string(root().join("layers.toml"))?;
    Ok(toml::from_str::<File>(&text)?.layers)
}

fn against_layers(uses: &Uses, allowed: &Uses) -> Vec<String> {
    let mut broken = Vec::new();
    for (from, to) in uses {
        let Some(may) = allowed.get(from) else {
            broken.push(format!("layers.toml does not name the crate `{from}`"));
            continue;
        };
        for other in to.difference(may) {
            broken.push(format!("`{from}` uses `{other}`, which layers.toml does not allow"));
        }
    }
    for gone in allowed.keys().filter(|name| !uses.contains_key(*name)) {
        broken.push(format!("layers.toml names `{gone}`, which is no crate"));
    }
    broken
}

/// One heading `### crates/<name>` for each crate, and no other.
fn against_architecture(uses: &Uses) -> Result<Vec<String>> {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md"))?;
    let mut broken = Vec::new();
    let mut described = BTreeSet::new();
    for name in text.lines().filter_map(|line| line.strip_prefix("### crates/")) {
        if !uses.contains_key(name) {
            broken.push(format!("ARCHITECTURE.md describes crates/{name}, which is not there"));
        }
        if !described.insert(name) {
            broken.push(format!("ARCHITECTURE.md describes crates/{name} twice"));
        }
    }
    for missing in uses.keys().filter(|name| !described.contains(name.as_str())) {
        broken.push(format!("ARCHITECTURE.md has no heading `### crates/{missing}`"));
    }
    Ok(broken)
}

/// Every invariant of `THREATS.md` is cited in code, and every citation is of an invariant.
fn threats() -> Result<Vec<String>> {
    let text = fs::read_to_string(root().join("THREATS.md"))?;
    let stated: BTreeSet<String> = text
        .lines()
        .filter_map(|line| line.strip_prefix("**T-"))
        .filter_map(|rest| rest.get(..2))
        .map(|number| format!("T-{number}"))
        .collect();
    let mut cited = BTreeSet::new();
    for folder in ["crates", "xtask", "fuzz"] {
        cite(&root().join(folder), &mut cited)?;
    }
    let mut broken: Vec<String> = stated
        .difference(&cited)
        .map(|number| format!("THREATS {number} is cited nowhere in code or tests"))
        .collect();
    let unknown = cited.difference(&stated);
    broken.extend(unknown.map(|number| format!("{number} is cited but not in THREATS.md")));
    Ok(broken)
}

/// Collects the numbers after the word `THREATS` in all Rust files of a folder.
fn cite(folder: &std::path::Path, cited: &mut BTreeSet<String>) -> Result<()> {
    // In two halves, so that this line is not a citation itself.
    let mark = concat!("THREATS", " T-");
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            cite(&path, cited)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path)?;
            let numbers = text.split(mark).skip(1).filter_map(|rest| rest.get(..2));
            cited.extend(numbers.map(|number| format!("T-{number}")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &[(&str, &[&str])]) -> Uses {
        let owned = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect();
        names.iter().map(|(name, list)| ((*name).to_owned(), owned(list))).collect()
    }

    #[test]
    fn no_crate_uses_one_that_layers_toml_does_not_allow() {
        assert_eq!(against_layers(&uses().unwrap(), &allowed().unwrap()), Vec::<String>::new());
    }

    #[test]
    fn architecture_describes_every_crate_and_no_other() {
        assert_eq!(against_architecture(&uses().unwrap()).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn every_threat_invariant_is_cited_and_every_citation_is_one() {
        assert_eq!(threats().unwrap(), Vec::<String>::new());
    }

    #[test]
    fn a_forbidden_use_is_found() {
        let uses = set(&[("types", &["node"]), ("node", &["types"])]);
        let allowed = set(&[("types", &[]), ("node", &["types"])]);
        assert_eq!(against_layers(&uses, &allowed).len(), 1);
        assert_eq!(against_layers(&allowed, &allowed), Vec::<String>::new());
    }

    #[test]
    fn a_crate_without_a_layer_and_a_layer_without_a_crate_are_found() {
        let broken = against_layers(&set(&[("new", &[])]), &set(&[("old", &[])]));
        assert_eq!(broken.len(), 2, "{broken:?}");
    }
}
