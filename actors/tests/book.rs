//! The rules of the effect protocol, for whatever entity.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use hydra_actors::book::{Book, Phase};
use hydra_actors::decider::Given;
use hydra_actors::policy::{Policy, PolicyKey};
use hydra_events::record::{Meta, OutcomeOf, Visibility};
use hydra_events::vocabulary::effect::{EffectCommand, EffectEvent, FailureKind};
use hydra_events::{Id, StreamName, Timestamp};

const NOON: Timestamp = Timestamp(43_200_000_000);
const RENDER: &str = "render-1";

/// A book with everything that was decided so far folded in; the effect `render-1` is owed.
#[derive(Clone, Default)]
struct Story {
    book: Book,
    time: i64,
}

impl Story {
    /// The events of `command`, folded in, or why it is refused.
    fn tell(
        &mut self,
        command: EffectCommand,
        outcome: Option<OutcomeOf>,
    ) -> Result<Vec<EffectEvent>, String> {
        let id = Id::of_outside("book", "command");
        let meta = Meta {
            command_id: id,
            correlation_id: id,
            causation_id: id,
            time: Timestamp(NOON.0 + self.time),
            principal: "book".to_owned(),
            owner: "book".to_owned(),
            visibility: Visibility::Household,
            trace: None,
            policy: 1,
            outcome,
            next: None,
        };
        let mut policy = Policy::default();
        policy.values.insert(PolicyKey::Attempts.facts().name.to_owned(), 2.0);
        let stream = StreamName::try_new("image", "book").unwrap();
        let given = Given { stream: &stream, meta: &meta, policy: &policy };
        let owed = [RENDER.to_owned()];
        let events = self.book.decide(command, &owed, given).map_err(|rejection| rejection.to_string())?;
        events.iter().for_each(|event| self.book.evolve(event));
        Ok(events)
    }

    fn start(&mut self, instance: &str, epoch: u64, alone: bool) -> Result<Vec<EffectEvent>, String> {
        let (effect, worker, instance) = (RENDER.to_owned(), "node/image".to_owned(), instance.to_owned());
        self.tell(EffectCommand::StartAttempt { effect, worker, instance, epoch, alone }, None)
    }

    fn fail(&mut self, attempt: u32, epoch: u64, kind: FailureKind) -> Result<Vec<EffectEvent>, String> {
        let outcome = OutcomeOf { effect: RENDER.to_owned(), attempt, epoch };
        let (effect, message) = (RENDER.to_owned(), "no answer".to_owned());
        self.tell(EffectCommand::FailAttempt { effect, kind, message }, Some(outcome))
    }

    fn lose(&mut self, attempt: u32) -> Result<Vec<EffectEvent>, String> {
        let (effect, evidence) = (RENDER.to_owned(), "the node left".to_owned());
        self.tell(EffectCommand::LoseAttempt { effect, attempt, evidence }, None)
    }

    fn park(&mut self, effect: &str) -> Result<Vec<EffectEvent>, String> {
        let (effect, reason) = (effect.to_owned(), "a defect".to_owned());
        self.tell(EffectCommand::ParkEffect { effect, reason }, None)
    }

    fn retry(&mut self) -> Result<Vec<EffectEvent>, String> {
        self.tell(EffectCommand::RetryEffect { effect: None }, None)
    }

    fn drop_parked(&mut self) -> Result<Vec<EffectEvent>, String> {
        self.tell(EffectCommand::DropEffect { effect: None }, None)
    }

    fn accepts(&self, attempt: u32, epoch: u64) -> bool {
        let outcome = OutcomeOf { effect: RENDER.to_owned(), attempt, epoch };
        self.book.check_outcome(&outcome, &[RENDER.to_owned()]).is_ok()
    }

    fn wait(&mut self) {
        self.time += 3_600_000_000;
    }
}

fn begun() -> Story {
    let mut story = Story::default();
    story.start("a", 1, false).unwrap();
    story
}

fn parked() -> Story {
    let mut story = begun();
    story.fail(1, 1, FailureKind::Permanent).unwrap();
    story
}

fn attempts_in(events: &[EffectEvent]) -> Vec<u32> {
    let attempt = |event: &EffectEvent| match event {
        EffectEvent::AttemptStarted { attempt, .. } => Some(*attempt),
        EffectEvent::AttemptFailed { .. }
        | EffectEvent::AttemptLost { .. }
        | EffectEvent::EffectParked { .. }
        | EffectEvent::EffectUnparked { .. }
        | EffectEvent::EffectDropped { .. }
        | EffectEvent::OutcomeRefused { .. } => None,
    };
    events.iter().filter_map(attempt).collect()
}

