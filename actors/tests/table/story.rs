//! Given events, when a command comes, then events or a rejection; and the same with the effect protocol around it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(dead_code, reason = "every table uses its part of it")]

use std::fmt::Debug;

use hydra_actors::aggregate::{Aggregate, DecideError, Loaded, wire_command};
use hydra_actors::decider::{Decider, Given};
use hydra_actors::policy::Policy;
use hydra_events::StreamName;
use hydra_events::record::{Meta, OutcomeOf};
use hydra_events::vocabulary::effect::{EffectCommand, FailureKind};
use hydra_events::wire::Vocabulary;

use super::stream::{Table, meta};

/// What the entity answers to `command` after `events`.
pub fn decided<D: Decider>(events: &[D::Event], command: D::Command) -> Result<Vec<D::Event>, D::Rejection> {
    Table::of(&format!("{}-x", D::CATEGORY)).decide::<D>(events, command)
}

/// Given `events`, when `command` comes, then `expected`.
#[track_caller]
pub fn check<D: Decider>(
    events: &[D::Event],
    command: D::Command,
    expected: Result<Vec<D::Event>, D::Rejection>,
) where
    D::Event: Debug,
    D::Rejection: PartialEq,
{
    Table::of(&format!("{}-x", D::CATEGORY)).check::<D>(events, command, expected);
}

/// A stream with its effects, as the host has it.
pub struct Hosted<D: Decider> {
    loaded: Loaded<D>,
    name: StreamName,
}

impl<D: Decider> Hosted<D> {
    pub fn new(name: &str) -> Self {
        Self { loaded: Loaded::default(), name: super::stream::name(name) }
    }

    pub fn state(&self) -> &D::State {
        self.loaded.entity()
    }

    /// The names of the events `command` leads to, or the rule that is broken.
    pub fn tell(&mut self, command: &D::Command) -> Result<Vec<String>, String> {
        self.decide(command, None)
    }

    /// The same for a command of the effect protocol.
    pub fn effect(&mut self, command: &EffectCommand) -> Result<Vec<String>, String> {
        self.decide(command, None)
    }

    /// Starts the next attempt at `effect`.
    pub fn start(&mut self, effect: &str, instance: &str) -> Result<Vec<String>, String> {
        let (effect, worker, instance) = (effect.to_owned(), "worker".to_owned(), instance.to_owned());
        self.effect(&EffectCommand::StartAttempt { effect, worker, instance, epoch: 0, alone: false })
    }

    /// Reports on an attempt by `command`.
    pub fn report(
        &mut self,
        effect: &str,
        attempt: u32,
        command: &D::Command,
    ) -> Result<Vec<String>, String> {
        self.decide(command, Some(OutcomeOf { effect: effect.to_owned(), attempt, epoch: 0 }))
    }

    /// Reports that an attempt failed for good.
    pub fn fail(&mut self, effect: &str, attempt: u32) -> Result<Vec<String>, String> {
        let (effect, message) = (effect.to_owned(), "it cannot be done".to_owned());
        let outcome = OutcomeOf { effect: effect.clone(), attempt, epoch: 0 };
        let command = EffectCommand::FailAttempt { effect, kind: FailureKind::Permanent, message };
        self.decide(&command, Some(outcome))
    }

    /// The keys that are to be performed.
    pub fn due(&self) -> Vec<String> {
        self.loaded.obligations().into_iter().map(|obligation| obligation.key).collect()
    }

    fn decide<C: Vocabulary>(
        &mut self,
        command: &C,
        outcome: Option<OutcomeOf>,
    ) -> Result<Vec<String>, String> {
        let (meta, policy) = (Meta { outcome, ..meta() }, Policy::default());
        let wire = wire_command(&self.name, command).unwrap();
        let given = Given { stream: &self.name, meta: &meta, policy: &policy };
        match self.loaded.decide(&wire, given) {
            Ok(drafts) => Ok(drafts.iter().map(|draft| draft.kind.name().to_owned()).collect()),
            Err(DecideError::Rejected(rejection)) => Err(rejection.rule),
            Err(DecideError::Wire(error)) => panic!("{error}"),
        }
    }
}
