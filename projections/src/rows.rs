//! The rows of the views, as they are read.

mod assets;
mod attention;
mod context;
mod knowledge;
mod remembered;
mod story;
mod tasks;
mod work;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use assets::{Evidence, ImageRow, LineRow, OrderRow, RejectionRow};
pub use attention::{ApprovalRow, DeadRow, IncidentRow};
pub use context::{ContextRow, DoingRow, PromptRow};
pub use knowledge::DocumentRow;
pub use remembered::RememberedRow;
pub use story::{ChapterRow, SceneAssetRow, SceneRow};
pub use tasks::{CharacterRow, OutcomeRow, TaskRow};
pub use work::{ActivityRow, PlanRow, PolicyRow, QueueRow};

/// A connection.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EdgeRow {
    /// Where from.
    pub source: String,
    /// Where to.
    pub target: String,
    /// What it means.
    pub kind: String,
    /// How strong it is: how often one speaks with another, and 1 for all else.
    pub weight: i64,
    /// What else is known of it.
    pub details: Option<Value>,
}

/// Something that can be connected.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NodeRow {
    /// What it is called.
    pub id: String,
    /// What it is; nothing where it is known by its connections alone.
    pub kind: Option<String>,
    /// What people call it.
    pub label: Option<String>,
    /// What became of it.
    pub state: Option<String>,
    /// What else is known of it.
    pub details: Option<Value>,
}

/// Some connections, in the order of the answer, with everything they connect, by id.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Connections {
    /// The connections.
    pub edges: Vec<EdgeRow>,
    /// What is at their ends.
    pub nodes: Vec<NodeRow>,
}
