//! A dossier, made ready to be compared.

use crate::align::{self, Weighed};
use crate::names::Name;
use crate::rarity::Background;
use crate::script::Script;
use portcullis_types::{Dossier, PartialDate, Property, Schema};

/// What matching reads of a dossier.
#[derive(Debug, Clone)]
pub(crate) struct Prepared {
    pub(crate) schema: Schema,
    pub(crate) names: Vec<Weighed>,
    pub(crate) births: Vec<PartialDate>,
    pub(crate) countries: Vec<Box<str>>,
    pub(crate) genders: Vec<Box<str>>,
    pub(crate) identifiers: Vec<Identifier>,
    /// Given and family name, where the source tells them apart.
    pub(crate) roles: Option<Roles>,
}

/// An identifier in comparable form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identifier {
    pub(crate) property: Property,
    /// Upper-case letters and digits only.
    pub(crate) value: Box<str>,
}

/// The first given and the family name, in comparable form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Roles {
    pub(crate) given: Box<str>,
    pub(crate) family: Box<str>,
}

/// Shortest identifier that is compared; shorter ones are shared by chance.
const SHORTEST_IDENTIFIER: usize = 5;
/// Most names of one dossier that are compared. No record of the published sanctions lists has more than
/// 150; a bound there must be, or one record could hold up every query.
const MAX_NAMES: usize = 256;

/// Similarity from which a name in Latin letters is held to be a rendering of one in another script.
const SAME_NAME: f32 = 0.6;

impl Prepared {
    /// Whether the dossier is about a human being.
    pub(crate) fn is_person(&self) -> bool {
        self.schema == Schema::Person
    }

    /// Reads a dossier. Rarities are filled in by [`Prepared::weigh`].
    pub(crate) fn of(dossier: &Dossier) -> Self {
        let person = dossier.schema == Schema::Person;
        let mut prepared = Self {
            schema: dossier.schema,
            names: Vec::new(),
            births: Vec::new(),
            countries: Vec::new(),
            genders: Vec::new(),
            identifiers: Vec::new(),
            roles: None,
        };
        let (mut given, mut family) = (None, None);
        for (index, statement) in (0_u32..).zip(&dossier.statements) {
            let value = statement.value.reveal();
            match &statement.property {
                property if property.is_name() => {
                    let name = if person { Name::of_person(value) } else { Name::of_body(value) };
                    prepared.add_name(name, *property == Property::WeakAlias, index);
                }
                property if property.is_identifier() => {
                    let value: String = value
                        .chars()
                        .filter(char::is_ascii_alphanumeric)
                        .map(|c| c.to_ascii_uppercase())
                        .collect();
                    if value.len() >= SHORTEST_IDENTIFIER
                        && value.bytes().any(|b| b.is_ascii_digit())
                    {
                        prepared
                            .identifiers
                            .push(Identifier { property: property.clone(), value: value.into() });
                    }
                }
                Property::BirthDate => {
                    if let Ok(date) = value.parse() {
                        prepared.births.push(date);
                    }
                }
                Property::Nationality
                | Property::Country
                | Property::BirthCountry
                | Property::Jurisdiction => {
                    let code: Box<str> = value.to_lowercase().into();
                    if !prepared.countries.contains(&code) {
                        prepared.countries.push(code);
                    }
                }
                Property::Gender => prepared.genders.push(value.to_lowercase().into()),
                Property::FirstName => given = given.or(Some(value)),
                Property::LastName => family = family.or(Some(value)),
                _ => {}
            }
        }
        if let (Some(given), Some(family)) = (given, family) {
            let first = |text| {
                Name::of_person(text).parts.first().map(|p| p.text.clone()).unwrap_or_default()
            };
            let roles = Roles { given: first(given), family: first(family) };
            prepared.roles = (!roles.given.is_empty() && !roles.family.is_empty()).then_some(roles);
            if prepared.names.is_empty() {
                prepared.add_name(Name::of_person(&format!("{given} {family}")), false, u32::MAX);
            }
        }
        prepared
    }

    fn add_name(&mut self, name: Name, weak: bool, statement: u32) {
        if name.parts.is_empty() || self.names.len() >= MAX_NAMES {
            return;
        }
        let same = self.names.iter().any(|w| {
            w.weak <= weak
                && w.name.forms == name.forms
                && w.name.parts.len() == name.parts.len()
                && w.name
                    .parts
                    .iter()
                    .zip(&name.parts)
                    .all(|(x, y)| x.text == y.text && x.script == y.script)
        });
        if !same {
            self.names.push(Weighed {
                name,
                rarities: Vec::new(),
                weak,
                doubled: false,
                statement,
            });
        }
    }

    /// Fills in how rare each part of each name is.
    pub(crate) fn weigh(&mut self, background: &Background) {
        let person = self.is_person();
        for weighed in &mut self.names {
            weighed.rarities =
                weighed.name.parts.iter().map(|p| background.rarity(p, person)).collect();
        }
        let (latin, other): (Vec<_>, Vec<_>) =
            self.names.iter_mut().partition(|w| w.name.script == Script::Latin);
        for weighed in other {
            weighed.doubled = latin.iter().any(|rendering| {
                !rendering.weak && align::align(rendering, weighed, person).similarity >= SAME_NAME
            });
        }
    }
}
