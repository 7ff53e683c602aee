//! The effect protocol: what every stream that owes work to the outside world may be told and may record.
//!
//! It is decided once, for all entities, by `hydra_actors::book`. On the wire its events carry the category of their
//! stream, such as `image.attempt_started.v1`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::wire::Vocabulary;

/// How a failure is treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// It may pass by itself: time-outs, busy engines, lost connections.
    Transient,
    /// It will fail again until something is changed.
    Permanent,
}

/// Commands about an effect a stream owes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EffectCommand {
    /// A worker is about to try.
    StartAttempt {
        /// The effect's key.
        effect: String,
        /// The worker that tries.
        worker: String,
        /// The process the worker runs in.
        instance: String,
        /// The epoch of its lease; 0 where none is needed.
        epoch: u64,
        /// Whether nothing else runs beside it, so that a death would be its own.
        alone: bool,
    },
    /// The attempt failed.
    FailAttempt {
        /// The effect's key.
        effect: String,
        /// How to treat it.
        kind: FailureKind,
        /// What went wrong, for people.
        message: String,
    },
    /// The process that tried is gone.
    LoseAttempt {
        /// The effect's key.
        effect: String,
        /// The attempt that was lost.
        attempt: u32,
        /// How it is known.
        evidence: String,
    },
    /// A parked effect is to be tried again.
    RetryEffect {
        /// The effect's key; all parked ones when absent.
        effect: Option<String>,
    },
    /// A parked effect is given up for good.
    DropEffect {
        /// The effect's key; all parked ones when absent.
        effect: Option<String>,
    },
    /// The host found that an outcome left its effect open, which is a defect.
    ParkEffect {
        /// The effect's key.
        effect: String,
        /// What was found.
        reason: String,
    },
}

impl Vocabulary for EffectCommand {}

impl EffectCommand {
    /// The names of all of them, so that whoever reads a command need not try.
    pub const NAMES: [&'static str; 6] =
        ["start_attempt", "fail_attempt", "lose_attempt", "retry_effect", "drop_effect", "park_effect"];
}

/// What became of an effect a stream owes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EffectEvent {
    /// A worker is about to try.
    AttemptStarted {
        /// The effect's key.
        effect: String,
        /// The ordinal of the attempt, from 1; it never falls.
        attempt: u32,
        /// The worker that tries.
        worker: String,
        /// The process the worker runs in.
        instance: String,
        /// The epoch of its lease; 0 where none is needed.
        epoch: u64,
        /// Whether nothing else runs beside it.
        alone: bool,
    },
    /// The attempt failed and another follows.
    AttemptFailed {
        /// The effect's key.
        effect: String,
        /// The attempt that failed.
        attempt: u32,
        /// How it is treated.
        kind: FailureKind,
        /// What went wrong.
        message: String,
        /// When the next attempt may start.
        retry_at: Timestamp,
    },
    /// The process that tried is gone; another attempt follows.
    AttemptLost {
        /// The effect's key.
        effect: String,
        /// The attempt that was lost.
        attempt: u32,
        /// How it is known.
        evidence: String,
        /// Whether it counts against the limit: only a death alone does.
        counts: bool,
    },
    /// Nothing more is tried until somebody says so.
    EffectParked {
        /// The effect's key.
        effect: String,
        /// The attempts made so far.
        attempts: u32,
        /// Why.
        reason: String,
    },
    /// A parked effect is owed again.
    EffectUnparked {
        /// The effect's key.
        effect: String,
    },
    /// A parked effect was given up.
    EffectDropped {
        /// The effect's key.
        effect: String,
    },
    /// An outcome came too late: its attempt had been replaced, or the effect was no longer owed.
    OutcomeRefused {
        /// The effect's key.
        effect: String,
        /// The attempt it reports on.
        attempt: u32,
        /// The epoch it ran under.
        epoch: u64,
        /// Why it was refused.
        reason: String,
    },
}

impl Vocabulary for EffectEvent {}

impl EffectEvent {
    /// The names of all of them, so that whoever reads an event need not try.
    pub const NAMES: [&'static str; 7] = [
        "attempt_started",
        "attempt_failed",
        "attempt_lost",
        "effect_parked",
        "effect_unparked",
        "effect_dropped",
        "outcome_refused",
    ];
}

#[cfg(test)]
mod tests {
    use schemars::schema_for;

    use super::*;
    use crate::vocabulary::variant_names;

    #[test]
    fn every_name_of_the_protocol_is_listed() {
        assert_eq!(variant_names(schema_for!(EffectCommand).as_value()), EffectCommand::NAMES);
        assert_eq!(variant_names(schema_for!(EffectEvent).as_value()), EffectEvent::NAMES);
    }
}
