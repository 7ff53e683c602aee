//! What the event log means to those who ask: pure projections, and the store that holds their views.
//!
//! A view can always be thrown away and built again from the log. It says how far it has come, and notices by itself
//! when it was wiped, rolled back or belongs to another log.

pub mod associative;
mod fold;
pub mod procedural;
mod projector;
mod rebuild;
pub mod renpy;
pub mod rows;
pub mod short_term;
mod store;
pub mod view;
mod views;

pub use projector::{Projector, caught_up};
pub use rebuild::{Rebuilt, rebuild};
pub use store::{Store, StoreError};
pub use views::Views;

use view::View;

/// Every view family there is.
pub const VIEWS: [&View; 3] = [&procedural::VIEW, &short_term::VIEW, &associative::VIEW];
