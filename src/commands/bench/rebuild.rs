//! A view built anew from a long log, beside the bare writing of the rows it ends with, and beside what comes before any
//! store: reading the log and folding it.

mod rows;
mod seeded;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, ensure};
use async_trait::async_trait;
use hydra_bench::BenchError;
use hydra_bench::contest::Contest;
use hydra_bench::machine::cpu_us;
use hydra_bench::rows::{Place, Table};
use hydra_bench::sample::{Calls, Sample, Span};
use hydra_projections::batch::Batch;
use hydra_projections::view::View;
#[cfg(feature = "full")]
use hydra_projections::{Neo4jOptions, QdrantOptions};
use hydra_projections::{REBUILD_PAGE, Rebuild, Stores, VIEWS, rebuild};

#[cfg(feature = "full")]
use crate::backends;
pub use seeded::{Seed, Seeded};

/// Events a second.
const EVENTS: &str = "events_per_s";
/// Rows that changes were written to, over those there are at the end: one that several pages touch is written as often.
const WRITES: &str = "writes_per_row";

/// One view in one store.
pub struct Rebuilding {
    view: &'static View,
    place: Place,
    seed: Seed,
    ready: Option<Ready>,
}

#[derive(Clone)]
struct Ready {
    seeded: Seeded,
    tables: Arc<[Table]>,
    rows: u64,
}

impl Rebuilding {
    /// The view called `name` in `place`, over a log that is made when it is first wanted.
    pub fn try_new(name: &str, place: Place, seed: Seed) -> Result<Self> {
        let view = VIEWS.into_iter().find(|view| view.name == name);
        let view = view.ok_or_else(|| anyhow!("no view is called {name}"))?;
        Ok(Self { view, place, seed, ready: None })
    }

    async fn ready(&mut self) -> Result<Ready> {
        if let Some(ready) = &self.ready {
            return Ok(ready.clone());
        }
        let seeded = self.seed.get().await?.clone();
        let tables = rows::of(&seeded.stores, self.view, &self.place).await?;
        let rows = tables.iter().map(|table| table.rows.len() as u64).sum();
        ensure!(rows > 0, "{} events come to no row of {}", seeded.head, self.view.name);
        Ok(self.ready.insert(Ready { seeded, tables, rows }).clone())
    }

    /// The view, from nothing to the end of the log, in a place of its own.
    async fn rebuilt(&self, Ready { seeded, rows, .. }: Ready) -> Result<Sample> {
        let (stores, folder) = stores(&self.place)?;
        let pages = Mutex::new((Instant::now(), Calls::default()));
        let told = |_| {
            let (since, calls) = &mut *pages.lock().unwrap_or_else(PoisonError::into_inner);
            calls.note(since.elapsed());
            *since = Instant::now();
        };
        let (begun, before) = (Instant::now(), cpu_us()?);
        let log = Arc::clone(&seeded.log);
        let built = rebuild(log, &stores, self.view.name, Rebuild::default(), &told).await?;
        let (secs, cpu) = (begun.elapsed().as_secs_f64(), cpu_us()? - before);
        ensure!(built.events == seeded.head, "it ended at {} of {}", built.events, seeded.head);
        drop(stores);
        self.place.clear().await?;
        folder.map_or(Ok(()), std::fs::remove_dir_all)?;
        let (_, calls) = pages.into_inner().unwrap_or_else(PoisonError::into_inner);
        let events = seeded.head as f64;
        let sample = Sample::new(rows, secs, calls).with(EVENTS, events / secs);
        Ok(sample.with("cpu_us_per_event", cpu / events))
    }

    /// All of it but the store, in pages as large as those of a rebuild.
    async fn folded(&self, Ready { seeded, rows, .. }: Ready) -> Result<Sample> {
        let (begun, mut calls, mut folding) = (Instant::now(), Calls::default(), Duration::ZERO);
        let (mut after, mut writes) = (0, 0);
        loop {
            let since = Instant::now();
            let page = seeded.log.read(after, REBUILD_PAGE).await?;
            let Some(last) = page.last() else { break };
            let (view, id, end, read) = (self.view, seeded.log.id(), last.position, Instant::now());
            let fold = move || Batch::fold(view, id, after, &page, end);
            let batch = tokio::task::spawn_blocking(fold).await?;
            folding += read.elapsed();
            writes += batch.keys().values().map(Vec::len).sum::<usize>();
            after = end;
            calls.note(since.elapsed());
        }
        let (secs, events) = (begun.elapsed().as_secs_f64(), seeded.head as f64);
        let sample = Sample::new(rows, secs, calls).with(EVENTS, events / secs);
        let sample = sample.with("fold_alone_events_per_s", events / folding.as_secs_f64());
        Ok(sample.with(WRITES, writes as f64 / rows as f64))
    }

    async fn measure(&mut self, side: usize) -> Result<Sample> {
        let ready = self.ready().await?;
        match side {
            0 => self.rebuilt(ready).await,
            1 => Ok(self.place.load(&ready.tables).await?),
            _ => self.folded(ready).await,
        }
    }
}

#[async_trait]
impl Contest for Rebuilding {
    fn sides(&self) -> &'static [&'static str] {
        &["hydra", "load", "fold"]
    }

    async fn run(&mut self, side: usize, _: Span) -> Result<Sample, BenchError> {
        let measured = Box::pin(self.measure(side)).await;
        measured.map_err(|error| BenchError::World { what: "building a view anew", source: error.into() })
    }

    fn note(&self) -> Option<String> {
        let Ready { seeded, rows, .. } = self.ready.as_ref()?;
        let (head, how) = (seeded.head, self.place.how());
        Some(format!("{head} events, {rows} rows at the end, which the rates count; load: {how}"))
    }
}

/// Every view in `place`, where nothing of it is yet, and the folder to remove afterwards if there is one.
fn stores(place: &Place) -> Result<(Stores, Option<PathBuf>)> {
    #[cfg(feature = "full")]
    let elsewhere = |store| Ok((Stores::all_in(store), None));
    match place {
        Place::Sqlite(scratch) => {
            let folder = scratch.folder()?;
            Ok((Stores::embedded(&folder.join("views.db"))?, Some(folder)))
        }
        #[cfg(feature = "full")]
        Place::Postgres(server) => elsewhere(backends::postgres_views(&server.log_url(&server.fresh()))?),
        #[cfg(feature = "full")]
        Place::Redis(server) => elsewhere(backends::redis_views(&server.fresh_url())?),
        #[cfg(feature = "full")]
        Place::Neo4j(server) => {
            let (url, user, password) = server.fresh_place();
            elsewhere(backends::neo4j_views(&Neo4jOptions { url, user, password })?)
        }
        #[cfg(feature = "full")]
        Place::Qdrant(server) => {
            let (url, api_key) = server.fresh_place();
            elsewhere(backends::qdrant_views(&QdrantOptions { url, api_key })?)
        }
    }
}
