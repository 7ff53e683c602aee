//! The statements of the embedded log, and how its file is opened.

use std::collections::BTreeSet;
use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension, Params, TransactionBehavior, params};

use super::super::columns::COLUMNS;
use super::super::{ABSENT, LogError, Parked, Snapshot};
use super::row;
use crate::id::Id;
use crate::record::{Position, Recorded, Version};
use crate::stream::StreamName;

const MIGRATIONS: &[&str] = &[include_str!("../../../../migrations/sqlite/0001_log.sql")];
const SYNCHRONOUS_FULL: i64 = 2;
/// Many streams that grow at once change the same pages of the index again and again: each is then folded in once for
/// many commits. So much of the file next to the log, in pages of 4 KiB, is read at the next start after a crash.
const CHECKPOINT_PAGES: i64 = 4_096;
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

pub(super) fn failed(error: impl Error + Send + Sync + 'static) -> LogError {
    LogError::Store(Arc::new(error))
}

pub(super) fn open_for_writing(path: &Path) -> Result<Connection, LogError> {
    let place = |e: rusqlite::Error| LogError::Open(format!("cannot open the log {}: {e}", path.display()));
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(place)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(failed)?;
    connection.pragma_update(None, "journal_mode", "WAL").map_err(place)?;
    connection.pragma_update(None, "synchronous", "FULL").map_err(place)?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES).map_err(failed)?;
    refuse_unsynced(&connection)?;
    migrate(&mut connection)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// What SQLite really does counts, not what it was asked for.
fn refuse_unsynced(connection: &Connection) -> Result<(), LogError> {
    let journal: String =
        connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).map_err(failed)?;
    let synchronous: i64 =
        connection.pragma_query_value(None, "synchronous", |row| row.get(0)).map_err(failed)?;
    if journal == "wal" && synchronous >= SYNCHRONOUS_FULL {
        return Ok(());
    }
    Err(LogError::Open(format!(
        "the log would not survive a power loss: journal_mode is {journal} and synchronous {synchronous}, \
         where wal and {SYNCHRONOUS_FULL} (FULL) are needed"
    )))
}

fn migrate(connection: &mut Connection) -> Result<(), LogError> {
    // One who opens the same new log at the same time waits here, and finds everything done.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    let done = schema_of(&transaction)?;
    for (version, migration) in (1u32..).zip(MIGRATIONS).skip(done as usize) {
        transaction.execute_batch(migration).map_err(failed)?;
        transaction.pragma_update(None, "user_version", version).map_err(failed)?;
    }
    transaction.commit().map_err(failed)
}

/// How many migrations the log has seen, unless it has seen more than there are.
fn schema_of(connection: &Connection) -> Result<u32, LogError> {
    let done = connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(failed)?;
    let newest = MIGRATIONS.len() as u32;
    if done > newest {
        return Err(LogError::Open(format!(
            "the log has schema {done}, this hydra knows {newest}: use a newer hydra"
        )));
    }
    Ok(done)
}

pub(super) fn open_for_reading(path: &Path) -> Result<Connection, LogError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = Connection::open_with_flags(path, flags);
    let connection =
        opened.map_err(|e| LogError::Open(format!("cannot read the log {}: {e}", path.display())))?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(failed)?;
    match schema_of(&connection)? {
        0 => Err(LogError::Open(format!(
            "{ABSENT} in {}: `hydra up` and `hydra produce` make it",
            path.display()
        ))),
        _ => Ok(connection),
    }
}

pub(super) fn log_id(connection: &Connection) -> Result<Id, LogError> {
    let query = "SELECT value FROM log WHERE key = 'id'";
    let stored: Option<Vec<u8>> =
        connection.query_row(query, [], |row| row.get(0)).optional().map_err(failed)?;
    stored.as_deref().and_then(Id::from_slice).ok_or_else(|| LogError::Open("the log has no id".into()))
}

pub(super) fn head(connection: &Connection) -> Result<Position, LogError> {
    let query = "SELECT coalesce(max(position), 0) FROM events";
    connection.query_row(query, [], |row| row.get::<_, i64>(0)).map(|p| p as Position).map_err(failed)
}

