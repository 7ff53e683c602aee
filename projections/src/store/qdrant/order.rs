//! The keys of a table in the order of their bytes, which the server does not know: its points come in the order of
//! their ids. They are read once, and from then on only those of points that were written since.
//!
//! A key that was there stays: whether there is a row for it is seen when that is read.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::{Mutex, PoisonError};

use qdrant_client::qdrant::{Condition, Filter, Range};

use super::QdrantStore;
use super::form::{Form, of_table};
use super::point::{self, TURN};
use super::server::{Failure, Read};
use crate::view::Table;

/// Tables whose keys are kept; where there are more, all are forgotten.
const TABLES_MAX: usize = 12;

/// The keys of some tables, by collection and table.
#[derive(Default)]
pub(super) struct Order {
    kept: Mutex<BTreeMap<(String, &'static str), Keys>>,
}

#[derive(Default)]
struct Keys {
    /// The last turn whose points are all among them.
    until: i64,
    keys: BTreeSet<String>,
}

impl Order {
    /// The first keys that come after `key`.
    pub(super) async fn after(
        &self,
        store: &QdrantStore,
        form: &Form,
        table: &'static Table,
        key: &str,
        limit: usize,
    ) -> Result<Vec<String>, Failure> {
        let place = (form.collection.clone(), table.name);
        let known = self.with(&place, |keys| keys.until);
        if known.is_none_or(|until| until < form.done) {
            let mut filter = Filter::must([of_table(table)]);
            if let Some(until) = known {
                let later = Range { gt: Some(until as f64), ..Default::default() };
                filter.must.push(Condition::range(TURN, later));
            }
            let found = store.server.all(&form.collection, &filter, Read::Keys).await?;
            self.add(&place, form.done, found.iter().filter_map(|found| point::key(&found.payload)));
        }
        let bounds = (Bound::Excluded(key), Bound::Unbounded);
        let first = |keys: &Keys| keys.keys.range::<str, _>(bounds).take(limit).cloned().collect();
        Ok(self.with(&place, first).unwrap_or_default())
    }

    fn with<T>(&self, place: &(String, &'static str), look: impl FnOnce(&Keys) -> T) -> Option<T> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(place).map(look)
    }

    fn add(&self, place: &(String, &'static str), until: i64, found: impl Iterator<Item = String>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= TABLES_MAX && !kept.contains_key(place) {
            kept.clear();
        }
        let keys = kept.entry(place.clone()).or_default();
        keys.until = keys.until.max(until);
        keys.keys.extend(found);
    }
}
