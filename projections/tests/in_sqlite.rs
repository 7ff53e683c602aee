//! The embedded view store: every clause of the contract.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking, also in the functions they share")]

use std::sync::Arc;

use async_trait::async_trait;
use hydra_projections::contract::StoreBackend;
use hydra_projections::{SqliteStore, ViewStore};
use tempfile::TempDir;

/// A folder for one file.
struct Place(TempDir);

#[async_trait]
impl StoreBackend for Place {
    async fn open(&self) -> Arc<dyn ViewStore> {
        Arc::new(SqliteStore::open(&self.0.path().join("views.db")).unwrap())
    }

    async fn wipe(&self) {
        for entry in std::fs::read_dir(self.0.path()).unwrap() {
            std::fs::remove_file(entry.unwrap().path()).unwrap();
        }
    }
}

hydra_projections::store_contract!(Place(TempDir::new().unwrap()));
