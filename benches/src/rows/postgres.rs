//! Rows into Postgres: COPY in binary.

use std::time::Instant;

use sqlx::{AssertSqlSafe, Connection, PgConnection, raw_sql};

use super::{Cell, Kind, Table, sample};
use crate::postgres::{Server, epoch_micros};
use crate::sample::{Calls, Sample};
use crate::{BenchError, failed};

/// A signature, flags, and an extension without length.
const HEAD: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// What stands where another row would have its number of fields.
const END: [u8; 2] = (-1_i16).to_be_bytes();
/// Bytes sent at once.
const SENT: usize = 1 << 20;

pub(super) async fn load(server: &Server, tables: &[Table]) -> Result<Sample, BenchError> {
    let (schema, world) = (server.fresh(), failed("loading rows into Postgres"));
    let mut connection = server.connect(&schema).await?;
    let (begun, mut calls) = (Instant::now(), Calls::default());
    let made = format!("CREATE SCHEMA {schema}");
    raw_sql(AssertSqlSafe(made)).execute(&mut connection).await.map_err(&world)?;
    for table in tables {
        let since = Instant::now();
        fill(&mut connection, table).await?;
        calls.note(since.elapsed());
    }
    let secs = begun.elapsed().as_secs_f64();
    connection.close().await.map_err(&world)?;
    server.drop_schema(&schema).await?;
    Ok(sample(tables, secs, calls))
}

async fn fill(connection: &mut PgConnection, table: &Table) -> Result<(), BenchError> {
    let world = failed("loading rows into Postgres");
    // What is made in the same transaction is not read by anybody else.
    let mut transaction = connection.begin().await.map_err(&world)?;
    raw_sql(AssertSqlSafe(created(table))).execute(&mut *transaction).await.map_err(&world)?;
    let copy = format!("COPY {} FROM STDIN (FORMAT binary)", table.name);
    let mut sink = transaction.copy_in_raw(&copy).await.map_err(&world)?;
    let mut bytes = HEAD.to_vec();
    for row in &table.rows {
        put(&mut bytes, table, row);
        if bytes.len() >= SENT {
            sink.send(std::mem::take(&mut bytes)).await.map_err(&world)?;
        }
    }
    bytes.extend(END);
    sink.send(bytes).await.map_err(&world)?;
    sink.finish().await.map_err(&world)?;
    let indexes = table.indexes.iter().map(|column| format!("CREATE INDEX ON {} ({column});", table.name));
    raw_sql(AssertSqlSafe(indexes.collect::<String>())).execute(&mut *transaction).await.map_err(&world)?;
    transaction.commit().await.map_err(&world)
}

fn created(Table { name, columns, .. }: &Table) -> String {
    let column = |(at, (column, kind)): (usize, &(String, Kind))| {
        let key = if at == 0 { " COLLATE \"C\" PRIMARY KEY" } else { "" };
        format!("\"{column}\" {}{key}", sql_type(*kind))
    };
    let columns: Vec<String> = columns.iter().enumerate().map(column).collect();
    format!("CREATE TABLE {name} ({})", columns.join(", "))
}

fn sql_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "text",
        Kind::Integer => "bigint",
        Kind::Real => "double precision",
        Kind::Time => "timestamptz",
        Kind::Json => "jsonb",
        Kind::Bytes => "bytea",
    }
}

/// The number of fields, then each with its length.
fn put(bytes: &mut Vec<u8>, table: &Table, row: &[Cell]) {
    bytes.extend((row.len() as i16).to_be_bytes());
    for (cell, (_, kind)) in row.iter().zip(&table.columns) {
        match (cell, kind) {
            (Cell::Null, _) => bytes.extend((-1_i32).to_be_bytes()),
            (Cell::Text(text), Kind::Json) => {
                bytes.extend((text.len() as i32 + 1).to_be_bytes());
                // The form of what follows: a text.
                bytes.push(1);
                bytes.extend(text.as_bytes());
            }
            (Cell::Text(text), _) => field(bytes, text.as_bytes()),
            (Cell::Integer(time), Kind::Time) => field(bytes, &epoch_micros(*time).to_be_bytes()),
            (Cell::Integer(number), _) => field(bytes, &number.to_be_bytes()),
            (Cell::Real(number), _) => field(bytes, &number.to_be_bytes()),
            (Cell::Bytes(value), _) => field(bytes, value),
        }
    }
}

fn field(bytes: &mut Vec<u8>, value: &[u8]) {
    bytes.extend((value.len() as i32).to_be_bytes());
    bytes.extend(value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_its_fields_each_with_its_length() {
        let columns = [("id", Kind::Text), ("at", Kind::Time), ("doc", Kind::Json), ("none", Kind::Real)];
        let columns = columns.map(|(name, kind)| (name.to_owned(), kind)).to_vec();
        let table =
            Table { name: "t".to_owned(), columns, indexes: Vec::new(), ends: None, rows: Vec::new() };
        let row = [
            Cell::Text("a".to_owned()),
            Cell::Integer(946_684_800_000_001),
            Cell::Text("{}".to_owned()),
            Cell::Null,
        ];
        let mut bytes = Vec::new();
        put(&mut bytes, &table, &row);
        let expected: [&[u8]; 6] = [
            &[0, 4],
            &[0, 0, 0, 1, b'a'],
            &[0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 1],
            &[0, 0, 0, 3, 1, b'{', b'}'],
            &[255; 4],
            &[],
        ];
        assert_eq!(bytes, expected.concat());
    }
}
