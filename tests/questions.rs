//! What can be asked of a finished chapter, and the small orders beside it.

#![allow(clippy::unwrap_used, reason = "a test ends where something is not there")]

#[path = "support/workshop.rs"]
mod workshop;

use std::sync::OnceLock;

use rusqlite::Connection;
use serde_json::{Value, json};

use workshop::{SMALL, TINY, Workshop};

/// A finished chapter that no test changes.
fn finished() -> &'static Workshop {
    static FINISHED: OnceLock<Workshop> = OnceLock::new();
    FINISHED.get_or_init(|| {
        let workshop = Workshop::shared("questions", SMALL);
        workshop.done(&["produce", "play.fountain"]);
        workshop
    })
}

#[test]
fn a_screenplay_is_shown_as_it_is_understood() {
    let workshop = Workshop::with(TINY);
    let report = workshop.json(&["check", "play.fountain"]);
    assert_eq!((&report["title"], &report["chapter"]), (&"Tiny".into(), &"play".into()));
    assert_eq!((&report["images"], &report["lines"]), (&8.into(), &8.into()));
    assert_eq!(report["scenes"].as_array().unwrap().len(), 3);
    let names: Vec<&Value> =
        report["cast"].as_array().unwrap().iter().map(|member| &member["name"]).collect();
    assert_eq!(names, ["ANNA", "BEN", "CLARA"]);
    let numbers: Vec<&Value> =
        report["scenes"].as_array().unwrap().iter().map(|scene| &scene["line"]).collect();
    assert_eq!(numbers, [3, 14, 28]);
    assert!(!workshop.path("data").exists());
}

#[test]
fn what_is_to_come_is_counted_with_candidates_and_placeholders() {
    let silent = format!("{TINY}\nINT. CELLAR - NIGHT\n\nAnna listens.\n");
    let workshop = Workshop::with(&silent);
    let count = |arguments: &[&str]| {
        let report = workshop.json(&[&["check", "play.fountain"], arguments].concat());
        ["backgrounds", "busts", "lines", "placeholders"].map(|key| report[key].as_u64().unwrap())
    };
    assert_eq!(count(&[]), [3, 6, 8, 0]);
    assert_eq!(count(&["--candidates", "3"]), [9, 18, 8, 0]);
    assert_eq!(count(&["--fill"]), [3, 6, 9, 1]);
}

#[test]
fn a_characters_file_is_never_written_over_or_in_place_of_another() {
    let workshop = Workshop::with(SMALL);
    let shared = workshop.path("characters.yaml");
    std::fs::write(&shared, "characters: {Anna: {looks: {clothing: a red coat}}}\n").unwrap();
    let ran = workshop.run(&["check", "play.fountain", "--write-characters"]);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.err.contains("it would be read instead of") && ran.err.contains("characters.yaml"),
        "{}",
        ran.err
    );
    assert!(!workshop.path("play.characters.yaml").exists());
    std::fs::remove_file(&shared).unwrap();
    workshop.done(&["check", "play.fountain", "--write-characters"]);
    assert_eq!(workshop.run(&["check", "play.fountain", "--write-characters"]).code, Some(2));
}

