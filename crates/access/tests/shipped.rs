//! The policies that the program brings along, held by its cases.

use portcullis_access::cases::{Case, SHIPPED};
use portcullis_access::{Policies, mutants};

fn cases() -> Vec<Case> {
    Case::read(SHIPPED.iter().copied()).expect("the cases are read")
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
