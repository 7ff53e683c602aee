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

use std::collections::BTreeSet;

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
async fn a_hydra_with_another_log_is_refused_under_a_prefix_that_is_in_use() {
    let Some(household) = Household::configured().await else { return };
    let (first, other) = (Workshop::with(TINY), Workshop::with(TINY));
    household.configure(&first);
    let mut up = first.start(&household.command(&["up"]));
    household.service(&mut up).await;
    household.configure(&other);
    let configured = other.read("hydra.toml");
    let bus = configured.split_once("[bus]").unwrap().1;
    other.write("hydra.toml", format!("[bus]{bus}"));
    let refused = other.run(&household.command(&PRODUCE));
    assert_eq!(refused.code, Some(1), "{refused:#?}");
    assert!(refused.err.contains("another Hydra, of log") && refused.err.contains("prefix"), "{refused:#?}");
    up.interrupt();
    assert_eq!(up.end().code, Some(0));
    // Nobody is there any more.
    let made = other.run(&household.command(&PRODUCE));
    assert_eq!(made.code, Some(0), "{made:#?}");
    household.leave().await;
}

#[tokio::test]
async fn what_is_told_while_hydra_is_down_is_done_once_it_is_up() {
    let Some(household) = Household::configured().await else { return };
    let full = Workshop::with(TINY);
    household.configure(&full);
    // The queue for commands is made by the first start.
    let mut first = full.start(&household.command(&["up"]));
    // One that is interrupted while it begins ends otherwise.
    eventually("it runs", || first.is_running() && first.said().contains("running"));
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

/// It stands in nobody's way meanwhile, and a person sees all of it, mends it and sends it again.
#[tokio::test]
async fn a_command_nobody_understands_lies_among_the_dead_until_it_is_mended() {
    let Some(household) = Household::configured().await else { return };
    let full = Workshop::with(TINY);
    household.configure(&full);
    let dead = |arguments: &[&'static str]| {
        let ran = full.done(&household.command(&[&["--json", "dead"], arguments].concat()));
        serde_json::from_str::<Value>(&ran.out).unwrap()
    };
    let mut up = full.start(&household.command(&["up"]));
    household.service(&mut up).await;
    let subject = household.subject("in.steward.set_policy");
    let mut facts = household.facts("policy.main.policy_set").await;
    household.tell(&subject, "broken", &json!({ "kee": "stall_minutes" })).await;
    household.tell(&subject, "neighbour", &json!({ "key": "stall_minutes", "value": 45.0 })).await;
    household.next(&mut facts).await;

    let listed = dead(&["list"]);
    assert_eq!((&listed[0]["kind"], &listed[0]["subject"]), (&json!("refused"), &json!(subject)));
    assert_eq!((listed.as_array().unwrap().len(), &listed[0]["stream"]), (1, &json!("command-1")));
    let shown = dead(&["show", "command-1"]);
    assert!(shown["reason"].as_str().unwrap().starts_with("400: "), "{shown}");
    assert_eq!(shown["payload"], "{\"kee\":\"stall_minutes\"}");

    full.write("mended.json", json!({ "key": "stall_minutes", "value": 30.0 }).to_string());
    dead(&["retry", "command-1", "--payload", "mended.json"]);
    let fact: Value = serde_json::from_slice(&household.next(&mut facts).await.payload).unwrap();
    assert_eq!(fact["to"], 30.0);
    assert_eq!(dead(&["list"]), json!([]));
    let gone = full.run(&household.command(&["dead", "drop", "command-1"]));
    assert_eq!(gone.code, Some(2), "{gone:#?}");
    up.interrupt();
    assert_eq!(up.end().code, Some(0));
    household.leave().await;
}

/// What the one that decides shares with workers elsewhere is the bus and the content store, nothing else.
#[tokio::test]
async fn heavy_work_is_done_elsewhere_and_again_where_its_worker_dies() {
    let Some(household) = Household::configured().await else { return };
    let full = Workshop::with(TINY);
    household.configure(&full);
    let deciding = ["up", "--actors", "director,writer,curator,archivist,scheduler,steward"];
    let mut up = full.start(&household.command(&deciding));
    household.service(&mut up).await;
    let (mut joined, mut begun) =
        (household.facts("cluster.main.node_joined").await, household.facts("image.*.attempt_started").await);
    let worker = |node| ["work", "--node", node, "--kinds", "image,speech", "--slots", "1"];
    let first = full.start(&household.command(&worker("first")));
    household.next(&mut joined).await;
    let wish = json!({ "stream": "night", "screenplay": TINY });
    household.ask(&household.subject("cmd.director.request_chapter"), wish).await.unwrap();
    household.next(&mut begun).await;
    first.kill();

    let second = full.start(&household.command(&worker("second")));
    eventually("the chapter's folder is built", || full.path("out/night/report.md").exists());
    for process in [second, up] {
        process.interrupt();
        assert_eq!(process.end().code, Some(0));
    }
    let told = full.done(&household.command(&["events", "tail", "--from", "1", "--no-follow", "--json"]));
    let told: Vec<Value> = told.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let attempts = workshop::of(&told, "image.attempt_started.v1").into_iter();
    let workers: BTreeSet<_> = attempts.map(|event| event["data"]["worker"].as_str().unwrap()).collect();
    assert_eq!(workers, BTreeSet::from(["first/image", "second/image"]));
    let lost = workshop::of(&told, "cluster.instance_lost.v1");
    assert!(lost.iter().any(|event| event["data"]["node"] == "first"), "{lost:#?}");
    full.done(&household.command(&["verify"]));
    household.leave().await;
}

#[tokio::test]
async fn a_chapter_made_elsewhere_is_followed_and_built_here() {
    let Some(household) = Household::configured().await else { return };
    let embedded = Workshop::with(TINY);
    embedded.done(&PRODUCE);
    let full = Workshop::with(TINY);
    household.configure(&full);
    let here = Workshop::with(TINY);
    household.configure(&here);
    let shared = format!("{}[content]\nfolder = {:?}\n", here.read("hydra.toml"), full.path("data/content"));
    here.write("hydra.toml", shared);
    let produce = ["produce", "play.fountain", "--server"];
    let nobody = here.run(&household.command(&produce));
    assert_eq!(nobody.code, Some(1), "{nobody:#?}");
    assert!(nobody.err.contains("hydra up"), "{nobody:#?}");

    let mut up = full.start(&household.command(&["up"]));
    household.service(&mut up).await;
    let made = here.run(&household.command(&produce));
    assert_eq!(made.code, Some(0), "{made:#?}");
    up.interrupt();
    assert_eq!(up.end().code, Some(0));
    assert!(volatile::stable(&embedded.made()) == volatile::stable(&here.made()), "the files differ");
    household.leave().await;
}
