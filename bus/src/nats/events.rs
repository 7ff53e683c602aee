//! The stream of events: sequence equals position, because every message is taken only after the one before it.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::error::Error;
use std::sync::Arc;

use async_nats::jetstream;
use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::consumer::{self, DeliverPolicy};
use async_nats::jetstream::context::{PublishAckFuture, PublishError, PublishErrorKind};
use async_nats::jetstream::stream::{Info, RawMessageErrorKind, State, Stream};
use futures::TryStreamExt;
use hydra_events::record::Position;
use hydra_events::{Id, Recorded};
use tokio::sync::Mutex;

use super::link::{Link, unavailable};
use super::message;
use super::streams::LOG;
use crate::bus::{BusError, Kept};

/// Within so many bytes of its limit, a stream may have dropped its oldest events by itself.
const LIMIT_MARGIN_BYTES: u64 = 2 * 1024 * 1024;

/// Consumers of others that are made anew with the stream.
const CONSUMERS_MAX: usize = 1_000;

/// Publishes in order, one page at a time.
///
/// Events of a page are sent before the ones before them are confirmed. Where a stray message took the place
/// of one, the next may have been taken again, so that place is in doubt and is looked at afterwards.
pub(super) struct Publisher {
    link: Arc<Link>,
    /// The last position the server is known to have; absent when it must be asked.
    published: Mutex<Option<Position>>,
    remembered: Mutex<Remembered>,
}

/// What was seen of the stream, should it vanish.
#[derive(Default)]
struct Remembered {
    /// Durable consumers by name, each set to go on where it was.
    consumers: BTreeMap<String, consumer::Config>,
    /// A position at which the server refused our event.
    doubt: Option<Position>,
}

impl Publisher {
    pub(super) fn new(link: Arc<Link>) -> Self {
        Self { link, published: Mutex::new(None), remembered: Mutex::default() }
    }

    /// Publishes a page. The number tells how many events the server has taken, also when the rest failed.
    pub(super) async fn publish(&self, events: &[Arc<Recorded>]) -> (usize, Result<(), BusError>) {
        let mut published = self.published.lock().await;
        // Should this be dropped half-way, the server is asked next time.
        let known = published.take();
        let after = match self.after(known, events).await {
            Ok(after) => after,
            Err(error) => return (0, Err(error)),
        };
        let (taken, result) = self.send(events).await;
        match result {
            Ok(()) => {
                *published = Some(events.last().map_or(after, |last| last.position));
                (taken, Ok(()))
            }
            Err(failure) => (taken, Err(self.explain(failure, events, taken).await)),
        }
    }

    /// The position after which the whole page follows, or the error that it does not.
    async fn after(&self, known: Option<Position>, events: &[Arc<Recorded>]) -> Result<Position, BusError> {
        if let Some(after) = known.filter(|after| contiguous(*after, events).is_ok()) {
            return Ok(after);
        }
        // Somebody else may have published meanwhile.
        let after = published(&self.link).await?;
        contiguous(after, events)?;
        Ok(after)
    }

    /// Sends a page with a bounded number of acks outstanding.
    async fn send(&self, events: &[Arc<Recorded>]) -> (usize, Result<(), PublishError>) {
        let limits = &self.link.limits;
        let mut window = VecDeque::new();
        let (mut taken, mut bytes) = (0, 0);
        for event in events {
            let size = message::size(event);
            while !window.is_empty() && (window.len() >= limits.acks || bytes + size > limits.ack_bytes) {
                if let Err(error) = confirm(&mut window, &mut bytes).await {
                    return (taken, Err(error));
                }
                taken += 1;
            }
            let subject = self.link.subjects.of_event(event);
            match self.link.stream.send_publish(subject, message::publish(event)).await {
                Ok(ack) => window.push_back((event.position, size, ack)),
                Err(error) => return (taken, Err(error)),
            }
            bytes += size;
        }
        while !window.is_empty() {
            if let Err(error) = confirm(&mut window, &mut bytes).await {
                return (taken, Err(error));
            }
            taken += 1;
        }
        (taken, Ok(()))
    }

