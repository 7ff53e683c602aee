//! Questions about connections, with recursive queries. Only the live tables are asked.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::Value;

use super::super::StoreError;
use super::super::graph::{LINKS_MAX, Link, STEPS_MAX, edges_of};
use super::read;
use crate::view::{Edges, Row, Table, View};

/// A graph as its tables are declared.
struct Declared {
    edges: &'static Edges,
    table: &'static Table,
    nodes: &'static Table,
}

impl Declared {
    fn of(view: &'static View) -> Result<Self, StoreError> {
        let edges = edges_of(view)?;
        match (view.table(edges.table), view.table(edges.nodes)) {
            (Some(table), Some(nodes)) => Ok(Self { edges, table, nodes }),
            (None, _) | (_, None) => {
                Err(StoreError::Refused(format!("the connections of the view {} have no table", view.name)))
            }
        }
    }

    /// The key and the columns of a connection, in the order they are read in.
    fn columns(&self) -> String {
        let columns = self.table.columns.iter().map(|(name, _)| format!(", edge.{name}"));
        std::iter::once("edge.id".to_owned()).chain(columns).collect()
    }
}

pub(super) fn neighbours(
    connection: &Connection,
    view: &'static View,
    node: &str,
) -> Result<Vec<Link>, StoreError> {
    let declared = Declared::of(view)?;
    let Edges { source, target, .. } = declared.edges;
    let query = format!(
        "SELECT {} FROM {} edge WHERE edge.{source} = ?1 OR edge.{target} = ?1 ORDER BY edge.id LIMIT ?2",
        declared.columns(),
        declared.table.name
    );
    let found = edges(connection, &declared, &query, params![node, LINKS_MAX as i64])?;
    links(connection, &declared, found)
}

pub(super) fn path(
    connection: &Connection,
    view: &'static View,
    from: &str,
    to: &str,
) -> Result<Option<Vec<Link>>, StoreError> {
    let declared = Declared::of(view)?;
    if from == to {
        return Ok(is_there(connection, &declared, from)?.then(Vec::new));
    }
    let far = distances(connection, &declared, to)?;
    let Some(mut left) = far.get(from).copied() else { return Ok(None) };
    let (mut at, mut steps) = (from.to_owned(), Vec::new());
    while left > 0 {
        // Of the connections that lead nearer, the first.
        let leads = walkable(connection, &declared, &at)?.into_iter().find_map(|edge| {
            let other = other_end(declared.edges, &edge, &at);
            (far.get(&other) == Some(&(left - 1))).then_some((edge, other))
        });
        // The file may have changed between two questions.
        let Some((edge, other)) = leads else { return Ok(None) };
        steps.push(edge);
        (at, left) = (other, left - 1);
    }
    links(connection, &declared, steps).map(Some)
}

pub(super) fn provenance(
    connection: &Connection,
    view: &'static View,
    node: &str,
) -> Result<Vec<Link>, StoreError> {
    let declared = Declared::of(view)?;
    let Edges { source, target, kind, origins, .. } = declared.edges;
    let (table, origins) = (declared.table.name, list(origins));
    let query = format!(
        "WITH RECURSIVE back (node, steps) AS (SELECT ?1, 0 UNION \
             SELECT edge.{target}, back.steps + 1 FROM back JOIN {table} edge ON edge.{source} = back.node \
             WHERE back.steps + 1 < ?2 AND edge.{kind} IN ({origins})) \
         SELECT {}, min(back.steps) AS nearest FROM back JOIN {table} edge ON edge.{source} = back.node \
         WHERE edge.{kind} IN ({origins}) GROUP BY edge.id ORDER BY nearest, edge.id LIMIT ?3",
        declared.columns()
    );
    let found = edges(connection, &declared, &query, params![node, STEPS_MAX as i64, LINKS_MAX as i64])?;
    links(connection, &declared, found)
}

