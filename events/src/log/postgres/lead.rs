//! How a writer comes to be the one, and what it reads first.

use std::collections::BTreeSet;
use std::time::Duration;

use sqlx::{Row, query};
use tokio::time::{sleep, timeout};

use super::super::LogError;
use super::super::ledger::End;
use super::place::Place;
use super::session::{Session, is_lost};
use super::store;
use crate::clock::Clock;
use crate::id::Id;
use crate::stream::StreamName;

/// A statement that takes longer counts as lost with its connection.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(30);

/// How long to wait between two tries to reach a server that went away.
pub(super) const RECONNECT_PAUSE: Duration = Duration::from_millis(100);

/// A connection that holds the log, once no other writer does. Only a server that is away at first is an error:
/// whoever waits to take over waits for a server that restarts, too.
pub(super) async fn wait_to_lead(place: &Place, name: &str) -> Result<Session, LogError> {
    let mut session = Session::connect(place, name).await?;
    loop {
        match stand_by(&mut session, place).await {
            Ok(()) => return Ok(session),
            Err(error) if !is_lost(&error) => return Err(store::failed(error)),
            Err(error) => {
                tracing::warn!(%error, log = place.shown(), "the log's server went away while this waited");
            }
        }
        session = connect_again(place, name).await?;
    }
}

async fn connect_again(place: &Place, name: &str) -> Result<Session, LogError> {
    loop {
        sleep(RECONNECT_PAUSE).await;
        match Session::connect(place, name).await {
            Err(LogError::Store(error)) => tracing::debug!(%error, "the log has no connection"),
            connected => return connected,
        }
    }
}

/// Waits until no other writer holds the log. One that has stopped renewing its lease loses its connection.
async fn stand_by(session: &mut Session, place: &Place) -> Result<(), sqlx::Error> {
    let mut suspect = None;
    let mut waits = false;
    while !bounded(session.try_lead()).await? {
        if !std::mem::replace(&mut waits, true) {
            tracing::info!(log = place.shown(), "another process writes the log: waiting to take over");
        }
        let stale = bounded(session.stale_holder()).await?;
        // Twice in a row, or a holder that has just come would be ended for its predecessor's silence.
        if let Some(process) = stale.filter(|_| stale == suspect) {
            tracing::warn!(process, log = place.shown(), "the log's writer is silent: its connection ends");
            session.terminate(process).await?;
        }
        suspect = stale;
    }
    Ok(())
}

/// Where the log ends, and the streams that owe.
pub(super) async fn newest(session: &mut Session) -> Result<(End, BTreeSet<StreamName>), sqlx::Error> {
    let end = store::end(session.connection()).await?;
    Ok((end, store::streams_owing(session.connection()).await?))
}

pub(super) async fn ensure_id(session: &mut Session, clock: &dyn Clock) -> Result<Id, LogError> {
    let random = query("SELECT uuid_send(gen_random_uuid())").fetch_one(session.connection()).await;
    let random: Vec<u8> = random.and_then(|row| row.try_get(0)).map_err(store::failed)?;
    let id = Id::derive("log", &[&random, &clock.now().0.to_le_bytes()]);
    let insert = query("INSERT INTO log (id) VALUES ($1) ON CONFLICT (single) DO NOTHING");
    let inserted = insert.bind(id.as_bytes().as_slice()).execute(session.connection()).await;
    inserted.map_err(store::failed)?;
    store::log_id(session.connection()).await
}

/// Does `work`, which counts as lost with its connection once it takes too long.
pub(super) async fn bounded<T>(work: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
    match timeout(STATEMENT_TIMEOUT, work).await {
        Ok(done) => done,
        Err(_) => Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())),
    }
}