#[test]
fn only_what_is_owed_is_tried_parked_or_lost() {
    let mut story = Story::default();
    let (effect, worker, instance) = ("render-9".to_owned(), "w".to_owned(), "a".to_owned());
    let start = EffectCommand::StartAttempt { effect, worker, instance, epoch: 1, alone: false };
    assert!(story.tell(start, None).unwrap_err().contains("not owed"));
    assert!(story.park("render-9").unwrap_err().contains("not owed"));
    assert!(story.lose(1).unwrap_err().contains("not under way"));
}

#[test]
fn one_worker_tries_at_a_time() {
    let mut story = Story::default();
    story.start("a", 0, false).unwrap();
    assert!(story.start("a", 0, false).unwrap_err().contains("being tried by a"));
}

#[test]
fn an_invitation_that_comes_twice_or_late_is_worth_one_attempt() {
    let mut story = begun();
    for (instance, epoch) in [("a", 1), ("b", 1)] {
        assert!(story.start(instance, epoch, false).unwrap_err().contains("already tried under epoch 1"));
    }
    story.start("b", 3, false).unwrap();
    assert!(story.start("c", 2, false).unwrap_err().contains("already tried under epoch 3"));
    story.fail(2, 3, FailureKind::Transient).unwrap();
    story.wait();
    assert!(story.start("b", 3, false).unwrap_err().contains("already tried under epoch 3"));
    assert_eq!(attempts_in(&story.start("b", 4, false).unwrap()), [3]);
}

#[test]
fn a_new_process_takes_over_and_the_old_outcome_is_refused() {
    let mut story = begun();
    let events = story.start("b", 2, true).unwrap();
    assert!(matches!(&events[0], EffectEvent::AttemptLost { attempt: 1, counts: false, .. }));
    assert_eq!(attempts_in(&events), [2]);
    assert!(!story.accepts(1, 1) && story.accepts(2, 2));
    let late = story.fail(1, 1, FailureKind::Permanent).unwrap();
    assert!(matches!(&late[..], [EffectEvent::OutcomeRefused { attempt: 1, .. }]));
}

#[test]
fn a_failure_postpones_until_the_last_one_parks() {
    let mut story = begun();
    let events = story.fail(1, 1, FailureKind::Transient).unwrap();
    assert!(matches!(&events[..], [EffectEvent::AttemptFailed { attempt: 1, .. }]));
    assert!(story.start("a", 2, false).unwrap_err().contains("waits until"));
    story.wait();
    story.start("a", 2, false).unwrap();
    let events = story.fail(2, 2, FailureKind::Transient).unwrap();
    assert!(matches!(&events[..], [EffectEvent::EffectParked { attempts: 2, .. }]));
    assert!(!story.book.is_active(RENDER));
}

#[test]
fn a_permanent_failure_parks_at_once() {
    let story = parked();
    assert_eq!(story.book.entry(RENDER).phase, Phase::Parked("no answer".into()));
    assert!(!story.accepts(1, 1));
}

#[test]
fn a_failure_must_name_its_own_attempt() {
    let mut story = begun();
    let (effect, kind, message) = (RENDER.to_owned(), FailureKind::Transient, String::new());
    let fail = EffectCommand::FailAttempt { effect, kind, message };
    assert!(story.tell(fail.clone(), None).unwrap_err().contains("must name"));
    let other = OutcomeOf { effect: "render-9".into(), attempt: 1, epoch: 1 };
    assert!(story.tell(fail, Some(other)).unwrap_err().contains("must name"));
}

#[test]
fn only_a_death_alone_counts() {
    let mut story = begun();
    for epoch in 2..10 {
        story.start("b", epoch, false).unwrap();
    }
    assert_eq!((story.book.entry(RENDER).counted, story.book.entry(RENDER).attempts), (0, 9));
    story.start("c", 10, true).unwrap();
    story.start("c", 11, true).unwrap();
    assert_eq!(story.book.entry(RENDER).counted, 1);
    let events = story.start("d", 12, true).unwrap();
    assert!(matches!(
        &events[..],
        [EffectEvent::AttemptLost { counts: true, .. }, EffectEvent::EffectParked { .. }]
    ));
}

#[test]
fn a_lost_attempt_is_lost_once() {
    let mut story = begun();
    assert_eq!(story.lose(1).unwrap().len(), 1);
    assert!(story.lose(1).unwrap_err().contains("not under way"));
    story.start("b", 2, true).unwrap();
    assert!(story.lose(1).unwrap_err().contains("not under way"));
    story.lose(2).unwrap();
    story.start("b", 3, true).unwrap();
    let events = story.lose(3).unwrap();
    assert!(matches!(
        &events[..],
        [EffectEvent::AttemptLost { .. }, EffectEvent::EffectParked { attempts: 3, .. }]
    ));
}

