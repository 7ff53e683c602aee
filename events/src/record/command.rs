//! What a decision depended on besides the state: who asked, when, under which policy, and what for.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Codec, EventType, Version, Visibility};
use crate::clock::Timestamp;
use crate::id::Id;

/// Which attempt at which effect a command reports on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OutcomeOf {
    /// The effect's key.
    pub effect: String,
    /// The ordinal of the attempt.
    pub attempt: u32,
    /// The epoch of the lease it ran under; 0 for effects that need none.
    pub epoch: u64,
}

/// Whoever tries at once what a stream owes next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Taker {
    /// The worker that tries.
    pub worker: String,
    /// The process the worker runs in.
    pub instance: String,
}

/// Everything about a command besides what it asks: the only source of time, identity and policy a decision has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// The command's id: the same id is answered with the same events, for ever.
    pub command_id: Id,
    /// The command everything began with.
    pub correlation_id: Id,
    /// The event or command that led to this command.
    pub causation_id: Id,
    /// When it is decided; never before the last recorded time.
    pub time: Timestamp,
    /// Who asked.
    pub principal: String,
    /// Whose data it is.
    pub owner: String,
    /// Who may see it.
    pub visibility: Visibility,
    /// W3C `traceparent`, when the caller sent one.
    pub trace: Option<String>,
    /// The version of `policy-main` that was in force.
    pub policy: Version,
    /// The attempt this command reports on, when it is an outcome.
    pub outcome: Option<OutcomeOf>,
    /// Who goes on with what is owed after this command, where somebody does: that attempt begins in the same append.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Taker>,
}

/// A command as the log keeps it, beside the first event it led to. What is not here is in the record's own fields.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CommandRecord {
    /// Wire name of the command, such as `image.request_image.v1`.
    #[serde(rename = "type")]
    pub kind: EventType,
    /// How the payload is written. JSON stands as it is.
    pub codec: Codec,
    /// The command itself.
    pub payload: Box<serde_json::value::RawValue>,
    /// [`Meta::time`].
    pub time: Timestamp,
    /// [`Meta::policy`].
    pub policy: Version,
    /// [`Meta::outcome`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<OutcomeOf>,
    /// [`Meta::next`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Taker>,
}
