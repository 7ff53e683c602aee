//! A table that names its rejections, and a whole stream with its book of effects for what happens when work fails.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(dead_code, reason = "each table uses what it needs")]

use std::fmt::Debug;

use hydra_actors::aggregate::{Aggregate, DecideError, Loaded, wire_command};
use hydra_actors::decider::{Decider, Given, Reaction};
use hydra_actors::policy::Policy;
use hydra_events::record::{Codec, Draft, EffectRole, Meta, OutcomeOf, Recorded, Visibility};
use hydra_events::vocabulary::effect::{EffectCommand, FailureKind};
use hydra_events::wire::{self, Vocabulary};
use hydra_events::{Id, StreamName, Timestamp};

pub use super::samples::*;

/// When every command is decided.
pub const NOW: Timestamp = Timestamp(1_000_000);

/// The version of the policy in force.
pub const POLICY: u64 = 3;

pub fn meta() -> Meta {
    let id = Id::derive("test", &[]);
    Meta {
        command_id: id,
        correlation_id: id,
        causation_id: id,
        time: NOW,
        principal: "tester".into(),
        owner: "household".into(),
        visibility: Visibility::Household,
        trace: None,
        policy: POLICY,
        outcome: None,
        next: None,
    }
}

/// One table: the stream that decides and the policy it decides under.
pub struct Table {
    pub stream: StreamName,
    pub policy: Policy,
}

impl Table {
    pub fn of(stream: &str) -> Self {
        Self { stream: name(stream), policy: Policy::default() }
    }

    pub fn with(mut self, key: &str, value: f64) -> Self {
        self.policy.values.insert(key.into(), value);
        self
    }

    /// What `when` leads to after `given`.
    pub fn decide<D: Decider>(
        &self,
        given: &[D::Event],
        when: D::Command,
    ) -> Result<Vec<D::Event>, D::Rejection> {
        let meta = meta();
        D::decide(&state::<D>(given), when, Given { stream: &self.stream, meta: &meta, policy: &self.policy })
    }

    /// Checks what `when` leads to after `given`, and that each event then concerns one effect at most.
    #[track_caller]
    pub fn check<D: Decider>(
        &self,
        given: &[D::Event],
        when: D::Command,
        then: Result<Vec<D::Event>, D::Rejection>,
    ) where
        D::Event: Debug,
        D::Rejection: PartialEq,
    {
        let got = self.decide::<D>(given, when);
        assert_eq!(got, then);
        let mut state = state::<D>(given);
        for event in got.iter().flatten() {
            let before = keys::<D>(&state);
            D::evolve(&mut state, event);
            let after = keys::<D>(&state);
            let opened = after.iter().filter(|key| !before.contains(key)).count();
            let closed = before.iter().filter(|key| !after.contains(key)).count();
            assert!(opened + closed <= 1, "{event:?} concerns {} effects", opened + closed);
        }
    }
}

pub fn state<D: Decider>(events: &[D::Event]) -> D::State {
    let mut state = D::State::default();
    events.iter().for_each(|event| D::evolve(&mut state, event));
    state
}

/// The keys of what a stream owes.
pub fn keys<D: Decider>(state: &D::State) -> Vec<String> {
    D::owed(state).into_iter().map(|owed| owed.key).collect()
}

/// The keys of what is owed after `events`.
pub fn owed<D: Decider>(events: &[D::Event]) -> Vec<String> {
    keys::<D>(&state::<D>(events))
}

/// What `event` of `stream`, at position 7, makes `D` do.
#[track_caller]
pub fn reactions<D: Decider, E: Vocabulary>(stream: &str, event: &E) -> Vec<Reaction<D::Command>> {
    let recorded = recorded(&name(stream), event);
    assert!(D::REACTS_TO.contains(&recorded.kind.as_str()), "{} is not listened to", recorded.kind.as_str());
    D::react(&recorded).unwrap()
}

