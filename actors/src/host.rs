//! The host: the only thing that appends. It loads a stream, decides, appends, folds, and sees to what is then owed.
//!
//! Each stream in use is a cell, a supervised actor of its own that handles one command at a time. A panic kills that
//! cell alone; the next command rebuilds it from the log. Nothing a cell holds is needed to go on after a crash.

mod alarms;
mod cell;
mod cells;
mod claim;
mod duty;
mod envelope;
mod lease;
mod presence;
mod stalls;
mod supervisor;
mod sweep;
mod unfit;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use hydra_bus::{Bus, BusError};
use hydra_events::log::{Checkpoints, LogError};
use hydra_events::record::{Recorded, Version};
use hydra_events::wire::{Vocabulary, WireError};
use hydra_events::{EventLog, StreamName};
use tokio::sync::{Semaphore, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use cell::View;
pub(crate) use duty::task_id;
pub use envelope::{Envelope, Origin, fresh_id};
pub use presence::LEASE;

use crate::aggregate::{Rejection, WireCommand, wire_command};
use crate::attempt::UnderWay;
use crate::policy::Policy;
use crate::ports::Ports;
use crate::registry::{EntityType, entity_beside};
use alarms::Alarms;
use cell::Message;
use cells::Cells;
use presence::Heard;
use unfit::Unfit;

/// Commands that may be under way before callers wait.
const COMMANDS_MAX: usize = 512;
/// Light effects performed at once, unless [`HostParts`] says otherwise: enough for what waits for a disk, few enough to
/// leave the processors to heavy work.
pub const LIGHT_EFFECTS_MAX: usize = 8;
/// How often a cell that went away is asked again before the caller is told.
const DELIVERIES_MAX: u32 = 3;

/// What a host works with.
pub struct HostParts {
    /// The log.
    pub log: Arc<dyn EventLog>,
    /// What is remembered beside it.
    pub checkpoints: Arc<dyn Checkpoints>,
    /// The bus.
    pub bus: Arc<dyn Bus>,
    /// The world.
    pub ports: Ports,
    /// The name of this machine.
    pub node: String,
    /// The name of this process, different at every start.
    pub instance: String,
    /// Light effects performed at once, usually [`LIGHT_EFFECTS_MAX`].
    pub light_effects_max: usize,
    /// Entities whose streams it has beside those of the registry: none, but where the host itself is tried.
    pub beside: &'static [EntityType],
}

impl HostParts {
    /// The entity of a category.
    pub(crate) fn entity(&self, category: &str) -> Option<&'static EntityType> {
        entity_beside(self.beside, category)
    }
}

/// A host of all streams of this process.
#[derive(Clone)]
pub struct Host(Arc<Inner>);

struct Inner {
    parts: HostParts,
    cells: Cells,
    policy: RwLock<Arc<PolicyInForce>>,
    commands: Semaphore,
    light: Semaphore,
    /// Held shared by ordinary light effects, alone by one whose worker died once before.
    lane: tokio::sync::RwLock<()>,
    alarms: Alarms,
    under_way: UnderWay,
    heard: Heard,
    unfit: Unfit,
    tasks: TaskTracker,
    /// Nothing new is begun.
    stop: CancellationToken,
    /// What is under way is cut off.
    cut: CancellationToken,
}

/// The policy at a version of its stream.
#[derive(Debug, Default)]
pub struct PolicyInForce {
    /// The version of `policy-main`.
    pub version: Version,
    /// Its values.
    pub policy: Policy,
}

/// What a command led to.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Its events; none when there was nothing to do.
    pub events: Vec<Recorded>,
}

/// Why a command led to nothing.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// The domain says no.
    #[error("{0}")]
    Rejected(Rejection),
    /// No entity has streams of this category.
    #[error("no entity is called {0:?}")]
    UnknownCategory(String),
    /// The command's id was used before, for another command.
    #[error("command id {0} was used before for another command: a new command needs a new id")]
    IdReused(hydra_events::Id),
    /// The command cannot be read.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// The stream holds something this code does not know, so nothing is decided for it.
    #[error("the stream holds what this hydra cannot read: {0}")]
    Unreadable(WireError),
    /// The log failed.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The cell died while it handled the command.
    #[error(
        "{0} failed while it handled the command: see the log output; it is rebuilt with the next command"
    )]
    Died(StreamName),
    /// The process that decides cannot be reached; what became of the command is unknown until it is sent again.
    #[error("the process that decides is away: {0}")]
    Away(BusError),
    /// The process that decides failed, and will again.
    #[error("the process that decides failed: {0}")]
    Elsewhere(String),
    /// The process is about to end.
    #[error("hydra is stopping")]
    Stopping,
}

impl HostError {
    /// Whether the same command may succeed later.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Log(LogError::Conflict { .. } | LogError::Store(_))
            | Self::Died(_)
            | Self::Away(_)
            | Self::Stopping => true,
            Self::Log(LogError::Refused { .. } | LogError::Damaged { .. } | LogError::Open(_))
            | Self::Rejected(_)
            | Self::UnknownCategory(_)
            | Self::IdReused(_)
            | Self::Unreadable(_)
            | Self::Elsewhere(_)
            | Self::Wire(_) => false,
        }
    }

    /// What whoever sent the command is told.
    pub fn told(&self) -> String {
        match matches!(self, Self::Log(LogError::Store(_)) | Self::Away(_) | Self::Stopping) {
            true => format!("not durable now, try again: {self}"),
            false => self.to_string(),
        }
    }
}

