//! What of policy files and files of cases is taken, and what is refused.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{alone, file};
use portcullis_access::cases::{Answer, Case, SHIPPED as CASES};
use portcullis_access::{Fault, Policies, PolicyFile, Rule, SHIPPED};

const GOOD: &str = "@id(\"good\")\n@says(\"An officer reads alerts.\")\n\
    permit (principal is Person, action == Action::\"read\", resource is Alert)\n\
    when { principal.roles.contains(Role::\"officer\") };\n";

/// The one fault in this text.
fn fault(text: &str) -> Fault {
    let error = alone(text).unwrap_err();
    assert_eq!(error.faults().len(), 1, "{error}");
    error.faults().first().unwrap().clone()
}

#[test]
fn a_policy_that_says_what_it_does_is_taken() {
    assert_eq!(
        alone(GOOD).unwrap().rules().map(Rule::says).collect::<Vec<_>>(),
        ["An officer reads alerts."]
    );
}

#[test]
fn what_does_not_parse_is_refused_with_line_and_column() {
    let fault = fault(&GOOD.replace("when {", "when ["));
    assert_eq!((fault.file.as_str(), fault.at), ("own.cedar", Some((4, 6))), "{fault}");
}

#[test]
fn a_word_that_the_schema_does_not_know_is_refused_with_line_and_column() {
    // In line 4 `principal` begins at column 8 and `Role` at column 33.
    let at = |from: &str, to: &str| fault(&GOOD.replace(from, to)).at;
    assert_eq!(at("principal.roles", "principal.rules"), Some((4, 8)));
    assert_eq!(at("Role::\"officer\"", "Role::\"oficer\"").map(|at| at.0), Some(4));
    assert_eq!(at("Role::\"officer\"", "Purpose::\"oversight\"").map(|at| at.0), Some(4));
    let error = alone(&GOOD.replace("resource is Alert", "resource is Alarm")).unwrap_err();
    assert_eq!(error.faults().first().unwrap().at.map(|at| at.0), Some(3));
    assert!(alone(&GOOD.replace("Action::\"read\"", "Action::\"raed\"")).is_err());
}

#[test]
fn a_field_that_may_be_missing_must_be_asked_for() {
    let text = GOOD.replace("principal.roles", "principal.until < context.now && principal.roles");
    assert_eq!(fault(&text).at.map(|at| at.0), Some(4));
}

#[test]
fn a_policy_that_can_never_apply_is_refused() {
    assert!(alone(&GOOD.replace("when {", "when { resource is List &&")).is_err());
}

#[test]
fn a_policy_without_a_name_or_a_word_about_it_is_refused() {
    assert!(fault(&GOOD.replace("@id(\"good\")\n", "")).message.contains("policy number 1"));
    assert!(fault(&GOOD.replace("@id(\"good\")", "@id(\" \")")).message.contains("@id"));
    let silent = GOOD.replace("@says(\"An officer reads alerts.\")\n", "");
    assert!(fault(&silent).message.contains("@says"));
}

#[test]
fn two_policies_of_one_name_are_refused_in_two_files_too() {
    assert!(fault(&format!("{GOOD}{GOOD}")).message.contains("`good`"));
    let error = Policies::read([file("a.cedar", GOOD), file("b.cedar", GOOD)]).unwrap_err();
    assert_eq!(error.faults().first().unwrap().file, "b.cedar");
}

#[test]
fn templates_and_remedies_that_nobody_knows_are_refused() {
    let template = GOOD.replace("principal is Person", "principal == ?principal");
    assert!(fault(&template).message.contains("template"));
    let remedy = GOOD.replace("@says", "@remedy(\"pray\")\n@says");
    assert!(fault(&remedy).message.contains("confirm"));
}

#[test]
fn no_policies_at_all_are_refused() {
    assert!(Policies::read([]).is_err());
    assert!(alone("// nothing yet\n").is_err());
}

#[test]
fn every_fault_is_told_with_its_file() {
    let files = [file("a.cedar", "permit ("), file("b.cedar", GOOD), file("c.cedar", "forbid")];
    let error = Policies::read(files).unwrap_err();
    let named: Vec<&str> = error.faults().iter().map(|fault| fault.file.as_str()).collect();
    assert_eq!(named, ["a.cedar", "c.cedar"]);
    assert!(error.to_string().contains("and 1 more"), "{error}");
}

