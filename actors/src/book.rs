//! The effect protocol, decided once for all entities: attempts are recorded before they start, failures postpone or
//! park, late outcomes are refused. A lost attempt may still report, until another claim or outcome is recorded.
//!
//! The book remembers only effects that are still owed; what an effect *is* only its entity knows.

mod entry;

use std::collections::BTreeMap;

use hydra_events::Timestamp;
use hydra_events::record::{EventType, OutcomeOf};
use hydra_events::vocabulary::effect::{EffectCommand, EffectEvent, FailureKind};
use serde::{Deserialize, Serialize};

pub use entry::{Entry, Lost, Phase};

use crate::decider::Given;
use crate::policy::PolicyKey;

/// The history of the effects a stream owes, by key.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Book {
    entries: BTreeMap<String, Entry>,
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
    /// The lease of the claim is over.
    #[error(
        "effect {effect:?} was already tried under epoch {newest}: a claim under epoch {epoch} is too late"
    )]
    StaleLease {
        /// The effect.
        effect: String,
        /// The epoch of the claim.
        epoch: u64,
        /// The newest epoch it was tried under.
        newest: u64,
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
    #[error("a failure must name the attempt it reports on, and that attempt must be at its effect")]
    NoOutcome,
    /// The command reports on an attempt and nobody made one.
    #[error("{0} reports how an attempt went: it comes from whoever made the attempt, and from nobody else")]
    NoAttempt(EventType),
    /// The attempt has ended, or another has taken its place.
    #[error("attempt {attempt} at effect {effect:?} is not under way")]
    NotUnderWay {
        /// The effect.
        effect: String,
        /// The attempt.
        attempt: u32,
    },
}

impl Book {
    /// The history of `effect`; that of a fresh one when there is none.
    pub fn entry(&self, effect: &str) -> Entry {
        self.entries.get(effect).cloned().unwrap_or_default()
    }

    /// Whether anything has happened to `effect` since it is owed.
    pub fn has_history(&self, effect: &str) -> bool {
        self.entries.contains_key(effect)
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
        match &entry.phase {
            // A timer has no attempts: that it is still owed is all there is to check.
            Phase::Waiting(_) if outcome.attempt == 0 && entry.attempts == 0 => Ok(()),
            Phase::InFlight { epoch, .. } if entry.attempts == outcome.attempt && *epoch == outcome.epoch => {
                Ok(())
            }
            Phase::InFlight { .. } => Err(format!("attempt {} has taken its place", entry.attempts)),
            Phase::Waiting(_) if entry.lost_under(outcome) => Ok(()),
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
            EffectCommand::FailAttempt { effect, kind, message } => {
                self.fail(effect, kind, message, owed, given)
            }
            EffectCommand::LoseAttempt { effect, attempt, evidence } => {
                self.lose(effect, attempt, evidence, owed, given)
            }
            EffectCommand::RetryEffect { effect } => {
                self.each_parked(effect, |effect| EffectEvent::EffectUnparked { effect })
            }
            EffectCommand::DropEffect { effect } => {
                self.each_parked(effect, |effect| EffectEvent::EffectDropped { effect })
            }
            EffectCommand::ParkEffect { effect, reason } => self.park(effect, reason, owed),
        }
    }

