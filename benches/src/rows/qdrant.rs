//! Rows into Qdrant: each is a point with its vector, its other cells beside it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use qdrant_client::Qdrant;
use qdrant_client::qdrant::{
    CreateCollectionBuilder, Distance, HnswConfigDiffBuilder, NamedVectors, OptimizersConfigDiffBuilder,
    PointStruct, UpsertPointsBuilder, Value, Vector, VectorParamsBuilder, VectorsConfigBuilder,
};

use super::{CHUNK, Cell, Table, sample};
use crate::sample::{Calls, Sample};
use crate::scratch::Scratch;
use crate::{BenchError, failed};

const ANSWER_MAX: Duration = Duration::from_secs(60);
const VECTOR: &str = "vector";
/// Bytes of a component.
const WIDTH: usize = size_of::<f32>();

/// A server, and what this run has on it.
#[derive(Clone)]
pub struct Server {
    /// The URL without a prefix.
    url: Arc<str>,
    api_key: Option<Arc<str>>,
    client: Qdrant,
    scratch: Scratch,
}

impl Server {
    /// The server that `url` names; its prefix, if it names one, is left alone.
    ///
    /// # Errors
    /// When the URL is none.
    pub fn try_new(url: &str, api_key: Option<&str>, scratch: &Scratch) -> Result<Self, BenchError> {
        let address = url.split_once('?').map_or(url, |(address, _)| address);
        let uri = match address.strip_prefix("qdrant://") {
            Some(server) => format!("http://{server}"),
            None => address.to_owned(),
        };
        let config = Qdrant::from_url(&uri).api_key(api_key).timeout(ANSWER_MAX).skip_compatibility_check();
        let client = config.build().map_err(failed("reading the URL of Qdrant"))?;
        let api_key = api_key.map(Arc::from);
        Ok(Self { url: address.into(), api_key, client, scratch: scratch.clone() })
    }

    /// The URL of a place of the run's own for views, and the key to the server.
    pub fn fresh_place(&self) -> (String, Option<String>) {
        (format!("{}?prefix={}", self.url, self.scratch.fresh()), self.api_key.as_deref().map(str::to_owned))
    }

    /// Writes `tables`, each into a collection of its own; as in a view, no vector is indexed.
    pub(super) async fn load(&self, tables: &[Table]) -> Result<Sample, BenchError> {
        let (prefix, world) = (self.scratch.fresh(), failed("loading rows into Qdrant"));
        for table in tables {
            let mut vectors = VectorsConfigBuilder::default();
            if let Some(size) = dimension(table) {
                vectors.add_named_vector_params(VECTOR, VectorParamsBuilder::new(size, Distance::Cosine));
            }
            let collection = CreateCollectionBuilder::new(format!("{prefix}_{}", table.name))
                .vectors_config(vectors)
                .hnsw_config(HnswConfigDiffBuilder::default().m(0))
                .optimizers_config(OptimizersConfigDiffBuilder::default().indexing_threshold(0));
            self.client.create_collection(collection).await.map_err(&world)?;
        }
        let (begun, mut calls) = (Instant::now(), Calls::default());
        for table in tables {
            let collection = format!("{prefix}_{}", table.name);
            let last = table.rows.len().div_ceil(CHUNK);
            for (number, rows) in (1..).zip(table.rows.chunks(CHUNK)) {
                let since = Instant::now();
                let at = ((number - 1) * CHUNK) as u64;
                let points: Vec<PointStruct> =
                    (at..).zip(rows).map(|(id, row)| point(id, table, row)).collect();
                // What was taken before is there once the last one is.
                let upsert = UpsertPointsBuilder::new(&collection, points).wait(number == last);
                self.client.upsert_points(upsert).await.map_err(&world)?;
                calls.note(since.elapsed());
            }
        }
        let secs = begun.elapsed().as_secs_f64();
        self.clear().await?;
        Ok(sample(tables, secs, calls))
    }

    /// Removes every collection of this run.
    ///
    /// # Errors
    /// When the server cannot be asked.
    pub async fn clear(&self) -> Result<(), BenchError> {
        let world = failed("removing the collections of the bench from Qdrant");
        for found in self.client.list_collections().await.map_err(&world)?.collections {
            if found.name.starts_with(&format!("{}_", self.scratch.run())) {
                self.client.delete_collection(found.name).await.map_err(&world)?;
            }
        }
        Ok(())
    }

    /// The version.
    ///
    /// # Errors
    /// When the server cannot be asked.
    pub async fn describe(&self) -> Result<String, BenchError> {
        let told = self.client.health_check().await.map_err(failed("asking Qdrant what it is"))?;
        Ok(format!("Qdrant {}", told.version))
    }
}

/// How many components the vectors of a table have; `None` where it has none.
fn dimension(table: &Table) -> Option<u64> {
    table.rows.iter().flatten().find_map(|cell| match cell {
        Cell::Bytes(bytes) => Some((bytes.len() / WIDTH) as u64),
        Cell::Null | Cell::Text(_) | Cell::Integer(_) | Cell::Real(_) => None,
    })
}

fn point(id: u64, table: &Table, row: &[Cell]) -> PointStruct {
    let (mut payload, mut vectors) = (HashMap::<String, Value>::new(), NamedVectors::default());
    for ((column, _), cell) in table.columns.iter().zip(row) {
        match cell {
            Cell::Null => {}
            Cell::Text(text) => drop(payload.insert(column.clone(), text.clone().into())),
            Cell::Integer(number) => drop(payload.insert(column.clone(), (*number).into())),
            Cell::Real(number) => drop(payload.insert(column.clone(), (*number).into())),
            Cell::Bytes(bytes) => vectors = vectors.add_vector(VECTOR, vector(bytes)),
        }
    }
    PointStruct::new(id, vectors, payload)
}

fn vector(bytes: &[u8]) -> Vector {
    let (components, _) = bytes.as_chunks::<WIDTH>();
    Vector::new(components.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
}