/// How many steps every node near enough is from `to`.
fn distances(
    connection: &Connection,
    declared: &Declared,
    to: &str,
) -> Result<BTreeMap<String, i64>, StoreError> {
    let Edges { source, target, kind, walked, .. } = declared.edges;
    let (table, walked) = (declared.table.name, list(walked));
    let step = |begin: &str, end: &str| {
        format!(
            "SELECT edge.{end}, near.steps + 1 FROM near JOIN {table} edge ON edge.{begin} = near.node \
             WHERE near.steps < ?2 AND edge.{kind} IN ({walked})"
        )
    };
    let query = format!(
        "WITH RECURSIVE near (node, steps) AS (SELECT ?1, 0 UNION {} UNION {}) \
         SELECT node, min(steps) FROM near GROUP BY node",
        step(source, target),
        step(target, source)
    );
    let mut statement = connection.prepare_cached(&query)?;
    let found = statement.query_map(params![to, STEPS_MAX as i64], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// The connections at a node that a path may go by, by key.
fn walkable(connection: &Connection, declared: &Declared, node: &str) -> Result<Vec<Row>, StoreError> {
    let Edges { source, target, kind, walked, .. } = declared.edges;
    let query = format!(
        "SELECT {} FROM {} edge WHERE (edge.{source} = ?1 OR edge.{target} = ?1) AND edge.{kind} IN ({}) \
         ORDER BY edge.id",
        declared.columns(),
        declared.table.name,
        list(walked)
    );
    edges(connection, declared, &query, params![node])
}

fn is_there(connection: &Connection, declared: &Declared, node: &str) -> Result<bool, StoreError> {
    let Edges { source, target, .. } = declared.edges;
    let query = format!(
        "SELECT EXISTS (SELECT 1 FROM {} WHERE id = ?1) OR EXISTS (SELECT 1 FROM {table} WHERE {source} = ?1) \
         OR EXISTS (SELECT 1 FROM {table} WHERE {target} = ?1)",
        declared.nodes.name,
        table = declared.table.name
    );
    Ok(connection.prepare_cached(&query)?.query_row([node], |row| row.get(0))?)
}

fn edges(
    connection: &Connection,
    declared: &Declared,
    query: &str,
    values: impl rusqlite::Params,
) -> Result<Vec<Row>, StoreError> {
    let mut statement = connection.prepare_cached(query)?;
    let mut rows = statement.query(values)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read::object(declared.table, row)?);
    }
    Ok(found)
}

/// Connections with their ends.
fn links(connection: &Connection, declared: &Declared, edges: Vec<Row>) -> Result<Vec<Link>, StoreError> {
    let link = |edge: Row| {
        let source = node(connection, declared, text(&edge, declared.edges.source))?;
        let target = node(connection, declared, text(&edge, declared.edges.target))?;
        Ok(Link { edge, source, target })
    };
    edges.into_iter().map(link).collect()
}

fn node(connection: &Connection, declared: &Declared, id: &str) -> Result<Row, StoreError> {
    let columns: String = declared.nodes.columns.iter().map(|(name, _)| format!(", {name}")).collect();
    let query = format!("SELECT id{columns} FROM {} WHERE id = ?1", declared.nodes.name);
    let mut statement = connection.prepare_cached(&query)?;
    let read = |row: &rusqlite::Row<'_>| Ok(read::object(declared.nodes, row));
    match statement.query_row([id], read).optional()? {
        Some(row) => row,
        None => Ok(Row::from_iter([("id".to_owned(), Value::from(id))])),
    }
}

fn other_end(edges: &Edges, edge: &Row, node: &str) -> String {
    let (source, target) = (text(edge, edges.source), text(edge, edges.target));
    (if source == node { target } else { source }).to_owned()
}

/// Declared words, as a query has them.
fn list(words: &[&str]) -> String {
    words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(", ")
}

fn text<'a>(row: &'a Row, column: &str) -> &'a str {
    row.get(column).and_then(Value::as_str).unwrap_or_default()
}
