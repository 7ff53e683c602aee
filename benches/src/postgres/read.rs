//! The ceilings of a replay: a streamed binary SELECT, and COPY in binary, both decoded into a struct.

use std::time::Instant;

use futures::TryStreamExt;
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Row as _, ValueRef, query, raw_sql};

use super::{Server, micros};
use crate::sample::{Calls, Sample};
use crate::sqlite::{CHUNK, Row};
use crate::{BenchError, failed};

const SELECT: &str = "SELECT pos, stream, version, type, data, ts FROM raw ORDER BY pos";
const COPY: &str =
    "COPY (SELECT pos, stream, version, type, data, ts FROM raw ORDER BY pos) TO STDOUT (FORMAT binary)";

/// Makes a raw table in `schema` with what the log in schema `log` holds.
///
/// # Errors
/// When the server fails.
pub async fn fill(server: &Server, schema: &str, log: &str) -> Result<(), BenchError> {
    let world = failed("filling a raw table in Postgres");
    server.make_raw(schema).await?;
    let mut connection = server.connect(schema).await?;
    let copy = format!(
        "INSERT INTO raw (stream, version, type, data, ts) \
         SELECT stream, version, type, data, to_timestamp(time / 1000000.0) FROM {log}.events ORDER BY position"
    );
    raw_sql(AssertSqlSafe(copy)).execute(&mut connection).await.map_err(&world)?;
    // Neither side reads what nobody has looked at since it was written.
    for table in [format!("{schema}.raw"), format!("{log}.events")] {
        let vacuum = AssertSqlSafe(format!("VACUUM (ANALYZE) {table}"));
        raw_sql(vacuum).execute(&mut connection).await.map_err(&world)?;
    }
    Ok(())
}

/// What was counted while rows came.
struct Count {
    begun: Instant,
    since: Instant,
    calls: Calls,
    rows: u64,
    weight: usize,
}

impl Count {
    fn begin() -> Self {
        let begun = Instant::now();
        Self { begun, since: begun, calls: Calls::default(), rows: 0, weight: 0 }
    }

    fn take(&mut self, row: &Row) {
        self.weight = self.weight.wrapping_add(row.weight());
        self.rows += 1;
        if self.rows.is_multiple_of(CHUNK) {
            self.calls.note(self.since.elapsed());
            self.since = Instant::now();
        }
    }

    fn end(self) -> Sample {
        std::hint::black_box(self.weight);
        Sample::new(self.rows, self.begun.elapsed().as_secs_f64(), self.calls)
    }
}

/// Reads all rows of `schema`, once, as they come.
///
/// # Errors
/// When the server fails.
pub async fn select(server: &Server, schema: &str) -> Result<Sample, BenchError> {
    let world = failed("a raw SELECT");
    let mut connection: PgConnection = server.connect(schema).await?;
    let mut count = Count::begin();
    let mut rows = query(SELECT).fetch(&mut connection);
    while let Some(row) = rows.try_next().await.map_err(&world)? {
        count.take(&read(&row).map_err(&world)?);
    }
    Ok(count.end())
}

/// The types are known: nothing is checked that a hand-written reader would not check.
fn read(row: &PgRow) -> Result<Row, sqlx::Error> {
    let wrong = |_| sqlx::Error::Protocol("a moment is not 8 bytes long".into());
    Ok(Row {
        pos: row.try_get_unchecked(0)?,
        stream: row.try_get_unchecked(1)?,
        version: row.try_get_unchecked(2)?,
        kind: row.try_get_unchecked(3)?,
        data: row.try_get_unchecked(4)?,
        ts: micros(moment(row)?.try_into().map_err(wrong)?),
    })
}

fn moment(row: &PgRow) -> Result<&[u8], sqlx::Error> {
    let value = row.try_get_raw(5)?;
    match value.is_null() {
        true => Err(sqlx::Error::Protocol("a moment is missing".into())),
        false => value.as_bytes().map_err(sqlx::Error::Decode),
    }
}

/// Copies all rows of `schema` out, once.
///
/// # Errors
/// When the server fails.
pub async fn copy(server: &Server, schema: &str) -> Result<Sample, BenchError> {
    let world = failed("COPY");
    let mut connection = server.connect(schema).await?;
    let mut count = Count::begin();
    let mut chunks = connection.copy_out_raw(COPY).await.map_err(&world)?;
    let mut is_first = true;
    while let Some(chunk) = chunks.try_next().await.map_err(&world)? {
        let bytes = match std::mem::take(&mut is_first) {
            // A signature of 11 bytes, flags, and an extension without length.
            true => chunk.get(19..).unwrap_or_default(),
            false => &chunk,
        };
        if bytes.len() > 2 {
            let row =
                decode(bytes).ok_or_else(|| BenchError::Wrong("a copied row has another form".into()))?;
            count.take(&row);
        }
    }
    Ok(count.end())
}

/// One row: the number of its fields, then each with its length.
fn decode(mut bytes: &[u8]) -> Option<Row> {
    let rest = &mut bytes;
    take(rest, 2)?;
    let number = |rest: &mut &[u8]| Some(i64::from_be_bytes(field(rest)?.try_into().ok()?));
    let text = |rest: &mut &[u8]| std::str::from_utf8(field(rest)?).ok().map(str::to_owned);
    let (pos, stream, version) = (number(rest)?, text(rest)?, number(rest)?);
    let (kind, data) = (text(rest)?, field(rest)?.to_vec());
    Some(Row { pos, stream, version, kind, data, ts: micros(field(rest)?.try_into().ok()?) })
}

fn field<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = i32::from_be_bytes(take(rest, 4)?.try_into().ok()?);
    take(rest, usize::try_from(length).ok()?)
}

fn take<'a>(rest: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(count)?;
    *rest = left;
    Some(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copied_row_is_read_field_by_field() {
        let mut bytes = 6_i16.to_be_bytes().to_vec();
        for value in [7_i64.to_be_bytes().as_slice(), b"image-x", &2_i64.to_be_bytes(), b"image.a.v1", b"{}"]
        {
            bytes.extend((value.len() as i32).to_be_bytes());
            bytes.extend(value);
        }
        bytes.extend(8_i32.to_be_bytes());
        bytes.extend(0_i64.to_be_bytes());
        let row = decode(&bytes).unwrap();
        assert_eq!(
            (row.pos, row.stream.as_str(), row.version, row.data.as_slice()),
            (7, "image-x", 2, b"{}".as_slice())
        );
        assert_eq!(row.ts, 946_684_800_000_000);
        assert!(decode(&bytes[..bytes.len() - 1]).is_none());
    }
}
