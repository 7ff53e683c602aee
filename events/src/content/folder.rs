//! A content store in a folder: `ab/cdef…`, written beside its place, synced and renamed.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;

use super::{BLOB_BYTES_MAX, ContentError, ContentHash, ContentStore};

/// Blobs in a folder of the local disk.
#[derive(Clone, Debug)]
pub struct FolderStore {
    root: Arc<Path>,
    next_temporary: Arc<AtomicU64>,
}

impl FolderStore {
    /// Opens the store at `root`, making the folder if need be.
    pub fn try_open(root: &Path) -> Result<Self, ContentError> {
        fs::create_dir_all(root).map_err(|source| at(root, source))?;
        Ok(Self { root: root.into(), next_temporary: Arc::default() })
    }

    /// The file that holds, or would hold, the blob.
    pub fn path(&self, hash: ContentHash) -> PathBuf {
        let name = hash.to_string();
        self.root.join(&name[..2]).join(&name[2..])
    }

    fn keep(&self, bytes: &[u8]) -> Result<ContentHash, ContentError> {
        let hash = ContentHash::of(bytes);
        let path = self.path(hash);
        if path.metadata().is_ok_and(|meta| meta.len() == bytes.len() as u64) {
            return Ok(hash);
        }
        let folder = path.parent().unwrap_or(&self.root);
        let ordinal = self.next_temporary.fetch_add(1, Ordering::Relaxed);
        let temporary = folder.join(format!(".{}-{ordinal}", std::process::id()));
        write_synced(folder, &temporary, &path, bytes).map_err(|source| at(&path, source))?;
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
        fs::rename(&path, path.with_extension("damaged")).map_err(|source| at(&path, source))?;
        Err(ContentError::Damaged(hash))
    }
}

fn write_synced(folder: &Path, temporary: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new_folder = !folder.exists();
    fs::create_dir_all(folder)?;
    let mut file = File::create(temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(temporary, path)?;
    File::open(folder)?.sync_all()?;
    match folder.parent().filter(|_| new_folder) {
        Some(parent) => File::open(parent)?.sync_all(),
        None => Ok(()),
    }
}

fn at(place: &Path, source: io::Error) -> ContentError {
    ContentError::Io { place: place.display().to_string(), source }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ContentError> + Send + 'static,
) -> Result<T, ContentError> {
    let joined = tokio::task::spawn_blocking(work).await;
    joined.map_err(|e| ContentError::Io { place: "blocking pool".into(), source: io::Error::other(e) })?
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
}
