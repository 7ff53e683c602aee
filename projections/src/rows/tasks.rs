//! Work of the engines, and what became of it.

use hydra_events::{ContentHash, StreamName};
use serde::{Deserialize, Serialize};

/// A picture or a line that was to be made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TaskRow {
    /// Its stream.
    pub id: StreamName,
    /// The character it shows or who speaks; absent for a place.
    pub character: Option<String>,
    /// What the engine was given, by its hash.
    pub prompt: Option<ContentHash>,
    /// The engine.
    pub workflow_id: Option<String>,
    /// How it stands.
    pub status: String,
    /// 0 to 10.
    pub aesthetic_score: Option<f64>,
    /// 0 to 100.
    pub technical_score: Option<f64>,
    /// 0 to 1.
    pub face_similarity: Option<f64>,
    /// The file, by its hash.
    pub output_path: Option<String>,
    /// When it was asked for, in microseconds since 1970.
    pub created_at: Option<i64>,
    /// When it was done.
    pub completed_at: Option<i64>,
}

/// What became of one try.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OutcomeRow {
    /// Its task's stream.
    pub task_id: StreamName,
    /// Which try, from 1.
    pub quality_try: Option<u32>,
    /// What became of it.
    pub outcome: String,
    /// Why.
    pub reason: Option<String>,
    /// When, in microseconds since 1970.
    pub created_at: i64,
}

/// A character, as it was last defined.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CharacterRow {
    /// Its key.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
}
