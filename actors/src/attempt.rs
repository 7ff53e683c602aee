//! An attempt at an effect: claimed by a recorded event before it starts, carried out far from the cell, reported back
//! as a command.

mod under_way;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use hydra_events::log::LogError;
use hydra_events::record::{OutcomeOf, Taker};
use hydra_events::vocabulary::effect::EffectCommand;
use hydra_events::{Id, StreamName};

pub(crate) use under_way::{Held, UnderWay};

use crate::aggregate::{WireCommand, wire_command};
use crate::desk::{Claim, Claimed, Desk};
use crate::host::{Envelope, HostError};
use crate::perform::Job;
use crate::ports::{PortError, Ports};
use crate::registry::{EntityType, entity_beside};

/// How often an outcome that the log does not take is offered again.
const OUTCOME_TRIES_MAX: u32 = 6;
const OUTCOME_DELAY: Duration = Duration::from_millis(200);

/// Makes attempts in this process.
#[derive(Clone)]
pub(crate) struct Attempts {
    pub(crate) desk: Arc<dyn Desk>,
    pub(crate) ports: Ports,
    pub(crate) under_way: UnderWay,
    /// Entities beside those of the registry.
    pub(crate) beside: &'static [EntityType],
}

/// What became of a claim.
pub(crate) enum Attempt {
    /// It is recorded, and under way as long as this is held.
    Begun(Box<Claimed>, Held),
    /// This process is at it already: its invitation came twice.
    UnderWay,
    /// The stream does not want the attempt (now).
    Unwanted(String),
}

impl Attempts {
    /// Claims one attempt.
    pub(crate) async fn begin(&self, stream: &StreamName, claim: Claim) -> Result<Attempt, HostError> {
        let Some(held) = self.under_way.hold(stream, &claim.effect) else { return Ok(Attempt::UnderWay) };
        match self.desk.claim(stream, claim).await {
            Ok(claimed) => Ok(Attempt::Begun(Box::new(claimed), held)),
            Err(HostError::Rejected(rejection)) => Ok(Attempt::Unwanted(rejection.reason)),
            Err(error) => Err(error),
        }
    }

    /// Performs and reports it, good or bad. Where `next` goes on, the attempt that has begun with the report is returned.
    pub(crate) async fn see_through(
        &self,
        stream: &StreamName,
        claimed: Claimed,
        next: Option<Taker>,
    ) -> Result<Option<Claimed>, HostError> {
        let Claimed { order, outcome, origin, limit } = claimed;
        let OutcomeOf { effect, attempt, epoch } = outcome.clone();
        let entity = entity_beside(self.beside, stream.category());
        let job = Job { stream: stream.clone(), effect: effect.clone() };
        let result = perform(entity, &self.ports, job, order, limit).await;
        let id = Id::of_outcome(stream.as_str(), &effect, attempt, epoch);
        let envelope = Envelope { next, ..Envelope::about_effect(&origin, id, Some(outcome)) };
        let command = outcome_command(stream, effect.clone(), result)?;
        match self.report(stream, command, envelope.clone()).await {
            // The log will never take this outcome; that it failed, it will.
            Err(error) if !error.may_pass() => {
                let message = format!("its outcome could not be recorded: {error}");
                let failed = outcome_command(stream, effect, Err(PortError::permanent(message)))?;
                self.report(stream, failed, envelope).await
            }
            result => result,
        }
    }

    /// An outcome is worth more patience than other commands, because the work behind it would be repeated: while only
    /// the store or the way to it is away, it is offered until Hydra stops.
    pub(crate) async fn report(
        &self,
        stream: &StreamName,
        command: WireCommand,
        envelope: Envelope,
    ) -> Result<Option<Claimed>, HostError> {
        let mut tries = 1;
        loop {
            match self.desk.report(stream, command.clone(), envelope.clone()).await {
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
    let is_away = matches!(error, HostError::Log(LogError::Store(_)) | HostError::Away(_));
    is_away || error.may_pass() && tries < OUTCOME_TRIES_MAX
}

/// Carries the effect out within `limit`. A panic of a performer is a failure of this attempt alone.
pub(crate) async fn perform(
    entity: Option<&EntityType>,
    ports: &Ports,
    job: Job,
    order: Vec<u8>,
    limit: Duration,
) -> Result<WireCommand, PortError> {
    let perform = entity.and_then(|entity| entity.perform);
    let Some(perform) = perform else { return Err(PortError::permanent("nothing performs this effect")) };
    let work = AssertUnwindSafe(perform(ports.clone(), order, job)).catch_unwind();
    match tokio::time::timeout(limit, work).await {
        Ok(Ok(result)) => result,
        Ok(Err(_)) => Err(PortError::transient("the performer panicked: see the log output")),
        Err(_) => Err(PortError::transient(format!("no result within {} s", limit.as_secs()))),
    }
}

/// The command that reports `result`.
pub(crate) fn outcome_command(
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
