//! How much of something all hold together, and each of those who share it.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Something of which there is so much, and of which nobody may hold more than a share.
#[derive(Debug)]
pub(crate) struct Shares<K> {
    most: usize,
    share: usize,
    held: Arc<Mutex<Ledger<K>>>,
}

#[derive(Debug)]
struct Ledger<K> {
    all: usize,
    each: BTreeMap<K, usize>,
}

/// Why somebody gets no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spent {
    /// Others hold the rest.
    All,
    /// He holds his share.
    Share,
}

impl<K: Ord + Clone + Debug> Shares<K> {
    /// So much for all, and so much of it for each.
    pub(crate) fn new(most: usize, share: usize) -> Self {
        Self { most, share, held: Arc::new(Mutex::new(Ledger { all: 0, each: BTreeMap::new() })) }
    }

    /// Takes so much for somebody.
    pub(crate) fn take(&self, who: K, count: usize) -> Result<Held<K>, Spent> {
        let mut held = Held {
            who,
            count: 0,
            most: self.most,
            share: self.share,
            held: Arc::clone(&self.held),
        };
        held.more(count)?;
        Ok(held)
    }
}

/// What somebody holds; given back when dropped.
#[derive(Debug)]
pub(crate) struct Held<K: Ord> {
    who: K,
    count: usize,
    most: usize,
    share: usize,
    held: Arc<Mutex<Ledger<K>>>,
}

impl<K: Ord + Clone> Held<K> {
    /// Takes so much more.
    pub(crate) fn more(&mut self, count: usize) -> Result<(), Spent> {
        let mut ledger = lock(&self.held);
        let own = ledger.each.get(&self.who).copied().unwrap_or(0).saturating_add(count);
        let all = ledger.all.saturating_add(count);
        if own > self.share {
            return Err(Spent::Share);
        }
        if all > self.most {
            return Err(Spent::All);
        }
        if count > 0 {
            ledger.all = all;
            ledger.each.insert(self.who.clone(), own);
            self.count += count;
        }
        Ok(())
    }
}

impl<K: Ord> Drop for Held<K> {
    fn drop(&mut self) {
        let mut ledger = lock(&self.held);
        ledger.all -= self.count;
        if let Some(own) = ledger.each.get_mut(&self.who) {
            *own -= self.count;
            if *own == 0 {
                ledger.each.remove(&self.who);
            }
        }
    }
}

fn lock<K>(ledger: &Mutex<Ledger<K>>) -> MutexGuard<'_, Ledger<K>> {
    // Each change of it is whole by itself.
    ledger.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nobody_takes_more_than_his_share_nor_all_together_more_than_there_is() {
        let shares = Shares::new(10, 6);
        let mut one = shares.take("one", 4).unwrap();
        assert_eq!(shares.take("one", 3).unwrap_err(), Spent::Share);
        assert_eq!(one.more(2), Ok(()));
        assert_eq!(one.more(1), Err(Spent::Share));
        assert_eq!(shares.take("other", 5).unwrap_err(), Spent::All);
        let other = shares.take("other", 4).unwrap();
        drop(one);
        assert!(shares.take("one", 6).is_ok());
        drop(other);
    }

    proptest! {
        #[test]
        fn what_is_given_back_can_be_taken_again(
            takes in proptest::collection::vec((0_u8..4, 0_usize..8), 0..40)
        ) {
            let shares = Shares::new(20, 9);
            let mut held = Vec::new();
            for (who, count) in takes {
                held.extend(shares.take(who, count).ok());
                let all: usize = held.iter().map(|one| one.count).sum();
                prop_assert!(all <= 20);
            }
            drop(held);
            prop_assert!(lock(&shares.held).each.is_empty());
            prop_assert_eq!(lock(&shares.held).all, 0);
        }
    }
}
