//! The facade every surface is a skin over: send a command, ask the views, follow the log.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use hydra_actors::desk::Slots;
use hydra_actors::host::{Answer, Envelope, HostError, HostParts, LIGHT_EFFECTS_MAX};
use hydra_actors::ports::Ports;
use hydra_actors::registry::{ACTORS, kinds_of};
use hydra_actors::system::System;
use hydra_actors::worker;
use hydra_bus::Reader;
use hydra_events::log::{Checkpoints, LogError};
use hydra_events::record::Position;
use hydra_events::vocabulary::terms::WorkKind;
use hydra_events::wire::Vocabulary;
use hydra_events::{EventLog, StreamName};
use hydra_projections::view::View;
use hydra_projections::{Projector, Stand, StoreError, Views, procedural, short_term};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::auditor::Auditor;
use crate::backends::{self, Access, Backends, log_for_reading, studio};
use crate::commands::through::Command;
use crate::control;
use crate::data_folder::{DataFolder, Held};
use crate::exit::BadInput;
#[cfg(feature = "full")]
use crate::gateway;
use crate::print;
use crate::recall::LogRecall;
use crate::report::ViewReporter;

/// Pause before a log that is away is asked again.
pub const AWAY: Duration = Duration::from_secs(1);
/// How long work under way may take to finish when Hydra stops.
const GRACE: Duration = Duration::from_secs(5);

/// A Hydra that holds its data folder.
pub struct App {
    system: System,
    backends: Backends,
    projector: Projector,
    socket: JoinHandle<Result<()>>,
    /// Whatever takes commands besides the socket.
    tasks: TaskTracker,
    stop: CancellationToken,
    _held: [Held; 2],
}

impl App {
    /// Takes the folder, starts everything and takes up whatever is owed.
    pub async fn open(folder: &DataFolder, purpose: &str) -> Result<Self> {
        Self::open_with(folder, purpose, slots(kinds()), |studio| studio).await
    }

    /// The same with other slots than this machine's for every kind of work, and other engines than the studio's.
    pub async fn open_with(
        folder: &DataFolder,
        purpose: &str,
        slots: Slots,
        engines: impl FnOnce(Ports) -> Ports + Send,
    ) -> Result<Self> {
        let held = [folder.hold(purpose)?, folder.hold_views()?];
        let backends = Backends::open(folder).await?;
        let log = Arc::clone(&backends.log);
        let stores = backends::views(folder, Access::Keeping)?;
        let projector = Projector::start(Arc::clone(&log), stores.clone()).await;
        let reporter = ViewReporter::new(projector.views(), projector.reached(), backends.content.clone());
        let recall = Arc::new(LogRecall::of(Arc::clone(&log)));
        let ports = engines(studio(&backends.content, &backends.clock, Arc::new(reporter), recall).await);
        let (checkpoints, bus) = (Arc::clone(&backends.checkpoints), Arc::clone(&backends.bus));
        let (node, instance) = (folder.config().node.clone(), worker::instance(backends.clock.as_ref()));
        let light_effects_max = LIGHT_EFFECTS_MAX;
        let kept = Arc::clone(&log);
        let parts =
            HostParts { log, checkpoints, bus, ports, node, instance, light_effects_max, beside: &[] };
        let system = System::start(parts, slots).await?;
        let stop = CancellationToken::new();
        let (path, host, until) = (folder.place_socket(), system.host().clone(), stop.clone());
        #[expect(clippy::disallowed_methods, reason = "joined by close")]
        let socket = tokio::spawn(async move { control::serve(&path?, host, until).await });
        let tasks = TaskTracker::new();
        let (host, reached) = (system.host().clone(), projector.reached());
        tasks.spawn(Auditor { log: kept, stores, reached, host }.run(stop.clone()));
        let app = Self { system, backends, projector, socket, tasks, stop, _held: held };
        #[cfg(feature = "full")]
        if let Err(error) = gateway::open(&app.backends, app.system.host(), &app.tasks, &app.stop).await {
            app.close().await?;
            return Err(error);
        }
        Ok(app)
    }

    /// Sends a command of the person at the keyboard.
    pub async fn send<C: Vocabulary>(&self, stream: &StreamName, command: &C) -> Result<Answer, HostError> {
        let id = self.system.host().fresh_id();
        self.system.host().send(stream, command, Envelope::from_outside(id, "cli")).await
    }

    /// Sends what prepares a command, and the command, in order; the first refusal ends it.
    pub async fn send_all(&self, commands: Vec<Command>) -> Result<()> {
        for Command { stream, command } in commands {
            let host = self.system.host();
            let envelope = Envelope::from_outside(host.fresh_id(), "cli");
            loop {
                match host.send_wire(&stream, command.clone(), envelope.clone()).await {
                    Ok(_) => break,
                    // Under the same id, so that it is done once whatever became of the first try.
                    Err(HostError::Log(LogError::Store(error))) => {
                        tracing::warn!(%error, %stream, "the log is away; the command is sent again");
                        tokio::time::sleep(AWAY).await;
                    }
                    Err(error) => {
                        return Err(error).with_context(|| BadInput(format!("{stream} was refused")));
                    }
                }
            }
        }
        Ok(())
    }

