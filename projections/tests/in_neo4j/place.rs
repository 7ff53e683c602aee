//! What is one test's in a database.

use std::sync::Arc;

use async_trait::async_trait;
use hydra_projections::contract::StoreBackend;
use hydra_projections::{Neo4jOptions, Neo4jStore, ViewStore};
use neo4rs::{Graph, query};

use crate::server;

/// A prefix. Everything under it is deleted with this.
pub struct Place {
    server: String,
    prefix: String,
}

impl Place {
    /// A place on the server for tests, when there is one. Required, its absence is a failure.
    pub fn configured() -> Option<Self> {
        let server = server::named("neo4j")?;
        Some(Self { server, prefix: server::fresh("test", '_') })
    }

    /// What the store is made with. The server for tests asks nobody who they are.
    pub fn options(&self) -> Neo4jOptions {
        let url = server::with(&self.server, &format!("prefix={}", self.prefix));
        Neo4jOptions { url, user: String::new(), password: String::new() }
    }

    /// Does something behind the store's back, where `$prefix` is this place.
    pub async fn run(&self, statement: &str) {
        let graph = Graph::new(self.server.as_str(), "", "").unwrap();
        graph.run(query(statement).param("prefix", self.prefix.as_str())).await.unwrap();
    }

    /// The number that a question returns as `found`.
    pub async fn count(&self, question: &str) -> i64 {
        let graph = Graph::new(self.server.as_str(), "", "").unwrap();
        let asked = query(question).param("prefix", self.prefix.as_str());
        let mut rows = graph.execute(asked).await.unwrap();
        rows.next().await.unwrap().unwrap().get("found").unwrap()
    }
}

#[async_trait]
impl StoreBackend for Place {
    async fn open(&self) -> Arc<dyn ViewStore> {
        Arc::new(Neo4jStore::try_new(&self.options()).unwrap())
    }

    async fn wipe(&self) {
        // Others have tests in the same database.
        self.run("MATCH (n) WHERE n.prefix = $prefix OR n._build STARTS WITH $prefix + ':' DETACH DELETE n")
            .await;
        self.run("MATCH (n:hydra_retired) WHERE n.node STARTS WITH $prefix + '/' DELETE n").await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        server::finish(self.wipe());
    }
}
