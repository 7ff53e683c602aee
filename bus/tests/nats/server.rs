//! The server the tests are given, and servers they start for themselves.

#![allow(dead_code, reason = "each test binary uses its part")]

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_nats::jetstream::{self, stream};
use async_nats::{Message, Subscriber};
use futures::StreamExt;
use hydra_bus::{NatsBus, NatsOptions};
use hydra_events::Id;

/// The longest a test waits for a server to do something.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until the server has taken in what this client sent so far: `flush` only empties the client's own buffer.
pub async fn answers(client: &async_nats::Client) {
    let answer = client.request("$JS.API.INFO", "".into());
    tokio::time::timeout(PATIENCE, answer).await.unwrap().unwrap();
}

/// A subscription that the server has taken in.
pub async fn heard(client: &async_nats::Client, subject: String) -> Subscriber {
    let heard = client.subscribe(subject).await.unwrap();
    answers(client).await;
    heard
}

pub async fn next(subscriber: &mut Subscriber) -> Message {
    tokio::time::timeout(PATIENCE, subscriber.next()).await.unwrap().unwrap()
}

/// A place of its own on a server, removed by [`Self::clean`].
pub struct Place {
    pub url: String,
    pub prefix: String,
    pub client: async_nats::Client,
    pub stream: jetstream::Context,
}

/// A place on the server the tests are given; `None`, and said so, when they are given none.
pub async fn place() -> Option<Place> {
    match std::env::var_os("HYDRA_TEST_NATS") {
        Some(url) => Some(Place::on(url.to_string_lossy().into_owned()).await),
        None => {
            skip("HYDRA_TEST_NATS names no server");
            None
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a prefix must differ from those of earlier runs")]
fn fresh_prefix() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_micros();
    format!("t{now:x}-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

impl Place {
    pub async fn on(url: String) -> Self {
        let client = async_nats::ConnectOptions::new().retry_on_initial_connect().connect(&url);
        let client = tokio::time::timeout(PATIENCE, client).await.unwrap().unwrap();
        answers(&client).await;
        Self { url, prefix: fresh_prefix(), stream: jetstream::new(client.clone()), client }
    }

    /// Options with limits small enough for many tests at once.
    pub fn options(&self, log: Id) -> NatsOptions {
        const MIB: u64 = 1024 * 1024;
        let mut options = NatsOptions::new(&self.url, Some(log));
        options.prefix = self.prefix.clone();
        options.reconnect_delay_max = Duration::from_millis(200);
        options.heartbeat = Duration::from_secs(1);
        options.limits.events_bytes = 32 * MIB;
        options.limits.incoming_bytes = 16 * MIB;
        options.limits.work_bytes = 8 * MIB;
        options.limits.dead_bytes = 16 * MIB;
        options
    }

    pub async fn bus(&self, log: Id) -> Arc<NatsBus> {
        Arc::new(NatsBus::connect(self.options(log)).await.unwrap())
    }

    pub fn name(&self, what: &str) -> String {
        format!("{}_{what}", self.prefix.to_ascii_uppercase())
    }

    pub async fn info(&self, what: &str) -> Option<stream::Info> {
        let stream = self.stream.get_stream(self.name(what)).await.ok()?;
        Some(stream.cached_info().clone())
    }

    pub async fn clean(&self) {
        for what in ["EVENTS", "IN", "WORK", "DEAD", "ADVISORIES"] {
            // One that a test has removed is gone already.
            self.stream.delete_stream(self.name(what)).await.ok();
        }
    }
}

/// Says that a test does not run; fails when it must.
pub fn skip(why: &str) {
    let required = std::env::var_os("HYDRA_TEST_REQUIRE").unwrap_or_default();
    let demanded = required.to_string_lossy().split(',').any(|name| name.trim() == "nats");
    assert!(!demanded, "HYDRA_TEST_REQUIRE names nats, and {why}");
    eprintln!("ignored: {why}");
}

/// Waits until something on the server is as it should be.
pub async fn eventually<F: Future<Output = bool>>(what: &str, mut is_so: impl FnMut() -> F) {
    let mut tick = tokio::time::interval(Duration::from_millis(50));
    let waited = tokio::time::timeout(PATIENCE, async {
        while !is_so().await {
            tick.tick().await;
        }
    });
    assert!(waited.await.is_ok(), "{what}: not within {PATIENCE:?}");
}

/// A server of the test's own, killed at its end.
pub struct OwnServer {
    program: PathBuf,
    arguments: Vec<String>,
    folder: tempfile::TempDir,
    port: u16,
    process: Option<Child>,
}

impl OwnServer {
    /// A server with further arguments; `None`, and said so, where no program is found.
    pub fn start(arguments: &[&str]) -> Option<Self> {
        let Some(program) = program() else {
            skip("HYDRA_TEST_NATS_SERVER names no program, and PATH has no nats-server");
            return None;
        };
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let arguments = arguments.iter().map(|text| (*text).to_owned()).collect();
        let mut server =
            Self { program, arguments, folder: tempfile::tempdir().unwrap(), port, process: None };
        server.again();
        Some(server)
    }

    /// Starts the program over the same folder, at the same port.
    pub fn again(&mut self) {
        let process = Command::new(&self.program)
            .args(["-js", "-a", "127.0.0.1", "-p", &self.port.to_string(), "-sd"])
            .arg(self.folder.path())
            .args(&self.arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        self.process = Some(process.unwrap());
    }

    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    /// Sends it a signal, such as `STOP`: it keeps its connections and answers nothing, until `CONT`.
    /// Sends a signal. One that is told to stop has stopped when this returns.
    pub fn signal(&self, signal: &str) {
        let id = self.process.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args([&format!("-{signal}"), &id]).status().unwrap().success());
        while signal == "STOP" && !is_stopped(&id) {
            std::thread::yield_now();
        }
    }

    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }
}

/// Whether every thread of a process stands still. The name, in brackets, may hold anything.
fn is_stopped(id: &str) -> bool {
    let threads = std::fs::read_dir(format!("/proc/{id}/task")).unwrap();
    threads.flatten().all(|thread| {
        let stat = std::fs::read_to_string(thread.path().join("stat")).unwrap_or_default();
        stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('T'))
    })
}

impl Drop for OwnServer {
    fn drop(&mut self) {
        self.kill();
    }
}

fn program() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("HYDRA_TEST_NATS_SERVER") {
        return Some(named.into());
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join("nats-server")).find(|file| file.is_file())
}
