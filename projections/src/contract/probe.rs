//! A view for testing stores: its events say themselves what they change.

use std::collections::BTreeMap;
use std::sync::Arc;

use hydra_events::Id;
use hydra_events::contract::sample;
use hydra_events::record::{Codec, Position, Recorded};
use hydra_events::wire::WireError;
use serde_json::{Map, Value, json};

use crate::batch::{Batch, Quarantined};
use crate::store::{Applied, Checkpoint, Generation, ViewStore, Which};
use crate::view::Kind::{Integer, Json, Real, Text, TextOr, Time, Vector};
use crate::view::Lasts::Always;
use crate::view::{Row, Table, View, ViewOp};

/// The view.
pub static VIEW: View = View { name: "probe", version: 2, tables: TABLES, edges: None, apply };
/// What it was before.
pub static EARLIER: View = View { name: "probe", version: 1, tables: EARLIER_TABLES, edges: None, apply };

const TABLES: &[Table] = &[
    Table {
        name: "things",
        columns: &[
            ("text", Text),
            ("state", TextOr("it's new")),
            ("number", Integer),
            ("amount", Real),
            ("moment", Time),
            ("document", Json),
            ("list", Json),
            ("vector", Vector),
        ],
        indexes: &["text", "state", "number", "moment"],
        lasts: Always,
    },
    Table { name: "marks", columns: &[], indexes: &[], lasts: Always },
];

const EARLIER_TABLES: &[Table] = &[Table {
    name: "things",
    columns: &[("number", Text), ("list", Integer)],
    indexes: &["number"],
    lasts: Always,
}];

/// Rows of a view by table.
pub type Tables = BTreeMap<&'static str, Vec<Row>>;

/// A payload is a list of `{"table", "id", "set"?, "add"?, "push"?}`, or of `{"table", "id", "delete": true}`.
fn apply(event: &Recorded) -> Result<Vec<ViewOp>, WireError> {
    let kind = event.kind.clone();
    let changes: Vec<Value> =
        serde_json::from_slice(&event.payload).map_err(|source| WireError::Payload { kind, source })?;
    Ok(changes.iter().filter_map(operation).collect())
}

fn operation(change: &Value) -> Option<ViewOp> {
    let table = TABLES.iter().find(|table| table.name == change["table"])?;
    let id = change["id"].as_str()?;
    if change["delete"] == true {
        return Some(ViewOp::delete(table.name, id));
    }
    let column =
        |name: &str| table.columns.iter().find(|(column, _)| *column == name).map(|(column, _)| *column);
    let mut op = ViewOp::put(table.name, id);
    for (name, value) in cells(change, "set") {
        op = op.set(column(name)?, value.clone());
    }
    for (name, value) in cells(change, "add") {
        op = op.add(column(name)?, value.as_i64()?);
    }
    for (name, value) in cells(change, "push") {
        op = op.push(column(name)?, value.clone());
    }
    Some(op)
}

fn cells<'a>(change: &'a Value, what: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    change[what].as_object().into_iter().flatten()
}

/// A table of the view.
pub fn table(name: &str) -> &'static Table {
    VIEW.table(name).unwrap()
}

/// A log of events with these payloads.
pub fn events(payloads: &[Value]) -> Vec<Recorded> {
    let records = sample::history(payloads.len() as u64).into_iter().zip(payloads);
    let event = |(mut record, payload): (Recorded, &Value)| {
        record.payload = payload.to_string().into_bytes();
        record.codec = Codec::Json;
        record
    };
    records.map(event).collect()
}

