//! What a plan decides, and how its performer finds the next time.

use hydra_actors::decider::{Decider, Need};
use hydra_actors::scheduler::plan::cron::{self, CronProblem};
use hydra_actors::scheduler::plan::{Plan, PlanRejection};
use hydra_events::Timestamp;
use hydra_events::vocabulary::plan::{PlanCommand, PlanEvent, PlannedAction};

use crate::table::stream::{Stream, Table, owed, state};

const FIRST: Timestamp = Timestamp(10);
const SECOND: Timestamp = Timestamp(20);

fn add(cron: &str, timezone: &str, next: Timestamp) -> PlanCommand {
    PlanCommand::AddPlan {
        cron: cron.into(),
        timezone: timezone.into(),
        action: PlannedAction::ResumeQueue {},
        next,
    }
}

fn nightly(next: Timestamp) -> PlanCommand {
    add("0 22 * * *", "Europe/Berlin", next)
}

fn added() -> PlanEvent {
    let (cron, timezone) = ("0 22 * * *".into(), "Europe/Berlin".into());
    PlanEvent::PlanAdded { cron, timezone, action: PlannedAction::ResumeQueue {} }
}

fn scheduled(due: Timestamp) -> PlanEvent {
    PlanEvent::PlanScheduled { due }
}

fn fired(due: Timestamp) -> PlanEvent {
    PlanEvent::PlanFired { due, action: PlannedAction::ResumeQueue {} }
}

fn fire(due: Timestamp, next: Option<Timestamp>) -> PlanCommand {
    PlanCommand::FirePlan { due, next }
}

fn check(given: &[PlanEvent], when: PlanCommand, then: Result<Vec<PlanEvent>, PlanRejection>) {
    Table::of("plan-night").check::<Plan>(given, when, then);
}

#[test]
fn a_plan_is_added_once() {
    check(&[], nightly(FIRST), Ok(vec![added(), scheduled(FIRST)]));
    check(&[added(), scheduled(FIRST)], nightly(FIRST), Ok(vec![]));
    // The next time depends on when one asks.
    check(&[added(), scheduled(FIRST)], nightly(SECOND), Ok(vec![]));
}

#[test]
fn a_plan_is_not_changed_in_place() {
    let (cron, timezone) = ("0 22 * * *".into(), "Europe/Berlin".into());
    let exists = PlanRejection::Exists { cron, timezone };
    check(&[added(), scheduled(FIRST)], add("0 23 * * *", "Europe/Berlin", FIRST), Err(exists));
    let again = vec![added(), scheduled(SECOND)];
    check(&[added(), scheduled(FIRST), PlanEvent::PlanRemoved {}], nightly(SECOND), Ok(again));
}

#[test]
fn a_plan_fires_at_its_time_and_is_scheduled_again() {
    let given = [added(), scheduled(FIRST)];
    check(&given, fire(FIRST, Some(SECOND)), Ok(vec![fired(FIRST), scheduled(SECOND)]));
    check(&given, fire(FIRST, None), Ok(vec![fired(FIRST)]));
}

#[test]
fn a_plan_fires_at_no_other_time() {
    let other = |actual: &str| Err(PlanRejection::OtherTime { asked: FIRST, actual: actual.into() });
    let later = format!("it does at {SECOND}");
    check(&[], fire(FIRST, None), Err(PlanRejection::Unknown));
    check(&[added(), scheduled(SECOND)], fire(FIRST, None), other(&later));
    check(&[added(), scheduled(FIRST), fired(FIRST)], fire(FIRST, None), other("it has no time ahead"));
    let removed = [added(), scheduled(FIRST), PlanEvent::PlanRemoved {}];
    check(&removed, fire(FIRST, None), other("it was removed"));
    let not_later = PlanRejection::NotLater { due: SECOND, next: FIRST };
    check(&[added(), scheduled(SECOND)], fire(SECOND, Some(FIRST)), Err(not_later));
}

#[test]
fn a_plan_without_a_time_ahead_is_taken_up_again() {
    let resting = [added(), scheduled(FIRST), fired(FIRST)];
    check(&resting, nightly(SECOND), Ok(vec![scheduled(SECOND)]));
}

