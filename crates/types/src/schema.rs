//! Kinds of thing and their properties, in the words of `FollowTheMoney`.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// What kind of thing a dossier is about. The names are `FollowTheMoney`'s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Schema {
    /// A human being.
    Person,
    /// A body of people: association, party, club, armed group.
    Organization,
    /// A body registered as a company.
    Company,
    /// An organ of a state.
    PublicBody,
    /// A person or a body: the source does not say which.
    LegalEntity,
    /// A ship.
    Vessel,
    /// An aircraft.
    Airplane,
    /// Anything else; never matched against a person or a body.
    Thing,
}

impl Schema {
    /// Reads a `FollowTheMoney` schema name; one not listed here is a [`Schema::Thing`].
    pub fn from_name(name: &str) -> Self {
        match name {
            "Person" => Self::Person,
            "Organization" => Self::Organization,
            "Company" => Self::Company,
            "PublicBody" => Self::PublicBody,
            "LegalEntity" => Self::LegalEntity,
            "Vessel" => Self::Vessel,
            "Airplane" => Self::Airplane,
            _ => Self::Thing,
        }
    }

    /// The `FollowTheMoney` name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Person => "Person",
            Self::Organization => "Organization",
            Self::Company => "Company",
            Self::PublicBody => "PublicBody",
            Self::LegalEntity => "LegalEntity",
            Self::Vessel => "Vessel",
            Self::Airplane => "Airplane",
            Self::Thing => "Thing",
        }
    }

    /// Whether the same thing could stand under both kinds. A [`Schema::LegalEntity`] may turn out
    /// to be a person or a body; a person is never a ship.
    pub fn may_be(self, other: Self) -> bool {
        let body = |s| {
            matches!(s, Self::Organization | Self::Company | Self::PublicBody | Self::LegalEntity)
        };
        self == other
            || (body(self) && body(other))
            || matches!(
                (self, other),
                (Self::Person, Self::LegalEntity) | (Self::LegalEntity, Self::Person)
            )
    }
}

impl fmt::Display for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

macro_rules! properties {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// What a statement says of its subject. The names are `FollowTheMoney`'s.
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(from = "String", into = "String")]
        #[non_exhaustive]
        pub enum Property {
            $($(#[$doc])* $variant,)*
            /// A property of the source that Portcullis keeps but does not use.
            Other(Arc<str>),
        }

        impl Property {
            /// Reads a `FollowTheMoney` property name; an unknown one is kept as it is.
            pub fn from_name(name: &str) -> Self {
                match name {
                    $($name => Self::$variant,)*
                    other => Self::Other(Arc::from(other)),
                }
            }

            /// The `FollowTheMoney` name.
            pub fn name(&self) -> &str {
                match self {
                    $(Self::$variant => $name,)*
                    Self::Other(name) => name,
                }
            }
        }
    };
}

properties! {
    /// The main name.
    Name = "name",
    /// Another name, of the same worth as the main one.
    Alias = "alias",
    /// A name that the publisher itself calls weak or of low quality.
    WeakAlias = "weakAlias",
    /// A name no longer used.
    PreviousName = "previousName",
    /// Given name.
    FirstName = "firstName",
    /// Second and further given names.
    SecondName = "secondName",
    /// Middle name.
    MiddleName = "middleName",
    /// Family name.
    LastName = "lastName",
    /// Father's name.
    FatherName = "fatherName",
    /// Mother's name.
    MotherName = "motherName",
    /// Title: Dr, Sheikh, Lord.
    Title = "title",
    /// Date of birth, as a [`PartialDate`](crate::PartialDate).
    BirthDate = "birthDate",
    /// Place of birth.
    BirthPlace = "birthPlace",
    /// Country of birth.
    BirthCountry = "birthCountry",
    /// Date of death.
    DeathDate = "deathDate",
    /// Nationality, as a lower-case ISO 3166-1 alpha-2 code.
    Nationality = "nationality",
    /// A country the subject is connected with, as a lower-case ISO 3166-1 alpha-2 code.
    Country = "country",
    /// Where a body is registered, as a lower-case ISO 3166-1 alpha-2 code.
    Jurisdiction = "jurisdiction",
    /// `male`, `female` or `other`.
    Gender = "gender",
    /// An office or occupation.
    Position = "position",
    /// Passport number.
    PassportNumber = "passportNumber",
    /// National identity number.
    IdNumber = "idNumber",
    /// Number in a register of companies.
    RegistrationNumber = "registrationNumber",
    /// Tax number.
    TaxNumber = "taxNumber",
    /// Legal Entity Identifier.
    LeiCode = "leiCode",
    /// Bank identifier code.
    SwiftBic = "swiftBic",
    /// IMO number of a ship.
    ImoNumber = "imoNumber",
    /// Day a body was formed.
    IncorporationDate = "incorporationDate",
    /// Legal form of a body.
    LegalForm = "legalForm",
    /// An address in one line.
    Address = "address",
    /// Post code.
    PostalCode = "postalCode",
    /// Sanctions programme or regime.
    Program = "program",
    /// Id of a sanctions programme.
    ProgramId = "programId",
    /// What the subject is known for: `sanction`, `role.pep`.
    Topics = "topics",
    /// Remarks of the publisher.
    Notes = "notes",
    /// Short description of the subject.
    Summary = "summary",
    /// Page at the publisher.
    SourceUrl = "sourceUrl",
    /// Web site of the subject.
    Website = "website",
    /// E-mail address.
    Email = "email",
    /// Telephone number.
    Phone = "phone",
    /// Sector or nature of business.
    Sector = "sector",
    /// Political party.
    Political = "political",
    /// Identifier of the subject in Wikidata.
    WikidataId = "wikidataId",
    /// A further identifier in a scheme that the value does not tell.
    UniqueEntityId = "uniqueEntityId",
}

impl Property {
    /// Whether the value is a name that matching should compare.
    pub fn is_name(&self) -> bool {
        matches!(self, Self::Name | Self::Alias | Self::WeakAlias | Self::PreviousName)
    }

    /// Whether the value is an identifier that belongs to one subject only.
    pub fn is_identifier(&self) -> bool {
        matches!(
            self,
            Self::PassportNumber
                | Self::IdNumber
                | Self::RegistrationNumber
                | Self::TaxNumber
                | Self::LeiCode
                | Self::SwiftBic
                | Self::ImoNumber
                | Self::WikidataId
                | Self::UniqueEntityId
        )
    }
}

impl From<String> for Property {
    fn from(name: String) -> Self {
        Self::from_name(&name)
    }
}

impl From<Property> for String {
    fn from(property: Property) -> Self {
        property.name().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn property_names_read_back() {
        for name in ["name", "weakAlias", "birthDate", "leiCode", "somethingElse"] {
            assert_eq!(Property::from_name(name).name(), name);
        }
    }

    #[test]
    fn a_legal_entity_may_be_a_person_but_a_ship_may_not() {
        assert!(Schema::LegalEntity.may_be(Schema::Person));
        assert!(Schema::Company.may_be(Schema::Organization));
        assert!(!Schema::Person.may_be(Schema::Company));
        assert!(!Schema::Vessel.may_be(Schema::Person));
    }
}
