//! `portcullis people`, from the first administrators to what volunteers hand in.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod kept;
mod upkeep;

use upkeep::Node;

/// A node with two administrators, each with a passphrase in a file.
struct Office(Node);

const A: &str = "o.testwick";
const B: &str = "q.examplesson";

/// The code in the line after, or on the line of, this word.
fn code_after(text: &str, word: &str) -> String {
    let rest = &text[text.find(word).unwrap() + word.len()..];
    let line = rest.lines().find(|line| !line.trim().is_empty()).unwrap();
    line.trim().to_owned()
}

/// All from this id on.
fn code_of(text: &str, id: &str) -> String {
    text[text.find(id).unwrap()..].to_owned()
}

impl Office {
    fn new() -> Self {
        Self::with(&["--role", "officer"])
    }

    /// Of two administrators, each with these roles besides.
    fn with(roles: &[&str]) -> Self {
        let office = Self(Node::new());
        let two =
            ["--administrator", A, "Orsolya Testwick", "--administrator", B, "Quillon Examplesson"];
        let made = office.0.ok(&[&["people", "first"], &two[..], roles].concat());
        for officer in [A, B] {
            office.enrols(officer, &code_after(&made, officer));
        }
        office
    }

    fn passphrase(&self, officer: &str) -> String {
        self.0.write(&format!("passphrase-{officer}"), &format!("the own words of {officer}\n"))
    }

    fn enrols(&self, officer: &str, invitation: &str) {
        let invitation = self.0.write("invitation", invitation);
        let passphrase = self.passphrase(officer);
        let set = ["people", "passphrase", "set", "--officer", officer];
        let files = ["--invitation-file", &invitation, "--new-passphrase-file", &passphrase];
        self.0.ok(&[&set[..], &files].concat());
    }

    fn args<'a>(&self, officer: &'a str, signer: &str, rest: &[&'a str]) -> Vec<String> {
        let own = ["--officer", officer, "--own-passphrase-file"];
        let all = [&["people"], rest, &own].concat();
        let mut all: Vec<String> = all.into_iter().map(str::to_owned).collect();
        all.push(self.passphrase(signer));
        all
    }

    /// Approves what has just been shown, by its digest.
    fn approves(&self, officer: &str, proposal: &str, more: &[&str]) -> String {
        let digest = self.digest(proposal);
        self.ok(officer, &[&["approve", proposal, "--digest", &digest], more].concat())
    }

    /// The digest of a proposal, as it is shown.
    fn digest(&self, proposal: &str) -> String {
        code_after(&code_of(&self.0.ok(&["people", "proposals", "--all"]), proposal), "digest ")
    }