pub(super) fn scan(
    connection: &Connection,
    after: Position,
    limit: usize,
) -> Result<Vec<Result<Recorded, LogError>>, LogError> {
    let query = format!("SELECT {COLUMNS} FROM events WHERE position > ?1 ORDER BY position LIMIT ?2");
    select(connection, &query, params![at_most(after), limit as i64])
}

pub(super) fn read_stream(
    connection: &Connection,
    stream: &StreamName,
    after: Version,
    limit: usize,
) -> Result<Vec<Recorded>, LogError> {
    let query =
        format!("SELECT {COLUMNS} FROM events WHERE stream = ?1 AND version > ?2 ORDER BY version LIMIT ?3");
    let rows = select(connection, &query, params![stream.as_str(), at_most(after), limit as i64])?;
    rows.into_iter().collect()
}

/// SQLite counts in signed numbers; what is beyond them is beyond every event as well.
fn at_most(place: u64) -> i64 {
    i64::try_from(place).unwrap_or(i64::MAX)
}

fn select(
    connection: &Connection,
    query: &str,
    parameters: impl Params,
) -> Result<Vec<Result<Recorded, LogError>>, LogError> {
    let mut statement = connection.prepare_cached(query).map_err(failed)?;
    let mut rows = statement.query(parameters).map_err(failed)?;
    let mut events = Vec::new();
    while let Some(row) = rows.next().map_err(failed)? {
        events.push(row::read(row));
    }
    Ok(events)
}

/// The owing streams at the head: the checkpoint, and the flags of every event after it.
pub(super) fn streams_owing(connection: &Connection) -> Result<(BTreeSet<StreamName>, Position), LogError> {
    // All from one state of the file, or a checkpoint saved meanwhile would be folded onto itself.
    let connection = connection.unchecked_transaction().map_err(failed)?;
    let query = "SELECT value FROM log WHERE key = 'owing_position'";
    let stored: Option<Vec<u8>> =
        connection.query_row(query, [], |row| row.get(0)).optional().map_err(failed)?;
    let from = stored.and_then(|v| v.try_into().ok()).map_or(0, i64::from_le_bytes);
    let mut owing = BTreeSet::new();
    let mut statement = connection.prepare("SELECT stream FROM owing").map_err(failed)?;
    let names = statement.query_map([], |row| row.get::<_, String>(0)).map_err(failed)?;
    for name in names {
        owing.extend(name.map_err(failed)?.parse::<StreamName>().ok());
    }
    let mut reached = from;
    let query = "SELECT position, stream, owes FROM events WHERE position > ?1 ORDER BY position";
    let mut statement = connection.prepare(query).map_err(failed)?;
    let mut rows = statement.query([from]).map_err(failed)?;
    while let Some(row) = rows.next().map_err(failed)? {
        reached = row.get(0).map_err(failed)?;
        let Ok(stream) = row.get::<_, String>(1).map_err(failed)?.parse::<StreamName>() else { continue };
        match row.get::<_, bool>(2).map_err(failed)? {
            true => owing.insert(stream),
            false => owing.remove(&stream),
        };
    }
    Ok((owing, reached as Position))
}

pub(super) fn save_owing(
    connection: &Connection,
    owing: &BTreeSet<StreamName>,
    position: Position,
) -> Result<(), rusqlite::Error> {
    let transaction = connection.unchecked_transaction()?;
    transaction.execute("DELETE FROM owing", [])?;
    let mut insert = transaction.prepare_cached("INSERT INTO owing (stream) VALUES (?1)")?;
    for stream in owing {
        insert.execute([stream.as_str()])?;
    }
    drop(insert);
    let value = (position as i64).to_le_bytes();
    transaction.execute(
        "INSERT OR REPLACE INTO log (key, value) VALUES ('owing_position', ?1)",
        [value.as_slice()],
    )?;
    transaction.commit()
}

