//! Screening: people against the lists that the asker may screen against. What is raised is kept, so
//! that it can be decided on.

mod memory;

pub(crate) use memory::Memories;

use super::asker::Asking;
use super::extract::{Options, json};
use super::indexes::{self, Usable};
use super::problem::{Answer, Problem, Refusals};
use super::state::State;
use crate::decisions::organisation;
use crate::environment::SystemRng;
use crate::report::Report;
use crate::report::json::JsonReport;
use crate::screen::engine::Engine;
use crate::screen::finding::{Alert, Finding, Heading, Subject};
use crate::screen::people::subject;
use axum::body::Bytes;
use axum::extract;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use portcullis_access::Act;
use portcullis_decide::{RaisedPair, raise};
use portcullis_ingest::people::{
    ColumnMap, DateOrder, PeopleFormat, PeopleOptions, PersonItem, read_people,
};
use portcullis_ingest::{ReadContext, SetAside};
use portcullis_matching::Settings;
use portcullis_store::{StoreError, TransactionName, Visible};
use portcullis_types::{Label, PopulationClass, Purpose, Score, SourceId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// People of one request, at most.
const MAX_PEOPLE: usize = 10_000;

/// People that one thread screens before others get their turn.
const SLICE: usize = 16;

pub(super) fn routes() -> OpenApiRouter<Arc<State>> {
    OpenApiRouter::new().routes(routes!(screen))
}

/// People to screen.
#[derive(Debug, Deserialize, ToSchema)]
struct ScreenRequest {
    /// Entities in the form of `FollowTheMoney`, as `/match` takes them, each with an `id` if it has one.
    #[schema(value_type = Vec<Object>, max_items = 10_000)]
    people: Vec<Value>,
}

/// What screening found.
#[derive(Debug, Serialize, ToSchema)]
struct ScreenResponse {
    /// One for each person, in their order: as `portcullis screen --format jsonl` writes it.
    #[schema(value_type = Vec<Object>)]
    results: Vec<Value>,
    /// Rows that could not be read. Where there are any, silence is no all-clear.
    set_aside: Vec<NotRead>,
    /// How many people were screened.
    people: usize,
    /// How many alerts were raised.
    alerts: usize,
}

/// A row that could not be read.
#[derive(Debug, Serialize, ToSchema)]
struct NotRead {
    /// Counted from 1.
    row: u64,
    /// Why.
    reason: String,
}

/// How people are screened.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "names the options for the description alone; they are read one by one"
)]
struct ScreenOptions {
    /// Who the people are, because the law differs
    #[param(example = "donor", pattern = "^(donor|candidate|staff|associate)$")]
    class: String,
    /// Only this list; may be repeated [default: all that you may screen against]. How rare a name is
    /// counts over all of them, all the same
    list: Option<Vec<String>>,
    /// Raise an alert from this score up [default: 0.5]
    #[param(minimum = 0.0, maximum = 1.0)]
    threshold: Option<f64>,
}

/// Screen people
///
/// Takes a table as CSV, with a row of headings, or JSON. Whoever may be somebody listed gets an alert
/// with a reference, under which an officer decides. What was decided before and still stands is not
/// raised again, as far as whoever asks, or stands behind the token, may know of it.
#[utoipa::path(
    post, path = "/screen", tag = "screening", params(ScreenOptions),
    request_body(content(
        (ScreenRequest = "application/json", example = json!({"people": [{"id": "1", "schema": "Person", "properties": {"name": ["Orsolya Testwick"]}}]})),
        (String = "text/csv", example = "Name,Date of birth\nOrsolya Testwick,1958-03-04\n"),
    )),
    responses((status = 200, body = ScreenResponse, description = "What was found"), Refusals),
)]
async fn screen(
    extract::State(state): extract::State<Arc<State>>,
    asking: Asking,
    options: Options,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<impl IntoResponse> {
    asking.person()?;
    let class = options
        .one("class", "donor, candidate, staff or associate", |class: &Class| class.0.is_some())?
        .and_then(|class| class.0)
        .ok_or_else(|| {
            Problem::malformed("say who the people are with `class`: the law differs")
        })?;
    let share = |n: &f64| (0.0..=1.0).contains(n);
    let threshold = options.one("threshold", "a number from 0 to 1", share)?;
    let default = Settings::default();
    let settings = Settings { threshold: threshold.map_or(default.threshold, Score), ..default };
    let purpose = Purpose::from(class);
    let lists = lists(&state, &asking, &options, purpose).await?;
    let (people, set_aside) = people(&state, &headers, &body, class)?;
    // Whatever becomes of a list while people are screened against it, what was found bears at least
    // what it bore at the beginning.
    let labels = lists.labels();
    let index = state.indexes.over(&state, &lists).await?;
    let memory = Some(memory::memory(&state, &asking).await?);
    let heading = Heading {
        file: String::new(),
        class: Some(class),
        lists: index.infos.clone(),
        since: None,
        settings,
        at: state.clock.now(),
        explain: true,
        marking: String::new(),
    };
    let engine = Arc::new(Engine { lists: index, before: None, memory, settings });
    let count = people.len();
    let mut findings = Vec::new();
    let mut waiting = people.into_iter();
    loop {
        let slice: Vec<Subject> = waiting.by_ref().take(SLICE).collect();
        if slice.is_empty() {
            break;
        }
        let engine = Arc::clone(&engine);
        let screened = move || slice.into_iter().map(|s| engine.screen(s)).collect::<Vec<_>>();
        findings.extend(state.workers.run(screened).await?);
    }
    let findings = keep(&state, purpose, labels, findings).await?;
    let alerts = findings.iter().map(|finding| finding.alerts.len()).sum();
    let results = state.workers.run(move || written(&findings, &heading)).await??;
    let answer = ScreenResponse {
        results,
        set_aside: set_aside
            .into_iter()
            .map(|row| NotRead { row: row.line, reason: row.reason })
            .collect(),
        people: count,
        alerts,
    };
    Ok(axum::Json(answer))
}

/// A class, or a word that is none.
struct Class(Option<PopulationClass>);

impl std::str::FromStr for Class {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(PopulationClass::from_code(text)))
    }
}

