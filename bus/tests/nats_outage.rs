//! A server that is killed, is away, and comes back; and one that asks who is there.

#![allow(clippy::unwrap_used, reason = "what tests share stands outside of test functions")]

#[path = "relay/appends.rs"]
mod appends;
#[path = "nats/server.rs"]
mod server;

use hydra_bus::nats::SignIn;
use hydra_bus::{Bus, BusError, Delivery, Feed, Invitation, NatsBus, NatsOptions, Reader, relay};
use hydra_events::record::Position;
use hydra_events::vocabulary::terms::WorkKind;
use hydra_events::{EventLog, Id};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use appends::open;
use server::{OwnServer, PATIENCE, Place};

async fn within<F: Future>(work: F) -> F::Output {
    tokio::time::timeout(PATIENCE, work).await.unwrap()
}

/// Reads a feed until it has told of `last`: whatever it leaves out, it must tell of.
async fn follow_to(feed: &mut dyn Feed, mut after: Position, last: Position) {
    let mut gap = false;
    while after < last {
        match within(feed.next()).await.unwrap() {
            Delivery::Gap => gap = true,
            Delivery::Event(event) => {
                assert!(event.position == after + 1 || (gap && event.position > after), "{after}: {event:?}");
                (after, gap) = (event.position, false);
            }
        }
    }
}

async fn read_to(reader: &mut Reader, last: Position) {
    while reader.position() < last {
        let before = reader.position();
        let batch = within(reader.next(100)).await.unwrap();
        assert!(batch.iter().map(|event| event.position).eq(before + 1..=before + batch.len() as Position));
    }
}

#[tokio::test]
async fn a_server_killed_and_started_again_loses_and_doubles_nothing() {
    let Some(mut server) = OwnServer::start(&[]) else { return };
    let place = Place::on(server.url()).await;
    let kept = open();
    let (here, there) = (place.bus(kept.log.id()).await, place.bus(kept.log.id()).await);
    let stop = CancellationToken::new();
    let mut running = JoinSet::new();
    running.spawn(relay(kept.log.clone(), here.clone(), stop.clone()));
    let mut feeds = [here.follow().await.unwrap(), there.follow().await.unwrap()];
    let mut reader = Reader::new(kept.log.clone(), there.clone(), 0);
    let mut seen = 0;
    for round in 1..=3 {
        kept.grow_to(300 * round - 100).await;
        server.kill();
        kept.grow_to(300 * round).await;
        read_to(&mut reader, 300 * round).await;
        server.again();
        for feed in &mut feeds {
            follow_to(feed.as_mut(), seen, 300 * round).await;
        }
        seen = 300 * round;
    }
    let stream = within(place.stream.get_stream(place.name("EVENTS"))).await.unwrap();
    for event in kept.log.read(0, 5_000).await.unwrap() {
        let message = stream.get_raw_message(event.position).await.unwrap();
        assert_eq!(message.headers.get("ce-id").unwrap().as_str(), event.id.to_string());
    }
    assert_eq!(stream.cached_info().state.messages, 900);
    stop.cancel();
    running.join_next().await.unwrap().unwrap().unwrap();
    here.close().await;
    there.close().await;
}

