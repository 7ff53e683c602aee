//! What is nearest in Qdrant, beside what is nearest in the embedded store.

use std::sync::Arc;

use hydra_events::Vector;
use hydra_events::record::Recorded;
use hydra_events::wire::WireError;
use hydra_projections::batch::Batch;
use hydra_projections::contract::probe;
use hydra_projections::likeness::{Nearest, nearest};
use hydra_projections::store::{Applied, Generation};
use hydra_projections::view::Kind::{Integer, Text};
use hydra_projections::view::{Kind, Lasts, Table, View, ViewOp};
use hydra_projections::{SqliteStore, ViewStore};
use serde_json::{Value, json};

use super::place::Place;

const LIVE: Generation = Generation::Live;
const DIMENSION: usize = 6;
const TEXTS: usize = 400;
const ALIKE: usize = 150;

pub static VIEW: View = View { name: "probe_near", version: 1, tables: TABLES, edges: None, apply };

const COLUMNS: &[(&str, Kind)] =
    &[("scene", Text), ("approved", Integer), ("model", Text), ("vector", Kind::Vector)];
const TABLES: &[Table] = &[
    Table { name: "texts", columns: COLUMNS, indexes: &["scene"], lasts: Lasts::Always },
    Table { name: "others", columns: COLUMNS, indexes: &[], lasts: Lasts::Always },
];

/// A payload is a list of `{"table", "id", COLUMN: VALUE…}`, or of `{"table", "id", "delete": true}`.
fn apply(event: &Recorded) -> Result<Vec<ViewOp>, WireError> {
    let kind = event.kind.clone();
    let changes: Vec<Value> =
        serde_json::from_slice(&event.payload).map_err(|source| WireError::Payload { kind, source })?;
    Ok(changes.iter().map(operation).collect())
}

fn operation(change: &Value) -> ViewOp {
    let table = TABLES.iter().find(|table| table.name == change["table"]).unwrap();
    let id = change["id"].as_str().unwrap();
    if change["delete"] == true {
        return ViewOp::delete(table.name, id);
    }
    let told = table.columns.iter().filter_map(|(column, _)| Some((*column, change.get(*column)?)));
    told.fold(ViewOp::put(table.name, id), |op, (column, value)| op.set(column, value.clone()))
}

/// Numbers that are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    fn vector(&mut self, dimension: usize) -> Vector {
        Vector((0..dimension).map(|_| self.next() as f32 / 1e9 - 1.0).collect())
    }
}

/// Texts of two models and two dimensions; many that are alike, some that are near to nothing, some that have moved or
/// are gone.
pub fn story() -> Vec<Recorded> {
    let mut numbers = Numbers(7);
    let mut payloads = Vec::new();
    for n in 0..TEXTS {
        let (model, dimension) =
            if n % 5 == 0 { ("another:1", DIMENSION - 1) } else { ("model/2", DIMENSION) };
        let vector = match n {
            _ if n % 41 == 0 => Vector(vec![0.0; dimension]),
            _ if n % 43 == 0 => Vector(vec![f32::MAX; dimension]),
            _ if n < ALIKE => Vector(vec![0.5; dimension]),
            _ => numbers.vector(dimension),
        };
        let table = if n % 9 == 0 { "others" } else { "texts" };
        payloads.push(
            json!([{"table": table, "id": format!("text {}", n * 7 % TEXTS), "scene": format!("s{}", n % 3),
            "approved": n % 2, "model": model, "vector": vector.to_string()}]),
        );
    }
    for n in 0..TEXTS / 10 {
        let id = format!("text {}", n * 9);
        payloads.push(match n % 3 {
            0 => json!([{"table": "texts", "id": id, "delete": true}]),
            1 => json!([{"table": "texts", "id": id, "vector": null}]),
            _ => json!([{"table": "texts", "id": id, "scene": "s9", "vector": numbers.vector(DIMENSION).to_string()}]),
        });
    }
    probe::events(&payloads)
}

pub fn batch(after: u64, events: &[Recorded]) -> Batch {
    Batch::fold(&VIEW, probe::log(), after, events, events.last().unwrap().position)
}

async fn filled(store: &Arc<dyn ViewStore>, events: &[Recorded]) {
    store.reset(&VIEW, LIVE, probe::log()).await.unwrap();
    for page in events.chunks(37) {
        let applied = store.apply(&VIEW, LIVE, batch(page[0].position - 1, page)).await.unwrap();
        assert_eq!(applied, Applied::Done);
    }
}

#[tokio::test]
#[cfg_attr(not(qdrant_is_named), ignore = "needs a Qdrant: HYDRA_TEST_QDRANT names one")]
async fn what_is_nearest_is_so_in_both_stores_with_the_same_scores() {
    let place = Place::named();
    let embedded: Arc<dyn ViewStore> = Arc::new(SqliteStore::in_memory().unwrap());
    let store: Arc<dyn ViewStore> = Arc::new(place.store());
    let story = story();
    filled(&embedded, &story).await;
    filled(&store, &story).await;
    let mut numbers = Numbers(1);
    let (mut compared, mut some) = (0, 0);
    for (model, dimension) in
        [("model/2", DIMENSION), ("another:1", DIMENSION - 1), ("model/2", 2), ("none", 3)]
    {
        let alike = Vector(vec![0.5; dimension]);
        for vector in [alike, numbers.vector(dimension), numbers.vector(dimension)] {
            for (limit, scene, approved) in [
                (0, None, None),
                (1, None, None),
                (10, Some("s1"), None),
                (25, None, Some(1)),
                (1_000, Some("s9"), Some(0)),
            ] {
                let scene = scene.map(|scene| ("scene", Value::from(scene)));
                let filters = scene.into_iter().chain(approved.map(|value: i64| ("approved", value.into())));
                let asked = Nearest {
                    vector: vector.clone(),
                    model: model.into(),
                    filters: filters.collect(),
                    limit,
                };
                for table in TABLES {
                    let right = nearest(embedded.as_ref(), &VIEW, LIVE, table, asked.clone()).await.unwrap();
                    let found = nearest(store.as_ref(), &VIEW, LIVE, table, asked.clone()).await.unwrap();
                    assert_eq!(found, right, "{asked:?}");
                    (compared, some) = (compared + 1, some + usize::from(!found.near.is_empty()));
                }
            }
        }
    }
    assert!(compared == 120 && some > 30, "{some} of {compared} questions had an answer");
}
