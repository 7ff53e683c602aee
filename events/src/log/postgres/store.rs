//! What is asked of the database besides leading and appending.

use std::collections::BTreeSet;
use std::error::Error;
use std::sync::Arc;

use futures::TryStreamExt;
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{Connection, Row, query};

use super::super::columns::columns;
use super::super::ledger::End;
use super::super::records::Head;
use super::super::{LogError, Parked, Snapshot};
use super::row;
use crate::clock::Timestamp;
use crate::id::Id;
use crate::record::{Position, Recorded, Version};
use crate::stream::StreamName;

const SCAN: &str =
    concat!("SELECT ", columns!(), " FROM events WHERE position > $1 ORDER BY position LIMIT $2");

const READ_STREAM: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM events WHERE stream = $1 AND version > $2 ORDER BY version LIMIT $3"
);

/// The last record of each stream by the index, whatever the length of the stream.
const HEADS: &str = "SELECT wanted.stream, last.version, last.hash FROM unnest($1::text[]) AS wanted (stream) \
     CROSS JOIN LATERAL (SELECT version, hash FROM events WHERE events.stream = wanted.stream \
     ORDER BY version DESC LIMIT 1) AS last";

/// The owing streams at the head: the checkpoint, and the flags of every event after it. One statement, so that
/// all is from one state of the log.
const OWING: &str = "SELECT stream FROM (SELECT DISTINCT ON (stream) stream, owes FROM \
     (SELECT stream, true AS owes, 0 AS position FROM owing UNION ALL \
     SELECT stream, owes, position FROM events WHERE position > (SELECT owing_position FROM log)) AS told \
     ORDER BY stream, position DESC) AS last WHERE owes";

const STREAMS: &str =
    "SELECT stream, max(version) FROM events WHERE stream > $1 GROUP BY stream ORDER BY stream LIMIT $2";

const SAVE_SNAPSHOT: &str = "INSERT INTO snapshots (stream, version, code, hash, codec, data) \
     VALUES ($1, $2, $3, $4, 2, $5) ON CONFLICT (stream) DO UPDATE SET version = excluded.version, \
     code = excluded.code, hash = excluded.hash, codec = excluded.codec, data = excluded.data";

/// Both together, and one round trip.
/// Only of whoever writes the log: one that was taken over has judged by what no longer holds, and its position must not be
/// where the next one begins.
const SAVE_INBOX: &str = "WITH own AS (SELECT FROM lease WHERE holder = $7), \
     kept AS (INSERT INTO parked (actor, source, target, position, reason) \
     SELECT DISTINCT ON (source, target, position) $1, source, target, position, reason \
     FROM unnest($3::text[], $4::text[], $5::bigint[], $6::text[]) AS told (source, target, position, reason) \
     WHERE EXISTS (SELECT FROM own) \
     ON CONFLICT (actor, source, target, position) DO UPDATE SET reason = excluded.reason) \
     INSERT INTO inbox (actor, position) SELECT $1, $2 WHERE EXISTS (SELECT FROM own) \
     ON CONFLICT (actor) DO UPDATE SET position = excluded.position";

pub(super) type Connected<'a> = &'a mut PgConnection;

/// What a writer is told that another one has followed.
pub(super) fn taken_over(holder: &str) -> LogError {
    LogError::Open(format!("{holder} has taken over the log: this process writes no more, start it again"))
}

pub(super) fn failed(error: impl Error + Send + Sync + 'static) -> LogError {
    LogError::Store(Arc::new(error))
}

pub(super) async fn log_id(connection: Connected<'_>) -> Result<Id, LogError> {
    let stored = query("SELECT id FROM log").fetch_optional(connection).await.map_err(failed)?;
    let id = stored.and_then(|row| Id::from_slice(row.try_get(0).ok()?));
    id.ok_or_else(|| LogError::Open("the log has no id".into()))
}

pub(super) async fn head(connection: Connected<'_>) -> Result<Position, LogError> {
    Ok(end(connection).await.map_err(failed)?.position)
}

