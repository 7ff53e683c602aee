//! Streams that stand still: they owe something that could be done, and nothing has happened to them for too long.
//!
//! Nothing here looks at a clock or a log. Whoever sweeps the owing streams asks [`stalled`] about each and sends what
//! [`Watch::notices`] makes of the answers; a repeat changes nothing. What waits for its time, for a person, for a
//! paused queue, or in a queue that moves, does not stand still.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use hydra_events::vocabulary::incident::{IncidentCommand, IncidentKind};
use hydra_events::vocabulary::terms::WorkKind;
use hydra_events::{StreamName, Timestamp};

use super::incident::{Incident, IncidentState, Status};
use crate::aggregate::Obligation;
use crate::book::Phase;
use crate::decider::Need;
use crate::policy::{Policy, PolicyKey};
use crate::scheduler::cluster::{Admission, Node};

/// A stream that is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Watched<'a> {
    /// The stream.
    pub stream: &'a StreamName,
    /// When its last event was recorded.
    pub moved: Timestamp,
    /// What it owes and may be tried, now or later; what is parked is not among it.
    pub obligations: &'a [Obligation],
}

/// What the Scheduler admits at the moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Admissions {
    /// Whether leases are granted.
    pub admission: Admission,
    /// The kinds of work some machine has a slot for.
    pub kinds: BTreeSet<WorkKind>,
    /// When the cluster's last event was recorded: the queue moved then.
    pub moved: Timestamp,
}

/// A stream that stands still.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stall {
    /// The stream.
    pub subject: StreamName,
    /// Since when.
    pub since: Timestamp,
    /// What it owes, by key.
    pub owes: Vec<String>,
}

/// What is to be told to an incident.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// The stream that stands still or moves again.
    pub subject: StreamName,
    /// Its incident.
    pub incident: StreamName,
    /// What the incident is told.
    pub command: IncidentCommand,
}

/// The streams that were found standing still and not yet found moving again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Watch {
    told: BTreeSet<StreamName>,
}

/// Whether a stream stands still at `now`, by the policy in force.
pub fn stalled(
    watched: Watched<'_>,
    admissions: &Admissions,
    policy: &Policy,
    now: Timestamp,
) -> Option<Stall> {
    let still = |owed: &&Obligation| {
        idle_since(owed, watched.moved, admissions)
            .filter(|since| now.since(*since) > patience(owed, policy))
            .is_some()
    };
    let owed: Vec<&Obligation> = watched.obligations.iter().filter(still).collect();
    let since = owed.iter().filter_map(|owed| idle_since(owed, watched.moved, admissions)).min()?;
    let owes = owed.iter().map(|owed| owed.key.clone()).collect();
    Some(Stall { subject: watched.stream.clone(), since, owes })
}

/// The subject of an incident that is open because of a stall: where a new process takes up the watch.
pub fn told(incident: &IncidentState) -> Option<&StreamName> {
    match &incident.status {
        Status::Open { kind: IncidentKind::Stalled, .. } => incident.subject.as_ref(),
        Status::Open {
            kind: IncidentKind::EffectParked | IncidentKind::AssetMissing | IncidentKind::DeliveryParked,
            ..
        }
        | Status::Absent
        | Status::Resolved => None,
    }
}

impl Admissions {
    /// What a cluster admits whose last event was recorded at `moved`. New leases go to the last process of a machine.
    pub fn of(admission: Admission, nodes: &BTreeMap<String, Node>, moved: Timestamp) -> Self {
        let last = nodes.values().filter_map(|node| node.instances.last());
        let slots = last.flat_map(|instance| &instance.slots);
        let kinds = slots.filter(|(_, slots)| **slots > 0).map(|(kind, _)| *kind).collect();
        Self { admission, kinds, moved }
    }
}

impl Watch {
    /// A watch over streams that are known to stand still.
    pub fn over(told: impl IntoIterator<Item = StreamName>) -> Self {
        Self { told: told.into_iter().collect() }
    }

    /// What follows from a sweep in which exactly `stalls` were found: each is told of, every time, and each that was
    /// told of before and is not among them moves again.
    pub fn notices(&mut self, stalls: Vec<Stall>) -> Vec<Notice> {
        let still: BTreeSet<StreamName> = stalls.iter().map(|stall| stall.subject.clone()).collect();
        let moving = self.told.difference(&still).filter_map(moved);
        let notices: Vec<Notice> = moving.chain(stalls.iter().filter_map(Stall::notice)).collect();
        self.told.extend(still);
        notices
    }

    /// The incident has taken in that `subject` moves again. Until this is said, the notice is repeated.
    pub fn closed(&mut self, subject: &StreamName) {
        self.told.remove(subject);
    }
}

impl Stall {
    /// The same stall makes the same words, so that it is one incident however often it is told of.
    fn notice(&self) -> Option<Notice> {
        let Self { subject, since, owes } = self;
        let reason = format!("nothing has happened since {since}; owed: {}", owes.join(", "));
        let command =
            IncidentCommand::OpenIncident { kind: IncidentKind::Stalled, subject: subject.clone(), reason };
        Some(Notice { subject: subject.clone(), incident: Incident::stream_of(subject)?, command })
    }
}

fn moved(subject: &StreamName) -> Option<Notice> {
    let only = Some(IncidentKind::Stalled);
    let command = IncidentCommand::ResolveIncident { how: "it has moved on".into(), only };
    Some(Notice { subject: subject.clone(), incident: Incident::stream_of(subject)?, command })
}

/// Since when an effect could have gone on and did not; `None` when it has to wait for somebody.
fn idle_since(owed: &Obligation, moved: Timestamp, admissions: &Admissions) -> Option<Timestamp> {
    let until = match &owed.entry.phase {
        Phase::Waiting(until) => *until,
        Phase::InFlight { .. } => return Some(moved),
        Phase::Parked(_) | Phase::Dropped => return None,
    };
    let since = moved.max(until);
    match owed.need {
        Need::Timer(due) => Some(since.max(due)),
        Need::Light => Some(since),
        Need::Heavy { kind, .. } => match admissions.admission {
            Admission::Paused { .. } => None,
            Admission::Open if admissions.kinds.contains(&kind) => Some(since.max(admissions.moved)),
            Admission::Open => Some(since),
        },
    }
}

/// How long an effect may be left alone: an attempt at least as long as it may take.
fn patience(owed: &Obligation, policy: &Policy) -> Duration {
    let still = Duration::from_secs_f64(policy.get(PolicyKey::StallMinutes).max(0.0) * 60.0);
    match owed.entry.phase {
        Phase::InFlight { .. } => {
            still.max(Duration::from_secs_f64(policy.get(PolicyKey::AttemptSecondsMax).max(0.0)))
        }
        Phase::Waiting(_) | Phase::Parked(_) | Phase::Dropped => still,
    }
}
