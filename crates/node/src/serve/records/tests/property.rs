//! Random worlds that differ only in what the reader may not read.

use super::node::{Node, label, lets, other, own, person, reader};
use super::script::{Deed, Sort, Step, What, decision_id, list_name, purpose, reference, take};
use super::talk::{Ask, Follower, Heard, ask, get, post};
use jiff::SignedDuration;
use portcullis_access::{Person, Scope, SignIn};
use portcullis_decide::Verdict;
use portcullis_testkit::{MockClock, SeededRng};
use portcullis_types::{Audience, Body, Clock as _, Label, Rng as _, Role};
use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Worlds of an ordinary run, in parts that run beside each other.
const WORLDS: u64 = 500;
const PARTS: u64 = 4;

/// What is drawn by chance.
struct Draw(SeededRng);

impl Draw {
    fn below(&mut self, most: u64) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        u64::from_le_bytes(bytes) % most
    }

    fn small(&mut self, most: u8) -> u8 {
        u8::try_from(self.below(u64::from(most))).unwrap()
    }

    fn in_ten(&mut self, times: u64) -> bool {
        self.below(10) < times
    }

    fn of<'t, T>(&mut self, these: &'t [T]) -> &'t T {
        &these[usize::try_from(self.below(these.len() as u64)).unwrap()]
    }
}

/// A pair of worlds, and who reads in them.
struct Worlds {
    reader: Person,
    seen: Vec<Step>,
    hidden: [Vec<Step>; 2],
}

fn any_label(draw: &mut Draw) -> Label {
    let mut compartments = Vec::new();
    for word in ["river", "stone", "wood"] {
        if draw.in_ten(3) {
            compartments.push(word);
        }
    }
    let mut label = label(draw.small(4), &compartments);
    if draw.in_ten(2) {
        label.handling = ["orcon".into()].into();
    }
    match draw.below(10) {
        0 => label.organisations = Audience::Only([own()].into()),
        1 => label.organisations = Audience::Only([other()].into()),
        2 => label.organisations = Audience::Only(BTreeSet::new()),
        _ => {}
    }
    match draw.below(8) {
        0 => label.parties = [own()].into(),
        1 => label.parties = [other()].into(),
        2 => label.parties = [own(), other()].into(),
        _ => {}
    }
    match draw.below(10) {
        0 => label.people = Audience::Only([person("r.reader")].into()),
        1 => label.people = Audience::Only([person("s.strangersson")].into()),
        2 => label.people = Audience::Only([person("r.reader"), person("s.strangersson")].into()),
        _ => {}
    }
    label
}

/// A label under which the reader reads, or one under which he doesn't.
fn label_for(draw: &mut Draw, reader: &Person, sort: Sort) -> Label {
    loop {
        let label =
            if sort == Sort::Seen && draw.in_ten(4) { Label::open() } else { any_label(draw) };
        if lets(&label, reader) == (sort == Sort::Seen) {
            return label;
        }
    }
}

impl Worlds {
    fn drawn(number: u64) -> Self {
        let mut draw = Draw(SeededRng::new(number));
        let roles: &[Role] = match draw.below(8) {
            0 => &[],
            1 => &[Role::Auditor],
            2 => &[Role::Officer, Role::Auditor],
            3 => &[Role::Administrator, Role::Operator],
            _ => &[Role::Officer],
        };
        let mut compartments = Vec::new();
        for word in ["river", "stone"] {
            if draw.in_ten(5) {
                compartments.push(word);
            }
        }
        let mut who = reader(roles, draw.small(3), &compartments);
        comes_in_another_way(&mut draw, &mut who);
        // At a party, or at a ministry, where some hold office in a party.
        (who.body, who.party) = match draw.below(6) {
            0 => (Body::Taskforce, None),
            1 => (Body::Taskforce, Some(other())),
            2 => (Body::Taskforce, Some(own())),
            _ => (who.body, None),
        };
        let mut seen = what_is_seen(&mut draw, &who);
        if draw.in_ten(2) {
            // All lists that there are, if any, are hidden.
            seen.retain(|step| !matches!(step.deed, Deed::Keep { .. }));
        }
        let one = hidden(&mut draw, &who, 1_000_000);
        let other = match draw.below(4) {
            // Something is gone, or nothing at all is hidden.
            0 => one.iter().skip(1).cloned().collect(),
            1 => Vec::new(),
            // Something more is there.
            2 => [one.clone(), hidden(&mut draw, &who, 2_000_000)].concat(),
            // Everything is another.
            _ => hidden(&mut draw, &who, 3_000_000),
        };
        let mut hidden = [one, other];
        for (at, what) in taken(&mut draw, &seen) {
            let label = label_for(&mut draw, &who, Sort::Hidden);
            let number = 4_000_000 + u64::try_from(at).unwrap();
            for (steps, is_erased) in hidden.iter_mut().zip([false, true]) {
                let deed = Deed::Take { what: what.clone(), label: label.clone(), is_erased };
                steps.push(Step { at, number, sort: Sort::Hidden, deed });
            }
        }
        Self { reader: who, seen, hidden }
    }

