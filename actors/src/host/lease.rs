//! Work under a lease: grants become invitations, invitations become attempts, and every lease ends by an event.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hydra_bus::{Bus, BusError, Invitation, Reader, ReaderError};
use hydra_events::Id;
use hydra_events::record::Recorded;
use hydra_events::vocabulary::cluster::{ClusterCommand, ClusterEvent};
use hydra_events::vocabulary::terms::WorkKind;

use super::claim::{Attempt, Claim};
use super::envelope::Envelope;
use super::{Host, HostError, cluster_stream};
use crate::registry::typed;
use crate::scheduler::cluster::ClusterState;

const GRANTS_PER_BATCH: usize = 256;
const GIVE_BACK_PAUSE: std::time::Duration = std::time::Duration::from_secs(1);
const OFFER_PAUSE: std::time::Duration = std::time::Duration::from_millis(500);
const GRANTED: &str = "cluster.lease_granted.v1";

/// Leases nobody works under, by task and epoch.
pub(super) type IdleLeases = BTreeSet<(Id, u64)>;

/// How many tasks of each kind this process takes at once.
pub type Slots = BTreeMap<WorkKind, u32>;

impl Host {
    /// Offers this process's slots, after recording that whatever earlier processes on this machine held is lost.
    ///
    /// Only for an opener whose lock proves that its predecessors are dead.
    pub async fn join(&self, slots: Slots) -> Result<(), HostError> {
        self.spawn_invitations().await?;
        for kind in slots.keys() {
            self.spawn_worker(*kind).await?;
        }
        let (node, instance) = (self.0.parts.node.clone(), self.0.parts.instance.clone());
        self.tell_cluster(ClusterCommand::JoinNode { node: node.clone(), instance, slots }).await?;
        let evidence = "a later process holds the data folder".to_owned();
        self.tell_cluster(ClusterCommand::LoseInstance { node, instance: None, evidence }).await?;
        self.lose_other_nodes().await
    }

    /// As long as one process does everything, whoever joined under another name is gone like its predecessors.
    async fn lose_other_nodes(&self) -> Result<(), HostError> {
        let Some(cluster) = self.cluster().await? else { return Ok(()) };
        for (node, known) in cluster.nodes.iter().filter(|(node, _)| **node != self.0.parts.node) {
            for instance in &known.instances {
                let (node, instance) = (node.clone(), Some(instance.name.clone()));
                let evidence = format!("{} holds the log", self.0.parts.node);
                self.tell_cluster(ClusterCommand::LoseInstance { node, instance, evidence }).await?;
            }
        }
        Ok(())
    }

    /// The admissions as they are now.
    pub(super) async fn cluster(&self) -> Result<Option<ClusterState>, HostError> {
        let view = self.look(&cluster_stream()?).await?;
        Ok(serde_json::from_value(view.state["state"].clone()).ok())
    }

    /// Gives back the leases of this process that nobody works under and that were `idle` before: their invitations
    /// were lost. Returns those that are idle now.
    pub(super) async fn return_idle(&self, idle: &IdleLeases) -> Result<IdleLeases, HostError> {
        let Some(cluster) = self.cluster().await? else { return Ok(IdleLeases::new()) };
        let mut still = IdleLeases::new();
        for (task, about, lease) in cluster.queue.running() {
            if lease.instance != self.0.parts.instance
                || self.0.under_way.contains(&about.stream, &about.effect)
            {
                continue;
            }
            if idle.contains(&(task, lease.epoch)) {
                let reason = "its invitation was lost".to_owned();
                let epoch = lease.epoch;
                self.tell_cluster(ClusterCommand::ReturnLease { task, epoch, reason, again: true }).await?;
            } else {
                still.insert((task, lease.epoch));
            }
        }
        Ok(still)
    }

    async fn tell_cluster(&self, command: ClusterCommand) -> Result<(), HostError> {
        let envelope = Envelope::from_inside(self.fresh_id());
        self.send(&cluster_stream()?, &command, envelope).await.map(|_| ())
    }

