//! Whom a row names, from whichever columns say it.

use super::{Problem, RowReader};
use crate::people::Field;
use crate::people::field::key;
use crate::people::name::{Hints, Named, take_apart};
use portcullis_types::{PopulationClass, Schema};

/// Longest cell taken as a name. The longest that a register holds has some 300 bytes.
const MAX_NAME_BYTES: usize = 2_000;

/// Longest cell taken as other names.
const MAX_OTHER_NAMES_BYTES: usize = 20_000;

/// What registers and people write where nobody is named.
const NOBODY: &[&str] = &[
    "anonymous",
    "anon",
    "anonymousdonor",
    "unknown",
    "unknowndonor",
    "notknown",
    "na",
    "none",
    "nil",
    "various",
    "several",
    "tbc",
    "private",
    "confidential",
    "namewithheld",
    "withheld",
    "unidentified",
    "unidentifieddonor",
    "unidentifiabledonor",
];

impl RowReader<'_, '_> {
    /// The people whom one group of columns names, with the cell as it stands; `None` when it is
    /// empty.
    pub(super) fn named(
        &self,
        group: u8,
        class: PopulationClass,
    ) -> Result<Option<(String, Vec<Named>)>, Problem> {
        let said = self.kind(group);
        let hints = Hints {
            said,
            otherwise: match class {
                PopulationClass::Donor => Schema::LegalEntity,
                _ => Schema::Person,
            },
            carries_address: self.rows.layout.names_carry_addresses(),
            has_placeholders: self.rows.layout.is_of_commission(),
        };
        let (cell, column, hints) = if let Some((column, cell)) = self.cell(Field::Name, group) {
            (cell.to_owned(), column, hints)
        } else if let Some((column, cell)) = self.parts(group) {
            (cell, column, Hints { said: said.or(Some(Schema::Person)), ..hints })
        } else if let Some((column, cell)) = self.cell(Field::Organisation, group) {
            let otherwise = Schema::Organization;
            (cell.to_owned(), column, Hints { otherwise, ..hints })
        } else if let Some((column, cell)) = self.described(group) {
            (cell, column, hints)
        } else {
            return Ok(None);
        };
        if cell.len() > MAX_NAME_BYTES {
            return Err(Problem {
                column: Some(column),
                reason: "what stands as the name is longer than any name; check that the columns are right",
            });
        }
        if NOBODY.contains(&key(&cell).as_str()) {
            return Err(Problem {
                column: Some(column),
                reason: "what stands as the name says that the giver is not named",
            });
        }
        let mut named = take_apart(&cell, hints);
        if named.is_empty() {
            return Err(Problem {
                column: Some(column),
                reason: "what stands as the name holds no letters; check that the columns are right",
            });
        }
        self.add_parts(group, &mut named, &cell, hints);
        Ok(Some((cell, named)))
    }

    /// A name out of columns for its parts.
    pub(super) fn parts(&self, group: u8) -> Option<(usize, String)> {
        let parts = [Field::FirstName, Field::MiddleName, Field::LastName];
        let first = parts.iter().find_map(|field| self.cell(*field, group))?.0;
        let words: Vec<&str> = parts
            .iter()
            .flat_map(|field| self.rows.columns.all(*field, group))
            .map(|column| self.row.cell(column))
            .filter(|cell| !cell.is_empty())
            .collect();
        let name = words.join(" ");
        // "Mr & Mrs" in the column for titles names two.
        let title = self.text(Field::Title, group);
        let couple = title.split_whitespace().any(|w| matches!(w, "&" | "+" | "and"));
        Some((first, if couple { format!("{title} {name}") } else { name }))
    }

    /// What columns of their own say about titles and other names.
    fn add_parts(&self, group: u8, named: &mut [Named], original: &str, hints: Hints) {
        // Whose titles or other names they are is not told where several people are named; a name too
        // many is compared in vain, a name too few is a person missed.
        let alone = named.len() == 1;
        for named in named {
            self.add_other_names(group, named, original, hints);
            if alone {
                self.add_titles(group, named);
            }
        }
    }

    fn add_titles(&self, group: u8, named: &mut Named) {
        for field in [Field::Title, Field::Suffix] {
            let cell = self.text(field, group);
            if !cell.is_empty() && !named.titles.iter().any(|t| t == cell) {
                named.titles.push(cell.to_owned());
            }
        }
    }

    fn add_other_names(&self, group: u8, named: &mut Named, original: &str, hints: Hints) {
        for field in [Field::Alias, Field::PreviousName] {
            for column in self.rows.columns.all(field, group) {
                let cell = self.row.cell(column);
                if cell == original {
                    continue;
                }
                if cell.len() > MAX_OTHER_NAMES_BYTES {
                    self.warn(column, field, &"longer than any list of names");
                    continue;
                }
                for other in cell.split('|').flat_map(|other| {
                    take_apart(other, Hints { said: Some(named.schema), ..hints })
                }) {
                    let list = match field {
                        Field::PreviousName => &mut named.previous,
                        _ => &mut named.aliases,
                    };
                    list.push(other.name);
                    named.aliases.extend(other.aliases);
                    named.previous.extend(other.previous);
                }
            }
        }
    }

    /// "Donor: …" in a description, up to the next label.
    fn described(&self, group: u8) -> Option<(usize, String)> {
        const LABELS: &[&str] =
            &["Donor:", "Name of donor:", "Lender:", "Name of lender:", "Sponsor:"];
        const NEXT: &[&str] = &[
            "Address of",
            "Amount of",
            "Date of",
            "Donor status:",
            "Nature and value",
            "Destination of",
            "Purpose of",
            "(Registered",
            "London office:",
        ];
        let (column, cell) = self.cell(Field::Description, group)?;
        let (at, label) = LABELS.iter().filter_map(|l| Some((cell.find(l)?, *l))).min()?;
        let rest = cell.get(at + label.len()..)?;
        let end = NEXT.iter().filter_map(|next| rest.find(next)).min().unwrap_or(rest.len());
        let name = rest.get(..end)?.trim();
        (!name.is_empty()).then(|| (column, name.to_owned()))
    }
}
