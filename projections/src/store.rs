//! The seam between a view family and where it is kept.
//!
//! A store keeps rows and says how far they have come, both at once; nothing else is asked of it. Every clause it must
//! pass is in `contract`. What can go wrong: its server is away, wiped, brought back from a backup, or used by another
//! Hydra too; all but the first show in the checkpoint.

pub mod graph;
#[cfg(feature = "neo4j")]
pub mod neo4j;
#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(any(feature = "qdrant", feature = "redis"))]
mod prefix;
#[cfg(feature = "qdrant")]
pub mod qdrant;
#[cfg(feature = "redis")]
pub mod redis;
pub mod sqlite;

use std::error::Error;

use async_trait::async_trait;
use hydra_events::Id;
use hydra_events::record::Position;
use serde_json::Value;

use crate::VIEWS;
use crate::batch::{Batch, Quarantined};
use crate::likeness::VectorSearch;
use crate::view::{Row, Table, View};

use graph::Graph;

/// Why a store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite failed.
    #[error("view store")]
    Sqlite(#[from] rusqlite::Error),
    /// A server failed or is away.
    #[error("{store} failed")]
    Server {
        /// Which server, as [`ViewStore::shown`] has it.
        store: String,
        /// What it or its driver said.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The store is there, and does not take a value.
    #[error("{store} does not take a value")]
    Unfit {
        /// Which store, as [`ViewStore::shown`] has it.
        store: String,
        /// What it or its driver said.
        source: Box<dyn Error + Send + Sync>,
    },
    /// What is there is filled by a Hydra with another log.
    #[error(
        "{store} holds the view {view} of another log, {log}, which is left alone: name another place for this one, \
         or take it with `hydra rebuild {view} --take-over`"
    )]
    Foreign {
        /// Which store, as [`ViewStore::shown`] has it.
        store: String,
        /// The view.
        view: &'static str,
        /// The other log.
        log: Id,
    },
    /// The view that is asked is not there: somebody has removed it, and whoever keeps it fills it again.
    #[error("the view {0} is not there now")]
    Gone(&'static str),
    /// The store cannot be used as it is.
    #[error("{0}")]
    Refused(String),
    /// The log could not be read.
    #[error(transparent)]
    Log(#[from] hydra_events::log::LogError),
    /// A row does not fit its type.
    #[error("view row does not fit")]
    Row(#[from] serde_json::Error),
    /// No view has this name.
    #[error("no view is called {0:?}: known are {known}", known = VIEWS.map(|view| view.name).join(", "))]
    UnknownView(String),
    /// The projector has ended.
    #[error("the views are no longer kept")]
    Ended,
}

/// How far a view has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log it is of.
    pub log: Id,
    /// The version of the view.
    pub version: u32,
    /// The position it has seen.
    pub position: Position,
    /// How many events a second it took last.
    pub rate: u32,
}

impl Checkpoint {
    /// Whether `batch` of `view` begins where this ends.
    pub fn precedes(&self, view: &View, batch: &Batch) -> bool {
        self.log == batch.log && self.version == view.version && self.position == batch.after
    }

    /// Whether a generation that is here may take the place of the one that is asked, and is at `live`. Whoever was told
    /// that a view has seen a position is not to read one that has not.
    pub fn may_follow(&self, live: Option<&Self>) -> bool {
        live.is_none_or(|live| {
            live.log != self.log || live.version != self.version || live.position <= self.position
        })
    }
}

/// Which of the forms of a view that stand beside each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Generation {
    /// The one that is asked.
    Live,
    /// The one that is being built.
    Next,
    /// The one that was asked before, for going back.
    Old,
}

impl Generation {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Live, Self::Next, Self::Old];

    /// What distinguishes its names from those of the live one.
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Live => "",
            Self::Next => "__next",
            Self::Old => "__old",
        }
    }
}

/// Which rows of a table.
#[derive(Clone, Debug, PartialEq)]
pub enum Which {
    /// All of them.
    All,
    /// The one with this key.
    Key(String),
    /// Those with this value in a column that is indexed.
    Is(&'static str, Value),
    /// The first ones whose keys come after this one; none comes before the empty one.
    After {
        /// The key.
        key: String,
        /// How many at most.
        limit: usize,
    },
}

/// Rows, with where their view was when they were read.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The checkpoint of the same moment.
    pub at: Checkpoint,
    /// The rows, in the order of their keys' bytes.
    pub rows: Vec<Row>,
}

