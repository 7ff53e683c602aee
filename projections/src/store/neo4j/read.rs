//! Reading rows of one form.
//!
//! A question does not see one moment of the database but what is committed as it goes, so the build is looked up before
//! and after it: rows of a form are removed only when no node names it any more.

use std::collections::BTreeMap;

use neo4rs::{BoltType, Query, query};
use serde_json::{Map, Value};

use super::address::Address;
use super::cell;
use super::session::{Failure, Server, Work};
use super::shape;
use crate::batch::Quarantined;
use crate::store::{Found, Generation, Which};
use crate::view::{Edges, Kind, Lasts, Row, Table, View};

/// Some rows, in the order of their keys' bytes.
pub(super) async fn rows(
    server: &Server,
    build: &str,
    view: &View,
    table: &Table,
    which: &Which,
) -> Result<Vec<Row>, Failure> {
    let mut rows = Vec::new();
    for text in asked(view, table, which) {
        let asked = with_values(query(&text), table, which).param("build", build);
        if take(view, table, which, &mut rows, server.rows(asked).await?)? {
            break;
        }
    }
    Ok(ordered(rows, which))
}

/// The same while nobody writes, with the checkpoint; `None` where there is no such form.
pub(super) async fn held(
    server: &Server,
    address: &Address,
    view: &View,
    generation: Generation,
    table: &Table,
    which: &Which,
) -> Result<Option<Found>, Failure> {
    let mut work = server.begin().await?;
    let found = found(&mut work, address, view, generation, table, which).await;
    work.end(found).await
}

async fn found(
    work: &mut Work,
    address: &Address,
    view: &View,
    generation: Generation,
    table: &Table,
    which: &Which,
) -> Result<Option<Found>, Failure> {
    let forms = shape::hold(work, address, view).await?.unwrap_or_default();
    let Some(form) = forms.of(generation) else { return Ok(None) };
    let mut rows = Vec::new();
    for text in asked(view, table, which) {
        let asked = with_values(query(&text), table, which).param("build", form.build.as_str());
        if take(view, table, which, &mut rows, work.rows(asked).await?)? {
            break;
        }
    }
    Ok(Some(Found { at: form.checkpoint, rows: ordered(rows, which) }))
}

/// Reads what one question has found, and says whether that is enough: connections come by kind, which their keys begin
/// with.
fn take(
    view: &View,
    table: &Table,
    which: &Which,
    rows: &mut Vec<Row>,
    found: Vec<neo4rs::Row>,
) -> Result<bool, Failure> {
    for row in &found {
        rows.push(read(view, table, row)?);
    }
    Ok(matches!(which, Which::After { limit, .. } if rows.len() >= *limit))
}

fn ordered(mut rows: Vec<Row>, which: &Which) -> Vec<Row> {
    rows.sort_by(|one, other| key(one).cmp(key(other)));
    if let Which::After { limit, .. } = which {
        rows.truncate(*limit);
    }
    rows
}

/// Those of the rows with these keys that are there, shown or not.
pub(super) async fn rows_of(
    work: &mut Work,
    build: &str,
    view: &View,
    table: &Table,
    keys: &[String],
) -> Result<Vec<Row>, Failure> {
    let mut questions: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for key in keys {
        let text = match shape::as_edges(view, table) {
            None => node_of(view, table),
            Some(edges) => match edges.kind_of(key) {
                Some(kind) => edge_of(kind),
                None => continue,
            },
        };
        questions.entry(text).or_default().push(key);
    }
    let mut rows = Vec::new();
    for (text, keys) in questions {
        for keys in cell::portions(keys.into_iter().map(BoltType::from)) {
            for row in work.rows(query(&text).param("build", build).param("keys", keys)).await? {
                rows.push(read(view, table, &row)?);
            }
        }
    }
    Ok(rows)
}

fn node_of(view: &View, table: &Table) -> String {
    let label = shape::label(view, table);
    format!("UNWIND $keys AS key MATCH (n:`{label}` {{_build: $build, id: key}}) WHERE n._row = true {NODE}")
}

fn edge_of(kind: &str) -> String {
    format!("UNWIND $keys AS key MATCH (a)-[r:`{kind}`]->(b) WHERE r._build = $build AND r.id = key {EDGE}")
}

/// What one form goes on without, by position.
pub(super) async fn quarantined(server: &Server, build: &str) -> Result<Vec<Quarantined>, Failure> {
    let asked = query(
        "MATCH (n:hydra_quarantine) WHERE n._build = $build AND n.id >= '' \
         RETURN n.position AS position, n.stream AS stream, n.reason AS reason ORDER BY position",
    );
    let found = server.rows(asked.param("build", build)).await?;
    let event = |row: &neo4rs::Row| {
        let position = row.get::<i64>("position")?.unsigned_abs();
        Ok(Quarantined { position, stream: row.get("stream")?, reason: row.get("reason")? })
    };
    found.iter().map(event).collect()
}

