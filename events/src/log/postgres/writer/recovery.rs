//! How the writer goes on after a batch that failed, and after a connection that was lost.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::super::super::LogError;
use super::super::super::ledger::End;
use super::super::lead::{RECONNECT_PAUSE, bounded, newest};
use super::super::session::Session;
use super::super::store::{self, taken_over};
use super::{PATIENCE, Writer, not_acknowledged};
use crate::stream::StreamName;

/// How long one try to become the writer again may take.
const LEAD_TIMEOUT: Duration = Duration::from_secs(10);

impl Writer {
    /// What is not stored may never be, and somebody else may have written: it has to be checked again.
    pub(super) fn doubt(&mut self) {
        self.next.doubt();
        self.ledger.fall_back(self.stored);
    }

    pub(super) fn lose(&mut self) {
        self.doubt();
        self.session = None;
        self.lost.get_or_insert(Instant::now());
    }

    /// Whether callers have been kept waiting for as long as they may.
    fn is_long_lost(&self) -> bool {
        self.lost.is_some_and(|lost| lost.elapsed() >= PATIENCE)
    }

    /// Makes sure that there is a connection which may write, and tries until `deadline` to get one.
    pub(super) async fn regain(&mut self, deadline: Instant) -> Result<(), LogError> {
        while self.session.is_none() {
            if let Some(why) = &self.stopped {
                return Err(LogError::Open(why.clone()));
            }
            let led = timeout(LEAD_TIMEOUT, self.lead_again()).await;
            match led.unwrap_or_else(|elapsed| Err(store::failed(elapsed))) {
                Ok(session) => {
                    tracing::info!(log = self.place.shown(), "the log has a connection again");
                    (self.session, self.lost) = (Some(session), None);
                }
                Err(error @ LogError::Open(_)) => {
                    tracing::error!(log = self.place.shown(), %error, "the log's writer has stopped");
                    self.stopped = Some(error.to_string());
                    self.committed = None;
                    return Err(error);
                }
                Err(error) if Instant::now() >= deadline || self.is_long_lost() => {
                    return Err(not_acknowledged(&error));
                }
                Err(_) => tokio::time::sleep(RECONNECT_PAUSE).await,
            }
        }
        Ok(())
    }

    /// A new connection with the lock, after the last was lost. Who was followed by another does not come back, even where
    /// that one is gone again: what this process has folded ends where the other began, and it would decide, and above
    /// all reject, by what no longer holds.
    async fn lead_again(&mut self) -> Result<Session, LogError> {
        let connected = Session::connect(&self.place, &self.name).await;
        self.away.send_replace(connected.is_err() && self.is_long_lost());
        let mut session = connected?;
        session.end_former().await.map_err(store::failed)?;
        let leads = session.try_lead().await.map_err(store::failed)?;
        let holder = session.lease_holder().await.map_err(store::failed)?;
        // One that has given its lease back leaves none.
        let holder = holder.unwrap_or_else(|| "another process".to_owned());
        if holder != self.name {
            return Err(taken_over(&holder));
        }
        if !leads {
            // Whoever has it has not said so yet.
            return Err(store::failed(std::io::Error::other("another process holds the lock of the log")));
        }
        session.renew_lease().await.map_err(store::failed)?;
        let (end, owing) = newest(&mut session).await.map_err(store::failed)?;
        self.look(end, owing);
        Ok(session)
    }

    fn look(&mut self, end: End, owing: BTreeSet<StreamName>) {
        self.doubt();
        self.ledger.look_again(end, owing);
        self.note_stored(end);
    }

    /// After the database refused a batch: somebody else may have written, or may write from now on.
    pub(super) async fn look_again(&mut self) {
        let Some(session) = &mut self.session else { return };
        let looked = bounded(async {
            let leads = session.leads().await?;
            Ok((leads, newest(session).await?))
        });
        match looked.await {
            Ok((true, (end, owing))) => self.look(end, owing),
            // The lock is asked for again before anything else is written.
            Ok((false, _)) => self.lose(),
            Err(error) => {
                tracing::warn!(%error, "the head of the log could not be read");
                self.lose();
            }
        }
    }
}
