//! Constraints and indexes, and what becomes of whole forms of a view.
//!
//! Every name here is made of the letters, digits and underscores of declarations.

use std::collections::BTreeSet;

use neo4rs::{BoltMap, BoltType, query};
use serde_json::Value;

use super::address::Address;
use super::form::Forms;
use super::session::{Failure, Server, Work};
use crate::store::{Applied, StoreError};
use crate::view::{Edges, Table, View};

/// How often something is tried that another transaction is in the way of.
const TRIES_MAX: u32 = 5;
/// Rows removed in one transaction.
const STEP: usize = 5_000;

/// What every view needs: labels, and by what a node of each is found.
const KEPT: [(&str, &str); 3] =
    [("hydra_checkpoint", "n.id"), ("hydra_retired", "n.build"), ("hydra_quarantine", "(n._build, n.id)")];
/// Takes the node for a transaction, which reads what the one before has left.
const HOLD: &str = "SET n._held = randomUUID() RETURN properties(n) AS cells, randomUUID() AS fresh";

/// A change of the forms of a view, where the second argument names a build that never was.
pub(super) type Change<'a> = &'a (dyn Fn(&mut Forms, String) -> Result<Applied, StoreError> + Send + Sync);

/// The nodes of a table.
pub(super) fn label(view: &View, table: &Table) -> String {
    format!("hydra_{}_{}", view.name, table.name)
}

/// The connections a table consists of, if it is the one of the view that does.
pub(super) fn as_edges<'a>(view: &'a View, table: &Table) -> Option<&'a Edges> {
    view.edges.as_ref().filter(|edges| edges.table == table.name)
}

/// What the checkpoint node of a view is called.
pub(super) fn node_id(address: &Address, view: &View) -> String {
    format!("{}/{}", address.prefix, view.name)
}

/// Makes the constraints and indexes there are not yet. Somebody may have dropped them with everything else.
pub(super) async fn ensure(server: &Server, view: &View) -> Result<(), Failure> {
    let found = server.rows(query("SHOW INDEXES YIELD name RETURN name")).await?;
    let there = found.iter().map(|row| row.get::<String>("name")).collect::<Result<BTreeSet<_>, _>>()?;
    let mut needed: Vec<(String, String)> =
        KEPT.into_iter().map(|(label, key)| unique(label.to_owned(), key)).collect();
    needed.extend(view.tables.iter().flat_map(|table| needed_by(view, table)));
    needed.retain(|(name, _)| !there.contains(name));
    for (_, statement) in &needed {
        server.shape(statement).await?;
    }
    if needed.is_empty() { Ok(()) } else { server.shape("CALL db.awaitIndexes(60)").await }
}

/// What makes the nodes with this label unique, with its name. It is an index too.
fn unique(label: String, key: &str) -> (String, String) {
    let statement =
        format!("CREATE CONSTRAINT {label} IF NOT EXISTS FOR (n:`{label}`) REQUIRE {key} IS UNIQUE");
    (label, statement)
}

fn needed_by(view: &View, table: &Table) -> Vec<(String, String)> {
    if let Some(edges) = as_edges(view, table) {
        let index = |kind: &&str| {
            let name = format!("hydra_{}_{kind}", view.name);
            let on = format!("FOR ()-[r:`{kind}`]-() ON (r._build, r.id)");
            (name.clone(), format!("CREATE INDEX {name} IF NOT EXISTS {on}"))
        };
        return edges.kinds.iter().map(index).collect();
    }
    let label = label(view, table);
    let index = |column: &str| {
        let (name, on) =
            (format!("{label}_{column}"), format!("FOR (n:`{label}`) ON (n._build, n.`{column}`)"));
        (name.clone(), format!("CREATE INDEX {name} IF NOT EXISTS {on}"))
    };
    let indexes = table.searched().into_iter().map(index);
    std::iter::once(unique(label.clone(), "(n._build, n.id)")).chain(indexes).collect()
}

/// The forms of a view; those of one that is not there are none.
pub(super) async fn forms(server: &Server, address: &Address, view: &View) -> Result<Forms, Failure> {
    let asked = query("MATCH (n:hydra_checkpoint {id: $id}) RETURN properties(n) AS cells");
    let found = server.probe(asked.param("id", node_id(address, view))).await?;
    match found.first() {
        Some(row) => Ok(Forms::read(&row.get::<Value>("cells")?)),
        None => Ok(Forms::default()),
    }
}

/// Takes the node of a view that has one for this transaction, with the forms it tells of.
pub(super) async fn hold(work: &mut Work, address: &Address, view: &View) -> Result<Option<Forms>, Failure> {
    let asked = query(&format!("MATCH (n:hydra_checkpoint {{id: $id}}) {HOLD}"));
    let found = work.rows(asked.param("id", node_id(address, view))).await?;
    let read = |row: &neo4rs::Row| Ok(Forms::read(&row.get::<Value>("cells")?));
    found.first().map(read).transpose()
}

