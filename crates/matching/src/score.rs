//! Two prepared dossiers to one scored pair.

use crate::align::{self, Aligned, Finding, Span, Weighed};
use crate::evidence;
use crate::prepared::Prepared;
use crate::script::Script;
use crate::{MODEL, NORMALISER};
use portcullis_types::{
    Bits, Dossier, Evidence, Pair, Property, Protected, Reason, Score, Similarity, Versions,
};
use std::sync::{Arc, LazyLock};

/// The outcome of a comparison, without the texts.
#[derive(Debug, Clone)]
pub(crate) struct Compared {
    pub(crate) bits: f32,
    pub(crate) similarity: f32,
    findings: Vec<Finding>,
    /// Which names were compared, by their place among the prepared names.
    names: Option<(usize, usize)>,
}

/// Compares two dossiers; `None` when they cannot be the same kind of thing or share nothing that
/// could be compared.
pub(crate) fn compare(query: &Prepared, record: &Prepared) -> Option<Compared> {
    if !query.schema.may_be(record.schema) {
        return None;
    }
    let person = query.is_person() && record.is_person();
    let mut best: Option<(Aligned, (usize, usize))> = None;
    for (i, a) in query.names.iter().enumerate() {
        for (j, b) in record.names.iter().enumerate() {
            let apart = (a.name.script == Script::Latin && b.doubled)
                || (b.name.script == Script::Latin && a.doubled);
            if apart {
                continue;
            }
            let aligned = align::align(a, b, person);
            if best.as_ref().is_none_or(|(held, _)| aligned.bits > held.bits) {
                best = Some((aligned, (i, j)));
            }
        }
    }
    let (mut findings, similarity, names) = match best {
        Some((aligned, names)) => (aligned.findings, aligned.similarity, Some(names)),
        None => (Vec::new(), 0.0, None),
    };
    evidence::beside_names(query, record, &mut findings);
    if findings.is_empty() {
        return None;
    }
    let bits = findings.iter().map(|f| f.bits).sum();
    Some(Compared { bits, similarity, findings, names })
}

/// The probability that the evidence leaves, from the prior.
pub(crate) fn posterior(prior: Score, strength: f64) -> f64 {
    let prior = prior.0.clamp(1e-12, 1.0 - 1e-12);
    let log_odds = (prior / (1.0 - prior)).log2() + strength;
    1.0 / (1.0 + (-log_odds).exp2())
}

/// The strength from which the probability reaches a threshold.
pub(crate) fn strength_needed(prior: Score, threshold: Score) -> f64 {
    let odds = |p: f64| {
        let p = p.clamp(1e-12, 1.0 - 1e-12);
        (p / (1.0 - p)).log2()
    };
    odds(threshold.0) - odds(prior.0)
}

static NAMES_VERSION: LazyLock<Arc<str>> = LazyLock::new(|| Arc::from(NORMALISER));
static MODEL_VERSION: LazyLock<Arc<str>> = LazyLock::new(|| Arc::from(MODEL));

impl Compared {
    /// The pair with its reasons in words and values.
    pub(crate) fn into_pair(
        self,
        query: (&Dossier, &Prepared),
        record: (&Dossier, &Prepared),
        prior: Score,
    ) -> Pair {
        let names =
            self.names.and_then(|(i, j)| Some((query.1.names.get(i)?, record.1.names.get(j)?)));
        let reasons: Vec<Reason> = self
            .findings
            .iter()
            .map(|f| Reason {
                evidence: f.evidence,
                bits: Bits(f64::from(f.bits)),
                query_value: value(f, f.query, query.0, names.map(|n| n.0)),
                record_value: value(f, f.record, record.0, names.map(|n| n.1)),
            })
            .collect();
        let strength: f64 = reasons.iter().map(|r| r.bits.0).sum();
        Pair {
            query: query.0.id.clone(),
            record: record.0.id.clone(),
            similarity: Similarity(f64::from(self.similarity)),
            strength: Bits(strength),
            score: Score(posterior(prior, strength)),
            reasons,
            versions: Versions {
                source: record.0.origin.source.clone(),
                list_version: record.0.origin.version.clone(),
                normaliser: Arc::clone(&NAMES_VERSION),
                model: Arc::clone(&MODEL_VERSION),
            },
        }
    }
}

/// What a side has to show for a finding.
fn value(
    finding: &Finding,
    span: Span,
    dossier: &Dossier,
    name: Option<&Weighed>,
) -> Option<Protected> {
    let all = |properties: &[Property]| {
        let values: Vec<&str> = dossier
            .statements
            .iter()
            .filter(|s| properties.contains(&s.property))
            .map(|s| s.value.reveal())
            .collect();
        (!values.is_empty()).then(|| Protected::new(values.join(", ")))
    };
    match finding.evidence {
        Evidence::BirthDateAgrees | Evidence::BirthDateClose | Evidence::BirthDateDiffers => {
            all(&[Property::BirthDate])
        }
        Evidence::CountryAgrees | Evidence::CountryDiffers => all(&[
            Property::Nationality,
            Property::Country,
            Property::BirthCountry,
            Property::Jurisdiction,
        ]),
        Evidence::GenderDiffers => all(&[Property::Gender]),
        Evidence::IdentifierAgrees | Evidence::IdentifierDiffers => {
            let values: Vec<&str> = dossier
                .statements
                .iter()
                .filter(|s| s.property.is_identifier())
                .map(|s| s.value.reveal())
                .collect();
            (!values.is_empty()).then(|| Protected::new(values.join(", ")))
        }
        Evidence::NameOrder | Evidence::WeakAlias => {
            let statement = usize::try_from(name?.statement).ok()?;
            dossier.statements.get(statement).map(|s| s.value.clone())
        }
        Evidence::LegalFormDiffers => {
            let forms = &name?.name.forms;
            (!forms.is_empty()).then(|| Protected::new(forms.join(", ")))
        }
        _ => shown(name?, span),
    }
}

/// The parts of a span as a reader would want to see them.
fn shown(name: &Weighed, span: Span) -> Option<Protected> {
    if span.len == 0 {
        return None;
    }
    let words: Vec<String> = name
        .name
        .parts
        .iter()
        .skip(span.start)
        .take(span.len)
        .map(|part| match &part.native {
            Some(native) => format!("{native} ({})", part.text),
            None => part.text.to_string(),
        })
        .collect();
    Some(Protected::new(words.join(" ")))
}
