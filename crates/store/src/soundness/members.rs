//! Is the member list that was taken last in force, and is everything there that events tell of?

use super::{Checkup, Closeness, Finding, RESTORE};
use crate::StoreError;
use crate::cells::Cells;
use crate::tables::events;
use crate::tables::members::{self, Named, named};
use portcullis_types::Event;
use std::collections::BTreeSet;

/// What the events of the federation tell of.
#[derive(Default)]
struct Told {
    lists: BTreeSet<Named>,
    last: Option<Named>,
    votes: BTreeSet<Named>,
    forks: BTreeSet<Vec<u8>>,
    made: u64,
}

impl Told {
    fn take(&mut self, event: &Event) {
        let named = named(&event.details);
        match (event.kind.as_str(), named) {
            ("members.organisation-made", _) => self.made = self.made.saturating_add(1),
            (members::ACCEPTED, Some(list)) => {
                self.last = Some(list.clone());
                self.lists.insert(list);
            }
            ("members.list-signed", Some(list)) => {
                self.votes.insert(list);
            }
            ("members.fork-found", Some((_, _, digest))) => {
                self.forks.insert(digest);
            }
            _ => {}
        }
    }
}

impl Checkup<'_, '_> {
    /// The list in force is sealed, and follows from those before; and looked at closely, all that was
    /// taken, signed and found is still there.
    pub(super) fn members(&self) -> Result<Vec<Finding>, StoreError> {
        const SUBJECT: &str = "members";
        let history = members::history(self.open, self.organisation)?;
        members::own(self.open, self.organisation)?;
        if self.closeness == Closeness::EveryRow {
            let gone = self.gone()?;
            if !gone.is_empty() {
                let broken = |says| Finding::broken(SUBJECT, says, RESTORE);
                return Ok(gone.into_iter().map(broken).collect());
            }
        }
        Ok(history.map_or_else(Vec::new, |history| {
            let list = history.current().list();
            let says = format!("version {} of `{}` is in force", list.version, list.federation);
            vec![Finding::sound(SUBJECT, says)]
        }))
    }

    /// What events tell of and is not there.
    fn gone(&self) -> Result<Vec<String>, StoreError> {
        let (mut told, mut from) = (Told::default(), Some(0));
        while let Some(position) = from {
            let (page, next) = events::after(self.open, self.organisation, position)?;
            for stored in &page {
                told.take(&stored.event);
            }
            from = next;
        }
        let mut gone = Vec::new();
        let mut count = |what: &str, missing: usize| {
            if missing > 0 {
                gone.push(format!("{missing} {what} that events tell of are not there"));
            }
        };
        let lists = self.named_rows(
            "member_list",
            "SELECT federation, version, digest FROM member_list WHERE organisation = $1",
        )?;
        count("member lists", told.lists.difference(&lists).count());
        let votes = self.named_rows(
            "member_vote",
            "SELECT federation, version, digest FROM member_vote WHERE organisation = $1",
        )?;
        count("signatures on member lists", told.votes.difference(&votes).count());
        let forks = self.open.query(
            "SELECT digest FROM member_fork WHERE organisation = $1",
            &[self.organisation.as_str().into()],
        )?;
        let digest = |row| Cells::new(self.open, "member_fork", "digest", row).raw("digest");
        let forks: BTreeSet<Vec<u8>> = forks.iter().map(digest).collect::<Result<_, _>>()?;
        count("proofs of two lists", told.forks.difference(&forks).count());
        let own = members::own(self.open, self.organisation)?;
        count("organisations", usize::from(told.made > 0 && own.is_none()));
        let head = members::head(self.open, self.organisation)?;
        if told.last.is_some() && told.last != head.as_ref().map(members::Head::named) {
            gone.push("the member list in force is not the one that was taken last".to_owned());
        }
        Ok(gone)
    }

    fn named_rows(
        &self,
        table: &'static str,
        sql: &'static str,
    ) -> Result<BTreeSet<Named>, StoreError> {
        let rows = self.open.query(sql, &[self.organisation.as_str().into()])?;
        let one = |row| {
            let cells = Cells::new(self.open, table, "version", row);
            Ok((cells.raw("federation")?, cells.count("version")?, cells.raw("digest")?))
        };
        rows.iter().map(one).collect()
    }
}
