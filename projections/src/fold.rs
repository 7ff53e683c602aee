//! Many changes made one: what a batch of events does to each row, before anything is written.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::view::{Cell, Change, ViewOp};

/// What a batch does to one row.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct RowChange {
    /// The row goes first, whatever becomes of it then.
    pub(crate) delete: bool,
    /// The cells that change; none when the row only goes.
    pub(crate) cells: BTreeMap<&'static str, CellChange>,
    /// Whether the row is there afterwards.
    pub(crate) put: bool,
}

/// What a batch does to one cell.
#[derive(Debug, PartialEq)]
pub(crate) enum CellChange {
    Set(Value),
    Add(i64),
    Append(Vec<Value>),
}

/// The changes of a batch, by table and key.
#[derive(Debug, Default)]
pub(crate) struct Folded(pub(crate) BTreeMap<(&'static str, String), RowChange>);

impl Folded {
    /// Adds `op`, which comes after everything added before.
    pub(crate) fn add(&mut self, op: ViewOp) {
        let row = self.0.entry((op.table, op.key)).or_default();
        match op.change {
            Change::Delete => *row = RowChange { delete: true, ..RowChange::default() },
            Change::Put(cells) => {
                row.put = true;
                for (column, cell) in cells {
                    row.merge(column, cell);
                }
            }
        }
    }
}

impl RowChange {
    fn merge(&mut self, column: &'static str, cell: Cell) {
        let merged = match (self.cells.remove(column), cell) {
            (_, Cell::Set(value)) => CellChange::Set(value),
            (Some(CellChange::Add(sum)), Cell::Add(by)) => CellChange::Add(sum + by),
            (Some(CellChange::Set(value)), Cell::Add(by)) => {
                CellChange::Set((value.as_i64().unwrap_or(0) + by).into())
            }
            (None | Some(CellChange::Append(_)), Cell::Add(by)) => CellChange::Add(by),
            (Some(CellChange::Append(mut values)), Cell::Push(value)) => {
                values.push(value);
                CellChange::Append(values)
            }
            (Some(CellChange::Set(Value::Array(mut values))), Cell::Push(value)) => {
                values.push(value);
                CellChange::Set(Value::Array(values))
            }
            (None | Some(CellChange::Add(_) | CellChange::Set(_)), Cell::Push(value)) => {
                CellChange::Append(vec![value])
            }
        };
        self.cells.insert(column, merged);
    }
}
