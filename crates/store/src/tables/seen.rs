//! What one reader sees. Each statement leaves out in the database what bears a label that he may not
//! read, before it counts, sorts or cuts (THREATS T-38).

use super::by_label::{self, by_label};
use super::{alerts, decisions, events, labels, lists};
use crate::cells::{Cells, integer};
use crate::database::Open;
use crate::engine::{FromCell as _, Row};
use crate::labels::visible;
use crate::tables::events::StoredEvent;
use crate::view::{
    AlertPlace, Deciding, DecisionCount, DecisionPlace, MAX_PAGE, NewsPlace, SeenAlert,
    SeenDecision, SeenList, View,
};
use crate::{StoreError, Writer as _};
use portcullis_decide::{Change, Decision, Judgement, ListName, Raised, Reference, Verdict};
use portcullis_types::{Event, EventId, Label, OrganisationId, Purpose, SourceId};
use std::collections::BTreeMap;

/// Events read at a time by somebody who follows what happens.
const NEWS: u16 = 200;

impl View for Open<'_> {
    fn alerts(
        &self,
        organisation: &OrganisationId,
        after: Option<AlertPlace>,
        most: u16,
    ) -> Result<Vec<SeenAlert>, StoreError> {
        // Before the first, there is nothing.
        let after = after.unwrap_or(AlertPlace { at_us: i64::MAX, pair: [u8::MAX; 32] });
        let mut rows = by_label::rows(
            self,
            &by_label!(
                "SELECT r.*, v.label, k.blind, k.sealed, k.record_number AS label_record
                 FROM raised r JOIN record v ON v.number = r.record_number
                 LEFT JOIN label k ON k.record_number = v.label
                 WHERE r.organisation = $1 AND ",
                "r",
                " AND r.query_name IS NOT NULL AND (r.first_raised_at_us, r.pair) < ($3, $4)
                 ORDER BY r.first_raised_at_us DESC, r.pair DESC LIMIT $5"
            ),
            organisation,
            &[after.at_us.into(), (&after.pair).into(), i64::from(page(most)).into()],
        )?;
        by_label::latest(&mut rows, ("first_raised_at_us", "pair"), page(most));
        alerts_of(self, organisation, &rows)
    }

    fn alert(
        &self,
        organisation: &OrganisationId,
        reference: Reference,
    ) -> Result<Vec<SeenAlert>, StoreError> {
        alerts_of(self, organisation, &alerts::rows_under(self, organisation, reference)?)
    }

    fn seen_decisions(
        &self,
        organisation: &OrganisationId,
        after: Option<DecisionPlace>,
        most: u16,
    ) -> Result<Vec<SeenDecision>, StoreError> {
        let after = after.unwrap_or(DecisionPlace { at_us: i64::MAX, id: [u8::MAX; 16] });
        let mut rows = by_label::rows(
            self,
            &by_label!(
                "SELECT d.*, v.label, k.blind, k.sealed, k.record_number AS label_record
                 FROM decision d JOIN record v ON v.number = d.record_number
                 LEFT JOIN label k ON k.record_number = v.label
                 WHERE d.organisation = $1 AND ",
                "d",
                " AND d.reason IS NOT NULL AND (d.at_us, d.id) < ($3, $4)
                 ORDER BY d.at_us DESC, d.id DESC LIMIT $5"
            ),
            organisation,
            &[after.at_us.into(), (&after.id).into(), i64::from(page(most)).into()],
        )?;
        by_label::latest(&mut rows, ("at_us", "id"), page(most));
        let mut seen = Vec::with_capacity(rows.len());
        for row in &rows {
            seen.extend(decision_of(self, organisation, row)?);
        }
        Ok(seen)
    }

    fn every_decision(&self, organisation: &OrganisationId) -> Result<Vec<Decision>, StoreError> {
        decisions::all(self, organisation)
    }

    fn source_label(
        &self,
        organisation: &OrganisationId,
        source: &SourceId,
    ) -> Result<Label, StoreError> {
        labels::of_source(self, organisation, source)
    }

    fn decision(
        &self,
        organisation: &OrganisationId,
        id: EventId,
    ) -> Result<Option<SeenDecision>, StoreError> {
        let row = self.row(
            concat!(
                "SELECT d.*, v.label, k.blind, k.sealed, k.record_number AS label_record
                 FROM decision d JOIN record v ON v.number = d.record_number
                 LEFT JOIN label k ON k.record_number = v.label
                 WHERE d.organisation = $1 AND ",
                visible!(),
                " AND d.id = $3 AND d.reason IS NOT NULL"
            ),
            &[organisation.as_str().into(), self.visible().value().into(), id.as_bytes().into()],
        )?;
        row.map_or(Ok(None), |row| decision_of(self, organisation, &row))
    }

    fn seen_lists(&self, organisation: &OrganisationId) -> Result<Vec<SeenList>, StoreError> {
        let mut rows = by_label::rows(
            self,
            &by_label!(
                "SELECT t.*, v.label, k.blind, k.sealed, k.record_number AS label_record
                 FROM list t JOIN record v ON v.number = t.record_number
                 LEFT JOIN label k ON k.record_number = v.label
                 WHERE t.organisation = $1 AND ",
                "t",
                ""
            ),
            organisation,
            &[],
        )?;
        rows.sort_by_cached_key(|row| row.cell("name").and_then(String::from_cell));
        rows.iter().map(|row| list_of(self, organisation, row)).collect()
    }

    fn list(
        &self,
        organisation: &OrganisationId,
        name: &ListName,
    ) -> Result<Option<SeenList>, StoreError> {
        let row = self.row(
            concat!(
                "SELECT t.*, v.label, k.blind, k.sealed, k.record_number AS label_record
                 FROM list t JOIN record v ON v.number = t.record_number
                 LEFT JOIN label k ON k.record_number = v.label
                 WHERE t.organisation = $1 AND ",
                visible!(),
                " AND t.name = $3"
            ),
            &[organisation.as_str().into(), self.visible().value().into(), name.as_str().into()],
        )?;
        row.map(|row| list_of(self, organisation, &row)).transpose()
    }

    fn decision_history(
        &self,
        organisation: &OrganisationId,
        id: EventId,
    ) -> Result<Vec<Event>, StoreError> {
        let rows = self.query(
            concat!(
                "SELECT e.position, e.id, e.record, e.commitment, e.sealed
                 FROM decision d JOIN record v ON v.number = d.record_number
                 JOIN event e ON e.record = v.number
                 WHERE d.organisation = $1 AND ",
                visible!(),
                " AND d.id = $3 ORDER BY e.position"
            ),
            &[organisation.as_str().into(), self.visible().value().into(), id.as_bytes().into()],
        )?;
        events_of(self, organisation, &rows)
    }

    fn alert_history(
        &self,
        organisation: &OrganisationId,
        reference: Reference,
    ) -> Result<Vec<Event>, StoreError> {
        let mut rows = by_label::rows(
            self,
            &by_label!(
                "SELECT e.position, e.id, e.record, e.commitment, e.sealed
                 FROM raised r JOIN record v ON v.number = r.record_number
                 JOIN event e ON e.record = v.number
                 WHERE r.organisation = $1 AND ",
                "r",
                " AND r.reference = $3"
            ),
            organisation,
            &[(&alerts::blind_reference(self, reference)).into()],
        )?;
        rows.sort_by_cached_key(|row| by_label::number(row, "position"));
        events_of(self, organisation, &rows)
    }

    fn list_history(
        &self,
        organisation: &OrganisationId,
        name: &ListName,
    ) -> Result<Vec<Event>, StoreError> {
        let rows = self.query(
            concat!(
                "SELECT e.position, e.id, e.record, e.commitment, e.sealed
                 FROM list t JOIN record v ON v.number = t.record_number
                 JOIN event e ON e.record = v.number
                 WHERE t.organisation = $1 AND ",
                visible!(),
                " AND t.name = $3 ORDER BY e.position"
            ),
            &[organisation.as_str().into(), self.visible().value().into(), name.as_str().into()],
        )?;
        events_of(self, organisation, &rows)
    }

    fn alert_count(&self, organisation: &OrganisationId) -> Result<u64, StoreError> {
        let statement = by_label!(
            "SELECT count(*) AS number FROM raised r JOIN record v ON v.number = r.record_number
             WHERE r.organisation = $1 AND ",
            "r",
            " AND r.query_name IS NOT NULL"
        );
        by_label::count(self, "raised", &statement, organisation)
    }

    fn list_count(&self, organisation: &OrganisationId) -> Result<u64, StoreError> {
        let statement = by_label!(
            "SELECT count(*) AS number FROM list t JOIN record v ON v.number = t.record_number
             WHERE t.organisation = $1 AND ",
            "t",
            ""
        );
        by_label::count(self, "list", &statement, organisation)
    }

    fn decision_counts(
        &self,
        organisation: &OrganisationId,
    ) -> Result<Vec<DecisionCount>, StoreError> {
        let rows = by_label::rows(
            self,
            &by_label!(
                "SELECT d.purpose, d.verdict,
                     count(*) FILTER (WHERE d.undone_event IS NULL) AS standing,
                     count(*) FILTER (WHERE d.undone_event IS NOT NULL) AS undone
                 FROM decision d JOIN record v ON v.number = d.record_number
                 WHERE d.organisation = $1 AND ",
                "d",
                " AND d.reason IS NOT NULL GROUP BY d.purpose, d.verdict"
            ),
            organisation,
            &[],
        )?;
        let mut counts = BTreeMap::new();
        for row in &rows {
            let cells = Cells::new(self, "decision", "purpose", row);
            let purpose = cells.make("purpose", |code: String| Purpose::from_code(&code))?;
            let verdict = cells.make("verdict", |code: String| Verdict::from_code(&code))?;
            let none = DecisionCount { purpose, verdict, standing: 0, undone: 0 };
            let count = counts.entry((purpose.code(), verdict.code())).or_insert(none);
            count.standing = count.standing.saturating_add(cells.count("standing")?);
            count.undone = count.undone.saturating_add(cells.count("undone")?);
        }
        Ok(counts.into_values().collect())
    }

    fn news_from_now(&self) -> Result<NewsPlace, StoreError> {
        events::last_position(self).map(NewsPlace)
    }

    fn news_after(
        &self,
        organisation: &OrganisationId,
        event: EventId,
    ) -> Result<Option<NewsPlace>, StoreError> {
        let rows = by_label::rows(
            self,
            &by_label!(
                "SELECT e.position FROM event e JOIN record v ON v.number = e.record
                 WHERE e.organisation = $1 AND ",
                "e",
                " AND e.bears IS NOT NULL AND e.id = $3 AND v.erased_at_us IS NULL
                 ORDER BY e.position DESC LIMIT 1"
            ),
            organisation,
            &[event.as_bytes().into()],
        )?;
        rows.first()
            .map(|row| Cells::new(self, "event", "position", row).count("position").map(NewsPlace))
            .transpose()
    }

    fn news(
        &self,
        organisation: &OrganisationId,
        after: NewsPlace,
    ) -> Result<(Vec<StoredEvent>, NewsPlace), StoreError> {
        let mut rows = by_label::rows(
            self,
            &by_label!(
                "SELECT e.position, e.id, e.record, e.commitment, e.sealed
                 FROM event e JOIN record v ON v.number = e.record
                 WHERE e.organisation = $1 AND ",
                "e",
                " AND e.bears IS NOT NULL AND e.position > $3 ORDER BY e.position LIMIT $4"
            ),
            organisation,
            &[integer(after.0).into(), i64::from(NEWS).into()],
        )?;
        rows.sort_by_cached_key(|row| by_label::number(row, "position"));
        rows.truncate(NEWS.into());
        let (mut news, mut place) = (Vec::with_capacity(rows.len()), after);
        for row in &rows {
            let cells = Cells::new(self, "event", "id", row);
            place = NewsPlace(cells.count("position")?);
            news.extend(events::stored(&cells, organisation)?);
        }
        Ok((news, place))
    }
}