/// `event` of `stream`, at position 7, as a reaction sees it.
pub fn recorded<E: Vocabulary>(stream: &StreamName, event: &E) -> Recorded {
    let (kind, payload) = wire::encode(stream.category(), event).unwrap();
    let id = Id::derive("test", &[]);
    Recorded {
        position: 7,
        stream: stream.clone(),
        version: 1,
        kind,
        id,
        command_id: id,
        correlation_id: id,
        causation_id: id,
        time: NOW,
        actor: "tester".into(),
        code: "".into(),
        principal: "tester".into(),
        owner: "household".into(),
        visibility: Visibility::Household,
        trace: None,
        owes: false,
        effect: None,
        codec: Codec::Json,
        payload,
        command: None,
        hash: [0; 32],
    }
}

/// A stream with its book.
pub struct Stream<D: Decider> {
    pub loaded: Loaded<D>,
    pub table: Table,
}

impl<D: Decider> Stream<D> {
    pub fn of(stream: &str) -> Self {
        Self { loaded: Loaded::default(), table: Table::of(stream) }
    }

    /// Sends a command; returns the names of the events it led to.
    pub fn tell(&mut self, command: &D::Command) -> Result<Vec<String>, DecideError> {
        self.send(command, None)
    }

    /// Starts the next attempt at `effect`.
    pub fn start(&mut self, effect: &str) -> Result<Vec<String>, DecideError> {
        let epoch = u64::from(self.attempts(effect)) + 1;
        let (effect, worker, instance) = (effect.into(), "worker".into(), "instance".into());
        self.send(&EffectCommand::StartAttempt { effect, worker, instance, epoch, alone: false }, None)
    }

    /// Reports `command` as the outcome of the last attempt at `effect`.
    pub fn finish(&mut self, effect: &str, command: &D::Command) -> Result<Vec<String>, DecideError> {
        let outcome = self.outcome(effect);
        self.send(command, Some(outcome))
    }

    /// Reports that the last attempt at `effect` failed for good.
    pub fn fail(&mut self, effect: &str, message: &str) -> Result<Vec<String>, DecideError> {
        let outcome = self.outcome(effect);
        let (effect, kind, message) = (effect.into(), FailureKind::Permanent, message.into());
        self.send(&EffectCommand::FailAttempt { effect, kind, message }, Some(outcome))
    }

    /// Unparks everything.
    pub fn unpark(&mut self) -> Result<Vec<String>, DecideError> {
        self.send(&EffectCommand::RetryEffect { effect: None }, None)
    }

    /// The effects that may be performed.
    pub fn active(&self) -> Vec<String> {
        self.loaded.obligations().into_iter().map(|obligation| obligation.key).collect()
    }

    /// The stream after its process died: from its snapshot.
    pub fn crash(&mut self) {
        let bytes = self.loaded.snapshot().unwrap();
        let again: Loaded<D> = rmp_serde::from_slice(&bytes).unwrap();
        assert_eq!(again.state(), self.loaded.state());
        self.loaded = again;
    }

    fn attempts(&self, effect: &str) -> u32 {
        let mut obligations = self.loaded.obligations().into_iter();
        obligations
            .find(|obligation| obligation.key == effect)
            .map_or(0, |obligation| obligation.entry.attempts)
    }

    fn outcome(&self, effect: &str) -> OutcomeOf {
        let attempt = self.attempts(effect);
        OutcomeOf { effect: effect.into(), attempt, epoch: u64::from(attempt) }
    }

    fn send<C: Vocabulary>(
        &mut self,
        command: &C,
        outcome: Option<OutcomeOf>,
    ) -> Result<Vec<String>, DecideError> {
        let command = wire_command(&self.table.stream, command)?;
        let meta = Meta { outcome, ..meta() };
        let given = Given { stream: &self.table.stream, meta: &meta, policy: &self.table.policy };
        let drafts = self.loaded.decide(&command, given)?;
        Ok(drafts.iter().map(shown).collect())
    }
}

/// `line_requested +speak-1`: an event and what becomes of its effect.
fn shown(draft: &Draft) -> String {
    let name = draft.kind.name();
    match &draft.effect {
        None => name.into(),
        Some(mark) if mark.role == EffectRole::Open => format!("{name} +{}", mark.effect),
        Some(mark) if mark.role == EffectRole::Close => format!("{name} -{}", mark.effect),
        Some(_) => name.into(),
    }
}
