//! Rows into Neo4j: nodes by UNWIND and CREATE, and connections between nodes that are found by an index.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use neo4rs::{BoltList, BoltMap, BoltType, ConfigBuilder, Graph, Query, Row, query};

use super::{Cell, Ends, Table, sample};
use crate::sample::{Calls, Sample};
use crate::scratch::Scratch;
use crate::{BenchError, failed};

/// Every node of a ceiling has this label, whatever its table: what is gone leaves no further names behind.
const LABEL: &str = "hydra_bench_raw";
/// Rows created in one transaction. The driver loses some 40 ms with each large message, so that a few are faster than many.
const ROWS: usize = 10_000;
/// Nodes or connections removed in one transaction.
const STEP: i64 = 10_000;

/// A server, and what this run has on it.
#[derive(Clone)]
pub struct Server {
    url: String,
    /// The user and the password.
    account: (String, String),
    graph: Graph,
    scratch: Scratch,
}

impl Server {
    /// The server that `url` names; its prefix, if it names one, is left alone.
    ///
    /// # Errors
    /// When the URL is none.
    pub fn try_new(url: &str, user: &str, password: &str, scratch: &Scratch) -> Result<Self, BenchError> {
        let (address, options) = url.split_once('?').unwrap_or((url, ""));
        let mut config = ConfigBuilder::default().uri(address).user(user).password(password);
        let database = options.split('&').find_map(|option| option.strip_prefix("database="));
        if let Some(database) = database {
            config = config.db(database);
        }
        let world = failed("reading the URL of Neo4j");
        let graph = Graph::connect(config.build().map_err(&world)?).map_err(&world)?;
        let database = database.map_or_else(String::new, |database| format!("database={database}&"));
        let account = (user.to_owned(), password.to_owned());
        Ok(Self { url: format!("{address}?{database}"), account, graph, scratch: scratch.clone() })
    }

    /// The URL of a place of the run's own for views, the account and its password.
    pub fn fresh_place(&self) -> (String, String, String) {
        let url = format!("{}prefix={}", self.url, self.scratch.fresh());
        (url, self.account.0.clone(), self.account.1.clone())
    }

    pub(super) async fn load(&self, tables: &[Table]) -> Result<Sample, BenchError> {
        let run = self.scratch.fresh();
        self.ask(&format!("CREATE INDEX {LABEL} IF NOT EXISTS FOR (n:{LABEL}) ON (n._build, n.id)")).await?;
        self.ask("CALL db.awaitIndexes(60)").await?;
        let (begun, mut calls) = (Instant::now(), Calls::default());
        let nodes: Vec<BoltMap> = nodes(tables, &run);
        let text = format!("UNWIND $rows AS row CREATE (n:{LABEL}) SET n = row");
        for rows in nodes.chunks(ROWS) {
            self.write(&text, rows, &run, &mut calls).await?;
        }
        for (table, ends) in tables.iter().filter_map(|table| Some((table, table.ends?))) {
            for (kind, rows) in by_kind(table, ends, &run) {
                let text = format!(
                    "UNWIND $rows AS row MATCH (a:{LABEL} {{_build: $run, id: row.source}}) \
                     MATCH (b:{LABEL} {{_build: $run, id: row.target}}) \
                     CREATE (a)-[r:`{LABEL}_{kind}`]->(b) SET r = row.cells"
                );
                for rows in rows.chunks(ROWS) {
                    self.write(&text, rows, &run, &mut calls).await?;
                }
            }
        }
        let secs = begun.elapsed().as_secs_f64();
        self.clear().await?;
        Ok(sample(tables, secs, calls))
    }

    async fn write(
        &self,
        text: &str,
        rows: &[BoltMap],
        run: &str,
        calls: &mut Calls,
    ) -> Result<(), BenchError> {
        let since = Instant::now();
        let rows: Vec<BoltType> = rows.iter().cloned().map(BoltType::Map).collect();
        let asked = query(text).param("rows", BoltType::List(BoltList::from(rows))).param("run", run);
        Box::pin(self.graph.run(asked)).await.map_err(failed("loading rows into Neo4j"))?;
        calls.note(since.elapsed());
        Ok(())
    }

    async fn ask(&self, text: &str) -> Result<(), BenchError> {
        let asked = Box::pin(self.graph.run(query(text))).await;
        asked.map(|_| ()).map_err(failed("asking Neo4j"))
    }

