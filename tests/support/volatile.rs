//! What may differ between a run and a disturbed one: the fields of `tests/volatile-fields.json` and nothing else.

use std::collections::BTreeMap;

use serde_json::Value;

/// The files without what may differ.
pub fn stable(files: &BTreeMap<String, Vec<u8>>) -> BTreeMap<String, Vec<u8>> {
    let listed = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/volatile-fields.json");
    let listed: Value = serde_json::from_slice(&std::fs::read(listed).unwrap()).unwrap();
    let clean = |(path, bytes): (&String, &Vec<u8>)| {
        let name = path.rsplit('/').next().unwrap();
        let bytes = match (name, listed.get(name)) {
            (_, None) => bytes.clone(),
            (name, Some(rules)) if name.ends_with(".json") => document(bytes, rules),
            (_, Some(rules)) => text(bytes, rules),
        };
        (path.clone(), bytes)
    };
    files.iter().map(clean).collect()
}

fn document(bytes: &[u8], fields: &Value) -> Vec<u8> {
    let mut document: Value = serde_json::from_slice(bytes).unwrap();
    for field in words(fields) {
        let path: Vec<&str> = field.split('.').collect();
        assert!(take_out(&mut document, &path) > 0, "{field} is listed and is nowhere");
    }
    serde_json::to_vec_pretty(&document).unwrap()
}

/// How often the field was there.
fn take_out(value: &mut Value, path: &[&str]) -> usize {
    match (path, value) {
        ([field], Value::Object(fields)) => usize::from(fields.remove(*field).is_some()),
        (["*", rest @ ..], Value::Array(values)) => {
            values.iter_mut().map(|value| take_out(value, rest)).sum()
        }
        ([field, rest @ ..], Value::Object(fields)) => {
            fields.get_mut(*field).map_or(0, |value| take_out(value, rest))
        }
        _ => 0,
    }
}

/// A text without the listed lines and sections; a section ends at the next heading.
fn text(bytes: &[u8], rules: &Value) -> Vec<u8> {
    let (prefixes, sections) = (words(&rules["line_prefixes"]), words(&rules["sections"]));
    let mut left_out = false;
    let mut kept = String::new();
    for line in std::str::from_utf8(bytes).unwrap().lines() {
        if line.starts_with('#') {
            left_out = sections.contains(&line);
        }
        if !left_out && !prefixes.iter().any(|prefix| line.starts_with(prefix)) {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept.into_bytes()
}

fn words(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect()
}
