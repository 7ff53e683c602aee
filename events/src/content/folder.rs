//! A content store in a folder: `ab/cdef…`, written beside its place, synced and renamed.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;

use super::{BLOB_BYTES_MAX, ContentError, ContentHash, ContentStore, blocking};

/// Blobs in a folder of the local disk.
#[derive(Clone, Debug)]
pub struct FolderStore {
    root: Arc<Path>,
}

/// Shared by all stores of the process, so that two at one place do not get in each other's way.
static NEXT_TEMPORARY: AtomicU64 = AtomicU64::new(0);

/// Files of dead processes to step over before giving up.
const LEFTOVERS_MAX: usize = 10_000;

impl FolderStore {
    /// Opens the store at `root`, making the folder if need be.
    pub fn try_open(root: &Path) -> Result<Self, ContentError> {
        fs::create_dir_all(root)
            .and_then(|()| sync_folder(beside(root)))
            .map_err(|source| at(root, source))?;
        Ok(Self { root: root.into() })
    }

    /// The file that holds, or would hold, the blob.
    pub fn path(&self, hash: ContentHash) -> PathBuf {
        let name = hash.to_string();
        self.root.join(&name[..2]).join(&name[2..])
    }

    fn keep(&self, bytes: &[u8]) -> Result<ContentHash, ContentError> {
        let hash = ContentHash::of(bytes);
        let path = self.path(hash);
        let folder = path.parent().unwrap_or(&self.root);
        // Whoever wrote it may not have come to syncing it, so a blob that is there is synced again.
        let kept = match fs::read(&path) {
            Ok(kept) if kept == bytes => File::open(&path).and_then(|file| file.sync_all()),
            Ok(_) | Err(_) => write_synced(folder, &path, bytes),
        };
        kept.and_then(|()| sync_folder(folder))
            .and_then(|()| sync_folder(&self.root))
            .map_err(|source| at(&path, source))?;
        Ok(hash)
    }

    fn fetch(&self, hash: ContentHash) -> Result<Vec<u8>, ContentError> {
        let path = self.path(hash);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == ErrorKind::NotFound => return Err(ContentError::Missing(hash)),
            Err(source) => return Err(at(&path, source)),
        };
        if ContentHash::of(&bytes) == hash {
            return Ok(bytes);
        }
        // Out of the way, so that the same blob can be put again; kept, so that it can be looked at.
        match fs::rename(&path, path.with_extension("damaged")) {
            // Somebody else has found it at the same time.
            Err(e) if e.kind() == ErrorKind::NotFound => Err(ContentError::Damaged(hash)),
            Err(source) => Err(at(&path, source)),
            Ok(()) => Err(ContentError::Damaged(hash)),
        }
    }
}

fn write_synced(folder: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let (temporary, mut file) = create_temporary(folder)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    let placed = written.and_then(|()| fs::rename(&temporary, path));
    if placed.is_err() {
        // What could not be written is in the way of nothing but space; the first error is the one to tell.
        fs::remove_file(&temporary).ok();
    }
    placed
}

/// A file nobody else writes to. A process of the same number may have lived in another container.
fn create_temporary(folder: &Path) -> io::Result<(PathBuf, File)> {
    for _ in 0..LEFTOVERS_MAX {
        let ordinal = NEXT_TEMPORARY.fetch_add(1, Ordering::Relaxed);
        let path = folder.join(format!(".{}-{ordinal}", std::process::id()));
        match File::create_new(&path) {
            Err(e) if e.kind() == ErrorKind::AlreadyExists => {}
            created => return created.map(|file| (path, file)),
        }
    }
    Err(io::Error::new(ErrorKind::AlreadyExists, "too many unfinished files are left here"))
}

/// Makes the names in `folder` survive a power loss.
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// The folder `path` stands in.
fn beside(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn at(place: &Path, source: io::Error) -> ContentError {
    ContentError::Io { place: place.display().to_string(), source }
}

#[async_trait]
impl ContentStore for FolderStore {
    async fn put(&self, bytes: Vec<u8>) -> Result<ContentHash, ContentError> {
        if bytes.len() > BLOB_BYTES_MAX {
            return Err(ContentError::TooLarge { size: bytes.len() });
        }
        let store = self.clone();
        blocking(move || store.keep(&bytes)).await
    }

    async fn get(&self, hash: ContentHash) -> Result<Vec<u8>, ContentError> {
        let store = self.clone();
        blocking(move || store.fetch(hash)).await
    }

    async fn contains(&self, hash: ContentHash) -> Result<bool, ContentError> {
        let path = self.path(hash);
        blocking(move || Ok(path.exists())).await
    }

    async fn remove(&self, hash: ContentHash) -> Result<(), ContentError> {
        let path = self.path(hash);
        blocking(move || match fs::remove_file(&path) {
            Err(e) if e.kind() != ErrorKind::NotFound => Err(at(&path, e)),
            Ok(()) | Err(_) => Ok(()),
        })
        .await
    }

    fn place(&self, hash: ContentHash) -> String {
        self.path(hash).display().to_string()
    }
}