#[test]
fn attempts_rise_also_after_unparking_and_counting_begins_anew() {
    let mut story = parked();
    story.retry().unwrap();
    assert_eq!(story.book.entry(RENDER).counted, 0);
    assert_eq!(attempts_in(&story.start("a", 2, false).unwrap()), [2]);
    assert!(story.retry().unwrap_err().contains("nothing is parked"));
}

#[test]
fn parking_twice_changes_nothing() {
    let mut story = parked();
    assert_eq!(story.park(RENDER), Ok(Vec::new()));
    assert!(story.start("b", 2, false).unwrap_err().contains("is parked: no answer"));
}

#[test]
fn what_was_dropped_is_never_tried_again() {
    let mut story = parked();
    story.drop_parked().unwrap();
    assert!(story.start("b", 2, false).unwrap_err().contains("not owed"));
    assert!(story.retry().unwrap_err().contains("nothing is parked"));
    assert!(story.park(RENDER).unwrap_err().contains("not owed"));
    assert!(!story.accepts(1, 1));
}

#[test]
fn a_timer_reports_without_an_attempt_unless_it_is_parked() {
    let mut story = Story::default();
    assert!(story.accepts(0, 0));
    story.park(RENDER).unwrap();
    assert!(!story.accepts(0, 0));
}

#[test]
fn a_timer_that_failed_is_tried_as_an_attempt_with_an_ordinal_of_its_own() {
    let mut story = Story::default();
    let events = story.fail(0, 0, FailureKind::Transient).unwrap();
    assert!(matches!(&events[..], [EffectEvent::AttemptFailed { attempt: 1, .. }]));
    assert!(!story.accepts(0, 0));
    story.wait();
    assert_eq!(attempts_in(&story.start("a", 0, false).unwrap()), [2]);
    story.fail(2, 0, FailureKind::Permanent).unwrap();
    story.retry().unwrap();
    assert_eq!(attempts_in(&story.start("a", 0, false).unwrap()), [3]);
}

#[test]
fn a_lost_attempt_may_report_until_another_is_claimed() {
    let mut story = begun();
    story.lose(1).unwrap();
    assert!(story.accepts(1, 1) && !story.accepts(1, 2) && !story.accepts(2, 1));
    story.start("b", 2, true).unwrap();
    assert!(!story.accepts(1, 1) && story.accepts(2, 2));
}

#[test]
fn a_lost_attempt_reports_once() {
    let mut story = begun();
    story.lose(1).unwrap();
    let late = story.fail(1, 1, FailureKind::Transient).unwrap();
    assert!(matches!(&late[..], [EffectEvent::AttemptFailed { attempt: 1, .. }]));
    assert!(!story.accepts(1, 1));
    assert!(!story.book.entry(RENDER).is_suspect(), "it did not die after all");
}

#[test]
fn a_counted_loss_that_reports_a_failure_after_all_is_counted_once() {
    let mut story = Story::default();
    story.start("a", 1, true).unwrap();
    story.lose(1).unwrap();
    assert_eq!(story.book.entry(RENDER).counted, 1);
    story.fail(1, 1, FailureKind::Transient).unwrap();
    assert_eq!(story.book.entry(RENDER).counted, 1);
}

#[test]
fn what_was_lost_is_suspicious_while_it_waits_and_tried_at_once() {
    let mut story = begun();
    assert!(!story.book.entry(RENDER).is_suspect());
    story.lose(1).unwrap();
    assert!(story.book.entry(RENDER).is_suspect());
    assert_eq!(attempts_in(&story.start("b", 2, true).unwrap()), [2]);
    assert!(!story.book.entry(RENDER).is_suspect());
}

#[test]
fn a_loss_that_parks_takes_no_late_report_and_leaves_no_suspicion_behind() {
    let mut story = Story::default();
    for epoch in [1, 2] {
        story.start("a", epoch, true).unwrap();
        story.lose(u32::try_from(epoch).unwrap()).unwrap();
    }
    assert!(!story.book.is_active(RENDER) && !story.accepts(2, 2));
    story.retry().unwrap();
    assert!(!story.book.entry(RENDER).is_suspect() && !story.accepts(2, 2));
}

#[test]
fn a_book_that_was_saved_before_losses_were_remembered_is_read() {
    let saved = serde_json::json!({
        "entries": { "render-1": { "attempts": 2, "counted": 1, "epoch": 7, "phase": { "Parked": "no" } } }
    });
    let book: Book = serde_json::from_value(saved.clone()).unwrap();
    assert_eq!(book.entry(RENDER).lost, None);
    assert_eq!(serde_json::to_value(&book).unwrap(), saved);
}