#[test]
fn the_tail_shows_the_newest_events_that_are_wanted() {
    let workshop = finished().copy();
    let all = workshop.events();
    let tail = |arguments: &[&str]| -> Vec<Value> {
        let ran = workshop.done(&[&["events", "tail", "--json"], arguments].concat());
        ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    assert_eq!(tail(&["-n", "3"]), all[all.len() - 3..]);
    assert_eq!(tail(&[]), all[all.len() - 20..]);
    assert_eq!(tail(&["-n", "0"]), Vec::<Value>::new());
    let of_category = |category: &str| -> Vec<Value> {
        let begins = |event: &&Value| event["stream"].as_str().unwrap().starts_with(category);
        all.iter().filter(begins).cloned().collect()
    };
    assert_eq!(tail(&["image.>", "--from", "1"]), of_category("image-"));
    assert_eq!(tail(&["chapter.play.*", "--from", "1"]), of_category("chapter-play"));
    assert_eq!(tail(&["image.>", "-n", "2"]), of_category("image-")[of_category("image-").len() - 2..]);
    assert_eq!(workshop.run(&["events", "tail", "image..x"]).code, Some(2));
}

#[test]
fn an_event_for_machines_has_the_documented_keys() {
    let always = [
        "actor",
        "causation_id",
        "command_id",
        "correlation_id",
        "data",
        "id",
        "position",
        "principal",
        "stream",
        "time",
        "type",
        "version",
    ];
    for event in finished().copy().events() {
        let mut keys: Vec<&str> = event.as_object().unwrap().keys().map(String::as_str).collect();
        keys.retain(|key| !["effect", "role", "attempt"].contains(key));
        keys.sort_unstable();
        assert_eq!(keys, always);
        let marks = ["effect", "role", "attempt"].map(|key| event.get(key).is_some());
        assert!(marks == [true; 3] || marks == [false; 3], "{event}");
    }
}

#[test]
fn every_file_leads_back_to_the_request() {
    let workshop = finished().copy();
    let made = workshop.made();
    for ending in ["kitchen-day.png", ".wav", "dialogue.json", "report.md", "script.rpy"] {
        let name = made.keys().find(|name| name.ends_with(ending)).unwrap();
        let trace = workshop.json(&["events", "trace", &format!("out/{name}")]);
        let events = trace["events"].as_array().unwrap();
        let kinds: Vec<&str> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
        assert_eq!(kinds.first(), Some(&"chapter.chapter_requested.v1"), "{name}: {kinds:?}");
        assert_eq!(
            (&events[0]["depth"], &events[0]["command"]),
            (&0.into(), &"chapter.request_chapter.v1".into())
        );
        let text = workshop.done(&["events", "trace", &format!("out/{name}")]).out;
        assert!(text.contains("asked for chapter.request_chapter.v1"), "{text}");
    }
}

#[test]
fn a_stream_is_shown_as_it_was() {
    let workshop = finished().copy();
    let events = workshop.events();
    let now = workshop.json(&["replay", "chapter-play"]);
    let head = workshop.head().to_string();
    workshop.write("play.fountain", SMALL.replace("good", "very good"));
    workshop.done(&["produce", "play.fountain"]);
    let later = workshop.json(&["replay", "chapter-play"]);
    assert_eq!(later["state"]["revision"], 2, "{later}");
    assert_ne!(later["state"], now["state"]);
    assert_eq!(workshop.json(&["replay", "chapter-play", "--at", &head]), now);
    assert_eq!(workshop.json(&["replay", "chapter-play", "--version", &now["version"].to_string()]), now);
    let of_chapter = events.iter().filter(|event| event["stream"] == "chapter-play");
    for event in of_chapter {
        let (version, position) = (event["version"].to_string(), event["position"].to_string());
        let then = workshop.json(&["replay", "chapter-play", "--version", &version]);
        assert_eq!(then, workshop.json(&["replay", "chapter-play", "--at", &position]));
        assert_eq!((&then["version"], &then["position"]), (&event["version"], &event["position"]));
    }
    assert_eq!(workshop.run(&["replay", "chapter-play", "--version", "999"]).code, Some(2));
    assert_eq!(workshop.run(&["replay", "chapter-play", "--at", "999999"]).code, Some(2));
    assert_eq!(workshop.run(&["replay", "chapter-nobody"]).code, Some(1));
}

#[test]
fn a_finished_folder_owes_nothing_and_is_in_order() {
    let workshop = finished().copy();
    let status = workshop.json(&["status"]);
    assert_eq!((&status["head"], &status["position"]), (&workshop.head().into(), &workshop.head().into()));
    assert_eq!(
        (&status["owing"], &status["holder"], &status["paused"]),
        (&0.into(), &Value::Null, &Value::Null)
    );
    assert_eq!(
        (&status["dead"], &status["approvals"], &status["chapters"]),
        (&json!([]), &json!([]), &json!([]))
    );
    let chapters = workshop.json(&["chapters"]);
    assert_eq!((&chapters[0]["id"], &chapters[0]["title"]), (&"play".into(), &"Small".into()));
    assert_eq!((&chapters[0]["state"], &chapters[0]["scenes"]), (&"completed".into(), &1.into()));
    let checks = workshop.json(&["doctor"]);
    assert!(checks.as_array().unwrap().iter().all(|check| check["health"] != "fail"), "{checks}");
    for view in ["procedural", "short_term", "associative", "long_term"] {
        let rebuilt = workshop.json(&["rebuild", view, "--compare"]);
        assert_eq!(rebuilt["differing"], 0, "{view}: {rebuilt}");
        assert_eq!(rebuilt["events"], workshop.head(), "{view}: {rebuilt}");
    }
    assert_eq!(workshop.run(&["rebuild", "nothing"]).code, Some(2));
    let findings = workshop.json(&["verify"]);
    assert_eq!((&findings["broken"], &findings["divergences"]), (&json!([]), &json!([])));
    assert_eq!((&findings["events"], &findings["undecided"]), (&workshop.head().into(), &0.into()));
}

#[test]
fn a_damaged_view_is_found_and_mended() {
    let workshop = finished().copy();
    let views = Connection::open(workshop.path("data/views.db")).unwrap();
    assert_eq!(views.execute("UPDATE chapters SET title = 'Another'", []).unwrap(), 1);
    drop(views);
    let found = workshop.run(&["rebuild", "procedural", "--compare"]);
    assert_eq!(found.code, Some(1), "{found:#?}");
    assert!(found.out.contains("play"), "{found:#?}");
    workshop.done(&["rebuild", "procedural"]);
    assert_eq!(workshop.json(&["chapters"])[0]["title"], "Small");
}

#[test]
fn the_events_that_a_view_goes_on_without_are_named_with_the_reason() {
    let workshop = finished().copy();
    let views = Connection::open(workshop.path("data/views.db")).unwrap();
    let set_aside = "INSERT INTO quarantine VALUES ('procedural', 3, 'image-x', 'it is too long')";
    assert_eq!(views.execute(set_aside, []).unwrap(), 1);
    drop(views);
    let quarantined = &workshop.json(&["status"])["quarantined"];
    let expected = json!([
        { "view": "procedural", "position": 3, "stream": "image-x", "reason": "it is too long" }
    ]);
    assert_eq!(quarantined, &expected);
    let page = workshop.done(&["status"]).out;
    assert!(page.contains("goes on without 3 of image-x: it is too long"), "{page}");
    assert!(!page.contains("nothing needs you"), "{page}");
    workshop.done(&["rebuild", "procedural"]);
    assert_eq!(workshop.json(&["status"])["quarantined"], json!([]));
}

#[test]
fn a_flipped_byte_anywhere_is_found_and_named() {
    for column in ["data", "command", "hash"] {
        let filled = format!("SELECT position FROM events WHERE {column} IS NOT NULL ORDER BY position");
        let workshop = finished().copy();
        let log = Connection::open(workshop.path("data/log.db")).unwrap();
        let mut rows = log.prepare(&filled).unwrap();
        let positions: Vec<i64> = rows.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        for position in positions.iter().step_by(positions.len() / 5) {
            flipped_is_found(column, *position);
        }
    }
}

fn flipped_is_found(column: &str, position: i64) {
    let workshop = finished().copy();
    let log = Connection::open(workshop.path("data/log.db")).unwrap();
    let read = format!("SELECT {column} FROM events WHERE position = ?1");
    let mut bytes: Vec<u8> = log.query_row(&read, [position], |row| row.get(0)).unwrap();
    let place = position as usize % bytes.len();
    bytes[place] ^= 1;
    let write = format!("UPDATE events SET {column} = ?2 WHERE position = ?1");
    assert_eq!(log.execute(&write, (position, bytes)).unwrap(), 1);
    drop(log);
    let ran = workshop.run(&["verify", "--json"]);
    assert_eq!(ran.code, Some(1), "{column} at {position}: {ran:#?}");
    let findings = ran.json();
    let named = findings["broken"].as_array().unwrap().iter().any(|broken| broken["position"] == position);
    assert!(named, "{column} at {position}: {findings}");
    let ran = workshop.run(&["verify"]);
    assert!(ran.out.contains(&format!("position {position}, ")), "{column} at {position}: {ran:#?}");
}

#[test]
fn portraits_are_ordered_and_lie_in_the_folder_of_their_character() {
    let workshop = Workshop::with("");
    let order = json!([{
        "character": "Anna Bell", "scene": "harbour at night", "emotion": "happy", "outfit": "coat", "count": 3
    }]);
    workshop.write("orders.json", order.to_string());
    let summary = workshop.json(&["queue", "add", "orders.json"]);
    assert_eq!(
        (&summary["orders"], &summary["images"], &summary["supplied"]),
        (&1.into(), &3.into(), &3.into())
    );
    assert_eq!((&summary["missing"], &summary["folder"]), (&0.into(), &"out/portraits".into()));
    let made = workshop.made();
    let is_portrait = |name: &&String| name.starts_with("portraits/anna-bell/") && name.ends_with(".png");
    let portraits: Vec<&String> = made.keys().filter(is_portrait).collect();
    assert_eq!(portraits.len(), 3, "{:?}", made.keys());
    assert!(portraits.iter().all(|name| made[*name].starts_with(b"\x89PNG")));
    let head = workshop.head();
    assert_eq!(workshop.json(&["queue", "add", "orders.json"])["supplied"], 3);
    assert!(workshop.events_from(head + 1).iter().all(|event| event["type"] != "image.image_rendered.v1"));
    assert!(workshop.made() == made, "ordering twice has changed something");
    workshop.done(&["verify"]);
}

#[test]
fn an_order_with_undecided_pictures_tells_the_commands_that_decide_them() {
    let workshop = Workshop::with("");
    let order = json!({ "character": "Anna Bell", "scene": "harbour", "emotion": "happy", "outfit": "coat" });
    workshop.write("orders.json", order.to_string());
    workshop.done(&["policy", "set", "undecided_margin", "100"]);
    let ran = workshop.run(&["queue", "add", "orders.json"]);
    assert_eq!(ran.code, Some(1), "{ran:#?}");
    assert!(ran.err.contains("1 are too close to call and wait for a person"), "{ran:#?}");

    let summary = workshop.run(&["queue", "add", "orders.json", "--json"]).json();
    assert_eq!((&summary["undecided"], &summary["missing"]), (&1.into(), &0.into()), "{summary}");
    let (next, words) = (&summary["next"][0], ran.err.split_whitespace().collect::<Vec<_>>());
    let command: Vec<&str> = next["command"].as_str().unwrap().split_whitespace().collect();
    assert!(words.windows(command.len()).any(|told| told == command), "{command:?}: {ran:#?}");
    let picture = workshop.path(next["picture"].as_str().unwrap());
    assert!(std::fs::read(&picture).unwrap().starts_with(b"\x89PNG"), "{}", picture.display());
    let approve = command.iter().position(|word| *word == "approvals").unwrap();
    workshop.done(&command[approve..]);
    assert_eq!(workshop.json(&["queue", "add", "orders.json"])["supplied"], 1);
}

#[test]
fn a_paused_queue_stops_the_work_until_it_is_resumed() {
    let workshop = Workshop::with(SMALL);
    workshop.done(&["queue", "pause", "--reason", "it is day"]);
    let ran = workshop.run(&["produce", "play.fountain"]);
    assert_eq!(ran.code, Some(1), "{ran:#?}");
    assert!(ran.err.contains("the queue is paused (it is day)"), "{ran:#?}");
    let queue = workshop.json(&["queue", "list"]);
    assert_eq!(queue["paused"], "it is day");
    assert_eq!(queue["tasks"].as_array().unwrap().len(), 5, "{queue}");
    let last = queue["tasks"][4]["id"].as_str().unwrap();
    workshop.done(&["queue", "move", last, "front"]);
    workshop.done(&["queue", "resume"]);
    workshop.done(&["produce", "play.fountain"]);
    workshop.done(&["verify"]);
}

#[test]
fn a_cancelled_chapter_is_made_no_further() {
    let workshop = Workshop::with(SMALL);
    workshop.done(&["queue", "pause"]);
    assert_eq!(workshop.run(&["produce", "play.fountain"]).code, Some(1));
    workshop.done(&["cancel", "play", "--reason", "another story"]);
    workshop.done(&["queue", "resume"]);
    assert_eq!(workshop.json(&["chapters"])[0]["state"], "cancelled");
    let status = workshop.json(&["status"]);
    assert_eq!(status["chapters"], json!([]));
    assert_eq!(workshop.run(&["cancel", "nothing"]).code, Some(2));
    workshop.done(&["verify"]);
}

#[test]
fn plans_are_added_listed_and_removed() {
    let workshop = finished().copy();
    workshop.done(&["plan", "add", "evening", "30 22 * * mon-fri", "resume", "--tz", "Europe/Berlin"]);
    let plans = workshop.json(&["plan", "list"]);
    assert_eq!(plans.as_array().unwrap().len(), 1, "{plans}");
    assert_eq!((&plans[0]["id"], &plans[0]["timezone"]), (&"evening".into(), &"Europe/Berlin".into()));
    for (cron, timezone) in
        [("61 * * * *", "UTC"), ("* * * *", "UTC"), ("0 0 30 2 *", "UTC"), ("0 0 * * *", "Mars/Base")]
    {
        let ran = workshop.run(&["plan", "add", "odd", cron, "pause", "--tz", timezone]);
        assert_eq!(ran.code, Some(2), "{cron} {timezone}: {ran:#?}");
    }
    workshop.done(&["plan", "remove", "evening"]);
    assert_eq!(workshop.json(&["plan", "list"]), json!([]));
    workshop.done(&["verify"]);
}
