//! The shape every entity has: four synchronous, deterministic, total functions.
//!
//! Time, identity and policy arrive in [`Given`]; nothing here may read a clock, draw a random number, look at the
//! environment or wait.

use std::fmt::Debug;

use hydra_events::record::{Meta, Recorded};
use hydra_events::vocabulary::terms::WorkKind;
use hydra_events::wire::{Vocabulary, WireError};
use hydra_events::{StreamName, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::policy::Policy;

/// Everything a decision may depend on besides the state and the command.
#[derive(Clone, Copy, Debug)]
pub struct Given<'a> {
    /// The stream that decides.
    pub stream: &'a StreamName,
    /// Time, identities and principal.
    pub meta: &'a Meta,
    /// The policy in force, at version `meta.policy`.
    pub policy: &'a Policy,
}

/// What an effect needs before it can be performed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing but that its time comes; no attempt is recorded.
    Timer(Timestamp),
    /// A moment of this process.
    Light,
    /// A lease from the Scheduler.
    Heavy {
        /// The kind of work.
        kind: WorkKind,
        /// Higher goes first.
        priority: i32,
    },
}

/// An effect a stream owes.
#[derive(Clone, Debug, PartialEq)]
pub struct Owed<E> {
    /// Names the effect; never recurs in the stream's life.
    pub key: String,
    /// What it needs.
    pub need: Need,
    /// What is to be done.
    pub effect: E,
}

/// How long a stream of an entity goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// Until what it is about is done: it remembers every command it has accepted.
    Finite,
    /// For ever: it remembers the last commands only.
    Endless,
}

/// A command to a stream, because of an event of another.
pub type Reaction<C> = (StreamName, C);

/// One entity: what it may be told, what can become of it, and what it then owes.
pub trait Decider: Sized + Send + Sync + 'static {
    /// The category of its streams.
    const CATEGORY: &'static str;
    /// The actor that owns it.
    const ACTOR: &'static str;
    /// Wire names of the events [`Decider::react`] understands.
    const REACTS_TO: &'static [&'static str] = &[];
    /// Names of the commands that report how an attempt went: nobody else may send them.
    const OUTCOMES: &'static [&'static str] = &[];
    /// How long its streams go on.
    const LIFE: Life = Life::Finite;
    /// The kind of heavy work it owes, if any.
    const WORK: Option<WorkKind> = None;

    /// What it may be told.
    type Command: Vocabulary;
    /// What can become of it.
    type Event: Vocabulary;
    /// Why it says no.
    type Rejection: std::error::Error;
    /// What the outside world may have to do for it.
    type Effect: Serialize + DeserializeOwned + Debug + Send;
    /// What it remembers; the default is a stream that does not exist yet.
    type State: Default + Clone + PartialEq + Debug + Serialize + DeserializeOwned + Send + Sync;

    /// May this happen, and what then becomes fact?
    fn decide(
        state: &Self::State,
        command: Self::Command,
        given: Given<'_>,
    ) -> Result<Vec<Self::Event>, Self::Rejection>;

    /// Folds a fact in. Holds no rule and cannot fail.
    fn evolve(state: &mut Self::State, event: &Self::Event);

    /// What the outside world still has to do for this stream.
    fn owed(_: &Self::State) -> Vec<Owed<Self::Effect>> {
        Vec::new()
    }

    /// What another entity's fact means to this one.
    fn react(_: &Recorded) -> Result<Vec<Reaction<Self::Command>>, WireError> {
        Ok(Vec::new())
    }

    /// What else becomes fact when `effect` is parked: those who wait must be told.
    fn parked(_: &Self::State, _effect: &str, _reason: &str) -> Vec<Self::Event> {
        Vec::new()
    }

    /// What else becomes fact when `effect` is owed again after it was parked.
    fn unparked(_: &Self::State, _effect: &str) -> Vec<Self::Event> {
        Vec::new()
    }
}

/// The effect of an entity that owes nothing.
#[derive(Debug, Serialize, serde::Deserialize)]
pub enum NoEffect {}
