//! Telling the format of a file by its first bytes.

use super::ListFormat;
use crate::bytes::decode_for_show;

pub(super) fn detect(file_name: &str, head: &[u8]) -> Option<ListFormat> {
    let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    let text = decode_for_show(head.get(..head.len().min(16_384)).unwrap_or(head));
    let start = text.trim_start();
    if start.starts_with('<') {
        return xml(start);
    }
    if start.starts_with('{') || start.starts_with('[') {
        return json(start);
    }
    table(file_name, start)
}

fn xml(text: &str) -> Option<ListFormat> {
    if text.contains("<CONSOLIDATED_LIST") {
        Some(ListFormat::UnXml)
    } else if text.contains("<Designations") {
        Some(ListFormat::UkSanctionsListXml)
    } else if text.contains("<sdnList") {
        Some(ListFormat::OfacXml)
    } else if text.contains("<sanctionEntity") || text.contains("eu.europa.ec/fpi/fsd/export") {
        Some(ListFormat::EuFsfXml)
    } else {
        None
    }
}

fn json(text: &str) -> Option<ListFormat> {
    let first = text.lines().next().unwrap_or_default();
    if first.contains("\"schema\"") || first.contains("\"op\"") || first.contains("\"entity\"") {
        Some(ListFormat::FollowTheMoney)
    } else if text.contains("\"persons\"") {
        Some(ListFormat::Popolo)
    } else {
        None
    }
}

fn table(file_name: &str, text: &str) -> Option<ListFormat> {
    let plain = |line: &str| -> String {
        line.chars()
            .filter(|c| c.is_alphanumeric() || *c == ',')
            .flat_map(char::to_lowercase)
            .collect()
    };
    let mut lines = text.lines().filter(|line| !line.trim().is_empty()).take(3).map(plain);
    let first = lines.next()?;
    let second = lines.next().unwrap_or_default();
    for line in [&first, &second] {
        let has = |names: &[&str]| names.iter().all(|name| line.contains(name));
        if has(&["uniqueid", "ofsigroupid", "name6", "designationtype"]) {
            return Some(ListFormat::UkSanctionsListCsv);
        }
        if has(&["name6", "name1", "grouptype", "groupid"]) {
            return Some(ListFormat::OfsiConsolidatedCsv);
        }
    }
    let has = |names: &[&str]| names.iter().all(|name| first.contains(name));
    if has(&["id,schema,name,aliases,birthdate"]) {
        Some(ListFormat::OpenSanctionsSimpleCsv)
    } else if has(&["entitylogicalid"]) {
        Some(ListFormat::EuFsfCsv)
    } else if has(&["uniqueid"])
        && (has(&["subjecttype"]) || has(&["fullname"]) || has(&["rawvalue"]) || has(&["dobid"]))
    {
        Some(ListFormat::UkSanctionsListTables)
    } else if has(&["foreignprincipal", "registr"]) {
        // The daily reports put first whom they list.
        let registrant_first = first.find("registrant,").unwrap_or(usize::MAX)
            < first.find("foreignprincipal,").unwrap_or(usize::MAX);
        Some(if registrant_first {
            ListFormat::FaraRegistrants
        } else {
            ListFormat::FaraForeignPrincipals
        })
    } else if has(&["registrationnumber,registrationdate,terminationdate,name"])
        || has(&["registrant,registration,registrationdate"])
    {
        Some(ListFormat::FaraRegistrants)
    } else {
        ofac(file_name, text)
    }
}

/// OFAC's files have no header: the first row begins with a number and has "-0-" for nothing.
fn ofac(file_name: &str, text: &str) -> Option<ListFormat> {
    let line = text.lines().next()?;
    let begins_with_number = line
        .split_once(',')
        .is_some_and(|(n, _)| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    let name = file_name.to_lowercase();
    let named = ["sdn", "cons_", "alt.", "add."].iter().any(|part| name.contains(part));
    (begins_with_number && (line.contains("-0-") || named)).then_some(ListFormat::OfacCsv)
}