/// The lists asked for, of those that the asker may screen against for this purpose. One that is not
/// there refuses all: else nobody would notice that it was not screened against.
async fn lists(
    state: &State,
    asking: &Asking,
    options: &Options,
    purpose: Purpose,
) -> Answer<Usable> {
    let usable = indexes::usable_now(state, asking, Act::Screen.for_purpose(purpose)).await?;
    let asked: Vec<&str> = options.texts("list").collect();
    let is_there = |name: &str| usable.lists().any(|list| list.name.as_str() == name);
    if !asked.iter().all(|name| is_there(name)) {
        return Err(Problem::absent());
    }
    usable.filtered(|list| asked.is_empty() || asked.contains(&list.name.as_str()))
}

fn people(
    state: &State,
    headers: &HeaderMap,
    body: &[u8],
    class: PopulationClass,
) -> Answer<(Vec<Subject>, Vec<SetAside>)> {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let (format, bytes) = match kind.as_str() {
        "text/csv" => (PeopleFormat::Csv, body.to_vec()),
        "application/json" => {
            let request: ScreenRequest = json(body)?;
            let lines: Vec<String> = request.people.iter().map(Value::to_string).collect();
            (PeopleFormat::FollowTheMoney, lines.join("\n").into_bytes())
        }
        _ => {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "send text/csv or application/json, and say so in Content-Type",
            ));
        }
    };
    let id = |_| Problem::internal();
    let options = PeopleOptions {
        class,
        map: ColumnMap::default(),
        context: ReadContext {
            source: "people".parse().map_err(id)?,
            version: "own".parse().map_err(id)?,
            recorded_at: state.clock.now(),
            controller: organisation(),
        },
        format: Some(format),
        date_order: DateOrder::DayMonthYear,
    };
    let (mut people, mut set_aside) = (Vec::new(), Vec::new());
    let mut is_too_much = false;
    read_people("people", bytes.as_slice(), &options, &mut |item| match item {
        _ if people.len() + set_aside.len() >= MAX_PEOPLE => is_too_much = true,
        PersonItem::Person(row) => people.push(subject(*row, true)),
        PersonItem::SetAside(row) => set_aside.push(row),
        PersonItem::Warning(_) => {}
    })
    .map_err(|error| Problem::malformed(error.to_string()))?;
    if is_too_much {
        return Err(Problem::malformed(format!("send at most {MAX_PEOPLE} people at once")));
    }
    if people.is_empty() && set_aside.is_empty() {
        return Err(Problem::malformed("nobody is named; send at least one person"));
    }
    Ok((people, set_aside))
}

/// Keeps what was raised, so that its references can be decided on; each label in a change of its own.
async fn keep(
    state: &Arc<State>,
    purpose: Purpose,
    labels: BTreeMap<SourceId, Label>,
    findings: Vec<Finding>,
) -> Answer<Vec<Finding>> {
    let mut raised: BTreeMap<SourceId, Vec<RaisedPair>> = BTreeMap::new();
    for finding in &findings {
        let query = &finding.subject.dossier;
        for record in finding.alerts.iter().flat_map(Alert::records) {
            let pair =
                RaisedPair::of(organisation(), purpose, query, &record.dossier, record.pair.score);
            raised.entry(record.dossier.origin.source.clone()).or_default().push(pair);
        }
    }
    if raised.is_empty() {
        return Ok(findings);
    }
    let shared = Arc::clone(state);
    let kept = state.store.with(move |store| {
        let clock = shared.clock.as_ref();
        // It is written what is shown; what each pair bears follows from its list.
        store.decide(&Visible::all(), TransactionName("screening.raise"), |writer| {
            let mut by_label: Vec<(Label, Vec<RaisedPair>)> = Vec::new();
            for (source, pairs) in &raised {
                let label = writer.source_label(&organisation(), source)?;
                let label = labels.get(source).unwrap_or(&label).join(&label);
                match by_label.iter_mut().find(|(other, _)| *other == label) {
                    Some((_, others)) => others.extend(pairs.iter().cloned()),
                    None => by_label.push((label, pairs.clone())),
                }
            }
            for (label, pairs) in by_label {
                let change = raise(clock, &mut SystemRng, organisation(), purpose, pairs);
                // The clock stands outside the years that events can have.
                let Ok(change) = change else { return Ok(false) };
                writer.show(&change.labelled(&label))?;
            }
            Ok::<_, StoreError>(true)
        })
    });
    if kept.await?? { Ok(findings) } else { Err(Problem::internal()) }
}

/// As `portcullis screen --format jsonl` writes it.
fn written(findings: &[Finding], heading: &Heading) -> Answer<Vec<Value>> {
    let mut lines = Vec::new();
    let mut report = JsonReport::new(&mut lines, heading.clone(), PeopleFormat::FollowTheMoney);
    for finding in findings {
        report.person(finding).map_err(|_| Problem::internal())?;
    }
    drop(report);
    let lines = lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(serde_json::from_slice).collect::<Result<_, _>>().map_err(|_| Problem::internal())
}

#[cfg(test)]
mod tests;
