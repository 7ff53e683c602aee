//! How a fact gets from the log to whoever listens, and how work is offered to whoever can do it.
//!
//! The log stays the truth: everything here may be lost and is found again from the log. Nothing here knows
//! an actor or a view.

pub mod bus;
#[cfg(feature = "contract")]
pub mod contract;
pub mod dead;
pub mod desk;
pub mod local;
#[cfg(feature = "nats")]
pub mod nats;
mod page;
pub mod reader;
pub mod relay;
pub mod remote;
pub mod subject;
pub mod wire;
pub mod work;

pub use bus::{Bus, BusError, Delivery, Feed, Kept};
pub use dead::DeadLetter;
pub use desk::{Desk, Question, Questions};
pub use local::LocalBus;
#[cfg(feature = "nats")]
pub use nats::{NatsBus, NatsOptions};
pub use reader::{Reader, ReaderError};
pub use relay::{RelayError, relay};
pub use remote::RemoteLog;
pub use subject::{Subject, Subjects};
pub use work::{Held, Invitation, Invitations};