    fn start(
        &self,
        claim: Claim,
        owed: &[String],
        given: Given<'_>,
    ) -> Result<Vec<EffectEvent>, BookRejection> {
        let Claim { effect, worker, instance, epoch, alone } = claim;
        if !owed.contains(&effect) {
            return Err(BookRejection::NotOwed(effect));
        }
        let entry = self.entry(&effect);
        let mut events = Vec::new();
        match entry.phase.clone() {
            // Each grant has an epoch of its own: an invitation that comes twice is worth one attempt.
            Phase::Waiting(_) | Phase::InFlight { .. }
                if epoch < entry.epoch || (epoch == entry.epoch && epoch > 0) =>
            {
                return Err(BookRejection::StaleLease { effect, epoch, newest: entry.epoch });
            }
            Phase::Waiting(until) if until > given.meta.time => {
                return Err(BookRejection::TooEarly { effect, until });
            }
            Phase::Waiting(_) => {}
            Phase::InFlight { instance: holder, epoch: held, alone: was_alone } => {
                if holder == instance && held == epoch {
                    return Err(BookRejection::Taken { effect, instance: holder, epoch: held });
                }
                let evidence = format!("{instance} took over from {holder}");
                events.push(lost(&effect, entry.attempts, evidence, was_alone));
                if let Some(parked) = entry.parked_by_death(&effect, was_alone, given) {
                    events.push(parked);
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
        let Some(outcome) = given.meta.outcome.as_ref().filter(|outcome| outcome.effect == effect) else {
            return Err(BookRejection::NoOutcome);
        };
        if let Err(reason) = self.check_outcome(outcome, owed) {
            let OutcomeOf { effect, attempt, epoch } = outcome.clone();
            return Ok(vec![EffectEvent::OutcomeRefused { effect, attempt, epoch, reason }]);
        }
        let entry = self.entry(&effect);
        let attempt = entry.last_attempt();
        let failed = entry.failed();
        let last = failed >= given.policy.count(PolicyKey::Attempts);
        if last || kind == FailureKind::Permanent {
            return Ok(vec![EffectEvent::EffectParked { effect, attempts: attempt, reason: message }]);
        }
        let salt = given.meta.command_id.as_bytes()[0];
        let retry_at = given.meta.time.after(given.policy.retry_delay(failed, salt));
        Ok(vec![EffectEvent::AttemptFailed { effect, attempt, kind, message, retry_at }])
    }

    fn lose(
        &self,
        effect: String,
        attempt: u32,
        evidence: String,
        owed: &[String],
        given: Given<'_>,
    ) -> Result<Vec<EffectEvent>, BookRejection> {
        if !owed.contains(&effect) {
            return Err(BookRejection::NotOwed(effect));
        }
        let entry = self.entry(&effect);
        let alone = match entry.phase {
            Phase::InFlight { alone, .. } if entry.attempts == attempt => alone,
            Phase::InFlight { .. } | Phase::Waiting(_) | Phase::Parked(_) | Phase::Dropped => {
                return Err(BookRejection::NotUnderWay { effect, attempt });
            }
        };
        let mut events = vec![lost(&effect, attempt, evidence, alone)];
        events.extend(entry.parked_by_death(&effect, alone, given));
        Ok(events)
    }

    fn park(
        &self,
        effect: String,
        reason: String,
        owed: &[String],
    ) -> Result<Vec<EffectEvent>, BookRejection> {
        let entry = self.entry(&effect);
        match entry.phase {
            Phase::Parked(_) => Ok(Vec::new()),
            Phase::Waiting(_) | Phase::InFlight { .. } if owed.contains(&effect) => {
                Ok(vec![EffectEvent::EffectParked { effect, attempts: entry.attempts, reason }])
            }
            Phase::Waiting(_) | Phase::InFlight { .. } | Phase::Dropped => {
                Err(BookRejection::NotOwed(effect))
            }
        }
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
                let entry = self.decided(effect);
                entry.attempts = *attempt;
                entry.epoch = entry.epoch.max(*epoch);
                entry.phase = Phase::InFlight { instance: instance.clone(), epoch: *epoch, alone: *alone };
            }
            EffectEvent::AttemptFailed { effect, attempt, retry_at, .. } => {
                let counted = self.entry(effect).failed();
                let entry = self.decided(effect);
                entry.attempts = entry.attempts.max(*attempt);
                entry.counted = counted;
                entry.phase = Phase::Waiting(*retry_at);
            }
            EffectEvent::AttemptLost { effect, counts, .. } => {
                let entry = self.entries.entry(effect.clone()).or_default();
                let epoch = match entry.phase {
                    Phase::InFlight { epoch, .. } => epoch,
                    Phase::Waiting(_) | Phase::Parked(_) | Phase::Dropped => entry.epoch,
                };
                entry.counted += u32::from(*counts);
                entry.phase = Phase::default();
                entry.lost = Some(Lost { epoch, counted: *counts });
            }
            EffectEvent::EffectParked { effect, attempts, reason } => {
                let entry = self.decided(effect);
                entry.attempts = entry.attempts.max(*attempts);
                entry.phase = Phase::Parked(reason.clone());
            }
            EffectEvent::EffectUnparked { effect } => {
                let entry = self.decided(effect);
                entry.counted = 0;
                entry.phase = Phase::default();
            }
            EffectEvent::EffectDropped { effect } => self.decided(effect).phase = Phase::Dropped,
            EffectEvent::OutcomeRefused { .. } => {}
        }
    }

    /// The history of `effect`, to which something happens that no lost attempt can undo any more.
    fn decided(&mut self, effect: &str) -> &mut Entry {
        let entry = self.entries.entry(effect.to_owned()).or_default();
        entry.lost = None;
        entry
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
