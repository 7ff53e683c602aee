//! Commands that come over the bus: `hydra.cmd.<actor>.<command>` with an answer, `hydra.in.<actor>.<command>` without.
//!
//! Only what is meant for people and programs is offered; how an attempt went, and what actors tell each other, is not.
//! The payload is a JSON object: the command's fields, and `stream`, the name or id of the stream it is for. A chapter may
//! also be requested with its texts, see [`chapter::Texts`].

mod chapter;
mod offers;
mod serve;

use std::sync::Arc;

use async_trait::async_trait;
use hydra_actors::aggregate::{Rejection, WireCommand};
use hydra_actors::host::{Answer, Envelope, Host, HostError};
use hydra_actors::registry;
use hydra_bus::nats::ingress::{Endpoint, Handler, Request, ServiceError, Way};
use hydra_events::log::LogError;
use hydra_events::record::EventType;
use hydra_events::{ContentStore, Id, StreamName};
use serde_json::{Map, Value, json};

use crate::commands::through::Command;

use offers::{Offer, Offers, SINGLE, offers};
pub use serve::open;

/// Takes commands from the bus to the host.
pub struct Gateway {
    host: Host,
    content: Arc<dyn ContentStore>,
    offers: Offers,
}

/// A command, understood.
struct Understood {
    stream: StreamName,
    command: WireCommand,
}

impl Gateway {
    /// A gateway to `host`.
    pub fn new(host: Host, content: Arc<dyn ContentStore>) -> Self {
        Self { host, content, offers: offers() }
    }

