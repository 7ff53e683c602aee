//! Objects larger than one request, in parts: many at once upwards, one after the other downwards.

use object_store::aws::AmazonS3;
use object_store::path::Path;
use object_store::{
    Attributes, Error, GetOptions, GetRange, MultipartUpload, ObjectStore, ObjectStoreExt,
    PutMultipartOptions, PutPayload,
};
use tokio::task::JoinSet;

use super::PART_BYTES;
use crate::content::BLOB_BYTES_MAX;

/// Parts on their way at the same time; each is held in memory once more.
const PARTS_AT_ONCE: usize = 4;

/// Puts `bytes` at `path`, where nothing is seen of them before the last part has come.
pub(super) async fn put(
    bucket: &AmazonS3,
    path: &Path,
    attributes: Attributes,
    bytes: &[u8],
) -> Result<(), Error> {
    let options = PutMultipartOptions { attributes, ..PutMultipartOptions::default() };
    let mut upload = bucket.put_multipart_opts(path, options).await?;
    match send(upload.as_mut(), bytes).await {
        Ok(()) => upload.complete().await.map(drop),
        Err(error) => {
            // What was sent is in the way of nothing but space; the first error is the one to tell.
            if let Err(error) = upload.abort().await {
                tracing::debug!(%error, %path, "an unfinished upload is left to the server to drop");
            }
            Err(error)
        }
    }
}

async fn send(upload: &mut dyn MultipartUpload, bytes: &[u8]) -> Result<(), Error> {
    let mut sent = JoinSet::new();
    for part in bytes.chunks(PART_BYTES) {
        if sent.len() >= PARTS_AT_ONCE
            && let Some(part) = sent.join_next().await
        {
            part??;
        }
        sent.spawn(upload.put_part(PutPayload::from(part.to_vec())));
    }
    while let Some(part) = sent.join_next().await {
        part??;
    }
    Ok(())
}

/// What is at `path`, with the tag of just these bytes. Of an object that is too large to be a blob, nothing.
pub(super) async fn get(bucket: &AmazonS3, path: &Path) -> Result<(Option<String>, Vec<u8>), Error> {
    let whole = bucket.get(path).await?;
    let tag = whole.meta.e_tag.clone();
    let size = match usize::try_from(whole.meta.size) {
        Ok(size) if size <= BLOB_BYTES_MAX => size,
        Ok(_) | Err(_) => return Ok((tag, Vec::new())),
    };
    if size <= PART_BYTES {
        return Ok((tag, whole.bytes().await?.into()));
    }
    // One connection for all of it would have to last; a part that breaks off is fetched again from where it broke.
    drop(whole);
    let mut bytes = Vec::with_capacity(size);
    for start in (0..size).step_by(PART_BYTES) {
        let range = start as u64..size.min(start + PART_BYTES) as u64;
        let (range, if_match) = (Some(GetRange::Bounded(range)), tag.clone());
        let part = GetOptions { range, if_match, ..GetOptions::default() };
        bytes.extend_from_slice(&bucket.get_opts(path, part).await?.bytes().await?);
    }
    Ok((tag, bytes))
}
