//! The columns of a table: what they are called in SQL, and their values on the way there and back.

use hydra_events::vector;
use serde_json::Value;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{
    PgArgumentBuffer, PgArguments, PgHasArrayType, PgRow, PgTypeInfo, PgValueFormat, PgValueRef, Postgres,
};
use sqlx::query::Query;
use sqlx::{Decode, Encode, Row as _, Type};

use super::Failure;
use crate::view::{Kind, Row, normal};

pub(super) type Asked<'q> = Query<'q, Postgres, PgArguments>;

/// The first microsecond of 2000, from which Postgres counts, as one since 1970.
const EPOCH: i64 = 946_684_800_000_000;
/// The numbers of `timestamptz` and of an array of it.
const MOMENT: Oid = Oid(1184);
const MOMENTS: Oid = Oid(1185);

/// A moment, in microseconds since 1970. No moment of a row in its normal form is out of reach.
struct Moment(i64);

impl Type<Postgres> for Moment {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(MOMENT)
    }
}

impl PgHasArrayType for Moment {
    fn array_type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(MOMENTS)
    }
}

impl Encode<'_, Postgres> for Moment {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        buffer.extend((self.0 - EPOCH).to_be_bytes());
        Ok(IsNull::No)
    }
}

impl Decode<'_, Postgres> for Moment {
    fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
        match value.format() {
            PgValueFormat::Binary => {
                Ok(Self(i64::from_be_bytes(value.as_bytes()?.try_into()?).saturating_add(EPOCH)))
            }
            PgValueFormat::Text => Err("a moment came as a text".into()),
        }
    }
}

pub(super) fn sql_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::TextOr(_) => "text",
        Kind::Integer => "bigint",
        Kind::Real => "double precision",
        Kind::Time => "timestamptz",
        Kind::Json => "jsonb",
        Kind::Vector => "bytea",
    }
}

/// What a column of this kind has in a row that does not say.
pub(super) fn default(kind: Kind) -> String {
    match kind {
        Kind::TextOr(text) => format!(" DEFAULT '{}'", text.replace('\'', "''")),
        Kind::Text | Kind::Integer | Kind::Real | Kind::Time | Kind::Json | Kind::Vector => String::new(),
    }
}

/// How a column of this kind travels.
pub(super) fn travels_as(kind: Kind) -> &'static str {
    if kind == Kind::Json { "text" } else { sql_type(kind) }
}

/// Binds the values of a column, one of each row.
pub(super) fn bind_all<'q>(asked: Asked<'q>, kind: Kind, rows: &[Row], column: &str) -> Asked<'q> {
    let values = rows.iter().map(|row| row.get(column).filter(|value| !value.is_null()));
    match kind {
        Kind::Text | Kind::TextOr(_) => asked.bind(values.map(|value| value.map(text)).collect::<Vec<_>>()),
        Kind::Integer => asked.bind(values.map(|value| value?.as_i64()).collect::<Vec<_>>()),
        Kind::Real => asked.bind(values.map(|value| value?.as_f64()).collect::<Vec<_>>()),
        Kind::Time => asked.bind(values.map(|value| value?.as_i64().map(Moment)).collect::<Vec<_>>()),
        Kind::Json => asked.bind(values.map(|value| value.map(Value::to_string)).collect::<Vec<_>>()),
        Kind::Vector => asked.bind(values.map(|value| value.and_then(bytes)).collect::<Vec<_>>()),
    }
}

/// Binds one value to compare with.
pub(super) fn bind<'q>(asked: Asked<'q>, kind: Kind, value: &Value) -> Asked<'q> {
    match kind {
        Kind::Text | Kind::TextOr(_) => asked.bind(text(value)),
        Kind::Integer => asked.bind(value.as_i64()),
        Kind::Real => asked.bind(value.as_f64()),
        Kind::Time => asked.bind(value.as_i64().map(Moment)),
        Kind::Json => asked.bind(value.to_string()),
        Kind::Vector => asked.bind(bytes(value)),
    }
}

/// The value in the column at `index`, in its normal form.
pub(super) fn get(row: &PgRow, index: usize, kind: Kind) -> Result<Option<Value>, Failure> {
    Ok(match kind {
        Kind::Text | Kind::TextOr(_) => row.try_get::<Option<String>, _>(index)?.map(Value::from),
        Kind::Integer => row.try_get::<Option<i64>, _>(index)?.map(Value::from),
        Kind::Real => row.try_get::<Option<f64>, _>(index)?.map(Value::from),
        Kind::Time => row.try_get::<Option<Moment>, _>(index)?.map(|moment| moment.0.into()),
        Kind::Vector => row.try_get::<Option<&[u8]>, _>(index)?.map(|bytes| vector::text_of(bytes).into()),
        Kind::Json => match row.try_get::<Option<String>, _>(index)? {
            Some(document) => Some(normal(Kind::Json, serde_json::from_str(&document)?)),
            None => None,
        },
    })
}

fn bytes(value: &Value) -> Option<Vec<u8>> {
    value.as_str().and_then(vector::bytes_of)
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
