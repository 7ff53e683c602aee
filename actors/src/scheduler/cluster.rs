//! The cluster: who waits for a machine, who has one, and why. It listens to plans that pause and resume it; it owes
//! nothing, because whoever holds a lease does the work.
//!
//! All admissions are decided in the one stream `cluster-main`, which never ends: closed tasks leave the state. What
//! can go wrong: a process dies with its leases, and then every task it held waits again, to be run alone. A kind of
//! work no machine has a slot for waits for ever.

mod grant;
mod queue;

use std::collections::BTreeMap;

use hydra_events::record::Recorded;
use hydra_events::stream::is_id;
use hydra_events::vocabulary::cluster::{ClusterCommand, ClusterEvent, QueuePlace};
use hydra_events::vocabulary::plan::{PlanEvent, PlannedAction};
use hydra_events::vocabulary::terms::WorkKind;
use hydra_events::wire::WireError;
use hydra_events::{Id, StreamName};
use serde::{Deserialize, Serialize};

pub use grant::grants;
pub use queue::{Lease, Phase, Queue, Standing, Task};

use crate::decider::{Decider, Given, Life, NoEffect, Reaction};
use crate::registry::typed;

/// The id of the one stream in which admissions are decided.
pub const MAIN: &str = "main";

/// The most tasks that may wait and run at once.
pub const TASKS_MAX: usize = 50_000;

/// The entity.
pub struct Cluster;

/// What the cluster remembers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ClusterState {
    /// Whether leases are granted.
    pub admission: Admission,
    /// The machines that have joined, by name.
    pub nodes: BTreeMap<String, Node>,
    /// The tasks that wait or run.
    pub queue: Queue,
    /// How many times a task was queued, or moved forward because somebody is in more of a hurry.
    pub queued: u64,
    /// The epoch of the last lease; it only rises, whatever the task.
    pub epoch: u64,
}

/// Whether leases are granted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Admission {
    /// They are.
    #[default]
    Open,
    /// They are not.
    Paused {
        /// Why.
        reason: String,
    },
}

/// A machine.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// Its processes, in the order they joined. The last one gets all new leases.
    pub instances: Vec<Instance>,
}

/// A process on a machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Instance {
    /// Its id.
    pub name: String,
    /// How many tasks of each kind it takes at once.
    pub slots: BTreeMap<WorkKind, u32>,
}

/// Why the cluster says no.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ClusterRejection {
    /// There is only one cluster.
    #[error("all admissions are decided in cluster-{MAIN}, not in {0}")]
    OtherStream(StreamName),
    /// The name of a machine becomes part of a subject.
    #[error("{0:?} cannot name a machine: use 1 to 100 of A-Z a-z 0-9 _ -")]
    BadNode(String),
    /// The queue has a limit.
    #[error("the queue is full: {TASKS_MAX} tasks wait or run")]
    Full,
    /// The task is closed, or never was.
    #[error("no task {0} waits or runs")]
    UnknownTask(Id),
    /// The task holds no lease.
    #[error("task {0} holds no lease: it waits")]
    NoLease(Id),
    /// The lease is an older one.
    #[error("task {task} runs under epoch {actual}, not {asked}")]
    OtherEpoch {
        /// The task.
        task: Id,
        /// The epoch the command is about.
        asked: u64,
        /// The epoch of its lease.
        actual: u64,
    },
    /// Only what waits has a place in the queue.
    #[error("task {task} no longer waits: it runs on {node}")]
    Running {
        /// The task.
        task: Id,
        /// Where it runs.
        node: String,
    },
}