const NODE: &str = "RETURN properties(n) AS cells";
const EDGE: &str = "RETURN properties(r) AS cells, type(r) AS kind, a.id AS source, b.id AS target";

/// The questions that come to all of the rows.
fn asked(view: &View, table: &Table, which: &Which) -> Vec<String> {
    let Some(edges) = shape::as_edges(view, table) else {
        let (label, shown) = (shape::label(view, table), not_over(table));
        let found = format!("MATCH (n:`{label}`) WHERE n._build = $build AND n._row = true{shown}");
        return vec![format!("{found} AND {} {NODE} {}", condition("n", which), order("n", which))];
    };
    match which {
        Which::Is(column, _) if *column == edges.source => vec![at_end(view, edges, "a")],
        Which::Is(column, _) if *column == edges.target => vec![at_end(view, edges, "b")],
        Which::Is(column, value) if *column == edges.kind => by_kind(edges, which, |kind| *value == kind),
        Which::Key(key) => by_kind(edges, which, |kind| edges.kind_of(key) == Some(kind)),
        Which::After { key, .. } => {
            let first = key.split(' ').next().unwrap_or_default();
            by_kind(edges, which, |kind| kind >= first)
        }
        Which::All | Which::Is(..) => by_kind(edges, which, |_| true),
    }
}

/// One question for each of some kinds, in their order: an index has the connections of one kind, and a question about
/// several of them is translated for seconds.
fn by_kind(edges: &Edges, which: &Which, is_asked: impl Fn(&str) -> bool) -> Vec<String> {
    let mut kinds: Vec<&str> = edges.kinds.iter().copied().filter(|kind| is_asked(kind)).collect();
    kinds.sort_unstable();
    // The kind is no cell.
    let is_of_kind = matches!(which, Which::Is(column, _) if *column == edges.kind);
    let condition = condition("r", if is_of_kind { &Which::All } else { which });
    let asked = |kind| {
        let found = format!("MATCH (a)-[r:`{kind}`]->(b) WHERE r._build = $build AND {condition}");
        format!("{found} {EDGE} {}", order("r", which))
    };
    kinds.into_iter().map(asked).collect()
}

/// What rows have to be like to be shown; connections last.
fn not_over(table: &Table) -> String {
    match table.lasts {
        Lasts::Always => String::new(),
        Lasts::For { micros, since } => format!(" AND n.`{since}` > timestamp() * 1000 - {micros}"),
    }
}

/// The connections at one end of which is what `$value` names.
fn at_end(view: &View, edges: &Edges, end: &str) -> String {
    let (points, kinds) = (points(view, edges), kinds(edges.kinds));
    format!("MATCH ({end}:`{points}` {{_build: $build, id: $value}}) MATCH (a)-[r:{kinds}]->(b) {EDGE}")
}

/// Kinds of connections as a pattern has them.
pub(super) fn kinds(kinds: &[&str]) -> String {
    kinds.iter().map(|kind| format!("`{kind}`")).collect::<Vec<_>>().join("|")
}

/// The label of what connections connect.
pub(super) fn points(view: &View, edges: &Edges) -> String {
    format!("hydra_{}_{}", view.name, edges.nodes)
}

fn condition(name: &str, which: &Which) -> String {
    match which {
        Which::All => format!("{name}.id >= ''"),
        Which::Key(_) => format!("{name}.id = $key"),
        Which::Is(column, _) => format!("{name}.`{column}` = $value"),
        Which::After { .. } => format!("{name}.id > $key"),
    }
}

fn order(name: &str, which: &Which) -> String {
    match which {
        Which::After { .. } => format!("ORDER BY {name}.id LIMIT $limit"),
        Which::All | Which::Key(_) | Which::Is(..) => String::new(),
    }
}

fn with_values(asked: Query, table: &Table, which: &Which) -> Query {
    match which {
        Which::All => asked,
        Which::Key(key) => asked.param("key", key.as_str()),
        Which::Is(column, value) => {
            asked.param("value", cell::value(table.kind(column).unwrap_or(Kind::Text), value))
        }
        Which::After { key, limit } => {
            asked.param("key", key.as_str()).param("limit", i64::try_from(*limit).unwrap_or(i64::MAX))
        }
    }
}

fn read(view: &View, table: &Table, found: &neo4rs::Row) -> Result<Row, Failure> {
    let mut cells: Map<String, Value> = found.get("cells")?;
    if let Some(edges) = shape::as_edges(view, table) {
        for (column, name) in [(edges.source, "source"), (edges.target, "target"), (edges.kind, "kind")] {
            cells.insert(column.to_owned(), found.get::<Value>(name)?);
        }
    }
    cell::row(table, cells)
}

/// The key of a row.
pub(super) fn key(row: &Row) -> &str {
    row.get("id").and_then(Value::as_str).unwrap_or_default()
}
