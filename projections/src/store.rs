//! The embedded view store: one SQLite file with real tables, where rows and checkpoint change in one transaction.

mod write;

use std::path::Path;
use std::time::Duration;

use hydra_events::Id;
use hydra_events::record::{Position, Recorded};
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};

use crate::VIEWS;
use crate::fold::Folded;
use crate::view::{Kind, View, ViewOp};

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite failed.
    #[error("view store")]
    Sqlite(#[from] rusqlite::Error),
    /// The log could not be read.
    #[error(transparent)]
    Log(#[from] hydra_events::log::LogError),
    /// A row does not fit its type.
    #[error("view row does not fit")]
    Row(#[from] serde_json::Error),
    /// No view has this name.
    #[error("no view is called {0:?}: known are {known}", known = VIEWS.map(|view| view.name).join(", "))]
    UnknownView(String),
    /// The projector has ended.
    #[error("the views are no longer kept")]
    Ended,
}

/// How far a view has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    pub(crate) log: Id,
    pub(crate) version: u32,
    pub(crate) position: Position,
}

/// The views of one data folder, for whoever keeps them.
pub struct Store {
    pub(crate) connection: Connection,
}

const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

impl Store {
    /// Opens the store at `path` for writing, making it if need be.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let connection = Connection::open(path)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // What a power loss takes is noticed by the checkpoint and folded again.
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.set_prepared_statement_cache_capacity(256);
        Self::over(connection)
    }

    /// A store that lives as long as this process, for views nobody keeps.
    pub fn in_memory() -> Result<Self, StoreError> {
        Self::over(Connection::open_in_memory()?)
    }

    fn over(connection: Connection) -> Result<Self, StoreError> {
        connection.execute_batch(
            "CREATE TABLE IF NOT EXISTS checkpoints (view TEXT PRIMARY KEY, log BLOB NOT NULL, version INTEGER NOT NULL, \
             position INTEGER NOT NULL) STRICT, WITHOUT ROWID;
             CREATE TABLE IF NOT EXISTS quarantine (view TEXT NOT NULL, position INTEGER NOT NULL, stream TEXT NOT NULL, \
             reason TEXT NOT NULL, PRIMARY KEY (view, position)) STRICT, WITHOUT ROWID;",
        )?;
        Ok(Self { connection })
    }

    pub(crate) fn checkpoint(&self, view: &View) -> Result<Option<Checkpoint>, StoreError> {
        let query = "SELECT log, version, position FROM checkpoints WHERE view = ?1";
        let read = |row: &rusqlite::Row<'_>| {
            Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, u32>(1)?, row.get::<_, i64>(2)?))
        };
        let found = self.connection.query_row(query, [view.name], read).optional()?;
        Ok(found.and_then(|(log, version, position)| {
            Id::from_slice(&log).map(|log| Checkpoint { log, version, position: position as Position })
        }))
    }

    /// Where to go on reading for `view`: after its checkpoint, or from the start when it is wiped, of another version
    /// or of another log, or ahead of the log.
    pub(crate) fn resume(&self, view: &View, log: Id, head: Position) -> Result<Position, StoreError> {
        if let Some(checkpoint) = self.checkpoint(view)?
            && checkpoint.log == log
            && checkpoint.version == view.version
            && checkpoint.position <= head
            && self.has_tables(view, "")?
        {
            return Ok(checkpoint.position);
        }
        if head > 0 {
            tracing::info!(view = view.name, "the view is filled from the start of the log");
        }
        self.reset(view, "")?;
        Ok(0)
    }

    fn has_tables(&self, view: &View, suffix: &str) -> Result<bool, StoreError> {
        for table in view.tables {
            let name = format!("{}{suffix}", table.name);
            let query = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?1";
            if self.connection.query_row(query, [name], |row| row.get::<_, i64>(0))? == 0 {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Makes the tables of `view` anew, under their names with `suffix`, and forgets how far they were.
    pub(crate) fn reset(&self, view: &View, suffix: &str) -> Result<(), StoreError> {
        let transaction = self.connection.unchecked_transaction()?;
        for table in view.tables {
            let name = format!("{}{suffix}", table.name);
            let columns =
                table.columns.iter().map(|(column, kind)| format!(", {column} {}", sql_type(*kind)));
            let columns: String = columns.collect();
            transaction.execute_batch(&format!(
                "DROP TABLE IF EXISTS {name}; CREATE TABLE {name} (id TEXT PRIMARY KEY{columns}) STRICT, WITHOUT ROWID;"
            ))?;
            for column in table.indexes {
                transaction.execute_batch(&format!("CREATE INDEX {name}_{column} ON {name} ({column});"))?;
            }
        }
        if suffix.is_empty() {
            transaction.execute("DELETE FROM checkpoints WHERE view = ?1", [view.name])?;
            transaction.execute("DELETE FROM quarantine WHERE view = ?1", [view.name])?;
        }
        Ok(transaction.commit()?)
    }

    /// Folds `events` into the tables with `suffix`; with the checkpoint when they are the live ones. Events at or before
    /// the checkpoint are skipped.
    pub(crate) fn apply(
        &self,
        view: &View,
        suffix: &str,
        log: Id,
        events: &[Recorded],
    ) -> Result<(), StoreError> {
        let live = suffix.is_empty();
        let after = if live { self.checkpoint(view)?.map_or(0, |checkpoint| checkpoint.position) } else { 0 };
        let mut folded = Folded::default();
        let transaction = self.connection.unchecked_transaction()?;
        for event in events.iter().filter(|event| event.position > after) {
            match (view.apply)(event) {
                Ok(ops) => ops.into_iter().for_each(|op: ViewOp| folded.add(op)),
                Err(error) => {
                    tracing::error!(%error, position = event.position, view = view.name, "an event is quarantined");
                    let values =
                        params![view.name, event.position as i64, event.stream.as_str(), error.to_string()];
                    transaction
                        .execute("INSERT OR REPLACE INTO quarantine VALUES (?1, ?2, ?3, ?4)", values)?;
                }
            }
        }
        write::rows(&transaction, view, suffix, folded)?;
        if let (true, Some(last)) = (live, events.last()) {
            let position = last.position.max(after) as i64;
            let values = params![view.name, log.as_bytes().as_slice(), view.version, position];
            transaction.execute("INSERT OR REPLACE INTO checkpoints VALUES (?1, ?2, ?3, ?4)", values)?;
        }
        Ok(transaction.commit()?)
    }
}

/// Opens an existing store for reading beside its writer.
pub(crate) fn open_for_reading(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    Ok(connection)
}

fn sql_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::Json => "TEXT",
        Kind::Integer => "INTEGER",
        Kind::Real => "REAL",
    }
}

/// The view called `name`.
pub(crate) fn view_named(name: &str) -> Result<&'static View, StoreError> {
    VIEWS.into_iter().find(|view| view.name == name).ok_or_else(|| StoreError::UnknownView(name.to_owned()))
}
