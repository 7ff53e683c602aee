//! The stream of events on a real server: what it looks like from outside, and what becomes of it when its
//! owner, another log or a stray message meddles with it.

#![allow(clippy::unwrap_used, reason = "what tests share stands outside of test functions")]

#[path = "relay/appends.rs"]
mod appends;
#[path = "nats/server.rs"]
mod server;

use std::sync::Arc;

use async_nats::jetstream::consumer::pull;
use futures::{StreamExt, TryStreamExt};
use hydra_bus::{Bus, BusError, Delivery, Desk, Feed, NatsBus, RelayError, relay, remote, wire};
use hydra_events::record::Position;
use hydra_events::{EventLog, Id};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use appends::{Log, open};
use server::{Place, eventually};

/// A log, its bus, and a relay between them.
struct Running {
    log: Log,
    bus: Arc<NatsBus>,
    relay: JoinSet<Result<(), RelayError>>,
    stop: CancellationToken,
}

async fn start(place: &Place, log: Log, room: u64) -> Running {
    let mut options = place.options(log.log.id());
    options.limits.events = room;
    let bus = Arc::new(NatsBus::connect(options).await.unwrap());
    let stop = CancellationToken::new();
    let mut tasks = JoinSet::new();
    tasks.spawn(relay(log.log.clone(), bus.clone(), stop.clone()));
    Running { log, bus, relay: tasks, stop }
}

impl Running {
    async fn stop(mut self) -> Log {
        self.stop.cancel();
        self.relay.join_next().await.unwrap().unwrap().unwrap();
        self.bus.close().await;
        self.log
    }
}

/// The next events of a feed must be those of `positions`, each once, in order. Gaps are allowed: the events
/// after them must be there all the same.
async fn expect(feed: &mut dyn Feed, log: &dyn EventLog, positions: std::ops::RangeInclusive<Position>) {
    for position in positions {
        let event = loop {
            match tokio::time::timeout(server::PATIENCE, feed.next()).await.unwrap().unwrap() {
                Delivery::Event(event) => break event,
                Delivery::Gap => {}
            }
        };
        assert_eq!(event.position, position);
        assert_eq!(vec![Arc::unwrap_or_clone(event)], log.read(position - 1, 1).await.unwrap());
    }
}

/// The stream must hold the log's events from `first` to `last`, each at the sequence that is its position.
async fn expect_stream(place: &Place, log: &dyn EventLog, first: Position, last: Position) {
    let info = place.info("EVENTS").await.unwrap();
    let found = (info.state.first_sequence, info.state.last_sequence, info.state.messages);
    assert_eq!(found, (first, last, last + 1 - first));
    assert_eq!(info.config.metadata["hydra-log"], log.id().to_string());
    let stream = place.stream.get_stream(place.name("EVENTS")).await.unwrap();
    for event in log.read(first - 1, 5_000).await.unwrap() {
        let message = stream.get_raw_message(event.position).await.unwrap();
        let read = wire::read(|name| message.headers.get(name).map(|v| v.as_str()), &message.payload);
        assert_eq!(read.unwrap(), event);
    }
}

/// Whether the stream holds exactly the events from `first` to `last`.
async fn holds(place: &Place, first: Position, last: Position) -> bool {
    let info = place.info("EVENTS").await;
    info.is_some_and(|info| {
        let state = info.state;
        (state.first_sequence, state.last_sequence, state.messages) == (first, last, last + 1 - first)
    })
}

#[tokio::test]
async fn the_sequence_of_an_event_is_its_position() {
    let Some(place) = server::place().await else { return };
    let running = start(&place, open(), 10_000).await;
    running.log.grow_to(700).await;
    eventually("700 events", || holds(&place, 1, 700)).await;
    expect_stream(&place, running.log.log.as_ref(), 1, 700).await;
    running.stop().await;
    place.clean().await;
}

