//! A night carried to another machine: exported, imported, looked at and gone on with there.

#![allow(clippy::unwrap_used, reason = "a test ends where something is not there")]

#[path = "support/volatile.rs"]
mod volatile;
#[path = "support/workshop.rs"]
mod workshop;

use std::fs;
use std::sync::OnceLock;

use serde_json::{Value, json};

use workshop::{SMALL, Workshop, eventually, files, of};

const PRODUCE: [&str; 2] = ["produce", "play.fountain"];

/// A finished chapter that no test changes.
fn finished() -> &'static Workshop {
    static FINISHED: OnceLock<Workshop> = OnceLock::new();
    FINISHED.get_or_init(|| {
        let workshop = Workshop::shared("tape", SMALL);
        workshop.done(&PRODUCE);
        workshop
    })
}

/// What `export` makes with these arguments.
fn tape_of(workshop: &Workshop, arguments: &[&str]) -> Vec<u8> {
    workshop.done(&[&["export", "made.tape"], arguments].concat());
    let tape = fs::read(workshop.path("made.tape")).unwrap();
    fs::remove_file(workshop.path("made.tape")).unwrap();
    tape
}

/// Another machine with nothing on it but a tape.
fn elsewhere(tape: &[u8]) -> Workshop {
    let workshop = Workshop::with(SMALL);
    workshop.write("night.tape", tape);
    workshop
}

#[test]
fn a_night_is_the_same_on_another_machine() {
    let origin = finished().copy();
    let there = elsewhere(&tape_of(&origin, &["--with-content"]));
    let imported = there.json(&["import", "night.tape"]);
    let head = origin.head();
    assert_eq!(
        (&imported["events"], &imported["known"], &imported["head"]),
        (&json!(head), &json!(0), &json!(head))
    );
    assert_eq!(imported["owing"], 0);
    let [here, made] = [&origin, &there].map(|w| w.json(&["export", "id.tape"])["log"].clone());
    assert_ne!(here, made, "the copy is another log");
    assert_eq!(there.events(), origin.events());
    assert_eq!(files(&there.path("data/content")), files(&origin.path("data/content")));
    there.done(&["verify"]);
    for question in [&["replay", "chapter-play"][..], &["events", "trace", "chapter-play"], &["chapters"]] {
        assert_eq!(there.json(question), origin.json(question), "{question:?}");
    }
    assert_eq!(there.json(&["rebuild", "procedural", "--compare"])["differing"], 0);
    assert_eq!(there.head(), head, "looking records nothing");
    there.done(&PRODUCE);
    assert!(there.made() == origin.made(), "the chapter's folder differs");
    let anew = of(&there.events_from(head + 1), "image.image_rendered.v1").len();
    assert_eq!(anew, 0, "what was drawn there is not drawn again here");
}

#[test]
fn an_unfinished_night_owes_its_work_until_somebody_does_it_there() {
    let origin = finished().copy();
    let asked = of(&origin.events(), "image.image_requested.v1")[0]["position"].to_string();
    let there = elsewhere(&tape_of(&origin, &["--to", &asked, "--with-content"]));
    let imported = there.run(&["import", "night.tape"]);
    assert!(imported.err.contains("streams owe work"), "{imported:#?}");
    let head = there.head();
    assert_eq!(there.json(&["import", "night.tape"])["owing"], there.json(&["status"])["owing"]);
    there.done(&["verify"]);
    assert_eq!(there.head(), head, "nothing is done by importing or looking");
    there.done(&PRODUCE);
    assert!(volatile::stable(&there.made()) == volatile::stable(&origin.made()), "the files differ");
    there.done(&["verify"]);
}

#[test]
fn tapes_continue_one_another_and_a_repeat_changes_nothing() {
    let origin = finished().copy();
    let head = origin.head();
    let all = elsewhere(&tape_of(&origin, &[]));
    let (mut next, mut parts, mut ends) = (1, Vec::new(), Vec::new());
    while next <= head {
        let (from, to) = (next.to_string(), (next + 20).min(head).to_string());
        origin.done(&["export", "part.tape", "--from", &from, "--to", &to]);
        let part = origin.json(&["import", "--check", "part.tape"]);
        assert_eq!(part["from"], next, "an append is not cut in two");
        let end = part["to"].as_u64().unwrap();
        ends.push(end);
        next = end + 1;
        parts.push(fs::read(origin.path("part.tape")).unwrap());
        fs::remove_file(origin.path("part.tape")).unwrap();
    }
    assert!(parts.len() > 2);
    let there = elsewhere(&parts[0]);
    there.done(&["import", "night.tape"]);
    there.write("third.tape", &parts[2]);
    let gap = there.run(&["import", "third.tape"]);
    assert_eq!(gap.code, Some(2), "{gap:#?}");
    let missing = format!("positions {} to {} are missing", ends[0] + 1, ends[1]);
    assert!(gap.err.contains(&missing), "{missing}: {gap:#?}");
    for part in parts.iter().chain(&parts) {
        there.write("night.tape", part);
        there.done(&["import", "night.tape"]);
    }
    assert_eq!(there.events(), origin.events());
    there.write("all.tape", fs::read(all.path("night.tape")).unwrap());
    let again = there.json(&["import", "all.tape"]);
    assert_eq!((&again["events"], &again["known"]), (&json!(0), &json!(head)));
    let behind = elsewhere(&parts[0]);
    behind.done(&["import", "night.tape"]);
    behind.write("all.tape", fs::read(all.path("night.tape")).unwrap());
    assert_eq!(behind.json(&["import", "all.tape"])["head"], head);
    assert_eq!(behind.events(), origin.events());
}

