//! What is being done and by which rules: the queue, plans, activity and policy.

use hydra_events::StreamName;
use hydra_events::vocabulary::plan::PlannedAction;
use serde::{Deserialize, Serialize};

/// Waiting or running work.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct QueueRow {
    /// The task.
    pub id: String,
    /// The stream it is for.
    pub stream: Option<StreamName>,
    /// The effect's key.
    #[serde(default)]
    pub effect: String,
    /// The kind of work.
    #[serde(default)]
    pub kind: String,
    /// Higher goes first.
    #[serde(default)]
    pub priority: i32,
    /// `waiting` or `running`.
    pub state: String,
    /// Where it runs.
    pub node: Option<String>,
    /// Why it was granted.
    pub because: Option<String>,
}

/// A plan.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PlanRow {
    /// The id of its stream.
    pub id: String,
    /// When it fires, as five fields.
    pub cron: String,
    /// The time zone of the fields.
    pub timezone: String,
    /// What it does.
    pub action: PlannedAction,
    /// When it fires next, in microseconds since 1970.
    pub next_due: Option<i64>,
    /// When it fired last.
    pub last_fired: Option<i64>,
}

/// What a stream did last.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ActivityRow {
    /// The stream.
    pub id: StreamName,
    /// The actor.
    pub actor: String,
    /// The event.
    pub event: String,
    /// When, in microseconds since 1970.
    pub at: i64,
    /// The effect it was about.
    pub effect: Option<String>,
    /// What happened to the effect.
    pub role: Option<String>,
}

/// A key of the policy.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PolicyRow {
    /// The key.
    pub id: String,
    /// Its value.
    pub value: f64,
    /// The version of the policy that set it.
    pub version: u64,
}
