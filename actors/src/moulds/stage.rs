//! Where a story is played: a host in miniature that loads, decides, appends and folds, and can lose its memory.

use std::time::Duration;

use hydra_events::record::{Meta, OutcomeOf, Recorded, Visibility};
use hydra_events::vocabulary::effect::{EffectCommand, EffectEvent};
use hydra_events::{Id, Timestamp};

use super::chronicle;
use super::story::{Again, Step, Story};
use crate::aggregate::{Aggregate, DecideError, Obligation, Rejection, WireCommand, wire_command};
use crate::decider::{Given, Need};
use crate::registry::typed;

/// Between two steps passes more time than between any two attempts.
const PAUSE: Duration = Duration::from_secs(7 * 24 * 3600);
const NOON: Timestamp = Timestamp(43_200_000_000);

/// Where the process dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crash {
    /// What was decided was not yet recorded.
    BeforeAppend,
    /// The command, or the claim, was recorded and nobody was told.
    BeforeAnswer,
    /// The attempt was recorded and not begun.
    BeforeWork,
    /// The work was done and not reported; the report still arrives when somebody else is at it.
    BeforeOutcome,
    /// The outcome was recorded and whoever reported it was not told.
    BeforeFinish,
}

impl Crash {
    /// Every place.
    pub const ALL: [Self; 5] =
        [Self::BeforeAppend, Self::BeforeAnswer, Self::BeforeWork, Self::BeforeOutcome, Self::BeforeFinish];
}

/// What a stream shows to the outside: its state, what it owes, what is parked.
pub(super) type Face = (serde_json::Value, Vec<(String, Need)>, Vec<String>);

/// A stream, the log of it, and the process that has it in memory.
pub(super) struct Stage<'a> {
    pub(super) log: Vec<Recorded>,
    pub(super) loaded: Box<dyn Aggregate>,
    story: &'a Story,
    time: Timestamp,
    /// Leases granted so far.
    epoch: u64,
    /// Processes started so far.
    process: u32,
    /// Everything that was sent, to be sent again.
    sent: Vec<(WireCommand, Id, Option<OutcomeOf>)>,
}

#[derive(Debug, PartialEq)]
enum Sent {
    Recorded(Vec<Recorded>),
    Repeated,
    Nothing,
    Rejected(Rejection),
}

impl<'a> Stage<'a> {
    pub(super) fn new(story: &'a Story) -> Self {
        let loaded = (story.entity.fresh)();
        Self { log: Vec::new(), loaded, story, time: NOON, epoch: 0, process: 1, sent: Vec::new() }
    }

    /// Plays one step, with a crash in it if so wished.
    pub(super) fn play(&mut self, index: usize, crash: Option<Crash>) {
        self.time = self.time.after(PAUSE);
        match &self.story.steps[index] {
            Step::Tell { command, .. } => self.tell(index, command, crash),
            Step::Work { effect, outcome } => self.work(effect, outcome, crash),
        }
    }

    /// Sends what the step sent last once more, under its id and under another.
    pub(super) fn repeat(&mut self, index: usize) {
        let (command, id, outcome) = self.sent.last().cloned().unwrap();
        let before = (self.face(), self.log.len());
        assert_eq!(self.send(&command, id, outcome), Sent::Repeated, "{}", self.place(&command));
        if let Step::Tell { again: Again::Nothing, .. } = &self.story.steps[index] {
            let fresh = Id::of_outside("another time", &index.to_string());
            let sent = self.send(&command, fresh, None);
            let harmless = matches!(sent, Sent::Nothing | Sent::Rejected(_));
            assert!(harmless, "{} acts again: {sent:?}", self.place(&command));
        }
        assert_eq!((self.face(), self.log.len()), before, "{} changes something again", self.place(&command));
    }

    /// Sends everything once more.
    pub(super) fn repeat_all(&mut self) {
        let before = (self.face(), self.log.len());
        for (command, id, outcome) in self.sent.clone() {
            assert_eq!(self.send(&command, id, outcome), Sent::Repeated, "{}", self.place(&command));
        }
        assert_eq!((self.face(), self.log.len()), before, "{}", self.story.name);
    }

    /// Sends the report of the step, if it is one, without the attempt it is about.
    pub(super) fn report_from_outside(&mut self, index: usize) {
        let Step::Work { outcome, .. } = &self.story.steps[index] else { return };
        let before = (self.face(), self.log.len());
        let sent = self.send(outcome, Id::of_outside("anybody", &index.to_string()), None);
        assert!(matches!(sent, Sent::Rejected(_)), "{} is taken from anybody: {sent:?}", self.place(outcome));
        assert_eq!((self.face(), self.log.len()), before, "{}", self.place(outcome));
    }

