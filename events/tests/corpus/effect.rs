//! The effect protocol, filed under a category of its own though its words travel under that of their stream.

use hydra_events::Timestamp;
use hydra_events::vocabulary::effect::{EffectCommand, EffectEvent, FailureKind};

use super::samples::text;
use super::{Words, words};

pub fn all() -> Vec<Words> {
    vec![words("commands", "effect", &commands()), words("events", "effect", &events())]
}

fn commands() -> Vec<EffectCommand> {
    let effect = || text("render-1");
    vec![
        EffectCommand::StartAttempt {
            effect: effect(),
            worker: text("attic"),
            instance: text("attic-1"),
            epoch: 7,
            alone: false,
        },
        EffectCommand::FailAttempt {
            effect: effect(),
            kind: FailureKind::Transient,
            message: text("connection reset"),
        },
        EffectCommand::LoseAttempt { effect: effect(), attempt: 2, evidence: text("no heartbeat") },
        EffectCommand::RetryEffect { effect: None },
        EffectCommand::DropEffect { effect: Some(effect()) },
        EffectCommand::ParkEffect { effect: effect(), reason: text("closed nothing") },
    ]
}

fn events() -> Vec<EffectEvent> {
    let effect = || text("render-1");
    vec![
        EffectEvent::AttemptStarted {
            effect: effect(),
            attempt: 2,
            worker: text("attic"),
            instance: text("attic-1"),
            epoch: 7,
            alone: true,
        },
        EffectEvent::AttemptFailed {
            effect: effect(),
            attempt: 2,
            kind: FailureKind::Permanent,
            message: text("no such model"),
            retry_at: Timestamp(1_795_307_034_123_456),
        },
        EffectEvent::AttemptLost {
            effect: effect(),
            attempt: 2,
            evidence: text("no heartbeat"),
            counts: true,
        },
        EffectEvent::EffectParked { effect: effect(), attempts: 5, reason: text("five attempts failed") },
        EffectEvent::EffectUnparked { effect: effect() },
        EffectEvent::EffectDropped { effect: effect() },
        EffectEvent::OutcomeRefused {
            effect: effect(),
            attempt: 1,
            epoch: 6,
            reason: text("the lease is over"),
        },
    ]
}
