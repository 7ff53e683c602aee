//! The ceilings of the view stores: the rows that a view ended with, written once by the fastest ordinary way of a store,
//! with nothing of Hydra in between.
//!
//! Tables have the same columns, keys and indexes as those of the view, since without them nobody could ask for a row.
//! Rows come in the order of their keys, and the indexes are made at the end, as whoever loads much would do it. What is
//! written is typed before the clock starts.

#[cfg(feature = "full")]
pub mod neo4j;
#[cfg(feature = "full")]
mod postgres;
#[cfg(feature = "full")]
pub mod qdrant;
#[cfg(feature = "full")]
pub mod redis;
mod sqlite;

use std::sync::Arc;

use crate::BenchError;
use crate::sample::{Calls, Sample};
use crate::scratch::Scratch;

/// Rows between two looks at the clock.
const CHUNK: usize = 1_000;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Real,
    /// A moment, in microseconds since 1970.
    Time,
    /// A JSON document, as text.
    Json,
    /// Bytes.
    Bytes,
}

/// What a row has in a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing.
    Null,
    /// A text or a document.
    Text(String),
    /// A whole number or a moment.
    Integer(i64),
    /// A number.
    Real(f64),
    /// Bytes.
    Bytes(Vec<u8>),
}

/// A table with its rows. The first column is the key, in whose order they come.
#[derive(Clone, Debug)]
pub struct Table {
    /// Its name: letters, digits and underscores.
    pub name: String,
    /// Its columns, the key first.
    pub columns: Vec<(String, Kind)>,
    /// The columns that are searched by.
    pub indexes: Vec<String>,
    /// Where its rows connect rows of another table.
    pub ends: Option<Ends>,
    /// The rows.
    pub rows: Vec<Vec<Cell>>,
}

/// The columns of a connection, by their numbers.
#[derive(Clone, Copy, Debug)]
pub struct Ends {
    /// The key of the row where it begins.
    pub source: usize,
    /// The key of the row where it ends.
    pub target: usize,
    /// What it means.
    pub kind: usize,
}

/// A store that is written, and what the run has in it.
#[derive(Clone)]
pub enum Place {
    /// SQLite, in a folder of the run.
    Sqlite(Scratch),
    /// Postgres, in schemas of the run.
    #[cfg(feature = "full")]
    Postgres(crate::postgres::Server),
    /// Redis, under keys of the run.
    #[cfg(feature = "full")]
    Redis(redis::Server),
    /// Neo4j, in nodes of the run.
    #[cfg(feature = "full")]
    Neo4j(neo4j::Server),
    /// Qdrant, in collections of the run.
    #[cfg(feature = "full")]
    Qdrant(qdrant::Server),
}

impl Place {
    /// Writes `tables` once, and removes them again. Counts rows.
    ///
    /// # Errors
    /// When the store cannot be used.
    pub async fn load(&self, tables: &Arc<[Table]>) -> Result<Sample, BenchError> {
        match self {
            Self::Sqlite(scratch) => sqlite::load(scratch, tables).await,
            #[cfg(feature = "full")]
            Self::Postgres(server) => postgres::load(server, tables).await,
            #[cfg(feature = "full")]
            Self::Redis(server) => server.load(tables).await,
            #[cfg(feature = "full")]
            Self::Neo4j(server) => server.load(tables).await,
            #[cfg(feature = "full")]
            Self::Qdrant(server) => server.load(tables).await,
        }
    }

    /// How the ceiling writes, in words.
    pub fn how(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "one prepared INSERT, 10,000 rows a transaction, WAL with synchronous NORMAL",
            #[cfg(feature = "full")]
            Self::Postgres(_) => "COPY in binary, one transaction a table",
            #[cfg(feature = "full")]
            Self::Redis(_) => "HSET of 1,000 rows, ten of them in a pipeline; no order, no index, no guard",
            #[cfg(feature = "full")]
            Self::Neo4j(_) => "UNWIND and CREATE, 10,000 rows a transaction",
            #[cfg(feature = "full")]
            Self::Qdrant(_) => {
                "upserts of 1,000 points, waiting for the last; no guard, vectors without an index"
            }
        }
    }

    /// What it is, with its version.
    ///
    /// # Errors
    /// When the store cannot be asked.
    pub async fn describe(&self) -> Result<String, BenchError> {
        match self {
            Self::Sqlite(_) => Ok(format!("SQLite {}", crate::sqlite::version())),
            #[cfg(feature = "full")]
            Self::Postgres(server) => server.describe().await,
            #[cfg(feature = "full")]
            Self::Redis(server) => server.describe().await,
            #[cfg(feature = "full")]
            Self::Neo4j(server) => server.describe().await,
            #[cfg(feature = "full")]
            Self::Qdrant(server) => server.describe().await,
        }
    }

    /// Removes whatever the run has there. What is in its folder goes with that.
    ///
    /// # Errors
    /// When the store cannot be used.
    pub async fn clear(&self) -> Result<(), BenchError> {
        match self {
            Self::Sqlite(_) => Ok(()),
            #[cfg(feature = "full")]
            Self::Postgres(server) => server.clear().await,
            #[cfg(feature = "full")]
            Self::Redis(server) => server.clear().await,
            #[cfg(feature = "full")]
            Self::Neo4j(server) => server.clear().await,
            #[cfg(feature = "full")]
            Self::Qdrant(server) => server.clear().await,
        }
    }
}

/// The rows of all tables.
fn count(tables: &[Table]) -> u64 {
    tables.iter().map(|table| table.rows.len() as u64).sum()
}

/// What the writing of `tables` within `secs` came to.
fn sample(tables: &[Table], secs: f64, calls: Calls) -> Sample {
    Sample::new(count(tables), secs, calls)
}
