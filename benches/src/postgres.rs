//! Postgres without Hydra: schemas of the run's own, and the ceilings in them.

mod insert;
mod read;

use std::str::FromStr;
use std::sync::Arc;

use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgConnectOptions, PgConnection, PgHasArrayType, PgTypeInfo};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Encode, Postgres, Row, Type, query, raw_sql};

use crate::scratch::Scratch;
use crate::{BenchError, failed};

pub use insert::inserts;
pub use read::{copy, fill, select};

/// The pinned table: nothing heavier flatters a ratio, nothing lighter would be a log.
const TABLE: &str = "CREATE TABLE raw (pos bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, stream text NOT NULL, \
     version bigint NOT NULL, type text NOT NULL, data bytea NOT NULL, ts timestamptz NOT NULL, \
     UNIQUE (stream, version))";

/// Settings that decide how much an append costs.
const SETTINGS: [&str; 6] =
    ["fsync", "synchronous_commit", "full_page_writes", "wal_level", "shared_buffers", "max_wal_size"];

/// A server, and what this run has on it.
#[derive(Clone, Debug)]
pub struct Server(Arc<Inner>);

struct Inner {
    /// The URL without a schema. It may hold a password.
    url: String,
    options: PgConnectOptions,
    scratch: Scratch,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Server({:?})", self.scratch)
    }
}

impl Server {
    /// The server that `url` names; its schema, if it names one, is left alone.
    ///
    /// # Errors
    /// When the URL is none.
    pub fn try_new(url: &str, scratch: &Scratch) -> Result<Self, BenchError> {
        let (address, query) = url.split_once('?').unwrap_or((url, ""));
        let others: Vec<&str> =
            query.split('&').filter(|o| !o.is_empty() && !o.starts_with("schema=")).collect();
        let url = format!("{address}?{}", others.join("&"));
        let options = PgConnectOptions::from_str(&url).map_err(failed("reading the URL of Postgres"))?;
        let options = options.disable_statement_logging();
        Ok(Self(Arc::new(Inner { url, options, scratch: scratch.clone() })))
    }

    /// A schema name nothing else has.
    pub fn fresh(&self) -> String {
        format!("hydra_{}", self.0.scratch.fresh())
    }

    /// The URL of a log in `schema`.
    pub fn log_url(&self, schema: &str) -> String {
        let separator = if self.0.url.ends_with('?') { "" } else { "&" };
        format!("{}{separator}schema={schema}", self.0.url)
    }

    /// A connection that finds its tables in `schema`, as durable as the log's.
    pub(crate) async fn connect(&self, schema: &str) -> Result<PgConnection, BenchError> {
        let options = self.0.options.clone().options([("search_path", schema), ("synchronous_commit", "on")]);
        PgConnection::connect_with(&options).await.map_err(failed("connecting to Postgres"))
    }

    /// Makes `schema` with the raw table in it.
    pub(crate) async fn make_raw(&self, schema: &str) -> Result<(), BenchError> {
        let world = failed("making a raw table in Postgres");
        let mut connection = self.connect(schema).await?;
        let create = AssertSqlSafe(format!("CREATE SCHEMA {schema}"));
        raw_sql(create).execute(&mut connection).await.map_err(&world)?;
        raw_sql(TABLE).execute(&mut connection).await.map_err(&world)?;
        let storage = "ALTER TABLE raw ALTER data SET STORAGE EXTERNAL";
        raw_sql(storage).execute(&mut connection).await.map_err(&world)?;
        connection.close().await.map_err(&world)
    }

    /// Removes `schema` with all that is in it.
    ///
    /// # Errors
    /// When the server cannot be asked.
    pub async fn drop_schema(&self, schema: &str) -> Result<(), BenchError> {
        let world = failed("removing a schema of the bench from Postgres");
        let mut connection = self.connect(schema).await?;
        let drop = AssertSqlSafe(format!("DROP SCHEMA IF EXISTS {schema} CASCADE"));
        raw_sql(drop).execute(&mut connection).await.map_err(&world)?;
        connection.close().await.map_err(&world)
    }

    /// Removes every schema of this run.
    ///
    /// # Errors
    /// When the server cannot be asked.
    pub async fn clear(&self) -> Result<(), BenchError> {
        let world = failed("looking for the schemas of the bench");
        let mut connection = self.connect("public").await?;
        let pattern = format!("hydra_{}_", self.0.scratch.run());
        let select = query("SELECT nspname::text FROM pg_namespace WHERE starts_with(nspname::text, $1)");
        let rows = select.bind(pattern).fetch_all(&mut connection).await.map_err(&world)?;
        for row in rows {
            self.drop_schema(row.try_get(0).map_err(&world)?).await?;
        }
        connection.close().await.map_err(&world)
    }

    /// The version and the settings that matter, in words.
    ///
    /// # Errors
    /// When the server cannot be asked, or would lose in a power failure what it has acknowledged.
    pub async fn describe(&self) -> Result<String, BenchError> {
        let world = failed("asking Postgres for its settings");
        let mut connection = self.connect("public").await?;
        let version = query("SELECT current_setting('server_version')").fetch_one(&mut connection).await;
        let version: String = version.and_then(|row| row.try_get(0)).map_err(&world)?;
        let mut words = vec![format!("Postgres {}", version.split(' ').next().unwrap_or_default())];
        for setting in SETTINGS {
            let value = query("SELECT current_setting($1)").bind(setting).fetch_one(&mut connection).await;
            let value: String = value.and_then(|row| row.try_get(0)).map_err(&world)?;
            let is_off = setting != "wal_level" && value == "off";
            if is_off {
                let wrong =
                    format!("Postgres has {setting} = off: a log that may lose events is not measured");
                return Err(BenchError::Wrong(wrong));
            }
            words.push(format!("{setting}={value}"));
        }
        connection.close().await.map_err(&world)?;
        Ok(words.join(" "))
    }
}

/// Microseconds since 1970, as a `timestamptz`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Micros(pub(crate) i64);

/// Postgres counts from the beginning of the year 2000.
const EPOCH: i64 = 946_684_800_000_000;
const TIMESTAMPTZ: Oid = Oid(1184);
const TIMESTAMPTZ_ARRAY: Oid = Oid(1185);

impl Type<Postgres> for Micros {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(TIMESTAMPTZ)
    }
}

impl PgHasArrayType for Micros {
    fn array_type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(TIMESTAMPTZ_ARRAY)
    }
}

impl Encode<'_, Postgres> for Micros {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        buffer.extend_from_slice(&epoch_micros(self.0).to_be_bytes());
        Ok(IsNull::No)
    }
}

/// A moment in microseconds since 1970, as Postgres counts it.
pub(crate) fn epoch_micros(time: i64) -> i64 {
    time - EPOCH
}

/// What [`Micros`] encodes, decoded.
pub(crate) fn micros(bytes: [u8; 8]) -> i64 {
    i64::from_be_bytes(bytes) + EPOCH
}
