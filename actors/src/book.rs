//! The effect protocol, decided once for all entities: attempts are recorded before they start, failures postpone or
//! park, late outcomes are refused.
//!
//! The book remembers only effects that are still owed; what an effect *is* only its entity knows.

use std::collections::BTreeMap;

use hydra_events::Timestamp;
use hydra_events::record::OutcomeOf;
use hydra_events::vocabulary::effect::{EffectCommand, EffectEvent, FailureKind};
use serde::{Deserialize, Serialize};

use crate::decider::Given;
use crate::policy::PolicyKey;

/// The history of the effects a stream owes, by key.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Book {
    entries: BTreeMap<String, Entry>,
}

/// The history of one owed effect.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Attempts started so far; also the ordinal of the last one.
    pub attempts: u32,
    /// Attempts that count against the limit.
    pub counted: u32,
    /// Where it stands.
    pub phase: Phase,
}

/// Where an owed effect stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Phase {
    /// It may be tried from this moment on.
    Waiting(Timestamp),
    /// A worker is trying.
    InFlight {
        /// The process it runs in.
        instance: String,
        /// The epoch of its lease.
        epoch: u64,
        /// Whether nothing else runs beside it.
        alone: bool,
    },
    /// Nothing is tried until somebody says so.
    Parked(String),
    /// Nothing is ever tried again.
    Dropped,
}

impl Default for Phase {
    fn default() -> Self {
        Self::Waiting(Timestamp(i64::MIN))
    }
}

/// Why the protocol says no.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum BookRejection {
    /// The stream does not owe the effect (any more).
    #[error("effect {0:?} is not owed")]
    NotOwed(String),
    /// Somebody else is at it.
    #[error("effect {effect:?} is being tried by {instance} under epoch {epoch}")]
    Taken {
        /// The effect.
        effect: String,
        /// Who is at it.
        instance: String,
        /// The epoch of their lease.
        epoch: u64,
    },
    /// The effect waits before its next attempt.
    #[error("effect {effect:?} waits until {until}")]
    TooEarly {
        /// The effect.
        effect: String,
        /// When it may be tried.
        until: Timestamp,
    },
    /// Nothing is parked.
    #[error("nothing is parked in this stream")]
    NothingParked,
    /// The effect is parked.
    #[error("effect {effect:?} is parked: {reason}")]
    Parked {
        /// The effect.
        effect: String,
        /// Why.
        reason: String,
    },
    /// The command is an outcome but does not say of what.
    #[error("a failure must name the attempt it reports on")]
    NoOutcome,
}

impl Book {
    /// The history of `effect`; that of a fresh one when there is none.
    pub fn entry(&self, effect: &str) -> Entry {
        self.entries.get(effect).cloned().unwrap_or_default()
    }

    /// Whether `effect` is to be performed at all.
    pub fn is_active(&self, effect: &str) -> bool {
        match self.entries.get(effect).map(|entry| &entry.phase) {
            None | Some(Phase::Waiting(_) | Phase::InFlight { .. }) => true,
            Some(Phase::Parked(_) | Phase::Dropped) => false,
        }
    }

    /// The parked effects and why.
    pub fn parked(&self) -> impl Iterator<Item = (&str, &Entry, &str)> {
        self.entries.iter().filter_map(|(key, entry)| match &entry.phase {
            Phase::Parked(reason) => Some((key.as_str(), entry, reason.as_str())),
            Phase::Waiting(_) | Phase::InFlight { .. } | Phase::Dropped => None,
        })
    }

