//! The rules of the map: who may know whom, where IO and libraries live, what deciders may use, and how files are
//! named and sized. Each failure names the file and the line.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use hydra_actors::registry::{ACTORS, ENTITIES, entity};
use hydra_bus::subject::Family;
use hydra_events::vocabulary::{CATEGORIES, event_names};
use serde_json::Value;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Every workspace member, and the members it may name in its manifest.
const MAY_KNOW: [(&str, &[&str]); 7] = [
    ("hydra-events", &[]),
    ("hydra-bus", &["hydra-events"]),
    ("hydra-actors", &["hydra-bus", "hydra-events"]),
    ("hydra-connectors", &["hydra-actors", "hydra-bus", "hydra-events"]),
    ("hydra-projections", &["hydra-events"]),
    ("hydra-bench", &["hydra-bus", "hydra-events"]),
    (
        "hydra",
        &[
            "hydra-actors",
            "hydra-bench",
            "hydra-bus",
            "hydra-connectors",
            "hydra-events",
            "hydra-projections",
        ],
    ),
];

/// Crates that do IO, which the actors reach through ports only.
const IO_CRATES: [&str; 8] =
    ["async-nats", "axum", "bollard", "hyper", "redis", "reqwest", "rusqlite", "sqlx"];

/// What a decider must be handed instead of taking it.
const IMPURE: [&str; 8] = ["HashMap", "HashSet", "Instant", "SystemTime", "rand", "env", "fs", "tokio"];

/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 8] = ["common", "helper", "helpers", "manager", "misc", "service", "util", "utils"];

const LINES_MAX: usize = 400;

/// A line of source that breaks a rule, as `file:line: text`.
fn offences(files: &[PathBuf], breaks: impl Fn(&str) -> bool) -> Vec<String> {
    let lines = files.iter().flat_map(|file| {
        let text = read(file);
        let broken = text.lines().enumerate().filter(|(_, line)| breaks(line));
        broken.map(|(at, line)| format!("{}:{}: {}", shown(file), at + 1, line.trim())).collect::<Vec<_>>()
    });
    lines.collect()
}

#[track_caller]
fn none(found: &[String], rule: &str) {
    assert!(found.is_empty(), "{rule}:\n{}", found.join("\n"));
}

fn read(file: &Path) -> String {
    std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn shown(file: &Path) -> String {
    file.strip_prefix(ROOT).unwrap_or(file).to_string_lossy().replace('\\', "/")
}

/// The Rust files under `folder`, in order; no folder is no file.
fn rust(folder: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    collect(&Path::new(ROOT).join(folder), &mut files);
    files.sort();
    files
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("a folder of the project can be listed").path();
        match (path.is_dir(), path.extension()) {
            (true, _) => collect(&path, files),
            (false, Some(ending)) if ending == "rs" => files.push(path),
            (false, _) => {}
        }
    }
}

/// The sources of every crate, without their tests.
fn sources() -> Vec<PathBuf> {
    let crates = [
        "actors/connectors/src",
        "actors/src",
        "benches/src",
        "bus/src",
        "events/src",
        "projections/src",
        "src",
    ];
    crates.iter().flat_map(|folder| rust(folder)).collect()
}

/// Every Rust file of the project.
fn everything() -> Vec<PathBuf> {
    let folders = ["actors", "bus", "events", "projections", "benches", "src", "tests"];
    folders.iter().flat_map(|folder| rust(folder)).collect()
}

/// What decides: the files of the actors without what performs their work.
fn deciders() -> Vec<PathBuf> {
    let of_actor = |actor: &&str| {
        let mut files = rust(&format!("actors/src/{actor}"));
        files.push(Path::new(ROOT).join(format!("actors/src/{actor}.rs")));
        files
    };
    let performs = |file: &PathBuf| shown(file).split(['/', '.']).any(|part| part == "perform");
    ACTORS.iter().flat_map(of_actor).filter(|file| !performs(file)).collect()
}

/// The code of a line, without its comment. A `//` in a text hides what follows: no rule here is about such a line.
fn code(line: &str) -> &str {
    line.split("//").next().unwrap_or_default()
}

/// Whether `line` has `word`, not merely as a part of a longer one.
fn has_word(line: &str, word: &str) -> bool {
    let inside = |c: char| c.is_alphanumeric() || c == '_';
    code(line).match_indices(word).any(|(at, _)| {
        let (before, after) = (&code(line)[..at], &code(line)[at + word.len()..]);
        !before.ends_with(inside) && !after.starts_with(inside)
    })
}

/// The packages of the workspace as Cargo sees them.
fn packages() -> Vec<Value> {
    let arguments = ["metadata", "--no-deps", "--offline", "--format-version", "1"];
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(ROOT).output();
    let output = output.expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo writes JSON");
    metadata["packages"].as_array().cloned().unwrap_or_default()
}

/// The names a manifest lists outside its dev-dependencies.
fn dependencies(package: &Value) -> BTreeSet<&str> {
    let all = package["dependencies"].as_array().into_iter().flatten();
    all.filter(|one| one["kind"] != "dev").filter_map(|one| one["name"].as_str()).collect()
}

#[test]
fn a_word_is_found_in_code_and_only_as_a_whole() {
    for line in
        ["use tokio::sync::Mutex;", "use std::{fs, tokio};", "    tokio::spawn(work) // later", "(tokio)"]
    {
        assert!(has_word(line, "tokio"), "{line:?}");
    }
    for line in ["// tokio", "    /// Not tokio.", "use tokio_util::task;", "let mytokio = 1;", ""] {
        assert!(!has_word(line, "tokio"), "{line:?}");
    }
}

