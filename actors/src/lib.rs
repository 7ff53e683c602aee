//! The eight actors: what may happen, what then is fact, what is owed for it, and the host that runs them.
//!
//! Nothing here does IO of its own: the log, the bus and the ports are handed in.

pub mod aggregate;
pub mod archivist;
pub mod artist;
mod attempt;
pub mod book;
pub mod cast;
pub mod curator;
pub mod decider;
pub mod desk;
pub mod director;
pub mod fountain;
pub mod gate;
pub mod host;
pub mod inbox;
#[cfg(feature = "contract")]
pub mod moulds;
pub mod perform;
pub mod policy;
pub mod ports;
pub mod registry;
pub mod request;
pub mod scheduler;
pub mod screenplay;
pub mod steward;
pub mod supply;
pub mod system;
pub mod verify;
pub mod voice;
pub mod worker;
pub mod writer;