#[tokio::test]
async fn while_the_server_is_away_calls_fail_and_pullers_wait() {
    let Some(mut server) = OwnServer::start(&[]) else { return };
    let place = Place::on(server.url()).await;
    let bus = place.bus(Id::derive("contract", &[])).await;
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
    let mut puller = bus.invitations("gpu-1", WorkKind::Image).await.unwrap();
    bus.publish(&[1].map(hydra_bus::contract::event)).await.unwrap();
    server.kill();
    let publish = within(bus.publish(&[2].map(hydra_bus::contract::event))).await;
    assert!(matches!(publish, Err(BusError::Unavailable(_))), "{publish:?}");
    let invite = within(bus.invite(invitation.clone())).await;
    assert!(matches!(invite, Err(BusError::Unavailable(_))), "{invite:?}");
    assert!(matches!(within(bus.published()).await, Err(BusError::Unavailable(_))));
    server.again();
    server::eventually("the bus again", || async { bus.published().await.is_ok() }).await;
    // What was on its way when the server went may have arrived, but never twice.
    let published = bus.published().await.unwrap();
    assert!((1..=2).contains(&published), "{published}");
    if published == 1 {
        bus.publish(&[2].map(hydra_bus::contract::event)).await.unwrap();
    }
    assert_eq!(bus.published().await.unwrap(), 2);
    let (held, invited) = futures::join!(within(puller.next()), bus.invite(invitation.clone()));
    invited.unwrap();
    let held = held.unwrap();
    assert_eq!(held.invitation, invitation);
    held.ack().await.unwrap();
    bus.close().await;
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_given_up_and_doubles_nothing() {
    let Some(server) = OwnServer::start(&[]) else { return };
    let place = Place::on(server.url()).await;
    let mut options = place.options(Id::derive("contract", &[]));
    options.request_timeout = std::time::Duration::from_secs(2);
    let bus = NatsBus::connect(options).await.unwrap();
    let mut feed = bus.follow().await.unwrap();
    bus.publish(&[1].map(hydra_bus::contract::event)).await.unwrap();
    server.signal("STOP");
    let unanswered = within(bus.publish(&[2, 3].map(hydra_bus::contract::event))).await;
    assert!(matches!(unanswered, Err(BusError::Unavailable(_))), "{unanswered:?}");
    assert!(matches!(within(bus.published()).await, Err(BusError::Unavailable(_))));
    // The feed says that something may be missing, instead of waiting for ever.
    while within(feed.next()).await.unwrap() != Delivery::Gap {}
    server.signal("CONT");
    server::eventually("what was on its way", || async { matches!(bus.published().await, Ok(3)) }).await;
    let again = bus.publish(&[2, 3].map(hydra_bus::contract::event)).await;
    assert!(matches!(again, Err(BusError::OutOfOrder { published: 3, offered: 2 })), "{again:?}");
    bus.publish(&[4].map(hydra_bus::contract::event)).await.unwrap();
    follow_to(feed.as_mut(), 1, 4).await;
    assert_eq!(place.info("EVENTS").await.unwrap().state.messages, 4);
    bus.close().await;
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_shown_to_nobody() {
    let Some(server) = OwnServer::start(&["--user", "ann", "--pass", "right"]) else { return };
    let address = server.url().replace("nats://", "");
    server::eventually("the server", || async { tokio::net::TcpStream::connect(&address).await.is_ok() })
        .await;
    let mut options = NatsOptions::new(server.url(), Some(Id::derive("contract", &[])));
    options.sign_in = SignIn::User { user: "ann".into(), password: "wr0ng-secret".into() };
    assert!(!format!("{options:?}").contains("wr0ng-secret"));
    let Err(error) = NatsBus::connect(options.clone()).await else { panic!("a wrong password was taken") };
    assert!(matches!(error, BusError::Refused(_)), "{error:?}");
    assert!(!format!("{error:?} {error}").contains("wr0ng-secret"));
    options.sign_in = SignIn::User { user: "ann".into(), password: "right".into() };
    NatsBus::connect(options.clone()).await.unwrap().close().await;
    let in_the_address = NatsOptions {
        servers: vec![format!("nats://ann:right@{address}")],
        sign_in: SignIn::Nobody,
        ..options
    };
    NatsBus::connect(in_the_address).await.unwrap().close().await;
}

#[tokio::test]
async fn a_server_that_is_not_there_is_reported() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let options = NatsOptions::new(format!("nats://127.0.0.1:{port}"), Some(Id::derive("contract", &[])));
    let absent = within(NatsBus::connect(options)).await;
    assert!(matches!(absent, Err(BusError::Unavailable(_))));
    let nonsense = NatsOptions::new("nats://ann:secret@[", Some(Id::derive("contract", &[])));
    let Err(error) = NatsBus::connect(nonsense).await else { panic!("nonsense was connected to") };
    assert!(matches!(&error, BusError::Refused(text) if !text.contains("secret")), "{error}");
}
