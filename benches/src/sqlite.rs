//! The ceiling of SQLite: one connection in WAL mode with synchronous FULL, one prepared INSERT.

use std::path::Path;
use std::time::Instant;

use hydra_events::clock::{Clock, SystemClock};
use rusqlite::{Connection, params};

use crate::document;
use crate::load::{Done, Window};
use crate::log::Shape;
use crate::sample::{Calls, Sample, Span};
use crate::{BenchError, failed};

const TABLE: &str = "CREATE TABLE raw (pos INTEGER PRIMARY KEY, stream TEXT NOT NULL, version INTEGER NOT NULL, \
     type TEXT NOT NULL, data BLOB NOT NULL, ts INTEGER NOT NULL, UNIQUE (stream, version)) STRICT";
const INSERT: &str = "INSERT INTO raw (stream, version, type, data, ts) VALUES (?1, ?2, ?3, ?4, ?5)";
const SELECT: &str = "SELECT pos, stream, version, type, data, ts FROM raw ORDER BY pos";

/// Rows between two looks at the clock.
pub(crate) const CHUNK: u64 = 5_000;

/// A row, as a reader without Hydra has it.
pub(crate) struct Row {
    pub(crate) pos: i64,
    pub(crate) stream: String,
    pub(crate) version: i64,
    pub(crate) kind: String,
    pub(crate) data: Vec<u8>,
    pub(crate) ts: i64,
}

impl Row {
    /// Something of every field, so that none of them need not be read.
    pub(crate) fn weight(&self) -> usize {
        let texts = self.stream.len() + self.kind.len() + self.data.len();
        texts + (self.pos ^ self.version ^ self.ts).count_ones() as usize
    }
}

/// The version of the library.
pub fn version() -> &'static str {
    rusqlite::version()
}

fn open(folder: &Path) -> Result<Connection, BenchError> {
    let world = failed("opening a raw SQLite file");
    let connection = Connection::open(folder.join("raw.db")).map_err(&world)?;
    connection.pragma_update(None, "journal_mode", "WAL").map_err(&world)?;
    connection.pragma_update(None, "synchronous", "FULL").map_err(&world)?;
    Ok(connection)
}

/// Appends of `shape` by one connection, whatever the number of writers: SQLite has one at a time.
///
/// # Errors
/// When the file cannot be written.
pub async fn inserts(folder: &Path, shape: Shape, span: Span) -> Result<Sample, BenchError> {
    let folder = folder.to_owned();
    let work = move || insert_all(&folder, shape, span);
    tokio::task::spawn_blocking(work).await.map_err(failed("the ceiling's thread"))?
}

fn insert_all(folder: &Path, shape: Shape, span: Span) -> Result<Sample, BenchError> {
    let world = failed("writing a raw SQLite file");
    let connection = open(folder)?;
    connection.execute_batch(TABLE).map_err(&world)?;
    let mut insert = connection.prepare(INSERT).map_err(&world)?;
    let (base, kind, stream) = (Instant::now(), document::kind(), "image-raw_00000");
    let (mut version, mut done) = (0_i64, Done::default());
    let window = Window::after(span);
    while !window.is_over() {
        let begun = Instant::now();
        let (json, now) = (document::document(base), SystemClock.now().0);
        // One statement is a transaction of its own; more of them need one around them.
        let transaction = (shape.batch > 1).then(|| connection.unchecked_transaction());
        let transaction = transaction.transpose().map_err(&world)?;
        for _ in 0..shape.batch {
            version += 1;
            insert.execute(params![stream, version, kind.as_str(), json, now]).map_err(&world)?;
        }
        transaction.map_or(Ok(()), |transaction| transaction.commit()).map_err(&world)?;
        done.note(&window, begun, shape.batch as u64);
    }
    Ok(done.sample(&window))
}

/// Fills a raw file with what the log in `log` holds.
///
/// # Errors
/// When one of the files cannot be used.
pub async fn fill(folder: &Path, log: &Path) -> Result<(), BenchError> {
    let (folder, log) = (folder.to_owned(), log.to_owned());
    let work = move || {
        let world = failed("filling a raw SQLite file");
        let connection = open(&folder)?;
        connection.execute_batch(TABLE).map_err(&world)?;
        connection.execute("ATTACH ?1 AS log", [log.to_string_lossy()]).map_err(&world)?;
        let copy = "INSERT INTO raw (stream, version, type, data, ts) \
                    SELECT stream, version, type, data, time FROM log.events ORDER BY position";
        connection.execute(copy, []).map(|_| ()).map_err(&world)
    };
    tokio::task::spawn_blocking(work).await.map_err(failed("the ceiling's thread"))?
}

/// Reads all rows, once, into structs.
///
/// # Errors
/// When the file cannot be read.
pub async fn select(folder: &Path) -> Result<Sample, BenchError> {
    let folder = folder.to_owned();
    let work = move || {
        let world = failed("reading a raw SQLite file");
        let connection = open(&folder)?;
        let mut statement = connection.prepare(SELECT).map_err(&world)?;
        let (begun, mut calls, mut count, mut weight) = (Instant::now(), Calls::default(), 0_u64, 0_usize);
        let mut since = begun;
        let mut rows = statement.query([]).map_err(&world)?;
        while let Some(row) = rows.next().map_err(&world)? {
            weight = weight.wrapping_add(read(row).map_err(&world)?.weight());
            count += 1;
            if count.is_multiple_of(CHUNK) {
                calls.note(since.elapsed());
                since = Instant::now();
            }
        }
        std::hint::black_box(weight);
        Ok(Sample::new(count, begun.elapsed().as_secs_f64(), calls))
    };
    tokio::task::spawn_blocking(work).await.map_err(failed("the ceiling's thread"))?
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
    Ok(Row {
        pos: row.get(0)?,
        stream: row.get(1)?,
        version: row.get(2)?,
        kind: row.get(3)?,
        data: row.get(4)?,
        ts: row.get(5)?,
    })
}
