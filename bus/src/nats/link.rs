//! The connection: made once, made again for ever, and what every call on it has in common.

use std::future::Future;
use std::io;
use std::time::Duration;

use async_nats::connection::State;
use async_nats::jetstream::{self, context::ContextBuilder};
use async_nats::{Client, ConnectErrorKind, ConnectOptions, Event, ServerAddr};
use futures::StreamExt;
use futures::future::BoxFuture;
use hydra_events::Id;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::options::{NatsLimits, NatsOptions, SignIn, TlsMode};
use super::streams::Names;
use crate::bus::BusError;
use crate::subject::Subjects;
use crate::wire;

/// Messages a subscription may hold in memory.
const SUBSCRIPTION_MESSAGES_MAX: usize = 4_096;

/// The largest message there is: an event with its headers, which are longer than in the log.
pub(super) const MESSAGE_BYTES_MAX: usize = 1024 * 1024;

/// The connection and what is known about the place it leads to.
pub(super) struct Link {
    pub(super) client: Client,
    pub(super) stream: jetstream::Context,
    pub(super) subjects: Subjects,
    pub(super) names: Names,
    pub(super) log: Option<Id>,
    pub(super) limits: NatsLimits,
    pub(super) heartbeat: Duration,
    pub(super) request_timeout: Duration,
    /// Counts what made the connection lose messages.
    pub(super) outages: watch::Receiver<u64>,
    pub(super) closed: CancellationToken,
    pub(super) tasks: TaskTracker,
    runtime: Handle,
}

/// The world failed.
pub(super) fn unavailable(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> BusError {
    BusError::unavailable(error)
}

impl Link {
    pub(super) async fn connect(options: NatsOptions) -> Result<Self, BusError> {
        let subjects =
            Subjects::try_new(&options.prefix).map_err(|error| BusError::Refused(error.to_string()))?;
        let (sender, outages) = watch::channel(0);
        let servers = servers(&options.servers)?;
        let options = NatsOptions { sign_in: named(options.sign_in, &servers), ..options };
        let client =
            prepare(&options, sender).await?.connect(servers).await.map_err(|e| not_connected(&e))?;
        check_size(client.server_info().max_payload)?;
        let stream = ContextBuilder::new()
            .timeout(options.request_timeout)
            .max_ack_inflight(options.limits.acks.max(1))
            .build(client.clone());
        Ok(Self {
            client,
            stream,
            subjects,
            names: Names::under(&options.prefix),
            log: options.log,
            limits: options.limits,
            heartbeat: options.heartbeat,
            request_timeout: options.request_timeout,
            outages,
            closed: CancellationToken::new(),
            tasks: TaskTracker::new(),
            runtime: Handle::current(),
        })
    }

    /// What `work` ends with, unless the bus is closed or cannot be reached: what is asked of a lost
    /// connection would wait in its buffer. On the heap, because requests are large.
    pub(super) fn during<'a, T: Send + 'a>(
        &'a self,
        work: impl Future<Output = Result<T, BusError>> + Send + 'a,
    ) -> BoxFuture<'a, Result<T, BusError>> {
        Box::pin(self.until_closed(async {
            self.is_up()?;
            work.await
        }))
    }

    /// What `work` ends with, unless the bus is closed.
    pub(super) async fn until_closed<T>(
        &self,
        work: impl Future<Output = Result<T, BusError>>,
    ) -> Result<T, BusError> {
        tokio::select! {
            biased;
            () = self.closed.cancelled() => Err(BusError::Closed),
            result = work => result,
        }
    }

    /// Only who knows the log may say what the server keeps of it.
    pub(super) fn publishes(&self) -> Result<(), BusError> {
        match self.log {
            Some(_) => Ok(()),
            None => Err(BusError::Refused("this process works for a log it does not know".to_owned())),
        }
    }

    pub(super) fn is_up(&self) -> Result<(), BusError> {
        match self.client.connection_state() {
            State::Connected => Ok(()),
            State::Disconnected | State::Pending => {
                Err(unavailable("the connection to the NATS server is lost, and is tried again"))
            }
        }
    }

    /// Returns once the server has dealt with everything that was asked before.
    pub(super) async fn round_trip(&self) -> Result<(), BusError> {
        let inbox = self.client.new_inbox();
        let mut arriving = self.client.subscribe(inbox.clone()).await.map_err(unavailable)?;
        self.client.publish(inbox, "".into()).await.map_err(unavailable)?;
        match timeout(self.request_timeout, arriving.next()).await {
            Ok(Some(_)) => Ok(()),
            Ok(None) | Err(_) => Err(unavailable("the NATS server does not answer")),
        }
    }

    /// Runs a task that ends by itself once the bus is closed; callable outside of a runtime too.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn_on(task, &self.runtime);
    }

    pub(super) async fn close(&self) {
        self.closed.cancel();
        self.tasks.close();
        // Both only have to say good-bye, which a server that is away cannot hear.
        timeout(self.request_timeout, self.tasks.wait()).await.ok();
        timeout(self.request_timeout, self.client.flush()).await.ok();
    }
}

