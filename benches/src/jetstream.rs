//! JetStream without Hydra: a stream of the run's own, one publisher with a window of acks, one subscriber.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use async_nats::jetstream::consumer::pull::{self, Stream as Messages};
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy};
use async_nats::jetstream::context::PublishAckFuture;
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::{Config, StorageType};
use async_nats::jetstream::{self, Context};
use async_nats::{Client, ConnectOptions, HeaderMap, HeaderName, ServerAddr, Subject};
use futures::{StreamExt, TryStreamExt};
use hydra_bus::nats::{NatsOptions, SignIn, TlsMode};
use hydra_bus::{Subjects, wire};
use hydra_events::Id;
use hydra_events::record::{Draft, Recorded};
use tokio::sync::watch;
use tokio::time::{interval, timeout};

use crate::document;
use crate::elsewhere::{Moment, Order, Program};
use crate::load::{Done, Window};
use crate::sample::{Sample, Span};
use crate::scratch::Scratch;
use crate::{BenchError, failed};

/// Acks that may be outstanding.
const ACKS: usize = 8_192;
/// Messages asked for at once.
const BATCH: usize = 2_000;
/// How long the last messages may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// A NATS server, and what this run has on it.
#[derive(Clone)]
pub struct Nats {
    options: NatsOptions,
    scratch: Scratch,
}

impl Nats {
    /// The server that `options` lead to.
    pub fn new(options: NatsOptions, scratch: &Scratch) -> Self {
        Self { options, scratch: scratch.clone() }
    }

    /// A prefix nothing else has.
    pub fn fresh(&self) -> String {
        format!("hydra_{}", self.scratch.fresh())
    }

    /// How a bus under `prefix` for the log of this id is reached.
    pub fn options(&self, prefix: &str, log: Id) -> NatsOptions {
        NatsOptions { prefix: prefix.to_owned(), log: Some(log), ..self.options.clone() }
    }

    /// A connection of its own.
    async fn connect(&self) -> Result<Client, BenchError> {
        connect(&self.options).await
    }

    /// The version, in words.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub async fn describe(&self) -> Result<String, BenchError> {
        let info = self.connect().await?.server_info();
        Ok(format!("NATS {} (acknowledges before it syncs)", info.version))
    }

    /// Removes every stream of this run.
    ///
    /// # Errors
    /// When the server cannot be asked.
    pub async fn clear(&self) -> Result<(), BenchError> {
        self.remove(&format!("hydra_{}", self.scratch.run())).await
    }

    /// Removes every stream whose name begins with `prefix`.
    ///
    /// # Errors
    /// When the server cannot be asked.
    pub async fn remove(&self, prefix: &str) -> Result<(), BenchError> {
        let world = failed("removing the streams of the bench");
        let context = jetstream::new(self.connect().await?);
        let ours = format!("{}_", prefix.to_ascii_uppercase());
        let names: Vec<String> =
            context.stream_names().try_collect().await.map_err(failed("listing streams"))?;
        for name in names.into_iter().filter(|name| name.starts_with(&ours)) {
            context.delete_stream(name).await.map_err(&world)?;
        }
        Ok(())
    }

    /// What is told of the stream called `name` from its beginning, in order.
    pub(crate) async fn messages(&self, name: &str) -> Result<Messages, BenchError> {
        let context = jetstream::new(self.connect().await?);
        let config = pull::Config {
            deliver_policy: DeliverPolicy::All,
            ack_policy: AckPolicy::None,
            memory_storage: true,
            num_replicas: 1,
            ..pull::Config::default()
        };
        let consumer =
            context.create_consumer_on_stream(config, name).await.map_err(failed("making a consumer"))?;
        let messages = consumer.stream().max_messages_per_batch(BATCH).messages().await;
        messages.map_err(failed("asking for messages"))
    }
}

