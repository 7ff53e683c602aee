//! A view built anew beside the live one, compared, and put in its place in one transaction.

use std::path::Path;
use std::sync::Arc;

use hydra_events::EventLog;
use hydra_events::record::Position;
use rusqlite::Connection;
use serde::Serialize;

use crate::projector::end_of;
use crate::store::{Store, StoreError, view_named};
use crate::view::{Table, View};

const BATCH: usize = 2_000;
const SUFFIX: &str = "__next";
/// Differences named one by one; more are only counted.
const NAMED_MAX: usize = 20;

/// What a rebuild found.
#[derive(Clone, Debug, Serialize)]
pub struct Rebuilt {
    /// The view.
    pub view: String,
    /// The events it was folded from.
    pub events: Position,
    /// The rows it has.
    pub rows: u64,
    /// How many rows were different, missing or too many before.
    pub differing: u64,
    /// Some of them, as `table/id`.
    pub differences: Vec<String>,
}

/// Builds the view called `name` anew from `log` in the store at `path`, which nobody else may be writing.
pub async fn rebuild(log: Arc<dyn EventLog>, path: &Path, name: &str) -> Result<Rebuilt, StoreError> {
    let view = view_named(name)?;
    let mut store = Store::open(path)?;
    let head = log.head().await?;
    store.resume(view, log.id(), head)?;
    // Both sides at the head, or the comparison would only show the lag.
    let live = store.checkpoint(view)?.map_or(0, |checkpoint| checkpoint.position);
    store = fold(&log, store, view, "", live).await?.0;
    store.reset(view, SUFFIX)?;
    let (store, events) = fold(&log, store, view, SUFFIX, 0).await?;
    let mut rebuilt =
        Rebuilt { view: name.to_owned(), events, rows: 0, differing: 0, differences: Vec::new() };
    for table in view.tables {
        compare(&store.connection, table, &mut rebuilt)?;
    }
    switch(&store.connection, view)?;
    Ok(rebuilt)
}

async fn fold(
    log: &Arc<dyn EventLog>,
    store: Store,
    view: &'static View,
    suffix: &'static str,
    after: Position,
) -> Result<(Store, Position), StoreError> {
    let (mut store, mut after) = (store, after);
    loop {
        let records = log.scan(after, BATCH).await?;
        let Some(end) = end_of(&records) else { return Ok((store, after)) };
        after = end;
        let events: Vec<_> = records.into_iter().flatten().collect();
        let id = log.id();
        let work = move || store.apply(view, suffix, id, &events).map(|()| store);
        store = tokio::task::spawn_blocking(work).await.map_err(|_| StoreError::Ended)??;
    }
}

fn compare(connection: &Connection, table: &Table, rebuilt: &mut Rebuilt) -> Result<(), StoreError> {
    let name = table.name;
    let next = format!("{name}{SUFFIX}");
    rebuilt.rows +=
        connection.query_row(&format!("SELECT count(*) FROM {next}"), [], |row| row.get::<_, i64>(0))? as u64;
    let query = format!(
        "SELECT id FROM (SELECT * FROM {name} EXCEPT SELECT * FROM {next}) \
         UNION SELECT id FROM (SELECT * FROM {next} EXCEPT SELECT * FROM {name}) ORDER BY id"
    );
    let mut statement = connection.prepare(&query)?;
    let ids = statement.query_map([], |row| row.get::<_, String>(0))?;
    for id in ids {
        rebuilt.differing += 1;
        if rebuilt.differences.len() < NAMED_MAX {
            rebuilt.differences.push(format!("{name}/{}", id?));
        }
    }
    Ok(())
}

fn switch(connection: &Connection, view: &View) -> Result<(), StoreError> {
    let transaction = connection.unchecked_transaction()?;
    for Table { name, indexes, .. } in view.tables {
        transaction
            .execute_batch(&format!("DROP TABLE {name}; ALTER TABLE {name}{SUFFIX} RENAME TO {name};"))?;
        for column in *indexes {
            transaction.execute_batch(&format!(
                "DROP INDEX {name}{SUFFIX}_{column}; CREATE INDEX {name}_{column} ON {name} ({column});"
            ))?;
        }
    }
    Ok(transaction.commit()?)
}