/// The addresses, none of which is ever shown: it may hold a password.
fn servers(texts: &[String]) -> Result<Vec<ServerAddr>, BusError> {
    if texts.is_empty() {
        return Err(BusError::Refused("no NATS server is named: nats://127.0.0.1:4222 is one".to_owned()));
    }
    let parse = |(at, text): (usize, &String)| {
        let wrong = format!("NATS server {} is no address: nats://127.0.0.1:4222 is one", at + 1);
        text.parse::<ServerAddr>().map_err(|_| BusError::Refused(wrong))
    };
    texts.iter().enumerate().map(parse).collect()
}

/// A server that takes less would refuse some events, and stop all that follow.
fn check_size(max_payload: usize) -> Result<(), BusError> {
    match max_payload >= MESSAGE_BYTES_MAX {
        true => Ok(()),
        false => Err(BusError::Refused(format!(
            "the NATS server takes messages of at most {max_payload} bytes: set its max_payload to {MESSAGE_BYTES_MAX} or more"
        ))),
    }
}

/// Who asks, when only the address says so: `user:password@`, or `token@`.
fn named(sign_in: SignIn, servers: &[ServerAddr]) -> SignIn {
    let decoded = |text: &str| wire::decode(text).unwrap_or_else(|| text.to_owned());
    let found = servers.iter().find_map(|server| Some((server.username()?, server.password())));
    match (sign_in, found) {
        (SignIn::Nobody, Some((user, Some(password)))) => {
            SignIn::User { user: decoded(user), password: decoded(password) }
        }
        (SignIn::Nobody, Some((token, None))) => SignIn::Token(decoded(token)),
        (sign_in, _) => sign_in,
    }
}

async fn prepare(options: &NatsOptions, outages: watch::Sender<u64>) -> Result<ConnectOptions, BusError> {
    let delay_max = options.reconnect_delay_max;
    let mut prepared = sign_in(&options.sign_in)
        .await?
        .name(&options.name)
        // Of its own, so that the permission to hear answers can be given to others without Hydra's.
        .custom_inbox_prefix(format!("_INBOX_{}", options.prefix))
        .connection_timeout(options.connect_timeout)
        .request_timeout(Some(options.request_timeout))
        .subscription_capacity(SUBSCRIPTION_MESSAGES_MAX)
        .max_reconnects(None)
        .reconnect_delay_callback(move |tries| delay_after(tries, delay_max))
        .event_callback(move |event| note(event, outages.clone()));
    for root in &options.tls.roots {
        prepared = prepared.add_root_certificates(root.clone());
    }
    if let Some((certificate, key)) = &options.tls.client {
        prepared = prepared.add_client_certificate(certificate.clone(), key.clone());
    }
    Ok(match options.tls.mode {
        TlsMode::Offered => prepared,
        TlsMode::Required => prepared.require_tls(true),
        TlsMode::First => prepared.require_tls(true).tls_first(),
    })
}

async fn sign_in(sign_in: &SignIn) -> Result<ConnectOptions, BusError> {
    let options = ConnectOptions::new();
    match sign_in {
        SignIn::Nobody => Ok(options),
        SignIn::User { user, password } => Ok(options.user_and_password(user.clone(), password.clone())),
        SignIn::Token(token) => Ok(options.token(token.clone())),
        SignIn::Credentials(path) => {
            let unread = |error: io::Error| {
                BusError::Refused(format!("credentials {} cannot be used: {error}", path.display()))
            };
            options.credentials_file(path).await.map_err(unread)
        }
    }
}

fn delay_after(tries: usize, delay_max: Duration) -> Duration {
    let doublings = u32::try_from(tries.saturating_sub(1)).unwrap_or(u32::MAX).min(16);
    (Duration::from_millis(20) * 2_u32.pow(doublings)).min(delay_max)
}

async fn note(event: Event, outages: watch::Sender<u64>) {
    match event {
        Event::Disconnected | Event::SlowConsumer(_) | Event::LameDuckMode => {
            tracing::warn!(%event, "the connection to the NATS server");
            outages.send_modify(|count| *count += 1);
        }
        Event::ServerError(_) | Event::ClientError(_) => tracing::warn!(%event, "the NATS server complains"),
        Event::Connected | Event::Draining | Event::Closed => {
            tracing::info!(%event, "the connection to the NATS server");
        }
    }
}

fn not_connected(error: &async_nats::ConnectError) -> BusError {
    match error.kind() {
        ConnectErrorKind::Authentication | ConnectErrorKind::AuthorizationViolation => {
            BusError::Refused("the NATS server refuses the sign-in".to_owned())
        }
        ConnectErrorKind::ServerParse | ConnectErrorKind::Tls => {
            BusError::Refused(format!("the NATS server cannot be connected to: {error}"))
        }
        ConnectErrorKind::Dns
        | ConnectErrorKind::TimedOut
        | ConnectErrorKind::Io
        | ConnectErrorKind::MaxReconnects => {
            unavailable(format!("the NATS server cannot be reached: {error}"))
        }
    }
}
