//! A running system over a real log: what a stop leaves behind, and what a stream nobody can work on does to the others.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "table/desk.rs"]
mod desk;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use desk::{Dictated, desk};
use hydra_actors::cast;
use hydra_actors::director::plan::CastDocument;
use hydra_actors::host::{Envelope, HostError, HostParts, LIGHT_EFFECTS_MAX};
use hydra_actors::ports::{Author, Embedder, Model, PortError, SilentScene};
use hydra_actors::system::System;
use hydra_bus::{Bus, LocalBus};
use hydra_events::clock::SystemClock;
use hydra_events::content::FolderStore;
use hydra_events::log::{Checkpoints, SqliteLog};
use hydra_events::record::{Append, Draft, EventType, Meta, Visibility};
use hydra_events::vocabulary::chapter::{ChapterCommand, ChapterSource, Fill};
use hydra_events::vocabulary::character::CharacterCommand;
use hydra_events::vocabulary::cluster::ClusterCommand;
use hydra_events::vocabulary::plan::PlanCommand;
use hydra_events::vocabulary::scene::SceneEvent;
use hydra_events::wire::encode;
use hydra_events::{Clock, EventLog, Id, Recorded, StreamName, Vector};
use tempfile::TempDir;
use tokio::sync::Semaphore;

const LONG: Duration = Duration::from_secs(120);
const SCREENPLAY: &str = "Title: Night\n\nINT. HALL - NIGHT\n\nA clock ticks. MIRA waits.\n\n\
                          INT. ROOM - DAY\n\nMIRA\nGood morning.\n";

/// An author who has begun, and waits for leave to go on.
struct Slow {
    begun: Arc<Semaphore>,
    leave: Arc<Semaphore>,
}

#[async_trait]
impl Author for Slow {
    async fn fill(&self, scene: &SilentScene, _: &str) -> Result<Vec<(String, String)>, PortError> {
        self.begun.add_permits(1);
        self.leave.acquire().await.map_err(PortError::transient)?.forget();
        Ok(scene.speakers.first().map(|(id, _)| (id.clone(), "It is late.".to_owned())).into_iter().collect())
    }
}

/// A model that is away.
struct Away;

#[async_trait]
impl Embedder for Away {
    fn model(&self) -> Model {
        Model { name: "away".into(), dimension: 1 }
    }

    async fn embed(&self, _: &[String], _: &str) -> Result<Vec<Vector>, PortError> {
        Err(PortError::transient("the model does not answer"))
    }
}

struct Bench {
    log: Arc<SqliteLog>,
    begun: Arc<Semaphore>,
    leave: Arc<Semaphore>,
    /// Where each start kept its files; all use the first.
    parts: Vec<TempDir>,
    _folder: TempDir,
}

impl Bench {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let url = format!("sqlite://{}", folder.path().join("log.db").display());
        let log = Arc::new(SqliteLog::open(&url, Arc::new(SystemClock)).unwrap());
        let (begun, leave) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
        Self { log, begun, leave, parts: Vec::new(), _folder: folder }
    }

    async fn start(&mut self) -> System {
        let (mut ports, folder) = desk(Dictated::default());
        self.parts.push(folder);
        ports.content = Arc::new(FolderStore::try_open(self.parts[0].path()).unwrap());
        ports.clock = Arc::new(SystemClock) as Arc<dyn Clock>;
        ports.embedder = Arc::new(Away);
        ports.author = Arc::new(Slow { begun: Arc::clone(&self.begun), leave: Arc::clone(&self.leave) });
        let bus: Arc<dyn Bus> = Arc::new(LocalBus::starting_at(self.log.head().await.unwrap()));
        let checkpoints: Arc<dyn Checkpoints> = self.log.clone();
        let log: Arc<dyn EventLog> = self.log.clone();
        let (node, instance) = ("here".to_owned(), format!("start-{}", self.parts.len()));
        let light_effects_max = LIGHT_EFFECTS_MAX;
        let parts =
            HostParts { log, checkpoints, bus, ports, node, instance, light_effects_max, beside: &[] };
        System::start(parts, BTreeMap::new()).await.unwrap()
    }

    /// A chapter whose first scene the author is asked to fill.
    async fn request(&self, system: &System) {
        let content = &FolderStore::try_open(self.parts[0].path()).unwrap();
        let put = |bytes: Vec<u8>| async { hydra_events::ContentStore::put(content, bytes).await.unwrap() };
        let profiles = cast::parse("characters:\n  Mira: {}\n", "characters.yaml").unwrap().profiles;
        let cast = serde_json::to_vec(&CastDocument::of(&profiles, &BTreeMap::new())).unwrap();
        let source = ChapterSource {
            stem: "night".into(),
            screenplay: put(SCREENPLAY.as_bytes().to_vec()).await,
            cast: put(cast).await,
            fill: Fill::Placeholders,
            candidates: 1,
        };
        let command = ChapterCommand::RequestChapter { title: "Night".into(), source };
        send(system, "chapter-night", &command).await.unwrap();
    }

    async fn events(&self) -> Vec<Recorded> {
        self.log.read(0, 5_000).await.unwrap()
    }

    async fn kinds(&self) -> Vec<String> {
        self.events().await.iter().map(|event| event.kind.as_str().to_owned()).collect()
    }
}

