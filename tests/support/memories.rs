//! Places for memories on the servers that the tests are given, each test's its own.

#![allow(dead_code, reason = "every test file uses a part of it")]

use std::sync::atomic::{AtomicU32, Ordering};

use neo4rs::{BoltType, Graph};
use qdrant_client::Qdrant;
use redis::aio::MultiplexedConnection;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::household;

/// How often something is tried that Hydra's own transactions are in the way of.
const TRIES_MAX: u32 = 20;

/// A server, and a name of the test's own there.
pub struct Place {
    server: String,
    name: String,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Schemas whose names begin alike.
    Postgres,
    /// Keys whose names begin alike.
    Redis,
    /// Nodes with a prefix.
    Neo4j,
    /// Collections whose names begin alike.
    Qdrant,
}

impl Place {
    /// A place on the server of this kind that the tests are given.
    pub fn configured(kind: Kind) -> Option<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let server = household::server(match kind {
            Kind::Postgres => "postgres",
            Kind::Redis => "redis",
            Kind::Neo4j => "neo4j",
            Kind::Qdrant => "qdrant",
        })?;
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        Some(Self { server, name: format!("test_memory_{}_{number}", std::process::id()), kind })
    }

    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// What its schemas, keys or nodes are called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// As a configuration and a store have it.
    pub fn url(&self) -> String {
        let Self { server, name, kind } = self;
        let separator = if server.contains('?') { '&' } else { '?' };
        let option = if *kind == Kind::Postgres { "schema" } else { "prefix" };
        format!("{server}{separator}{option}={name}")
    }

    /// The sections of a configuration that has these memories there.
    pub fn sections(&self, views: &[&str]) -> String {
        let section = |view: &&str| format!("[memory.{view}]\nurl = \"{}\"\n", self.url());
        views.iter().map(section).collect()
    }

    /// Removes a memory behind Hydra's back; how much of it there was. In Neo4j, all that there are.
    pub async fn wipe(&self, view: &str) -> usize {
        match self.kind {
            Kind::Postgres => self.drop_schemas(&format!("{}_{view}", self.name)).await,
            Kind::Redis => self.unlink(&format!("{}:{{{view}}}*", self.name)).await,
            Kind::Neo4j => self.delete_nodes().await,
            Kind::Qdrant => self.delete_collections().await,
        }
    }

    /// Removes everything.
    pub async fn leave(self) {
        match self.kind {
            Kind::Postgres => self.drop_schemas(&format!("{}_", self.name)).await,
            Kind::Redis => self.unlink(&format!("{}:*", self.name)).await,
            Kind::Neo4j => self.delete_nodes().await,
            Kind::Qdrant => self.delete_collections().await,
        };
    }

    async fn connect(&self) -> PgConnection {
        PgConnection::connect(&self.server).await.unwrap()
    }

    /// Does something in Postgres. What Hydra does meanwhile may be in the way of it.
    pub async fn sql(&self, statements: &str) {
        let mut connection = self.connect().await;
        for tried in 1.. {
            let done = sqlx::raw_sql(AssertSqlSafe(statements.to_owned())).execute(&mut connection).await;
            match done {
                Err(sqlx::Error::Database(error))
                    if error.message().contains("deadlock") && tried < TRIES_MAX => {}
                done => {
                    done.unwrap();
                    return;
                }
            }
        }
    }

    async fn drop_schemas(&self, begin: &str) -> usize {
        let asked = "SELECT nspname::text FROM pg_namespace WHERE starts_with(nspname::text, $1)";
        let found: Vec<(String,)> =
            sqlx::query_as(asked).bind(begin).fetch_all(&mut self.connect().await).await.unwrap();
        for (schema,) in &found {
            self.sql(&format!("DROP SCHEMA IF EXISTS {schema} CASCADE")).await;
        }
        found.len()
    }

    /// A connection to Redis.
    pub async fn redis(&self) -> MultiplexedConnection {
        let client = redis::Client::open(self.server.as_str()).unwrap();
        client.get_multiplexed_async_connection().await.unwrap()
    }

    async fn unlink(&self, pattern: &str) -> usize {
        let (mut connection, mut all, mut cursor) = (self.redis().await, Vec::new(), "0".to_owned());
        loop {
            let mut scan = redis::cmd("SCAN");
            scan.arg(cursor.as_str()).arg("MATCH").arg(pattern).arg("COUNT").arg(1_000);
            let (next, keys): (String, Vec<String>) = scan.query_async(&mut connection).await.unwrap();
            all.extend(keys);
            if next == "0" {
                break;
            }
            cursor = next;
        }
        for key in &all {
            redis::cmd("UNLINK").arg(key.as_str()).exec_async(&mut connection).await.unwrap();
        }
        all.len()
    }

    /// The number that a question to Neo4j returns as `found`. `$prefix` is this place.
    pub async fn cypher(&self, question: &str, parameters: &[(&str, BoltType)]) -> i64 {
        let graph = Graph::new(self.server.as_str(), "", "").unwrap();
        let mut asked = neo4rs::query(question).param("prefix", self.name.as_str());
        for (name, value) in parameters {
            asked = asked.param(name, value.clone());
        }
        let mut found = graph.execute(asked).await.unwrap();
        found.next().await.unwrap().unwrap().get("found").unwrap()
    }

    async fn delete_nodes(&self) -> usize {
        let ours = "MATCH (n) WHERE n.prefix = $prefix OR n._build STARTS WITH $prefix + ':' \
                    OR n.node STARTS WITH $prefix + '/' DETACH DELETE n RETURN count(*) AS found";
        self.cypher(ours, &[]).await.try_into().unwrap()
    }

    /// A connection to Qdrant.
    pub fn qdrant(&self) -> Qdrant {
        let server = self.server.replace("qdrant://", "http://");
        Qdrant::from_url(&server).skip_compatibility_check().build().unwrap()
    }

    async fn delete_collections(&self) -> usize {
        let (client, begin) = (self.qdrant(), format!("{}_", self.name));
        let found = client.list_collections().await.unwrap().collections;
        let names: Vec<String> =
            found.into_iter().map(|found| found.name).filter(|name| name.starts_with(&begin)).collect();
        for name in &names {
            client.delete_collection(name.as_str()).await.unwrap();
        }
        names.len()
    }
}
