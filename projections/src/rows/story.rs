//! What a chapter consists of: its scenes, and what each of them asked for.

use hydra_events::vocabulary::terms::{WantedImage, WantedLine};
use hydra_events::{ContentHash, StreamName};
use serde::{Deserialize, Serialize};

/// A chapter.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ChapterRow {
    /// The id of its stream.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The name of its screenplay's file.
    pub stem: String,
    /// `planning`, `producing`, `completed` or `cancelled`.
    pub state: String,
    /// How often it was asked for with a new source.
    pub revision: u32,
    /// Its plan, in the content store.
    pub plan: Option<ContentHash>,
    /// Its scenes' streams, in story order.
    pub scene_order: Vec<StreamName>,
    /// How many scenes it has.
    pub scenes: u32,
    /// How many assets were missing when it was last completed.
    pub missing: u32,
    /// How often it was completed.
    pub completion: u32,
    /// Its report, in the content store.
    pub report: Option<ContentHash>,
    /// When it was asked for, in microseconds since 1970.
    pub requested_at: i64,
    /// When it was completed.
    pub completed_at: Option<i64>,
}

/// A scene.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SceneRow {
    /// Its stream.
    pub id: StreamName,
    /// The chapter's id.
    #[serde(default)]
    pub chapter: String,
    /// The finished dialogue, in the content store.
    pub script: Option<ContentHash>,
    /// `writing`, `waiting`, `closed` or `cancelled`.
    #[serde(default)]
    pub state: String,
    /// The pictures it wants.
    #[serde(default)]
    pub images: Vec<WantedImage>,
    /// The lines it wants.
    #[serde(default)]
    pub lines: Vec<WantedLine>,
    /// How many lines are placeholders.
    #[serde(default)]
    pub placeholders: u32,
    /// How many assets were missing when it last closed.
    #[serde(default)]
    pub missing: u32,
}

/// An asset a scene or an order has asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SceneAssetRow {
    /// Who asked.
    pub scene: StreamName,
    /// The asset's stream.
    pub asset: StreamName,
    /// `waiting`, `supplied` or `missing`; absent before anything was heard.
    pub state: Option<String>,
    /// The file, in the content store.
    pub blob: Option<ContentHash>,
    /// Why it is missing.
    pub reason: Option<String>,
}