    /// What it offers, for the service on the bus.
    pub fn endpoints(&self) -> Vec<Endpoint> {
        let endpoint = |((actor, command), offer): (&(&'static str, String), &Offer)| Endpoint {
            actor: (*actor).to_owned(),
            command: command.clone(),
            description: offer.description(),
            fields: offer.fields(),
            schema: offer.schema.to_string(),
        };
        self.offers.iter().map(endpoint).collect()
    }

    async fn take(&self, request: Request) -> Result<Value, ServiceError> {
        let key = (request.actor.as_str(), request.command.as_str());
        let offer = self.offers.iter().find(|((actor, command), _)| (*actor, command.as_str()) == key);
        let Some((_, offer)) = offer else { return Err(self.unknown(&request)) };
        let fields = fields(&request.payload)?;
        let id = self.id_of(&request);
        let principal = principal(&request);
        if chapter::is_with_texts(&request.command, &fields) {
            let commands = chapter::commands(self.content.as_ref(), fields).await?;
            return self.send_all(commands, id, &principal).await;
        }
        let Understood { stream, command } = understand(offer, &request.command, fields)?;
        self.check_owner(&request.actor, &stream)?;
        let mut envelope = Envelope::from_outside(id, &principal);
        envelope.trace =
            request.header("traceparent").filter(|trace| is_traceparent(trace)).map(str::to_owned);
        let answer = self.host.send_wire(&stream, command, envelope).await.map_err(of_host)?;
        Ok(told(&stream, &answer))
    }

    /// The last command is the one that was asked for; those before it prepare it.
    async fn send_all(&self, commands: Vec<Command>, id: Id, principal: &str) -> Result<Value, ServiceError> {
        let mut answer = Value::Null;
        let last = commands.len().saturating_sub(1);
        for (index, command) in commands.into_iter().enumerate() {
            let own =
                if index == last { id } else { Id::derive("part", &[id.as_bytes(), &index.to_le_bytes()]) };
            let mut envelope = Envelope::from_outside(own, principal);
            envelope.correlation_id = id;
            let sent =
                self.host.send_wire(&command.stream, command.command, envelope).await.map_err(of_host)?;
            answer = told(&command.stream, &sent);
        }
        Ok(answer)
    }

    /// The sender's own id where it brings one, so that a repeat is the same command.
    fn id_of(&self, request: &Request) -> Id {
        if let Some((source, own)) = request.own_id() {
            return Id::of_outside(source, own);
        }
        match request.way {
            Way::Asked => self.host.fresh_id(),
            Way::Told { created, sequence, .. } => Id::derive(
                "told",
                &[&created.0.to_le_bytes(), &sequence.to_le_bytes(), blake3_of(&request.payload).as_ref()],
            ),
        }
    }

    /// Permissions are given by subject, and a subject names the actor.
    fn check_owner(&self, actor: &str, stream: &StreamName) -> Result<(), ServiceError> {
        match registry::entity(stream.category()) {
            Some(entity) if entity.actor == actor => Ok(()),
            Some(entity) => {
                let owner = entity.actor;
                Err(refused(400, "stream", format!("{stream} belongs to the {owner}, not to the {actor}")))
            }
            None => Err(refused(400, "stream", format!("no actor has streams of {:?}", stream.category()))),
        }
    }

    fn unknown(&self, request: &Request) -> ServiceError {
        let of_actor = self.offers.keys().filter(|(actor, _)| *actor == request.actor);
        let known: Vec<_> = of_actor.map(|(_, command)| command.as_str()).collect();
        let reason = match known.is_empty() {
            true => format!("no commands are taken for {:?}", request.actor),
            false => {
                format!("{} takes no {:?}: it takes {}", request.actor, request.command, known.join(", "))
            }
        };
        refused(404, "unknown_command", reason)
    }
}

#[async_trait]
impl Handler for Gateway {
    async fn handle(&self, request: Request) -> Result<Vec<u8>, ServiceError> {
        self.take(request).await.map(|answer| answer.to_string().into_bytes())
    }
}

fn blake3_of(bytes: &[u8]) -> [u8; 16] {
    *Id::derive("payload", &[bytes]).as_bytes()
}

/// The fields of a payload. One without any may be empty.
fn fields(payload: &[u8]) -> Result<Map<String, Value>, ServiceError> {
    if payload.trim_ascii().is_empty() {
        return Ok(Map::new());
    }
    serde_json::from_slice(payload)
        .map_err(|error| refused(400, "not_json", format!("the payload is no JSON object: {error}")))
}

fn understand(offer: &Offer, name: &str, mut fields: Map<String, Value>) -> Result<Understood, ServiceError> {
    let named = match fields.remove("stream") {
        Some(Value::String(name)) => Some(name),
        None => None,
        Some(other) => return Err(refused(400, "stream", format!("stream is {other}: it is a text"))),
    };
    let stream = stream_of(offer.category, named)?;
    let kind = EventType::new(stream.category(), name, 1);
    let payload = serde_json::to_vec(&fields).map_err(|error| refused(400, "not_json", error.to_string()))?;
    Ok(Understood { stream, command: WireCommand { kind, payload } })
}

/// A stream by its whole name, or by its id where the category is known.
fn stream_of(category: Option<&'static str>, named: Option<String>) -> Result<StreamName, ServiceError> {
    let wrong = |error: &dyn std::fmt::Display| refused(400, "stream", error.to_string());
    let Some(category) = category else {
        let Some(named) = named else { return Err(wrong(&"name the `stream`, such as \"image-ID\"")) };
        return named.parse().map_err(|error| wrong(&error));
    };
    let id = match named {
        Some(named) => named.strip_prefix(&format!("{category}-")).map_or(named.clone(), str::to_owned),
        None if SINGLE.contains(&category) => "main".to_owned(),
        None => return Err(wrong(&format!("name the `stream`, such as \"{category}-ID\""))),
    };
    StreamName::try_new(category, &id).map_err(|error| wrong(&error))
}

/// Whether it is a W3C `traceparent` of version 00. Everything that follows from a command repeats it.
fn is_traceparent(text: &str) -> bool {
    text.len() == 55 && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

/// Who the log says has asked: the source of a CloudEvent where there is one.
fn principal(request: &Request) -> String {
    let source = request.header("ce-source").filter(|source| !source.is_empty());
    source.map_or_else(
        || "nats".to_owned(),
        |source| format!("nats:{}", source.chars().take(100).collect::<String>()),
    )
}

fn told(stream: &StreamName, answer: &Answer) -> Value {
    let event = |event: &hydra_events::Recorded| json!({ "position": event.position, "version": event.version, "type": event.kind.as_str(), "id": event.id });
    json!({ "stream": stream, "events": answer.events.iter().map(event).collect::<Vec<_>>() })
}

/// A refusal, as it is answered: one line with the rule first, so that programs can tell them apart.
fn refused(code: u16, rule: &str, reason: String) -> ServiceError {
    ServiceError::new(code, format!("{rule}: {reason}"))
}

fn of_host(error: HostError) -> ServiceError {
    match error {
        HostError::Rejected(Rejection { rule, reason }) => refused(422, &rule, reason),
        HostError::IdReused(_) => refused(409, "id_reused", error.to_string()),
        HostError::Wire(_) | HostError::UnknownCategory(_) => refused(400, "payload", error.to_string()),
        HostError::Unreadable(_) => refused(503, "unreadable", error.to_string()),
        HostError::Log(LogError::Store(_)) | HostError::Away(_) | HostError::Stopping => {
            refused(503, "not_durable", error.told())
        }
        HostError::Log(LogError::Conflict { .. }) => refused(503, "conflict", error.to_string()),
        HostError::Log(LogError::Refused { .. }) => refused(422, "log", error.to_string()),
        HostError::Log(LogError::Damaged { .. } | LogError::Open(_))
        | HostError::Elsewhere(_)
        | HostError::Died(_) => refused(500, "failed", error.to_string()),
    }
}
