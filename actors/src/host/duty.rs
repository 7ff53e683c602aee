//! What a cell does about the effects its stream owes: those that are due are performed here or admitted by the
//! Scheduler, for the others an alarm is set.

use std::panic::AssertUnwindSafe;
use std::sync::{Mutex, PoisonError};

use futures::FutureExt;
use hydra_events::record::Taker;
use hydra_events::vocabulary::cluster::ClusterCommand;
use hydra_events::vocabulary::effect::EffectCommand;
use hydra_events::vocabulary::terms::WorkKind;
use hydra_events::{Id, StreamName, Timestamp};

use super::alarms::Rest;
use super::cell::{CellState, Message};
use super::envelope::Envelope;
use super::{Host, HostError, cluster_stream};
use crate::aggregate::{Obligation, Origin};
use crate::attempt::Attempt;
use crate::book::Phase;
use crate::decider::Need;
use crate::desk::{Claim, Place};

/// Light effects of one stream in a row, before others that wait have their turn.
const IN_A_ROW_MAX: u32 = 32;

/// How an owed effect is being seen to in this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Duty {
    /// A task performs it or has it queued.
    Driven,
    /// The Scheduler has it in its queue.
    Queued,
}

/// What is to be done about an obligation.
enum Step {
    Fire,
    /// An attempt of this process has ended and nothing says how.
    Lose {
        attempt: u32,
    },
    Perform {
        alone: bool,
    },
    Queue {
        priority: i32,
        kind: WorkKind,
        origin: Option<Origin>,
    },
}

impl CellState {
    /// Takes up every obligation nobody in this process sees to yet, and lets go of those that are closed.
    pub(super) fn see_to(&mut self) {
        let Some(aggregate) = self.aggregate() else { return };
        let obligations = aggregate.obligations();
        self.duties.retain(|key, _| obligations.iter().any(|o| o.key == *key));
        let now = self.host.0.parts.ports.clock.now();
        let mut soonest = None;
        for obligation in obligations {
            if self.duties.contains_key(&obligation.key) {
                continue;
            }
            match self.step(&obligation) {
                Some((when, _)) if when > now => {
                    soonest = Some(soonest.map_or(when, |soonest: Timestamp| soonest.min(when)));
                }
                Some((_, step)) => {
                    self.duties.insert(obligation.key.clone(), Duty::Driven);
                    self.drive(obligation.key, step);
                }
                None => {}
            }
        }
        let rest = if self.duties.is_empty() { Rest::Resting } else { Rest::Working };
        match soonest {
            Some(when) => self.host.0.alarms.set(&self.stream, when, rest),
            None => self.host.0.alarms.clear(&self.stream),
        }
    }

    /// What to do about `obligation`, and when; nothing while this very process is at it.
    fn step(&self, obligation: &Obligation) -> Option<(Timestamp, Step)> {
        let (not_before, alone) = match &obligation.entry.phase {
            Phase::Waiting(until) => (*until, obligation.entry.is_suspect()),
            Phase::InFlight { instance, .. } if *instance == self.host.0.parts.instance => {
                let is_at_it = self.host.0.under_way.contains(&self.stream, &obligation.key);
                let attempt = obligation.entry.attempts;
                return (!is_at_it).then_some((Timestamp(i64::MIN), Step::Lose { attempt }));
            }
            Phase::InFlight { .. } => (Timestamp(i64::MIN), true),
            Phase::Parked(_) | Phase::Dropped => return None,
        };
        Some(match obligation.need {
            // A timer that failed once is an attempt like any other from then on, with its pauses and its limit.
            Need::Timer(due) if obligation.entry.attempts == 0 => (due, Step::Fire),
            Need::Timer(due) => (due.max(not_before), Step::Perform { alone }),
            Need::Light => (not_before, Step::Perform { alone }),
            Need::Heavy { kind, priority } => {
                (not_before, Step::Queue { priority, kind, origin: obligation.origin.clone() })
            }
        })
    }

    /// Sees to an effect in a task of its own, which a stop lets finish and the end of its grace cuts off.
    fn drive(&self, effect: String, step: Step) {
        let (host, stream, busy) = (self.host.clone(), self.stream.clone(), self.busy());
        let cut = self.host.0.cut.clone();
        let work = async move {
            let (queued, at) = (matches!(step, Step::Queue { .. }), At::new(effect));
            let taken = AssertUnwindSafe(host.take(&stream, &at, step)).catch_unwind().await;
            let effect = at.effect();
            let taken = taken.unwrap_or_else(|_| Err(HostError::Died(stream.clone())));
            if let Err(error) = &taken {
                tracing::warn!(%error, %stream, effect, "an effect was not seen to; the sweep takes it up again");
            }
            // A grant leads on from here; whatever else is left, the sweep asks again after its pause.
            let message = match taken.is_err() || queued {
                true => Message::Handed { effect },
                false => Message::Attended { effect },
            };
            host.post(&stream, message).await;
            drop(busy);
        };
        self.host.0.tasks.spawn(async move {
            cut.run_until_cancelled(work).await;
        });
    }
}

