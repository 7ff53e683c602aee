//! Every entity in memory, and each event at once with all who react to it, in the order of the log.

use std::collections::{BTreeMap, VecDeque};

use hydra_actors::aggregate::{Aggregate, DecideError, WireCommand, wire_command};
use hydra_actors::decider::{Given, Need};
use hydra_actors::policy::Policy;
use hydra_actors::registry::{ENTITIES, entity};
use hydra_events::record::{Codec, Draft, Meta, OutcomeOf, Recorded, Visibility};
use hydra_events::vocabulary::effect::{EffectCommand, FailureKind};
use hydra_events::wire::Vocabulary;
use hydra_events::{ContentHash, Id, StreamName, Timestamp};

/// Every stream and everything that has happened.
#[derive(Default)]
pub struct Studio {
    streams: BTreeMap<StreamName, Box<dyn Aggregate>>,
    log: Vec<Recorded>,
    commands: u64,
}

pub fn name(text: &str) -> StreamName {
    text.parse().unwrap()
}

pub fn hash(text: &str) -> ContentHash {
    ContentHash::of(text.as_bytes())
}

impl Studio {
    /// Sends a command, which must be taken, and everything that follows from it.
    pub fn tell<C: Vocabulary>(&mut self, stream: &str, command: &C) {
        self.must(stream, command, None);
    }

    /// Tries an effect, and reports how it went.
    pub fn perform<C: Vocabulary>(&mut self, stream: &str, effect: &str, outcome: &C) {
        let attempt = self.claim(stream, effect);
        self.must(stream, outcome, Some(attempt));
    }

    /// Tries an effect in vain.
    pub fn fail(&mut self, stream: &str, effect: &str) {
        let (effect, kind, message) = (effect.to_owned(), FailureKind::Permanent, "no engine".to_owned());
        let fail = EffectCommand::FailAttempt { effect: effect.clone(), kind, message };
        self.perform(stream, &effect, &fail);
    }

    /// Has whatever is parked tried again.
    pub fn unpark(&mut self, stream: &str) {
        self.tell(stream, &EffectCommand::RetryEffect { effect: None });
    }

    /// The last event of a stream.
    pub fn last(&self, stream: &str) -> &str {
        let last = self.log.iter().rev().find(|event| event.stream.as_str() == stream);
        last.map_or("nothing", |event| event.kind.name())
    }

    /// The streams that owe something now, be it parked, other than at a time.
    pub fn owing(&self) -> Vec<String> {
        let now = |stream: &dyn Aggregate| {
            let due = stream.obligations().into_iter().any(|owed| !matches!(owed.need, Need::Timer(_)));
            due || !stream.parked().is_empty()
        };
        self.streams
            .iter()
            .filter(|(_, stream)| now(stream.as_ref()))
            .map(|(name, _)| name.to_string())
            .collect()
    }

    fn claim(&mut self, stream: &str, effect: &str) -> OutcomeOf {
        let owed = self.streams[&name(stream)].obligations();
        let attempts = owed.iter().find(|owed| owed.key == effect).unwrap().entry.attempts;
        let (attempt, epoch) = (attempts + 1, u64::from(attempts) + 1);
        let (effect, worker, instance) = (effect.to_owned(), "worker".to_owned(), "instance".to_owned());
        let start =
            EffectCommand::StartAttempt { effect: effect.clone(), worker, instance, epoch, alone: false };
        self.must(stream, &start, None);
        OutcomeOf { effect, attempt, epoch }
    }

    fn must<C: Vocabulary>(&mut self, stream: &str, command: &C, outcome: Option<OutcomeOf>) {
        let stream = name(stream);
        let command = wire_command(&stream, command).unwrap();
        let mut news = VecDeque::from(self.decide(&stream, &command, outcome).unwrap());
        assert!(!news.is_empty(), "{} changes nothing", command.kind);
        while let Some(event) = news.pop_front() {
            let heard = ENTITIES.iter().filter(|entity| entity.reacts_to.contains(&event.kind.as_str()));
            for (target, command) in heard.flat_map(|entity| (entity.react)(&event).unwrap()) {
                match self.decide(&target, &command, None) {
                    Ok(events) => news.extend(events),
                    Err(DecideError::Rejected(_)) => {}
                    Err(DecideError::Wire(error)) => panic!("{error}"),
                }
            }
        }
    }

    fn decide(
        &mut self,
        stream: &StreamName,
        command: &WireCommand,
        outcome: Option<OutcomeOf>,
    ) -> Result<Vec<Recorded>, DecideError> {
        self.commands += 1;
        let meta = meta(self.commands, outcome);
        let given = Given { stream, meta: &meta, policy: &Policy::default() };
        let fresh = || (entity(stream.category()).unwrap().fresh)();
        let loaded = self.streams.entry(stream.clone()).or_insert_with(fresh);
        let drafts = loaded.decide(command, given)?;
        let first = self.log.len() as u64 + 1;
        let numbered = drafts.into_iter().zip(first..);
        let events: Vec<_> = numbered.map(|(draft, at)| recorded(stream, &meta, draft, at)).collect();
        loaded.note(&events);
        self.log.extend(events.iter().cloned());
        Ok(events)
    }
}

fn meta(number: u64, outcome: Option<OutcomeOf>) -> Meta {
    let id = Id::of_outside("chain", &number.to_string());
    Meta {
        command_id: id,
        correlation_id: id,
        causation_id: id,
        time: Timestamp(number as i64 * 1_000_000),
        principal: "chain".to_owned(),
        owner: "chain".to_owned(),
        visibility: Visibility::Household,
        trace: None,
        policy: 1,
        outcome,
        next: None,
    }
}

fn recorded(stream: &StreamName, meta: &Meta, draft: Draft, position: u64) -> Recorded {
    Recorded {
        position,
        stream: stream.clone(),
        version: position,
        kind: draft.kind,
        id: Id::derive("chain", &[&position.to_le_bytes()]),
        command_id: meta.command_id,
        correlation_id: meta.correlation_id,
        causation_id: meta.causation_id,
        time: meta.time,
        actor: "chain".into(),
        code: "".into(),
        principal: meta.principal.as_str().into(),
        owner: meta.owner.as_str().into(),
        visibility: meta.visibility,
        trace: None,
        owes: false,
        effect: draft.effect,
        codec: Codec::Json,
        payload: draft.payload,
        command: None,
        hash: [0; 32],
    }
}
