//! What a text consists of, in short, for tests; not every test needs all of it.

#![allow(dead_code)]

use hydra_actors::fountain::{Element, parse};

/// `kind: text` of every element.
pub fn pieces(text: &str) -> Vec<String> {
    parse(text).elements.iter().map(|element| format!("{}: {}", kind(element), element.text)).collect()
}

/// The name of a kind as JSON has it.
pub fn kind(element: &Element) -> String {
    let json = serde_json::to_value(element).unwrap_or_default();
    json["kind"].as_str().unwrap_or_default().to_owned()
}

/// Checks what a text consists of, as `kind: text`.
pub fn check(text: &str, expected: &[&str]) {
    assert_eq!(pieces(text), expected, "in {text:?}");
}

/// Checks what a text is with an empty line and a heading around it.
pub fn check_alone(text: &str, expected: &[&str]) {
    let all = [&["scene_heading: INT. A"], expected, &["scene_heading: INT. B"]].concat();
    check(&format!("INT. A\n\n{text}\n\nINT. B\n"), &all);
}

/// `line:column message` of every problem.
pub fn messages(text: &str) -> Vec<String> {
    let problems = parse(text).problems;
    problems
        .iter()
        .map(|problem| format!("{}:{} {}", problem.line, problem.column, problem.message))
        .collect()
}
