//! Whether events are a piece of one history: places without gaps, times that do not go back, whole appends, and
//! chains of hashes that hold together.

use std::collections::BTreeMap;

use super::{Header, TapeError};
use crate::clock::Timestamp;
use crate::id::Id;
use crate::record::{Position, Recorded, Version, chain};
use crate::stream::StreamName;

/// Streams whose ends are remembered. Where there are more, a break is found only when the events are put into a log.
const HEADS_MAX: usize = 100_000;

pub(super) struct Order {
    from: Position,
    to: Position,
    next: Position,
    time: Timestamp,
    /// Stream and command of the append the last event belongs to.
    append: Option<(StreamName, Id)>,
    heads: BTreeMap<StreamName, (Version, [u8; 32])>,
    has_forgotten: bool,
}

impl Order {
    pub(super) fn of(header: &Header) -> Self {
        Self {
            from: header.from,
            to: header.to,
            next: header.from,
            time: Timestamp(i64::MIN),
            append: None,
            heads: BTreeMap::new(),
            has_forgotten: false,
        }
    }

    /// The position of the last event that was taken.
    pub(super) fn last(&self) -> Position {
        self.next.saturating_sub(1)
    }

    /// How many events were taken.
    pub(super) fn count(&self) -> u64 {
        self.next - self.from
    }

    /// Takes `event` as the next.
    pub(super) fn take(&mut self, event: &Recorded) -> Result<(), TapeError> {
        self.check(event).map_err(|what| TapeError::Disorder { position: event.position, what })?;
        if self.heads.len() >= HEADS_MAX {
            self.heads.clear();
            self.has_forgotten = true;
        }
        self.heads.insert(event.stream.clone(), (event.version, event.hash));
        self.append = Some((event.stream.clone(), event.command_id));
        (self.time, self.next) = (event.time, event.position + 1);
        Ok(())
    }

    /// Whether the tape may end here.
    pub(super) fn check_end(&self) -> Result<(), String> {
        match self.last() {
            last if last == self.to => Ok(()),
            last => Err(format!("its events end at position {last}, not at {}", self.to)),
        }
    }

    fn check(&self, event: &Recorded) -> Result<(), String> {
        if event.position != self.next {
            return Err(format!("position {} belongs there", self.next));
        }
        if event.position > self.to {
            return Err(format!("the tape ends at position {}", self.to));
        }
        if event.time < self.time {
            return Err(format!("its time {} is before that of the event before it", event.time));
        }
        event.check().map_err(|unfit| unfit.to_string())?;
        self.check_append(event)?;
        self.check_chain(event)
    }

    /// The first event of an append carries the command.
    fn check_append(&self, event: &Recorded) -> Result<(), String> {
        let continues = self
            .append
            .as_ref()
            .is_some_and(|(stream, command)| *stream == event.stream && *command == event.command_id);
        match event.command {
            Some(_) => Ok(()),
            None if continues => Ok(()),
            None => Err("it is not the first of its append, whose first is not before it".to_owned()),
        }
    }

    fn check_chain(&self, event: &Recorded) -> Result<(), String> {
        let Recorded { stream, version, .. } = event;
        let known = self.heads.get(stream).copied();
        let begins = *version == 1 || (self.from == 1 && !self.has_forgotten);
        let (last, hash) = match known {
            Some(head) => head,
            None if begins => (0, chain::GENESIS),
            // What came before is in the log it continues.
            None => return Ok(()),
        };
        if *version != last + 1 {
            return Err(format!("version {version} of {stream} follows version {last}"));
        }
        if event.hash != chain::hash(&hash, event) {
            return Err(format!("its hash does not continue {stream}"));
        }
        Ok(())
    }
}
