//! The embedded store: one SQLite file with real tables, where rows and checkpoint change in one transaction.
//!
//! A generation that is not live has tables of its own, with a suffix. What can go wrong: the file is removed or replaced
//! while it is open; whoever uses it next finds the new one.
//!
//! What is over stays in its table until a later batch removes it, and is not shown.

mod file;
mod graph;
mod nearest;
mod read;
mod shape;
mod write;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use hydra_events::clock::SystemClock;
use hydra_events::{Clock, Id};
use rusqlite::{Connection, ErrorCode};

use super::graph::{Graph, Link};
use super::{Applied, Checkpoint, Found, Generation, StoreError, ViewStore, Which};
use crate::batch::{Batch, Quarantined};
use crate::likeness::{Nearest, NearestFound, VectorSearch};
use crate::view::{Table, View};

use file::{File, Place, Side};

/// Views in a SQLite file. Cheap to clone.
#[derive(Clone)]
pub struct SqliteStore {
    file: Arc<File>,
    clock: Arc<dyn Clock>,
}

impl SqliteStore {
    /// Opens the store at `path` for writing, making it if need be.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Self::at(Place::Kept(path.to_owned()))
    }

    /// The existing store at `path`, for reading beside its writer.
    pub fn open_reader(path: &Path) -> Result<Self, StoreError> {
        Self::at(Place::Beside(path.to_owned()))
    }

    /// A store that lives as long as this value.
    pub fn in_memory() -> Result<Self, StoreError> {
        Self::at(Place::Memory)
    }

    /// The same, which shows what is not over by `clock` instead of the machine's.
    pub fn judged_by(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    fn at(place: Place) -> Result<Self, StoreError> {
        Ok(Self { file: Arc::new(File::open(place)?), clock: Arc::new(SystemClock) })
    }

    /// `error`, where it is about a value and not about the file, as one of a value.
    fn told(&self, error: StoreError) -> StoreError {
        let StoreError::Sqlite(source) = error else { return error };
        if !is_unfit(&source) {
            return StoreError::Sqlite(source);
        }
        StoreError::Unfit { store: self.shown(), source: source.into() }
    }

    async fn on<T, F>(&self, side: Side, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let file = Arc::clone(&self.file);
        let done = tokio::task::spawn_blocking(move || file.with(side, work));
        done.await.map_err(|_| StoreError::Ended)?
    }
}

fn is_unfit(error: &rusqlite::Error) -> bool {
    let code = error.sqlite_error_code();
    matches!(code, Some(ErrorCode::TooBig | ErrorCode::TypeMismatch | ErrorCode::ConstraintViolation))
}

#[async_trait]
impl ViewStore for SqliteStore {
    fn shown(&self) -> String {
        self.file.shown()
    }

    fn vectors(&self) -> Option<&dyn VectorSearch> {
        Some(self)
    }

    fn graph(&self) -> Option<&dyn Graph> {
        Some(self)
    }

    fn is_own(&self) -> bool {
        true
    }

    async fn checkpoint(
        &self,
        view: &'static View,
        generation: Generation,
    ) -> Result<Option<Checkpoint>, StoreError> {
        self.on(Side::Reader, move |connection| read::checkpoint(connection, view, generation)).await
    }

    async fn reset(&self, view: &'static View, generation: Generation, log: Id) -> Result<(), StoreError> {
        self.on(Side::Writer, move |connection| shape::reset(connection, view, generation, log)).await
    }

    async fn apply(
        &self,
        view: &'static View,
        generation: Generation,
        batch: Batch,
    ) -> Result<Applied, StoreError> {
        let applied =
            self.on(Side::Writer, move |connection| write::apply(connection, view, generation, batch));
        applied.await.map_err(|error| self.told(error))
    }

    async fn rows(
        &self,
        view: &'static View,
        generation: Generation,
        table: &'static Table,
        which: Which,
    ) -> Result<Found, StoreError> {
        let now = self.clock.now();
        self.on(Side::Reader, move |connection| read::rows(connection, view, generation, table, which, now))
            .await
    }

    async fn quarantined(
        &self,
        view: &'static View,
        generation: Generation,
    ) -> Result<Vec<Quarantined>, StoreError> {
        self.on(Side::Reader, move |connection| read::quarantined(connection, view, generation)).await
    }

    async fn switch(&self, view: &'static View) -> Result<Applied, StoreError> {
        self.on(Side::Writer, move |connection| shape::switch(connection, view)).await
    }

    async fn roll_back(&self, view: &'static View) -> Result<(), StoreError> {
        self.on(Side::Writer, move |connection| shape::roll_back(connection, view)).await
    }

    async fn discard(&self, view: &'static View, generation: Generation) -> Result<(), StoreError> {
        self.on(Side::Writer, move |connection| shape::discard(connection, view, generation)).await
    }
}

#[async_trait]
impl VectorSearch for SqliteStore {
    async fn nearest(
        &self,
        view: &'static View,
        generation: Generation,
        table: &'static Table,
        asked: Nearest,
    ) -> Result<NearestFound, StoreError> {
        self.on(Side::Reader, move |connection| nearest::nearest(connection, view, generation, table, &asked))
            .await
    }
}

#[async_trait]
impl Graph for SqliteStore {
    async fn neighbours(&self, view: &'static View, node: &str) -> Result<Vec<Link>, StoreError> {
        let node = node.to_owned();
        self.on(Side::Reader, move |connection| graph::neighbours(connection, view, &node)).await
    }

    async fn path(&self, view: &'static View, from: &str, to: &str) -> Result<Option<Vec<Link>>, StoreError> {
        let (from, to) = (from.to_owned(), to.to_owned());
        self.on(Side::Reader, move |connection| graph::path(connection, view, &from, &to)).await
    }

    async fn provenance(&self, view: &'static View, node: &str) -> Result<Vec<Link>, StoreError> {
        let node = node.to_owned();
        self.on(Side::Reader, move |connection| graph::provenance(connection, view, &node)).await
    }
}
