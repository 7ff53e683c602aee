//! Reading rows, and how far they are.

use hydra_events::record::Position;
use hydra_events::{Id, Timestamp, vector};
use rusqlite::types::{Value as Sql, ValueRef};
use rusqlite::{Connection, OptionalExtension, params_from_iter};
use serde_json::Value;

use super::super::{Checkpoint, Found, Generation, StoreError, Which, no_generation};
use super::shape;
use crate::batch::Quarantined;
use crate::view::{Kind, Lasts, Row, Table, View};

const NO_LIMIT: i64 = -1;

pub(super) fn checkpoint(
    connection: &Connection,
    view: &View,
    generation: Generation,
) -> Result<Option<Checkpoint>, StoreError> {
    if !shape::all_exist(connection, &["checkpoints", "quarantine"].map(str::to_owned))? {
        return Ok(None);
    }
    let Some(found) = stored(connection, view, generation)? else { return Ok(None) };
    // Whoever removed the one may have removed the others. Another version has other tables.
    let tables: Vec<String> = view.tables.iter().map(|table| shape::called(table, generation)).collect();
    let is_whole = found.version != view.version || shape::all_exist(connection, &tables)?;
    Ok(is_whole.then_some(found))
}

/// The checkpoint alone.
pub(super) fn stored(
    connection: &Connection,
    view: &View,
    generation: Generation,
) -> Result<Option<Checkpoint>, StoreError> {
    let query = "SELECT log, version, position, rate FROM checkpoints WHERE view = ?1";
    let read = |row: &rusqlite::Row<'_>| {
        Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?, row.get::<_, i64>(3)?))
    };
    let mut statement = connection.prepare_cached(query)?;
    let found = statement.query_row([shape::named(view, generation)], read).optional()?;
    Ok(found.and_then(|(log, version, position, rate)| {
        // What nobody here has written is no checkpoint.
        let (log, version) = (Id::from_slice(&log)?, u32::try_from(version).ok()?);
        Some(Checkpoint { log, version, position: position as Position, rate: u32::try_from(rate).ok()? })
    }))
}

/// Rows, and the checkpoint of the same moment.
pub(super) fn rows(
    connection: &Connection,
    view: &View,
    generation: Generation,
    table: &Table,
    which: Which,
    now: Timestamp,
) -> Result<Found, StoreError> {
    let snapshot = connection.unchecked_transaction()?;
    let Some(at) = stored(&snapshot, view, generation)? else {
        return Err(no_generation(view, generation));
    };
    let (mut conditions, mut values, mut most) = (Vec::new(), Vec::new(), NO_LIMIT);
    match which {
        Which::All => {}
        Which::Key(key) => {
            conditions.push("id = ?".to_owned());
            values.push(Sql::Text(key));
        }
        Which::Is(column, value) => {
            conditions.push(format!("{column} = ?"));
            values.push(comparable(value));
        }
        Which::After { key, limit } => {
            conditions.push("id > ?".to_owned());
            values.push(Sql::Text(key));
            most = i64::try_from(limit).unwrap_or(i64::MAX);
        }
    }
    if let Lasts::For { micros, since } = table.lasts {
        conditions.push(format!("{since} > ?"));
        values.push(Sql::Integer(now.0.saturating_sub(micros)));
    }
    let mut condition = conditions.join(" AND ");
    if !condition.is_empty() {
        condition.insert_str(0, "WHERE ");
    }
    values.push(Sql::Integer(most));
    let rows = found(&snapshot, generation, table, &format!("{condition} ORDER BY id LIMIT ?"), values)?;
    Ok(Found { at, rows })
}

fn found(
    connection: &Connection,
    generation: Generation,
    table: &Table,
    condition: &str,
    values: Vec<Sql>,
) -> Result<Vec<Row>, StoreError> {
    let columns: String = table.columns.iter().map(|(name, _)| format!(", {name}")).collect();
    let query = format!("SELECT id{columns} FROM {} {condition}", shape::called(table, generation));
    let mut statement = connection.prepare_cached(&query)?;
    let mut rows = statement.query(params_from_iter(values))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(object(table, row)?);
    }
    Ok(found)
}

pub(super) fn quarantined(
    connection: &Connection,
    view: &View,
    generation: Generation,
) -> Result<Vec<Quarantined>, StoreError> {
    let query = "SELECT position, stream, reason FROM quarantine WHERE view = ?1 ORDER BY position";
    let mut statement = connection.prepare_cached(query)?;
    let rows = statement.query_map([shape::named(view, generation)], |row| {
        let position = row.get::<_, i64>(0)? as Position;
        Ok(Quarantined { position, stream: row.get(1)?, reason: row.get(2)? })
    })?;
    rows.map(|row| Ok(row?)).collect()
}

pub(super) fn comparable(value: Value) -> Sql {
    match value {
        Value::String(text) => Sql::Text(text),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => Sql::Integer(whole),
            None => number.as_f64().map_or(Sql::Null, Sql::Real),
        },
        Value::Bool(truth) => Sql::Integer(truth.into()),
        Value::Null => Sql::Null,
        Value::Array(_) | Value::Object(_) => Sql::Text(value.to_string()),
    }
}

/// The row in columns `id` and those of `table`.
pub(super) fn object(table: &Table, row: &rusqlite::Row<'_>) -> Result<Row, StoreError> {
    let mut object = Row::new();
    object.insert("id".into(), row.get::<_, String>(0)?.into());
    for (index, (name, kind)) in table.columns.iter().enumerate() {
        let value = match (row.get_ref(index + 1)?, kind) {
            (ValueRef::Null, _) => continue,
            (ValueRef::Integer(number), _) => number.into(),
            (ValueRef::Real(number), _) => number.into(),
            (ValueRef::Blob(bytes), Kind::Vector) => vector::text_of(bytes).into(),
            (ValueRef::Text(text), Kind::Json) => serde_json::from_slice(text)?,
            (ValueRef::Text(text) | ValueRef::Blob(text), _) => String::from_utf8_lossy(text).into(),
        };
        object.insert((*name).into(), value);
    }
    Ok(object)
}
