//! Who writes: standbys, lost connections, and the fence that holds when all else fails.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use hydra_events::clock::SystemClock;
use hydra_events::contract::{LogBackend, sample};
use hydra_events::log::{Checkpoints, EventLog, LogError, PostgresLog};
use hydra_events::record::Recorded;
use sqlx::{PgConnection, Row};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use super::place::{self, Place};

/// The server processes that hold a lock of this place's log. Its writer is the one connection that waits in, or
/// holds, an advisory lock and has the place's schema in its lease.
async fn holder(raw: &mut PgConnection) -> Option<i64> {
    let query = "SELECT pid::bigint FROM pg_stat_activity JOIN lease ON application_name = holder";
    place::number(raw, query).await
}

#[expect(clippy::disallowed_methods, reason = "every task is joined by its test")]
fn spawn<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
    tokio::spawn(work)
}

fn open_in_background(url: String) -> JoinHandle<Result<PostgresLog, LogError>> {
    spawn(async move { PostgresLog::open(&url, Arc::new(SystemClock)).await })
}

/// Whether somebody waits for the lock that the writer of this place holds.
async fn a_standby_waits(raw: &mut PgConnection) -> bool {
    let query = "SELECT 1::bigint FROM pg_locks AS mine JOIN pg_stat_activity USING (pid) \
                 JOIN lease ON application_name = holder \
                 JOIN pg_locks AS other ON other.locktype = 'advisory' AND NOT other.granted \
                 AND other.classid = mine.classid AND other.objid = mine.objid AND other.database = mine.database \
                 WHERE mine.locktype = 'advisory' AND mine.granted";
    place::number(raw, query).await.is_some()
}

async fn until_a_standby_waits(raw: &mut PgConnection) {
    while !a_standby_waits(raw).await {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_standby_takes_over_when_the_writer_has_gone() {
    let Some(place) = Place::configured() else { return };
    let mut raw = place.raw().await;
    let first = place.open_at_noon().await;
    let mut recorded = first.append(sample::small(&sample::stream("a"), 0, "first")).await.unwrap();
    let standby = open_in_background(place.url());
    until_a_standby_waits(&mut raw).await;
    recorded.extend(first.append(sample::small(&sample::stream("a"), 1, "second")).await.unwrap());
    assert!(!standby.is_finished());
    let id = first.id();
    drop(first);
    let second = standby.await.unwrap().unwrap();
    recorded.extend(second.append(sample::small(&sample::stream("a"), 2, "third")).await.unwrap());
    assert_eq!(second.id(), id);
    assert_eq!(sample::whole(&second).await, recorded);
}

/// A holder that was stopped keeps its connection, and with it the lock, for as long as anybody waits.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_standby_ends_a_holder_that_no_longer_renews_its_lease() {
    let Some(place) = Place::configured() else { return };
    let mut raw = place.raw().await;
    let log = place.open_at_noon().await;
    log.append(sample::small(&sample::stream("a"), 0, "first")).await.unwrap();
    let lock = "SELECT classid::bigint, objid::bigint FROM pg_locks JOIN pg_stat_activity USING (pid) \
                JOIN lease ON application_name = holder WHERE locktype = 'advisory' AND granted";
    let lock = sqlx::query(lock).fetch_one(&mut raw).await.unwrap();
    let (class, object) = (lock.get::<i64, _>(0) as i32, lock.get::<i64, _>(1) as u32 as i32);
    drop(log);
    let mut stalled = place.raw().await;
    place::run(&mut stalled, &format!("SELECT pg_advisory_lock({class}, {object})")).await;
    let log = PostgresLog::open(&place.url(), Arc::new(SystemClock)).await.unwrap();
    log.append(sample::small(&sample::stream("a"), 1, "second")).await.unwrap();
    assert_eq!(sample::whole(&log).await.len(), 2);
    assert!(sqlx::query("SELECT 1").execute(&mut stalled).await.is_err());
}

/// Eight callers append while the writer's connection is ended again and again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_writer_whose_connection_is_ended_loses_and_doubles_nothing() {
    const CALLERS: usize = 8;
    let Some(place) = Place::configured() else { return };
    let log = Arc::new(PostgresLog::open(&place.url(), Arc::new(SystemClock)).await.unwrap());
    let stop = Arc::new(AtomicBool::new(false));
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        callers.spawn(append_until(Arc::clone(&log), Arc::clone(&stop), caller));
    }
    let mut raw = place.raw().await;
    let mut ended = BTreeSet::new();
    while ended.len() < 6 {
        let before = log.head().await.unwrap();
        if let Some(process) = holder(&mut raw).await.filter(|process| !ended.contains(process)) {
            place::run(&mut raw, &format!("SELECT pg_terminate_backend({process})")).await;
            ended.insert(process);
            until_the_log_grows(&log, before).await;
        }
    }
    stop.store(true, Ordering::SeqCst);
    let acknowledged = callers.join_all().await.concat();
    let everything = sample::whole(log.as_ref()).await;
    assert_eq!(everything.len(), acknowledged.len());
    let positions: BTreeSet<_> = acknowledged.iter().map(|event| event.position).collect();
    assert_eq!(positions.len(), everything.len());
    for event in acknowledged {
        assert_eq!(everything[event.position as usize - 1], event);
    }
}

