//! One log and two processes: 32 appenders beside its writer and 32 that reach it over NATS, while a transaction of
//! somebody else stays open in the same database for the whole time.

#![allow(clippy::unwrap_used, reason = "what tests share stands outside of test functions")]

#[path = "nats/server.rs"]
mod server;

use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use hydra_bus::{Bus, NatsBus, NatsOptions, Reader, RemoteLog, relay, remote};
use hydra_events::clock::SystemClock;
use hydra_events::contract::{sample, writers};
use hydra_events::log::PostgresLog;
use hydra_events::record::Recorded;
use hydra_events::{EventLog, Id};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use server::PATIENCE;

const CHILD: &str = "the_other_process";
/// Server, prefix and log of the child.
const CHILD_PLACE: &str = "HYDRA_TEST_CHILD_PLACE";

/// The numbers of one half of the writers.
fn half(which: usize) -> impl Iterator<Item = usize> {
    let each = writers::WRITERS / 2;
    (0..each).map(move |writer| which * each + writer)
}

fn variable(name: &str) -> Option<String> {
    std::env::var_os(name)?.into_string().ok()
}

/// An event as one line of a process's output.
fn line(event: &Recorded) -> String {
    format!("{} {} {} {}", event.position, event.stream, event.version, event.id)
}

/// What a reader has seen, a line for each event.
async fn read_all(mut next: impl AsyncFnMut(usize) -> Vec<String>) -> Vec<String> {
    let mut seen = Vec::new();
    while seen.len() < writers::EVENTS {
        seen.extend(next(seen.len()).await);
    }
    seen
}

/// Appends as these of the 64 writers, and meanwhile reads by position in pages and through the relay.
async fn take_part(
    log: Arc<dyn EventLog>,
    bus: Arc<dyn Bus>,
    numbers: impl Iterator<Item = usize>,
) -> [Vec<String>; 2] {
    let mut appending = JoinSet::new();
    for writer in numbers {
        appending.spawn(writers::write(Arc::clone(&log), writer));
    }
    let mut reader = Reader::new(Arc::clone(&log), bus, 0);
    let paged = read_all(async |after| {
        tokio::task::yield_now().await;
        log.read(after as u64, 37).await.unwrap().iter().map(line).collect()
    });
    let relayed =
        read_all(async |_| reader.next(50).await.unwrap().iter().map(|event| line(event)).collect());
    let (paged, relayed) = tokio::join!(paged, relayed);
    appending.join_all().await;
    [paged, relayed]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run as a child process by another test"]
async fn the_other_process() {
    let Some(place) = variable(CHILD_PLACE) else { return };
    let [url, prefix, log] = place.split(' ').collect::<Vec<_>>()[..] else { panic!("{place}") };
    let mut options = NatsOptions::new(url, Some(log.parse::<Id>().unwrap()));
    options.prefix = prefix.to_owned();
    let bus: Arc<dyn Bus> = Arc::new(NatsBus::connect(options).await.unwrap());
    let log = Arc::new(RemoteLog::open(Arc::clone(&bus)).await.unwrap());
    let seen = tokio::time::timeout(PATIENCE, take_part(log, bus, half(1))).await.unwrap();
    for (how, seen) in ["paged", "relayed"].into_iter().zip(seen) {
        // The runner may have begun a line of its own.
        println!("\n{how} {}", seen.join(","));
    }
}

fn start_other(place: &server::Place, log: Id) -> Child {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", CHILD, "--ignored", "--nocapture", "--test-threads=1"]);
    child.env(CHILD_PLACE, format!("{} {} {log}", place.url, place.prefix)).stdout(Stdio::piped());
    child.spawn().unwrap()
}

async fn run(connection: &mut PgConnection, statements: &str) {
    sqlx::raw_sql(AssertSqlSafe(statements.to_owned())).execute(connection).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_event_of_two_processes_is_read_once_and_in_order_in_both() {
    let Some(postgres) = variable("HYDRA_TEST_POSTGRES") else {
        return server::skip("HYDRA_TEST_POSTGRES names no server");
    };
    let Some(place) = server::place().await else { return };
    let mut open = PgConnection::connect(&postgres).await.unwrap();
    // It has a number and a snapshot, like a transaction in the middle of its work.
    run(&mut open, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT txid_current()").await;
    let (schema, joint) = (place.prefix.replace('-', "_"), if postgres.contains('?') { '&' } else { '?' });
    let url = format!("{postgres}{joint}schema={schema}");
    let log = Arc::new(PostgresLog::open(&url, Arc::new(SystemClock)).await.unwrap());
    let bus: Arc<dyn Bus> = place.bus(log.id()).await;
    let stop = CancellationToken::new();
    let mut kept = JoinSet::new();
    let (relaying, serving) = (stop.clone(), stop.clone());
    let (source, carrier) = (log.clone(), Arc::clone(&bus));
    kept.spawn(async move { relay(source, carrier, relaying).await.unwrap() });
    kept.spawn(remote::serve(log.clone(), log.clone(), Arc::clone(&bus), serving));

    let there = start_other(&place, log.id());
    let here = tokio::time::timeout(PATIENCE, take_part(log.clone(), bus, half(0))).await.unwrap();
    let there = tokio::task::spawn_blocking(|| there.wait_with_output().unwrap()).await.unwrap();
    assert!(there.status.success());
    let there = String::from_utf8(there.stdout).unwrap();

    let everything = sample::whole(log.as_ref()).await;
    assert_eq!(everything.len(), writers::EVENTS);
    let everything: Vec<String> = everything.iter().map(line).collect();
    for seen in here {
        assert_eq!(seen, everything);
    }
    for how in ["paged ", "relayed "] {
        let seen = there.lines().find_map(|line| line.strip_prefix(how)).unwrap();
        assert_eq!(seen.split(',').collect::<Vec<_>>(), everything, "{how}");
    }
    run(&mut open, "COMMIT").await;
    stop.cancel();
    kept.join_all().await;
    drop(log);
    run(&mut open, &format!("DROP SCHEMA {schema} CASCADE")).await;
    place.clean().await;
}
