//! The nearest vectors. The server compares all of them, with as many digits as it stores; those that come first there
//! are compared once more, exactly, so that scores and order are those of every other store.

use hydra_events::clock::SystemClock;
use hydra_events::{Clock, vector};
use qdrant_client::qdrant::{QueryPoints, ScoredPoint, SearchParams, VectorInput};
use serde_json::Value;

use super::QdrantStore;
use super::form::Form;
use super::point::{self, Place, Stored};
use super::read::{Moments, Reader, Rows};
use super::server::Failure;
use crate::likeness::{Best, MODEL, NEAREST_MAX, Near, Nearest, NearestFound, VECTOR};
use crate::store::Generation;
use crate::view::{Row, Table, View};

/// How many more than wanted are looked at.
const MARGIN: usize = 24;
/// How many are looked at in the end, where more are as near as the last one that is wanted.
const CANDIDATES_MAX: usize = 16_000;

/// The rows of `table` that are nearest.
pub(super) async fn nearest(
    store: &QdrantStore,
    view: &View,
    generation: Generation,
    table: &'static Table,
    asked: &Nearest,
) -> Result<NearestFound, Failure> {
    let mut moments = Moments::of(store, view, generation);
    loop {
        let form = moments.begin().await?;
        let found = Search { store, form: &form, table, asked }.nearest().await;
        if let Some(near) = moments.end(&form, found).await? {
            return Ok(NearestFound { at: form.checkpoint, near });
        }
    }
}

/// What was found among so many candidates.
enum Looked {
    /// These are the nearest.
    Enough(Vec<Near>),
    /// Others may be as near.
    TooFew(Vec<Near>),
}

struct Search<'a> {
    store: &'a QdrantStore,
    form: &'a Form,
    table: &'static Table,
    asked: &'a Nearest,
}

impl Search<'_> {
    async fn nearest(&self) -> Result<Vec<Near>, Failure> {
        let mut candidates = self.asked.limit.min(NEAREST_MAX) + MARGIN;
        loop {
            match self.among(candidates).await? {
                Looked::Enough(near) => return Ok(near),
                Looked::TooFew(near) if candidates >= CANDIDATES_MAX => return Ok(near),
                Looked::TooFew(_) => candidates *= 4,
            }
        }
    }

    async fn among(&self, candidates: usize) -> Result<Looked, Failure> {
        let settled = self.settled(candidates).await?;
        let reader = Reader { store: self.store, form: self.form, table: self.table, now: SystemClock.now() };
        let unsettled = reader.unsettled().await?;
        let (mut best, last) = (Best::of(self.asked), settled.last().map(|point| f64::from(point.score)));
        let all = settled.len() < candidates;
        let mut rows = rows(settled)?;
        rows.extend(unsettled);
        for (key, row) in rows.iter().filter(|(_, row)| self.is_asked(row)) {
            if let Some(text) = row.get(VECTOR).and_then(Value::as_str) {
                best.look(key, &vector::bytes_of(text).unwrap_or_default());
            }
        }
        let near = best.found();
        // The server's numbers are as exact as 32 bits are, each of which adds its part.
        let doubt = self.asked.vector.dimension() as f64 * f64::from(f32::EPSILON);
        let worst = near.get(self.asked.limit.min(NEAREST_MAX).saturating_sub(1)).map(|near| near.score);
        let is_sure = worst.zip(last).is_some_and(|(worst, last)| worst > last + doubt);
        Ok(if all || is_sure || self.asked.limit == 0 { Looked::Enough(near) } else { Looked::TooFew(near) })
    }

    /// The points that are nearest as the server has it, the nearest first.
    async fn settled(&self, candidates: usize) -> Result<Vec<ScoredPoint>, Failure> {
        let Nearest { vector, model, filters, .. } = self.asked;
        let place =
            Place::of(model, vector.dimension()).filter(|place| self.form.vectors.contains(&place.name));
        let (Some(place), Some(unit)) = (place, point::unit(vector)) else { return Ok(Vec::new()) };
        let conditions: Result<Vec<_>, _> =
            filters.iter().map(|(column, value)| point::is(self.table, column, value)).collect();
        let asked = QueryPoints {
            collection_name: self.form.collection.clone(),
            query: Some(VectorInput::from(unit).into()),
            using: Some(place.name),
            filter: Some(self.form.settled(self.table, conditions?)),
            params: Some(SearchParams { exact: Some(true), ..Default::default() }),
            limit: Some(candidates as u64),
            with_payload: Some(true.into()),
            with_vectors: Some(false.into()),
            ..Default::default()
        };
        self.store.server.query(asked).await
    }

    fn is_asked(&self, row: &Row) -> bool {
        let is_of_model = row.get(MODEL).and_then(Value::as_str) == Some(&self.asked.model);
        is_of_model && self.asked.filters.iter().all(|(column, value)| row.get(*column) == Some(value))
    }
}

fn rows(points: Vec<ScoredPoint>) -> Result<Rows, Failure> {
    let mut rows = Rows::new();
    for found in points {
        if let Some(Stored { key, row: Some(row), .. }) = Stored::read(&found.payload)? {
            rows.insert(key, row);
        }
    }
    Ok(rows)
}