#[tokio::test]
async fn a_plain_subscriber_reads_json_with_the_headers_of_a_cloudevent() {
    let Some(place) = server::place().await else { return };
    let subject = format!("{}.evt.image.*.image_rendered", place.prefix);
    let mut plain = server::heard(&place.client, subject).await;
    let running = start(&place, open(), 10_000).await;
    running.log.grow_to(1).await;
    let message = server::next(&mut plain).await;
    let event = &running.log.log.read(0, 1).await.unwrap()[0];
    assert_eq!(message.subject.as_str(), format!("{}.evt.image.grown0.image_rendered", place.prefix));
    let body: serde_json::Value = serde_json::from_slice(&message.payload).unwrap();
    assert_eq!(body, serde_json::json!({"after": 0}));
    let headers = message.headers.unwrap();
    for (name, value) in [
        ("ce-id", event.id.to_string()),
        ("ce-type", "image.image_rendered.v1".to_owned()),
        ("ce-specversion", "1.0".to_owned()),
        ("ce-datacontenttype", "application/json".to_owned()),
        ("Hydra-Position", "1".to_owned()),
    ] {
        assert_eq!(headers.get(name).map(|v| v.as_str()), Some(value.as_str()), "{name}");
    }
    assert!(headers.get("Nats-Msg-Id").is_none());
    running.stop().await;
    place.clean().await;
}

#[tokio::test]
async fn followers_in_two_processes_hear_every_event_once_and_in_order() {
    let Some(place) = server::place().await else { return };
    let running = start(&place, open(), 10_000).await;
    let (here, there) = (running.bus.clone(), place.bus(running.log.log.id()).await);
    let mut feeds =
        [here.follow().await.unwrap(), there.follow().await.unwrap(), there.follow().await.unwrap()];
    running.log.grow_to(900).await;
    for feed in &mut feeds {
        expect(feed.as_mut(), running.log.log.as_ref(), 1..=900).await;
    }
    there.close().await;
    running.stop().await;
    place.clean().await;
}

#[tokio::test]
async fn a_stream_deleted_in_mid_run_is_filled_again() {
    let Some(place) = server::place().await else { return };
    let running = start(&place, open(), 30).await;
    let there = place.bus(running.log.log.id()).await;
    let mut feeds = [running.bus.follow().await.unwrap(), there.follow().await.unwrap()];
    running.log.grow_to(50).await;
    for feed in &mut feeds {
        expect(feed.as_mut(), running.log.log.as_ref(), 1..=50).await;
    }
    place.stream.delete_stream(place.name("EVENTS")).await.unwrap();
    running.log.grow_to(60).await;
    for feed in &mut feeds {
        expect(feed.as_mut(), running.log.log.as_ref(), 51..=60).await;
    }
    expect_stream(&place, running.log.log.as_ref(), 31, 60).await;
    there.close().await;
    running.stop().await;
    place.clean().await;
}

#[tokio::test]
async fn a_feed_whose_consumer_was_deleted_is_opened_again() {
    let Some(place) = server::place().await else { return };
    let running = start(&place, open(), 1_000).await;
    let there = place.bus(running.log.log.id()).await;
    let mut feed = there.follow().await.unwrap();
    for last in [10, 20, 30] {
        running.log.grow_to(last).await;
        expect(feed.as_mut(), running.log.log.as_ref(), last - 9..=last).await;
        let stream = place.stream.get_stream(place.name("EVENTS")).await.unwrap();
        let names: Vec<String> = stream.consumer_names().try_collect().await.unwrap();
        assert_eq!(names.len(), 1);
        stream.delete_consumer(&names[0]).await.unwrap();
    }
    running.log.grow_to(40).await;
    expect(feed.as_mut(), running.log.log.as_ref(), 31..=40).await;
    there.close().await;
    running.stop().await;
    place.clean().await;
}

#[tokio::test]
async fn a_stream_purged_in_mid_run_is_filled_again_with_the_consumers_of_others() {
    let Some(place) = server::place().await else { return };
    let running = start(&place, open(), 30).await;
    running.log.grow_to(50).await;
    eventually("30 of 50 events", || holds(&place, 21, 50)).await;
    let stream = place.stream.get_stream(place.name("EVENTS")).await.unwrap();
    let durable = pull::Config { durable_name: Some("other".into()), ..pull::Config::default() };
    let consumer = stream.create_consumer(durable).await.unwrap();
    let message = consumer.messages().await.unwrap().next().await.unwrap().unwrap();
    message.double_ack().await.unwrap();
    running.bus.kept().await.unwrap();
    stream.purge().await.unwrap();
    eventually("the events again", || holds(&place, 21, 50)).await;
    running.log.grow_to(55).await;
    eventually("more events", || holds(&place, 26, 55)).await;
    expect_stream(&place, running.log.log.as_ref(), 26, 55).await;
    let consumer: pull::Config = stream
        .get_consumer("other")
        .await
        .map(|c: async_nats::jetstream::consumer::PullConsumer| {
            let config = c.cached_info().config.clone();
            pull::Config { deliver_policy: config.deliver_policy, ..pull::Config::default() }
        })
        .unwrap();
    let next = async_nats::jetstream::consumer::DeliverPolicy::ByStartSequence { start_sequence: 22 };
    assert_eq!(consumer.deliver_policy, next);
    running.stop().await;
    place.clean().await;
}

