//! Work under a lease: grants become invitations, and every lease ends by an event.

use std::sync::Arc;
use std::time::Duration;

use hydra_bus::{Bus, BusError, Invitation, Reader, ReaderError};
use hydra_events::record::Recorded;
use hydra_events::vocabulary::cluster::{ClusterCommand, ClusterEvent};

use super::envelope::Envelope;
use super::{Host, HostError, cluster_stream};
use crate::desk::{Place, Slots};
use crate::registry::typed;
use crate::scheduler::cluster::ClusterState;
use crate::worker::Worker;

const GRANTS_PER_BATCH: usize = 256;
const READ_PAUSE: Duration = Duration::from_millis(200);
const OFFER_PAUSE: Duration = Duration::from_millis(500);
const GRANTED: &str = "cluster.lease_granted.v1";

impl Host {
    /// Offers this process's slots, after recording that whatever earlier processes on this machine held is lost.
    ///
    /// Only for an opener whose lock proves that its predecessors are dead.
    pub async fn offer(&self, slots: Slots) -> Result<(), HostError> {
        self.spawn_invitations().await?;
        let place = self.place();
        let worker = Worker::within(
            place.clone(),
            self.attempts(),
            Arc::clone(&self.0.parts.bus),
            self.0.tasks.clone(),
            self.0.stop.clone(),
            self.0.cut.clone(),
        );
        slots.keys().for_each(|kind| worker.pull(*kind));
        self.take_place(&place, slots, "a later process holds the data folder").await?;
        self.spawn_presence();
        Ok(())
    }

    /// A process joins, and whoever was this node before is gone.
    pub(super) async fn take_place(
        &self,
        place: &Place,
        slots: Slots,
        evidence: &str,
    ) -> Result<(), HostError> {
        let Place { node, instance } = place.clone();
        self.tell_cluster(ClusterCommand::JoinNode { node: node.clone(), instance, slots }).await?;
        let evidence = evidence.to_owned();
        self.tell_cluster(ClusterCommand::LoseInstance { node, instance: None, evidence }).await
    }

    pub(super) fn place(&self) -> Place {
        let parts = &self.0.parts;
        Place { node: parts.node.clone(), instance: parts.instance.clone() }
    }

    /// The admissions as they are now.
    pub(super) async fn cluster(&self) -> Result<Option<ClusterState>, HostError> {
        Ok(self.look(&cluster_stream()?).await?.state_as())
    }

    pub(super) async fn tell_cluster(&self, command: ClusterCommand) -> Result<(), HostError> {
        let envelope = Envelope::from_inside(self.fresh_id());
        self.send(&cluster_stream()?, &command, envelope).await.map(|_| ())
    }

    /// Follows the log from here on: a lease granted before whose invitation got lost is missed by its worker's beats.
    async fn spawn_invitations(&self) -> Result<(), HostError> {
        let parts = &self.0.parts;
        let head = parts.log.head().await?;
        let mut reader = Reader::new(Arc::clone(&parts.log), Arc::clone(&parts.bus), head);
        let (bus, stop) = (Arc::clone(&parts.bus), self.0.stop.clone());
        self.0.tasks.spawn(async move {
            if let Some(error) = stop.run_until_cancelled(invite(&mut reader, bus.as_ref())).await {
                tracing::warn!(%error, "no more invitations");
            }
        });
        Ok(())
    }
}

async fn invite(reader: &mut Reader, bus: &dyn Bus) -> ReaderError {
    let mut away = false;
    loop {
        let events = match reader.next(GRANTS_PER_BATCH).await {
            Ok(events) => events,
            Err(ReaderError::Log(error)) => {
                if !std::mem::replace(&mut away, true) {
                    tracing::warn!(%error, "grants are read again until they can be");
                }
                tokio::time::sleep(READ_PAUSE).await;
                continue;
            }
            Err(error @ ReaderError::Bus(_)) => return error,
        };
        away = false;
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