#[test]
fn crates_know_only_whom_they_may_know() {
    let may_know: BTreeMap<_, _> = MAY_KNOW.into_iter().collect();
    let packages = packages();
    let names: BTreeSet<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    assert_eq!(names, may_know.keys().copied().collect(), "the members of the workspace");
    let found: Vec<String> = packages
        .iter()
        .flat_map(|package| {
            let name = package["name"].as_str().unwrap_or_default();
            let known = dependencies(package).into_iter().filter(|other| names.contains(other));
            let wrong = known.filter(|other| !may_know[name].contains(other));
            wrong
                .map(|other| format!("{}: {name} knows {other}", package["manifest_path"]))
                .collect::<Vec<_>>()
        })
        .collect();
    none(&found, "connectors → actors → bus → events, projections → events, and nothing else");
}

#[test]
fn cargo_itself_keeps_the_actors_away_from_io() {
    let packages = packages();
    let actors = packages.iter().find(|package| package["name"] == "hydra-actors");
    let names = dependencies(actors.expect("hydra-actors is a member"));
    let found: Vec<String> = IO_CRATES
        .iter()
        .filter(|name| names.contains(**name))
        .map(|n| format!("actors/Cargo.toml: {n}"))
        .collect();
    none(&found, "the actors reach the world through ports");
}

#[test]
fn the_actor_framework_stays_inside_the_host() {
    let outside: Vec<_> =
        sources().into_iter().filter(|file| !shown(file).starts_with("actors/src/host")).collect();
    none(&offences(&outside, |line| has_word(line, "ractor")), "ractor is known to actors/src/host alone");
}

#[test]
fn the_web_framework_stays_inside_http() {
    let outside: Vec<_> = sources().into_iter().filter(|file| !shown(file).starts_with("src/http")).collect();
    none(&offences(&outside, |line| has_word(line, "axum")), "axum is known to src/http alone");
}

#[test]
fn subjects_are_spelled_in_one_place() {
    let outside: Vec<_> =
        sources().into_iter().filter(|file| !shown(file).starts_with("bus/src/subject")).collect();
    let words = Family::ALL.map(Family::as_str);
    let spells = |line: &str| {
        words.iter().any(|word| {
            ["hydra.", "\".", "}."].iter().any(|before| code(line).contains(&format!("{before}{word}.")))
        })
    };
    none(&offences(&outside, spells), "subjects are built by bus/src/subject.rs");
}

#[test]
fn the_time_of_day_is_read_in_one_place() {
    let outside: Vec<_> = sources().into_iter().filter(|file| shown(file) != "events/src/clock.rs").collect();
    none(&offences(&outside, |line| has_word(line, "SystemTime")), "the time comes from events/src/clock.rs");
}

#[test]
fn deciders_depend_on_nothing_they_are_not_given() {
    let files = deciders();
    assert!(files.len() > 2 * ACTORS.len(), "deciders are looked for in the wrong place");
    let impure = |line: &str| IMPURE.iter().any(|word| has_word(line, word));
    none(&offences(&files, impure), "time, chance, order and the outside are handed to a decider");
}

#[test]
fn no_module_is_called_mod() {
    let found = everything().into_iter().map(|file| shown(&file)).filter(|file| file.ends_with("/mod.rs"));
    none(&found.collect::<Vec<_>>(), "name.rs and name/, rather than mod.rs");
}

#[test]
fn a_name_says_what_is_inside() {
    let vague = |file: &String| file.split(['/', '.']).any(|part| EMPTY_NAMES.contains(&part));
    let found = everything().into_iter().map(|file| shown(&file)).filter(vague);
    none(&found.collect::<Vec<_>>(), "a file is called after what it is about");
}

#[test]
fn files_stay_short() {
    let long = |file: &PathBuf| {
        let lines = read(file).lines().count();
        (lines > LINES_MAX).then(|| format!("{}:{lines}: over {LINES_MAX} lines", shown(file)))
    };
    none(&everything().iter().filter_map(long).collect::<Vec<_>>(), "a long file is about two things");
}

#[test]
fn every_category_has_its_entity_and_every_entity_its_category() {
    let wrong = CATEGORIES.iter().filter_map(|category| {
        let Some(entity) = entity(category.name) else {
            return Some(format!("actors/src/registry.rs: {} has no entity", category.name));
        };
        let differs = || format!("{} belongs to {} and to {}", category.name, category.actor, entity.actor);
        (entity.actor != category.actor).then(differs)
    });
    none(&wrong.collect::<Vec<_>>(), "the vocabulary and the registry name the same actors");
    assert_eq!(ENTITIES.len(), CATEGORIES.len(), "an entity has no category, or two have the same");
    let actors: BTreeSet<_> = ENTITIES.iter().map(|entity| entity.actor).collect();
    assert_eq!(actors, ACTORS.into_iter().collect(), "the actors are those of the registry");
}

#[test]
fn what_an_entity_reacts_to_exists() {
    let unknown = |name: &&&str| {
        let parts: Vec<&str> = name.split('.').collect();
        let [category, event, version] = parts[..] else { return true };
        !version.starts_with('v') || !event_names(category).iter().any(|known| known == event)
    };
    let found = ENTITIES.iter().flat_map(|entity| {
        let names = entity.reacts_to.iter().filter(unknown);
        names
            .map(|name| format!("actors/src/{}: {} reacts to {name}", entity.actor, entity.category))
            .collect::<Vec<_>>()
    });
    none(&found.collect::<Vec<_>>(), "every event that is listened to is one of the vocabulary");
}
