//! A cell: one stream, loaded, handling one command after the other.

mod load;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hydra_events::log::LogError;
use hydra_events::record::{Append, Meta, Recorded, Version};
use hydra_events::wire::WireError;
use hydra_events::{StreamName, Timestamp};
use ractor::{Actor, ActorProcessingErr, ActorRef};
use serde::de::DeserializeOwned;
use tokio::sync::oneshot;

use super::duty::Duty;
use super::envelope::{Envelope, Origin};
use super::stalls::Standing;
use super::{Answer, Host, HostError, PolicyInForce};
use crate::aggregate::{Aggregate, DecideError, Obligation, WireCommand};
use crate::decider::Given;
use crate::desk::{Claim, Claimed};
use crate::registry::{CODE, EntityType};

/// Lost races before the caller is told.
const CONFLICTS_MAX: u32 = 5;
/// Tries at a store that fails before the caller is told.
const STORE_TRIES_MAX: u32 = 5;
const STORE_DELAY: Duration = Duration::from_millis(50);

pub(super) enum Message {
    /// Decide a command.
    Decide {
        command: WireCommand,
        envelope: Box<Envelope>,
        reply: oneshot::Sender<Result<Answer, HostError>>,
    },
    /// Decide how an attempt went, and hand out the work order of the attempt that begins with it.
    Report {
        command: WireCommand,
        envelope: Box<Envelope>,
        reply: oneshot::Sender<Result<Option<Claimed>, HostError>>,
    },
    /// Record an attempt and hand out its work order.
    Claim { claim: Claim, reply: oneshot::Sender<Result<Claimed, HostError>> },
    /// Hand out the work order of an effect.
    Order { effect: String, reply: oneshot::Sender<Option<Vec<u8>>> },
    /// Show the state.
    Look { reply: oneshot::Sender<Result<View, HostError>> },
    /// Show what is owed.
    Stand { reply: oneshot::Sender<Result<Standing, HostError>> },
    /// See to what is owed; `again` also to what has been seen to before.
    Attend { again: bool },
    /// An effect is in the Scheduler's queue.
    Handed { effect: String },
    /// An effect is no longer being seen to.
    Attended { effect: String },
}

/// A stream's state, for people and for callers that wait for something.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// Its version.
    pub version: Version,
    /// When its last event was recorded.
    pub time: Timestamp,
    /// Its state and the book of its effects.
    pub state: serde_json::Value,
    /// What it owes.
    pub obligations: Vec<Obligation>,
    /// What is parked: effect, attempts, reason.
    pub parked: Vec<(String, u32, String)>,
}

impl View {
    /// The entity's own state; `None` when it is another entity's.
    pub(crate) fn state_as<S: DeserializeOwned>(&self) -> Option<S> {
        S::deserialize(&self.state["state"]).ok()
    }
}

pub(super) struct CellSetup {
    pub(super) host: Host,
    pub(super) stream: StreamName,
    pub(super) entity: &'static EntityType,
    pub(super) busy: Arc<AtomicUsize>,
}

pub(super) struct Cell;

pub(super) struct CellState {
    pub(super) host: Host,
    pub(super) stream: StreamName,
    pub(super) entity: &'static EntityType,
    /// Messages in the mailbox and effects being seen to.
    busy: Arc<AtomicUsize>,
    /// Absent until the first message, and after anything that leaves memory and log possibly apart.
    loaded: Option<LoadedStream>,
    /// The effects being seen to in this process.
    pub(super) duties: BTreeMap<String, Duty>,
}

pub(super) struct LoadedStream {
    aggregate: Box<dyn Aggregate>,
    version: Version,
    last_time: Timestamp,
    last_hash: [u8; 32],
    /// The version and size of the last snapshot.
    snapshot: Version,
    unsaved_bytes: usize,
}

impl Actor for Cell {
    type Msg = Message;
    type State = CellState;
    type Arguments = CellSetup;

