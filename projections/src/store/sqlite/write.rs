//! Writing a batch.

use hydra_events::{Timestamp, vector};
use rusqlite::types::{ToSqlOutput, Value as Sql};
use rusqlite::{Connection, OptionalExtension, ToSql, params, params_from_iter};
use serde_json::Value;

use super::super::{Applied, Generation, StoreError};
use super::{read, shape};
use crate::batch::Batch;
use crate::fold::{CellChange, RowChange};
use crate::view::{Kind, Lasts, Table, View};

pub(super) fn apply(
    connection: &Connection,
    view: &View,
    generation: Generation,
    batch: Batch,
) -> Result<Applied, StoreError> {
    let transaction = shape::begin(connection)?;
    let found = read::checkpoint(&transaction, view, generation)?;
    if !found.is_some_and(|checkpoint| checkpoint.precedes(view, &batch)) {
        return Ok(Applied::Moved);
    }
    let named = shape::named(view, generation);
    for event in &batch.quarantined {
        let values = params![named, event.position as i64, event.stream, event.reason];
        transaction.execute("INSERT OR REPLACE INTO quarantine VALUES (?1, ?2, ?3, ?4)", values)?;
    }
    for ((table, key), change) in batch.changes.0 {
        let Some(declared) = view.table(table) else { continue };
        let name = shape::called(declared, generation);
        if change.delete {
            transaction.prepare_cached(&format!("DELETE FROM {name} WHERE id = ?1"))?.execute([&key])?;
        } else if let Some(begun) = change.begun {
            remove_over(&transaction, &name, declared, Some(key.as_str()), begun)?;
        }
        if change.put {
            put(&transaction, &name, declared.columns, &key, change)?;
        }
    }
    if let Some(time) = batch.time {
        for table in view.tables {
            remove_over(&transaction, &shape::called(table, generation), table, None, time)?;
        }
    }
    let reached = params![named, batch.end as i64, batch.rate];
    transaction
        .prepare_cached("UPDATE checkpoints SET position = ?2, rate = ?3 WHERE view = ?1")?
        .execute(reached)?;
    transaction.commit()?;
    Ok(Applied::Done)
}

/// Removes what is over at `time` from the table called `name`: all of it, or the row with this key.
fn remove_over(
    connection: &Connection,
    name: &str,
    table: &Table,
    key: Option<&str>,
    time: Timestamp,
) -> Result<(), StoreError> {
    let Lasts::For { micros, since } = table.lasts else { return Ok(()) };
    // Two statements, for two ways to find the rows: one for both would read the whole table.
    let (over, end) = (format!("DELETE FROM {name} WHERE {since} <= ?1"), time.0.saturating_sub(micros));
    match key {
        Some(key) => connection.prepare_cached(&format!("{over} AND id = ?2"))?.execute(params![end, key])?,
        None => connection.prepare_cached(&over)?.execute([end])?,
    };
    Ok(())
}

fn put(
    connection: &Connection,
    table: &str,
    columns: &[(&'static str, Kind)],
    key: &str,
    change: RowChange,
) -> Result<(), StoreError> {
    let (mut names, mut updates, mut values) = (String::new(), Vec::new(), vec![Sql::Text(key.to_owned())]);
    for (column, cell) in change.cells {
        let kind = columns.iter().find(|(name, _)| *name == column).map_or(Kind::Text, |(_, kind)| *kind);
        let (value, update) = match cell {
            CellChange::Set(value) => (sql(kind, value), format!("{column} = excluded.{column}")),
            // A sum that overflows becomes a fraction, which the cast brings back to the limit.
            CellChange::Add(by) => {
                let sum = format!("coalesce({table}.{column}, 0) + excluded.{column}");
                (Sql::Integer(by), format!("{column} = CAST({sum} AS INTEGER)"))
            }
            CellChange::Append(new) => {
                (appended(connection, table, column, key, new)?, format!("{column} = excluded.{column}"))
            }
        };
        names.push_str(&format!(", {column}"));
        updates.push(update);
        values.push(value);
    }
    let places: Vec<String> = (1..=values.len()).map(|n| format!("?{n}")).collect();
    let update = match updates.is_empty() {
        true => "NOTHING".to_owned(),
        false => format!("UPDATE SET {}", updates.join(", ")),
    };
    let statement = format!(
        "INSERT INTO {table} (id{names}) VALUES ({}) ON CONFLICT (id) DO {update}",
        places.join(", ")
    );
    connection.prepare_cached(&statement)?.execute(params_from_iter(values.iter().map(Cell)))?;
    Ok(())
}

fn appended(
    connection: &Connection,
    table: &str,
    column: &str,
    key: &str,
    new: Vec<Value>,
) -> Result<Sql, StoreError> {
    let query = format!("SELECT {column} FROM {table} WHERE id = ?1");
    let stored: Option<Option<String>> =
        connection.prepare_cached(&query)?.query_row([key], |row| row.get(0)).optional()?;
    let mut values = match stored.flatten().map(|text| serde_json::from_str(&text)).transpose()? {
        Some(Value::Array(values)) => values,
        Some(_) | None => Vec::new(),
    };
    values.extend(new);
    Ok(Sql::Text(serde_json::to_string(&values)?))
}

struct Cell<'a>(&'a Sql);

impl ToSql for Cell<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        self.0.to_sql()
    }
}

/// A value in its normal form, as it is stored.
fn sql(kind: Kind, value: Value) -> Sql {
    match (kind, value) {
        (_, Value::Null) => Sql::Null,
        (Kind::Json, value) => Sql::Text(value.to_string()),
        (Kind::Vector, value) => value.as_str().and_then(vector::bytes_of).map_or(Sql::Null, Sql::Blob),
        (Kind::Real, value) => value.as_f64().map_or(Sql::Null, Sql::Real),
        (Kind::Integer | Kind::Time, value) => value.as_i64().map_or(Sql::Null, Sql::Integer),
        (Kind::Text | Kind::TextOr(_), Value::String(text)) => Sql::Text(text),
        (Kind::Text | Kind::TextOr(_), value) => Sql::Text(value.to_string()),
    }
}
