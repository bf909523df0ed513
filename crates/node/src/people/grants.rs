//! What somebody shall be allowed to do, from the command line.

use anyhow::Context as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use portcullis_decide::people::{Grants, Term};
use portcullis_types::{EventTime, Level, OrganisationId, Role};
use std::collections::BTreeMap;

/// What somebody may do.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct GrantArgs {
    /// A role, for ever or up to a day, like `officer` or `officer=2027-03-31`; several times for several
    ///
    /// The roles are administrator, officer, approver, auditor, operator, recipient.
    #[arg(long = "role", value_name = "ROLE[=DAY]", value_parser = role, required = true)]
    roles: Vec<(Role, Option<Date>)>,

    /// How sensitive what he reads may be, as a rank: 0 is open
    #[arg(long, value_name = "RANK", default_value_t = 0)]
    clearance: u8,

    /// A compartment he is in; several times for several
    #[arg(long = "compartment", value_name = "WORD")]
    compartments: Vec<Box<str>>,

    /// The party in which he holds office, whatever body he works for
    #[arg(long, value_name = "ORGANISATION")]
    party: Option<OrganisationId>,

    /// First day (UTC); default: now
    #[arg(long, value_name = "DAY")]
    from: Option<Date>,

    /// Last day (UTC); default: no end is set
    #[arg(long, value_name = "DAY")]
    until: Option<Date>,
}

fn role(text: &str) -> Result<(Role, Option<Date>), String> {
    let (code, day) = match text.split_once('=') {
        Some((code, day)) => (code, Some(day)),
        None => (text, None),
    };
    let role = Role::from_code(code).ok_or_else(|| {
        let codes: Vec<&str> = Role::ALL.iter().map(|role| role.code()).collect();
        format!("the roles are {}", codes.join(", "))
    })?;
    let day = day.map(|day| day.parse().map_err(|_| format!("`{day}` is no day like 2027-03-31")));
    Ok((role, day.transpose()?))
}

/// Midnight (UTC) at the beginning of a day.
fn midnight(day: Date) -> anyhow::Result<EventTime> {
    let at = day.to_zoned(TimeZone::UTC).context("there is no such day")?;
    Ok(EventTime::rounded_down(at.timestamp())?)
}

/// Midnight (UTC) at the end of a day.
fn end_of(day: Option<Date>) -> anyhow::Result<Option<EventTime>> {
    day.map(|day| midnight(day.tomorrow().context("there is no such day")?)).transpose()
}

impl GrantArgs {
    pub(super) fn grants(&self, now: EventTime) -> anyhow::Result<Grants> {
        let from = match self.from {
            Some(day) => midnight(day)?,
            None => now,
        };
        let mut roles = BTreeMap::new();
        for (role, until) in &self.roles {
            roles.insert(*role, Term { from, until: end_of(*until)? });
        }
        Ok(Grants {
            roles,
            clearance: Level(self.clearance),
            compartments: self.compartments.iter().cloned().collect(),
            party: self.party.clone(),
            term: Term { from, until: end_of(self.until)? },
        })
    }
}
