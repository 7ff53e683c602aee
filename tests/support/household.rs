//! A place of its own on the servers that the tests are given.

#![allow(dead_code, reason = "every test file uses a part of it")]

use std::io::Write;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_nats::jetstream::{self, stream::Stream};
use futures::StreamExt;
use serde_json::Value;

use crate::workshop::{Running, Workshop};

const PATIENCE: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(50);

/// A schema and a prefix, and the bus.
pub struct Household {
    postgres: String,
    nats: String,
    prefix: String,
    client: async_nats::Client,
}

impl Household {
    /// A place on the servers, when there are any. Required, their absence is a failure.
    pub async fn configured() -> Option<Self> {
        let (postgres, nats) = (server("postgres")?, server("nats")?);
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let prefix = format!("full{}_{number}", std::process::id());
        let client = async_nats::connect(&nats).await.unwrap();
        Some(Self { postgres, nats, prefix, client })
    }

    /// Writes the configuration.
    pub fn configure(&self, workshop: &Workshop) {
        self.configure_with(workshop, "");
    }

    /// Writes the configuration, with `more` sections in it.
    pub fn configure_with(&self, workshop: &Workshop, more: &str) {
        let Self { postgres, nats, prefix, .. } = self;
        let separator = if postgres.contains('?') { '&' } else { '?' };
        let text = format!(
            "node = \"home\"\n[log]\nurl = \"{postgres}{separator}schema={prefix}\"\n\
             [bus]\nurl = \"{nats}\"\nprefix = \"{prefix}\"\n{more}"
        );
        workshop.write("hydra.toml", text);
    }

    /// A command line that uses the configuration.
    pub fn command<'a>(&self, arguments: &[&'a str]) -> Vec<&'a str> {
        [arguments, &["--config", "hydra.toml"]].concat()
    }

    /// A subject below the prefix.
    pub fn subject(&self, rest: &str) -> String {
        format!("{}.{rest}", self.prefix)
    }

    /// The stream of events.
    pub async fn events(&self) -> Stream {
        let name = format!("{}_EVENTS", self.prefix.to_uppercase());
        jetstream::new(self.client.clone()).get_stream(name).await.unwrap()
    }

    /// Waits until so many events are on the bus.
    pub async fn until_recorded(&self, events: u64) {
        let stream = jetstream::new(self.client.clone());
        let name = format!("{}_EVENTS", self.prefix.to_uppercase());
        let recorded = async {
            loop {
                if let Ok(mut found) = stream.get_stream(&name).await
                    && found.info().await.is_ok_and(|info| info.state.last_sequence >= events)
                {
                    return;
                }
                tokio::time::sleep(LOOK).await;
            }
        };
        tokio::time::timeout(PATIENCE, recorded).await.unwrap();
    }

    /// What the service says of itself, once it is there.
    pub async fn service(&self, hydra: &mut Running) -> Value {
        let found = async {
            loop {
                assert!(hydra.is_running(), "{}", hydra.said());
                let info = self.client.request(format!("$SRV.INFO.{}", self.prefix), "".into()).await;
                if let Ok(info) = info {
                    return serde_json::from_slice(&info.payload).unwrap();
                }
                tokio::time::sleep(LOOK).await;
            }
        };
        tokio::time::timeout(PATIENCE, found).await.unwrap()
    }

    /// Asks, and has the answer, or the code and the text of the error.
    pub async fn ask(&self, subject: &str, command: Value) -> Result<Value, (u16, String)> {
        let answer = self.client.request(subject.to_owned(), command.to_string().into()).await.unwrap();
        let header = |name: &str| Some(answer.headers.as_ref()?.get(name)?.as_str().to_owned());
        match header("Nats-Service-Error-Code") {
            Some(code) => Err((code.parse().unwrap(), header("Nats-Service-Error").unwrap_or_default())),
            None => Ok(serde_json::from_slice(&answer.payload).unwrap()),
        }
    }

    /// Leaves a command in the queue under an id of its own.
    pub async fn tell(&self, subject: &str, id: &str, command: &Value) {
        let mut headers = async_nats::HeaderMap::new();
        headers.insert("ce-id", id);
        headers.insert("ce-source", "/test");
        let queue = jetstream::new(self.client.clone());
        let sent = queue.publish_with_headers(subject.to_owned(), headers, command.to_string().into()).await;
        sent.unwrap().await.unwrap();
    }

    /// The facts below `rest` from now on, as a plain subscriber has them.
    pub async fn facts(&self, rest: &str) -> async_nats::Subscriber {
        self.heard(format!("evt.{rest}")).await
    }

    async fn heard(&self, rest: String) -> async_nats::Subscriber {
        let heard = self.client.subscribe(self.subject(&rest)).await.unwrap();
        // An answer means that the server has taken the subscription in; `flush` would not.
        self.client.request("$JS.API.INFO", "".into()).await.unwrap();
        heard
    }

    /// All that a replay says from now on.
    pub async fn replay(&self, session: &str) -> async_nats::Subscriber {
        self.heard(format!("replay.{session}.>")).await
    }

    /// The next of these facts.
    pub async fn next(&self, facts: &mut async_nats::Subscriber) -> async_nats::Message {
        tokio::time::timeout(PATIENCE, facts.next()).await.unwrap().unwrap()
    }

    /// Takes the streams away again; the schema is small and stays for who wants to look.
    pub async fn leave(self) {
        let server = jetstream::new(self.client);
        for stream in ["EVENTS", "IN", "WORK", "DEAD", "ADVISORIES"] {
            // Not every test makes every stream.
            drop(server.delete_stream(format!("{}_{stream}", self.prefix.to_uppercase())).await);
        }
    }
}

/// The server of this name that the tests are given. Required, its absence is a failure.
pub fn server(name: &str) -> Option<String> {
    let variable = format!("HYDRA_TEST_{}", name.to_uppercase());
    #[expect(clippy::disallowed_methods, reason = "the tests have no command line")]
    let found = std::env::var(&variable).ok();
    if found.is_none() {
        #[expect(clippy::disallowed_methods, reason = "the tests have no command line")]
        let required = std::env::var("HYDRA_TEST_REQUIRE").unwrap_or_default();
        let demanded = required.split([',', ' ']).any(|word| word == name);
        assert!(!demanded, "HYDRA_TEST_REQUIRE names {name}, and {variable} is not set");
        // Past the capture of the test harness, so that nobody takes it for a pass.
        drop(writeln!(std::io::stderr(), "ignored: {variable} names no server"));
    }
    found
}
