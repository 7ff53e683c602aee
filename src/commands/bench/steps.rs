//! Pipelines of durable steps through the host itself, beside plain INSERTs by as many connections.
//!
//! Each step is an attempt that is recorded before its work begins and an outcome that is recorded before the next one
//! does. Relay, inboxes and views have no part in it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use hydra_actors::host::{Envelope, Host, HostParts};
use hydra_actors::registry::EntityType;
use hydra_bench::contest::{Contest, Target};
use hydra_bench::load::Window;
use hydra_bench::log::{Made, Shape, Store};
use hydra_bench::machine::cpu_us;
use hydra_bench::sample::{Calls, Sample, Span};
use hydra_bench::scratch::Scratch;
use hydra_bench::{BenchError, failed};
use hydra_bus::LocalBus;
use hydra_events::log::LogError;
use hydra_events::record::{Append, Position, Recorded, Version};
use hydra_events::{EventLog, Id, StreamName};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::instant;
use super::pipeline::{Pipeline, PipelineCommand, STEPS};

/// Pipelines under way at any moment.
const IN_FLIGHT: usize = 64;
/// Where a whole pipeline's stream ends: its beginning, and an attempt and an outcome for each step.
const END: Version = 1 + 2 * STEPS as Version;
const GRACE: Duration = Duration::from_secs(5);
/// What this host has beside the entities of the product.
const BESIDE: &[EntityType] = &[EntityType::performing::<Pipeline>()];

/// The cell.
pub struct Steps {
    /// Where the log is.
    pub store: Store,
    /// Where files would be.
    pub scratch: Scratch,
    /// Pipelines to run at least.
    pub pipelines: u64,
    /// What to reach.
    pub targets: &'static [Target],
}

#[async_trait]
impl Contest for Steps {
    fn sides(&self) -> &'static [&'static str] {
        &["hydra", "insert"]
    }

    fn targets(&self) -> &'static [Target] {
        self.targets
    }

    async fn run(&mut self, side: usize, span: Span) -> Result<Sample, BenchError> {
        if side > 0 {
            return self.store.inserts(Shape { writers: IN_FLIGHT, batch: 1 }, span).await;
        }
        let Made { log, checkpoints, place } = self.store.open().await?;
        let folder = self.scratch.folder()?;
        let witness = Arc::new(Witness { log, waiting: Mutex::default() });
        let host = HostParts {
            log: witness.clone(),
            checkpoints,
            bus: Arc::new(LocalBus::starting_at(0)),
            ports: instant::world(&folder).map_err(failed("making a content store"))?,
            node: "local".to_owned(),
            instance: self.scratch.fresh(),
            light_effects_max: IN_FLIGHT,
            beside: BESIDE,
        };
        let started = Host::start(host, CancellationToken::new()).await;
        let host = started.map_err(failed("starting the host"))?;
        host.recover().await.map_err(failed("starting the host"))?;
        let run = Run { host: host.clone(), witness, tag: self.scratch.fresh(), next: AtomicU64::new(0) };
        let sample = run.all(self.pipelines, Window::after(span)).await;
        host.shut_down(GRACE).await;
        drop(host);
        std::fs::remove_dir_all(folder).map_err(failed("removing a folder of the bench"))?;
        self.store.remove(place).await?;
        sample
    }

    fn note(&self) -> Option<String> {
        let what = format!("pipelines of {STEPS} steps, {IN_FLIGHT} in flight, {} at least", self.pipelines);
        Some(format!("{what}; the rate counts steps, p50 and p99 are those of whole pipelines"))
    }
}

/// One run of the host's side.
struct Run {
    host: Host,
    witness: Arc<Witness>,
    tag: String,
    next: AtomicU64,
}

