//! What a row says of somebody, as statements.

use super::{RowReader, ids};
use crate::country_code;
use crate::ftm::doubted_default;
use crate::people::dates::DateOf;
use crate::people::name::Named;
use crate::people::{Field, company_number};
use portcullis_types::{Dossier, PopulationClass, Property, Schema, Statement};
use std::sync::Arc;

impl RowReader<'_, '_> {
    pub(super) fn dossier(
        &self,
        reference: &str,
        nth: usize,
        group: u8,
        cell: &str,
        named: &Named,
        of: usize,
    ) -> Dossier {
        let (id, record) = ids(&self.rows.origin, reference, self.row.line, nth);
        let mut dossier = Dossier::new(id, record, named.schema, Arc::clone(&self.rows.origin));
        let line = self.row.line;
        let mut say = |property: Property, value: &str, original: &str| {
            let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
            dossier.state(Statement::new(property, value, line).published_as(original));
        };
        say(Property::Name, &named.name, cell);
        for title in &named.titles {
            say(Property::Title, title, title);
        }
        // Other names may stand in the same cell or in one of their own.
        let origin = |name: &str| name.split_whitespace().all(|word| cell.contains(word));
        for alias in named.aliases.iter().filter(|a| **a != named.name) {
            say(Property::Alias, alias, if origin(alias) { cell } else { alias });
        }
        for previous in &named.previous {
            say(Property::PreviousName, previous, if origin(previous) { cell } else { previous });
        }
        if let Some(address) = &named.address {
            say(Property::Address, address, cell);
        }
        for note in &named.notes {
            say(Property::Notes, note, cell);
        }
        let column_address = self.address(group);
        if !column_address.is_empty() {
            say(Property::Address, &column_address, &column_address);
        }
        let used_parts = self.cell(Field::Name, group).is_none() && of == 1;
        for (field, property) in PLAIN {
            if (matches!(field, Field::FirstName | Field::MiddleName | Field::LastName)
                && (!used_parts || named.schema != Schema::Person))
                || (*field == Field::Party && self.rows.options.class == PopulationClass::Donor)
                || (OF_ONE.contains(field) && of > 1)
            {
                continue;
            }
            for column in self.rows.columns.all(*field, group) {
                say(property.clone(), self.row.cell(column), self.row.cell(column));
            }
        }
        for column in self.rows.columns.all(Field::CompanyNumber, group) {
            let cell = self.row.cell(column);
            if let Some(number) = company_number::tidy(cell) {
                say(Property::RegistrationNumber, &number, cell);
            }
        }
        self.countries(group, &mut dossier);
        if of > 1 {
            self.warn_of_shared(group);
        } else if let Some(date) = self.date(Field::BirthDate, DateOf::Birth, group) {
            let original = self.text(Field::BirthDate, group);
            let date = doubted_default(date).to_string();
            dossier.state(Statement::new(Property::BirthDate, date, line).published_as(original));
        }
        dossier
    }

    /// Says what was left out because it is told of several people without saying of whom.
    fn warn_of_shared(&self, group: u8) {
        for field in OF_ONE.iter().chain(&[Field::BirthDate]) {
            if let Some((column, _)) = self.cell(*field, group) {
                self.warn(
                    column,
                    *field,
                    &"the row names several people and this is of one of them",
                );
            }
        }
    }

    fn address(&self, group: u8) -> String {
        let lines: Vec<&str> = self
            .rows
            .columns
            .all(Field::Address, group)
            .map(|column| self.row.cell(column).trim_matches([',', ' ']))
            .filter(|line| !line.is_empty())
            .collect();
        lines.join(", ")
    }

    fn countries(&self, group: u8, dossier: &mut Dossier) {
        for (field, property) in [
            (Field::Nationality, Property::Nationality),
            (Field::Country, Property::Country),
            (Field::BirthCountry, Property::BirthCountry),
        ] {
            let columns: Vec<usize> = self.rows.columns.all(field, group).collect();
            for column in columns {
                let cell = self.row.cell(column);
                let whole = country_code(cell).map(|code| vec![(cell, Some(code))]);
                let several = || {
                    cell.split([';', '/', ',', '|', '&'])
                        .flat_map(|part| part.split(" and "))
                        .map(str::trim)
                        .filter(|part| !part.is_empty())
                        .map(|part| (part, country_code(part)))
                        .collect()
                };
                for (part, code) in whole.unwrap_or_else(several) {
                    if let Some(code) = code {
                        let statement = Statement::new(property.clone(), code, self.row.line);
                        dossier.state(statement.published_as(part));
                    } else {
                        self.warn(
                            column,
                            field,
                            &"not a country that is known; write its name or its two-letter code",
                        );
                    }
                }
            }
        }
    }
}

/// Fields that can be of one person only.
const OF_ONE: &[Field] =
    &[Field::Gender, Field::BirthPlace, Field::Passport, Field::IdNumber, Field::Position];

/// Fields whose cells stand as they are.
const PLAIN: &[(Field, Property)] = &[
    (Field::FirstName, Property::FirstName),
    (Field::MiddleName, Property::MiddleName),
    (Field::LastName, Property::LastName),
    (Field::BirthPlace, Property::BirthPlace),
    (Field::Gender, Property::Gender),
    (Field::PostalCode, Property::PostalCode),
    (Field::Passport, Property::PassportNumber),
    (Field::IdNumber, Property::IdNumber),
    (Field::Lei, Property::LeiCode),
    (Field::Email, Property::Email),
    (Field::Phone, Property::Phone),
    (Field::Position, Property::Position),
    (Field::Party, Property::Political),
];
