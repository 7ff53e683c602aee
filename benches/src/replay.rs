//! Reading the whole log: in order, into records; beside the same bytes read without Hydra, and folded by the deciders.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use hydra_events::log::PAGE_EVENTS_MAX;
use hydra_events::record::Recorded;
use hydra_events::{EventLog, StreamName};

use crate::contest::{Contest, Target};
use crate::log::{Made, Place, Store};
use crate::sample::{Calls, Sample, Span};
use crate::{BenchError, dataset, sqlite};

/// A log that was filled once, and what is read beside it.
pub struct Filled {
    store: Store,
    events: u64,
    ready: Option<Ready>,
}

struct Ready {
    log: Arc<dyn EventLog>,
    raw: Place,
}

impl Filled {
    /// `events` events in `store`, written when they are first wanted.
    pub fn new(store: Store, events: u64) -> Self {
        Self { store, events, ready: None }
    }

    async fn ready(&mut self) -> Result<&Ready, BenchError> {
        if self.ready.is_none() {
            let Made { log, place, .. } = self.store.open().await?;
            dataset::fill(&log, self.events).await?;
            let raw = self.fill_raw(&place).await?;
            self.ready = Some(Ready { log, raw });
        }
        self.ready.as_ref().ok_or_else(|| BenchError::Wrong("the log was not filled".to_owned()))
    }

    async fn fill_raw(&self, log: &Place) -> Result<Place, BenchError> {
        match (&self.store, log) {
            (Store::Sqlite(scratch), Place::Folder(folder)) => {
                let raw = scratch.folder()?;
                sqlite::fill(&raw, &folder.join("log.db")).await?;
                Ok(Place::Folder(raw))
            }
            #[cfg(feature = "full")]
            (Store::Postgres(server), Place::Schema(log)) => {
                let schema = server.fresh();
                crate::postgres::fill(server, &schema, log).await?;
                Ok(Place::Schema(schema))
            }
            (_, _) => Err(BenchError::Wrong("the log is elsewhere than its store".to_owned())),
        }
    }

    /// The filled log.
    ///
    /// # Errors
    /// When it cannot be filled.
    pub async fn log(&mut self) -> Result<Arc<dyn EventLog>, BenchError> {
        Ok(Arc::clone(&self.ready().await?.log))
    }

    /// Reads everything through the public log.
    ///
    /// # Errors
    /// When the log fails, or a position is missing.
    pub async fn replay(&mut self) -> Result<Sample, BenchError> {
        let log = self.log().await?;
        read_all(&log, |_| Ok(())).await
    }

    async fn raw(&mut self, _copy: bool) -> Result<Sample, BenchError> {
        let raw = self.ready().await?.raw.clone();
        match (&self.store, &raw) {
            (_, Place::Folder(folder)) => sqlite::select(folder).await,
            #[cfg(feature = "full")]
            (Store::Postgres(server), Place::Schema(schema)) if _copy => {
                crate::postgres::copy(server, schema).await
            }
            #[cfg(feature = "full")]
            (Store::Postgres(server), Place::Schema(schema)) => crate::postgres::select(server, schema).await,
            (_, Place::Schema(_)) => Err(BenchError::Wrong("the log is elsewhere than its store".to_owned())),
        }
    }
}

/// Reads the whole of `log`, handing on each page.
///
/// # Errors
/// When the log fails, a position is missing, or `use_page` does.
pub async fn read_all(
    log: &Arc<dyn EventLog>,
    mut use_page: impl FnMut(&[Recorded]) -> Result<(), BenchError>,
) -> Result<Sample, BenchError> {
    let (begun, mut calls, mut after) = (Instant::now(), Calls::default(), 0);
    loop {
        let since = Instant::now();
        let page = log.read(after, PAGE_EVENTS_MAX).await?;
        let Some(last) = page.last() else { break };
        if last.position != after + page.len() as u64 {
            return Err(BenchError::Wrong(format!("{} follows {after} after a gap", last.position)));
        }
        after = last.position;
        use_page(&page)?;
        calls.note(since.elapsed());
    }
    Ok(Sample::new(after, begun.elapsed().as_secs_f64(), calls))
}

/// Replay beside the bare reading of the same bytes.
pub struct Replay(pub Filled);

#[async_trait]
impl Contest for Replay {
    fn sides(&self) -> &'static [&'static str] {
        match self.0.store {
            Store::Sqlite(_) => &["hydra", "select"],
            #[cfg(feature = "full")]
            Store::Postgres(_) => &["hydra", "select", "copy"],
        }
    }

    fn targets(&self) -> &'static [Target] {
        match self.0.store {
            Store::Sqlite(_) => &[],
            #[cfg(feature = "full")]
            Store::Postgres(_) => {
                &[Target::Rate { of: 1, at_least: 0.95 }, Target::Rate { of: 2, at_least: 0.80 }]
            }
        }
    }

    async fn run(&mut self, side: usize, _: Span) -> Result<Sample, BenchError> {
        match side {
            0 => self.0.replay().await,
            side => self.0.raw(side == 2).await,
        }
    }

    fn note(&self) -> Option<String> {
        let read = "read once from beginning to end a round; p50 and p99 are those of 5,000 rows";
        Some(format!("{} events, {read}", self.0.events))
    }
}

/// A stream's state, whatever folds it.
pub trait Folding: Send {
    /// Folds an event in.
    ///
    /// # Errors
    /// When it cannot be read.
    fn evolve(&mut self, event: &Recorded) -> Result<(), BenchError>;
}

/// A state for a stream of a category; `None` where none is known.
pub type Fresh = fn(&str) -> Option<Box<dyn Folding>>;

/// The whole log folded by the deciders, beside its mere replay.
pub struct Fold {
    /// The log.
    pub log: Filled,
    /// What folds it.
    pub fresh: Fresh,
}

#[async_trait]
impl Contest for Fold {
    fn sides(&self) -> &'static [&'static str] {
        &["hydra", "replay"]
    }

    fn targets(&self) -> &'static [Target] {
        &[Target::Rate { of: 1, at_least: 0.6 }]
    }

    async fn run(&mut self, side: usize, _: Span) -> Result<Sample, BenchError> {
        if side > 0 {
            return self.log.replay().await;
        }
        let (log, fresh) = (self.log.log().await?, self.fresh);
        let mut streams: HashMap<StreamName, Box<dyn Folding>> = HashMap::new();
        read_all(&log, |page| page.iter().try_for_each(|event| fold(&mut streams, fresh, event))).await
    }
}

fn fold(
    streams: &mut HashMap<StreamName, Box<dyn Folding>>,
    fresh: Fresh,
    event: &Recorded,
) -> Result<(), BenchError> {
    if let Some(state) = streams.get_mut(&event.stream) {
        return state.evolve(event);
    }
    let category = event.stream.category();
    let unknown = || BenchError::Wrong(format!("no entity is called {category}"));
    let mut state = fresh(category).ok_or_else(unknown)?;
    state.evolve(event)?;
    streams.insert(event.stream.clone(), state);
    Ok(())
}
