//! The open lists that Portcullis knows by name, with their official addresses.
//!
//! The addresses are those the publishers give for the current issue; a publisher may move them.
//! They are trusted: whoever can change this table can make a screening read another list.

use super::ListFormat;

/// An open list known by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct KnownSource {
    /// The name by which users call it, and the [`SourceId`](portcullis_types::SourceId).
    pub name: &'static str,
    /// What it is called.
    pub title: &'static str,
    /// Who publishes it.
    pub publisher: &'static str,
    /// The publisher's page about it.
    pub page: &'static str,
    /// The files that make the list, all of one issue.
    pub addresses: &'static [&'static str],
    /// How the files are packed.
    pub packing: Packing,
    /// The format of the files.
    pub format: ListFormat,
    /// On which terms it may be used.
    pub licence: &'static str,
    /// How often it changes.
    pub rhythm: Rhythm,
}

/// How the files at an address are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// As they are read.
    Plain,
    /// Each in a zip archive of its own.
    Zip,
}

/// How often a list changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rhythm {
    /// On most days; a copy over two days old is behind.
    Daily,
    /// When something happens, often several times a week; it should be asked for every day.
    WhenNeeded,
    /// Never again since that day, written `YYYY-MM-DD`.
    Retired(&'static str),
}

/// The open lists known by name.
pub fn known_sources() -> &'static [KnownSource] {
    KNOWN
}

const OFAC: &str = "US Department of the Treasury, Office of Foreign Assets Control";
const FARA: &str = "US Department of Justice, FARA Unit";
const OPENSANCTIONS: &str = "OpenSanctions";
const OGL: &str = "Open Government Licence v3.0";
const PUBLIC_DOMAIN: &str = "public domain (work of the US government)";
const NON_COMMERCIAL: &str = "CC BY-NC 4.0; commercial use needs a licence from OpenSanctions";

