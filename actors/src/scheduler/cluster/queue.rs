//! The tasks of the cluster, with an index of those that wait, in the order they are served, and of those that run.
//!
//! Tasks are shared between copies of the state, so that a decision on a copy costs little. Only the tasks are
//! written to a snapshot: the indexes follow from them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hydra_events::vocabulary::terms::WorkKind;
use hydra_events::{Id, StreamName};
use serde::{Deserialize, Serialize};

/// The tasks that wait or run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct Queue {
    tasks: BTreeMap<Id, Arc<Task>>,
    lines: BTreeMap<WorkKind, BTreeSet<Place>>,
    running: BTreeSet<Id>,
}

/// One piece of heavy work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// The stream that owes it.
    pub stream: StreamName,
    /// The effect's key.
    pub effect: String,
    /// The kind of work.
    pub kind: WorkKind,
    /// Higher goes first.
    pub priority: i32,
    /// Lower goes first within a priority; 0 unless it was moved.
    pub rank: i64,
    /// Its ordinal among all tasks ever queued or moved forward: lower goes first within a rank. It is kept when a lease is lost.
    pub sequence: u64,
    /// Whether something may run beside it.
    pub standing: Standing,
    /// Whether it waits or runs.
    pub phase: Phase,
}

/// Whether something may run beside a task. Suspects are served first: they come before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Standing {
    /// A process died while it had the task: it runs alone, so that a second death is its own.
    Suspect,
    /// Nothing is known against it.
    Sound,
}

/// Whether a task waits or runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Phase {
    /// It waits.
    Waiting,
    /// It may run.
    Running(Lease),
}

/// The right to run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lease {
    /// The machine.
    pub node: String,
    /// The process on it.
    pub instance: String,
    /// Its epoch.
    pub epoch: u64,
}

/// Where a waiting task stands in the line of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    priority: Reverse<i32>,
    rank: i64,
    sequence: u64,
    task: Id,
}

/// What a snapshot keeps of a queue.
#[derive(Serialize, Deserialize)]
struct Stored(BTreeMap<Id, Arc<Task>>);

impl Task {
    /// A task that waits.
    pub fn new(stream: StreamName, effect: String, kind: WorkKind, priority: i32, sequence: u64) -> Self {
        let (standing, phase) = (Standing::Sound, Phase::Waiting);
        Self { stream, effect, kind, priority, rank: 0, sequence, standing, phase }
    }

    /// Its lease, while it has one.
    pub fn lease(&self) -> Option<&Lease> {
        match &self.phase {
            Phase::Waiting => None,
            Phase::Running(lease) => Some(lease),
        }
    }

    pub(super) fn place(&self, task: Id) -> Place {
        Place { priority: Reverse(self.priority), rank: self.rank, sequence: self.sequence, task }
    }
}

impl Queue {
    /// A task that waits or runs.
    pub fn get(&self, task: Id) -> Option<&Task> {
        self.tasks.get(&task).map(Arc::as_ref)
    }

    /// How many tasks wait or run.
    pub fn len(&self) -> usize {
        self.tasks.len()
    }

    /// Whether nothing waits or runs.
    pub fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    /// The kinds of work something waits for.
    pub fn kinds(&self) -> impl Iterator<Item = WorkKind> {
        self.lines.keys().copied()
    }

    /// The tasks of a kind that wait, the next one first.
    pub fn line(&self, kind: WorkKind) -> impl Iterator<Item = (Id, &Task)> {
        let places = self.lines.get(&kind).into_iter().flatten();
        places.filter_map(|place| Some((place.task, self.get(place.task)?)))
    }

    /// How many tasks of a kind wait.
    pub fn waiting(&self, kind: WorkKind) -> usize {
        self.lines.get(&kind).map_or(0, BTreeSet::len)
    }

    /// The tasks that run.
    pub fn running(&self) -> impl Iterator<Item = (Id, &Task, &Lease)> {
        self.running.iter().filter_map(|id| self.get(*id).and_then(|task| Some((*id, task, task.lease()?))))
    }

    pub(super) fn insert(&mut self, id: Id, task: Task) {
        self.remove(id);
        self.index(id, &task);
        self.tasks.insert(id, Arc::new(task));
    }

    pub(super) fn update(&mut self, id: Id, change: impl FnOnce(&mut Task)) {
        let Some(mut task) = self.remove(id) else { return };
        change(Arc::make_mut(&mut task));
        self.index(id, &task);
        self.tasks.insert(id, task);
    }

    pub(super) fn remove(&mut self, id: Id) -> Option<Arc<Task>> {
        let task = self.tasks.remove(&id)?;
        self.running.remove(&id);
        if let Some(line) = self.lines.get_mut(&task.kind) {
            line.remove(&task.place(id));
            if line.is_empty() {
                self.lines.remove(&task.kind);
            }
        }
        Some(task)
    }

    fn index(&mut self, id: Id, task: &Task) {
        match &task.phase {
            Phase::Waiting => self.lines.entry(task.kind).or_default().insert(task.place(id)),
            Phase::Running(_) => self.running.insert(id),
        };
    }
}

impl From<Stored> for Queue {
    fn from(Stored(tasks): Stored) -> Self {
        let mut queue = Self::default();
        tasks.iter().for_each(|(id, task)| queue.index(*id, task));
        Self { tasks, ..queue }
    }
}

impl From<Queue> for Stored {
    fn from(queue: Queue) -> Self {
        Self(queue.tasks)
    }
}
