//! The embedded log: every clause of the contract, and what only SQLite can get wrong.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking, also in the functions they share")]

use std::future::Future;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use async_trait::async_trait;
use hydra_events::clock::{Clock, ManualClock, SystemClock, Timestamp};
use hydra_events::contract::{LogBackend, sample};
use hydra_events::log::{EventLog, LogError, SqliteLog};
use rusqlite::types::Value;
use rusqlite::{Connection, params};
use tempfile::TempDir;
use tokio::task::JoinSet;

hydra_events::log_contract!(Place::new());
hydra_events::restore_contract!(Place::new());

struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("log.db")
    }

    fn url(&self) -> String {
        format!("sqlite:{}", self.file().display())
    }

    fn raw(&self) -> Connection {
        Connection::open(self.file()).unwrap()
    }
}

#[async_trait]
impl LogBackend for Place {
    type Log = SqliteLog;

    async fn open(&self, clock: Arc<dyn Clock>) -> SqliteLog {
        SqliteLog::open(&self.url(), clock).unwrap()
    }
}

fn refusal(opened: Result<SqliteLog, LogError>) -> String {
    match opened {
        Ok(_) => panic!("it was opened"),
        Err(LogError::Open(message)) => message,
        Err(other) => panic!("another error: {other}"),
    }
}

#[test]
fn a_url_that_asks_for_less_than_full_syncing_is_refused() {
    let place = Place::new();
    for option in [
        "synchronous=off",
        "synchronous=OFF",
        "synchronous=0",
        "synchronous=1",
        "Synchronous=Normal",
        "SYNCHRONOUS=NORMAL",
        "synchronous=full&synchronous=off",
        "synchronous=",
        "synchronous",
        "synchronous%3Doff",
        "journal_mode=delete",
        "journal_mode=OFF",
        "journal_mode=memory",
        "mode=memory",
        "vfs=unix-none",
        "nolock=1",
        "cache=shared",
    ] {
        let url = format!("{}?{option}", place.url());
        let message = refusal(SqliteLog::open(&url, Arc::new(SystemClock)));
        assert!(message.contains(option) && message.contains("synchronous=full"), "{message}");
        refusal(SqliteLog::open_reader(&url));
        assert!(!place.file().exists(), "{option} made a file");
    }
}

#[test]
fn a_url_that_asks_for_full_syncing_is_taken() {
    let place = Place::new();
    for option in ["", "?", "?synchronous=full", "?synchronous=FULL&journal_mode=wal", "?synchronous=extra"] {
        SqliteLog::open(&format!("{}{option}", place.url()), Arc::new(SystemClock)).unwrap();
        let journal: String = place.raw().pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
        assert_eq!(journal, "wal");
    }
}

#[test]
fn a_log_that_is_not_in_a_file_is_refused() {
    for url in ["sqlite:", "sqlite::memory:", "sqlite:file::memory:", "sqlite:file:x?mode=memory"] {
        assert!(refusal(SqliteLog::open(url, Arc::new(SystemClock))).contains(url));
    }
    for url in ["", "log.db", "postgres://localhost/hydra", "sqlite:/nowhere/at/all/log.db"] {
        refusal(SqliteLog::open(url, Arc::new(SystemClock)));
        refusal(SqliteLog::open_reader(url));
    }
}

#[tokio::test]
async fn a_log_with_a_newer_schema_is_refused_and_left_as_it_is() {
    let place = Place::new();
    place.open_at_noon().await.append(sample::small(&sample::stream("a"), 0, "a")).await.unwrap();
    place.raw().pragma_update(None, "user_version", 99).unwrap();
    for opened in [SqliteLog::open(&place.url(), Arc::new(SystemClock)), SqliteLog::open_reader(&place.url())]
    {
        let message = refusal(opened);
        assert!(message.contains("schema 99") && message.contains("newer hydra"), "{message}");
    }
    place.raw().pragma_update(None, "user_version", 1).unwrap();
    assert_eq!(sample::whole(&place.open_at_noon().await).await.len(), 1);
}

#[test]
fn a_reader_needs_a_log_that_is_there() {
    let place = Place::new();
    refusal(SqliteLog::open_reader(&place.url()));
    assert!(!place.file().exists());
    std::fs::write(place.file(), "").unwrap();
    refusal(SqliteLog::open_reader(&place.url()));
}

