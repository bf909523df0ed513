//! The policies that the program brings along, held by its cases.

use portcullis_access::cases::{Case, SHIPPED};
use portcullis_access::{Policies, mutants};
use std::fs;
use std::path::Path;

fn cases() -> Vec<Case> {
    Case::read(SHIPPED.iter().copied()).expect("the cases are read")
}

/// The names of the files in this folder of the crate that end so.
fn there(folder: &str, ending: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = fs::read_dir(folder).expect("the folder is there");
    let names = entries.map(|entry| entry.expect("it is read").file_name());
    let mut names: Vec<String> = names
        .filter_map(|name| name.into_string().ok())
        .filter(|name| name.ends_with(ending))
        .collect();
    names.sort();
    names
}

#[test]
fn no_file_of_policies_or_cases_is_left_out() {
    let named = |files: &[(&str, &str)]| files.iter().map(|(name, _)| (*name).to_owned()).collect();
    let policies: Vec<String> = named(portcullis_access::SHIPPED);
    let cases: Vec<String> = named(SHIPPED);
    assert_eq!(there("policies", ".cedar"), policies);
    assert_eq!(there("cases", ".toml"), cases);
}

#[test]
fn every_case_holds() {
    let policies = Policies::shipped();
    let failing: Vec<String> = cases()
        .iter()
        .filter_map(|case| {
            let difference = case.check(&policies).err()?;
            Some(format!("{}: {}: {difference}", case.file, case.name))
        })
        .collect();
    assert!(failing.is_empty(), "{} cases fail:\n{}", failing.len(), failing.join("\n"));
}

// THREATS T-23, THREATS T-24, THREATS T-25
#[test]
fn no_clause_can_be_dropped_or_turned_round_without_a_case_that_fails() {
    let report = mutants::run(&Policies::shipped(), &cases()).expect("the policies can be changed");
    let lines: Vec<String> =
        report.unnoticed.iter().map(|one| format!("{}: {}", one.policy, one.change)).collect();
    println!(
        "{} changes, {} noticed by outcome, {} by reason alone",
        report.changes,
        report.by_outcome,
        report.changes - report.by_outcome - lines.len()
    );
    assert!(lines.is_empty(), "{} changes unnoticed:\n{}", lines.len(), lines.join("\n"));
}
