//! Talking to the server: single questions, and several in one transaction. Everything has an end: a server that hangs is
//! away.

use std::error::Error;
use std::time::Duration;

use neo4rs::{ConfigBuilder, Graph, Neo4jErrorKind, Query, Row, Txn};

use super::address::{Address, Neo4jOptions};
use crate::store::StoreError;

const CONNECTIONS_MAX: usize = 8;
/// How long a server that is away is waited for, and how long for a connection that others use.
const CONNECT_MAX: Duration = Duration::from_secs(10);
const WAIT_MAX: Duration = Duration::from_secs(20);
/// How long one statement may take. The first of a kind is translated before it runs, by a machine that is still cold.
const ANSWER_MAX: Duration = Duration::from_secs(60);
const FETCHED: usize = 1_000;

/// Why something was not done.
pub(super) enum Failure {
    /// The server or the driver said no.
    Driver(neo4rs::Error),
    /// There was no answer in time.
    Slow,
    /// It cannot be done.
    Store(StoreError),
    /// The view is not where the batch begins.
    Moved,
}

impl Failure {
    /// Whether the same may well succeed now: two transactions were in each other's way.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::Driver(neo4rs::Error::Neo4j(error)) => error.kind() == Neo4jErrorKind::Transient,
            Self::Driver(_) | Self::Slow | Self::Store(_) | Self::Moved => false,
        }
    }

    /// What it is to those who ask the store shown as `store`.
    pub(super) fn told(self, store: impl Fn() -> String) -> StoreError {
        let source: Box<dyn Error + Send + Sync> = match self {
            Self::Driver(neo4rs::Error::Neo4j(error)) if is_unfit(error.code(), error.message()) => {
                return StoreError::Unfit { store: store(), source: neo4rs::Error::Neo4j(error).into() };
            }
            Self::Driver(error) => error.into(),
            Self::Slow => "it does not answer".into(),
            Self::Store(error) => return error,
            Self::Moved => "the view was moved meanwhile".into(),
        };
        StoreError::Server { store: store(), source }
    }
}

impl From<neo4rs::Error> for Failure {
    fn from(error: neo4rs::Error) -> Self {
        Self::Driver(error)
    }
}

impl From<neo4rs::DeError> for Failure {
    fn from(error: neo4rs::DeError) -> Self {
        Self::Driver(error.into())
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

/// What the driver does is large: whoever waits for it boxes it.
async fn bounded<T>(asked: impl Future<Output = Result<T, neo4rs::Error>>) -> Result<T, Failure> {
    within(ANSWER_MAX, asked).await
}

async fn within<T>(
    most: Duration,
    asked: impl Future<Output = Result<T, neo4rs::Error>>,
) -> Result<T, Failure> {
    match tokio::time::timeout(most, asked).await {
        Ok(answered) => Ok(answered?),
        Err(_) => Err(Failure::Slow),
    }
}

/// A server with some connections to it, which are made when they are needed. Cheap to clone.
#[derive(Clone)]
pub(super) struct Server {
    graph: Graph,
}

impl Server {
    pub(super) fn try_new(address: &Address, options: &Neo4jOptions) -> Result<Self, neo4rs::Error> {
        let mut config = ConfigBuilder::default()
            .uri(address.uri.as_str())
            .user(options.user.as_str())
            .password(options.password.as_str())
            .max_connections(CONNECTIONS_MAX)
            .fetch_size(FETCHED)
            // In this driver, this is how long every answer is waited for.
            .connection_timeout(ANSWER_MAX)
            // In this driver, this is how long a connection of the pool is waited for.
            .max_lifetime(WAIT_MAX);
        if let Some(database) = &address.database {
            config = config.db(database.as_str());
        }
        Ok(Self { graph: Graph::connect(config.build()?)? })
    }

    /// What `asked` finds.
    pub(super) async fn rows(&self, asked: Query) -> Result<Vec<Row>, Failure> {
        bounded(Box::pin(self.found(asked))).await
    }

    /// What `asked` finds, which is next to nothing and shows soon whether the server is there.
    pub(super) async fn probe(&self, asked: Query) -> Result<Vec<Row>, Failure> {
        within(CONNECT_MAX, Box::pin(self.found(asked))).await
    }

    async fn found(&self, asked: Query) -> Result<Vec<Row>, neo4rs::Error> {
        let (mut stream, mut found) = (self.graph.execute_read(asked).await?, Vec::new());
        while let Some(row) = stream.next().await? {
            found.push(row);
        }
        Ok(found)
    }

    /// Does `asked`, which changes something, in a transaction of its own; what it returns.
    pub(super) async fn write(&self, asked: Query) -> Result<Vec<Row>, Failure> {
        let mut work = self.begin().await?;
        let done = work.rows(asked).await;
        work.end(done).await
    }

    /// Does `asked`, which changes what the database is shaped like, and cannot be part of anything.
    pub(super) async fn shape(&self, asked: &str) -> Result<(), Failure> {
        match bounded(Box::pin(self.graph.run(neo4rs::query(asked)))).await {
            // Somebody was quicker with the same.
            Err(Failure::Driver(neo4rs::Error::Neo4j(error))) if is_there_already(error.code()) => Ok(()),
            done => done.map(|_| ()),
        }
    }

    /// Begins a transaction. Whoever begins one has to [end](Work::end) it: what it holds stays held until then.
    pub(super) async fn begin(&self) -> Result<Work, Failure> {
        Ok(Work { transaction: within(CONNECT_MAX, Box::pin(self.graph.start_txn())).await? })
    }
}

/// Whether a value is what the server does not take: above all one that is searched by and longer than an index has room
/// for.
fn is_unfit(code: &str, message: &str) -> bool {
    code.starts_with("Neo.ClientError.Statement.TypeError")
        || code.starts_with("Neo.ClientError.Statement.ArgumentError")
        || message.contains("too large to index")
}

fn is_there_already(code: &str) -> bool {
    code.starts_with("Neo.ClientError.Schema.") && code.ends_with("AlreadyExists")
}

/// A transaction.
pub(super) struct Work {
    transaction: Txn,
}

impl Work {
    pub(super) async fn run(&mut self, asked: Query) -> Result<(), Failure> {
        bounded(Box::pin(self.transaction.run(asked))).await.map(|_| ())
    }

    pub(super) async fn rows(&mut self, asked: Query) -> Result<Vec<Row>, Failure> {
        bounded(Box::pin(async {
            let (mut stream, mut found) = (self.transaction.execute(asked).await?, Vec::new());
            while let Some(row) = stream.next(self.transaction.handle()).await? {
                found.push(row);
            }
            Ok(found)
        }))
        .await
    }

    /// Keeps what was `done`, or takes it back where that is a failure.
    pub(super) async fn end<T>(self, done: Result<T, Failure>) -> Result<T, Failure> {
        match done {
            Ok(done) => bounded(Box::pin(self.transaction.commit())).await.map(|_| done),
            Err(failure) => {
                // After most failures the server has taken it back already, and says so.
                if bounded(Box::pin(self.transaction.rollback())).await.is_err() {
                    tracing::debug!("a transaction that failed was gone already");
                }
                Err(failure)
            }
        }
    }
}
