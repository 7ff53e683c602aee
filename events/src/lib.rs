//! What Hydra knows for certain: the vocabulary of commands and events, the log that keeps them,
//! and the content store for everything too large or too personal to be an event.
//!
//! Nothing here knows an actor, a bus or a view.

pub mod clock;
pub mod content;
#[cfg(feature = "contract")]
pub mod contract;
pub mod id;
pub mod log;
pub mod record;
pub mod stream;
pub mod tape;
pub mod upcast;
pub mod vector;
pub mod vocabulary;
pub mod wire;

pub use clock::{Clock, Timestamp};
pub use content::{ContentHash, ContentStore};
pub use id::Id;
pub use log::EventLog;
pub use record::{Append, EventType, Meta, Recorded};
pub use stream::StreamName;
pub use vector::Vector;
