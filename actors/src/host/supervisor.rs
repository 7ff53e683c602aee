//! Counts and reports cells that died. The next command to the stream makes a new one from the log.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ractor::{Actor, ActorProcessingErr, ActorRef, SupervisionEvent};

pub(super) struct Supervisor;

/// The supervisor is told nothing; it watches.
pub(super) enum Watch {}

impl Actor for Supervisor {
    type Msg = Watch;
    type State = Arc<AtomicU64>;
    type Arguments = Arc<AtomicU64>;

    async fn pre_start(
        &self,
        _: ActorRef<Watch>,
        deaths: Arc<AtomicU64>,
    ) -> Result<Arc<AtomicU64>, ActorProcessingErr> {
        Ok(deaths)
    }

    async fn handle_supervisor_evt(
        &self,
        _: ActorRef<Watch>,
        event: SupervisionEvent,
        deaths: &mut Arc<AtomicU64>,
    ) -> Result<(), ActorProcessingErr> {
        match event {
            SupervisionEvent::ActorFailed(_, error) => {
                deaths.fetch_add(1, Ordering::Relaxed);
                tracing::error!(%error, "a stream's cell died; it is rebuilt from the log");
            }
            SupervisionEvent::ActorStarted(_)
            | SupervisionEvent::ActorTerminated(..)
            | SupervisionEvent::ProcessGroupChanged(_) => {}
        }
        Ok(())
    }
}
