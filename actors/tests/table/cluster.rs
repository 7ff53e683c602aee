//! Commands to the cluster, and a cluster to which one thing happens after the other.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(dead_code, reason = "each table uses what it needs")]

use std::collections::BTreeMap;

use hydra_actors::decider::{Decider, Given};
use hydra_actors::scheduler::cluster::{Cluster, ClusterRejection, ClusterState, grants};
use hydra_events::Id;
use hydra_events::vocabulary::cluster::{ClusterCommand, ClusterEvent, QueuePlace};
use hydra_events::vocabulary::terms::WorkKind;

use super::stream::{Table, meta, name as stream};

/// A cluster to which one thing happens after the other.
pub struct Story {
    pub table: Table,
    pub state: ClusterState,
}

impl Story {
    /// What `command` leads to.
    pub fn when(&self, command: ClusterCommand) -> Result<Vec<ClusterEvent>, ClusterRejection> {
        let (stream, policy, meta) = (&self.table.stream, &self.table.policy, meta());
        Cluster::decide(&self.state, command, Given { stream, meta: &meta, policy })
    }

    /// What `command` leads to, which then has happened.
    pub fn then(&mut self, command: ClusterCommand) -> Vec<ClusterEvent> {
        let events = self.when(command).unwrap();
        events.iter().for_each(|event| Cluster::evolve(&mut self.state, event));
        events
    }
}

pub fn empty() -> Story {
    Story { table: Table::of("cluster-main"), state: ClusterState::default() }
}

/// A cluster with one process `a` on the machine `local`.
pub fn with(slots: &[(WorkKind, u32)]) -> Story {
    let mut table = empty();
    table.then(join("local", "a", slots));
    table
}

pub fn id(name: &str) -> Id {
    Id::derive("task", &[name.as_bytes()])
}

pub fn join(node: &str, instance: &str, slots: &[(WorkKind, u32)]) -> ClusterCommand {
    let slots: BTreeMap<_, _> = slots.iter().copied().collect();
    ClusterCommand::JoinNode { node: node.into(), instance: instance.into(), slots }
}

pub fn lose(node: &str, instance: Option<&str>) -> ClusterCommand {
    let (node, instance) = (node.into(), instance.map(str::to_owned));
    ClusterCommand::LoseInstance { node, instance, evidence: "it is dead".into() }
}

pub fn queue(name: &str, kind: WorkKind, priority: i32) -> ClusterCommand {
    let stream = stream(&format!("image-{name}"));
    ClusterCommand::QueueTask { task: id(name), stream, effect: "render-1".into(), kind, priority }
}

pub fn finish(name: &str) -> ClusterCommand {
    ClusterCommand::FinishTask { task: id(name) }
}

pub fn give_back(name: &str, epoch: u64, again: bool) -> ClusterCommand {
    ClusterCommand::ReturnLease { task: id(name), epoch, reason: "refused".into(), again }
}

pub fn shift(name: &str, to: QueuePlace) -> ClusterCommand {
    ClusterCommand::MoveTask { task: id(name), to }
}

pub fn pause() -> ClusterCommand {
    ClusterCommand::PauseQueue { reason: "dinner".into() }
}

/// One word an event: what happened to which task, where and under which epoch.
pub fn told(events: &[ClusterEvent]) -> String {
    let words = events.iter().map(|event| match event {
        ClusterEvent::NodeJoined { instance, .. } => format!("joined:{instance}"),
        ClusterEvent::InstanceLost { instance, .. } => format!("lost:{instance}"),
        ClusterEvent::TaskQueued { stream, .. } => format!("queued:{}", stream.id()),
        ClusterEvent::LeaseGranted { stream, instance, epoch, alone, .. } => {
            format!("{}:{}@{instance}#{epoch}", if *alone { "alone" } else { "granted" }, stream.id())
        }
        ClusterEvent::LeaseFinished { epoch, .. } => format!("finished#{epoch}"),
        ClusterEvent::LeaseReturned { epoch, again, .. } => format!("returned#{epoch}:{again}"),
        ClusterEvent::LeaseLost { epoch, .. } => format!("dropped#{epoch}"),
        ClusterEvent::QueuePaused { .. } => "paused".into(),
        ClusterEvent::QueueResumed {} => "resumed".into(),
        ClusterEvent::TaskMoved { rank, .. } => format!("moved:{rank}"),
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Lets `steps` happen one after the other; each must be told as expected.
pub fn check(table: &mut Story, steps: &[(ClusterCommand, &str)]) {
    for (number, (command, expected)) in steps.iter().enumerate() {
        assert_eq!(told(&table.then(command.clone())), *expected, "step {number}: {command:?}");
        assert_eq!(grants(&table.state), [], "step {number} left something to grant");
    }
}
