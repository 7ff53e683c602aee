//! Schemas for one test.

use std::sync::Arc;

use async_trait::async_trait;
use hydra_projections::contract::StoreBackend;
use hydra_projections::{PostgresStore, ViewStore};
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};

use crate::server;

/// Schemas whose names begin alike. They are dropped with this.
pub struct Place {
    server: String,
    schema: String,
}

impl Place {
    /// A place on the server for tests, when there is one. Required, its absence is a failure.
    pub fn configured() -> Option<Self> {
        let server = server::named("postgres")?;
        Some(Self { server, schema: server::fresh("test_views", '_') })
    }

    /// The URL of the store.
    pub fn url(&self) -> String {
        server::with(&self.server, &format!("schema={}", self.schema))
    }

    /// What the names of the schemas begin with.
    pub fn schema(&self) -> &str {
        &self.schema
    }

    /// Does something behind the store's back.
    pub async fn run(&self, statements: &str) {
        let mut raw = PgConnection::connect(&self.server).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(statements.to_owned())).execute(&mut raw).await.unwrap();
    }

    /// The text that `query` finds.
    pub async fn text(&self, query: &str) -> String {
        let mut raw = PgConnection::connect(&self.server).await.unwrap();
        sqlx::query(AssertSqlSafe(query.to_owned())).fetch_one(&mut raw).await.unwrap().get(0)
    }

    /// Drops the schemas.
    fn dropping(&self) -> String {
        format!(
            "DO $$ DECLARE name text; BEGIN FOR name IN SELECT nspname FROM pg_namespace WHERE nspname LIKE \
             '{}\\_%' LOOP EXECUTE format('DROP SCHEMA %I CASCADE', name); END LOOP; END $$",
            self.schema
        )
    }
}

#[async_trait]
impl StoreBackend for Place {
    async fn open(&self) -> Arc<dyn ViewStore> {
        Arc::new(PostgresStore::try_new(&self.url()).unwrap())
    }

    async fn wipe(&self) {
        self.run(&self.dropping()).await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        server::finish(self.run(&self.dropping()));
    }
}
