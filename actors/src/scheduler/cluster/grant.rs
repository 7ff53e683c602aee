//! The grant rule, in this one place: which waiting tasks may run now, where, and why.
//!
//! Each kind of work has its own line, served in order: priority, then rank, then first come, first served. A slot
//! belongs to the machine, whichever of its processes uses it, so a successor gets nothing while its predecessor may
//! still hold the card. A suspect (see [`Standing`]) at the head of its line is served before all sound tasks: on an
//! idle machine, or by holding one back until it has drained, so that it cannot starve.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use hydra_events::Id;
use hydra_events::vocabulary::cluster::ClusterEvent;
use hydra_events::vocabulary::terms::WorkKind;

use super::queue::{Standing, Task};
use super::{Admission, ClusterState, Node};

/// The leases to grant in `state`, in order.
pub fn grants(state: &ClusterState) -> Vec<ClusterEvent> {
    match state.admission {
        Admission::Open => Round::of(state).grants(),
        Admission::Paused { .. } => Vec::new(),
    }
}

/// One pass over the lines.
struct Round<'a> {
    hosts: BTreeMap<&'a str, Host<'a>>,
    lines: Vec<Line<'a>>,
    epoch: u64,
}

/// A machine, seen from its last process.
struct Host<'a> {
    instance: &'a str,
    slots: &'a BTreeMap<WorkKind, u32>,
    used: BTreeMap<WorkKind, u32>,
    company: Company,
}

/// Whether a machine takes more than it has.
#[derive(PartialEq)]
enum Company {
    /// It does.
    Welcome,
    /// A suspect runs there, or waits until the machine is idle.
    Unwanted,
}

/// The waiting tasks of one kind.
struct Line<'a> {
    tasks: Box<dyn Iterator<Item = (Id, &'a Task)> + 'a>,
    head: Option<(Id, &'a Task)>,
    waiting: usize,
    held_back: usize,
}

/// What can be done for a task.
enum Seat<'a> {
    Here(&'a str),
    WhenIdle(&'a str),
    Nowhere,
}

impl<'a> Round<'a> {
    fn of(state: &'a ClusterState) -> Self {
        let host = |(name, node): (&'a String, &'a Node)| Some((name.as_str(), Host::of(node)?));
        let mut hosts: BTreeMap<_, _> = state.nodes.iter().filter_map(host).collect();
        for (_, task, lease) in state.queue.running() {
            if let Some(host) = hosts.get_mut(lease.node.as_str()) {
                host.take(task);
            }
        }
        let lines = state.queue.kinds().map(|kind| Line::of(state, kind)).collect();
        Self { hosts, lines, epoch: state.epoch }
    }

    fn grants(mut self) -> Vec<ClusterEvent> {
        let mut granted = Vec::new();
        while let Some((index, id, task)) = self.next() {
            match self.seat(task) {
                Seat::Here(node) => {
                    granted.extend(self.grant(index, id, task, node));
                    self.lines[index].advance();
                    self.lines[index].waiting -= 1;
                }
                Seat::WhenIdle(node) => {
                    if let Some(host) = self.hosts.get_mut(node) {
                        host.company = Company::Unwanted;
                    }
                    self.lines[index].advance();
                    self.lines[index].held_back += 1;
                }
                // Whoever is behind needs the same: nobody in this line gets any further.
                Seat::Nowhere => self.lines[index].head = None,
            }
        }
        granted
    }

    /// The line whose head is served next: suspects first, then by place.
    fn next(&self) -> Option<(usize, Id, &'a Task)> {
        let heads = self.lines.iter().enumerate();
        let heads = heads.filter_map(|(index, line)| line.head.map(|(id, task)| (index, id, task)));
        heads.min_by_key(|(_, id, task)| (task.standing, task.place(*id)))
    }

    fn seat(&self, task: &Task) -> Seat<'a> {
        let able = self.hosts.iter().filter(|(_, host)| host.company == Company::Welcome);
        match task.standing {
            Standing::Sound => {
                let free = able.filter(|(_, host)| host.free(task.kind) > 0);
                let roomiest = free.min_by_key(|(name, host)| (Reverse(host.free(task.kind)), **name));
                roomiest.map_or(Seat::Nowhere, |(name, _)| Seat::Here(name))
            }
            Standing::Suspect => {
                let able = able.filter(|(_, host)| host.capacity(task.kind) > 0);
                match able.min_by_key(|(name, host)| (host.busy(), **name)) {
                    Some((name, host)) if host.busy() == 0 => Seat::Here(name),
                    Some((name, _)) => Seat::WhenIdle(name),
                    None => Seat::Nowhere,
                }
            }
        }
    }

    fn grant(&mut self, line: usize, id: Id, task: &Task, node: &str) -> Option<ClusterEvent> {
        let host = self.hosts.get_mut(node)?;
        host.take(task);
        self.epoch += 1;
        Some(ClusterEvent::LeaseGranted {
            task: id,
            stream: task.stream.clone(),
            effect: task.effect.clone(),
            kind: task.kind,
            node: node.to_owned(),
            instance: host.instance.to_owned(),
            epoch: self.epoch,
            alone: task.standing == Standing::Suspect,
            because: format!("{}, {}", self.lines[line].why(task), host.why(task, node)),
        })
    }
}

impl<'a> Host<'a> {
    fn of(node: &'a Node) -> Option<Self> {
        let last = node.instances.last()?;
        let (used, company) = (BTreeMap::new(), Company::Welcome);
        Some(Self { instance: &last.name, slots: &last.slots, used, company })
    }

    fn take(&mut self, task: &Task) {
        *self.used.entry(task.kind).or_default() += 1;
        if task.standing == Standing::Suspect {
            self.company = Company::Unwanted;
        }
    }

    fn capacity(&self, kind: WorkKind) -> u32 {
        self.slots.get(&kind).copied().unwrap_or(0)
    }

    fn taken(&self, kind: WorkKind) -> u32 {
        self.used.get(&kind).copied().unwrap_or(0)
    }

    fn free(&self, kind: WorkKind) -> u32 {
        self.capacity(kind).saturating_sub(self.taken(kind))
    }

    fn busy(&self) -> u32 {
        self.used.values().sum()
    }

    fn why(&self, task: &Task, node: &str) -> String {
        match task.standing {
            Standing::Sound => {
                format!("slot {} of {} on {node}", self.taken(task.kind), self.capacity(task.kind))
            }
            Standing::Suspect => format!("alone on {node} because a process died while it had the task"),
        }
    }
}

impl<'a> Line<'a> {
    fn of(state: &'a ClusterState, kind: WorkKind) -> Self {
        let mut tasks = Box::new(state.queue.line(kind));
        Self { head: tasks.next(), tasks, waiting: state.queue.waiting(kind), held_back: 0 }
    }

    fn advance(&mut self) {
        self.head = self.tasks.next();
    }

    fn why(&self, task: &Task) -> String {
        let kind = task.kind.as_str();
        let first = match self.waiting {
            1 => format!("the only {kind} task by priority {}", task.priority),
            waiting => format!("first of {waiting} {kind} tasks by priority {}", task.priority),
        };
        match self.held_back {
            0 => first,
            held_back => format!("{first} after {held_back} that must run alone"),
        }
    }
}