    fn ok(&self, officer: &str, rest: &[&str]) -> String {
        let args = self.args(officer, officer, rest);
        self.0.ok(&args.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// In the name of one, with the passphrase of another.
    fn refused(&self, officer: &str, signer: &str, rest: &[&str]) -> String {
        let args = self.args(officer, signer, rest);
        self.0.refused(&args.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// Proposes to make somebody an officer: the proposal and the half of the invitation.
    fn proposes(&self, account: &str) -> (String, String) {
        let why = ["--role", "officer", "--reason", "joins compliance"];
        let make = ["propose", "make", account, "--name", "Mátyás Inventedson"];
        let said = self.ok(A, &[&make[..], &why].concat());
        (code_after(&said, "make-officer: "), code_after(&said, "yourself:\n"))
    }
}

#[test]
fn two_administrators_make_an_officer_and_he_enrols_with_both_halves() {
    let office = Office::new();
    let (proposal, half) = office.proposes("m.inventedson");
    let waits = office.0.ok(&["people", "list"]);
    assert!(waits.contains(&format!("! make-officer waits for approval: {proposal}")), "{waits}");
    let said = office.approves(B, &proposal, &[]);
    assert!(said.contains("name         Mátyás Inventedson"), "{said}");
    let other = code_after(&said, "yourself:\n");
    office.enrols("m.inventedson", &format!("{half}\n{other}\n"));
    let shown = office.0.ok(&["people", "show", "m.inventedson"]);
    assert!(shown.contains("stands       active"), "{shown}");
    assert!(shown.contains("keys open by passphrase"), "{shown}");
    let doctor = upkeep::text(&office.0.run(&["doctor"]).stdout);
    assert!(doctor.contains("signatures: 1 proposals and their approvals hold"), "{doctor}");
    let suspended = office.ok(B, &["suspend", "m.inventedson", "--reason", "lost his laptop"]);
    assert!(suspended.contains("suspended from now on"), "{suspended}");
}

#[test]
fn whoever_has_the_shell_and_one_passphrase_makes_nobody_an_officer() {
    // THREATS T-29
    let office = Office::new();
    let (proposal, half) = office.proposes("m.inventedson");
    let digest = office.digest(&proposal);
    let meant = ["--digest", digest.as_str()];
    let own = office.refused(A, A, &[&["approve", &proposal], &meant[..]].concat());
    assert!(own.contains("another administrator approves"), "{own}");
    let stated = office.refused(B, A, &[&["approve", &proposal], &meant[..]].concat());
    assert!(stated.contains("this is not the passphrase of `q.examplesson`"), "{stated}");
    let code = office.0.write("code", "qqqq qqqq qqqq qqqq qqqq qqqq qqqq qqqq");
    let guessed = ["approve", &proposal, "--recovery-code", "--recovery-code-file", &code];
    office.refused(A, A, &[&guessed[..], &meant].concat());
    let make = ["propose", "make", "n.fictionby", "--name", "N", "--role", "officer"];
    let reason = ["--reason", "because I say so"];
    office.refused(B, A, &[&make[..], &reason].concat());
    let again = ["people", "first", "--administrator", "n.fictionby", "N", "--with-recovery-codes"];
    let again = office.0.refused(&again);
    assert!(again.contains("there are people already"), "{again}");
    // Reset the other one's passphrase with the invitation that was not meant for him.
    let invitation = office.0.write("invitation", &half);
    let passphrase = office.passphrase(A);
    let files = ["--invitation-file", &invitation, "--new-passphrase-file", &passphrase];
    let set = ["passphrase", "set"];
    office.refused(B, A, &[&set[..], &files].concat());
    let listed = office.0.ok(&["people", "list"]);
    assert_eq!(listed.matches("active").count(), 2, "{listed}");
    assert!(!listed.contains("m.inventedson "), "{listed}");
}

#[test]
fn one_administrator_and_a_sheet_from_the_safe_are_two() {
    let node = Node::new();
    let first = ["people", "first", "--administrator", A, "Orsolya Testwick"];
    assert!(node.refused(&first).contains("or with one and a sheet of 8 recovery codes"));
    let made = node.ok(&[&first[..], &["--with-recovery-codes"]].concat());
    let office = Office(node);
    office.enrols(A, &code_after(&made, A));
    let (proposal, _) = office.proposes("m.inventedson");
    let code = office.0.write("code", &code_after(&made, "\n  3 ").to_uppercase());
    let with_code = ["--recovery-code", "--recovery-code-file", &code];
    let digest = office.digest(&proposal);
    let approve = ["approve", &proposal, "--digest", &digest];
    let stated = office.refused("n.fictionby", A, &[&approve[..], &with_code].concat());
    assert!(stated.contains("has no keys"), "{stated}");
    office.approves(A, &proposal, &with_code);
    let listed = office.0.ok(&["people", "list"]);
    let said = "! make-officer of m.inventedson was approved by o.testwick WITH A RECOVERY CODE";
    assert!(listed.contains(said), "{listed}");
    assert!(listed.contains("! recovery code 3 was USED"), "{listed}");
    let doctor = office.0.run(&["doctor"]);
    let doctor = upkeep::text(&doctor.stdout);
    assert!(doctor.contains("recovery code 3 was used"), "{doctor}");
    let (proposal, _) = office.proposes("n.fictionby");
    let digest = office.digest(&proposal);
    let again = ["approve", &proposal, "--digest", &digest];
    let again = office.refused(A, A, &[&again[..], &with_code].concat());
    assert!(again.contains("a recovery code that was not used"), "{again}");
}

#[test]
fn whoever_approves_signs_what_he_was_shown_and_nothing_else() {
    // THREATS T-29
    let office = Office::new();
    let (proposal, _) = office.proposes("m.inventedson");
    let (other, _) = office.proposes("n.fictionby");
    let unread = office.refused(B, B, &["approve", &proposal]);
    assert!(unread.contains("read it and run this again with `--digest"), "{unread}");
    let of_another = office.digest(&other);
    let swapped = ["approve", &proposal, "--digest", &of_another];
    let swapped = office.refused(B, B, &swapped);
    assert!(swapped.contains("not what has the digest that you gave"), "{swapped}");
}

#[test]
fn what_a_suspended_administrator_proposed_goes_with_him() {
    // THREATS T-29
    let office = Office::new();
    let (proposal, _) = office.proposes("m.inventedson");
    office.ok(B, &["suspend", A, "--reason", "lost his laptop"]);
    let listed = office.0.ok(&["people", "proposals", "--all"]);
    assert!(listed.contains("closed, because o.testwick may do otherwise since"), "{listed}");
    let digest = office.digest(&proposal);
    let approve = ["approve", &proposal, "--digest", &digest];
    office.refused(B, B, &approve);
    office.refused(A, A, &approve);
}

#[test]
fn the_signatures_of_whoever_enrolled_anew_hold_with_the_keys_he_had() {
    let office = Office::new();
    let (proposal, _) = office.proposes("m.inventedson");
    office.approves(B, &proposal, &[]);
    let said = office.ok(A, &["propose", "reset-sign-in", A, "--reason", "his passkey is gone"]);
    let half = code_after(&said, "yourself:\n");
    let said = office.approves(B, &code_after(&said, "reset-sign-in: "), &[]);
    office.enrols(A, &format!("{half}\n{}\n", code_after(&said, "yourself:\n")));
    let doctor = upkeep::text(&office.0.run(&["doctor"]).stdout);
    assert!(doctor.contains("signatures: 2 proposals and their approvals hold"), "{doctor}");
}

#[test]
fn a_sheet_is_printed_once_and_takes_two() {
    let office = Office::new();
    let said = office.ok(A, &["propose", "recovery-codes", "--reason", "for the safe"]);
    let proposal = code_after(&said, "recovery-codes: ");
    office.refused(A, A, &["recovery", "print", &proposal]);
    office.approves(B, &proposal, &[]);
    let sheet = office.ok(A, &["recovery", "print", &proposal]);
    assert_eq!(sheet.lines().filter(|line| line.split_whitespace().count() == 9).count(), 8);
    office.refused(A, A, &["recovery", "print", &proposal]);
    let status = office.0.ok(&["people", "recovery", "status"]);
    assert_eq!(status.matches("not used").count(), 8, "{status}");
}

#[test]
fn an_administrator_of_another_organisation_approves_by_files() {
    let ours = Office::new();
    let theirs = Office::new();
    let key = theirs.0.ok(&["people", "key", B]);
    let outside = ["propose", "outside", "another-party", B, "--key", key.trim()];
    let said = ours.ok(A, &[&outside[..], &["--reason", "an office of two"]].concat());
    ours.approves(B, &code_after(&said, "outside-administrator: "), &[]);
    let (proposal, _) = ours.proposes("m.inventedson");
    let request = theirs.0.write("request", &ours.0.ok(&["people", "request", &proposal]));
    let shown = theirs.ok(B, &["answer", &request]);
    assert!(shown.contains("Mátyás Inventedson") && shown.contains("run this again"), "{shown}");
    let answer = theirs.ok(B, &["answer", &request, "--approve"]);
    let signature = code_after(&answer, "hand in:\n");
    let digest = ours.digest(&proposal);
    let approve = ["people", "approve", &proposal, "--digest", &digest, "--officer", B];
    let by_him = ["--outside", "another-party", "--signature", &signature];
    let approved = ours.0.ok(&[&approve[..], &by_him].concat());
    assert!(approved.contains("approved make-officer"), "{approved}");
    let listed = ours.0.ok(&["people", "proposals", "--all"]);
    assert!(listed.contains("approved by another-party/q.examplesson, outside"), "{listed}");

    let remove = ["remove-outside", "another-party", B, "--reason", "left the other party"];
    ours.refused(B, A, &remove);
    ours.ok(A, &remove);
    assert!(!ours.0.ok(&["people", "list"]).contains("another-party"));
    let doctor = upkeep::text(&ours.0.run(&["doctor"]).stdout);
    assert!(doctor.contains("signatures: 2 proposals and their approvals hold"), "{doctor}");
    ours.refused(A, A, &remove);
}

#[test]
fn a_passphrase_is_changed_by_whoever_knows_it() {
    let office = Office::new();
    let short = office.0.write("short", "too short");
    let set = ["passphrase", "set", "--new-passphrase-file"];
    let refused = office.refused(A, A, &[&set[..], &[&short]].concat());
    assert!(refused.contains("at least 12 characters"), "{refused}");
    let other = office.0.write("other", "quite some other words");
    office.refused(A, B, &[&set[..], &[&other]].concat());
    office.ok(A, &[&set[..], &[&other]].concat());
    office.refused(A, A, &["token", "make", "--scope", "match", "--note", "nightly"]);
}

#[test]
fn tokens_and_links_are_shown_once_and_can_be_taken_back() {
    let office = Office::new();
    let make = ["token", "make", "--scope", "match", "--note", "nightly matching"];
    let said = office.ok(A, &make);
    assert!(said.starts_with("portcullis-token-1"), "{said}");
    let token = code_after(&said, "token revoke ").split(' ').next().unwrap().to_owned();
    let listed = office.0.ok(&["people", "token", "list"]);
    assert!(listed.contains(" match: nightly matching"), "{listed}");
    assert!(!listed.contains("portcullis-token"), "{listed}");
    office.0.ok(&["people", "token", "revoke", &token, "--officer", B]);
    assert!(office.0.ok(&["people", "token", "list"]).contains("nothing now"));
    let beyond = ["token", "make", "--scope", "history.read", "--note", "n"];
    assert!(Office::with(&[]).refused(A, A, &beyond).contains("do not cover `history.read`"));

    let link = ["link", "make", "--class", "donor", "--note", "spring"];
    let stated = office.refused(A, B, &link);
    assert!(stated.contains("this is not the passphrase of `o.testwick`"), "{stated}");
    let said = office.ok(A, &link);
    assert!(said.starts_with("portcullis-link-1"), "{said}");
    let link = code_after(&said, "link close ").split(' ').next().unwrap().to_owned();
    office.0.ok(&["people", "link", "close", &link, "--officer", A]);
    let listed = office.0.ok(&["people", "link", "list"]);
    assert!(listed.contains("closed until"), "{listed}");
    assert_eq!(office.0.ok(&["people", "submissions"]), "");
}
