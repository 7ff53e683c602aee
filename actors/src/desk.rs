//! What a worker asks of the process that decides: the same in one process and over the bus.

mod remote;
mod serve;
mod wire;

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use hydra_events::record::OutcomeOf;
use hydra_events::vocabulary::terms::WorkKind;
use hydra_events::{Id, StreamName};
use serde::{Deserialize, Serialize};

pub use remote::RemoteDesk;
pub(crate) use serve::serve;

use crate::aggregate::{Origin, WireCommand};
use crate::host::{Envelope, HostError};

/// How many tasks of each kind a process takes at once.
pub type Slots = BTreeMap<WorkKind, u32>;

/// The rule by which a second worker of one machine is rejected.
pub const TAKEN: &str = "Taken";

/// A process that works.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// The machine.
    pub node: String,
    /// The process on it, named differently at every start.
    pub instance: String,
}

/// A wish to try an effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The effect's key.
    pub effect: String,
    /// Who tries, for people: the machine and what it does there.
    pub worker: String,
    /// The process that tries.
    pub instance: String,
    /// The lease's epoch; 0 for work without a lease.
    pub epoch: u64,
    /// Whether nothing else runs beside it, because the last try died.
    pub alone: bool,
}

/// A recorded attempt, with all its worker needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claimed {
    /// What is to be done, as the entity packed it.
    pub order: Vec<u8>,
    /// What the outcome will be about.
    pub outcome: OutcomeOf,
    /// What the outcome inherits.
    pub origin: Origin,
    /// The longest the attempt may take.
    pub limit: Duration,
}

/// What is known of a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Presence {
    /// Its leases hold.
    Known,
    /// It has no leases (any more): it has to join (again), under another name.
    Unknown,
}

/// What a worker asks of the process that decides.
#[async_trait]
pub trait Desk: Send + Sync {
    /// Records the attempt and hands out its work order. The same claim under the same lease is answered the same.
    async fn claim(&self, stream: &StreamName, claim: Claim) -> Result<Claimed, HostError>;

    /// Sends a command and waits until it is decided.
    async fn tell(
        &self,
        stream: &StreamName,
        command: WireCommand,
        envelope: Envelope,
    ) -> Result<(), HostError>;

    /// Reports how an attempt went. Where the envelope says that whoever reports goes on, the next attempt may have begun
    /// with it.
    async fn report(
        &self,
        stream: &StreamName,
        command: WireCommand,
        envelope: Envelope,
    ) -> Result<Option<Claimed>, HostError> {
        self.tell(stream, command, envelope).await.map(|()| None)
    }

    /// Has the stream see to what it owes, also to what it has seen to before.
    async fn attend(&self, stream: &StreamName) -> Result<(), HostError>;

    /// Offers slots. Whoever was this node before is lost; rejected while it lives.
    async fn join(&self, place: &Place, slots: Slots) -> Result<(), HostError>;

    /// Tells that the worker lives, and the tasks it is at.
    async fn beat(&self, place: &Place, at: Vec<Id>) -> Result<Presence, HostError>;

    /// Gives all leases back.
    async fn leave(&self, place: &Place) -> Result<(), HostError>;
}
