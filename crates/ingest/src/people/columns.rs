//! Which column holds which field: what the user says, and what the names of the columns say.

use super::field::{Field, Meaning, key, meaning};
use super::layout::{InLayout, Layout};
use std::collections::BTreeMap;
use std::fmt;

/// Most column names listed in an error.
const LISTED: usize = 40;
/// Most letters of a column name listed in an error.
const LISTED_LETTERS: usize = 60;

/// Most columns of one field, such as lines of an address.
const MOST_OF_A_FIELD: usize = 50;

/// The names of a file's columns, as an error lists them: at most 40, cut at 60 letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Headers(Vec<String>);

impl fmt::Display for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = self.0.iter().filter(|h| !h.trim().is_empty());
        for (i, header) in named.clone().take(LISTED).enumerate() {
            let comma = if i == 0 { "" } else { ", " };
            let header: String =
                header.trim().chars().filter(|c| !c.is_control()).take(LISTED_LETTERS).collect();
            write!(f, "{comma}`{header}`")?;
        }
        let count = named.count();
        if count > LISTED {
            write!(f, " and {} more", count - LISTED)?;
        }
        Ok(())
    }
}

/// Why the columns of a file are not clear.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ColumnError {
    /// A `--map` is not of the form `field=column`.
    #[error(
        "`--map {given}` is not of the form field=column; write it like --map name=\"Full name\""
    )]
    NotAnAssignment {
        /// What was given.
        given: String,
    },
    /// A `--map` names a field that does not exist.
    #[error("`{given}` is not a field; the fields are {}", field_codes())]
    UnknownField {
        /// What was given.
        given: String,
    },
    /// A field that only one column can hold is mapped twice.
    #[error("`{}` is mapped to two columns; give it one", field.code())]
    MappedTwice {
        /// The field.
        field: Field,
    },
    /// A `--map` names a column that the file has not.
    #[error("the file has no column `{column}`, which --map gives as `{}`; it has {headers}", field.code())]
    NoSuchColumn {
        /// The field.
        field: Field,
        /// The column asked for.
        column: String,
        /// What the file has.
        headers: Headers,
    },
    /// A `--map` names a column that the file has not, and the line that should name the columns may
    /// be about a person, so it is not repeated.
    #[error(
        "the file has no column `{column}`, which --map gives as `{}`; it has {columns} columns, and seems to have no \
         line with their names: add one, or give the column by its number, like --map {}=#1",
        field.code(), field.code()
    )]
    NoSuchColumnNorHeader {
        /// The field.
        field: Field,
        /// The column asked for.
        column: String,
        /// How many the file has.
        columns: usize,
    },
    /// No column is recognised as a name.
    #[error(
        "line {line}: none of the columns is recognised as a name; the file has {headers}; say \
         which it is, like --map name=\"{example}\""
    )]
    NoName {
        /// The line of the header, counted from 1.
        line: u64,
        /// What the file has.
        headers: Headers,
        /// A column of the file.
        example: String,
    },
    /// The first line holds data, or nothing that looks like the names of columns. What it holds is
    /// not repeated, because it may be about a person.
    #[error(
        "the file has no line with the names of its columns; add one such as `Name,Date of birth`, \
         or say which column is the name by its number, like --map name=#1"
    )]
    NoHeader,
    /// The file is one JSON list, which cannot be read line by line.
    #[error("the file is one JSON list; write one entity to a line, as `jq -c '.[]'` does")]
    JsonList,
    /// There is nothing in the file.
    #[error("the file is empty; a table needs a line with the names of its columns")]
    Empty,
}

fn field_codes() -> String {
    Field::ALL.iter().map(|f| f.code()).collect::<Vec<_>>().join(", ")
}

/// Columns that the user names: `name=Donor full name`, `birth-date=DOB`, or by number,
/// `name=#3`. They go before what Portcullis recognises by itself.
///
/// ```
/// use portcullis_ingest::people::ColumnMap;
/// let map = ColumnMap::parse(["name=Donor full name", "birth-date=DOB"])?;
/// assert!(ColumnMap::parse(["nmae=Donor"]).is_err());
/// # drop(map);
/// # Ok::<(), portcullis_ingest::people::ColumnError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ColumnMap(Vec<(Field, String)>);

