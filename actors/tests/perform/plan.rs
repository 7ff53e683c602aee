//! How a plan's performer finds the next time: from now on, however long nobody was there.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::{Arc, Mutex};

use hydra_actors::perform::{Job, Perform};
use hydra_actors::ports::{Calendar, PortError};
use hydra_actors::scheduler::plan::{Fire, Plan};
use hydra_events::Timestamp;
use hydra_events::clock::ManualClock;
use hydra_events::vocabulary::plan::PlanCommand;

use crate::table::desk::{Dictated, desk};

/// A calendar that says `next` and remembers after what it was asked.
struct Told {
    next: Result<Option<Timestamp>, PortError>,
    asked: Mutex<Vec<Timestamp>>,
}

impl Calendar for Told {
    fn next(&self, cron: &str, timezone: &str, after: Timestamp) -> Result<Option<Timestamp>, PortError> {
        assert_eq!((cron, timezone), ("0 22 * * *", "Europe/Berlin"));
        self.asked.lock().unwrap().push(after);
        self.next.clone()
    }
}

/// Performs the wake-up due at 10 when it is `now`; the calendar must be asked for times after `after`.
async fn check(now: i64, after: i64, next: Result<Option<Timestamp>, PortError>) {
    let (mut ports, _folder) = desk(Dictated::default());
    let told = Arc::new(Told { next: next.clone(), asked: Mutex::default() });
    ports.calendar = told.clone();
    ports.clock = Arc::new(ManualClock::at(Timestamp(now)));
    let due = Timestamp(10);
    let fire = Fire { cron: "0 22 * * *".into(), timezone: "Europe/Berlin".into(), due };
    let job = Job { stream: "plan-night".parse().unwrap(), effect: "fire-1-10".into() };
    let outcome = Plan::perform(ports, fire, job).await;
    assert_eq!(outcome, next.map(|next| PlanCommand::FirePlan { due, next }));
    assert_eq!(*told.asked.lock().unwrap(), [Timestamp(after)]);
}

#[tokio::test]
async fn a_punctual_plan_asks_for_the_time_after_its_own() {
    check(10, 10, Ok(Some(Timestamp(20)))).await;
    check(9, 10, Ok(None)).await;
}

#[tokio::test]
async fn a_late_plan_fires_once_for_all_the_times_it_missed() {
    check(35, 35, Ok(Some(Timestamp(40)))).await;
}

#[tokio::test]
async fn a_calendar_that_fails_is_reported() {
    check(10, 10, Err(PortError::permanent("no such time zone"))).await;
}
