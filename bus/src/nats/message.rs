//! Events and headers as messages of the client library.

use async_nats::jetstream::message::{Info, PublishMessage};
use async_nats::{HeaderMap, HeaderName};
use hydra_events::{Recorded, Timestamp};

use crate::wire::{self, WireError};

/// An event on its way: refused by the server unless it would follow the one before it.
pub(super) fn publish(event: &Recorded) -> PublishMessage {
    let mut headers = HeaderMap::new();
    for (name, value) in wire::headers(event) {
        headers.insert(HeaderName::from_static(name), value);
    }
    PublishMessage::build()
        .payload(wire::body(event).to_vec().into())
        .headers(headers)
        .expected_last_sequence(event.position - 1)
}

/// About how many bytes an event takes on its way.
pub(super) fn size(event: &Recorded) -> usize {
    event.size() + 1_024
}

/// When the server took a message.
pub(super) fn taken_at(info: &Info<'_>) -> Timestamp {
    Timestamp(i64::try_from(info.published.unix_timestamp_nanos() / 1_000).unwrap_or(i64::MAX))
}

/// The event that a stream has at `sequence`.
pub(super) fn read(sequence: u64, headers: Option<&HeaderMap>, body: &[u8]) -> Result<Recorded, WireError> {
    let find = |name: &str| headers.and_then(|headers| headers.get(name)).map(|value| value.as_str());
    let event = wire::read(find, body)?;
    match event.position == sequence {
        true => Ok(event),
        false => Err(WireError::Value {
            header: wire::POSITION,
            value: event.position.to_string(),
            wanted: "position of this message's sequence",
        }),
    }
}
