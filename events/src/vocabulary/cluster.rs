//! The cluster: which heavy work waits, what runs where, and why. All admissions are decided in `cluster-main`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::terms::WorkKind;
use crate::id::Id;
use crate::stream::StreamName;
use crate::wire::Vocabulary;

/// Where a waiting task is moved to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum QueuePlace {
    /// Before all others.
    Front,
    /// Behind all others.
    Back,
}

/// What may be asked of the cluster.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClusterCommand {
    /// A process offers to work.
    JoinNode {
        /// The machine.
        node: String,
        /// The process on it.
        instance: String,
        /// How many tasks of each kind it takes at once.
        slots: BTreeMap<WorkKind, u32>,
    },
    /// A process is gone, and with it whatever it held.
    LoseInstance {
        /// The machine.
        node: String,
        /// The process; every process but the joined one when absent.
        instance: Option<String>,
        /// How it is known.
        evidence: String,
    },
    /// A stream owes heavy work.
    QueueTask {
        /// The task, derived from stream and effect.
        task: Id,
        /// The stream that owes it.
        stream: StreamName,
        /// The effect's key.
        effect: String,
        /// The kind of work.
        kind: WorkKind,
        /// Higher goes first.
        priority: i32,
    },
    /// The work is over, one way or the other.
    FinishTask {
        /// The task.
        task: Id,
    },
    /// A granted lease was not used: the stream no longer owes the work, or refused the claim.
    ReturnLease {
        /// The task.
        task: Id,
        /// The lease's epoch.
        epoch: u64,
        /// Why.
        reason: String,
        /// Whether the stream still owes the work.
        again: bool,
    },
    /// Grant nothing more until the queue is resumed.
    PauseQueue {
        /// Why.
        reason: String,
    },
    /// Grant again.
    ResumeQueue {},
    /// Move a waiting task.
    MoveTask {
        /// The task.
        task: Id,
        /// Where to.
        to: QueuePlace,
    },
}

impl Vocabulary for ClusterCommand {}

/// What can become of the cluster.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClusterEvent {
    /// A process offers to work.
    NodeJoined {
        /// The machine.
        node: String,
        /// The process on it.
        instance: String,
        /// How many tasks of each kind it takes at once.
        slots: BTreeMap<WorkKind, u32>,
    },
    /// A process is gone.
    InstanceLost {
        /// The machine.
        node: String,
        /// The process.
        instance: String,
        /// How it is known.
        evidence: String,
    },
    /// A task waits; or one that waited already does so with a higher priority.
    TaskQueued {
        /// The task.
        task: Id,
        /// The stream that owes it.
        stream: StreamName,
        /// The effect's key.
        effect: String,
        /// The kind of work.
        kind: WorkKind,
        /// Higher goes first.
        priority: i32,
    },
    /// A task may run.
    LeaseGranted {
        /// The task.
        task: Id,
        /// The stream that owes it.
        stream: StreamName,
        /// The effect's key.
        effect: String,
        /// The kind of work.
        kind: WorkKind,
        /// The machine it runs on.
        node: String,
        /// The process it runs in.
        instance: String,
        /// The lease's epoch; it only rises.
        epoch: u64,
        /// Whether nothing else runs there beside it, because its worker died once before.
        alone: bool,
        /// Why this task, here, now.
        because: String,
    },
    /// A task is done.
    LeaseFinished {
        /// The task.
        task: Id,
        /// The lease's epoch; 0 when it never ran.
        epoch: u64,
    },
    /// A lease ended without being used.
    LeaseReturned {
        /// The task.
        task: Id,
        /// The lease's epoch.
        epoch: u64,
        /// Why.
        reason: String,
        /// Whether the task waits again.
        again: bool,
    },
    /// The process that held a lease is gone; the task waits again.
    LeaseLost {
        /// The task.
        task: Id,
        /// The lease's epoch.
        epoch: u64,
        /// The process that held it.
        instance: String,
        /// How it is known.
        evidence: String,
    },
    /// Nothing more is granted.
    QueuePaused {
        /// Why.
        reason: String,
    },
    /// Leases are granted again.
    QueueResumed {},
    /// A waiting task was moved.
    TaskMoved {
        /// The task.
        task: Id,
        /// Its new place: lower goes first within a priority.
        rank: i64,
    },
}

impl Vocabulary for ClusterEvent {}
