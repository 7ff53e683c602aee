//! Looking for the nearest vectors: every one that passes the filters is read where it lies and compared.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, params_from_iter};

use super::super::{Generation, StoreError, no_generation};
use super::{read, shape};
use crate::likeness::{Best, MODEL, Nearest, NearestFound, VECTOR};
use crate::view::{Table, View};

pub(super) fn nearest(
    connection: &Connection,
    view: &View,
    generation: Generation,
    table: &Table,
    asked: &Nearest,
) -> Result<NearestFound, StoreError> {
    let snapshot = connection.unchecked_transaction()?;
    let Some(at) = read::stored(&snapshot, view, generation)? else {
        return Err(no_generation(view, generation));
    };
    let (mut condition, mut values) = (format!("{MODEL} = ?"), vec![asked.model.clone().into()]);
    for (column, value) in &asked.filters {
        condition.push_str(&format!(" AND {column} = ?"));
        values.push(read::comparable(value.clone()));
    }
    let name = shape::called(table, generation);
    let query = format!("SELECT id, {VECTOR} FROM {name} WHERE {condition}");
    let mut statement = snapshot.prepare_cached(&query)?;
    let mut rows = statement.query(params_from_iter(values))?;
    let mut best = Best::of(asked);
    while let Some(row) = rows.next()? {
        if let (ValueRef::Text(id), ValueRef::Blob(bytes)) = (row.get_ref(0)?, row.get_ref(1)?) {
            best.look(&String::from_utf8_lossy(id), bytes);
        }
    }
    Ok(NearestFound { at, near: best.found() })
}
