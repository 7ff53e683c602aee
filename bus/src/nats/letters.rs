//! Copies of what was set aside: deliveries the inboxes parked, commands nobody takes, and messages that were
//! offered in vain.

use std::collections::VecDeque;

use async_nats::HeaderMap;
use async_nats::jetstream::consumer::{AckPolicy, PullConsumer, pull};
use async_nats::jetstream::message::PublishMessage;
use futures::TryStreamExt;
use hydra_events::StreamName;
use hydra_events::stream::is_id;
use serde::Deserialize;

use super::link::{Link, unavailable};
use crate::bus::BusError;
use crate::dead::{DeadLetter, LETTERS_MAX, REASON_BYTES_MAX};
use crate::subject::{Part, Subject};
use crate::wire;

/// Says what a message among the dead is.
const WHAT: &str = "Hydra-Dead";
const LETTER: &str = "letter";
const REFUSED: &str = "refused";
const REASON: &str = "Hydra-Reason";
const SUBJECT: &str = "Hydra-Subject";
const SEQUENCE: &str = "Hydra-Sequence";
/// The category that stands for the stream nobody knows, in the subject of a refused message.
const NO_STREAM: &str = "in";
const UNKNOWN: &str = "unknown";
const PAGE: usize = 500;

/// A message that was taken from its queue because nobody will ever do what it asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The subject it came under.
    pub subject: String,
    /// Its sequence in the stream it was taken from.
    pub sequence: u64,
    /// Why it was set aside.
    pub reason: String,
    /// What it said.
    pub payload: Vec<u8>,
}

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

/// Keeps a copy of a message that was refused for good.
pub(super) async fn bury_refused(link: &Link, refused: &Refused) -> Result<(), BusError> {
    let parts: Vec<&str> = refused.subject.rsplit('.').take(2).collect();
    let known = |at: usize| parts.get(at).copied().filter(|part| is_id(part)).unwrap_or(UNKNOWN);
    let stream = StreamName::try_new(NO_STREAM, known(0)).map_err(|e| BusError::Refused(e.to_string()))?;
    let subject = link.subjects.spell(&Subject::Dead { actor: part(known(1))?, stream });
    let reason = &refused.reason[..refused.reason.floor_char_boundary(REASON_BYTES_MAX)];
    let message = PublishMessage::build()
        .header(WHAT, REFUSED)
        .header(REASON, wire::encode(reason))
        .header(SUBJECT, wire::encode(&refused.subject))
        .header(SEQUENCE, refused.sequence.to_string())
        .payload(refused.payload.clone().into());
    send(link, subject, message).await
}

fn part(text: &str) -> Result<Part, BusError> {
    text.parse().map_err(|error| BusError::Refused(format!("{error}")))
}

async fn send(link: &Link, subject: String, message: PublishMessage) -> Result<(), BusError> {
    let sent = link.stream.send_publish(subject, message).await.map_err(unavailable)?;
    sent.await.map(|_| ()).map_err(unavailable)
}

/// The newest letters, the oldest first.
pub(super) async fn letters(link: &Link) -> Result<Vec<DeadLetter>, BusError> {
    read(link, &link.names.dead, |headers, body| match header(headers, WHAT)? {
        LETTER => serde_json::from_slice(body).ok(),
        _ => None,
    })
    .await
}

/// The newest refused messages, the oldest first.
pub(super) async fn refused(link: &Link) -> Result<Vec<Refused>, BusError> {
    read(link, &link.names.dead, |headers, body| match header(headers, WHAT)? {
        REFUSED => Some(Refused {
            subject: wire::decode(header(headers, SUBJECT)?)?,
            sequence: header(headers, SEQUENCE)?.parse().ok()?,
            reason: wire::decode(header(headers, REASON)?)?,
            payload: body.to_vec(),
        }),
        _ => None,
    })
    .await
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).map(|value| value.as_str())
}

/// The newest messages of a stream that `understand` makes something of.
async fn read<T>(
    link: &Link,
    stream: &str,
    understand: impl Fn(&HeaderMap, &[u8]) -> Option<T>,
) -> Result<Vec<T>, BusError> {
    let config =
        pull::Config { ack_policy: AckPolicy::None, memory_storage: true, ..pull::Config::default() };
    let made = link.stream.create_consumer_on_stream(config, stream).await;
    let consumer: PullConsumer = made.map_err(unavailable)?;
    let mut newest = VecDeque::new();
    let none = HeaderMap::new();
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
            newest.extend(understand(message.headers.as_ref().unwrap_or(&none), &message.payload));
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
        read(link, &link.names.advisories, |_, body| serde_json::from_slice(body).ok()).await?;
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
    let (subject, payload) = (message.subject.to_string(), message.payload.to_vec());
    bury_refused(link, &Refused { subject, sequence: message.sequence, reason, payload }).await?;
    stream.delete_message(advisory.stream_seq).await.map_err(unavailable)
}
