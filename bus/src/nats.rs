//! The bus of several processes, over a NATS server with JetStream.
//!
//! The server acknowledges before it syncs, may lose its end in a power failure, and its owner may empty or
//! delete any stream. So nothing here is a record: the relay compares and refills the events, what is owed
//! is invited again, and followers read from the log what the server does not deliver.

mod desk;
mod events;
mod feed;
pub mod ingress;
mod letters;
mod link;
mod message;
mod offers;
pub mod options;
mod pull;
mod refused;
mod replay;
mod streams;

use std::sync::Arc;

use async_trait::async_trait;
use hydra_events::Recorded;
use hydra_events::record::Position;
use hydra_events::vocabulary::terms::WorkKind;

use crate::bus::{Bus, BusError, Feed, Kept};
use crate::dead::DeadLetter;
use crate::desk::{Desk, Questions, check_size};
use crate::remote::other_log;
use crate::work::{Invitation, Invitations, check_name};
use desk::Asked;
use events::Publisher;
use feed::Hub;
use ingress::COMMAND_BYTES_MAX;
use link::Link;
use offers::Puller;

pub use options::{NatsLimits, NatsOptions, SignIn, Tls, TlsMode};
pub use refused::{Buried, Refused};
pub use replay::Replayer;
pub use streams::Names;

/// What a look at a server has shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probed {
    /// The server's version.
    pub version: String,
    /// The streams that the first connection will make.
    pub missing: Vec<String>,
}

/// A bus over a NATS server.
pub struct NatsBus {
    link: Arc<Link>,
    publisher: Publisher,
    hub: Arc<Hub>,
}

impl NatsBus {
    /// Connects and makes what is missing on the server; needs a Tokio runtime for as long as the bus lives.
    ///
    /// A lost connection is made again for ever. Whatever is called meanwhile ends with
    /// [`BusError::Unavailable`], but for pullers and feeds, which wait.
    ///
    /// # Errors
    /// `Refused` when the options are wrong, the server refuses the sign-in, a stream of this name is
    /// somebody else's, or the writer of another log answers under the prefix; `Unavailable` when the server cannot be
    /// reached.
    pub async fn connect(options: NatsOptions) -> Result<Self, BusError> {
        let link = Arc::new(Box::pin(Link::connect(options)).await?);
        let hub = Arc::new(Hub::new(link.limits.feed_events));
        let bus = Self { publisher: Publisher::new(Arc::clone(&link)), hub, link };
        if let Some(log) = bus.link.log {
            if let Some(other) = other_log(&bus, log).await {
                let prefix = bus.link.subjects.prefix();
                return Err(BusError::Refused(format!(
                    "another Hydra, of log {other}, is at work under the prefix {prefix:?} of this server, and this one has \
                     log {log}: give one of them another prefix"
                )));
            }
            bus.link.during(bus.link.ensure_streams()).await?;
        }
        Ok(bus)
    }

    /// Looks whether a server could be used, and changes nothing there: its version, and the names of the
    /// streams that are still to be made.
    ///
    /// # Errors
    /// As of [`Self::connect`], and `Refused` where JetStream is not to be had.
    pub async fn probe(options: NatsOptions) -> Result<Probed, BusError> {
        let link = Link::connect(options).await?;
        let version = link.client.server_info().version;
        let missing = link.missing_streams().await;
        link.close().await;
        Ok(Probed { version, missing: missing? })
    }

    /// The streams on the server.
    pub fn names(&self) -> &Names {
        &self.link.names
    }

    /// Throws away all events on the server; the relay fills them again from position `first` on. For a
    /// stream the relay refuses because it is ahead of the log.
    pub async fn rebuild(&self, first: Position) -> Result<(), BusError> {
        self.begin_at(first).await
    }

    /// The newest messages that were refused for good, the oldest first; at most
    /// [`crate::dead::LETTERS_MAX`].
    pub async fn refused(&self) -> Result<Vec<Buried>, BusError> {
        self.link.during(refused::buried(&self.link)).await
    }

    /// Sends a refused command to its queue again, with `payload`, as a new command; then it is no longer among the
    /// refused ones. An invitation is `Refused`: its work is queued again by itself.
    pub async fn send_again(&self, buried: &Buried, payload: Vec<u8>) -> Result<(), BusError> {
        if payload.len() > COMMAND_BYTES_MAX {
            let reason = format!("a command of {} bytes: up to {COMMAND_BYTES_MAX} are taken", payload.len());
            return Err(BusError::Refused(reason));
        }
        self.link.during(refused::send_again(&self.link, buried, payload)).await
    }

    /// Forgets a refused message.
    pub async fn forget_refused(&self, number: u64) -> Result<(), BusError> {
        self.link.during(refused::forget(&self.link, number)).await
    }

    /// Moves what was offered in vain from its queue to the dead letters, and returns how much it was.
    pub async fn bury_exhausted(&self) -> Result<usize, BusError> {
        self.link.during(letters::bury_exhausted(&self.link)).await
    }
}

impl Drop for NatsBus {
    fn drop(&mut self) {
        self.hub.close();
        self.link.closed.cancel();
    }
}

#[async_trait]
impl Bus for NatsBus {
    async fn publish(&self, events: &[Arc<Recorded>]) -> Result<(), BusError> {
        self.link.publishes()?;
        self.link
            .during(async {
                let (taken, result) = self.publisher.publish(events).await;
                self.hub.published(&events[..taken]);
                result
            })
            .await
    }

    async fn published(&self) -> Result<Position, BusError> {
        self.link.during(events::published(&self.link)).await
    }

    async fn kept(&self) -> Result<Option<Kept>, BusError> {
        self.link.publishes()?;
        self.link.during(self.publisher.kept()).await.map(Some)
    }

    async fn begin_at(&self, first: Position) -> Result<(), BusError> {
        self.link.publishes()?;
        self.link.during(self.publisher.begin_at(first)).await
    }

    async fn follow(&self) -> Result<Box<dyn Feed>, BusError> {
        let feed = self.link.during(self.hub.follow(&self.link)).await?;
        Ok(Box::new(feed))
    }

    async fn invite(&self, invitation: Invitation) -> Result<(), BusError> {
        invitation.check()?;
        self.link.during(offers::invite(&self.link, &invitation)).await
    }

    async fn invitations(&self, node: &str, kind: WorkKind) -> Result<Box<dyn Invitations>, BusError> {
        check_name("node", node)?;
        let puller = self.link.during(Puller::open(&self.link, node, kind)).await?;
        Ok(Box::new(puller))
    }

    async fn bury(&self, letter: DeadLetter) -> Result<(), BusError> {
        letter.check()?;
        self.link.during(letters::bury(&self.link, &letter)).await
    }

    async fn dead_letters(&self) -> Result<Vec<DeadLetter>, BusError> {
        self.link.during(letters::letters(&self.link)).await
    }

    async fn ask(&self, desk: Desk, question: Vec<u8>) -> Result<Vec<u8>, BusError> {
        check_size("a question", &question)?;
        self.link.during(desk::ask(&self.link, desk, question)).await
    }

    async fn questions(&self, desk: Desk) -> Result<Box<dyn Questions>, BusError> {
        let asked = self.link.during(Asked::open(&self.link, desk)).await?;
        Ok(Box::new(asked))
    }

    async fn close(&self) {
        self.hub.close();
        self.link.close().await;
    }
}