    /// Whether `outcome` reports on the attempt that is in flight.
    pub fn check_outcome(&self, outcome: &OutcomeOf, owed: &[String]) -> Result<(), String> {
        if !owed.contains(&outcome.effect) {
            return Err("the effect is no longer owed".into());
        }
        let entry = self.entry(&outcome.effect);
        // A timer has no attempts: that it is still owed is all there is to check.
        if outcome.attempt == 0 && entry.attempts == 0 {
            return Ok(());
        }
        match &entry.phase {
            Phase::InFlight { epoch, .. } if entry.attempts == outcome.attempt && *epoch == outcome.epoch => Ok(()),
            Phase::InFlight { .. } => Err(format!("attempt {} has taken its place", entry.attempts)),
            Phase::Waiting(_) => Err("the attempt had already ended".into()),
            Phase::Parked(_) | Phase::Dropped => Err("the effect was parked meanwhile".into()),
        }
    }

    /// Decides a command of the protocol; `owed` are the keys the entity owes.
    pub fn decide(
        &self,
        command: EffectCommand,
        owed: &[String],
        given: Given<'_>,
    ) -> Result<Vec<EffectEvent>, BookRejection> {
        match command {
            EffectCommand::StartAttempt { effect, worker, instance, epoch, alone } => {
                let claim = Claim { effect, worker, instance, epoch, alone };
                self.start(claim, owed, given)
            }
            EffectCommand::FailAttempt { effect, kind, message } => self.fail(effect, kind, message, owed, given),
            EffectCommand::LoseAttempt { effect, attempt, evidence } => {
                self.lose(effect, attempt, evidence, owed, given)
            }
            EffectCommand::RetryEffect { effect } => {
                self.each_parked(effect, |effect| EffectEvent::EffectUnparked { effect })
            }
            EffectCommand::DropEffect { effect } => {
                self.each_parked(effect, |effect| EffectEvent::EffectDropped { effect })
            }
            EffectCommand::ParkEffect { effect, reason } => {
                let attempts = self.entry(&effect).attempts;
                Ok(vec![EffectEvent::EffectParked { effect, attempts, reason }])
            }
        }
    }

    fn start(&self, claim: Claim, owed: &[String], given: Given<'_>) -> Result<Vec<EffectEvent>, BookRejection> {
        let Claim { effect, worker, instance, epoch, alone } = claim;
        if !owed.contains(&effect) {
            return Err(BookRejection::NotOwed(effect));
        }
        let entry = self.entry(&effect);
        let mut events = Vec::new();
        match entry.phase {
            Phase::Waiting(until) if until > given.meta.time => {
                return Err(BookRejection::TooEarly { effect, until });
            }
            Phase::Waiting(_) => {}
            Phase::InFlight { instance: holder, epoch: held, alone: was_alone } => {
                if holder == instance && held >= epoch {
                    return Err(BookRejection::Taken { effect, instance: holder, epoch: held });
                }
                let evidence = format!("{instance} took over from {holder}");
                events.push(lost(&effect, entry.attempts, evidence, was_alone));
                let counted = entry.counted + u32::from(was_alone);
                if counted >= given.policy.count(PolicyKey::Attempts) {
                    let reason = format!("its worker died {counted} times while it ran alone");
                    events.push(EffectEvent::EffectParked { effect, attempts: entry.attempts, reason });
                    return Ok(events);
                }
            }
            Phase::Parked(reason) => return Err(BookRejection::Parked { effect, reason }),
            Phase::Dropped => return Err(BookRejection::NotOwed(effect)),
        }
        let attempt = entry.attempts + 1;
        events.push(EffectEvent::AttemptStarted { effect, attempt, worker, instance, epoch, alone });
        Ok(events)
    }

    fn fail(
        &self,
        effect: String,
        kind: FailureKind,
        message: String,
        owed: &[String],
        given: Given<'_>,
    ) -> Result<Vec<EffectEvent>, BookRejection> {
        let Some(outcome) = &given.meta.outcome else { return Err(BookRejection::NoOutcome) };
        if let Err(reason) = self.check_outcome(outcome, owed) {
            let OutcomeOf { effect, attempt, epoch } = outcome.clone();
            return Ok(vec![EffectEvent::OutcomeRefused { effect, attempt, epoch, reason }]);
        }
        let entry = self.entry(&effect);
        let failed = entry.counted + 1;
        let last = failed >= given.policy.count(PolicyKey::Attempts);
        if last || kind == FailureKind::Permanent {
            return Ok(vec![EffectEvent::EffectParked { effect, attempts: entry.attempts, reason: message }]);
        }
        let salt = given.meta.command_id.as_bytes()[0];
        let retry_at = given.meta.time.after(given.policy.retry_delay(failed, salt));
        Ok(vec![EffectEvent::AttemptFailed { effect, attempt: entry.attempts, kind, message, retry_at }])
    }

