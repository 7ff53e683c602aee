//! How a command reaches the Hydra that holds the data folder: one JSON line over a socket, one back. Where the socket
//! is, the data folder says (`data_folder/socket.rs`).

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use hydra_actors::aggregate::{Rejection, WireCommand};
use hydra_actors::host::{Answer, Envelope, Host, HostError};
use hydra_events::record::{EVENT_BYTES_MAX, EventType, Position};
use hydra_events::{Id, StreamName};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

const CONNECTIONS_MAX: usize = 64;
const REPLY_LIMIT: Duration = Duration::from_secs(30);
/// How long to wait after a connection could not be accepted: such as by lack of files, which passes.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// A command to a stream.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// The stream.
    pub stream: StreamName,
    /// Wire name of the command.
    #[serde(rename = "type")]
    pub kind: EventType,
    /// The command.
    pub payload: Box<RawValue>,
    /// Who asks.
    pub principal: String,
    /// The command's own id; a fresh one when absent.
    #[serde(default)]
    pub id: Option<Id>,
}

/// What became of it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// The events it led to: position and wire name.
    Recorded(Vec<(Position, String)>),
    /// The domain says no.
    Rejected {
        /// The rule.
        rule: String,
        /// What it says.
        reason: String,
    },
    /// It could not be decided.
    Failed(String),
}

impl Reply {
    /// The reply to an answer of the host.
    pub fn of(answer: Result<Answer, HostError>) -> Self {
        match answer {
            Ok(answer) => Self::Recorded(
                answer.events.iter().map(|e| (e.position, e.kind.as_str().to_owned())).collect(),
            ),
            Err(HostError::Rejected(Rejection { rule, reason })) => Self::Rejected { rule, reason },
            Err(error) => Self::Failed(error.told()),
        }
    }
}

/// Sends `request` to whoever holds the folder; `None` when nobody listens.
pub async fn send(socket: &Path, request: &Request) -> Result<Option<Reply>> {
    let mut stream = match UnixStream::connect(socket).await {
        Ok(stream) => stream,
        Err(e)
            if matches!(
                e.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused | io::ErrorKind::InvalidInput
            ) =>
        {
            return Ok(None);
        }
        Err(error) => return Err(error).with_context(|| format!("cannot reach {}", socket.display())),
    };
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    stream.write_all(&line).await?;
    let mut reply = String::new();
    let mut reader = BufReader::new(stream);
    tokio::time::timeout(REPLY_LIMIT, reader.read_line(&mut reply))
        .await
        .context("no reply within 30 s")??;
    let reply =
        serde_json::from_str(&reply).context("the holder of the data folder ended before it replied")?;
    Ok(Some(reply))
}

/// Takes commands on `socket` until `stop`.
pub async fn serve(socket: &Path, host: Host, stop: CancellationToken) -> Result<()> {
    if let Err(error) = std::fs::remove_file(socket)
        && error.kind() != io::ErrorKind::NotFound
    {
        return Err(error).with_context(|| format!("cannot replace {}", socket.display()));
    }
    let listener =
        UnixListener::bind(socket).with_context(|| format!("cannot listen on {}", socket.display()))?;
    let (connections, permits) = (TaskTracker::new(), Arc::new(Semaphore::new(CONNECTIONS_MAX)));
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "a client could not be heard");
                pause(&stop).await;
                continue;
            }
        };
        let Ok(permit) = Arc::clone(&permits).acquire_owned().await else { break };
        let (host, stop) = (host.clone(), stop.clone());
        connections.spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                result = converse(stream, &host) => {
                    if let Err(error) = result {
                        tracing::debug!(%error, "a client went away");
                    }
                }
            }
            drop(permit);
        });
    }
    connections.close();
    connections.wait().await;
    Ok(())
}

async fn pause(stop: &CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = tokio::time::sleep(ACCEPT_PAUSE) => {}
    }
}

async fn converse(stream: UnixStream, host: &Host) -> io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut reader = BufReader::new(read);
    loop {
        let mut line = String::new();
        let limit = 2 * EVENT_BYTES_MAX as u64;
        if (&mut reader).take(limit).read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let reply = match serde_json::from_str::<Request>(&line) {
            Ok(request) => Reply::of(handle(host, request).await),
            Err(error) => Reply::Failed(format!("not a request: {error}")),
        };
        let mut bytes = serde_json::to_vec(&reply)?;
        bytes.push(b'\n');
        write.write_all(&bytes).await?;
    }
}

async fn handle(host: &Host, request: Request) -> Result<Answer, HostError> {
    let Request { stream, kind, payload, principal, id } = request;
    let envelope = Envelope::from_outside(id.unwrap_or_else(|| host.fresh_id()), &principal);
    let command = WireCommand { kind, payload: payload.get().as_bytes().to_vec() };
    host.send_wire(&stream, command, envelope).await
}
