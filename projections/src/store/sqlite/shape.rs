//! The tables: those of the views by their declarations, and the two that say how far they are.

use hydra_events::Id;
use rusqlite::{Connection, Transaction, TransactionBehavior, params, params_from_iter};

use super::super::{Applied, Checkpoint, Generation, StoreError, no_generation};
use super::read;
use crate::view::{Kind, Table, View};

/// Views kept by an earlier program are filled again.
const WITHOUT_RATE: &str = "SELECT count(*) = 0 FROM pragma_table_info('checkpoints') WHERE name = 'rate'";

/// A view stands under its name, with the suffix of a generation that is not live.
const KEPT: &str = "CREATE TABLE IF NOT EXISTS checkpoints (view TEXT PRIMARY KEY, log BLOB NOT NULL, \
     version INTEGER NOT NULL, position INTEGER NOT NULL, rate INTEGER NOT NULL) STRICT, WITHOUT ROWID;
     CREATE TABLE IF NOT EXISTS quarantine (view TEXT NOT NULL, position INTEGER NOT NULL, stream TEXT NOT NULL, \
     reason TEXT NOT NULL, PRIMARY KEY (view, position)) STRICT, WITHOUT ROWID;";

/// A transaction that waits for its turn now, and never has to give up later because somebody else wrote.
pub(super) fn begin(connection: &Connection) -> Result<Transaction<'_>, StoreError> {
    Ok(Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?)
}

/// Makes what says how far the views are.
pub(super) fn ensure(connection: &Connection) -> Result<(), StoreError> {
    if connection.query_row(WITHOUT_RATE, [], |row| row.get(0))? {
        connection.execute_batch("DROP TABLE IF EXISTS checkpoints")?;
    }
    Ok(connection.execute_batch(KEPT)?)
}

/// Makes a generation anew.
pub(super) fn reset(
    connection: &Connection,
    view: &View,
    generation: Generation,
    log: Id,
) -> Result<(), StoreError> {
    let transaction = begin(connection)?;
    ensure(&transaction)?;
    remove(&transaction, view, generation)?;
    for table in view.tables {
        create(&transaction, table, generation)?;
    }
    let values = params![named(view, generation), log.as_bytes().as_slice(), view.version];
    transaction.execute("INSERT INTO checkpoints VALUES (?1, ?2, ?3, 0, 0)", values)?;
    Ok(transaction.commit()?)
}

/// Removes a generation.
pub(super) fn discard(
    connection: &Connection,
    view: &View,
    generation: Generation,
) -> Result<(), StoreError> {
    let transaction = begin(connection)?;
    remove(&transaction, view, generation)?;
    Ok(transaction.commit()?)
}

/// Next becomes live, live becomes old.
pub(super) fn switch(connection: &Connection, view: &View) -> Result<Applied, StoreError> {
    let transaction = begin(connection)?;
    let built = require(&transaction, view, Generation::Next)?;
    if !built.may_follow(read::checkpoint(&transaction, view, Generation::Live)?.as_ref()) {
        return Ok(Applied::Moved);
    }
    remove(&transaction, view, Generation::Old)?;
    rename(&transaction, view, Generation::Live, Generation::Old)?;
    rename(&transaction, view, Generation::Next, Generation::Live)?;
    transaction.commit()?;
    Ok(Applied::Done)
}

/// Old becomes live.
pub(super) fn roll_back(connection: &Connection, view: &View) -> Result<(), StoreError> {
    let transaction = begin(connection)?;
    require(&transaction, view, Generation::Old)?;
    remove(&transaction, view, Generation::Live)?;
    rename(&transaction, view, Generation::Old, Generation::Live)?;
    Ok(transaction.commit()?)
}

/// What the checkpoints call a generation of a view.
pub(super) fn named(view: &View, generation: Generation) -> String {
    format!("{}{}", view.name, generation.suffix())
}

/// What a generation's table is called.
pub(super) fn called(table: &Table, generation: Generation) -> String {
    format!("{}{}", table.name, generation.suffix())
}

fn create(transaction: &Transaction<'_>, table: &Table, generation: Generation) -> Result<(), StoreError> {
    let name = called(table, generation);
    let columns = table.columns.iter().map(|(column, kind)| format!(", {column} {}", sql_type(*kind)));
    let columns: String = columns.collect();
    transaction.execute_batch(&format!(
        "CREATE TABLE {name} (id TEXT PRIMARY KEY{columns}) STRICT, WITHOUT ROWID;"
    ))?;
    // An index keeps its name when its table gets another one; this number never comes again.
    let number: i64 = transaction.query_row("PRAGMA schema_version", [], |row| row.get(0))?;
    for column in table.searched() {
        transaction.execute_batch(&format!("CREATE INDEX {name}_{column}_{number} ON {name} ({column});"))?;
    }
    Ok(())
}

fn require(connection: &Connection, view: &View, generation: Generation) -> Result<Checkpoint, StoreError> {
    read::checkpoint(connection, view, generation)?.ok_or_else(|| no_generation(view, generation))
}

fn remove(transaction: &Transaction<'_>, view: &View, generation: Generation) -> Result<(), StoreError> {
    for table in view.tables {
        transaction.execute_batch(&format!("DROP TABLE IF EXISTS {};", called(table, generation)))?;
    }
    for kept in ["checkpoints", "quarantine"] {
        let gone = format!("DELETE FROM {kept} WHERE view = ?1");
        transaction.execute(&gone, [named(view, generation)])?;
    }
    Ok(())
}

fn rename(
    transaction: &Transaction<'_>,
    view: &View,
    from: Generation,
    to: Generation,
) -> Result<(), StoreError> {
    for table in view.tables {
        // The live one may have been tampered with.
        if all_exist(transaction, &[called(table, from)])? {
            let (was, is) = (called(table, from), called(table, to));
            transaction.execute_batch(&format!("ALTER TABLE {was} RENAME TO {is};"))?;
        }
    }
    for kept in ["checkpoints", "quarantine"] {
        let moved = format!("UPDATE {kept} SET view = ?2 WHERE view = ?1");
        transaction.execute(&moved, [named(view, from), named(view, to)])?;
    }
    Ok(())
}

/// Whether there is a table of each of these names.
pub(super) fn all_exist(connection: &Connection, names: &[String]) -> Result<bool, StoreError> {
    let places = vec!["?"; names.len()].join(", ");
    let query = format!("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ({places})");
    let mut statement = connection.prepare_cached(&query)?;
    let found: i64 = statement.query_row(params_from_iter(names), |row| row.get(0))?;
    Ok(usize::try_from(found).is_ok_and(|found| found == names.len()))
}

fn sql_type(kind: Kind) -> String {
    match kind {
        Kind::Text | Kind::Json => "TEXT".to_owned(),
        Kind::TextOr(text) => format!("TEXT DEFAULT '{}'", text.replace('\'', "''")),
        Kind::Integer | Kind::Time => "INTEGER".to_owned(),
        Kind::Real => "REAL".to_owned(),
        Kind::Vector => "BLOB".to_owned(),
    }
}
