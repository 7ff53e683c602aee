//! What is known of the world of a story.

use hydra_events::ContentHash;
use serde::{Deserialize, Serialize};

/// A document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentRow {
    /// Its id.
    pub id: String,
    /// What people call it.
    #[serde(default)]
    pub title: String,
    /// Its text, in the content store.
    pub text: Option<ContentHash>,
    /// `splitting`, `split` or `forgotten`.
    #[serde(default)]
    pub state: String,
    /// What has split it, with its version; empty before.
    #[serde(default)]
    pub splitter: String,
    /// How many passages of it are known.
    #[serde(default)]
    pub passages: u32,
    /// Whose data it is.
    #[serde(default)]
    pub owner: String,
    /// When its text was given, in microseconds since 1970.
    pub kept_at: i64,
}
