//! Sections: how bytes lie on a tape, and how a change to any of them is noticed.

use std::io::{self, ErrorKind, Read, Write};

use blake3::Hasher;

use super::TapeError;
use crate::content::ContentHash;
use crate::record::Position;

/// The format written here, and the only one read.
pub const FORMAT: u16 = 1;

/// The longest section.
pub(super) const SECTION_BYTES_MAX: usize = 4 * 1024 * 1024;

const MAGIC: &[u8; 10] = b"hydra-tape";
const HEAD_BYTES: usize = 9;
const CHECKSUM_BYTES: usize = 32;
/// What cannot be made smaller becomes a little larger.
const STORED_BYTES_MAX: usize = SECTION_BYTES_MAX + 64 * 1024;
const LEVEL: i32 = 3;

/// What a section holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Header = 1,
    Events = 2,
    Piece = 3,
    End = 4,
}

impl Kind {
    fn of(number: u8) -> Option<Self> {
        [Self::Header, Self::Events, Self::Piece, Self::End].into_iter().find(|kind| *kind as u8 == number)
    }
}

fn begin() -> [u8; 12] {
    let mut begin = [0; 12];
    begin[..10].copy_from_slice(MAGIC);
    begin[10..].copy_from_slice(&FORMAT.to_le_bytes());
    begin
}

fn checksum(previous: &[u8; CHECKSUM_BYTES], head: &[u8; HEAD_BYTES], stored: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let mut hasher = Hasher::new();
    hasher.update(previous).update(head).update(stored);
    *hasher.finalize().as_bytes()
}

/// Puts sections on a tape.
pub(super) struct Sections<W> {
    out: W,
    compressor: zstd::bulk::Compressor<'static>,
    checksum: [u8; CHECKSUM_BYTES],
}

impl<W: Write> Sections<W> {
    pub(super) fn try_new(mut out: W) -> Result<Self, TapeError> {
        out.write_all(&begin()).map_err(TapeError::Io)?;
        let compressor = zstd::bulk::Compressor::new(LEVEL).map_err(TapeError::Io)?;
        Ok(Self { out, compressor, checksum: *blake3::hash(&begin()).as_bytes() })
    }

    pub(super) fn put(&mut self, kind: Kind, bytes: &[u8]) -> Result<(), TapeError> {
        let stored = self.compressor.compress(bytes).map_err(TapeError::Io)?;
        if bytes.len() > SECTION_BYTES_MAX || stored.len() > STORED_BYTES_MAX {
            let what = format!("a section of {} bytes is over the limit of {SECTION_BYTES_MAX}", bytes.len());
            return Err(TapeError::Io(io::Error::new(ErrorKind::InvalidInput, what)));
        }
        let mut head = [0; HEAD_BYTES];
        head[0] = kind as u8;
        head[1..5].copy_from_slice(&(stored.len() as u32).to_le_bytes());
        head[5..].copy_from_slice(&(bytes.len() as u32).to_le_bytes());
        self.checksum = checksum(&self.checksum, &head, &stored);
        for part in [&head[..], &self.checksum, &stored] {
            self.out.write_all(part).map_err(TapeError::Io)?;
        }
        Ok(())
    }

    /// What was written to, and the checksum of all of it.
    pub(super) fn finish(mut self) -> Result<(W, ContentHash), TapeError> {
        self.out.flush().map_err(TapeError::Io)?;
        Ok((self.out, self.checksum.into()))
    }
}

/// Takes sections off a tape.
pub(super) struct Source<R> {
    input: R,
    decompressor: zstd::bulk::Decompressor<'static>,
    checksum: [u8; CHECKSUM_BYTES],
    /// Where the next byte stands.
    at: u64,
    /// Where the section that was read last begins.
    began: u64,
    /// The last position that was read whole.
    pub(super) after: Position,
}

impl<R: Read> Source<R> {
    /// A tape of the one format that is known.
    pub(super) fn try_new(mut input: R) -> Result<Self, TapeError> {
        let mut found = [0; 12];
        let filled = fill(&mut input, &mut found)?;
        if filled < MAGIC.len() || found[..MAGIC.len()] != *MAGIC {
            return Err(TapeError::NotATape);
        }
        let decompressor = zstd::bulk::Decompressor::new().map_err(TapeError::Io)?;
        let checksum = *blake3::hash(&begin()).as_bytes();
        let at = filled as u64;
        let source = Self { input, decompressor, checksum, at, began: 0, after: 0 };
        if filled < found.len() {
            return Err(source.cut_off());
        }
        match u16::from_le_bytes([found[10], found[11]]) {
            FORMAT => Ok(source),
            0 => Err(source.damaged("format 0 never was")),
            found => Err(TapeError::Newer { found }),
        }
    }

    /// The next section, which is as it was written.
    pub(super) fn take(&mut self) -> Result<(Kind, Vec<u8>), TapeError> {
        self.began = self.at;
        let mut head = [0; HEAD_BYTES];
        self.exactly(&mut head)?;
        let mut wanted = [0; CHECKSUM_BYTES];
        self.exactly(&mut wanted)?;
        let length =
            |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]) as usize;
        let (stored, length) = (length(1), length(5));
        if stored > STORED_BYTES_MAX || length > SECTION_BYTES_MAX {
            return Err(self.damaged("its length is beyond every limit"));
        }
        let mut bytes = vec![0; stored];
        self.exactly(&mut bytes)?;
        if checksum(&self.checksum, &head, &bytes) != wanted {
            return Err(self.damaged("its checksum does not fit"));
        }
        self.checksum = wanted;
        let kind = Kind::of(head[0]).ok_or_else(|| self.damaged("its kind is not known"))?;
        match self.decompressor.decompress(&bytes, length) {
            Ok(bytes) if bytes.len() == length => Ok((kind, bytes)),
            Ok(_) => Err(self.damaged("it is shorter than it says")),
            Err(error) => Err(self.damaged(format!("it cannot be expanded: {error}"))),
        }
    }

    /// Makes sure that nothing follows, and returns the checksum of the whole tape.
    pub(super) fn end(&mut self) -> Result<ContentHash, TapeError> {
        self.began = self.at;
        match fill(&mut self.input, &mut [0])? {
            0 => Ok(self.checksum.into()),
            _ => Err(self.damaged("it goes on after its end")),
        }
    }

    pub(super) fn damaged(&self, what: impl Into<String>) -> TapeError {
        TapeError::Damaged { at: self.began, after: self.after, what: what.into() }
    }

    fn cut_off(&self) -> TapeError {
        TapeError::CutOff { at: self.at, after: self.after }
    }

    fn exactly(&mut self, bytes: &mut [u8]) -> Result<(), TapeError> {
        let filled = fill(&mut self.input, bytes)?;
        self.at += filled as u64;
        if filled < bytes.len() { Err(self.cut_off()) } else { Ok(()) }
    }
}

/// Reads until `bytes` are full or nothing is left; returns how many there were.
fn fill(input: &mut impl Read, bytes: &mut [u8]) -> Result<usize, TapeError> {
    let mut filled = 0;
    while filled < bytes.len() {
        match input.read(&mut bytes[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(TapeError::Io(error)),
        }
    }
    Ok(filled)
}