impl Host {
    async fn take(&self, stream: &StreamName, at: &At, step: Step) -> Result<(), HostError> {
        if self.0.stop.is_cancelled() {
            return Err(HostError::Stopping);
        }
        let effect = at.effect();
        let effect = effect.as_str();
        match step {
            Step::Fire => self.fire(stream, effect).await,
            Step::Lose { attempt } => self.lose(stream, effect, attempt).await,
            Step::Perform { alone } => self.perform_light(stream, at, alone).await,
            Step::Queue { priority, kind, origin } => {
                let task = task_id(stream, effect);
                let (stream, effect) = (stream.clone(), effect.to_owned());
                let command = ClusterCommand::QueueTask { task, stream, effect, kind, priority };
                let id = self.fresh_id();
                let envelope = origin.map_or_else(
                    || Envelope::from_inside(id),
                    |origin| Envelope::about_effect(&origin, id, None),
                );
                self.send(&cluster_stream()?, &command, envelope).await.map(|_| ())
            }
        }
    }

    async fn lose(&self, stream: &StreamName, effect: &str, attempt: u32) -> Result<(), HostError> {
        let (effect, evidence) = (effect.to_owned(), "its outcome was not recorded".to_owned());
        let command = EffectCommand::LoseAttempt { effect, attempt, evidence };
        match self.send(stream, &command, Envelope::from_inside(self.fresh_id())).await {
            // Somebody has recorded more about it meanwhile.
            Ok(_) | Err(HostError::Rejected(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn perform_light(&self, stream: &StreamName, at: &At, alone: bool) -> Result<(), HostError> {
        let _permit = self.0.light.acquire().await.map_err(|_| HostError::Stopping)?;
        let Place { node, instance } = self.place();
        let claim = Claim { effect: at.effect(), worker: format!("{node}/light"), instance, epoch: 0, alone };
        if alone {
            let _lane = self.0.lane.write().await;
            self.attempt(stream, claim, at).await
        } else {
            let _lane = self.0.lane.read().await;
            self.attempt(stream, claim, at).await
        }
    }

    /// Tries an effect, and then what the stream owes next: each outcome and the attempt after it share an append.
    async fn attempt(&self, stream: &StreamName, claim: Claim, at: &At) -> Result<(), HostError> {
        if self.0.stop.is_cancelled() {
            return Err(HostError::Stopping);
        }
        let (attempts, effect) = (self.attempts(), claim.effect.clone());
        let taker = Taker { worker: claim.worker.clone(), instance: claim.instance.clone() };
        let mut left = if claim.alone { 0 } else { IN_A_ROW_MAX };
        let (mut claimed, mut held) = match attempts.begin(stream, claim).await? {
            Attempt::Begun(claimed, held) => (*claimed, held),
            Attempt::UnderWay => return Ok(()),
            Attempt::Unwanted(reason) => {
                tracing::debug!(%stream, effect, reason, "an effect was no longer wanted");
                return Ok(());
            }
        };
        loop {
            let next = (left > 0 && !self.0.stop.is_cancelled()).then(|| taker.clone());
            let Some(begun) = attempts.see_through(stream, claimed, next).await? else { return Ok(()) };
            drop(held);
            at.moves_to(&begun.outcome.effect);
            let Some(holds) = attempts.under_way.hold(stream, &begun.outcome.effect) else { return Ok(()) };
            (claimed, held, left) = (begun, holds, left.saturating_sub(1));
        }
    }

    pub(super) async fn post(&self, stream: &StreamName, message: Message) {
        if let Err(error) = self.deliver(stream, message).await {
            tracing::debug!(%error, %stream, "a cell was gone; the sweep takes over");
        }
    }
}

/// The effect a task is at.
struct At(Mutex<String>);

impl At {
    fn new(effect: String) -> Self {
        Self(Mutex::new(effect))
    }

    fn effect(&self) -> String {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn moves_to(&self, effect: &str) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = effect.to_owned();
    }
}

/// The task of an effect, the same whoever computes it.
pub(crate) fn task_id(stream: &StreamName, effect: &str) -> Id {
    Id::derive("task", &[stream.as_str().as_bytes(), effect.as_bytes()])
}
