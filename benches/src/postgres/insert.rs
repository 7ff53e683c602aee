//! The ceiling of an append: one prepared INSERT a transaction, a connection for each writer.

use std::time::Instant;

use async_trait::async_trait;
use hydra_events::clock::{Clock, SystemClock};
use hydra_events::record::EventType;
use sqlx::postgres::PgConnection;
use sqlx::query;

use super::{Micros, Server};
use crate::document;
use crate::load::{Caller, closed_loop};
use crate::log::Shape;
use crate::sample::{Sample, Span};
use crate::{BenchError, failed};

const INSERT: &str = "INSERT INTO raw (stream, version, type, data, ts) VALUES ($1, $2, $3, $4, $5)";
const UNNEST: &str = "INSERT INTO raw (stream, version, type, data, ts) \
     SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::bytea[], $5::timestamptz[])";

/// Appends of `shape`.
///
/// # Errors
/// When the server fails.
pub async fn inserts(server: &Server, schema: &str, shape: Shape, span: Span) -> Result<Sample, BenchError> {
    server.make_raw(schema).await?;
    let base = Instant::now();
    let mut writers = Vec::with_capacity(shape.writers);
    for number in 0..shape.writers {
        let connection = server.connect(schema).await?;
        let stream = document::stream("w", number).map_err(failed("naming a stream"))?.as_str().to_owned();
        writers.push(Writer {
            connection,
            stream,
            version: 0,
            kind: document::kind(),
            batch: shape.batch,
            base,
        });
    }
    closed_loop(writers, span).await
}

struct Writer {
    connection: PgConnection,
    stream: String,
    version: i64,
    kind: EventType,
    batch: usize,
    base: Instant,
}

#[async_trait]
impl Caller for Writer {
    async fn call(&mut self) -> Result<u64, BenchError> {
        let (json, now) = (document::document(self.base), Micros(SystemClock.now().0));
        let statement = match self.batch {
            1 => query(INSERT)
                .bind(self.stream.as_str())
                .bind(self.version + 1)
                .bind(self.kind.as_str())
                .bind(json.as_slice())
                .bind(now),
            batch => {
                let versions: Vec<i64> = (self.version + 1..).take(batch).collect();
                query(UNNEST)
                    .bind(vec![self.stream.as_str(); batch])
                    .bind(versions)
                    .bind(vec![self.kind.as_str(); batch])
                    .bind(vec![json.as_slice(); batch])
                    .bind(vec![now; batch])
            }
        };
        statement.execute(&mut self.connection).await.map_err(failed("a raw INSERT"))?;
        self.version += self.batch as i64;
        Ok(self.batch as u64)
    }
}
