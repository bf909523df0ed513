//! What a notice must say before anybody may sign it. Every fault is found at once.

use super::{Category, FindingKind, Grounds, Heading, Notice, Part, SubjectRole, Substance};
use crate::approval::{Checks, SKEW_S};
use crate::faults::{Fault, Faults};
use crate::{PartyKind, Prose};
use portcullis_types::{Audience, Gateway};

/// For how long a notice holds, at most: two years. What is needed for longer is said anew.
const MOST_LASTS_S: u64 = 2 * 366 * 24 * 3600;

pub(super) fn heading(faults: &mut Faults, heading: &Heading, checks: &Checks<'_>) {
    let mut add = |field, remedy| faults.add(Fault::new(field, remedy));
    let replaces = heading.correction.as_ref().map(|correction| correction.replaces);
    if heading.version == 0 {
        add("version", "begin with 1");
    }
    if heading.version == 1 && replaces.is_some() {
        add("correction", "leave this out: version 1 corrects nothing");
    }
    if heading.version > 1 && replaces != heading.version.checked_sub(1) {
        add("correction", "say that this replaces the version before, and why");
    }
    if heading.gateway == Gateway::ToService {
        add("gateway", "choose the gateway through which your service discloses");
    }
    if heading.conduit.as_ref() == Some(&heading.originator) {
        add("conduit", "name another organisation, or none: what goes straight has no conduit");
    }
    if heading.distributor.as_ref() == Some(&heading.originator) {
        add("distributor", "name another organisation, or none");
    }
    if heading.written > checks.at.later(SKEW_S) {
        add("written", "check the clock: this was written in the future");
    }
    if heading.expires <= heading.written {
        add("expires", "choose a time to come");
    }
    if heading.expires > heading.written.later(MOST_LASTS_S) {
        add("expires", "choose a time within two years; what is needed for longer is said anew");
    }
    if heading.review <= heading.written || heading.review > heading.expires {
        add("review", "choose a time before it expires");
    }
    if heading.embargo.is_some_and(|embargo| embargo >= heading.expires) {
        add("embargo", "let the embargo end before the notice expires");
    }
    if heading.provision.is_none() && heading.purpose.needs_provision() {
        add("provision", "name the approved provision: employment or office is decided");
    }
    if let Some(provision) = &heading.provision {
        let cited = checks.register.cite(provision, heading, checks.at);
        if let Err(refused) = cited {
            add("provision", refused.remedy());
        }
    }
    faults.service(checks, "originator", &heading.originator);
}

pub(super) fn substance(faults: &mut Faults, heading: &Heading, part: &Part<Substance>) {
    let Substance { subjects, findings, donations, to_do, not_infer, changed, .. } = &part.content;
    let is_subject = |role: &SubjectRole| *role == SubjectRole::Subject;
    let organisations = &part.marking.label.organisations;
    let mut add = |field, remedy| faults.add(Fault::new(field, remedy));
    match (heading.category, organisations) {
        (Category::Warning, Audience::Only(these)) if these.len() == 1 => {}
        (Category::Warning, _) => add("organisations", "name the one organisation that is warned"),
        (Category::Alert, Audience::Only(these)) if these.len() < 2 => {
            add("organisations", "name at least two organisations, or make it a warning");
        }
        (Category::Briefing, Audience::Only(these)) if these.is_empty() => {
            add("organisations", "name who may have it");
        }
        (Category::Alert | Category::Briefing, _) => {}
    }
    if matches!(&part.marking.label.people, Audience::Only(these) if these.is_empty()) {
        add("people", "name who may read it, or everyone in those organisations");
    }
    if matches!(&part.marking.offices, Audience::Only(these) if these.is_empty()) {
        add("offices", "name the offices that may read it, or all of them");
    }
    if heading.category != Category::Briefing && !subjects.iter().any(|one| is_subject(&one.role)) {
        add("subjects", "name whom this is about");
    }
    for one in subjects {
        if one.names.is_empty() {
            add("subjects", "write at least one name for everybody who is named");
        }
        if one.kind == PartyKind::Body && one.birth_date.is_some() {
            add("subjects", "take the birth date away from what is not a person");
        }
    }
    if findings.is_empty() {
        add("findings", "say what is known or judged");
    }
    for finding in findings {
        if finding.text.is_empty() {
            add("findings", "write each thing out");
        }
        let words = (finding.probability.is_some(), finding.confidence.is_some());
        match (finding.kind, words) {
            (FindingKind::Assertion, (false, false)) | (FindingKind::Judgement, (true, true)) => {}
            (FindingKind::Assertion, _) => add(
                "findings",
                "take probability and confidence away from what is stated as a fact, or make it a judgement",
            ),
            (FindingKind::Judgement, _) => {
                add("findings", "give each judgement a probability and a confidence");
            }
        }
    }
    if let Some(scope) = donations {
        if scope.about.is_empty() {
            add("donations", "say which donations this is about, or leave them out");
        }
        if scope.not_about.is_empty() != scope.none_excepted.is_some() {
            add("donations", "say which donations this is not about, or that there are none");
        }
        let backwards = |from, until| matches!((from, until), (Some(a), Some(b)) if a > b);
        let all = scope.about.iter().chain(&scope.not_about);
        if all.into_iter().any(|one| backwards(one.from, one.until)) {
            add("donations", "let each time end after it begins");
        }
    }
    if to_do.is_empty() {
        add("to_do", "say what to do; where there is nothing, say so");
    }
    if not_infer.is_empty() {
        add("not_infer", "say what must not be concluded from this");
    }
    if changed.as_ref().is_some_and(Prose::is_empty) || (heading.version > 1) != changed.is_some() {
        add("changed", "say what changed since the version before; in version 1, leave it out");
    }
}

pub(super) fn tearline(faults: &mut Faults, notice: &Notice) {
    let Some(tearline) = &notice.tearline else { return };
    if tearline.content.text.is_empty() {
        faults.add(Fault::new("tearline", "write the words that may be read more widely"));
    }
    let (own, whole) = (&tearline.marking.label, &notice.substance.marking.label);
    if !own.is_within(whole) || own == whole {
        faults.add(Fault::new(
            "tearline",
            "mark it lower than the substance, and no stricter in anything",
        ));
    }
}

pub(super) fn grounds(faults: &mut Faults, grounds: &Grounds) {
    for (field, text, remedy) in [
        ("necessity", &grounds.necessity, "say why it must be told, for which function"),
        ("proportionality", &grounds.proportionality, "say why the good outweighs the harm"),
        ("collateral", &grounds.collateral, "say whom else it touches, or that it is nobody"),
        ("alternative", &grounds.alternative, "say which lesser step would not do, and why"),
    ] {
        if text.is_empty() {
            faults.add(Fault::new(field, remedy));
        }
    }
}
