//! Snapshots and work orders as MessagePack with named fields.
//!
//! They go by way of a JSON value, which every state and event can be written as anyhow: code that writes and reads
//! MessagePack for each type by itself would be a quarter of this crate, and nothing here is in a hurry.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// What was packed does not fit.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// It is no MessagePack.
    #[error("not MessagePack: {0}")]
    Packed(#[from] rmp_serde::decode::Error),
    /// It is, of something else.
    #[error("of another form: {0}")]
    Form(#[from] serde_json::Error),
}

/// `value` as MessagePack; `None` when JSON cannot hold it.
pub fn pack<T: Serialize>(value: &T) -> Option<Vec<u8>> {
    rmp_serde::to_vec_named(&serde_json::to_value(value).ok()?).ok()
}

/// What [`pack`] has packed.
pub fn unpack<T: DeserializeOwned>(packed: &[u8]) -> Result<T, PackError> {
    let value: serde_json::Value = rmp_serde::from_slice(packed)?;
    Ok(serde_json::from_slice(&serde_json::to_vec(&value)?)?)
}
