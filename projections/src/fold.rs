//! Many changes made one: what a batch of events does to each row, before anything is written.

use std::collections::BTreeMap;

use hydra_events::Timestamp;
use serde_json::Value;

use crate::view::{Cell, Change, Kind, Lasts, Row, Table, ViewOp, normal, text_without_nul};

/// What a batch does to one row.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct RowChange {
    /// The row goes first, whatever becomes of it then.
    pub(crate) delete: bool,
    /// The cells that change; none when the row only goes.
    pub(crate) cells: BTreeMap<&'static str, CellChange>,
    /// Whether the row is there afterwards.
    pub(crate) put: bool,
    /// When the first of the changes was, in a table whose rows do not last: what was over by then does not count.
    pub(crate) begun: Option<Timestamp>,
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
    /// Adds `op` on `table`, which comes after everything added before.
    pub(crate) fn add(&mut self, table: &Table, op: ViewOp) {
        let key = text_without_nul(op.key);
        let row = self.0.entry((table.name, key)).or_default();
        match op.change {
            Change::Delete => *row = RowChange { delete: true, ..RowChange::default() },
            Change::Put(cells) => {
                row.reach(table, &cells);
                row.put = true;
                for (column, cell) in cells {
                    debug_assert!(table.kind(column).is_some(), "{} has no {column}", table.name);
                    let kind = table.kind(column).unwrap_or(Kind::Text);
                    row.merge(column, fitting(kind, cell));
                }
            }
        }
    }

    /// Makes the row `key` of `table` what `row` is, whatever it was.
    pub(crate) fn replace(&mut self, table: &Table, key: &str, row: Option<Row>) {
        let change = self.0.entry((table.name, key.to_owned())).or_default();
        *change = RowChange { delete: true, put: row.is_some(), ..RowChange::default() };
        for (column, _) in table.columns {
            let value = row.as_ref().and_then(|row| row.get(*column)).cloned().unwrap_or(Value::Null);
            change.cells.insert(column, CellChange::Set(value));
        }
    }
}

/// `cell` as it is stored.
fn fitting(kind: Kind, cell: Cell) -> Cell {
    match cell {
        Cell::Set(value) => Cell::Set(normal(kind, value)),
        Cell::Push(value) => Cell::Push(normal(Kind::Json, value)),
        Cell::Add(by) => Cell::Add(by),
    }
}

impl RowChange {
    /// The row `id` of `table` as it is afterwards, where it was `old` before; `None` when it is gone.
    pub(crate) fn onto(&self, table: &Table, id: &str, old: Option<&Row>) -> Option<Row> {
        let over = |row: &Row| self.begun.is_some_and(|begun| table.is_over(row, begun));
        let before = old.filter(|row| !self.delete && !over(row));
        if !self.put {
            return before.cloned();
        }
        let mut row = before.cloned().unwrap_or_else(|| fresh(table, id));
        for (column, change) in &self.cells {
            let was = row.remove(*column);
            let is = match (change, was) {
                (CellChange::Set(value), _) => value.clone(),
                (CellChange::Add(by), was) => {
                    (was.and_then(|value| value.as_i64()).unwrap_or(0).saturating_add(*by)).into()
                }
                (CellChange::Append(new), Some(Value::Array(mut values))) => {
                    values.extend(new.iter().cloned());
                    values.into()
                }
                (CellChange::Append(new), _) => new.clone().into(),
            };
            if !is.is_null() {
                row.insert((*column).to_owned(), is);
            }
        }
        Some(row)
    }

    /// Comes to the time of the next change: if the row is over by then, it begins anew.
    fn reach(&mut self, table: &Table, next: &[(&'static str, Cell)]) {
        let Lasts::For { micros, since } = table.lasts else { return };
        let moment = |cell: &Cell| match cell {
            Cell::Set(value) => value.as_i64(),
            Cell::Add(_) | Cell::Push(_) => None,
        };
        let next = next.iter().find(|(column, _)| *column == since).and_then(|(_, cell)| moment(cell));
        debug_assert!(next.is_some(), "a change of {} does not say when it was", table.name);
        let Some(next) = next else { return };
        if let Some(CellChange::Set(last)) = self.cells.get(since)
            && last.as_i64().is_some_and(|last| last.saturating_add(micros) <= next)
        {
            *self = Self { delete: true, ..Self::default() };
        }
        self.begun.get_or_insert(Timestamp(next));
    }

    fn merge(&mut self, column: &'static str, cell: Cell) {
        let merged = match (self.cells.remove(column), cell) {
            (_, Cell::Set(value)) => CellChange::Set(value),
            (Some(CellChange::Add(sum)), Cell::Add(by)) => CellChange::Add(sum.saturating_add(by)),
            (Some(CellChange::Set(value)), Cell::Add(by)) => {
                CellChange::Set(value.as_i64().unwrap_or(0).saturating_add(by).into())
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
            (None | Some(CellChange::Add(_)), Cell::Push(value)) => CellChange::Append(vec![value]),
            // What is no array is replaced by one.
            (Some(CellChange::Set(_)), Cell::Push(value)) => CellChange::Set(Value::Array(vec![value])),
        };
        self.cells.insert(column, merged);
    }
}

/// A row nothing was said about yet.
fn fresh(table: &Table, id: &str) -> Row {
    let mut row = Row::new();
    row.insert("id".to_owned(), id.into());
    for (column, kind) in table.columns {
        if let Kind::TextOr(text) = kind {
            row.insert((*column).to_owned(), (*text).into());
        }
    }
    row
}