async fn until_the_log_grows(log: &PostgresLog, before: u64) {
    while log.head().await.unwrap() < before + 10 {
        tokio::task::yield_now().await;
    }
}

async fn append_until(log: Arc<PostgresLog>, stop: Arc<AtomicBool>, caller: usize) -> Vec<Recorded> {
    let stream = sample::stream(&format!("own{caller}"));
    let mut recorded = Vec::new();
    while !stop.load(Ordering::SeqCst) {
        let version = recorded.len() as u64;
        let append = sample::append(&stream, version, &format!("{caller} {version}"), &["1", "2"]);
        recorded.extend(sample::append_anyhow(log.as_ref(), append).await);
    }
    recorded
}

/// Two writers at once: one stops and says so, and the other goes on where it ended.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_writer_that_was_taken_over_stops_and_says_so() {
    let Some(place) = Place::configured() else { return };
    let mut raw = place.raw().await;
    let first = place.open_at_noon().await;
    let mut acknowledged = Vec::new();
    let standby = open_in_background(place.url());
    // The first may be faster than the standby to take its own lock again.
    while !standby.is_finished() {
        if let Some(process) = holder(&mut raw).await {
            place::run(&mut raw, &format!("SELECT pg_terminate_backend({process})")).await;
        }
        let version = acknowledged.len() as u64;
        let append = sample::small(&sample::stream("a"), version, &format!("first {version}"));
        match first.append(append).await {
            Ok(events) => acknowledged.extend(events),
            Err(LogError::Open(message)) => assert!(message.contains("has taken over"), "{message}"),
            Err(other) => panic!("{other}"),
        }
    }
    // The last to be ended may have been the standby itself, after it had begun.
    let second = standby.await.unwrap().unwrap();
    let version = acknowledged.len() as u64;
    let append = sample::small(&sample::stream("a"), version, "second");
    acknowledged.extend(sample::append_anyhow(&second, append).await);
    let late = first.append(sample::small(&sample::stream("b"), 0, "late")).await;
    assert!(matches!(&late, Err(LogError::Open(message)) if message.contains("has taken over")), "{late:?}");
    assert_eq!(sample::whole(&second).await, acknowledged);

    // What the first still hears is judged by what it knows, and is not the second's beginning.
    second.save_inbox("artist", 1, Vec::new()).await.unwrap();
    let late = first.save_inbox("artist", 9, Vec::new()).await;
    assert!(matches!(&late, Err(LogError::Open(message)) if message.contains("has taken over")), "{late:?}");
    assert_eq!(second.inbox("artist").await.unwrap(), 1);
}

