//! Reading rows, and how far they are. Each question is one script, so that no switch comes in between.

use hydra_events::Timestamp;
use serde_json::Value;

use super::super::{Checkpoint, Found, Generation, StoreError, Which, no_generation};
use super::keys::{self, BEHIND, BETWEEN};
use super::link::Link;
use super::scripts;
use crate::batch::Quarantined;
use crate::view::{Kind, Lasts, Row, Table, View, normal};

/// All that are there.
const NO_LIMIT: i64 = -1;
/// Values of a checkpoint.
const CHECKPOINT: usize = 4;

pub(super) async fn checkpoint(
    link: &Link,
    view: &View,
    generation: Generation,
) -> Result<Option<Checkpoint>, StoreError> {
    let mut arguments = vec![keys::generation(generation).to_owned(), view.version.to_string()];
    arguments.extend(keys::counted(view));
    let found: Option<Vec<String>> = link.run(&scripts::CHECKPOINT, view, &arguments).await?;
    Ok(found.as_deref().and_then(decoded))
}

/// A checkpoint as the scripts give it; `None` where it was tampered with.
fn decoded(fields: &[String]) -> Option<Checkpoint> {
    let [log, version, position, rate] = fields else { return None };
    Some(Checkpoint {
        log: log.parse().ok()?,
        version: version.parse().ok()?,
        position: position.parse().ok()?,
        rate: rate.parse().ok()?,
    })
}

pub(super) async fn rows(
    link: &Link,
    view: &View,
    generation: Generation,
    table: &Table,
    which: Which,
) -> Result<Found, StoreError> {
    match table.lasts {
        Lasts::Always => lasting(link, view, generation, table, which).await,
        Lasts::For { .. } => fleeting(link, view, generation, table, which).await,
    }
}

/// What a script gives: a checkpoint, and what is behind it.
fn parted(
    view: &View,
    generation: Generation,
    found: Option<Vec<String>>,
) -> Result<(Checkpoint, Vec<String>), StoreError> {
    let gone = || no_generation(view, generation);
    let mut found = found.filter(|found| found.len() >= CHECKPOINT).ok_or_else(gone)?;
    let rest = found.split_off(CHECKPOINT);
    Ok((decoded(&found).ok_or_else(gone)?, rest))
}

/// A part of an order, and how many bytes stand before each key there.
struct Range {
    order: String,
    from: String,
    to: String,
    limit: i64,
    cut: usize,
}

async fn lasting(
    link: &Link,
    view: &View,
    generation: Generation,
    table: &Table,
    which: Which,
) -> Result<Found, StoreError> {
    let Range { order, from, to, limit, cut } = range(table, which);
    let mut arguments = vec![keys::generation(generation).to_owned(), view.version.to_string()];
    arguments.extend([keys::rows(table), order, from, to, limit.to_string(), cut.to_string()]);
    arguments.extend(keys::counted(view));
    let found = link.run(&scripts::RANGE, view, &arguments).await?;
    let (at, rows) = parted(view, generation, found)?;
    let rows = rows.iter().map(|row| Ok(serde_json::from_str(row)?)).collect::<Result<_, StoreError>>()?;
    Ok(Found { at, rows })
}

fn range(table: &Table, which: Which) -> Range {
    let (order, all) = (keys::order(table), || "+".to_owned());
    match which {
        Which::All => Range { order, from: "-".to_owned(), to: all(), limit: NO_LIMIT, cut: 0 },
        Which::Key(key) => {
            let only = format!("[{key}");
            Range { order, from: only.clone(), to: only, limit: NO_LIMIT, cut: 0 }
        }
        Which::After { key, limit } => {
            let limit = i64::try_from(limit).unwrap_or(NO_LIMIT);
            Range { order, from: format!("({key}"), to: all(), limit, cut: 0 }
        }
        Which::Is(column, value) => {
            debug_assert!(table.indexes.contains(&column), "{} has no index on {column}", table.name);
            let value = wanted(table, column, value).to_string();
            let (from, to) = (format!("[{value}{BETWEEN}"), format!("({value}{BEHIND}"));
            let cut = value.len() + BETWEEN.len_utf8();
            Range { order: keys::index(table, column), from, to, limit: NO_LIMIT, cut }
        }
    }
}

/// `value` as a row has it. A null is in no row, and in no index.
fn wanted(table: &Table, column: &str, value: Value) -> Value {
    normal(table.kind(column).unwrap_or(Kind::Text), value)
}

/// Rows that do not last are few: an hour's. They are all looked at.
async fn fleeting(
    link: &Link,
    view: &View,
    generation: Generation,
    table: &Table,
    which: Which,
) -> Result<Found, StoreError> {
    let mut arguments = vec![keys::generation(generation).to_owned(), view.version.to_string()];
    arguments.push(keys::fleeting(table));
    arguments.extend(keys::counted(view));
    let (at, found) = parted(view, generation, link.run(&scripts::FLEETING, view, &arguments).await?)?;
    let mut found = found.into_iter();
    let now = found.next().and_then(|micros| micros.parse().ok()).map_or(Timestamp(i64::MAX), Timestamp);
    let rows = found.map(|row| Ok(serde_json::from_str(&row)?)).collect::<Result<Vec<Row>, StoreError>>()?;
    let mut rows: Vec<Row> = rows.into_iter().filter(|row| !table.is_over(row, now)).collect();
    rows.sort_by(|one, other| id(one).cmp(id(other)));
    match which {
        Which::All => {}
        Which::Key(key) => rows.retain(|row| id(row) == key),
        Which::Is(column, value) => {
            let value = wanted(table, column, value);
            rows.retain(|row| row.get(column) == Some(&value));
        }
        Which::After { key, limit } => {
            rows.retain(|row| id(row) > key.as_str());
            rows.truncate(limit);
        }
    }
    Ok(Found { at, rows })
}

fn id(row: &Row) -> &str {
    row.get("id").and_then(Value::as_str).unwrap_or_default()
}

pub(super) async fn quarantined(
    link: &Link,
    view: &View,
    generation: Generation,
) -> Result<Vec<Quarantined>, StoreError> {
    let arguments = [keys::generation(generation).to_owned()];
    let found: Vec<String> = link.run(&scripts::QUARANTINED, view, &arguments).await?;
    let mut events = Vec::with_capacity(found.len());
    for event in &found {
        let (position, stream, reason) = serde_json::from_str(event)?;
        events.push(Quarantined { position, stream, reason });
    }
    events.sort_by_key(|event| event.position);
    Ok(events)
}
