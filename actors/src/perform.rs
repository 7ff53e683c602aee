//! How an owed effect is carried out: by the entity's performer, through the ports, far from its decider.

use futures::future::BoxFuture;
use hydra_events::StreamName;

use crate::decider::Decider;
use crate::ports::{PortError, Ports};

/// One attempt at one effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// The stream that owes it.
    pub stream: StreamName,
    /// The effect's key.
    pub effect: String,
}

impl Job {
    /// The key under which an engine may recognise work it has done before.
    pub fn key(&self) -> String {
        format!("{}/{}", self.stream, self.effect)
    }
}

/// An entity whose effects can be carried out.
pub trait Perform: Decider {
    /// Carries `effect` out and returns the command that reports how it went.
    fn perform(
        ports: Ports,
        effect: Self::Effect,
        job: Job,
    ) -> BoxFuture<'static, Result<Self::Command, PortError>>;
}
