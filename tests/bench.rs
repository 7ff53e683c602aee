//! Every cell of `hydra bench` runs, for a moment, and prints what an outside harness reads. Nothing here looks at how
//! fast anything was.

#![allow(clippy::unwrap_used, reason = "a test ends where something is not there")]

#[cfg(feature = "full")]
#[path = "support/household.rs"]
mod household;
#[path = "support/workshop.rs"]
mod workshop;

#[cfg(feature = "full")]
use futures::TryStreamExt;
use serde_json::Value;
use workshop::{Ran, SMALL, Workshop};

/// So short that only the shape of the figures means anything.
const BRIEF: [&str; 8] = ["--secs", "0.05", "--events", "250", "--scenes", "2", "--pipelines", "5"];

/// The last line is the five figures, in their order.
#[track_caller]
fn check(ran: &Ran, cell: &str) {
    let last = ran.out.lines().last().unwrap_or_default();
    let figures: Value =
        serde_json::from_str(last).unwrap_or_else(|error| panic!("{cell}: {error}: {ran:#?}"));
    let names = ["ops", "secs", "rate", "p50_ms", "p99_ms"];
    let places: Vec<_> = names.iter().map(|name| last.find(&format!("\"{name}\":"))).collect();
    assert!(places.is_sorted() && places[0] == Some(1), "{cell}: {last}");
    assert_eq!(figures.as_object().unwrap().len(), names.len(), "{cell}: {last}");
    assert!(figures["ops"].is_u64() && names.iter().all(|name| figures[*name].is_number()), "{cell}: {last}");
}

/// The names of the cells, from the program itself.
fn cells(workshop: &Workshop) -> Vec<String> {
    let listed = workshop.done(&["bench", "--list"]).out;
    let names = listed.lines().skip(1).map(|line| line.split_whitespace().next().unwrap().to_owned());
    names.collect()
}

