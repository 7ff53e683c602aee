//! An asset: a finished file, known by the hash of its bytes, and who refers to it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::content::ContentHash;
use crate::stream::StreamName;
use crate::wire::Vocabulary;

/// What may be asked of an asset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AssetCommand {
    /// Something finished refers to it.
    FileAsset {
        /// The file.
        blob: ContentHash,
        /// Its media type.
        media_type: String,
        /// What refers to it.
        referrer: StreamName,
    },
    /// Something refers to it no longer.
    ReleaseAsset {
        /// What referred to it.
        referrer: StreamName,
    },
    /// The file is gone from the content store.
    ConfirmDrop {},
}

impl Vocabulary for AssetCommand {}

/// What can become of an asset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AssetEvent {
    /// Something finished refers to it.
    AssetFiled {
        /// The file.
        blob: ContentHash,
        /// Its media type.
        media_type: String,
        /// What refers to it.
        referrer: StreamName,
    },
    /// Something refers to it no longer.
    AssetReleased {
        /// What referred to it.
        referrer: StreamName,
    },
    /// Nothing refers to it: it is dropped unless that changes until then.
    DropScheduled {
        /// When it is dropped.
        due: Timestamp,
        /// Which scheduling this is, from 1.
        ordinal: u32,
    },
    /// Something refers to it again before it was dropped.
    DropWithdrawn {
        /// The scheduling that was withdrawn.
        ordinal: u32,
    },
    /// The file is gone from the content store.
    AssetDropped {
        /// The scheduling that was carried out.
        ordinal: u32,
    },
}

impl Vocabulary for AssetEvent {}
