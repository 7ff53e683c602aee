//! Appends to test with, and the check that every log must stand at any time.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::clock::Timestamp;
use crate::id::Id;
use crate::log::{EventLog, LogError};
use crate::record::{
    Append, Codec, Draft, EffectMark, EffectRole, EventType, Meta, Position, Recorded, Version, Visibility,
    chain,
};
use crate::stream::StreamName;

const PAGE: usize = 500;

/// A stream of the category `image`.
pub fn stream(id: &str) -> StreamName {
    StreamName::try_new("image", id).unwrap()
}

/// An event with `payload`.
pub fn draft(payload: &str) -> Draft {
    Draft { kind: event_type(), payload: payload.as_bytes().to_vec(), effect: None }
}

/// An append of one event for each of `payloads`. `command` stands for the id of the command: the same one again is
/// the same append.
pub fn append(stream: &StreamName, expected: Version, command: &str, payloads: &[&str]) -> Append {
    Append {
        stream: stream.clone(),
        expected,
        events: payloads.iter().map(|payload| draft(payload)).collect(),
        actor: "artist".into(),
        code: "0000".into(),
        owes: false,
        command: (EventType::new("image", "request_image", 1), b"{}".to_vec()),
        meta: meta(command),
    }
}

/// An append of one small event.
pub fn small(stream: &StreamName, expected: Version, command: &str) -> Append {
    append(stream, expected, command, &["{}"])
}

/// The circumstances of a command.
pub fn meta(command: &str) -> Meta {
    let command_id = Id::of_outside("contract", command);
    Meta {
        command_id,
        correlation_id: command_id,
        causation_id: command_id,
        time: Timestamp(0),
        principal: "contract".to_owned(),
        owner: "contract".to_owned(),
        visibility: Visibility::Household,
        trace: None,
        policy: 1,
        outcome: None,
        next: None,
    }
}

/// The records of another log: `image-b`, `image-c`, `image-a` in turn. `image-c` owes nothing from
/// its fifth event on.
pub fn history(events: u64) -> Vec<Recorded> {
    let mut heads: BTreeMap<StreamName, (Version, [u8; 32])> = BTreeMap::new();
    let mut records = Vec::new();
    for position in 1..=events {
        let stream = stream(["a", "b", "c"][position as usize % 3]);
        let (version, previous) = heads.get(&stream).copied().unwrap_or((0, chain::GENESIS));
        let mut record = odd_record(position, &stream, version + 1);
        record.hash = chain::hash(&previous, &record);
        heads.insert(stream, (record.version, record.hash));
        records.push(record);
    }
    records
}

fn odd_record(position: Position, stream: &StreamName, version: Version) -> Recorded {
    let command_id = Id::derive("elsewhere", &[&position.to_le_bytes()]);
    let mark = EffectMark { effect: format!("render-{position}"), role: EffectRole::Open, attempt: 7 };
    Recorded {
        position,
        stream: stream.clone(),
        version,
        kind: EventType::new("image", "of_another_time", 9),
        id: Id::of_event(command_id, 0),
        command_id,
        correlation_id: Id::derive("correlation", &[&[1]]),
        causation_id: Id::derive("causation", &[&[2]]),
        time: Timestamp(1_000_000 + position as i64 / 2),
        actor: "artist".into(),
        code: "another".into(),
        principal: "Zoë".into(),
        owner: "灯台".into(),
        visibility: Visibility::Private,
        trace: position.is_multiple_of(2).then(|| "00-trace-01".to_owned()),
        owes: stream.id() != "c" || version < 5,
        effect: position.is_multiple_of(3).then_some(mark),
        codec: if position.is_multiple_of(5) { Codec::MessagePack } else { Codec::Json },
        payload: format!("{{\"n\":{position},\"text\":\"\\u0000\"}}").into_bytes(),
        command: Some(format!("{{\"asked\":{position}}}").into_bytes()),
        hash: [0; 32],
    }
}

/// The type of the events made here.
pub fn event_type() -> EventType {
    EventType::new("image", "image_requested", 1)
}

/// Appends to `log` until `append` is recorded, deciding again at the stream's version after each lost race.
/// Gives up after 10,000 tries.
pub async fn append_anyhow<L: EventLog + ?Sized>(log: &L, mut append: Append) -> Vec<Recorded> {
    for _ in 0..10_000 {
        match log.append(append.clone()).await {
            Ok(events) => return events,
            Err(LogError::Conflict { actual, .. }) => append.expected = actual,
            // The outcome is unknown, so the same append is tried again.
            Err(LogError::Store(_)) => tokio::task::yield_now().await,
            Err(error @ (LogError::Refused { .. } | LogError::Damaged { .. } | LogError::Open(_))) => {
                panic!("{error}")
            }
        }
    }
    panic!("{} was never recorded", append.stream)
}

/// The whole log.
///
/// # Panics
///
/// Where positions or versions have a gap, times decrease, a hash is not what it must be, or a stream goes on where
/// the log does not.
pub async fn whole<L: EventLog + ?Sized>(log: &L) -> Vec<Recorded> {
    checked(log).await.unwrap()
}

/// The whole log, or what is wrong with it.
pub async fn checked<L: EventLog + ?Sized>(log: &L) -> Result<Vec<Recorded>, String> {
    let mut events: Vec<Recorded> = Vec::new();
    loop {
        let after = events.last().map_or(0, |event| event.position);
        let page = log.scan(after, PAGE).await.map_err(|e| e.to_string())?;
        if page.is_empty() {
            break;
        }
        for record in page {
            events.push(record.map_err(|e| e.to_string())?);
        }
    }
    let heads = check(&events)?;
    check_listing(log, &heads).await?;
    Ok(events)
}

/// Where each stream ends: its version, and the hash of its last event.
type Heads<'a> = BTreeMap<&'a StreamName, (Version, [u8; 32])>;

fn check(events: &[Recorded]) -> Result<Heads<'_>, String> {
    let mut heads = Heads::new();
    let mut time = Timestamp(i64::MIN);
    for (event, position) in events.iter().zip(1..) {
        let Recorded { stream, version, .. } = event;
        if event.position != position {
            return Err(format!("position {} stands where {position} should", event.position));
        }
        if event.time < time {
            return Err(format!("time goes back at position {position}"));
        }
        time = event.time;
        let (last, hash) = heads.get(stream).copied().unwrap_or((0, chain::GENESIS));
        if *version != last + 1 {
            return Err(format!("version {version} of {stream} follows {last}"));
        }
        if event.hash != chain::hash(&hash, event) {
            return Err(format!("the chain of {stream} breaks at version {version}"));
        }
        heads.insert(stream, (*version, event.hash));
    }
    Ok(heads)
}

/// The streams end where a reader by position sees them end, so that no record has left the order unseen.
async fn check_listing<L: EventLog + ?Sized>(log: &L, heads: &Heads<'_>) -> Result<(), String> {
    let mut listed: Vec<(StreamName, Version)> = Vec::new();
    loop {
        let after = listed.last().map(|(stream, _)| stream.clone());
        let page = log.streams(after.as_ref(), PAGE).await.map_err(|e| e.to_string())?;
        if page.is_empty() {
            break;
        }
        listed.extend(page);
    }
    let read: Vec<_> = heads.iter().map(|(stream, (version, _))| ((*stream).clone(), *version)).collect();
    if listed == read { Ok(()) } else { Err("the streams end elsewhere than the log".to_owned()) }
}

/// Takes a log back from the tasks that shared it.
pub fn unshare<L>(log: Arc<L>) -> L {
    Arc::into_inner(log).unwrap()
}
