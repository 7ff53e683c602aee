//! Records to and from rows of `events`.

use std::fmt::Display;
use std::sync::Arc;

use sqlx::postgres::{PgArguments, PgConnection, PgRow, Postgres};
use sqlx::query::Query;
use sqlx::{Row, ValueRef};

use super::super::LogError;
use super::super::columns::{self, columns};
use super::rows::{Array, RowType, Rows};
use crate::clock::Timestamp;
use crate::id::Id;
use crate::record::{Codec, EffectMark, EventType, Position, Recorded, Visibility};
use crate::stream::StreamName;

const INSERT: &str = concat!(
    "INSERT INTO events (",
    columns!(),
    ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, \
     $22, $23)"
);

const INSERT_MANY: &str = concat!("INSERT INTO events (", columns!(), ") SELECT * FROM unnest($1::events[])");

/// Stores `events`, all or none, with one statement. `rows` are the same.
pub(super) async fn store(
    connection: &mut PgConnection,
    kind: RowType,
    events: &[&Recorded],
    rows: &Rows,
) -> Result<(), sqlx::Error> {
    let statement = match events {
        [] => return Ok(()),
        [event] => insert(event),
        [..] => sqlx::query(INSERT_MANY).bind(Array { kind, rows }),
    };
    statement.execute(connection).await.map(|_| ())
}

fn insert(e: &Recorded) -> Query<'static, Postgres, PgArguments> {
    sqlx::query(INSERT)
        .bind(e.position as i64)
        .bind(e.stream.as_str())
        .bind(e.version as i64)
        .bind(e.kind.as_str())
        .bind(e.id.as_bytes().as_slice())
        .bind(e.command_id.as_bytes().as_slice())
        .bind(e.correlation_id.as_bytes().as_slice())
        .bind(e.causation_id.as_bytes().as_slice())
        .bind(e.time.0)
        .bind(&*e.actor)
        .bind(&*e.code)
        .bind(&*e.principal)
        .bind(&*e.owner)
        .bind(e.visibility as i16)
        .bind(e.trace.as_deref())
        .bind(e.owes)
        .bind(e.effect.as_ref().map(|mark| mark.effect.as_str()))
        .bind(e.effect.as_ref().map(|mark| mark.role.as_str()))
        .bind(e.effect.as_ref().map(|mark| i64::from(mark.attempt)))
        .bind(e.codec as i16)
        .bind(e.payload.as_slice())
        .bind(e.command.as_deref())
        .bind(e.hash.as_slice())
}

/// What neighbours in the log often share, kept once for all of them.
#[derive(Default)]
pub(super) struct Shared {
    stream: Option<StreamName>,
    kinds: Vec<EventType>,
    actor: Arc<str>,
    code: Arc<str>,
    principal: Arc<str>,
    owner: Arc<str>,
}

/// Kinds that are looked for before one is read.
const KINDS_MAX: usize = 8;

impl Shared {
    fn stream(&mut self, cell: Cells<'_>) -> Result<StreamName, LogError> {
        let text = cell.text(1)?;
        if let Some(known) = self.stream.as_ref().filter(|known| known.as_str() == text) {
            return Ok(known.clone());
        }
        let stream: StreamName = text.parse().map_err(|e| cell.damaged(1, e))?;
        self.stream = Some(stream.clone());
        Ok(stream)
    }

    fn kind(&mut self, cell: Cells<'_>) -> Result<EventType, LogError> {
        let text = cell.text(3)?;
        if let Some(known) = self.kinds.iter().find(|known| known.as_str() == text) {
            return Ok(known.clone());
        }
        let kind: EventType = text.parse().map_err(|e| cell.damaged(3, e))?;
        if self.kinds.len() < KINDS_MAX {
            self.kinds.push(kind.clone());
        }
        Ok(kind)
    }
}

/// `text`, which may be what `last` is already.
fn shared(last: &mut Arc<str>, text: &str) -> Arc<str> {
    if **last != *text {
        *last = text.into();
    }
    Arc::clone(last)
}

