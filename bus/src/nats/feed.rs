//! Events as they are published, for every follower in this process.
//!
//! All of them hang on one hub. It hears what this process publishes from the publisher itself, as soon as
//! the server has it, and everything else through one consumer, which is opened again wherever it stops
//! after whatever the hub has heard. Followers that may have missed something are told of a gap.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_nats::jetstream;
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, PullConsumer, pull};
use async_trait::async_trait;
use hydra_events::Recorded;
use hydra_events::record::Position;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::sleep;

use super::events;
use super::link::{Link, unavailable};
use super::message;
use super::pull::Pull;
use crate::bus::{BusError, Delivery, Feed};

/// Events asked for at once.
const BATCH: usize = 500;
/// A consumer nobody has asked for so long is forgotten by the server.
const CONSUMER_AGE: Duration = Duration::from_secs(60);
const DELAY_FIRST: Duration = Duration::from_millis(50);
const DELAY_MAX: Duration = Duration::from_secs(5);

/// Hands every event on to every follower, once and in order.
pub(super) struct Hub {
    state: Mutex<Option<State>>,
}

struct State {
    followers: broadcast::Sender<Delivery>,
    /// The last position handed on.
    last: Position,
    /// Whether a consumer is, or is about to be, open.
    listening: bool,
}

pub(super) struct NatsFeed {
    deliveries: broadcast::Receiver<Delivery>,
    /// Up to here everything was published before this feed.
    after: Position,
}

impl Hub {
    pub(super) fn new(feed_events: usize) -> Self {
        let followers = broadcast::Sender::new(feed_events.clamp(1, 1 << 20));
        Self { state: Mutex::new(Some(State { followers, last: 0, listening: false })) }
    }

    /// A feed of what is published from now on.
    pub(super) async fn follow(self: &Arc<Self>, link: &Arc<Link>) -> Result<NatsFeed, BusError> {
        // Before the server is asked, so that nothing falls in between.
        let deliveries = self.with(|state| state.followers.subscribe())?;
        let after = events::published(link).await?;
        let listens = self.with(|state| {
            if !state.listening {
                state.last = state.last.max(after);
            }
            std::mem::replace(&mut state.listening, true)
        })?;
        if !listens {
            link.spawn(listen(Arc::clone(self), Arc::clone(link)));
        }
        Ok(NatsFeed { deliveries, after })
    }

    /// Hands on what this process has published.
    pub(super) fn published(&self, events: &[Arc<Recorded>]) {
        let told = self.with(|state| {
            // After somebody else's events, the consumer brings these in their turn.
            let next = events.first().is_some_and(|first| first.position <= state.last + 1);
            if next || !state.listening {
                events.iter().for_each(|event| state.tell(Arc::clone(event)));
            }
        });
        if told.is_err() {
            tracing::debug!("the bus was closed while events were published");
        }
    }

    /// Ends every feed, once it has delivered what it has.
    pub(super) fn close(&self) {
        *self.lock() = None;
    }

    fn gap(&self) {
        if self.with(|state| state.send(Delivery::Gap)).is_err() {
            tracing::debug!("the bus was closed while events were lost");
        }
    }

    /// Whether nobody follows any more, in which case the listener must end.
    fn is_left(&self) -> bool {
        let left = self.with(|state| {
            let left = state.followers.receiver_count() == 0;
            state.listening &= !left;
            left
        });
        left.unwrap_or(true)
    }

    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> Result<T, BusError> {
        self.lock().as_mut().map(work).ok_or(BusError::Closed)
    }

    fn lock(&self) -> MutexGuard<'_, Option<State>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn tell(&mut self, event: Arc<Recorded>) {
        if event.position <= self.last {
            return;
        }
        if event.position > self.last + 1 && self.listening {
            self.send(Delivery::Gap);
        }
        self.last = event.position;
        self.send(Delivery::Event(event));
    }

    fn send(&self, delivery: Delivery) {
        // An error would only say that nobody follows.
        self.followers.send(delivery).ok();
    }
}

#[async_trait]
impl Feed for NatsFeed {
    async fn next(&mut self) -> Result<Delivery, BusError> {
        loop {
            match self.deliveries.recv().await {
                Ok(Delivery::Event(event)) if event.position <= self.after => {}
                Ok(delivery) => return Ok(delivery),
                Err(RecvError::Lagged(_)) => return Ok(Delivery::Gap),
                Err(RecvError::Closed) => return Err(BusError::Closed),
            }
        }
    }
}

/// Keeps a consumer open as long as anybody follows.
async fn listen(hub: Arc<Hub>, link: Arc<Link>) {
    let mut outages = link.outages.clone();
    let mut delay = DELAY_FIRST;
    while !hub.is_left() {
        outages.mark_unchanged();
        let heard = hub.with(|state| state.last).unwrap_or_default();
        let lost = tokio::select! {
            () = link.closed.cancelled() => return,
            result = hear(&hub, &link) => result,
            Ok(()) = outages.changed() => Err(unavailable("the connection was lost")),
        };
        // It ends well when nobody follows; whoever does since then has started another.
        let Err(error) = lost else { return };
        hub.gap();
        if hub.with(|state| state.last).unwrap_or_default() > heard {
            delay = DELAY_FIRST;
        }
        tracing::warn!(%error, ?delay, "the feed of events is opened again");
        tokio::select! {
            () = link.closed.cancelled() => return,
            () = sleep(delay) => {}
        }
        delay = (delay * 2).min(DELAY_MAX);
    }
}

/// Hands on what one consumer brings, until nobody follows or it fails.
async fn hear(hub: &Hub, link: &Link) -> Result<(), BusError> {
    link.is_up()?;
    // The stream may be another log's, until the relay has looked at it.
    events::published(link).await?;
    let mut after = hub.with(|state| state.last)?;
    let consumer = consumer(link, after + 1).await?;
    let name = consumer.cached_info().name.clone();
    let mut pull = Pull::open(link, consumer, BATCH).await?;
    let mut fresh = true;
    while !hub.is_left() {
        let message = pull.next().await.map_err(unavailable)?;
        let sequence = message.info().map_err(unavailable)?.stream_sequence;
        if sequence != after + 1 && !fresh {
            return Err(unavailable(format!("message {sequence} came after {after}")));
        }
        (after, fresh) = (sequence, false);
        hand_on(hub, sequence, &message)?;
    }
    if let Err(error) = link.stream.delete_consumer_from_stream(name, &link.names.events).await {
        tracing::debug!(%error, "a consumer is left to the server to forget");
    }
    Ok(())
}

fn hand_on(hub: &Hub, sequence: u64, message: &jetstream::Message) -> Result<(), BusError> {
    if hub.with(|state| state.last)? >= sequence {
        return Ok(());
    }
    match message::read(sequence, message.headers.as_ref(), &message.payload) {
        Ok(event) => hub.with(|state| state.tell(Arc::new(event))),
        Err(error) => {
            tracing::warn!(%error, sequence, "a message among the events is none");
            Ok(())
        }
    }
}

async fn consumer(link: &Link, first: Position) -> Result<PullConsumer, BusError> {
    let config = pull::Config {
        deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: first },
        ack_policy: AckPolicy::None,
        inactive_threshold: CONSUMER_AGE,
        memory_storage: true,
        num_replicas: 1,
        ..pull::Config::default()
    };
    link.stream.create_consumer_on_stream(config, &link.names.events).await.map_err(unavailable)
}
