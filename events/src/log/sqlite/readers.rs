//! A few read connections shared by all readers; WAL lets them work beside the writer.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::super::LogError;
use super::store;

const CONNECTIONS_MAX: usize = 4;

#[derive(Clone)]
pub(super) struct Readers(Arc<Pool>);

struct Pool {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    permits: Semaphore,
}

impl Readers {
    pub(super) fn new(path: PathBuf) -> Self {
        Self(Arc::new(Pool { path, idle: Mutex::default(), permits: Semaphore::new(CONNECTIONS_MAX) }))
    }

    /// Runs `work` on a blocking thread with a connection of the pool.
    pub(super) async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, LogError> + Send + 'static,
    ) -> Result<T, LogError> {
        let _permit = self.0.permits.acquire().await.map_err(store::failed)?;
        let pool = Arc::clone(&self.0);
        let run = move || {
            let idle = pool.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let connection = idle.map_or_else(|| store::open_for_reading(&pool.path), Ok)?;
            let result = work(&connection);
            if result.is_ok() {
                pool.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            }
            result
        };
        tokio::task::spawn_blocking(run).await.map_err(store::failed)?
    }
}
