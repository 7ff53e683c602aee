//! What stands in a section beside events, and how it is written: MessagePack with named fields.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::content::ContentHash;
use crate::record::Binary;

/// Deeper than anything here: what nests deeper was not written by us, and would exhaust the stack.
const DEPTH_MAX: usize = 16;

/// A piece of a file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PieceLine {
    pub(super) hash: ContentHash,
    pub(super) size: u64,
    pub(super) at: u64,
    pub(super) data: Binary<Vec<u8>>,
}

/// How much there was.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EndLine {
    pub(super) events: u64,
    pub(super) blobs: u64,
}

pub(super) fn encode(value: &impl Serialize) -> Result<Vec<u8>, rmp_serde::encode::Error> {
    rmp_serde::to_vec_named(value)
}

pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, rmp_serde::decode::Error> {
    let mut deserializer = rmp_serde::Deserializer::from_read_ref(bytes);
    deserializer.set_max_depth(DEPTH_MAX);
    T::deserialize(&mut deserializer)
}
