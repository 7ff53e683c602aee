//! A start over a long log: from nothing until a command is answered, and until everything that owes is loaded.

use std::time::Instant;

use anyhow::{Context, Result, ensure};
use async_trait::async_trait;
use hydra_actors::desk::Slots;
use hydra_actors::host::policy_stream;
use hydra_actors::policy::PolicyKey;
use hydra_actors::registry::ACTORS;
use hydra_bench::BenchError;
use hydra_bench::contest::{Contest, Target};
use hydra_bench::dataset;
use hydra_bench::sample::{Calls, Sample, Span};
use hydra_events::vocabulary::policy::PolicyCommand;

use super::chapter::Chapters;
use super::instant;
use crate::app::App;
use crate::backends::{self, Access, Backends};
use crate::data_folder::DataFolder;

/// Milliseconds until the first command is answered.
const SERVING: &str = "serving_ms";
/// Milliseconds until every stream that owes something is loaded.
const LOADED: &str = "owing_loaded_ms";

/// The cell.
pub struct Start {
    chapters: Chapters,
    events: u64,
    filled: Option<DataFolder>,
    starts: u32,
}

impl Start {
    /// Over a log of `events` events, written when it is first wanted.
    pub fn new(chapters: Chapters, events: u64) -> Self {
        // A bus that keeps events would have to be given all of them first.
        #[cfg(feature = "full")]
        let chapters = Chapters { nats: None, ..chapters };
        Self { chapters, events, filled: None, starts: 0 }
    }

    async fn measure(&mut self) -> Result<Sample> {
        let folder = match &self.filled {
            Some(folder) => folder.clone(),
            None => {
                let folder = self.fill().await?;
                // The first start queues the work that is owed: all others find it queued.
                self.start(&folder).await?;
                self.filled.insert(folder).clone()
            }
        };
        self.start(&folder).await
    }

    /// A data folder as a Hydra that was stopped leaves it: views and inboxes are at the head of the log.
    async fn fill(&self) -> Result<DataFolder> {
        let folder = DataFolder::with(&self.chapters.scratch.folder()?, self.chapters.config());
        let Backends { log, checkpoints, .. } = Backends::open(&folder).await?;
        dataset::fill(&log, self.events).await?;
        let head = log.head().await?;
        for actor in ACTORS {
            checkpoints.save_inbox(actor, head, Vec::new()).await?;
        }
        let views = hydra_projections::caught_up(log, backends::views(&folder, Access::Keeping)?).await?;
        let stopped = views.stands().await.into_values().find(|stand| stand.position != head);
        ensure!(stopped.is_none(), "the views stopped before {head}: {stopped:?}");
        Ok(folder)
    }

    /// Opens everything as `hydra up` does, but for slots: what is owed is queued, and nobody takes it up.
    async fn start(&mut self, folder: &DataFolder) -> Result<Sample> {
        self.starts += 1;
        let begun = Instant::now();
        let app = App::open_with(folder, "hydra bench start", Slots::new(), instant::engines).await?;
        let key = PolicyKey::DropAfterHours.facts();
        let value = key.default + f64::from(self.starts);
        let command = PolicyCommand::SetPolicy { key: key.name.to_owned(), value };
        let events = app.send(&policy_stream()?, &command).await?.events;
        let serving = begun.elapsed();
        ensure!(events.len() == 1, "the first command led to {} events", events.len());
        let owing = app.backends().log.streams_owing().await?;
        for stream in &owing {
            app.system().host().look(stream).await.with_context(|| format!("{stream} was not loaded"))?;
        }
        let (loaded, head) = (begun.elapsed(), app.head().await?);
        app.close().await?;
        let mut calls = Calls::default();
        calls.note(serving);
        let sample = Sample::new(1, serving.as_secs_f64(), calls).with("events", head as f64);
        let sample = sample.with(SERVING, serving.as_secs_f64() * 1000.0).with("owing", owing.len() as f64);
        Ok(sample.with(LOADED, loaded.as_secs_f64() * 1000.0))
    }
}

#[async_trait]
impl Contest for Start {
    fn sides(&self) -> &'static [&'static str] {
        &["hydra"]
    }

    fn targets(&self) -> &'static [Target] {
        &[Target::Bound { name: SERVING, at_most: 2_000.0 }, Target::Bound { name: LOADED, at_most: 2_000.0 }]
    }

    async fn run(&mut self, _: usize, _: Span) -> Result<Sample, BenchError> {
        let measured = Box::pin(self.measure()).await;
        measured.map_err(|error| BenchError::World { what: "starting over a long log", source: error.into() })
    }

    fn note(&self) -> Option<String> {
        Some("log, views and host opened, until the first command is answered".to_owned())
    }
}
