//! From an append to the records it leads to.

use std::sync::Arc;

use crate::clock::Timestamp;
use crate::id::Id;
use crate::record::{Append, Codec, CommandRecord, Position, Recorded, Version, chain};

/// Where a stream ends: its version, and the hash the next record is chained to.
#[derive(Clone, Copy)]
pub(super) struct Head {
    pub(super) version: Version,
    pub(super) hash: [u8; 32],
}

impl Head {
    /// Where a stream without events ends.
    pub(super) const NONE: Self = Self { version: 0, hash: chain::GENESIS };
}

/// The records of `append` after `head`, chained and numbered.
pub(super) fn records(
    append: &Append,
    position: Position,
    time: Timestamp,
    head: Head,
) -> Result<Vec<Recorded>, String> {
    let meta = &append.meta;
    let time = time.max(meta.time);
    let (actor, code) = (append.actor.as_ref().into(), append.code.as_ref().into());
    let (principal, owner) = (meta.principal.as_str().into(), meta.owner.as_str().into());
    let mut previous = head.hash;
    let mut events = Vec::with_capacity(append.events.len());
    for (index, draft) in append.events.iter().enumerate() {
        let mut event = Recorded {
            position: position + 1 + index as u64,
            stream: append.stream.clone(),
            version: head.version + 1 + index as u64,
            kind: draft.kind.clone(),
            id: Id::of_event(meta.command_id, index),
            command_id: meta.command_id,
            correlation_id: meta.correlation_id,
            causation_id: meta.causation_id,
            time,
            actor: Arc::clone(&actor),
            code: Arc::clone(&code),
            principal: Arc::clone(&principal),
            owner: Arc::clone(&owner),
            visibility: meta.visibility,
            trace: meta.trace.clone(),
            owes: append.owes,
            effect: draft.effect.clone(),
            codec: Codec::Json,
            payload: draft.payload.clone(),
            command: if index == 0 { Some(command_bytes(append)?) } else { None },
            hash: [0; 32],
        };
        event.check().map_err(|unfit| unfit.to_string())?;
        event.hash = chain::hash(&previous, &event);
        previous = event.hash;
        events.push(event);
    }
    Ok(events)
}

fn command_bytes(append: &Append) -> Result<Vec<u8>, String> {
    let (kind, payload) = &append.command;
    let text = String::from_utf8(payload.clone()).map_err(|_| format!("command {kind} is not UTF-8"))?;
    let payload =
        serde_json::value::RawValue::from_string(text).map_err(|e| format!("command {kind}: {e}"))?;
    let Append { meta, .. } = append;
    let record = CommandRecord {
        kind: kind.clone(),
        codec: Codec::Json,
        payload,
        time: meta.time,
        policy: meta.policy,
        outcome: meta.outcome.clone(),
        next: meta.next.clone(),
    };
    serde_json::to_vec(&record).map_err(|e| format!("command {kind}: {e}"))
}
