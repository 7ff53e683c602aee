//! Making a tape.

use std::io::{self, Write};

use super::line::{EndLine, PieceLine, encode};
use super::order::Order;
use super::section::{Kind, Sections};
use super::{Header, TapeError, Whole};
use crate::content::ContentHash;
use crate::record::Recorded;
use crate::record::{Binary, Line};

/// Events of about so many bytes share a section.
const EVENTS_BYTES: usize = 1024 * 1024;
const EVENTS_MAX: usize = 1_000;
const PIECE_BYTES: usize = 1024 * 1024;

/// Puts a piece of a log on a tape.
pub struct Writer<W> {
    sections: Sections<W>,
    order: Order,
    lines: Vec<Line>,
    /// About how many bytes they have.
    bytes: usize,
    blobs: u64,
}

impl<W: Write> Writer<W> {
    /// Begins a tape.
    pub fn try_new(out: W, header: &Header) -> Result<Self, TapeError> {
        let mut sections = Sections::try_new(out)?;
        sections.put(Kind::Header, &encoded(header)?)?;
        Ok(Self { sections, order: Order::of(header), lines: Vec::new(), bytes: 0, blobs: 0 })
    }

    /// Puts the next event of the log on the tape.
    ///
    /// # Errors
    /// [`TapeError::Disorder`] for one that does not continue the events before it: no damage is carried on.
    pub fn event(&mut self, event: &Recorded) -> Result<(), TapeError> {
        self.order.take(event)?;
        self.lines.push(Line::from(event));
        self.bytes += event.size();
        if self.bytes >= EVENTS_BYTES || self.lines.len() >= EVENTS_MAX { self.put_events() } else { Ok(()) }
    }

    /// Puts a file on the tape, which must be there before the first event that names it.
    pub fn content(&mut self, bytes: &[u8]) -> Result<(), TapeError> {
        let (hash, size) = (ContentHash::of(bytes), bytes.len() as u64);
        self.blobs += 1;
        let mut at = 0;
        loop {
            let piece = &bytes[at..bytes.len().min(at + PIECE_BYTES)];
            let line = PieceLine { hash, size, at: at as u64, data: Binary(piece.to_vec()) };
            self.sections.put(Kind::Piece, &encoded(&line)?)?;
            at += piece.len();
            if at >= bytes.len() {
                return Ok(());
            }
        }
    }

    /// Ends the tape; returns what it was written to and what it holds.
    ///
    /// # Errors
    /// [`TapeError::Disorder`] when events are missing that the header tells of.
    pub fn finish(mut self) -> Result<(W, Whole), TapeError> {
        let position = self.order.last();
        self.order.check_end().map_err(|what| TapeError::Disorder { position, what })?;
        self.put_events()?;
        let (events, blobs) = (self.order.count(), self.blobs);
        self.sections.put(Kind::End, &encoded(&EndLine { events, blobs })?)?;
        let (out, checksum) = self.sections.finish()?;
        Ok((out, Whole { events, blobs, checksum }))
    }

    fn put_events(&mut self) -> Result<(), TapeError> {
        if self.lines.is_empty() {
            return Ok(());
        }
        let bytes = encoded(&self.lines)?;
        (self.lines, self.bytes) = (Vec::new(), 0);
        self.sections.put(Kind::Events, &bytes)
    }
}

fn encoded(value: &impl serde::Serialize) -> Result<Vec<u8>, TapeError> {
    encode(value).map_err(|error| TapeError::Io(io::Error::other(error)))
}
