//! Commands from outside over a real server: asked, told, refused, tried again; and what is offered in vain.

#![allow(clippy::unwrap_used, reason = "what tests share stands outside of test functions")]

#[path = "nats/server.rs"]
mod server;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_nats::{HeaderMap, Message};
use async_trait::async_trait;
use hydra_bus::nats::ingress::{
    Asked, COMMAND_BYTES_MAX, Endpoint, Handler, IngressLimits, Request, ServiceError, Told, Way,
};
use hydra_bus::{Bus, BusError, Invitation, NatsBus};
use hydra_events::Id;
use hydra_events::vocabulary::terms::WorkKind;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use server::{PATIENCE, Place, eventually};

/// What a handler does with the next command.
enum Turn {
    Answer(&'static str),
    Refuse(u16, &'static str),
    /// Until the test ends.
    Wait,
}

/// A handler that takes its turns in order, then answers, and tells of every request.
struct Script {
    turns: Mutex<VecDeque<Turn>>,
    requests: mpsc::Sender<Request>,
}

#[async_trait]
impl Handler for Script {
    async fn handle(&self, request: Request) -> Result<Vec<u8>, ServiceError> {
        self.requests.send(request).await.unwrap();
        let turn = self.turns.lock().unwrap().pop_front();
        match turn {
            None => Ok(b"done".to_vec()),
            Some(Turn::Answer(text)) => Ok(text.into()),
            Some(Turn::Refuse(code, text)) => Err(ServiceError::new(code, text)),
            Some(Turn::Wait) => std::future::pending().await,
        }
    }
}

struct Running {
    place: Place,
    bus: Arc<NatsBus>,
    requests: mpsc::Receiver<Request>,
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

fn script(turns: Vec<Turn>) -> (Arc<dyn Handler>, mpsc::Receiver<Request>) {
    let (sender, requests) = mpsc::channel(100);
    (Arc::new(Script { turns: Mutex::new(turns.into()), requests: sender }), requests)
}

async fn asked(turns: Vec<Turn>, limits: IngressLimits) -> Option<Running> {
    let place = server::place().await?;
    let bus = place.bus(Id::derive("contract", &[])).await;
    let (handler, requests) = script(turns);
    let schema = r#"{"type":"object"}"#.to_owned();
    let endpoint = |command: &str| Endpoint {
        actor: "artist".to_owned(),
        command: command.to_owned(),
        description: "Make a picture.".to_owned(),
        fields: "stream, brief".to_owned(),
        schema: schema.clone(),
    };
    let endpoints = vec![endpoint("request_image"), endpoint("drop_image")];
    let service = Asked::open(&bus, "1.2.3", endpoints, handler, limits).await.unwrap();
    let stop = CancellationToken::new();
    let mut tasks = JoinSet::new();
    tasks.spawn(service.run(stop.clone()));
    Some(Running { place, bus, requests, stop, tasks })
}

async fn told(turns: Vec<Turn>, limits: IngressLimits) -> Option<Running> {
    let place = server::place().await?;
    let bus = place.bus(Id::derive("contract", &[])).await;
    let (handler, requests) = script(turns);
    let told = Told::open(&bus, handler, limits).await.unwrap();
    let stop = CancellationToken::new();
    let mut tasks = JoinSet::new();
    tasks.spawn(told.run(stop.clone()));
    Some(Running { place, bus, requests, stop, tasks })
}

impl Running {
    async fn ask(&self, command: &str, payload: Vec<u8>) -> Message {
        let subject = format!("{}.cmd.artist.{command}", self.place.prefix);
        tokio::time::timeout(PATIENCE, self.place.client.request(subject, payload.into()))
            .await
            .unwrap()
            .unwrap()
    }

    async fn tell(&self, subject: &str, headers: HeaderMap) -> u64 {
        let subject = format!("{}.in.{subject}", self.place.prefix);
        let sent =
            self.place.stream.publish_with_headers(subject, headers, "{\"a\":1}".into()).await.unwrap();
        sent.await.unwrap().sequence
    }

    async fn next(&mut self) -> Request {
        tokio::time::timeout(PATIENCE, self.requests.recv()).await.unwrap().unwrap()
    }

    async fn queue_is_empty(&self) {
        eventually("an empty queue", || async {
            self.place.info("IN").await.is_some_and(|info| info.state.messages == 0)
        })
        .await;
    }

    async fn end(mut self) {
        self.stop.cancel();
        tokio::time::timeout(PATIENCE, self.tasks.join_next()).await.unwrap().unwrap().unwrap();
        self.bus.close().await;
        self.place.clean().await;
    }
}

/// Code and text of an error in an answer.
fn error(message: &Message) -> (String, String) {
    let headers = message.headers.as_ref().unwrap();
    let value = |name: &str| headers.get(name).unwrap().as_str().to_owned();
    (value("Nats-Service-Error-Code"), value("Nats-Service-Error"))
}

#[tokio::test]
async fn who_asks_gets_the_answer_or_the_reason() {
    let turns = vec![Turn::Answer("{\"positions\":[7]}"), Turn::Refuse(422, "the image\r\nis approved")];
    let Some(mut running) = asked(turns, IngressLimits::default()).await else { return };
    let answer = running.ask("request_image", b"{\"id\":1}".to_vec()).await;
    assert_eq!(answer.payload.as_ref(), b"{\"positions\":[7]}");
    let request = running.next().await;
    assert_eq!((request.actor.as_str(), request.command.as_str()), ("artist", "request_image"));
    assert_eq!((request.payload.as_slice(), request.way), (b"{\"id\":1}".as_slice(), Way::Asked));
    let refused = running.ask("drop_image", b"{}".to_vec()).await;
    assert_eq!(error(&refused), ("422".to_owned(), "the image  is approved".to_owned()));
    assert_eq!(running.next().await.command, "drop_image");
    running.end().await;
}

#[tokio::test]
async fn a_command_that_is_too_large_never_reaches_its_actor() {
    let Some(mut running) = asked(Vec::new(), IngressLimits::default()).await else { return };
    let refused = running.ask("request_image", vec![b' '; COMMAND_BYTES_MAX + 1]).await;
    assert_eq!(error(&refused).0, "413");
    running.ask("request_image", vec![b' '; COMMAND_BYTES_MAX]).await;
    assert_eq!(running.next().await.payload.len(), COMMAND_BYTES_MAX);
    assert!(running.requests.try_recv().is_err());
    running.end().await;
}

#[tokio::test]
async fn more_commands_than_can_be_done_are_refused_at_once_and_slow_ones_in_time() {
    let limits = IngressLimits { asked: 1, time: Duration::from_secs(1), ..IngressLimits::default() };
    let Some(mut running) = asked(vec![Turn::Wait], limits).await else { return };
    let subject = format!("{}.cmd.artist.request_image", running.place.prefix);
    let client = running.place.client.clone();
    let mut slow = JoinSet::new();
    slow.spawn(async move { client.request(subject, "{}".into()).await.unwrap() });
    running.next().await;
    assert_eq!(error(&running.ask("drop_image", Vec::new()).await).0, "503");
    assert_eq!(error(&slow.join_next().await.unwrap().unwrap()).0, "504");
    assert_eq!(running.ask("drop_image", Vec::new()).await.payload.as_ref(), b"done");
    running.end().await;
}

#[tokio::test]
async fn the_service_tells_its_commands_with_their_schemas() {
    let Some(running) = asked(Vec::new(), IngressLimits::default()).await else { return };
    let subject = format!("$SRV.INFO.{}", running.place.prefix);
    let answer = running.place.client.request(subject, "".into()).await.unwrap();
    let info: serde_json::Value = serde_json::from_slice(&answer.payload).unwrap();
    assert_eq!(info["version"], "1.2.3");
    let mut endpoints: Vec<_> = info["endpoints"]
        .as_array()
        .unwrap()
        .iter()
        .map(|endpoint| (endpoint["name"].as_str().unwrap().to_owned(), endpoint["metadata"].clone()))
        .collect();
    endpoints.sort_by(|a, b| a.0.cmp(&b.0));
    let told = serde_json::json!({
        "description": "Make a picture.",
        "fields": "stream, brief",
        "schema": r#"{"type":"object"}"#,
    });
    let expected = ["artist-drop_image", "artist-request_image"].map(|name| (name.to_owned(), told.clone()));
    assert_eq!(endpoints, expected);
    running.end().await;
}

#[tokio::test]
async fn what_is_told_is_done_before_it_leaves_the_queue_and_can_be_identified() {
    let Some(mut running) = told(Vec::new(), IngressLimits::default()).await else { return };
    let mut headers = HeaderMap::new();
    headers.insert("Nats-Msg-Id", "n8n-42");
    let sequence = running.tell("artist.request_image", headers).await;
    let request = running.next().await;
    assert_eq!((request.actor.as_str(), request.command.as_str()), ("artist", "request_image"));
    assert_eq!(request.own_id(), Some(("", "n8n-42")));
    let Way::Told { created, sequence: found, delivery } = request.way else { panic!("{request:?}") };
    assert_eq!((found, delivery), (sequence, 1));
    let info = running.place.info("IN").await.unwrap();
    assert_eq!(created.0, (info.state.last_timestamp.unix_timestamp_nanos() / 1_000) as i64);
    running.queue_is_empty().await;
    running.end().await;
}

#[tokio::test]
async fn what_cannot_be_done_now_is_tried_again_as_the_same_command() {
    let turns = vec![Turn::Refuse(503, "the log is away"), Turn::Refuse(503, "the log is away")];
    let limits = IngressLimits { delay_first: Duration::from_millis(10), ..IngressLimits::default() };
    let Some(mut running) = told(turns, limits).await else { return };
    let sent = running.tell("artist.request_image", HeaderMap::new()).await;
    for expected in 1..=3 {
        let request = running.next().await;
        assert!(
            matches!(request.way, Way::Told { sequence, delivery, .. } if (sequence, delivery) == (sent, expected)),
            "{request:?}"
        );
    }
    running.queue_is_empty().await;
    assert_eq!(running.bus.refused().await.unwrap(), []);
    running.end().await;
}

#[tokio::test]
async fn what_is_refused_for_good_or_tried_too_often_lies_among_the_dead() {
    let turns =
        vec![Turn::Refuse(422, "no such image"), Turn::Refuse(503, "away"), Turn::Refuse(503, "away")];
    let delay_first = Duration::from_millis(10);
    let limits = IngressLimits { delay_first, tries: 2, ..IngressLimits::default() };
    let Some(running) = told(turns, limits).await else { return };
    for subject in ["artist.request_image", "artist.drop_image", "no.such.subject"] {
        running.tell(subject, HeaderMap::new()).await;
        running.queue_is_empty().await;
    }
    let refused = running.bus.refused().await.unwrap();
    let refused: Vec<_> = refused.iter().map(|buried| &buried.refused).collect();
    let reasons: Vec<_> = refused.iter().map(|one| (one.sequence, one.reason.as_str())).collect();
    assert_eq!(reasons[..2], [(1, "422: no such image"), (2, "503: away")]);
    assert!(reasons[2].1.starts_with("404: "), "{reasons:?}");
    assert_eq!(refused[0].subject, format!("{}.in.artist.request_image", running.place.prefix));
    assert_eq!(refused[0].payload, b"{\"a\":1}");
    assert_eq!(running.bus.dead_letters().await.unwrap(), []);
    running.end().await;
}

/// A person mends what was refused, or sends it as it was once it can be done; in either case it is another command.
#[tokio::test]
async fn a_refused_command_is_sent_again_once_and_dropped_when_a_person_says_so() {
    let turns = vec![Turn::Refuse(400, "no"), Turn::Refuse(400, "no")];
    let Some(mut running) = told(turns, IngressLimits::default()).await else { return };
    let mut headers = HeaderMap::new();
    headers.insert("ce-id", "mine");
    headers.insert("ce-source", "n8n");
    headers.insert("Nats-Msg-Id", "mine-too");
    for headers in [headers, HeaderMap::new()] {
        running.tell("artist.request_image", headers).await;
        running.next().await;
        running.queue_is_empty().await;
    }
    let [first, second] = running.bus.refused().await.unwrap().try_into().unwrap();
    assert_eq!(first.refused.headers["ce-id"], "mine");
    // Twice, as by a person who was cut off before the end.
    for _ in 0..2 {
        running.bus.send_again(&first, b"mended".to_vec()).await.unwrap();
    }
    let request = running.next().await;
    assert_eq!((request.header("ce-source"), &request.payload[..]), (Some("n8n"), &b"mended"[..]));
    assert!(request.own_id().is_some_and(|(_, id)| !id.contains("mine")), "{request:?}");
    assert_eq!(running.bus.refused().await.unwrap(), std::slice::from_ref(&second));
    for _ in 0..2 {
        running.bus.forget_refused(second.number).await.unwrap();
    }
    assert_eq!(running.bus.refused().await.unwrap(), []);
    running.queue_is_empty().await;
    assert!(running.requests.try_recv().is_err(), "it came twice");
    running.end().await;
}

#[tokio::test]
async fn an_invitation_offered_in_vain_leaves_its_queue() {
    let Some(place) = server::place().await else { return };
    let mut options = place.options(Id::derive("contract", &[]));
    options.limits.deliveries = 2;
    let bus = NatsBus::connect(options).await.unwrap();
    let invitation = Invitation {
        node: "gpu-1".to_owned(),
        kind: WorkKind::Image,
        instance: "instance-1".to_owned(),
        task: Id::derive("task", &[]),
        stream: "image-x".parse().unwrap(),
        effect: "render-1".to_owned(),
        epoch: 1,
        alone: false,
    };
    bus.invite(invitation.clone()).await.unwrap();
    let mut puller = bus.invitations("gpu-1", WorkKind::Image).await.unwrap();
    drop(puller.next().await.unwrap());
    drop(puller.next().await.unwrap());
    let other = Invitation { effect: "render-2".to_owned(), ..invitation };
    bus.invite(other.clone()).await.unwrap();
    assert_eq!(puller.next().await.unwrap().invitation, other);
    eventually("an advisory", || async {
        place.info("ADVISORIES").await.is_some_and(|info| info.state.messages > 0)
    })
    .await;
    assert_eq!(bus.bury_exhausted().await.unwrap(), 1);
    assert_eq!(bus.bury_exhausted().await.unwrap(), 0);
    assert_eq!(place.info("WORK").await.unwrap().state.messages, 1);
    let [buried] = bus.refused().await.unwrap().try_into().unwrap();
    assert_eq!(buried.refused.reason, "offered 2 times, and nobody took it up");
    let again = bus.send_again(&buried, Vec::new()).await;
    assert!(matches!(again, Err(BusError::Refused(_))), "{again:?}");
    bus.close().await;
    place.clean().await;
}
