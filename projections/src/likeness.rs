//! How near vectors are, and which are the nearest.
//!
//! Exact: every vector that passes the filters is compared, in 64-bit floats and in one order of additions, so that the
//! same rows give the same scores everywhere. What can go wrong: a filter on a column that the table does not have.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use async_trait::async_trait;
use hydra_events::{Vector, vector};
use serde_json::Value;

use crate::store::{Checkpoint, Generation, StoreError, ViewStore, Which};
use crate::view::{Row, Table, View};

/// The most that is given at once.
pub const NEAREST_MAX: usize = 1_000;

/// The columns of a table that can be asked for the nearest.
pub(crate) const VECTOR: &str = "vector";
pub(crate) const MODEL: &str = "model";

/// Numbers that are added up side by side.
const LANES: usize = 8;
/// Bytes of a number.
const WIDTH: usize = size_of::<f32>();

/// What is asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Nearest {
    /// Near to this.
    pub vector: Vector,
    /// The model whose vectors are compared.
    pub model: String,
    /// What is in these columns.
    pub filters: Vec<(&'static str, Value)>,
    /// How many at most; never more than [`NEAREST_MAX`].
    pub limit: usize,
}

/// A row that is near.
#[derive(Clone, Debug, PartialEq)]
pub struct Near {
    /// Its key.
    pub id: String,
    /// Cosine of the angle between the two, from -1 to 1.
    pub score: f64,
}

/// The nearest rows, with where their view was.
#[derive(Clone, Debug, PartialEq)]
pub struct NearestFound {
    /// The checkpoint of the same moment.
    pub at: Checkpoint,
    /// The nearest first; of equal ones the one whose key comes first.
    pub near: Vec<Near>,
}

/// A store that looks for vectors itself.
#[async_trait]
pub trait VectorSearch: Send + Sync {
    /// The rows of a table with columns `vector` and `model` that are nearest.
    async fn nearest(
        &self,
        view: &'static View,
        generation: Generation,
        table: &'static Table,
        asked: Nearest,
    ) -> Result<NearestFound, StoreError>;
}

/// The rows that are nearest, in whatever store: one that cannot look for vectors is read through.
pub async fn nearest(
    store: &dyn ViewStore,
    view: &'static View,
    generation: Generation,
    table: &'static Table,
    asked: Nearest,
) -> Result<NearestFound, StoreError> {
    check(table, &asked)?;
    if let Some(vectors) = store.vectors() {
        return vectors.nearest(view, generation, table, asked).await;
    }
    let found = store.rows(view, generation, table, Which::All).await?;
    let mut best = Best::of(&asked);
    for row in found.rows {
        let is_of_model = row.get(MODEL).and_then(Value::as_str) == Some(&asked.model);
        if is_of_model && asked.filters.iter().all(|(column, value)| row.get(*column) == Some(value)) {
            best.look(id(&row), &bytes(&row));
        }
    }
    Ok(NearestFound { at: found.at, near: best.found() })
}

fn check(table: &Table, asked: &Nearest) -> Result<(), StoreError> {
    let unknown = asked.filters.iter().find(|(column, _)| table.kind(column).is_none());
    if let Some((column, _)) = unknown {
        return Err(StoreError::Refused(format!("{} cannot be told apart by {column}", table.name)));
    }
    if !asked.vector.has_direction() {
        return Err(StoreError::Refused("nothing is near to a vector without a direction".to_owned()));
    }
    Ok(())
}

fn id(row: &Row) -> &str {
    row.get("id").and_then(Value::as_str).unwrap_or_default()
}

fn bytes(row: &Row) -> Vec<u8> {
    row.get(VECTOR).and_then(Value::as_str).and_then(vector::bytes_of).unwrap_or_default()
}

/// The best so far.
pub(crate) struct Best<'a> {
    asked: &'a [f32],
    length: f64,
    limit: usize,
    /// The worst of them on top.
    found: BinaryHeap<Reverse<Candidate>>,
}

impl<'a> Best<'a> {
    pub(crate) fn of(asked: &'a Nearest) -> Self {
        let limit = asked.limit.min(NEAREST_MAX);
        let asked = asked.vector.0.as_slice();
        let length = asked.iter().map(|number| f64::from(*number) * f64::from(*number)).sum::<f64>().sqrt();
        Self { asked, length, limit, found: BinaryHeap::with_capacity(limit + 1) }
    }