/// The last position and its time.
pub(super) async fn end(connection: Connected<'_>) -> Result<End, sqlx::Error> {
    let last = query("SELECT position, time FROM events ORDER BY position DESC LIMIT 1");
    let Some(row) = last.fetch_optional(connection).await? else { return Ok(End::default()) };
    Ok(End { position: row.try_get::<i64, _>(0)? as Position, time: Timestamp(row.try_get(1)?) })
}

pub(super) async fn heads(
    connection: Connected<'_>,
    streams: &[&StreamName],
) -> Result<Vec<(StreamName, Head)>, sqlx::Error> {
    let names: Vec<&str> = streams.iter().map(|stream| stream.as_str()).collect();
    let rows = query(HEADS).bind(names).fetch_all(connection).await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let Ok(stream) = row.try_get::<&str, _>(0)?.parse() else { continue };
        let hash = row.try_get::<&[u8], _>(2)?.try_into().unwrap_or(Head::NONE.hash);
        found.push((stream, Head { version: row.try_get::<i64, _>(1)? as Version, hash }));
    }
    Ok(found)
}

pub(super) async fn scan(
    connection: Connected<'_>,
    after: Position,
    limit: usize,
) -> Result<Vec<Result<Recorded, LogError>>, LogError> {
    let select = query(SCAN).bind(at_most(after)).bind(limit as i64);
    let (mut rows, mut known) = (select.fetch(connection), row::Shared::default());
    let mut records = Vec::with_capacity(limit);
    // Decoded while the server sends what follows, and no page is held twice.
    while let Some(row) = rows.try_next().await.map_err(failed)? {
        records.push(row::read(&row, &mut known));
    }
    Ok(records)
}

pub(super) async fn read_stream(
    connection: Connected<'_>,
    stream: &StreamName,
    after: Version,
    limit: usize,
) -> Result<Vec<Recorded>, LogError> {
    let select = query(READ_STREAM).bind(stream.as_str()).bind(at_most(after)).bind(limit as i64);
    let rows = select.fetch_all(connection).await.map_err(failed)?;
    let mut known = row::Shared::default();
    rows.iter().map(|row| row::read(row, &mut known)).collect()
}

/// Postgres counts in signed numbers; what is beyond them is beyond every event as well.
fn at_most(place: u64) -> i64 {
    i64::try_from(place).unwrap_or(i64::MAX)
}

pub(super) async fn streams_owing(connection: Connected<'_>) -> Result<BTreeSet<StreamName>, sqlx::Error> {
    let rows = query(OWING).fetch_all(connection).await?;
    Ok(rows.iter().filter_map(|row| row.try_get::<&str, _>(0).ok()?.parse().ok()).collect())
}

pub(super) async fn save_owing(
    connection: Connected<'_>,
    owing: &BTreeSet<StreamName>,
    position: Position,
) -> Result<(), sqlx::Error> {
    let names: Vec<&str> = owing.iter().map(StreamName::as_str).collect();
    let mut transaction = connection.begin().await?;
    let gone = query("DELETE FROM owing WHERE stream <> ALL ($1)");
    gone.bind(&names).execute(&mut *transaction).await?;
    let come = query("INSERT INTO owing (stream) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING");
    come.bind(&names).execute(&mut *transaction).await?;
    query("UPDATE log SET owing_position = $1").bind(position as i64).execute(&mut *transaction).await?;
    transaction.commit().await
}

pub(super) async fn streams(
    connection: Connected<'_>,
    after: Option<&StreamName>,
    limit: usize,
) -> Result<Vec<(StreamName, Version)>, LogError> {
    let select = query(STREAMS).bind(after.map_or("", StreamName::as_str)).bind(limit as i64);
    let mut found = Vec::new();
    for row in select.fetch_all(connection).await.map_err(failed)? {
        if let Ok(stream) = row.try_get::<&str, _>(0).map_err(failed)?.parse() {
            found.push((stream, row.try_get::<i64, _>(1).map_err(failed)? as Version));
        }
    }
    Ok(found)
}

