//! What a chapter will want, found by planning and writing it for real against a store in memory: the Director's and the
//! Writer's own work, of which nothing is kept.
//!
//! What can go wrong is what would go wrong when it is produced, with the same words.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result, bail};
use async_trait::async_trait;
use hydra_actors::director::chapter::{Chapter, PlanChapter};
use hydra_actors::director::plan::CastDocument;
use hydra_actors::perform::{Job, Perform};
use hydra_actors::ports::{Forgetful, PortError, Ports, Reporter};
use hydra_actors::writer::scene::{Scene, Write};
use hydra_connectors::adapters::{
    PlaceholderAuthor, StudioEmbedder, StudioPainter, StudioScorer, StudioSpeaker,
};
use hydra_connectors::calendar::CronCalendar;
use hydra_connectors::speech::BlipEngine;
use hydra_events::clock::SystemClock;
use hydra_events::content::ContentError;
use hydra_events::record::Position;
use hydra_events::vocabulary::chapter::{ChapterCommand, ChapterSource, Fill, PlannedScene};
use hydra_events::vocabulary::scene::SceneCommand;
use hydra_events::vocabulary::terms::{ShownKind, WantedImage, WantedLine};
use hydra_events::{ContentHash, ContentStore, StreamName};

use crate::input::{self, Understood};

/// What will be made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// Pictures of places, candidates included.
    pub backgrounds: usize,
    /// Pictures of people, candidates included.
    pub busts: usize,
    /// Recordings.
    pub lines: usize,
    /// Lines that would be placeholders.
    pub placeholders: usize,
}

/// Plans and writes the chapter, and counts what its scenes ask for.
///
/// # Errors
/// What the Director or the Writer says of it; a reference picture that cannot be read.
pub async fn expect(understood: &Understood, fill: Fill, candidates: u32) -> Result<Expected> {
    let ports = ports();
    let mut wanted = Wanted::default();
    for planned in plan(&ports, understood, fill, candidates).await? {
        wanted.write(&ports, planned).await?;
    }
    Ok(wanted.counted())
}

async fn plan(
    ports: &Ports,
    understood: &Understood,
    fill: Fill,
    candidates: u32,
) -> Result<Vec<PlannedScene>> {
    let mut blobs = BTreeMap::new();
    for (file, bytes) in input::reference_files(&understood.profiles, understood.cast_file.as_deref())? {
        blobs.insert(file, ports.content.put(bytes).await?);
    }
    let cast = ports.keep(&CastDocument::of(&understood.profiles, &blobs)).await?;
    let screenplay = ports.content.put(understood.text.clone().into_bytes()).await?;
    let source = ChapterSource { stem: understood.stem.clone(), screenplay, cast, fill, candidates };
    let effect = PlanChapter { title: understood.script.title.clone(), source };
    let job = Job { stream: StreamName::try_new("chapter", &understood.chapter)?, effect: "plan".into() };
    match Chapter::perform(ports.clone(), effect, job).await.context("the chapter cannot be planned")? {
        ChapterCommand::AcceptPlan { scenes, .. } => Ok(scenes),
        ChapterCommand::RequestChapter { .. }
        | ChapterCommand::RecordScene { .. }
        | ChapterCommand::CancelChapter { .. } => bail!("the Director came to no plan"),
    }
}

/// What the scenes want, each picture and line once.
#[derive(Default)]
struct Wanted {
    images: BTreeMap<StreamName, WantedImage>,
    lines: BTreeSet<StreamName>,
    placeholders: usize,
}

impl Wanted {
    async fn write(&mut self, ports: &Ports, planned: PlannedScene) -> Result<()> {
        let job = Job { stream: planned.scene.clone(), effect: "write".into() };
        let told = || format!("{} cannot be written", planned.scene);
        let effect = Write { spec: planned.spec };
        match Scene::perform(ports.clone(), effect, job).await.with_context(told)? {
            SceneCommand::AcceptScript { images, lines, placeholders, .. } => {
                self.images.extend(images.into_iter().map(|wanted| (wanted.image.clone(), wanted)));
                self.lines.extend(lines.into_iter().map(|WantedLine { line, .. }| line));
                self.placeholders += placeholders as usize;
                Ok(())
            }
            SceneCommand::WriteScene { .. }
            | SceneCommand::RecordSupply { .. }
            | SceneCommand::CancelScene { .. } => bail!("the Writer came to no script"),
        }
    }

    fn counted(&self) -> Expected {
        let of = |kind| self.images.values().filter(|wanted| wanted.shows.kind == kind).count();
        Expected {
            backgrounds: of(ShownKind::Background),
            busts: of(ShownKind::Bust),
            lines: self.lines.len(),
            placeholders: self.placeholders,
        }
    }
}

/// The studio over a store in memory. Planning and writing ask none of its heavy engines.
fn ports() -> Ports {
    Ports {
        content: Arc::new(Memory::default()),
        clock: Arc::new(SystemClock),
        painter: Arc::new(StudioPainter),
        scorer: Arc::new(StudioScorer),
        speaker: Arc::new(StudioSpeaker::Blip(BlipEngine)),
        author: Arc::new(PlaceholderAuthor),
        embedder: Arc::new(StudioEmbedder),
        recall: Arc::new(Forgetful),
        reporter: Arc::new(NoReport),
        calendar: Arc::new(CronCalendar),
    }
}

/// There is no run to report on.
struct NoReport;

#[async_trait]
impl Reporter for NoReport {
    async fn report(&self, chapter: &StreamName, _: Position) -> Result<String, PortError> {
        Err(PortError::permanent(format!("{chapter} was not produced: there is nothing to report")))
    }
}

/// Blobs for as long as the process runs. What is put here is bounded by the screenplay and its reference pictures.
#[derive(Default)]
struct Memory(Mutex<BTreeMap<ContentHash, Vec<u8>>>);

impl Memory {
    fn blobs(&self) -> MutexGuard<'_, BTreeMap<ContentHash, Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl ContentStore for Memory {
    async fn put(&self, bytes: Vec<u8>) -> Result<ContentHash, ContentError> {
        let hash = ContentHash::of(&bytes);
        self.blobs().insert(hash, bytes);
        Ok(hash)
    }

    async fn get(&self, hash: ContentHash) -> Result<Vec<u8>, ContentError> {
        self.blobs().get(&hash).cloned().ok_or(ContentError::Missing(hash))
    }

    async fn contains(&self, hash: ContentHash) -> Result<bool, ContentError> {
        Ok(self.blobs().contains_key(&hash))
    }

    async fn remove(&self, hash: ContentHash) -> Result<(), ContentError> {
        self.blobs().remove(&hash);
        Ok(())
    }

    fn place(&self, hash: ContentHash) -> String {
        format!("{hash} in memory")
    }
}
