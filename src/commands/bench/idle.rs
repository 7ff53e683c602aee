//! A Hydra with nothing to do: what `hydra up` costs while it waits.

use anyhow::Result;
use async_trait::async_trait;
use hydra_bench::BenchError;
use hydra_bench::contest::{Contest, Target};
use hydra_bench::machine::{cpu_us, rss_mb};
use hydra_bench::sample::{Calls, Sample, Span};
use tokio_util::sync::CancellationToken;

use super::chapter::Chapters;
use super::{instant, screenplay};
use crate::app::{self, App};
use crate::commands::{Setting, progress, up};
use crate::data_folder::DataFolder;

/// Percent of one processor.
const CPU: &str = "cpu_percent";
/// Megabytes gained.
const GROWTH: &str = "rss_growth_mb";
/// Scenes of what was made before.
const SCENES: u32 = 3;

/// The cell.
pub struct Idle(pub Chapters);

impl Idle {
    /// Makes a chapter, and then nothing for the length of `span`.
    async fn wait(&self, span: Span) -> Result<Sample> {
        let root = self.0.scratch.folder()?;
        let data = DataFolder::with(&root, self.0.config());
        let setting = Setting { data, out: root.join("out"), json: false };
        let slots = app::slots(app::kinds());
        let app = App::open_with(&setting.data, "hydra bench idle", slots, instant::engines).await?;
        let text = screenplay::of("before", SCENES)?;
        super::chapter::finish(&app, &[("before".to_owned(), text)]).await?;
        let head = app.head().await?;
        let done = CancellationToken::new();
        let shown = progress::show(app.follow(head), done.clone());
        let sample = tokio::select! {
            sample = watch(span) => sample,
            ended = Box::pin(up::keep_folders(&setting, &app, head)) => Err(match ended {
                Ok(()) => anyhow::anyhow!("the bus was closed"),
                Err(error) => error,
            }),
            ended = app.ended() => Err(ended),
        };
        let events = app.head().await? - head;
        done.cancel();
        shown.await?;
        app.close().await?;
        std::fs::remove_dir_all(root)?;
        sample.map(|sample| sample.with("events", events as f64))
    }
}

async fn watch(span: Span) -> Result<Sample> {
    tokio::time::sleep(span.warm_up).await;
    let (cpu, rss) = (cpu_us()?, rss_mb()?);
    tokio::time::sleep(span.measured).await;
    let secs = span.measured.as_secs_f64();
    let percent = (cpu_us()? - cpu) / (secs * 1e6) * 100.0;
    let sample = Sample::new(0, secs, Calls::default()).with(CPU, percent);
    Ok(sample.with(GROWTH, rss_mb()? - rss).with("rss_mb", rss_mb()?))
}

#[async_trait]
impl Contest for Idle {
    fn sides(&self) -> &'static [&'static str] {
        &["hydra"]
    }

    fn targets(&self) -> &'static [Target] {
        &[Target::Bound { name: CPU, at_most: 1.0 }, Target::Bound { name: GROWTH, at_most: 0.5 }]
    }

    async fn run(&mut self, _: usize, span: Span) -> Result<Sample, BenchError> {
        let waited = Box::pin(self.wait(span)).await;
        waited.map_err(|error| BenchError::World { what: "doing nothing", source: error.into() })
    }

    fn note(&self) -> Option<String> {
        Some("the processor time is this process's; a minute or more says most: --secs 60".to_owned())
    }
}
