//! The cluster and plans.

use std::collections::BTreeMap;

use hydra_events::vocabulary::cluster::{ClusterCommand, ClusterEvent, QueuePlace};
use hydra_events::vocabulary::plan::{PlanCommand, PlanEvent, PlannedAction};
use hydra_events::vocabulary::terms::WorkKind;
use hydra_events::{Id, Timestamp};

use super::samples::{image, text};
use super::{Words, words};

const DUE: Timestamp = Timestamp(1_795_307_034_123_456);

pub fn all() -> Vec<Words> {
    vec![
        words("commands", "cluster", &cluster_commands()),
        words("events", "cluster", &cluster_events()),
        words("commands", "plan", &plan_commands()),
        words("events", "plan", &plan_events()),
    ]
}

fn task() -> Id {
    Id::derive("task", &[b"image-lighthouse_keeper_coat_happy_1", b"render-1"])
}

fn slots() -> BTreeMap<WorkKind, u32> {
    WorkKind::ALL.into_iter().zip(0..).collect()
}

fn cluster_commands() -> Vec<ClusterCommand> {
    let (node, instance) = (|| text("attic"), || text("attic-1"));
    vec![
        ClusterCommand::JoinNode { node: node(), instance: instance(), slots: slots() },
        ClusterCommand::LoseInstance { node: node(), instance: None, evidence: text("no heartbeat") },
        ClusterCommand::QueueTask {
            task: task(),
            stream: image(),
            effect: text("render-1"),
            kind: WorkKind::Image,
            priority: 10,
        },
        ClusterCommand::FinishTask { task: task() },
        ClusterCommand::ReturnLease { task: task(), epoch: 7, reason: text("no longer owed"), again: false },
        ClusterCommand::PauseQueue { reason: text("film night") },
        ClusterCommand::ResumeQueue {},
        ClusterCommand::MoveTask { task: task(), to: QueuePlace::Front },
    ]
}

fn cluster_events() -> Vec<ClusterEvent> {
    let (node, instance) = (|| text("attic"), || text("attic-1"));
    let effect = || text("render-1");
    let evidence = || text("no heartbeat");
    vec![
        ClusterEvent::NodeJoined { node: node(), instance: instance(), slots: slots() },
        ClusterEvent::InstanceLost { node: node(), instance: instance(), evidence: evidence() },
        ClusterEvent::TaskQueued {
            task: task(),
            stream: image(),
            effect: effect(),
            kind: WorkKind::Speech,
            priority: -3,
        },
        ClusterEvent::LeaseGranted {
            task: task(),
            stream: image(),
            effect: effect(),
            kind: WorkKind::Image,
            node: node(),
            instance: instance(),
            epoch: 7,
            alone: true,
            because: text("first in the queue"),
        },
        ClusterEvent::LeaseFinished { task: task(), epoch: 7 },
        ClusterEvent::LeaseReturned { task: task(), epoch: 7, reason: text("refused"), again: true },
        ClusterEvent::LeaseLost { task: task(), epoch: 7, instance: instance(), evidence: evidence() },
        ClusterEvent::QueuePaused { reason: text("film night") },
        ClusterEvent::QueueResumed {},
        ClusterEvent::TaskMoved { task: task(), rank: -1 },
    ]
}

fn plan_commands() -> Vec<PlanCommand> {
    let (cron, timezone) = (text("0 2 * * *"), text("Europe/Berlin"));
    vec![
        PlanCommand::AddPlan { cron, timezone, action: PlannedAction::ResumeQueue {}, next: DUE },
        PlanCommand::FirePlan { due: DUE, next: None },
        PlanCommand::RemovePlan {},
    ]
}

fn plan_events() -> Vec<PlanEvent> {
    let (cron, timezone) = (text("0 2 * * *"), text("Europe/Berlin"));
    vec![
        PlanEvent::PlanAdded { cron, timezone, action: PlannedAction::PauseQueue {} },
        PlanEvent::PlanScheduled { due: DUE },
        PlanEvent::PlanFired { due: DUE, action: PlannedAction::ResumeQueue {} },
        PlanEvent::PlanRemoved {},
    ]
}