#[test]
fn a_tape_of_another_history_changes_nothing() {
    let origin = finished().copy();
    let other = elsewhere(&tape_of(&origin, &["--with-content"]));
    other.done(&PRODUCE);
    let before = (other.events(), files(&other.path("data/content")));
    let refused = other.run(&["import", "night.tape"]);
    assert_eq!(refused.code, Some(2), "{refused:#?}");
    assert!(refused.err.contains("night.tape was not imported: position 1 is policy."), "{refused:#?}");
    assert!(refused.err.contains("two histories"), "{refused:#?}");
    other.write("later.tape", tape_of(&origin, &["--from", "30"]));
    let refused = other.run(&["import", "later.tape"]);
    assert!(refused.code == Some(2) && refused.err.contains("two histories"), "{refused:#?}");
    assert!((other.events(), files(&other.path("data/content"))) == before, "something was imported");
}

#[test]
fn a_tape_that_is_none_or_not_whole_is_refused_before_anything_is_made() {
    let tape = tape_of(&finished().copy(), &["--with-content"]);
    let flipped = |place: usize| {
        let mut tape = tape.clone();
        tape[place] ^= 1;
        tape
    };
    for (what, tape, told) in [
        ("an empty file", Vec::new(), "this is no tape"),
        ("a screenplay", SMALL.as_bytes().to_vec(), "this is no tape"),
        ("a newer tape", flipped(11), "use a newer hydra"),
        ("a damaged header", flipped(60), "damaged at byte 12"),
        ("a damaged middle", flipped(tape.len() / 2), "damaged at byte "),
        ("a damaged end", flipped(tape.len() - 1), "damaged at byte "),
        ("half a tape", tape[..tape.len() / 2].to_vec(), "was cut off: it ends at byte "),
        ("a tape without its end", tape[..tape.len() - 1].to_vec(), "was cut off: it ends at byte "),
        ("a tape and more", [&tape[..], b"!"].concat(), "goes on after its end"),
    ] {
        let there = elsewhere(&tape);
        for command in [&["import", "night.tape"][..], &["import", "--check", "night.tape"]] {
            let refused = there.run(command);
            assert_eq!(refused.code, Some(2), "{what}: {refused:#?}");
            assert!(refused.err.contains("night.tape") && refused.err.contains(told), "{what}: {refused:#?}");
        }
        assert!(!there.path("data").exists(), "{what}");
    }
}

#[test]
fn what_cannot_be_exported_is_refused_with_a_reason() {
    let origin = finished().copy();
    let beyond = (origin.head() + 1).to_string();
    origin.write("there.tape", "something of mine");
    for (arguments, told) in [
        (&["there.tape"][..], "is there already"),
        (&["a.tape", "--to", &beyond], "is not there yet"),
        (&["a.tape", "--from", &beyond], "is not there yet"),
        (&["a.tape", "--from", "9", "--to", "3"], "nothing lies between"),
        (&["nowhere/a.tape"], "cannot write"),
    ] {
        let refused = origin.run(&[&["export"], arguments].concat());
        assert_eq!(refused.code, Some(2), "{arguments:?}: {refused:#?}");
        assert!(refused.err.contains(told), "{arguments:?}: {refused:#?}");
    }
    assert_eq!(fs::read(origin.path("there.tape")).unwrap(), b"something of mine");
    assert!(!origin.path("a.tape").exists());
    let nothing = Workshop::with(SMALL);
    assert_eq!(nothing.run(&["export", "a.tape"]).code, Some(2));
}

#[test]
fn a_killed_export_leaves_no_file_of_that_name() {
    let origin = finished().copy();
    for _ in 0..5 {
        let running = origin.start(&["export", "night.tape", "--with-content"]);
        eventually("something is written", || {
            origin.path(".night.tape.unfinished").exists() || origin.path("night.tape").exists()
        });
        running.kill();
        if origin.path("night.tape").exists() {
            origin.done(&["import", "--check", "night.tape"]);
            fs::remove_file(origin.path("night.tape")).unwrap();
        }
    }
    origin.done(&["export", "night.tape"]);
    assert!(!origin.path(".night.tape.unfinished").exists());
}

#[test]
fn a_running_hydra_can_be_exported_and_not_imported_into() {
    let origin = finished().copy();
    let up = origin.start(&["up"]);
    eventually("it runs", || up.said().contains("running"));
    let summary = origin.json(&["export", "night.tape"]);
    let refused = origin.run(&["import", "night.tape"]);
    assert!(refused.code == Some(1) && refused.err.contains("hydra up"), "{refused:#?}");
    up.interrupt();
    assert_eq!(up.end().code, Some(0));
    let again: Value = origin.json(&["import", "night.tape"]);
    assert_eq!((&again["events"], &again["known"]), (&json!(0), &summary["events"]));
}

#[test]
fn history_is_published_on_a_nats_bus_only() {
    let refused = finished().copy().run(&["replay", "--publish", "--speed", "10"]);
    assert_eq!(refused.code, Some(2), "{refused:#?}");
    assert!(refused.err.contains("NATS bus"), "{refused:#?}");
}
