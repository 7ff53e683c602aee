//! The memories compared with the log row by row, and asked what they know now or knew then.

#![allow(clippy::unwrap_used, reason = "a test ends where something is not there")]

#[path = "audit/damage.rs"]
mod damage;
#[cfg(feature = "full")]
#[path = "support/household.rs"]
mod household;
#[cfg(feature = "full")]
#[path = "support/memories.rs"]
mod memories;
#[path = "support/workshop.rs"]
mod workshop;

use std::collections::BTreeSet;
use std::sync::OnceLock;

use damage::Memories;
use hydra_projections::procedural;
use serde_json::Value;

use workshop::{TINY, Workshop, eventually};

/// Rows that are damaged in each kind of store, and what their choice begins with.
const DAMAGED: usize = 100;
const SEED: u64 = 0x1ea4_710a_7d06_b0a7;

/// A finished chapter that no test changes.
fn finished() -> &'static Workshop {
    static FINISHED: OnceLock<Workshop> = OnceLock::new();
    FINISHED.get_or_init(|| {
        let workshop = Workshop::shared("audit", TINY);
        workshop.write("hydra.toml", "");
        workshop.done(&["produce", "play.fountain"]);
        workshop
    })
}

/// The arguments with a configuration, which is empty where the memories are in the data folder.
fn with<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    let config: &[&str] = if cfg!(feature = "full") { &["--config", "hydra.toml"] } else { &[] };
    [arguments, config].concat()
}

/// What an audit with these arguments counted over all views.
fn counted(workshop: &Workshop, arguments: &[&str]) -> (Option<i32>, u64, u64, Value) {
    let ran = workshop.run(&with(&[&["audit", "--json"], arguments].concat()));
    let found = ran.json();
    let sum =
        |name: &str| found["views"].as_array().unwrap().iter().map(|view| view[name].as_u64().unwrap()).sum();
    (ran.code, sum("differing"), sum("mended"), found)
}

/// Damages rows in all tables of the memories, has them audited, and checks what is said of them.
async fn check_every_damaged_row(workshop: &Workshop, memories: &Memories) {
    assert_eq!(counted(workshop, &[]).1, 0, "a false alarm");
    let expected = memories.damage(DAMAGED, SEED).await;
    let (code, differing, mended, found) = counted(workshop, &[]);
    let drifts = found["drifts"].as_array().unwrap();
    let places: BTreeSet<_> = drifts.iter().map(place).collect();
    assert_eq!(places, expected.keys().cloned().collect());
    assert_eq!((code, differing, mended), (Some(1), DAMAGED as u64, 0));
    let told = recorded(workshop, "drift_found");
    for ((table, key), (is, should)) in &expected {
        let event = told.iter().find(|event| place(&event["data"]) == (table.clone(), key.clone()));
        let data = &event.unwrap()["data"];
        assert_eq!((&data["is"], &data["should"]), (is, should), "{table}/{key}");
    }
    assert_eq!(told.len(), DAMAGED);

    // What is known already is not told again.
    let (code, differing, mended, _) = counted(workshop, &["--repair"]);
    assert_eq!((code, differing, mended), (Some(0), DAMAGED as u64, DAMAGED as u64));
    assert_eq!(counted(workshop, &[]).1, 0);
    assert_eq!(recorded(workshop, "drift_found").len(), DAMAGED);
    let mended = recorded(workshop, "drift_mended");
    let places: BTreeSet<_> = mended.iter().map(|event| place(&event["data"])).collect();
    assert_eq!((mended.len(), places), (DAMAGED, expected.into_keys().collect()));
    let status = workshop.done(&with(&["verify"]));
    assert!(status.out.contains("every hash fits"), "{}", status.out);
}

fn place(found: &Value) -> (String, String) {
    let text = |name: &str| found[name].as_str().unwrap().to_owned();
    (text("table"), text("key"))
}

