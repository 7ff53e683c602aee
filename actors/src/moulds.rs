//! The moulds every entity must pass, so that one list of promises holds for all of them: a crash anywhere loses and
//! doubles nothing, a repeat changes nothing, what was recorded is all there is, and what was promised is kept.
//!
//! A mould is a function whose name is what it promises; it panics where the promise is broken. It plays a
//! [`Story`], a life of one stream with the effects in between, against a log in memory. The macro
//! [`entity_moulds`](crate::entity_moulds) turns each mould into a test of its own over all stories of an entity.

#![expect(clippy::unwrap_used, reason = "a mould fails by panicking, as any test does")]

mod chronicle;
mod marks;
mod stage;
mod story;

use hydra_events::record::Recorded;

use crate::aggregate::{Aggregate, WireCommand};
use crate::decider::Given;
use stage::Stage;

pub use stage::Crash;
pub use story::{Again, Step, Story};

/// Makes a test of each mould; `$stories` is evaluated in each to a list of [`Story`](moulds::Story).
#[macro_export]
macro_rules! entity_moulds {
    ($stories:expr) => {
        $crate::mould_tests! { $stories;
            survives_a_crash_at_every_step
            repeats_are_harmless
            replays_to_the_same_state
            owes_nothing_when_done
            an_event_concerns_one_effect_at_most
            is_decided_again_alike
            nobody_else_reports_how_an_attempt_went
            a_lost_attempt_may_still_report
        }
    };
}

/// One test for each named mould.
#[doc(hidden)]
#[macro_export]
macro_rules! mould_tests {
    ($stories:expr; $($mould:ident)+) => {
        $(
            #[test]
            fn $mould() {
                $stories.iter().for_each($crate::moulds::$mould);
            }
        )+
    };
}

/// Whatever is in memory may be lost at any point: what is redelivered then leads to the state an undisturbed life
/// has at that step and at the end, and the log differs by nothing but attempts and late outcomes.
pub fn survives_a_crash_at_every_step(story: &Story) {
    let (undisturbed, plain) = (faces(story), played(story).log);
    for at in 0..story.steps.len() {
        for crash in Crash::ALL {
            let mut stage = Stage::new(story);
            for (index, face) in undisturbed.iter().enumerate() {
                stage.play(index, (index == at).then_some(crash));
                let now = stage.face();
                assert_eq!(now, *face, "{}: {crash:?} at step {at} shows at step {index}", story.name);
            }
            marks::check(story.name, &stage.log);
            assert_eq!(lasting(&stage.log), lasting(&plain), "{}: {crash:?} at step {at}", story.name);
        }
    }
}

/// Every command comes twice, at once and again at the very end: with its id it is answered with what was recorded,
/// with a fresh one it finds nothing to do or is refused, unless the story says that it acts again.
pub fn repeats_are_harmless(story: &Story) {
    let mut stage = Stage::new(story);
    for index in 0..story.steps.len() {
        stage.play(index, None);
        stage.repeat(index);
    }
    stage.repeat_all();
}

/// The state that was decided on, the state folded from the log and the state restored from a snapshot of any
/// version and folded on are one, accepted commands and book included; and they decide alike.
pub fn replays_to_the_same_state(story: &Story) {
    let mut stage = Stage::new(story);
    for index in 0..story.steps.len() {
        stage.play(index, None);
        let folded = fold(story, (story.entity.fresh)(), &stage.log);
        assert_same(story.name, index, folded.as_ref(), stage.loaded.as_ref());
    }
    for version in 0..=stage.log.len() {
        let (before, after) = stage.log.split_at(version);
        let snapshot = fold(story, (story.entity.fresh)(), before).snapshot().unwrap();
        let restored =
            || (story.entity.restore)(&snapshot).unwrap_or_else(|| panic!("{}: no snapshot", story.name));
        let whole = fold(story, restored(), after);
        assert_same(story.name, version, whole.as_ref(), stage.loaded.as_ref());
        if after.first().is_some_and(|event| event.command.is_some()) {
            decide_again(story, restored(), after);
        }
    }
}

/// At the end of a story nothing is owed, and at every append the recorded flag says what the stream then owes.
pub fn owes_nothing_when_done(story: &Story) {
    let stage = played(story);
    let owed: Vec<String> = stage.loaded.obligations().into_iter().map(|owed| owed.key).collect();
    assert!(owed.is_empty(), "{}: {owed:?} is owed at the end", story.name);
    let mut loaded = (story.entity.fresh)();
    for append in appends(&stage.log) {
        append.iter().for_each(|event| loaded.evolve(event).unwrap());
        let flags: Vec<bool> = append.iter().map(|event| event.owes).collect();
        let owes = !loaded.obligations().is_empty();
        assert_eq!(flags, vec![owes; append.len()], "{}: {:?}", story.name, append[0].kind);
    }
}

