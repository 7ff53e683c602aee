//! The bus: the seam between the log's process and everybody who listens or works.
//!
//! Every implementation passes `contract`, whose clauses are the guarantees of this trait.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use hydra_events::record::Position;
use hydra_events::vocabulary::terms::WorkKind;
use hydra_events::{Id, Recorded};

use crate::dead::DeadLetter;
use crate::desk::{Desk, Questions, check_size, unanswered};
use crate::work::{Invitation, Invitations};

/// The longest an answer is waited for.
pub const ANSWER_MAX: Duration = Duration::from_secs(10);

/// Why the bus could not do what it was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum BusError {
    /// An event was offered that does not follow the last one published.
    #[error("position {offered} cannot be published after {published}: {wanted} would follow", wanted = published + 1)]
    OutOfOrder {
        /// The last position published.
        published: Position,
        /// The position that was offered.
        offered: Position,
    },
    /// What was offered breaks a rule of the bus and will never be taken.
    #[error("refused by the bus: {0}")]
    Refused(String),
    /// The bus was closed.
    #[error("the bus is closed")]
    Closed,
    /// The bus cannot be reached at present; what became of the call is unknown until it is tried again.
    #[error("bus: {0}")]
    Unavailable(Arc<dyn std::error::Error + Send + Sync>),
}

impl BusError {
    /// The bus cannot be reached, because of `error`.
    pub fn unavailable(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Unavailable(Arc::from(error.into()))
    }
}

/// What carries events and invitations between processes, or inside one.
#[async_trait]
pub trait Bus: Send + Sync {
    /// Publishes events in log order; only the relay calls it.
    ///
    /// Refuses an event that does not follow the last one published, a duplicate as well as one after a gap.
    /// After an error [`Self::published`] tells how far it came.
    async fn publish(&self, events: &[Arc<Recorded>]) -> Result<(), BusError>;

    /// The last position published, 0 when none.
    async fn published(&self) -> Result<Position, BusError>;

    /// What it keeps of the events published, for the relay to compare with the log; `None` when it keeps
    /// nothing, so that nothing can be wrong with it.
    async fn kept(&self) -> Result<Option<Kept>, BusError> {
        Ok(None)
    }

    /// Throws away every event it keeps; the next one to be published is that of position `first`.
    ///
    /// Called by the relay, when what is kept is not the log's, and by people who want it rebuilt.
    async fn begin_at(&self, first: Position) -> Result<(), BusError> {
        Err(BusError::Refused(format!("nothing is kept here that could begin anew at {first}")))
    }

    /// A feed of the events published from now on.
    async fn follow(&self) -> Result<Box<dyn Feed>, BusError>;

    /// Offers work to whoever pulls for the invitation's node and kind.
    ///
    /// Waits while too many invitations are on offer there, those held without an ack included.
    async fn invite(&self, invitation: Invitation) -> Result<(), BusError>;

    /// Pulls what is offered to `node` in work of `kind`. Each invitation goes to one puller at a time.
    async fn invitations(&self, node: &str, kind: WorkKind) -> Result<Box<dyn Invitations>, BusError>;

    /// Keeps a copy of a delivery that was set aside. The newest [`crate::dead::LETTERS_MAX`] are kept.
    async fn bury(&self, letter: DeadLetter) -> Result<(), BusError>;

    /// The copies that are kept, the oldest first.
    async fn dead_letters(&self) -> Result<Vec<DeadLetter>, BusError>;

    /// Asks whoever answers at `desk` and waits for the answer. `Unavailable` when nobody is there, or no answer comes
    /// within [`ANSWER_MAX`].
    async fn ask(&self, desk: Desk, question: Vec<u8>) -> Result<Vec<u8>, BusError> {
        check_size("a question", &question)?;
        Err(unanswered(desk))
    }

    /// The questions asked at `desk` from now on. Where several processes answer at one desk, each question reaches
    /// all of them and the first answer counts.
    async fn questions(&self, desk: Desk) -> Result<Box<dyn Questions>, BusError> {
        Err(BusError::Refused(format!("nothing is asked here at the desk {:?}", desk.as_str())))
    }

    /// Ends every feed, pull and question with [`BusError::Closed`]; whatever is called afterwards is answered the
    /// same.
    async fn close(&self);
}

/// What a bus keeps of the events that were published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The log they were published from; `None` when nobody can tell.
    pub log: Option<Id>,
    /// The last position published, 0 when none.
    pub published: Position,
    /// Some of its events by position and id, in order: the first, the last, and any that is in doubt.
    pub samples: Vec<(Position, Id)>,
    /// How many events it keeps at most.
    pub room: u64,
    /// Why nothing can be added to them, when somebody emptied or mixed them up.
    pub broken: Option<String>,
}

/// What a feed delivers.
#[derive(Clone, Debug, PartialEq)]
pub enum Delivery {
    /// An event.
    Event(Arc<Recorded>),
    /// Events were lost here, because the follower was slow or the connection was; the log has them.
    Gap,
}

/// Events as they are published: each at most once, in order of position. One that is missing is read from
/// the log.
#[async_trait]
pub trait Feed: Send {
    /// Waits for the next delivery. Dropping the future loses nothing.
    async fn next(&mut self) -> Result<Delivery, BusError>;
}
