//! Which workers live, by their heartbeats. They are no events: only that a worker is lost becomes one.
//!
//! Only this clock ends a lease, and never because this process itself stood still: whoever has not been heard since
//! then is given its time anew.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use hydra_events::vocabulary::cluster::ClusterCommand;
use hydra_events::{Id, StreamName};
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::cell::Message;
use super::{Envelope, Host, HostError};
use crate::aggregate::{Rejection, WireCommand};
use crate::desk::{Claim, Claimed, Desk, Place, Presence, Slots, TAKEN};
use crate::scheduler::cluster::ClusterState;

/// A worker that was not heard for so long is lost.
pub const LEASE: Duration = Duration::from_secs(15);
/// A lease its worker is not at for so long is given back: its invitation was lost.
const IDLE: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_secs(5);

/// Who was heard, and of what.
#[derive(Default)]
pub(super) struct Heard(Mutex<Known>);

#[derive(Default)]
struct Known {
    workers: BTreeMap<Place, Beat>,
    /// Since when a lease's worker has not been at it, by task and epoch.
    idle: BTreeMap<(Id, u64), Instant>,
    /// When this process began to listen without a break.
    since: Option<Instant>,
}

struct Beat {
    heard: Instant,
    at: BTreeSet<Id>,
}

impl Heard {
    fn hear(&self, place: &Place, at: Vec<Id>) {
        let beat = Beat { heard: Instant::now(), at: at.into_iter().collect() };
        self.lock().workers.insert(place.clone(), beat);
    }

    /// Whoever was this machine before is no longer known.
    fn replace(&self, place: &Place) {
        self.lock().workers.retain(|known, _| known.node != place.node);
        self.hear(place, Vec::new());
    }

    fn knows(&self, place: &Place) -> bool {
        self.lock().workers.contains_key(place)
    }

    fn forget(&self, place: &Place) {
        self.lock().workers.remove(place);
    }

    /// Another process that is this node and lives.
    fn other(&self, place: &Place) -> Option<String> {
        let now = Instant::now();
        let lives = |(known, beat): &(&Place, &Beat)| {
            known.node == place.node && known.instance != place.instance && now - beat.heard < LEASE
        };
        self.lock().workers.iter().find(lives).map(|(known, _)| known.instance.clone())
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// The workers of `cluster` that were not heard for the time of a lease.
    fn lost(&mut self, cluster: &ClusterState, now: Instant) -> Vec<Place> {
        let since = *self.since.get_or_insert(now);
        let instances = cluster.nodes.iter().flat_map(|(node, known)| {
            let place = |name: &String| Place { node: node.clone(), instance: name.clone() };
            known.instances.iter().map(move |instance| place(&instance.name))
        });
        let is_lost = |place: &Place| {
            let heard = self.workers.get(place).map_or(since, |beat| beat.heard.max(since));
            now - heard >= LEASE
        };
        instances.filter(is_lost).collect()
    }

    /// The leases nobody has been at for long.
    fn idle(&mut self, cluster: &ClusterState, now: Instant) -> Vec<(Id, u64)> {
        let mut idle = BTreeMap::new();
        for (task, _, lease) in cluster.queue.running() {
            let place = Place { node: lease.node.clone(), instance: lease.instance.clone() };
            if self.workers.get(&place).is_some_and(|beat| !beat.at.contains(&task)) {
                let key = (task, lease.epoch);
                idle.insert(key, self.idle.get(&key).copied().unwrap_or(now));
            }
        }
        let over = idle.extract_if(.., |_, since| now - *since >= IDLE).map(|(key, _)| key).collect();
        self.idle = idle;
        over
    }
}

impl Host {
    /// Looks after the workers from now on.
    pub(super) fn spawn_presence(&self) {
        let (host, stop) = (self.clone(), self.0.stop.clone());
        self.0.tasks.spawn(async move {
            stop.run_until_cancelled(host.look_after_workers()).await;
        });
    }

