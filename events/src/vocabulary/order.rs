//! An order: pictures wanted of one character, outside or inside a chapter.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::terms::{Supply, WantedImage};
use crate::content::ContentHash;
use crate::stream::StreamName;
use crate::wire::Vocabulary;

/// What may be asked of an order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrderCommand {
    /// Make these pictures. The same order again changes nothing.
    PlaceOrder {
        /// The character.
        character: String,
        /// What the pictures show, in the orderer's words.
        scene: String,
        /// The pictures.
        images: Vec<WantedImage>,
        /// Higher goes first.
        priority: i32,
        /// The chapter whose folder they go to; the portraits folder when absent.
        chapter: Option<String>,
    },
    /// One of its pictures has come, is missing, or is being made again.
    RecordSupply {
        /// The picture's stream.
        asset: StreamName,
        /// What became of it.
        supply: Supply,
    },
    /// It is no longer wanted.
    CancelOrder {
        /// Why.
        reason: String,
    },
}

impl Vocabulary for OrderCommand {}

/// What can become of an order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrderEvent {
    /// Pictures are wanted.
    OrderPlaced {
        /// The character.
        character: String,
        /// What the pictures show, in the orderer's words.
        scene: String,
        /// The pictures.
        images: Vec<WantedImage>,
        /// Higher goes first.
        priority: i32,
        /// The chapter whose folder they go to; the portraits folder when absent.
        chapter: Option<String>,
    },
    /// A picture has come.
    OrderImageSupplied {
        /// The picture's stream.
        asset: StreamName,
        /// The file, in the content store.
        blob: ContentHash,
    },
    /// A picture will not come.
    OrderImageMissing {
        /// The picture's stream.
        asset: StreamName,
        /// Why.
        reason: String,
    },
    /// A picture is being made again.
    OrderImageReopened {
        /// The picture's stream.
        asset: StreamName,
    },
    /// Every picture has come or is known to be missing.
    OrderFilled {
        /// How many came.
        supplied: u32,
        /// How many are missing.
        missing: u32,
        /// Which filling this is, from 1.
        filling: u32,
    },
    /// It is no longer wanted.
    OrderCancelled {
        /// Why.
        reason: String,
        /// The pictures it had asked for.
        released: Vec<StreamName>,
    },
}

impl Vocabulary for OrderEvent {}
