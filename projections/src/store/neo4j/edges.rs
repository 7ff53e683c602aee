//! Writing rows that are connections: each is one of the kind, between the ends, that its cells name.
//!
//! An end need not be a row yet; then a node without cells stands for it, which becomes the row.

use std::collections::BTreeMap;

use neo4rs::{BoltType, query};
use serde_json::Value;

use super::session::{Failure, Work};
use super::write::{Changes, Touched};
use super::{cell, read};
use crate::store::StoreError;
use crate::view::{Edges, Row, Table, View};

/// What is done to connections of one kind.
#[derive(Default)]
struct Kept {
    gone: Vec<String>,
    changed: Vec<Row>,
    fresh: Vec<Row>,
}

/// Writes whole rows, where `old` are those there were.
pub(super) async fn write(
    work: &mut Work,
    build: &str,
    view: &View,
    table: &Table,
    edges: &Edges,
    changes: Changes,
    old: &Touched,
) -> Result<(), Failure> {
    let label = read::points(view, edges);
    let columns = [edges.source, edges.target, edges.kind];
    let sorted = by_kind(table, edges, changes, old)?;
    for (kind, Kept { gone, changed, fresh }) in &sorted {
        remove(work, build, kind, gone).await?;
        let text = format!(
            "UNWIND $rows AS row MATCH ()-[r:`{kind}`]->() WHERE r._build = $build AND r.id = row.id SET r = row"
        );
        let cells = |row| BoltType::Map(cell::properties(table, row, build, &columns));
        for rows in cell::portions(changed.iter().map(cells)) {
            work.run(query(&text).param("build", build).param("rows", rows)).await?;
        }
        let text = format!(
            "UNWIND $rows AS row MERGE (a:`{label}` {{_build: $build, id: row.source}}) \
             MERGE (b:`{label}` {{_build: $build, id: row.target}}) CREATE (a)-[r:`{kind}`]->(b) SET r = row.cells"
        );
        let ends = |row| {
            cell::map([
                ("source", text_in(row, edges.source).into()),
                ("target", text_in(row, edges.target).into()),
                ("cells", cells(row)),
            ])
        };
        for rows in cell::portions(fresh.iter().map(ends)) {
            work.run(query(&text).param("build", build).param("rows", rows)).await?;
        }
    }
    Ok(())
}

async fn remove(work: &mut Work, build: &str, kind: &str, keys: &[String]) -> Result<(), Failure> {
    let text = format!(
        "UNWIND $keys AS key MATCH ()-[r:`{kind}`]->() WHERE r._build = $build AND r.id = key DELETE r"
    );
    for keys in cell::portions(keys.iter().map(|key| key.as_str().into())) {
        work.run(query(&text).param("build", build).param("keys", keys)).await?;
    }
    Ok(())
}

fn by_kind(
    table: &Table,
    edges: &Edges,
    Changes { gone, rows }: Changes,
    old: &Touched,
) -> Result<BTreeMap<&'static str, Kept>, StoreError> {
    let mut sorted: BTreeMap<&'static str, Kept> = BTreeMap::new();
    for id in gone {
        if old.contains_key(&(table.name, id.clone())) {
            sorted.entry(kind_of(edges, &id)?).or_default().gone.push(id);
        }
    }
    for row in rows {
        let id = read::key(&row).to_owned();
        let kind = kind_of(edges, &id)?;
        debug_assert_eq!(kind, text_in(&row, edges.kind), "the key {id:?} says something else than its row");
        let kept = sorted.entry(kind).or_default();
        match old.get(&(table.name, id.clone())) {
            Some(was) if connects_the_same(edges, was, &row) => kept.changed.push(row),
            Some(_) => {
                kept.gone.push(id);
                kept.fresh.push(row);
            }
            None => kept.fresh.push(row),
        }
    }
    Ok(sorted)
}

fn connects_the_same(edges: &Edges, one: &Row, other: &Row) -> bool {
    [edges.source, edges.target].iter().all(|column| one.get(*column) == other.get(*column))
}

/// The declared kind of a connection, which is safe to be part of a statement.
fn kind_of(edges: &Edges, key: &str) -> Result<&'static str, StoreError> {
    let undeclared =
        || StoreError::Refused(format!("the key {key:?} begins with no declared kind of connection"));
    edges.kind_of(key).ok_or_else(undeclared)
}

fn text_in<'a>(row: &'a Row, column: &str) -> &'a str {
    row.get(column).and_then(Value::as_str).unwrap_or_default()
}