#[test]
fn other_policies_have_another_version() {
    let shipped: Vec<PolicyFile> = SHIPPED.iter().map(|&(name, text)| file(name, text)).collect();
    let version = |files: Vec<PolicyFile>| Policies::read(files).unwrap().version().to_string();
    assert_eq!(version(shipped.clone()), Policies::shipped().version().to_string());
    let mut reversed = shipped.clone();
    reversed.reverse();
    assert_eq!(version(reversed), Policies::shipped().version().to_string());
    let mut changed = shipped;
    changed.first_mut().unwrap().text.push('\n');
    assert_ne!(version(changed), Policies::shipped().version().to_string());
}

#[test]
fn every_policy_has_a_case_that_it_allows_or_refuses_and_one_of_the_other_kind() {
    let cases = Case::read(CASES.iter().copied()).unwrap();
    for rule in Policies::shipped().rules() {
        let id = rule.id().to_owned();
        let like = |a: &Case, b: &Case| a.deed.act == b.deed.act && a.thing.kind == b.thing.kind;
        let held = cases.iter().any(|case| match &case.expected {
            Answer::Allowed(ids) if ids.contains(&id) => {
                let refused = |other: &Case| other.expected == Answer::Refused([].into());
                cases.iter().any(|other| like(case, other) && refused(other))
            }
            Answer::Refused(ids) if ids.len() == 1 && ids.contains(&id) => {
                cases.iter().any(|other| like(case, other) && other.expected.is_allowed())
            }
            _ => false,
        });
        assert!(held, "`{id}` has no allowed or no refused case");
    }
}

#[test]
fn a_case_that_makes_no_sense_is_refused_with_its_file_and_name() {
    let people = CASES.first().unwrap().1;
    let refused = |case: &str| {
        let text = format!("{people}\n[[case]]\nname = \"odd\"\n{case}");
        let error = Case::read([("own.toml", text.as_str())]).unwrap_err();
        error.to_string()
    };
    let good = "asker = \"officer\"\nact = \"read\"\nthing = \"alert\"\nallowed = []";
    for (from, to, told) in [
        ("\"officer\"", "\"oficer\"", "nothing is called `oficer`"),
        ("\"read\"", "\"raed\"", "there is no act called `raed`"),
        ("\"alert\"", "{ like = \"alert\", kind = \"Alarm\" }", "Alarm"),
        ("\"alert\"", "{ like = \"alert\", colour = 1 }", "colour"),
        ("\"alert\"", "{ like = \"alert\", without = [\"author\"] }", "author"),
        ("\"alert\"", "7", "a name or a table"),
        ("\"officer\"", "{ like = \"officer\", id = \"orsolya\" }", "organisation/account"),
        ("\"officer\"", "{ like = \"officer\", scopes = [] }", "signed_in_at"),
        ("\"officer\"", "{ is = \"robot\" }", "link-holder"),
        ("allowed = []", "allowed = []\nrefused = []", "exactly one"),
        ("allowed = []", "", "exactly one"),
        ("allowed = []", "refused = []\ntold = \"no\"", "`told`"),
    ] {
        assert!(good.contains(from), "{from}");
        let message = refused(&good.replace(from, to));
        assert!(message.contains("own.toml") && message.contains("odd"), "{message}");
        assert!(message.contains(told), "{message}");
    }
}

#[test]
fn names_that_lead_in_a_circle_are_refused() {
    let text = "[asker.a]\nlike = \"b\"\n[asker.b]\nlike = \"a\"\n\
        [[case]]\nname = \"odd\"\nasker = \"a\"\nact = \"read\"\nthing = \"a\"\nrefused = []";
    let error = Case::read([("own.toml", text)]).unwrap_err();
    assert!(error.to_string().contains("circle"), "{error}");
}

#[test]
fn a_name_that_is_there_already_and_a_field_that_nobody_knows_are_refused() {
    let one = "[asker.a]\n";
    assert!(Case::read([("a.toml", one), ("b.toml", one)]).is_err());
    assert!(Case::read([("a.toml", "[[cases]]\n")]).is_err());
}
