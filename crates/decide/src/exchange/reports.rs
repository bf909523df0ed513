//! Reports: somebody tells a service of an approach or a doubt. Nobody is compelled to (Counter-Terrorism
//! Act 2008 s.19(1)), and an officer answers for each.

use super::telling::Telling;
use super::{ActError, Acting, kept};
use crate::{Change, RecordKind, StatedReason};
use portcullis_share::{Report, ReportId, ReportKind};
use portcullis_types::{
    Clock, Detail, EventError, EventTime, JobName, OfficerId, OrganisationId, Purpose, Rng,
};
use serde::{Deserialize, Serialize};

/// A report that was sent. What it says is kept beside it, sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SentReport {
    /// Its id, drawn at random.
    #[serde(with = "kept::text")]
    pub id: ReportId,
    /// Of what kind.
    #[serde(with = "kept::report_kind")]
    pub kind: ReportKind,
    /// Who reports.
    pub organisation: OrganisationId,
    /// To which service.
    pub to: OrganisationId,
    /// The officer who answers for it.
    pub by: OfficerId,
    /// When.
    pub at: EventTime,
    /// Why the service is told, which nobody has to be.
    pub reason: StatedReason,
}

/// A report that came. It is referred like an enquiry, whatever it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceivedReport {
    /// Its id.
    #[serde(with = "kept::text")]
    pub id: ReportId,
    /// Of what kind.
    #[serde(with = "kept::report_kind")]
    pub kind: ReportKind,
    /// Whose node it came to.
    pub organisation: OrganisationId,
    /// From whom, as the envelope proves.
    pub from: OrganisationId,
    /// When it came.
    pub at: EventTime,
}

/// Sends a report to a service, through the gateway that it names.
///
/// # Errors
/// [`ActError`].
pub fn send_report(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    acting: &Acting,
    to: OrganisationId,
    report: &Report,
    reason: StatedReason,
) -> Result<Change<SentReport>, ActError> {
    let telling = telling("report.sent", report)?.with("service", to.as_str())?;
    let event = telling.because(&reason)?.by(clock, rng, acting)?;
    let sent = SentReport {
        id: report.id,
        kind: report.kind,
        organisation: acting.organisation.clone(),
        to,
        by: acting.officer.clone(),
        at: event.at,
        reason,
    };
    Ok(Change::new(sent, event, RecordKind::Report))
}

/// Takes a report that came.
///
/// # Errors
/// [`EventError`] when the clock stands outside 1970 to 9999.
pub fn receive_report(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    (organisation, purpose): (OrganisationId, Purpose),
    job: &JobName,
    from: OrganisationId,
    report: &Report,
) -> Result<Change<ReceivedReport>, EventError> {
    let telling = telling("report.received", report)?.with("from", from.as_str())?;
    let event = telling.by_job(clock, rng, (&organisation, purpose), job)?;
    let (id, kind, at) = (report.id, report.kind, event.at);
    let received = ReceivedReport { id, kind, organisation, from, at };
    Ok(Change::new(received, event, RecordKind::Report))
}

fn telling(kind: &'static str, report: &Report) -> Result<Telling, EventError> {
    let telling = Telling::of(kind)
        .with("report", Detail::Bytes(report.id.as_bytes().to_vec()))?
        .with("kind", report.kind.code())?;
    Ok(telling.through(report.gateway))
}

#[cfg(test)]
mod tests {
    use super::*;
    use portcullis_federation::Moment;
    use portcullis_share::{Line, Office, Prose};
    use portcullis_testkit::{MockClock, SeededRng};
    use portcullis_types::Gateway;
    use std::collections::BTreeSet;

    fn report() -> Report {
        Report {
            id: ReportId::from_bytes([8; 16]),
            kind: ReportKind::Approach,
            text: Prose::new("Quillon Examplesson was offered a trip.").unwrap(),
            signs: BTreeSet::new(),
            subjects: Vec::new(),
            accountable: Line::new("Orsolya Testwick").unwrap(),
            office: Office::new("head of compliance").unwrap(),
            made: Moment::new(1_740_830_400).unwrap(),
            gateway: Gateway::ToService,
        }
    }

    fn organisation(name: &str) -> OrganisationId {
        OrganisationId::new(name).unwrap()
    }

    fn sent(officer: &str) -> Result<Change<SentReport>, ActError> {
        let (organisation, to) = (organisation("party-a"), organisation("service-x"));
        let officer = OfficerId::new(officer).unwrap();
        let acting = Acting { organisation, officer, purpose: Purpose::ScreenStaff };
        let reason = StatedReason::new("the trip was to meet an official").unwrap();
        let (clock, mut rng) = (MockClock::default(), SeededRng::new(1));
        send_report(&clock, &mut rng, &acting, to, &report(), reason)
    }

    #[test]
    fn a_report_is_sent_by_a_person_with_a_reason_through_its_gateway() {
        assert!(matches!(sent("root"), Err(ActError::Officer(_))));
        let change = sent("o.testwick").unwrap();
        assert_eq!(change.event().kind.as_str(), "report.sent");
        assert_eq!(change.event().gateway, Some(Gateway::ToService));
        let bytes = change.event().to_bytes();
        for word in ["Quillon", "Orsolya", "trip"] {
            assert!(!bytes.windows(word.len()).any(|part| part == word.as_bytes()), "{word}");
        }
        let text = serde_json::to_string(change.state()).unwrap();
        assert_eq!(serde_json::from_str::<SentReport>(&text).unwrap(), *change.state());
    }

    #[test]
    fn a_report_that_comes_is_kept_with_who_sent_it_and_no_more() {
        let (clock, mut rng) = (MockClock::default(), SeededRng::new(1));
        let own = (organisation("service-x"), Purpose::ScreenStaff);
        let (job, from) = (JobName::new("exchange.run").unwrap(), organisation("party-a"));
        let change = receive_report(&clock, &mut rng, own, &job, from, &report()).unwrap();
        assert_eq!(change.event().kind.as_str(), "report.received");
        assert_eq!(change.record_kind(), RecordKind::Report);
        let text = serde_json::to_string(change.state()).unwrap();
        assert!(!text.contains("Quillon") && !text.contains("Orsolya"), "{text}");
        assert_eq!(serde_json::from_str::<ReceivedReport>(&text).unwrap(), *change.state());
    }
}