    /// Plays one step whose attempt is recorded as lost before it reports. What is no attempt cannot be lost.
    pub(super) fn play_with_a_loss(&mut self, index: usize) {
        self.time = self.time.after(PAUSE);
        match &self.story.steps[index] {
            Step::Tell { command, .. } => self.tell(index, command, None),
            Step::Work { effect, outcome } => {
                let attempt = self.claim(effect, None);
                if attempt.attempt > 0 {
                    self.lose(&attempt);
                    self.reload();
                }
                self.report(outcome, attempt, None);
            }
        }
    }

    fn lose(&mut self, attempt: &OutcomeOf) {
        let (effect, evidence) = (attempt.effect.clone(), "its process does not answer".to_owned());
        let lost = EffectCommand::LoseAttempt { effect, attempt: attempt.attempt, evidence };
        let lost = wire_command(&self.story.stream, &lost).unwrap();
        let id = Id::of_outside("loss", &format!("{} {}", attempt.effect, attempt.attempt));
        self.must_record(&lost, id, None);
    }

    /// What the stream shows now.
    pub(super) fn face(&self) -> Face {
        let owed = self.loaded.obligations().into_iter().map(|owed| (owed.key, owed.need)).collect();
        let parked = self.loaded.parked().into_iter().map(|(key, ..)| key).collect();
        (self.loaded.state()["state"].clone(), owed, parked)
    }

    fn tell(&mut self, index: usize, command: &WireCommand, crash: Option<Crash>) {
        let id = Id::of_outside("story", &index.to_string());
        if crash == Some(Crash::BeforeAppend) {
            self.decide_in_vain(command, id, None);
        }
        self.must_record(command, id, None);
        if crash.is_some_and(|crash| crash != Crash::BeforeAppend) {
            self.reload();
            assert_eq!(self.send(command, id, None), Sent::Repeated, "{}", self.place(command));
        }
    }

    fn work(&mut self, effect: &str, outcome: &WireCommand, crash: Option<Crash>) {
        let mut attempt = self.claim(effect, crash);
        if matches!(crash, Some(Crash::BeforeAnswer | Crash::BeforeWork | Crash::BeforeOutcome)) {
            self.reload();
            let late = std::mem::replace(&mut attempt, self.claim(effect, None));
            if crash == Some(Crash::BeforeOutcome) && late != attempt {
                self.refuse_late(outcome, late);
            }
        }
        self.report(outcome, attempt, crash);
    }

    fn report(&mut self, outcome: &WireCommand, attempt: OutcomeOf, crash: Option<Crash>) {
        let id = self.outcome_id(&attempt);
        if crash == Some(Crash::BeforeAppend) {
            self.decide_in_vain(outcome, id, Some(attempt.clone()));
        }
        let events = self.must_record(outcome, id, Some(attempt.clone()));
        let refused = events.iter().any(|event| event.kind.name() == "outcome_refused");
        assert!(!refused, "{} is refused", self.place(outcome));
        if crash == Some(Crash::BeforeFinish) {
            self.reload();
            assert_eq!(self.send(outcome, id, Some(attempt)), Sent::Repeated, "{}", self.place(outcome));
        }
    }

    /// Records the attempt of a new worker; a timer that comes due for the first time has none.
    fn claim(&mut self, effect: &str, crash: Option<Crash>) -> OutcomeOf {
        let Obligation { need, entry, .. } = self.owed(effect);
        let epoch = match need {
            Need::Timer(due) => {
                self.time = self.time.max(due);
                if entry.attempts == 0 {
                    return OutcomeOf { effect: effect.to_owned(), attempt: 0, epoch: 0 };
                }
                0
            }
            Need::Light => 0,
            Need::Heavy { .. } => {
                self.epoch += 1;
                self.epoch
            }
        };
        let instance = format!("process-{}", self.process);
        let (effect, worker, alone) = (effect.to_owned(), "node/worker".to_owned(), false);
        let start = EffectCommand::StartAttempt { effect: effect.clone(), worker, instance, epoch, alone };
        let start = wire_command(&self.story.stream, &start).unwrap();
        let id = Id::of_outside("claim", &format!("{effect} {} {}", entry.attempts, self.process));
        if crash == Some(Crash::BeforeAppend) {
            self.decide_in_vain(&start, id, None);
        }
        let events = self.must_record(&start, id, None);
        let attempt = events.iter().find_map(started).unwrap_or_else(|| panic!("{}", self.place(&start)));
        OutcomeOf { effect, attempt, epoch }
    }

