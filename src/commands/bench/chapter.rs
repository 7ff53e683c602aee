//! Whole chapters with engines that answer at once: what Hydra itself costs.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use async_trait::async_trait;
use hydra_bench::BenchError;
use hydra_bench::contest::{Contest, Target};
#[cfg(feature = "full")]
use hydra_bench::jetstream::Nats;
use hydra_bench::log::{Shape, Store};
use hydra_bench::machine::{cpu_us, peak_rss_mb};
#[cfg(feature = "full")]
use hydra_bench::postgres::Server;
use hydra_bench::sample::{Calls, Sample, Span};
use hydra_bench::scratch::Scratch;
use hydra_events::vocabulary::chapter::Fill;

use super::{instant, screenplay};
use crate::app::{self, App};
use crate::commands::produce::{self, Stand, request};
use crate::config::Config;
#[cfg(feature = "full")]
use crate::config::{BusPlace, LogPlace, NatsPlace};
use crate::data_folder::DataFolder;
use crate::input;

/// Microseconds of processor time of this process for each event.
const CPU: &str = "cpu_us_per_event";

/// Where chapters are made.
pub struct Chapters {
    /// The folder.
    pub scratch: Scratch,
    /// The log's server, unless the log is in the folder.
    #[cfg(feature = "full")]
    pub postgres: Option<Server>,
    /// The bus's server, unless the bus is in the process.
    #[cfg(feature = "full")]
    pub nats: Option<(Nats, NatsPlace)>,
}

impl Chapters {
    /// Makes the chapter of `file` from nothing.
    async fn make(&self, file: &Path) -> Result<Sample, BenchError> {
        let made = Box::pin(self.produce(file)).await;
        made.map_err(|error| BenchError::World { what: "producing a chapter", source: error.into() })
    }

    async fn produce(&self, file: &Path) -> Result<Sample> {
        let understood = input::read(file, None)?;
        understood.refuse_errors()?;
        let wish = request::Wish { fill: Fill::No, candidates: 1 };
        let root = self.scratch.folder()?;
        let folder = DataFolder::with(&root, self.config());
        let (begun, before) = (Instant::now(), cpu_us()?);
        let app = App::open_with(&folder, "hydra bench produce", app::slots(app::kinds()), instant::engines)
            .await?;
        let first_event_ms = begun.elapsed().as_secs_f64() * 1000.0;
        app.send_all(request::commands(&app.backends().content, &understood, wish).await?).await?;
        let stand = produce::finish(&app, &understood.chapter, false).await?;
        ensure!(matches!(stand, Stand::Completed), "the chapter was not completed");
        let events = app.head().await?;
        let (elapsed, cpu) = (begun.elapsed(), cpu_us()? - before);
        app.close().await?;
        fs::remove_dir_all(root)?;
        let mut calls = Calls::default();
        calls.note(elapsed);
        let sample = Sample::new(events, elapsed.as_secs_f64(), calls);
        let sample = sample.with(CPU, cpu / events.max(1) as f64).with("first_event_ms", first_event_ms);
        Ok(sample.with("events", events as f64).with("peak_rss_mb", peak_rss_mb()?))
    }

    /// What is kept elsewhere than in the folder, in places of its own.
    #[cfg(feature = "full")]
    pub fn config(&self) -> Config {
        let mut config = Config::embedded();
        if let Some(server) = &self.postgres {
            config.log = LogPlace::Postgres(server.log_url(&server.fresh()));
        }
        if let Some((nats, place)) = &self.nats {
            config.bus = BusPlace::Nats(NatsPlace { prefix: Some(nats.fresh()), ..place.clone() });
        }
        config
    }

    /// What is kept elsewhere than in the folder: nothing.
    #[cfg(not(feature = "full"))]
    pub fn config(&self) -> Config {
        Config::embedded()
    }
}

