//! Holds the workspace to `layers.toml`, and documents to the workspace.

use crate::workspace::root;
use anyhow::{Context as _, Result};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Which of our crates each of our crates uses, and whether only its tests do.
type Uses = BTreeMap<String, BTreeSet<String>>;

/// Everything that is not as `layers.toml` and the documents say; empty when all is well.
pub(crate) fn broken() -> Result<Vec<String>> {
    let uses = uses()?;
    let mut broken = against_layers(&uses, &allowed()?);
    broken.extend(against_architecture(&uses)?);
    broken.extend(threats()?);
    broken.extend(input_and_output()?);
    broken.extend(network()?);
    broken.extend(lints()?);
    broken.extend(names_in_architecture()?);
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

/// Lines between a citation and the test that it is for, at most.
const NEAR_LINES: usize = 4;

/// The invariants that a text cites, and those of them that it cites at a test.
fn citations(text: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    // In two halves, so that this line is not a citation itself.
    let mark = concat!("THREATS", " T-");
    let lines: Vec<&str> = text.lines().collect();
    let (mut cited, mut tested) = (BTreeSet::new(), BTreeSet::new());
    for (number, line) in lines.iter().enumerate() {
        for rest in line.split(mark).skip(1) {
            let Some(digits) = rest.get(..2) else { continue };
            let name = format!("T-{digits}");
            let from = number.saturating_sub(NEAR_LINES);
            let near = lines.iter().skip(from).take(number - from + NEAR_LINES + 1);
            if near.into_iter().any(|l| is_test(l.trim())) {
                tested.insert(name.clone());
            }
            cited.insert(name);
        }
    }
    (cited, tested)
}

/// Every invariant of `THREATS.md` is cited at a test, and every citation is of an invariant.
fn threats() -> Result<Vec<String>> {
    let text = fs::read_to_string(root().join("THREATS.md"))?;
    let stated: BTreeSet<String> = text
        .lines()
        .filter_map(|line| line.strip_prefix("**T-"))
        .filter_map(|rest| rest.get(..2))
        .map(|number| format!("T-{number}"))
        .collect();
    let (mut cited, mut tested) = (BTreeSet::new(), BTreeSet::new());
    for folder in ["crates", "xtask", "fuzz"] {
        for (_, text) in rust_files(&root().join(folder))? {
            let (here, at_tests) = citations(&text);
            cited.extend(here);
            tested.extend(at_tests);
        }
    }
    let mut broken: Vec<String> = stated
        .difference(&tested)
        .map(|number| format!("THREATS {number} is cited at no test"))
        .collect();
    let unknown = cited.difference(&stated);
    broken.extend(unknown.map(|number| format!("{number} is cited but not in THREATS.md")));
    Ok(broken)
}

fn is_test(line: &str) -> bool {
    line == "#[test]" || line.starts_with("#[tokio::test")
}

/// The files and tests that `ARCHITECTURE.md` names are there.
fn names_in_architecture() -> Result<Vec<String>> {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md"))?;
    let mut files = rust_files(&root().join("crates"))?;
    files.extend(rust_files(&root().join("xtask"))?);
    let mut broken = Vec::new();
    for name in text.split('`').skip(1).step_by(2) {
        let is_file = Path::new(name).extension().is_some_and(|extension| extension == "rs");
        let is_test = name.matches('_').count() > 3
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        let is_there = if is_file {
            files.iter().any(|(path, _)| path.ends_with(name))
        } else if is_test {
            let declared = format!("fn {name}(");
            files.iter().any(|(_, text)| text.contains(&declared))
        } else {
            true
        };
        if !is_there {
            broken.push(format!("ARCHITECTURE.md names `{name}`, which is not there"));
        }
    }
    Ok(broken)
}

/// What only `store` and `node` may name (THREATS T-12).
const INPUT_AND_OUTPUT: [&str; 11] = [
    "std::fs",
    "std::net",
    "std::env::var",
    "std::process",
    "std::time::SystemTime",
    "Timestamp::now",
    "Zoned::now",
    "tokio::",
    "ureq::",
    "rusqlite::",
    "use postgres::",
];

/// The crates that do nothing but compute.
const LIBRARIES: [&str; 11] = [
    "types",
    "ingest",
    "matching",
    "audit",
    "keys",
    "access",
    "federation",
    "exchange",
    "share",
    "signin",
    "decide",
];

/// The libraries that refuse to do I/O name nothing that does; their tests may.
fn input_and_output() -> Result<Vec<String>> {
    let mut broken = Vec::new();
    for library in LIBRARIES {
        for (path, text) in rust_files(&root().join("crates").join(library).join("src"))? {
            if path.ends_with("tests.rs") {
                continue;
            }
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            for (number, line) in (1..).zip(code.lines()) {
                if line.trim_start().starts_with("//") {
                    continue;
                }
                if let Some(name) = INPUT_AND_OUTPUT.iter().find(|name| line.contains(*name)) {
                    broken.push(format!("{}:{number} names `{name}`", path.display()));
                }
            }
        }
    }
    Ok(broken)
}

/// The network is used where lists are fetched, where other nodes are polled, where a database server is
/// spoken to, and by the server and what it asks an OpenID provider, and nowhere else (THREATS T-09).
fn network() -> Result<Vec<String>> {
    let mut broken = Vec::new();
    let allowed = [
        "node/src/lists",
        "node/src/exchange",
        "node/src/serve",
        "store/src/engine/postgres",
        "store/src/engine/postgres.rs",
    ]
    .map(|path| root().join("crates").join(path));
    for (path, text) in rust_files(&root().join("crates"))? {
        let is_test = path.components().any(|part| part.as_os_str() == "tests");
        let names_it = text.lines().any(|line| {
            !line.trim_start().starts_with("//")
                && ["ureq::", "use postgres::", "TcpStream", "UdpSocket"]
                    .iter()
                    .any(|name| line.contains(name))
        });
        if names_it && !is_test && !allowed.iter().any(|place| path.starts_with(place)) {
            broken.push(format!("{} uses the network", path.display()));
        }
    }
    Ok(broken)
}

/// Every crate takes the lints of the workspace, which forbid `unsafe`.
fn lints() -> Result<Vec<String>> {
    let mut broken = Vec::new();
    let mut manifests = vec![root().join("xtask/Cargo.toml")];
    for entry in fs::read_dir(root().join("crates"))? {
        manifests.push(entry?.path().join("Cargo.toml"));
    }
    for path in manifests {
        let manifest: toml::Table = toml::from_str(&fs::read_to_string(&path)?)?;
        let takes = manifest.get("lints").and_then(|lints| lints.get("workspace"));
        if takes.and_then(toml::Value::as_bool) != Some(true) {
            broken.push(format!("{} does not take the workspace's lints", path.display()));
        }
    }
    let workspace: toml::Table = toml::from_str(&fs::read_to_string(root().join("Cargo.toml"))?)?;
    let unsafe_code = ["workspace", "lints", "rust", "unsafe_code"]
        .iter()
        .try_fold(&toml::Value::Table(workspace), |value, key| value.get(key))
        .and_then(toml::Value::as_str)
        .map(str::to_owned);
    if unsafe_code.as_deref() != Some("forbid") {
        broken.push("Cargo.toml does not forbid `unsafe`".to_owned());
    }
    Ok(broken)
}

/// All Rust files of a folder, with their text.
fn rust_files(folder: &Path) -> Result<Vec<(PathBuf, String)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path)?;
            files.push((path, text));
        }
    }
    Ok(files)
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
    fn every_threat_invariant_is_cited_at_a_test_and_every_citation_is_one() {
        assert_eq!(threats().unwrap(), Vec::<String>::new());
    }

    #[test]
    fn architecture_names_only_files_and_tests_that_are_there() {
        assert_eq!(names_in_architecture().unwrap(), Vec::<String>::new());
    }

    // THREATS T-12
    #[test]
    fn the_libraries_do_no_io_of_their_own() {
        assert_eq!(input_and_output().unwrap(), Vec::<String>::new());
    }

    // THREATS T-09
    #[test]
    fn the_network_is_used_in_the_places_that_are_named() {
        assert_eq!(network().unwrap(), Vec::<String>::new());
    }

    #[test]
    fn every_crate_takes_the_lints_of_the_workspace() {
        assert_eq!(lints().unwrap(), Vec::<String>::new());
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
