//! Records to and from rows of `events`: a batch goes as one array for each column.

use std::fmt::Display;

use sqlx::postgres::{PgArguments, PgRow, Postgres};
use sqlx::query::Query;
use sqlx::{Decode, Row, Type};

use super::super::LogError;
use super::super::columns::{self, columns};
use crate::clock::Timestamp;
use crate::id::Id;
use crate::record::{Codec, EffectMark, Position, Recorded, Visibility};

const INSERT: &str = concat!(
    "INSERT INTO events (",
    columns!(),
    ") SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[], $5::bytea[], $6::bytea[], \
     $7::bytea[], $8::bytea[], $9::bigint[], $10::text[], $11::text[], $12::text[], $13::text[], $14::smallint[], \
     $15::text[], $16::boolean[], $17::text[], $18::text[], $19::bigint[], $20::smallint[], $21::bytea[], \
     $22::bytea[], $23::bytea[])"
);

/// The statement that stores `events`, all or none.
pub(super) fn insert(events: &[&Recorded]) -> Query<'static, Postgres, PgArguments> {
    fn column<'a, T>(events: &[&'a Recorded], value: impl Fn(&'a Recorded) -> T) -> Vec<T> {
        events.iter().map(|event| value(event)).collect()
    }
    sqlx::query(INSERT)
        .bind(column(events, |e| e.position as i64))
        .bind(column(events, |e| e.stream.as_str()))
        .bind(column(events, |e| e.version as i64))
        .bind(column(events, |e| e.kind.as_str()))
        .bind(column(events, |e| e.id.as_bytes().as_slice()))
        .bind(column(events, |e| e.command_id.as_bytes().as_slice()))
        .bind(column(events, |e| e.correlation_id.as_bytes().as_slice()))
        .bind(column(events, |e| e.causation_id.as_bytes().as_slice()))
        .bind(column(events, |e| e.time.0))
        .bind(column(events, |e| &*e.actor))
        .bind(column(events, |e| &*e.code))
        .bind(column(events, |e| &*e.principal))
        .bind(column(events, |e| &*e.owner))
        .bind(column(events, |e| e.visibility as i16))
        .bind(column(events, |e| e.trace.as_deref()))
        .bind(column(events, |e| e.owes))
        .bind(column(events, |e| e.effect.as_ref().map(|mark| mark.effect.as_str())))
        .bind(column(events, |e| e.effect.as_ref().map(|mark| mark.role.as_str())))
        .bind(column(events, |e| e.effect.as_ref().map(|mark| i64::from(mark.attempt))))
        .bind(column(events, |e| e.codec as i16))
        .bind(column(events, |e| e.payload.as_slice()))
        .bind(column(events, |e| e.command.as_deref()))
        .bind(column(events, |e| e.hash.as_slice()))
}

/// The record in `row`, or what is wrong with it.
pub(super) fn read(row: &PgRow) -> Result<Recorded, LogError> {
    let position = row.try_get::<i64, _>(0).unwrap_or(0) as Position;
    let cell = Cells { row, position };
    Ok(Recorded {
        position,
        stream: cell.text(1)?.parse().map_err(|e| cell.damaged(1, e))?,
        version: cell.get::<i64>(2)? as u64,
        kind: cell.text(3)?.parse().map_err(|e| cell.damaged(3, e))?,
        id: cell.id(4)?,
        command_id: cell.id(5)?,
        correlation_id: cell.id(6)?,
        causation_id: cell.id(7)?,
        time: Timestamp(cell.get(8)?),
        actor: cell.text(9)?.into(),
        code: cell.text(10)?.into(),
        principal: cell.text(11)?.into(),
        owner: cell.text(12)?.into(),
        visibility: Visibility::from_number(cell.get::<i16>(13)?.into())
            .ok_or_else(|| cell.damaged(13, "is unknown"))?,
        trace: cell.get(14)?,
        owes: cell.get(15)?,
        effect: cell.effect()?,
        codec: Codec::from_number(cell.get::<i16>(19)?.into())
            .ok_or_else(|| cell.damaged(19, "is unknown"))?,
        payload: cell.get(20)?,
        command: cell.get(21)?,
        hash: cell.get::<&[u8]>(22)?.try_into().map_err(|_| cell.damaged(22, "is not 32 bytes long"))?,
    })
}

struct Cells<'a> {
    row: &'a PgRow,
    position: Position,
}

impl<'a> Cells<'a> {
    fn damaged(&self, column: usize, what: impl Display) -> LogError {
        LogError::Damaged { position: self.position, what: format!("{} {what}", columns::name(column)) }
    }

    fn get<T: Decode<'a, Postgres> + Type<Postgres>>(&self, column: usize) -> Result<T, LogError> {
        self.row.try_get(column).map_err(|e| self.damaged(column, e))
    }

    fn text(&self, column: usize) -> Result<&'a str, LogError> {
        self.get(column)
    }

    fn id(&self, column: usize) -> Result<Id, LogError> {
        Id::from_slice(self.get(column)?).ok_or_else(|| self.damaged(column, "is not 16 bytes long"))
    }

    /// The mark in columns 16 to 18, which stand or are missing together.
    fn effect(&self) -> Result<Option<EffectMark>, LogError> {
        let role: Option<&str> = self.get(17)?;
        let attempt: Option<i64> = self.get(18)?;
        match (self.get::<Option<String>>(16)?, role, attempt) {
            (None, None, None) => Ok(None),
            (Some(effect), Some(role), Some(attempt)) => {
                let role = role.parse().map_err(|()| self.damaged(17, "is no role"))?;
                let attempt = u32::try_from(attempt).map_err(|e| self.damaged(18, e))?;
                Ok(Some(EffectMark { effect, role, attempt }))
            }
            (_, _, _) => Err(self.damaged(16, "stands without its role or its attempt, or they without it")),
        }
    }
}