impl ColumnMap {
    /// Reads `field=column` pairs, each as it follows a `--map`.
    ///
    /// # Errors
    ///
    /// [`ColumnError::NotAnAssignment`], [`ColumnError::UnknownField`] and
    /// [`ColumnError::MappedTwice`].
    pub fn parse<I>(entries: I) -> Result<Self, ColumnError>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let mut map = Vec::new();
        for entry in entries {
            let entry = entry.as_ref();
            let given = || entry.to_owned();
            let (field, column) = entry
                .split_once('=')
                .map(|(f, c)| (f.trim(), c.trim().trim_matches('"')))
                .filter(|(f, c)| !f.is_empty() && !c.is_empty())
                .ok_or_else(|| ColumnError::NotAnAssignment { given: given() })?;
            let field = Field::from_code(field)
                .ok_or_else(|| ColumnError::UnknownField { given: field.to_owned() })?;
            if !field.repeats() && map.iter().any(|(f, _)| *f == field) {
                return Err(ColumnError::MappedTwice { field });
            }
            map.push((field, column.to_owned()));
        }
        Ok(Self(map))
    }

    fn resolve(&self, headers: &[String]) -> Result<Vec<(usize, Field)>, ColumnError> {
        let find = |(field, column): &(Field, String)| {
            let numbered = column
                .strip_prefix('#')
                .and_then(|n| n.parse::<usize>().ok())
                .and_then(|n| n.checked_sub(1))
                .filter(|n| *n < headers.len());
            headers
                .iter()
                .position(|h| h.trim() == column)
                .or(numbered)
                .or_else(|| headers.iter().position(|header| is_same(header, column)))
                .map(|index| (index, *field))
                .ok_or_else(|| no_such_column(*field, column, headers))
        };
        self.0.iter().map(find).collect()
    }

    /// Whether all columns are given by number, so that the file need not name any.
    pub(crate) fn is_by_number(&self) -> bool {
        !self.0.is_empty() && self.0.iter().all(|(_, c)| c.starts_with('#'))
    }

    /// Whether one of the columns named stands in the row.
    pub(crate) fn is_named_in(&self, headers: &[String]) -> bool {
        let named = self.0.iter().filter(|(_, column)| !column.starts_with('#'));
        named.into_iter().any(|(_, column)| headers.iter().any(|h| is_same(h, column)))
    }
}

/// The columns of one file.
#[derive(Debug, Clone)]
pub(crate) struct Columns {
    /// Column, field, group; by column.
    found: Vec<(usize, Field, u8)>,
    headers: Vec<String>,
    repeated: Vec<usize>,
}

impl Columns {
    /// Finds the field of each column.
    ///
    /// # Errors
    ///
    /// [`ColumnError::NoSuchColumn`], [`ColumnError::NoSuchColumnNorHeader`] and
    /// [`ColumnError::NoName`].
    pub(crate) fn find(
        headers: &[String],
        line: u64,
        map: &ColumnMap,
        layout: Layout,
    ) -> Result<Self, ColumnError> {
        let given = map.resolve(headers)?;
        let mut candidates: Vec<(usize, Meaning)> = Vec::new();
        for (index, header) in headers.iter().enumerate() {
            if given.iter().any(|(i, _)| *i == index) {
                continue;
            }
            let meaning = match layout.meaning(&key(header)) {
                InLayout::AsNamed => meaning(header),
                InLayout::Nothing => None,
                InLayout::Field(meaning) => Some(meaning),
            };
            let taken = |m: &Meaning| given.iter().any(|(_, f)| *f == m.field);
            if let Some(meaning) = meaning.filter(|m| m.group > 0 || !taken(m)) {
                candidates.push((index, meaning));
            }
        }
        first_names_called_name(headers, &mut candidates);
        let mut found: Vec<_> = given.into_iter().map(|(index, field)| (index, field, 0)).collect();
        let mut best: BTreeMap<(Field, u8), (usize, usize)> = BTreeMap::new();
        for (index, m) in &candidates {
            let entry = best.entry((m.field, m.group)).or_insert((m.rank, *index));
            *entry = (*entry).min((m.rank, *index));
        }
        let mut counts: BTreeMap<(Field, u8), usize> = BTreeMap::new();
        let mut repeated = Vec::new();
        for (index, m) in &candidates {
            let best = best.get(&(m.field, m.group)).map(|(_, index)| *index);
            let count = counts.entry((m.field, m.group)).or_default();
            *count += 1;
            if best == Some(*index) || (m.field.repeats() && *count <= MOST_OF_A_FIELD) {
                found.push((*index, m.field, m.group));
            } else if m.field.repeats() || same_name(headers, best, *index) {
                repeated.push(*index);
            }
        }
        found.sort_unstable();
        if !found.iter().any(|(_, field, _)| field.names_somebody()) && !layout.may_name_nobody() {
            return Err(Self::no_name(headers, line));
        }
        Ok(Self { found, headers: headers.to_vec(), repeated })
    }

