//! What is written and sent: a JSON document of 300 bytes, the same for both sides.

use std::time::Instant;

use hydra_events::record::{Append, Codec, Draft, EventType, Meta, Position, Version, Visibility, chain};
use hydra_events::{Id, Recorded, StreamName, Timestamp};

/// Bytes of a document.
pub const BYTES: usize = 300;

/// Digits of a document's moment.
const DIGITS: usize = 20;
const HEAD: &str = "{\"at\":\"";
const BETWEEN: &str = "\",\"text\":\"";
const TAIL: &str = "\"}";
const TEXT: &str = "The lamp has burned since the ferry left. She counts the flashes, four and a pause, and waits \
                    for the one that does not come. Below, the sea takes the steps one at a time. ";

/// A command as the log keeps it beside its first event.
const COMMAND: &str =
    r#"{"type":"image.request_image.v1","codec":"json","payload":{},"time":1790000000000000,"policy":1}"#;

/// The category of the streams written to.
pub const CATEGORY: &str = "image";
/// The name of the events written.
pub const NAME: &str = "image_requested";

/// As long as the hash of the code that decides.
const CODE: &str = "0123456789abcdef";

/// The wire name of the events written.
pub fn kind() -> EventType {
    EventType::new(CATEGORY, NAME, 1)
}

/// A document that carries the nanoseconds from `base` until now.
pub fn document(base: Instant) -> Vec<u8> {
    let at = u64::try_from(base.elapsed().as_nanos()).unwrap_or(u64::MAX);
    let mut json = Vec::with_capacity(BYTES);
    json.extend_from_slice(HEAD.as_bytes());
    json.extend_from_slice(&digits(at));
    json.extend_from_slice(BETWEEN.as_bytes());
    while json.len() < BYTES - TAIL.len() {
        let room = BYTES - TAIL.len() - json.len();
        json.extend_from_slice(&TEXT.as_bytes()[..room.min(TEXT.len())]);
    }
    json.extend_from_slice(TAIL.as_bytes());
    json
}

fn digits(mut number: u64) -> [u8; DIGITS] {
    let mut digits = [b'0'; DIGITS];
    for digit in digits.iter_mut().rev() {
        *digit += (number % 10) as u8;
        number /= 10;
    }
    digits
}

/// The nanoseconds a document carries; `None` when it is none.
pub fn moment(json: &[u8]) -> Option<u64> {
    let digits = json.get(HEAD.len()..HEAD.len() + DIGITS)?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// A stream of its own for writer `number`, whose name `tag` tells from those of other runs.
///
/// # Errors
/// When `tag` is no id.
pub fn stream(tag: &str, number: usize) -> Result<StreamName, hydra_events::stream::NameError> {
    StreamName::try_new(CATEGORY, &format!("{tag}_{number:05}"))
}

/// An append as the host makes it, of `events` to `stream` after version `expected`, answering the `ordinal`-th command.
pub fn append(
    stream: &StreamName,
    expected: Version,
    ordinal: u64,
    events: Vec<Draft>,
    owes: bool,
) -> Append {
    let command_id = Id::derive("bench", &[stream.as_str().as_bytes(), &ordinal.to_le_bytes()]);
    Append {
        stream: stream.clone(),
        expected,
        events,
        actor: "artist".into(),
        code: CODE.into(),
        owes,
        command: (EventType::new(CATEGORY, "request_image", 1), b"{}".to_vec()),
        meta: Meta {
            command_id,
            correlation_id: command_id,
            causation_id: command_id,
            time: Timestamp::default(),
            principal: "cli".to_owned(),
            owner: "cli".to_owned(),
            visibility: Visibility::default(),
            trace: None,
            policy: 1,
            outcome: None,
            next: None,
        },
    }
}

/// `draft` as it stands in a log at `position`, not chained yet.
pub fn recorded(stream: &StreamName, version: Version, position: Position, draft: Draft) -> Recorded {
    let Append { actor, code, owes, meta, .. } = append(stream, version - 1, version, Vec::new(), true);
    Recorded {
        position,
        stream: stream.clone(),
        version,
        kind: draft.kind,
        id: Id::of_event(meta.command_id, 0),
        command_id: meta.command_id,
        correlation_id: meta.correlation_id,
        causation_id: meta.causation_id,
        time: Timestamp(1_790_000_000_000_000),
        actor: actor.into(),
        code: code.into(),
        principal: meta.principal.into(),
        owner: meta.owner.into(),
        visibility: meta.visibility,
        trace: meta.trace,
        owes,
        effect: draft.effect,
        codec: Codec::Json,
        payload: draft.payload,
        command: Some(COMMAND.as_bytes().to_vec()),
        hash: chain::GENESIS,
    }
}

/// `count` events, each with `json`.
pub fn drafts(kind: &EventType, json: Vec<u8>, count: usize) -> Vec<Draft> {
    let draft = Draft { kind: kind.clone(), payload: json, effect: None };
    vec![draft; count]
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_document_is_json_of_300_bytes_and_tells_its_moment() {
        let base = Instant::now();
        let first = document(base);
        assert_eq!(first.len(), BYTES);
        let value: serde_json::Value = serde_json::from_slice(&first).unwrap();
        assert!(value["text"].as_str().unwrap().contains("lamp"));
        let at = Duration::from_nanos(moment(&first).unwrap());
        assert!(at <= base.elapsed());
        assert_eq!(moment(b"{}"), None);
    }
}
