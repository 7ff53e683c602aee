//! A log to read: many streams of pictures that are requested, drawn, rejected and drawn again.

use std::sync::Arc;

use hydra_events::content::ContentHash;
use hydra_events::record::{Draft, EffectMark, EffectRole, Recorded, chain};
use hydra_events::vocabulary::effect::EffectEvent;
use hydra_events::vocabulary::image::ImageEvent;
use hydra_events::vocabulary::terms::{DecidedBy, Made, ShownKind, Shows};
use hydra_events::wire::{self, Vocabulary};
use hydra_events::{EventLog, StreamName};
use tokio::task::JoinSet;

use crate::document::{self, CATEGORY};
use crate::{BenchError, failed};

/// Events of one stream.
pub const STREAM_EVENTS: u64 = 100;
/// Streams that are filled at once.
const AT_ONCE: usize = 256;
/// Of so many streams one still owes something.
const OWING: u64 = 100;

/// Fills `log` with `events` events, one an append, in streams of about [`STREAM_EVENTS`]. One stream in a hundred owes.
///
/// # Errors
/// When the log fails.
pub async fn fill(log: &Arc<dyn EventLog>, events: u64) -> Result<(), BenchError> {
    let (mut tasks, mut left) = (JoinSet::new(), events);
    for number in 0.. {
        if left == 0 {
            break;
        }
        if tasks.len() >= AT_ONCE {
            join(tasks.join_next().await)?;
        }
        let count = length(number).min(left);
        left -= count;
        tasks.spawn(fill_stream(Arc::clone(log), number, count));
    }
    while let Some(done) = tasks.join_next().await {
        join(Some(done))?;
    }
    Ok(())
}

/// Events of the stream of this number. One that owes ends where its picture is to be drawn again, and the next one has
/// what that one lacks.
fn length(number: u64) -> u64 {
    match number % OWING {
        0 => STREAM_EVENTS - 3,
        1 => STREAM_EVENTS + 3,
        _ => STREAM_EVENTS,
    }
}

fn join(done: Option<Result<Result<(), BenchError>, tokio::task::JoinError>>) -> Result<(), BenchError> {
    done.map_or(Ok(()), |done| done.map_err(failed("filling a log"))?)
}

async fn fill_stream(log: Arc<dyn EventLog>, number: u64, count: u64) -> Result<(), BenchError> {
    let stream = document::stream("read", number as usize).map_err(failed("naming a stream"))?;
    for version in 0..count {
        let event = event(&stream, version).map_err(failed("writing an event"))?;
        let owes = number.is_multiple_of(OWING) || version + 1 < count;
        log.append(document::append(&stream, version, version, vec![event], owes)).await?;
    }
    Ok(())
}

/// The first `count` events of `stream` as a log has them, alone in it.
///
/// # Errors
/// When one of them cannot be written.
pub fn recorded(stream: &StreamName, count: u64) -> Result<Vec<Recorded>, wire::WireError> {
    let mut previous = chain::GENESIS;
    let mut events = Vec::new();
    for version in 0..count {
        let draft = event(stream, version)?;
        let mut event = document::recorded(stream, version + 1, version + 1, draft);
        event.hash = chain::hash(&previous, &event);
        previous = event.hash;
        events.push(event);
    }
    Ok(events)
}

/// The event after `version`: a picture that never becomes good enough.
///
/// # Errors
/// When it cannot be written, which would be a defect of the vocabulary.
pub fn event(stream: &StreamName, version: u64) -> Result<Draft, wire::WireError> {
    let quality_try = u32::try_from(version / 4 + 1).unwrap_or(u32::MAX);
    let effect = format!("render-{quality_try}");
    let mark = |role| Some(EffectMark { effect: effect.clone(), role, attempt: 1 });
    match version % 4 {
        0 if version == 0 => own(&requested(stream), mark(EffectRole::Open)),
        0 => own(&reopened(quality_try), mark(EffectRole::Open)),
        1 => own(
            &EffectEvent::AttemptStarted {
                effect: effect.clone(),
                attempt: 1,
                worker: "local/image-1".to_owned(),
                instance: "4711-1790000000000000".to_owned(),
                epoch: u64::from(quality_try),
                alone: false,
            },
            mark(EffectRole::Attempt),
        ),
        2 => own(&rendered(stream, quality_try), mark(EffectRole::Close)),
        _ => own(&rejected(quality_try), None),
    }
}

fn own<V: Vocabulary>(event: &V, effect: Option<EffectMark>) -> Result<Draft, wire::WireError> {
    let (kind, payload) = wire::encode(CATEGORY, event)?;
    Ok(Draft { kind, payload, effect })
}

fn hash(of: &str) -> ContentHash {
    ContentHash::of(of.as_bytes())
}

fn shows() -> Shows {
    Shows {
        subject: "lighthouse_keeper".to_owned(),
        kind: ShownKind::Bust,
        outfit: "coat".to_owned(),
        expression: "happy".to_owned(),
        candidate: 1,
    }
}

fn scene() -> Vec<StreamName> {
    StreamName::try_new("scene", "lighthouse_the_lamp_room_03").into_iter().collect()
}

fn requested(stream: &StreamName) -> ImageEvent {
    ImageEvent::ImageRequested {
        requester: scene().pop().unwrap_or_else(|| stream.clone()),
        chapter: "lighthouse".to_owned(),
        brief: hash(stream.as_str()),
        shows: shows(),
        priority: 0,
        recalled: None,
    }
}

fn rendered(stream: &StreamName, quality_try: u32) -> ImageEvent {
    ImageEvent::ImageRendered {
        quality_try,
        made: Made {
            blob: hash("blob"),
            media_type: "image/png".to_owned(),
            engine: "studio".to_owned(),
            engine_version: "1".to_owned(),
            request: hash("request"),
            response: hash("response"),
            duration_ms: 1_234,
        },
        seed: 7,
        brief: hash(stream.as_str()),
        shows: shows(),
        chapter: "lighthouse".to_owned(),
    }
}

fn rejected(quality_try: u32) -> ImageEvent {
    let reasons =
        ["technical 61 is below 70: the edges of the coat are blurred", "likeness 0.62 is below 0.70"];
    let reasons = reasons.map(str::to_owned).to_vec();
    ImageEvent::ImageRejected { quality_try, reasons, by: DecidedBy::Policy {} }
}

fn reopened(quality_try: u32) -> ImageEvent {
    ImageEvent::RenderReopened {
        quality_try,
        note: "drawn again with another seed, because the review rejected the last try".to_owned(),
        requesters: scene(),
    }
}