/// The record in `row`, or what is wrong with it.
pub(super) fn read(row: &PgRow, known: &mut Shared) -> Result<Recorded, LogError> {
    let position = Cells { row, position: 0 }.long(0).unwrap_or(0) as Position;
    let cell = Cells { row, position };
    Ok(Recorded {
        position,
        stream: known.stream(cell)?,
        version: cell.long(2)? as u64,
        kind: known.kind(cell)?,
        id: cell.id(4)?,
        command_id: cell.id(5)?,
        correlation_id: cell.id(6)?,
        causation_id: cell.id(7)?,
        time: Timestamp(cell.long(8)?),
        actor: shared(&mut known.actor, cell.text(9)?),
        code: shared(&mut known.code, cell.text(10)?),
        principal: shared(&mut known.principal, cell.text(11)?),
        owner: shared(&mut known.owner, cell.text(12)?),
        visibility: Visibility::from_number(cell.short(13)?.into())
            .ok_or_else(|| cell.damaged(13, "is unknown"))?,
        trace: cell.optional_text(14)?.map(str::to_owned),
        owes: cell.flag(15)?,
        effect: cell.effect()?,
        codec: Codec::from_number(cell.short(19)?.into()).ok_or_else(|| cell.damaged(19, "is unknown"))?,
        payload: cell.bytes(20)?.to_vec(),
        command: cell.optional(21)?.map(<[u8]>::to_vec),
        hash: cell.bytes(22)?.try_into().map_err(|_| cell.damaged(22, "is not 32 bytes long"))?,
    })
}

/// The cells of a row in the binary format, in which every prepared statement answers.
#[derive(Clone, Copy)]
struct Cells<'a> {
    row: &'a PgRow,
    position: Position,
}

impl<'a> Cells<'a> {
    fn damaged(&self, column: usize, what: impl Display) -> LogError {
        LogError::Damaged { position: self.position, what: format!("{} {what}", columns::name(column)) }
    }

    fn optional(&self, column: usize) -> Result<Option<&'a [u8]>, LogError> {
        let value = self.row.try_get_raw(column).map_err(|e| self.damaged(column, e))?;
        match value.is_null() {
            true => Ok(None),
            false => value.as_bytes().map(Some).map_err(|e| self.damaged(column, e)),
        }
    }

    fn bytes(&self, column: usize) -> Result<&'a [u8], LogError> {
        self.optional(column)?.ok_or_else(|| self.damaged(column, "is missing"))
    }

    fn fixed<const N: usize>(&self, column: usize) -> Result<[u8; N], LogError> {
        let bytes = self.bytes(column)?;
        bytes.try_into().map_err(|_| self.damaged(column, format_args!("has {} bytes, not {N}", bytes.len())))
    }

    fn long(&self, column: usize) -> Result<i64, LogError> {
        self.fixed(column).map(i64::from_be_bytes)
    }

    fn short(&self, column: usize) -> Result<i16, LogError> {
        self.fixed(column).map(i16::from_be_bytes)
    }

    fn flag(&self, column: usize) -> Result<bool, LogError> {
        self.fixed::<1>(column).map(|[byte]| byte != 0)
    }

    fn optional_text(&self, column: usize) -> Result<Option<&'a str>, LogError> {
        let text = self.optional(column)?.map(std::str::from_utf8);
        text.transpose().map_err(|e| self.damaged(column, e))
    }

    fn text(&self, column: usize) -> Result<&'a str, LogError> {
        self.optional_text(column)?.ok_or_else(|| self.damaged(column, "is missing"))
    }

    fn id(&self, column: usize) -> Result<Id, LogError> {
        Id::from_slice(self.bytes(column)?).ok_or_else(|| self.damaged(column, "is not 16 bytes long"))
    }

    /// The mark in columns 16 to 18, which stand or are missing together.
    fn effect(&self) -> Result<Option<EffectMark>, LogError> {
        let attempt = self.optional(18)?.map(|_| self.long(18)).transpose()?;
        match (self.optional_text(16)?, self.optional_text(17)?, attempt) {
            (None, None, None) => Ok(None),
            (Some(effect), Some(role), Some(attempt)) => {
                let role = role.parse().map_err(|()| self.damaged(17, "is no role"))?;
                let attempt = u32::try_from(attempt).map_err(|e| self.damaged(18, e))?;
                Ok(Some(EffectMark { effect: effect.to_owned(), role, attempt }))
            }
            (_, _, _) => Err(self.damaged(16, "stands without its role or its attempt, or they without it")),
        }
    }
}
