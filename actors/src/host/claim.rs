//! Claims: an attempt is recorded by its stream before it starts.

use std::sync::Arc;
use std::time::Duration;

use hydra_events::record::{OutcomeOf, Recorded};
use hydra_events::vocabulary::effect::{EffectCommand, EffectEvent};
use hydra_events::{Id, StreamName};
use tokio::sync::oneshot;

use super::cell::{CellState, Message};
use super::envelope::Envelope;
use super::{Host, HostError};
use crate::aggregate::{Origin, wire_command};
use crate::attempt::{Attempts, outcome_command, perform};
use crate::desk::{Claim, Claimed};
use crate::policy::PolicyKey;
use crate::registry::typed;

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
        let (Some((event, attempt)), Some(order)) = (started, order) else {
            let reason = "its worker died too often: it is parked".to_owned();
            return Err(HostError::Rejected(crate::aggregate::Rejection { rule: "Parked".into(), reason }));
        };
        let (outcome, limit) = (OutcomeOf { effect, attempt, epoch }, self.host.attempt_limit());
        Ok(Claimed { order, outcome, origin: Origin::of(event), limit })
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

fn started(event: &Recorded) -> Option<u32> {
    match typed::<EffectEvent>(event) {
        Ok(EffectEvent::AttemptStarted { attempt, .. }) => Some(attempt),
        Ok(_) | Err(_) => None,
    }
}

impl Host {
    /// Attempts in this very process.
    pub(super) fn attempts(&self) -> Attempts {
        let under_way = self.0.under_way.clone();
        Attempts { desk: Arc::new(self.clone()), ports: self.0.parts.ports.clone(), under_way }
    }

    pub(super) fn attempt_limit(&self) -> Duration {
        Duration::from_secs_f64(self.policy().policy.get(PolicyKey::AttemptSecondsMax))
    }

    /// Performs a timer that has come due, and reports.
    pub(super) async fn fire(&self, stream: &StreamName, effect: &str) -> Result<(), HostError> {
        let view = self.look(stream).await?;
        let origin = view.obligations.into_iter().find(|o| o.key == effect).and_then(|o| o.origin);
        let (Some(origin), Some(order)) = (origin, self.order(stream, effect).await?) else { return Ok(()) };
        let result = perform(&self.0.parts.ports, stream, effect, order, self.attempt_limit()).await;
        let id = Id::of_outcome(stream.as_str(), effect, 0, 0);
        let outcome = OutcomeOf { effect: effect.to_owned(), attempt: 0, epoch: 0 };
        let envelope = Envelope::about_effect(&origin, id, Some(outcome));
        let command = outcome_command(stream, effect.to_owned(), result)?;
        self.attempts().report(stream, command, envelope).await
    }

    async fn order(&self, stream: &StreamName, effect: &str) -> Result<Option<Vec<u8>>, HostError> {
        let (reply, answer) = oneshot::channel();
        self.deliver(stream, Message::Order { effect: effect.to_owned(), reply }).await?;
        answer.await.map_err(|_| HostError::Died(stream.clone()))
    }
}
