//! The whole program over a real Postgres and a real NATS server: the same chapter, every fact on the bus, and commands
//! taken from it.
//!
//! `HYDRA_TEST_POSTGRES` and `HYDRA_TEST_NATS` name the servers; each test has a schema and a prefix of its own there.

#![cfg(feature = "full")]
#![allow(clippy::unwrap_used, reason = "a test ends where something is not there")]

#[path = "support/household.rs"]
mod household;
#[path = "support/volatile.rs"]
mod volatile;
#[path = "support/workshop.rs"]
mod workshop;

use serde_json::{Value, json};

use household::Household;
use workshop::{TINY, Workshop, eventually};

const PRODUCE: [&str; 3] = ["produce", "play.fountain", "--json"];

#[tokio::test]
async fn the_chapter_is_the_same_and_every_fact_is_on_the_bus_under_its_position() {
    let Some(household) = Household::configured().await else { return };
    let embedded = Workshop::with(TINY);
    embedded.done(&PRODUCE);
    let full = Workshop::with(TINY);
    household.configure(&full);
    let summary = full.run(&household.command(&PRODUCE));
    assert_eq!(summary.code, Some(0), "{summary:#?}");
    let made = [volatile::stable(&embedded.made()), volatile::stable(&full.made())];
    assert_eq!(made[0].keys().collect::<Vec<_>>(), made[1].keys().collect::<Vec<_>>());
    assert!(made[0] == made[1], "the files differ");

    let told = full.done(&household.command(&["events", "tail", "--from", "1", "--no-follow", "--json"]));
    let told: Vec<Value> = told.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut stream = household.events().await;
    let state = &stream.info().await.unwrap().state;
    assert_eq!((state.first_sequence, state.last_sequence), (1, told.len() as u64));
    for event in &told {
        let position = event["position"].as_u64().unwrap();
        let message = stream.get_raw_message(position).await.unwrap();
        let header = |name: &str| message.headers.get(name).map(|value| value.as_str().to_owned());
        assert_eq!(header("ce-id").as_deref(), event["id"].as_str());
        assert_eq!(header("Hydra-Position"), Some(position.to_string()));
        assert_eq!(serde_json::from_slice::<Value>(&message.payload).unwrap(), event["data"]);
    }
    let findings = full.done(&household.command(&["verify", "--json"])).json();
    assert_eq!(findings["events"], told.len());
    household.leave().await;
}

#[tokio::test]
async fn a_run_killed_over_the_servers_goes_on_where_it_was() {
    let Some(household) = Household::configured().await else { return };
    let embedded = Workshop::with(TINY);
    embedded.done(&PRODUCE);
    let full = Workshop::with(TINY);
    household.configure(&full);
    for events in [40, 120, 200] {
        let running = full.start(&household.command(&PRODUCE));
        household.until_recorded(events).await;
        running.kill();
    }
    let summary = full.run(&household.command(&PRODUCE));
    assert_eq!(summary.code, Some(0), "{summary:#?}");
    assert!(volatile::stable(&embedded.made()) == volatile::stable(&full.made()), "the files differ");
    let told = full.done(&household.command(&["events", "tail", "--from", "1", "--no-follow", "--json"]));
    let state = household.events().await.info().await.unwrap().state.clone();
    assert_eq!(state.last_sequence, told.out.lines().count() as u64);
    household.leave().await;
}

#[tokio::test]
async fn commands_come_over_the_bus_with_an_answer_and_without() {
    let Some(household) = Household::configured().await else { return };
    let full = Workshop::with(TINY);
    household.configure(&full);
    let mut up = full.start(&household.command(&["up"]));
    let service = household.service(&mut up).await;
    let endpoint = |name: &str| {
        service["endpoints"].as_array().unwrap().iter().find(|endpoint| endpoint["subject"] == name).cloned()
    };
    let request = household.subject("cmd.director.request_chapter");
    let schema = &endpoint(&request).unwrap()["metadata"]["schema"];
    let schema: Value = serde_json::from_str(schema.as_str().unwrap()).unwrap();
    assert!(schema["anyOf"][1]["properties"].get("screenplay").is_some(), "{schema}");
    assert_eq!(endpoint(&household.subject("cmd.artist.accept_render")), None);

    let empty = household.ask(&request, json!({ "stream": "empty", "screenplay": "Only words." })).await;
    assert!(matches!(&empty, Err((422, text)) if text.contains("scene")), "{empty:?}");
    let odd = household.ask(&request, json!({ "stream": "odd", "screenplay": TINY, "fil": true })).await;
    assert!(matches!(&odd, Err((400, text)) if text.contains("fil")), "{odd:?}");
    let wish = json!({ "stream": "night", "screenplay": TINY });
    let taken = household.ask(&request, wish.clone()).await.unwrap();
    assert_eq!(taken["stream"], "chapter-night");
    assert_eq!(taken["events"][0]["type"], "chapter.chapter_requested.v1");
    let again = household.ask(&request, wish).await.unwrap();
    assert_eq!(again["events"], json!([]), "the same source again changes nothing");

    let unknown = household.ask(&household.subject("cmd.director.cancel_chapter"), json!({})).await;
    assert!(matches!(&unknown, Err((400, text)) if text.contains("stream")), "{unknown:?}");
    let wrong = json!({ "stream": "nothing", "reason": "no" });
    let wrong = household.ask(&household.subject("cmd.director.cancel_chapter"), wrong).await;
    assert!(matches!(&wrong, Err((422, _))), "{wrong:?}");

    eventually("the chapter's folder is built", || full.path("out/night/report.md").exists());
    up.interrupt();
    assert_eq!(up.end().code, Some(0));
    household.leave().await;
}

#[tokio::test]
async fn what_is_told_while_hydra_is_down_is_done_once_it_is_up() {
    let Some(household) = Household::configured().await else { return };
    let full = Workshop::with(TINY);
    household.configure(&full);
    // The queue for commands is made by the first start.
    let mut first = full.start(&household.command(&["up"]));
    household.service(&mut first).await;
    first.interrupt();
    assert_eq!(first.end().code, Some(0));

    let mut facts = household.facts("policy.main.>").await;
    let subject = household.subject("in.steward.set_policy");
    let command = json!({ "key": "stall_minutes", "value": 45.0 });
    for _ in 0..2 {
        household.tell(&subject, "the-same-wish", &command).await;
    }
    let up = full.start(&household.command(&["up"]));
    let fact = household.next(&mut facts).await;
    assert_eq!(fact.subject.as_str(), household.subject("evt.policy.main.policy_set"));
    let fact: Value = serde_json::from_slice(&fact.payload).unwrap();
    assert_eq!((&fact["key"], &fact["to"]), (&json!("stall_minutes"), &json!(45.0)));
    up.interrupt();
    assert_eq!(up.end().code, Some(0));
    let told = full.done(&household.command(&["events", "tail", "--from", "1", "--no-follow", "--json"]));
    let set = told.out.lines().filter(|line| line.contains("policy_set")).count();
    assert_eq!(set, 1, "a repeat under the same id is the same command");
    household.leave().await;
}
