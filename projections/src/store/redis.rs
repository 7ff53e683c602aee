//! Views in Redis, or in anything that speaks like it: rows as JSON, where rows and checkpoint change in one script.
//!
//! A view has one hash that says which generation has which number, and every key of a generation begins with its number:
//! putting one in the place of another changes a field of that hash, and what is left over is removed step by step. No
//! number comes twice. Rows that last stand in one hash for each table, beside an order by key and by every indexed column;
//! the others are keys of their own, which Redis removes when they are over.
//!
//! What can go wrong: the server is flushed, comes back empty or with an earlier dump, or puts rows out to make room. A
//! flush and a dump show in the checkpoint. So does a key that was put out or tampered with, because the checkpoint says how
//! many rows there are; a row that does not last is missed when an event needs it, and then the view is filled again.

mod address;
mod keys;
mod link;
mod read;
mod scripts;
mod shape;
mod write;

use async_trait::async_trait;
use hydra_events::Id;

use super::{Applied, Checkpoint, Found, Generation, StoreError, ViewStore, Which};
use crate::batch::{Batch, Quarantined};
use crate::view::{Table, View};

use address::Address;
use link::Link;

/// Views in Redis.
pub struct RedisStore {
    link: Link,
}

impl RedisStore {
    /// The store at `url`: `redis://[USER][:PASSWORD]@HOST[:PORT][/DATABASE]`, or `rediss://` for TLS. What stands behind
    /// `?prefix=` is what the names of its keys begin with, `hydra` where there is nothing. Connects when it is used.
    ///
    /// # Errors
    /// The URL is wrong. No message repeats it: it may hold a password.
    pub fn try_new(url: &str) -> Result<Self, StoreError> {
        let refused = |why: String| StoreError::Refused(format!("the URL of the views was refused: {why}"));
        let address = Address::parse(url).map_err(refused)?;
        let client = redis::Client::open(address.url.as_str()).map_err(|error| refused(error.to_string()))?;
        Ok(Self { link: Link::new(client, address) })
    }
}

#[async_trait]
impl ViewStore for RedisStore {
    fn shown(&self) -> String {
        self.link.shown()
    }

    async fn checkpoint(
        &self,
        view: &'static View,
        generation: Generation,
    ) -> Result<Option<Checkpoint>, StoreError> {
        read::checkpoint(&self.link, view, generation).await
    }

    async fn reset(&self, view: &'static View, generation: Generation, log: Id) -> Result<(), StoreError> {
        shape::reset(&self.link, view, generation, log).await
    }

    async fn apply(
        &self,
        view: &'static View,
        generation: Generation,
        batch: Batch,
    ) -> Result<Applied, StoreError> {
        write::apply(&self.link, view, generation, &batch).await
    }

    async fn rows(
        &self,
        view: &'static View,
        generation: Generation,
        table: &'static Table,
        which: Which,
    ) -> Result<Found, StoreError> {
        read::rows(&self.link, view, generation, table, which).await
    }

    async fn quarantined(
        &self,
        view: &'static View,
        generation: Generation,
    ) -> Result<Vec<Quarantined>, StoreError> {
        read::quarantined(&self.link, view, generation).await
    }

    async fn switch(&self, view: &'static View) -> Result<Applied, StoreError> {
        shape::place_live(&self.link, view, Generation::Next).await
    }

    async fn roll_back(&self, view: &'static View) -> Result<(), StoreError> {
        shape::place_live(&self.link, view, Generation::Old).await.map(|_| ())
    }

    async fn discard(&self, view: &'static View, generation: Generation) -> Result<(), StoreError> {
        shape::discard(&self.link, view, generation).await
    }
}
