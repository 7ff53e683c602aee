//! An actor's inbox: every event of the log, in order, turned into the commands it means to the actor's streams.
//!
//! The position up to which everything is handled or parked is kept beside the log. Handling an event twice is harmless,
//! because a reaction's command id derives from the event. What a stream cannot take is tried again, then parked by
//! pair of source and target, with whatever follows for that pair.

mod deliver;
mod letters;
mod watchman;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use hydra_bus::{Bus, Reader, ReaderError};
use hydra_events::log::{Checkpoints, LogError, Parked};
use hydra_events::record::{Position, Recorded};
use hydra_events::{Clock, Id, StreamName, Timestamp};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::aggregate::WireCommand;
use crate::host::{Host, HostParts};
use crate::registry::{ENTITIES, EntityType};
use deliver::{Delivery, Left, Pair, deliver, poisoned};
pub use letters::settled;
pub use watchman::keep;

/// Events taken at once.
const BATCH_EVENTS: usize = 128;
/// Tries before a pair is parked.
const TRIES_MAX: u32 = 5;
const DELAY: Duration = Duration::from_millis(100);
const DELAY_MAX: Duration = Duration::from_secs(10);
/// The position is saved when it has moved by so many events, or so long ago.
const SAVE_EVENTS: Position = 500;
const SAVE_AFTER: Duration = Duration::from_secs(2);

/// The inbox of one actor.
pub struct Inbox {
    actor: &'static str,
    host: Host,
    reader: Reader,
    bus: Arc<dyn Bus>,
    checkpoints: Arc<dyn Checkpoints>,
    clock: Arc<dyn Clock>,
    parked: BTreeSet<(StreamName, StreamName)>,
    handled: Arc<watch::Sender<Position>>,
    saved: (Position, Timestamp),
    /// Parked, and not yet saved with a position.
    unsaved: Vec<Parked>,
}

impl Inbox {
    /// The inbox of `actor`, where it left off. `handled` is told the position up to which everything is handled or
    /// parked.
    pub async fn open(
        actor: &'static str,
        host: Host,
        handled: Arc<watch::Sender<Position>>,
    ) -> Result<Self, LogError> {
        let HostParts { log, bus, checkpoints, ports, .. } = host.parts();
        let (bus, checkpoints, clock) = (Arc::clone(bus), Arc::clone(checkpoints), Arc::clone(&ports.clock));
        let known = checkpoints.parked(actor).await?;
        letters::report(&host, &known).await;
        let parked = known.into_iter().map(|parked| (parked.source, parked.target)).collect();
        let position = checkpoints.inbox(actor).await?;
        let reader = Reader::new(Arc::clone(log), Arc::clone(&bus), position);
        let saved = (position, clock.now());
        handled.send_replace(position);
        Ok(Self { actor, host, reader, bus, checkpoints, clock, parked, handled, saved, unsaved: Vec::new() })
    }

