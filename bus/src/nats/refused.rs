//! Commands and invitations that were taken from their queue because nobody will ever do what they ask. They lie among
//! the dead, whole, until a person sends them again, as they are or mended, or drops them.

use std::collections::BTreeMap;

use async_nats::HeaderMap;
use async_nats::jetstream::Message;
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::RawMessageErrorKind;
use hydra_events::stream::is_id;
use hydra_events::{ContentHash, StreamName, Timestamp};

use super::letters::{WHAT, header, part, read, send};
use super::link::{Link, unavailable};
use super::message::taken_at;
use crate::bus::BusError;
use crate::dead::REASON_BYTES_MAX;
use crate::subject::Subject;
use crate::wire;

const REFUSED: &str = "refused";
const REASON: &str = "Hydra-Reason";
const SUBJECT: &str = "Hydra-Subject";
const SEQUENCE: &str = "Hydra-Sequence";
const HEADERS: &str = "Hydra-Headers";
/// Headers that take more are not kept, so that a message and what is said about it fit into one.
const HEADERS_BYTES_MAX: usize = 16 * 1024;
/// The category that stands for the stream nobody knows, in the subject of a refused message.
const NO_STREAM: &str = "in";
const UNKNOWN: &str = "unknown";

/// A message that was taken from its queue because nobody will ever do what it asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The subject it came under.
    pub subject: String,
    /// Its sequence in the stream it was taken from.
    pub sequence: u64,
    /// Why it was set aside.
    pub reason: String,
    /// The first value of each of its headers.
    pub headers: BTreeMap<String, String>,
    /// What it said.
    pub payload: Vec<u8>,
}

/// A refused message where it lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Buried {
    /// Its number among the dead.
    pub number: u64,
    /// Since when it lies there.
    pub since: Timestamp,
    /// The message.
    pub refused: Refused,
}

/// Keeps a copy of a message that was refused for good.
pub(super) async fn bury_refused(link: &Link, refused: &Refused) -> Result<(), BusError> {
    let parts: Vec<&str> = refused.subject.rsplit('.').take(2).collect();
    let known = |at: usize| parts.get(at).copied().filter(|part| is_id(part)).unwrap_or(UNKNOWN);
    let stream = StreamName::try_new(NO_STREAM, known(0)).map_err(|e| BusError::Refused(e.to_string()))?;
    let subject = link.subjects.spell(&Subject::Dead { actor: part(known(1))?, stream });
    let reason = &refused.reason[..refused.reason.floor_char_boundary(REASON_BYTES_MAX)];
    let mut message = PublishMessage::build()
        .header(WHAT, REFUSED)
        .header(REASON, wire::encode(reason))
        .header(SUBJECT, wire::encode(&refused.subject))
        .header(SEQUENCE, refused.sequence.to_string())
        .payload(refused.payload.clone().into());
    let headers = serde_json::to_string(&refused.headers).map_err(|e| BusError::Refused(e.to_string()))?;
    let headers = wire::encode(&headers);
    if headers.len() <= HEADERS_BYTES_MAX {
        message = message.header(HEADERS, headers);
    }
    send(link, subject, message).await
}

/// The newest refused messages, the oldest first.
pub(super) async fn buried(link: &Link) -> Result<Vec<Buried>, BusError> {
    if link.info(&link.names.dead).await?.is_none() {
        return Ok(Vec::new());
    }
    read(link, &link.names.dead, |message| match header(message, WHAT)? {
        REFUSED => understand(message),
        _ => None,
    })
    .await
}

fn understand(message: &Message) -> Option<Buried> {
    let info = message.info().ok()?;
    let headers = header(message, HEADERS).and_then(wire::decode);
    let refused = Refused {
        subject: wire::decode(header(message, SUBJECT)?)?,
        sequence: header(message, SEQUENCE)?.parse().ok()?,
        reason: wire::decode(header(message, REASON)?)?,
        headers: headers.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default(),
        payload: message.payload.to_vec(),
    };
    Some(Buried { number: info.stream_sequence, since: taken_at(&info), refused })
}

/// Sends a command to its queue again, with `payload`, and takes it from the dead once it is there. It is a new command:
/// what its sender called it belongs to the one that was refused.
pub(super) async fn send_again(link: &Link, buried: &Buried, payload: Vec<u8>) -> Result<(), BusError> {
    let Refused { subject, headers, .. } = &buried.refused;
    if !matches!(link.subjects.parse(subject), Ok(Subject::Incoming { .. })) {
        let reason = format!("{subject} was no command: only commands can be sent again");
        return Err(BusError::Refused(reason));
    }
    // The same for the same payload, so that who is cut off between here and the end sends it once.
    let id = format!("dead-{}-{}-{}", buried.number, buried.since.0, ContentHash::of(&payload));
    let mut kept = HeaderMap::new();
    let own =
        |name: &str| name.to_ascii_lowercase().starts_with("nats-") || name.eq_ignore_ascii_case("ce-id");
    for (name, value) in headers.iter().filter(|(name, _)| !own(name)) {
        kept.insert(name.as_str(), value.as_str());
    }
    let message = PublishMessage::build().headers(kept).payload(payload.into());
    link.ensure_incoming().await?;
    send(link, subject.clone(), message.message_id(id)).await?;
    forget(link, buried.number).await
}

/// Takes a refused message from the dead; one that is gone already is no error.
pub(super) async fn forget(link: &Link, number: u64) -> Result<(), BusError> {
    let stream = link.stream.get_stream_no_info(&link.names.dead).await.map_err(unavailable)?;
    match stream.get_raw_message(number).await {
        Ok(_) => stream.delete_message(number).await.map(|_| ()).map_err(unavailable),
        Err(error) if error.kind() == RawMessageErrorKind::NoMessageFound => Ok(()),
        Err(error) => Err(unavailable(error)),
    }
}
