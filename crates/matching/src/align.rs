//! Two names, part against part.

use crate::model;
use crate::names::Name;
use crate::part::{Kind, Part};
use crate::script::Script;
use crate::sound::{self, Meeting};
use crate::spelling;
use portcullis_types::Evidence;

/// A name with the rarity of each part.
#[derive(Debug, Clone)]
pub(crate) struct Weighed {
    pub(crate) name: Name,
    /// Bits, one for each part.
    pub(crate) rarities: Vec<f32>,
    /// Whether the publisher calls it weak.
    pub(crate) weak: bool,
    /// Whether the dossier also has this name in Latin letters, from somebody who knew how to read it:
    /// names in Latin letters are then compared with that one.
    pub(crate) doubled: bool,
    /// Where the name stands among the statements of its dossier.
    pub(crate) statement: u32,
}

/// One finding of a comparison: what, how much, and which parts of either side.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Finding {
    pub(crate) evidence: Evidence,
    pub(crate) bits: f32,
    /// What this finding says when everything else about the names is taken to go together; `None`
    /// for what does not tell relations apart.
    pub(crate) alone: Option<f32>,
    pub(crate) query: Span,
    pub(crate) record: Span,
}

impl Finding {
    /// A finding about the whole, not about a part of a name.
    pub(crate) fn whole(evidence: Evidence, bits: f32) -> Self {
        Self { evidence, bits, alone: None, query: Span::default(), record: Span::default() }
    }
}

/// Neighbouring parts of a name; empty when the side has nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) len: usize,
}

impl Span {
    fn one(start: usize) -> Self {
        Self { start, len: 1 }
    }
}

/// Two names compared.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Aligned {
    pub(crate) bits: f32,
    pub(crate) similarity: f32,
    pub(crate) findings: Vec<Finding>,
}

/// How two parts are to be compared. A Chinese name against a Latin word that is itself a Chinese
/// reading is compared letter by letter, not as a foreign name spelt by syllables.
pub(crate) fn meeting(a: &Part, b: &Part) -> Meeting {
    match (a.script, b.script) {
        (Script::Han, Script::Latin) if b.pinyin => Meeting::Alphabets,
        (Script::Latin, Script::Han) if a.pinyin => Meeting::Alphabets,
        (x, y) => Meeting::of(x, y),
    }
}

/// How alike two parts are, from 0 to 1; 0 when clearly different.
pub(crate) fn part_likeness(a: &Part, b: &Part) -> f32 {
    if a.kind == Kind::Number || b.kind == Kind::Number {
        return if a.text == b.text { 1.0 } else { 0.0 };
    }
    let meeting = meeting(a, b);
    if a.text == b.text {
        return 1.0;
    }
    // The classes of consonants that only one side has: no likely pair differs in four.
    if (a.mask ^ b.mask).count_ones() > 3 {
        return 0.0;
    }
    let floor = model::floor(meeting);
    if meeting == Meeting::Latin {
        if a.groups.iter().any(|group| b.groups.contains(group)) {
            return 0.9;
        }
        // Every letter that only one side has takes half an edit, every letter more a whole one.
        let (long, short) = (a.text.len().max(b.text.len()), a.text.len().min(b.text.len()));
        let only_one = usize::try_from((a.letters ^ b.letters).count_ones()).unwrap_or(0);
        let edits = only_one.div_ceil(2).max(long - short);
        #[expect(clippy::cast_precision_loss, reason = "words are short")]
        let seen_most = 1.0 - edits as f32 / long as f32;
        let heard_least = 2.0 * floor - seen_most;
        if heard_least > 1.0 {
            return 0.0;
        }
        let (x, y) = (a.text.as_bytes(), b.text.as_bytes());
        let mut heard = None;
        if seen_most < floor {
            let likeness = sound::likeness(&a.sounds, &b.sounds, meeting, heard_least);
            if likeness < heard_least {
                return 0.0;
            }
            heard = Some(likeness);
        }
        let seen = spelling::likeness(x, y);
        if seen < model::SWAPPED && spelling::neighbours_swapped(x, y) {
            return model::SWAPPED;
        }
        let heard = heard.unwrap_or_else(|| {
            sound::likeness(&a.sounds, &b.sounds, meeting, (2.0 * floor - seen).min(1.0))
        });
        seen.max(0.5 * seen + 0.5 * heard)
    } else {
        sound::likeness(&a.sounds, &b.sounds, meeting, floor)
    }
}

struct Link {
    query: Span,
    record: Span,
    likeness: f32,
    bits: f32,
    alone: Option<f32>,
    evidence: Evidence,
}

