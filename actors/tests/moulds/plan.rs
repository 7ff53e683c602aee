//! The lives of a plan, through every mould.

use hydra_actors::moulds::Story;
use hydra_events::Timestamp;
use hydra_events::vocabulary::effect::FailureKind;
use hydra_events::vocabulary::plan::{PlanCommand, PlannedAction};

hydra_actors::entity_moulds!(stories());

/// Far behind every other step of a story.
const FIRST: i64 = 400 * DAY;
const DAY: i64 = 86_400_000_000;

fn stories() -> Vec<Story> {
    vec![
        added("fires for the last time").work(&key(1, FIRST), &fire(FIRST, None)),
        added("fires again and is removed")
            .work(&key(1, FIRST), &fire(FIRST, Some(FIRST + DAY)))
            .work(&key(2, FIRST + DAY), &fire(FIRST + DAY, Some(FIRST + 900 * DAY)))
            .tell(&PlanCommand::RemovePlan {}),
        added("removed and added for the same time")
            .tell(&PlanCommand::RemovePlan {})
            .tell(&add())
            .work(&key(2, FIRST), &fire(FIRST, None)),
        added("parked and unparked")
            .fail(&key(1, FIRST), FailureKind::Permanent)
            .unpark()
            .work(&key(1, FIRST), &fire(FIRST, None)),
    ]
}

fn added(name: &'static str) -> Story {
    Story::new(name, "plan-night").tell(&add())
}

fn add() -> PlanCommand {
    let (cron, timezone) = ("0 22 * * *".into(), "Europe/Berlin".into());
    PlanCommand::AddPlan { cron, timezone, action: PlannedAction::ResumeQueue {}, next: Timestamp(FIRST) }
}

fn fire(due: i64, next: Option<i64>) -> PlanCommand {
    PlanCommand::FirePlan { due: Timestamp(due), next: next.map(Timestamp) }
}

fn key(scheduled: u32, due: i64) -> String {
    format!("fire-{scheduled}-{due}")
}