pub(super) fn streams(
    connection: &Connection,
    after: Option<&StreamName>,
    limit: usize,
) -> Result<Vec<(StreamName, Version)>, LogError> {
    let query =
        "SELECT stream, max(version) FROM events WHERE stream > ?1 GROUP BY stream ORDER BY stream LIMIT ?2";
    let mut statement = connection.prepare_cached(query).map_err(failed)?;
    let after = after.map_or("", StreamName::as_str);
    let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?));
    let rows = statement.query_map(params![after, limit as i64], read).map_err(failed)?;
    let mut found = Vec::new();
    for row in rows {
        let (name, version) = row.map_err(failed)?;
        if let Ok(stream) = name.parse() {
            found.push((stream, version as Version));
        }
    }
    Ok(found)
}

pub(super) fn snapshot(connection: &Connection, stream: &StreamName) -> Result<Option<Snapshot>, LogError> {
    let query = "SELECT version, code, hash, data FROM snapshots WHERE stream = ?1 AND codec = 2";
    let read = |row: &rusqlite::Row<'_>| {
        let hash: Vec<u8> = row.get(2)?;
        let hash = hash.try_into().unwrap_or_default();
        Ok(Snapshot { version: row.get::<_, i64>(0)? as Version, code: row.get(1)?, hash, data: row.get(3)? })
    };
    connection.query_row(query, [stream.as_str()], read).optional().map_err(failed)
}

pub(super) fn save_snapshot(
    connection: &Connection,
    stream: &StreamName,
    snapshot: &Snapshot,
) -> Result<(), LogError> {
    let statement = "INSERT OR REPLACE INTO snapshots (stream, version, code, hash, codec, data) \
                     VALUES (?1, ?2, ?3, ?4, 2, ?5)";
    let Snapshot { version, code, hash, data } = snapshot;
    let values = params![stream.as_str(), *version as i64, code, hash.as_slice(), data];
    connection.execute(statement, values).map(|_| ()).map_err(failed)
}

pub(super) fn save_inbox(
    connection: &Connection,
    actor: &str,
    position: Position,
    parked: &[Parked],
) -> Result<(), LogError> {
    let transaction = connection.unchecked_transaction().map_err(failed)?;
    for Parked { source, target, position, reason } in parked {
        let statement = "INSERT OR REPLACE INTO parked (actor, source, target, position, reason) \
                         VALUES (?1, ?2, ?3, ?4, ?5)";
        let values = params![actor, source.as_str(), target.as_str(), *position as i64, reason];
        transaction.execute(statement, values).map_err(failed)?;
    }
    let statement = "INSERT OR REPLACE INTO inbox (actor, position) VALUES (?1, ?2)";
    transaction.execute(statement, params![actor, position as i64]).map_err(failed)?;
    transaction.commit().map_err(failed)
}

pub(super) fn parked(connection: &Connection, actor: &str) -> Result<Vec<Parked>, LogError> {
    let query =
        "SELECT source, target, position, reason FROM parked WHERE actor = ?1 ORDER BY position, target";
    let mut statement = connection.prepare_cached(query).map_err(failed)?;
    let mut rows = statement.query([actor]).map_err(failed)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(failed)? {
        let name = |column| -> Result<StreamName, LogError> {
            row.get::<_, String>(column).map_err(failed)?.parse().map_err(failed)
        };
        let position = row.get::<_, i64>(2).map_err(failed)? as Position;
        let reason = row.get(3).map_err(failed)?;
        found.push(Parked { source: name(0)?, target: name(1)?, position, reason });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_that_syncs_less_is_refused_whatever_it_was_asked_for() {
        let folder = tempfile::TempDir::new().unwrap();
        let connection = open_for_writing(&folder.path().join("log.db")).unwrap();
        for (journal, synchronous, taken) in [
            ("wal", "full", true),
            ("wal", "extra", true),
            ("wal", "normal", false),
            ("wal", "off", false),
            ("delete", "full", false),
            ("memory", "full", false),
            ("off", "full", false),
        ] {
            connection.pragma_update(None, "journal_mode", journal).unwrap();
            connection.pragma_update(None, "synchronous", synchronous).unwrap();
            let refused = refuse_unsynced(&connection);
            assert_eq!(refused.is_ok(), taken, "{journal} with {synchronous}: {refused:?}");
        }
        assert!(refuse_unsynced(&Connection::open_in_memory().unwrap()).is_err());
    }
}
