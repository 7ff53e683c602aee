//! A row as a point: what it is, what it was before, what it is found by, and where it lies.
//!
//! The row itself stands in one text, which nothing can change on the way; beside it stand those of its cells that it
//! may be found by, which are also what people and charts look for. Vectors lie in a place for each model, with the
//! length 1, so that their product is the cosine of their angle.

use std::collections::HashMap;

use hydra_events::{Id, Vector, vector};
use qdrant_client::qdrant::r#match::MatchValue;
use qdrant_client::qdrant::vectors::VectorsOptions;
use qdrant_client::qdrant::{Condition, NamedVectors, PointId, PointStruct, Value, Vectors};

use super::server::Failure;
use crate::likeness::{MODEL, VECTOR};
use crate::store::StoreError;
use crate::view::{Kind, Row, Table};

/// What a point has beside the cells of its row: the table.
pub(super) const TABLE: &str = "_table";
/// The turn it was written in.
pub(super) const TURN: &str = "_turn";
/// The row; none where it is gone.
const ROW: &str = "_row";
/// The row as it was before that turn; none where there was none.
const BEFORE: &str = "_before";

/// The most numbers that a vector may have here.
const DIMENSION_MAX: usize = 65_536;
/// Letters of a model's name in that of its place.
const MODEL_LETTERS: usize = 40;

/// A point that was read.
pub(super) struct Stored {
    pub(super) key: String,
    pub(super) turn: i64,
    pub(super) row: Option<Row>,
    pub(super) before: Option<Row>,
}

impl Stored {
    /// The point with this payload; `None` where it is none of ours.
    pub(super) fn read(payload: &HashMap<String, Value>) -> Result<Option<Self>, Failure> {
        let row = |name: &str| match payload.get(name).and_then(Value::as_str) {
            Some(text) => serde_json::from_str::<Row>(text).map(Some),
            None => Ok(None),
        };
        let Some(key) = key(payload) else { return Ok(None) };
        let Some(turn) = payload.get(TURN).and_then(Value::as_integer) else { return Ok(None) };
        Ok(Some(Self { key, turn, row: row(ROW)?, before: row(BEFORE)? }))
    }
}

/// The key of the row of a point.
pub(super) fn key(payload: &HashMap<String, Value>) -> Option<String> {
    payload.get("id").and_then(Value::as_str).cloned()
}

/// Which point a row is.
pub(super) fn id(table: &str, key: &str) -> PointId {
    let mut bytes = *Id::derive("qdrant point", &[table.as_bytes(), key.as_bytes()]).as_bytes();
    // As RFC 9562 has a UUID whose bits are one's own.
    bytes[6] = (bytes[6] & 0x0f) | 0x80;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex = Id::from(bytes).to_string();
    let parts = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
    parts.join("-").into()
}

/// The point of a row that was `before` and is `after`.
pub(super) fn point(
    table: &Table,
    key: &str,
    turn: i64,
    before: Option<&Row>,
    after: Option<&Row>,
) -> Result<PointStruct, Failure> {
    let mut payload: HashMap<String, Value> = HashMap::new();
    let mut put = |name: &str, value: Value| _ = payload.insert(name.to_owned(), value);
    for (column, kind) in table.columns {
        if let Some(value) = after.and_then(|row| cell(*kind, row.get(*column)?)) {
            put(column, value);
        }
    }
    put(TABLE, table.name.into());
    put(TURN, turn.into());
    put("id", key.into());
    for (name, row) in [(ROW, after), (BEFORE, before)] {
        if let Some(row) = row {
            put(name, serde_json::to_string(row)?.into());
        }
    }
    let mut vectors = NamedVectors::default();
    if let Some((place, unit)) = after.and_then(|row| Place::of_row(table, row)) {
        vectors.vectors.insert(place.name, unit.into());
    }
    let vectors = Some(Vectors { vectors_options: Some(VectorsOptions::Vectors(vectors)) });
    Ok(PointStruct { id: Some(id(table.name, key)), payload, vectors })
}

/// A cell that a row may be found by.
fn cell(kind: Kind, cell: &serde_json::Value) -> Option<Value> {
    match kind {
        Kind::Text | Kind::TextOr(_) => cell.as_str().map(Value::from),
        Kind::Integer | Kind::Time => cell.as_i64().map(Value::from),
        Kind::Real | Kind::Json | Kind::Vector => None,
    }
}

