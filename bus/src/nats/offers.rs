//! Invitations on a work queue: one consumer for each node and kind, one message at a time to each puller.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, PullConsumer, pull};
use async_nats::jetstream::context::{PublishError, PublishErrorKind};
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::{self, AckKind, ErrorCode};
use async_trait::async_trait;
use hydra_events::vocabulary::terms::WorkKind;
use tokio::time::sleep;

use super::link::{Link, unavailable};
use super::pull::{Pull, give_back};
use crate::bus::BusError;
use crate::subject::{Part, Subject};
use crate::work::{Held, Invitation, Invitations, Receipt};

/// How long a full queue is left alone; twice as long every time.
const ROOM_DELAY_FIRST: Duration = Duration::from_millis(20);
const ROOM_DELAY_MAX: Duration = Duration::from_secs(1);
const DELAY_FIRST: Duration = Duration::from_millis(50);
const DELAY_MAX: Duration = Duration::from_secs(5);
/// A consumer nobody has pulled from for so long is forgotten. What it was for stays in the queue.
const CONSUMER_AGE: Duration = Duration::from_secs(24 * 60 * 60);

/// Adds an invitation to the queue, as soon as there is room.
pub(super) async fn invite(link: &Link, invitation: &Invitation) -> Result<(), BusError> {
    let body = rmp_serde::to_vec_named(invitation).map_err(|error| BusError::Refused(error.to_string()))?;
    let subject = subject(link, &invitation.node, invitation.kind)?;
    let mut delay = ROOM_DELAY_FIRST;
    loop {
        link.is_up()?;
        let message = PublishMessage::build()
            .header("Content-Type", "application/msgpack")
            .payload(body.clone().into());
        match publish(link, &subject, message).await {
            Ok(()) => return Ok(()),
            Err(error) if is_full(&error) => sleep(delay).await,
            Err(error) if error.kind() == PublishErrorKind::StreamNotFound => {
                tracing::warn!(%error, "the queue of invitations is made anew");
                link.ensure_work().await?;
                sleep(delay).await;
            }
            Err(error) => return Err(unavailable(error)),
        }
        delay = (delay * 2).min(ROOM_DELAY_MAX);
    }
}

async fn publish(link: &Link, subject: &str, message: PublishMessage) -> Result<(), PublishError> {
    link.stream.send_publish(subject.to_owned(), message).await?.await.map(|_| ())
}

fn is_full(error: &PublishError) -> bool {
    let reason = error.source().and_then(|source| source.downcast_ref::<jetstream::Error>());
    error.kind() == PublishErrorKind::Other
        && reason.is_some_and(|reason| reason.error_code() == ErrorCode::STREAM_STORE_FAILED)
}

fn subject(link: &Link, node: &str, kind: WorkKind) -> Result<String, BusError> {
    let node: Part = node.parse().map_err(|error| BusError::Refused(format!("{error}")))?;
    Ok(link.subjects.spell(&Subject::Work { node, kind }))
}

/// Pulls what one node is offered in one kind of work.
pub(super) struct Puller {
    link: Arc<Link>,
    config: pull::Config,
    /// Absent until it is needed, and after a failure.
    pull: Option<Pull>,
}

impl Puller {
    pub(super) async fn open(link: &Arc<Link>, node: &str, kind: WorkKind) -> Result<Self, BusError> {
        let limits = &link.limits;
        let config = pull::Config {
            durable_name: Some(format!("work-{node}-{}", kind.as_str())),
            filter_subject: subject(link, node, kind)?,
            ack_policy: AckPolicy::Explicit,
            ack_wait: limits.ack_wait,
            max_deliver: i64::from(limits.deliveries.max(1)),
            max_ack_pending: i64::try_from(limits.invitations.max(1)).unwrap_or(i64::MAX),
            inactive_threshold: CONSUMER_AGE,
            ..pull::Config::default()
        };
        let pull = self::open(link, &config).await?;
        Ok(Self { link: Arc::clone(link), config, pull: Some(pull) })
    }

    async fn pull(&mut self) -> Result<jetstream::Message, BusError> {
        self.link.is_up()?;
        let pull = match &mut self.pull {
            Some(pull) => pull,
            slot @ None => slot.insert(open(&self.link, &self.config).await?),
        };
        match pull.next().await {
            Ok(message) => Ok(message),
            Err(error) => {
                self.pull = None;
                Err(unavailable(error))
            }
        }
    }

    /// Pulls until there is an invitation: whoever waits for work goes on waiting while the server is away.
    async fn wait(&mut self) -> Result<Held, BusError> {
        let mut delay = DELAY_FIRST;
        loop {
            match self.pull().await {
                Ok(message) => match held(&self.link, message) {
                    Ok(held) => return Ok(held),
                    Err((message, error)) => discard(&message, &error).await,
                },
                Err(error) => {
                    tracing::warn!(%error, ?delay, "invitations are pulled again");
                    sleep(delay).await;
                    delay = (delay * 2).min(DELAY_MAX);
                }
            }
        }
    }
}

async fn open(link: &Link, config: &pull::Config) -> Result<Pull, BusError> {
    link.ensure_work().await?;
    let made = link.stream.create_consumer_on_stream(config.clone(), &link.names.work).await;
    let consumer: PullConsumer = made.map_err(unavailable)?;
    Pull::open(link, consumer, 1).await
}

#[async_trait]
impl Invitations for Puller {
    async fn next(&mut self) -> Result<Held, BusError> {
        let closed = self.link.closed.clone();
        tokio::select! {
            biased;
            () = closed.cancelled() => Err(BusError::Closed),
            held = self.wait() => held,
        }
    }
}

impl Drop for Puller {
    fn drop(&mut self) {
        if let Some(pull) = self.pull.take().filter(|_| !self.link.closed.is_cancelled()) {
            self.link.spawn(pull.give_back(self.link.request_timeout));
        }
    }
}

fn held(
    link: &Arc<Link>,
    message: jetstream::Message,
) -> Result<Held, (Box<jetstream::Message>, rmp_serde::decode::Error)> {
    match rmp_serde::from_slice::<Invitation>(&message.payload) {
        Ok(invitation) => {
            let receipt = NatsReceipt { link: Arc::clone(link), message: Some(message) };
            Ok(Held::new(invitation, Box::new(receipt)))
        }
        Err(error) => Err((Box::new(message), error)),
    }
}

/// What is no invitation must not come for ever.
async fn discard(message: &jetstream::Message, error: &rmp_serde::decode::Error) {
    tracing::warn!(%error, subject = %message.subject, "a message in the work queue is no invitation");
    if let Err(error) = message.ack_with(AckKind::Term).await {
        tracing::debug!(%error, "it comes again");
    }
}

struct NatsReceipt {
    link: Arc<Link>,
    /// Gone once it is acked.
    message: Option<jetstream::Message>,
}

#[async_trait]
impl Receipt for NatsReceipt {
    async fn ack(mut self: Box<Self>) -> Result<(), BusError> {
        let Some(message) = self.message.take() else { return Ok(()) };
        self.link.during(async { message.double_ack().await.map_err(unavailable) }).await
    }
}

impl Drop for NatsReceipt {
    fn drop(&mut self) {
        if let Some(message) = self.message.take().filter(|_| !self.link.closed.is_cancelled()) {
            self.link.spawn(async move { give_back(&message).await });
        }
    }
}
