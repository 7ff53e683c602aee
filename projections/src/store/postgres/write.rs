//! Writing a batch: one transaction, and for each table it touches one question for the rows there were and one statement
//! for what they are now.

use std::collections::BTreeMap;

use hydra_events::Timestamp;
use serde_json::Value;
use sqlx::postgres::{PgConnection, PgPool};
use sqlx::{AssertSqlSafe, query};

use super::super::Applied;
use super::{Failure, column, read, shape};
use crate::batch::{Batch, Quarantined, Written};
use crate::view::{Kind, Lasts, Row, Table, View, normal};

/// Rows of one table.
#[derive(Default)]
struct Changes {
    gone: Vec<String>,
    rows: Vec<Row>,
}

pub(super) async fn apply(
    pool: &PgPool,
    schema: &str,
    view: &'static View,
    batch: &Batch,
) -> Result<Applied, Failure> {
    let mut transaction = pool.begin().await?;
    shape::hold(&mut transaction, schema).await?;
    let found = read::checkpoint_in(&mut *transaction, schema).await?;
    if !found.is_some_and(|checkpoint| checkpoint.precedes(view, batch)) {
        return Ok(Applied::Moved);
    }
    let old = touched(&mut transaction, schema, view, batch).await?;
    for (table, changes) in by_table(view, batch.changed(view, &old)) {
        remove(&mut transaction, schema, table, changes.gone).await?;
        put(&mut transaction, schema, table, &changes.rows).await?;
    }
    for table in view.tables {
        remove_over(&mut transaction, schema, table, batch.time).await?;
    }
    set_aside(&mut transaction, schema, &batch.quarantined).await?;
    let text = format!("UPDATE \"{schema}\".checkpoint SET position = $1, rate = $2");
    let reached = query(AssertSqlSafe(text)).bind(batch.end as i64).bind(i64::from(batch.rate));
    reached.execute(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(Applied::Done)
}

/// The rows that `batch` touches, as they are.
async fn touched(
    transaction: &mut PgConnection,
    schema: &str,
    view: &'static View,
    batch: &Batch,
) -> Result<BTreeMap<(&'static str, String), Row>, Failure> {
    let mut old = BTreeMap::new();
    for (name, keys) in batch.keys() {
        let Some(table) = view.table(name) else { continue };
        for row in read::rows_of(&mut *transaction, schema, table, &keys).await? {
            let key = row.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
            old.insert((name, key), row);
        }
    }
    Ok(old)
}

fn by_table(view: &'static View, written: impl Iterator<Item = Written>) -> Vec<(&'static Table, Changes)> {
    let mut changes: BTreeMap<&'static str, Changes> = BTreeMap::new();
    for Written { table, id, row } in written {
        let changes = changes.entry(table.name).or_default();
        match row {
            Some(row) => changes.rows.push(row),
            None => changes.gone.push(id),
        }
    }
    changes.into_iter().filter_map(|(name, changes)| Some((view.table(name)?, changes))).collect()
}

async fn remove(
    transaction: &mut PgConnection,
    schema: &str,
    table: &Table,
    keys: Vec<String>,
) -> Result<(), Failure> {
    if keys.is_empty() {
        return Ok(());
    }
    let text = format!("DELETE FROM \"{schema}\".\"{}\" WHERE id = ANY ($1)", table.name);
    query(AssertSqlSafe(text)).bind(keys).execute(transaction).await?;
    Ok(())
}

/// Removes what no later event can find.
async fn remove_over(
    transaction: &mut PgConnection,
    schema: &str,
    table: &Table,
    time: Option<Timestamp>,
) -> Result<(), Failure> {
    let (Lasts::For { micros, since }, Some(time)) = (table.lasts, time) else { return Ok(()) };
    let text = format!("DELETE FROM \"{schema}\".\"{}\" WHERE \"{since}\" <= $1", table.name);
    let end = normal(Kind::Time, time.0.saturating_sub(micros).into());
    column::bind(query(AssertSqlSafe(text)), Kind::Time, &end).execute(transaction).await?;
    Ok(())
}

async fn put(
    transaction: &mut PgConnection,
    schema: &str,
    table: &Table,
    rows: &[Row],
) -> Result<(), Failure> {
    if rows.is_empty() {
        return Ok(());
    }
    let text = upsert(schema, table);
    let mut asked = column::bind_all(query(AssertSqlSafe(text)), Kind::Text, rows, "id");
    for (name, kind) in table.columns {
        asked = column::bind_all(asked, *kind, rows, name);
    }
    asked.execute(transaction).await?;
    Ok(())
}

/// One array for each column, whatever the number of rows.
fn upsert(schema: &str, table: &Table) -> String {
    let (mut names, mut values, mut arrays) = (String::new(), String::new(), "$1::text[]".to_owned());
    let mut updates = Vec::new();
    for (index, (name, kind)) in table.columns.iter().enumerate() {
        names.push_str(&format!(", \"{name}\""));
        values.push_str(&format!(", \"{name}\"::{}", column::sql_type(*kind)));
        arrays.push_str(&format!(", ${}::{}[]", index + 2, column::travels_as(*kind)));
        updates.push(format!("\"{name}\" = excluded.\"{name}\""));
    }
    let update = match updates.is_empty() {
        true => "NOTHING".to_owned(),
        false => format!("UPDATE SET {}", updates.join(", ")),
    };
    format!(
        "INSERT INTO \"{schema}\".\"{}\" (id{names}) SELECT id{values} FROM unnest({arrays}) AS new (id{names}) \
         ON CONFLICT (id) DO {update}",
        table.name
    )
}

async fn set_aside(
    transaction: &mut PgConnection,
    schema: &str,
    quarantined: &[Quarantined],
) -> Result<(), Failure> {
    if quarantined.is_empty() {
        return Ok(());
    }
    let text = format!(
        "INSERT INTO \"{schema}\".quarantine SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[]) \
         ON CONFLICT (position) DO UPDATE SET stream = excluded.stream, reason = excluded.reason"
    );
    let positions: Vec<i64> = quarantined.iter().map(|event| event.position as i64).collect();
    let streams: Vec<&str> = quarantined.iter().map(|event| event.stream.as_str()).collect();
    let reasons: Vec<&str> = quarantined.iter().map(|event| event.reason.as_str()).collect();
    let asked = query(AssertSqlSafe(text)).bind(positions).bind(streams).bind(reasons);
    asked.execute(transaction).await?;
    Ok(())
}