async fn send<C: hydra_events::wire::Vocabulary>(
    system: &System,
    stream: &str,
    command: &C,
) -> Result<hydra_actors::host::Answer, HostError> {
    let id = system.host().fresh_id();
    system.host().send(&stream.parse().unwrap(), command, Envelope::from_outside(id, "test")).await
}

async fn until_idle(system: &System) {
    let idle = async {
        while !system.is_idle().await.unwrap() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LONG, idle).await.unwrap();
}

/// An event of a stream, as another version of the code may have recorded it.
fn strange(stream: &str) -> Append {
    let stream: StreamName = stream.parse().unwrap();
    let kind = EventType::new(stream.category(), "dreamt", 9);
    recorded(&stream, 0, Owes::Something, kind, b"{}".to_vec())
}

/// A closing of a scene of `chapter`.
fn closed(scene: &str, chapter: &str, expected: u64) -> Append {
    let event = SceneEvent::SceneClosed {
        chapter: chapter.parse().unwrap(),
        revision: 1,
        supplied: 0,
        missing: 0,
        closing: 1,
    };
    let (kind, payload) = encode("scene", &event).unwrap();
    recorded(&scene.parse().unwrap(), expected, Owes::Nothing, kind, payload)
}

enum Owes {
    Something,
    Nothing,
}

