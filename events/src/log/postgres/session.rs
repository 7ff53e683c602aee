//! The writer's connection, and its right to write: a lock that ends with the connection, and a lease that shows
//! others that its holder is alive.
//!
//! The lock alone is not enough: a holder that was stopped, or whose machine is gone, keeps it for as long as its
//! connection seems open. So a standby that sees the lease stale ends the holder's connection on the server, and with
//! it the lock. Neither is what keeps the log whole: that is the primary key on the position.

use std::time::Duration;

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection, Row, query, raw_sql};

use super::super::{ABSENT, LogError};
use super::place::Place;
use super::row;
use super::rows::{RowType, Rows};
use super::store;
use crate::record::Recorded;

const MIGRATIONS: &[&str] = &[include_str!("../../../../migrations/postgres/0001_log.sql")];

/// How often a holder renews its lease.
pub(super) const LEASE_RENEWAL: Duration = Duration::from_secs(1);

/// How long one try for the lock waits in the server's queue; a standby looks at the lease as often.
pub(super) const LOCK_WAIT: Duration = Duration::from_millis(500);

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The lock is a pair of numbers in the database: this one says that it is a log, the other in which schema.
const LOCK_CLASS: i32 = 0x68_79_64_72;

const LOCK: &str = "SELECT pg_advisory_lock($1, $2)";

const LOCK_NOT_AVAILABLE: &str = "55P03";

const UNDEFINED_TABLE: &str = "42P01";

/// Who holds the lock while the lease is older than two renewals, by the server's clock.
const STALE_HOLDER: &str = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2 \
     AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
     AND classid::bigint = $1 AND objid::bigint = $2 & 4294967295 \
     AND NOT EXISTS (SELECT FROM lease WHERE renewed > clock_timestamp() - interval '2 seconds')";

const LEADS: &str = "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2 \
     AND pid = pg_backend_pid() AND classid::bigint = $1 AND objid::bigint = $2 & 4294967295)";

const RENEW: &str = "INSERT INTO lease (holder, renewed) VALUES ($1, clock_timestamp()) \
     ON CONFLICT (single) DO UPDATE SET holder = excluded.holder, renewed = excluded.renewed";

pub(super) struct Session {
    connection: PgConnection,
    name: String,
    /// Which log of the database the lock is for.
    key: i32,
    /// Known once something was stored.
    row_type: Option<RowType>,
}

impl Session {
    /// Connects as the writer called `name`, to a server that keeps what it acknowledges.
    pub(super) async fn connect(place: &Place, name: &str) -> Result<Self, LogError> {
        let options = place.options(name);
        let connecting = tokio::time::timeout(CONNECT_TIMEOUT, PgConnection::connect_with(&options));
        let mut connection = connecting.await.map_err(store::failed)?.map_err(store::failed)?;
        refuse_unsynced(&mut connection).await?;
        ensure_schema(&mut connection, place.schema()).await.map_err(store::failed)?;
        Ok(Self { connection, name: name.to_owned(), key: place.lock_key(), row_type: None })
    }

    pub(super) fn connection(&mut self) -> &mut PgConnection {
        &mut self.connection
    }

    /// Stores `events`, all or none, with one statement. `rows` are the same.
    pub(super) async fn store(&mut self, events: &[&Recorded], rows: &Rows) -> Result<(), sqlx::Error> {
        let row_type = match self.row_type {
            Some(known) => known,
            None => *self.row_type.insert(RowType::find(&mut self.connection).await?),
        };
        row::store(&mut self.connection, row_type, events, rows).await
    }