    /// Looks at the vector in `bytes`. One of another dimension, or without a direction, is near to nothing.
    pub(crate) fn look(&mut self, id: &str, bytes: &[u8]) {
        let Some(score) = self.score(bytes) else { return };
        let worst = self.found.peek().filter(|_| self.found.len() >= self.limit);
        if worst.is_some_and(|Reverse(worst)| worst.order(score, id) != Ordering::Less) {
            return;
        }
        self.found.push(Reverse(Candidate { score, id: id.to_owned() }));
        if self.found.len() > self.limit {
            self.found.pop();
        }
    }

    /// The nearest first.
    pub(crate) fn found(self) -> Vec<Near> {
        let found = self.found.into_sorted_vec();
        found.into_iter().map(|Reverse(Candidate { id, score })| Near { id, score }).collect()
    }

    fn score(&self, bytes: &[u8]) -> Option<f64> {
        if bytes.len() != self.asked.len() * WIDTH {
            return None;
        }
        let (product, square) = products(self.asked, bytes);
        let score = product / (self.length * square.sqrt());
        score.is_finite().then_some(score)
    }
}

/// The product of the two, and of the second with itself.
fn products(asked: &[f32], bytes: &[u8]) -> (f64, f64) {
    let (mut products, mut squares) = ([0.0_f64; LANES], [0.0_f64; LANES]);
    let numbers = bytes.as_chunks::<WIDTH>().0;
    for (asked, found) in asked.chunks(LANES).zip(numbers.chunks(LANES)) {
        for (lane, (asked, found)) in asked.iter().zip(found).enumerate() {
            let (asked, found) = (f64::from(*asked), f64::from(f32::from_le_bytes(*found)));
            products[lane] += asked * found;
            squares[lane] += found * found;
        }
    }
    (products.iter().sum(), squares.iter().sum())
}

struct Candidate {
    score: f64,
    id: String,
}

impl Candidate {
    /// How this one stands to another: greater where it is nearer, or as near with an earlier key.
    fn order(&self, score: f64, id: &str) -> Ordering {
        self.score.total_cmp(&score).then_with(|| id.cmp(&self.id))
    }
}

impl PartialEq for Candidate {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Candidate {}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> Ordering {
        self.order(other.score, &other.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(vector: &[f32], limit: usize) -> Nearest {
        Nearest { vector: Vector(vector.to_vec()), model: "test".into(), filters: Vec::new(), limit }
    }

    fn best(asked: &Nearest, among: &[(&str, &[f32])]) -> Vec<(String, f64)> {
        let mut best = Best::of(asked);
        for (id, vector) in among {
            best.look(id, &Vector(vector.to_vec()).to_bytes());
        }
        best.found().into_iter().map(|near| (near.id, near.score)).collect()
    }

    #[test]
    fn the_nearest_come_first_and_equals_by_their_keys() {
        let among: [(&str, &[f32]); 5] = [
            ("d", &[0.0, 1.0, 0.0]),
            ("b", &[2.0, 0.0, 0.0]),
            ("c", &[-1.0, 0.0, 0.0]),
            ("a", &[0.5, 0.0, 0.0]),
            ("e", &[3.0, 4.0, 0.0]),
        ];
        let all = best(&asked(&[1.0, 0.0, 0.0], 10), &among);
        let expected = [("a", 1.0), ("b", 1.0), ("e", 0.6), ("d", 0.0), ("c", -1.0)];
        assert_eq!(all, expected.map(|(id, score)| (id.to_owned(), score)));
        for limit in 0..5 {
            assert_eq!(best(&asked(&[1.0, 0.0, 0.0], limit), &among), all[..limit]);
        }
    }

    #[test]
    fn what_cannot_be_compared_is_near_to_nothing() {
        let among: [(&str, &[f32]); 4] = [
            ("short", &[1.0]),
            ("zero", &[0.0, 0.0]),
            ("none", &[f32::NAN, 1.0]),
            ("huge", &[f32::MAX, 0.0]),
        ];
        assert_eq!(best(&asked(&[1.0, 0.0], 9), &among), [("huge".to_owned(), 1.0)]);
    }
}