/// Makes chapters of these names and screenplays at once, and waits until all of them are complete.
pub async fn finish(app: &App, chapters: &[(String, String)]) -> Result<()> {
    let (wish, mut begun) = (request::Wish { fill: Fill::No, candidates: 1 }, Vec::new());
    for (name, text) in chapters {
        let file = PathBuf::from(format!("{name}.fountain"));
        let understood = input::understand(file, text.clone(), None, None)?;
        understood.refuse_errors()?;
        app.send_all(request::commands(&app.backends().content, &understood, wish).await?).await?;
        begun.push(understood.chapter);
    }
    for chapter in begun {
        let stand = produce::finish(app, &chapter, false).await?;
        ensure!(matches!(stand, Stand::Completed), "the chapter {chapter} was not completed");
    }
    Ok(())
}

/// One chapter, beside plain INSERTs of a synced SQLite file.
pub struct Chapter {
    chapters: Chapters,
    file: PathBuf,
}

impl Chapter {
    /// The chapter of `file`.
    pub fn try_new(chapters: Chapters, file: PathBuf) -> Result<Self> {
        fs::metadata(&file).with_context(|| {
            crate::exit::BadInput(format!(
                "there is no screenplay {}: name one behind `produce`",
                file.display()
            ))
        })?;
        Ok(Self { chapters, file })
    }
}

#[async_trait]
impl Contest for Chapter {
    fn sides(&self) -> &'static [&'static str] {
        &["hydra", "insert"]
    }

    async fn run(&mut self, side: usize, span: Span) -> Result<Sample, BenchError> {
        if side == 0 {
            return self.chapters.make(&self.file).await;
        }
        let before = cpu_us()?;
        let folder = self.chapters.scratch.folder()?;
        let sample = hydra_bench::sqlite::inserts(&folder, Shape { writers: 1, batch: 1 }, span).await?;
        Store::Sqlite(self.chapters.scratch.clone()).remove(hydra_bench::log::Place::Folder(folder)).await?;
        // The warm-up costs as much a second as the rest.
        let counted = span.measured.as_secs_f64() / (span.measured + span.warm_up).as_secs_f64();
        let cpu = (cpu_us()? - before) * counted / sample.ops.max(1) as f64;
        Ok(sample.with(CPU, cpu))
    }

    fn note(&self) -> Option<String> {
        Some(format!("{}; p50 and p99 of hydra are those of the whole chapter", self.file.display()))
    }
}

/// Chapters of different length: an event must cost the same in all of them.
pub struct Growth {
    chapters: Chapters,
    scenes: u32,
}

impl Growth {
    /// Up to `scenes` scenes.
    pub fn new(chapters: Chapters, scenes: u32) -> Self {
        Self { chapters, scenes }
    }

    fn scenes(&self, side: usize) -> u32 {
        let parts = [1, 10, 100];
        (self.scenes / parts.get(side).copied().unwrap_or(1)).max(1)
    }
}

#[async_trait]
impl Contest for Growth {
    fn sides(&self) -> &'static [&'static str] {
        &["longest", "a-tenth", "a-hundredth"]
    }

    fn targets(&self) -> &'static [Target] {
        &[Target::Extra { name: CPU, of: 2, at_most: 1.2 }]
    }

    async fn run(&mut self, side: usize, _: Span) -> Result<Sample, BenchError> {
        let world = |error: Box<dyn std::error::Error + Send + Sync>| BenchError::World {
            what: "writing a screenplay",
            source: error,
        };
        let text = screenplay::of("Long", self.scenes(side)).map_err(|error| world(error.into()))?;
        let folder = self.chapters.scratch.folder()?;
        let file = folder.join("long.fountain");
        fs::write(&file, text).map_err(|error| world(error.into()))?;
        let sample = self.chapters.make(&file).await?;
        Ok(sample.with("scenes", f64::from(self.scenes(side))))
    }

    fn note(&self) -> Option<String> {
        Some(format!("{} scenes, a tenth and a hundredth of them, three lines a scene", self.scenes))
    }
}
