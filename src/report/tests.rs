//! Reports on hand-made rows.

use hydra_projections::rows::{ChapterRow, ImageRow, LineRow, SceneRow};
use serde_json::{Value, json};

use super::{ReportInput, render};

const VOLATILE: &str = include_str!("../../tests/volatile-fields.json");

fn input() -> ReportInput {
    let images = [
        image("image-a", "approved", Some((8.04, 71.0)), &json!({ "default": {} })),
        image("image-b", "approved", Some((6.0, 100.0)), &json!({ "person": { "name": "A | B" } })),
        image("image-c", "rejected", None, &Value::Null),
    ];
    let lines = [line("line-a", "spoken", 61_000), line("line-b", "missing", 0)];
    let wanted: Vec<Value> = images.iter().map(|image| {
        let shows = json!({ "subject": "keeper", "kind": "bust", "outfit": "", "expression": "", "candidate": 1 });
        json!({ "image": image.id, "brief": "0".repeat(64), "shows": shows })
    }).collect();
    let spoken: Vec<Value> = lines
        .iter()
        .map(|line| json!({ "line": line.id, "speech": "0".repeat(64), "character": "keeper" }))
        .collect();
    let scene: SceneRow = serde_json::from_value(
        json!({ "id": "scene-one", "images": wanted, "lines": spoken, "placeholders": 2 }),
    )
    .unwrap();
    let chapter = ChapterRow {
        id: "lighthouse".into(),
        title: "Storm | *and* <b>Light</b>".into(),
        revision: 1,
        scene_order: vec![scene.id.clone()],
        requested_at: 1_700_000_000_000_000,
        completed_at: Some(1_700_003_725_000_000),
        ..ChapterRow::default()
    };
    ReportInput { chapter, plan: None, scenes: vec![scene], images: images.into(), lines: lines.into() }
}

fn image(stream: &str, state: &str, scores: Option<(f64, f64)>, by: &Value) -> ImageRow {
    let score =
        |name: &str, value: f64| json!({ "name": name, "value": value, "metric": "m", "version": "1" });
    let scores = scores.map(|(a, t)| vec![score("aesthetic", a), score("technical", t)]).unwrap_or_default();
    let rejection = json!({ "quality_try": 1, "reasons": ["too dark"], "by": { "policy": {} } });
    serde_json::from_value(json!({
        "id": stream, "kind": "bust", "subject": "keeper", "state": state, "scores": scores, "decided_by": by,
        "engine": "studio", "engine_version": "1", "duration_ms": 1500, "tries": 2, "rejections": [rejection],
        "missing_reason": (state == "rejected").then_some("two tries, all | rejected"), "attempts": 2,
    }))
    .unwrap()
}

fn line(stream: &str, state: &str, length_ms: u64) -> LineRow {
    serde_json::from_value(json!({
        "id": stream, "character": "keeper", "state": state, "length_ms": length_ms, "engine": "studio",
        "engine_version": "1", "duration_ms": 20, "missing_reason": (state == "missing").then_some("no voice"),
    })).unwrap()
}

/// The report without the lines that may differ between two nights with the same result.
fn steady(report: &str) -> String {
    let volatile: Value = serde_json::from_str(VOLATILE).unwrap();
    let told =
        |list: &str| -> Vec<String> { serde_json::from_value(volatile["report.md"][list].clone()).unwrap() };
    let (prefixes, sections) = (told("line_prefixes"), told("sections"));
    let mut is_volatile = false;
    let mut kept = Vec::new();
    for line in report.lines() {
        if line.starts_with("## ") {
            is_volatile = sections.iter().any(|section| line == section);
        }
        if !is_volatile && !prefixes.iter().any(|prefix| line.starts_with(prefix)) {
            kept.push(line);
        }
    }
    kept.join("\n")
}

fn check(report: &str, wanted: &[&str]) {
    for line in wanted {
        assert!(report.lines().any(|found| found == *line), "no line {line:?} in\n{report}");
    }
}

#[test]
fn a_report_says_what_was_made_and_what_was_not() {
    check(
        &render(&input()),
        &[
            "- Requested: 2023-11-14 22:13:20 UTC",
            "- Took: 1 h 02 min",
            "| Images approved | 2 of 3 |",
            "| Tries rejected | 3 |",
            "| Lines spoken | 1 of 2 |",
            "| Missing | 2 |",
            "- `line-b`: no voice. Try again: `hydra dead retry line-b`",
            "- 3 times: too dark",
            "- `image-a`",
            "| keeper | 2 | 1 | 1 min 01 s |",
            "- `scene-one`: 2 lines",
            "| studio 1 | 3 | 3.0 s | 1.0 s |",
            "- Attempts: 6",
        ],
    );
}

#[test]
fn scores_are_told_with_their_distribution() {
    check(
        &render(&input()),
        &[
            "Aesthetic, 0 to 10: 2 measured, lowest 6.0, median 7.0, highest 8.0",
            "Technical, 0 to 100: 2 measured, lowest 71.0, median 85.5, highest 100.0",
            "  8 –   9     1 ████████████████████████████████████████",
            " 90 – 100     1 ████████████████████████████████████████",
            "  0 –  10     0",
        ],
    );
}

#[test]
fn what_people_wrote_cannot_break_the_report() {
    check(
        &render(&input()),
        &[
            "# Storm \\| \\*and\\* &lt;b\\>Light&lt;/b\\>",
            "- `image-b` by A \\| B",
            "- `image-c`: two tries, all \\| rejected. Try again: `hydra dead retry image-c`",
        ],
    );
}

#[test]
fn a_disturbed_night_differs_only_where_it_may() {
    let calm = input();
    let mut disturbed = input();
    disturbed.chapter.requested_at += 5_000_000;
    disturbed.chapter.completed_at = Some(1_800_000_000_000_000);
    disturbed.images[0].duration_ms = 90_000;
    disturbed.images[0].attempts = 9;
    disturbed.images[1].crash_attempts = 3;
    assert_ne!(render(&calm), render(&disturbed));
    assert_eq!(steady(&render(&calm)), steady(&render(&disturbed)));
    assert!(steady(&render(&calm)).contains("| Images approved | 2 of 3 |"));
}

#[test]
fn a_chapter_without_anything_still_has_a_report() {
    let report = render(&ReportInput::default());
    check(&report, &["- Finished: not yet", "Nothing is missing."]);
}