/// Compares two names of persons, or two of bodies.
pub(crate) fn align(query: &Weighed, record: &Weighed, person: bool) -> Aligned {
    let (a, b) = (&query.name.parts, &record.name.parts);
    let mut links = possible_links(query, record, person);
    links.sort_by(|x, y| y.bits.total_cmp(&x.bits));
    let (mut used_a, mut used_b) = (0_u32, 0_u32);
    let mut chosen: Vec<Link> = Vec::with_capacity(a.len().min(b.len()));
    for link in links {
        let (in_a, in_b) = (bits_of(link.query), bits_of(link.record));
        if used_a & in_a == 0 && used_b & in_b == 0 {
            used_a |= in_a;
            used_b |= in_b;
            chosen.push(link);
        }
    }
    let left = |parts: &[Part], used: u32| -> Vec<usize> {
        (0..parts.len()).filter(|i| used & (1 << i) == 0).collect()
    };
    let (mut rest_a, mut rest_b) = (left(a, used_a), left(b, used_b));
    if person {
        initials(query, record, &mut rest_a, &mut rest_b, &mut chosen);
    }
    chosen.sort_by_key(|l| l.query.start);

    let mut findings: Vec<Finding> = chosen
        .iter()
        .map(|l| Finding {
            evidence: l.evidence,
            bits: l.bits,
            alone: l.alone,
            query: l.query,
            record: l.record,
        })
        .collect();
    if person {
        person_remainder(query, record, &rest_a, &rest_b, &mut findings);
        related(&mut findings, model::RELATED_PERSON);
        if out_of_order(query, record, &chosen) {
            findings.push(Finding::whole(Evidence::NameOrder, model::ORDER));
        }
    } else {
        body_remainder(query, record, &rest_a, &rest_b, &mut findings);
        related(&mut findings, model::RELATED_BODY);
        if findings
            .iter()
            .all(|f| matches!(f.evidence, Evidence::NamePartAgrees | Evidence::RelatedNames))
        {
            findings.push(Finding::whole(Evidence::WholeNameAgrees, model::BODY_WHOLE));
        }
        let (f, g) = (&query.name.forms, &record.name.forms);
        if !f.is_empty() && !g.is_empty() && !f.iter().any(|form| g.contains(form)) {
            findings.push(Finding::whole(Evidence::LegalFormDiffers, model::FORM_DIFFERS));
        }
    }
    if record.weak || query.weak {
        findings.push(Finding::whole(Evidence::WeakAlias, model::WEAK_ALIAS));
    }
    Aligned {
        bits: findings.iter().map(|f| f.bits).sum(),
        similarity: similarity(query, record, &chosen),
        findings,
    }
}

/// Weighs the other explanation of agreeing names: not chance, but relation. Relatives share all
/// parts but one, sister companies all words but one; so the names together can say little more than
/// the part that agrees least.
fn related(findings: &mut Vec<Finding>, rate: f32) {
    // What one side lacks weighs the same under either explanation.
    let by_chance: f32 =
        findings.iter().filter(|f| f.evidence != Evidence::NamePartMissing).map(|f| f.bits).sum();
    let by_relation: f32 =
        findings.iter().filter_map(|f| f.alone).map(|b| (-(rate + b)).exp2()).sum();
    let bits = -((-by_chance).exp2() + by_relation).log2();
    if bits.is_finite() && by_chance - bits >= 0.05 {
        findings.push(Finding::whole(Evidence::RelatedNames, bits - by_chance));
    }
}

fn bits_of(span: Span) -> u32 {
    ((1_u32 << span.len) - 1) << span.start
}