    /// All steps of one of the worlds, in their order.
    fn steps(&self, world: usize) -> Vec<Step> {
        let mut steps = [self.seen.clone(), self.hidden[world].clone()].concat();
        steps.sort_by_key(|step| step.at);
        steps
    }

    /// Every step that one of the worlds has.
    fn all(&self) -> impl Iterator<Item = &Step> {
        self.seen.iter().chain(&self.hidden[0]).chain(&self.hidden[1])
    }
}

/// Some show a token in place of a session, and some were let in for a time.
fn comes_in_another_way(draw: &mut Draw, who: &mut Person) {
    let day = SignedDuration::from_hours(24);
    let now = MockClock::default().now();
    if draw.in_ten(3) {
        let scopes = Scope::ALL.iter().copied().filter(|_| draw.in_ten(7)).collect();
        who.sign_in = SignIn::Token { scopes, until: now + day };
    }
    if draw.in_ten(2) {
        who.from = Some(now - day);
        // Of some, the time is over before they ask.
        who.until = Some(now + if draw.in_ten(3) { day / 1_000 } else { day });
    }
}

/// What the reader sees and is taken from him: in the one world it is raised above him, in the other
/// erased. A list goes last, with all that was made from it: it would not come back alike.
fn taken(draw: &mut Draw, seen: &[Step]) -> Vec<(i64, What)> {
    let mut pairs = Vec::new();
    let mut all = Vec::new();
    for step in seen {
        match &step.deed {
            Deed::Show { people, list, .. } => {
                pairs.extend(people.iter().map(|who| (*who, *list)));
            }
            Deed::Decide { .. } if draw.in_ten(3) => {
                all.push((step.at + 31, What::Decision { step: step.number }));
            }
            _ => {}
        }
        if !pairs.is_empty() && draw.in_ten(2) {
            let (who, list) = *draw.of(&pairs);
            all.push((step.at + 30, What::Pair { who, list }));
        }
    }
    let list = draw.small(2);
    let is_kept =
        seen.iter().any(|s| matches!(&s.deed, Deed::Keep { list: kept, .. } if *kept == list));
    if is_kept && draw.in_ten(3) {
        all.push((3_500, What::List(list)));
    }
    all
}

const VERDICTS: [Verdict; 3] = Verdict::ALL;

fn what_is_seen(draw: &mut Draw, reader: &Person) -> Vec<Step> {
    let mut deeds = Vec::new();
    let labels = [label_for(draw, reader, Sort::Seen), label_for(draw, reader, Sort::Seen)];
    for (list, label) in (0..).zip(&labels) {
        deeds.push(Deed::Keep { list, issue: 1, label: label.clone() });
    }
    let (mut pairs, mut decisions) = (Vec::new(), Vec::new());
    for _ in 0..4 + draw.below(5) {
        let deed = match draw.below(10) {
            0..4 => {
                let list = draw.small(2);
                let people: Vec<u8> = (0..=draw.small(3)).map(|_| draw.small(6)).collect();
                pairs.extend(people.iter().map(|who| (*who, list)));
                Deed::Show { people, list, label: label_for(draw, reader, Sort::Seen) }
            }
            4..7 if !pairs.is_empty() => {
                let (who, list) = *draw.of(&pairs);
                decisions.push(deeds.len() as u64 + 1);
                let verdict = *draw.of(&VERDICTS);
                Deed::Decide { who, list, verdict, label: Label::open() }
            }
            7 if !decisions.is_empty() => Deed::Undo { step: *draw.of(&decisions) },
            8 if !pairs.is_empty() => {
                let (who, list) = *draw.of(&pairs);
                let label = label_for(draw, reader, Sort::Seen);
                Deed::Relabel { what: What::Pair { who, list }, label }
            }
            9 if !pairs.is_empty() => {
                let (who, list) = *draw.of(&pairs);
                Deed::Erase { what: What::Pair { who, list } }
            }
            _ => {
                let list = draw.small(2);
                let label = labels[usize::from(list)].clone();
                Deed::Keep { list, issue: draw.small(9), label }
            }
        };
        deeds.push(deed);
    }
    let step = |(number, deed): (u64, Deed)| Step {
        at: i64::try_from(number).unwrap() * 60,
        number,
        sort: Sort::Seen,
        deed,
    };
    (1..).zip(deeds).map(step).collect()
}