impl Decider for Cluster {
    const CATEGORY: &'static str = "cluster";
    const ACTOR: &'static str = "scheduler";
    const REACTS_TO: &'static [&'static str] = &["plan.plan_fired.v1"];
    const LIFE: Life = Life::Endless;

    type Command = ClusterCommand;
    type Event = ClusterEvent;
    type Rejection = ClusterRejection;
    type Effect = NoEffect;
    type State = ClusterState;

    fn decide(
        state: &ClusterState,
        command: ClusterCommand,
        given: Given<'_>,
    ) -> Result<Vec<ClusterEvent>, ClusterRejection> {
        if given.stream.id() != MAIN {
            return Err(ClusterRejection::OtherStream(given.stream.clone()));
        }
        let events = match command {
            ClusterCommand::JoinNode { node, instance, slots } => state.join(node, instance, slots)?,
            ClusterCommand::LoseInstance { node, instance, evidence } => {
                state.lose(&node, instance, &evidence)
            }
            ClusterCommand::QueueTask { task, stream, effect, kind, priority } => {
                let queued = ClusterEvent::TaskQueued { task, stream, effect, kind, priority };
                state.queue(task, priority, queued)?
            }
            ClusterCommand::FinishTask { task } => state.finish(task),
            ClusterCommand::ReturnLease { task, epoch, reason, again } => {
                state.check_lease(task, epoch)?;
                vec![ClusterEvent::LeaseReturned { task, epoch, reason, again }]
            }
            ClusterCommand::PauseQueue { reason } => state.pause(reason),
            ClusterCommand::ResumeQueue {} => state.resume(),
            ClusterCommand::MoveTask { task, to } => state.shift(task, to)?,
        };
        Ok(state.with_grants(events))
    }

    fn evolve(state: &mut ClusterState, event: &ClusterEvent) {
        match event {
            ClusterEvent::NodeJoined { node, instance, slots } => state.joined(node, instance, slots),
            ClusterEvent::InstanceLost { node, instance, .. } => state.lost(node, instance),
            ClusterEvent::TaskQueued { task, stream, effect, kind, priority } => {
                let (stream, effect, sequence) = (stream.clone(), effect.clone(), state.queued + 1);
                state.enqueue(*task, Task::new(stream, effect, *kind, *priority, sequence));
            }
            ClusterEvent::LeaseGranted { task, node, instance, epoch, .. } => {
                state.epoch = *epoch;
                let lease = Lease { node: node.clone(), instance: instance.clone(), epoch: *epoch };
                state.queue.update(*task, |task| task.phase = Phase::Running(lease));
            }
            ClusterEvent::LeaseFinished { task, .. }
            | ClusterEvent::LeaseReturned { task, again: false, .. } => {
                state.queue.remove(*task);
            }
            ClusterEvent::LeaseReturned { task, again: true, .. } => {
                state.queue.update(*task, |task| task.phase = Phase::Waiting);
            }
            ClusterEvent::LeaseLost { task, .. } => state.queue.update(*task, |task| {
                task.phase = Phase::Waiting;
                task.standing = Standing::Suspect;
            }),
            ClusterEvent::QueuePaused { reason } => {
                state.admission = Admission::Paused { reason: reason.clone() };
            }
            ClusterEvent::QueueResumed {} => state.admission = Admission::Open,
            ClusterEvent::TaskMoved { task, rank } => state.queue.update(*task, |task| task.rank = *rank),
        }
    }

    fn react(event: &Recorded) -> Result<Vec<Reaction<ClusterCommand>>, WireError> {
        typed::<PlanEvent>(event).map(|fact| of_plan(&event.stream, fact))
    }
}

impl ClusterState {
    fn join(
        &self,
        node: String,
        instance: String,
        slots: BTreeMap<WorkKind, u32>,
    ) -> Result<Vec<ClusterEvent>, ClusterRejection> {
        if !is_id(&node) {
            return Err(ClusterRejection::BadNode(node));
        }
        let known = self.instances(&node).find(|known| known.name == instance);
        if known.is_some_and(|known| known.slots == slots) {
            return Ok(Vec::new());
        }
        Ok(vec![ClusterEvent::NodeJoined { node, instance, slots }])
    }

    /// Without a name every process but the last one is gone: the one that joined proves its predecessors dead.
    fn lose(&self, node: &str, instance: Option<String>, evidence: &str) -> Vec<ClusterEvent> {
        let last = self.instances(node).last().map(|last| last.name.as_str());
        let gone = self.instances(node).filter(|known| match &instance {
            Some(wanted) => *wanted == known.name,
            None => Some(known.name.as_str()) != last,
        });
        gone.flat_map(|gone| self.loss_of(node, &gone.name, evidence)).collect()
    }

    fn loss_of(&self, node: &str, instance: &str, evidence: &str) -> Vec<ClusterEvent> {
        let held =
            self.queue.running().filter(|(_, _, lease)| lease.node == node && lease.instance == instance);
        let lost = held.map(|(task, _, lease)| ClusterEvent::LeaseLost {
            task,
            epoch: lease.epoch,
            instance: instance.to_owned(),
            evidence: evidence.to_owned(),
        });
        let gone = ClusterEvent::InstanceLost {
            node: node.to_owned(),
            instance: instance.to_owned(),
            evidence: evidence.to_owned(),
        };
        lost.chain([gone]).collect()
    }

    /// Who is in more of a hurry than those before moves a task forward, as long as it waits.
    fn queue(
        &self,
        task: Id,
        priority: i32,
        queued: ClusterEvent,
    ) -> Result<Vec<ClusterEvent>, ClusterRejection> {
        if let Some(known) = self.queue.get(task) {
            let raised = known.lease().is_none() && priority > known.priority;
            return Ok(raised.then_some(queued).into_iter().collect());
        }
        if self.queue.len() >= TASKS_MAX {
            return Err(ClusterRejection::Full);
        }
        Ok(vec![queued])
    }

