//! A schema for one test.

use std::env;
use std::ffi::OsStr;
use std::io::Write;
use std::path::Path;
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Once};

use async_trait::async_trait;
use hydra_events::clock::{Clock, ManualClock, Timestamp};
use hydra_events::contract::LogBackend;
use hydra_events::log::PostgresLog;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};

const SERVER: &str = "HYDRA_TEST_POSTGRES";

static PLACES: AtomicU32 = AtomicU32::new(0);
static SKIPPED: Once = Once::new();

/// A schema that is dropped with this.
pub struct Place {
    server: String,
    schema: String,
}

impl Place {
    /// A place on the server for tests, when there is one. Required, its absence is a failure.
    pub fn configured() -> Option<Self> {
        let Some(server) = env::var_os(SERVER).and_then(|url| url.into_string().ok()) else {
            SKIPPED
                .call_once(|| skip("the Postgres log is not tested, because HYDRA_TEST_POSTGRES is not set"));
            return None;
        };
        let number = PLACES.fetch_add(1, Ordering::SeqCst);
        Some(Self { server, schema: format!("test_{}_{number}", process::id()) })
    }

    /// The URL of the log.
    pub fn url(&self) -> String {
        self.with(&format!("schema={}", self.schema))
    }

    /// The same on another port.
    pub fn url_by(&self, port: u16) -> String {
        let (_, server_port) = self.server_address();
        self.url().replace(&format!(":{server_port}/"), &format!(":{port}/"))
    }

    /// The same over an encrypted connection to a server that `authority` vouches for.
    pub fn url_with_tls(&self, mode: &str, authority: &Path) -> String {
        let (address, _) = self.server.split_once('?').unwrap_or((&self.server, ""));
        format!("{address}?sslmode={mode}&sslrootcert={}&schema={}", authority.display(), self.schema)
    }

    /// Host and port of the server.
    pub fn server_address(&self) -> (String, u16) {
        let options: sqlx::postgres::PgConnectOptions = self.server.parse().unwrap();
        (options.get_host().to_owned(), options.get_port())
    }

    pub fn schema(&self) -> &str {
        &self.schema
    }

    /// A connection that is not the log's, for which the tables of the log need no schema before their names.
    pub async fn raw(&self) -> PgConnection {
        PgConnection::connect(&self.with(&format!("options=-csearch_path%3D{}", self.schema))).await.unwrap()
    }

    fn with(&self, option: &str) -> String {
        let join = if self.server.contains('?') { '&' } else { '?' };
        format!("{}{join}{option}", self.server)
    }
}

/// Says that something is not tested; fails where it must be. Past the capture of the test's output: a run without a
/// server must not look like one with.
pub fn skip(why: &str) {
    let required = env::var_os("HYDRA_TEST_REQUIRE");
    let required = required.as_deref().and_then(OsStr::to_str).unwrap_or_default();
    let demanded = required.split([',', ' ']).any(|word| word == "postgres");
    assert!(!demanded, "HYDRA_TEST_REQUIRE names postgres, and {why}");
    std::io::stderr().write_all(format!("ignored: {why}\n").as_bytes()).unwrap();
}

/// A clock that stands still.
pub fn noon() -> Arc<ManualClock> {
    Arc::new(ManualClock::at(Timestamp(43_200_000_000)))
}

pub async fn run(connection: &mut PgConnection, statements: &str) {
    sqlx::raw_sql(AssertSqlSafe(statements.to_owned())).execute(connection).await.unwrap();
}

pub async fn number(connection: &mut PgConnection, query: &str) -> Option<i64> {
    let row = sqlx::query(AssertSqlSafe(query.to_owned())).fetch_optional(connection).await.unwrap();
    row.map(|row| row.get(0))
}

#[async_trait]
impl LogBackend for Place {
    type Log = PostgresLog;

    async fn open(&self, clock: Arc<dyn Clock>) -> PostgresLog {
        PostgresLog::open(&self.url(), clock).await.unwrap()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let drop = format!("DROP SCHEMA IF EXISTS {} CASCADE", self.schema);
        std::thread::scope(|scope| {
            let work = async {
                let mut raw = PgConnection::connect(&self.server).await.unwrap();
                run(&mut raw, &drop).await;
            };
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            scope.spawn(move || runtime.block_on(work));
        });
    }
}
