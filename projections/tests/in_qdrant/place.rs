//! Collections for one test.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use hydra_projections::contract::StoreBackend;
use hydra_projections::{QdrantOptions, QdrantStore, ViewStore};
use qdrant_client::Qdrant;
use qdrant_client::qdrant::{
    Condition, DeleteCollection, DeletePointsBuilder, Filter, PointId, ScrollPointsBuilder,
    SetPayloadPointsBuilder, Value,
};

use crate::server;

/// Collections whose names begin alike. They are removed with this.
pub struct Place {
    server: String,
    prefix: String,
}

impl Place {
    /// A place on the server for tests. Whoever runs them without one has asked for it.
    pub fn named() -> Self {
        let server = server::named("qdrant");
        let server = server
            .unwrap_or_else(|| panic!("HYDRA_TEST_QDRANT names none: http://HOST:PORT, the port for gRPC"));
        Self { server, prefix: server::fresh("test-views", '-') }
    }

    /// What the store is reached by.
    pub fn options(&self) -> QdrantOptions {
        let url = server::with(&self.server, &format!("prefix={}", self.prefix));
        QdrantOptions { url, api_key: None }
    }

    pub fn store(&self) -> QdrantStore {
        QdrantStore::try_new(&self.options()).unwrap()
    }

    /// The server itself.
    pub fn client(&self) -> Qdrant {
        let server = self.server.replace("qdrant://", "http://");
        Qdrant::from_url(&server).skip_compatibility_check().timeout(60).build().unwrap()
    }

    /// The alias of the form of a view that is asked.
    pub fn alias(&self, view: &str) -> String {
        format!("{}_{view}", self.prefix)
    }

    /// The collections that are here.
    pub async fn collections(&self) -> Vec<String> {
        let found = self.client().list_collections().await.unwrap();
        let names = found.collections.into_iter().map(|collection| collection.name);
        names.filter(|name| name.starts_with(&format!("{}_", self.prefix))).collect()
    }

    /// The ids of the points in a collection of which this holds, with what they say.
    pub async fn points(&self, name: &str, filter: Filter) -> Vec<(PointId, HashMap<String, Value>)> {
        let asked = ScrollPointsBuilder::new(name).filter(filter).limit(10_000).with_payload(true);
        let found = self.client().scroll(asked).await.unwrap();
        found.result.into_iter().map(|point| (point.id.unwrap(), point.payload)).collect()
    }

    /// Deletes the points of which this holds.
    pub async fn delete(&self, name: &str, filter: Filter) {
        self.client().delete_points(DeletePointsBuilder::new(name).points(filter).wait(true)).await.unwrap();
    }

    /// Changes what the points say of which this holds.
    pub async fn set(&self, name: &str, filter: Filter, field: &str, value: impl Into<Value>) {
        let payload: HashMap<String, Value> = HashMap::from([(field.to_owned(), value.into())]);
        let asked = SetPayloadPointsBuilder::new(name, payload).points_selector(filter).wait(true);
        self.client().set_payload(asked).await.unwrap();
    }

    async fn remove(&self) {
        for name in self.collections().await {
            let asked = DeleteCollection { collection_name: name, timeout: None };
            self.client().delete_collection(asked).await.unwrap();
        }
    }
}

/// The points of a table; `:checkpoint` for the one that says how far a view is.
pub fn of_table(table: &str) -> Filter {
    Filter::must([Condition::matches("_table", table.to_owned())])
}

#[async_trait]
impl StoreBackend for Place {
    async fn open(&self) -> Arc<dyn ViewStore> {
        Arc::new(self.store())
    }

    async fn wipe(&self) {
        self.remove().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        server::finish(self.remove());
    }
}
