//! A content store that waits while it is away, so that nobody makes again what only could not be kept.
//!
//! A picture takes minutes, and a server is back after minutes: whoever has the picture in hand waits with it. The
//! waiting ends with the task that waits. Whoever has somebody waiting for an answer asks [`Patient::now`] instead.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::sleep;

use super::{ContentError, ContentHash, ContentStore};

const PAUSE_MIN: Duration = Duration::from_millis(500);
const PAUSE_MAX: Duration = Duration::from_secs(15);

/// A store behind which a server may be away for a while.
#[derive(Clone)]
pub struct Patient {
    store: Arc<dyn ContentStore>,
}

impl Patient {
    /// Waits for `store` whenever it is away. What fails otherwise fails at once.
    pub fn new(store: Arc<dyn ContentStore>) -> Self {
        Self { store }
    }

    /// The store itself, which says at once that it is away.
    pub fn now(&self) -> Arc<dyn ContentStore> {
        Arc::clone(&self.store)
    }

    async fn wait<T, F: Future<Output = Result<T, ContentError>>>(
        &self,
        mut attempt: impl FnMut() -> F,
    ) -> Result<T, ContentError> {
        let mut pause = PAUSE_MIN;
        loop {
            match attempt().await {
                Err(ContentError::Away { place, source }) => {
                    tracing::warn!(%place, error = %source, "the content store is away; it is asked again");
                    sleep(pause).await;
                    pause = (pause * 2).min(PAUSE_MAX);
                }
                result => return result,
            }
        }
    }
}

#[async_trait]
impl ContentStore for Patient {
    async fn put(&self, bytes: Vec<u8>) -> Result<ContentHash, ContentError> {
        self.wait(|| self.store.put(bytes.clone())).await
    }

    async fn get(&self, hash: ContentHash) -> Result<Vec<u8>, ContentError> {
        self.wait(|| self.store.get(hash)).await
    }

    async fn contains(&self, hash: ContentHash) -> Result<bool, ContentError> {
        self.wait(|| self.store.contains(hash)).await
    }

    async fn remove(&self, hash: ContentHash) -> Result<(), ContentError> {
        self.wait(|| self.store.remove(hash)).await
    }

    fn place(&self, hash: ContentHash) -> String {
        self.store.place(hash)
    }

    async fn probe(&self) -> Result<(), ContentError> {
        self.store.probe().await
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Mutex;

    use super::*;

    /// Fails so often as told, in one way or the other, and keeps nothing.
    struct Flaky {
        away: Mutex<u32>,
        broken: bool,
    }

    impl Flaky {
        fn answer(&self) -> Result<(), ContentError> {
            let (place, source) = ("s3://blobs".to_owned(), io::Error::other("no route"));
            let mut away = self.away.lock().unwrap();
            match (*away, self.broken) {
                (0, true) => Err(ContentError::Io { place, source }),
                (0, false) => Ok(()),
                _ => {
                    *away -= 1;
                    Err(ContentError::Away { place, source })
                }
            }
        }
    }

    #[async_trait]
    impl ContentStore for Flaky {
        async fn put(&self, bytes: Vec<u8>) -> Result<ContentHash, ContentError> {
            self.answer().map(|()| ContentHash::of(&bytes))
        }

        async fn get(&self, hash: ContentHash) -> Result<Vec<u8>, ContentError> {
            self.answer().and(Err(ContentError::Missing(hash)))
        }

        async fn contains(&self, _: ContentHash) -> Result<bool, ContentError> {
            self.answer().map(|()| false)
        }

        async fn remove(&self, _: ContentHash) -> Result<(), ContentError> {
            self.answer()
        }

        fn place(&self, hash: ContentHash) -> String {
            hash.to_string()
        }
    }

    fn patient(away: u32, broken: bool) -> Patient {
        Patient::new(Arc::new(Flaky { away: Mutex::new(away), broken }))
    }

    #[tokio::test]
    async fn what_is_put_or_asked_for_while_the_store_is_away_waits_for_it() {
        let hash = ContentHash::of(b"coat");
        assert_eq!(patient(1, false).put(b"coat".to_vec()).await.unwrap(), hash);
        assert!(matches!(patient(1, false).get(hash).await, Err(ContentError::Missing(_))));
        assert!(!patient(1, false).contains(hash).await.unwrap());
        patient(1, false).remove(hash).await.unwrap();
    }

    #[tokio::test]
    async fn what_fails_otherwise_fails_at_once() {
        let put = patient(3, true).put(b"coat".to_vec()).await;
        assert!(matches!(put, Err(ContentError::Io { .. })), "{put:?}");
    }

    #[tokio::test]
    async fn whoever_cannot_wait_is_told_that_the_store_is_away() {
        let put = patient(u32::MAX, false).now().put(b"coat".to_vec()).await;
        assert!(matches!(put, Err(ContentError::Away { .. })), "{put:?}");
        assert!(patient(1, false).probe().await.is_err());
    }
}
