//! Why something is done, and through which legal gateway.

use crate::codes::codes;

codes! {
    /// The population a screened person belongs to. Asked for at every screening, because the law
    /// differs: for staff and candidates Security Service Act 1989 s.2(3) applies, for donors not.
    PopulationClass {
        /// Gives, or wishes to give, money or kind.
        Donor = "donor",
        /// Stands, or wishes to stand, for election.
        Candidate = "candidate",
        /// Is, or wishes to be, employed.
        Staff = "staff",
        /// Works closely with a representative without being employed: volunteer, adviser, agent.
        Associate = "associate",
    }
}

codes! {
    /// Why data about a person is processed. No purpose, no processing (UK GDPR Art. 5(1)(b)).
    Purpose {
        /// To check a donor.
        ScreenDonor = "screen-donor",
        /// To check a would-be candidate.
        ScreenCandidate = "screen-candidate",
        /// To check a member of staff.
        ScreenStaff = "screen-staff",
        /// To check an associate.
        ScreenAssociate = "screen-associate",
        /// To keep the copies of open lists up to date.
        KeepLists = "keep-lists",
        /// To let an overseer verify what was done.
        Oversight = "oversight",
    }
}

impl From<PopulationClass> for Purpose {
    fn from(class: PopulationClass) -> Self {
        match class {
            PopulationClass::Donor => Self::ScreenDonor,
            PopulationClass::Candidate => Self::ScreenCandidate,
            PopulationClass::Staff => Self::ScreenStaff,
            PopulationClass::Associate => Self::ScreenAssociate,
        }
    }
}

codes! {
    /// The legal gateway through which information passes between organisations. Each service and
    /// direction has its own; what stays within one organisation has none.
    Gateway {
        /// Security Service, outwards: Security Service Act 1989 s.2(2)(a) with Counter-Terrorism
        /// Act 2008 s.19(3).
        SecurityServiceOut = "security-service-out",
        /// Secret Intelligence Service, outwards: Intelligence Services Act 1994 s.2(2)(a) with
        /// Counter-Terrorism Act 2008 s.19(4).
        SecretIntelligenceServiceOut = "secret-intelligence-service-out",
        /// GCHQ, outwards: Intelligence Services Act 1994 s.4(2)(a) with Counter-Terrorism Act
        /// 2008 s.19(5).
        GchqOut = "gchq-out",
        /// Anyone to an intelligence service: Counter-Terrorism Act 2008 s.19(1), subject to s.20.
        ToService = "to-service",
    }
}
