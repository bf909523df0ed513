//! Whether somebody who decides can be a person.

use portcullis_types::OfficerId;
use unicode_normalization::UnicodeNormalization;

/// Accounts that machines run under, or that stand for nobody in particular, by their letters.
const RESERVED: [&str; 47] = [
    "admin",
    "administrator",
    "anonymous",
    "auto",
    "automated",
    "automatic",
    "batch",
    "bot",
    "computer",
    "cron",
    "crond",
    "cronjob",
    "daemon",
    "default",
    "guest",
    "job",
    "jobs",
    "localservice",
    "localsystem",
    "machine",
    "networkservice",
    "nobody",
    "node",
    "none",
    "null",
    "officer",
    "operator",
    "portcullis",
    "postgres",
    "program",
    "robot",
    "root",
    "scheduler",
    "screening",
    "script",
    "server",
    "service",
    "somebody",
    "superuser",
    "svc",
    "sys",
    "sysadmin",
    "system",
    "systemd",
    "task",
    "unknown",
    "user",
];

/// The account does not name a person, who alone may decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a decision is taken by a person; give the account name of one, not that of a job, a system or a shared account"
)]
pub struct NotAPersonError;

/// Refuses accounts that cannot be a person's: those that machines and administrators share, and
/// those without a letter. It cannot tell whether the person is there: a name is what is stated.
///
/// # Errors
///
/// [`NotAPersonError`] for such an account, whatever its capitals, digits, punctuation and domain.
pub fn check_person(officer: &OfficerId) -> Result<(), NotAPersonError> {
    let name = officer.as_str();
    // `root@host` and `NT AUTHORITY\SYSTEM`
    let name = name.rsplit_once('\\').map_or(name, |(_, account)| account);
    let name = name.split_once('@').map_or(name, |(account, _)| account);
    let letters: String =
        name.nfkc().flat_map(char::to_lowercase).filter(|c| c.is_alphabetic()).collect();
    if letters.is_empty() || RESERVED.contains(&letters.as_str()) {
        return Err(NotAPersonError);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str) -> Result<(), NotAPersonError> {
        check_person(&OfficerId::new(name).unwrap())
    }

    #[test]
    fn what_machines_run_under_is_no_person() {
        // THREATS T-02
        for name in [
            "job",
            "system",
            "cron",
            "daemon",
            "root",
            "admin",
            "administrator",
            "nobody",
            "automatic",
            "Root",
            "ROOT",
            "root1",
            "cron-job",
            "root@desk.example",
            "NT AUTHORITY\\SYSTEM",
            "\u{ff52}oot",
        ] {
            assert_eq!(check(name), Err(NotAPersonError), "{name}");
        }
    }

    #[test]
    fn a_name_without_a_letter_is_no_person() {
        for name in ["1", "007", "-", "_._", "1@desk.example"] {
            assert_eq!(check(name), Err(NotAPersonError), "{name}");
        }
    }

    #[test]
    fn a_person_is_taken() {
        for name in
            ["q.examplesson", "a", "j.root", "Орсоля", "otestwick2", "o.testwick@desk.example"]
        {
            assert_eq!(check(name), Ok(()), "{name}");
        }
    }
}
