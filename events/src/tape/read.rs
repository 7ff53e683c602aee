//! Reading a tape: only what is as it was written is handed out.

use std::io::Read;

use blake3::Hasher;
use serde::de::DeserializeOwned;

use super::line::{EndLine, PieceLine, decode};
use super::order::Order;
use super::section::{Kind, Source};
use super::{Carries, Header, Part, Piece, TapeError, Whole};
use crate::content::{BLOB_BYTES_MAX, ContentHash};
use crate::record::Line;
use crate::record::Recorded;

/// Takes a piece of a log from a tape.
pub struct Reader<R> {
    source: Source<R>,
    header: Header,
    order: Order,
    /// A file of which pieces are still to come.
    open: Option<Open>,
    blobs: u64,
    whole: Option<Whole>,
}

struct Open {
    hash: ContentHash,
    size: u64,
    read: u64,
    hasher: Hasher,
}

impl<R: Read> Reader<R> {
    /// Reads what the tape says of itself.
    pub fn try_new(input: R) -> Result<Self, TapeError> {
        let mut source = Source::try_new(input)?;
        let (kind, bytes) = source.take()?;
        if kind != Kind::Header {
            return Err(source.damaged("it does not begin with a header"));
        }
        let header: Header = decoded(&source, &bytes)?;
        let follows = header.from > 1;
        if header.from == 0 || header.to < header.from || header.before.is_some() != follows {
            return Err(source.damaged("its header contradicts itself"));
        }
        source.after = header.from - 1;
        let order = Order::of(&header);
        Ok(Self { source, header, order, open: None, blobs: 0, whole: None })
    }

    /// What the tape says of itself.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// What the tape holds, once its end was read.
    pub fn whole(&self) -> Option<Whole> {
        self.whole
    }

    /// The next part; `None` at the end of a tape that is whole.
    pub fn part(&mut self) -> Result<Option<Part>, TapeError> {
        if self.whole.is_some() {
            return Ok(None);
        }
        let (kind, bytes) = self.source.take()?;
        if kind != Kind::Piece && self.open.is_some() {
            return Err(self.source.damaged("a file ends before its size"));
        }
        match kind {
            Kind::Header => Err(self.source.damaged("a second header")),
            Kind::Events => self.events(&bytes).map(Part::Events).map(Some),
            Kind::Piece => self.piece(&bytes).map(Part::Piece).map(Some),
            Kind::End => self.end(&bytes).map(|()| None),
        }
    }

    /// Reads on to the end; returns what the tape holds when everything on it fits.
    pub fn check(&mut self) -> Result<Whole, TapeError> {
        while self.part()?.is_some() {}
        self.whole.ok_or_else(|| self.source.damaged("it has no end"))
    }

    fn events(&mut self, bytes: &[u8]) -> Result<Vec<Recorded>, TapeError> {
        let lines: Vec<Line> = decoded(&self.source, bytes)?;
        let mut events = Vec::with_capacity(lines.len());
        for line in lines {
            let event = Recorded::from(line);
            self.order.take(&event)?;
            events.push(event);
        }
        self.source.after = self.order.last();
        Ok(events)
    }

    fn piece(&mut self, bytes: &[u8]) -> Result<Piece, TapeError> {
        let PieceLine { hash, size, at, data } = decoded(&self.source, bytes)?;
        if self.header.carries == Carries::Events || size > BLOB_BYTES_MAX as u64 {
            return Err(self.source.damaged("a file that cannot be on it"));
        }
        let piece = Piece { hash, size, at, bytes: data.0 };
        let fresh = || Open { hash, size, read: 0, hasher: Hasher::new() };
        let mut open = self.open.take().unwrap_or_else(fresh);
        let fits = (open.hash, open.size, open.read) == (hash, size, at);
        let grows = !piece.bytes.is_empty() || size == 0;
        open.read += piece.bytes.len() as u64;
        if !fits || !grows || open.read > size {
            return Err(self.source.damaged(format!("the pieces of file {hash} do not fit together")));
        }
        open.hasher.update(&piece.bytes);
        if !piece.is_last() {
            self.open = Some(open);
        } else if ContentHash::from(*open.hasher.finalize().as_bytes()) != hash {
            return Err(self.source.damaged(format!("file {hash} has another hash")));
        } else {
            self.blobs += 1;
        }
        Ok(piece)
    }

    fn end(&mut self, bytes: &[u8]) -> Result<(), TapeError> {
        let told: EndLine = decoded(&self.source, bytes)?;
        self.order.check_end().map_err(|what| self.source.damaged(what))?;
        let (events, blobs) = (self.order.count(), self.blobs);
        if (told.events, told.blobs) != (events, blobs) {
            let what = format!("it tells of {} events and {} files", told.events, told.blobs);
            return Err(self.source.damaged(format!("{what}, and has {events} and {blobs}")));
        }
        let checksum = self.source.end()?;
        self.whole = Some(Whole { events, blobs, checksum });
        Ok(())
    }
}

fn decoded<T: DeserializeOwned, R: Read>(source: &Source<R>, bytes: &[u8]) -> Result<T, TapeError> {
    decode(bytes).map_err(|error| source.damaged(format!("it cannot be understood: {error}")))
}
