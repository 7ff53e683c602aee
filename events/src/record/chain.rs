//! The hash chain: each record's hash covers the one before it in the stream and every stored byte but the
//! position, so that no record can be altered, moved or left out unseen.

use super::Recorded;

const DOMAIN: &[u8] = b"hydra/record/v1";

/// Room for what precedes each field, for the domain and for the previous hash.
const LENGTHS_BYTES: usize = 256;

/// What the first record of a stream is chained to.
pub const GENESIS: [u8; 32] = [0; 32];

/// The hash `record` must carry after `previous`. The record's own `hash` is not looked at.
///
/// Every field is preceded by its length as a little-endian u64; an absent one by `u64::MAX`.
pub fn hash(previous: &[u8; 32], record: &Recorded) -> [u8; 32] {
    // One piece is hashed faster than many small ones.
    let mut chain = Chain(Vec::with_capacity(record.size() + LENGTHS_BYTES));
    chain.field(DOMAIN);
    chain.field(previous);
    chain.field(record.stream.as_str().as_bytes());
    chain.field(&record.version.to_le_bytes());
    chain.field(record.kind.as_str().as_bytes());
    for id in [record.id, record.command_id, record.correlation_id, record.causation_id] {
        chain.field(id.as_bytes());
    }
    chain.field(&record.time.0.to_le_bytes());
    for text in [&record.actor, &record.code, &record.principal, &record.owner] {
        chain.field(text.as_bytes());
    }
    chain.field(&[record.visibility as u8]);
    chain.optional(record.trace.as_deref().map(str::as_bytes));
    chain.field(&[u8::from(record.owes)]);
    chain.optional(record.effect.as_ref().map(|mark| mark.effect.as_bytes()));
    chain.optional(record.effect.as_ref().map(|mark| mark.role.as_str().as_bytes()));
    chain.field(&record.effect.as_ref().map_or(0, |mark| mark.attempt).to_le_bytes());
    chain.field(&[record.codec as u8]);
    chain.field(&record.payload);
    chain.optional(record.command.as_deref());
    *blake3::hash(&chain.0).as_bytes()
}

struct Chain(Vec<u8>);

impl Chain {
    fn field(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
        self.0.extend_from_slice(bytes);
    }

    fn optional(&mut self, bytes: Option<&[u8]>) {
        match bytes {
            Some(bytes) => self.field(bytes),
            None => self.0.extend_from_slice(&u64::MAX.to_le_bytes()),
        }
    }
}