/// An answer that is still to come.
pub struct Pending {
    stream: StreamName,
    answer: oneshot::Receiver<Result<Answer, HostError>>,
}

impl Pending {
    /// Waits for it.
    pub async fn answer(self) -> Result<Answer, HostError> {
        self.answer.await.unwrap_or(Err(HostError::Died(self.stream)))
    }
}

impl Host {
    /// A host over `parts`. Nothing happens until a command arrives or [`Host::recover`] is called.
    pub async fn start(parts: HostParts, stop: CancellationToken) -> Result<Self, HostError> {
        let cells = Cells::start().await?;
        let light = Semaphore::new(parts.light_effects_max);
        let host = Self(Arc::new(Inner {
            parts,
            cells,
            policy: RwLock::default(),
            commands: Semaphore::new(COMMANDS_MAX),
            light,
            lane: tokio::sync::RwLock::new(()),
            alarms: Alarms::default(),
            under_way: UnderWay::default(),
            heard: Heard::default(),
            unfit: Unfit::default(),
            tasks: TaskTracker::new(),
            stop,
            cut: CancellationToken::new(),
        }));
        host.spawn_alarms();
        host.look(&policy_stream()?).await?;
        Ok(host)
    }

    /// Sends a typed command and waits for what it leads to.
    pub async fn send<C: Vocabulary>(
        &self,
        stream: &StreamName,
        command: &C,
        envelope: Envelope,
    ) -> Result<Answer, HostError> {
        let command = wire_command(stream, command)?;
        self.send_wire(stream, command, envelope).await
    }

    /// Sends a command and waits for what it leads to.
    pub async fn send_wire(
        &self,
        stream: &StreamName,
        command: WireCommand,
        envelope: Envelope,
    ) -> Result<Answer, HostError> {
        self.settle(stream, |reply| {
            let envelope = Box::new(envelope.clone());
            Message::Decide { command: command.clone(), envelope, reply }
        })
        .await
    }

    /// Has the stream's cell answer, also where the cell has to be made anew for it.
    async fn settle<T>(
        &self,
        stream: &StreamName,
        message: impl Fn(oneshot::Sender<Result<T, HostError>>) -> Message,
    ) -> Result<T, HostError> {
        let _permit = self.0.commands.acquire().await.map_err(|_| HostError::Stopping)?;
        let mut delivery = 1;
        loop {
            let (reply, answer) = oneshot::channel();
            self.deliver(stream, message(reply)).await?;
            match answer.await.unwrap_or_else(|_| Err(HostError::Died(stream.clone()))) {
                Err(HostError::Died(_)) if delivery < DELIVERIES_MAX && !self.0.stop.is_cancelled() => {
                    delivery += 1
                }
                answer => return answer,
            }
        }
    }

    /// Puts a command into its stream's mailbox; commands put there one after the other are handled in that order.
    pub async fn enqueue(
        &self,
        stream: &StreamName,
        command: WireCommand,
        envelope: Envelope,
    ) -> Result<Pending, HostError> {
        let (reply, answer) = oneshot::channel();
        let message = Message::Decide { command, envelope: Box::new(envelope), reply };
        self.deliver(stream, message).await?;
        Ok(Pending { stream: stream.clone(), answer })
    }

    /// The state of a stream as it is now.
    pub async fn look(&self, stream: &StreamName) -> Result<View, HostError> {
        let (reply, answer) = oneshot::channel();
        self.deliver(stream, Message::Look { reply }).await?;
        answer.await.map_err(|_| HostError::Died(stream.clone()))?
    }

    /// What it works with.
    pub(crate) fn parts(&self) -> &HostParts {
        &self.0.parts
    }

    /// An id nobody has used.
    pub fn fresh_id(&self) -> hydra_events::Id {
        envelope::fresh_id(self.0.parts.ports.clock.as_ref(), &self.0.parts.instance)
    }

    /// The policy in force.
    pub fn policy(&self) -> Arc<PolicyInForce> {
        Arc::clone(&self.0.policy.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// How many cells have died by a panic or an error since the start.
    pub fn deaths(&self) -> u64 {
        self.0.cells.deaths()
    }

    /// Begins nothing new and lets what is under way finish for at most `grace`, then cuts it off: it is owed and done
    /// again. Nothing is appended once this returns.
    pub async fn shut_down(&self, grace: Duration) {
        self.0.stop.cancel();
        self.0.light.close();
        self.0.tasks.close();
        if tokio::time::timeout(grace, self.0.tasks.wait()).await.is_err() {
            tracing::warn!(tasks = self.0.tasks.len(), "work was cut off; it is owed and will be done again");
        }
        self.0.cut.cancel();
        self.0.cells.close().await;
        self.0.tasks.wait().await;
    }

    async fn deliver(&self, stream: &StreamName, message: Message) -> Result<(), HostError> {
        self.0.cells.deliver(self, stream, message).await
    }

    fn set_policy(&self, policy: PolicyInForce) {
        *self.0.policy.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(policy);
    }
}

/// The one stream that holds the policy.
pub fn policy_stream() -> Result<StreamName, HostError> {
    named("policy", "main")
}

/// The one stream that admits heavy work.
pub fn cluster_stream() -> Result<StreamName, HostError> {
    named("cluster", "main")
}

fn named(category: &str, id: &str) -> Result<StreamName, HostError> {
    StreamName::try_new(category, id).map_err(|_| HostError::UnknownCategory(category.to_owned()))
}
