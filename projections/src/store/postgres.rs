//! Views in a Postgres database: real tables, where rows and checkpoint change in one transaction.
//!
//! Each generation of a view has a schema of its own, called after the view: `hydra_procedural`, and `__next` or `__old`
//! behind it. Putting one in the place of another is renaming schemas, so that a query for Grafana never changes, and
//! nothing here needs migrations. What can go wrong: the user may not make schemas; the server is away.

mod column;
mod read;
mod shape;
mod write;

use std::error::Error;
use std::time::Duration;

use async_trait::async_trait;
use hydra_events::Id;
use hydra_events::log::postgres::Place;
use sqlx::postgres::{PgPool, PgPoolOptions};

use super::{Applied, Checkpoint, Found, Generation, StoreError, ViewStore, Which, no_generation};
use crate::batch::{Batch, Quarantined};
use crate::view::{Table, View};

const NAME: &str = "hydra-views";
const CONNECTIONS_MAX: u32 = 6;
/// How long a server that is away is waited for.
const CONNECT_MAX: Duration = Duration::from_secs(3);
/// How long anything may take on a server that is there; one that hangs is away.
const ANSWER_MAX: Duration = Duration::from_secs(60);
/// The same for the server: it neither goes on with what nobody waits for, nor keeps the locks of somebody who is gone.
const ANSWER_MAX_THERE: &str = "60s";
/// What is left of the 63 bytes of a name beside the longest name of a view and of a generation.
const SCHEMA_LENGTH_MAX: usize = 40;

/// Views in a Postgres database. Cheap to clone.
#[derive(Clone)]
pub struct PostgresStore {
    pool: PgPool,
    place: Place,
}

impl PostgresStore {
    /// The store at `url`, as the log has it; what stands behind `?schema=` is what the names of its schemas begin with,
    /// `hydra` where there is nothing. Connects when it is used.
    ///
    /// # Errors
    /// The URL is wrong. No message repeats it: it may hold a password.
    pub fn try_new(url: &str) -> Result<Self, StoreError> {
        let refused = |why: String| StoreError::Refused(format!("the URL of the views was refused: {why}"));
        let place = Place::parse(url).map_err(refused)?;
        if place.schema().len() > SCHEMA_LENGTH_MAX {
            return Err(refused(format!("a schema's name has {SCHEMA_LENGTH_MAX} characters at most")));
        }
        // What a power loss takes is noticed by the checkpoint and folded again.
        let options = place.options(NAME).options([
            ("synchronous_commit", "off"),
            ("statement_timeout", ANSWER_MAX_THERE),
            ("idle_in_transaction_session_timeout", ANSWER_MAX_THERE),
        ]);
        let pool = PgPoolOptions::new().max_connections(CONNECTIONS_MAX).acquire_timeout(CONNECT_MAX);
        Ok(Self { pool: pool.connect_lazy_with(options), place })
    }

    /// What the schema of a generation is called.
    fn schema(&self, view: &View, generation: Generation) -> String {
        format!("{}_{}{}", self.place.schema(), view.name, generation.suffix())
    }

    async fn ask<T>(&self, question: impl Future<Output = Result<T, Failure>>) -> Result<T, StoreError> {
        let answered = tokio::time::timeout(ANSWER_MAX, question).await;
        let source: Box<dyn Error + Send + Sync> = match answered {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(Failure::Store(error))) => return Err(error),
            // The pool tries again until then, whatever the reason was.
            Ok(Err(Failure::Sql(sqlx::Error::PoolTimedOut))) => "it does not answer".into(),
            Ok(Err(Failure::Sql(error))) if is_unfit(&error) => {
                return Err(StoreError::Unfit { store: self.shown(), source: error.into() });
            }
            Ok(Err(Failure::Sql(error))) => error.into(),
            Err(elapsed) => elapsed.into(),
        };
        Err(StoreError::Server { store: self.shown(), source })
    }
}

/// Why a question was not answered.
enum Failure {
    Sql(sqlx::Error),
    Store(StoreError),
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Store(error.into())
    }
}

/// Whether `error` says that a schema or a table is not there.
fn is_gone(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| ["42P01", "3F000"].contains(&code.as_ref()))
}

/// Whether `error` says that a value does not fit, and not that the server is unwell: what a type does not have, what is
/// longer than a row or the entry of an index may be.
fn is_unfit(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| ["22", "23", "54"].iter().any(|class| code.starts_with(class)))
}

#[async_trait]
impl ViewStore for PostgresStore {
    fn shown(&self) -> String {
        format!("postgres {}", self.place.shown())
    }

    async fn checkpoint(
        &self,
        view: &'static View,
        generation: Generation,
    ) -> Result<Option<Checkpoint>, StoreError> {
        let schema = self.schema(view, generation);
        self.ask(async { read::checkpoint(&self.pool, &schema, view).await }).await
    }

    async fn reset(&self, view: &'static View, generation: Generation, log: Id) -> Result<(), StoreError> {
        let schema = self.schema(view, generation);
        self.ask(async { shape::reset(&self.pool, &schema, view, log).await }).await
    }

    async fn apply(
        &self,
        view: &'static View,
        generation: Generation,
        batch: Batch,
    ) -> Result<Applied, StoreError> {
        let schema = self.schema(view, generation);
        self.ask(async {
            match write::apply(&self.pool, &schema, view, &batch).await {
                Err(Failure::Sql(error)) if is_gone(&error) => Ok(Applied::Moved),
                applied => applied,
            }
        })
        .await
    }

    async fn rows(
        &self,
        view: &'static View,
        generation: Generation,
        table: &'static Table,
        which: Which,
    ) -> Result<Found, StoreError> {
        let schema = self.schema(view, generation);
        self.ask(async {
            match read::rows(&self.pool, &schema, table, which).await {
                Err(Failure::Sql(error)) if is_gone(&error) => Err(no_generation(view, generation).into()),
                Ok(None) => Err(no_generation(view, generation).into()),
                Ok(Some(found)) => Ok(found),
                Err(failure) => Err(failure),
            }
        })
        .await
    }

    async fn quarantined(
        &self,
        view: &'static View,
        generation: Generation,
    ) -> Result<Vec<Quarantined>, StoreError> {
        let schema = self.schema(view, generation);
        self.ask(async { read::quarantined(&self.pool, &schema).await }).await
    }

    async fn switch(&self, view: &'static View) -> Result<Applied, StoreError> {
        let schema = |generation| self.schema(view, generation);
        let names = Generation::ALL.map(schema);
        self.ask(async { shape::switch(&self.pool, view, &names).await }).await
    }

    async fn roll_back(&self, view: &'static View) -> Result<(), StoreError> {
        let schema = |generation| self.schema(view, generation);
        let names = Generation::ALL.map(schema);
        self.ask(async { shape::roll_back(&self.pool, view, &names).await }).await
    }

    async fn discard(&self, view: &'static View, generation: Generation) -> Result<(), StoreError> {
        let schema = self.schema(view, generation);
        self.ask(async { shape::discard(&self.pool, &schema).await }).await
    }
}