fn possible_links(query: &Weighed, record: &Weighed, person: bool) -> Vec<Link> {
    let (a, b) = (&query.name.parts, &record.name.parts);
    let mut links = Vec::with_capacity(a.len() + b.len());
    let rarity = |w: &Weighed, span: Span| -> f32 {
        w.rarities.iter().skip(span.start).take(span.len).sum()
    };
    let mut consider = |x: &Part, y: &Part, qs: Span, rs: Span, least: f32| {
        let meeting = meeting(x, y);
        let likeness = part_likeness(x, y);
        if likeness < model::floor(meeting).max(least) {
            return;
        }
        let exact = likeness >= model::EXACT;
        let bits = model::agreement(rarity(query, qs), rarity(record, rs), likeness, meeting);
        let worst = if person { model::PERSON_DIFFERS } else { -1.0 };
        let bits = bits.max(worst + 1.0);
        let evidence = if exact { Evidence::NamePartAgrees } else { Evidence::NamePartAlike };
        let alone = Some(bits - model::within_a_people(likeness, meeting));
        links.push(Link { query: qs, record: rs, likeness, bits, alone, evidence });
    };
    for (i, x) in a.iter().enumerate() {
        for (j, y) in b.iter().enumerate() {
            match (x.kind, y.kind) {
                (Kind::Initial, _) | (_, Kind::Initial) if person => {}
                _ => consider(x, y, Span::one(i), Span::one(j), 0.0),
            }
        }
    }
    // Two parts of one side written as one on the other.
    if a.len() > 1 || b.len() > 1 {
        for (pairs, singles, query_side) in [(a, b, true), (b, a, false)] {
            for (i, pair) in pairs.windows(2).enumerate() {
                let [first, second] = pair else { continue };
                let length = first.sounds.len() + second.sounds.len();
                for (j, single) in singles.iter().enumerate() {
                    let other = single.sounds.len();
                    let near = length <= other + other / 2 + 1 && other <= length + length / 2 + 1;
                    if !near
                        || other < 4
                        || (first.mask | second.mask) ^ single.mask != 0
                            && ((first.mask | second.mask) ^ single.mask).count_ones() > 1
                    {
                        continue;
                    }
                    let joined = first.join(second);
                    let (two, one) = (Span { start: i, len: 2 }, Span::one(j));
                    if query_side {
                        consider(
                            &joined,
                            single,
                            two,
                            one,
                            model::joined(meeting(&joined, single)),
                        );
                    } else {
                        consider(
                            single,
                            &joined,
                            one,
                            two,
                            model::joined(meeting(&joined, single)),
                        );
                    }
                }
            }
        }
    }
    acronyms(a, b, &mut links, false, person);
    acronyms(b, a, &mut links, true, person);
    links
}

/// Initials that fit what is left on the other side, once full words have contradicted each other.
fn initials(
    query: &Weighed,
    record: &Weighed,
    rest_a: &mut Vec<usize>,
    rest_b: &mut Vec<usize>,
    chosen: &mut Vec<Link>,
) {
    let is_initial =
        |w: &Weighed, i: usize| w.name.parts.get(i).is_some_and(|p| p.kind == Kind::Initial);
    let full = |w: &Weighed, rest: &[usize]| rest.iter().filter(|i| !is_initial(w, **i)).count();
    // Words that contradict each other are not there for an initial to stand for.
    let mut spare_a = full(query, rest_a).saturating_sub(full(record, rest_b));
    let mut spare_b = full(record, rest_b).saturating_sub(full(query, rest_a));
    let first = |w: &Weighed, i: usize| {
        w.name.parts.get(i).and_then(|p| p.text.as_bytes().first().copied())
    };
    let mut index = 0;
    while let Some(i) = rest_a.get(index).copied() {
        let found = rest_b.iter().position(|j| {
            let fits = first(query, i).is_some() && first(query, i) == first(record, *j);
            fits && match (is_initial(query, i), is_initial(record, *j)) {
                (true, true) => true,
                (true, false) => spare_b > 0,
                (false, true) => spare_a > 0,
                (false, false) => false,
            }
        });
        let Some(place) = found else {
            index += 1;
            continue;
        };
        let j = rest_b.remove(place);
        rest_a.remove(index);
        if !is_initial(record, j) {
            spare_b -= 1;
        }
        if !is_initial(query, i) {
            spare_a -= 1;
        }
        chosen.push(Link {
            query: Span::one(i),
            record: Span::one(j),
            likeness: 0.8,
            bits: model::INITIAL_FITS,
            alone: None,
            evidence: Evidence::Initial,
        });
    }
}

/// A word of one side that the initials of neighbouring words of the other side spell.
fn acronyms(short: &[Part], long: &[Part], links: &mut Vec<Link>, swapped: bool, person: bool) {
    let lengths = if person { 2..=2 } else { 3..=6 };
    let bits = if person { 2.0 * model::INITIAL_FITS } else { model::ACRONYM };
    for (i, part) in short.iter().enumerate() {
        let length = part.text.len();
        if !lengths.contains(&length) || long.len() < length {
            continue;
        }
        for (j, run) in long.windows(length).enumerate() {
            let spelt = run.iter().zip(part.text.bytes()).all(|(word, letter)| {
                word.text.len() > 1 && word.text.as_bytes().first() == Some(&letter)
            });
            if spelt {
                let (one, many) = (Span::one(i), Span { start: j, len: length });
                let (query, record) = if swapped { (many, one) } else { (one, many) };
                links.push(Link {
                    query,
                    record,
                    likeness: 0.8,
                    bits,
                    alone: None,
                    evidence: Evidence::NamePartAlike,
                });
            }
        }
    }
}

