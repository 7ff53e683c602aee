//! What stands in a store, read and changed behind its back.

use std::collections::BTreeMap;
use std::path::Path;

use hydra_projections::VIEWS;
use rusqlite::Connection;
use rusqlite::types::Value;

/// Every row of every table by its table, with what was quarantined and how far each view has come.
pub type Tables = BTreeMap<String, Vec<Vec<Value>>>;

pub fn tables(path: &Path) -> Tables {
    let connection = Connection::open(path).unwrap();
    let declared = VIEWS.iter().flat_map(|view| view.tables);
    let mut found: Tables = declared
        .map(|table| {
            let columns: String = table.columns.iter().map(|(column, _)| format!(", {column}")).collect();
            let query = format!("SELECT id{columns} FROM {} ORDER BY id", table.name);
            (table.name.to_owned(), rows(&connection, &query))
        })
        .collect();
    let kept = "SELECT view, version, position FROM checkpoints ORDER BY view";
    found.insert("checkpoints".into(), rows(&connection, kept));
    let set_aside = "SELECT view, position, stream, reason FROM quarantine ORDER BY view, position";
    found.insert("quarantine".into(), rows(&connection, set_aside));
    found
}

/// Changes the store, as nobody should; returns how many rows changed.
pub fn tamper(path: &Path, statement: &str) -> usize {
    Connection::open(path).unwrap().execute(statement, []).unwrap()
}

fn rows(connection: &Connection, query: &str) -> Vec<Vec<Value>> {
    let mut statement = connection.prepare(query).unwrap();
    let width = statement.column_count();
    let rows = statement.query_map([], |row| (0..width).map(|column| row.get(column)).collect()).unwrap();
    rows.map(Result::unwrap).collect()
}
