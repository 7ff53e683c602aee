//! Writing folded rows.

use rusqlite::types::{ToSqlOutput, Value as Sql};
use rusqlite::{Connection, OptionalExtension, ToSql, params_from_iter};
use serde_json::Value;

use super::StoreError;
use crate::fold::{CellChange, Folded, RowChange};
use crate::view::{Kind, View};

pub(super) fn rows(
    connection: &Connection,
    view: &View,
    suffix: &str,
    folded: Folded,
) -> Result<(), StoreError> {
    for ((table, key), change) in folded.0 {
        let Some(declared) = view.tables.iter().find(|declared| declared.name == table) else { continue };
        let name = format!("{table}{suffix}");
        if change.delete {
            connection.prepare_cached(&format!("DELETE FROM {name} WHERE id = ?1"))?.execute([&key])?;
        }
        if change.put {
            put(connection, &name, declared.columns, &key, change)?;
        }
    }
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
            CellChange::Add(by) => {
                (Sql::Integer(by), format!("{column} = coalesce({table}.{column}, 0) + excluded.{column}"))
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
    let mut values: Vec<Value> = match stored.flatten() {
        Some(text) => serde_json::from_str(&text)?,
        None => Vec::new(),
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

fn sql(kind: Kind, value: Value) -> Sql {
    match (kind, value) {
        (_, Value::Null) => Sql::Null,
        (Kind::Json, value) => Sql::Text(value.to_string()),
        (Kind::Real, value) => value.as_f64().map_or(Sql::Null, Sql::Real),
        (Kind::Integer, Value::Bool(truth)) => Sql::Integer(truth.into()),
        (Kind::Integer, value) => value.as_i64().map_or(Sql::Null, Sql::Integer),
        (Kind::Text, Value::String(text)) => Sql::Text(text),
        (Kind::Text, value) => Sql::Text(value.to_string()),
    }
}
