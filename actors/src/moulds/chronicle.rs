//! The log in memory that a story is played against: the records a real log would keep, field by field.

use hydra_events::Id;
use hydra_events::record::{Codec, CommandRecord, Draft, Meta, Recorded, chain};

use super::story::Story;
use crate::aggregate::WireCommand;
use crate::registry::CODE;

/// The records that `drafts` become after `log`.
pub(super) fn records(
    story: &Story,
    log: &[Recorded],
    command: &WireCommand,
    meta: &Meta,
    drafts: Vec<Draft>,
    owes: bool,
) -> Vec<Recorded> {
    let mut previous = log.last().map_or(chain::GENESIS, |event| event.hash);
    let mut events = Vec::with_capacity(drafts.len());
    for (index, draft) in drafts.into_iter().enumerate() {
        let place = (log.len() + index + 1) as u64;
        let mut event = Recorded {
            position: place,
            stream: story.stream.clone(),
            version: place,
            kind: draft.kind,
            id: Id::of_event(meta.command_id, index),
            command_id: meta.command_id,
            correlation_id: meta.correlation_id,
            causation_id: meta.causation_id,
            time: meta.time,
            actor: story.entity.actor.into(),
            code: CODE.into(),
            principal: meta.principal.as_str().into(),
            owner: meta.owner.as_str().into(),
            visibility: meta.visibility,
            trace: meta.trace.clone(),
            owes,
            effect: draft.effect,
            codec: Codec::Json,
            payload: draft.payload,
            command: (index == 0).then(|| command_record(command, meta)),
            hash: [0; 32],
        };
        event.hash = chain::hash(&previous, &event);
        previous = event.hash;
        events.push(event);
    }
    events
}

fn command_record(command: &WireCommand, meta: &Meta) -> Vec<u8> {
    let payload = String::from_utf8(command.payload.clone()).unwrap();
    let record = CommandRecord {
        kind: command.kind.clone(),
        codec: Codec::Json,
        payload: serde_json::value::RawValue::from_string(payload).unwrap(),
        time: meta.time,
        policy: meta.policy,
        outcome: meta.outcome.clone(),
        next: meta.next.clone(),
    };
    serde_json::to_vec(&record).unwrap()
}
