//! The shape of a projection: a pure function from an event to changes of rows.

mod row;

use hydra_events::Timestamp;
use hydra_events::record::Recorded;
use hydra_events::upcast;
use hydra_events::wire::{Vocabulary, WireError};
use serde_json::Value;

pub(crate) use row::text_without_nul;
pub use row::{Row, normal};

/// A view family: some tables, filled by one pure function.
pub struct View {
    /// Its name, as `hydra rebuild` takes it.
    pub name: &'static str,
    /// Raised with every change of tables or projection: an older view is built again.
    pub version: u32,
    /// Its tables.
    pub tables: &'static [Table],
    /// Which of its tables is a graph, if one is.
    pub edges: Option<Edges>,
    /// What an event changes.
    pub apply: fn(&Recorded) -> Result<Vec<ViewOp>, WireError>,
}

/// Says that the rows of one table connect rows of another. A store that knows graphs keeps them as such; to all others
/// they are rows with three columns of text, none of which is ever null. A key begins with the meaning of its connection
/// and a space, so that a connection is found by its key alone.
#[derive(Clone, Copy, Debug)]
pub struct Edges {
    /// The table of connections.
    pub table: &'static str,
    /// The table of what they connect. A connection may stand before its ends do.
    pub nodes: &'static str,
    /// The column with the key of the row where a connection begins.
    pub source: &'static str,
    /// The column with the key of the row where it ends.
    pub target: &'static str,
    /// The column with what it means.
    pub kind: &'static str,
    /// Everything it can mean: letters, digits and underscores.
    pub kinds: &'static [&'static str],
    /// The meanings that a path may go by, in either direction.
    pub walked: &'static [&'static str],
    /// The meanings that lead from something to what it came from, and never in a circle.
    pub origins: &'static [&'static str],
}

/// A table whose rows have one text key, `id`.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Its columns besides `id`.
    pub columns: &'static [(&'static str, Kind)],
    /// Columns that are searched by.
    pub indexes: &'static [&'static str],
    /// How long its rows are there.
    pub lasts: Lasts,
}

/// How long the rows of a table are there.
///
/// What is over is not shown, by the time of whoever asks. What an event finds there is judged by the time of the event
/// instead, so that rows are the same however late they are folded: a change of a row that was over by then begins it
/// anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lasts {
    /// Until they are deleted.
    Always,
    /// This long after the moment in one of their columns, which every change sets to the time of its event.
    For {
        /// Microseconds.
        micros: i64,
        /// The column.
        since: &'static str,
    },
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// Text that is this in a row that does not say.
    TextOr(&'static str),
    /// A whole number.
    Integer,
    /// A number.
    Real,
    /// A moment, in microseconds since 1970.
    Time,
    /// A JSON document.
    Json,
    /// A vector of numbers, which stands in a row as [`hydra_events::Vector`] is written.
    Vector,
}

impl Edges {
    /// The declared meaning of the connection with this key.
    pub fn kind_of(&self, key: &str) -> Option<&'static str> {
        let (kind, _) = key.split_once(' ')?;
        self.kinds.iter().find(|declared| **declared == kind).copied()
    }
}

impl View {
    /// The table called `name`.
    pub fn table(&self, name: &str) -> Option<&'static Table> {
        self.tables.iter().find(|table| table.name == name)
    }
}

impl Table {
    /// What the column called `name` holds.
    pub fn kind(&self, name: &str) -> Option<Kind> {
        self.columns.iter().find(|(column, _)| *column == name).map(|(_, kind)| *kind)
    }

    /// Columns that a store has to find rows by: those that are asked for, and the one that says since when a row is there,
    /// by which what is over is removed with every batch.
    pub fn searched(&self) -> Vec<&'static str> {
        let since = match self.lasts {
            Lasts::For { since, .. } => Some(since).filter(|since| !self.indexes.contains(since)),
            Lasts::Always => None,
        };
        self.indexes.iter().copied().chain(since).collect()
    }

    /// When `row` is over; `None` when it stays until it is deleted. One that does not say since when it is there never
    /// was.
    pub fn over_at(&self, row: &Row) -> Option<Timestamp> {
        match self.lasts {
            Lasts::Always => None,
            Lasts::For { micros, since } => {
                let begun = row.get(since).and_then(Value::as_i64);
                Some(Timestamp(begun.map_or(i64::MIN, |begun| begun.saturating_add(micros))))
            }
        }
    }

    /// Whether `row` is over at `time`.
    pub fn is_over(&self, row: &Row, time: Timestamp) -> bool {
        self.over_at(row).is_some_and(|end| end <= time)
    }
}

/// A change of one row.
#[derive(Clone, Debug, PartialEq)]
pub struct ViewOp {
    /// The table.
    pub table: &'static str,
    /// The row's key.
    pub key: String,
    /// What becomes of it.
    pub change: Change,
}

/// What becomes of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// These cells change; the row is made if need be.
    Put(Vec<(&'static str, Cell)>),
    /// The row goes.
    Delete,
}

/// What becomes of a cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// It gets this value.
    Set(Value),
    /// It grows by this number, from 0.
    Add(i64),
    /// This is appended to its JSON array.
    Push(Value),
}

impl ViewOp {
    /// A change of the row `key` in `table`, cell by cell.
    pub fn put(table: &'static str, key: impl ToString) -> Self {
        Self { table, key: key.to_string(), change: Change::Put(Vec::new()) }
    }

    /// The end of the row `key` in `table`.
    pub fn delete(table: &'static str, key: impl ToString) -> Self {
        Self { table, key: key.to_string(), change: Change::Delete }
    }

    /// Also sets `column`.
    pub fn set(self, column: &'static str, value: impl Into<Value>) -> Self {
        self.cell(column, Cell::Set(value.into()))
    }

    /// Also adds to `column`.
    pub fn add(self, column: &'static str, by: i64) -> Self {
        self.cell(column, Cell::Add(by))
    }

    /// Also appends to the array in `column`.
    pub fn push(self, column: &'static str, value: impl Into<Value>) -> Self {
        self.cell(column, Cell::Push(value.into()))
    }

    fn cell(mut self, column: &'static str, cell: Cell) -> Self {
        if let Change::Put(cells) = &mut self.change {
            cells.push((column, cell));
        }
        self
    }
}

/// The typed event in `recorded`; `None` when this program does not know it.
pub fn typed<E: Vocabulary>(recorded: &Recorded) -> Result<Option<E>, WireError> {
    match upcast::read(&recorded.kind, &recorded.payload) {
        Ok(event) => Ok(Some(event)),
        Err(WireError::Unknown(_) | WireError::Word { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// `value` as JSON; what cannot be written is null.
pub fn json(value: &impl serde::Serialize) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}