/// The events of this name that an audit led to.
fn recorded(workshop: &Workshop, name: &str) -> Vec<Value> {
    let pattern = format!("memory.*.{name}");
    let told = workshop.done(&with(&["events", "tail", &pattern, "-n", "500", "--json"]));
    told.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn every_damaged_row_is_found_recorded_and_mended_and_no_other() {
    let workshop = finished().copy();
    let memories = Memories::File(workshop.path("data/views.db"));
    check_every_damaged_row(&workshop, &memories).await;
}

#[cfg(feature = "full")]
async fn check_on_a_server(kind: memories::Kind) {
    let Some(place) = memories::Place::configured(kind) else { return };
    let workshop = finished().copy();
    // One short chapter comes to fewer rows of the short-term and the long-term memory than are to be damaged.
    let another = match kind {
        memories::Kind::Postgres | memories::Kind::Neo4j => None,
        memories::Kind::Redis => Some(TINY),
        memories::Kind::Qdrant => Some(include_str!("../examples/lighthouse.fountain")),
    };
    if let Some(another) = another {
        workshop.write("again.fountain", another);
        workshop.done(&["produce", "again.fountain"]);
    }
    let views = damage::views_on(kind).map(|view| view.name);
    workshop.write("hydra.toml", place.sections(&views.collect::<Vec<_>>()));
    let memories = Memories::Server(place);
    check_every_damaged_row(&workshop, &memories).await;
    let Memories::Server(place) = memories else { return };
    place.leave().await;
}

#[cfg(feature = "full")]
#[tokio::test]
async fn every_damaged_row_in_postgres_is_found_recorded_and_mended_and_no_other() {
    check_on_a_server(memories::Kind::Postgres).await;
}

#[cfg(feature = "full")]
#[tokio::test]
async fn every_damaged_row_in_redis_is_found_recorded_and_mended_and_no_other() {
    check_on_a_server(memories::Kind::Redis).await;
}

#[cfg(feature = "full")]
#[tokio::test]
async fn every_damaged_row_in_neo4j_is_found_recorded_and_mended_and_no_other() {
    check_on_a_server(memories::Kind::Neo4j).await;
}

#[cfg(feature = "full")]
#[tokio::test]
async fn every_damaged_row_in_qdrant_is_found_recorded_and_mended_and_no_other() {
    check_on_a_server(memories::Kind::Qdrant).await;
}

#[tokio::test]
async fn a_row_is_mended_while_hydra_runs_and_the_event_goes_through_it() {
    let workshop = finished().copy();
    let running = workshop.start(&["up"]);
    eventually("it runs", || running.said().contains("running"));
    let expected = Memories::File(workshop.path("data/views.db")).damage(DAMAGED, SEED).await;
    let of_view = |(table, _): &&(String, String)| procedural::VIEW.table(table).is_some();
    let damaged = expected.keys().filter(of_view).count() as u64;
    let (code, differing, mended, _) = counted(&workshop, &["procedural", "--repair"]);
    assert_eq!((code, differing, mended), (Some(0), damaged, damaged));
    assert_eq!(counted(&workshop, &["procedural"]).1, 0);
    assert!(counted(&workshop, &["associative", "--sample", "1000000"]).1 > 0);
    let wrong = workshop.run(&["audit", "procedurall"]);
    assert_eq!(wrong.code, Some(2));
    assert!(wrong.err.contains("procedural, short_term, associative"), "{}", wrong.err);
}

#[test]
fn what_came_from_what_and_who_spoke_with_whom_is_known() {
    let workshop = finished();
    let history = workshop.json(&["memory", "history", "Anna"]);
    let tasks = history.as_array().unwrap();
    let spoken = tasks.iter().filter(|task| task["status"] == "spoken").count();
    assert_eq!((spoken, tasks.len()), (3, 6), "{history}");
    assert!(tasks.iter().all(|task| task["outcomes"][0]["outcome"] == "requested"));

    let kinds = |found: &Value| -> BTreeSet<String> {
        let edges = found["edges"].as_array().unwrap().iter();
        edges.map(|edge| edge["kind"].as_str().unwrap().to_owned()).collect()
    };
    let around = workshop.json(&["memory", "neighbours", "anna"]);
    assert!(
        kinds(&around).is_superset(&["speaks", "speaks_with", "shows"].map(String::from).into()),
        "{around}"
    );
    let way = workshop.json(&["memory", "path", "anna", "clara"]);
    assert_eq!(kinds(&way), ["speaks_with".to_owned()].into());

    let picture = tasks.iter().find(|task| task["id"].as_str().unwrap().starts_with("image-")).unwrap();
    let origins = workshop.json(&["memory", "provenance", picture["id"].as_str().unwrap()]);
    let expected = ["rendered_as", "prompted_by", "seeded_with", "made_by", "judged_in", "measured", "under"];
    assert!(kinds(&origins).is_superset(&expected.map(String::from).into()), "{origins}");

    let wrong = workshop.run(&["memory", "history", "Dora"]);
    assert_eq!(wrong.code, Some(2));
    assert!(wrong.err.contains("anna, ben, clara"), "{}", wrong.err);
}

#[test]
fn what_is_like_a_text_or_a_line_is_found_nearest_first() {
    let workshop = finished();
    let found = workshop.json(&[
        "memory",
        "similar",
        "Bring me the lamp, it is dark",
        "--among",
        "dialogue",
        "-n",
        "2",
    ]);
    let near = found["found"].as_array().unwrap();
    let emotions: BTreeSet<&str> = near.iter().filter_map(|row| row["emotion"].as_str()).collect();
    assert_eq!(near.len(), 2, "{found}");
    assert!(emotions.contains("sad"), "{found}");
    assert!(near[0]["score"].as_f64() >= near[1]["score"].as_f64());

    // What was made is nearest to itself.
    let line = near[0]["id"].as_str().unwrap();
    let like = workshop.json(&["memory", "similar", line, "--among", "dialogue", "--chapter", "play"]);
    assert_eq!(like["found"][0]["id"], line);
    let pictures =
        workshop.json(&["memory", "similar", "ben happy", "--among", "images", "--character", "ben"]);
    assert!(pictures["found"].as_array().unwrap().iter().all(|row| row["character"] == "ben"), "{pictures}");
    assert_eq!(pictures["found"][0]["emotion"], "happy");
    let wordless = workshop.run(&["memory", "similar", "…"]);
    assert_eq!(wordless.code, Some(2));
    assert!(wordless.err.contains("nothing is said"), "{}", wordless.err);
}

#[test]
fn every_moment_of_the_history_can_be_asked_about() {
    let workshop = finished();
    let events = workshop.done(&["events", "tail", "image.*.image_approved", "-n", "1", "--json"]);
    let event: Value = serde_json::from_str(events.out.lines().next().unwrap()).unwrap();
    let (position, picture) = (event["position"].as_u64().unwrap(), event["stream"].as_str().unwrap());
    let status_at = |moment: &str| {
        let found = workshop.json(&["memory", "context", "play", "--at", moment]);
        let prompts = found["prompts"].as_array().unwrap().clone();
        let prompt = prompts.into_iter().find(|prompt| prompt["id"] == picture).unwrap();
        prompt["state"].as_str().unwrap().to_owned()
    };
    assert_eq!(status_at(&(position - 1).to_string()), "rendered");
    assert_eq!(status_at(&position.to_string()), "made");
    assert_eq!(status_at("9999-01-01T00:00:00Z"), "made");

    // Events of one append have one time: what was known then is what the last of them left.
    assert_eq!(status_at(event["time"].as_str().unwrap()), "made");
    let before = workshop.run(&["memory", "context", "play", "--at", "2000-01-01T00:00:00Z"]);
    assert_eq!(before.code, Some(2));
    assert!(before.err.contains("there is none yet"), "{}", before.err);
    for (moment, told) in [("yesterday", "2026-11-22T02:13:00+01:00"), ("1000000", "the log ends at")] {
        let wrong = workshop.run(&["memory", "context", "play", "--at", moment]);
        assert_eq!(wrong.code, Some(2));
        assert!(wrong.err.contains(told), "{}", wrong.err);
    }
}