#[test]
fn a_plan_is_removed_once() {
    check(&[], PlanCommand::RemovePlan {}, Err(PlanRejection::Unknown));
    check(&[added(), scheduled(FIRST)], PlanCommand::RemovePlan {}, Ok(vec![PlanEvent::PlanRemoved {}]));
    check(&[added(), PlanEvent::PlanRemoved {}], PlanCommand::RemovePlan {}, Ok(vec![]));
}

#[test]
fn a_plan_owes_one_wake_up_whose_key_never_recurs() {
    let first = [added(), scheduled(FIRST)];
    let wake_up = Plan::owed(&state::<Plan>(&first)).remove(0);
    assert_eq!((wake_up.need, wake_up.effect.due), (Need::Timer(FIRST), FIRST));
    let again = [&first[..], &[PlanEvent::PlanRemoved {}], &first[..]].concat();
    assert_ne!(owed::<Plan>(&first), owed::<Plan>(&again));
    assert_eq!(owed::<Plan>(&[added(), scheduled(FIRST), fired(FIRST)]), Vec::<String>::new());
    assert_eq!(owed::<Plan>(&[added(), scheduled(FIRST), PlanEvent::PlanRemoved {}]), Vec::<String>::new());
}

#[test]
fn a_crash_forgets_no_wake_up_and_a_failed_one_can_be_tried_again() {
    let mut plan = Stream::<Plan>::of("plan-night");
    assert_eq!(plan.tell(&nightly(FIRST)).unwrap(), ["plan_added", "plan_scheduled +fire-1-10"]);
    plan.crash();
    let told = plan.finish("fire-1-10", &fire(FIRST, Some(SECOND))).unwrap();
    assert_eq!(told, ["plan_fired -fire-1-10", "plan_scheduled +fire-2-20"]);
    assert_eq!(plan.fail("fire-2-20", "no such time zone").unwrap(), ["effect_parked"]);
    plan.crash();
    assert_eq!(plan.active(), Vec::<String>::new());
    assert_eq!(plan.unpark().unwrap(), ["effect_unparked"]);
    assert_eq!(plan.active(), ["fire-2-20"]);
    assert_eq!(plan.tell(&PlanCommand::RemovePlan {}).unwrap(), ["plan_removed -fire-2-20"]);
}

#[test]
fn a_time_zone_must_look_like_one() {
    for zone in ["", "Europe/Berlin; rm", "Zürich"] {
        check(&[], add("0 22 * * *", zone, FIRST), Err(PlanRejection::TimeZone(zone.into())));
    }
}

#[test]
fn fields_that_can_be_read_are_taken() {
    for cron in [
        "* * * * *",
        "*/15 0-23/2 1,15 JAN-mar,12 MON-FRI",
        "59 23 31 12 7",
        "  0   22 * * sun ",
        "0 0 * * 0,6",
    ] {
        assert_eq!(cron::check(cron), Ok(()), "{cron}");
    }
}

#[test]
fn fields_that_cannot_be_read_are_refused_and_named() {
    for (cron, named) in [
        ("", "\"\" has 0 fields"),
        ("0 22 * *", "has 4 fields"),
        ("0 0 22 * * *", "has 6 fields"),
        ("@daily", "has 1 fields"),
        ("60 * * * *", "\"60\" is no minute"),
        ("0 24 * * *", "\"24\" is no hour"),
        ("0 0 0 * *", "\"0\" is no day of month"),
        ("0 0 L * *", "\"L\" is no day of month"),
        ("0 0 * 13 *", "\"13\" is no month"),
        ("0 0 * MON *", "\"MON\" is no month"),
        ("0 0 * * 8", "\"8\" is no day of week"),
        ("0 0 * * FRI-MON", "\"FRI-MON\" is no day of week"),
        ("0 0 * * MON#2", "\"MON#2\" is no day of week"),
        ("*/0 * * * *", "\"*/0\" is no minute"),
        ("5/15 * * * *", "\"5/15\" is no minute"),
        ("1,,2 * * * *", "\"\" is no minute"),
        ("1- * * * *", "\"1-\" is no minute"),
        ("+1 * * * *", "\"+1\" is no minute"),
        ("? * * * *", "\"?\" is no minute"),
    ] {
        let problem = cron::check(cron).unwrap_err();
        assert!(problem.to_string().contains(named), "{problem}");
        check(&[], add(cron, "UTC", FIRST), Err(PlanRejection::Cron(problem)));
    }
    assert_eq!(cron::check(&"1,".repeat(200)), Err(CronProblem::TooLong(400)));
}
