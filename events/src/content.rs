//! The content store: everything too large, or too personal, for an event, named by its BLAKE3 hash.
//!
//! What is put here is synced before the call returns, so an event that names it is never ahead of it.

mod folder;
mod patient;
#[cfg(feature = "s3")]
mod s3;

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use async_trait::async_trait;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

pub use folder::FolderStore;
pub use patient::Patient;
#[cfg(feature = "s3")]
pub use s3::{S3Key, S3Options, S3Store};

/// The largest blob.
pub const BLOB_BYTES_MAX: usize = 512 * 1024 * 1024;

/// BLAKE3 of a blob, written as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentHash([u8; 32]);

impl ContentHash {
    /// The name of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }
}

impl From<[u8; 32]> for ContentHash {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

impl FromStr for ContentHash {
    type Err = ContentError;

    fn from_str(text: &str) -> Result<Self, ContentError> {
        let lower = !text.bytes().any(|b| b.is_ascii_uppercase());
        match blake3::Hash::from_hex(text) {
            Ok(hash) if lower => Ok(Self(*hash.as_bytes())),
            Ok(_) | Err(_) => Err(ContentError::NotAHash(text.to_owned())),
        }
    }
}

impl Serialize for ContentHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ContentHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl JsonSchema for ContentHash {
    fn schema_name() -> Cow<'static, str> {
        "ContentHash".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "pattern": "^[0-9a-f]{64}$"})
    }
}

/// Why a blob could not be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum ContentError {
    /// Nothing is stored under the hash.
    #[error("no content {0}")]
    Missing(ContentHash),
    /// What is stored is not what the name says; it was set aside.
    #[error("content {0} is damaged: its bytes have another hash")]
    Damaged(ContentHash),
    /// The blob is too large.
    #[error("content of {size} bytes is over the limit of {BLOB_BYTES_MAX}")]
    TooLarge {
        /// Its size in bytes.
        size: usize,
    },
    /// The text is no hash.
    #[error("{0:?} is not a content hash: 64 lower-case hexadecimal digits are")]
    NotAHash(String),
    /// The blob could not be kept or read.
    #[error("content store at {place}")]
    Io {
        /// The file or address.
        place: String,
        /// What failed.
        source: std::io::Error,
    },
    /// The whole store is out of reach, or lets nobody in: it is not about this blob, and passes once a person or a
    /// server has seen to it. Of kind `NotFound` where the store itself is missing, `PermissionDenied` where it refuses
    /// us, any other where it does not answer.
    #[error("the content store at {place} is away")]
    Away {
        /// The address.
        place: String,
        /// What failed.
        source: std::io::Error,
    },
}

/// A store of blobs.
#[async_trait]
pub trait ContentStore: Send + Sync {
    /// Keeps `bytes` and returns their name, once they are safe from a power loss. Keeping twice is harmless.
    async fn put(&self, bytes: Vec<u8>) -> Result<ContentHash, ContentError>;

    /// The blob, whose hash has been checked.
    async fn get(&self, hash: ContentHash) -> Result<Vec<u8>, ContentError>;

    /// Whether the blob is there.
    async fn contains(&self, hash: ContentHash) -> Result<bool, ContentError>;

    /// Removes the blob; removing what is not there is harmless.
    async fn remove(&self, hash: ContentHash) -> Result<(), ContentError>;

    /// Where the blob is, or would be, in words a person can follow: a path or an address.
    fn place(&self, hash: ContentHash) -> String;

    /// Whether blobs can be kept and read now, found by doing it: a blob of a few bytes stays behind, the same each
    /// time.
    async fn probe(&self) -> Result<(), ContentError> {
        let probe = self.put(PROBE.to_vec()).await?;
        self.get(probe).await?;
        // A store that may not list says that something is forbidden where it should say that it is missing.
        match self.get(ContentHash::of(NEVER_PUT)).await {
            Ok(_) | Err(ContentError::Missing(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

const PROBE: &[u8] = b"hydra";
const NEVER_PUT: &[u8] = b"hydra never puts this";

/// Runs what would hold up others in a thread of its own.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ContentError> + Send + 'static,
) -> Result<T, ContentError> {
    let joined = tokio::task::spawn_blocking(work).await;
    joined
        .map_err(|e| ContentError::Io { place: "blocking pool".into(), source: std::io::Error::other(e) })?
}
