//! Keys for one test.

use std::sync::Arc;

use async_trait::async_trait;
use hydra_projections::contract::StoreBackend;
use hydra_projections::{RedisStore, ViewStore};
use redis::aio::MultiplexedConnection;
use redis::{Client, FromRedisValue};

use crate::server;

/// Keys whose names begin alike. They are removed with this.
pub struct Place {
    server: String,
    prefix: String,
}

impl Place {
    /// A place on the server for tests, when there is one. Required, its absence is a failure.
    pub fn configured() -> Option<Self> {
        let server = server::named("redis")?;
        Some(Self { server, prefix: server::fresh("test-views", '-') })
    }

    /// The URL of the store.
    pub fn url(&self) -> String {
        server::with(&self.server, &format!("prefix={}", self.prefix))
    }

    /// What the server answers to this command.
    pub async fn ask<T: FromRedisValue>(&self, words: &[&str]) -> T {
        let mut command = redis::cmd(words[0]);
        for word in &words[1..] {
            command.arg(*word);
        }
        command.query_async(&mut self.connection().await).await.unwrap()
    }

    /// The keys of a view whose names end like this; `*` stands for anything.
    pub async fn keys(&self, view: &str, ending: &str) -> Vec<String> {
        self.matching(&format!("{}:{{{view}}}{ending}", self.prefix)).await
    }

    async fn matching(&self, pattern: &str) -> Vec<String> {
        let (mut keys, mut cursor) = (Vec::new(), "0".to_owned());
        loop {
            let step = ["SCAN", cursor.as_str(), "MATCH", pattern, "COUNT", "1000"];
            let (next, found): (String, Vec<String>) = self.ask(&step).await;
            keys.extend(found);
            if next == "0" {
                keys.sort();
                keys.dedup();
                return keys;
            }
            cursor = next;
        }
    }

    async fn connection(&self) -> MultiplexedConnection {
        let client = Client::open(self.server.as_str()).unwrap();
        client.get_multiplexed_async_connection().await.unwrap()
    }

    async fn remove(&self) {
        for key in self.matching(&format!("{}:*", self.prefix)).await {
            self.ask::<()>(&["UNLINK", &key]).await;
        }
    }
}

#[async_trait]
impl StoreBackend for Place {
    async fn open(&self) -> Arc<dyn ViewStore> {
        Arc::new(RedisStore::try_new(&self.url()).unwrap())
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
