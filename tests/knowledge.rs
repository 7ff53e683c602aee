//! Documents about the world of a story, with the real program: kept, found by what they say, told in a scene, forgotten.

#![allow(clippy::unwrap_used, reason = "a test ends where something is not there")]

#[path = "support/workshop.rs"]
mod workshop;

use std::fs;
use std::path::Path;

use serde_json::Value;

use workshop::{Workshop, eventually, of};

/// The scene in which nobody speaks.
const SILENT: &str = "scene-morning_int_ferry_cabin_dawn";

fn example(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/recall").join(name)).unwrap()
}

/// A folder with a chapter and a document.
fn ferry() -> Workshop {
    let workshop = Workshop::with("");
    for name in ["morning.fountain", "characters.yaml", "ferry.md"] {
        workshop.write(name, example(name));
    }
    workshop
}

/// What is found among passages for `words`, the most similar first.
fn found(workshop: &Workshop, words: &str) -> Vec<String> {
    let similar = workshop.json(&["memory", "similar", words, "--among", "knowledge"]);
    let found = similar["found"].as_array().unwrap().iter();
    found.map(|like| like["words"].as_str().unwrap().to_owned()).collect()
}

/// A document of two sections, each of which is more than a passage has room for beside another.
fn long(first: &str, second: &str) -> String {
    let section =
        |word: &str| format!("# {word}\n\n{}\n\n", format!("About {word} nothing is said. ").repeat(25));
    section(first) + &section(second)
}

#[test]
fn a_passage_is_found_by_its_words_until_it_is_forgotten() {
    let workshop = ferry();
    workshop.write("ferry.md", long("Whales", "Tides"));
    workshop.done(&["knowledge", "add", "ferry.md"]);
    let listed = workshop.json(&["knowledge", "list"]);
    assert_eq!((&listed[0]["id"], &listed[0]["passages"]), (&"ferry".into(), &2.into()), "{listed}");
    let near = found(&workshop, "whales");
    assert!(near[0].starts_with("ferry: # Whales") && near[1].contains("# Tides"), "{near:?}");

    // The section that stays is not embedded again.
    workshop.write("ferry.md", long("Gulls", "Tides"));
    workshop.done(&["knowledge", "add", "ferry.md"]);
    let near = found(&workshop, "gulls");
    assert!(
        near.len() == 2 && near[0].starts_with("ferry: # Gulls") && near[1].contains("# Tides"),
        "{near:?}"
    );
    let events = workshop.events();
    assert_eq!(of(&events, "embedding.embedding_requested.v1").len(), 3);
    workshop.done(&["knowledge", "add", "ferry.md"]);
    let split = |events: &[Value]| of(events, "knowledge.document_kept.v1").len();
    assert_eq!((split(&events), split(&workshop.events())), (2, 2), "the same again changes nothing");

    workshop.done(&["knowledge", "forget", "ferry"]);
    assert!(found(&workshop, "gulls").is_empty());
    assert_eq!(workshop.json(&["knowledge", "list"]), Value::Array(Vec::new()));
    let then = (events.len()).to_string();
    let asked = ["memory", "--at", &then, "similar", "gulls", "--among", "knowledge"];
    assert_eq!(workshop.json(&asked)["found"].as_array().unwrap().len(), 2);
    workshop.done(&["verify"]);
    for view in ["procedural", "long_term"] {
        assert_eq!(workshop.json(&["rebuild", view, "--compare"])["differing"], 0);
    }
}

#[test]
fn a_silent_scene_is_written_with_what_is_known_of_it() {
    let workshop = ferry();
    let kept = workshop.done(&["knowledge", "add", "ferry.md"]).out;
    assert_eq!(kept, "kept ferry (3 passages)\n");
    workshop.done(&["produce", "morning.fountain", "--fill"]);
    let trace = workshop.json(&["memory", "recalled", SILENT]);
    let world = trace["told"]["found"]["world"].as_array().unwrap();
    let begins = |fact: &Value, words: &str| fact["text"].as_str().unwrap().starts_with(words);
    assert!(begins(&world[0], "# The cabin") && world.len() > 1, "{trace}");
    assert_eq!(world[0]["place"][0], "ferry");
    let passage = world[0]["passage"].as_str().unwrap();
    assert!(trace["from"].as_array().unwrap().contains(&passage.into()), "{trace}");
    let told = workshop.done(&["memory", "recalled", SILENT]).out;
    assert!(told.contains("ferry: # The cabin"), "{told}");
    let lines = workshop.read("out/morning/scenes/02-int-ferry-cabin-dawn/dialogue.json");
    assert!(lines.contains("The notes on ferry tell more."), "{lines}");
    let like = workshop.json(&["memory", "similar", passage, "--among", "knowledge"]);
    assert_eq!((&like["found"][0]["id"], &like["found"][0]["document"]), (&passage.into(), &"ferry".into()));
    assert!(like["found"][0]["score"].as_f64().unwrap() > 0.999, "a passage is like itself");

    // What is known later changes nothing that was written before.
    workshop.write("ferry.md", "The ferry cabin is wide.");
    workshop.done(&["knowledge", "add", "ferry.md"]);
    workshop.done(&["produce", "morning.fountain", "--fill"]);
    assert_eq!(workshop.json(&["memory", "recalled", SILENT]), trace);
    workshop.done(&["verify"]);
}

#[test]
fn what_cannot_be_kept_is_named_with_its_file_and_nothing_is() {
    let workshop = ferry();
    workshop.write("empty.md", "\n***\n");
    workshop.write("bare.md", "They are naked.");
    workshop.write("….md", "Words.");
    workshop.write("sub/Ferry.md", "Words.");
    workshop.write("broken.md", b"\xff\xfe");
    for (file, said) in [
        ("empty.md", "empty.md: nothing is said in it"),
        ("bare.md", "bare.md: `naked` is not made here"),
        ("….md", "….md: name the file after what it tells of"),
        ("sub/Ferry.md", "another of these files is called the same"),
        ("broken.md", "broken.md"),
        ("gone.md", "cannot read gone.md"),
    ] {
        let refused = workshop.run(&["knowledge", "add", "ferry.md", file]);
        assert_eq!(refused.code, Some(2), "{refused:#?}");
        assert!(refused.err.contains(said), "{file}: {}", refused.err);
    }
    assert_eq!(workshop.run(&["knowledge", "list"]).code, Some(2), "there is no log yet");
    workshop.done(&["knowledge", "add", "ferry.md"]);
    let unknown = workshop.run(&["knowledge", "forget", "harbour"]);
    assert_eq!(unknown.code, Some(1), "{unknown:#?}");
    assert!(unknown.err.contains("there is no such document"), "{}", unknown.err);
}

#[test]
fn a_running_hydra_takes_documents_and_the_command_returns_when_they_are_found() {
    let workshop = ferry();
    workshop.write(
        "tides.md",
        "# Tides\n\nThe tide comes twice a day, and nobody on the island looks at the clock.\n",
    );
    let mut up = workshop.start(&["up"]);
    eventually("it runs", || up.is_running() && up.said().contains("running"));
    workshop.done(&["knowledge", "add", "ferry.md", "tides.md"]);
    assert!(found(&workshop, "tide clock island")[0].starts_with("tides: # Tides"));
    assert_eq!(found(&workshop, "mill").len(), 4);
    workshop.done(&["knowledge", "forget", "tides"]);
    eventually("it is forgotten", || found(&workshop, "mill").len() == 3);
    up.interrupt();
    assert_eq!(up.end().code, Some(0));
}
