//! A dossier in the making.

use super::out::Out;
use crate::country::country_code;
use crate::{ReadError, SetAside};
use portcullis_types::{
    Dossier, DossierId, PartialDate, Property, Protected, RecordId, Schema, Statement, Validity,
};
use std::collections::{HashMap, HashSet};

/// From how many statements on duplicates are looked up instead of compared one by one.
const LOOK_UP_FROM: usize = 24;

/// Most kept in memory while the rows of a list are joined, in bytes, roughly: it keeps a reading
/// within 500 MB.
const MAX_JOINED_BYTES: usize = 150_000_000;

/// Most statements of one dossier; the longest record published has some hundreds.
pub(crate) const MAX_STATEMENTS: usize = 50_000;

/// What one statement costs beside its text, in bytes, roughly.
const STATEMENT_BYTES: usize = 160;

/// A dossier that takes each statement once, with tidy white space.
#[derive(Debug)]
pub(crate) struct Draft {
    dossier: Dossier,
    seen: HashSet<(Property, Protected)>,
    bytes: usize,
    named: Named,
    overflowed: bool,
}

/// Whether a draft names its subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Named {
    Not,
    ByAnAlias,
    ByMainName,
}

impl Draft {
    /// Begins a dossier for a record of the source; `Err` says what is wrong with the record's id.
    pub(crate) fn new(out: &Out<'_>, record: &str, schema: Schema) -> Result<Self, String> {
        let id = format!("{}:{}", out.source(), record.trim());
        Self::with_id(out, &id, record, schema)
    }

    /// As [`Draft::new`], with an id of its own.
    pub(crate) fn with_id(
        out: &Out<'_>,
        id: &str,
        record: &str,
        schema: Schema,
    ) -> Result<Self, String> {
        match (DossierId::new(id), RecordId::new(record)) {
            (Ok(id), Ok(record)) => {
                let dossier = Dossier::new(id, record, schema, out.origin.clone());
                Ok(Self {
                    dossier,
                    seen: HashSet::new(),
                    bytes: STATEMENT_BYTES,
                    named: Named::Not,
                    overflowed: false,
                })
            }
            (_, Err(error)) | (Err(error), _) => {
                Err(format!("the id of the record cannot be used: {error}"))
            }
        }
    }

    pub(crate) fn schema(&self) -> Schema {
        self.dossier.schema
    }

    /// States a value as published, white space tidied.
    pub(crate) fn say(&mut self, property: Property, value: &str, row: u64) {
        let value = tidy(value);
        self.state(Statement::new(property, value, row));
    }

    /// States a value and how it was published.
    pub(crate) fn say_as(&mut self, property: Property, value: &str, original: &str, row: u64) {
        let value = tidy(value);
        self.state(Statement::new(property, value, row).published_as(original.trim()));
    }

    /// States a value that held from one day to another.
    pub(crate) fn say_within(&mut self, property: Property, value: &str, row: u64, when: Validity) {
        let mut statement = Statement::new(property, tidy(value), row);
        statement.validity = when;
        self.state(statement);
    }

    /// States a country; words that are no country known are kept under a property of their own, so
    /// that nothing is compared with a country that is not one.
    pub(crate) fn say_country(&mut self, property: Property, words: &str, row: u64) {
        let words = words.trim();
        if says_nothing(words) {
            return;
        }
        match country_code(words) {
            Some(code) => self.say_as(property, code, words, row),
            None => self.say(as_published(&property), words, row),
        }
    }

    /// States a date; one that cannot be read is kept under a property of its own.
    pub(crate) fn say_date(
        &mut self,
        property: Property,
        date: Option<PartialDate>,
        text: &str,
        row: u64,
    ) {
        match date {
            None if says_nothing(text) => {}
            Some(date) => self.say_as(property, &date.to_string(), text, row),
            None => self.say(as_published(&property), text, row),
        }
    }

    /// States `male` or `female`; other words are kept as published.
    pub(crate) fn say_gender(&mut self, words: &str, row: u64) {
        match words.trim().to_lowercase().as_str() {
            "" => {}
            "m" | "male" | "man" => self.say_as(Property::Gender, "male", words, row),
            "f" | "female" | "woman" => self.say_as(Property::Gender, "female", words, row),
            _ => self.say(as_published(&Property::Gender), words, row),
        }
    }

    /// Adds a statement unless it is empty or stands already.
    pub(crate) fn state(&mut self, statement: Statement) {
        if statement.value.reveal().is_empty() {
            return;
        }
        let known = &mut self.dossier.statements;
        if known.len() < LOOK_UP_FROM {
            let same =
                |s: &Statement| s.property == statement.property && s.value == statement.value;
            if known.iter().any(same) {
                return;
            }
        } else {
            if self.seen.is_empty() {
                self.seen.extend(known.iter().map(|s| (s.property.clone(), s.value.clone())));
            }
            if !self.seen.insert((statement.property.clone(), statement.value.clone())) {
                return;
            }
        }
        if known.len() == MAX_STATEMENTS {
            self.overflowed = true;
            return;
        }
        self.bytes += statement.value.reveal().len() * 2 + STATEMENT_BYTES;
        if statement.property == Property::Name {
            self.named = Named::ByMainName;
        } else if statement.property.is_name() {
            self.named = self.named.max(Named::ByAnAlias);
        }
        known.push(statement);
    }