/// Changes which forms there are, in one step. Rows of those that are no longer are removed afterwards, and where that
/// fails, after the next change.
pub(super) async fn change(
    server: &Server,
    address: &Address,
    view: &View,
    how: Change<'_>,
) -> Result<Applied, Failure> {
    let mut tries = 0;
    let before = loop {
        let mut work = server.begin().await?;
        let changed = changed(&mut work, address, view, how).await;
        match work.end(changed).await {
            Err(Failure::Moved) => return Ok(Applied::Moved),
            Err(failure) if failure.is_passing() && tries < TRIES_MAX => tries += 1,
            done => break done?,
        }
    };
    let swept = async {
        // Who removed the node alone has left the rows.
        if before == Forms::default() {
            retire_strays(server, address, view).await?;
        }
        sweep(server, address, view).await
    };
    if swept.await.is_err() {
        tracing::warn!(view = view.name, "what is left of a form that is gone will be removed later");
    }
    Ok(Applied::Done)
}

/// The forms there were.
async fn changed(work: &mut Work, address: &Address, view: &View, how: Change<'_>) -> Result<Forms, Failure> {
    let id = node_id(address, view);
    let asked = query(&format!("MERGE (n:hydra_checkpoint {{id: $id}}) {HOLD}")).param("id", id.as_str());
    let found = work.rows(asked).await?;
    let Some(row) = found.first() else {
        return Err(StoreError::Refused(format!("the checkpoint node {id} was not made")).into());
    };
    let before = Forms::read(&row.get::<Value>("cells")?);
    let mut after = before.clone();
    let build = format!("{}:{}", address.prefix, row.get::<String>("fresh")?);
    if how(&mut after, build)? == Applied::Moved {
        return Err(Failure::Moved);
    }
    let mut cells = BoltMap::new();
    cells.put("id".into(), id.as_str().into());
    cells.put("view".into(), view.name.into());
    cells.put("prefix".into(), address.prefix.as_str().into());
    after.put_into(&mut cells);
    let put = query("MATCH (n:hydra_checkpoint {id: $id}) SET n = $cells").param("id", id.as_str());
    work.run(put.param("cells", BoltType::Map(cells))).await?;
    let kept = after.builds();
    let gone: Vec<String> = before.builds().into_iter().filter(|build| !kept.contains(build)).collect();
    if !gone.is_empty() {
        let asked =
            query("UNWIND $builds AS build MERGE (n:hydra_retired {build: build}) SET n.node = $node");
        work.run(asked.param("builds", gone).param("node", id)).await?;
    }
    Ok(before)
}

/// Has the rows removed that belong to no form. A build whose rows are seen before the node is asked, and which the node
/// does not name then, will never be named again.
async fn retire_strays(server: &Server, address: &Address, view: &View) -> Result<(), Failure> {
    let mut seen = Vec::new();
    for label in view.tables.iter().filter(|table| as_edges(view, table).is_none()).map(|t| label(view, t)) {
        let text = format!(
            "MATCH (n:`{label}`) WHERE n._build STARTS WITH $own AND n.id >= '' RETURN DISTINCT n._build AS build"
        );
        for row in server.rows(query(&text).param("own", format!("{}:", address.prefix))).await? {
            seen.push(row.get::<String>("build")?);
        }
    }
    let kept = forms(server, address, view).await?.builds();
    seen.retain(|build| !kept.contains(build));
    if seen.is_empty() {
        return Ok(());
    }
    let asked = query("UNWIND $builds AS build MERGE (n:hydra_retired {build: build}) SET n.node = $node");
    let asked = asked.param("builds", seen).param("node", node_id(address, view));
    server.write(asked).await.map(|_| ())
}

/// Removes the rows of forms that are gone, some at a time.
async fn sweep(server: &Server, address: &Address, view: &View) -> Result<(), Failure> {
    let asked = query("MATCH (n:hydra_retired {node: $node}) RETURN n.build AS build");
    for row in server.rows(asked.param("node", node_id(address, view))).await? {
        let build: String = row.get("build")?;
        // Connections first: what many of them end at could not be removed in a step.
        for kind in view.edges.iter().flat_map(|edges| edges.kinds) {
            let found = format!("MATCH ()-[n:`{kind}`]->() WHERE n._build = $build AND n.id >= ''");
            remove(server, &build, &format!("{found} WITH n LIMIT $step DELETE n")).await?;
        }
        let labels =
            view.tables.iter().filter(|table| as_edges(view, table).is_none()).map(|t| label(view, t));
        for label in labels.chain(["hydra_quarantine".to_owned()]) {
            let found = format!("MATCH (n:`{label}`) WHERE n._build = $build AND n.id >= ''");
            remove(server, &build, &format!("{found} WITH n LIMIT $step DETACH DELETE n")).await?;
        }
        server.write(query("MATCH (n:hydra_retired {build: $build}) DELETE n").param("build", build)).await?;
    }
    Ok(())
}

/// Repeats a removal until there is nothing left.
async fn remove(server: &Server, build: &str, removing: &str) -> Result<(), Failure> {
    let text = format!("{removing} RETURN count(*) AS gone");
    loop {
        let asked = query(&text).param("build", build).param("step", STEP as i64);
        let found = server.write(asked).await?;
        let gone = found.first().map(|row| row.get::<i64>("gone")).transpose()?.unwrap_or(0);
        if gone < STEP as i64 {
            return Ok(());
        }
    }
}
