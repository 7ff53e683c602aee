//! What a chapter warns of and refuses, with the place of it.

use hydra_actors::fountain::{Severity, parse};
use hydra_actors::screenplay::{BEATS_MAX, CHARACTERS_MAX, SCENES_MAX, Script, understand};

fn script(text: &str) -> Script {
    understand(&parse(text), "night_watch")
}

fn messages(text: &str, severity: Severity) -> Vec<String> {
    let problems = script(text).problems.into_iter().filter(|problem| problem.severity == severity);
    problems.map(|problem| format!("{}:{} {}", problem.line, problem.column, problem.message)).collect()
}

fn has(messages: &[String], start: &str) -> bool {
    messages.iter().any(|message| message.starts_with(start))
}

#[test]
fn a_text_without_a_heading_is_an_error() {
    for text in ["", "Hi.\n", "JO\nHi.\n", "/* INT. A */"] {
        assert!(has(&messages(text, Severity::Error), "1:1 no scene: write a heading"), "{text:?}");
    }
}

#[test]
fn slips_in_names_are_warned_of_with_their_place() {
    let text = "INT. A\n\nMARGARET\nHi.\n\nMARGRET\nHo.\n\nMARGARET\nHa.\n\nGUARD 1\nA.\n\nGUARD 2\nB.\n";
    let found = messages(text, Severity::Warning);
    assert!(has(&found, "6:1 `MARGRET` is nearly `MARGARET`"), "{found:?}");
    assert!(has(&found, "6:1 `MARGRET` speaks only once"), "{found:?}");
    assert!(!found.iter().any(|message| message.contains("`GUARD 1` is nearly")), "{found:?}");
    assert!(!found.iter().any(|message| message.contains("`MARGARET` speaks only once")), "{found:?}");
}

#[test]
fn warnings_of_the_syntax_are_among_the_problems_in_order() {
    let text = "INT. A\n\nHi /* there.\nEXT. B\n\n[[x\n\nJO\nHi.\n";
    let script = script(text);
    let places: Vec<u32> = script.problems.iter().map(|problem| problem.line).collect();
    assert_eq!(places, [3, 4, 6, 8]);
}

#[test]
fn the_limits_are_errors_and_end_the_reading() {
    let scenes = script(&"INT. A\n\n".repeat(SCENES_MAX + 2));
    assert_eq!(scenes.scenes.len(), SCENES_MAX);
    assert!(scenes.problems.iter().any(|problem| problem.message.starts_with("more than 500 scenes")));

    let beats = script(&format!("INT. A\n\n{}", ">X<\n".repeat(BEATS_MAX + 2)));
    assert_eq!(beats.scenes[0].beats.len(), BEATS_MAX);
    assert_eq!(beats.problems.len(), 1);

    let cues: String = (0..CHARACTERS_MAX + 2).map(|n| format!("A{n}\nHi.\n\n")).collect();
    let cast = script(&format!("INT. A\n\n{cues}"));
    assert_eq!(cast.cast.len(), CHARACTERS_MAX);
    assert!(cast.problems.iter().any(|problem| problem.message.starts_with("more than 200 characters")));

    let name = "N".repeat(61);
    let found = messages(&format!("INT. A\n\n{name}\nHi.\n"), Severity::Error);
    assert!(has(&found, "3:1 a name of 61 characters"), "{found:?}");
}

#[test]
fn two_mebibytes_of_anything_are_understood() {
    let texts = [
        format!("INT. A\n\n{}", "*a b*. ".repeat(290_000)),
        format!("INT. A\n\nJO\n({})\nHi.\n", "sad ".repeat(520_000)),
        format!("INT. A\n\n{}\nHi.\n", "N".repeat(2_000_000)),
        "INT. A\n\n".repeat(200_000),
        format!("INT. A\n\n{}", "A (odd)\nHi.\n\n".repeat(140_000)),
    ];
    for text in texts {
        let problems = script(&text).problems;
        assert!(problems.len() < 500 && problems.iter().all(|problem| problem.message.len() < 500));
    }
}