/// What became of a batch, or of a switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// It is in the store, with its checkpoint.
    Done,
    /// Nothing was changed: the view is not where the batch begins, or no longer there; or the one that is asked has
    /// seen more than the next one.
    Moved,
}

/// Where views are kept. Shared by whoever fills and whoever reads them; reading never waits for filling.
///
/// A store whose server is away can be made; its calls fail, and succeed again when the server is back.
#[async_trait]
pub trait ViewStore: Send + Sync + 'static {
    /// What it is and where, for people; without a secret.
    fn shown(&self) -> String;

    /// The same store for questions about connections, where it can answer them.
    fn graph(&self) -> Option<&dyn Graph> {
        None
    }

    /// The same store for questions about vectors; without, whoever asks goes through the rows.
    fn vectors(&self) -> Option<&dyn VectorSearch> {
        None
    }

    /// Whether it lies in the data folder of one Hydra, so that what is of another log there is only what was left over.
    fn is_own(&self) -> bool {
        false
    }

    /// How far this generation has come; `None` where it is not there, or not all of it. One of another version need
    /// not be whole.
    async fn checkpoint(
        &self,
        view: &'static View,
        generation: Generation,
    ) -> Result<Option<Checkpoint>, StoreError>;

    /// Makes this generation anew: without rows, at the position 0 of `log`.
    async fn reset(&self, view: &'static View, generation: Generation, log: Id) -> Result<(), StoreError>;

    /// Writes what `batch` changes, what it quarantined and the checkpoint it leads to: all of it or nothing, and only
    /// where the checkpoint [precedes](Checkpoint::precedes) the batch.
    ///
    /// # Errors
    /// [`StoreError::Unfit`] where the store is well and one of the values is what it does not take: the batch is tried
    /// again in parts, until the event is found.
    async fn apply(
        &self,
        view: &'static View,
        generation: Generation,
        batch: Batch,
    ) -> Result<Applied, StoreError>;

    /// Rows of one of the view's tables that are not [over](Table::is_over), with the checkpoint of the same moment.
    ///
    /// # Errors
    /// There is no such generation, or it has lost its checkpoint: what is left of it means nothing.
    async fn rows(
        &self,
        view: &'static View,
        generation: Generation,
        table: &'static Table,
        which: Which,
    ) -> Result<Found, StoreError>;

    /// What this generation goes on without, by position.
    async fn quarantined(
        &self,
        view: &'static View,
        generation: Generation,
    ) -> Result<Vec<Quarantined>, StoreError>;

    /// Puts the next generation in the place of the live one, which becomes the old one, in one step, where it
    /// [may follow](Checkpoint::may_follow) that one. Whoever reads meanwhile finds the one or the other.
    ///
    /// # Errors
    /// There is no next generation.
    async fn switch(&self, view: &'static View) -> Result<Applied, StoreError>;

    /// Puts the old generation in the place of the live one, which goes, in one step.
    ///
    /// # Errors
    /// There is no old generation.
    async fn roll_back(&self, view: &'static View) -> Result<(), StoreError>;

    /// Removes the next or the old generation; without one there is nothing to do.
    async fn discard(&self, view: &'static View, generation: Generation) -> Result<(), StoreError>;
}

/// The generation that is to be read, or put in the place of the live one, is not there.
pub(crate) fn no_generation(view: &View, generation: Generation) -> StoreError {
    let which = match generation {
        Generation::Live => return StoreError::Gone(view.name),
        Generation::Next => "next",
        Generation::Old => "old",
    };
    StoreError::Refused(format!("there is no {which} form of the view {}", view.name))
}

/// The view called `name`.
pub(crate) fn view_named(name: &str) -> Result<&'static View, StoreError> {
    VIEWS.into_iter().find(|view| view.name == name).ok_or_else(|| StoreError::UnknownView(name.to_owned()))
}

/// An error with what caused it, each said once.
pub(crate) fn reasons(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let said = inner.to_string();
        if !text.ends_with(&said) {
            text = format!("{text}: {said}");
        }
        cause = inner.source();
    }
    text
}
