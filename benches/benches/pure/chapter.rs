//! A chapter made from nothing by the real host over a log in a folder, with engines that answer at once.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hydra_actors::cast;
use hydra_actors::director::plan::CastDocument;
use hydra_actors::host::{Envelope, HostParts, LIGHT_EFFECTS_MAX};
use hydra_actors::registry::{ACTORS, kinds_of};
use hydra_actors::system::System;
use hydra_bus::{Bus, LocalBus};
use hydra_events::clock::SystemClock;
use hydra_events::log::SqliteLog;
use hydra_events::vocabulary::chapter::{ChapterCommand, ChapterSource, Fill};
use hydra_events::{ContentStore, EventLog, Recorded};
use tempfile::TempDir;

#[path = "../../../src/commands/bench/instant.rs"]
#[expect(dead_code, reason = "`hydra bench` needs more of it")]
mod instant;

const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples");
const CHAPTER: &str = "chapter-lighthouse";
const EVENTS_MAX: usize = 100_000;
const LONG: Duration = Duration::from_secs(120);
const LOOK: Duration = Duration::from_millis(10);

/// Tasks of each kind at once.
const SLOTS: u32 = 2;

/// Every event of the chapter, in order.
pub fn recorded() -> Vec<Recorded> {
    tokio::runtime::Runtime::new().unwrap().block_on(make())
}

async fn make() -> Vec<Recorded> {
    let folder = TempDir::new().unwrap();
    let url = format!("sqlite:{}", folder.path().join("log.db").display());
    let log = Arc::new(SqliteLog::open(&url, Arc::new(SystemClock)).unwrap());
    let bus: Arc<dyn Bus> = Arc::new(LocalBus::starting_at(0));
    let ports = instant::world(folder.path()).unwrap();
    let content = Arc::clone(&ports.content);
    let (node, instance) = ("here".to_owned(), "bench".to_owned());
    let parts = HostParts {
        log: log.clone(),
        checkpoints: log.clone(),
        bus,
        ports,
        node,
        instance,
        light_effects_max: LIGHT_EFFECTS_MAX,
        beside: &[],
    };
    let slots = ACTORS.into_iter().flat_map(kinds_of).map(|kind| (kind, SLOTS)).collect();
    let system = System::start(parts, slots).await.unwrap();
    let request = request(content.as_ref()).await;
    let envelope = Envelope::from_outside(system.host().fresh_id(), "bench");
    system.host().send(&CHAPTER.parse().unwrap(), &request, envelope).await.unwrap();
    tokio::time::timeout(LONG, until_idle(&system)).await.unwrap();
    system.shut_down(LONG).await;
    let events = log.read(0, EVENTS_MAX).await.unwrap();
    let reported = events.iter().any(|event| event.kind.as_str() == "report.report_compiled.v1");
    assert!(reported, "the chapter was not made");
    events
}

async fn until_idle(system: &System) {
    while !system.is_idle().await.unwrap() {
        tokio::time::sleep(LOOK).await;
    }
}

async fn request(content: &dyn ContentStore) -> ChapterCommand {
    let characters = example("lighthouse.characters.yaml");
    let profiles = cast::parse(&characters, "lighthouse.characters.yaml").unwrap().profiles;
    let cast = CastDocument::of(&profiles, &BTreeMap::new());
    let source = ChapterSource {
        stem: "lighthouse".to_owned(),
        screenplay: content.put(example("lighthouse.fountain").into_bytes()).await.unwrap(),
        cast: content.put(serde_json::to_vec(&cast).unwrap()).await.unwrap(),
        fill: Fill::No,
        candidates: 1,
    };
    ChapterCommand::RequestChapter { title: "The Lighthouse".to_owned(), source }
}

fn example(name: &str) -> String {
    std::fs::read_to_string(Path::new(EXAMPLES).join(name)).unwrap()
}
