//! Where each view family is kept.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::VIEWS;
use crate::store::sqlite::SqliteStore;
use crate::store::{StoreError, ViewStore};
use crate::view::View;

/// A store for every view family. Cheap to clone.
#[derive(Clone)]
pub struct Stores {
    default: Arc<dyn ViewStore>,
    others: BTreeMap<&'static str, Arc<dyn ViewStore>>,
}

impl Stores {
    /// All families in one store.
    pub fn all_in(store: Arc<dyn ViewStore>) -> Self {
        Self { default: store, others: BTreeMap::new() }
    }

    /// All families in the SQLite file at `path`, for keeping them.
    pub fn embedded(path: &Path) -> Result<Self, StoreError> {
        Ok(Self::all_in(Arc::new(SqliteStore::open(path)?)))
    }

    /// All families in the SQLite file at `path`, which another process keeps.
    pub fn beside(path: &Path) -> Result<Self, StoreError> {
        Ok(Self::all_in(Arc::new(SqliteStore::open_reader(path)?)))
    }

    /// The same, with `view` in `store`.
    pub fn with(mut self, view: &View, store: Arc<dyn ViewStore>) -> Self {
        self.others.insert(view.name, store);
        self
    }

    /// Where `view` is kept.
    pub fn of(&self, view: &View) -> &Arc<dyn ViewStore> {
        self.others.get(view.name).unwrap_or(&self.default)
    }

    /// Each store with the families in it.
    pub(crate) fn groups(&self) -> Vec<(Arc<dyn ViewStore>, Vec<&'static View>)> {
        let mut groups: Vec<(Arc<dyn ViewStore>, Vec<&'static View>)> = Vec::new();
        for view in VIEWS {
            let store = self.of(view);
            match groups.iter_mut().find(|(other, _)| Arc::ptr_eq(other, store)) {
                Some((_, views)) => views.push(view),
                None => groups.push((Arc::clone(store), vec![view])),
            }
        }
        groups
    }
}
