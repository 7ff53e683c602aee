//! The history of one owed effect: how often it was tried, and where it stands.

use hydra_events::Timestamp;
use hydra_events::record::OutcomeOf;
use hydra_events::vocabulary::effect::EffectEvent;
use serde::{Deserialize, Serialize};

use crate::decider::Given;
use crate::policy::PolicyKey;

/// The history of one owed effect.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Attempts started so far; also the ordinal of the last one.
    pub attempts: u32,
    /// Attempts that count against the limit.
    pub counted: u32,
    /// The highest epoch it was tried under; 0 when no attempt needed a lease.
    pub epoch: u64,
    /// Where it stands.
    pub phase: Phase,
    /// That the last attempt was lost, as long as nothing has been recorded since that decides what became of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost: Option<Lost>,
}

/// A lost attempt whose report may still come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lost {
    /// The epoch it ran under.
    pub epoch: u64,
    /// Whether the loss was counted against the limit.
    pub counted: bool,
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

impl Entry {
    /// The ordinal an outcome is recorded under. A timer that fires has no attempt; if that goes wrong it counts as
    /// the first, so that whatever follows is an attempt with an ordinal, and its outcome has an id, of its own.
    pub fn last_attempt(&self) -> u32 {
        self.attempts.max(1)
    }

    /// Whether its last attempt died with its worker, so that the next one has to run alone: only then is another
    /// death its own.
    pub fn is_suspect(&self) -> bool {
        self.lost.is_some()
    }

    /// Whether `outcome` reports on the attempt that was lost.
    pub(super) fn lost_under(&self, outcome: &OutcomeOf) -> bool {
        self.attempts == outcome.attempt && self.lost.is_some_and(|lost| lost.epoch == outcome.epoch)
    }

    /// What counts against the limit once the last attempt has failed. A loss that was counted was this attempt.
    pub(super) fn failed(&self) -> u32 {
        self.counted + u32::from(!self.lost.is_some_and(|lost| lost.counted))
    }

    /// What follows when its worker has died once too often.
    pub(super) fn parked_by_death(&self, effect: &str, alone: bool, given: Given<'_>) -> Option<EffectEvent> {
        let counted = self.counted + u32::from(alone);
        if counted < given.policy.count(PolicyKey::Attempts) {
            return None;
        }
        let reason =
            format!("{counted} attempts failed; in the last one its worker died while nothing ran beside it");
        Some(EffectEvent::EffectParked { effect: effect.to_owned(), attempts: self.attempts, reason })
    }
}
