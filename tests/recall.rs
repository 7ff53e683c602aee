//! What a second chapter recalls of the first: `examples/recall`, made by the real program.

#![allow(clippy::unwrap_used, reason = "a test ends where something is not there")]

#[path = "support/workshop.rs"]
mod workshop;

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use workshop::Workshop;

const EVENING: &str = "evening.fountain";
const MORNING: &str = "morning.fountain";
const SAME_PERSON: &str = "the same person as in the reference picture";
const SAME_PLACE: &str = "the same place as in the reference picture";
/// The scene of the second chapter in which nobody speaks.
const SILENT: &str = "scene-morning_int_ferry_cabin_dawn";

fn example(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/recall").join(name)).unwrap()
}

/// A folder with the example in it.
fn ferry() -> Workshop {
    let workshop = Workshop::with("");
    for name in [EVENING, MORNING, "characters.yaml"] {
        workshop.write(name, example(name));
    }
    workshop
}

/// What the engine was asked for each picture of the second chapter, by its stream.
fn requests(workshop: &Workshop) -> Vec<(String, Value)> {
    let rendered = workshop.events().into_iter().filter(|event| event["type"] == "image.image_rendered.v1");
    let morning = rendered.filter(|event| event["data"]["chapter"] == "morning");
    let mut requests: Vec<(String, Value)> = morning
        .map(|event| {
            let request = blob(workshop, event["data"]["made"]["request"].as_str().unwrap());
            (event["stream"].as_str().unwrap().to_owned(), request)
        })
        .collect();
    requests.sort_by(|one, other| one.0.cmp(&other.0));
    requests
}

fn blob(workshop: &Workshop, hash: &str) -> Value {
    let file = workshop.path("data/content").join(&hash[..2]).join(&hash[2..]);
    serde_json::from_slice(&fs::read(file).unwrap()).unwrap()
}

fn prompts(requests: &[(String, Value)]) -> Vec<&str> {
    requests.iter().map(|(_, request)| request["brief"]["prompt"].as_str().unwrap()).collect()
}

#[test]
fn a_prompt_differs_because_of_what_is_recalled_and_its_trace_says_so() {
    let (alone, told) = (ferry(), ferry());
    alone.done(&["produce", MORNING, "--fill"]);
    told.done(&["produce", EVENING]);
    told.done(&["produce", MORNING, "--fill"]);
    let (without, with) = (requests(&alone), requests(&told));
    let names =
        |requests: &[(String, Value)]| requests.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&without), names(&with), "what is recalled makes no other picture of one");
    assert!(prompts(&without).iter().all(|prompt| !prompt.contains("reference picture")));

    // The landing at night, and both people, whose faces the first chapter has; the cabin is new.
    let mut recalled = 0;
    for ((stream, before), (_, now)) in without.iter().zip(&with) {
        let prompt = before["brief"]["prompt"].as_str().unwrap();
        let same = if before["brief"]["shows"]["kind"] == "bust" { SAME_PERSON } else { SAME_PLACE };
        let trace = told.run(&["memory", "recalled", stream, "--json"]);
        if stream.contains("ferry_cabin") {
            assert_eq!((trace.code, now["brief"]["prompt"].as_str()), (Some(1), Some(prompt)));
            continue;
        }
        recalled += 1;
        assert_eq!(now["brief"]["prompt"], format!("{prompt}, {same}"));
        let trace = trace.json();
        let best = &trace["told"]["found"][0];
        assert_eq!(now["brief"]["references"], json!([best["blob"]]));
        assert_eq!(best["chapter"], "evening");
        assert_eq!(trace["from"][0], best["image"]);
        let origins = told.json(&["memory", "provenance", stream]);
        let leads = |edge: &&Value| edge["kind"] == "recalls" && edge["target"] == best["image"];
        assert!(origins["edges"].as_array().unwrap().iter().any(|edge| leads(&edge)), "{origins}");
    }
    assert_eq!(recalled, with.len() - 1);
    assert!(recalled >= 3, "{recalled}");
    told.json(&["verify"]);
}

#[test]
fn a_scene_without_lines_is_written_with_what_its_people_said_before() {
    let workshop = ferry();
    workshop.done(&["produce", EVENING]);
    workshop.done(&["produce", MORNING, "--fill"]);
    let trace = workshop.json(&["memory", "recalled", SILENT]);
    let committed: Value = serde_json::from_str(&example("trace.json")).unwrap();
    assert_eq!(trace["told"], committed);
    let lines = workshop.read("out/morning/scenes/02-int-ferry-cabin-dawn/dialogue.json");
    assert!(lines.contains("Mara was last heard in morning_ext_ferry_landing_night."), "{lines}");
}

#[test]
fn what_is_recalled_does_not_depend_on_what_came_after_the_plan() {
    let workshop = ferry();
    workshop.done(&["produce", EVENING]);
    workshop.done(&["produce", MORNING, "--fill"]);
    let first = workshop.json(&["memory", "recalled", SILENT]);
    // The first chapter is told otherwise and the second is written again for another reason: its newest plan is the
    // moment that counts.
    workshop.write(EVENING, example(EVENING).replace("a beautiful mill", "an ugly mill"));
    workshop.done(&["produce", EVENING]);
    let still = workshop.json(&["memory", "recalled", SILENT]);
    assert_eq!(first, still);
    workshop.write(MORNING, example(MORNING).replace("say nothing", "keep silent"));
    workshop.done(&["produce", MORNING, "--fill"]);
    let then = workshop.json(&["memory", "recalled", SILENT]);
    assert!(then["position"].as_u64() > first["position"].as_u64());
    let words = |trace: &Value| trace["told"]["found"]["lines"].to_string();
    assert!(words(&first).contains("a beautiful mill") && words(&then).contains("an ugly mill"), "{then}");
    let at = first["event"].to_string();
    assert_eq!(workshop.json(&["memory", "--at", &at, "recalled", SILENT]), first);
}

#[test]
fn what_is_not_recalled_for_is_said() {
    let workshop = ferry();
    workshop.done(&["produce", EVENING]);
    let nothing = workshop.run(&["memory", "recalled", "scene-evening_ext_ferry_landing_night"]);
    assert_eq!(nothing.code, Some(1));
    assert!(nothing.out.contains("nothing was recalled"), "{nothing:?}");
    let other = workshop.run(&["memory", "recalled", "chapter-evening"]);
    assert_eq!(other.code, Some(2));
    assert!(other.err.contains("pictures and the lines of scenes"), "{other:?}");
}