    /// Follows the log from here on: a lease granted before is lost with the process it was granted to.
    async fn spawn_invitations(&self) -> Result<(), HostError> {
        let parts = &self.0.parts;
        let head = parts.log.head().await?;
        let mut reader = Reader::new(Arc::clone(&parts.log), Arc::clone(&parts.bus), head);
        let (bus, stop) = (Arc::clone(&parts.bus), self.0.stop.clone());
        self.0.tasks.spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                error = invite(&mut reader, bus.as_ref()) => tracing::warn!(%error, "no more invitations"),
            }
        });
        Ok(())
    }

    async fn spawn_worker(&self, kind: WorkKind) -> Result<(), HostError> {
        let parts = &self.0.parts;
        let pulled = parts.bus.invitations(&parts.node, kind).await;
        let Ok(mut invitations) = pulled else { return Err(HostError::Stopping) };
        let (host, stop) = (self.clone(), self.0.stop.clone());
        self.0.tasks.spawn(async move {
            loop {
                let held = tokio::select! {
                    () = stop.cancelled() => return,
                    held = invitations.next() => held,
                };
                let Ok(held) = held else { return };
                let invitation = held.invitation.clone();
                if let Err(error) = held.ack().await {
                    tracing::debug!(%error, "an invitation was not acknowledged; a second claim is refused");
                }
                host.accept(invitation);
            }
        });
        Ok(())
    }

    /// As many run at once as the Scheduler has granted leases.
    fn accept(&self, invitation: Invitation) {
        if invitation.instance != self.0.parts.instance {
            return;
        }
        let (host, cut) = (self.clone(), self.0.cut.clone());
        let work = async move {
            if let Err(error) = host.work(&invitation).await {
                let Invitation { stream, effect, .. } = &invitation;
                tracing::warn!(%error, %stream, effect, "leased work failed; its lease is given back");
                host.give_back(&invitation, error.to_string()).await;
            }
        };
        self.0.tasks.spawn(async move {
            tokio::select! {
                () = cut.cancelled() => {}
                () = work => {}
            }
        });
    }

    /// A lease nobody works under would keep its slot for ever: it is given back however long that takes.
    async fn give_back(&self, invitation: &Invitation, reason: String) {
        let Invitation { task, epoch, .. } = *invitation;
        while !self.0.stop.is_cancelled() {
            let command = ClusterCommand::ReturnLease { task, epoch, reason: reason.clone(), again: true };
            match self.tell_cluster(command).await {
                Err(error) if error.may_pass() => tokio::time::sleep(GIVE_BACK_PAUSE).await,
                Ok(()) | Err(_) => return,
            }
        }
    }

    async fn work(&self, invitation: &Invitation) -> Result<(), HostError> {
        let Invitation { kind, task, stream, effect, epoch, alone, .. } = invitation.clone();
        let worker = format!("{}/{}", self.0.parts.node, kind.as_str());
        let claim = Claim { effect, worker, epoch, alone };
        match self.attempt(&stream, claim).await? {
            Attempt::UnderWay => return Ok(()),
            Attempt::Reported => self.tell_cluster(ClusterCommand::FinishTask { task }).await?,
            Attempt::Unwanted(reason) => {
                self.tell_cluster(ClusterCommand::ReturnLease { task, epoch, reason, again: false }).await?;
            }
        }
        // Whatever the stream owes now, it may need a new lease for it.
        self.deliver(&stream, super::cell::Message::Attend { again: true }).await
    }
}

async fn invite(reader: &mut Reader, bus: &dyn Bus) -> ReaderError {
    loop {
        let events = match reader.next(GRANTS_PER_BATCH).await {
            Ok(events) => events,
            Err(ReaderError::Log(error)) => {
                tracing::warn!(%error, "grants are read again");
                tokio::time::sleep(std::time::Duration::from_millis(200)).await;
                continue;
            }
            Err(error @ ReaderError::Bus(_)) => return error,
        };
        for invitation in events.iter().filter_map(|event| invitation(event)) {
            if let Err(error) = offer(bus, invitation).await {
                return ReaderError::Bus(error);
            }
        }
    }
}

/// Offers it until the bus takes it or says that it never will.
async fn offer(bus: &dyn Bus, invitation: Invitation) -> Result<(), BusError> {
    loop {
        match bus.invite(invitation.clone()).await {
            Ok(()) => return Ok(()),
            Err(BusError::Unavailable(error)) => {
                tracing::warn!(%error, stream = %invitation.stream, "the invitation is offered again");
                tokio::time::sleep(OFFER_PAUSE).await;
            }
            Err(error @ (BusError::Refused(_) | BusError::OutOfOrder { .. })) => {
                tracing::error!(%error, stream = %invitation.stream, "an invitation is not taken");
                return Ok(());
            }
            Err(error @ BusError::Closed) => return Err(error),
        }
    }
}

fn invitation(event: &Recorded) -> Option<Invitation> {
    if event.kind.as_str() != GRANTED {
        return None;
    }
    match typed::<ClusterEvent>(event) {
        Ok(ClusterEvent::LeaseGranted {
            task, stream, effect, kind, node, instance, epoch, alone, ..
        }) => Some(Invitation { node, kind, instance, task, stream, effect, epoch, alone }),
        Ok(_) | Err(_) => None,
    }
}