    /// Waits a moment for the lock, and says whether it is ours now.
    pub(super) async fn try_lead(&mut self) -> Result<bool, sqlx::Error> {
        self.set_lock_timeout(LOCK_WAIT).await?;
        let locked = query(LOCK).bind(LOCK_CLASS).bind(self.key).execute(&mut self.connection).await;
        self.set_lock_timeout(Duration::ZERO).await?;
        match locked {
            Ok(_) => Ok(true),
            Err(error) if has_code(&error, LOCK_NOT_AVAILABLE) => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn set_lock_timeout(&mut self, limit: Duration) -> Result<(), sqlx::Error> {
        let set = query("SELECT set_config('lock_timeout', $1, false)").bind(limit.as_millis().to_string());
        set.execute(&mut self.connection).await.map(|_| ())
    }

    /// Whether this connection holds the lock.
    pub(super) async fn leads(&mut self) -> Result<bool, sqlx::Error> {
        let select = query(LEADS).bind(i64::from(LOCK_CLASS)).bind(i64::from(self.key));
        select.fetch_one(&mut self.connection).await?.try_get(0)
    }

    /// The server process of a holder that has not renewed its lease for too long.
    pub(super) async fn stale_holder(&mut self) -> Result<Option<i32>, sqlx::Error> {
        let select = query(STALE_HOLDER).bind(i64::from(LOCK_CLASS)).bind(i64::from(self.key));
        match select.fetch_optional(&mut self.connection).await {
            Ok(row) => row.map(|row| row.try_get(0)).transpose(),
            // The holder is making the tables just now.
            Err(error) if has_code(&error, UNDEFINED_TABLE) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Ends a connection on the server.
    pub(super) async fn terminate(&mut self, process: i32) -> Result<(), sqlx::Error> {
        let end = query("SELECT pg_terminate_backend($1)").bind(process);
        end.execute(&mut self.connection).await.map(|_| ())
    }

    /// Ends what the server still keeps of this writer's former connections.
    pub(super) async fn end_former(&mut self) -> Result<(), sqlx::Error> {
        let end = query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE application_name = $1 AND usename = current_user AND pid <> pg_backend_pid()",
        );
        end.bind(&self.name).execute(&mut self.connection).await.map(|_| ())
    }

    pub(super) async fn renew_lease(&mut self) -> Result<(), sqlx::Error> {
        query(RENEW).bind(&self.name).execute(&mut self.connection).await.map(|_| ())
    }

    /// The name of the writer that last renewed the lease.
    pub(super) async fn lease_holder(&mut self) -> Result<Option<String>, sqlx::Error> {
        let row = query("SELECT holder FROM lease").fetch_optional(&mut self.connection).await?;
        row.map(|row| row.try_get(0)).transpose()
    }

    /// Brings the tables up to date. Only the holder of the lock does so.
    pub(super) async fn migrate(&mut self) -> Result<(), LogError> {
        let table = "CREATE TABLE IF NOT EXISTS migrations (version integer PRIMARY KEY, \
                     applied timestamptz NOT NULL DEFAULT now())";
        if !has_migrations(&mut self.connection).await? {
            raw_sql(table).execute(&mut self.connection).await.map_err(store::failed)?;
        }
        let done = schema_of(&mut self.connection).await?;
        for (version, migration) in (1_i32..).zip(MIGRATIONS).skip(done) {
            let mut transaction = self.connection.begin().await.map_err(store::failed)?;
            raw_sql(*migration).execute(&mut *transaction).await.map_err(store::failed)?;
            let note = query("INSERT INTO migrations (version) VALUES ($1)").bind(version);
            note.execute(&mut *transaction).await.map_err(store::failed)?;
            transaction.commit().await.map_err(store::failed)?;
        }
        Ok(())
    }

    /// Gives lease and lock back.
    pub(super) async fn close(mut self) -> Result<(), sqlx::Error> {
        let left = query("DELETE FROM lease WHERE holder = $1").bind(&self.name);
        left.execute(&mut self.connection).await?;
        self.connection.close().await
    }
}

/// Whether `error` says that the connection is gone, so that the outcome of what was asked is unknown.
pub(super) fn is_lost(error: &sqlx::Error) -> bool {
    let lost = matches!(error, sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_));
    // Ended by an administrator or a standby, by a crash, or while the server starts or stops.
    let ended = |code: &str| code.starts_with("57P") || code.starts_with("08");
    lost || error.as_database_error().and_then(|error| error.code()).is_some_and(|code| ended(&code))
}

fn has_code(error: &sqlx::Error, code: &str) -> bool {
    error.as_database_error().and_then(|error| error.code()).is_some_and(|found| found == code)
}

/// What the server really does counts, not what it was asked for.
async fn refuse_unsynced(connection: &mut PgConnection) -> Result<(), LogError> {
    for setting in ["fsync", "full_page_writes", "synchronous_commit"] {
        let row = query("SELECT current_setting($1)").bind(setting).fetch_one(&mut *connection).await;
        let value: String = row.and_then(|row| row.try_get(0)).map_err(store::failed)?;
        refuse_setting(setting, &value)?;
    }
    Ok(())
}

fn refuse_setting(setting: &str, value: &str) -> Result<(), LogError> {
    if value == "on" {
        return Ok(());
    }
    Err(LogError::Open(format!(
        "the log would not survive a power loss: the server has {setting} = {value}, where on is needed"
    )))
}

/// Who may use a schema that is there need not be allowed to make one.
async fn ensure_schema(connection: &mut PgConnection, schema: &str) -> Result<(), sqlx::Error> {
    let there = query("SELECT FROM pg_namespace WHERE nspname = $1").bind(schema);
    if there.fetch_optional(&mut *connection).await?.is_none() {
        // Two may find it missing at once. The name is made of letters, digits and _ alone.
        let create = AssertSqlSafe(format!("CREATE SCHEMA IF NOT EXISTS \"{schema}\""));
        if let Err(error) = raw_sql(create).execute(connection).await
            && !error.as_database_error().is_some_and(|error| error.is_unique_violation())
        {
            return Err(error);
        }
    }
    Ok(())
}

async fn has_migrations(connection: &mut PgConnection) -> Result<bool, LogError> {
    let found = query("SELECT to_regclass('migrations') IS NOT NULL").fetch_one(connection).await;
    found.and_then(|row| row.try_get(0)).map_err(store::failed)
}

/// How many migrations the log has seen, unless it has seen more than there are.
async fn schema_of(connection: &mut PgConnection) -> Result<usize, LogError> {
    let newest = query("SELECT coalesce(max(version), 0) FROM migrations").fetch_one(connection).await;
    let done: i32 = newest.and_then(|row| row.try_get(0)).map_err(store::failed)?;
    let (done, known) = (usize::try_from(done).unwrap_or(0), MIGRATIONS.len());
    if done > known {
        return Err(LogError::Open(format!(
            "the log has schema {done}, this hydra knows {known}: use a newer hydra"
        )));
    }
    Ok(done)
}

/// Makes sure that a reader finds a log it understands.
pub(super) async fn refuse_unknown(connection: &mut PgConnection, place: &Place) -> Result<(), LogError> {
    if !has_migrations(connection).await? || schema_of(connection).await? == 0 {
        return Err(LogError::Open(format!(
            "{ABSENT} in {}: `hydra up` and `hydra produce` make it",
            place.shown()
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_syncs_less_is_refused_with_the_setting_that_is_wrong() {
        refuse_setting("fsync", "on").unwrap();
        for (setting, value) in
            [("fsync", "off"), ("full_page_writes", "off"), ("synchronous_commit", "local"), ("fsync", "")]
        {
            let Err(LogError::Open(message)) = refuse_setting(setting, value) else { panic!("{setting}") };
            assert!(message.contains(&format!("{setting} = {value},")), "{message}");
        }
    }
}
