//! Copies of what was set aside: deliveries the inboxes parked, and messages that were offered in vain.

use std::collections::VecDeque;

use async_nats::jetstream::Message;
use async_nats::jetstream::consumer::{AckPolicy, PullConsumer, pull};
use async_nats::jetstream::message::PublishMessage;
use futures::TryStreamExt;
use serde::Deserialize;

use super::ingress::first_values;
use super::link::{Link, unavailable};
use super::refused::{Refused, bury_refused};
use crate::bus::BusError;
use crate::dead::{DeadLetter, LETTERS_MAX};
use crate::subject::{Part, Subject};

/// Says what a message among the dead is.
pub(super) const WHAT: &str = "Hydra-Dead";
const LETTER: &str = "letter";
const PAGE: usize = 500;

pub(super) async fn bury(link: &Link, letter: &DeadLetter) -> Result<(), BusError> {
    let actor = part(&letter.actor)?;
    let subject = link.subjects.spell(&Subject::Dead { actor, stream: letter.target.clone() });
    let body = serde_json::to_vec(letter).map_err(|error| BusError::Refused(error.to_string()))?;
    let message = PublishMessage::build()
        .header("Content-Type", "application/json")
        .header(WHAT, LETTER)
        .payload(body.into());
    send(link, subject, message).await
}

pub(super) fn part(text: &str) -> Result<Part, BusError> {
    text.parse().map_err(|error| BusError::Refused(format!("{error}")))
}

pub(super) async fn send(link: &Link, subject: String, message: PublishMessage) -> Result<(), BusError> {
    let sent = link.stream.send_publish(subject, message).await.map_err(unavailable)?;
    sent.await.map(|_| ()).map_err(unavailable)
}

/// The newest letters, the oldest first.
pub(super) async fn letters(link: &Link) -> Result<Vec<DeadLetter>, BusError> {
    read(link, &link.names.dead, |message| match header(message, WHAT)? {
        LETTER => serde_json::from_slice(&message.payload).ok(),
        _ => None,
    })
    .await
}

/// A header of `message`.
pub(super) fn header<'a>(message: &'a Message, name: &str) -> Option<&'a str> {
    message.headers.as_ref()?.get(name).map(|value| value.as_str())
}

/// The newest messages of a stream that `understand` makes something of.
pub(super) async fn read<T>(
    link: &Link,
    stream: &str,
    understand: impl Fn(&Message) -> Option<T>,
) -> Result<Vec<T>, BusError> {
    let config =
        pull::Config { ack_policy: AckPolicy::None, memory_storage: true, ..pull::Config::default() };
    let made = link.stream.create_consumer_on_stream(config, stream).await;
    let consumer: PullConsumer = made.map_err(unavailable)?;
    let mut newest = VecDeque::new();
    loop {
        let fetched = consumer
            .fetch()
            .max_messages(PAGE)
            .expires(link.request_timeout)
            .messages()
            .await
            .map_err(unavailable)?;
        let messages: Vec<_> = fetched.try_collect().await.map_err(unavailable)?;
        for message in &messages {
            newest.extend(understand(message));
            if newest.len() > LETTERS_MAX {
                newest.pop_front();
            }
        }
        if messages.is_empty() {
            break;
        }
    }
    let name = &consumer.cached_info().name;
    if let Err(error) = link.stream.delete_consumer_from_stream(name, stream).await {
        tracing::debug!(%error, "a consumer is left to the server to forget");
    }
    Ok(newest.into())
}

/// What the server says about a message that was offered as often as its consumer allows.
#[derive(Deserialize)]
struct Advisory {
    stream: String,
    stream_seq: u64,
    deliveries: u64,
}

/// Moves messages that were offered in vain from their queues to the dead, and returns how many there were.
pub(super) async fn bury_exhausted(link: &Link) -> Result<usize, BusError> {
    let advisories: Vec<Advisory> =
        read(link, &link.names.advisories, |message| serde_json::from_slice(&message.payload).ok()).await?;
    let mut buried = 0;
    for advisory in &advisories {
        buried += usize::from(bury_one(link, advisory).await?);
    }
    if !advisories.is_empty() {
        let stream = link.stream.get_stream_no_info(&link.names.advisories).await.map_err(unavailable)?;
        // One that came meanwhile is told again by nobody: its message stays until it is too old.
        stream.purge().await.map_err(unavailable)?;
    }
    Ok(buried)
}

async fn bury_one(link: &Link, advisory: &Advisory) -> Result<bool, BusError> {
    if ![&link.names.work, &link.names.incoming].contains(&&advisory.stream) {
        return Ok(false);
    }
    let stream = link.stream.get_stream_no_info(&advisory.stream).await.map_err(unavailable)?;
    let Ok(message) = stream.get_raw_message(advisory.stream_seq).await else {
        // Somebody acknowledged it after all.
        return Ok(false);
    };
    let reason = format!("offered {} times, and nobody took it up", advisory.deliveries);
    let (subject, headers) = (message.subject.to_string(), first_values(Some(&message.headers)));
    let (sequence, payload) = (message.sequence, message.payload.to_vec());
    bury_refused(link, &Refused { subject, sequence, reason, headers, payload }).await?;
    stream.delete_message(advisory.stream_seq).await.map_err(unavailable)
}
