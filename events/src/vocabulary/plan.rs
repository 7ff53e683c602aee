//! A plan: something to be done at certain times.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::wire::Vocabulary;

/// What a plan does when it fires.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlannedAction {
    /// Grant leases again.
    ResumeQueue {},
    /// Grant no more leases.
    PauseQueue {},
}

/// What may be asked of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlanCommand {
    /// Do it at these times.
    AddPlan {
        /// Five fields: minute, hour, day of month, month, day of week.
        cron: String,
        /// IANA time zone.
        timezone: String,
        /// What to do.
        action: PlannedAction,
        /// The first time, computed from the above.
        next: Timestamp,
    },
    /// Its time has come.
    FirePlan {
        /// The time that has come.
        due: Timestamp,
        /// The time after it, `None` when there is none.
        next: Option<Timestamp>,
    },
    /// Do it no more.
    RemovePlan {},
}

impl Vocabulary for PlanCommand {}

/// What can become of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlanEvent {
    /// It was made.
    PlanAdded {
        /// Five fields: minute, hour, day of month, month, day of week.
        cron: String,
        /// IANA time zone.
        timezone: String,
        /// What to do.
        action: PlannedAction,
    },
    /// It fires at this time.
    PlanScheduled {
        /// When.
        due: Timestamp,
    },
    /// Its time has come.
    PlanFired {
        /// The time that has come.
        due: Timestamp,
        /// What is to be done.
        action: PlannedAction,
    },
    /// It fires no more.
    PlanRemoved {},
}

impl Vocabulary for PlanEvent {}
