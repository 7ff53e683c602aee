//! A scene: written, then waiting for the pictures and lines it wants.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::terms::{Recalled, Supply, WantedImage, WantedLine};
use crate::content::ContentHash;
use crate::stream::StreamName;
use crate::wire::Vocabulary;

/// What may be asked of a scene.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SceneCommand {
    /// The chapter has planned it; another specification has it written again.
    WriteScene {
        /// The chapter.
        chapter: StreamName,
        /// The specification, in the content store.
        spec: ContentHash,
        /// The chapter's revision that planned it so.
        revision: u32,
    },
    /// The writer has written it.
    AcceptScript {
        /// The finished dialogue, in the content store.
        script: ContentHash,
        /// The pictures it wants.
        images: Vec<WantedImage>,
        /// The lines it wants.
        lines: Vec<WantedLine>,
        /// How many lines the writer added as placeholders.
        placeholders: u32,
        /// What was recalled for those lines, if anything was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        recalled: Option<Recalled>,
    },
    /// One of its assets has come, is missing, or is being made again.
    RecordSupply {
        /// The asset's stream.
        asset: StreamName,
        /// What became of it.
        supply: Supply,
    },
    /// The chapter was cancelled or no longer has it.
    CancelScene {
        /// Why.
        reason: String,
    },
}

impl Vocabulary for SceneCommand {}

/// What can become of a scene.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SceneEvent {
    /// It is to be written.
    SceneOpened {
        /// The chapter.
        chapter: StreamName,
        /// The specification, in the content store.
        spec: ContentHash,
        /// The chapter's revision that planned it so.
        revision: u32,
        /// How often it was written, this time included.
        draft: u32,
    },
    /// A draft that was not written yet is no longer wanted: another specification follows.
    DraftWithdrawn {
        /// The draft that is never written.
        draft: u32,
    },
    /// It is written.
    SceneWritten {
        /// The chapter.
        chapter: StreamName,
        /// The finished dialogue, in the content store.
        script: ContentHash,
        /// The pictures it wants.
        images: Vec<WantedImage>,
        /// The lines it wants.
        lines: Vec<WantedLine>,
        /// How many lines the writer added as placeholders.
        placeholders: u32,
        /// Which writing this is.
        draft: u32,
        /// Assets of an earlier writing that it no longer wants.
        released: Vec<StreamName>,
        /// What was recalled for the lines that were added, if anything was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        recalled: Option<Recalled>,
    },
    /// An asset has come.
    SceneAssetSupplied {
        /// The asset's stream.
        asset: StreamName,
        /// The file, in the content store.
        blob: ContentHash,
    },
    /// An asset will not come.
    SceneAssetMissing {
        /// The asset's stream.
        asset: StreamName,
        /// Why.
        reason: String,
    },
    /// An asset is being made again.
    SceneAssetReopened {
        /// The asset's stream.
        asset: StreamName,
    },
    /// Everything it wanted has come or is known to be missing.
    SceneClosed {
        /// The chapter.
        chapter: StreamName,
        /// The chapter's revision it was written for: the closing of an older one means nothing to a newer plan.
        revision: u32,
        /// How many assets came.
        supplied: u32,
        /// How many are missing.
        missing: u32,
        /// Which closing this is, from 1.
        closing: u32,
    },
    /// A closed scene waits again.
    SceneReopened {
        /// The chapter.
        chapter: StreamName,
        /// The chapter's revision it was written for.
        revision: u32,
    },
    /// It is no longer wanted.
    SceneCancelled {
        /// Why.
        reason: String,
        /// The assets it had asked for.
        released: Vec<StreamName>,
    },
}

impl Vocabulary for SceneEvent {}