fn hidden(draw: &mut Draw, reader: &Person, first: u64) -> Vec<Step> {
    let (mut steps, mut decisions, mut at) = (Vec::new(), Vec::new(), 1);
    let mut pairs = vec![(0, 0)];
    for number in first..first + 3 + draw.below(6) {
        let label = label_for(draw, reader, Sort::Hidden);
        // Of people and lists that the reader knows, and of others.
        let who = if draw.in_ten(5) { draw.small(6) } else { 50 + draw.small(4) };
        let list = if draw.in_ten(4) { draw.small(2) } else { 10 + draw.small(3) };
        let deed = match draw.below(10) {
            0 | 1 => Deed::Keep { list: 10 + draw.small(3), issue: draw.small(9), label },
            2 => Deed::Forget { list: 10 + draw.small(3) },
            3..6 => {
                let people: Vec<u8> =
                    [who].into_iter().chain(draw.in_ten(4).then_some(0)).collect();
                pairs.extend(people.iter().map(|who| (*who, list)));
                Deed::Show { people, list, label }
            }
            6 | 7 => {
                let (who, list) = *draw.of(&pairs);
                decisions.push(number);
                Deed::Decide { who, list, verdict: *draw.of(&VERDICTS), label }
            }
            8 => {
                let what = what(draw, &pairs, &decisions);
                Deed::Relabel { what, label }
            }
            _ => match decisions.last() {
                Some(step) if draw.in_ten(5) => Deed::Undo { step: *step },
                _ => Deed::Erase { what: thing(draw, &pairs, &decisions) },
            },
        };
        at += 1 + i64::try_from(draw.below(120)).unwrap();
        at += i64::from(at % 60 == 0);
        steps.push(Step { at, number, sort: Sort::Hidden, deed });
    }
    steps
}

fn what(draw: &mut Draw, pairs: &[(u8, u8)], decisions: &[u64]) -> What {
    if draw.in_ten(4) { What::List(10 + draw.small(3)) } else { thing(draw, pairs, decisions) }
}

fn thing(draw: &mut Draw, pairs: &[(u8, u8)], decisions: &[u64]) -> What {
    match decisions.last() {
        Some(step) if draw.in_ten(5) => What::Decision { step: *step },
        _ => {
            let (who, list) = *draw.of(pairs);
            What::Pair { who, list }
        }
    }
}

