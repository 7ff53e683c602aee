//! The rows of the views, as they are read.

mod assets;
mod attention;
mod story;
mod work;

use serde::{Deserialize, Serialize};

pub use assets::{Evidence, ImageRow, LineRow, OrderRow, RejectionRow};
pub use attention::{ApprovalRow, DeadRow, IncidentRow};
pub use story::{ChapterRow, SceneAssetRow, SceneRow};
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
    /// How often it was recorded.
    pub weight: i64,
}
