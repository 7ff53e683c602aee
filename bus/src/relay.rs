//! The relay: publishes the log, event by event, in order, in the process that writes the log.
//!
//! It remembers nothing: where to go on is what the bus says it has. A wake-up from the log is a hint, a
//! short poll the backstop. A failing bus or store is tried again for ever; a damaged log or a bus ahead of
//! it ends the relay, because going on would skip or invent events.
//!
//! A bus that keeps events is compared with the log at the beginning, after every error, and every few
//! seconds: what somebody emptied, mixed up or filled from another log begins anew.

mod compare;

use std::future;
use std::sync::Arc;
use std::time::Duration;

use hydra_events::log::LogError;
use hydra_events::record::Position;
use hydra_events::{EventLog, Recorded};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::bus::{Bus, BusError};
use crate::page;

/// Half of what a feed in this process holds, so that a follower has time to keep up.
const PAGE_EVENTS: usize = 512;
/// How long a bus is trusted before it is compared with the log again.
const COMPARE: Duration = Duration::from_secs(5);
const POLL: Duration = Duration::from_millis(500);
const DELAY_FIRST: Duration = Duration::from_millis(20);
const DELAY_MAX: Duration = Duration::from_secs(5);

/// Why the relay cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// The bus has events the log does not have: it belongs to another log, or the log lost its end.
    #[error(
        "the bus has published up to {published}, but the log ends at {head}: is it the bus of another log? `hydra bus rebuild` fills it anew"
    )]
    Ahead {
        /// The last position the bus has.
        published: Position,
        /// The last position of the log.
        head: Position,
    },
    /// The log cannot be read on.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The bus takes nothing any more.
    #[error(transparent)]
    Bus(#[from] BusError),
}

impl RelayError {
    /// Whether trying again may help.
    fn may_pass(&self) -> bool {
        match self {
            Self::Log(LogError::Store(_)) => true,
            Self::Bus(BusError::OutOfOrder { .. } | BusError::Unavailable(_)) => true,
            Self::Log(
                LogError::Conflict { .. }
                | LogError::Refused { .. }
                | LogError::Damaged { .. }
                | LogError::Open(_),
            ) => false,
            Self::Bus(BusError::Refused(_) | BusError::Closed) | Self::Ahead { .. } => false,
        }
    }
}

/// Publishes what `log` holds after the last position `bus` has, and whatever is appended, until `stop`.
pub async fn relay(
    log: Arc<dyn EventLog>,
    bus: Arc<dyn Bus>,
    stop: CancellationToken,
) -> Result<(), RelayError> {
    let committed = log.committed();
    let mut relay = Relay { log, bus, committed, after: None, ahead: None, compared: Instant::now() };
    tokio::select! {
        biased;
        () = stop.cancelled() => Ok(()),
        error = relay.run() => Err(error),
    }
}

struct Relay {
    log: Arc<dyn EventLog>,
    bus: Arc<dyn Bus>,
    committed: watch::Receiver<Position>,
    /// The last position published, unless the bus must be asked for it.
    after: Option<Position>,
    /// What follows that, if it is known already.
    ahead: Option<Vec<Arc<Recorded>>>,
    /// When the bus was asked last.
    compared: Instant,
}

impl Relay {
    async fn run(&mut self) -> RelayError {
        let mut delay = DELAY_FIRST;
        loop {
            match self.step().await {
                Ok(()) => delay = DELAY_FIRST,
                Err(error) if error.may_pass() => {
                    tracing::warn!(%error, ?delay, "the relay tries again");
                    self.after = None;
                    sleep(delay).await;
                    delay = (delay * 2).min(DELAY_MAX);
                }
                Err(error) => return error,
            }
        }
    }

    /// Publishes one page; at the head of the log, waits for more.
    async fn step(&mut self) -> Result<(), RelayError> {
        let ahead = self.ahead.take();
        let after = match self.after {
            Some(after) if self.compared.elapsed() < COMPARE => after,
            Some(_) | None => self.resume().await?,
        };
        let events = match ahead.filter(|_| self.after == Some(after)) {
            Some(events) => events,
            None => page::read(self.log.as_ref(), after, PAGE_EVENTS).await?,
        };
        let Some(last) = events.last().map(|last| last.position) else {
            self.after = Some(after);
            // What was waited for in vain is waited for again, once the bus was looked at.
            return Ok(timeout(COMPARE, self.more(after)).await.unwrap_or(Ok(()))?);
        };
        let (published, ahead) = tokio::join!(self.bus.publish(&events), self.ahead(last, events.len()));
        published?;
        (self.after, self.ahead) = (Some(last), ahead);
        Ok(())
    }

    /// What follows `last`, read while the page of `events` that ends with it is on its way. At the head of the log
    /// that is nothing, which need not be read.
    async fn ahead(&self, last: Position, events: usize) -> Option<Vec<Arc<Recorded>>> {
        let committed = *self.committed.borrow();
        match committed > last {
            // An error is met again by whoever reads next.
            true => page::read(self.log.as_ref(), last, PAGE_EVENTS).await.ok(),
            false => (events < PAGE_EVENTS).then(Vec::new),
        }
    }

    async fn resume(&mut self) -> Result<Position, RelayError> {
        let published = compare::settle(self.log.as_ref(), self.bus.as_ref()).await?;
        self.compared = Instant::now();
        Ok(published)
    }

    /// Waits until the log goes on after `after`.
    async fn more(&mut self, after: Position) -> Result<(), LogError> {
        while *self.committed.borrow_and_update() <= after {
            let polled = timeout(POLL, hint(&mut self.committed)).await.is_err();
            if polled && self.log.head().await? > after {
                break;
            }
        }
        Ok(())
    }
}

/// Waits for a hint. A log that gives none, because another process writes it, leaves only the poll.
async fn hint(committed: &mut watch::Receiver<Position>) {
    if committed.changed().await.is_err() {
        future::pending().await
    }
}