/// What the reader asks: what he may, and what he could guess of the rest.
fn asks(worlds: &Worlds) -> Vec<Ask> {
    let (mut pairs, mut decisions) = (BTreeSet::new(), BTreeSet::new());
    let mut lists = BTreeSet::from([0, 1, 10]);
    for step in worlds.all() {
        match &step.deed {
            Deed::Keep { list, .. } => drop(lists.insert(*list)),
            Deed::Show { people, list, .. } => {
                pairs.extend(people.iter().map(|who| (*who, *list)));
            }
            Deed::Decide { .. } => drop(decisions.insert(step.number)),
            _ => {}
        }
    }
    let mut asks = vec![
        get("/api/v1/alerts"),
        get("/api/v1/alerts").table(),
        get("/api/v1/decisions"),
        get("/api/v1/decisions").table(),
        get("/api/v1/lists"),
        get("/api/v1/counts"),
        get("/api/v1/alerts?limit=0"),
        get(format!("/api/v1/alerts?limit=2&after={}", "7f".repeat(40))),
        get("/api/v1/decisions?after=00"),
        get("/api/v1/decisions/no-id"),
        get("/catalog"),
        get("/readyz"),
        get("/manifest"),
        get("/reconcile/default"),
        post(
            "/screen?class=donor",
            r#"{"people":[{"schema":"Person","properties":{"name":["Orsolya Testwick 1"]}}]}"#,
        ),
    ];
    let base = asks.clone();
    let references: Vec<(String, &str)> = pairs
        .iter()
        .map(|(who, list)| (reference(*who, *list).to_string(), purpose(*who).code()))
        .collect();
    for (reference, _) in &references {
        asks.push(get(format!("/api/v1/alerts/{reference}")));
        asks.push(get(format!("/api/v1/history/alerts/{reference}")));
    }
    for number in &decisions {
        let id = decision_id(*number);
        asks.push(get(format!("/api/v1/decisions/{id}")));
        asks.push(get(format!("/api/v1/history/decisions/{id}")));
    }
    for list in &lists {
        let name = list_name(*list);
        asks.push(get(format!("/api/v1/lists/{name}")));
        asks.push(get(format!("/api/v1/history/lists/{name}")));
    }
    let queries =
        r#"{"queries":{"a":{"schema":"Person","properties":{"name":["Quillon Hiddensson"]}}}}"#;
    for list in ["list-10", "list-0", "default"] {
        asks.push(post(format!("/match/{list}"), queries));
        asks.push(get(format!("/search/{list}?q=hiddensson")));
    }
    asks.push(get("/entities/source-10-R1"));
    asks.extend(of_strangers().map(Ask::by_a_stranger));
    // Then what changes something, the latest steps first: those of hidden worlds among them.
    for (reference, purpose) in references.iter().rev().take(4).chain(references.first()) {
        let body = format!(
            r#"{{"reference":"{reference}","verdict":"not-same","reason":"born 1971, not 1958","purpose":"{purpose}"}}"#
        );
        asks.push(post("/api/v1/decisions", body));
    }
    for number in decisions.iter().rev().take(3).chain(decisions.first()) {
        let path = format!("/api/v1/decisions/{}/undo", decision_id(*number));
        for purpose in ["screen-donor", "screen-staff"] {
            let body = format!(r#"{{"reason":"wrong row","purpose":"{purpose}"}}"#);
            asks.push(post(path.clone(), body));
        }
    }
    asks.push(post("/api/v1/decisions", r#"{"reference":"x"}"#));
    asks.extend(base);
    asks
}

/// What somebody asks whom nobody knows.
fn of_strangers() -> impl Iterator<Item = Ask> {
    let paths = [
        "/catalog",
        "/manifest",
        "/search/default?q=hiddensson",
        "/entities/source-10-R1",
        "/reconcile/default",
        "/match/list-10",
        "/readyz",
        "/api/v1/lists",
    ];
    paths.into_iter().map(get)
}

/// All that the reader hears in one of the worlds.
async fn heard(node: &Node, worlds: &Worlds, world: usize) -> Vec<(String, Heard)> {
    let steps = worlds.steps(world);
    // Somebody follows from the middle of what he sees on.
    let from = worlds.seen.get(worlds.seen.len() / 2).map_or(0, |step| step.at);
    let (before, after) = steps.split_at(steps.partition_point(|step| step.at < from));
    for step in before {
        take(node, &worlds.reader, step);
    }
    let mut follower = Follower::attempt(node, &get("/api/v1/stream")).await;
    let (first, waited) = follower.next().await;
    let mut transcript = vec![told("first beat", &first, waited)];
    // The node has looked, and looks again after the next beat.
    tokio::time::sleep(Duration::from_millis(1)).await;
    for step in after {
        take(node, &worlds.reader, step);
    }
    node.at(3_600);
    for beat in ["second beat", "third beat"] {
        let (bytes, waited) = follower.next().await;
        transcript.push(told(beat, &bytes, waited));
    }
    drop(follower);
    // And somebody who was cut off after an event that he may not have been told of.
    if let Some(step) = worlds.all().last() {
        let cut = get("/api/v1/stream").with("last-event-id", decision_id(step.number).to_string());
        let mut follower = Follower::attempt(node, &cut).await;
        let (bytes, waited) = follower.next().await;
        transcript.push(told("after a guess", &bytes, waited));
    }
    node.look_at_lists().await;
    for one in asks(worlds) {
        let heard = ask(node, &one).await;
        transcript.push((format!("{one:?}"), heard));
    }
    for kind in ["alerts", "decisions"] {
        let mut next = Some(String::new());
        while let Some(after) = next {
            let page = get(format!("/api/v1/{kind}?limit=2{after}"));
            let heard = ask(node, &page).await;
            next = heard.json()["next"].as_str().map(|next| format!("&after={next}"));
            transcript.push((format!("{page:?}"), heard));
        }
    }
    transcript
}

fn told(name: &str, bytes: &[u8], waited: Duration) -> (String, Heard) {
    (name.to_owned(), Heard::of_beat(bytes, waited))
}

fn transcript(worlds: &Worlds, world: usize, blind: bool) -> Vec<(String, Heard)> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    let runtime = runtime.unwrap();
    let node = Node::new(&worlds.reader);
    node.state.records.sight.is_blind_to_labels.store(blind, Ordering::Relaxed);
    let transcript = runtime.block_on(heard(&node, worlds, world));
    drop(runtime);
    node.leave();
    transcript
}

/// What he hears first that tells the worlds apart.
fn difference(worlds: &Worlds, blind: bool) -> Option<String> {
    let (one, other) = (transcript(worlds, 0, blind), transcript(worlds, 1, blind));
    let differing = one.iter().zip(&other).find(|(one, other)| one != other);
    if differing.is_none() {
        assert_eq!(one.len(), other.len());
    }
    differing.map(|(one, other)| format!("{one:#?}\n{other:#?}"))
}

fn worlds_of_part(part: u64) -> impl Iterator<Item = u64> {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let worlds = number("PORTCULLIS_WORLDS").unwrap_or(WORLDS);
    let seed = number("PORTCULLIS_WORLDS_SEED").unwrap_or(1);
    (0..worlds).filter(move |world| world % PARTS == part).map(move |world| (seed << 32) + world)
}

fn nothing_tells_them_apart(part: u64) {
    for seed in worlds_of_part(part) {
        let worlds = Worlds::drawn(seed);
        if let Some(difference) = difference(&worlds, false) {
            panic!(
                "world {seed}: {difference}\n{:#?}\n{:#?}\n{:#?}",
                worlds.reader, worlds.seen, worlds.hidden
            );
        }
    }
}

// THREATS T-38
#[test]
fn worlds_that_differ_in_what_is_hidden_read_the_same_part_1() {
    nothing_tells_them_apart(0);
}

#[test]
fn worlds_that_differ_in_what_is_hidden_read_the_same_part_2() {
    nothing_tells_them_apart(1);
}

#[test]
fn worlds_that_differ_in_what_is_hidden_read_the_same_part_3() {
    nothing_tells_them_apart(2);
}

#[test]
fn worlds_that_differ_in_what_is_hidden_read_the_same_part_4() {
    nothing_tells_them_apart(3);
}

/// An officer who reads something, of whom the property says something.
fn with_an_officer(seed: u64) -> Worlds {
    let drawn = (seed..).map(Worlds::drawn);
    let mut fit = drawn.filter(|worlds| {
        let reader = &worlds.reader;
        let is_signed_in = matches!(reader.sign_in, SignIn::Session { .. });
        reader.roles.contains(&Role::Officer) && is_signed_in && reader.until.is_none()
    });
    fit.next().unwrap()
}

#[test]
fn worlds_that_differ_in_what_is_read_do_not_read_the_same() {
    for seed in 1..=10 {
        let mut worlds = with_an_officer(seed * 100);
        let hidden = worlds.hidden[0].clone();
        let extra = Step {
            at: 3_000,
            number: 9_000_000,
            sort: Sort::Seen,
            // Of a list that nobody raises.
            deed: Deed::Show { people: vec![7], list: 20, label: Label::open() },
        };
        worlds.hidden = [hidden.clone(), [hidden, vec![extra]].concat()];
        assert!(difference(&worlds, false).is_some(), "world {seed}");
    }
}

#[test]
fn a_node_that_leaves_nothing_out_is_noticed() {
    let noticed = (1..=10).filter(|seed| difference(&with_an_officer(seed * 100), true).is_some());
    // Of a few pairs of worlds, what differs was erased or never came to be.
    assert!(noticed.count() >= 8);
}
