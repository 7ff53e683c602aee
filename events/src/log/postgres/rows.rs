//! Many records as one array of rows of `events`, in the server's binary format.
//!
//! One array of rows is stored twice as fast as an array for each column: the server unpacks each array by itself.
//! Formats: `array_recv` and `record_recv` in the server's `arrayfuncs.c` and `rowtypes.c`.

use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgConnection, PgTypeInfo, Postgres};
use sqlx::{Encode, Row, Type, query};

use crate::record::Recorded;

const COLUMNS: i32 = 23;

const BOOL: u32 = 16;
const BYTEA: u32 = 17;
const BIGINT: u32 = 20;
const SMALLINT: u32 = 21;
const TEXT: u32 = 25;

/// What this log's server calls a row of `events`, and an array of them.
#[derive(Clone, Copy)]
pub(super) struct RowType {
    row: Oid,
    rows: Oid,
}

impl RowType {
    pub(super) async fn find(connection: &mut PgConnection) -> Result<Self, sqlx::Error> {
        let select = query("SELECT oid, typarray FROM pg_type WHERE oid = 'events'::regtype");
        let found = select.fetch_one(connection).await?;
        Ok(Self { row: found.try_get(0)?, rows: found.try_get(1)? })
    }
}

/// Records as the elements of an array.
#[derive(Default)]
pub(super) struct Rows {
    bytes: Vec<u8>,
    count: i32,
}

impl Rows {
    /// The rows of `events`.
    pub(super) fn of(events: &[&Recorded]) -> Self {
        let mut rows = Self::default();
        events.iter().for_each(|event| rows.push(event));
        rows
    }

    /// Adds `event`.
    pub(super) fn push(&mut self, event: &Recorded) {
        sized(&mut self.bytes, |bytes| row(bytes, event));
        self.count += 1;
    }
}

/// Rows as one parameter.
pub(super) struct Array<'a> {
    pub(super) kind: RowType,
    pub(super) rows: &'a Rows,
}

impl Type<Postgres> for Array<'_> {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_name("events[]")
    }
}

impl Encode<'_, Postgres> for Array<'_> {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        // One dimension, nothing in it is null, its elements, how many, the first is the first.
        for word in [1, 0, self.kind.row.0 as i32, self.rows.count, 1] {
            buffer.extend_from_slice(&word.to_be_bytes());
        }
        buffer.extend_from_slice(&self.rows.bytes);
        Ok(IsNull::No)
    }

    fn produces(&self) -> Option<PgTypeInfo> {
        Some(PgTypeInfo::with_oid(self.kind.rows))
    }
}

/// The columns of `events` in the order of the table.
fn row(buffer: &mut Vec<u8>, e: &Recorded) {
    let mark = e.effect.as_ref();
    buffer.extend_from_slice(&COLUMNS.to_be_bytes());
    number(buffer, e.position as i64);
    text(buffer, Some(e.stream.as_str()));
    number(buffer, e.version as i64);
    text(buffer, Some(e.kind.as_str()));
    for id in [&e.id, &e.command_id, &e.correlation_id, &e.causation_id] {
        field(buffer, BYTEA, Some(id.as_bytes()));
    }
    number(buffer, e.time.0);
    for name in [&e.actor, &e.code, &e.principal, &e.owner] {
        text(buffer, Some(name));
    }
    field(buffer, SMALLINT, Some(&(e.visibility as i16).to_be_bytes()));
    text(buffer, e.trace.as_deref());
    field(buffer, BOOL, Some(&[u8::from(e.owes)]));
    text(buffer, mark.map(|mark| mark.effect.as_str()));
    text(buffer, mark.map(|mark| mark.role.as_str()));
    let attempt = mark.map(|mark| i64::from(mark.attempt).to_be_bytes());
    field(buffer, BIGINT, attempt.as_ref().map(|bytes| &bytes[..]));
    field(buffer, SMALLINT, Some(&(e.codec as i16).to_be_bytes()));
    field(buffer, BYTEA, Some(&e.payload));
    field(buffer, BYTEA, e.command.as_deref());
    field(buffer, BYTEA, Some(&e.hash));
}

fn number(buffer: &mut Vec<u8>, value: i64) {
    field(buffer, BIGINT, Some(&value.to_be_bytes()));
}

fn text(buffer: &mut Vec<u8>, value: Option<&str>) {
    field(buffer, TEXT, value.map(str::as_bytes));
}

fn field(buffer: &mut Vec<u8>, kind: u32, value: Option<&[u8]>) {
    buffer.extend_from_slice(&kind.to_be_bytes());
    match value {
        Some(bytes) => sized(buffer, |buffer| buffer.extend_from_slice(bytes)),
        None => buffer.extend_from_slice(&(-1_i32).to_be_bytes()),
    }
}

/// What `write` adds, preceded by its length. No record comes near to what an i32 counts.
fn sized(buffer: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let at = buffer.len();
    buffer.extend_from_slice(&[0; 4]);
    write(buffer);
    let length = (buffer.len() - at - 4) as i32;
    buffer[at..at + 4].copy_from_slice(&length.to_be_bytes());
}