    async fn first(&self, asked: Query) -> Result<Option<Row>, BenchError> {
        let world = failed("asking Neo4j");
        let mut found = Box::pin(self.graph.execute(asked)).await.map_err(&world)?;
        Box::pin(found.next()).await.map_err(&world)
    }

    /// Removes every node of this run, whatever made it, and the index of the ceiling.
    ///
    /// # Errors
    /// When the server cannot be asked.
    pub async fn clear(&self) -> Result<(), BenchError> {
        let own = "n._build STARTS WITH $run OR n.prefix STARTS WITH $run OR n.node STARTS WITH $run";
        // Connections first: what many of them end at could not be removed in a step.
        self.remove(&format!("MATCH (n)-[r]->() WHERE {own} WITH r LIMIT $step DELETE r")).await?;
        self.remove(&format!("MATCH (n) WHERE {own} WITH n LIMIT $step DETACH DELETE n")).await?;
        self.ask(&format!("DROP INDEX {LABEL} IF EXISTS")).await
    }

    /// Repeats a removal until there is nothing left.
    async fn remove(&self, removing: &str) -> Result<(), BenchError> {
        let text = format!("{removing} RETURN count(*) AS gone");
        loop {
            let run = format!("{}_", self.scratch.run());
            let asked = query(&text).param("run", run).param("step", STEP);
            let gone = self.first(asked).await?.and_then(|row| row.get::<i64>("gone").ok());
            if gone.unwrap_or(0) < STEP {
                return Ok(());
            }
        }
    }

    /// The version.
    ///
    /// # Errors
    /// When the server cannot be asked.
    pub async fn describe(&self) -> Result<String, BenchError> {
        let asked = query("CALL dbms.components() YIELD versions RETURN versions[0] AS version");
        let version = self.first(asked).await?.and_then(|row| row.get::<String>("version").ok());
        Ok(format!("Neo4j {}", version.unwrap_or_default()))
    }
}

/// The nodes of all tables, and those that only connections end at.
fn nodes(tables: &[Table], run: &str) -> Vec<BoltMap> {
    let mut nodes = Vec::new();
    let mut known = BTreeSet::new();
    for table in tables.iter().filter(|table| table.ends.is_none()) {
        nodes.extend(table.rows.iter().map(|row| cells(table, row, run, &[])));
        known.extend(table.rows.iter().filter_map(|row| text(&row[0])));
    }
    for (table, ends) in tables.iter().filter_map(|table| Some((table, table.ends?))) {
        let named = table.rows.iter().flat_map(|row| [ends.source, ends.target].map(|end| text(&row[end])));
        let named: BTreeSet<&str> = named.flatten().filter(|end| !known.contains(end)).collect();
        nodes.extend(named.into_iter().map(|end| {
            let mut node = BoltMap::default();
            node.put("_build".into(), run.into());
            node.put("id".into(), end.into());
            node
        }));
    }
    nodes
}

/// The connections of a table, by what they mean.
fn by_kind(table: &Table, ends: Ends, run: &str) -> BTreeMap<String, Vec<BoltMap>> {
    let mut kinds: BTreeMap<String, Vec<BoltMap>> = BTreeMap::new();
    for row in &table.rows {
        let end = |at: usize| text(&row[at]).unwrap_or_default();
        let cells = cells(table, row, run, &[ends.source, ends.target, ends.kind]);
        let mut map = BoltMap::default();
        map.put("source".into(), end(ends.source).into());
        map.put("target".into(), end(ends.target).into());
        map.put("cells".into(), BoltType::Map(cells));
        kinds.entry(end(ends.kind).to_owned()).or_default().push(map);
    }
    kinds
}

fn cells(table: &Table, row: &[Cell], run: &str, left_out: &[usize]) -> BoltMap {
    let mut cells = BoltMap::with_capacity(row.len() + 1);
    cells.put("_build".into(), run.into());
    for (at, (cell, (column, _))) in row.iter().zip(&table.columns).enumerate() {
        if left_out.contains(&at) {
            continue;
        }
        let value: BoltType = match cell {
            Cell::Null => continue,
            Cell::Text(text) => text.as_str().into(),
            Cell::Integer(number) => (*number).into(),
            Cell::Real(number) => (*number).into(),
            Cell::Bytes(bytes) => bytes.clone().into(),
        };
        cells.put(column.as_str().into(), value);
    }
    cells
}

fn text(cell: &Cell) -> Option<&str> {
    match cell {
        Cell::Text(text) => Some(text),
        Cell::Null | Cell::Integer(_) | Cell::Real(_) | Cell::Bytes(_) => None,
    }
}