fn recorded(stream: &StreamName, expected: u64, owes: Owes, kind: EventType, payload: Vec<u8>) -> Append {
    let stream = stream.clone();
    let id = Id::derive("test", &[stream.as_str().as_bytes(), &expected.to_le_bytes()]);
    Append {
        events: vec![Draft { kind: kind.clone(), payload, effect: None }],
        stream,
        expected,
        actor: "artist".into(),
        code: "another".into(),
        owes: matches!(owes, Owes::Something),
        command: (kind, b"{}".to_vec()),
        meta: Meta {
            command_id: id,
            correlation_id: id,
            causation_id: id,
            time: SystemClock.now(),
            principal: "test".into(),
            owner: "test".into(),
            visibility: Visibility::default(),
            trace: None,
            policy: 0,
            outcome: None,
            next: None,
        },
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn light_work_under_way_is_finished_before_a_stop() {
    let mut bench = Bench::new();
    let system = bench.start().await;
    bench.request(&system).await;
    bench.begun.acquire().await.unwrap().forget();
    let stopped = system.shut_down(LONG);
    let leave = async { bench.leave.add_permits(1) };
    tokio::join!(stopped, leave);
    let events = bench.events().await;
    let attempted: Vec<_> = events.iter().filter(|e| e.stream.category() == "scene").collect();
    let filled = attempted.iter().find(|event| event.kind.name() == "attempt_started").unwrap();
    let written = |event: &&Recorded| event.stream == filled.stream && event.kind.name() == "scene_written";
    assert!(events.iter().any(|event| written(&event)), "{:?}", bench.kinds().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_recorded_after_a_stop_and_what_was_cut_off_is_done_by_the_next_start() {
    let mut bench = Bench::new();
    let system = bench.start().await;
    bench.request(&system).await;
    bench.begun.acquire().await.unwrap().forget();
    let host = system.host().clone();
    system.shut_down(Duration::ZERO).await;
    let head = bench.log.head().await.unwrap();
    bench.leave.add_permits(10);
    let late = PlanCommand::RemovePlan {};
    let refused =
        host.send(&"plan-late".parse().unwrap(), &late, Envelope::from_inside(host.fresh_id())).await;
    assert!(matches!(refused, Err(HostError::Stopping)), "{refused:?}");
    assert_eq!(bench.log.head().await.unwrap(), head);

    let system = bench.start().await;
    let written =
        || async { bench.kinds().await.iter().filter(|kind| *kind == "scene.scene_written.v1").count() };
    while written().await < 2 {
        tokio::task::yield_now().await;
    }
    system.shut_down(LONG).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_this_code_cannot_read_holds_nobody_else_up() {
    let mut bench = Bench::new();
    bench.log.append(strange("image-dream")).await.unwrap();
    bench.leave.add_permits(10);
    let system = bench.start().await;
    let plan = PlanCommand::RemovePlan {};
    assert!(matches!(send(&system, "plan-night", &plan).await, Err(HostError::Rejected(_))));
    until_idle(&system).await;
    let unfit = system.host().unfit();
    assert_eq!(unfit.len(), 1, "{unfit:?}");
    assert_eq!(unfit[0].0.as_str(), "image-dream");
    assert!(unfit[0].1.contains("dreamt"), "{}", unfit[0].1);
    system.shut_down(LONG).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_stream_cannot_take_is_parked_in_order_and_its_neighbours_are_told() {
    let mut bench = Bench::new();
    bench.log.append(strange("chapter-dream")).await.unwrap();
    for version in 0..2 {
        bench.log.append(closed("scene-a", "chapter-dream", version)).await.unwrap();
        bench.log.append(closed("scene-b", "chapter-awake", version)).await.unwrap();
    }
    let system = bench.start().await;
    until_idle(&system).await;
    system.shut_down(LONG).await;
    let parked = bench.log.parked("director").await.unwrap();
    let places: Vec<_> = parked.iter().map(|parked| (parked.position, parked.target.as_str())).collect();
    assert_eq!(places, [(2, "chapter-dream"), (4, "chapter-dream")]);
    assert!(parked[0].reason.contains("dreamt"), "{}", parked[0].reason);
    assert!(bench.log.inbox("director").await.unwrap() >= 5);
}

#[tokio::test]
async fn nobody_waits_for_a_model_that_is_away() {
    let mut bench = Bench::new();
    let system = bench.start().await;
    let content = &FolderStore::try_open(bench.parts[0].path()).unwrap();
    let profile = hydra_events::ContentStore::put(content, b"{\"name\":\"Mira\"}".to_vec()).await.unwrap();
    let define = CharacterCommand::DefineCharacter { name: "Mira".into(), profile, references: Vec::new() };
    send(&system, "character-mira", &define).await.unwrap();
    until_idle(&system).await;
    let owing = bench.log.streams_owing().await.unwrap();
    assert_eq!(owing.iter().map(StreamName::as_str).collect::<Vec<_>>(), ["embedding-character_mira"]);
    assert!(bench.kinds().await.contains(&"embedding.attempt_failed.v1".to_owned()));
    system.shut_down(LONG).await;
}

#[tokio::test]
async fn an_id_is_one_command_however_often_it_is_sent() {
    let mut bench = Bench::new();
    let system = bench.start().await;
    let (host, id) = (system.host(), system.host().fresh_id());
    let queue: StreamName = "cluster-main".parse().unwrap();
    let pause = |reason: &str| ClusterCommand::PauseQueue { reason: reason.to_owned() };
    let envelope = || Envelope::from_outside(id, "test");
    let first = host.send(&queue, &pause("night"), envelope()).await.unwrap();
    assert_eq!(first.events.len(), 1);
    assert_eq!(host.send(&queue, &pause("night"), envelope()).await.unwrap(), first);
    let others = [pause("day"), ClusterCommand::ResumeQueue {}];
    for other in &others {
        let reused = host.send(&queue, other, envelope()).await;
        assert!(matches!(reused, Err(HostError::IdReused(used)) if used == id), "{reused:?}");
    }
    assert_eq!(bench.kinds().await.iter().filter(|kind| kind.starts_with("cluster.queue_")).count(), 1);
    system.shut_down(LONG).await;
}
