//! Places of one run's own: a folder, a schema, a prefix. Whatever ends the run, they are removed.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::{BenchError, failed};

/// Where a run may write.
#[derive(Clone, Debug)]
pub struct Scratch {
    root: PathBuf,
    run: String,
    count: Arc<AtomicU32>,
}

impl Scratch {
    /// A folder below `parent`, unlike that of any other run.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn try_new(parent: &Path) -> Result<Self, BenchError> {
        let run = format!("bench{}", std::process::id());
        let root = parent.join(&run);
        fs::create_dir_all(&root).map_err(failed("making a folder for the bench"))?;
        Ok(Self { root, run, count: Arc::default() })
    }

    /// The name of this run, with which everything it makes begins: letters and digits.
    pub fn run(&self) -> &str {
        &self.run
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A name nothing else of this run has.
    pub fn fresh(&self) -> String {
        format!("{}_{}", self.run, self.count.fetch_add(1, Ordering::Relaxed))
    }

    /// An empty folder below it.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn folder(&self) -> Result<PathBuf, BenchError> {
        let folder = self.root.join(self.fresh());
        fs::create_dir_all(&folder).map_err(failed("making a folder for the bench"))?;
        Ok(folder)
    }

    /// Removes the folder with all that is in it.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn clear(&self) -> Result<(), BenchError> {
        match fs::remove_dir_all(&self.root) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(failed("removing the folder of the bench")(error))
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }
}