    /// What a failure means to the caller; the server knows best how far it came.
    async fn explain(&self, failure: PublishError, events: &[Arc<Recorded>], taken: usize) -> BusError {
        if !is_out_of_order(&failure) {
            return unavailable(failure);
        }
        let Some(refused) = events.get(taken) else { return unavailable(failure) };
        self.remembered.lock().await.doubt = Some(refused.position);
        match published(&self.link).await {
            Ok(published) => BusError::OutOfOrder { published, offered: refused.position },
            Err(error) => error,
        }
    }

    /// What the server keeps, looked at from both ends.
    pub(super) async fn kept(&self) -> Result<Kept, BusError> {
        let link = &self.link;
        let mut remembered = self.remembered.lock().await;
        let room = link.limits.events.max(1);
        let mut kept = Kept { log: None, published: 0, samples: Vec::new(), room, broken: None };
        let Some(info) = link.info(&link.names.events).await? else { return Ok(kept) };
        kept.log = log_of(&info);
        kept.published = info.state.last_sequence;
        kept.broken = missing(&info.state, &info.config);
        if info.state.messages > 0 {
            sample(link, &info.state, remembered.doubt, &mut kept).await?;
        }
        if kept.broken.is_none() && kept.log == link.log {
            remembered.consumers = consumers(link).await?;
        }
        Ok(kept)
    }

    /// Makes the stream anew, its durable consumers with it; its first event will be that of position `first`.
    pub(super) async fn begin_at(&self, first: Position) -> Result<(), BusError> {
        let mut published = self.published.lock().await;
        *published = None;
        let link = &self.link;
        let (first, name) = (first.max(1), &link.names.events);
        // Those seen now know less: emptying a stream moves its consumers to the end.
        let mut again = consumers(link).await?;
        again.extend(std::mem::take(&mut *self.remembered.lock().await).consumers);
        match link.stream.delete_stream(name).await {
            Ok(_) => {}
            Err(error) if link.info(name).await?.is_none() => {
                tracing::debug!(%error, "the stream of events was gone already");
            }
            Err(error) => return Err(unavailable(error)),
        }
        link.create(link.events(first)?).await?;
        for (durable, config) in again {
            let config = consumer::Config { deliver_policy: from(first, config.deliver_policy), ..config };
            if let Err(error) = link.stream.create_consumer_on_stream(config, name).await {
                tracing::warn!(%error, durable, "a consumer could not be made anew with its stream");
            }
        }
        *published = Some(first - 1);
        Ok(())
    }
}

/// The oldest event still without an ack must have been taken at its own position.
async fn confirm(
    window: &mut VecDeque<(Position, usize, PublishAckFuture)>,
    bytes: &mut usize,
) -> Result<(), PublishError> {
    let Some((position, size, ack)) = window.pop_front() else { return Ok(()) };
    *bytes -= size;
    match ack.await?.sequence {
        sequence if sequence == position => Ok(()),
        sequence => {
            let what = format!("the event of position {position} became message {sequence}");
            Err(PublishError::with_source(PublishErrorKind::Other, what))
        }
    }
}

fn contiguous(after: Position, events: &[Arc<Recorded>]) -> Result<(), BusError> {
    for (published, event) in (after..).zip(events) {
        if event.position != published + 1 {
            return Err(BusError::OutOfOrder { published, offered: event.position });
        }
    }
    Ok(())
}

fn is_out_of_order(error: &PublishError) -> bool {
    let reason = error.source().and_then(|source| source.downcast_ref::<jetstream::Error>());
    error.kind() == PublishErrorKind::WrongLastSequence
        || reason.is_some_and(|r| r.error_code() == ErrorCode::STREAM_WRONG_LAST_SEQUENCE_CONSTANT)
}

/// The last position the server has of this log.
pub(super) async fn published(link: &Link) -> Result<Position, BusError> {
    match link.info(&link.names.events).await? {
        None => Err(unavailable("the stream of events is missing; the relay makes it anew")),
        Some(info) if link.log.is_some() && log_of(&info) != link.log => Err(unavailable(format!(
            "stream {} holds the events of another log; the relay makes it anew",
            link.names.events
        ))),
        Some(info) => Ok(info.state.last_sequence),
    }
}

