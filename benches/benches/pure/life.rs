//! The lives of streams: what each was told, and what became of it.

use std::collections::BTreeMap;

use hydra_actors::aggregate::{Aggregate, WireCommand};
use hydra_actors::decider::Given;
use hydra_actors::policy::Policy;
use hydra_actors::registry::{EntityType, entity};
use hydra_events::record::Meta;
use hydra_events::{Recorded, StreamName};

/// One command with its events.
struct Append {
    command: WireCommand,
    meta: Meta,
    events: Vec<Recorded>,
}

/// One stream from its beginning.
pub struct Life {
    entity: &'static EntityType,
    stream: StreamName,
    policy: Policy,
    appends: Vec<Append>,
}

/// The lives of all streams in `events`.
pub fn of(events: &[Recorded]) -> Vec<Life> {
    let mut lives: BTreeMap<StreamName, Life> = BTreeMap::new();
    for event in events {
        let life = lives.entry(event.stream.clone()).or_insert_with(|| Life {
            entity: entity(event.stream.category()).unwrap(),
            stream: event.stream.clone(),
            policy: Policy::default(),
            appends: Vec::new(),
        });
        match event.command().unwrap() {
            Some((command, meta)) => {
                let payload = command.payload.get().as_bytes().to_vec();
                let command = WireCommand { kind: command.kind, payload };
                life.appends.push(Append { command, meta, events: vec![event.clone()] });
            }
            None => life.appends.last_mut().unwrap().events.push(event.clone()),
        }
    }
    // Nobody changes the policy while the chapter is made.
    let policy = lives.values().find(|life| life.category() == "policy").map(Life::policy).unwrap();
    lives.values_mut().for_each(|life| life.policy = policy.clone());
    lives.into_values().collect()
}

/// The life with the most events.
pub fn longest(lives: &[Life]) -> &Life {
    lives.iter().max_by_key(|life| life.events()).unwrap()
}

/// Folds one event.
pub fn evolve(aggregate: &mut Box<dyn Aggregate>, event: &Recorded) {
    aggregate.evolve(event).unwrap();
}

impl Life {
    /// The category of its stream.
    pub fn category(&self) -> &'static str {
        self.entity.category
    }

    /// How many commands it was told.
    pub fn commands(&self) -> u64 {
        self.appends.len() as u64
    }

    /// How many events it has.
    pub fn events(&self) -> u64 {
        self.recorded().count() as u64
    }

    /// Decides every command again.
    pub fn decide(&self) -> Box<dyn Aggregate> {
        let mut aggregate = (self.entity.fresh)();
        for Append { command, meta, events } in &self.appends {
            let given = Given { stream: &self.stream, meta, policy: &self.policy };
            let drafts = aggregate.decide(command, given).unwrap();
            assert_eq!(drafts.len(), events.len(), "{} is decided as it was", self.stream);
            aggregate.note(events);
        }
        aggregate
    }

    /// Folds every event.
    pub fn fold(&self) -> Box<dyn Aggregate> {
        fold((self.entity.fresh)(), self.recorded())
    }

    /// The stream folded up to its last event, and that.
    pub fn before_the_last(&self) -> (Box<dyn Aggregate>, &Recorded) {
        let (last, count) = (self.recorded().last().unwrap(), self.recorded().count());
        (fold((self.entity.fresh)(), self.recorded().take(count - 1)), last)
    }

    fn recorded(&self) -> impl Iterator<Item = &Recorded> {
        self.appends.iter().flat_map(|append| &append.events)
    }

    fn policy(&self) -> Policy {
        serde_json::from_value(self.fold().state()["state"]["policy"].clone()).unwrap()
    }
}

fn fold<'a>(
    mut aggregate: Box<dyn Aggregate>,
    events: impl Iterator<Item = &'a Recorded>,
) -> Box<dyn Aggregate> {
    events.for_each(|event| evolve(&mut aggregate, event));
    aggregate
}
