//! The content store in a folder: every clause of its contract, and what only a folder can get wrong.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking, also in the functions they share")]

use async_trait::async_trait;
use hydra_events::content::{ContentHash, ContentStore, FolderStore};
use hydra_events::contract::ContentBackend;
use tempfile::TempDir;

hydra_events::content_contract!(Folder(TempDir::new().unwrap()));

struct Folder(TempDir);

#[async_trait]
impl ContentBackend for Folder {
    type Store = FolderStore;

    async fn open(&self) -> FolderStore {
        FolderStore::try_open(&self.0.path().join("content")).unwrap()
    }

    async fn damage(&self, hash: ContentHash, bytes: &[u8]) {
        std::fs::write(self.open().await.path(hash), bytes).unwrap();
    }
}

#[tokio::test]
async fn a_damaged_blob_is_set_aside_to_be_looked_at() {
    let folder = Folder(TempDir::new().unwrap());
    let store = folder.open().await;
    let hash = store.put(b"lighthouse".to_vec()).await.unwrap();
    folder.damage(hash, b"lighthouZe").await;
    store.get(hash).await.unwrap_err();
    let aside = store.path(hash).with_extension("damaged");
    assert_eq!(std::fs::read(aside).unwrap(), b"lighthouZe");
}

/// A process with the same id may have died here, in another container, in the middle of a write.
#[tokio::test]
async fn what_a_dead_process_left_is_in_nobodys_way() {
    let folder = Folder(TempDir::new().unwrap());
    let store = folder.open().await;
    let hash = ContentHash::of(b"lighthouse");
    let place = store.path(hash);
    std::fs::create_dir_all(place.parent().unwrap()).unwrap();
    for ordinal in 0..20 {
        std::fs::write(place.with_file_name(format!(".{}-{ordinal}", std::process::id())), "half").unwrap();
    }
    assert_eq!(store.put(b"lighthouse".to_vec()).await.unwrap(), hash);
    assert_eq!(store.get(hash).await.unwrap(), b"lighthouse");
}

#[tokio::test]
async fn nothing_is_left_beside_the_blob() {
    let folder = Folder(TempDir::new().unwrap());
    let store = folder.open().await;
    let hash = store.put(b"lighthouse".to_vec()).await.unwrap();
    let files = std::fs::read_dir(store.path(hash).parent().unwrap()).unwrap();
    let names: Vec<_> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(names, [hash.to_string()[2..].to_owned()]);
}