    async fn pre_start(
        &self,
        _: ActorRef<Message>,
        setup: CellSetup,
    ) -> Result<CellState, ActorProcessingErr> {
        let CellSetup { host, stream, entity, busy } = setup;
        Ok(CellState { host, stream, entity, busy, loaded: None, duties: BTreeMap::new() })
    }

    async fn handle(
        &self,
        _: ActorRef<Message>,
        message: Message,
        state: &mut CellState,
    ) -> Result<(), ActorProcessingErr> {
        match message {
            Message::Decide { command, envelope, reply } => {
                answer(reply, state.decide(&command, &envelope).await)
            }
            Message::Report { command, envelope, reply } => {
                answer(reply, state.report(&command, &envelope).await)
            }
            Message::Claim { claim, reply } => answer(reply, state.claim(claim).await),
            Message::Order { effect, reply } => answer(reply, state.order(&effect).await),
            Message::Look { reply } => answer(reply, state.look().await),
            Message::Stand { reply } => answer(reply, state.stand().await),
            Message::Attend { again } => state.attend(again).await,
            Message::Handed { effect } => {
                if let Some(duty) = state.duties.get_mut(&effect) {
                    *duty = Duty::Queued;
                }
            }
            Message::Attended { effect } => {
                state.duties.remove(&effect);
                state.attend(false).await;
            }
        }
        if state.loaded.is_some() {
            state.host.0.unfit.is_well(&state.stream);
        }
        state.busy.fetch_sub(1, Ordering::Relaxed);
        Ok(())
    }
}

