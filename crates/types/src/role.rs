//! What kind of body an organisation is, and what a person may do in it.

use crate::codes::codes;

codes! {
    /// What an organisation is in the federation. It says what its node holds and does.
    Body {
        /// A political party.
        Party = "party",
        /// An intelligence or security service.
        Service = "service",
        /// A parliament: its pass office and its members.
        Parliament = "parliament",
        /// A body that grants clearances.
        Vetting = "vetting",
        /// A parliament's library.
        Library = "library",
        /// A taskforce of several bodies.
        Taskforce = "taskforce",
        /// A police force.
        Police = "police",
        /// A council.
        Council = "council",
        /// A devolved administration.
        Devolved = "devolved",
        /// Whoever oversees the others.
        Overseer = "overseer",
    }
}

codes! {
    /// What a person may do in an organisation. Somebody may have several roles.
    Role {
        /// Proposes and approves who has which role; reads no protected text by it.
        Administrator = "administrator",
        /// Screens people, reads what was found, decides on it.
        Officer = "officer",
        /// Gives the second signature where two are needed.
        Approver = "approver",
        /// Reads what was done and how often: events, counts, the log.
        Auditor = "auditor",
        /// Keeps lists, jobs, backups and keys going; reads no protected text by it.
        Operator = "operator",
        /// Receives what is sealed to a named person.
        Recipient = "recipient",
    }
}
