//! Durable appends through the public log, each caller its own stream, beside plain INSERTs of the same driver.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use hydra_events::clock::SystemClock;
#[cfg(feature = "full")]
use hydra_events::log::PostgresLog;
use hydra_events::log::{Checkpoints, SqliteLog};
use hydra_events::record::{EventType, Version};
use hydra_events::{EventLog, StreamName};

use crate::contest::{Contest, Target};
use crate::document;
use crate::load::{Caller, closed_loop};
#[cfg(feature = "full")]
use crate::postgres::Server;
use crate::sample::{Sample, Span};
use crate::scratch::Scratch;
use crate::{BenchError, failed, machine, sqlite};

/// How appends come.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Callers at once.
    pub writers: usize,
    /// Events of one append.
    pub batch: usize,
}

/// What keeps the log.
#[derive(Clone, Debug)]
pub enum Store {
    /// SQLite, in a folder of the run.
    Sqlite(Scratch),
    /// Postgres, in a schema of the run.
    #[cfg(feature = "full")]
    Postgres(Server),
}

/// A log of the run's own, and where it is.
pub struct Made {
    /// The log.
    pub log: Arc<dyn EventLog>,
    /// What is remembered beside it.
    pub checkpoints: Arc<dyn Checkpoints>,
    /// Its place.
    pub place: Place,
}

/// Where a log, or what is compared with it, is.
#[derive(Clone, Debug)]
pub enum Place {
    /// A folder.
    Folder(PathBuf),
    /// A schema.
    Schema(String),
}

impl Store {
    /// A new log.
    ///
    /// # Errors
    /// When it cannot be made.
    pub async fn open(&self) -> Result<Made, BenchError> {
        let clock = Arc::new(SystemClock);
        match self {
            Self::Sqlite(scratch) => {
                let folder = scratch.folder()?;
                let url = format!("sqlite:{}", folder.join("log.db").display());
                let log = Arc::new(SqliteLog::open(&url, clock)?);
                Ok(Made { log: log.clone(), checkpoints: log, place: Place::Folder(folder) })
            }
            #[cfg(feature = "full")]
            Self::Postgres(server) => {
                let schema = server.fresh();
                let log = PostgresLog::open(&server.log_url(&schema), clock).await?;
                let log = Arc::new(log);
                Ok(Made { log: log.clone(), checkpoints: log, place: Place::Schema(schema) })
            }
        }
    }

    /// Removes what was made in `place`.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub async fn remove(&self, place: Place) -> Result<(), BenchError> {
        match (self, place) {
            (_, Place::Folder(folder)) => {
                std::fs::remove_dir_all(folder).map_err(failed("removing a folder of the bench"))
            }
            #[cfg(feature = "full")]
            (Self::Postgres(server), Place::Schema(schema)) => server.drop_schema(&schema).await,
            (_, Place::Schema(_)) => Ok(()),
        }
    }

    /// The ceiling: plain INSERTs of `shape`.
    ///
    /// # Errors
    /// When they fail.
    pub async fn inserts(&self, shape: Shape, span: Span) -> Result<Sample, BenchError> {
        match self {
            Self::Sqlite(scratch) => {
                let folder = scratch.folder()?;
                let sample = sqlite::inserts(&folder, shape, span).await?;
                self.remove(Place::Folder(folder)).await?;
                Ok(sample)
            }
            #[cfg(feature = "full")]
            Self::Postgres(server) => {
                let schema = server.fresh();
                let sample = crate::postgres::inserts(server, &schema, shape, span).await?;
                self.remove(Place::Schema(schema)).await?;
                Ok(sample)
            }
        }
    }
}

/// Callers of one log, each with a stream of its own.
///
/// # Errors
/// When `tag` is no id.
pub fn appenders(
    log: &Arc<dyn EventLog>,
    tag: &str,
    shape: Shape,
    base: Instant,
) -> Result<Vec<Appender>, BenchError> {
    let appender = |number| {
        let stream = document::stream(tag, number).map_err(failed("naming a stream"))?;
        let (log, kind) = (Arc::clone(log), document::kind());
        Ok(Appender { log, stream, version: 0, ordinal: 0, kind, batch: shape.batch, base })
    };
    (0..shape.writers).map(appender).collect()
}

/// One who appends, and waits until that would survive a power loss.
pub struct Appender {
    log: Arc<dyn EventLog>,
    stream: StreamName,
    version: Version,
    ordinal: u64,
    kind: EventType,
    batch: usize,
    base: Instant,
}

#[async_trait]
impl Caller for Appender {
    async fn call(&mut self) -> Result<u64, BenchError> {
        let events = document::drafts(&self.kind, document::document(self.base), self.batch);
        self.ordinal += 1;
        let append = document::append(&self.stream, self.version, self.ordinal, events, false);
        let recorded = self.log.append(append).await?;
        self.version += recorded.len() as u64;
        Ok(recorded.len() as u64)
    }
}

/// Appends beside INSERTs.
pub struct Appends {
    /// Where.
    pub store: Store,
    /// How.
    pub shape: Shape,
    /// What to reach.
    pub targets: &'static [Target],
}

#[async_trait]
impl Contest for Appends {
    fn sides(&self) -> &'static [&'static str] {
        &["hydra", "insert"]
    }

    fn targets(&self) -> &'static [Target] {
        self.targets
    }

    async fn run(&mut self, side: usize, span: Span) -> Result<Sample, BenchError> {
        if side > 0 {
            return self.store.inserts(self.shape, span).await;
        }
        let Made { log, place, .. } = self.store.open().await?;
        let callers = appenders(&log, "w", self.shape, Instant::now())?;
        let sample = closed_loop(callers, span).await?;
        drop(log);
        self.store.remove(place).await?;
        Ok(sample)
    }
}

/// Ten times more callers than a log is fast with: they wait, and nothing grows.
pub struct Overload {
    /// Where.
    pub store: Store,
    /// Callers at once.
    pub writers: usize,
}

#[async_trait]
impl Contest for Overload {
    fn sides(&self) -> &'static [&'static str] {
        &["hydra"]
    }

    async fn run(&mut self, _: usize, span: Span) -> Result<Sample, BenchError> {
        let Made { log, place, .. } = self.store.open().await?;
        let callers = appenders(&log, "w", Shape { writers: self.writers, batch: 1 }, Instant::now())?;
        let watched = async {
            tokio::time::sleep(span.warm_up).await;
            let warm = machine::rss_mb();
            tokio::time::sleep(span.measured.mul_f64(0.9)).await;
            Ok(machine::rss_mb()? - warm?)
        };
        let (sample, grown) = tokio::join!(closed_loop(callers, span), watched);
        drop(log);
        self.store.remove(place).await?;
        let grown: Result<f64, BenchError> = grown;
        Ok(sample?.with("rss_growth_mb", grown?).with("rss_mb", machine::rss_mb()?))
    }

    fn note(&self) -> Option<String> {
        Some(format!("{} callers at once; the log lets 1,024 appends wait", self.writers))
    }
}
