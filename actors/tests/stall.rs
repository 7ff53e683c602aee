//! Which streams stand still, and what is told of them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use hydra_actors::aggregate::Obligation;
use hydra_actors::book::{Entry, Phase};
use hydra_actors::decider::{Decider, Need};
use hydra_actors::policy::{Policy, PolicyKey};
use hydra_actors::scheduler::cluster::{Admission, Instance, Node};
use hydra_actors::steward::incident::{Incident, IncidentState};
use hydra_actors::steward::stall::{Admissions, Stall, Watch, Watched, stalled, told};
use hydra_events::vocabulary::incident::{IncidentCommand, IncidentEvent, IncidentKind};
use hydra_events::vocabulary::terms::WorkKind;
use hydra_events::{StreamName, Timestamp};

/// The stream's last event, in minutes.
const MOVED: i64 = 100;

fn minutes(minutes: i64) -> Timestamp {
    Timestamp(minutes * 60_000_000)
}

fn stream(name: &str) -> StreamName {
    name.parse().unwrap()
}

fn owed(need: Need, phase: Phase) -> Obligation {
    let entry = Entry { phase, ..Entry::default() };
    Obligation { key: "render-1".to_owned(), need, entry, origin: None }
}

fn heavy() -> Need {
    Need::Heavy { kind: WorkKind::Image, priority: 0 }
}

fn in_flight() -> Phase {
    Phase::InFlight { instance: "a".to_owned(), epoch: 1, alone: false }
}

/// A cluster with a slot for pictures alone whose last event was at minute `moved`.
fn admissions(admission: Admission, moved: i64) -> Admissions {
    let slots = BTreeMap::from([(WorkKind::Image, 1), (WorkKind::Video, 0)]);
    let node = Node { instances: vec![Instance { name: "a".to_owned(), slots }] };
    Admissions::of(admission, &BTreeMap::from([("local".to_owned(), node)]), minutes(moved))
}

/// The minute since which a stream that owes `owed` stands still at minute `now`.
fn still_since(owed: Obligation, cluster: &Admissions, now: i64) -> Option<i64> {
    let subject = stream("image-keeper");
    let watched = Watched { stream: &subject, moved: minutes(MOVED), obligations: &[owed] };
    let stall = stalled(watched, cluster, &Policy::default(), minutes(now))?;
    assert_eq!((stall.subject, stall.owes), (subject, vec!["render-1".to_owned()]));
    Some(stall.since.0 / 60_000_000)
}

#[test]
fn what_could_go_on_and_does_not_stands_still() {
    let open = admissions(Admission::Open, 0);
    for (phase, since) in
        [(Phase::default(), MOVED), (Phase::Waiting(minutes(110)), 110), (in_flight(), MOVED)]
    {
        for need in [Need::Light, heavy()] {
            let owed = || owed(need, phase.clone());
            assert_eq!(still_since(owed(), &open, since + 30), None, "{phase:?} {need:?}");
            assert_eq!(still_since(owed(), &open, since + 31), Some(since), "{phase:?} {need:?}");
        }
    }
}

#[test]
fn what_waits_for_its_time_does_not_stand_still_until_it_has_come() {
    let open = admissions(Admission::Open, 0);
    let timer = || owed(Need::Timer(minutes(10_000)), Phase::default());
    assert_eq!(still_since(timer(), &open, 9_000), None);
    assert_eq!(still_since(timer(), &open, 10_031), Some(10_000));
}

#[test]
fn what_is_parked_or_dropped_stands_still_by_somebodys_will() {
    for phase in [Phase::Parked("no engine".to_owned()), Phase::Dropped] {
        assert_eq!(still_since(owed(heavy(), phase), &admissions(Admission::Open, 0), 10_000), None);
    }
}

#[test]
fn what_waits_behind_a_paused_queue_does_not_stand_still_and_what_runs_does() {
    let paused = admissions(Admission::Paused { reason: "dinner".to_owned() }, 0);
    assert_eq!(still_since(owed(heavy(), Phase::default()), &paused, 10_000), None);
    assert_eq!(still_since(owed(heavy(), in_flight()), &paused, 10_000), Some(MOVED));
    assert_eq!(still_since(owed(Need::Light, Phase::default()), &paused, 10_000), Some(MOVED));
}

