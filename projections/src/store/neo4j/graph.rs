//! Questions about connections, in Cypher.

use neo4rs::{Query, query};
use serde_json::{Map, Value};

use super::cell;
use super::read::{kinds, points};
use super::session::{Failure, Server};
use crate::store::graph::{LINKS_MAX, Link, STEPS_MAX};
use crate::view::{Edges, View};

const LINK: &str = "RETURN properties(r) AS cells, type(r) AS kind, properties(startNode(r)) AS source, \
                    properties(endNode(r)) AS target";

/// What begins or ends at a node.
pub(super) async fn neighbours(
    server: &Server,
    build: &str,
    view: &View,
    edges: &Edges,
    node: &str,
) -> Result<Vec<Link>, Failure> {
    let text = format!(
        "MATCH (n:`{}` {{_build: $build, id: $node}})-[r:{}]-() WITH DISTINCT r {LINK} ORDER BY r.id LIMIT $limit",
        points(view, edges),
        kinds(edges.kinds)
    );
    let asked = query(&text).param("node", node).param("limit", LINKS_MAX as i64);
    links(server, asked.param("build", build), view, edges).await
}

/// A shortest way between two different nodes.
pub(super) async fn path(
    server: &Server,
    build: &str,
    view: &View,
    edges: &Edges,
    [from, to]: [&str; 2],
) -> Result<Option<Vec<Link>>, Failure> {
    let (label, kinds) = (points(view, edges), kinds(edges.walked));
    let text = format!(
        "MATCH (a:`{label}` {{_build: $build, id: $from}}), (b:`{label}` {{_build: $build, id: $to}}) \
         MATCH p = allShortestPaths((a)-[:{kinds}*..{STEPS_MAX}]-(b)) \
         WITH relationships(p) AS steps, [r IN relationships(p) | r.id] AS keys ORDER BY keys LIMIT 1 \
         UNWIND range(0, size(steps) - 1) AS step WITH steps[step] AS r, step {LINK}, step ORDER BY step"
    );
    let asked = query(&text).param("build", build).param("from", from).param("to", to);
    let steps = links(server, asked, view, edges).await?;
    Ok(if steps.is_empty() { None } else { Some(steps) })
}

/// Whether a node is there, as a row or as an end.
pub(super) async fn is_there(
    server: &Server,
    build: &str,
    view: &View,
    edges: &Edges,
    node: &str,
) -> Result<bool, Failure> {
    let text = format!("MATCH (n:`{}` {{_build: $build, id: $node}}) RETURN n.id AS id", points(view, edges));
    Ok(!server.rows(query(&text).param("build", build).param("node", node)).await?.is_empty())
}

/// What a node came from.
pub(super) async fn provenance(
    server: &Server,
    build: &str,
    view: &View,
    edges: &Edges,
    node: &str,
) -> Result<Vec<Link>, Failure> {
    let text = format!(
        "MATCH p = (n:`{}` {{_build: $build, id: $node}})-[:{}*1..{STEPS_MAX}]->() \
         WITH last(relationships(p)) AS r, min(length(p)) AS steps {LINK}, steps ORDER BY steps, r.id LIMIT $limit",
        points(view, edges),
        kinds(edges.origins)
    );
    let asked = query(&text).param("node", node).param("limit", LINKS_MAX as i64);
    links(server, asked.param("build", build), view, edges).await
}

async fn links(server: &Server, asked: Query, view: &View, edges: &Edges) -> Result<Vec<Link>, Failure> {
    server.rows(asked).await?.iter().map(|row| link(view, edges, row)).collect()
}

fn link(view: &View, edges: &Edges, found: &neo4rs::Row) -> Result<Link, Failure> {
    let cells = |name: &str| found.get::<Map<String, Value>>(name);
    let (source, target) = (cells("source")?, cells("target")?);
    let mut edge = cells("cells")?;
    edge.insert(edges.kind.to_owned(), found.get::<Value>("kind")?);
    for (column, end) in [(edges.source, &source), (edges.target, &target)] {
        edge.insert(column.to_owned(), end.get("id").cloned().unwrap_or(Value::Null));
    }
    // A table that is not declared has no rows.
    let row = |table: &str, cells| match view.table(table) {
        Some(table) => cell::row(table, cells),
        None => Ok(Map::new()),
    };
    Ok(Link {
        edge: row(edges.table, edge)?,
        source: row(edges.nodes, source)?,
        target: row(edges.nodes, target)?,
    })
}
