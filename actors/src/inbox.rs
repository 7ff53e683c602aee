//! An actor's inbox: every event of the log, in order, turned into the commands it means to the actor's streams.
//!
//! The position up to which everything is handled or parked is kept beside the log. Handling an event twice is harmless,
//! because a reaction's command id derives from the event. What a stream cannot take is tried again, then parked by
//! pair of source and target, with whatever follows for that pair.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use hydra_bus::{Reader, ReaderError};
use hydra_events::log::{Checkpoints, LogError, Parked};
use hydra_events::record::{Position, Recorded};
use hydra_events::{Clock, Id, StreamName, Timestamp};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::aggregate::WireCommand;
use crate::host::{Envelope, Host, HostError, Pending};
use crate::registry::{ENTITIES, EntityType};

/// Events taken at once.
const BATCH_EVENTS: usize = 128;
/// Tries before a pair is parked.
const TRIES_MAX: u32 = 5;
const DELAY: Duration = Duration::from_millis(100);
const DELAY_MAX: Duration = Duration::from_secs(10);
/// The position is saved when it has moved by so many events, or so long ago.
const SAVE_EVENTS: Position = 500;
const SAVE_AFTER: Duration = Duration::from_secs(2);

/// A command an event means to a stream.
struct Delivery {
    event: Arc<Recorded>,
    target: StreamName,
    command: WireCommand,
    id: Id,
}

/// A delivery that failed although its command is in order.
struct Failure {
    delivery: Delivery,
    error: HostError,
}

/// The inbox of one actor.
pub struct Inbox {
    actor: &'static str,
    host: Host,
    reader: Reader,
    checkpoints: Arc<dyn Checkpoints>,
    clock: Arc<dyn Clock>,
    parked: BTreeSet<(StreamName, StreamName)>,
    handled: watch::Sender<Position>,
    saved: (Position, Timestamp),
    /// Parked, and not yet saved with a position.
    unsaved: Vec<Parked>,
}

impl Inbox {
    /// The inbox of `actor`, where it left off. `reader` must stand at `position`.
    pub async fn open(
        actor: &'static str,
        host: Host,
        checkpoints: Arc<dyn Checkpoints>,
        clock: Arc<dyn Clock>,
        reader: Reader,
    ) -> Result<Self, LogError> {
        let pairs = checkpoints.parked(actor).await?.into_iter().map(|parked| (parked.source, parked.target));
        let parked = pairs.collect();
        let position = reader.position();
        let saved = (position, clock.now());
        let (handled, _) = watch::channel(position);
        Ok(Self { actor, host, reader, checkpoints, clock, parked, handled, saved, unsaved: Vec::new() })
    }

    /// The position up to which everything is handled or parked.
    pub fn handled(&self) -> watch::Receiver<Position> {
        self.handled.subscribe()
    }

    /// Works until `stop`.
    pub async fn run(mut self, stop: CancellationToken) {
        loop {
            let events = tokio::select! {
                () = stop.cancelled() => break,
                events = tokio::time::timeout(SAVE_AFTER, self.reader.next(BATCH_EVENTS)) => events,
            };
            match events {
                Ok(Ok(events)) => {
                    tokio::select! {
                        () = stop.cancelled() => break,
                        () = self.handle(events) => {}
                    }
                }
                Ok(Err(ReaderError::Log(error))) => {
                    tracing::warn!(%error, actor = self.actor, "the inbox reads again");
                    tokio::time::sleep(DELAY).await;
                }
                Ok(Err(ReaderError::Bus(error))) => {
                    tracing::debug!(%error, actor = self.actor, "the inbox ends with its bus");
                    break;
                }
                // Nothing has come for a while: what was handled since the last save is worth saving now.
                Err(_) => self.save().await,
            }
        }
        self.save().await;
    }

    async fn handle(&mut self, events: Vec<Arc<Recorded>>) {
        let Some(last) = events.last().map(|event| event.position) else { return };
        let mut deliveries: Vec<Delivery> = Vec::new();
        for event in &events {
            self.reactions(event, &mut deliveries);
        }
        let (host, mut tries, mut pause) = (self.host.clone(), 1, DELAY);
        while let Err(failures) = deliver(&host, std::mem::take(&mut deliveries)).await {
            // That the log is away says nothing about a delivery: only what fails by itself is parked.
            let poisonous = failures.iter().any(|failure| !is_outage(&failure.error));
            if !poisonous || tries < TRIES_MAX {
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(DELAY_MAX);
                deliveries = failures.into_iter().map(|failure| failure.delivery).collect();
                tries += u32::from(poisonous);
                continue;
            }
            for failure in failures {
                self.park(failure);
            }
            break;
        }
        self.handled.send_replace(last);
        let (position, time) = self.saved;
        let due = last - position >= SAVE_EVENTS || self.clock.now().since(time) >= SAVE_AFTER;
        if due || !self.unsaved.is_empty() {
            self.save().await;
        }
    }