#[test]
fn a_queue_that_moves_is_waited_for_unless_no_machine_takes_the_work() {
    let moving = admissions(Admission::Open, 9_990);
    assert_eq!(still_since(owed(heavy(), Phase::default()), &moving, 10_000), None);
    assert_eq!(still_since(owed(heavy(), Phase::default()), &moving, 10_021), Some(9_990));
    for kind in [WorkKind::Video, WorkKind::Speech] {
        let nowhere = owed(Need::Heavy { kind, priority: 0 }, Phase::default());
        assert_eq!(still_since(nowhere, &moving, 10_000), Some(MOVED), "{kind:?}");
    }
}

#[test]
fn an_attempt_may_take_as_long_as_the_policy_lets_it() {
    let mut policy = Policy::default();
    policy.values.insert(PolicyKey::AttemptSecondsMax.facts().name.to_owned(), 7_200.0);
    let subject = stream("image-keeper");
    let at = |phase: Phase, now: i64| {
        let obligations = [owed(heavy(), phase)];
        let watched = Watched { stream: &subject, moved: minutes(MOVED), obligations: &obligations };
        stalled(watched, &admissions(Admission::Open, 0), &policy, minutes(now)).is_some()
    };
    assert!(!at(in_flight(), MOVED + 120) && at(in_flight(), MOVED + 121));
    assert!(at(Phase::default(), MOVED + 31), "a long attempt is no reason to wait long for one");
}

#[test]
fn the_policy_says_how_long_is_too_long() {
    let mut policy = Policy::default();
    policy.values.insert(PolicyKey::StallMinutes.facts().name.to_owned(), 5.0);
    let subject = stream("scene-1");
    let obligations = [owed(Need::Light, Phase::default())];
    let watched = Watched { stream: &subject, moved: minutes(MOVED), obligations: &obligations };
    let cluster = admissions(Admission::Open, 0);
    assert_eq!(stalled(watched, &cluster, &policy, minutes(MOVED + 5)), None);
    let stall = stalled(watched, &cluster, &policy, minutes(MOVED + 6)).unwrap();
    assert_eq!(stall.since, minutes(MOVED));
}

fn stall(name: &str) -> Stall {
    Stall { subject: stream(name), since: minutes(MOVED), owes: vec!["render-1".to_owned(), "x".to_owned()] }
}

/// What a sweep that found `stalls` tells: `+subject` that it stands still, `-subject` that it moves again.
fn sweep(watch: &mut Watch, stalls: &[&str]) -> Vec<String> {
    let notices = watch.notices(stalls.iter().map(|name| stall(name)).collect());
    let told = notices.into_iter().map(|notice| {
        assert_eq!(Some(notice.incident), Incident::stream_of(&notice.subject));
        match notice.command {
            IncidentCommand::OpenIncident { kind: IncidentKind::Stalled, subject, reason } => {
                assert_eq!(
                    reason,
                    "nothing has happened since 1970-01-01T01:40:00.000000Z; owed: render-1, x"
                );
                format!("+{subject}")
            }
            IncidentCommand::ResolveIncident { only: Some(IncidentKind::Stalled), .. } => {
                format!("-{}", notice.subject)
            }
            other @ (IncidentCommand::OpenIncident { .. } | IncidentCommand::ResolveIncident { .. }) => {
                panic!("{other:?}")
            }
        }
    });
    told.collect()
}

#[test]
fn a_stall_is_told_of_as_long_as_it_lasts_and_its_end_until_it_is_taken_in() {
    let mut watch = Watch::default();
    assert_eq!(sweep(&mut watch, &[]), Vec::<String>::new());
    assert_eq!(sweep(&mut watch, &["image-a", "image-b"]), ["+image-a", "+image-b"]);
    assert_eq!(sweep(&mut watch, &["image-b"]), ["-image-a", "+image-b"]);
    assert_eq!(sweep(&mut watch, &["image-b"]), ["-image-a", "+image-b"]);
    watch.closed(&stream("image-a"));
    assert_eq!(sweep(&mut watch, &["image-b"]), ["+image-b"]);
}

#[test]
fn a_new_process_takes_up_the_watch_from_the_open_incidents() {
    let (subject, mut incident) = (stream("image-a"), IncidentState::default());
    assert_eq!(told(&incident), None);
    let opened = |kind| IncidentEvent::IncidentOpened {
        kind,
        subject: stream("image-a"),
        reason: "it stands still".to_owned(),
        occurrence: 1,
    };
    Incident::evolve(&mut incident, &opened(IncidentKind::Stalled));
    assert_eq!(told(&incident), Some(&subject));
    assert_eq!(sweep(&mut Watch::over(told(&incident).cloned()), &[]), ["-image-a"]);
    Incident::evolve(&mut incident, &opened(IncidentKind::EffectParked));
    assert_eq!(told(&incident), None);
}