/// Says that a column has this value.
pub(super) fn is(table: &Table, column: &str, value: &serde_json::Value) -> Result<Condition, Failure> {
    let refused = || StoreError::Refused(format!("{} are not found by {column} in Qdrant", table.name));
    let value: MatchValue = match table.kind(column).ok_or_else(refused)? {
        Kind::Text | Kind::TextOr(_) => value.as_str().map(str::to_owned).ok_or_else(refused)?.into(),
        Kind::Integer | Kind::Time => value.as_i64().ok_or_else(refused)?.into(),
        Kind::Real | Kind::Json | Kind::Vector => return Err(refused().into()),
    };
    Ok(Condition::matches(column, value))
}

/// Where the vectors of one model and dimension lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// What it is called: after the model, for people, and after a hash of it, for certain.
    pub(super) name: String,
    pub(super) dimension: usize,
}

impl Place {
    pub(super) fn of(model: &str, dimension: usize) -> Option<Self> {
        if !(1..=DIMENSION_MAX).contains(&dimension) {
            return None;
        }
        let letter = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
        let readable: String = model.chars().take(MODEL_LETTERS).map(letter).collect();
        let hash = Id::derive("qdrant model", &[model.as_bytes()]).to_string();
        Some(Self { name: format!("{readable}-{}-{dimension}", &hash[..12]), dimension })
    }

    /// Where the vector of a row lies, and the vector as it lies there; `None` for a row that is near to nothing.
    fn of_row(table: &Table, row: &Row) -> Option<(Self, Vec<f32>)> {
        if table.kind(VECTOR) != Some(Kind::Vector) {
            return None;
        }
        let model = row.get(MODEL)?.as_str()?;
        let vector = Vector::from_bytes(&vector::bytes_of(row.get(VECTOR)?.as_str()?)?)?;
        Some((Self::of(model, vector.dimension())?, unit(&vector)?))
    }

    /// The place that a point of this row needs.
    pub(super) fn needed(table: &Table, row: &Row) -> Option<Self> {
        Self::of_row(table, row).map(|(place, _)| place)
    }
}

/// The vector in the same direction whose length is 1.
pub(super) fn unit(vector: &Vector) -> Option<Vec<f32>> {
    if !vector.has_direction() {
        return None;
    }
    let squares: f64 = vector.0.iter().map(|number| f64::from(*number) * f64::from(*number)).sum();
    let length = squares.sqrt();
    Some(vector.0.iter().map(|number| (f64::from(*number) / length) as f32).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::long_term::IMAGES;

    fn row(value: serde_json::Value) -> Row {
        let serde_json::Value::Object(row) = value else { panic!("no object") };
        row
    }

    #[test]
    fn a_point_tells_what_a_row_is_and_was_and_what_it_is_found_by() {
        let vector = Vector(vec![3.0, 0.0, -4.0]);
        let before = row(json!({"id": "a", "scene": "old", "approved": 0}));
        let after = row(json!({"id": "a", "scene": "", "approved": 1, "at": i64::MIN, "model": "A/b:1",
            "vector": vector.to_string()}));
        let Ok(point) = point(&IMAGES, "a", 7, Some(&before), Some(&after)) else { panic!("no point") };
        let Ok(Some(stored)) = Stored::read(&point.payload) else { panic!("not read") };
        assert_eq!((stored.key.as_str(), stored.turn), ("a", 7));
        assert_eq!((stored.row, stored.before), (Some(after), Some(before)));
        assert_eq!(point.payload["at"].as_integer(), Some(i64::MIN));
        assert!(!point.payload.contains_key("vector"));
        let Some(Vectors { vectors_options: Some(VectorsOptions::Vectors(vectors)) }) = point.vectors else {
            panic!("no vectors")
        };
        let names: Vec<_> = vectors.vectors.keys().collect();
        assert_eq!(names, [&Place::of("A/b:1", 3).unwrap().name]);
        assert!(names[0].starts_with("a-b-1-") && names[0].ends_with("-3"), "{names:?}");
    }

    #[test]
    fn a_vector_is_made_as_long_as_one_however_long_it_is() {
        for (vector, expected) in [
            (vec![3.0, 0.0, -4.0], Some(vec![0.6, 0.0, -0.8])),
            (vec![f32::MAX, 0.0], Some(vec![1.0, 0.0])),
            (vec![1e-40, 0.0], Some(vec![1.0, 0.0])),
            (vec![0.0, 0.0], None),
            (vec![f32::INFINITY, 0.0], None),
            (vec![], None),
        ] {
            assert_eq!(unit(&Vector(vector.clone())), expected, "{vector:?}");
        }
    }

    #[test]
    fn keys_are_different_points_in_different_tables() {
        let ids = [id("a", "b"), id("ab", ""), id("b", "a"), id("a", "b")];
        assert_eq!(ids[0], ids[3]);
        assert!(ids[0] != ids[1] && ids[1] != ids[2] && ids[0] != ids[2]);
    }
}
