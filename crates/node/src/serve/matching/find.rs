//! One query against an index, and what is passed on of what is found.

use super::Asked;
use super::shapes::Scored;
use crate::screen::lists::Searchable;
use crate::serve::extract::Options;
use crate::serve::indexes::Usable;
use crate::serve::problem::{Answer, Problem};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use portcullis_types::{Dossier, Pair};

/// What of the results is wanted.
#[derive(Debug, Default)]
pub(crate) struct Filter {
    include_lists: Vec<String>,
    exclude_lists: Vec<String>,
    exclude_schemas: Vec<String>,
    exclude_ids: Vec<String>,
    topics: Vec<String>,
    changed_since: Option<Timestamp>,
}

impl Filter {
    pub(super) fn read(options: &Options) -> Answer<Self> {
        let all = |name| options.texts(name).map(str::to_owned).collect::<Vec<_>>();
        let changed_since = match options.text("changed_since") {
            None => None,
            Some(text) => Some(moment(text).ok_or_else(|| {
                Problem::impossible("`changed_since` must be a day or a time, like 2026-01-31")
            })?),
        };
        Ok(Self {
            include_lists: all("include_dataset"),
            exclude_lists: all("exclude_dataset"),
            exclude_schemas: all("exclude_schema"),
            exclude_ids: all("exclude_entity_ids"),
            topics: all("topics"),
            changed_since,
        })
    }

    /// The lists to look in. Leaving one out changes no score.
    pub(super) fn lists(&self, lists: &Usable) -> Answer<Usable> {
        lists.filtered(|list| {
            let name = list.name.as_str();
            let is_named = |names: &[String]| names.iter().any(|other| other == name);
            (self.include_lists.is_empty() || is_named(&self.include_lists))
                && !is_named(&self.exclude_lists)
                && self.changed_since.is_none_or(|since| list.current.recorded_at >= since)
        })
    }

    fn wants(&self, record: &Dossier) -> bool {
        let is_one = |ids: &[String], id: &str| ids.iter().any(|other| other == id);
        Scored::has_topic(record, &self.topics)
            && !is_one(&self.exclude_schemas, record.schema.name())
            && !is_one(&self.exclude_ids, record.id.as_str())
            && !is_one(&self.exclude_ids, record.record.as_str())
    }
}

fn moment(text: &str) -> Option<Timestamp> {
    let civil = || text.parse::<DateTime>().ok().or_else(|| day(text).map(DateTime::from));
    let utc = |civil: DateTime| civil.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    text.parse().ok().or_else(|| civil().and_then(utc))
}

fn day(text: &str) -> Option<Date> {
    text.parse().ok()
}

/// What was found for a query.
#[derive(Debug)]
pub(crate) struct Found {
    /// Best first.
    pub(crate) results: Vec<Scored>,
    /// How many there are, shown or not.
    pub(crate) total: usize,
}

/// Looks for one query.
pub(crate) fn find(lists: &Searchable, query: &Dossier, asked: Asked, filter: &Filter) -> Found {
    let pairs = pairs(lists, query, asked, filter);
    let total = pairs.len();
    let shown = pairs.iter().take(asked.limit);
    let results = shown.map(|(pair, record)| Scored::of(pair, record, asked.threshold)).collect();
    Found { results, total }
}

/// The records that reach the lowest score asked for, best first.
pub(crate) fn pairs<'a>(
    lists: &'a Searchable,
    query: &Dossier,
    asked: Asked,
    filter: &Filter,
) -> Vec<(Pair, &'a Dossier)> {
    let screening = lists.screen(query, &asked.settings);
    let mut pairs: Vec<(Pair, &Dossier)> = screening
        .alerts
        .into_iter()
        .flat_map(|alert| alert.pairs)
        .filter_map(|pair| {
            let record = lists.record_of(&pair)?;
            filter.wants(record).then_some((pair, record))
        })
        .collect();
    let order = |pair: &Pair| (pair.score.0, pair.strength.0);
    pairs.sort_by(|(a, _), (b, _)| {
        let ((a_score, a_bits), (b_score, b_bits)) = (order(a), order(b));
        b_score.total_cmp(&a_score).then(b_bits.total_cmp(&a_bits)).then(a.record.cmp(&b.record))
    });
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_utc() {
        let midnight: Timestamp = "2026-01-31T00:00:00Z".parse().unwrap();
        for text in ["2026-01-31", "2026-01-31T00:00:00", "2026-01-31T01:00:00+01:00"] {
            assert_eq!(moment(text), Some(midnight), "{text}");
        }
        for text in ["", "yesterday", "2026-13-01"] {
            assert_eq!(moment(text), None, "{text}");
        }
    }
}
