//! The log of the full backend: every clause of the contract, and what only Postgres can get wrong.
//!
//! Each test has a schema of its own in the database that `HYDRA_TEST_POSTGRES` names, and drops it.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking, also in the functions they share")]

#[path = "postgres/place.rs"]
mod place;
#[path = "postgres/tls.rs"]
mod tls;
#[path = "postgres/writers.rs"]
mod writers;

use std::sync::Arc;

use hydra_events::clock::SystemClock;
use hydra_events::contract::{LogBackend, order, sample};
use hydra_events::log::{EventLog, LogError, PostgresLog, SqliteLog};
use hydra_events::record::{EffectMark, EffectRole};
use sqlx::Row;

use place::Place;

hydra_events::log_contract!(option: Place::configured());
hydra_events::restore_contract!(option: Place::configured());

fn refusal(opened: Result<PostgresLog, LogError>) -> String {
    match opened {
        Ok(_) => panic!("it was opened"),
        Err(LogError::Open(message)) => message,
        Err(other) => panic!("another error: {other}"),
    }
}

/// An old transaction holds back what Postgres thinks everybody can see; it must not hold back a reader.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_left_open_hides_no_event_from_readers() {
    let Some(place) = Place::configured() else { return };
    let mut open = place.raw().await;
    place::run(&mut open, "BEGIN ISOLATION LEVEL REPEATABLE READ").await;
    // It has a number and a snapshot, like a transaction in the middle of its work.
    place::run(&mut open, "SELECT txid_current()").await;
    order::positions_are_dense_and_no_reader_misses_an_event(&place).await;
    place::run(&mut open, "COMMIT").await;
}

/// The records and their hashes do not depend on where they are kept.
#[tokio::test]
async fn the_same_appends_lead_to_the_same_records_as_in_sqlite() {
    let Some(place) = Place::configured() else { return };
    let folder = tempfile::TempDir::new().unwrap();
    let embedded = format!("sqlite:{}", folder.path().join("log.db").display());
    let embedded = SqliteLog::open(&embedded, place::noon()).unwrap();
    let full = place.open_at_noon().await;
    fill_with_every_column(&embedded).await;
    fill_with_every_column(&full).await;
    assert_eq!(sample::whole(&full).await, sample::whole(&embedded).await);
}

async fn fill_with_every_column(log: &impl EventLog) {
    for (version, name) in [(0, "a"), (0, "b"), (2, "a")] {
        let payloads = ["{\"text\":\"happy\"}", "{\"text\":\"\\u0000\"}"];
        let mut append =
            sample::append(&sample::stream(name), version, &format!("{name}{version}"), &payloads);
        append.owes = version == 0;
        append.meta.trace = (name == "a").then(|| "00-4bf9-01".to_owned());
        let (effect, attempt) = ("render-1".to_owned(), u32::MAX);
        append.events[1].effect = Some(EffectMark { effect, role: EffectRole::Open, attempt });
        log.append(append).await.unwrap();
    }
}

/// Every byte that stands in a row is part of what `hydra verify` recomputes.
#[tokio::test]
async fn a_change_in_any_column_of_any_row_is_found() {
    let Some(place) = Place::configured() else { return };
    let log = place.open_at_noon().await;
    fill_with_every_column(&log).await;
    let whole = sample::whole(&log).await;
    let mut raw = place.raw().await;
    place::run(&mut raw, "CREATE TABLE kept AS SELECT * FROM events").await;
    let columns = "SELECT attname::text, atttypid::regtype::text FROM pg_attribute \
                   WHERE attrelid = 'events'::regclass AND attnum > 0 ORDER BY attnum";
    let columns = sqlx::query(columns).fetch_all(&mut raw).await.unwrap();
    assert_eq!(columns.len(), 23);
    for column in columns {
        let (column, kind): (String, String) = (column.get(0), column.get(1));
        for position in 1..=whole.len() {
            let change = format!(
                "UPDATE events SET {column} = {} WHERE position = {position}",
                tampered(&column, &kind)
            );
            place::run(&mut raw, &change).await;
            let found = sample::checked(&log).await;
            assert!(found.is_err(), "a change of {column} in row {position} was not seen");
            place::run(&mut raw, "TRUNCATE events; INSERT INTO events SELECT * FROM kept").await;
        }
    }
    assert_eq!(sample::whole(&log).await, whole);
}

