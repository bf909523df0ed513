//! What is wrong with something that an officer filled in: all of it at once, so that he mends it once.

use crate::{Named, PartyKind};
use portcullis_types::Gateway;
use std::fmt;

/// One thing that is wrong, and what to do. It holds nothing of what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fault {
    field: &'static str,
    remedy: &'static str,
}

impl Fault {
    pub(crate) fn new(field: &'static str, remedy: &'static str) -> Self {
        Self { field, remedy }
    }

    /// Which field, by its name in the specification.
    pub fn field(&self) -> &'static str {
        self.field
    }

    /// What to do.
    pub fn remedy(&self) -> &'static str {
        self.remedy
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.field, self.remedy)
    }
}

/// Everything that is wrong, in the order of the fields; at least one thing where it is an error.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults(Vec<Fault>);

impl Faults {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn add(&mut self, fault: Fault) {
        if !self.0.contains(&fault) {
            self.0.push(fault);
        }
    }

    pub(crate) fn result(self) -> Result<(), Self> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }

    /// Every one.
    pub fn iter(&self) -> impl Iterator<Item = &Fault> {
        self.0.iter()
    }

    /// Whether something is wrong with this field.
    pub fn has(&self, field: &str) -> bool {
        self.0.iter().any(|fault| fault.field == field)
    }

    pub(crate) fn named(&mut self, field: &'static str, named: &Named) {
        if named.names.is_empty() {
            self.add(Fault::new(field, "write at least one name"));
        }
        if named.kind == PartyKind::Body && named.birth_date.is_some() {
            self.add(Fault::new(field, "take the birth date away: a body has none"));
        }
    }

    pub(crate) fn gateway_in(&mut self, gateway: Gateway) {
        if gateway != Gateway::ToService {
            self.add(Fault::new("gateway", "use `to-service`: this goes to a service"));
        }
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, fault) in self.0.iter().enumerate() {
            write!(f, "{}{fault}", if place == 0 { "" } else { "; " })?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}