/// Whoever writes without the lock is stopped by the key, or stops the writer: never both get a position.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_position_that_somebody_else_took_is_never_given_twice() {
    let (Some(place), Some(elsewhere)) = (Place::configured(), Place::configured()) else { return };
    let log = place.open_at_noon().await;
    let mut expected = log.append(sample::small(&sample::stream("a"), 0, "ours")).await.unwrap();
    let other = elsewhere.open_at_noon().await;
    for name in ["b", "c"] {
        other.append(sample::small(&sample::stream(name), 0, name)).await.unwrap();
    }
    let mut raw = place.raw().await;
    let intrude = |position: u64| {
        let (from, to) = (elsewhere.schema(), place.schema());
        format!(
            "INSERT INTO {to}.events SELECT (json_populate_record(e, json_build_object('position', {position} + \
             position - 1))).* FROM {from}.events AS e"
        )
    };
    place::run(&mut raw, &intrude(2)).await;
    let twice = sqlx::query(sqlx::AssertSqlSafe(intrude(3))).execute(&mut raw).await.unwrap_err();
    assert!(twice.as_database_error().unwrap().is_unique_violation());
    // The writer does not know of them: its next position and the head of this stream are taken.
    let late = log.append(sample::small(&sample::stream("b"), 0, "late")).await;
    assert!(matches!(late, Err(LogError::Conflict { actual: 1, .. })), "{late:?}");
    let after = log.append(sample::small(&sample::stream("a"), 1, "ours again")).await.unwrap();
    assert_eq!(after[0].position, 4);
    let everything = sample::whole(&log).await;
    expected.extend(after);
    assert_eq!([&everything[..1], &everything[3..]].concat(), expected);
    assert_eq!(everything.len(), 4);
}

const CHILD: &str = "writers::a_child_process_appends_and_says_so";
const CHILD_URL: &str = "HYDRA_TEST_CHILD_URL";

#[tokio::test]
#[ignore = "run as a child process by another test"]
async fn a_child_process_appends_and_says_so() {
    let Some(url) = std::env::var_os(CHILD_URL) else { return };
    let log = PostgresLog::open(url.to_str().unwrap(), Arc::new(SystemClock)).await.unwrap();
    let stream = sample::stream("a");
    for version in log.head().await.unwrap().. {
        let events = log.append(sample::small(&stream, version, &format!("{version}"))).await.unwrap();
        // The runner may have begun a line of its own.
        let line = format!("acked {}\n", events[0].position);
        std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
    }
}

/// A process that writes the log of `place`, and the positions it says were acknowledged.
fn child(place: &Place) -> (Child, impl Iterator<Item = u64>) {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", CHILD, "--ignored", "--nocapture", "--test-threads=1"]);
    child.env(CHILD_URL, place.url()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = child.spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    (child, lines.filter_map(|line| line.split_once("acked ")?.1.parse().ok()))
}

/// Each child finds the lock free at once, since its predecessor's connection died with it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_a_kill_of_the_writing_process() {
    let Some(place) = Place::configured() else { return };
    for acks in [1, 40, 7] {
        let (mut child, mut heard) = child(&place);
        let last = heard.nth(acks - 1).unwrap();
        child.kill().unwrap();
        // What was in the pipe when it died counts as much.
        let last = heard.last().unwrap_or(last);
        child.wait().unwrap();
        let everything = sample::whole(&place.open_at_noon().await).await;
        assert!(everything.len() as u64 >= last, "{last} was acknowledged, {} are there", everything.len());
    }
}