    async fn look_after_workers(&self) {
        loop {
            let before = Instant::now();
            tokio::time::sleep(LOOK).await;
            let now = Instant::now();
            if now - before > 2 * LOOK {
                self.0.heard.lock().since = Some(now);
            }
            self.0.heard.hear(&self.place(), self.0.under_way.tasks());
            if let Err(error) = self.find_the_lost(now).await {
                tracing::warn!(%error, "nobody knows whether workers were lost; it is looked at again");
            }
        }
    }

    async fn find_the_lost(&self, now: Instant) -> Result<(), HostError> {
        let Some(cluster) = self.cluster().await? else { return Ok(()) };
        if !is_in(&self.place(), &cluster) {
            // It stood still so long that another process decided meanwhile, and then nobody but this one did: what it
            // knows is old, and nothing would ever be leased to it.
            tracing::error!("another process has decided in the place of this one: it begins nothing more");
            self.0.stop.cancel();
            return Ok(());
        }
        let (lost, idle) = {
            let mut known = self.0.heard.lock();
            (known.lost(&cluster, now), known.idle(&cluster, now))
        };
        for place in lost {
            let evidence = format!("it was not heard for {} s", LEASE.as_secs());
            self.lose_worker(&place, evidence).await?;
        }
        for (task, epoch) in idle {
            let reason = "its invitation was lost".to_owned();
            match self.tell_cluster(ClusterCommand::ReturnLease { task, epoch, reason, again: true }).await {
                // It ended meanwhile.
                Ok(()) | Err(HostError::Rejected(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn lose_worker(&self, place: &Place, evidence: String) -> Result<(), HostError> {
        let Place { node, instance } = place.clone();
        self.tell_cluster(ClusterCommand::LoseInstance { node, instance: Some(instance), evidence }).await?;
        self.0.heard.forget(place);
        Ok(())
    }

    /// Whether the Scheduler counts on it.
    async fn has_joined(&self, place: &Place) -> Result<bool, HostError> {
        Ok(self.cluster().await?.is_some_and(|cluster| is_in(place, &cluster)))
    }

    /// Another process that is `place`'s machine and lives; this one lives.
    fn other(&self, place: &Place) -> Option<String> {
        let own = self.place();
        let is_own = own.node == place.node && own.instance != place.instance;
        if is_own { Some(own.instance) } else { self.0.heard.other(place) }
    }
}

fn is_in(place: &Place, cluster: &ClusterState) -> bool {
    let node = cluster.nodes.get(&place.node);
    node.is_some_and(|node| node.instances.iter().any(|known| known.name == place.instance))
}

#[async_trait]
impl Desk for Host {
    async fn claim(&self, stream: &StreamName, claim: Claim) -> Result<Claimed, HostError> {
        let (reply, answer) = oneshot::channel();
        self.deliver(stream, Message::Claim { claim, reply }).await?;
        answer.await.unwrap_or_else(|_| Err(HostError::Died(stream.clone())))
    }

    async fn tell(
        &self,
        stream: &StreamName,
        command: WireCommand,
        envelope: Envelope,
    ) -> Result<(), HostError> {
        self.send_wire(stream, command, envelope).await.map(|_| ())
    }

    async fn report(
        &self,
        stream: &StreamName,
        command: WireCommand,
        envelope: Envelope,
    ) -> Result<Option<Claimed>, HostError> {
        self.settle(stream, |reply| {
            let envelope = Box::new(envelope.clone());
            Message::Report { command: command.clone(), envelope, reply }
        })
        .await
    }

    async fn attend(&self, stream: &StreamName) -> Result<(), HostError> {
        self.deliver(stream, Message::Attend { again: true }).await
    }

    async fn join(&self, place: &Place, slots: Slots) -> Result<(), HostError> {
        if let Some(other) = self.other(place) {
            let reason = format!(
                "the machine {:?} is worked by the process {other}, which lives: stop it, or give this one another name",
                place.node
            );
            return Err(HostError::Rejected(Rejection { rule: TAKEN.to_owned(), reason }));
        }
        self.take_place(place, slots, "another process works as this machine").await?;
        self.0.heard.replace(place);
        Ok(())
    }

    async fn beat(&self, place: &Place, at: Vec<Id>) -> Result<Presence, HostError> {
        // After a takeover the workers are known to the Scheduler and not yet heard here.
        if !self.0.heard.knows(place) && !self.has_joined(place).await? {
            return Ok(Presence::Unknown);
        }
        self.0.heard.hear(place, at);
        Ok(Presence::Known)
    }

    async fn leave(&self, place: &Place) -> Result<(), HostError> {
        self.lose_worker(place, "it was stopped".to_owned()).await
    }
}

#[cfg(test)]
mod tests {
    use hydra_events::vocabulary::cluster::ClusterEvent;
    use hydra_events::vocabulary::terms::WorkKind;

    use super::*;
    use crate::decider::Decider;
    use crate::scheduler::cluster::Cluster;

    fn place(instance: &str) -> Place {
        Place { node: "gpu".to_owned(), instance: instance.to_owned() }
    }

    fn task() -> Id {
        Id::derive("task", &[])
    }

    /// A cluster in which these have joined, and the first of them has a lease.
    fn cluster(instances: &[&str]) -> ClusterState {
        let mut cluster = ClusterState::default();
        for instance in instances {
            let Place { node, instance } = place(instance);
            Cluster::evolve(&mut cluster, &ClusterEvent::NodeJoined { node, instance, slots: Slots::new() });
        }
        let (stream, effect): (StreamName, _) = ("image-x".parse().unwrap(), "render-1".to_owned());
        let (kind, Place { node, instance }) = (WorkKind::Image, place(instances[0]));
        let queued = ClusterEvent::TaskQueued {
            task: task(),
            stream: stream.clone(),
            effect: effect.clone(),
            kind,
            priority: 0,
        };
        let (task, epoch, alone, because) = (task(), 7, false, String::new());
        let granted =
            ClusterEvent::LeaseGranted { task, stream, effect, kind, node, instance, epoch, alone, because };
        [queued, granted].iter().for_each(|event| Cluster::evolve(&mut cluster, event));
        cluster
    }

    #[test]
    fn who_is_silent_for_a_lease_is_lost_and_who_beats_is_not() {
        let (heard, start) = (Heard::default(), Instant::now());
        let cluster = cluster(&["silent", "beating"]);
        assert_eq!(
            heard.lock().lost(&cluster, start),
            [],
            "nobody is lost before there was time to be heard"
        );
        heard.lock().workers.insert(place("beating"), Beat { heard: start + LEASE, at: BTreeSet::new() });
        assert_eq!(heard.lock().lost(&cluster, start + LEASE), [place("silent")]);
        // A process that stood still itself has no right to judge.
        heard.lock().since = Some(start + LEASE);
        assert_eq!(heard.lock().lost(&cluster, start + LEASE), []);
    }

    #[test]
    fn a_lease_its_worker_knows_nothing_of_is_given_back_after_a_while() {
        let (heard, start) = (Heard::default(), Instant::now());
        let cluster = cluster(&["working"]);
        heard.hear(&place("working"), Vec::new());
        assert_eq!(heard.lock().idle(&cluster, start), []);
        assert_eq!(heard.lock().idle(&cluster, start + IDLE), [(task(), 7)]);
        assert_eq!(heard.lock().idle(&cluster, start + IDLE), [], "it is given back once");
        heard.hear(&place("working"), vec![task()]);
        assert_eq!(heard.lock().idle(&cluster, start + 3 * IDLE), [], "its worker is at it");
    }

    #[test]
    fn a_machine_has_one_worker_at_a_time() {
        let heard = Heard::default();
        heard.hear(&place("first"), Vec::new());
        assert_eq!(heard.other(&place("second")).as_deref(), Some("first"));
        assert_eq!(heard.other(&place("first")), None);
        heard.replace(&place("second"));
        assert!(!heard.knows(&place("first")), "whoever was replaced has to join again");
    }
}
