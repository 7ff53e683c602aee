//! When streams have to be looked at again: one sleeper for all of them, instead of one for each timer.
//!
//! An alarm outlives the cell that set it. A stream whose every obligation lies in the future rests: the sweep passes it by.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hydra_events::{StreamName, Timestamp};
use tokio::sync::Notify;

use super::Host;
use super::cell::Message;

/// Longest sleep, so that a clock that is set forward is noticed.
const SLEEP_MAX: Duration = Duration::from_secs(30);

/// The alarms of all streams, the soonest of each.
#[derive(Default)]
pub(super) struct Alarms {
    set: Mutex<Set>,
    changed: Notify,
}

#[derive(Default)]
struct Set {
    by_time: BTreeSet<(Timestamp, StreamName)>,
    by_stream: BTreeMap<StreamName, Alarm>,
}

#[derive(Clone, Copy)]
struct Alarm {
    when: Timestamp,
    rest: Rest,
}

/// What a stream does until its alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rest {
    /// Nothing: all it owes lies in the future.
    Resting,
    /// Something else is under way.
    Working,
}

impl Alarms {
    /// Replaces the stream's alarm.
    pub(super) fn set(&self, stream: &StreamName, when: Timestamp, rest: Rest) {
        let mut set = self.lock();
        set.remove(stream);
        set.by_time.insert((when, stream.clone()));
        set.by_stream.insert(stream.clone(), Alarm { when, rest });
        drop(set);
        self.changed.notify_one();
    }

    /// Takes the stream's alarm away.
    pub(super) fn clear(&self, stream: &StreamName) {
        self.lock().remove(stream);
    }

    /// Whether the stream waits for its alarm and for nothing else.
    pub(super) fn is_resting(&self, stream: &StreamName) -> bool {
        self.lock().by_stream.get(stream).is_some_and(|alarm| alarm.rest == Rest::Resting)
    }

    fn soonest(&self) -> Option<Timestamp> {
        self.lock().by_time.first().map(|(when, _)| *when)
    }

    fn take_due(&self, now: Timestamp) -> Vec<StreamName> {
        let mut set = self.lock();
        let due: Vec<_> = set
            .by_time
            .iter()
            .take_while(|(when, _)| *when <= now)
            .map(|(_, stream)| stream.clone())
            .collect();
        for stream in &due {
            set.remove(stream);
        }
        due
    }

    fn lock(&self) -> MutexGuard<'_, Set> {
        self.set.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Set {
    fn remove(&mut self, stream: &StreamName) {
        if let Some(alarm) = self.by_stream.remove(stream) {
            self.by_time.remove(&(alarm.when, stream.clone()));
        }
    }
}

impl Host {
    /// Whether all that a stream owes lies in the future, as far as this process sees to it.
    pub(crate) fn rests(&self, stream: &StreamName) -> bool {
        self.0.alarms.is_resting(stream)
    }

    /// Wakes the streams whose time has come, until Hydra stops.
    pub(super) fn spawn_alarms(&self) {
        let (host, stop) = (self.clone(), self.0.stop.clone());
        self.0.tasks.spawn(async move {
            stop.run_until_cancelled(host.ring()).await;
        });
    }

    async fn ring(&self) {
        let clock = &self.0.parts.ports.clock;
        loop {
            for stream in self.0.alarms.take_due(clock.now()) {
                self.post(&stream, Message::Attend { again: false }).await;
            }
            let sleep =
                self.0.alarms.soonest().map_or(SLEEP_MAX, |when| when.since(clock.now()).min(SLEEP_MAX));
            tokio::select! {
                () = tokio::time::sleep(sleep) => {}
                () = self.0.alarms.changed.notified() => {}
            }
        }
    }
}