/// Events with every kind of change, about a few rows that come and go.
pub fn story() -> Vec<Recorded> {
    let thing = |id: usize, change: Value| {
        let mut all = json!({"table": "things", "id": format!("thing-{id}")});
        all.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        all
    };
    let payloads: Vec<Value> = (0..60_usize)
        .map(|n| match n % 7 {
            0 => json!([thing(n % 5, json!({"set": {"text": format!("text {n}"), "amount": n as f64 / 3.0}}))]),
            1 => json!([thing(n % 3, json!({"add": {"number": n}, "push": {"list": {"n": n}}}))]),
            2 => json!([thing(n % 4, json!({"set": {"state": null, "document": {"n": [n]}}})), {"table": "marks", "id": format!("m{}", n % 6)}]),
            3 => json!([thing(n % 5, json!({"push": {"list": n}})), thing(n % 5, json!({"add": {"number": -1}}))]),
            4 => json!([thing(n % 6, json!({"set": {"moment": 1_700_000_000_000_001_i64 + n as i64, "number": n}}))]),
            5 => json!([thing(n % 8, json!({"delete": true})), {"table": "marks", "id": format!("m{}", n % 4), "delete": true}]),
            _ => json!([thing(n % 8, json!({"delete": true})), thing(n % 8, json!({"set": {"list": ["again"]}}))]),
        })
        .collect();
    events(&payloads)
}

/// The log the events are of.
pub fn log() -> Id {
    Id::of_outside("contract", "log")
}

/// A batch of all of `events` after `after`.
pub fn batch(after: Position, events: &[Recorded]) -> Batch {
    let end = events.last().map_or(after, |event| event.position);
    Batch::fold(&VIEW, log(), after, events, end)
}

/// The rows that `events` come to, without a store.
pub fn right(events: &[Recorded]) -> Tables {
    let mut rows = BTreeMap::new();
    for event in events {
        for written in batch(event.position - 1, std::slice::from_ref(event)).onto(&VIEW, &rows) {
            let place = (written.table.name, written.id);
            match written.row {
                Some(row) => _ = rows.insert(place, row),
                None => _ = rows.remove(&place),
            }
        }
    }
    let mut tables: Tables = TABLES.iter().map(|table| (table.name, Vec::new())).collect();
    for ((table, _), row) in rows {
        tables.entry(table).or_default().push(row);
    }
    tables
}

/// A store under test with one generation of the view.
pub struct Probe {
    /// The store.
    pub store: Arc<dyn ViewStore>,
    /// The generation.
    pub of: Generation,
}

impl Probe {
    /// The generation, made anew.
    pub async fn fresh(store: &Arc<dyn ViewStore>, of: Generation) -> Self {
        store.reset(&VIEW, of, log()).await.unwrap();
        Self { store: Arc::clone(store), of }
    }

    /// The generation, as it is.
    pub fn found(store: &Arc<dyn ViewStore>, of: Generation) -> Self {
        Self { store: Arc::clone(store), of }
    }

    /// Applies a batch.
    pub async fn apply(&self, batch: Batch) -> Applied {
        self.store.apply(&VIEW, self.of, batch).await.unwrap()
    }

    /// Applies all of `events` after `after`, which must follow.
    pub async fn take(&self, after: Position, events: &[Recorded]) {
        assert_eq!(self.apply(batch(after, events)).await, Applied::Done);
    }

    /// How far it is.
    pub async fn checkpoint(&self) -> Option<Checkpoint> {
        self.store.checkpoint(&VIEW, self.of).await.unwrap()
    }

    /// The position it has seen.
    pub async fn position(&self) -> Position {
        self.checkpoint().await.unwrap().position
    }

    /// Some rows of the table of things.
    pub async fn things(&self, which: Which) -> Vec<Row> {
        self.store.rows(&VIEW, self.of, table("things"), which).await.unwrap().rows
    }

    /// All rows.
    pub async fn tables(&self) -> Tables {
        let mut tables = Tables::new();
        for table in VIEW.tables {
            let found = self.store.rows(&VIEW, self.of, table, Which::All).await.unwrap();
            tables.insert(table.name, found.rows);
        }
        tables
    }

    /// What it goes on without.
    pub async fn quarantined(&self) -> Vec<Quarantined> {
        self.store.quarantined(&VIEW, self.of).await.unwrap()
    }
}

/// A row from JSON.
pub fn row(value: Value) -> Row {
    match value {
        Value::Object(row) => row,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
    }
}
