//! The desk of another process, over the bus.

use std::sync::Arc;

use async_trait::async_trait;
use hydra_bus::{Bus, BusError, Desk as Address};
use hydra_events::{ContentHash, Id, StreamName};

use super::wire::{Question, Reply, pack, unpack};
use super::{Claim, Claimed, Desk, Place, Presence, Slots};
use crate::aggregate::WireCommand;
use crate::host::{Envelope, HostError};
use crate::registry::CODE;

/// Asks the process that decides. While nobody can be asked, every call ends with [`HostError::Away`].
pub struct RemoteDesk {
    bus: Arc<dyn Bus>,
}

impl RemoteDesk {
    /// The desk at the other end of `bus`.
    pub fn new(bus: Arc<dyn Bus>) -> Self {
        Self { bus }
    }

    /// Whether the content store of the process that decides has `blob`: whoever sends hashes must share it.
    pub async fn sees(&self, blob: ContentHash) -> Result<bool, HostError> {
        let reply = self.ask(&Question::Sees { blob }).await?;
        reply.read(|reply| if let Reply::Sees(seen) = reply { Some(seen) } else { None })
    }

    async fn ask(&self, question: &Question) -> Result<Reply, HostError> {
        let answer = self.bus.ask(Address::Host, pack(question)?).await.map_err(|error| match error {
            BusError::Closed => HostError::Stopping,
            BusError::Refused(reason) => HostError::Elsewhere(reason),
            error @ (BusError::Unavailable(_) | BusError::OutOfOrder { .. }) => HostError::Away(error),
        });
        unpack(&answer?)
    }

    async fn done(&self, question: &Question) -> Result<(), HostError> {
        self.ask(question).await?.read(|reply| matches!(reply, Reply::Done).then_some(()))
    }
}

#[async_trait]
impl Desk for RemoteDesk {
    async fn claim(&self, stream: &StreamName, claim: Claim) -> Result<Claimed, HostError> {
        let reply = self.ask(&Question::Claim { stream: stream.clone(), claim }).await?;
        reply.read(|reply| if let Reply::Claimed(claimed) = reply { Some(*claimed) } else { None })
    }

    async fn tell(
        &self,
        stream: &StreamName,
        command: WireCommand,
        envelope: Envelope,
    ) -> Result<(), HostError> {
        self.done(&Question::Tell { stream: stream.clone(), command, envelope: Box::new(envelope) }).await
    }

    async fn attend(&self, stream: &StreamName) -> Result<(), HostError> {
        self.done(&Question::Attend { stream: stream.clone() }).await
    }

    async fn join(&self, place: &Place, slots: Slots) -> Result<(), HostError> {
        self.done(&Question::Join { place: place.clone(), slots, code: CODE.to_owned() }).await
    }

    async fn beat(&self, place: &Place, at: Vec<Id>) -> Result<Presence, HostError> {
        let reply = self.ask(&Question::Beat { place: place.clone(), at }).await?;
        reply.read(|reply| if let Reply::Presence(presence) = reply { Some(presence) } else { None })
    }

    async fn leave(&self, place: &Place) -> Result<(), HostError> {
        self.done(&Question::Leave { place: place.clone() }).await
    }
}
