//! A prefix for one test in the bucket that the tests are given.

use std::env;
use std::ffi::OsStr;
use std::io::Write;
use std::process;
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use futures::{StreamExt, TryStreamExt};
use hydra_events::content::{ContentHash, ContentStore, S3Key, S3Options, S3Store};
use hydra_events::contract::ContentBackend;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};

const SERVER: &str = "HYDRA_TEST_S3";

static PLACES: AtomicU32 = AtomicU32::new(0);
static SKIPPED: Once = Once::new();

/// A prefix whose objects are removed with this.
pub struct Place {
    pub options: S3Options,
}

impl Place {
    /// A place on the server for tests, when there is one. Required, its absence is a failure.
    pub fn configured() -> Option<Self> {
        let Some(url) = env::var_os(SERVER).and_then(|url| url.into_string().ok()) else {
            let required = env::var_os("HYDRA_TEST_REQUIRE");
            let required = required.as_deref().and_then(OsStr::to_str).unwrap_or_default();
            let demanded = required.split([',', ' ']).any(|word| word == "s3");
            assert!(!demanded, "HYDRA_TEST_REQUIRE names s3, and {SERVER} is not set");
            SKIPPED.call_once(say_that_nothing_is_tested);
            return None;
        };
        let number = PLACES.fetch_add(1, Ordering::SeqCst);
        let mut options = parse(&url).unwrap();
        options.prefix = format!("test-{}-{number}", process::id());
        Some(Self { options })
    }

    /// The store of this place.
    pub fn store(&self) -> S3Store {
        S3Store::try_new(&self.options).unwrap()
    }

    /// The bucket without anything of ours before it.
    pub fn raw(&self) -> AmazonS3 {
        let S3Options { bucket, endpoint, key, .. } = &self.options;
        let builder =
            AmazonS3Builder::new().with_bucket_name(bucket).with_endpoint(endpoint.as_ref().unwrap());
        let builder = builder.with_access_key_id(&key.id).with_secret_access_key(&key.secret);
        builder.with_allow_http(true).with_disable_bulk_delete(true).build().unwrap()
    }

    /// Where the blob is.
    pub fn path(&self, hash: ContentHash) -> Path {
        Path::from(self.store().key(hash))
    }

    async fn clear(&self) {
        let bucket = self.raw();
        let listed = bucket.list(Some(&Path::from(self.options.prefix.as_str())));
        let found: Vec<_> =
            listed.map(|found| found.map(|object| object.location)).try_collect().await.unwrap();
        for path in found {
            bucket.delete(&path).await.unwrap();
        }
    }
}

/// The options in `http://key:secret@host:port/bucket`.
fn parse(url: &str) -> Option<S3Options> {
    let (scheme, rest) = url.split_once("://")?;
    let (key, rest) = rest.split_once('@')?;
    let (id, secret) = key.split_once(':')?;
    let (host, bucket) = rest.split_once('/')?;
    Some(S3Options {
        bucket: bucket.to_owned(),
        prefix: String::new(),
        endpoint: Some(format!("{scheme}://{host}")),
        region: None,
        key: S3Key { id: id.to_owned(), secret: secret.to_owned(), token: None },
        ca_file: None,
    })
}

/// Past the capture of the test's output: a run without a server must not look like one with.
fn say_that_nothing_is_tested() {
    let line = format!("ignored: the S3 content store is not tested, because {SERVER} is not set\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}

#[async_trait]
impl ContentBackend for Place {
    type Store = S3Store;

    async fn open(&self) -> S3Store {
        let store = self.store();
        store.probe().await.unwrap();
        store
    }

    async fn damage(&self, hash: ContentHash, bytes: &[u8]) {
        self.raw().put(&self.path(hash), bytes.to_vec().into()).await.unwrap();
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        std::thread::scope(|scope| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            scope.spawn(move || runtime.block_on(self.clear()));
        });
    }
}
