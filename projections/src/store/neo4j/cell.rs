//! The cells of a row as properties, on the way there and back.
//!
//! A document is a text: a property holds no map. A moment is its microseconds, which no type of this driver could hold.

use neo4rs::{BoltList, BoltMap, BoltType};
use serde_json::{Map, Value};

use super::session::Failure;
use crate::view::{Kind, Row, Table, normal};

/// A property that a node or a connection of ours has beside the cells: the form it belongs to.
pub(super) const BUILD: &str = "_build";
/// Another: that the node is a row, and not only where a connection ends.
pub(super) const ROW: &str = "_row";

/// What a message holds beside its statement. The driver leaves Nagle's algorithm on and sends what does not fit its buffer
/// of 8 KiB in two writes, the second of which then waits for the server's delayed acknowledgement: some 40 ms.
const PORTION_BYTES: usize = 7_000;
/// The longest marker of a value in PackStream, which is a whole number's too.
const HEAD_BYTES: usize = 9;

/// The value to compare a column with, or to put into it.
pub(super) fn value(kind: Kind, value: &Value) -> Option<BoltType> {
    match kind {
        Kind::Text | Kind::TextOr(_) => Some(match value.as_str() {
            Some(text) => text.into(),
            None => value.to_string().into(),
        }),
        Kind::Integer | Kind::Time => value.as_i64().map(BoltType::from),
        Kind::Real => value.as_f64().map(BoltType::from),
        Kind::Json => Some(value.to_string().into()),
        // As it is written: nobody asks a graph what is near.
        Kind::Vector => value.as_str().map(BoltType::from),
    }
}

/// The properties of a row: its cells but for those in the columns that are left out, and what else it is found by.
pub(super) fn properties(table: &Table, row: &Row, build: &str, left_out: &[&str]) -> BoltMap {
    let mut cells = BoltMap::with_capacity(row.len() + 2);
    cells.put(BUILD.into(), build.into());
    for (name, cell) in
        row.iter().filter(|(name, cell)| !cell.is_null() && !left_out.contains(&name.as_str()))
    {
        let kind = table.kind(name).unwrap_or(Kind::Text);
        if let Some(cell) = value(kind, cell) {
            cells.put(name.as_str().into(), cell);
        }
    }
    cells
}

/// The row with these properties.
pub(super) fn row(table: &Table, mut cells: Map<String, Value>) -> Result<Row, Failure> {
    let mut row = Row::new();
    if let Some(id) = cells.remove("id") {
        row.insert("id".to_owned(), id);
    }
    for (name, kind) in table.columns {
        let cell = match (cells.remove(*name), kind) {
            (None | Some(Value::Null), _) => continue,
            (Some(Value::String(text)), Kind::Json) => normal(Kind::Json, serde_json::from_str(&text)?),
            (Some(cell), kind) => normal(*kind, cell),
        };
        if !cell.is_null() {
            row.insert((*name).to_owned(), cell);
        }
    }
    Ok(row)
}

/// Parameters to unwind, each of as many of `values` as one message to the server should hold.
pub(super) fn portions(values: impl IntoIterator<Item = BoltType>) -> Vec<BoltType> {
    let (mut portions, mut portion, mut held) = (Vec::new(), Vec::new(), 0);
    for value in values {
        let size = size(&value);
        if held + size > PORTION_BYTES && !portion.is_empty() {
            portions.push(std::mem::take(&mut portion));
            held = 0;
        }
        held += size;
        portion.push(value);
    }
    if !portion.is_empty() {
        portions.push(portion);
    }
    portions.into_iter().map(|portion| BoltType::List(BoltList::from(portion))).collect()
}

/// What a value takes in a message, at most.
fn size(value: &BoltType) -> usize {
    let inner = if let BoltType::String(text) = value {
        text.value.len()
    } else if let BoltType::List(list) = value {
        list.value.iter().map(size).sum()
    } else if let BoltType::Map(map) = value {
        map.value.iter().map(|(name, value)| HEAD_BYTES + name.value.len() + size(value)).sum()
    } else {
        0
    };
    HEAD_BYTES + inner
}

/// A map of some named values.
pub(super) fn map<const N: usize>(cells: [(&str, BoltType); N]) -> BoltType {
    BoltType::Map(cells.into_iter().map(|(name, cell)| (name.into(), cell)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::Lasts;
    use serde_json::json;

    const TABLE: Table = Table {
        name: "things",
        columns: &[
            ("text", Kind::Text),
            ("number", Kind::Integer),
            ("amount", Kind::Real),
            ("document", Kind::Json),
        ],
        indexes: &[],
        lasts: Lasts::Always,
    };

    #[test]
    fn a_row_has_the_cells_that_its_properties_tell() {
        let cells = json!({"id": "a", "_build": "b", "_row": true, "text": "x", "number": i64::MIN, "amount": 2.0,
            "document": "{\"n\":[1,\"灯\"]}"});
        let Value::Object(cells) = cells else { panic!("no object") };
        let Ok(found) = row(&TABLE, cells) else { panic!("the document was not read") };
        let expected =
            json!({"id": "a", "text": "x", "number": i64::MIN, "amount": 2.0, "document": {"n": [1, "灯"]}});
        assert_eq!(Value::Object(found), expected);
    }

    #[test]
    fn what_is_null_or_left_out_is_no_property() {
        let row = json!({"id": "a", "text": null, "number": 7, "document": [null]});
        let Value::Object(row) = row else { panic!("no object") };
        let found = properties(&TABLE, &row, "b", &["number"]);
        let mut names: Vec<&str> = found.value.keys().map(|name| name.value.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["_build", "document", "id"]);
    }

    #[test]
    fn portions_hold_everything_in_its_order_and_fit_one_message() {
        let long = "灯".repeat(PORTION_BYTES);
        let values = || (0..2_000).map(|number| map([("id", format!("{number:0>200}").into())]));
        let values = || values().chain([long.as_str().into()]).chain(values());
        let portions = portions(values());
        let mut all = Vec::new();
        for portion in portions {
            let BoltType::List(list) = portion else { panic!("a portion is unwound") };
            let held: usize = list.value.iter().map(size).sum();
            assert!(held <= PORTION_BYTES || list.value.len() == 1, "{held} bytes in one of several values");
            let ends_a_run = [2_000, 4_001].contains(&(all.len() + list.value.len()));
            assert!(held > PORTION_BYTES / 2 || ends_a_run, "half empty");
            all.extend(list.value);
        }
        assert_eq!(all, values().collect::<Vec<_>>());
    }

    #[test]
    fn nothing_is_no_portion() {
        assert!(portions([]).is_empty());
    }
}
