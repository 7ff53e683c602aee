//! Today's entities, each with one change to its code.

use hydra_actors::aggregate::{AcceptedCommand, Aggregate, DecideError, Obligation, Rejection, WireCommand};
use hydra_actors::decider::Given;
use hydra_actors::policy::{Policy, PolicyKey};
use hydra_actors::registry::entity;
use hydra_events::Id;
use hydra_events::record::{Draft, Recorded};
use hydra_events::wire::WireError;
use serde_json::Value;

pub fn turned_round() -> Box<dyn Aggregate> {
    Changed::boxed("review", Change::TurnedRound)
}

pub fn forgetful() -> Box<dyn Aggregate> {
    Changed::boxed("image", Change::Forgetful)
}

pub fn unwilling() -> Box<dyn Aggregate> {
    Changed::boxed("policy", Change::Unwilling)
}

pub fn carefree() -> Box<dyn Aggregate> {
    Changed::boxed("image", Change::Carefree)
}

/// Today's entity with one change to its code.
struct Changed {
    inner: Box<dyn Aggregate>,
    change: Change,
}

#[derive(Clone, Copy, PartialEq)]
enum Change {
    /// The technical score is compared the other way round.
    TurnedRound,
    /// Requesters are not told.
    Forgetful,
    /// Nothing is taken.
    Unwilling,
    /// Nothing is owed.
    Carefree,
}

impl Changed {
    fn boxed(category: &str, change: Change) -> Box<dyn Aggregate> {
        Box::new(Self { inner: (entity(category).unwrap().fresh)(), change })
    }
}

impl Aggregate for Changed {
    fn decide(&mut self, command: &WireCommand, given: Given<'_>) -> Result<Vec<Draft>, DecideError> {
        match self.change {
            Change::TurnedRound => {
                let policy = mirrored(command, given.policy);
                self.inner.decide(command, Given { policy: &policy, ..given })
            }
            Change::Forgetful => {
                let drafts = self.inner.decide(command, given)?;
                Ok(drafts.into_iter().filter(|draft| draft.kind.name() != "image_supplied").collect())
            }
            Change::Unwilling => {
                let (rule, reason) = ("Unwilling".into(), "not today".into());
                Err(Rejection { rule, reason }.into())
            }
            Change::Carefree => self.inner.decide(command, given),
        }
    }

    fn note(&mut self, events: &[Recorded]) {
        self.inner.note(events);
    }

    fn evolve(&mut self, event: &Recorded) -> Result<(), WireError> {
        self.inner.evolve(event)
    }

    fn accepted(&self, command: Id) -> Option<&AcceptedCommand> {
        self.inner.accepted(command)
    }

    fn obligations(&self) -> Vec<Obligation> {
        if self.change == Change::Carefree { Vec::new() } else { self.inner.obligations() }
    }

    fn owes(&self) -> bool {
        self.change != Change::Carefree && self.inner.owes()
    }

    fn parked(&self) -> Vec<(String, u32, String)> {
        self.inner.parked()
    }

    fn work_order(&self, key: &str) -> Option<Vec<u8>> {
        self.inner.work_order(key)
    }

    fn state(&self) -> Value {
        self.inner.state()
    }

    fn snapshot(&self) -> Option<Vec<u8>> {
        self.inner.snapshot()
    }

    fn copy(&self) -> Box<dyn Aggregate> {
        Box::new(Self { inner: self.inner.copy(), change: self.change })
    }
}

/// The policy under which the technical score of `command` is judged as if `<` were `>`: its threshold mirrored at
/// the score.
fn mirrored(command: &WireCommand, policy: &Policy) -> Policy {
    let payload: Value = serde_json::from_slice(&command.payload).unwrap();
    let Some(value) = payload["scores"][0]["value"].as_f64() else { return policy.clone() };
    let mut mirrored = policy.clone();
    let threshold = 2.0 * value - policy.get(PolicyKey::TechnicalMin);
    mirrored.values.insert(PolicyKey::TechnicalMin.facts().name.into(), threshold);
    mirrored
}
