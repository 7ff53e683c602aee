//! Commands nobody waits for: taken from their queue, and acknowledged only when they are done or refused for
//! good.

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, PullConsumer, pull};
use async_nats::jetstream::{self, AckKind};
use tokio::sync::Semaphore;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{Handler, IngressLimits, Request, ServiceError, Way, answer, first_values};
use crate::bus::BusError;
use crate::nats::NatsBus;
use crate::nats::link::{Link, unavailable};
use crate::nats::message::taken_at;
use crate::nats::pull::Pull;
use crate::nats::refused::{Refused, bury_refused};
use crate::subject::{Family, Subject, Subjects};

/// The consumer all processes share.
const CONSUMER: &str = "commands";
const DELAY_FIRST: Duration = Duration::from_millis(50);
const DELAY_MAX: Duration = Duration::from_secs(5);

/// Takes commands from their queue as long as it runs.
pub struct Told {
    link: Arc<Link>,
    pull: Option<Pull>,
    handler: Arc<dyn Handler>,
    limits: IngressLimits,
    tasks: TaskTracker,
}

impl Told {
    /// Takes its place at the queue.
    pub async fn open(
        bus: &NatsBus,
        handler: Arc<dyn Handler>,
        limits: IngressLimits,
    ) -> Result<Self, BusError> {
        let link = Arc::clone(&bus.link);
        let pull = Some(link.during(open(&link, &limits)).await?);
        Ok(Self { link, pull, handler, limits, tasks: TaskTracker::new() })
    }

