//! `hydra produce` as a person meets it: what it says, what it leaves alone, what it heals and what it refuses.

#![allow(clippy::unwrap_used, reason = "a test ends where something is not there")]

#[path = "support/workshop.rs"]
mod workshop;

use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

use workshop::{Ran, Running, SMALL, TINY, Workshop, eventually, of};

const PRODUCE: [&str; 2] = ["produce", "play.fountain"];

/// A finished chapter that no test changes, and what its making said.
fn finished() -> &'static (Workshop, Ran) {
    static FINISHED: OnceLock<(Workshop, Ran)> = OnceLock::new();
    FINISHED.get_or_init(|| {
        let workshop = Workshop::shared("produce", TINY);
        let ran = workshop.run(&["produce", "play.fountain", "--json"]);
        (workshop, ran)
    })
}

/// Events about what is made, as opposed to who makes it.
fn of_the_work(events: &[Value]) -> Vec<&Value> {
    let about = |event: &&Value| {
        let stream = event["stream"].as_str().unwrap();
        ["chapter-", "scene-", "image-", "line-", "review-"]
            .iter()
            .any(|category| stream.starts_with(category))
    };
    events.iter().filter(about).collect()
}

#[test]
fn the_last_line_has_the_documented_keys_and_counts_what_is_there() {
    let (workshop, ran) = finished();
    assert_eq!(ran.code, Some(0), "{ran:#?}");
    let summary = ran.json();
    let keys = [
        "approved",
        "chapter",
        "engine_seconds",
        "events",
        "folder",
        "images",
        "lines",
        "rejected",
        "scenes",
        "seconds",
    ];
    let mut found: Vec<&String> = summary.as_object().unwrap().keys().collect();
    found.sort();
    assert_eq!(found, keys);
    assert_eq!((&summary["chapter"], &summary["folder"]), (&"play".into(), &"out/play".into()));
    let made = workshop.made();
    let count = |folder: &str, ending: &str| {
        made.keys().filter(|path| path.contains(folder) && path.ends_with(ending)).count()
    };
    assert_eq!(summary["scenes"], count("scenes/", "dialogue.json"));
    assert_eq!(summary["lines"], count("scenes/", ".wav"));
    assert_eq!((&summary["images"], &summary["approved"]), (&8.into(), &8.into()));
    assert_eq!((&summary["lines"], &summary["rejected"]), (&8.into(), &0.into()));
    assert!(summary["seconds"].as_f64().unwrap() > 0.0 && summary["engine_seconds"].as_f64().unwrap() > 0.0);
    assert!(summary["events"].as_u64().unwrap() <= workshop.head());
}

#[test]
fn progress_for_a_file_has_no_control_characters() {
    let (_, ran) = finished();
    assert!(ran.err.contains("3 scenes, 8 images"), "{}", ran.err);
    let odd: Vec<char> = ran.err.chars().filter(|c| c.is_control() && *c != '\n').collect();
    assert!(odd.is_empty(), "{odd:?} in {}", ran.err);
}

#[test]
fn the_same_command_again_makes_nothing_new() {
    let workshop = finished().0.copy();
    let (made, head) = (workshop.made(), workshop.head());
    workshop.done(&PRODUCE);
    let events = workshop.events_from(head + 1);
    assert_eq!(of_the_work(&events), Vec::<&Value>::new());
    assert!(workshop.made() == made, "the folder has changed");
}

#[test]
fn deleted_and_damaged_files_are_repaired() {
    let workshop = finished().0.copy();
    let (made, head) = (workshop.made(), workshop.head());
    let names: Vec<&String> = made.keys().filter(|name| !name.ends_with(".hydra-files.json")).collect();
    for (index, name) in names.iter().enumerate() {
        let file = format!("out/{name}");
        match index % 3 {
            0 => std::fs::remove_file(workshop.path(&file)).unwrap(),
            1 => workshop.write(&file, &made[*name][..made[*name].len() / 2]),
            _ => {}
        }
    }
    workshop.done(&PRODUCE);
    assert!(workshop.made() == made, "the folder was not repaired");
    assert_eq!(of_the_work(&workshop.events_from(head + 1)), Vec::<&Value>::new());
}

#[test]
fn an_edited_line_is_spoken_anew_and_nothing_else_is() {
    let workshop = finished().0.copy();
    let (before, head) = (workshop.made(), workshop.head());
    workshop.write("play.fountain", TINY.replace("Soup!", "Soup again!"));
    workshop.done(&PRODUCE);
    let (after, events) = (workshop.made(), workshop.events_from(head + 1));
    assert_eq!(of(&events, "line.line_spoken.v1").len(), 1);
    assert_eq!(of(&events, "image.image_rendered.v1").len(), 0);
    let gone = only_in(&before, &after);
    let new = only_in(&after, &before);
    let ends = |names: &[&str]| names.iter().all(|name| name.ends_with(".wav"));
    assert!(gone.len() == 2 && ends(&gone), "the old recording stays, or more went: {gone:?}");
    assert!(new.len() == 2 && ends(&new), "the new recording is missing, or more came: {new:?}");
    let differs = |name: &&String| after.get(*name).is_some_and(|bytes| *bytes != before[*name]);
    let changed: Vec<&String> = before.keys().filter(differs).collect();
    let expected = [
        "play/.hydra-files.json",
        "play/provenance.json",
        "play/renpy/game/script.rpy",
        "play/report.md",
        "play/scenes/03-int-kitchen-day-2/dialogue.json",
    ];
    assert_eq!(changed, expected);
}