/// Stops a writing process, follows it, and has it go on, beside the one that followed it or after that one has gone. It
/// comes back in the belief that it is the writer, and is told otherwise before it acknowledges anything more.
async fn follow_a_stopped_process(place: &Place, is_gone: bool) {
    let (mut child, mut heard) = child(place);
    let acknowledged = heard.nth(20).unwrap();
    let signal = |name: &str| Command::new("kill").args([name, &child.id().to_string()]).status().unwrap();
    assert!(signal("-STOP").success());
    let log = PostgresLog::open(&place.url(), Arc::new(SystemClock)).await.unwrap();
    let ours = log.append(sample::small(&sample::stream("b"), 0, "ours")).await.unwrap();
    let follower = (!is_gone).then_some(log);
    assert!(signal("-CONT").success());
    let last = heard.last().unwrap_or(acknowledged);
    assert!(!child.wait().unwrap().success(), "it was not told");
    assert!(last < ours[0].position, "{last} was acknowledged after the takeover");
    let log = match follower {
        Some(log) => log,
        None => place.open_at_noon().await,
    };
    assert_eq!(sample::whole(&log).await.last(), ours.last());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_was_stopped_is_taken_over_and_does_no_harm_when_it_goes_on() {
    let Some(place) = Place::configured() else { return };
    follow_a_stopped_process(&place, false).await;
}

/// What it has folded ends where the other began, whether or not that one is still there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_was_taken_over_does_not_come_back_when_the_other_has_gone() {
    let Some(place) = Place::configured() else { return };
    follow_a_stopped_process(&place, true).await;
}

/// Between the server and its writer, until it is cut.
struct Proxy {
    port: u16,
    work: JoinHandle<()>,
}

impl Proxy {
    async fn start(place: &Place, port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = place.server_address();
        let work = spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((mut inner, _)) = listener.accept().await {
                let (host, port) = server.clone();
                connections.spawn(async move {
                    let mut outer = TcpStream::connect((host, port)).await.unwrap();
                    copy_bidirectional(&mut inner, &mut outer).await
                });
            }
        });
        Self { port, work }
    }

    async fn cut(self) -> u16 {
        self.work.abort();
        assert!(self.work.await.unwrap_err().is_cancelled());
        self.port
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_server_callers_are_told_to_try_again_and_can() {
    let Some(place) = Place::configured() else { return };
    let proxy = Proxy::start(&place, 0).await;
    let url = place.url_by(proxy.port);
    let log = PostgresLog::open(&url, Arc::new(SystemClock)).await.unwrap();
    let mut expected = log.append(sample::small(&sample::stream("a"), 0, "before")).await.unwrap();
    let port = proxy.cut().await;
    let append = sample::small(&sample::stream("a"), 1, "during");
    let told = log.append(append.clone()).await.unwrap_err();
    assert!(matches!(&told, LogError::Store(_)), "{told:?}");
    // Whoever only reads is told as well, and does not wait for a connection either.
    let unread = log.read(0, 1).await.unwrap_err();
    assert!(unread.to_string().contains("cannot be reached"), "{unread}");
    let proxy = Proxy::start(&place, port).await;
    expected.extend(sample::append_anyhow(&log, append.clone()).await);
    assert_eq!(log.append(append).await.unwrap(), expected[1..]);
    assert_eq!(sample::whole(&log).await, expected);
    drop(log);
    proxy.cut().await;
}

/// A server that restarts ends the standby's connection as well as the writer's.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_standby_waits_on_when_its_server_was_away() {
    let Some(place) = Place::configured() else { return };
    let mut raw = place.raw().await;
    let first = place.open_at_noon().await;
    let proxy = Proxy::start(&place, 0).await;
    let standby = open_in_background(place.url_by(proxy.port));
    until_a_standby_waits(&mut raw).await;
    let port = proxy.cut().await;
    while a_standby_waits(&mut raw).await {
        tokio::task::yield_now().await;
    }
    let proxy = Proxy::start(&place, port).await;
    until_a_standby_waits(&mut raw).await;
    assert!(!standby.is_finished());
    let mut recorded = first.append(sample::small(&sample::stream("a"), 0, "first")).await.unwrap();
    drop(first);
    let second = standby.await.unwrap().unwrap();
    recorded.extend(second.append(sample::small(&sample::stream("a"), 1, "second")).await.unwrap());
    assert_eq!(sample::whole(&second).await, recorded);
    drop(second);
    proxy.cut().await;
}