    fn owed(&self, effect: &str) -> Obligation {
        let owed = self.loaded.obligations().into_iter().find(|owed| owed.key == effect);
        let owed = owed.unwrap_or_else(|| panic!("{}: {effect:?} is not owed", self.story.name));
        assert!(
            self.loaded.work_order(effect).is_some(),
            "{}: {effect:?} has no work order",
            self.story.name
        );
        assert!(owed.origin.is_some(), "{}: nobody knows where {effect:?} comes from", self.story.name);
        owed
    }

    /// The report of a worker that was believed dead changes nothing but the record.
    fn refuse_late(&mut self, outcome: &WireCommand, late: OutcomeOf) {
        let before = self.face();
        let id = self.outcome_id(&late);
        let events = self.must_record(outcome, id, Some(late));
        let kinds: Vec<&str> = events.iter().map(|event| event.kind.name()).collect();
        assert_eq!(kinds, ["outcome_refused"], "{} comes late", self.place(outcome));
        assert_eq!(self.face(), before, "{} comes late", self.place(outcome));
    }

    fn outcome_id(&self, attempt: &OutcomeOf) -> Id {
        Id::of_outcome(self.story.stream.as_str(), &attempt.effect, attempt.attempt, attempt.epoch)
    }

    fn must_record(&mut self, command: &WireCommand, id: Id, outcome: Option<OutcomeOf>) -> Vec<Recorded> {
        self.sent.push((command.clone(), id, outcome.clone()));
        match self.send(command, id, outcome) {
            Sent::Recorded(events) => events,
            sent @ (Sent::Repeated | Sent::Nothing | Sent::Rejected(_)) => {
                panic!("{} is not recorded: {sent:?}", self.place(command))
            }
        }
    }

    /// What the host does with a command.
    fn send(&mut self, command: &WireCommand, id: Id, outcome: Option<OutcomeOf>) -> Sent {
        if let Some(known) = self.loaded.accepted(id) {
            let (first, count) = (known.first as usize, known.count as usize);
            assert!(self.log[first - 1..first - 1 + count].iter().all(|event| event.command_id == id));
            return Sent::Repeated;
        }
        let meta = self.meta(id, outcome);
        let given = Given { stream: &self.story.stream, meta: &meta, policy: &self.story.policy };
        let drafts = match self.loaded.decide(command, given) {
            Ok(drafts) if drafts.is_empty() => return Sent::Nothing,
            Ok(drafts) => drafts,
            Err(DecideError::Rejected(rejection)) => return Sent::Rejected(rejection),
            Err(DecideError::Wire(error)) => panic!("{}: {error}", self.place(command)),
        };
        let owes = self.loaded.owes();
        let events = chronicle::records(self.story, &self.log, command, &meta, drafts, owes);
        self.loaded.note(&events);
        self.log.extend(events.iter().cloned());
        Sent::Recorded(events)
    }

    fn decide_in_vain(&mut self, command: &WireCommand, id: Id, outcome: Option<OutcomeOf>) {
        let meta = self.meta(id, outcome);
        let given = Given { stream: &self.story.stream, meta: &meta, policy: &self.story.policy };
        self.loaded.decide(command, given).unwrap();
        self.reload();
    }

    /// Everything in memory is gone, and another process begins.
    fn reload(&mut self) {
        self.process += 1;
        self.loaded = super::fold(self.story, (self.story.entity.fresh)(), &self.log);
    }

    fn meta(&self, id: Id, outcome: Option<OutcomeOf>) -> Meta {
        Meta {
            command_id: id,
            correlation_id: id,
            causation_id: id,
            time: self.time,
            principal: "mould".to_owned(),
            owner: "mould".to_owned(),
            visibility: Visibility::Household,
            trace: None,
            policy: 1,
            outcome,
            next: None,
        }
    }

    fn place(&self, command: &WireCommand) -> String {
        format!("{}: {} at version {}", self.story.name, command.kind, self.log.len())
    }
}

fn started(event: &Recorded) -> Option<u32> {
    match typed::<EffectEvent>(event) {
        Ok(EffectEvent::AttemptStarted { attempt, .. }) => Some(attempt),
        Ok(_) | Err(_) => None,
    }
}
