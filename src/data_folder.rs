//! The folder Hydra keeps its state in, and who holds it.

mod socket;

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};

use crate::config::{Config, LogPlace};
use crate::exit::BadInput;

/// The paths in a data folder.
#[derive(Clone, Debug)]
pub struct DataFolder {
    root: PathBuf,
    config: Arc<Config>,
}

/// The right to write to a data folder, held until dropped or until the process dies.
#[derive(Debug)]
pub struct Held {
    _lock: File,
}

/// Who holds a data folder.
#[derive(Debug, thiserror::Error)]
#[error(
    "{folder} is held by {holder}: its commands go through it, or wait until it ends, or use another --data folder"
)]
pub struct HeldElsewhere {
    folder: String,
    holder: String,
}

impl DataFolder {
    /// The folder at `root`, which need not exist yet, beside what `config` keeps elsewhere.
    pub fn with(root: &Path, config: Config) -> Self {
        Self { root: root.to_owned(), config: Arc::new(config) }
    }

    /// What is kept elsewhere.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The URL of the log.
    pub fn log_url(&self) -> String {
        format!("sqlite:{}", self.root.join("log.db").display())
    }

    /// Whether there is a log, as far as can be seen without asking a server.
    pub fn has_log(&self) -> bool {
        match self.config.log {
            LogPlace::Folder => self.root.join("log.db").exists(),
            #[cfg(feature = "full")]
            LogPlace::Postgres(_) => true,
        }
    }

    /// The database of the views.
    pub fn views(&self) -> PathBuf {
        self.root.join("views.db")
    }

    /// The content store, where it is not kept elsewhere.
    pub fn content(&self) -> PathBuf {
        self.root.join("content")
    }

    /// Where the holder takes commands, as far as anybody outside can tell.
    pub fn socket(&self) -> PathBuf {
        socket::known(&self.root)
    }

    /// Where the holder is to take commands: from now on, [`Self::socket`] tells everybody. The folder is held.
    pub fn place_socket(&self) -> Result<PathBuf> {
        socket::place(&self.root)
    }

    /// Takes the folder for writing, making it if need be; `purpose` is what others are told about the holder.
    pub fn hold(&self, purpose: &str) -> Result<Held> {
        let failed = || BadInput(format!("cannot use {} as the data folder", self.root.display()));
        fs::create_dir_all(&self.root).with_context(failed)?;
        let path = self.root.join("lock");
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let mut lock = options.open(&path).with_context(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(self.held_elsewhere(lock).into()),
            Err(TryLockError::Error(error)) => return Err(error).with_context(failed),
        }
        lock.set_len(0)?;
        lock.seek(SeekFrom::Start(0))?;
        write!(lock, "process {} ({purpose})", std::process::id())?;
        lock.flush()?;
        Ok(Held { _lock: lock })
    }

    /// Takes the views for writing, waiting for whoever brings them up to date at the moment.
    pub fn hold_views(&self) -> Result<Held> {
        let lock = self.views_lock()?;
        lock.lock()?;
        Ok(Held { _lock: lock })
    }

    /// Takes the views for writing unless somebody keeps them.
    pub fn try_hold_views(&self) -> Result<Option<Held>> {
        let lock = self.views_lock()?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(Held { _lock: lock })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }

    fn views_lock(&self) -> Result<File> {
        let path = self.root.join("views.lock");
        let mut options = OpenOptions::new();
        let opened = options.read(true).write(true).create(true).truncate(false).open(&path);
        opened.with_context(|| format!("cannot open {}", path.display()))
    }

    fn held_elsewhere(&self, mut lock: File) -> HeldElsewhere {
        let mut holder = String::new();
        if lock.read_to_string(&mut holder).is_err() || holder.is_empty() {
            holder = "another process".into();
        }
        HeldElsewhere { folder: self.root.display().to_string(), holder }
    }
}
