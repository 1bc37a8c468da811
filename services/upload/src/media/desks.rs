//! Places at which takes are written, of which nobody has more than a share: a learner whose connections stand still keeps
//! nobody else out.

use ids::LearnerId;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The places of one replica.
#[derive(Clone, Debug)]
pub struct Desks {
    places: usize,
    share: usize,
    taken: Arc<Mutex<HashMap<LearnerId, usize>>>,
}

/// A place that is taken until this is dropped.
#[derive(Debug)]
pub struct Desk {
    learner: LearnerId,
    of: Desks,
}

impl Desks {
    /// So many places, of which each learner has at most `share`.
    pub fn new(places: usize, share: usize) -> Self {
        Self { places, share, taken: Arc::default() }
    }

    /// A place for a learner, if there is one.
    pub fn take(&self, learner: LearnerId) -> Option<Desk> {
        let mut taken = self.taken();
        let own = taken.get(&learner).copied().unwrap_or(0);
        if own == self.share || taken.values().sum::<usize>() == self.places {
            return None;
        }
        taken.insert(learner, own + 1);
        Some(Desk { learner, of: self.clone() })
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<LearnerId, usize>> {
        // Whoever panicked with it had counted already.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let mut taken = self.of.taken();
        if let Some(own) = taken.get_mut(&self.learner) {
            *own -= 1;
            if *own == 0 {
                taken.remove(&self.learner);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ids::Ids;

    #[test]
    fn a_learner_has_no_more_than_a_share_and_all_have_no_more_than_there_is() {
        let (desks, maya, noah): (_, LearnerId, LearnerId) = (Desks::new(3, 2), Ids.mint(), Ids.mint());
        let first = desks.take(maya).expect("the first");
        let _second = desks.take(maya).expect("the second");
        assert!(desks.take(maya).is_none(), "a third is more than a share");
        let _noahs = desks.take(noah).expect("the last");
        assert!(desks.take(noah).is_none(), "there are no more");
        drop(first);
        assert!(desks.take(noah).is_some(), "what was left is free");
        assert_eq!(desks.taken().len(), 2);
    }
}
