//! A running Hydra: the relay, the host, the eight inboxes and the worker of this process, started and stopped together.

use std::sync::Arc;
use std::time::Duration;

use hydra_bus::{Bus, relay, remote};
use hydra_events::log::LogError;
use hydra_events::record::Position;
use hydra_events::vocabulary::policy::PolicyCommand;
use hydra_events::{EventLog, StreamName};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::desk::{self, Slots};
use crate::host::{Envelope, Host, HostError, HostParts, policy_stream};
use crate::inbox;
use crate::registry::ACTORS;
use crate::steward;

/// Categories whose timers may lie far in the future: they owe, and yet nothing is under way.
pub const WITH_DISTANT_TIMERS: [&str; 2] = ["plan", "asset"];
/// Categories of work nobody waits for: what is tried again later is left for later.
pub const IN_PASSING: [&str; 1] = ["embedding"];

/// A running Hydra.
pub struct System {
    host: Host,
    log: Arc<dyn EventLog>,
    bus: Arc<dyn Bus>,
    inboxes: Vec<watch::Receiver<Position>>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl System {
    /// Starts everything and takes up whatever is owed. `bus` must have published up to the log's head.
    pub async fn start(parts: HostParts, slots: Slots) -> Result<Self, HostError> {
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        let (log, bus) = (Arc::clone(&parts.log), Arc::clone(&parts.bus));
        spawn_relay(&tasks, &log, &bus, &stop);
        // From now on: whoever has another log and the same bus is to hear of this one.
        let checkpoints = Arc::clone(&parts.checkpoints);
        tasks.spawn(remote::serve(Arc::clone(&log), checkpoints, Arc::clone(&bus), stop.clone()));
        spawn_end(&tasks, &log, &stop);
        let host = Host::start(parts, stop.clone()).await.inspect_err(|_| stop.cancel())?;
        let mut system = Self { host, log, bus, inboxes: Vec::new(), tasks, stop };
        match system.begin(slots).await {
            Ok(()) => Ok(system),
            Err(error) => {
                system.shut_down(Duration::ZERO).await;
                Err(error)
            }
        }
    }

    /// The dead are gone before anything new is queued: nothing is granted to them.
    async fn begin(&mut self, slots: Slots) -> Result<(), HostError> {
        record_defaults(&self.host).await?;
        self.host.offer(slots).await?;
        for actor in ACTORS {
            let (handled, receiver) = watch::channel(0);
            self.inboxes.push(receiver);
            let (host, stop) = (self.host.clone(), self.stop.clone());
            self.tasks.spawn(inbox::keep(actor, host, Arc::new(handled), stop));
        }
        self.host.recover().await?;
        self.tasks.spawn(desk::serve(self.host.clone(), Arc::clone(&self.bus), self.stop.clone()));
        Ok(())
    }

    /// The host.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// Returns when nothing new is begun any more although nobody has asked for a stop.
    pub async fn ended(&self) {
        self.stop.cancelled().await;
    }

    /// Whether every event has been handled by every actor and no stream this process can work on owes anything that
    /// could be done now.
    pub async fn is_idle(&self) -> Result<bool, LogError> {
        let head = self.log.head().await?;
        if !self.has_handled(head) {
            return Ok(false);
        }
        let unfit = self.host.unfit();
        let waits = |stream: &StreamName| {
            WITH_DISTANT_TIMERS.contains(&stream.category())
                || (IN_PASSING.contains(&stream.category()) && self.host.rests(stream))
                || unfit.iter().any(|(unfit, _)| unfit == stream)
        };
        if !self.log.streams_owing().await?.iter().all(waits) {
            return Ok(false);
        }
        // What was appended in between may owe something that was not looked at.
        Ok(self.log.head().await? == head)
    }

    /// Whether every actor has handled everything up to `position`.
    pub fn has_handled(&self, position: Position) -> bool {
        self.inboxes.iter().all(|handled| *handled.borrow() >= position)
    }

    /// Stops everything, letting what is under way finish for at most `grace`.
    pub async fn shut_down(self, grace: Duration) {
        self.stop.cancel();
        self.host.shut_down(grace).await;
        self.tasks.close();
        self.tasks.wait().await;
        self.bus.close().await;
    }
}

fn spawn_relay(tasks: &TaskTracker, log: &Arc<dyn EventLog>, bus: &Arc<dyn Bus>, stop: &CancellationToken) {
    let relay = relay(Arc::clone(log), Arc::clone(bus), stop.clone());
    tasks.spawn(async move {
        if let Err(error) = relay.await {
            tracing::error!(%error, "the relay ended; actors read from the log");
        }
    });
}

/// Begins nothing new once the log takes nothing more: another process writes it now, and its work goes on there.
fn spawn_end(tasks: &TaskTracker, log: &Arc<dyn EventLog>, stop: &CancellationToken) {
    let (mut committed, stop) = (log.committed(), stop.clone());
    tasks.spawn(async move {
        let ended = async { while committed.changed().await.is_ok() {} };
        tokio::select! {
            () = stop.cancelled() => {}
            () = ended => {
                tracing::error!("the log's writer has ended: this process begins nothing more");
                stop.cancel();
            }
        }
    });
}

/// Keys that are new in the code get their defaults before anything else is decided.
async fn record_defaults(host: &Host) -> Result<(), HostError> {
    let command = PolicyCommand::RecordDefaults { values: steward::policy::defaults() };
    let envelope = Envelope::from_inside(host.fresh_id());
    host.send(&policy_stream()?, &command, envelope).await.map(|_| ())
}