async fn connect(place: &NatsOptions) -> Result<Client, BenchError> {
    let servers: Result<Vec<ServerAddr>, _> = place.servers.iter().map(|url| url.parse()).collect();
    let servers = servers.map_err(failed("reading the URL of NATS"))?;
    let options = match &place.sign_in {
        SignIn::Nobody => named(servers.first()),
        SignIn::User { user, password } => {
            ConnectOptions::with_user_and_password(user.clone(), password.clone())
        }
        SignIn::Token(token) => ConnectOptions::with_token(token.clone()),
        SignIn::Credentials(file) => {
            ConnectOptions::with_credentials_file(file).await.map_err(failed("reading the credentials"))?
        }
    };
    let tls = &place.tls;
    let options = tls.roots.iter().fold(options, |options, root| options.add_root_certificates(root.clone()));
    let options = match tls.mode {
        TlsMode::Offered => options,
        TlsMode::Required => options.require_tls(true),
        TlsMode::First => options.require_tls(true).tls_first(),
    };
    options.connect(servers).await.map_err(failed("connecting to NATS"))
}

/// Who asks, when only the address says so: `user:password@`, or `token@`.
fn named(server: Option<&ServerAddr>) -> ConnectOptions {
    let decoded = |text: &str| wire::decode(text).unwrap_or_else(|| text.to_owned());
    match server.map(|server| (server.username(), server.password())) {
        Some((Some(user), Some(password))) => {
            ConnectOptions::with_user_and_password(decoded(user), decoded(password))
        }
        Some((Some(token), None)) => ConnectOptions::with_token(decoded(token)),
        Some((None, _)) | None => ConnectOptions::new(),
    }
}

/// Publishes and receives as fast as it goes.
///
/// # Errors
/// When the server fails, or does not deliver everything.
pub async fn flat_out(nats: &Nats, span: Span) -> Result<Sample, BenchError> {
    measure(nats, span, async |publisher, window, base| {
        let mut acks = VecDeque::with_capacity(ACKS);
        let mut sent = 0_u64;
        while !window.is_over() {
            if acks.len() >= ACKS {
                confirm(acks.pop_front()).await?;
            }
            acks.push_back(publisher.send(base).await?);
            sent += 1;
        }
        while !acks.is_empty() {
            confirm(acks.pop_front()).await?;
        }
        Ok(sent)
    })
    .await
}

/// Publishes and receives at a given pace.
///
/// # Errors
/// When the server fails, or does not deliver everything.
pub async fn paced(nats: &Nats, pace: Duration, span: Span) -> Result<Sample, BenchError> {
    measure(nats, span, async |publisher, window, base| {
        let (mut ticks, mut sent) = (interval(pace), 0_u64);
        while !window.is_over() {
            ticks.tick().await;
            confirm(Some(publisher.send(base).await?)).await?;
            sent += 1;
        }
        Ok(sent)
    })
    .await
}

/// Receives what a second process publishes at a given pace.
///
/// # Errors
/// When the server or the second process fails, or not everything is delivered.
pub async fn paced_elsewhere(
    nats: &Nats,
    program: &Program,
    pace: Duration,
    span: Span,
) -> Result<Sample, BenchError> {
    let base = Moment::now();
    let publisher = Publisher::open(nats).await?;
    let messages = nats.messages(&publisher.stream).await?;
    let other = program.start(&Order::at(pace, &publisher.prefix, None, base)).await?;
    let (received, _) = other.follow(messages, base.here, span, |_, _| Ok(())).await?;
    nats.remove(&publisher.prefix).await?;
    Ok(received)
}

/// Receives while `publish` does its part, which says how many messages it sent.
async fn measure<P>(nats: &Nats, span: Span, publish: P) -> Result<Sample, BenchError>
where
    P: AsyncFnOnce(&Publisher, Window, Instant) -> Result<u64, BenchError>,
{
    let base = Instant::now();
    let publisher = Publisher::open(nats).await?;
    let messages = nats.messages(&publisher.stream).await?;
    let (ended, end) = watch::channel(None);
    let window = Window::after(span);
    let publish = async {
        ended.send_replace(Some(publish(&publisher, window, base).await?));
        Ok(())
    };
    let (_, received): ((), Sample) =
        tokio::try_join!(publish, receive(messages, window, base, end, |_, _| Ok(())))?;
    nats.remove(&publisher.prefix).await?;
    Ok(received)
}

