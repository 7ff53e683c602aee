//! The connection to the server. It comes back by itself; what it was asked while it was lost fails, and may have been done.

use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, Cmd, FromRedisValue, RedisError, Script};
use tokio::sync::OnceCell;

use super::super::StoreError;
use super::address::Address;
use super::keys;
use crate::view::View;

/// How long a server that is away is waited for.
const CONNECT_MAX: Duration = Duration::from_secs(3);
/// How long anything may take on a server that is there; one that hangs is away. Nothing else is answered while a script
/// runs, those of others included.
const ANSWER_MAX: Duration = Duration::from_secs(30);
/// Whoever uses a store tries again.
const RETRIES: usize = 1;

/// A server.
pub(super) struct Link {
    client: Client,
    address: Address,
    /// Made where it is used: it lives in that runtime.
    manager: OnceCell<ConnectionManager>,
}

impl Link {
    pub(super) fn new(client: Client, address: Address) -> Self {
        Self { client, address, manager: OnceCell::new() }
    }

    pub(super) fn shown(&self) -> String {
        format!("redis {}", self.address.shown)
    }

    /// The key of `view`.
    pub(super) fn key(&self, view: &View) -> String {
        keys::view(&self.address.prefix, view)
    }

    /// Runs `script` on `view`.
    pub(super) async fn run<T: FromRedisValue>(
        &self,
        script: &Script,
        view: &View,
        arguments: &[String],
    ) -> Result<T, StoreError> {
        let mut invocation = script.prepare_invoke();
        invocation.key(self.key(view));
        for argument in arguments {
            invocation.arg(argument.as_str());
        }
        let mut connection = self.connection().await?;
        invocation.invoke_async(&mut connection).await.map_err(|error| self.failed(error))
    }

    /// Has the server do one thing.
    pub(super) async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, StoreError> {
        let mut connection = self.connection().await?;
        command.query_async(&mut connection).await.map_err(|error| self.failed(error))
    }

    async fn connection(&self) -> Result<ConnectionManager, StoreError> {
        let connect = || async {
            let config = ConnectionManagerConfig::new()
                .set_number_of_retries(RETRIES)
                .set_connection_timeout(Some(CONNECT_MAX))
                .set_response_timeout(Some(ANSWER_MAX));
            ConnectionManager::new_lazy_with_config(self.client.clone(), config)
        };
        let manager = self.manager.get_or_try_init(connect).await;
        manager.cloned().map_err(|error| self.failed(error))
    }

    fn failed(&self, error: RedisError) -> StoreError {
        StoreError::Server { store: self.shown(), source: Box::new(error) }
    }
}