    /// Works until `stop`.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut away = false;
        loop {
            let events = tokio::select! {
                () = stop.cancelled() => break,
                events = tokio::time::timeout(SAVE_AFTER, self.reader.next(BATCH_EVENTS)) => events,
            };
            match events {
                Ok(Ok(events)) => {
                    away = false;
                    tokio::select! {
                        () = stop.cancelled() => break,
                        () = self.handle(events) => {}
                    }
                }
                Ok(Err(ReaderError::Log(error))) => {
                    if !std::mem::replace(&mut away, true) {
                        tracing::warn!(%error, actor = self.actor, "the inbox reads again until it can");
                    }
                    tokio::time::sleep(DELAY).await;
                }
                Ok(Err(ReaderError::Bus(error))) => {
                    tracing::debug!(%error, actor = self.actor, "the inbox ends with its bus");
                    break;
                }
                // Nothing has come for a while: what was handled since the last save is worth saving now.
                Err(_) => self.save_handled().await,
            }
        }
        self.save_handled().await;
    }

    async fn handle(&mut self, events: Vec<Arc<Recorded>>) {
        let Some(last) = events.last().map(|event| event.position) else { return };
        let mut deliveries: Vec<Delivery> = Vec::new();
        for event in &events {
            self.reactions(event, &mut deliveries);
        }
        let (host, mut tries, mut pause) = (self.host.clone(), 1, DELAY);
        loop {
            let left = deliver(&host, deliveries).await;
            if left.is_empty() {
                break;
            }
            // That the log is away says nothing about a delivery: only what fails by itself is parked.
            let poisoned = poisoned(&left);
            if !poisoned.is_empty() && tries >= TRIES_MAX {
                deliveries = self.park(left, &poisoned);
                tries = 1;
                continue;
            }
            tries += u32::from(!poisoned.is_empty());
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(DELAY_MAX);
            deliveries = left.into_iter().map(|left| left.delivery).collect();
        }
        // Whoever sees that everything was handled must find what was set aside on the way.
        while !self.unsaved.is_empty() && !self.save(last).await {
            tokio::time::sleep(DELAY).await;
        }
        self.handled.send_replace(last);
        let (position, time) = self.saved;
        if last - position >= SAVE_EVENTS || self.clock.now().since(time) >= SAVE_AFTER {
            self.save(last).await;
        }
    }

    /// What `event` means to the actor's entities. What follows for a parked pair is parked as well.
    fn reactions(&mut self, event: &Arc<Recorded>, deliveries: &mut Vec<Delivery>) {
        let actor = self.actor;
        let mine =
            |entity: &&EntityType| entity.actor == actor && entity.reacts_to.contains(&event.kind.as_str());
        for entity in ENTITIES.iter().filter(mine) {
            let commands = match reaction(entity, event) {
                Ok(commands) => commands,
                Err(reason) => {
                    tracing::error!(reason, position = event.position, "an event cannot be reacted to");
                    self.set_aside(event, event.stream.clone(), reason);
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

    /// Sets aside what belongs to the poisoned pairs, in order, and returns the rest.
    fn park(&mut self, left: Vec<Left>, poisoned: &BTreeMap<Pair, String>) -> Vec<Delivery> {
        let mut rest = Vec::new();
        for Left { delivery, .. } in left {
            match poisoned.get(&delivery.pair()) {
                Some(reason) => {
                    let Delivery { event, target, .. } = delivery;
                    tracing::error!(reason, source = %event.stream, %target, "a delivery is parked");
                    self.set_aside(&event, target, reason.clone());
                }
                None => rest.push(delivery),
            }
        }
        rest
    }

    fn set_aside(&mut self, event: &Recorded, target: StreamName, reason: String) {
        self.parked.insert((event.stream.clone(), target.clone()));
        self.unsaved.push(Parked { source: event.stream.clone(), target, position: event.position, reason });
    }

    async fn save_handled(&mut self) {
        let handled = *self.handled.borrow();
        if handled > self.saved.0 {
            self.save(handled).await;
        }
    }

    /// Saves the position together with what was parked up to it: never one without the other.
    async fn save(&mut self, position: Position) -> bool {
        match self.checkpoints.save_inbox(self.actor, position, self.unsaved.clone()).await {
            Ok(()) => {
                self.saved = (position, self.clock.now());
                let parked = std::mem::take(&mut self.unsaved);
                letters::bury(self.bus.as_ref(), self.actor, &parked).await;
                letters::report(&self.host, &parked).await;
                true
            }
            // Events since the last saved position are handled again, which is harmless.
            Err(error) => {
                tracing::warn!(%error, actor = self.actor, "the inbox position was not saved");
                false
            }
        }
    }
}

/// What the event means to the entity; a panic concerns this event alone.
fn reaction(entity: &EntityType, event: &Recorded) -> Result<Vec<(StreamName, WireCommand)>, String> {
    match std::panic::catch_unwind(AssertUnwindSafe(|| (entity.react)(event))) {
        Ok(commands) => commands.map_err(|error| error.to_string()),
        Err(_) => Err("the reaction panicked: see the log output".to_owned()),
    }
}

/// The commands that `event` means to streams of `actor`, with their derived ids.
pub fn identified(
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