/// Another value for a column, also where nothing stands.
fn tampered(column: &str, kind: &str) -> String {
    match kind {
        "text" => format!("coalesce({column}, '') || 'x'"),
        "bytea" => format!("coalesce({column}, '') || '\\x00'"),
        "boolean" => format!("NOT {column}"),
        "smallint" => format!("{column} % 2 + 1"),
        "bigint" => format!("coalesce({column}, 0) + 64"),
        other => panic!("{column} is {other}"),
    }
}

#[tokio::test]
async fn a_damaged_record_takes_its_place_in_a_scan_and_hides_no_other() {
    let Some(place) = Place::configured() else { return };
    let log = place.open_at_noon().await;
    for version in 0..3 {
        log.append(sample::small(&sample::stream("a"), version, &format!("{version}"))).await.unwrap();
    }
    place::run(&mut place.raw().await, "UPDATE events SET hash = '\\x00' WHERE position = 2").await;
    let scanned = log.scan(0, 10).await.unwrap();
    assert!(
        matches!(&scanned[..], [Ok(_), Err(LogError::Damaged { position: 2, .. }), Ok(_)]),
        "{scanned:?}"
    );
    assert!(matches!(log.read(0, 10).await, Err(LogError::Damaged { position: 2, .. })));
}

#[tokio::test]
async fn people_read_the_events_as_json_whatever_is_in_them() {
    let Some(place) = Place::configured() else { return };
    let log = place.open_at_noon().await;
    let payloads = ["{\"mood\":\"happy\"}", "{\"mood\":\"\\u0000\"}", "no JSON", "\u{0}"];
    log.append(sample::append(&sample::stream("a"), 0, "a", &payloads)).await.unwrap();
    let view = "SELECT data ->> 'mood', jsonb_typeof(data), command ->> 'type', time::text FROM events_readable \
                ORDER BY position";
    let rows = sqlx::query(view).fetch_all(&mut place.raw().await).await.unwrap();
    let data: Vec<(Option<String>, String)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    let text = (None, "string".to_owned());
    assert_eq!(data, [(Some("happy".to_owned()), "object".to_owned()), text.clone(), text.clone(), text]);
    assert_eq!(rows[0].get::<String, _>(2), "image.request_image.v1");
    assert!(rows[0].get::<String, _>(3).starts_with("1970-01-01 "));
}

#[tokio::test]
async fn a_log_with_a_newer_schema_is_refused_and_left_as_it_is() {
    let Some(place) = Place::configured() else { return };
    place.open_at_noon().await.append(sample::small(&sample::stream("a"), 0, "a")).await.unwrap();
    let mut raw = place.raw().await;
    place::run(&mut raw, "INSERT INTO migrations (version) VALUES (99)").await;
    for opened in [
        PostgresLog::open(&place.url(), Arc::new(SystemClock)).await,
        PostgresLog::open_reader(&place.url()).await,
    ] {
        let message = refusal(opened);
        assert!(message.contains("schema 99") && message.contains("newer hydra"), "{message}");
    }
    place::run(&mut raw, "DELETE FROM migrations WHERE version = 99").await;
    assert_eq!(sample::whole(&place.open_at_noon().await).await.len(), 1);
}

#[tokio::test]
async fn a_reader_needs_a_log_that_is_there() {
    let Some(place) = Place::configured() else { return };
    assert!(refusal(PostgresLog::open_reader(&place.url()).await).contains("no log yet"));
    let nobody = "postgres://hydra:secret@127.0.0.1:1/hydra";
    for opened in
        [PostgresLog::open(nobody, Arc::new(SystemClock)).await, PostgresLog::open_reader(nobody).await]
    {
        let message = refusal(opened);
        assert!(message.contains("127.0.0.1:1") && !message.contains("secret"), "{message}");
    }
}

#[tokio::test]
async fn a_reader_beside_the_writer_sees_what_was_committed_and_writes_nothing() {
    let Some(place) = Place::configured() else { return };
    let log = place.open_at_noon().await;
    let reader = PostgresLog::open_reader(&place.url()).await.unwrap();
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
}

/// What the role, the database or the URL say about syncing does not reach the log.
#[tokio::test]
async fn a_url_that_asks_for_less_syncing_is_not_obeyed() {
    let Some(place) = Place::configured() else { return };
    let url = format!("{}&options=-c%20synchronous_commit%3Doff", place.url());
    let log = PostgresLog::open(&url, Arc::new(SystemClock)).await.unwrap();
    log.append(sample::small(&sample::stream("a"), 0, "a")).await.unwrap();
}