    /// Whether it names anybody.
    pub(crate) fn has_name(&self) -> bool {
        self.named > Named::Not
    }

    /// Whether it has a main name.
    pub(crate) fn has_main_name(&self) -> bool {
        self.named == Named::ByMainName
    }

    /// The finished dossier; a first name of any kind becomes the main one where none was called
    /// that.
    pub(crate) fn finish(mut self) -> Dossier {
        if !self.has_main_name() {
            let strength = |p: &Property| match p {
                Property::Alias => 0,
                Property::PreviousName => 1,
                _ => 2,
            };
            let best = self
                .dossier
                .statements
                .iter_mut()
                .filter(|s| s.property.is_name() && s.property != Property::WeakAlias)
                .min_by_key(|s| strength(&s.property));
            if let Some(statement) = best {
                statement.property = Property::Name;
            }
        }
        self.dossier
    }
}

/// Drafts joined by the publisher's id, in the order of the file.
#[derive(Debug, Default)]
pub(crate) struct Drafts {
    by_id: HashMap<Box<str>, usize>,
    drafts: Vec<Draft>,
    bytes: usize,
}

impl Drafts {
    /// The draft of that id, begun when there is none.
    pub(crate) fn of(
        &mut self,
        out: &Out<'_>,
        id: &str,
        schema: Schema,
    ) -> Result<&mut Draft, String> {
        self.of_record(out, id, id, schema)
    }

    /// As [`Drafts::of`], where the publisher joins by another id than the one it is cited by.
    pub(crate) fn of_record(
        &mut self,
        out: &Out<'_>,
        id: &str,
        record: &str,
        schema: Schema,
    ) -> Result<&mut Draft, String> {
        let index = if let Some(index) = self.by_id.get(id) {
            *index
        } else {
            self.drafts.push(Draft::new(out, record, schema)?);
            self.bytes += STATEMENT_BYTES;
            self.by_id.insert(Box::from(id), self.drafts.len() - 1);
            self.drafts.len() - 1
        };
        self.drafts.get_mut(index).ok_or_else(|| "the record is lost".to_owned())
    }

    /// The draft of that id, when there is one.
    pub(crate) fn known(&mut self, id: &str) -> Option<&mut Draft> {
        self.by_id.get(id).and_then(|index| self.drafts.get_mut(*index))
    }

    /// Refuses to join more than fits: to be called now and then with the bytes of the row.
    pub(crate) fn grew_by(&mut self, bytes: usize) -> Result<(), ReadError> {
        self.bytes += bytes;
        if self.bytes > MAX_JOINED_BYTES {
            // Rows repeat themselves: count what is really kept before giving up.
            self.bytes = self.drafts.iter().map(|draft| draft.bytes).sum();
            if self.bytes > MAX_JOINED_BYTES {
                return Err(ReadError::TooLarge { limit_bytes: MAX_JOINED_BYTES });
            }
        }
        Ok(())
    }

    /// Hands out all drafts; one without any name is set aside.
    pub(crate) fn finish(self, out: &mut Out<'_>) {
        for draft in self.drafts {
            emit(draft, out);
        }
    }
}

/// Hands out a draft, or sets it aside when it names nobody or says more than any record does.
pub(crate) fn emit(draft: Draft, out: &mut Out<'_>) {
    let record = &draft.dossier.record;
    let reason = if draft.overflowed {
        format!("record `{record}` says more than {MAX_STATEMENTS} things; check the file")
    } else if draft.has_name() {
        out.dossier(draft.finish());
        return;
    } else {
        format!("record `{record}` has no name in any of its rows")
    };
    let row = draft.dossier.statements.iter().map(|s| s.row).min().unwrap_or(0);
    out.aside(SetAside { line: row, column: None, reason, raw: record.as_str().into() });
}

/// Whether a publisher wrote something only to leave no cell empty.
pub(crate) fn says_nothing(text: &str) -> bool {
    matches!(text.trim().to_ascii_lowercase().as_str(), "" | "n/a" | "-" | "unknown" | "none")
}

/// The property under which words are kept that could not be turned into the form it demands.
pub(crate) fn as_published(property: &Property) -> Property {
    Property::from_name(&format!("{}AsPublished", property.name()))
}

/// Joins words by single spaces; control characters and "&nbsp;" count as spaces.
pub(crate) fn tidy(text: &str) -> String {
    let spaced;
    let text = if text.contains("&nbsp;") {
        spaced = text.replace("&nbsp;", " ");
        spaced.as_str()
    } else {
        text
    };
    let mut out = String::with_capacity(text.len());
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        if !word.is_empty() {
            if !out.is_empty() {
                out.push(' ');
            }
            out.push_str(word);
        }
    }
    out
}

/// Joins the parts of a name that are not empty.
pub(crate) fn joined<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let parts: Vec<&str> = parts.into_iter().map(str::trim).filter(|p| !p.is_empty()).collect();
    parts.join(" ")
}

/// Joins the parts of an address that are not empty.
pub(crate) fn address<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut out: Vec<&str> = Vec::new();
    for part in parts {
        let part = part.trim().trim_matches(',').trim();
        if !part.is_empty() && out.last() != Some(&part) {
            out.push(part);
        }
    }
    out.join(", ")
}
