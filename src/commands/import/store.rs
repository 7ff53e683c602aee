//! From a tape into log and content store, a bounded piece at a time.

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use hydra_events::log::Restore;
use hydra_events::record::{Position, Recorded};
use hydra_events::tape::{Header, Mark, Part, Piece};
use hydra_events::{ContentStore, StreamName};

use super::Tape;
use crate::exit::BadInput;

/// From so many events or bytes on, what waits is put into the log once the append is whole.
const EVENTS_AT_ONCE: usize = 500;
const BYTES_AT_ONCE: usize = 2 * 1024 * 1024;

/// What was put into the log.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stored {
    /// Events that are new.
    pub events: u64,
    /// Events that were there.
    pub known: u64,
    /// Files, new or there before.
    pub files: u64,
    /// Where the log ends.
    pub head: Position,
}

/// Makes sure that the log has all that comes before the tape, as the tape knows it.
pub async fn refuse_gap(log: &dyn Restore, header: &Header, head: Position) -> Result<()> {
    let from = header.from;
    if from > head + 1 {
        let missing = format!("positions {} to {} are missing", head + 1, from - 1);
        return Err(
            BadInput(format!("the log ends at {head} and the tape begins at {from}: {missing}")).into()
        );
    }
    let Some(before) = header.before else { return Ok(()) };
    let there = log.read(from.saturating_sub(2), 1).await?;
    match there.first() {
        Some(event) if Mark::of(event) == before => Ok(()),
        Some(event) => {
            let (place, shown) = (from - 1, shown(event));
            let reason = format!("position {place} is {shown} in the log, and another event before the tape");
            Err(BadInput(format!("{reason}: they are two histories")).into())
        }
        None => bail!("position {} cannot be read", from - 1),
    }
}

/// Makes sure that what is on the tape up to `head` is what the log has there.
pub async fn compare(log: &dyn Restore, tape: &mut Tape, head: Position) -> Result<()> {
    while let Some(part) = tape.part()? {
        let Part::Events(mut events) = part else { continue };
        let beyond = events.last().is_some_and(|last| last.position > head);
        events.retain(|event| event.position <= head);
        if let Some(first) = events.first() {
            let there = log.read(first.position - 1, events.len()).await?;
            compare_page(&events, &there)?;
        }
        if beyond {
            break;
        }
    }
    Ok(())
}

fn compare_page(events: &[Recorded], there: &[Recorded]) -> Result<()> {
    for (index, event) in events.iter().enumerate() {
        match there.get(index) {
            Some(there) if there == event => {}
            Some(there) if Mark::of(there) == Mark::of(event) => {
                let position = event.position;
                return Err(
                    BadInput(format!("position {position} is the same event with other bytes")).into()
                );
            }
            Some(there) => {
                let (position, there, event) = (event.position, shown(there), shown(event));
                let reason = format!("position {position} is {there} in the log and {event} on the tape");
                return Err(BadInput(format!("{reason}: they are two histories, and a log holds one")).into());
            }
            None => bail!("position {} is missing in the log", event.position),
        }
    }
    Ok(())
}

fn shown(event: &Recorded) -> String {
    let Recorded { stream, version, kind, id, .. } = event;
    let stream: &StreamName = stream;
    format!("{kind} {id} at version {version} of {stream}")
}

/// Puts a tape into a log.
pub struct Storing<'a> {
    log: &'a dyn Restore,
    content: Option<Arc<dyn ContentStore>>,
    /// Where the log ended.
    head: Position,
    waiting: Vec<Recorded>,
    bytes: usize,
    /// The pieces of a file so far.
    file: Vec<u8>,
    stored: Stored,
}

impl<'a> Storing<'a> {
    /// Into `log`, which ends at `head`, and `content` if the tape has any.
    pub fn of(log: &'a dyn Restore, content: Option<Arc<dyn ContentStore>>, head: Position) -> Self {
        let stored = Stored { head, ..Stored::default() };
        Self { log, content, head, waiting: Vec::new(), bytes: 0, file: Vec::new(), stored }
    }

    /// Stores all that is on the tape.
    pub async fn all_of(mut self, tape: &mut Tape) -> Result<Stored> {
        while let Some(part) = tape.part()? {
            match part {
                Part::Events(events) => {
                    for event in events {
                        self.event(event).await?;
                    }
                }
                Part::Piece(piece) => self.piece(piece).await?,
            }
        }
        self.flush().await?;
        Ok(self.stored)
    }

    async fn event(&mut self, event: Recorded) -> Result<()> {
        if event.position <= self.head {
            self.stored.known += 1;
            return Ok(());
        }
        let is_enough = self.waiting.len() >= EVENTS_AT_ONCE || self.bytes >= BYTES_AT_ONCE;
        // An append is stored as a whole, or a crash would leave half a decision.
        if is_enough && event.command.is_some() {
            self.flush().await?;
        }
        self.bytes += event.size();
        self.waiting.push(event);
        Ok(())
    }

    async fn flush(&mut self) -> Result<()> {
        let events = std::mem::take(&mut self.waiting);
        self.bytes = 0;
        let Some(last) = events.last().map(|last| last.position) else { return Ok(()) };
        let count = events.len() as u64;
        let place = || format!("the log ends at {}; the same command goes on from there", self.stored.head);
        self.log.restore(events).await.with_context(place)?;
        self.stored.events += count;
        self.stored.head = last;
        Ok(())
    }

    /// A file is stored before the first event that names it, because it stands before it on the tape.
    async fn piece(&mut self, piece: Piece) -> Result<()> {
        let is_last = piece.is_last();
        self.file.extend(piece.bytes);
        if is_last && let Some(content) = &self.content {
            content.put(std::mem::take(&mut self.file)).await?;
            self.stored.files += 1;
        }
        Ok(())
    }
}
