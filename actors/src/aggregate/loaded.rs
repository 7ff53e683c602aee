//! The one implementation of [`Aggregate`]: a decider with its book.

use std::collections::BTreeMap;

use hydra_events::Id;
use hydra_events::record::{Draft, EffectMark, EffectRole, EventType, OutcomeOf, Recorded, Taker};
use hydra_events::upcast;
use hydra_events::vocabulary::effect::{EffectCommand, EffectEvent};
use hydra_events::wire::{self, Vocabulary, WireError};
use serde::{Deserialize, Serialize};

use super::accepted::{Accepted, AcceptedCommand, Origin};
use super::pack::{pack, unpack};
use super::{Aggregate, DecideError, Obligation, WireCommand, rejected};
use crate::book::{Book, BookRejection, Phase};
use crate::decider::{Decider, Given, Life, Need, Owed};

/// A stream that never ends remembers this many commands: long enough for any repeat that is still under way.
const ACCEPTED_MAX_ENDLESS: usize = 20_000;

/// A folded stream of the entity `D`.
#[derive(Serialize, Deserialize)]
#[serde(bound = "", from = "Kept<D>")]
pub struct Loaded<D: Decider> {
    state: D::State,
    book: Book,
    accepted: Accepted,
    origins: BTreeMap<String, Origin>,
    /// The keys of what the state owes: asked for often, and made of the whole state each time.
    #[serde(skip)]
    owed: Vec<String>,
}

/// What a snapshot holds of it.
#[derive(Deserialize)]
#[serde(bound = "")]
struct Kept<D: Decider> {
    state: D::State,
    book: Book,
    accepted: Accepted,
    origins: BTreeMap<String, Origin>,
}

impl<D: Decider> From<Kept<D>> for Loaded<D> {
    fn from(Kept { state, book, accepted, origins }: Kept<D>) -> Self {
        let owed = owed_keys::<D>(&state);
        Self { state, book, accepted, origins, owed }
    }
}

impl<D: Decider> Default for Loaded<D> {
    fn default() -> Self {
        Self::from(Kept {
            state: D::State::default(),
            book: Book::default(),
            accepted: Accepted::default(),
            origins: BTreeMap::new(),
        })
    }
}

impl<D: Decider> Clone for Loaded<D> {
    fn clone(&self) -> Self {
        let Self { state, book, accepted, origins, owed } = self;
        Self {
            state: state.clone(),
            book: book.clone(),
            accepted: accepted.clone(),
            origins: origins.clone(),
            owed: owed.clone(),
        }
    }
}

/// An event of the entity, or of the effect protocol.
enum Fact<E> {
    Own(E),
    Effect(EffectEvent),
}

impl<D: Decider> Loaded<D> {
    /// A snapshot's aggregate.
    pub fn restore(bytes: &[u8]) -> Option<Box<dyn Aggregate>> {
        unpack::<Self>(bytes).ok().map(|loaded| Box::new(loaded) as Box<dyn Aggregate>)
    }

    /// The entity's state.
    pub fn entity(&self) -> &D::State {
        &self.state
    }

    /// What the command makes fact, before any of it is folded.
    fn facts(&self, command: &WireCommand, given: Given<'_>) -> Result<Vec<Fact<D::Event>>, DecideError> {
        if command.kind.category() != D::CATEGORY {
            return Err(WireError::Unknown(command.kind.clone()).into());
        }
        if let Some(command) = effect_command(command)? {
            let events = self.book.decide(command, &self.owed, given)?;
            return Ok(self.with_consequences(events));
        }
        let typed: D::Command = wire::decode(&command.kind, &command.payload)?;
        let own = |events: Vec<D::Event>| events.into_iter().map(Fact::Own).collect();
        let Some(outcome) = &given.meta.outcome else {
            if D::OUTCOMES.contains(&command.kind.name()) {
                return Err(BookRejection::NoAttempt(command.kind.clone()).into());
            }
            return D::decide(&self.state, typed, given).map(own).map_err(|e| rejected(&e).into());
        };
        if let Err(reason) = self.book.check_outcome(outcome, &self.owed) {
            let OutcomeOf { effect, attempt, epoch } = outcome.clone();
            return Ok(vec![Fact::Effect(EffectEvent::OutcomeRefused { effect, attempt, epoch, reason })]);
        }
        match D::decide(&self.state, typed, given) {
            Ok(events) if self.closes(&events, &outcome.effect) => Ok(own(events)),
            Ok(_) => Ok(self.park(outcome, "the outcome left the effect open, which is a defect".into())),
            Err(rejection) => Ok(self.park(outcome, format!("the outcome was rejected: {rejection}"))),
        }
    }