const KNOWN: &[KnownSource] = &[
    KnownSource {
        name: "uk-sanctions-list",
        title: "UK Sanctions List",
        publisher: "Foreign, Commonwealth and Development Office",
        page: "https://www.gov.uk/government/publications/the-uk-sanctions-list",
        addresses: &["https://sanctionslist.fcdo.gov.uk/docs/UK-Sanctions-List.csv"],
        packing: Packing::Plain,
        format: ListFormat::UkSanctionsListCsv,
        licence: OGL,
        rhythm: Rhythm::WhenNeeded,
    },
    KnownSource {
        name: "ofac-sdn",
        title: "Specially Designated Nationals and Blocked Persons List",
        publisher: OFAC,
        page: "https://ofac.treasury.gov/specially-designated-nationals-list-data-formats-data-schemas",
        addresses: &[
            "https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/SDN.CSV",
            "https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/ALT.CSV",
            "https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/ADD.CSV",
            "https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/SDN_COMMENTS.CSV",
        ],
        packing: Packing::Plain,
        format: ListFormat::OfacCsv,
        licence: PUBLIC_DOMAIN,
        rhythm: Rhythm::WhenNeeded,
    },
    KnownSource {
        name: "ofac-consolidated",
        title: "Consolidated Sanctions List (non-SDN)",
        publisher: OFAC,
        page: "https://ofac.treasury.gov/consolidated-sanctions-list-non-sdn-lists",
        addresses: &[
            "https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/CONS_PRIM.CSV",
            "https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/CONS_ALT.CSV",
            "https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/CONS_ADD.CSV",
            "https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/CONS_COMMENTS.CSV",
        ],
        packing: Packing::Plain,
        format: ListFormat::OfacCsv,
        licence: PUBLIC_DOMAIN,
        rhythm: Rhythm::WhenNeeded,
    },
    KnownSource {
        name: "un-sc",
        title: "United Nations Security Council Consolidated List",
        publisher: "United Nations Security Council",
        page: "https://main.un.org/securitycouncil/en/content/un-sc-consolidated-list",
        addresses: &["https://scsanctions.un.org/resources/xml/en/consolidated.xml"],
        packing: Packing::Plain,
        format: ListFormat::UnXml,
        licence: "UN terms of use; attribution",
        rhythm: Rhythm::WhenNeeded,
    },
    KnownSource {
        name: "eu-fsf",
        title: "EU consolidated list of financial sanctions",
        publisher: "European Commission, DG FISMA",
        page: "https://data.europa.eu/data/datasets/consolidated-list-of-persons-groups-and-entities-subject-to-eu-financial-sanctions",
        // The token is part of the address that the Commission publishes for machines.
        addresses: &[
            "https://webgate.ec.europa.eu/fsd/fsf/public/files/xmlFullSanctionsList_1_1/content?token=dG9rZW4tMjAxNw",
        ],
        packing: Packing::Plain,
        format: ListFormat::EuFsfXml,
        licence: "reuse with attribution (Commission Decision 2011/833/EU)",
        rhythm: Rhythm::WhenNeeded,
    },
    KnownSource {
        name: "opensanctions-sanctions",
        title: "OpenSanctions, consolidated sanctions",
        publisher: OPENSANCTIONS,
        page: "https://www.opensanctions.org/datasets/sanctions/",
        addresses: &["https://data.opensanctions.org/datasets/latest/sanctions/entities.ftm.json"],
        packing: Packing::Plain,
        format: ListFormat::FollowTheMoney,
        licence: NON_COMMERCIAL,
        rhythm: Rhythm::Daily,
    },
    KnownSource {
        name: "opensanctions-peps",
        title: "OpenSanctions, politically exposed persons",
        publisher: OPENSANCTIONS,
        page: "https://www.opensanctions.org/datasets/peps/",
        addresses: &["https://data.opensanctions.org/datasets/latest/peps/targets.simple.csv"],
        packing: Packing::Plain,
        format: ListFormat::OpenSanctionsSimpleCsv,
        licence: NON_COMMERCIAL,
        rhythm: Rhythm::Daily,
    },
    KnownSource {
        name: "fara-registrants",
        title: "Registrants under the Foreign Agents Registration Act",
        publisher: FARA,
        page: "https://efile.fara.gov/ords/fara/f?p=API:BULKDATA",
        addresses: &["https://efile.fara.gov/bulk/zip/FARA_All_Registrants.csv.zip"],
        packing: Packing::Zip,
        format: ListFormat::FaraRegistrants,
        licence: PUBLIC_DOMAIN,
        rhythm: Rhythm::Daily,
    },
    KnownSource {
        name: "fara-principals",
        title: "Foreign principals under the Foreign Agents Registration Act",
        publisher: FARA,
        page: "https://efile.fara.gov/ords/fara/f?p=API:BULKDATA",
        addresses: &["https://efile.fara.gov/bulk/zip/FARA_All_ForeignPrincipals.csv.zip"],
        packing: Packing::Zip,
        format: ListFormat::FaraForeignPrincipals,
        licence: PUBLIC_DOMAIN,
        rhythm: Rhythm::Daily,
    },
    KnownSource {
        name: "ofsi-consolidated",
        title: "OFSI consolidated list of asset freeze targets",
        publisher: "HM Treasury, Office of Financial Sanctions Implementation",
        page: "https://www.gov.uk/government/publications/financial-sanctions-consolidated-list-of-targets",
        addresses: &[
            "https://ofsistorage.blob.core.windows.net/publishlive/2022format/ConList.csv",
        ],
        packing: Packing::Plain,
        format: ListFormat::OfsiConsolidatedCsv,
        licence: OGL,
        rhythm: Rhythm::Retired("2026-01-28"),
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_known_list_has_a_name_of_its_own_and_secure_addresses() {
        let names: BTreeSet<_> = known_sources().iter().map(|source| source.name).collect();
        assert_eq!(names.len(), known_sources().len());
        for source in known_sources() {
            assert!(portcullis_types::SourceId::new(source.name).is_ok());
            assert!(!source.addresses.is_empty());
            assert!(source.addresses.iter().all(|a| a.starts_with("https://")), "{}", source.name);
        }
    }

    #[test]
    fn the_retired_list_says_so() {
        // Retired on 28 January 2026, when the UK moved to one list.
        let retired: Vec<_> =
            known_sources().iter().filter(|s| matches!(s.rhythm, Rhythm::Retired(_))).collect();
        assert_eq!(retired.len(), 1);
        assert_eq!(retired[0].name, "ofsi-consolidated");
        assert_eq!(retired[0].rhythm, Rhythm::Retired("2026-01-28"));
    }
}
