//! A memory: one view of the log, in whatever store it is kept. What is recorded of it is where the two were found apart.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::record::Position;
use crate::wire::Vocabulary;

/// What may be asked of a memory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MemoryCommand {
    /// A row is not what the log says.
    ReportDrift {
        /// The table.
        table: String,
        /// The row's key.
        key: String,
        /// The position the memory had seen.
        position: Position,
        /// The cells that are different, as they were; null where the row was missing.
        is: Value,
        /// The same cells as they should have been; null where there should have been no row.
        should: Value,
        /// Whether the row is what it should be by now.
        mended: bool,
    },
}

impl Vocabulary for MemoryCommand {}

/// What can become of a memory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MemoryEvent {
    /// A row was not what the log says.
    DriftFound {
        /// The table.
        table: String,
        /// The row's key.
        key: String,
        /// The position the memory had seen.
        position: Position,
        /// The cells that were different, as they were; null where the row was missing.
        is: Value,
        /// The same cells as they should have been; null where there should have been no row.
        should: Value,
    },
    /// The row is what the log says again.
    DriftMended {
        /// The table.
        table: String,
        /// The row's key.
        key: String,
    },
}

impl Vocabulary for MemoryEvent {}