    /// What `event` means to the actor's entities. What follows for a parked pair is parked as well.
    fn reactions(&mut self, event: &Arc<Recorded>, deliveries: &mut Vec<Delivery>) {
        let actor = self.actor;
        let mine =
            |entity: &&EntityType| entity.actor == actor && entity.reacts_to.contains(&event.kind.as_str());
        for entity in ENTITIES.iter().filter(mine) {
            let commands = match (entity.react)(event) {
                Ok(commands) => commands,
                Err(error) => {
                    tracing::error!(%error, position = event.position, "an event cannot be read");
                    self.set_aside(event, event.stream.clone(), error.to_string());
                    continue;
                }
            };
            for (target, command, id) in identified(event, actor, commands) {
                if self.parked.contains(&(event.stream.clone(), target.clone())) {
                    self.set_aside(event, target, "an earlier event of this pair is parked".into());
                } else {
                    deliveries.push(Delivery { event: Arc::clone(event), target, command, id });
                }
            }
        }
    }

    fn park(&mut self, failure: Failure) {
        let Failure { delivery: Delivery { event, target, .. }, error } = failure;
        tracing::error!(%error, source = %event.stream, %target, "a delivery is parked");
        self.set_aside(&event, target, error.to_string());
    }

    fn set_aside(&mut self, event: &Recorded, target: StreamName, reason: String) {
        self.parked.insert((event.stream.clone(), target.clone()));
        self.unsaved.push(Parked { source: event.stream.clone(), target, position: event.position, reason });
    }

    /// Saves the position together with what was parked up to it: never one without the other.
    async fn save(&mut self) {
        let position = *self.handled.borrow();
        if position == self.saved.0 && self.unsaved.is_empty() {
            return;
        }
        match self.checkpoints.save_inbox(self.actor, position, self.unsaved.clone()).await {
            Ok(()) => {
                self.saved = (position, self.clock.now());
                self.unsaved.clear();
            }
            // Events since the last saved position are handled again, which is harmless.
            Err(error) => tracing::warn!(%error, actor = self.actor, "the inbox position was not saved"),
        }
    }
}

/// Whether the failure is one of the store or of this process, not of the delivery.
fn is_outage(error: &HostError) -> bool {
    matches!(error, HostError::Log(LogError::Store(_)) | HostError::Stopping)
}

/// Delivers in order, many at once. Returns those that may be tried again, in order.
async fn deliver(host: &Host, deliveries: Vec<Delivery>) -> Result<(), Vec<Failure>> {
    let mut pending = Vec::with_capacity(deliveries.len());
    let mut failures = Vec::new();
    for delivery in deliveries {
        let envelope = Envelope::reaction_to(&delivery.event, delivery.id);
        match host.enqueue(&delivery.target, delivery.command.clone(), envelope).await {
            Ok(answer) => pending.push((delivery, answer)),
            Err(error) => failures.push(Failure { delivery, error }),
        }
    }
    for (delivery, answer) in pending {
        if let Some(error) = refused(&delivery, answer).await {
            failures.push(Failure { delivery, error });
        }
    }
    if failures.is_empty() { Ok(()) } else { Err(failures) }
}

/// The commands with their derived ids.
pub(crate) fn identified(
    event: &Recorded,
    actor: &str,
    commands: Vec<(StreamName, WireCommand)>,
) -> Vec<(StreamName, WireCommand, Id)> {
    let mut ordinals: BTreeMap<(StreamName, String), usize> = BTreeMap::new();
    let identify = |(target, command): (StreamName, WireCommand)| {
        let kind = command.kind.as_str().to_owned();
        let ordinal = ordinals.entry((target.clone(), kind)).or_default();
        let id = Id::of_reaction(event.id, actor, target.as_str(), command.kind.as_str(), *ordinal);
        *ordinal += 1;
        (target, command, id)
    };
    commands.into_iter().map(identify).collect()
}

/// Why the delivery has to be tried again; a rejection is an answer like any other.
async fn refused(delivery: &Delivery, answer: Pending) -> Option<HostError> {
    match answer.answer().await {
        Ok(_) => None,
        Err(HostError::Rejected(rejection)) => {
            let Delivery { event, target, .. } = delivery;
            tracing::debug!(%rejection, source = %event.stream, %target, "a reaction was rejected");
            None
        }
        Err(error) => Some(error),
    }
}
