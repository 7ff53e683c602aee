//! History between a Postgres log and an embedded one, and told again over a real NATS server.
//!
//! `HYDRA_TEST_POSTGRES` and `HYDRA_TEST_NATS` name the servers; each test has a schema and a prefix of its own there.

#![cfg(feature = "full")]
#![allow(clippy::unwrap_used, reason = "a test ends where something is not there")]

#[path = "support/household.rs"]
mod household;
#[path = "support/workshop.rs"]
mod workshop;

use std::fs;

use async_nats::Message;
use futures::{FutureExt, StreamExt};
use serde_json::{Value, json};

use household::Household;
use workshop::{SMALL, Workshop};

const TAIL: [&str; 6] = ["events", "tail", "--from", "1", "--no-follow", "--json"];

/// A chapter made over the servers.
async fn made() -> Option<(Household, Workshop)> {
    let household = Household::configured().await?;
    let full = Workshop::with(SMALL);
    household.configure(&full);
    full.done(&household.command(&["produce", "play.fountain"]));
    Some((household, full))
}

fn events(household: &Household, workshop: &Workshop) -> Vec<Value> {
    let told = workshop.done(&household.command(&TAIL));
    told.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn a_night_of_the_servers_is_carried_to_a_laptop_and_to_other_servers() {
    let Some((household, full)) = made().await else { return };
    let Some(other) = Household::configured().await else { return };
    full.done(&household.command(&["export", "night.tape", "--with-content"]));
    let tape = fs::read(full.path("night.tape")).unwrap();
    let told = events(&household, &full);

    let laptop = Workshop::with(SMALL);
    laptop.write("night.tape", &tape);
    assert_eq!(laptop.json(&["import", "night.tape"])["events"], told.len());
    assert_eq!(laptop.events(), told);
    laptop.done(&["verify"]);

    let servers = Workshop::with(SMALL);
    other.configure(&servers);
    laptop.done(&["export", "on.tape", "--from", "2"]);
    laptop.done(&["export", "half.tape", "--to", "20"]);
    for name in ["half.tape", "on.tape"] {
        servers.write(name, fs::read(laptop.path(name)).unwrap());
        servers.done(&other.command(&["import", name]));
    }
    assert_eq!(events(&other, &servers), told);
    servers.done(&other.command(&["verify"]));
    let again = servers.done(&other.command(&["import", "on.tape", "--json"])).json();
    assert_eq!((&again["events"], &again["known"]), (&json!(0), &json!(told.len() - 1)));
    household.leave().await;
    other.leave().await;
}

/// A message of a replay is the event as it was, and says whose it is.
fn check(household: &Household, message: &Message, session: &str, event: &Value) {
    let (stream, kind) = (event["stream"].as_str().unwrap(), event["type"].as_str().unwrap());
    let (category, id) = stream.split_once('-').unwrap();
    let name = kind.split('.').nth(1).unwrap();
    assert_eq!(
        message.subject.as_str(),
        household.subject(&format!("replay.{session}.{category}.{id}.{name}"))
    );
    let header = |name: &str| message.headers.as_ref()?.get(name).map(|value| value.as_str().to_owned());
    assert_eq!(header("Hydra-Replay").as_deref(), Some(session));
    assert_eq!(header("Hydra-Position"), Some(event["position"].to_string()));
    for (name, key) in [("ce-id", "id"), ("ce-type", "type"), ("ce-subject", "stream"), ("ce-time", "time")] {
        assert_eq!(header(name).as_deref(), event[key].as_str(), "{name}");
    }
    assert_eq!(header("Nats-Expected-Last-Sequence"), None);
    assert_eq!(serde_json::from_slice::<Value>(&message.payload).unwrap(), event["data"]);
}

#[tokio::test]
async fn history_is_told_again_and_the_present_stays_silent() {
    let Some((household, full)) = made().await else { return };
    let told = events(&household, &full);
    let (last, mut present) = (told.len() as u64, household.facts(">").await);
    for (session, arguments, wanted) in [
        ("all", &["--speed", "max"][..], told.iter().collect::<Vec<_>>()),
        ("fast", &["image.>", "--speed", "1000000"], told.iter().filter(|e| is_of(e, "image-")).collect()),
        (
            "one",
            &["chapter-play", "--longest-pause", "0"],
            told.iter().filter(|e| is_of(e, "chapter-play")).collect(),
        ),
        ("part", &["--from", "7", "--to", "9", "--speed", "max"], told[6..9].iter().collect()),
    ] {
        let mut heard = household.replay(session).await;
        let command = [&["replay", "--publish", "--session", session, "--json"], arguments].concat();
        let ran = full.done(&household.command(&command));
        let lines: Vec<Value> = ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines[0]["subject"], household.subject(&format!("replay.{session}.>")));
        assert_eq!(lines[1]["published"], wanted.len());
        for event in wanted {
            check(&household, &household.next(&mut heard).await, session, event);
        }
        // What another connection has sent since came after all of this replay.
        household.replay("nobody").await;
        assert!(heard.next().now_or_never().is_none(), "{session} told more than was wanted");
    }
    assert!(present.next().now_or_never().is_none(), "a live subject was used");
    let state = household.events().await.info().await.unwrap().state.clone();
    assert_eq!((state.last_sequence, events(&household, &full).len() as u64), (last, last));
    household.leave().await;
}

fn is_of(event: &Value, stream: &str) -> bool {
    event["stream"].as_str().unwrap().starts_with(stream)
}

#[tokio::test]
async fn a_replay_that_is_stopped_says_how_to_go_on() {
    let Some((household, full)) = made().await else { return };
    let mut heard = household.replay("slow").await;
    let pace = ["--speed", "0.000001", "--longest-pause", "86400"];
    let command = [&["replay", "--publish", "--session", "slow"], &pace[..]].concat();
    let running = full.start(&household.command(&command));
    let first = household.next(&mut heard).await;
    assert_eq!(first.headers.unwrap().get("Hydra-Position").unwrap().as_str(), "1");
    running.interrupt();
    let ended = running.end();
    assert_eq!(ended.code, Some(130), "{ended:#?}");
    assert!(ended.err.contains(" goes on"), "{ended:#?}");
    for (arguments, told) in [
        (&["--session", "a.b"][..], "--session"),
        (&["--to", "100000"], "not there yet"),
        (&["picture.>"], "no stream category"),
    ] {
        let refused = full.run(&household.command(&[&["replay", "--publish"], arguments].concat()));
        assert!(refused.code == Some(2) && refused.err.contains(told), "{refused:#?}");
    }
    household.leave().await;
}
