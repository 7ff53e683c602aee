//! What a content store promises: bytes under their hash, or a clear word that they are not there.

use std::sync::Arc;

use tokio::task::JoinSet;

use super::ContentBackend;
use crate::content::{BLOB_BYTES_MAX, ContentError, ContentHash, ContentStore};

/// Any bytes come back as they were, under the BLAKE3 hash that names them.
pub async fn what_was_put_is_got_under_its_hash<B: ContentBackend>(backend: &B) {
    let store = backend.open().await;
    for bytes in [Vec::new(), b"lighthouse".to_vec(), (0..=255).collect(), vec![7; 3_000_000]] {
        let hash = store.put(bytes.clone()).await.unwrap();
        assert_eq!(hash, ContentHash::of(&bytes));
        assert!(store.contains(hash).await.unwrap());
        assert!(store.get(hash).await.unwrap() == bytes, "{} bytes came back otherwise", bytes.len());
    }
}

/// Larger than a store would send at once.
pub async fn a_large_blob_comes_back_whole<B: ContentBackend>(backend: &B) {
    let store = backend.open().await;
    let blob: Vec<u8> = (0..20_000_003_u32).map(|n| (n % 251) as u8).collect();
    let hash = store.put(blob.clone()).await.unwrap();
    assert!(store.get(hash).await.unwrap() == blob, "it came back otherwise");
    assert_eq!(store.put(blob).await.unwrap(), hash);
    store.remove(hash).await.unwrap();
    assert!(matches!(store.get(hash).await, Err(ContentError::Missing(_))));
}

/// The second time changes nothing.
pub async fn putting_twice_is_harmless<B: ContentBackend>(backend: &B) {
    let store = backend.open().await;
    let first = store.put(b"coat".to_vec()).await.unwrap();
    assert_eq!(store.put(b"coat".to_vec()).await.unwrap(), first);
    assert_eq!(store.get(first).await.unwrap(), b"coat");
}

/// What is not there is missing by name; removing it, once more too, is harmless and leaves the others.
pub async fn what_was_removed_or_never_put_is_missing<B: ContentBackend>(backend: &B) {
    let store = backend.open().await;
    let (gone, kept) =
        (store.put(b"gone".to_vec()).await.unwrap(), store.put(b"kept".to_vec()).await.unwrap());
    let never = ContentHash::of(b"never");
    for hash in [gone, gone, never] {
        store.remove(hash).await.unwrap();
        assert!(!store.contains(hash).await.unwrap());
        assert!(matches!(store.get(hash).await, Err(ContentError::Missing(named)) if named == hash));
    }
    assert_eq!(store.get(kept).await.unwrap(), b"kept");
    assert_eq!(store.put(b"gone".to_vec()).await.unwrap(), gone);
    assert_eq!(store.get(gone).await.unwrap(), b"gone");
}

/// A store is its place, not the process that opened it.
pub async fn what_was_put_is_there_when_opened_again<B: ContentBackend>(backend: &B) {
    let hash = backend.open().await.put(b"voice".to_vec()).await.unwrap();
    assert_eq!(backend.open().await.get(hash).await.unwrap(), b"voice");
}

/// Bytes that do not fit their name are never handed out; they are out of the way after that.
pub async fn a_damaged_blob_is_found_and_can_be_put_again<B: ContentBackend>(backend: &B) {
    let store = backend.open().await;
    for damage in [b"lighthouZe".as_slice(), b"light", b""] {
        let hash = store.put(b"lighthouse".to_vec()).await.unwrap();
        backend.damage(hash, damage).await;
        assert!(matches!(store.get(hash).await, Err(ContentError::Damaged(named)) if named == hash));
        assert!(!store.contains(hash).await.unwrap());
        assert!(matches!(store.get(hash).await, Err(ContentError::Missing(_))));
        store.put(b"lighthouse".to_vec()).await.unwrap();
        assert_eq!(store.get(hash).await.unwrap(), b"lighthouse");
    }
}

/// Nobody needs to have read the damaged bytes before: what was put is there.
pub async fn putting_over_a_damaged_blob_mends_it<B: ContentBackend>(backend: &B) {
    let store = backend.open().await;
    for damage in [b"lighthouZe".as_slice(), b"light", b""] {
        let hash = store.put(b"lighthouse".to_vec()).await.unwrap();
        backend.damage(hash, damage).await;
        store.put(b"lighthouse".to_vec()).await.unwrap();
        assert_eq!(store.get(hash).await.unwrap(), b"lighthouse");
    }
}

/// The limit is said before anything is written.
pub async fn a_blob_over_the_limit_is_refused<B: ContentBackend>(backend: &B) {
    let store = backend.open().await;
    let refused = store.put(vec![0; BLOB_BYTES_MAX + 1]).await;
    assert!(matches!(refused, Err(ContentError::TooLarge { size }) if size == BLOB_BYTES_MAX + 1));
}

/// Many who put and get the same blob, through stores opened apart, never see half of it.
pub async fn the_same_blob_put_by_many_at_once_is_whole<B: ContentBackend>(backend: &B) {
    let stores = [Arc::new(backend.open().await), Arc::new(backend.open().await)];
    for round in 0..8_u8 {
        let blob: Vec<u8> = std::iter::repeat_n(round, 200_000).collect();
        let mut tasks = JoinSet::new();
        for store in stores.iter().cycle().take(16) {
            let (store, blob) = (Arc::clone(store), blob.clone());
            tasks.spawn(async move {
                let hash = store.put(blob.clone()).await.unwrap();
                assert!(store.get(hash).await.unwrap() == blob, "a blob came back otherwise");
            });
        }
        tasks.join_all().await;
    }
}

/// Asking twice is as good as once, and changes nothing for others.
pub async fn a_store_that_can_be_used_says_so_and_names_the_place_of_a_blob<B: ContentBackend>(backend: &B) {
    let store = backend.open().await;
    let hash = store.put(b"lighthouse".to_vec()).await.unwrap();
    store.probe().await.unwrap();
    backend.open().await.probe().await.unwrap();
    assert!(store.place(hash).ends_with(&hash.to_string()[2..]), "{}", store.place(hash));
    assert_eq!(store.get(hash).await.unwrap(), b"lighthouse");
}
