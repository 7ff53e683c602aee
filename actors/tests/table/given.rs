//! The shape of every decide table: given events, when command, then events or rejection.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(dead_code, reason = "each table uses what it needs")]

use std::fmt::Debug;

use hydra_actors::decider::{Decider, Given};
use hydra_actors::policy::{Policy, PolicyKey};
use hydra_events::record::Meta;
use hydra_events::{StreamName, Timestamp};

use super::stream::meta;

/// A stream that has come so far, and the circumstances of the next command.
pub struct Past<D: Decider> {
    pub state: D::State,
    stream: StreamName,
    meta: Meta,
    policy: Policy,
}

/// What a command led to.
pub struct Then<D: Decider>(Result<Vec<D::Event>, String>);

/// A stream to which `events` have happened.
pub fn given<D: Decider>(events: impl IntoIterator<Item = D::Event>) -> Past<D> {
    let mut state = D::State::default();
    events.into_iter().for_each(|event| D::evolve(&mut state, &event));
    let meta = Meta { time: Timestamp(43_200_000_000), policy: 1, ..meta() };
    let stream = StreamName::try_new(D::CATEGORY, "table").unwrap();
    Past { state, stream, meta, policy: Policy::default() }
}

impl<D: Decider> Past<D>
where
    D::Event: Debug,
{
    /// The same at another time.
    pub fn at(mut self, time: Timestamp) -> Self {
        self.meta.time = time;
        self
    }

    /// The same in another stream.
    pub fn in_stream(mut self, stream: &str) -> Self {
        self.stream = stream.parse().unwrap();
        self
    }

    /// The same under another policy.
    pub fn under(mut self, key: PolicyKey, value: f64) -> Self {
        self.policy.values.insert(key.facts().name.to_owned(), value);
        self
    }

    /// Decides `command`, twice: the same must come out.
    pub fn when(&self, command: D::Command) -> Then<D> {
        let Self { state, stream, meta, policy } = self;
        let given = Given { stream, meta, policy };
        let decide = || D::decide(state, command.clone(), given).map_err(|rejection| rejection.to_string());
        let (once, again) = (decide(), decide());
        assert_eq!(once, again, "a decision depends on something it was not given");
        Then(once)
    }

    /// The keys of what is owed must be `keys`.
    pub fn owes(&self, keys: &[&str]) {
        let owed: Vec<String> = D::owed(&self.state).into_iter().map(|owed| owed.key).collect();
        assert_eq!(owed, keys);
    }
}

impl<D: Decider> Then<D>
where
    D::Event: Debug,
{
    /// Exactly `events` become fact.
    #[track_caller]
    pub fn then(self, events: &[D::Event]) {
        assert_eq!(self.0.as_deref(), Ok(events));
    }

    /// There is nothing to do.
    #[track_caller]
    pub fn nothing(self) {
        self.then(&[]);
    }

    /// It is refused with a message that contains `message`.
    #[track_caller]
    pub fn refused(self, message: &str) {
        match self.0 {
            Ok(events) => panic!("it was decided: {events:?}"),
            Err(rejection) => assert!(rejection.contains(message), "refused with {rejection:?}"),
        }
    }
}
