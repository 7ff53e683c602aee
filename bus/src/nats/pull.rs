//! Messages of one consumer, asked for as they are wanted, with an eye on whether the server still answers.

use std::time::Duration;

use async_nats::jetstream::consumer::PullConsumer;
use async_nats::jetstream::consumer::pull::BatchConfig;
use async_nats::jetstream::{self, AckKind};
use async_nats::{StatusCode, Subject, Subscriber};
use futures::StreamExt;
use tokio::time::timeout;

use super::link::{Link, unavailable};
use crate::bus::BusError;

/// How long the server keeps a request for messages that do not come.
const REQUEST_AGE: Duration = Duration::from_secs(30);

/// Most bytes asked for at once; more than the largest message.
const REQUEST_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Why nothing more comes: the consumer must be looked for again.
#[derive(Debug, thiserror::Error)]
pub(super) enum PullError {
    #[error("the NATS server gave no sign of life for {0:?}")]
    Silent(Duration),
    #[error("the NATS server ended the consumer: {0}")]
    Ended(String),
    #[error("the NATS server could not be asked: {0}")]
    Request(String),
}

/// A place where a consumer's messages arrive.
pub(super) struct Pull {
    consumer: PullConsumer,
    context: jetstream::Context,
    inbox: Subject,
    arriving: Subscriber,
    batch: usize,
    /// Messages that were asked for and have not come.
    due: usize,
    heartbeat: Duration,
}

impl Pull {
    /// Messages of `consumer`, asked for by the `batch`.
    pub(super) async fn open(link: &Link, consumer: PullConsumer, batch: usize) -> Result<Self, BusError> {
        let inbox = Subject::from(link.client.new_inbox());
        let arriving = link.client.subscribe(inbox.clone()).await.map_err(unavailable)?;
        let (context, heartbeat) = (link.stream.clone(), link.heartbeat);
        Ok(Self { consumer, context, inbox, arriving, batch, due: 0, heartbeat })
    }

    /// Waits for the next message. Dropping the future loses nothing: what arrives is there the next time.
    pub(super) async fn next(&mut self) -> Result<jetstream::Message, PullError> {
        loop {
            if self.due == 0 {
                self.request().await?;
            }
            let silence = self.heartbeat * 2;
            let Ok(arrived) = timeout(silence, self.arriving.next()).await else {
                return Err(PullError::Silent(silence));
            };
            let Some(message) = arrived else {
                return Err(PullError::Ended("the connection is closed".to_owned()));
            };
            match message.status {
                None => {
                    self.due = self.due.saturating_sub(1);
                    return Ok(jetstream::Message { message, context: self.context.clone() });
                }
                Some(status) => self.heed(status, message.description.unwrap_or_default())?,
            }
        }
    }

    async fn request(&mut self) -> Result<(), PullError> {
        let batch = BatchConfig {
            batch: self.batch,
            expires: Some(REQUEST_AGE.max(self.heartbeat * 3)),
            idle_heartbeat: self.heartbeat,
            max_bytes: REQUEST_BYTES_MAX,
            ..BatchConfig::default()
        };
        let asked = self.consumer.request_batch(batch, self.inbox.clone()).await;
        asked.map_err(|error| PullError::Request(error.to_string()))?;
        self.due = self.batch;
        Ok(())
    }

    /// What the server says about a request instead of sending a message.
    fn heed(&mut self, status: StatusCode, description: String) -> Result<(), PullError> {
        match status.as_u16() {
            100 => Ok(()),
            404 | 408 => {
                self.due = 0;
                Ok(())
            }
            409 if ["Batch Completed", "Message Size Exceeds MaxBytes"].contains(&description.as_str()) => {
                self.due = 0;
                Ok(())
            }
            code => Err(PullError::Ended(format!("{code} {description}"))),
        }
    }

    /// Ends it, so that whatever is under way goes to somebody else at once.
    pub(super) async fn give_back(mut self, wait: Duration) {
        if self.due == 0 || self.arriving.drain().await.is_err() {
            return;
        }
        while let Ok(Some(message)) = timeout(wait, self.arriving.next()).await {
            if message.status.is_none() {
                give_back(&jetstream::Message { message, context: self.context.clone() }).await;
            }
        }
    }
}

/// Has the server offer the message again, now.
pub(super) async fn give_back(message: &jetstream::Message) {
    if let Err(error) = message.ack_with(AckKind::Nak(None)).await {
        tracing::debug!(%error, "a message was not given back; it comes again when its time is over");
    }
}