fn only_in<'a>(one: &'a BTreeMap<String, Vec<u8>>, other: &BTreeMap<String, Vec<u8>>) -> Vec<&'a str> {
    one.keys().filter(|name| !other.contains_key(*name)).map(String::as_str).collect()
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let workshop = finished().0.copy();
    for arguments in [
        &["produce", "play.fountain", "--json"][..],
        &PRODUCE,
        &["events", "tail", "--from", "1"],
        &["events", "tail", "--from", "1", "--json"],
        &["chapters"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let ended = workshop.command(arguments).stdout(writer).stderr(Stdio::piped()).output().unwrap();
        let said = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(0), "{arguments:?}: {said}");
        assert!(!said.contains("panicked") && !said.contains("error"), "{arguments:?}: {said}");
    }
}

#[test]
fn bad_input_is_refused_before_anything_is_made() {
    let with_cast = |cast: &str| (TINY.as_bytes().to_vec(), Some(cast.to_owned()));
    let play = |text: &[u8]| (text.to_vec(), None);
    let large = TINY.repeat(2 * 1024 * 1024 / TINY.len() + 1);
    let reference =
        "characters:\n  Anna:\n    references:\n      face_ref: {file: a.png, source: s, licence: CC0-1.0}\n";
    for ((text, cast), said) in [
        (play(b"INT. ROOM - DAY\n\nANNA\nGr\xfc\xdf.\n"), "byte 24"),
        (play(large.as_bytes()), "over the limit of 2097152"),
        (play(b"Nobody goes anywhere.\n"), "no scene"),
        (play(b""), "no scene"),
        (play(b"INT. EROTICA SHOP - DAY\n\nANNA\nHello.\n"), "erotica"),
        (with_cast("characters:\n  Anna:\n    voise: {}\n"), "did you mean `voice`?"),
        (with_cast(reference), "needs `consent`"),
        (with_cast("characters: ["), "characters.yaml"),
    ] {
        let workshop = Workshop::with("");
        workshop.write("play.fountain", text);
        if let Some(cast) = cast {
            workshop.write("characters.yaml", cast);
        }
        refused(&workshop, &PRODUCE, said);
    }
}

#[test]
fn what_is_no_file_is_refused() {
    let workshop = Workshop::with(SMALL);
    workshop.write("folder/file", "");
    refused(&workshop, &["produce", "nowhere.fountain"], "nowhere.fountain");
    refused(&workshop, &["produce", "folder"], "folder is a folder");
    refused(&workshop, &["produce", "play.fountain", "--characters", "nowhere.yaml"], "nowhere.yaml");
    refused(&workshop, &["produce"], "<FILE>");
    refused(&workshop, &["produce", "play.fountain", "--candidates", "11"], "11");
}

/// Exit code 2, a message that names what is wrong, and no trace of it.
fn refused(workshop: &Workshop, arguments: &[&str], named: &str) {
    let ran = workshop.run(arguments);
    assert_eq!(ran.code, Some(2), "{ran:#?}");
    assert!(ran.err.starts_with("error: ") && ran.err.contains(named), "{named}: {ran:#?}");
    assert_eq!(ran.err.matches("error: ").count(), 1, "{ran:#?}");
    assert!(ran.out.is_empty() && !ran.err.contains("panicked"), "{ran:#?}");
    assert!(!workshop.path("data").exists() && !workshop.path("out").exists(), "{named} left something");
}

/// A run that cannot end by itself: every picture is undecided, and it waits for a person.
fn waiting(workshop: &Workshop) -> Running {
    workshop.done(&["policy", "set", "undecided_margin", "100"]);
    workshop.start(&["produce", "play.fountain", "--wait"])
}

#[test]
fn a_second_writer_is_told_who_holds_the_folder_and_readers_are_served() {
    let workshop = Workshop::with(SMALL);
    let mut first = waiting(&workshop);
    eventually("the first one waits for a person", || first.said().contains("waiting"));
    let second = workshop.run(&PRODUCE);
    assert_eq!(second.code, Some(1), "{second:#?}");
    assert!(
        second.err.contains("held by process") && second.err.contains("hydra produce play.fountain"),
        "{second:#?}"
    );
    for arguments in [
        &["status"][..],
        &["chapters"],
        &["events", "tail"],
        &["replay", "chapter-play"],
        &["verify"],
        &["approvals", "list"],
        &["queue", "list"],
        &["dead", "list"],
        &["policy", "show"],
        &["doctor"],
    ] {
        workshop.done(arguments);
    }
    let status = workshop.json(&["status"]);
    assert!(status["holder"].as_str().unwrap().contains("hydra produce play.fountain"), "{status}");
    assert!(first.is_running());
}

#[test]
fn who_only_reads_keeps_no_writer_out() {
    let workshop = finished().0.copy();
    let written = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            while !written.load(Ordering::Relaxed) {
                workshop.done(&["status"]);
            }
        });
        let codes: Vec<Option<i32>> = (0..8).map(|_| workshop.run(&PRODUCE).code).collect();
        written.store(true, Ordering::Relaxed);
        reader.join().unwrap();
        assert_eq!(codes, vec![Some(0); 8]);
    });
}

#[test]
fn after_ctrl_c_the_next_run_completes_the_chapter() {
    let workshop = Workshop::with(SMALL);
    let first = waiting(&workshop);
    eventually("the scenes are written", || first.said().contains("written"));
    first.interrupt();
    let ended = first.end();
    assert_eq!(ended.code, Some(130), "{ended:#?}");
    assert!(ended.err.contains("run the same command again"), "{ended:#?}");
    workshop.done(&PRODUCE);
    workshop.done(&["verify"]);
}
