//! Claims: an attempt is recorded by its stream before it starts.

use std::sync::Arc;
use std::time::Duration;

use hydra_events::record::{EffectMark, EffectRole, OutcomeOf, Recorded};
use hydra_events::vocabulary::effect::EffectCommand;
use hydra_events::{Id, StreamName};
use tokio::sync::oneshot;

use super::cell::{CellState, Message};
use super::duty::Duty;
use super::envelope::Envelope;
use super::{Answer, Host, HostError};
use crate::aggregate::{Origin, WireCommand, wire_command};
use crate::attempt::{Attempts, outcome_command, perform};
use crate::book::Phase;
use crate::desk::{Claim, Claimed};
use crate::perform::Job;
use crate::policy::PolicyKey;

impl CellState {
    pub(super) async fn claim(&mut self, claim: Claim) -> Result<Claimed, HostError> {
        self.load().await?;
        let effect = claim.effect.clone();
        let order = self.aggregate().and_then(|aggregate| aggregate.work_order(&effect));
        let origin = self.aggregate().and_then(|aggregate| {
            aggregate.obligations().into_iter().find(|o| o.key == effect).and_then(|o| o.origin)
        });
        let id = self.id_of(&claim);
        let envelope = match &origin {
            Some(origin) => Envelope::about_effect(origin, id, None),
            None => Envelope::from_inside(id),
        };
        let Claim { effect, worker, instance, epoch, alone } = claim;
        let start = EffectCommand::StartAttempt { effect: effect.clone(), worker, instance, epoch, alone };
        let command = wire_command(&self.stream, &start)?;
        let answer = self.decide(&command, &envelope).await?;
        let started = answer.events.iter().find_map(|event| started(event).map(|attempt| (event, attempt)));
        let (Some((event, mark)), Some(order)) = (started, order) else {
            let reason = "its worker died too often: it is parked".to_owned();
            return Err(HostError::Rejected(crate::aggregate::Rejection { rule: "Parked".into(), reason }));
        };
        let (outcome, limit) =
            (OutcomeOf { effect, attempt: mark.attempt, epoch }, self.host.attempt_limit());
        Ok(Claimed { order, outcome, origin: Origin::of(event), limit })
    }

    /// Decides how an attempt went. Whoever reports is at the attempt that begins with it, if one does.
    pub(super) async fn report(
        &mut self,
        command: &WireCommand,
        envelope: &Envelope,
    ) -> Result<Option<Claimed>, HostError> {
        let answer = self.record(command, envelope).await?;
        let next = self.begun(&answer);
        if let Some(Claimed { outcome: begun, .. }) = &next {
            // Nobody says of the one reported on that it is no longer seen to; it may have to be tried again.
            if let Some(reported) = &envelope.outcome {
                self.duties.remove(&reported.effect);
            }
            self.duties.insert(begun.effect.clone(), Duty::Driven);
        }
        if !answer.events.is_empty() {
            self.see_to();
        }
        Ok(next)
    }

    /// The attempt of this process that `answer` has begun, as long as nothing has ended it.
    fn begun(&self, answer: &Answer) -> Option<Claimed> {
        let (event, mark) =
            answer.events.iter().find_map(|event| started(event).map(|mark| (event, mark)))?;
        let aggregate = self.aggregate()?;
        let obligation = aggregate.obligations().into_iter().find(|owed| owed.key == mark.effect)?;
        let is_ours = match &obligation.entry.phase {
            Phase::InFlight { instance, epoch, .. } => {
                *instance == self.host.parts().instance
                    && *epoch == 0
                    && obligation.entry.attempts == mark.attempt
            }
            Phase::Waiting(_) | Phase::Parked(_) | Phase::Dropped => false,
        };
        let order = aggregate.work_order(&mark.effect).filter(|_| is_ours)?;
        let outcome = OutcomeOf { effect: mark.effect.clone(), attempt: mark.attempt, epoch: 0 };
        Some(Claimed { order, outcome, origin: Origin::of(event), limit: self.host.attempt_limit() })
    }

    /// A claim whose answer was lost on its way is made again, under the same lease.
    fn id_of(&self, claim: &Claim) -> Id {
        let Claim { effect, instance, epoch, .. } = claim;
        match epoch {
            0 => self.host.fresh_id(),
            epoch => {
                let stream = self.stream.as_str().as_bytes();
                Id::derive("claim", &[stream, effect.as_bytes(), instance.as_bytes(), &epoch.to_le_bytes()])
            }
        }
    }
}

fn started(event: &Recorded) -> Option<&EffectMark> {
    event.effect.as_ref().filter(|mark| mark.role == EffectRole::Attempt)
}

impl Host {
    /// Attempts in this very process.
    pub(super) fn attempts(&self) -> Attempts {
        let under_way = self.0.under_way.clone();
        let (ports, beside) = (self.0.parts.ports.clone(), self.0.parts.beside);
        Attempts { desk: Arc::new(self.clone()), ports, under_way, beside }
    }

    pub(super) fn attempt_limit(&self) -> Duration {
        Duration::from_secs_f64(self.policy().policy.get(PolicyKey::AttemptSecondsMax))
    }

    /// Performs a timer that has come due, and reports.
    pub(super) async fn fire(&self, stream: &StreamName, effect: &str) -> Result<(), HostError> {
        let view = self.look(stream).await?;
        let origin = view.obligations.into_iter().find(|o| o.key == effect).and_then(|o| o.origin);
        let (Some(origin), Some(order)) = (origin, self.order(stream, effect).await?) else { return Ok(()) };
        let parts = &self.0.parts;
        let (entity, job) =
            (parts.entity(stream.category()), Job { stream: stream.clone(), effect: effect.to_owned() });
        let result = perform(entity, &parts.ports, job, order, self.attempt_limit()).await;
        let id = Id::of_outcome(stream.as_str(), effect, 0, 0);
        let outcome = OutcomeOf { effect: effect.to_owned(), attempt: 0, epoch: 0 };
        let envelope = Envelope::about_effect(&origin, id, Some(outcome));
        let command = outcome_command(stream, effect.to_owned(), result)?;
        self.attempts().report(stream, command, envelope).await.map(|_| ())
    }

    async fn order(&self, stream: &StreamName, effect: &str) -> Result<Option<Vec<u8>>, HostError> {
        let (reply, answer) = oneshot::channel();
        self.deliver(stream, Message::Order { effect: effect.to_owned(), reply }).await?;
        answer.await.map_err(|_| HostError::Died(stream.clone()))
    }
}