    /// Does what is told until `stop`, and then still what is under way.
    pub async fn run(mut self, stop: CancellationToken) {
        let places = Arc::new(Semaphore::new(self.limits.told.max(1)));
        let closed = self.link.closed.clone();
        loop {
            let taken = async {
                // A place first: what waits is better off on the server.
                let place = Arc::clone(&places).acquire_owned().await.ok()?;
                Some((place, self.next().await))
            };
            let taken = tokio::select! {
                biased;
                () = stop.cancelled() => break,
                () = closed.cancelled() => break,
                taken = taken => taken,
            };
            let Some((place, message)) = taken else { break };
            let (link, handler) = (Arc::clone(&self.link), Arc::clone(&self.handler));
            let limits = self.limits.clone();
            self.tasks.spawn(async move {
                settle(&link, &handler, &limits, &message).await;
                drop(place);
            });
        }
        if let Some(pull) = self.pull.take().filter(|_| !closed.is_cancelled()) {
            pull.give_back(self.link.request_timeout).await;
        }
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// The next command; waits while the server is away.
    async fn next(&mut self) -> jetstream::Message {
        let mut delay = DELAY_FIRST;
        loop {
            match self.try_next().await {
                Ok(message) => return message,
                Err(error) => {
                    tracing::warn!(%error, ?delay, "commands are pulled again");
                    sleep(delay).await;
                    delay = (delay * 2).min(DELAY_MAX);
                }
            }
        }
    }

    async fn try_next(&mut self) -> Result<jetstream::Message, BusError> {
        self.link.is_up()?;
        let pull = match &mut self.pull {
            Some(pull) => pull,
            slot @ None => slot.insert(open(&self.link, &self.limits).await?),
        };
        let next = pull.next().await;
        if next.is_err() {
            self.pull = None;
        }
        next.map_err(unavailable)
    }
}

async fn open(link: &Link, limits: &IngressLimits) -> Result<Pull, BusError> {
    let config = pull::Config {
        durable_name: Some(CONSUMER.to_owned()),
        ack_policy: AckPolicy::Explicit,
        // Longer than a command may take, so that none is done twice at the same time.
        ack_wait: limits.time * 2 + link.request_timeout * 4,
        max_ack_pending: 1_000,
        ..pull::Config::default()
    };
    link.ensure_incoming().await?;
    let made = link.stream.create_consumer_on_stream(config, &link.names.incoming).await;
    let consumer: PullConsumer = made.map_err(unavailable)?;
    Pull::open(link, consumer, 1).await
}

/// Has one command done, and tells the server what became of it.
async fn settle(
    link: &Link,
    handler: &Arc<dyn Handler>,
    limits: &IngressLimits,
    message: &jetstream::Message,
) {
    let (request, tries) = match request(link, message) {
        Ok(request) => request,
        Err(error) => return refuse(link, limits, message, error).await,
    };
    match answer(handler, request, limits.time).await {
        Ok(_) => acknowledge(message).await,
        Err(error) if error.may_pass() && tries < limits.tries => {
            let delay = delay_after(tries, limits);
            tracing::warn!(%error, subject = %message.subject, tries, ?delay, "a command is tried again");
            again(message, delay).await;
        }
        Err(error) => refuse(link, limits, message, error).await,
    }
}

/// The command, and how often it was handed out.
fn request(link: &Link, message: &jetstream::Message) -> Result<(Request, u64), ServiceError> {
    let unreadable = |error: async_nats::Error| ServiceError::new(400, error.to_string());
    let info = message.info().map_err(unreadable)?;
    let tries = u64::try_from(info.delivered).unwrap_or(1).max(1);
    let (actor, command) = match link.subjects.parse(&message.subject) {
        Ok(Subject::Incoming { actor, command }) => (actor.to_string(), command.to_string()),
        Ok(
            Subject::Event { .. }
            | Subject::Command { .. }
            | Subject::Work { .. }
            | Subject::Dead { .. }
            | Subject::Replay { .. }
            | Subject::Live { .. }
            | Subject::Desk(_),
        )
        | Err(_) => return Err(no_command(&message.subject, &link.subjects)),
    };
    let way = Way::Told { created: taken_at(&info), sequence: info.stream_sequence, delivery: tries };
    let (headers, payload) = (first_values(message.headers.as_ref()), message.payload.to_vec());
    Ok((Request { actor, command, headers, payload, way }, tries))
}

fn no_command(subject: &str, subjects: &Subjects) -> ServiceError {
    let form = subjects.pattern(Family::Incoming, "*.*");
    let form = form.map_or_else(|error| error.to_string(), |form| form.to_string());
    ServiceError::new(404, format!("{subject:?} is no command: {form} is, with an actor and its command"))
}

fn delay_after(tries: u64, limits: &IngressLimits) -> Duration {
    let doublings = u32::try_from(tries - 1).unwrap_or(u32::MAX).min(16);
    limits.delay_first.saturating_mul(2_u32.pow(doublings)).min(limits.delay_max)
}

/// Keeps a copy where people look, and only then takes the command from its queue.
async fn refuse(link: &Link, limits: &IngressLimits, message: &jetstream::Message, error: ServiceError) {
    tracing::warn!(%error, subject = %message.subject, "a command is refused for good");
    let sequence = message.info().map(|info| info.stream_sequence).unwrap_or_default();
    let (subject, payload) = (message.subject.to_string(), message.payload.to_vec());
    let headers = first_values(message.headers.as_ref());
    let refused = Refused { subject, sequence, reason: error.to_string(), headers, payload };
    match bury_refused(link, &refused).await {
        Ok(()) => settle_with(message, AckKind::Term).await,
        Err(error) => {
            tracing::warn!(%error, "a refused command stays in its queue");
            again(message, limits.delay_max).await;
        }
    }
}

async fn acknowledge(message: &jetstream::Message) {
    settle_with(message, AckKind::Ack).await;
}

async fn settle_with(message: &jetstream::Message, kind: AckKind) {
    if let Err(error) = message.double_ack_with(kind).await {
        tracing::warn!(%error, subject = %message.subject, "a command that is done may come again");
    }
}

async fn again(message: &jetstream::Message, delay: Duration) {
    if let Err(error) = message.ack_with(AckKind::Nak(Some(delay))).await {
        tracing::debug!(%error, "a command comes again when its time is over");
    }
}