    fn closes(&self, events: &[D::Event], effect: &str) -> bool {
        let mut state = self.state.clone();
        events.iter().for_each(|event| D::evolve(&mut state, event));
        !events.is_empty() && D::owed(&state).iter().all(|owed| owed.key != effect)
    }

    fn park(&self, outcome: &OutcomeOf, reason: String) -> Vec<Fact<D::Event>> {
        let attempts = self.book.entry(&outcome.effect).last_attempt();
        self.with_consequences(vec![EffectEvent::EffectParked {
            effect: outcome.effect.clone(),
            attempts,
            reason,
        }])
    }

    /// Those who wait for a parked effect are told in the same append.
    fn with_consequences(&self, events: Vec<EffectEvent>) -> Vec<Fact<D::Event>> {
        let mut facts = Vec::new();
        for event in events {
            let told = match &event {
                EffectEvent::EffectParked { effect, reason, .. } => D::parked(&self.state, effect, reason),
                EffectEvent::EffectUnparked { effect } => D::unparked(&self.state, effect),
                EffectEvent::AttemptStarted { .. }
                | EffectEvent::AttemptFailed { .. }
                | EffectEvent::AttemptLost { .. }
                | EffectEvent::EffectDropped { .. }
                | EffectEvent::OutcomeRefused { .. } => Vec::new(),
            };
            facts.push(Fact::Effect(event));
            facts.extend(told.into_iter().map(Fact::Own));
        }
        facts
    }

    /// The attempt of `taker` at what is owed now and was never tried, if it is light work.
    fn take_on(&mut self, taker: &Taker, given: Given<'_>) -> Option<Draft> {
        let owed = D::owed(&self.state);
        let fresh = |owed: &&Owed<D::Effect>| owed.need == Need::Light && !self.book.has_history(&owed.key);
        let effect = owed.iter().find(fresh)?.key.clone();
        let Taker { worker, instance } = taker.clone();
        let start = EffectCommand::StartAttempt { effect, worker, instance, epoch: 0, alone: false };
        let event = self.book.decide(start, &self.owed, given).ok()?.pop()?;
        Fact::Effect(event).written(D::CATEGORY).ok().map(|written| self.draft(written))
    }

    /// What is to be recorded of a fact, which is folded in.
    fn draft(&mut self, (kind, payload, fact): (EventType, Vec<u8>, Fact<D::Event>)) -> Draft {
        Draft { kind, payload, effect: self.apply(&fact) }
    }

    /// Folds `fact` in and says which effect it concerns.
    fn apply(&mut self, fact: &Fact<D::Event>) -> Option<EffectMark> {
        match fact {
            Fact::Effect(event) => {
                self.book.evolve(event);
                self.mark_of(event)
            }
            Fact::Own(event) => {
                D::evolve(&mut self.state, event);
                let before = std::mem::replace(&mut self.owed, owed_keys::<D>(&self.state));
                let mark = self.change(&before, &self.owed);
                self.book.close(&self.owed);
                self.origins.retain(|key, _| self.owed.contains(key));
                mark
            }
        }
    }

    fn change(&self, before: &[String], after: &[String]) -> Option<EffectMark> {
        let mark = |effect: &String, role| {
            let attempt = self.book.entry(effect).attempts;
            Some(EffectMark { effect: effect.clone(), role, attempt })
        };
        // A drop has already been marked as the end of its effect.
        let ended = |key: &&String| !after.contains(key) && self.book.entry(key).phase != Phase::Dropped;
        let closed = before.iter().find(ended);
        if let Some(key) = closed {
            return mark(key, EffectRole::Close);
        }
        after.iter().find(|key| !before.contains(key)).and_then(|key| mark(key, EffectRole::Open))
    }

    fn mark_of(&self, event: &EffectEvent) -> Option<EffectMark> {
        let (effect, role) = match event {
            EffectEvent::AttemptStarted { effect, .. } => (effect, EffectRole::Attempt),
            EffectEvent::AttemptFailed { effect, .. } | EffectEvent::AttemptLost { effect, .. } => {
                (effect, EffectRole::Postpone)
            }
            EffectEvent::EffectParked { effect, .. } => (effect, EffectRole::Park),
            EffectEvent::EffectUnparked { effect } => (effect, EffectRole::Unpark),
            EffectEvent::EffectDropped { effect } => (effect, EffectRole::Close),
            EffectEvent::OutcomeRefused { .. } => return None,
        };
        Some(EffectMark { effect: effect.clone(), role, attempt: self.book.entry(effect).attempts })
    }
}

