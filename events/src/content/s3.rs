//! A content store in a bucket of an S3 server, laid out as the folder is: `prefix/ab/cdef…`, so that one can be
//! copied into the other.
//!
//! A blob is there whole or not at all: small ones are one request, large ones are put in parts that nobody sees before
//! the last of them. What breaks off is put again from the beginning; the parts it leaves are dropped by the server, as
//! its own rule for unfinished uploads says (MinIO: after a day). A download that breaks off goes on where it was. The
//! hash is checked after every download.
//!
//! What can go wrong: the server is away, refuses the key, or has no such bucket: all three are
//! [`ContentError::Away`], with the server's own word for it. The bucket is never made here.

mod failure;
mod options;
mod parts;

use std::sync::Arc;

use async_trait::async_trait;
use object_store::aws::AmazonS3;
use object_store::path::Path;
use object_store::{
    Attribute, Attributes, Error, GetOptions, ObjectStore, ObjectStoreExt, PutOptions, PutPayload,
};

use self::failure::Failure;
pub use self::options::{S3Key, S3Options};
use super::{BLOB_BYTES_MAX, ContentError, ContentHash, ContentStore, blocking};

/// What is sent or fetched in one request; blobs up to this size are one request in all.
const PART_BYTES: usize = 8 * 1024 * 1024;

/// Says of an object that it was put under its name by somebody who had computed it.
const MARK: &str = "blake3";

/// Blobs in a bucket.
#[derive(Clone, Debug)]
pub struct S3Store {
    bucket: Arc<AmazonS3>,
    name: String,
    /// Empty, or with a `/` at its end.
    prefix: String,
}

impl S3Store {
    /// The store that `options` name. Nothing is asked of the server yet: [`ContentStore::probe`] does.
    ///
    /// # Errors
    /// A file with certificates cannot be read; an address is none.
    pub fn try_new(options: &S3Options) -> Result<Self, ContentError> {
        let S3Options { bucket: name, prefix, .. } = options;
        let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        let bucket = options.build().map_err(|failed| failed.at(format!("s3://{name}/{prefix}")))?;
        Ok(Self { bucket: Arc::new(bucket), name: name.clone(), prefix })
    }

    /// The object that holds, or would hold, the blob.
    pub fn key(&self, hash: ContentHash) -> String {
        let name = hash.to_string();
        format!("{}{}/{}", self.prefix, &name[..2], &name[2..])
    }

    fn path(&self, hash: ContentHash) -> Path {
        Path::from(self.key(hash))
    }

    fn failed(&self, hash: ContentHash, error: &Error) -> ContentError {
        let failure = Failure::of(error);
        let place = if failure.is_about_the_store() { self.whole() } else { self.place(hash) };
        failure.at(place)
    }

    fn whole(&self) -> String {
        format!("s3://{}/{}", self.name, self.prefix)
    }

    /// Whether the blob is there as somebody put it who knew its hash. Of an object without the mark nothing is known.
    async fn is_kept(&self, hash: ContentHash, size: usize) -> Result<bool, Error> {
        let head = GetOptions { head: true, ..GetOptions::default() };
        match self.bucket.get_opts(&self.path(hash), head).await {
            Ok(found) => {
                let mark = found.attributes.get(&Attribute::Metadata(MARK.into()));
                let marked = mark.is_some_and(|mark| mark.as_ref() == hash.to_string());
                Ok(marked && found.meta.size == size as u64)
            }
            Err(Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn keep(&self, hash: ContentHash, bytes: Vec<u8>) -> Result<(), Error> {
        let (path, attributes) = (self.path(hash), marked(hash));
        if bytes.len() <= PART_BYTES {
            // Over whatever is there: it is the same, or it is damaged.
            let put = PutOptions { attributes, ..PutOptions::default() };
            return self.bucket.put_opts(&path, PutPayload::from(bytes), put).await.map(drop);
        }
        if self.is_kept(hash, bytes.len()).await? {
            return Ok(());
        }
        match parts::put(&self.bucket, &path, attributes, &bytes).await {
            // The answer to the last request may be all that was lost.
            Err(error) => match self.is_kept(hash, bytes.len()).await {
                Ok(true) => Ok(()),
                Ok(false) | Err(_) => Err(error),
            },
            Ok(()) => Ok(()),
        }
    }

    /// Out of the way, so that the same blob can be put again; kept, so that it can be looked at.
    async fn set_aside(&self, hash: ContentHash, tag: Option<String>) -> Result<(), Error> {
        let path = self.path(hash);
        let now = match self.bucket.head(&path).await {
            Ok(now) => now,
            Err(Error::NotFound { .. }) => return Ok(()),
            Err(error) => return Err(error),
        };
        // Somebody has put it anew meanwhile.
        if now.e_tag != tag {
            return Ok(());
        }
        self.bucket.copy(&path, &Path::from(format!("{}.damaged", self.key(hash)))).await?;
        self.delete(&path).await
    }

    async fn delete(&self, path: &Path) -> Result<(), Error> {
        match self.bucket.delete(path).await {
            Err(error) if !is_missing(&error) => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

/// Whether there is no such object, in a bucket that is there.
fn is_missing(error: &Error) -> bool {
    matches!(error, Error::NotFound { .. }) && !Failure::of(error).is_about_the_store()
}

fn marked(hash: ContentHash) -> Attributes {
    Attributes::from_iter([(Attribute::Metadata(MARK.into()), hash.to_string())])
}

#[async_trait]
impl ContentStore for S3Store {
    async fn put(&self, bytes: Vec<u8>) -> Result<ContentHash, ContentError> {
        if bytes.len() > BLOB_BYTES_MAX {
            return Err(ContentError::TooLarge { size: bytes.len() });
        }
        let (hash, bytes) = blocking(move || Ok((ContentHash::of(&bytes), bytes))).await?;
        self.keep(hash, bytes).await.map_err(|error| self.failed(hash, &error))?;
        Ok(hash)
    }

    async fn get(&self, hash: ContentHash) -> Result<Vec<u8>, ContentError> {
        let failed = |error| match is_missing(&error) {
            true => ContentError::Missing(hash),
            false => self.failed(hash, &error),
        };
        let (tag, bytes) = parts::get(&self.bucket, &self.path(hash)).await.map_err(failed)?;
        let (is_it, bytes) = blocking(move || Ok((ContentHash::of(&bytes) == hash, bytes))).await?;
        if is_it {
            return Ok(bytes);
        }
        self.set_aside(hash, tag).await.map_err(|error| self.failed(hash, &error))?;
        Err(ContentError::Damaged(hash))
    }

    async fn contains(&self, hash: ContentHash) -> Result<bool, ContentError> {
        match self.bucket.head(&self.path(hash)).await {
            Ok(_) => Ok(true),
            Err(Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(self.failed(hash, &error)),
        }
    }

    async fn remove(&self, hash: ContentHash) -> Result<(), ContentError> {
        self.delete(&self.path(hash)).await.map_err(|error| self.failed(hash, &error))
    }

    fn place(&self, hash: ContentHash) -> String {
        format!("s3://{}/{}", self.name, self.key(hash))
    }
}
