//! Invitations to heavy work. An invitation is only a hint: what entitles to the work is the claim in the
//! log, so one that is lost or comes twice does no harm.

use async_trait::async_trait;
use hydra_events::stream::is_id;
use hydra_events::vocabulary::terms::WorkKind;
use hydra_events::{Id, StreamName};
use serde::{Deserialize, Serialize};

use crate::bus::BusError;

/// Longest key of an effect in an invitation, in bytes.
pub const EFFECT_BYTES_MAX: usize = 500;

/// A lease was granted: the named process may claim the work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// The machine.
    pub node: String,
    /// The kind of work.
    pub kind: WorkKind,
    /// The process on the machine that was granted the lease.
    pub instance: String,
    /// The task.
    pub task: Id,
    /// The stream that owes the work.
    pub stream: StreamName,
    /// The effect's key.
    pub effect: String,
    /// The lease's epoch.
    pub epoch: u64,
    /// Whether nothing else may run on the machine meanwhile, because the last try died.
    pub alone: bool,
}

impl Invitation {
    /// Refuses names that would break a subject, and keys without end.
    pub fn check(&self) -> Result<(), BusError> {
        check_name("node", &self.node)?;
        check_name("instance", &self.instance)?;
        match self.effect.len() {
            1..=EFFECT_BYTES_MAX => Ok(()),
            size => Err(BusError::Refused(format!(
                "effect key of {size} bytes: 1 to {EFFECT_BYTES_MAX} are taken"
            ))),
        }
    }
}

/// Refuses a name that could not be part of a subject.
pub(crate) fn check_name(what: &str, name: &str) -> Result<(), BusError> {
    match is_id(name) {
        true => Ok(()),
        false => Err(BusError::Refused(format!("{what} {name:?}: use 1 to 100 of A-Z a-z 0-9 _ -"))),
    }
}

/// What a node is offered in work of one kind.
#[async_trait]
pub trait Invitations: Send {
    /// Waits for the next invitation. Dropping the future loses nothing.
    async fn next(&mut self) -> Result<Held, BusError>;
}

/// An invitation in the hands of one puller. Dropped without an ack it is offered again.
pub struct Held {
    /// The invitation.
    pub invitation: Invitation,
    receipt: Box<dyn Receipt>,
}

/// How a bus learns that an invitation was taken up. Dropped without [`Self::ack`], it offers the invitation
/// again.
#[async_trait]
pub trait Receipt: Send {
    /// The invitation is not offered again.
    async fn ack(self: Box<Self>) -> Result<(), BusError>;
}

impl Held {
    /// An invitation with its receipt; implementations of a bus make these.
    pub fn new(invitation: Invitation, receipt: Box<dyn Receipt>) -> Self {
        Self { invitation, receipt }
    }

    /// The invitation was taken up, or is of no use any more: it is not offered again.
    pub async fn ack(self) -> Result<(), BusError> {
        self.receipt.ack().await
    }
}