impl Deciding for Open<'_> {
    fn label_on(&self, judgement: &Judgement) -> Result<Label, StoreError> {
        alerts::label_of_pair(self, judgement)
    }

    fn decide(&mut self, change: &Change<Decision>) -> Result<Label, StoreError> {
        decisions::put(self, change)
    }

    fn show(&mut self, change: &Change<Raised>) -> Result<(), StoreError> {
        self.put_raised(change)
    }
}

fn page(most: u16) -> u16 {
    most.min(MAX_PAGE)
}

fn alerts_of(
    open: &Open<'_>,
    organisation: &OrganisationId,
    rows: &[Row],
) -> Result<Vec<SeenAlert>, StoreError> {
    let mut seen = Vec::with_capacity(rows.len());
    for row in rows {
        let cells = Cells::new(open, "raised", "pair", row);
        let Some(pair) = alerts::made(&cells, organisation)? else { continue };
        let first_raised_at = cells.event_time("first_raised_at_us")?;
        let place =
            AlertPlace { at_us: crate::view::micros(first_raised_at), pair: cells.bytes("pair")? };
        seen.push(SeenAlert {
            reference: pair.reference(),
            first_raised_at,
            last_raised_at: cells.event_time("last_raised_at_us")?,
            label: labels::of_row(open, row)?,
            place,
            pair,
        });
    }
    Ok(seen)
}

fn decision_of(
    open: &Open<'_>,
    organisation: &OrganisationId,
    row: &Row,
) -> Result<Option<SeenDecision>, StoreError> {
    let Some(decision) = decisions::made(&Cells::new(open, "decision", "id", row), organisation)?
    else {
        return Ok(None);
    };
    Ok(Some(SeenDecision { decision, label: labels::of_row(open, row)? }))
}

fn list_of(
    open: &Open<'_>,
    organisation: &OrganisationId,
    row: &Row,
) -> Result<SeenList, StoreError> {
    Ok(SeenList { list: lists::made(open, organisation, row)?, label: labels::of_row(open, row)? })
}

fn events_of(
    open: &Open<'_>,
    organisation: &OrganisationId,
    rows: &[Row],
) -> Result<Vec<Event>, StoreError> {
    let mut events = Vec::with_capacity(rows.len());
    for row in rows {
        let stored = events::stored(&Cells::new(open, "event", "id", row), organisation)?;
        events.extend(stored.map(|stored| stored.event));
    }
    Ok(events)
}
