//! The log of another process: every clause of the log's contract, over the bus of one process and over NATS.

#![allow(clippy::unwrap_used, reason = "what tests share stands outside of test functions")]

#[path = "nats/server.rs"]
mod server;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use hydra_bus::{Bus, LocalBus, NatsBus, RemoteLog, remote};
use hydra_events::Id;
use hydra_events::clock::Clock;
use hydra_events::contract::{LogBackend, sample};
use hydra_events::log::{EventLog, LogError, SqliteLog};
use hydra_events::record::Append;
use tempfile::TempDir;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// A log that is written in one place and asked for in another.
struct Place {
    folder: TempDir,
    /// The bus of the writer, and of who asks.
    ends: [Arc<dyn Bus>; 2],
    serving: Mutex<Option<(CancellationToken, JoinSet<()>)>>,
}

impl Place {
    fn between(ends: [Arc<dyn Bus>; 2]) -> Self {
        Self { folder: TempDir::new().unwrap(), ends, serving: Mutex::default() }
    }

    fn local() -> Self {
        let bus: Arc<dyn Bus> = Arc::new(LocalBus::starting_at(0));
        Self::between([Arc::clone(&bus), bus])
    }

    async fn nats() -> Option<Self> {
        let place = server::place().await?;
        let mut options = place.options(Id::derive("remote", &[]));
        // No streams are made, so that none need be taken away again.
        options.log = None;
        let [writer, other] = [NatsBus::connect(options.clone()).await, NatsBus::connect(options).await];
        Some(Self::between([Arc::new(writer.unwrap()), Arc::new(other.unwrap())]))
    }

    async fn end(&self) {
        let serving = self.serving.lock().unwrap().take();
        if let Some((stop, mut serving)) = serving {
            stop.cancel();
            serving.join_next().await.unwrap().unwrap();
        }
    }
}

#[async_trait]
impl LogBackend for Place {
    type Log = RemoteLog;

    async fn open(&self, clock: Arc<dyn Clock>) -> RemoteLog {
        self.end().await;
        let url = format!("sqlite:{}", self.folder.path().join("log.db").display());
        let log = Arc::new(SqliteLog::open(&url, clock).unwrap());
        let stop = CancellationToken::new();
        let [writer, other] = &self.ends;
        let mut serving = JoinSet::new();
        serving.spawn(remote::serve(log.clone(), log, Arc::clone(writer), stop.clone()));
        *self.serving.lock().unwrap() = Some((stop, serving));
        server::eventually("an answer", || async { RemoteLog::open(Arc::clone(other)).await.is_ok() }).await;
        RemoteLog::open(Arc::clone(other)).await.unwrap()
    }
}

mod over_the_local_bus {
    use super::Place;

    hydra_events::log_contract!(Place::local());
}

mod over_nats {
    use super::Place;

    hydra_events::log_contract!(option: Place::nats().await);
}

/// An append of so many events of so many bytes each, the first of its stream.
fn append(id: &str, events: usize, bytes: usize) -> Append {
    let payload = format!("{{\"text\":\"{}\"}}", "x".repeat(bytes));
    sample::append(&sample::stream(id), 0, id, &vec![payload.as_str(); events])
}

/// What does not fit into one answer comes in several; what does not fit into one question is refused.
#[tokio::test]
async fn more_than_one_message_holds_is_read_in_several_and_never_written() {
    let place = Place::local();
    let log = place.open_at_noon().await;
    let mut written = Vec::new();
    for stream in ["a", "b", "c", "d"] {
        written.extend(log.append(append(stream, 3, 200_000)).await.unwrap());
    }
    assert_eq!(log.read(0, 100).await.unwrap(), written);
    assert_eq!(log.read(0, 7).await.unwrap(), written[..7]);
    assert_eq!(log.read_stream(&"image-c".parse().unwrap(), 1, 9).await.unwrap(), written[7..9]);
    let refused = log.append(append("e", 6, 200_000)).await;
    assert!(
        matches!(&refused, Err(LogError::Refused { reason, .. }) if reason.contains("bus")),
        "{refused:?}"
    );
    place.end().await;
}

/// An append whose answer would be too large is recorded, and read back.
#[tokio::test]
async fn an_append_of_many_events_is_answered_whole() {
    let place = Place::local();
    let log = place.open_at_noon().await;
    let written = log.append(append("a", 1_000, 400)).await.unwrap();
    assert_eq!(written.len(), 1_000);
    assert_eq!(log.read(0, 5_000).await.unwrap(), written);
    place.end().await;
}

#[tokio::test]
async fn while_nobody_answers_every_call_says_that_the_log_is_away() {
    let place = Place::local();
    let log = place.open_at_noon().await;
    place.end().await;
    // The desk is given up with the task that answered there.
    let away = log.append(append("a", 1, 10)).await;
    assert!(matches!(away, Err(LogError::Store(_))), "{away:?}");
    assert!(matches!(log.head().await, Err(LogError::Store(_))));
    let again = place.open_at_noon().await;
    assert_eq!(again.head().await.unwrap(), 0);
    place.end().await;
}