    fn finish(&self, task: Id) -> Vec<ClusterEvent> {
        let finished = |known: &Task| ClusterEvent::LeaseFinished {
            task,
            epoch: known.lease().map_or(0, |lease| lease.epoch),
        };
        self.queue.get(task).map(finished).into_iter().collect()
    }

    fn check_lease(&self, task: Id, asked: u64) -> Result<(), ClusterRejection> {
        let known = self.queue.get(task).ok_or(ClusterRejection::UnknownTask(task))?;
        let lease = known.lease().ok_or(ClusterRejection::NoLease(task))?;
        match lease.epoch == asked {
            true => Ok(()),
            false => Err(ClusterRejection::OtherEpoch { task, asked, actual: lease.epoch }),
        }
    }

    fn pause(&self, reason: String) -> Vec<ClusterEvent> {
        match self.admission {
            Admission::Open => vec![ClusterEvent::QueuePaused { reason }],
            Admission::Paused { .. } => Vec::new(),
        }
    }

    fn resume(&self) -> Vec<ClusterEvent> {
        match self.admission {
            Admission::Open => Vec::new(),
            Admission::Paused { .. } => vec![ClusterEvent::QueueResumed {}],
        }
    }

    /// Moves a task before or behind those of its kind and priority.
    fn shift(&self, task: Id, to: QueuePlace) -> Result<Vec<ClusterEvent>, ClusterRejection> {
        let known = self.queue.get(task).ok_or(ClusterRejection::UnknownTask(task))?;
        if let Some(lease) = known.lease() {
            return Err(ClusterRejection::Running { task, node: lease.node.clone() });
        }
        let mut peers = self.queue.line(known.kind).filter(|(_, peer)| peer.priority == known.priority);
        let (end, step) = match to {
            QueuePlace::Front => (peers.next(), -1),
            QueuePlace::Back => (peers.last(), 1),
        };
        let moved =
            |(_, peer): (Id, &Task)| ClusterEvent::TaskMoved { task, rank: peer.rank.saturating_add(step) };
        Ok(end.filter(|(id, _)| *id != task).map(moved).into_iter().collect())
    }

    /// What happened, and the leases that can be granted because of it.
    fn with_grants(&self, mut events: Vec<ClusterEvent>) -> Vec<ClusterEvent> {
        if events.is_empty() {
            return events;
        }
        let mut after = self.clone();
        events.iter().for_each(|event| Cluster::evolve(&mut after, event));
        events.extend(grants(&after));
        events
    }

    fn joined(&mut self, node: &str, instance: &str, slots: &BTreeMap<WorkKind, u32>) {
        let Node { instances } = self.nodes.entry(node.to_owned()).or_default();
        match instances.iter_mut().find(|known| known.name == instance) {
            Some(known) => known.slots = slots.clone(),
            None => instances.push(Instance { name: instance.to_owned(), slots: slots.clone() }),
        }
    }

    /// A task that waits already goes behind those of its new priority; what is known against it is kept.
    fn enqueue(&mut self, id: Id, task: Task) {
        self.queued = task.sequence;
        let standing = self.queue.get(id).map_or(task.standing, |known| known.standing);
        self.queue.insert(id, Task { standing, ..task });
    }

    fn lost(&mut self, node: &str, instance: &str) {
        let Some(known) = self.nodes.get_mut(node) else { return };
        known.instances.retain(|known| known.name != instance);
        if known.instances.is_empty() {
            self.nodes.remove(node);
        }
    }

    fn instances(&self, node: &str) -> impl Iterator<Item = &Instance> {
        self.nodes.get(node).into_iter().flat_map(|node| &node.instances)
    }
}

fn of_plan(plan: &StreamName, fact: PlanEvent) -> Vec<Reaction<ClusterCommand>> {
    let command = match fact {
        PlanEvent::PlanFired { action: PlannedAction::ResumeQueue {}, .. } => ClusterCommand::ResumeQueue {},
        PlanEvent::PlanFired { action: PlannedAction::PauseQueue {}, .. } => {
            ClusterCommand::PauseQueue { reason: format!("planned by {plan}") }
        }
        PlanEvent::PlanAdded { .. } | PlanEvent::PlanScheduled { .. } | PlanEvent::PlanRemoved {} => {
            return Vec::new();
        }
    };
    let main = StreamName::try_new(Cluster::CATEGORY, MAIN);
    main.map(|main| (main, command)).into_iter().collect()
}