/// Looks at the first event, the last, and the one in doubt.
async fn sample(
    link: &Link,
    state: &State,
    doubt: Option<Position>,
    kept: &mut Kept,
) -> Result<(), BusError> {
    let stream = link.stream.get_stream_no_info(&link.names.events).await.map_err(unavailable)?;
    let (first, last) = (state.first_sequence, state.last_sequence);
    let between = doubt.filter(|doubt| (first..=last).contains(doubt));
    for sequence in [Some(first), between, Some(last)].into_iter().flatten() {
        match event_id(&stream, sequence).await? {
            Ok(id) => kept.samples.push((sequence, id)),
            Err(why) => kept.broken = Some(format!("message {sequence} is not its event: {why}")),
        }
    }
    Ok(())
}

fn log_of(info: &Info) -> Option<Id> {
    info.config.metadata.get(LOG).and_then(|id| id.parse().ok())
}

/// Why the events in the stream are fewer than they were, unless its own limits took them.
fn missing(state: &State, config: &jetstream::stream::Config) -> Option<String> {
    let begun = config.first_sequence.unwrap_or(1).max(1);
    let room = u64::try_from(config.max_messages).unwrap_or(u64::MAX);
    let first = begun.max((state.last_sequence + 1).saturating_sub(room));
    let max_bytes = u64::try_from(config.max_bytes).unwrap_or(u64::MAX);
    let is_full = state.bytes.saturating_add(LIMIT_MARGIN_BYTES) >= max_bytes;
    match (state.messages, state.deleted_count.unwrap_or(0)) {
        (0, _) if state.last_sequence + 1 != begun => Some("it was emptied".to_owned()),
        (1.., 1..) => Some("events in the middle of it were deleted".to_owned()),
        (1.., 0) if state.first_sequence > first && !is_full => {
            Some(format!("it begins at {} instead of {first}", state.first_sequence))
        }
        (_, _) => None,
    }
}

/// The id of the event that is message `sequence`, or why it is no event.
async fn event_id(stream: &Stream<()>, sequence: u64) -> Result<Result<Id, String>, BusError> {
    let message = match stream.get_raw_message(sequence).await {
        Ok(message) => message,
        Err(error) if error.kind() == RawMessageErrorKind::NoMessageFound => {
            return Ok(Err("it is missing".to_owned()));
        }
        Err(error) => return Err(unavailable(error)),
    };
    let event = message::read(sequence, Some(&message.headers), &message.payload);
    Ok(event.map(|event| event.id).map_err(|error| error.to_string()))
}

/// The durable consumers of the stream, each set to go on where it is, if it is a stream of this log.
async fn consumers(link: &Link) -> Result<BTreeMap<String, consumer::Config>, BusError> {
    let mut kept = BTreeMap::new();
    let Some(info) = link.info(&link.names.events).await? else { return Ok(kept) };
    let ours = log_of(&info) == link.log;
    let stream = link.stream.get_stream_no_info(&link.names.events).await.map_err(unavailable)?;
    let mut all = stream.consumers();
    while let Some(info) = all.try_next().await.map_err(unavailable)? {
        let (done, mut config) = (info.ack_floor.stream_sequence, info.config);
        let Some(name) = config.durable_name.clone().filter(|_| kept.len() < CONSUMERS_MAX) else { continue };
        if ours && done > 0 {
            config.deliver_policy = DeliverPolicy::ByStartSequence { start_sequence: done + 1 };
        }
        config.metadata = own(config.metadata);
        kept.insert(name, config);
    }
    Ok(kept)
}

/// What the server adds by itself, it adds again.
fn own(metadata: HashMap<String, String>) -> HashMap<String, String> {
    metadata.into_iter().filter(|(name, _)| !name.starts_with("_nats.")).collect()
}

fn from(first: Position, policy: DeliverPolicy) -> DeliverPolicy {
    match policy {
        DeliverPolicy::ByStartSequence { start_sequence } => {
            DeliverPolicy::ByStartSequence { start_sequence: start_sequence.max(first) }
        }
        DeliverPolicy::All
        | DeliverPolicy::Last
        | DeliverPolicy::New
        | DeliverPolicy::ByStartTime { .. }
        | DeliverPolicy::LastPerSubject => policy,
    }
}
