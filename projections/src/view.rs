//! The shape of a projection: a pure function from an event to changes of rows.

use hydra_events::record::Recorded;
use hydra_events::upcast;
use hydra_events::wire::{Vocabulary, WireError};
use serde_json::Value;

/// A view family: some tables, filled by one pure function.
pub struct View {
    /// Its name, as `hydra rebuild` takes it.
    pub name: &'static str,
    /// Raised with every change of tables or projection: an older view is built again.
    pub version: u32,
    /// Its tables.
    pub tables: &'static [Table],
    /// What an event changes.
    pub apply: fn(&Recorded) -> Result<Vec<ViewOp>, WireError>,
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
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Real,
    /// A JSON document.
    Json,
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
