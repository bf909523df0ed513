//! Open lists as their publishers ship them.

mod columns;
mod detect;
mod draft;
mod eu;
mod eu_csv;
mod eu_xml;
mod fara;
mod ftm_lines;
mod known;
mod ofac;
mod ofac_xml;
mod ofsi;
mod opensanctions;
mod out;
mod packed;
mod popolo;
mod rules;
mod uk;
mod uk_csv;
mod uk_tables;
mod uk_xml;
mod un;

pub use known::{KnownSource, Packing, Rhythm, known_sources};

use crate::{Item, ReadContext, ReadError, Tally};
use out::Out;
use portcullis_types::{Origin, PartialDate};
use std::fmt;
use std::io::Read;
use std::sync::Arc;

macro_rules! formats {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $title:literal;)*) => {
        /// A format in which a publisher ships a list.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum ListFormat { $($(#[$doc])* $variant,)* }

        impl ListFormat {
            /// Every format, in the order of the guide.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code by which users name it.
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// Reads a code.
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)* _ => None }
            }

            /// What it is, in words.
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }
        }
    };
}

formats! {
    /// The UK Sanctions List, CSV of the Foreign, Commonwealth and Development Office.
    UkSanctionsListCsv = "uk-sanctions-list-csv", "UK Sanctions List (CSV)";
    /// The UK Sanctions List, XML of the same publisher.
    UkSanctionsListXml = "uk-sanctions-list-xml", "UK Sanctions List (XML)";
    /// The UK Sanctions List in five normalised tables.
    UkSanctionsListTables = "uk-sanctions-list-tables", "UK Sanctions List (normalised tables)";
    /// The consolidated list of the Office of Financial Sanctions Implementation, retired.
    OfsiConsolidatedCsv = "ofsi-consolidated-csv", "OFSI consolidated list (CSV, retired)";
    /// The SDN or consolidated list of the US Office of Foreign Assets Control: main, alias and
    /// address files.
    OfacCsv = "ofac-csv", "OFAC SDN or consolidated list (CSV)";
    /// The SDN or consolidated list of the same office, XML.
    OfacXml = "ofac-xml", "OFAC SDN or consolidated list (XML)";
    /// The consolidated list of the United Nations Security Council.
    UnXml = "un-xml", "UN Security Council consolidated list (XML)";
    /// The EU's consolidated financial sanctions list, CSV of either layout.
    EuFsfCsv = "eu-fsf-csv", "EU consolidated financial sanctions list (CSV)";
    /// The EU's consolidated financial sanctions list, XML.
    EuFsfXml = "eu-fsf-xml", "EU consolidated financial sanctions list (XML)";
    /// `targets.simple.csv` of OpenSanctions.
    OpenSanctionsSimpleCsv = "opensanctions-simple-csv", "OpenSanctions simplified targets (CSV)";
    /// `FollowTheMoney` entities as JSON lines, also as deltas.
    FollowTheMoney = "ftm", "FollowTheMoney entities (JSON lines)";
    /// Registrants under the US Foreign Agents Registration Act.
    FaraRegistrants = "fara-registrants", "FARA registrants (CSV)";
    /// Foreign principals under the US Foreign Agents Registration Act.
    FaraForeignPrincipals = "fara-foreign-principals", "FARA foreign principals (CSV)";
    /// Members of a parliament in Popolo JSON.
    Popolo = "popolo", "Popolo persons (JSON)";
}

impl fmt::Display for ListFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl ListFormat {
    /// Recognises the format from the first bytes of a file, with its name to help. Some 4,000
    /// bytes are enough.
    pub fn detect(file_name: &str, head: &[u8]) -> Option<Self> {
        detect::detect(file_name, head)
    }
}

/// One file of a list.
pub struct ListFile<'a> {
    /// Its name, for messages. Which file of a list it is, its content tells.
    pub name: String,
    /// Its bytes.
    pub bytes: Box<dyn Read + 'a>,
}

impl fmt::Debug for ListFile<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListFile").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What reading a list gave, beside its items.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// How much was read.
    pub tally: Tally,
    /// The origin of the dossiers; its version is the issue date where the file states one.
    pub origin: Arc<Origin>,
    /// The issue date, or the youngest day the file mentions as that of a change; it tells the
    /// list's age.
    pub published: Option<PartialDate>,
}

/// Reads a list and hands each item to `sink` as soon as it is complete.
///
/// # Errors
///
/// [`ReadError`] when a file is not of the format, is not text, or breaks off. What went to the
/// sink before is then not the whole list and must not be used as one.
pub fn read_list(
    format: ListFormat,
    files: Vec<ListFile<'_>>,
    context: &ReadContext,
    sink: &mut dyn FnMut(Item),
) -> Result<Reading, ReadError> {
    let mut out = Out::new(context, sink);
    match format {
        ListFormat::UkSanctionsListCsv => each(files, &mut out, uk_csv::read)?,
        ListFormat::UkSanctionsListXml => each(files, &mut out, uk_xml::read)?,
        ListFormat::UkSanctionsListTables => uk_tables::read(files, &mut out)?,
        ListFormat::OfsiConsolidatedCsv => each(files, &mut out, ofsi::read)?,
        ListFormat::OfacCsv => ofac::read(files, &mut out)?,
        ListFormat::OfacXml => each(files, &mut out, ofac_xml::read)?,
        ListFormat::UnXml => each(files, &mut out, un::read)?,
        ListFormat::EuFsfCsv => each(files, &mut out, eu_csv::read)?,
        ListFormat::EuFsfXml => each(files, &mut out, eu_xml::read)?,
        ListFormat::OpenSanctionsSimpleCsv => each(files, &mut out, opensanctions::read)?,
        ListFormat::FollowTheMoney => each(files, &mut out, ftm_lines::read)?,
        ListFormat::FaraRegistrants => each(files, &mut out, fara::registrants)?,
        ListFormat::FaraForeignPrincipals => each(files, &mut out, fara::principals)?,
        ListFormat::Popolo => each(files, &mut out, popolo::read)?,
    }
    out.finish();
    Ok(Reading { tally: out.tally, origin: out.origin, published: out.published })
}

/// Reads files that each stand for themselves, one after the other.
fn each(
    files: Vec<ListFile<'_>>,
    out: &mut Out<'_>,
    read: fn(&mut dyn Read, &mut Out<'_>) -> Result<(), ReadError>,
) -> Result<(), ReadError> {
    files.into_iter().try_for_each(|mut file| read(&mut file.bytes, out))
}
