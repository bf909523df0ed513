//! The files of the shared folder of published data that are lists, and their formats.

use portcullis_ingest::ListFormat;

/// Format, and the files that make one list.
pub(crate) const LISTS: &[(ListFormat, &[&str])] = &[
    (
        ListFormat::UkSanctionsListTables,
        &[
            "uk-sanctions-list-2026/subjects.csv",
            "uk-sanctions-list-2026/subject_names.csv.zst",
            "uk-sanctions-list-2026/subject_dobs.csv",
            "uk-sanctions-list-2026/subject_identifiers.csv.zst",
            "uk-sanctions-list-2026/subject_countries.csv.zst",
        ],
    ),
    (ListFormat::OfsiConsolidatedCsv, &["uk-ofsi-conlist/sanctionsconlist.csv.zst"]),
    (
        ListFormat::OfacCsv,
        &[
            "ofac-sdn/listlookup-2022-01/sdn.csv.zst",
            "ofac-sdn/listlookup-2022-01/alt.csv",
            "ofac-sdn/listlookup-2022-01/add.csv",
        ],
    ),
    (
        ListFormat::OfacCsv,
        &[
            "ofac-sdn/consolidated-nonsdn/cons_prim.csv",
            "ofac-sdn/consolidated-nonsdn/cons_alt.csv",
            "ofac-sdn/consolidated-nonsdn/cons_add.csv",
        ],
    ),
    (ListFormat::OfacCsv, &["ofac-sdn/series/sdn_2021-08-18.csv.zst"]),
    (ListFormat::OfacCsv, &["ofac-sdn/series/sdn_2022-02-28.csv.zst"]),
    (ListFormat::OfacCsv, &["ofac-sdn/series/sdn_2022-03-07.csv.zst"]),
    (ListFormat::OfacCsv, &["ofac-sdn/series/sdn_2023-02-09.csv.zst"]),
    (ListFormat::UnXml, &["un-consolidated/UN_consolidated.xml.zst"]),
    (ListFormat::EuFsfCsv, &["eu-fsf/EUSanctionsShort.csv"]),
    (ListFormat::OfsiConsolidatedCsv, &["derived-multi-list/format-samples/sample_hmt.csv"]),
    (ListFormat::OfacXml, &["derived-multi-list/format-samples/sdn.xml"]),
    (ListFormat::UnXml, &["derived-multi-list/format-samples/sample_unsc.xml"]),
    (ListFormat::EuFsfXml, &["derived-multi-list/format-samples/sample_eu.xml"]),
    (ListFormat::OpenSanctionsSimpleCsv, &["opensanctions/project-noname.targets.simple.csv.zst"]),
    (
        ListFormat::FollowTheMoney,
        &["opensanctions/yente-fixtures/parteispenden__entities.ftm.json"],
    ),
    (ListFormat::FollowTheMoney, &["opensanctions/yente-fixtures/t1__entities.ftm.json"]),
    (ListFormat::FollowTheMoney, &["opensanctions/yente-fixtures/zala__entities.ftm.json"]),
    (
        ListFormat::FollowTheMoney,
        &["opensanctions/yente-fixtures/t2__20240527194702-wnk__entities.delta.json"],
    ),
    (
        ListFormat::FollowTheMoney,
        &["opensanctions/yente-fixtures/t2__20240528014702-pfh__entities.delta.json"],
    ),
    (
        ListFormat::FollowTheMoney,
        &["opensanctions/yente-fixtures/t2__20240528074703-npf__entities.delta.json"],
    ),
    (
        ListFormat::FollowTheMoney,
        &["opensanctions/yente-fixtures/t2__20240528134729-3iv__entities.delta.json"],
    ),
    (ListFormat::FollowTheMoney, &["matching-benchmarks/nomenklatura/donations.ijson"]),
    (ListFormat::FaraRegistrants, &["fara/FARA_All_Registrants.csv"]),
    (ListFormat::FaraRegistrants, &["fara/Active_Registrants_2025-03-26.csv"]),
    (ListFormat::FaraRegistrants, &["fara/Active_Registrants_in_a_Date_Range_2025-03-26.csv"]),
    (ListFormat::FaraForeignPrincipals, &["fara/FARA_All_ForeignPrincipals.csv.zst"]),
    (ListFormat::FaraForeignPrincipals, &["fara/Active_Foreign_Principals_2025-03-26.csv"]),
    (
        ListFormat::FaraRegistrants,
        &["fara/Active_Registrants_by_Country_or_Location_Represented_2025-03-26.csv"],
    ),
    (ListFormat::Popolo, &["everypolitician-2015/popolo/UK.json.zst"]),
    (ListFormat::Popolo, &["everypolitician-2015/popolo/UK-Commons-2017-wikidata-m17n.json.zst"]),
];
