//! Rows into Redis: each is a document in the hash of its table.

use std::sync::Arc;
use std::time::Instant;

use redis::aio::MultiplexedConnection;
use redis::{Client, Pipeline};

use super::{CHUNK, Cell, Table, sample};
use crate::sample::{Calls, Sample};
use crate::scratch::Scratch;
use crate::{BenchError, failed};

/// Commands sent at once.
const COMMANDS: usize = 10;

/// A server, and what this run has on it.
#[derive(Clone)]
pub struct Server {
    /// The URL without a prefix. It may hold a password.
    url: Arc<str>,
    client: Client,
    scratch: Scratch,
}

impl Server {
    /// The server that `url` names; its prefix, if it names one, is left alone.
    ///
    /// # Errors
    /// When the URL is none.
    pub fn try_new(url: &str, scratch: &Scratch) -> Result<Self, BenchError> {
        let (address, query) = url.split_once('?').unwrap_or((url, ""));
        let others: Vec<&str> =
            query.split('&').filter(|option| !option.is_empty() && !option.starts_with("prefix=")).collect();
        let url =
            if others.is_empty() { address.to_owned() } else { format!("{address}?{}", others.join("&")) };
        let client = Client::open(url.as_str()).map_err(failed("reading the URL of Redis"))?;
        Ok(Self { url: url.into(), client, scratch: scratch.clone() })
    }

    /// The URL of a place of the run's own for views.
    pub fn fresh_url(&self) -> String {
        let separator = if self.url.contains('?') { '&' } else { '?' };
        format!("{}{separator}prefix={}", self.url, self.scratch.fresh())
    }

    async fn connect(&self) -> Result<MultiplexedConnection, BenchError> {
        let connected = self.client.get_multiplexed_async_connection().await;
        connected.map_err(failed("connecting to Redis"))
    }

    /// Writes `tables`, whose first two cells are key and document.
    pub(super) async fn load(&self, tables: &[Table]) -> Result<Sample, BenchError> {
        let (prefix, world) = (self.scratch.fresh(), failed("loading rows into Redis"));
        let mut connection = self.connect().await?;
        let (begun, mut calls) = (Instant::now(), Calls::default());
        for table in tables {
            let key = format!("{prefix}:{}", table.name);
            for rows in table.rows.chunks(CHUNK * COMMANDS) {
                let since = Instant::now();
                let mut pipeline = Pipeline::new();
                for rows in rows.chunks(CHUNK) {
                    let command = pipeline.cmd("HSET").arg(&key);
                    for cell in rows.iter().flatten() {
                        command.arg(text(cell));
                    }
                    command.ignore();
                }
                pipeline.exec_async(&mut connection).await.map_err(&world)?;
                calls.note(since.elapsed());
            }
        }
        let secs = begun.elapsed().as_secs_f64();
        self.clear().await?;
        Ok(sample(tables, secs, calls))
    }

    /// Removes every key of this run.
    ///
    /// # Errors
    /// When the server cannot be asked.
    pub async fn clear(&self) -> Result<(), BenchError> {
        let world = failed("removing the keys of the bench from Redis");
        let (mut connection, mut cursor) = (self.connect().await?, "0".to_owned());
        loop {
            let mut scan = redis::cmd("SCAN");
            scan.arg(&cursor).arg("MATCH").arg(format!("{}_*", self.scratch.run())).arg("COUNT").arg(CHUNK);
            let (next, found): (String, Vec<String>) =
                scan.query_async(&mut connection).await.map_err(&world)?;
            if !found.is_empty() {
                let mut unlink = redis::cmd("UNLINK");
                unlink.arg(found);
                unlink.exec_async(&mut connection).await.map_err(&world)?;
            }
            if next == "0" {
                return Ok(());
            }
            cursor = next;
        }
    }

    /// The version.
    ///
    /// # Errors
    /// When the server cannot be asked.
    pub async fn describe(&self) -> Result<String, BenchError> {
        let mut info = redis::cmd("INFO");
        info.arg("server");
        let told: String =
            info.query_async(&mut self.connect().await?).await.map_err(failed("asking Redis what it is"))?;
        let version = told.lines().find_map(|line| line.strip_prefix("redis_version:"));
        Ok(format!("Redis {}", version.unwrap_or("of an unknown version").trim()))
    }
}

fn text(cell: &Cell) -> &str {
    match cell {
        Cell::Text(text) => text,
        Cell::Null | Cell::Integer(_) | Cell::Real(_) | Cell::Bytes(_) => "",
    }
}
