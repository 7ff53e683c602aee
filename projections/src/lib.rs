//! What the event log means to those who ask: pure projections, and the stores that hold their views.
//!
//! A view can always be thrown away and built again from the log. It says how far it has come, and notices by itself
//! when it was wiped, rolled back or belongs to another log.

mod as_of;
pub mod associative;
mod audit;
pub mod batch;
#[cfg(feature = "contract")]
pub mod contract;
mod fold;
pub mod likeness;
pub mod long_term;
mod page;
mod past;
pub mod procedural;
mod projector;
mod rebuild;
pub mod renpy;
pub mod rows;
pub mod short_term;
pub mod store;
mod stores;
pub mod view;
mod views;

pub use as_of::{as_of, position_at};
pub use audit::{Audited, Drift, Repair, Sampling, audit};
pub use past::{Approved, BEFORE_MAX, Past, Pasts, Planned, Talk};
pub use projector::{Projector, Reached, Stand, Stands, caught_up};
pub use rebuild::{
    Building, Compared, Difference, Others, REBUILD_PAGE, Rebuild, Rebuilt, Replaced, rebuild, roll_back,
};
#[cfg(feature = "neo4j")]
pub use store::neo4j::{Neo4jOptions, Neo4jStore};
#[cfg(feature = "postgres")]
pub use store::postgres::PostgresStore;
#[cfg(feature = "qdrant")]
pub use store::qdrant::{QdrantOptions, QdrantStore};
#[cfg(feature = "redis")]
pub use store::redis::RedisStore;
pub use store::sqlite::SqliteStore;
pub use store::{StoreError, ViewStore};
pub use stores::Stores;
pub use views::{Among, Only, Similar, SimilarFound, Views};

use view::View;

/// Every view family there is.
pub const VIEWS: [&View; 4] = [&procedural::VIEW, &short_term::VIEW, &associative::VIEW, &long_term::VIEW];
