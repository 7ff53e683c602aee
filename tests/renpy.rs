//! A produced chapter is a game: it passes Ren'Py's own lint and plays to the end, every line in order, voiced.

#![allow(clippy::unwrap_used, reason = "a test ends where something is not there")]

#[path = "support/workshop.rs"]
mod workshop;

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use workshop::{TINY, Workshop};

fn engine(verb: &str, folder: &Path) -> Output {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/renpy.sh");
    Command::new(script).arg(verb).arg(folder).output().unwrap()
}

/// Whether the engine is here; required, its absence is a failure.
fn engine_is_here() -> bool {
    let required = std::env::var_os("HYDRA_TEST_REQUIRE").unwrap_or_default();
    let demanded = required.to_string_lossy().split(',').any(|name| name.trim() == "renpy");
    let found = Path::new("/usr/games/renpy").exists() && Path::new("/usr/bin/xvfb-run").exists();
    assert!(found || !demanded, "HYDRA_TEST_REQUIRE names renpy, and renpy or xvfb is not installed");
    found
}

/// The spoken lines of a chapter in story order: who and what.
fn written(workshop: &Workshop) -> Vec<(String, String)> {
    let dialogues = workshop.made().into_iter().filter(|(path, _)| path.ends_with("dialogue.json"));
    let mut said = Vec::new();
    for (_, bytes) in dialogues {
        let dialogue: Value = serde_json::from_slice(&bytes).unwrap();
        for beat in dialogue["beats"].as_array().unwrap() {
            if let (Some(who), Some(what)) = (beat["speaker_name"].as_str(), beat["text"].as_str()) {
                said.push((who.to_lowercase(), what.to_owned()));
            }
        }
    }
    said
}

#[test]
fn a_produced_chapter_passes_the_engines_lint_and_plays_every_line_with_its_voice() {
    if !engine_is_here() {
        eprintln!("ignored: renpy or xvfb is not installed");
        return;
    }
    let workshop = Workshop::with(TINY);
    workshop.done(&["produce", "play.fountain"]);
    let game = workshop.path("out/play/renpy");
    let lint = engine("lint", &game);
    assert!(lint.status.success(), "{}", String::from_utf8_lossy(&lint.stdout));
    let play = engine("play", &game);
    assert!(play.status.success(), "{}", String::from_utf8_lossy(&play.stderr));
    let output = String::from_utf8_lossy(&play.stdout);
    let shown = output.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let spoken: Vec<_> = shown.filter(|entry| entry["who"].is_string()).collect();
    assert!(spoken.iter().all(|entry| entry["voice"].is_string()), "{output}");
    let played = spoken.iter().map(|entry| {
        (entry["who"].as_str().unwrap().to_lowercase(), entry["text"].as_str().unwrap().to_owned())
    });
    assert_eq!(played.collect::<Vec<_>>(), written(&workshop));
}
