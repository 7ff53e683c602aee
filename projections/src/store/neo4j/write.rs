//! Writing a batch: one transaction, which holds the checkpoint node of the view from its first statement on.

use std::collections::BTreeMap;

use hydra_events::Timestamp;
use neo4rs::{BoltType, query};

use super::address::Address;
use super::session::{Failure, Server, Work};
use super::{cell, edges, form, read, shape};
use crate::batch::{Batch, Quarantined, Written};
use crate::store::{Applied, Generation};
use crate::view::{Lasts, Row, Table, View};

/// How often a batch is tried that another transaction is in the way of.
const TRIES_MAX: u32 = 5;

/// Leaves of a node what connections end at, if any do.
const EMPTIED: &str = "SET n = {_build: $build, id: n.id} WITH n WHERE NOT (n)--() DELETE n";

/// The rows a batch touches, as they were.
pub(super) type Touched = BTreeMap<(&'static str, String), Row>;

/// Rows of one table.
#[derive(Default)]
pub(super) struct Changes {
    pub(super) gone: Vec<String>,
    pub(super) rows: Vec<Row>,
}

pub(super) async fn apply(
    server: &Server,
    address: &Address,
    view: &'static View,
    generation: Generation,
    batch: &Batch,
) -> Result<Applied, Failure> {
    let mut tries = 0;
    loop {
        let mut work = server.begin().await?;
        let done = applied(&mut work, address, view, generation, batch).await;
        match work.end(done).await {
            Ok(()) => return Ok(Applied::Done),
            Err(Failure::Moved) => return Ok(Applied::Moved),
            Err(failure) if failure.is_passing() && tries < TRIES_MAX => tries += 1,
            Err(failure) => return Err(failure),
        }
    }
}

async fn applied(
    work: &mut Work,
    address: &Address,
    view: &'static View,
    generation: Generation,
    batch: &Batch,
) -> Result<(), Failure> {
    let forms = shape::hold(work, address, view).await?.unwrap_or_default();
    let found = forms.of(generation).filter(|form| form.checkpoint.precedes(view, batch));
    let Some(form) = found else { return Err(Failure::Moved) };
    let build = form.build.as_str();
    let old = touched(work, build, view, batch).await?;
    for (table, changes) in by_table(view, batch.changed(view, &old)) {
        match shape::as_edges(view, table) {
            Some(declared) => edges::write(work, build, view, table, declared, changes, &old).await?,
            None => {
                let label = shape::label(view, table);
                remove(work, build, &label, &changes.gone).await?;
                put(work, build, table, &label, &changes.rows).await?;
            }
        }
    }
    for table in view.tables {
        remove_over(work, build, view, table, batch.time).await?;
    }
    set_aside(work, build, &batch.quarantined).await?;
    let word = form::word(generation);
    let reached = format!(
        "MATCH (n:hydra_checkpoint {{id: $id}}) SET n.{word}_position = $position, n.{word}_rate = $rate"
    );
    let reached = query(&reached).param("id", shape::node_id(address, view));
    work.run(reached.param("position", batch.end as i64).param("rate", i64::from(batch.rate))).await
}

/// The rows that `batch` touches, as they are.
async fn touched(
    work: &mut Work,
    build: &str,
    view: &'static View,
    batch: &Batch,
) -> Result<Touched, Failure> {
    let mut old = Touched::new();
    for (name, keys) in batch.keys() {
        let Some(table) = view.table(name) else { continue };
        for row in read::rows_of(work, build, view, table, &keys).await? {
            old.insert((name, read::key(&row).to_owned()), row);
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

/// Removes rows. One that connections end at stays as their end.
async fn remove(work: &mut Work, build: &str, label: &str, keys: &[String]) -> Result<(), Failure> {
    let text = format!("UNWIND $keys AS key MATCH (n:`{label}` {{_build: $build, id: key}}) {EMPTIED}");
    for keys in cell::portions(keys.iter().map(|key| key.as_str().into())) {
        work.run(query(&text).param("build", build).param("keys", keys)).await?;
    }
    Ok(())
}

/// Removes what no later event can find.
async fn remove_over(
    work: &mut Work,
    build: &str,
    view: &View,
    table: &Table,
    time: Option<Timestamp>,
) -> Result<(), Failure> {
    let (Lasts::For { micros, since }, Some(time)) = (table.lasts, time) else { return Ok(()) };
    let label = shape::label(view, table);
    let found = format!("MATCH (n:`{label}`) WHERE n._build = $build AND n.`{since}` <= $end");
    let asked = query(&format!("{found} {EMPTIED}")).param("build", build);
    work.run(asked.param("end", time.0.saturating_sub(micros))).await
}

/// Puts whole rows in the place of what was there.
async fn put(work: &mut Work, build: &str, table: &Table, label: &str, rows: &[Row]) -> Result<(), Failure> {
    let text = format!("UNWIND $rows AS row MERGE (n:`{label}` {{_build: $build, id: row.id}}) SET n = row");
    let node = |row: &Row| {
        let mut cells = cell::properties(table, row, build, &[]);
        cells.put(cell::ROW.into(), true.into());
        BoltType::Map(cells)
    };
    for rows in cell::portions(rows.iter().map(node)) {
        work.run(query(&text).param("build", build).param("rows", rows)).await?;
    }
    Ok(())
}

async fn set_aside(work: &mut Work, build: &str, quarantined: &[Quarantined]) -> Result<(), Failure> {
    let text = "UNWIND $events AS event MERGE (n:hydra_quarantine {_build: $build, id: event.id}) \
                SET n.position = event.position, n.stream = event.stream, n.reason = event.reason";
    let event = |event: &Quarantined| {
        cell::map([
            ("id", format!("{:020}", event.position).into()),
            ("position", (event.position as i64).into()),
            ("stream", event.stream.as_str().into()),
            ("reason", event.reason.as_str().into()),
        ])
    };
    for events in cell::portions(quarantined.iter().map(event)) {
        work.run(query(text).param("build", build).param("events", events)).await?;
    }
    Ok(())
}
