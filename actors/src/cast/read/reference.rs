//! References: a file, where it is from, under which licence, and whom it shows by whose leave.

use super::super::document::{Node, Value};
use super::super::reader::Reader;
use super::super::rules::{self, TEXT_CHARS_MAX};
use super::super::{Consent, PlacedReference, ProfileProblem, Reference, References};
use super::{by_name, required};

const SUBJECTS: &str = "`fictional`, `not a person`, or {subject: real_person, given_by, date, scope}";

pub(super) fn references(reader: &mut Reader, node: &Node, placed: &mut Vec<PlacedReference>) -> References {
    let fields = reader.fields(node, "references", &["face_ref", "outfit_refs", "pose_refs"]);
    let face_ref = fields.get("face_ref").and_then(|node| reference(reader, node, placed));
    let mut group = |key| match fields.get(key) {
        Some(node) => by_name(reader, node, key, |reader, node| reference(reader, node, placed)),
        None => Default::default(),
    };
    References { face_ref, outfit_refs: group("outfit_refs"), pose_refs: group("pose_refs") }
}

fn reference(reader: &mut Reader, node: &Node, placed: &mut Vec<PlacedReference>) -> Option<Reference> {
    let fields = reader.fields(node, "a reference", &["file", "source", "licence", "consent"]);
    let mut part = |key: &str, why: &str| {
        let text =
            fields.get(key).and_then(|node| required(reader, node, key)).filter(|text| !text.is_empty());
        if text.is_none() {
            reader.problem(fields.place(), format!("a reference needs `{key}`: {why}"));
        }
        text
    };
    let file = part("file", "the image's path, relative to this file");
    let source = part("source", "where the image is from");
    let licence = part("licence", "under which licence it is used");
    if fields.get("consent").is_none() {
        reader.problem(fields.place(), format!("a reference needs `consent`: {SUBJECTS}"));
    }
    let consent = fields.get("consent").and_then(|node| consent(reader, node));
    let (file, source, licence, consent) = (file?, source?, licence?, consent?);
    reader.holds(node.place, rules::text("source", &source, TEXT_CHARS_MAX));
    reader.holds(node.place, rules::text("licence", &licence, TEXT_CHARS_MAX));
    let at = fields.get("file").map_or(node.place, |node| node.place);
    if reader.holds(at, rules::path(&file)) {
        placed.push(PlacedReference { file: file.clone(), line: at.line, column: at.column });
    }
    Some(Reference { file, source, licence, consent })
}

fn consent(reader: &mut Reader, node: &Node) -> Option<Consent> {
    match &node.value {
        Value::Plain(text) | Value::Quoted(text) => subject(reader, node, text),
        Value::Map(_) => recorded(reader, node),
        Value::Null | Value::List(_) => {
            reader.problem(node.place, format!("consent must be {SUBJECTS}"));
            None
        }
    }
}

/// A consent that is only the subject's kind.
fn subject(reader: &mut Reader, node: &Node, text: &str) -> Option<Consent> {
    let word = text.trim().to_ascii_lowercase().replace([' ', '-'], "_");
    let message = match word.as_str() {
        "fictional" => return Some(Consent::Fictional),
        "not_a_person" => return Some(Consent::NotAPerson),
        "real_person" => ProfileProblem::RealPersonWithoutConsent("the record").to_string(),
        _ => format!("consent `{text}` says nothing, write {SUBJECTS}"),
    };
    reader.problem(node.place, message);
    None
}

fn recorded(reader: &mut Reader, node: &Node) -> Option<Consent> {
    let fields = reader.fields(node, "consent", &["subject", "given_by", "date", "scope"]);
    let word = fields.get("subject").and_then(|node| reader.text(node, "subject"));
    let Some(word) = word else {
        reader.problem(node.place, format!("consent needs a `subject`: {SUBJECTS}"));
        return None;
    };
    if word.replace([' ', '-'], "_") != "real_person" {
        return subject(reader, node, &word);
    }
    let mut part = |key| fields.get(key).and_then(|node| reader.text(node, key)).unwrap_or_default();
    let consent =
        Consent::RealPerson { given_by: part("given_by"), date: part("date"), scope: part("scope") };
    reader.holds(node.place, rules::consent(&consent)).then_some(consent)
}