#[tokio::test]
async fn a_reader_beside_the_writer_sees_what_was_committed_and_writes_nothing() {
    let place = Place::new();
    let log = place.open_at_noon().await;
    let reader = SqliteLog::open_reader(&place.url()).unwrap();
    assert_eq!(reader.id(), log.id());
    for version in 0..3 {
        let mut append = sample::small(&sample::stream("a"), version, &format!("{version}"));
        append.owes = version == 1;
        let events = log.append(append).await.unwrap();
        assert_eq!(reader.read(version, 10).await.unwrap(), events);
        assert_eq!(reader.head().await.unwrap(), version + 1);
        assert_eq!(reader.streams_owing().await.unwrap(), log.streams_owing().await.unwrap());
    }
    let refused = reader.append(sample::small(&sample::stream("a"), 3, "3")).await;
    assert!(matches!(refused, Err(LogError::Open(message)) if message.contains("reading only")));
    drop(log);
    assert_eq!(sample::whole(&reader).await.len(), 3);
}

/// Every byte that stands in a row is part of what `hydra verify` recomputes.
#[tokio::test]
async fn a_changed_byte_in_any_column_of_any_row_is_found() {
    let place = Place::new();
    let log = place.open_at_noon().await;
    fill_with_every_column(&log).await;
    let whole = sample::whole(&log).await;
    drop(log);
    let raw = place.raw();
    raw.execute_batch("PRAGMA synchronous = OFF").unwrap();
    let reader = SqliteLog::open_reader(&place.url()).unwrap();
    for position in 1..=whole.len() as i64 {
        for (column, kind) in columns(&raw) {
            let query = format!("SELECT \"{column}\" FROM events WHERE position = ?1");
            let before: Value = raw.query_row(&query, [position], |row| row.get(0)).unwrap();
            for after in tampered(&before, &kind) {
                let at = set(&raw, &column, &kind, &after, position, position).unwrap();
                let found = sample::checked(&reader).await;
                assert!(
                    found.is_err(),
                    "{column} of row {position} went from {before:?} to {after:?} unseen"
                );
                set(&raw, &column, &kind, &before, at, position).unwrap();
            }
        }
    }
    assert_eq!(sample::whole(&reader).await, whole);
}

async fn fill_with_every_column(log: &SqliteLog) {
    for (version, name) in [(0, "a"), (0, "b"), (2, "a")] {
        let payloads = ["{\"text\":\"happy\"}", "{}"];
        let mut append =
            sample::append(&sample::stream(name), version, &format!("{name}{version}"), &payloads);
        append.owes = version == 0;
        append.meta.trace = (name == "a").then(|| "00-4bf9-01".to_owned());
        let role = hydra_events::record::EffectRole::Open;
        let effect = "render-1".to_owned();
        append.events[1].effect = Some(hydra_events::record::EffectMark { effect, role, attempt: 1 });
        log.append(append).await.unwrap();
    }
}

fn columns(raw: &Connection) -> Vec<(String, String)> {
    let mut statement = raw.prepare("SELECT name, type FROM pragma_table_info('events')").unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let columns: Vec<_> = rows.map(Result::unwrap).collect();
    assert_eq!(columns.len(), 23);
    columns
}

/// The value with one byte changed, at several places; and what could stand where nothing stood.
fn tampered(value: &Value, kind: &str) -> Vec<Value> {
    let flip = |bytes: &[u8]| -> Vec<Value> {
        let places = [0, bytes.len() / 2, bytes.len().saturating_sub(1)];
        let flipped = places.into_iter().filter(|at| *at < bytes.len()).map(|at| {
            let mut bytes = bytes.to_vec();
            bytes[at] ^= 1;
            Value::Blob(bytes)
        });
        flipped.chain([Value::Blob([bytes, b"0"].concat())]).collect()
    };
    match value {
        Value::Null if kind == "INTEGER" => vec![Value::Integer(0), Value::Integer(1)],
        Value::Null => vec![Value::Blob(Vec::new()), Value::Blob(b"open".to_vec())],
        Value::Integer(number) => [6, 7, 40, 63].map(|bit| Value::Integer(number ^ (1 << bit))).to_vec(),
        Value::Real(_) => panic!("no column holds a fraction"),
        Value::Text(text) => flip(text.as_bytes()),
        Value::Blob(bytes) => flip(bytes),
    }
}

/// Sets a column of the row at `position`, and returns where the row stands then.
fn set(
    raw: &Connection,
    column: &str,
    kind: &str,
    value: &Value,
    position: i64,
    home: i64,
) -> rusqlite::Result<i64> {
    let cast = if kind == "TEXT" { "CAST(?1 AS TEXT)" } else { "?1" };
    let changed = raw.execute(
        &format!("UPDATE events SET \"{column}\" = {cast} WHERE position = ?2"),
        params![value, position],
    )?;
    assert_eq!(changed, 1);
    Ok(match (column, value) {
        ("position", Value::Integer(moved)) => *moved,
        _ => home,
    })
}