#[tokio::test]
async fn a_stream_with_an_event_missing_or_a_stray_message_is_made_anew() {
    let Some(place) = server::place().await else { return };
    let running = start(&place, open(), 1_000).await;
    running.log.grow_to(10).await;
    eventually("10 events", || holds(&place, 1, 10)).await;
    let log = running.stop().await;
    let stream = place.stream.get_stream(place.name("EVENTS")).await.unwrap();
    stream.delete_message(4).await.unwrap();
    let running = start(&place, log, 1_000).await;
    eventually("10 events again", || holds(&place, 1, 10)).await;
    // Everything later would be one further than its position.
    let stray = place.stream.publish(format!("{}.evt.image.x.stray", place.prefix), "{}".into()).await;
    assert_eq!(stray.unwrap().await.unwrap().sequence, 11);
    running.log.grow_to(20).await;
    // The stray may first stand among the others, where the relay then finds it.
    eventually("20 events, each at its place", || async {
        let Ok(stream) = place.stream.get_stream(place.name("EVENTS")).await else { return false };
        let eleventh = stream.get_raw_message(11).await;
        holds(&place, 1, 20).await && eleventh.is_ok_and(|message| message.headers.get("ce-id").is_some())
    })
    .await;
    expect_stream(&place, running.log.log.as_ref(), 1, 20).await;
    running.stop().await;
    place.clean().await;
}

#[tokio::test]
async fn a_stream_of_another_log_is_made_anew() {
    let Some(place) = server::place().await else { return };
    let running = start(&place, open(), 1_000).await;
    running.log.grow_to(30).await;
    eventually("30 events", || holds(&place, 1, 30)).await;
    running.stop().await;
    let other = open();
    other.grow_to(3).await;
    let stranger = place.bus(other.log.id()).await;
    assert!(matches!(stranger.follow().await, Err(BusError::Unavailable(_))), "another log was followed");
    let running = start(&place, other, 1_000).await;
    eventually("3 events", || holds(&place, 1, 3)).await;
    expect_stream(&place, running.log.log.as_ref(), 1, 3).await;
    running.stop().await;
    place.clean().await;
}

#[tokio::test]
async fn a_stream_that_the_writer_of_another_log_fills_now_is_left_alone() {
    let Some(place) = server::place().await else { return };
    let running = start(&place, open(), 1_000).await;
    let log = running.log.log.clone();
    running.log.grow_to(30).await;
    eventually("30 events", || holds(&place, 1, 30)).await;
    let other = open();
    other.grow_to(3).await;
    // As if both had been started at once: nobody answered yet.
    let late = Arc::new(NatsBus::connect(place.options(other.log.id())).await.unwrap());
    let listener = place.bus(log.id()).await;
    let mut questions = listener.questions(Desk::Log).await.unwrap();
    let (stop, mut serving) = (CancellationToken::new(), JoinSet::new());
    serving.spawn(remote::serve(log.clone(), log.clone(), running.bus.clone(), stop.clone()));
    eventually("an answer", || async {
        remote::other_log(late.as_ref(), other.log.id()).await == Some(log.id())
    })
    .await;
    let refused = NatsBus::connect(place.options(other.log.id())).await.err();
    assert!(matches!(&refused, Some(BusError::Refused(why)) if why.contains("another Hydra")), "{refused:?}");

    let (end, mut waiting) = (CancellationToken::new(), JoinSet::new());
    waiting.spawn(remote::serve(other.log.clone(), other.log.clone(), late.clone(), end.clone()));
    let mut relaying = JoinSet::new();
    relaying.spawn(relay(other.log.clone(), late.clone(), end.clone()));
    // One that had thrown the events away would not ask again and again.
    for _ in 0..10 {
        tokio::time::timeout(server::PATIENCE, questions.next()).await.unwrap().unwrap();
    }
    expect_stream(&place, log.as_ref(), 1, 30).await;
    assert_eq!(remote::other_log(running.bus.as_ref(), log.id()).await, Some(other.log.id()));
    stop.cancel();
    serving.join_next().await.unwrap().unwrap();
    running.stop().await;
    // Once nobody fills it, it is anybody's.
    eventually("3 events", || holds(&place, 1, 3)).await;
    expect_stream(&place, other.log.as_ref(), 1, 3).await;
    end.cancel();
    relaying.join_next().await.unwrap().unwrap().unwrap();
    waiting.join_next().await.unwrap().unwrap();
    late.close().await;
    place.clean().await;
}

