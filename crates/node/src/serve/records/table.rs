//! Alerts and decisions as a table for spreadsheets.

use super::super::problem::{Answer, Problem};
use super::shapes::{AlertShown, DecisionShown};
use crate::report::spreadsheet::guarded;
use axum::http::header::{ACCEPT, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use portcullis_store::{MAX_PAGE, StoreError};
use utoipa::IntoParams;

/// Rows of a table, at most; more are had by going on after the last.
const ROWS: usize = 100_000;

/// Which page.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "names the options for the description alone; they are read one by one"
)]
pub(super) struct PageOptions {
    /// How many at once [default: 50]
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u16>,
    /// The `next` of the page before
    #[param(pattern = "^[0-9a-f]+$")]
    after: Option<String>,
}

/// Whether a table is asked for.
pub(super) fn is_wanted(headers: &HeaderMap) -> bool {
    headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).any(|accepted| {
        accepted.split(',').any(|kind| {
            kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("text/csv")
        })
    })
}

/// Every row after a place, page by page.
pub(super) fn every<P: Copy, T>(
    mut after: Option<P>,
    mut page: impl FnMut(Option<P>, u16) -> Result<(Vec<T>, Option<P>), StoreError>,
) -> Answer<Vec<T>> {
    let mut all = Vec::new();
    loop {
        let (rows, last) = page(after, MAX_PAGE)?;
        let is_last = rows.len() < usize::from(MAX_PAGE);
        all.extend(rows);
        if all.len() > ROWS {
            return Err(Problem::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "the table would have more than 100,000 rows; take it page by page as JSON",
            ));
        }
        match last {
            Some(last) if !is_last => after = Some(last),
            _ => return Ok(all),
        }
    }
}

/// The table as an answer.
pub(super) fn answer<T>(
    rows: &[T],
    write: impl FnOnce(&mut csv::Writer<Vec<u8>>, &[T]) -> Result<(), csv::Error>,
) -> Answer<Response> {
    let mut table = csv::Writer::from_writer(Vec::new());
    write(&mut table, rows).map_err(|_| Problem::internal())?;
    let bytes = table.into_inner().map_err(|_| Problem::internal())?;
    let headers = [(CONTENT_TYPE, "text/csv; charset=utf-8"), (CONTENT_DISPOSITION, "attachment")];
    Ok((headers, bytes).into_response())
}

pub(super) fn alerts(
    table: &mut csv::Writer<Vec<u8>>,
    rows: &[AlertShown],
) -> Result<(), csv::Error> {
    table.write_record([
        "reference",
        "purpose",
        "score",
        "query_name",
        "record_name",
        "source",
        "record",
        "list_version",
        "first_raised_at",
        "last_raised_at",
    ])?;
    for row in rows {
        table.write_record([
            row.reference.as_str(),
            row.purpose,
            &row.score.to_string(),
            &guarded(&row.query_name),
            &guarded(&row.record.name),
            &guarded(&row.record.source),
            &guarded(&row.record.id),
            &guarded(&row.record.list_version),
            &row.first_raised_at,
            &row.last_raised_at,
        ])?;
    }
    Ok(())
}

pub(super) fn decisions(
    table: &mut csv::Writer<Vec<u8>>,
    rows: &[DecisionShown],
) -> Result<(), csv::Error> {
    table.write_record([
        "id",
        "reference",
        "verdict",
        "query_name",
        "record_name",
        "source",
        "record",
        "list_version",
        "purpose",
        "officer",
        "reason",
        "decided_at",
        "undone_by",
        "undone_reason",
        "undone_at",
    ])?;
    for row in rows {
        let undone = row.undone.as_ref();
        table.write_record([
            row.id.as_str(),
            &row.reference,
            row.verdict,
            &guarded(&row.query_name),
            &guarded(&row.record.name),
            &guarded(&row.record.source),
            &guarded(&row.record.id),
            &guarded(&row.record.list_version),
            row.purpose,
            &guarded(&row.officer),
            &guarded(&row.reason),
            &row.decided_at,
            &guarded(undone.map_or("", |undone| &undone.officer)),
            &guarded(undone.map_or("", |undone| &undone.reason)),
            undone.map_or("", |undone| &undone.undone_at),
        ])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn a_table_is_asked_for_by_its_kind() {
        let wanted = |accepted| {
            is_wanted(&HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(accepted))]))
        };
        assert!(wanted("text/csv"));
        assert!(wanted("application/json;q=0.5, Text/CSV; charset=utf-8"));
        assert!(!wanted("application/json"));
        assert!(!is_wanted(&HeaderMap::new()));
    }

    #[test]
    fn what_would_run_in_a_spreadsheet_is_text() {
        // A pair whose name begins with an equals sign; the row is compared with what RFC 4180 has.
        let rows = [AlertShown {
            reference: "7K3QX-9WZ2M".to_owned(),
            purpose: "screen-donor",
            score: 0.5,
            query_name: "=HYPERLINK(\"x\")".to_owned(),
            record: super::super::shapes::RecordShown::invented("a-list", "@cmd"),
            first_raised_at: "2025-03-01T12:00:00Z".to_owned(),
            last_raised_at: "2025-03-01T12:00:00Z".to_owned(),
            label: (&portcullis_types::Label::open()).into(),
        }];
        let mut table = csv::Writer::from_writer(Vec::new());
        alerts(&mut table, &rows).unwrap();
        let text = String::from_utf8(table.into_inner().unwrap()).unwrap();
        let row = text.lines().nth(1).unwrap();
        assert!(row.contains("\"'=HYPERLINK(\"\"x\"\")\",'@cmd"), "{row}");
    }
}