    fn no_name(headers: &[String], line: u64) -> ColumnError {
        let named: Vec<&String> = headers.iter().filter(|h| !h.trim().is_empty()).collect();
        match named.first() {
            None => ColumnError::Empty,
            Some(_) if !named.iter().any(|h| meaning(h).is_some()) && may_be_a_person(&named) => {
                ColumnError::NoHeader
            }
            Some(first) => ColumnError::NoName {
                line,
                example: Headers(vec![(*first).clone()]).to_string().replace('`', ""),
                headers: Headers(headers.to_vec()),
            },
        }
    }

    /// How many columns the file has.
    pub(crate) fn width(&self) -> usize {
        self.headers.len()
    }

    /// The first column of a field in a group.
    pub(crate) fn column(&self, field: Field, group: u8) -> Option<usize> {
        self.all(field, group).next()
    }

    /// All columns of a field in a group.
    pub(crate) fn all(&self, field: Field, group: u8) -> impl Iterator<Item = usize> {
        let wanted = (field, group);
        self.found.iter().filter(move |(_, f, g)| (*f, *g) == wanted).map(|(i, ..)| *i)
    }

    /// The numbers of the groups, `0` first.
    pub(crate) fn groups(&self) -> Vec<u8> {
        let mut groups: Vec<u8> = self.found.iter().map(|(.., g)| *g).collect();
        groups.push(0);
        groups.sort_unstable();
        groups.dedup();
        groups
    }

    /// Columns that repeat the name of another and were left out.
    pub(crate) fn repeated(&self) -> &[usize] {
        &self.repeated
    }

    /// Each header with the field it was taken for.
    pub(crate) fn report(&self) -> Vec<(String, Option<Field>)> {
        let mut report: Vec<_> = self.headers.iter().map(|h| (h.clone(), None)).collect();
        for (index, field, _) in &self.found {
            if let Some(entry) = report.get_mut(*index) {
                entry.1 = Some(*field);
            }
        }
        report
    }
}

/// "Name, Surname, DOB": what is called the name is the given name.
fn first_names_called_name(headers: &[String], candidates: &mut [(usize, Meaning)]) {
    let has = |field| candidates.iter().any(|(_, m)| m.field == field && m.group == 0);
    if !has(Field::LastName) || has(Field::FirstName) {
        return;
    }
    for (index, meaning) in candidates.iter_mut() {
        if headers.get(*index).is_some_and(|h| key(h) == "name") {
            meaning.field = Field::FirstName;
        }
    }
}

/// Whether a row of which no cell is a known column name may be about somebody: then it is not
/// repeated in an error.
fn may_be_a_person(cells: &[&String]) -> bool {
    let capitalised = |cell: &str| {
        let mut words = cell.split_whitespace();
        words.clone().count() > 1 && words.all(|word| word.starts_with(char::is_uppercase))
    };
    cells.iter().any(|cell| looks_like_data(cell) || capitalised(cell))
}

/// Lists the names of the columns only if at least half of them are known as such: else the line may
/// be about a person.
fn no_such_column(field: Field, column: &str, headers: &[String]) -> ColumnError {
    let column = column.to_owned();
    let named: Vec<&String> = headers.iter().filter(|h| !h.trim().is_empty()).collect();
    let known = named.iter().filter(|h| meaning(h).is_some()).count();
    if known == 0 || known * 2 < named.len() {
        return ColumnError::NoSuchColumnNorHeader { field, column, columns: headers.len() };
    }
    ColumnError::NoSuchColumn { field, column, headers: Headers(headers.to_vec()) }
}

fn same_name(headers: &[String], one: Option<usize>, other: usize) -> bool {
    let name = |index: usize| headers.get(index).map(|header| key(header));
    one.is_some_and(|one| name(one) == name(other))
}

fn is_same(header: &str, column: &str) -> bool {
    !key(header).is_empty() && key(header) == key(column)
}

/// Whether a cell holds data about somebody rather than the name of a column. Column names have few
/// digits and no titles, at-signs or legal forms.
pub(crate) fn looks_like_data(cell: &str) -> bool {
    const WORDS: &[&str] = &[
        "mr", "mrs", "ms", "miss", "dr", "sir", "lord", "lady", "ltd", "limited", "plc", "llp",
        "inc", "gmbh",
    ];
    let digits = cell.chars().filter(char::is_ascii_digit).count();
    digits >= 3
        || cell.contains(['@', '£', '€']) && !cell.contains('(')
        || cell
            .split(|c: char| !c.is_alphanumeric())
            .any(|word| WORDS.contains(&word.to_lowercase().as_str()))
}
