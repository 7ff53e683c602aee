//! The file, and the two connections to it: one that writes, one that reads beside it.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::super::StoreError;
use super::shape;

const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
const STATEMENTS_KEPT: usize = 256;

/// Where the tables are.
pub(super) enum Place {
    /// In a file, for filling it.
    Kept(PathBuf),
    /// In a file that somebody else fills.
    Beside(PathBuf),
    /// In this process.
    Memory,
}

/// Which connection something is done on.
#[derive(Clone, Copy)]
pub(super) enum Side {
    Writer,
    Reader,
}

/// A place with its connections, which are opened when they are needed, and again after a failure.
pub(super) struct File {
    place: Place,
    writer: Mutex<Option<Connection>>,
    reader: Mutex<Option<Connection>>,
    /// The file the connections are to.
    opened: Mutex<Option<Identity>>,
}

/// The device and the number of a file: another one under the same name is another store.
type Identity = (u64, u64);

impl File {
    /// The file at `place`, which can be used.
    pub(super) fn open(place: Place) -> Result<Self, StoreError> {
        let side = if matches!(place, Place::Beside(_)) { Side::Reader } else { Side::Writer };
        let (writer, reader, opened) = (Mutex::new(None), Mutex::new(None), Mutex::new(None));
        let file = Self { place, writer, reader, opened };
        file.with(side, |_| Ok(()))?;
        Ok(file)
    }

    pub(super) fn shown(&self) -> String {
        match self.path() {
            Some(path) => format!("sqlite {}", path.display()),
            None => "sqlite in memory".to_owned(),
        }
    }

    /// Does `work` on one of the connections. After a failure it is opened again.
    pub(super) fn with<T>(
        &self,
        side: Side,
        work: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let slot = match (&self.place, side) {
            (Place::Memory, _) | (Place::Kept(_), Side::Writer) => &self.writer,
            (Place::Kept(_) | Place::Beside(_), Side::Reader) => &self.reader,
            (Place::Beside(_), Side::Writer) => {
                return Err(StoreError::Refused("these views were opened for reading only".into()));
            }
        };
        self.notice_another()?;
        let mut slot = lock(slot);
        let connection = match slot.take() {
            Some(connection) => connection,
            None => self.connect(side)?,
        };
        let done = work(&connection);
        if done.is_ok() || matches!(self.place, Place::Memory) {
            *slot = Some(connection);
        }
        done
    }

    /// Closes both connections when the file is not the one they were opened to. One of them must not be left: what it
    /// does when it is closed, it does by the names of files.
    fn notice_another(&self) -> Result<(), StoreError> {
        let mut opened = lock(&self.opened);
        if let Place::Kept(path) = &self.place
            && self.identity().is_none_or(|identity| *opened != Some(identity))
        {
            (*lock(&self.writer), *lock(&self.reader)) = (None, None);
            *lock(&self.writer) = Some(for_writing(path)?);
            *opened = self.identity();
        }
        if let Place::Beside(_) = self.place
            && *opened != self.identity()
        {
            *lock(&self.reader) = None;
            *opened = self.identity();
        }
        Ok(())
    }

    fn connect(&self, side: Side) -> Result<Connection, StoreError> {
        match (&self.place, side) {
            (Place::Memory, _) => shaped(Connection::open_in_memory()?),
            (Place::Kept(path), Side::Writer) => for_writing(path),
            (Place::Kept(path) | Place::Beside(path), _) => for_reading(path),
        }
    }

    fn path(&self) -> Option<&Path> {
        match &self.place {
            Place::Kept(path) | Place::Beside(path) => Some(path),
            Place::Memory => None,
        }
    }

    fn identity(&self) -> Option<Identity> {
        let identity = |file: Metadata| (file.dev(), file.ino());
        self.path().and_then(|path| std::fs::metadata(path).ok()).map(identity)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn for_writing(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // What a power loss takes is noticed by the checkpoint and folded again.
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    shaped(connection)
}

fn for_reading(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    Ok(connection)
}

fn shaped(connection: Connection) -> Result<Connection, StoreError> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    shape::ensure(&connection)?;
    Ok(connection)
}
