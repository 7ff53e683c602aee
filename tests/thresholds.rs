//! Thresholds: what fails is tried again and then missing, what is near goes to a person, and both can be mended.

#![allow(clippy::unwrap_used, reason = "a test ends where something is not there")]

#[path = "support/workshop.rs"]
mod workshop;

use workshop::{SMALL, Workshop, eventually, of};

const PRODUCE: [&str; 3] = ["produce", "play.fountain", "--json"];

/// A folder in which the policy has these values.
fn with_policy(values: &[(&str, &str)]) -> Workshop {
    let workshop = Workshop::with(SMALL);
    for (key, value) in values {
        workshop.done(&["policy", "set", key, value]);
    }
    workshop
}

#[test]
fn pictures_under_a_raised_threshold_are_missing_until_it_is_lowered_and_they_are_retried() {
    // The kitchen is a picture of nearly 8, the portraits stay below.
    let workshop = with_policy(&[("aesthetic_min", "7.85"), ("undecided_margin", "0"), ("image_tries", "2")]);
    let ran = workshop.run(&PRODUCE);
    assert_eq!(ran.code, Some(1), "{ran:#?}");
    let dead = workshop.json(&["dead", "list"]);
    let missing: Vec<&str> =
        dead.as_array().unwrap().iter().map(|row| row["stream"].as_str().unwrap()).collect();
    assert_eq!(missing.len(), 2, "{dead}");
    for stream in &missing {
        assert!(ran.err.contains(stream), "{stream} is not listed: {}", ran.err);
        let events = workshop.json(&["events", "trace", stream]);
        let events = events["events"].as_array().unwrap();
        let seeds: Vec<u64> = of(events, "image.image_rendered.v1")
            .iter()
            .map(|event| event["data"]["seed"].as_u64().unwrap())
            .collect();
        assert!(seeds.len() == 2 && seeds[0] != seeds[1], "{stream} was tried with {seeds:?}");
    }
    let summary = ran.json();
    assert_eq!(
        (&summary["images"], &summary["approved"], &summary["rejected"]),
        (&3.into(), &1.into(), &4.into())
    );
    assert_eq!(workshop.json(&["chapters"])[0]["missing"], 2);
    workshop.done(&["verify"]);

    workshop.done(&["policy", "set", "aesthetic_min", "6"]);
    workshop.done(&["dead", "retry"]);
    let chapters = workshop.json(&["chapters"]);
    assert_eq!(
        (&chapters[0]["state"], &chapters[0]["missing"]),
        (&"completed".into(), &0.into()),
        "{chapters}"
    );
    assert_eq!(workshop.json(&["dead", "list"]).as_array().unwrap().len(), 0);
    let summary = workshop.json(&["produce", "play.fountain"]);
    assert_eq!((&summary["images"], &summary["approved"]), (&3.into(), &3.into()));
    assert!(workshop.read("out/play/report.md").contains("Nothing is missing."));
    workshop.done(&["verify"]);
}

#[test]
fn undecided_pictures_are_approved_by_default_and_marked() {
    let workshop = with_policy(&[("aesthetic_min", "7"), ("undecided_margin", "2")]);
    let ran = workshop.done(&PRODUCE);
    let events = workshop.events();
    let asked = of(&events, "approval.approval_requested.v1");
    assert_eq!(asked.len(), 3, "every picture is within 2 of 7");
    assert!(ran.err.contains("approved by default, nobody was asked (3):"), "{}", ran.err);
    let report = workshop.read("out/play/report.md");
    let section = report.split("## Approved by default").nth(1).unwrap();
    for event in asked {
        let image = event["data"]["image"].as_str().unwrap();
        assert!(ran.err.contains(image) && section.contains(image), "{image} is not listed");
    }
    workshop.done(&["verify"]);
}

#[test]
fn with_wait_a_person_answers_from_another_process() {
    let workshop = with_policy(&[("aesthetic_min", "7"), ("undecided_margin", "2")]);
    let mut running = workshop.start(&["produce", "play.fountain", "--json", "--wait"]);
    eventually("it waits for a person", || running.said().contains("waiting"));
    let open = workshop.json(&["approvals", "list"]);
    assert_eq!(open.as_array().unwrap().len(), 3, "{open}");
    for (index, question) in open.as_array().unwrap().iter().enumerate() {
        assert!(running.is_running());
        let name = if index == 0 { &question["id"] } else { &question["image"] };
        workshop.done(&["approvals", "approve", name.as_str().unwrap(), "--by", "Ada", "--note", "good"]);
    }
    let ran = running.end();
    assert_eq!(ran.code, Some(0), "{ran:#?}");
    assert!(!ran.err.contains("approved by default"), "{ran:#?}");
    let events = workshop.events();
    for answer in of(&events, "approval.approval_answered.v1") {
        assert!(answer["data"]["by"].to_string().contains("Ada"), "{answer}");
    }
    workshop.done(&["verify"]);
}

#[test]
fn a_policy_that_is_not_there_or_out_of_range_is_refused() {
    let workshop = Workshop::with(SMALL);
    for (key, value, said) in [
        ("aesthetic_minimum", "5", "aesthetic_min"),
        ("aesthetic_min", "11", "0 to 10"),
        ("attempts", "-1", "1 to 100"),
        ("aesthetic_min", "NaN", "0 to 10"),
        ("aesthetic_min", "much", "much"),
    ] {
        let ran = workshop.run(&["policy", "set", key, value]);
        assert_eq!(ran.code, Some(2), "{ran:#?}");
        assert!(ran.err.contains(said), "{said}: {ran:#?}");
    }
    assert!(!workshop.path("data").exists());
}
