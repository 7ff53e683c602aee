//! The newest events in memory, so that whoever follows the log need not ask the server for what this process wrote
//! a moment ago. Kept only while somebody follows.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::super::LogError;
use crate::record::{Position, Recorded};

const EVENTS_MAX: usize = 8_192;
const BYTES_MAX: usize = 16 * 1024 * 1024;

/// A follower that was not heard of while so many events were stored follows no more.
const FOLLOWED_EVENTS: u64 = 20_000;

/// Events that are stored, without a hole between them.
#[derive(Clone, Default)]
pub(super) struct Recent(Arc<Inner>);

#[derive(Default)]
struct Inner {
    kept: Mutex<Kept>,
    /// Events up to here are worth keeping.
    wanted: AtomicU64,
}

#[derive(Default)]
struct Kept {
    events: VecDeque<Arc<Recorded>>,
    bytes: usize,
}

impl Recent {
    /// Keeps `events`, which have just been stored, if anybody follows.
    pub(super) fn add<'a>(&self, events: impl Iterator<Item = &'a Recorded>) {
        let wanted = self.0.wanted.load(Ordering::Relaxed);
        let mut kept = self.kept();
        for event in events {
            if event.position <= wanted {
                kept.add(Arc::new(event.clone()));
            } else {
                kept.clear();
            }
        }
    }

    /// Up to `limit` events after `after`, where the first of them is still kept. `head` is the last one stored.
    pub(super) fn scan(
        &self,
        after: Position,
        limit: usize,
        head: Position,
    ) -> Option<Vec<Result<Recorded, LogError>>> {
        if head.saturating_sub(after) <= EVENTS_MAX as u64 {
            self.0.wanted.fetch_max(head.saturating_add(FOLLOWED_EVENTS), Ordering::Relaxed);
        }
        let found = self.found(after, limit)?;
        // Copied here, where the writer does not wait for it.
        Some(found.iter().map(|event| Ok(Recorded::clone(event))).collect())
    }

    fn found(&self, after: Position, limit: usize) -> Option<Vec<Arc<Recorded>>> {
        let kept = self.kept();
        let first = kept.events.front()?.position;
        let skipped = usize::try_from(after.checked_add(1)?.checked_sub(first)?).ok()?;
        let found: Vec<_> =
            kept.events.range(skipped.min(kept.events.len())..).take(limit).cloned().collect();
        (!found.is_empty()).then_some(found)
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn add(&mut self, event: Arc<Recorded>) {
        match self.events.back() {
            // A retry found it stored before.
            Some(last) if event.position <= last.position => return,
            Some(last) if event.position > last.position + 1 => self.clear(),
            Some(_) | None => {}
        }
        self.bytes += event.size();
        self.events.push_back(event);
        while self.events.len() > EVENTS_MAX || self.bytes > BYTES_MAX {
            let Some(oldest) = self.events.pop_front() else { return };
            self.bytes -= oldest.size();
        }
    }

    fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Timestamp;
    use crate::contract::sample::{append, stream};
    use crate::log::records::{Head, records};

    /// Events 1 to `last`.
    fn events(last: usize) -> Vec<Recorded> {
        let append = append(&stream("x"), 0, "recent", &vec!["{}"; last]);
        records(&append, 0, Timestamp(0), Head::NONE).unwrap()
    }

    fn positions(found: Option<Vec<Result<Recorded, LogError>>>) -> Vec<Position> {
        found.unwrap_or_default().into_iter().map(|event| event.unwrap().position).collect()
    }

    #[test]
    fn what_was_stored_is_kept_only_for_those_who_follow() {
        let (recent, all) = (Recent::default(), events(30));
        recent.add(all[..10].iter());
        assert!(recent.scan(4, 9, 10).is_none(), "nobody had followed");
        recent.add(all[10..20].iter());
        assert_eq!(positions(recent.scan(10, 3, 20)), [11, 12, 13]);
        assert_eq!(positions(recent.scan(18, 9, 20)), [19, 20]);
        assert!(recent.scan(4, 9, 20).is_none(), "the store has to be asked for these");
        assert!(recent.scan(20, 9, 20).is_none() && recent.scan(99, 9, 20).is_none());
    }

    #[test]
    fn a_hole_or_a_repeat_is_never_kept() {
        let (recent, all) = (Recent::default(), events(30));
        assert!(recent.scan(0, 1, 0).is_none());
        recent.add(all[..10].iter());
        recent.add(all[5..12].iter());
        assert_eq!(positions(recent.scan(0, 99, 12)), (1..=12).collect::<Vec<_>>());
        recent.add(all[20..].iter());
        assert!(recent.scan(0, 99, 30).is_none());
        assert_eq!(positions(recent.scan(20, 99, 30)), (21..=30).collect::<Vec<_>>());
    }
}