/// Keeps a cell from being let go.
pub(super) struct Busy(Arc<AtomicUsize>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn answer<T>(reply: oneshot::Sender<T>, value: T) {
    if reply.send(value).is_err() {
        tracing::debug!("a caller went away before it was answered");
    }
}

impl CellState {
    pub(super) async fn decide(
        &mut self,
        command: &WireCommand,
        envelope: &Envelope,
    ) -> Result<Answer, HostError> {
        let answer = self.record(command, envelope).await?;
        if !answer.events.is_empty() {
            self.see_to();
        }
        Ok(answer)
    }

    /// Decides a command and appends its events; what is then owed is left to the caller.
    pub(super) async fn record(
        &mut self,
        command: &WireCommand,
        envelope: &Envelope,
    ) -> Result<Answer, HostError> {
        let mut conflicts = 0;
        loop {
            match self.decide_once(command, envelope).await {
                Err(HostError::Log(LogError::Conflict { .. })) if conflicts < CONFLICTS_MAX => {
                    conflicts += 1;
                    self.loaded = None;
                }
                result => return result,
            }
        }
    }

    async fn decide_once(&mut self, command: &WireCommand, envelope: &Envelope) -> Result<Answer, HostError> {
        if let Some(answer) = self.repeated(command, envelope).await? {
            return Ok(answer);
        }
        let policy = self.host.policy();
        let meta = self.meta(envelope, &policy).await?;
        let (stream, actor) = (self.stream.clone(), self.entity.actor);
        let loaded = self.load().await?;
        let given = Given { stream: &stream, meta: &meta, policy: &policy.policy };
        let events = match loaded.aggregate.decide(command, given) {
            Ok(events) if events.is_empty() => return Ok(Answer { events: Vec::new() }),
            Ok(events) => events,
            Err(DecideError::Rejected(rejection)) => return Err(HostError::Rejected(rejection)),
            Err(DecideError::Wire(error)) => return Err(HostError::Wire(error)),
        };
        let (expected, owes) = (loaded.version, loaded.aggregate.owes());
        let command = (command.kind.clone(), command.payload.clone());
        let append =
            Append { stream, expected, events, actor: actor.into(), code: CODE.into(), owes, command, meta };
        let recorded = match self.append(append).await {
            Ok(recorded) => recorded,
            Err(error) => {
                // The aggregate has moved on and the log may not have.
                self.loaded = None;
                return Err(error);
            }
        };
        self.note(&recorded).await;
        Ok(Answer { events: recorded })
    }

    /// The answer to a command that was accepted before.
    async fn repeated(
        &mut self,
        command: &WireCommand,
        envelope: &Envelope,
    ) -> Result<Option<Answer>, HostError> {
        let id = envelope.command_id;
        let Some(known) = self.load().await?.aggregate.accepted(id).cloned() else { return Ok(None) };
        let log = &self.host.0.parts.log;
        let events = log.read_stream(&self.stream, known.first - 1, known.count as usize).await?;
        let recorded = events.first().and_then(|first| first.command().ok().flatten());
        let same = recorded.is_some_and(|(recorded, _)| {
            recorded.kind == command.kind && recorded.payload.get().as_bytes() == command.payload
        });
        if envelope.origin == Origin::Outside && !same {
            return Err(HostError::IdReused(id));
        }
        Ok(Some(Answer { events }))
    }

    async fn meta(&mut self, envelope: &Envelope, policy: &PolicyInForce) -> Result<Meta, HostError> {
        let now = self.host.0.parts.ports.clock.now();
        let time = self.load().await?.last_time.max(now);
        let Envelope { command_id, correlation_id, causation_id, visibility, .. } = *envelope;
        Ok(Meta {
            command_id,
            correlation_id,
            causation_id,
            time,
            principal: envelope.principal.clone(),
            owner: envelope.owner.clone(),
            visibility,
            trace: envelope.trace.clone(),
            policy: policy.version,
            outcome: envelope.outcome.clone(),
            next: envelope.next.clone(),
        })
    }

    /// Appends, trying again as long as only the store fails: the log settles what became of the first try.
    async fn append(&self, append: Append) -> Result<Vec<Recorded>, HostError> {
        let mut tries = 1;
        loop {
            match self.host.0.parts.log.append(append.clone()).await {
                Err(LogError::Store(error)) if tries < STORE_TRIES_MAX => {
                    tracing::warn!(%error, stream = %append.stream, "the append is tried again");
                    tokio::time::sleep(STORE_DELAY * 2_u32.pow(tries)).await;
                    tries += 1;
                }
                result => return result.map_err(HostError::Log),
            }
        }
    }

    async fn note(&mut self, recorded: &[Recorded]) {
        let Some(loaded) = &mut self.loaded else { return };
        loaded.aggregate.note(recorded);
        loaded.moved_to(recorded);
        if self.stream.category() == "policy" {
            self.publish_policy();
        }
        self.save_snapshot_when_due().await;
    }

    async fn look(&mut self) -> Result<View, HostError> {
        let LoadedStream { aggregate, version, last_time, .. } = self.load().await?;
        let (state, obligations, parked) = (aggregate.state(), aggregate.obligations(), aggregate.parked());
        Ok(View { version: *version, time: *last_time, state, obligations, parked })
    }

    async fn stand(&mut self) -> Result<Standing, HostError> {
        let LoadedStream { aggregate, last_time, .. } = self.load().await?;
        Ok(Standing { moved: *last_time, obligations: aggregate.obligations() })
    }

    async fn order(&mut self, effect: &str) -> Option<Vec<u8>> {
        self.load().await.ok()?.aggregate.work_order(effect)
    }

    async fn attend(&mut self, again: bool) {
        if again {
            self.duties.retain(|_, duty| *duty == Duty::Driven);
        }
        match self.load().await {
            Ok(_) => self.see_to(),
            Err(error) => tracing::warn!(%error, stream = %self.stream, "what is owed was not seen to"),
        }
    }

    pub(super) fn busy(&self) -> Busy {
        self.busy.fetch_add(1, Ordering::Relaxed);
        Busy(Arc::clone(&self.busy))
    }

    pub(super) fn aggregate(&self) -> Option<&dyn Aggregate> {
        self.loaded.as_ref().map(|loaded| loaded.aggregate.as_ref())
    }

    /// What a stream in which something unknown stands answers to every command.
    fn refuse_unknown(&self, error: WireError) -> HostError {
        tracing::error!(stream = %self.stream, %error, "this hydra refuses to decide for the stream");
        self.host.0.unfit.unreadable(&self.stream, error.to_string());
        HostError::Unreadable(error)
    }
}