/// Waits until the server has taken a message.
pub(crate) async fn confirm(ack: Option<PublishAckFuture>) -> Result<(), BenchError> {
    let Some(ack) = ack else { return Ok(()) };
    ack.await.map(|_| ()).map_err(failed("publishing to JetStream"))
}

/// Who publishes to a stream of the run's own.
pub(crate) struct Publisher {
    context: Context,
    prefix: String,
    stream: String,
    subject: Subject,
    headers: HeaderMap,
}

impl Publisher {
    /// With a stream that nothing else has.
    async fn open(nats: &Nats) -> Result<Self, BenchError> {
        let prefix = nats.fresh();
        let publisher = Self::connect(&NatsOptions { prefix, ..nats.options.clone() }).await?;
        let config = Config {
            name: publisher.stream.clone(),
            subjects: vec![format!("{}.>", publisher.prefix)],
            storage: StorageType::File,
            max_bytes: 4 * 1024 * 1024 * 1024,
            num_replicas: 1,
            allow_direct: true,
            ..Config::default()
        };
        publisher.context.create_stream(config).await.map_err(failed("making a stream"))?;
        Ok(publisher)
    }

    /// To the stream that another has made under the same prefix.
    pub(crate) async fn connect(options: &NatsOptions) -> Result<Self, BenchError> {
        let prefix = options.prefix.clone();
        let subjects = Subjects::try_new(&prefix).map_err(failed("spelling a subject"))?;
        let event = event()?;
        let context = jetstream::context::ContextBuilder::new()
            .max_ack_inflight(2 * ACKS)
            .build(connect(options).await?);
        let mut headers = HeaderMap::new();
        for (name, value) in wire::headers(&event) {
            headers.insert(HeaderName::from_static(name), value);
        }
        let (stream, subject) =
            (format!("{}_RAW", prefix.to_ascii_uppercase()), subjects.of_event(&event).into());
        Ok(Self { context, prefix, stream, subject, headers })
    }

    /// Sends an event as Hydra publishes it.
    pub(crate) async fn send(&self, base: Instant) -> Result<PublishAckFuture, BenchError> {
        let message =
            PublishMessage::build().payload(document::document(base).into()).headers(self.headers.clone());
        let sent = self.context.send_publish(self.subject.clone(), message).await;
        sent.map_err(failed("publishing to JetStream"))
    }
}

/// An event as Hydra publishes it.
fn event() -> Result<Recorded, BenchError> {
    let stream = document::stream("w", 0).map_err(failed("naming a stream"))?;
    let draft = Draft { kind: document::kind(), payload: Vec::new(), effect: None };
    Ok(document::recorded(&stream, 1, 1_000_000, draft))
}

/// Receives until `end` says how many there were, and notes what arrives within the window by the age of its document.
pub(crate) async fn receive(
    mut messages: Messages,
    window: Window,
    base: Instant,
    mut end: watch::Receiver<Option<u64>>,
    mut check: impl FnMut(u64, &jetstream::Message) -> Result<(), BenchError> + Send,
) -> Result<Sample, BenchError> {
    let (mut received, mut done) = (0_u64, Done::default());
    loop {
        let total = *end.borrow_and_update();
        if total.is_some_and(|total| received >= total) {
            return Ok(done.sample(&window));
        }
        let next = tokio::select! {
            biased;
            next = timeout(PATIENCE, messages.next()) => next,
            Ok(()) = end.changed() => continue,
        };
        let Ok(Some(message)) = next else {
            return Err(BenchError::Wrong(format!("{received} messages arrived, where {total:?} were sent")));
        };
        let message = message.map_err(failed("receiving from JetStream"))?;
        received += 1;
        let at = document::moment(&message.payload).map(Duration::from_nanos);
        let at = at.ok_or_else(|| BenchError::Wrong("a message is none of the bench's".to_owned()))?;
        check(received, &message)?;
        done.note(&window, base + at, 1);
    }
}
