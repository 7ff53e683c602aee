//! Answering for the log, in the process of its writer.

use std::sync::Arc;

use hydra_events::log::{Checkpoints, LogError, PAGE_EVENTS_MAX};
use hydra_events::record::Recorded;
use hydra_events::{EventLog, StreamName};
use tokio_util::sync::CancellationToken;

use super::wire::{Fault, Question, Reply, lines, pack, store, unpack};
use crate::bus::Bus;
use crate::desk::{Desk, QUESTION_BYTES_MAX, attend};

/// Room for what a page adds to its records.
const PAGE_BYTES_MAX: usize = QUESTION_BYTES_MAX - 10_000;
/// More than this a record has besides payload and command, at most.
const RECORD_BYTES: usize = 4_000;
/// Names of streams in one reply: up to 200 bytes each.
const STREAMS_MAX: usize = 2_000;

/// Answers until `stop`, and then still what is under way.
pub async fn serve(
    log: Arc<dyn EventLog>,
    checkpoints: Arc<dyn Checkpoints>,
    bus: Arc<dyn Bus>,
    stop: CancellationToken,
) {
    let answer = |question| answer(Arc::clone(&log), Arc::clone(&checkpoints), question);
    attend(bus, Desk::Log, stop, answer).await;
}

async fn answer(
    log: Arc<dyn EventLog>,
    checkpoints: Arc<dyn Checkpoints>,
    question: Vec<u8>,
) -> Option<Vec<u8>> {
    let reply = match unpack(&question) {
        Ok(Question::OtherThan(asking)) if asking == log.id() => return None,
        Ok(question) => reply(log.as_ref(), checkpoints.as_ref(), question).await,
        Err(error) => Err(error),
    };
    let reply = reply.unwrap_or_else(|error| Reply::Failed(error.into()));
    let packed = pack(&reply).and_then(|packed| match (packed.len() <= QUESTION_BYTES_MAX, reply) {
        (true, _) => Ok(packed),
        (false, Reply::Recorded(_)) => pack(&Reply::Appended),
        (false, Reply::Snapshot(_)) => pack(&Reply::Snapshot(None)),
        (false, _) => Err(store("the reply would be too large")),
    });
    // A fault has no form that could fail; an empty answer is no reply, and who asked asks again.
    Some(packed.or_else(|error| pack(&Reply::Failed(error.into()))).unwrap_or_default())
}

async fn reply(
    log: &dyn EventLog,
    checkpoints: &dyn Checkpoints,
    question: Question,
) -> Result<Reply, LogError> {
    Ok(match question {
        Question::Head => Reply::Head { log: log.id(), head: log.head().await? },
        Question::OtherThan(_) => Reply::Log(log.id()),
        Question::Append(order) => Reply::Recorded(lines(&log.append((*order).into()).await?)),
        Question::Scan { after, limit } => {
            let limit = limit.min(PAGE_EVENTS_MAX);
            page(log.scan(after, limit).await?)
        }
        Question::ReadStream { stream, after, limit } => {
            let events = log.read_stream(&stream, after, limit.min(PAGE_EVENTS_MAX)).await?;
            page(events.into_iter().map(Ok).collect())
        }
        Question::Owing { after } => owing(log.streams_owing().await?, after),
        Question::CorrectOwing { stream, version, owes } => {
            log.correct_owing(&stream, version, owes).await?;
            Reply::Done
        }
        Question::Streams { after, limit } => {
            let streams = log.streams(after.as_ref(), limit.min(STREAMS_MAX)).await?;
            Reply::Streams { more: streams.len() == STREAMS_MAX, streams }
        }
        Question::Snapshot { stream } => Reply::Snapshot(checkpoints.snapshot(&stream).await?),
        Question::SaveSnapshot { stream, snapshot } => {
            checkpoints.save_snapshot(&stream, snapshot).await?;
            Reply::Done
        }
        Question::Inbox { actor } => Reply::Position(checkpoints.inbox(&actor).await?),
        Question::SaveInbox { actor, position, parked } => {
            checkpoints.save_inbox(&actor, position, parked).await?;
            Reply::Done
        }
        Question::Parked { actor } => Reply::Parked(checkpoints.parked(&actor).await?),
        Question::Unpark { actor, parked } => {
            checkpoints.unpark(&actor, &parked).await?;
            Reply::Done
        }
    })
}

/// As many of the records as fit into one answer, one at least.
fn page(found: Vec<Result<Recorded, LogError>>) -> Reply {
    let (mut bytes, mut records) = (0, Vec::new());
    let (count, mut found) = (found.len(), found.into_iter());
    for record in found.by_ref() {
        bytes += record.as_ref().map_or(RECORD_BYTES, size);
        if bytes > PAGE_BYTES_MAX && !records.is_empty() {
            break;
        }
        records.push(record.map(|event| (&event).into()).map_err(Fault::from));
    }
    Reply::Page { more: records.len() < count, records }
}

fn size(event: &Recorded) -> usize {
    RECORD_BYTES + event.payload.len() + event.command.as_ref().map_or(0, Vec::len)
}

fn owing(mut streams: Vec<StreamName>, after: Option<StreamName>) -> Reply {
    streams.sort();
    streams.retain(|stream| after.as_ref().is_none_or(|after| stream > after));
    let more = streams.len() > STREAMS_MAX;
    streams.truncate(STREAMS_MAX);
    Reply::Owing { streams, more }
}
