//! The whole log folded by the deciders, and every view filled from it; beside its mere replay.

use std::time::Instant;

use async_trait::async_trait;

use hydra_actors::aggregate::Aggregate;
use hydra_actors::registry::entity;
use hydra_bench::contest::Contest;
use hydra_bench::replay::{Filled, Folding};
use hydra_bench::sample::{Calls, Sample, Span};
use hydra_bench::scratch::Scratch;
use hydra_bench::{BenchError, failed};
use hydra_events::Recorded;
use hydra_projections::Stores;

struct Stream(Box<dyn Aggregate>);

impl Folding for Stream {
    fn evolve(&mut self, event: &Recorded) -> Result<(), BenchError> {
        self.0.evolve(event).map_err(failed("folding an event"))
    }
}

/// The decider of a category, before its first event.
pub fn fresh(category: &str) -> Option<Box<dyn Folding>> {
    entity(category).map(|entity| Box::new(Stream((entity.fresh)())) as Box<dyn Folding>)
}

/// What it takes to bring empty views to the head of a log.
pub struct Project {
    /// The log.
    pub log: Filled,
    /// Where the views are made.
    pub scratch: Scratch,
}

#[async_trait]
impl Contest for Project {
    fn sides(&self) -> &'static [&'static str] {
        &["hydra", "replay"]
    }

    async fn run(&mut self, side: usize, _: Span) -> Result<Sample, BenchError> {
        if side > 0 {
            return self.log.replay().await;
        }
        let log = self.log.log().await?;
        let (head, folder) = (log.head().await?, self.scratch.folder()?);
        let (begun, mut calls) = (Instant::now(), Calls::default());
        let stores = Stores::embedded(&folder.join("views.db")).map_err(failed("opening the views"))?;
        let views = hydra_projections::caught_up(log, stores).await.map_err(failed("filling the views"))?;
        if let Some(stopped) = views.stands().await.into_values().find(|stand| stand.position != head) {
            return Err(failed("filling the views")(format!("they stopped before {head}: {stopped:?}")));
        }
        calls.note(begun.elapsed());
        std::fs::remove_dir_all(folder).map_err(failed("removing a folder of the bench"))?;
        Ok(Sample::new(head, begun.elapsed().as_secs_f64(), calls))
    }

    fn note(&self) -> Option<String> {
        Some("all views, from nothing; p50 and p99 are those of the whole".to_owned())
    }
}