pub(super) async fn snapshot(
    connection: Connected<'_>,
    stream: &StreamName,
) -> Result<Option<Snapshot>, LogError> {
    let select = query("SELECT version, code, hash, data FROM snapshots WHERE stream = $1 AND codec = 2");
    let row = select.bind(stream.as_str()).fetch_optional(connection).await.map_err(failed)?;
    let read = |row: PgRow| -> Result<Snapshot, sqlx::Error> {
        let hash = row.try_get::<&[u8], _>(2)?.try_into().unwrap_or_default();
        let version = row.try_get::<i64, _>(0)? as Version;
        Ok(Snapshot { version, code: row.try_get(1)?, hash, data: row.try_get(3)? })
    };
    row.map(read).transpose().map_err(failed)
}

pub(super) async fn save_snapshot(
    connection: Connected<'_>,
    stream: &StreamName,
    snapshot: &Snapshot,
) -> Result<(), LogError> {
    let Snapshot { version, code, hash, data } = snapshot;
    let upsert = query(SAVE_SNAPSHOT).bind(stream.as_str()).bind(*version as i64).bind(code);
    let done = upsert.bind(hash.as_slice()).bind(data).execute(connection).await;
    done.map(|_| ()).map_err(failed)
}

pub(super) async fn inbox(connection: Connected<'_>, actor: &str) -> Result<Position, LogError> {
    let select = query("SELECT position FROM inbox WHERE actor = $1").bind(actor);
    let Some(row) = select.fetch_optional(connection).await.map_err(failed)? else { return Ok(0) };
    Ok(row.try_get::<i64, _>(0).map_err(failed)? as Position)
}

pub(super) async fn save_inbox(
    connection: Connected<'_>,
    actor: &str,
    position: Position,
    parked: &[Parked],
    writer: &str,
) -> Result<(), LogError> {
    let sources: Vec<&str> = parked.iter().map(|p| p.source.as_str()).collect();
    let targets: Vec<&str> = parked.iter().map(|p| p.target.as_str()).collect();
    let positions: Vec<i64> = parked.iter().map(|p| p.position as i64).collect();
    // A reason is somebody else's message, and must never keep the inbox from moving on.
    let reasons: Vec<String> = parked.iter().map(|p| p.reason.replace('\0', "\u{fffd}")).collect();
    let upsert = query(SAVE_INBOX).bind(actor).bind(position as i64).bind(sources).bind(targets);
    let done = upsert.bind(positions).bind(reasons).bind(writer).execute(connection).await;
    match done.map_err(failed)?.rows_affected() {
        0 => Err(taken_over("another process")),
        _ => Ok(()),
    }
}

pub(super) async fn parked(connection: Connected<'_>, actor: &str) -> Result<Vec<Parked>, LogError> {
    let select = query(
        "SELECT source, target, position, reason FROM parked WHERE actor = $1 ORDER BY position, target, source",
    );
    let rows = select.bind(actor).fetch_all(connection).await.map_err(failed)?;
    let read = |row: &PgRow| {
        let name = |column: usize| -> Result<StreamName, LogError> {
            row.try_get::<&str, _>(column).map_err(failed)?.parse().map_err(failed)
        };
        let position = row.try_get::<i64, _>(2).map_err(failed)? as Position;
        let reason = row.try_get(3).map_err(failed)?;
        Ok(Parked { source: name(0)?, target: name(1)?, position, reason })
    };
    rows.iter().map(read).collect()
}

pub(super) async fn unpark(
    connection: Connected<'_>,
    actor: &str,
    parked: &Parked,
    writer: &str,
) -> Result<(), LogError> {
    let delete = query(
        "DELETE FROM parked WHERE actor = $1 AND source = $2 AND target = $3 AND position = $4 \
         AND EXISTS (SELECT FROM lease WHERE holder = $5)",
    );
    let delete = delete.bind(actor).bind(parked.source.as_str()).bind(parked.target.as_str());
    delete.bind(parked.position as i64).bind(writer).execute(connection).await.map(|_| ()).map_err(failed)
}
