//! Reading rows: the checkpoint, the rows, and the checkpoint once more.
//!
//! Between the two nothing may have been brought to its end; what somebody is writing just now does not count, and does
//! not hinder.

use std::collections::BTreeMap;

use hydra_events::clock::SystemClock;
use hydra_events::{Clock, Timestamp};
use qdrant_client::qdrant::{Filter, RetrievedPoint};
use serde_json::Value;

use super::form::{Form, of_table};
use super::point::{self, Stored};
use super::server::{Count, Failure, Read};
use super::{QUARANTINE, QdrantStore};
use crate::batch::Quarantined;
use crate::store::{Checkpoint, Found, Generation, StoreError, Which, no_generation};
use crate::view::{Row, Table, View};

/// How often something is read again because it was written meanwhile.
const READS_MAX: u32 = 100;
/// Rows read at once where only the first ones are wanted.
const CHUNK: usize = 250;

/// How far a generation has come, where all of it is there.
pub(super) async fn checkpoint(
    store: &QdrantStore,
    view: &View,
    generation: Generation,
) -> Result<Option<Checkpoint>, Failure> {
    let Some(form) = Form::read(&store.server, &store.alias(view, generation)).await? else {
        return Ok(None);
    };
    // The checkpoint is a point as well. Points are never deleted, but by somebody else.
    let is_whole = |counted| counted > form.points;
    for how in [Count::Roughly, Count::Exactly] {
        match store.server.count(&form.collection, how).await {
            Ok(counted) if is_whole(counted) => return Ok(Some(form.checkpoint)),
            Ok(_) => {}
            Err(Failure::Gone) => return Ok(None),
            Err(failure) => return Err(failure),
        }
    }
    Ok(None)
}

/// The moments of which something is read.
pub(super) struct Moments<'a> {
    store: &'a QdrantStore,
    view: &'a View,
    generation: Generation,
    reads: u32,
}

impl<'a> Moments<'a> {
    pub(super) fn of(store: &'a QdrantStore, view: &'a View, generation: Generation) -> Self {
        Self { store, view, generation, reads: 0 }
    }

    /// The form as it is now.
    pub(super) async fn begin(&mut self) -> Result<Form, Failure> {
        if self.reads == READS_MAX {
            let reason = format!("the view {} is written faster than it can be read", self.view.name);
            return Err(StoreError::Refused(reason).into());
        }
        self.reads += 1;
        self.now().await?.ok_or_else(|| no_generation(self.view, self.generation).into())
    }

    /// What was `read` since `form` began; `None` where that has been replaced or gone on meanwhile.
    pub(super) async fn end<T>(&self, form: &Form, read: Result<T, Failure>) -> Result<Option<T>, Failure> {
        let read = match read {
            Err(Failure::Gone) => return Ok(None),
            read => read?,
        };
        let now = self.now().await?;
        Ok(now.is_some_and(|now| now.is_of_the_moment_of(form)).then_some(read))
    }

    async fn now(&self) -> Result<Option<Form>, Failure> {
        Form::read(&self.store.server, &self.store.alias(self.view, self.generation)).await
    }
}

pub(super) async fn rows(
    store: &QdrantStore,
    view: &View,
    generation: Generation,
    table: &'static Table,
    which: &Which,
) -> Result<Found, Failure> {
    let now = SystemClock.now();
    let mut moments = Moments::of(store, view, generation);
    loop {
        let form = moments.begin().await?;
        let read = Reader { store, form: &form, table, now }.rows(which).await;
        if let Some(rows) = moments.end(&form, read).await? {
            return Ok(Found { at: form.checkpoint, rows: rows.into_values().collect() });
        }
    }
}

/// What a generation goes on without, by position.
pub(super) async fn quarantined(
    store: &QdrantStore,
    view: &View,
    generation: Generation,
) -> Result<Vec<Quarantined>, Failure> {
    let found = match rows(store, view, generation, &QUARANTINE, &Which::All).await {
        Err(Failure::Store(StoreError::Gone(_) | StoreError::Refused(_))) => return Ok(Vec::new()),
        found => found?,
    };
    let event = |row: &Row| {
        let text = |name: &str| row.get(name)?.as_str().map(str::to_owned);
        Some(Quarantined {
            position: row.get("position")?.as_u64()?,
            stream: text("stream")?,
            reason: text("reason")?,
        })
    };
    Ok(found.rows.iter().filter_map(event).collect())
}

/// Rows by their keys, in the order of their bytes.
pub(super) type Rows = BTreeMap<String, Row>;

/// Reads rows of one form.
pub(super) struct Reader<'a> {
    pub(super) store: &'a QdrantStore,
    pub(super) form: &'a Form,
    pub(super) table: &'static Table,
    pub(super) now: Timestamp,
}

impl Reader<'_> {
    async fn rows(&self, which: &Which) -> Result<Rows, Failure> {
        let mut rows = match which {
            Which::All => self.all().await?,
            Which::Key(key) => self.keyed(std::slice::from_ref(key)).await?,
            Which::Is(column, value) => self.with(column, value).await?,
            Which::After { key, limit } => self.after(key, *limit).await?,
        };
        rows.retain(|_, row| !self.table.is_over(row, self.now));
        Ok(rows)
    }

    async fn all(&self) -> Result<Rows, Failure> {
        self.found(Filter::must([of_table(self.table)])).await
    }

    async fn keyed(&self, keys: &[String]) -> Result<Rows, Failure> {
        let ids = keys.iter().map(|key| point::id(self.table.name, key)).collect();
        self.counted(self.store.server.points(&self.form.collection, ids).await?)
    }

    async fn with(&self, column: &str, value: &Value) -> Result<Rows, Failure> {
        let condition = point::is(self.table, column, value)?;
        let mut rows = self.found(self.form.settled(self.table, vec![condition])).await?;
        // What a point says that is being written is not yet so.
        let unsettled = self.unsettled().await?;
        rows.extend(unsettled.into_iter().filter(|(_, row)| row.get(column) == Some(value)));
        Ok(rows)
    }

    /// The first rows that come after `key`.
    async fn after(&self, key: &str, limit: usize) -> Result<Rows, Failure> {
        let (mut rows, mut after) = (Rows::new(), key.to_owned());
        while rows.len() < limit {
            let wanted = (limit - rows.len()).min(CHUNK);
            let keys = self.store.order.after(self.store, self.form, self.table, &after, wanted).await?;
            let Some(last) = keys.last() else { break };
            last.clone_into(&mut after);
            let found = self.keyed(&keys).await?;
            rows.extend(found.into_iter().filter(|(_, row)| !self.table.is_over(row, self.now)));
        }
        Ok(rows)
    }

    /// The rows of points that somebody is writing, as they were before. To be read after those that are settled: what
    /// is written in between is then found in the one or in the other.
    pub(super) async fn unsettled(&self) -> Result<Rows, Failure> {
        self.found(self.form.unsettled(self.table)).await
    }

    async fn found(&self, filter: Filter) -> Result<Rows, Failure> {
        self.counted(self.store.server.all(&self.form.collection, &filter, Read::Rows).await?)
    }

    /// The rows of these points, as they count.
    fn counted(&self, points: Vec<RetrievedPoint>) -> Result<Rows, Failure> {
        let mut rows = Rows::new();
        for found in points {
            let Some(stored) = Stored::read(&found.payload)? else { continue };
            let row = if self.form.counts(stored.turn) { stored.row } else { stored.before };
            if let Some(row) = row {
                rows.insert(stored.key, row);
            }
        }
        Ok(rows)
    }
}