fn person_remainder(
    query: &Weighed,
    record: &Weighed,
    rest_a: &[usize],
    rest_b: &[usize],
    findings: &mut Vec<Finding>,
) {
    let both = rest_a.len().min(rest_b.len());
    for (i, j) in rest_a.iter().zip(rest_b) {
        findings.push(Finding {
            evidence: Evidence::NamePartDiffers,
            bits: model::PERSON_DIFFERS,
            alone: Some(model::PERSON_DIFFERS),
            query: Span::one(*i),
            record: Span::one(*j),
        });
    }
    for i in rest_a.iter().skip(both) {
        findings.push(Finding {
            evidence: Evidence::NamePartMissing,
            bits: model::PERSON_MISSING,
            alone: None,
            query: Span::one(*i),
            record: Span::default(),
        });
    }
    for j in rest_b.iter().skip(both) {
        findings.push(Finding {
            evidence: Evidence::NamePartMissing,
            bits: model::PERSON_MISSING,
            alone: None,
            query: Span::default(),
            record: Span::one(*j),
        });
    }
    let (n, m) = (query.name.parts.len(), record.name.parts.len());
    if n.min(m) == 1 && n.max(m) > 1 {
        findings.push(Finding::whole(Evidence::NamePartMissing, model::PERSON_SINGLE));
    }
}

fn body_remainder(
    query: &Weighed,
    record: &Weighed,
    rest_a: &[usize],
    rest_b: &[usize],
    findings: &mut Vec<Finding>,
) {
    let rarity = |w: &Weighed, i: usize| w.rarities.get(i).copied().unwrap_or(0.0);
    let number =
        |w: &Weighed, i: usize| w.name.parts.get(i).is_some_and(|p| p.kind == Kind::Number);
    let missing = |w: &Weighed, i: usize| {
        if number(w, i) { model::NUMBER_MISSING } else { model::BODY_MISSING * rarity(w, i) }
    };
    let alone_missing =
        |w: &Weighed, i: usize| missing(w, i) + if number(w, i) { 0.0 } else { model::BODY_EXTRA };
    // The rarest words that are left on both sides contradict one another.
    let ranked = |w: &Weighed, rest: &[usize]| {
        let mut rest = rest.to_vec();
        rest.sort_by(|x, y| rarity(w, *y).total_cmp(&rarity(w, *x)));
        rest
    };
    let (rest_a, rest_b) = (ranked(query, rest_a), ranked(record, rest_b));
    let both = rest_a.len().min(rest_b.len());
    for (i, j) in rest_a.iter().zip(&rest_b) {
        let (evidence, bits) = if number(query, *i) && number(record, *j) {
            (Evidence::NumberDiffers, model::NUMBER_DIFFERS)
        } else {
            let rare = rarity(query, *i).min(rarity(record, *j));
            (
                Evidence::NamePartDiffers,
                (model::BODY_DIFFERS * rare - 0.5).max(model::BODY_DIFFERS_MOST),
            )
        };
        findings.push(Finding {
            evidence,
            bits,
            alone: Some(bits),
            query: Span::one(*i),
            record: Span::one(*j),
        });
    }
    for i in rest_a.iter().skip(both) {
        findings.push(Finding {
            evidence: Evidence::NamePartMissing,
            bits: missing(query, *i),
            alone: Some(alone_missing(query, *i)),
            query: Span::one(*i),
            record: Span::default(),
        });
    }
    for j in rest_b.iter().skip(both) {
        findings.push(Finding {
            evidence: Evidence::NamePartMissing,
            bits: missing(record, *j),
            alone: Some(alone_missing(record, *j)),
            query: Span::default(),
            record: Span::one(*j),
        });
    }
}

/// Whether the parts that agree stand crosswise although one side's order means something.
fn out_of_order(query: &Weighed, record: &Weighed, chosen: &[Link]) -> bool {
    if !(query.name.ordered && record.name.ordered) {
        return false;
    }
    let alike: Vec<&Link> =
        chosen.iter().filter(|l| l.evidence != Evidence::Initial).take(2).collect();
    match alike.as_slice() {
        [first, second] => second.record.start < first.record.start,
        _ => false,
    }
}

/// Likeness of the names as wholes: agreeing parts over all parts, each weighed by its rarity.
fn similarity(query: &Weighed, record: &Weighed, chosen: &[Link]) -> f32 {
    let total = |w: &Weighed| w.rarities.iter().map(|r| r.max(1.0)).sum::<f32>();
    let share = |w: &Weighed, span: Span| {
        w.rarities.iter().skip(span.start).take(span.len).map(|r| r.max(1.0)).sum::<f32>()
    };
    let agreed: f32 =
        chosen.iter().map(|l| l.likeness * (share(query, l.query) + share(record, l.record))).sum();
    (agreed / (total(query) + total(record)).max(1.0)).clamp(0.0, 1.0)
}
