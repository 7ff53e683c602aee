//! The audit that is always on: now and then some rows of every view are folded once more and compared with their store.
//!
//! It costs a reading of the log for each view, so it rests for long, and without a reason to look again it does not. What
//! differs is recorded and left as it is: `hydra audit --repair` mends it.

use std::sync::Arc;
use std::time::Duration;

use hydra_actors::host::{Envelope, Host};
use hydra_events::clock::SystemClock;
use hydra_events::record::Position;
use hydra_events::{Clock, EventLog};
use hydra_projections::{Drift, Reached, Repair, Sampling, Stores, VIEWS, audit};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::drift;

/// Rows of each view.
const ROWS: usize = 100;
/// How often there may be a reason to look.
const LOOK: Duration = Duration::from_secs(60);
/// How long it rests at least.
const REST: Duration = Duration::from_secs(30 * 60);
/// How long it rests at most.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Rows recorded of one pass; a view that is wrong from end to end is built anew, and not told row by row.
const RECORDED_MAX: usize = 20;

/// Compares the views with the log.
pub struct Auditor {
    /// The log.
    pub log: Arc<dyn EventLog>,
    /// Where the views are.
    pub stores: Stores,
    /// How they stand.
    pub reached: Reached,
    /// Who records what differs.
    pub host: Host,
}

/// When to look again.
#[derive(Debug, Default)]
struct Schedule {
    /// The last pass, by the time since the start, or the start itself; and where the log was.
    looked: Duration,
    seen: Option<Position>,
    /// A store was away since.
    was_away: bool,
}

impl Schedule {
    /// Whether there is a reason to look, so long after the start.
    fn is_due(&mut self, now: Duration, head: Position, away: bool) -> bool {
        self.was_away |= away;
        let rested = now.saturating_sub(self.looked);
        let is_new = self.seen != Some(head);
        let due = !away && head > 0 && (rested >= DAY || (rested >= REST && (is_new || self.was_away)));
        if due {
            *self = Self { looked: now, seen: Some(head), was_away: false };
        }
        due
    }
}

impl Auditor {
    /// Looks until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        let (begun, mut schedule) = (Instant::now(), Schedule::default());
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = sleep(LOOK) => {}
            }
            let stands = self.reached.stands();
            let away = stands.values().any(|stand| stand.away.is_some());
            let head = stands.values().map(|stand| stand.position).max().unwrap_or(0);
            if schedule.is_due(begun.elapsed(), head, away) {
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = self.pass() => {}
                }
            }
        }
    }

    async fn pass(&self) {
        let sampling = Sampling::Some { rows: ROWS, seed: SystemClock.now().0.unsigned_abs() };
        for view in VIEWS {
            let mut drifts = Vec::new();
            let mut tell = |drift| {
                if drifts.len() < RECORDED_MAX {
                    drifts.push(drift);
                }
            };
            match audit(&self.log, &self.stores, view, sampling, Repair::Tell, &mut tell).await {
                Ok(found) if found.differing > 0 => {
                    let (view, differing) = (found.view, found.differing);
                    tracing::warn!(
                        view,
                        differing,
                        "rows differ from the log: `hydra audit --repair` mends them"
                    );
                }
                Ok(found) => tracing::debug!(view = found.view, rows = found.rows, "an audit found nothing"),
                Err(error) => tracing::debug!(%error, view = view.name, "a view could not be compared"),
            }
            for drift in &drifts {
                self.record(drift).await;
            }
        }
    }

    async fn record(&self, drift: &Drift) {
        let told = async {
            let (stream, command) = drift::report(drift)?;
            self.host.send(&stream, &command, Envelope::from_inside(self.host.fresh_id())).await?;
            anyhow::Ok(())
        };
        if let Err(error) = told.await {
            tracing::warn!(%error, view = drift.view, key = drift.key, "a row that differs was not recorded");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LITTLE: Duration = Duration::from_secs(1);

    #[test]
    fn an_audit_rests_until_something_is_new() {
        let mut schedule = Schedule::default();
        assert!(!schedule.is_due(REST - LITTLE, 7, false), "it has just begun");
        assert!(schedule.is_due(REST, 7, false));
        assert!(!schedule.is_due(REST * 3, 7, false), "nothing is new");
        assert!(schedule.is_due(REST * 3, 8, false));
        assert!(!schedule.is_due(REST * 4 - LITTLE, 9, false), "it rests");
    }

    #[test]
    fn a_store_that_was_away_is_looked_at_when_it_is_back() {
        let mut schedule = Schedule::default();
        assert!(schedule.is_due(REST, 7, false));
        assert!(!schedule.is_due(REST * 2, 7, true), "it is still away");
        assert!(schedule.is_due(REST * 2 + LITTLE, 7, false));
        assert!(!schedule.is_due(REST * 3 + LITTLE, 7, false));
    }

    #[test]
    fn once_a_day_is_reason_enough_where_anything_was_recorded() {
        let mut schedule = Schedule::default();
        assert!(!schedule.is_due(DAY, 0, false));
        assert!(schedule.is_due(DAY, 7, false));
        assert!(!schedule.is_due(DAY * 2 - LITTLE, 7, false));
        assert!(schedule.is_due(DAY * 2, 7, false));
    }
}
