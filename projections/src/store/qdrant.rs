//! Views in Qdrant, which looks for vectors itself: one collection for each form of a view, with all that belongs to it.
//!
//! Rows, what was set aside and the checkpoint are points of the same collection, so that whoever removes it removes all
//! of them, and the server has written of any of them exactly what came first. It has no transactions. Instead every
//! point says in which turn of which writer it was written and what the row was before, and the checkpoint says which
//! turns count; all that is asked of the server is that it changes one point where that is still what it was.
//!
//! What is guaranteed by that: a batch is there at once, or never, whether or not its changes could be repeated, also
//! where its writer is killed, cut off or so slow that another one has taken its place; rows come with the checkpoint of
//! their moment, and neither waits for the other. A switch is one renaming of an alias. What is not: somebody who
//! deletes points is noticed by their number, somebody who changes them only by an audit; a view that is written all the
//! time faster than it can be read is refused to whoever wants all of it; a row that is gone, or over, leaves a small
//! point behind until the view is built anew. What can go wrong besides: the server is away, or older than 1.18, which
//! does not give points of a collection further vectors.
//!
//! It is made for views with vectors. Any other is kept as well, with more trouble than elsewhere.

mod address;
mod form;
mod near;
mod order;
mod point;
mod read;
mod server;
mod shape;
mod write;

use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use hydra_events::clock::SystemClock;
use hydra_events::{Clock, Id};
use tokio::sync::Mutex;

use super::{Applied, Checkpoint, Found, Generation, StoreError, ViewStore, Which};
use crate::batch::{Batch, Quarantined};
use crate::likeness::{Nearest, NearestFound, VectorSearch};
use crate::view::{Kind, Lasts, Table, View};

use address::Address;
pub use address::QdrantOptions;
use order::Order;
use server::{Failure, Server};

/// What a form goes on without, as rows of a table that no view has.
static QUARANTINE: Table = Table {
    name: ":quarantine",
    columns: &[("position", Kind::Integer), ("stream", Kind::Text), ("reason", Kind::Text)],
    indexes: &[],
    lasts: Lasts::Always,
};

/// Views in Qdrant.
pub struct QdrantStore {
    server: Server,
    address: Address,
    /// What the names of its turns begin with: no other store has the same.
    name: String,
    turns: AtomicU64,
    /// Held by whoever writes.
    writing: Mutex<()>,
    order: Order,
}

impl QdrantStore {
    /// The store that `options` name. Connects when it is used.
    ///
    /// # Errors
    /// The URL is wrong. No message repeats it.
    pub fn try_new(options: &QdrantOptions) -> Result<Self, StoreError> {
        let refused = |why: String| StoreError::Refused(format!("the URL of the views was refused: {why}"));
        let address = Address::parse(&options.url).map_err(refused)?;
        let server = Server::try_new(&address, options).map_err(refused)?;
        let (turns, writing, order) = (AtomicU64::new(0), Mutex::new(()), Order::default());
        Ok(Self { server, address, name: nonce(), turns, writing, order })
    }

    /// What leads to a generation of `view`.
    fn alias(&self, view: &View, generation: Generation) -> String {
        format!("{}_{}{}", self.address.prefix, view.name, generation.suffix())
    }

    /// What the names of all collections of `view` begin with, before its version.
    fn beginning(&self, view: &View) -> String {
        format!("{}_{}_v", self.address.prefix, view.name)
    }

    /// What nothing else is called.
    fn nonce(&self) -> String {
        nonce()
    }

    fn name_of_a_turn(&self) -> String {
        format!("{}-{}", self.name, self.turns.fetch_add(1, Ordering::Relaxed))
    }

    /// Whether a turn is one of this store.
    fn is_own(&self, writer: &str) -> bool {
        writer.starts_with(&self.name)
    }

    fn told<T>(&self, done: Result<T, Failure>) -> Result<T, StoreError> {
        done.map_err(|failure| failure.told(self.shown()))
    }
}

/// Different in every process and at every call.
fn nonce() -> String {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    let call = CALLS.fetch_add(1, Ordering::Relaxed);
    let parts =
        [SystemClock.now().0.to_le_bytes(), u64::from(process::id()).to_le_bytes(), call.to_le_bytes()];
    Id::derive("qdrant nonce", &parts.each_ref().map(|part| part.as_slice())).to_string()
}

#[async_trait]
impl ViewStore for QdrantStore {
    fn shown(&self) -> String {
        self.address.shown()
    }

    fn vectors(&self) -> Option<&dyn VectorSearch> {
        Some(self)
    }

    async fn checkpoint(
        &self,
        view: &'static View,
        generation: Generation,
    ) -> Result<Option<Checkpoint>, StoreError> {
        self.told(read::checkpoint(self, view, generation).await)
    }

    async fn reset(&self, view: &'static View, generation: Generation, log: Id) -> Result<(), StoreError> {
        self.told(shape::reset(self, view, generation, log).await)
    }

    async fn apply(
        &self,
        view: &'static View,
        generation: Generation,
        batch: Batch,
    ) -> Result<Applied, StoreError> {
        match write::apply(self, view, generation, &batch).await {
            // What is written to was removed or replaced meanwhile.
            Err(Failure::Gone) => Ok(Applied::Moved),
            applied => self.told(applied),
        }
    }

    async fn rows(
        &self,
        view: &'static View,
        generation: Generation,
        table: &'static Table,
        which: Which,
    ) -> Result<Found, StoreError> {
        self.told(read::rows(self, view, generation, table, &which).await)
    }

    async fn quarantined(
        &self,
        view: &'static View,
        generation: Generation,
    ) -> Result<Vec<Quarantined>, StoreError> {
        self.told(read::quarantined(self, view, generation).await)
    }

    async fn switch(&self, view: &'static View) -> Result<Applied, StoreError> {
        self.told(shape::switch(self, view).await)
    }

    async fn roll_back(&self, view: &'static View) -> Result<(), StoreError> {
        self.told(shape::roll_back(self, view).await)
    }

    async fn discard(&self, view: &'static View, generation: Generation) -> Result<(), StoreError> {
        self.told(shape::discard(self, view, generation).await)
    }
}

#[async_trait]
impl VectorSearch for QdrantStore {
    async fn nearest(
        &self,
        view: &'static View,
        generation: Generation,
        table: &'static Table,
        asked: Nearest,
    ) -> Result<NearestFound, StoreError> {
        self.told(near::nearest(self, view, generation, table, &asked).await)
    }
}
