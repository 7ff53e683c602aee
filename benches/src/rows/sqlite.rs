//! Rows into a SQLite file: one connection, one prepared INSERT for each table.

use std::sync::Arc;
use std::time::Instant;

use rusqlite::types::ToSqlOutput;
use rusqlite::{Connection, ToSql, params_from_iter};

use super::{CHUNK, Cell, Kind, Table, sample};
use crate::sample::{Calls, Sample};
use crate::scratch::Scratch;
use crate::{BenchError, failed};

/// Rows of a transaction.
const ROWS: usize = 10 * CHUNK;

pub(super) async fn load(scratch: &Scratch, tables: &Arc<[Table]>) -> Result<Sample, BenchError> {
    let (folder, tables) = (scratch.folder()?, Arc::clone(tables));
    let work = move || {
        let world = failed("loading rows into SQLite");
        let loaded = load_into(&folder.join("rows.db"), &tables);
        std::fs::remove_dir_all(folder).map_err(failed("removing a folder of the bench"))?;
        loaded.map_err(world)
    };
    tokio::task::spawn_blocking(work).await.map_err(failed("the ceiling's thread"))?
}

fn load_into(file: &std::path::Path, tables: &[Table]) -> rusqlite::Result<Sample> {
    let (begun, mut calls) = (Instant::now(), Calls::default());
    let connection = Connection::open(file)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    for table in tables {
        connection.execute_batch(&created(table))?;
        let places = vec!["?"; table.columns.len()].join(", ");
        let mut insert = connection.prepare(&format!("INSERT INTO {} VALUES ({places})", table.name))?;
        for rows in table.rows.chunks(ROWS) {
            let since = Instant::now();
            let transaction = connection.unchecked_transaction()?;
            for row in rows {
                insert.execute(params_from_iter(row))?;
            }
            transaction.commit()?;
            calls.note(since.elapsed());
        }
        for column in &table.indexes {
            let name = &table.name;
            connection.execute_batch(&format!("CREATE INDEX {name}_{column} ON {name} ({column})"))?;
        }
    }
    Ok(sample(tables, begun.elapsed().as_secs_f64(), calls))
}

fn created(Table { name, columns, .. }: &Table) -> String {
    let column = |(at, (column, kind)): (usize, &(String, Kind))| {
        let key = if at == 0 { " PRIMARY KEY" } else { "" };
        format!("{column} {}{key}", sql_type(*kind))
    };
    let columns: Vec<String> = columns.iter().enumerate().map(column).collect();
    format!("CREATE TABLE {name} ({}) STRICT, WITHOUT ROWID", columns.join(", "))
}

fn sql_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::Json => "TEXT",
        Kind::Integer | Kind::Time => "INTEGER",
        Kind::Real => "REAL",
        Kind::Bytes => "BLOB",
    }
}

impl ToSql for Cell {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self {
            Self::Null => Ok(rusqlite::types::Null.into()),
            Self::Text(text) => text.to_sql(),
            Self::Integer(number) => number.to_sql(),
            Self::Real(number) => number.to_sql(),
            Self::Bytes(bytes) => bytes.to_sql(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn rows_are_loaded_and_nothing_of_them_stays() {
        let parent = tempfile::TempDir::new().unwrap();
        let scratch = Scratch::try_new(parent.path()).unwrap();
        let kinds = [Kind::Text, Kind::Integer, Kind::Real, Kind::Time, Kind::Json, Kind::Bytes];
        let columns = kinds.iter().enumerate().map(|(at, kind)| (format!("c{at}"), *kind)).collect();
        let row = |key: &str| {
            vec![
                Cell::Text(key.to_owned()),
                Cell::Integer(-7),
                Cell::Real(0.5),
                Cell::Null,
                Cell::Text("{}".to_owned()),
                Cell::Bytes(vec![0, 1]),
            ]
        };
        let (name, indexes) = ("things".to_owned(), vec!["c1".to_owned()]);
        let table = Table { name, columns, indexes, ends: None, rows: vec![row("a"), row("b")] };
        let sample = load(&scratch, &Arc::from([table])).await.unwrap();
        assert_eq!(sample.ops, 2);
        assert_eq!(std::fs::read_dir(scratch.root()).unwrap().count(), 0);
    }
}