/// Each event opens or closes one effect at most and is marked with it, and the marks of each effect tell a life:
/// opened once, tried with rising ordinals, closed once.
pub fn an_event_concerns_one_effect_at_most(story: &Story) {
    let stage = played(story);
    marks::check(story.name, &stage.log);
    let mut loaded = (story.entity.fresh)();
    for event in &stage.log {
        let before = marks::owed(loaded.as_ref());
        loaded.evolve(event).unwrap();
        marks::check_change(story.name, event, &before, &marks::owed(loaded.as_ref()));
    }
}

/// The recorded command, decided again with nothing but its record, leads to the recorded events.
pub fn is_decided_again_alike(story: &Story) {
    decide_again(story, (story.entity.fresh)(), &played(story).log);
}

/// A report that names no attempt is refused, whoever sends it.
pub fn nobody_else_reports_how_an_attempt_went(story: &Story) {
    let mut stage = Stage::new(story);
    for index in 0..story.steps.len() {
        stage.report_from_outside(index);
        stage.play(index, None);
    }
}

/// An attempt that was believed lost and reports before anybody else has tried counts as if it had never been lost.
pub fn a_lost_attempt_may_still_report(story: &Story) {
    let undisturbed = faces(story);
    for at in 0..story.steps.len() {
        let mut stage = Stage::new(story);
        for (index, face) in undisturbed.iter().enumerate() {
            if index == at {
                stage.play_with_a_loss(index);
            } else {
                stage.play(index, None);
            }
            assert_eq!(stage.face(), *face, "{}: lost at step {at}, at step {index}", story.name);
        }
        marks::check(story.name, &stage.log);
    }
}

fn decide_again(story: &Story, mut loaded: Box<dyn Aggregate>, log: &[Recorded]) {
    for append in appends(log) {
        let (record, meta) = append[0].command().unwrap().unwrap();
        let payload = record.payload.get().as_bytes().to_vec();
        let command = WireCommand { kind: record.kind, payload };
        let given = Given { stream: &story.stream, meta: &meta, policy: &story.policy };
        let drafts = loaded.copy().decide(&command, given).unwrap();
        let again: Vec<_> =
            drafts.into_iter().map(|draft| (draft.kind, draft.payload, draft.effect)).collect();
        let recorded = append.iter().map(|e| (e.kind.clone(), e.payload.clone(), e.effect.clone()));
        assert_eq!(again, recorded.collect::<Vec<_>>(), "{}: {}", story.name, command.kind);
        loaded = fold(story, loaded, append);
    }
}

fn played(story: &Story) -> Stage<'_> {
    let mut stage = Stage::new(story);
    (0..story.steps.len()).for_each(|index| stage.play(index, None));
    stage
}

fn faces(story: &Story) -> Vec<stage::Face> {
    let mut stage = Stage::new(story);
    let face = |index| {
        stage.play(index, None);
        stage.face()
    };
    (0..story.steps.len()).map(face).collect()
}

/// The events a crash may not add to, take from or alter.
fn lasting(log: &[Recorded]) -> Vec<(&str, &[u8])> {
    const TRACES: [&str; 4] = ["attempt_started", "attempt_lost", "attempt_failed", "outcome_refused"];
    let kept = log.iter().filter(|event| !TRACES.contains(&event.kind.name()));
    // A park tells how many attempts there were.
    kept.filter(|event| event.kind.name() != "effect_parked")
        .map(|e| (e.kind.as_str(), e.payload.as_slice()))
        .collect()
}

fn appends(log: &[Recorded]) -> impl Iterator<Item = &[Recorded]> {
    log.chunk_by(|one, next| one.command_id == next.command_id && next.command.is_none())
}

fn fold(story: &Story, mut loaded: Box<dyn Aggregate>, events: &[Recorded]) -> Box<dyn Aggregate> {
    for event in events {
        loaded.evolve(event).unwrap_or_else(|error| panic!("{}: {error}", story.name));
    }
    loaded
}

fn assert_same(story: &str, at: usize, one: &dyn Aggregate, other: &dyn Aggregate) {
    assert_eq!(one.state(), other.state(), "{story}: at {at}");
    assert_eq!(one.obligations(), other.obligations(), "{story}: at {at}");
    assert_eq!(
        one.snapshot(),
        other.snapshot(),
        "{story}: at {at}, in what was accepted or where effects come from"
    );
}

#[cfg(test)]
mod tests {
    const FILE: &str = include_str!("moulds.rs");

    #[test]
    fn no_mould_is_left_out_of_the_list() {
        let names: Vec<&str> =
            FILE.split("\npub fn ").skip(1).filter_map(|rest| rest.split('(').next()).collect();
        assert_eq!(names.len(), 8);
        for name in names {
            assert!(FILE.lines().any(|line| line.trim() == name), "{name} is not in the list");
        }
    }
}