    fn lose(
        &self,
        effect: String,
        attempt: u32,
        evidence: String,
        owed: &[String],
        given: Given<'_>,
    ) -> Result<Vec<EffectEvent>, BookRejection> {
        let entry = self.entry(&effect);
        let Phase::InFlight { alone, .. } = entry.phase else { return Err(BookRejection::NotOwed(effect)) };
        if !owed.contains(&effect) || entry.attempts != attempt {
            return Err(BookRejection::NotOwed(effect));
        }
        let counted = entry.counted + u32::from(alone);
        let mut events = vec![lost(&effect, attempt, evidence, alone)];
        if counted >= given.policy.count(PolicyKey::Attempts) {
            let reason = format!("its worker died {counted} times while it ran alone");
            events.push(EffectEvent::EffectParked { effect, attempts: attempt, reason });
        }
        Ok(events)
    }

    fn each_parked(
        &self,
        effect: Option<String>,
        event: impl Fn(String) -> EffectEvent,
    ) -> Result<Vec<EffectEvent>, BookRejection> {
        let wanted = |key: &str| effect.as_ref().is_none_or(|effect| effect == key);
        let events: Vec<_> =
            self.parked().filter(|(key, ..)| wanted(key)).map(|(key, ..)| event(key.to_owned())).collect();
        if events.is_empty() { Err(BookRejection::NothingParked) } else { Ok(events) }
    }

    /// Folds an event of the protocol in.
    pub fn evolve(&mut self, event: &EffectEvent) {
        match event {
            EffectEvent::AttemptStarted { effect, attempt, instance, epoch, alone, .. } => {
                let entry = self.entries.entry(effect.clone()).or_default();
                entry.attempts = *attempt;
                entry.phase = Phase::InFlight { instance: instance.clone(), epoch: *epoch, alone: *alone };
            }
            EffectEvent::AttemptFailed { effect, retry_at, .. } => {
                let entry = self.entries.entry(effect.clone()).or_default();
                entry.counted += 1;
                entry.phase = Phase::Waiting(*retry_at);
            }
            EffectEvent::AttemptLost { effect, counts, .. } => {
                let entry = self.entries.entry(effect.clone()).or_default();
                entry.counted += u32::from(*counts);
                entry.phase = Phase::default();
            }
            EffectEvent::EffectParked { effect, reason, .. } => {
                self.entries.entry(effect.clone()).or_default().phase = Phase::Parked(reason.clone());
            }
            EffectEvent::EffectUnparked { effect } => {
                let entry = self.entries.entry(effect.clone()).or_default();
                entry.counted = 0;
                entry.phase = Phase::default();
            }
            EffectEvent::EffectDropped { effect } => {
                self.entries.entry(effect.clone()).or_default().phase = Phase::Dropped;
            }
            EffectEvent::OutcomeRefused { .. } => {}
        }
    }

    /// Forgets effects that are no longer owed.
    pub fn close(&mut self, owed: &[String]) {
        self.entries.retain(|key, _| owed.contains(key));
    }
}

struct Claim {
    effect: String,
    worker: String,
    instance: String,
    epoch: u64,
    alone: bool,
}

fn lost(effect: &str, attempt: u32, evidence: String, counts: bool) -> EffectEvent {
    EffectEvent::AttemptLost { effect: effect.to_owned(), attempt, evidence, counts }
}
