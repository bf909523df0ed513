//! Which issue of a list was in use when. The list itself knows only when each issue was last read,
//! so an issue that came back (one, another, the first again) would seem never to have been in use
//! before; the events remember each time.

use super::shelf::ListStore;
use crate::decisions::organisation;
use anyhow::Context;
use jiff::Timestamp;
use portcullis_decide::{Digest, KeptIssue, KeptList};
use portcullis_store::StoreError;
use portcullis_types::{Detail, Event};

impl ListStore {
    /// The issue that was in use at a moment, of which `has_seen` tells whether a time was past by
    /// then; `None` when it is not kept, or the list was not there yet.
    pub(crate) fn issue_in_use<'a>(
        &self,
        list: &'a KeptList,
        has_seen: impl Fn(Timestamp) -> bool,
    ) -> anyhow::Result<Option<&'a KeptIssue>> {
        let events = match self.place().existing_store()? {
            Some(mut store) => store
                .read(|r| r.events(&organisation()))
                .map_err(|error: StoreError| error)
                .context("cannot read when the lists were updated")?,
            None => Vec::new(),
        };
        let of_list = events.iter().filter(|event| {
            event.details.text("list").is_some_and(|name| name.reveal() == list.name.as_str())
        });
        Ok(in_use(list, of_list, has_seen))
    }
}

fn in_use<'a, 'e>(
    list: &'a KeptList,
    events: impl Iterator<Item = &'e Event>,
    has_seen: impl Fn(Timestamp) -> bool,
) -> Option<&'a KeptIssue> {
    let read_last = list.issues().find(|issue| has_seen(issue.recorded_at));
    let mut told: Option<(Timestamp, Option<Digest>)> = None;
    for event in events.filter(|event| has_seen(event.at.timestamp())) {
        match event.kind.as_str() {
            "lists.added" | "lists.updated" | "lists.checked" => {
                told = Some((event.at.timestamp(), digest(event)));
            }
            "lists.removed" => told = Some((event.at.timestamp(), None)),
            _ => {}
        }
    }
    match (read_last, told) {
        // An issue is read a little before the event tells of it.
        (Some(issue), Some((at, _))) if issue.recorded_at > at => Some(issue),
        (_, Some((_, digest))) => list.issues().find(|issue| Some(issue.digest) == digest),
        (read_last, None) => read_last,
    }
}

fn digest(event: &Event) -> Option<Digest> {
    match event.details.get("digest") {
        Some(Detail::Bytes(bytes)) => bytes.as_slice().try_into().ok().map(Digest::from_bytes),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use portcullis_decide::Keeping;
    use portcullis_types::{Clock, ListVersion, OfficerId, Rng, SourceId};

    #[derive(Debug)]
    struct At(i64);
    impl Clock for At {
        fn now(&self) -> Timestamp {
            second(self.0)
        }
    }

    #[derive(Debug)]
    struct Zero;
    impl Rng for Zero {
        fn fill(&mut self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }

    fn second(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn issue(number: u8, recorded_at: i64) -> KeptIssue {
        KeptIssue {
            digest: Digest::from_bytes([number; 32]),
            version: ListVersion::new(&number.to_string()).unwrap(),
            published: None,
            recorded_at: second(recorded_at),
            entries: 1,
            set_aside: 0,
            files: Vec::new(),
        }
    }

    /// A list with these issues put into use one after the other, at 100, 200, 300 and so on, each
    /// read ten seconds before.
    fn list(numbers: &[u8]) -> (KeptList, Vec<Event>) {
        let mut list = KeptList {
            organisation: organisation(),
            name: "invented".parse().unwrap(),
            source: SourceId::new("invented").unwrap(),
            format: "csv".to_owned(),
            addresses: Vec::new(),
            rhythm_days: None,
            checked_at: Timestamp::UNIX_EPOCH,
            current: issue(numbers[0], 90),
            earlier: Vec::new(),
        };
        let mut events = Vec::new();
        for (number, at) in numbers.iter().zip((1..).map(|n| n * 100)) {
            let how = if at == 100 { Keeping::Added } else { Keeping::Updated };
            if at > 100 {
                list.replace(issue(*number, at - 10));
            }
            let officer = OfficerId::new("o.testwick").unwrap();
            let change = how.done(&At(at), &mut Zero, officer, list.clone()).unwrap();
            events.push(change.event().clone());
        }
        (list, events)
    }

    fn at(numbers: &[u8], moment: i64) -> Option<u8> {
        let (list, events) = list(numbers);
        let issue = in_use(&list, events.iter(), |time| time <= second(moment))?;
        Some(issue.digest.as_bytes()[0])
    }

    #[test]
    fn an_issue_that_came_back_was_in_use_both_times() {
        for (moment, issue) in [(150, Some(1)), (250, Some(2)), (350, Some(1)), (50, None)] {
            assert_eq!(at(&[1, 2, 1], moment), issue, "{moment}");
        }
        // Not the one before it, either.
        assert_eq!(at(&[9, 1, 2, 1], 250), Some(1));
    }

    #[test]
    fn an_issue_counts_from_when_it_was_read() {
        for (moment, issue) in [(90, Some(1)), (190, Some(2)), (189, Some(1))] {
            assert_eq!(at(&[1, 2], moment), issue, "{moment}");
        }
    }

    #[test]
    fn an_issue_no_longer_kept_is_not_replaced_by_another() {
        // Five are kept.
        for (moment, issue) in [(150, None), (250, Some(2)), (650, Some(6))] {
            assert_eq!(at(&[1, 2, 3, 4, 5, 6], moment), issue, "{moment}");
        }
    }
}
