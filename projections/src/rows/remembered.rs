//! What is remembered of a text.

use hydra_events::{ContentHash, Id, StreamName, Vector};
use serde::{Deserialize, Serialize};

/// A character, a picture, a line or a passage, as it was placed among others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RememberedRow {
    /// Its stream.
    pub id: StreamName,
    /// The event that placed it.
    pub event: Option<Id>,
    /// The chapter; empty where it belongs to none.
    #[serde(default)]
    pub chapter: String,
    /// The stream of the scene of a line; empty for a picture, which scenes share.
    #[serde(default)]
    pub scene: String,
    /// The character; empty for a place.
    #[serde(default)]
    pub character: String,
    /// What a character wears, or the time of day of a place.
    #[serde(default)]
    pub outfit: String,
    /// The emotion.
    #[serde(default)]
    pub emotion: String,
    /// Whose data it is.
    #[serde(default)]
    pub owner: String,
    /// Who may see it.
    #[serde(default)]
    pub visibility: String,
    /// The text that was embedded, in the content store; absent while nothing is.
    pub text: Option<ContentHash>,
    /// The model that placed it.
    #[serde(default)]
    pub model: String,
    /// Where it was placed; absent while it is not.
    #[serde(skip_serializing)]
    pub vector: Option<Vector>,
    /// The document of a passage, by its id; absent once it is dropped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// What has split it, with its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub splitter: Option<String>,
    /// Which passage of its document it is, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<u32>,
    /// The approved file of a picture, in the content store.
    pub blob: Option<ContentHash>,
}
