//! A story: the life of one stream, step by step, from nothing to its end.

use hydra_events::StreamName;
use hydra_events::vocabulary::effect::{EffectCommand, FailureKind};
use hydra_events::wire::Vocabulary;

use crate::aggregate::{WireCommand, wire_command};
use crate::policy::{Policy, PolicyKey};
use crate::registry::{EntityType, entity};

/// The life of one stream. Every step must be accepted and recorded.
pub struct Story {
    pub(super) name: &'static str,
    pub(super) entity: &'static EntityType,
    pub(super) stream: StreamName,
    pub(super) policy: Policy,
    pub(super) steps: Vec<Step>,
}

/// One step of a story.
#[derive(Clone, Debug)]
pub enum Step {
    /// The stream is told something.
    Tell {
        /// What it is told.
        command: WireCommand,
        /// What the same, told again, means.
        again: Again,
    },
    /// An effect is tried. A timer comes due; everything else is claimed first.
    Work {
        /// The effect's key.
        effect: String,
        /// How the attempt ends.
        outcome: WireCommand,
    },
}

/// What a command means when it comes again under another id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// There is nothing to do, or it is refused.
    Nothing,
    /// It acts again: only its id makes a repeat harmless.
    Acts,
}

impl Story {
    /// A story of `stream`, which names its entity.
    ///
    /// # Panics
    ///
    /// When `stream` is no stream of a registered entity.
    pub fn new(name: &'static str, stream: &str) -> Self {
        let stream: StreamName = stream.parse().unwrap();
        let entity = entity(stream.category()).unwrap_or_else(|| panic!("no entity has {stream}"));
        Self { name, entity, stream, policy: Policy::default(), steps: Vec::new() }
    }

    /// The same under another policy.
    #[must_use]
    pub fn under(mut self, key: PolicyKey, value: f64) -> Self {
        self.policy.values.insert(key.facts().name.to_owned(), value);
        self
    }

    /// The stream is told `command`; the same again finds nothing to do or is refused.
    #[must_use]
    pub fn tell<C: Vocabulary>(self, command: &C) -> Self {
        let command = self.wire(command);
        self.step(Step::Tell { command, again: Again::Nothing })
    }

    /// The stream is told `command`, which acts again whenever it comes with another id.
    #[must_use]
    pub fn tell_anew<C: Vocabulary>(self, command: &C) -> Self {
        let command = self.wire(command);
        self.step(Step::Tell { command, again: Again::Acts })
    }

    /// `effect` is tried and `outcome` reports how it went.
    #[must_use]
    pub fn work<C: Vocabulary>(self, effect: &str, outcome: &C) -> Self {
        let outcome = self.wire(outcome);
        self.step(Step::Work { effect: effect.to_owned(), outcome })
    }

    /// `effect` is tried in vain.
    #[must_use]
    pub fn fail(self, effect: &str, kind: FailureKind) -> Self {
        let message = "the engine does not answer".to_owned();
        self.work(effect, &EffectCommand::FailAttempt { effect: effect.to_owned(), kind, message })
    }

    /// Whatever is parked is owed again.
    #[must_use]
    pub fn unpark(self) -> Self {
        self.tell(&EffectCommand::RetryEffect { effect: None })
    }

    /// Whatever is parked is given up.
    #[must_use]
    pub fn drop_parked(self) -> Self {
        self.tell(&EffectCommand::DropEffect { effect: None })
    }

    fn wire<C: Vocabulary>(&self, command: &C) -> WireCommand {
        wire_command(&self.stream, command).unwrap()
    }

    fn step(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }
}
