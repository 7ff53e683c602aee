//! The seam for questions about connections: what one store answers with recursive queries and another with Cypher, in
//! the same terms and the same order.
//!
//! Only live views are asked. Every answer has an end: [`LINKS_MAX`] connections, paths of [`STEPS_MAX`] steps.

use async_trait::async_trait;

use super::StoreError;
use crate::view::{Edges, Row, View};

/// How many connections an answer has at most.
pub const LINKS_MAX: usize = 1_000;
/// How many steps a path has at most, and how far back an origin is looked for.
pub const STEPS_MAX: usize = 12;

/// A connection with what it connects. An end that no row describes has its `id` alone.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// The connection.
    pub edge: Row,
    /// Where it begins.
    pub source: Row,
    /// Where it ends.
    pub target: Row,
}

/// A store that can be asked about connections, in views that declare their [`Edges`].
#[async_trait]
pub trait Graph: Send + Sync {
    /// What begins or ends at `node`, by the keys of the connections.
    async fn neighbours(&self, view: &'static View, node: &str) -> Result<Vec<Link>, StoreError>;

    /// A shortest way from `from` to `to` along what may be [walked](Edges::walked), in the order of its steps; of several
    /// the one whose keys come first. `None` where there is none, or one end is not there.
    async fn path(&self, view: &'static View, from: &str, to: &str) -> Result<Option<Vec<Link>>, StoreError>;

    /// What `node` came from, and what that came from ([origins](Edges::origins)): the nearest first, then by key.
    async fn provenance(&self, view: &'static View, node: &str) -> Result<Vec<Link>, StoreError>;
}

/// What the graph of `view` is made of.
pub(crate) fn edges_of(view: &View) -> Result<&Edges, StoreError> {
    view.edges
        .as_ref()
        .ok_or_else(|| StoreError::Refused(format!("the view {} has no connections", view.name)))
}