impl<E: Vocabulary> Fact<E> {
    /// The wire form, and what anyone will read from it: only that is ever folded. An event that could not be read
    /// back (a number JSON cannot hold, say) is an error here, before it is recorded for ever.
    fn written(self, category: &str) -> Result<(EventType, Vec<u8>, Self), WireError> {
        Ok(match self {
            Self::Own(event) => {
                let (kind, payload) = wire::encode(category, &event)?;
                let read = Self::Own(wire::decode(&kind, &payload)?);
                (kind, payload, read)
            }
            Self::Effect(event) => {
                let (kind, payload) = wire::encode(category, &event)?;
                (kind, payload, Self::Effect(event))
            }
        })
    }
}

fn owed_keys<D: Decider>(state: &D::State) -> Vec<String> {
    D::owed(state).into_iter().map(|owed| owed.key).collect()
}

/// `command` as one of the effect protocol, if it is one.
fn effect_command(command: &WireCommand) -> Result<Option<EffectCommand>, WireError> {
    let is_one = EffectCommand::NAMES.contains(&command.kind.name());
    is_one.then(|| wire::decode(&command.kind, &command.payload)).transpose()
}

impl<D: Decider> Aggregate for Loaded<D> {
    fn decide(&mut self, command: &WireCommand, given: Given<'_>) -> Result<Vec<Draft>, DecideError> {
        let facts = self.facts(command, given)?;
        let written: Result<Vec<_>, _> = facts.into_iter().map(|fact| fact.written(D::CATEGORY)).collect();
        let mut drafts: Vec<Draft> = written?.into_iter().map(|written| self.draft(written)).collect();
        if let Some(taker) = given.meta.next.as_ref().filter(|_| !drafts.is_empty()) {
            drafts.extend(self.take_on(taker, given));
        }
        Ok(drafts)
    }

    fn note(&mut self, events: &[Recorded]) {
        let limit = match D::LIFE {
            Life::Finite => None,
            Life::Endless => Some(ACCEPTED_MAX_ENDLESS),
        };
        for event in events {
            self.accepted.note(event, limit);
            let Some(EffectMark { effect, role: EffectRole::Open | EffectRole::Attempt, .. }) = &event.effect
            else {
                continue;
            };
            // A later event of the same append may have closed it again.
            if self.owed.contains(effect) {
                self.origins.insert(effect.clone(), Origin::of(event));
            }
        }
    }

    fn evolve(&mut self, event: &Recorded) -> Result<(), WireError> {
        let (kind, payload) = upcast::newest(&event.kind, &event.payload)?;
        let fact = match EffectEvent::NAMES.contains(&kind.name()) {
            true => Fact::Effect(wire::decode(&kind, &payload)?),
            false => Fact::Own(wire::decode(&kind, &payload)?),
        };
        self.apply(&fact);
        self.note(std::slice::from_ref(event));
        Ok(())
    }

    fn accepted(&self, command: Id) -> Option<&AcceptedCommand> {
        self.accepted.get(command)
    }

    fn obligations(&self) -> Vec<Obligation> {
        let active = D::owed(&self.state).into_iter().filter(|owed| self.book.is_active(&owed.key));
        let obligation = |owed: Owed<D::Effect>| Obligation {
            entry: self.book.entry(&owed.key),
            origin: self.origins.get(&owed.key).cloned(),
            need: owed.need,
            key: owed.key,
        };
        active.map(obligation).collect()
    }

    fn owes(&self) -> bool {
        self.owed.iter().any(|key| self.book.is_active(key))
    }

    fn parked(&self) -> Vec<(String, u32, String)> {
        self.book
            .parked()
            .map(|(key, entry, reason)| (key.to_owned(), entry.attempts, reason.to_owned()))
            .collect()
    }

    fn work_order(&self, key: &str) -> Option<Vec<u8>> {
        let owed = D::owed(&self.state).into_iter().find(|owed| owed.key == key)?;
        pack(&owed.effect)
    }

    fn state(&self) -> serde_json::Value {
        serde_json::json!({ "state": self.state, "effects": self.book })
    }

    fn snapshot(&self) -> Option<Vec<u8>> {
        pack(self)
    }

    fn copy(&self) -> Box<dyn Aggregate> {
        Box::new(self.clone())
    }
}