#[tokio::test]
async fn a_log_that_differs_at_the_end_of_the_stream_is_noticed() {
    let Some(place) = server::place().await else { return };
    let log = open();
    let bus = place.bus(log.log.id()).await;
    bus.publish(&[1, 2, 3].map(hydra_bus::contract::event)).await.unwrap();
    log.grow_to(5).await;
    let running = start(&place, log, 1_000).await;
    eventually("5 events", || holds(&place, 1, 5)).await;
    expect_stream(&place, running.log.log.as_ref(), 1, 5).await;
    running.stop().await;
    place.clean().await;
}

#[tokio::test]
async fn a_stream_ahead_of_its_log_is_refused_until_it_is_rebuilt() {
    let Some(place) = server::place().await else { return };
    let log = open();
    log.grow_to(3).await;
    let bus = place.bus(log.log.id()).await;
    bus.publish(&[1, 2, 3, 4, 5].map(hydra_bus::contract::event)).await.unwrap();
    let mut running = start(&place, log, 1_000).await;
    let ended = running.relay.join_next().await.unwrap().unwrap();
    assert!(matches!(ended, Err(RelayError::Ahead { published: 5, head: 3 })), "{ended:?}");
    assert!(holds(&place, 1, 5).await, "a refused stream was touched");
    bus.rebuild(1).await.unwrap();
    let running = start(&place, running.log, 1_000).await;
    eventually("3 events", || holds(&place, 1, 3)).await;
    expect_stream(&place, running.log.log.as_ref(), 1, 3).await;
    running.stop().await;
    place.clean().await;
}

#[tokio::test]
async fn a_relay_overtaken_by_another_process_learns_where_to_go_on() {
    let Some(place) = server::place().await else { return };
    let id = Id::derive("contract", &[]);
    let (one, other) = (place.bus(id).await, place.bus(id).await);
    one.publish(&[1, 2].map(hydra_bus::contract::event)).await.unwrap();
    other.publish(&[3].map(hydra_bus::contract::event)).await.unwrap();
    let overtaken = one.publish(&[3, 4].map(hydra_bus::contract::event)).await;
    assert!(matches!(overtaken, Err(BusError::OutOfOrder { offered: 3, .. })), "{overtaken:?}");
    // Its fourth event may have been taken: it followed the third of the other.
    let published = one.published().await.unwrap();
    one.publish(&[published + 1, published + 2].map(hydra_bus::contract::event)).await.unwrap();
    let stream = place.stream.get_stream(place.name("EVENTS")).await.unwrap();
    for position in 1..=published + 2 {
        let message = stream.get_raw_message(position).await.unwrap();
        let id = hydra_bus::contract::event(position).id.to_string();
        assert_eq!(message.headers.get("ce-id").unwrap().as_str(), id);
    }
    place.clean().await;
}

#[tokio::test]
async fn a_stream_of_somebody_else_is_left_alone() {
    let Some(place) = server::place().await else { return };
    let theirs = async_nats::jetstream::stream::Config {
        name: place.name("IN"),
        subjects: vec![format!("{}.other.>", place.prefix)],
        ..Default::default()
    };
    place.stream.create_stream(theirs).await.unwrap();
    let refused = NatsBus::connect(place.options(Id::derive("contract", &[]))).await;
    assert!(matches!(refused, Err(BusError::Refused(_))));
    place.clean().await;
}