impl Run {
    /// Runs pipelines until the window is over and `least` of them have counted.
    async fn all(self, least: u64, window: Window) -> Result<Sample, BenchError> {
        let (run, counted, before) = (Arc::new(self), Arc::new(AtomicU64::new(0)), cpu_us()?);
        let mut tasks = JoinSet::new();
        for _ in 0..IN_FLIGHT {
            let (run, counted) = (Arc::clone(&run), Arc::clone(&counted));
            tasks.spawn(async move {
                let mut calls = Calls::default();
                while !window.is_over() || counted.load(Ordering::Relaxed) < least {
                    let begun = Instant::now();
                    run.one().await?;
                    if Instant::now() >= window.from() {
                        counted.fetch_add(1, Ordering::Relaxed);
                        calls.note(begun.elapsed());
                    }
                }
                Ok::<_, BenchError>(calls)
            });
        }
        let mut calls = Calls::default();
        while let Some(done) = tasks.join_next().await {
            calls.append(done.map_err(failed("a pipeline"))??);
        }
        let secs = window.from().elapsed().as_secs_f64();
        let (steps, all) = (u64::from(STEPS), run.next.load(Ordering::Relaxed));
        let cpu = (cpu_us()? - before) / (all * steps).max(1) as f64;
        let sample = Sample::new(counted.load(Ordering::Relaxed) * steps, secs, calls);
        Ok(sample.with("cpu_us_per_step", cpu).with("pipelines", all as f64))
    }

    /// One pipeline, until its last outcome is durable.
    async fn one(&self) -> Result<(), BenchError> {
        let id = format!("{}_{:07}", self.tag, self.next.fetch_add(1, Ordering::Relaxed));
        let stream = StreamName::try_new("pipeline", &id).map_err(failed("naming a stream"))?;
        let done = self.witness.expect(&stream);
        let command = PipelineCommand::BeginPipeline { steps: STEPS };
        let envelope = Envelope::from_outside(self.host.fresh_id(), "bench");
        self.host.send(&stream, &command, envelope).await.map_err(failed("beginning a pipeline"))?;
        let end = done.await.map_err(failed("waiting for a pipeline"))?;
        match end == END {
            true => Ok(()),
            false => Err(BenchError::Wrong(format!("{stream} has {end} events instead of {END}"))),
        }
    }
}

/// A log that tells whoever waits for a stream that it owes nothing any more.
struct Witness {
    log: Arc<dyn EventLog>,
    waiting: Mutex<HashMap<StreamName, oneshot::Sender<Version>>>,
}

impl Witness {
    fn expect(&self, stream: &StreamName) -> oneshot::Receiver<Version> {
        let (sender, done) = oneshot::channel();
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).insert(stream.clone(), sender);
        done
    }

    fn tell(&self, last: &Recorded) {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&last.stream);
        // Who waited may have ended by an error.
        waiting.map(|sender| sender.send(last.version).ok());
    }
}

#[async_trait]
impl EventLog for Witness {
    fn id(&self) -> Id {
        self.log.id()
    }

    async fn append(&self, append: Append) -> Result<Vec<Recorded>, LogError> {
        let recorded = self.log.append(append).await?;
        if let Some(last) = recorded.last().filter(|last| !last.owes) {
            self.tell(last);
        }
        Ok(recorded)
    }

    async fn scan(&self, after: Position, limit: usize) -> Result<Vec<Result<Recorded, LogError>>, LogError> {
        self.log.scan(after, limit).await
    }

    async fn read_stream(
        &self,
        stream: &StreamName,
        after: Version,
        limit: usize,
    ) -> Result<Vec<Recorded>, LogError> {
        self.log.read_stream(stream, after, limit).await
    }

    async fn head(&self) -> Result<Position, LogError> {
        self.log.head().await
    }

    fn committed(&self) -> watch::Receiver<Position> {
        self.log.committed()
    }

    async fn streams_owing(&self) -> Result<Vec<StreamName>, LogError> {
        self.log.streams_owing().await
    }

    async fn correct_owing(&self, stream: &StreamName, version: Version, owes: bool) -> Result<(), LogError> {
        self.log.correct_owing(stream, version, owes).await
    }

    async fn streams(
        &self,
        after: Option<&StreamName>,
        limit: usize,
    ) -> Result<Vec<(StreamName, Version)>, LogError> {
        self.log.streams(after, limit).await
    }
}
