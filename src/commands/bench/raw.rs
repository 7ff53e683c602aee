//! The ceiling: one row a transaction into SQLite, synced, through the same driver.

use std::path::Path;

use anyhow::Result;
use rusqlite::{Connection, params};

use super::cost::Cost;

const APPENDS: usize = 2_000;
/// About what an event with its command weighs.
const ROW: [u8; 600] = [b'x'; 600];

/// Processor time of one append.
pub fn cpu_us_per_append(folder: &Path) -> Result<f64> {
    let connection = Connection::open(folder.join("raw.db"))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection
        .execute_batch("CREATE TABLE raw (position INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;")?;
    let mut insert = connection.prepare("INSERT INTO raw (position, data) VALUES (?1, ?2)")?;
    let before = Cost::now()?;
    for position in 1..=APPENDS {
        insert.execute(params![position as i64, ROW.as_slice()])?;
    }
    Ok(Cost::now()?.cpu_us_since(&before) / APPENDS as f64)
}
