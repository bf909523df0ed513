//! A marking, from the command line.

use super::Scheme;
use crate::decisions::organisation;
use portcullis_types::{Audience, Label, OfficerId, OrganisationId, PersonId};

/// How something is marked.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "How it is marked")]
pub(crate) struct MarkingArgs {
    /// Level, like SECRET: a reader is cleared at least so high
    #[arg(long, value_name = "NAME")]
    level: Option<String>,

    /// A compartment that a reader must be in; several times for several
    #[arg(long = "compartment", value_name = "WORD")]
    compartments: Vec<String>,

    /// A handling word, like orcon; several times for several
    #[arg(long = "handling", value_name = "WORD")]
    handling: Vec<String>,

    /// An organisation that it may be released to; several times for several [default: any]
    #[arg(long = "release-to", value_name = "ORGANISATION")]
    organisations: Vec<OrganisationId>,

    /// A person who may read it, nobody else may; several times for several [default: anybody]
    #[arg(long = "only-for", value_name = "[ORGANISATION/]ACCOUNT", value_parser = person)]
    people: Vec<PersonId>,

    /// A party whose matter it is: nobody who holds office in another gets at it; several times for several
    #[arg(long = "matter-of", value_name = "PARTY")]
    parties: Vec<OrganisationId>,
}

fn person(text: &str) -> Result<PersonId, String> {
    let (organisation, officer) = match text.split_once('/') {
        Some((organisation, officer)) => {
            (OrganisationId::new(organisation).map_err(|error| error.to_string())?, officer)
        }
        None => (organisation(), text),
    };
    let officer = OfficerId::new(officer).map_err(|error| error.to_string())?;
    Ok(PersonId { organisation, officer })
}

fn only<T: Ord + Clone>(these: &[T]) -> Audience<T> {
    if these.is_empty() {
        Audience::Everyone
    } else {
        Audience::Only(these.iter().cloned().collect())
    }
}

impl MarkingArgs {
    /// Whether it says anything of the level.
    pub(super) fn names_a_level(&self) -> bool {
        self.level.is_some()
    }

    /// The label, in the terms of a scheme; the open one where nothing was said.
    pub(crate) fn label(&self, scheme: &Scheme) -> anyhow::Result<Label> {
        let open = Label::open();
        Ok(Label {
            level: self.level.as_deref().map_or(Ok(open.level), |name| scheme.level(name))?,
            compartments: (self.compartments.iter())
                .map(|word| scheme.compartment(word))
                .collect::<anyhow::Result<_>>()?,
            handling: (self.handling.iter())
                .map(|word| scheme.handling(word))
                .collect::<anyhow::Result<_>>()?,
            organisations: only(&self.organisations),
            people: only(&self.people),
            parties: self.parties.iter().cloned().collect(),
            ..open
        })
    }
}
