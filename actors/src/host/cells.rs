//! The cells in use, by stream: made when a command arrives, let go when too many are idle.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use hydra_events::StreamName;
use ractor::{Actor, ActorRef};
use tokio::sync::Mutex;

use super::cell::{Cell, CellSetup, Message};
use super::supervisor::{Supervisor, Watch};
use super::{Host, HostError};

/// Cells beyond this number are let go when they are idle, the oldest first.
const CELLS_MAX: usize = 2_048;
/// How long a cell may take for the command it is at when Hydra stops.
const STOP_MAX: Duration = Duration::from_secs(10);

pub(super) struct Cells {
    living: Mutex<Living>,
    supervisor: ActorRef<Watch>,
    deaths: Arc<AtomicU64>,
}

#[derive(Default)]
struct Living {
    /// Once set, no cell is made and no message is taken any more.
    closed: bool,
    cells: HashMap<StreamName, Handle>,
    /// By age; streams that are gone from `cells` are skipped.
    order: VecDeque<StreamName>,
}

#[derive(Clone)]
struct Handle {
    cell: ActorRef<Message>,
    /// Messages in the mailbox and effects being seen to.
    busy: Arc<AtomicUsize>,
}

impl Cells {
    pub(super) async fn start() -> Result<Self, HostError> {
        let deaths = Arc::new(AtomicU64::new(0));
        let started = Actor::spawn(None, Supervisor, Arc::clone(&deaths)).await;
        let (supervisor, _) = started.map_err(|error| {
            tracing::error!(%error, "the supervisor did not start");
            HostError::Stopping
        })?;
        Ok(Self { living: Mutex::default(), supervisor, deaths })
    }

    pub(super) fn deaths(&self) -> u64 {
        self.deaths.load(Ordering::Relaxed)
    }

    /// Ends every cell after the command it is at. Nothing is appended once this returns.
    pub(super) async fn close(&self) {
        let cells: Vec<_> = {
            let mut living = self.living.lock().await;
            living.closed = true;
            living.order.clear();
            living.cells.drain().map(|(_, handle)| handle.cell).collect()
        };
        let stops = cells.iter().map(|cell| cell.stop_and_wait(None, Some(STOP_MAX)));
        for stopped in futures::future::join_all(stops).await {
            if let Err(error) = stopped {
                tracing::warn!(%error, "a cell did not stop in time");
            }
        }
        self.supervisor.stop(None);
    }

    /// Puts `message` into the mailbox of the stream's cell, making the cell if need be.
    pub(super) async fn deliver(
        &self,
        host: &Host,
        stream: &StreamName,
        message: Message,
    ) -> Result<(), HostError> {
        let mut living = self.living.lock().await;
        if living.closed {
            return Err(HostError::Stopping);
        }
        let handle = match living.cells.get(stream) {
            Some(handle) if is_alive(&handle.cell) => handle.clone(),
            known => {
                if known.is_some() {
                    host.0.unfit.died(stream);
                }
                self.make(host, stream, &mut living).await?
            }
        };
        handle.busy.fetch_add(1, Ordering::Relaxed);
        handle.cell.send_message(message).map_err(|_| HostError::Died(stream.clone()))
    }

    async fn make(&self, host: &Host, stream: &StreamName, living: &mut Living) -> Result<Handle, HostError> {
        let unknown = || HostError::UnknownCategory(stream.category().to_owned());
        let entity = host.parts().entity(stream.category()).ok_or_else(unknown)?;
        let busy = Arc::new(AtomicUsize::new(0));
        let setup = CellSetup { host: host.clone(), stream: stream.clone(), entity, busy: Arc::clone(&busy) };
        let spawned = Actor::spawn_linked(None, Cell, setup, self.supervisor.get_cell()).await;
        let (cell, _) = spawned.map_err(|error| {
            tracing::error!(%error, %stream, "a cell did not start");
            HostError::Died(stream.clone())
        })?;
        let handle = Handle { cell, busy };
        if living.cells.insert(stream.clone(), handle.clone()).is_none() {
            living.order.push_back(stream.clone());
        }
        living.let_go();
        Ok(handle)
    }
}

impl Living {
    fn let_go(&mut self) {
        let mut looked_at = self.order.len();
        while self.cells.len() > CELLS_MAX && looked_at > 0 {
            looked_at -= 1;
            let Some(stream) = self.order.pop_front() else { return };
            let Some(handle) = self.cells.get(&stream) else { continue };
            if handle.busy.load(Ordering::Relaxed) == 0 {
                handle.cell.stop(None);
                self.cells.remove(&stream);
            } else {
                self.order.push_back(stream);
            }
        }
    }
}

fn is_alive(cell: &ActorRef<Message>) -> bool {
    match cell.get_status() {
        ractor::ActorStatus::Unstarted
        | ractor::ActorStatus::Starting
        | ractor::ActorStatus::Running
        | ractor::ActorStatus::Upgrading => true,
        ractor::ActorStatus::Draining | ractor::ActorStatus::Stopping | ractor::ActorStatus::Stopped => false,
    }
}
