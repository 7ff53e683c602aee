//! Reading rows, and how far they are.

use hydra_events::Id;
use hydra_events::record::Position;
use serde_json::Value;
use sqlx::postgres::{PgExecutor, PgPool, PgRow};
use sqlx::{AssertSqlSafe, Row as _, query};

use super::super::{Checkpoint, Found, Which};
use super::{Failure, column, is_gone};
use crate::batch::Quarantined;
use crate::view::{Kind, Lasts, Row, Table, View};

pub(super) async fn checkpoint(
    pool: &PgPool,
    schema: &str,
    view: &View,
) -> Result<Option<Checkpoint>, Failure> {
    // Whoever removed the one may have removed the others. Another version has other tables.
    let text = format!(
        "SELECT log, version, position, rate, (SELECT count(*) FROM pg_tables WHERE schemaname = $1 \
         AND tablename = ANY ($2)) FROM \"{schema}\".checkpoint"
    );
    let mut tables: Vec<&str> = view.tables.iter().map(|table| table.name).collect();
    tables.push("quarantine");
    let whole = tables.len() as i64;
    let found = query(AssertSqlSafe(text)).bind(schema).bind(tables).fetch_optional(pool).await;
    match found {
        Ok(Some(row)) => {
            let found = read_checkpoint(&row, 0)?;
            let is_whole = row.try_get::<i64, _>(4)? == whole;
            Ok(found.filter(|found| is_whole || found.version != view.version))
        }
        Ok(None) => Ok(None),
        Err(error) if is_gone(&error) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The checkpoint in a schema, whatever else is there; `None` where there is none.
pub(super) async fn checkpoint_in(
    executor: impl PgExecutor<'_>,
    schema: &str,
) -> Result<Option<Checkpoint>, sqlx::Error> {
    let text = format!("SELECT log, version, position, rate FROM \"{schema}\".checkpoint FOR UPDATE");
    let found = query(AssertSqlSafe(text)).fetch_optional(executor).await?;
    Ok(found.map(|row| read_checkpoint(&row, 0)).transpose()?.flatten())
}

/// A checkpoint, as its table has it, in the columns from `first` on.
fn read_checkpoint(row: &PgRow, first: usize) -> Result<Option<Checkpoint>, sqlx::Error> {
    let (version, position): (i32, i64) = (row.try_get(first + 1)?, row.try_get(first + 2)?);
    let rate: i64 = row.try_get(first + 3)?;
    let checkpoint = |log| Checkpoint {
        log,
        version: version.cast_unsigned(),
        position: position as Position,
        rate: u32::try_from(rate).unwrap_or(u32::MAX),
    };
    Ok(Id::from_slice(row.try_get(first)?).map(checkpoint))
}

/// Rows, and the checkpoint of the same moment; `None` where there is no checkpoint.
pub(super) async fn rows(
    pool: &PgPool,
    schema: &str,
    table: &Table,
    which: Which,
) -> Result<Option<Found>, Failure> {
    let select = format!("{} WHERE {}", select(schema, table), not_over(table));
    let rows = match which {
        Which::All => query(AssertSqlSafe(seen(schema, &select))).fetch_all(pool).await?,
        Which::Key(key) => {
            let text = seen(schema, &format!("{select} AND id = $1"));
            query(AssertSqlSafe(text)).bind(key).fetch_all(pool).await?
        }
        Which::Is(name, value) => {
            let kind = table.kind(name).unwrap_or(Kind::Text);
            let text = seen(schema, &format!("{select} AND \"{name}\" = $1"));
            column::bind(query(AssertSqlSafe(text)), kind, &value).fetch_all(pool).await?
        }
        Which::After { key, limit } => {
            let text = seen(schema, &format!("{select} AND id > $1 ORDER BY id LIMIT $2"));
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            query(AssertSqlSafe(text)).bind(key).bind(limit).fetch_all(pool).await?
        }
    };
    let Some(first) = rows.first() else { return Ok(None) };
    // Behind the columns of the table; where it has no such rows there is one without a key.
    let Some(at) = read_checkpoint(first, table.columns.len() + 1)? else { return Ok(None) };
    let keyed = |row: &&PgRow| !matches!(row.try_get::<Option<&str>, _>(0), Ok(None));
    let rows = rows.iter().filter(keyed).map(|row| object(table, row)).collect::<Result<_, _>>()?;
    Ok(Some(Found { at, rows }))
}

/// `select` with the checkpoint in one snapshot, and at least one row where there is a checkpoint. The limit tells the
/// planner what it cannot know of a table that small.
fn seen(schema: &str, select: &str) -> String {
    format!(
        "SELECT found.*, kept.log, kept.version, kept.position, kept.rate \
         FROM (SELECT * FROM \"{schema}\".checkpoint LIMIT 1) AS kept LEFT JOIN ({select}) AS found ON true \
         ORDER BY found.id"
    )
}

/// What rows have to be like to be shown.
fn not_over(table: &Table) -> String {
    match table.lasts {
        Lasts::Always => "true".to_owned(),
        Lasts::For { micros, since } => format!("\"{since}\" > now() - interval '{micros} microseconds'"),
    }
}

/// Those of the rows with these keys that are there, shown or not.
pub(super) async fn rows_of(
    executor: impl PgExecutor<'_>,
    schema: &str,
    table: &Table,
    keys: &[String],
) -> Result<Vec<Row>, Failure> {
    let text = format!("{} WHERE id = ANY ($1)", select(schema, table));
    let rows = query(AssertSqlSafe(text)).bind(keys).fetch_all(executor).await?;
    rows.iter().map(|row| object(table, row)).collect()
}

pub(super) async fn quarantined(pool: &PgPool, schema: &str) -> Result<Vec<Quarantined>, Failure> {
    let text = format!("SELECT position, stream, reason FROM \"{schema}\".quarantine ORDER BY position");
    let rows = query(AssertSqlSafe(text)).fetch_all(pool).await?;
    let read = |row: &PgRow| {
        let position = row.try_get::<i64, _>(0)? as Position;
        Ok(Quarantined { position, stream: row.try_get(1)?, reason: row.try_get(2)? })
    };
    rows.iter().map(read).collect()
}

fn select(schema: &str, table: &Table) -> String {
    let column = |(name, kind): &(&str, Kind)| match kind {
        // In this form numbers come back as they are, and not as what a decimal type makes of them.
        Kind::Json => format!(", \"{name}\"::text"),
        Kind::Text | Kind::TextOr(_) | Kind::Integer | Kind::Real | Kind::Time | Kind::Vector => {
            format!(", \"{name}\"")
        }
    };
    let columns: String = table.columns.iter().map(column).collect();
    format!("SELECT id{columns} FROM \"{schema}\".\"{}\"", table.name)
}

fn object(table: &Table, row: &PgRow) -> Result<Row, Failure> {
    let mut object = Row::new();
    object.insert("id".to_owned(), Value::String(row.try_get(0)?));
    for (index, (name, kind)) in table.columns.iter().enumerate() {
        if let Some(value) = column::get(row, index + 1, *kind)? {
            object.insert((*name).to_owned(), value);
        }
    }
    Ok(object)
}
