//! A record to and from a row of `events`.

use std::fmt::Display;
use std::sync::Arc;

use rusqlite::types::ValueRef;
use rusqlite::{CachedStatement, Row, params};

use super::super::LogError;
use super::super::columns::{self, columns};
use crate::clock::Timestamp;
use crate::id::Id;
use crate::record::{Codec, EffectMark, Position, Recorded, Visibility};

pub(super) const INSERT: &str = concat!(
    "INSERT INTO events (",
    columns!(),
    ") VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,?21,?22,?23)"
);

pub(super) fn insert(statement: &mut CachedStatement<'_>, event: &Recorded) -> rusqlite::Result<usize> {
    let mark = event.effect.as_ref();
    statement.execute(params![
        event.position as i64,
        event.stream.as_str(),
        event.version as i64,
        event.kind.as_str(),
        event.id.as_bytes().as_slice(),
        event.command_id.as_bytes().as_slice(),
        event.correlation_id.as_bytes().as_slice(),
        event.causation_id.as_bytes().as_slice(),
        event.time.0,
        &*event.actor,
        &*event.code,
        &*event.principal,
        &*event.owner,
        event.visibility as i64,
        event.trace,
        event.owes,
        mark.map(|m| m.effect.as_str()),
        mark.map(|m| m.role.as_str()),
        mark.map(|m| m.attempt),
        event.codec as i64,
        event.payload,
        event.command,
        event.hash.as_slice(),
    ])
}

/// The record in `row`, or what is wrong with it.
pub(super) fn read(row: &Row<'_>) -> Result<Recorded, LogError> {
    let position = row.get::<_, i64>(0).unwrap_or(0) as Position;
    let cell = Cells { row, position };
    Ok(Recorded {
        position,
        stream: cell.text(1)?.parse().map_err(|e| cell.damaged(1, e))?,
        version: cell.integer(2)? as u64,
        kind: cell.text(3)?.parse().map_err(|e| cell.damaged(3, e))?,
        id: cell.id(4)?,
        command_id: cell.id(5)?,
        correlation_id: cell.id(6)?,
        causation_id: cell.id(7)?,
        time: Timestamp(cell.integer(8)?),
        actor: cell.shared(9)?,
        code: cell.shared(10)?,
        principal: cell.shared(11)?,
        owner: cell.shared(12)?,
        visibility: Visibility::from_number(cell.integer(13)?)
            .ok_or_else(|| cell.damaged(13, "is unknown"))?,
        trace: cell.optional_text(14)?,
        owes: cell.flag(15)?,
        effect: cell.effect()?,
        codec: Codec::from_number(cell.integer(19)?).ok_or_else(|| cell.damaged(19, "is unknown"))?,
        payload: cell.bytes(20)?.to_vec(),
        command: cell.optional_bytes(21)?.map(<[u8]>::to_vec),
        hash: cell.bytes(22)?.try_into().map_err(|_| cell.damaged(22, "is not 32 bytes long"))?,
    })
}

struct Cells<'a> {
    row: &'a Row<'a>,
    position: Position,
}

impl<'a> Cells<'a> {
    fn damaged(&self, column: usize, what: impl Display) -> LogError {
        LogError::Damaged { position: self.position, what: format!("{} {what}", columns::name(column)) }
    }

    fn value(&self, column: usize) -> Result<ValueRef<'a>, LogError> {
        self.row.get_ref(column).map_err(|e| self.damaged(column, e))
    }

    fn integer(&self, column: usize) -> Result<i64, LogError> {
        self.value(column)?.as_i64().map_err(|e| self.damaged(column, e))
    }

    fn bytes(&self, column: usize) -> Result<&'a [u8], LogError> {
        self.value(column)?.as_bytes().map_err(|e| self.damaged(column, e))
    }

    fn optional_bytes(&self, column: usize) -> Result<Option<&'a [u8]>, LogError> {
        self.value(column)?.as_bytes_or_null().map_err(|e| self.damaged(column, e))
    }

    fn text(&self, column: usize) -> Result<&'a str, LogError> {
        self.value(column)?.as_str().map_err(|e| self.damaged(column, e))
    }

    fn optional_text(&self, column: usize) -> Result<Option<String>, LogError> {
        let text = self.value(column)?.as_str_or_null().map_err(|e| self.damaged(column, e))?;
        Ok(text.map(str::to_owned))
    }

    /// Whatever else stands in a flag is damage, or a change to it would not show in the hash.
    fn flag(&self, column: usize) -> Result<bool, LogError> {
        match self.integer(column)? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(self.damaged(column, format_args!("is {other}, not 0 or 1"))),
        }
    }

    /// The mark in columns 16 to 18, which stand or are missing together.
    fn effect(&self) -> Result<Option<EffectMark>, LogError> {
        let Some(effect) = self.optional_text(16)? else {
            let lone = [17, 18].into_iter().find(|column| !matches!(self.value(*column), Ok(ValueRef::Null)));
            return lone.map_or(Ok(None), |column| Err(self.damaged(column, "stands without an effect")));
        };
        let role = self.text(17)?.parse().map_err(|()| self.damaged(17, "is no role"))?;
        let attempt = u32::try_from(self.integer(18)?).map_err(|e| self.damaged(18, e))?;
        Ok(Some(EffectMark { effect, role, attempt }))
    }

    fn shared(&self, column: usize) -> Result<Arc<str>, LogError> {
        self.text(column).map(Arc::from)
    }

    fn id(&self, column: usize) -> Result<Id, LogError> {
        Id::from_slice(self.bytes(column)?).ok_or_else(|| self.damaged(column, "is not 16 bytes long"))
    }
}
