//! An attempt at an effect: claimed by a recorded event before it starts, carried out far from the cell, reported back
//! as a command.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::FutureExt;
use hydra_events::log::LogError;
use hydra_events::record::{OutcomeOf, Recorded};
use hydra_events::vocabulary::effect::{EffectCommand, EffectEvent};
use hydra_events::{Id, StreamName};
use tokio::sync::oneshot;

use super::cell::{CellState, Message};
use super::envelope::Envelope;
use super::{Answer, Host, HostError};
use crate::aggregate::{Origin, WireCommand, wire_command};
use crate::perform::Job;
use crate::policy::PolicyKey;
use crate::ports::PortError;
use crate::registry::{self, typed};

/// How often an outcome that the log does not take is offered again.
const OUTCOME_TRIES_MAX: u32 = 6;
const OUTCOME_DELAY: Duration = Duration::from_millis(200);

/// A worker's wish to try an effect.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    pub(super) effect: String,
    pub(super) worker: String,
    pub(super) epoch: u64,
    pub(super) alone: bool,
}

/// A recorded attempt, with all its worker needs.
pub(super) struct Claimed {
    pub(super) order: Vec<u8>,
    pub(super) outcome: OutcomeOf,
    pub(super) origin: Origin,
}

/// What became of a claim.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Attempt {
    /// The attempt was made and its outcome recorded, good or bad.
    Reported,
    /// This process is at it already: its invitation came twice.
    UnderWay,
    /// The stream does not want the attempt (now).
    Unwanted(String),
}

impl CellState {
    pub(super) async fn claim(&mut self, claim: Claim) -> Result<Claimed, HostError> {
        let Claim { effect, worker, epoch, alone } = claim;
        self.load().await?;
        let order = self.aggregate().and_then(|aggregate| aggregate.work_order(&effect));
        let origin = self.aggregate().and_then(|aggregate| {
            aggregate.obligations().into_iter().find(|o| o.key == effect).and_then(|o| o.origin)
        });
        let id = self.host.fresh_id();
        let envelope = match &origin {
            Some(origin) => Envelope::about_effect(origin, id, None),
            None => Envelope::from_inside(id),
        };
        let instance = self.host.0.parts.instance.clone();
        let start = EffectCommand::StartAttempt { effect: effect.clone(), worker, instance, epoch, alone };
        let command = wire_command(&self.stream, &start)?;
        let answer = self.decide(&command, &envelope).await?;
        let started = answer.events.iter().find_map(|event| started(event).map(|attempt| (event, attempt)));
        let (Some((event, attempt)), Some(order)) = (started, order) else {
            let reason = "its worker died too often: it is parked".to_owned();
            return Err(HostError::Rejected(crate::aggregate::Rejection { rule: "Parked".into(), reason }));
        };
        Ok(Claimed { order, outcome: OutcomeOf { effect, attempt, epoch }, origin: Origin::of(event) })
    }
}

fn started(event: &Recorded) -> Option<u32> {
    match typed::<EffectEvent>(event) {
        Ok(EffectEvent::AttemptStarted { attempt, .. }) => Some(attempt),
        Ok(_) | Err(_) => None,
    }
}

impl Host {
    /// Claims, performs and reports one attempt.
    pub(super) async fn attempt(&self, stream: &StreamName, claim: Claim) -> Result<Attempt, HostError> {
        if self.0.stop.is_cancelled() {
            return Err(HostError::Stopping);
        }
        let Some(_held) = self.0.under_way.hold(stream, &claim.effect) else {
            return Ok(Attempt::UnderWay);
        };
        let (reply, answer) = oneshot::channel();
        self.deliver(stream, Message::Claim { claim, reply }).await?;
        let claimed = match answer.await.unwrap_or(Err(HostError::Died(stream.clone()))) {
            Ok(claimed) => claimed,
            Err(HostError::Rejected(rejection)) => return Ok(Attempt::Unwanted(rejection.reason)),
            Err(error) => return Err(error),
        };
        let limit = Duration::from_secs_f64(self.policy().policy.get(PolicyKey::AttemptSecondsMax));
        let result = self.perform(stream, &claimed.outcome.effect, claimed.order, limit).await;
        let OutcomeOf { effect, attempt, epoch } = claimed.outcome.clone();
        let id = Id::of_outcome(stream.as_str(), &effect, attempt, epoch);
        let envelope = Envelope::about_effect(&claimed.origin, id, Some(claimed.outcome));
        let command = outcome_command(stream, effect.clone(), result)?;
        match self.report(stream, command, envelope.clone()).await {
            // The log will never take this outcome; that it failed, it will.
            Err(error) if !error.may_pass() => {
                let message = format!("its outcome could not be recorded: {error}");
                let failed = outcome_command(stream, effect, Err(PortError::permanent(message)))?;
                self.report(stream, failed, envelope).await?;
            }
            result => drop(result?),
        }
        Ok(Attempt::Reported)
    }

