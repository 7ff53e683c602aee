//! How long it takes to find the ten nearest of many vectors in the embedded long-term memory.

#![allow(clippy::unwrap_used, missing_docs, reason = "a measurement ends where something is not there")]

use std::path::Path;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use hydra_events::{Id, Vector};
use hydra_projections::likeness::{Nearest, nearest};
use hydra_projections::long_term::VIEW;
use hydra_projections::store::Generation;
use hydra_projections::{SqliteStore, ViewStore};
use rusqlite::{Connection, params};
use tempfile::TempDir;
use tokio::runtime::Runtime;

const SIZES: [(u64, usize); 3] = [(10_000, 768), (100_000, 256), (100_000, 768)];
const MODEL: &str = "bench";
const INSERT: &str = "INSERT INTO dialogue_vectors (id, character, model, vector) VALUES (?1, ?2, ?3, ?4)";

fn find(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let mut group = criterion.benchmark_group("nearest");
    group.sample_size(10);
    for (rows, dimension) in SIZES {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("views.db");
        let store = SqliteStore::open(&path).unwrap();
        runtime.block_on(store.reset(&VIEW, Generation::Live, Id::of_outside("bench", "log"))).unwrap();
        fill(&path, rows, dimension);
        for (name, filters) in [("all", Vec::new()), ("a tenth", vec![("character", "keeper".into())])] {
            let asked = Nearest { vector: vector(0, dimension), model: MODEL.into(), filters, limit: 10 };
            let id = BenchmarkId::new(name, format!("{rows}x{dimension}"));
            group.bench_function(id, |bencher| {
                bencher.iter(|| {
                    let table = VIEW.table("dialogue_vectors").unwrap();
                    let found = nearest(&store, &VIEW, Generation::Live, table, asked.clone());
                    assert_eq!(runtime.block_on(found).unwrap().near.len(), 10);
                });
            });
        }
    }
    group.finish();
}

fn fill(path: &Path, rows: u64, dimension: usize) {
    let mut connection = Connection::open(path).unwrap();
    let transaction = connection.transaction().unwrap();
    let mut statement = transaction.prepare(INSERT).unwrap();
    for row in 1..=rows {
        let character = if row.is_multiple_of(10) { "keeper" } else { "nell" };
        let bytes = vector(row, dimension).to_bytes();
        statement.execute(params![format!("line-{row:06}"), character, MODEL, bytes]).unwrap();
    }
    drop(statement);
    transaction.commit().unwrap();
}

/// Numbers between -1 and 1 that look drawn, and are the same every time (xorshift64).
fn vector(seed: u64, dimension: usize) -> Vector {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / 8_388_608.0 - 1.0
    };
    Vector((0..dimension).map(next).collect())
}

criterion_group!(benches, find);
criterion_main!(benches);