    /// Ends with the reason when another process has taken the log over.
    pub async fn ended(&self) -> anyhow::Error {
        self.system.ended().await;
        anyhow::anyhow!(
            "the log's writer has ended, because another process writes the log now: the work goes on there"
        )
    }

    /// The position of the last event.
    pub async fn head(&self) -> Result<Position> {
        Ok(self.backends.log.head().await?)
    }

    /// The views.
    pub fn views(&self) -> Views {
        self.projector.views()
    }

    /// Waits until the views that a run asks have seen all of the log as it is now.
    ///
    /// # Errors
    /// The log or the store of such a view is away, which [`Patience`] waits out.
    pub async fn views_at_head(&self) -> Result<Views> {
        let head = self.backends.log.head().await?;
        let asked: [&'static View; 2] = [&procedural::VIEW, &short_term::VIEW];
        self.projector.reached().unless_away(&asked, head).await?;
        Ok(self.views().that_have_seen(&asked, head))
    }

    /// The running system.
    pub fn system(&self) -> &System {
        &self.system
    }

    /// The backends.
    pub fn backends(&self) -> &Backends {
        &self.backends
    }

    /// Every event after `after`, as it comes.
    pub fn follow(&self, after: Position) -> Reader {
        Reader::new(self.backends.log.clone(), self.backends.bus.clone(), after)
    }

    /// Stops everything in order.
    pub async fn close(self) -> Result<()> {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        self.system.shut_down(GRACE).await;
        self.projector.stop().await?;
        if let Err(error) = self.socket.await? {
            tracing::warn!(%error, "no commands were taken from other processes");
        }
        Ok(())
    }
}

/// Whether a store failed, which may pass, and not the command.
fn is_away(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let log = matches!(cause.downcast_ref(), Some(LogError::Store(_)));
        log || matches!(
            cause.downcast_ref(),
            Some(StoreError::Server { .. } | StoreError::Gone(_) | StoreError::Sqlite(_))
        )
    })
}

/// Who waits while the log or a view is away, and says so once.
#[derive(Default)]
pub struct Patience {
    told: bool,
}

impl Patience {
    /// Waits a moment, where one of them is away: it comes back, and the work goes on by itself. Any other error is
    /// returned.
    pub async fn wait_out(&mut self, error: anyhow::Error) -> Result<()> {
        if !is_away(&error) {
            return Err(error);
        }
        if !std::mem::replace(&mut self.told, true) {
            let what = if error.is::<StoreError>() { "views" } else { "log" };
            print::progress(format!("waiting   for the {what}: {error:#}"));
        }
        tokio::time::sleep(AWAY).await;
        Ok(())
    }

    /// They are there.
    pub fn is_over(&mut self) {
        self.told = false;
    }
}

/// A log and its views, opened for reading beside whoever writes.
pub struct Reading {
    /// The log.
    pub log: Arc<dyn EventLog>,
    /// What is remembered beside it.
    pub checkpoints: Arc<dyn Checkpoints>,
    /// The views, caught up with the log.
    pub views: Views,
}

impl Reading {
    /// Opens the folder for reading.
    pub async fn open(folder: &DataFolder) -> Result<Self> {
        let (log, checkpoints) = log_for_reading(folder).await?;
        // Where nobody keeps the views, this command brings them up to date.
        let held = folder.try_hold_views()?;
        let views = match held {
            Some(_) => {
                hydra_projections::caught_up(log.clone(), backends::views(folder, Access::Keeping)?).await?
            }
            None => Views::over(backends::views(folder, Access::Beside)?, log.id()),
        };
        let reading = Self { log, checkpoints, views };
        reading.tell_lag().await?;
        Ok(reading)
    }

    /// Says of which views the answers are not those of now.
    async fn tell_lag(&self) -> Result<()> {
        // The views first: they are never ahead of a later head.
        let stands = self.views.stands().await;
        let head = self.log.head().await?;
        for (name, Stand { position, away, .. }) in stands {
            let behind = head.saturating_sub(position);
            if behind > 0 || away.is_some() {
                let why = away.map(|reason| format!(": {reason}")).unwrap_or_default();
                print::progress(format!(
                    "behind    the view {name} has not seen the last {behind} events{why}"
                ));
            }
        }
        Ok(())
    }
}

/// The kinds of heavy work there are.
pub fn kinds() -> impl Iterator<Item = WorkKind> {
    ACTORS.into_iter().flat_map(kinds_of)
}

/// This machine's slots for work of these kinds: one task per processor.
pub fn slots(kinds: impl Iterator<Item = WorkKind>) -> Slots {
    let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let at_once = u32::try_from(processors).unwrap_or(1);
    kinds.map(|kind| (kind, at_once)).collect()
}

/// Refuses a folder nothing was ever made in.
pub fn require_log(folder: &DataFolder) -> Result<(), BadInput> {
    if folder.has_log() {
        return Ok(());
    }
    let root = folder.root().display();
    Err(BadInput(format!(
        "there is no log in {root}: make a chapter with `hydra produce FILE` first, or name another folder with --data"
    )))
}

/// Ctrl-C and SIGTERM from the moment this is made: one that comes before anybody waits for it is not lost.
pub struct Interrupts {
    interrupt: Signal,
    terminate: Signal,
}

impl Interrupts {
    /// Takes them from now on.
    pub fn listen() -> Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Waits for the next one.
    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
