//! What an audit found, as the log records it.

use anyhow::Result;
use hydra_events::StreamName;
use hydra_events::vocabulary::memory::MemoryCommand;
use hydra_projections::Drift;
use hydra_projections::view::Row;
use serde_json::{Map, Value};

/// The most a value may say of a row, in bytes; a longer one is told by its beginning.
const CELL_BYTES_MAX: usize = 2_000;

/// The command that records `drift`, and the stream it goes to.
pub fn report(drift: &Drift) -> Result<(StreamName, MemoryCommand)> {
    let (is, should) = cells(drift);
    let Drift { view, table, key, position, mended, .. } = drift;
    let (table, key) = ((*table).to_owned(), key.clone());
    let command = MemoryCommand::ReportDrift { table, key, position: *position, is, should, mended: *mended };
    Ok((StreamName::try_new("memory", view)?, command))
}

/// The cells that differ, as they are and as they should be; null for a row that is not there.
pub fn cells(drift: &Drift) -> (Value, Value) {
    let Drift { is, should, .. } = drift;
    (differing(is.as_ref(), should.as_ref()), differing(should.as_ref(), is.as_ref()))
}

fn differing(row: Option<&Row>, other: Option<&Row>) -> Value {
    let Some(row) = row else { return Value::Null };
    let columns = row.keys().chain(other.into_iter().flat_map(Map::keys));
    let differs = |column: &&String| other.is_none_or(|other| other.get(*column) != row.get(*column));
    let cell = |column: &String| (column.clone(), row.get(column).map_or(Value::Null, shortened));
    Value::Object(columns.filter(differs).map(cell).collect())
}

fn shortened(value: &Value) -> Value {
    let text = value.to_string();
    if text.len() <= CELL_BYTES_MAX {
        return value.clone();
    }
    let end = text.floor_char_boundary(CELL_BYTES_MAX);
    format!("{}… ({} bytes)", &text[..end], text.len()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn drift(is: Value, should: Value) -> Drift {
        let row = |value: Value| value.as_object().cloned();
        let (view, table, key) = ("procedural", "images", "image-a".to_owned());
        Drift { view, table, key, position: 7, is: row(is), should: row(should), mended: false }
    }

    #[test]
    fn only_the_cells_that_differ_are_told() {
        for (is, should, expected) in [
            (json!({"id": "a", "n": 1}), json!({"id": "a", "n": 2}), (json!({"n": 1}), json!({"n": 2}))),
            (json!({"id": "a"}), json!({"id": "a", "n": 2}), (json!({"n": null}), json!({"n": 2}))),
            (json!(null), json!({"id": "a"}), (json!(null), json!({"id": "a"}))),
            (json!({"id": "a"}), json!(null), (json!({"id": "a"}), json!(null))),
        ] {
            assert_eq!(cells(&drift(is, should)), expected);
        }
    }

    #[test]
    fn a_value_without_end_is_told_by_its_beginning() {
        let long = "ü".repeat(3_000);
        let (is, _) = cells(&drift(json!({"id": "a", "text": long}), json!({"id": "a"})));
        let told = is["text"].as_str().unwrap();
        assert!(told.ends_with("… (6002 bytes)") && told.len() < 2_100, "{told}");
    }
}