/// Nothing of a bench stays in the data folder.
fn is_gone(workshop: &Workshop) {
    let left: Vec<_> =
        std::fs::read_dir(workshop.path("data")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn every_cell_runs_over_sqlite_and_prints_its_figures_last() {
    let workshop = Workshop::with(SMALL);
    let cells = cells(&workshop);
    assert!(cells.len() > 10, "{cells:?}");
    for cell in cells.iter().filter(|cell| !cell.starts_with("relay") && !cell.ends_with("-server")) {
        let arguments = [&["bench", "--backend", "sqlite", "--cell", cell], BRIEF.as_slice()].concat();
        let arguments = match cell.as_str() {
            "produce" => {
                [&["bench", "produce", "play.fountain", "--rounds", "1", "--json"], BRIEF.as_slice()].concat()
            }
            _ => arguments,
        };
        let ran = workshop.done(&arguments);
        match cell.as_str() {
            "produce" => assert_eq!(ran.json()["cells"][0]["cell"], "produce"),
            _ => check(&ran, cell),
        }
    }
    for ceiling in ["log-1.insert", "rebuild-associative.load", "rebuild-associative.fold"] {
        check(&workshop.done(&[&["bench", "--cell", ceiling], BRIEF.as_slice()].concat()), ceiling);
    }
    is_gone(&workshop);
}

#[test]
fn a_table_names_both_sides_the_ratio_and_the_machine() {
    let workshop = Workshop::with(SMALL);
    let arguments = [&["bench", "log", "--writers", "2", "--rounds", "1"], BRIEF.as_slice()].concat();
    let shown = workshop.done(&arguments).out;
    for word in ["log-2", "hydra", "insert", "target", "processors", "load of the last minute", "SQLite"] {
        assert!(shown.contains(word), "{word} is not in\n{shown}");
    }
    let report = workshop.json(&arguments);
    let cell = &report["cells"][0];
    assert_eq!((&cell["cell"], &cell["sides"][1]["side"]), (&"log-2".into(), &"insert".into()));
    assert!(cell["sides"][1]["ratio"]["median"].is_number(), "{cell}");
    assert!(report["machine"]["processors"].is_u64(), "{report}");
    is_gone(&workshop);
}

#[test]
fn an_empty_log_is_seeded_with_chapters_that_verify_and_no_other_log_is() {
    let workshop = Workshop::with(SMALL);
    let seed = ["bench", "seed", "--events", "250"];
    let seeded = workshop.done(&seed).out;
    assert!(seeded.contains("events of 1 chapters"), "{seeded}");
    workshop.done(&["verify"]);
    let refused = workshop.run(&seed);
    assert_eq!(refused.code, Some(2), "{refused:#?}");
}

#[test]
fn an_unknown_cell_is_refused() {
    let workshop = Workshop::with(SMALL);
    for name in ["log", "log-1.select", ""] {
        let ran = workshop.run(&["bench", "--cell", name]);
        assert_eq!(ran.code, Some(2), "{name:?}: {ran:#?}");
    }
    is_gone(&workshop);
}

#[cfg(feature = "full")]
#[tokio::test]
async fn every_cell_runs_over_the_servers() {
    let Some(household) = household::Household::configured().await else { return };
    let workshop = Workshop::with(SMALL);
    let mut placed = String::new();
    for (view, server) in [("procedural", "postgres"), ("short_term", "redis"), ("associative", "neo4j")] {
        placed.extend(household::server(server).map(|url| format!("[memory.{view}]\nurl = \"{url}\"\n")));
    }
    household.configure_with(&workshop, &placed);
    let is_placed =
        |cell: &str| match cell.strip_prefix("rebuild-").and_then(|cell| cell.strip_suffix("-server")) {
            Some(view) => placed.contains(view),
            None => true,
        };
    for cell in cells(&workshop).iter().filter(|cell| *cell != "produce" && is_placed(cell)) {
        let arguments = [&["bench", "--cell", cell], BRIEF.as_slice()].concat();
        check(&workshop.done(&household.command(&arguments)), cell);
    }
    let mut ceilings =
        vec!["relay.jetstream", "relay-paced-remote.jetstream", "replay.copy", "rebuild-long_term.fold"];
    let loads = [
        "rebuild-procedural-server.load",
        "rebuild-short_term-server.load",
        "rebuild-associative-server.load",
    ];
    ceilings.extend(loads.into_iter().filter(|load| is_placed(load.trim_end_matches(".load"))));
    for ceiling in ceilings {
        let arguments = [&["bench", "--cell", ceiling], BRIEF.as_slice()].concat();
        check(&workshop.done(&household.command(&arguments)), ceiling);
    }
    household.leave().await;
}

/// Whether a process was told what the second of a bench does under this prefix. One that has ended was told nothing.
#[cfg(feature = "full")]
fn is_told(prefix: &str) -> bool {
    let processes = std::fs::read_dir("/proc").unwrap().filter_map(|entry| Some(entry.ok()?.path()));
    let mut told = processes.filter_map(|process| std::fs::read(process.join("cmdline")).ok());
    told.any(|line| String::from_utf8_lossy(&line).contains(prefix))
}

#[cfg(feature = "full")]
#[tokio::test]
async fn the_second_process_of_a_cell_ends_with_the_first_however_that_ends() {
    let Some(nats) = household::server("nats") else { return };
    let workshop = Workshop::with(SMALL);
    let cell = ["bench", "--backend", "sqlite", "--cell", "relay-paced-remote", "--secs", "600"];
    let first = workshop.start(&[cell.as_slice(), &["--nats", &nats]].concat());
    let prefix = format!("hydra_bench{}_", first.id());
    workshop::eventually("there is a second process", || is_told(&prefix));
    first.kill();
    workshop::eventually("the second process has ended", || !is_told(&prefix));
    let server = async_nats::jetstream::new(async_nats::connect(&nats).await.unwrap());
    let mut names: Vec<String> = server.stream_names().try_collect().await.unwrap();
    names.retain(|name| name.starts_with(&prefix.to_uppercase()));
    for name in names {
        server.delete_stream(name).await.unwrap();
    }
}
