//! What was made: pictures and lines with their evidence, and the orders for portraits.

use hydra_events::vocabulary::terms::{DecidedBy, Score, WantedImage};
use hydra_events::{ContentHash, StreamName};
use serde::{Deserialize, Serialize};

/// An event, as evidence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// Its id.
    pub id: String,
    /// Its position.
    pub position: u64,
    /// Its wire name.
    #[serde(rename = "type")]
    pub kind: String,
}

/// A rejected try.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RejectionRow {
    /// The try.
    pub quality_try: u32,
    /// Why.
    pub reasons: Vec<String>,
    /// Who decided.
    pub by: DecidedBy,
}

/// A picture.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ImageRow {
    /// Its stream.
    pub id: StreamName,
    /// The chapter's id, or the order's.
    #[serde(default)]
    pub chapter: String,
    /// `bust` or `background`.
    #[serde(default)]
    pub kind: String,
    /// The character or the place.
    #[serde(default)]
    pub subject: String,
    /// The outfit, or the time of day.
    #[serde(default)]
    pub outfit: String,
    /// The expression.
    #[serde(default)]
    pub expression: String,
    /// The ordinal among pictures of the same subject.
    #[serde(default)]
    pub candidate: u32,
    /// `rendering`, `in_review`, `approved`, `rejected`, `refused` or `cancelled`.
    #[serde(default)]
    pub state: String,
    /// The brief, in the content store.
    pub brief: Option<ContentHash>,
    /// The quality try the file is of.
    #[serde(default)]
    pub quality_try: u32,
    /// Quality tries so far.
    #[serde(default)]
    pub tries: u32,
    /// The file, in the content store.
    pub blob: Option<ContentHash>,
    /// The engine that drew it.
    #[serde(default)]
    pub engine: String,
    /// Its version.
    #[serde(default)]
    pub engine_version: String,
    /// The seed.
    pub seed: Option<u64>,
    /// How long the engine took, in milliseconds.
    #[serde(default)]
    pub duration_ms: u64,
    /// The exact request, in the content store.
    pub request: Option<ContentHash>,
    /// The exact response, in the content store.
    pub response: Option<ContentHash>,
    /// What was measured.
    #[serde(default)]
    pub scores: Vec<Score>,
    /// Who approved it.
    pub decided_by: Option<DecidedBy>,
    /// The version of the policy it was approved under.
    pub policy: Option<u64>,
    /// The rejected tries.
    #[serde(default)]
    pub rejections: Vec<RejectionRow>,
    /// Why it is missing.
    pub missing_reason: Option<String>,
    /// Its events.
    #[serde(default)]
    pub events: Vec<Evidence>,
    /// Attempts at its effects.
    #[serde(default)]
    pub attempts: u32,
    /// Attempts lost with their process.
    #[serde(default)]
    pub crash_attempts: u32,
}

/// A line of dialogue.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LineRow {
    /// Its stream.
    pub id: StreamName,
    /// The chapter's id.
    #[serde(default)]
    pub chapter: String,
    /// The scene's stream.
    pub scene: Option<StreamName>,
    /// The character who speaks.
    #[serde(default)]
    pub character: String,
    /// `speaking`, `spoken`, `missing` or `cancelled`.
    #[serde(default)]
    pub state: String,
    /// The speech, in the content store.
    pub speech: Option<ContentHash>,
    /// How often it was spoken.
    #[serde(default)]
    pub take: u32,
    /// The recording, in the content store.
    pub blob: Option<ContentHash>,
    /// The engine that spoke it.
    #[serde(default)]
    pub engine: String,
    /// Its version.
    #[serde(default)]
    pub engine_version: String,
    /// The voice.
    #[serde(default)]
    pub voice: String,
    /// How long the recording lasts, in milliseconds.
    #[serde(default)]
    pub length_ms: u64,
    /// How long the engine took, in milliseconds.
    #[serde(default)]
    pub duration_ms: u64,
    /// The exact request, in the content store.
    pub request: Option<ContentHash>,
    /// The exact response, in the content store.
    pub response: Option<ContentHash>,
    /// Why it is missing.
    pub missing_reason: Option<String>,
    /// Its events.
    #[serde(default)]
    pub events: Vec<Evidence>,
    /// Attempts at its effects.
    #[serde(default)]
    pub attempts: u32,
    /// Attempts lost with their process.
    #[serde(default)]
    pub crash_attempts: u32,
}

/// An order.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OrderRow {
    /// The id of its stream.
    pub id: String,
    /// The character.
    pub character: String,
    /// What the pictures show.
    pub scene: String,
    /// The chapter whose folder they go to.
    pub chapter: Option<String>,
    /// Higher goes first.
    pub priority: i32,
    /// The pictures it wants.
    #[serde(default)]
    pub images: Vec<WantedImage>,
    /// `open`, `filled` or `cancelled`.
    pub state: String,
    /// How many pictures came.
    #[serde(default)]
    pub supplied: u32,
    /// How many are missing.
    #[serde(default)]
    pub missing: u32,
}