    /// Performs a timer that has come due, and reports.
    pub(super) async fn fire(&self, stream: &StreamName, effect: &str) -> Result<(), HostError> {
        let view = self.look(stream).await?;
        let origin = view.obligations.into_iter().find(|o| o.key == effect).and_then(|o| o.origin);
        let (Some(origin), Some(order)) = (origin, self.order(stream, effect).await?) else { return Ok(()) };
        let limit = Duration::from_secs_f64(self.policy().policy.get(PolicyKey::AttemptSecondsMax));
        let result = self.perform(stream, effect, order, limit).await;
        let id = Id::of_outcome(stream.as_str(), effect, 0, 0);
        let outcome = OutcomeOf { effect: effect.to_owned(), attempt: 0, epoch: 0 };
        let envelope = Envelope::about_effect(&origin, id, Some(outcome));
        let command = outcome_command(stream, effect.to_owned(), result)?;
        self.report(stream, command, envelope).await.map(|_| ())
    }

    async fn order(&self, stream: &StreamName, effect: &str) -> Result<Option<Vec<u8>>, HostError> {
        let (reply, answer) = oneshot::channel();
        self.deliver(stream, Message::Order { effect: effect.to_owned(), reply }).await?;
        answer.await.map_err(|_| HostError::Died(stream.clone()))
    }

    /// Carries the effect out within `limit`. A panic of a performer is a failure of this attempt alone.
    async fn perform(
        &self,
        stream: &StreamName,
        effect: &str,
        order: Vec<u8>,
        limit: Duration,
    ) -> Result<WireCommand, PortError> {
        let perform = registry::entity(stream.category()).and_then(|entity| entity.perform);
        let Some(perform) = perform else { return Err(PortError::permanent("nothing performs this effect")) };
        let job = Job { stream: stream.clone(), effect: effect.to_owned() };
        let work = AssertUnwindSafe(perform(self.0.parts.ports.clone(), order, job)).catch_unwind();
        match tokio::time::timeout(limit, work).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(PortError::transient("the performer panicked: see the log output")),
            Err(_) => Err(PortError::transient(format!("no result within {} s", limit.as_secs()))),
        }
    }

    /// An outcome is worth more patience than other commands, because the work behind it would be repeated: while only
    /// the store is away, it is offered until Hydra stops.
    async fn report(
        &self,
        stream: &StreamName,
        command: WireCommand,
        envelope: Envelope,
    ) -> Result<Answer, HostError> {
        let mut tries = 1;
        loop {
            match self.send_wire(stream, command.clone(), envelope.clone()).await {
                Err(error) if is_worth_a_try(&error, tries) => {
                    tracing::warn!(%error, %stream, "the outcome is reported again");
                    let delay = OUTCOME_DELAY * 2_u32.pow(tries.min(OUTCOME_TRIES_MAX));
                    tokio::time::sleep(delay).await;
                    tries += 1;
                }
                result => return result,
            }
        }
    }
}

fn is_worth_a_try(error: &HostError, tries: u32) -> bool {
    let is_away = matches!(error, HostError::Log(LogError::Store(_)));
    is_away || error.may_pass() && tries < OUTCOME_TRIES_MAX
}

fn outcome_command(
    stream: &StreamName,
    effect: String,
    result: Result<WireCommand, PortError>,
) -> Result<WireCommand, HostError> {
    match result {
        Ok(command) => Ok(command),
        Err(PortError { kind, message }) => {
            Ok(wire_command(stream, &EffectCommand::FailAttempt { effect, kind, message })?)
        }
    }
}
