//! The hash chain: each record's hash covers the one before it in the stream and every stored byte but the
//! position, so that no record can be altered, moved or left out unseen.

use blake3::Hasher;

use super::Recorded;

const DOMAIN: &[u8] = b"hydra/record/v1";

/// What the first record of a stream is chained to.
pub const GENESIS: [u8; 32] = [0; 32];

/// The hash `record` must carry after `previous`. The record's own `hash` is not looked at.
///
/// Every field is preceded by its length as a little-endian u64; an absent one by `u64::MAX`.
pub fn hash(previous: &[u8; 32], record: &Recorded) -> [u8; 32] {
    let mut chain = Chain(Hasher::new());
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
    *chain.0.finalize().as_bytes()
}

struct Chain(Hasher);

impl Chain {
    fn field(&mut self, bytes: &[u8]) {
        self.0.update(&(bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }

    fn optional(&mut self, bytes: Option<&[u8]>) {
        match bytes {
            Some(bytes) => self.field(bytes),
            None => {
                self.0.update(&u64::MAX.to_le_bytes());
            }
        }
    }
}
