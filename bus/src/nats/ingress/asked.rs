//! Commands somebody waits for: a NATS micro service with one endpoint for each command, as `nats micro`
//! shows it.

use std::collections::HashMap;
use std::sync::Arc;

use async_nats::service::{self, Service, ServiceExt};
use futures::StreamExt;
use futures::stream::SelectAll;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{Handler, IngressLimits, Request, ServiceError, Way, answer, first_values};
use crate::bus::BusError;
use crate::nats::NatsBus;
use crate::nats::link::{Link, unavailable};
use crate::subject::{Part, Subject};

/// One command of one actor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The actor.
    pub actor: String,
    /// The command's name.
    pub command: String,
    /// What it does, in one line, for people who ask the service about itself.
    pub description: String,
    /// The names of its payload's fields, for the same people: what shows them a service cuts a schema short.
    pub fields: String,
    /// The JSON schema of its payload, for tools.
    pub schema: String,
}

/// The service, which answers as long as it runs.
pub struct Asked {
    link: Arc<Link>,
    service: Service,
    arriving: SelectAll<Arriving>,
    handler: Arc<dyn Handler>,
    limits: IngressLimits,
    tasks: TaskTracker,
}

/// The requests at one endpoint, with the actor and the command they are for.
type Arriving = std::pin::Pin<Box<dyn futures::Stream<Item = (Request, service::Request)> + Send>>;

impl Asked {
    /// Takes its place on the server. `version` is a semantic version.
    pub async fn open(
        bus: &NatsBus,
        version: &str,
        endpoints: Vec<Endpoint>,
        handler: Arc<dyn Handler>,
        limits: IngressLimits,
    ) -> Result<Self, BusError> {
        let link = Arc::clone(&bus.link);
        let service = link.during(start(&link, version)).await?;
        let mut arriving = SelectAll::new();
        for endpoint in endpoints {
            arriving.push(link.during(listen(&link, &service, endpoint)).await?);
        }
        // What is asked from now on is heard.
        link.during(link.round_trip()).await?;
        Ok(Self { link, service, arriving, handler, limits, tasks: TaskTracker::new() })
    }

    /// Answers until `stop`, and then still what is under way.
    pub async fn run(mut self, stop: CancellationToken) {
        let places = Arc::new(Semaphore::new(self.limits.asked.max(1)));
        loop {
            let arrived = tokio::select! {
                biased;
                () = stop.cancelled() => break,
                () = self.link.closed.cancelled() => break,
                arrived = self.arriving.next() => arrived,
            };
            let Some((request, asked)) = arrived else { break };
            if !self.may_answer(&asked) {
                tracing::warn!(subject = %asked.message.subject, "a command wants its answer where none belongs");
                continue;
            }
            let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
                let busy = format!("{} commands are being done: ask again later", self.limits.asked);
                respond(&asked, Err(ServiceError::new(503, busy))).await;
                continue;
            };
            let (handler, time) = (Arc::clone(&self.handler), self.limits.time);
            self.tasks.spawn(async move {
                respond(&asked, answer(&handler, request, time).await).await;
                drop(place);
            });
        }
        if let Err(error) = self.service.stop().await {
            tracing::debug!(%error, "the service did not say good-bye");
        }
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Whether the answer goes to an inbox. Hydra may publish where a sender may not: an answer to a subject of the
    /// sender's choice would be a message, or a request to the server, in Hydra's name.
    fn may_answer(&self, asked: &service::Request) -> bool {
        let own = format!("_INBOX_{}.", self.link.subjects.prefix());
        let reply = asked.message.reply.as_ref().map(|reply| reply.as_str());
        reply.is_some_and(|reply| reply.starts_with("_INBOX") && !reply.starts_with(&own))
    }
}

async fn start(link: &Link, version: &str) -> Result<Service, BusError> {
    let name = link.subjects.prefix().replace('.', "_");
    let builder = link.client.service_builder().description("commands to the actors of Hydra");
    let wrong = |error: async_nats::Error| BusError::Refused(format!("service {name} {version}: {error}"));
    builder.start(&name, version).await.map_err(wrong)
}

async fn listen(link: &Link, service: &Service, endpoint: Endpoint) -> Result<Arriving, BusError> {
    let part = |text: &str| {
        text.parse::<Part>().map_err(|error| BusError::Refused(format!("no endpoint can be made: {error}")))
    };
    let Endpoint { actor, command, description, fields, schema } = endpoint;
    let subject = link.subjects.spell(&Subject::Command { actor: part(&actor)?, command: part(&command)? });
    let told = [("description", description), ("fields", fields), ("schema", schema)];
    let metadata: HashMap<_, _> = told.map(|(key, value)| (key.to_owned(), value)).into();
    let builder = service.endpoint_builder().name(format!("{actor}-{command}")).metadata(metadata);
    let requests = builder.add(subject).await.map_err(unavailable)?;
    Ok(Box::pin(requests.map(move |asked| {
        let request = Request {
            actor: actor.clone(),
            command: command.clone(),
            headers: first_values(asked.message.headers.as_ref()),
            payload: asked.message.payload.to_vec(),
            way: Way::Asked,
        };
        (request, asked)
    })))
}

async fn respond(asked: &service::Request, answer: Result<Vec<u8>, ServiceError>) {
    let response = match answer {
        Ok(body) => Ok(body.into()),
        Err(ServiceError { code, text }) => {
            Err(service::error::Error { code: usize::from(code), status: text })
        }
    };
    if let Err(error) = asked.respond(response).await {
        tracing::debug!(%error, "an answer reached nobody");
    }
}