#[tokio::test]
async fn a_damaged_record_takes_its_place_in_a_scan_and_hides_no_other() {
    let place = Place::new();
    let log = place.open_at_noon().await;
    for version in 0..3 {
        log.append(sample::small(&sample::stream("a"), version, &format!("{version}"))).await.unwrap();
    }
    place.raw().execute("UPDATE events SET hash = x'00' WHERE position = 2", []).unwrap();
    let scanned = log.scan(0, 10).await.unwrap();
    assert!(
        matches!(&scanned[..], [Ok(_), Err(LogError::Damaged { position: 2, .. }), Ok(_)]),
        "{scanned:?}"
    );
    assert!(matches!(log.read(0, 10).await, Err(LogError::Damaged { position: 2, .. })));
    assert!(log.read_stream(&sample::stream("a"), 0, 10).await.is_err());
}

#[tokio::test]
async fn dropping_the_log_finishes_what_was_queued() {
    let place = Place::new();
    let log = place.open_at_noon().await;
    for number in 0..300 {
        let append = sample::small(&sample::stream(&format!("s{number}")), 0, &format!("{number}"));
        // One poll puts it into the queue, and its caller goes away.
        let mut asked = pin!(tokio::task::unconstrained(log.append(append)));
        if let Poll::Ready(answer) = asked.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            answer.unwrap();
        }
    }
    drop(log);
    assert_eq!(sample::whole(&place.open_at_noon().await).await.len(), 300);
}

/// A second writer is a mistake, but not one that may cost an event, a position or an obligation.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_writers_on_one_file_leave_no_gap_and_no_duplicate() {
    let place = Place::new();
    let clocks = [1_000_000, 10].map(|start| Arc::new(ManualClock::at(Timestamp(start))));
    let logs = clocks.clone().map(|clock| Arc::new(SqliteLog::open(&place.url(), clock).unwrap()));
    assert_eq!(logs[0].id(), logs[1].id());
    let mut tasks = JoinSet::new();
    for (writer, (log, clock)) in logs.iter().zip(&clocks).cycle().take(8).enumerate() {
        tasks.spawn(write_beside_another(Arc::clone(log), Arc::clone(clock), writer));
    }
    let acknowledged = tasks.join_all().await.concat();
    drop(logs);
    let log = place.open_at_noon().await;
    let everything = sample::whole(&log).await;
    assert_eq!((everything.len(), acknowledged.len()), (8 * 20, 8 * 20));
    for event in acknowledged {
        assert_eq!(everything[event.position as usize - 1], event);
    }
    let mut owing: Vec<_> = (0..8).map(|writer| sample::stream(&format!("own{writer}"))).collect();
    owing.sort();
    assert_eq!(log.streams_owing().await.unwrap(), owing);
}

async fn write_beside_another(
    log: Arc<SqliteLog>,
    clock: Arc<ManualClock>,
    writer: usize,
) -> Vec<hydra_events::Recorded> {
    let (own, shared) = (sample::stream(&format!("own{writer}")), sample::stream("shared"));
    let mut recorded = Vec::new();
    for number in 0..10 {
        clock.advance(Duration::from_micros(1));
        let mut append = sample::small(&own, number, &format!("own {writer} {number}"));
        append.owes = true;
        recorded.extend(sample::append_anyhow(log.as_ref(), append).await);
        let append = sample::small(&shared, 0, &format!("shared {writer} {number}"));
        recorded.extend(sample::append_anyhow(log.as_ref(), append).await);
    }
    recorded
}

#[test]
fn two_logs_have_different_ids() {
    let (one, other) = (Place::new(), Place::new());
    let open = |place: &Place| SqliteLog::open(&place.url(), Arc::new(ManualClock::default())).unwrap();
    assert_ne!(open(&one).id(), open(&other).id());
}

#[test]
fn many_who_open_a_new_log_at_once_agree_on_its_id_or_fail_cleanly() {
    for _ in 0..5 {
        let place = Place::new();
        let open = || SqliteLog::open(&place.url(), Arc::new(SystemClock)).map(|log| log.id());
        let opened = std::thread::scope(|scope| {
            let threads = [(); 4].map(|()| scope.spawn(open));
            threads.map(|thread| thread.join().unwrap())
        });
        let ids: Vec<_> = opened.into_iter().flatten().collect();
        assert!(!ids.is_empty() && ids.iter().all(|id| *id == ids[0]), "{ids:?}");
        assert_eq!(open().unwrap(), ids[0]);
    }
}
