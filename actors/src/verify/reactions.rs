//! Reactions derived again: a command that was recorded under the id of a reaction must be what today's code would
//! send because of the same event.
//!
//! A reaction that was rejected or led to nothing is not recorded, so one that never comes is no finding.

use std::collections::{HashMap, VecDeque};

use hydra_events::log::{EventLog, LogError};
use hydra_events::record::{Position, Recorded};
use hydra_events::{Id, upcast};
use serde_json::Value;

use super::difference::{Difference, first_difference};
use super::findings::Findings;
use crate::aggregate::WireCommand;
use crate::inbox::identified;
use crate::registry::EntityType;

/// Reactions that are waited for; the oldest is given up for a newer one.
const WAITING_MAX: usize = 200_000;

/// The reactions whose command has not come yet.
pub(super) struct Reactions<'a> {
    entities: &'a [EntityType],
    waiting: HashMap<Id, Waiting>,
    order: VecDeque<Id>,
}

struct Waiting {
    /// The event it reacts to.
    cause: Position,
    /// Digest of the command.
    digest: Id,
}

impl<'a> Reactions<'a> {
    pub(super) fn of(entities: &'a [EntityType]) -> Self {
        Self { entities, waiting: HashMap::new(), order: VecDeque::new() }
    }

    /// Waits for what `event` means to others.
    pub(super) fn expect(&mut self, event: &Recorded, findings: &mut Findings) {
        match derive(self.entities, event) {
            Ok(commands) => {
                for (id, command) in commands {
                    let digest = digest(command.kind.as_str(), &command.payload);
                    if self.waiting.insert(id, Waiting { cause: event.position, digest }).is_none() {
                        self.order.push_back(id);
                    }
                }
                self.forget();
            }
            Err(what) => findings.reaction(event, "", Difference::new("unreadable", Value::Null, what)),
        }
    }

    /// Compares the command that led to `record` with the reaction it is, if it is one.
    pub(super) async fn check_command(
        &mut self,
        record: &Recorded,
        log: &dyn EventLog,
        findings: &mut Findings,
    ) -> Result<(), LogError> {
        let Ok(Some((command, _))) = record.command() else { return Ok(()) };
        let Some(Waiting { cause, digest: expected }) = self.waiting.remove(&record.command_id) else {
            return Ok(());
        };
        findings.reactions_checked += 1;
        let payload = command.payload.get().as_bytes().to_vec();
        if digest(command.kind.as_str(), &payload) == expected {
            return Ok(());
        }
        let Some(cause) = log.scan(cause - 1, 1).await?.pop().and_then(Result::ok) else { return Ok(()) };
        let derived = derive(self.entities, &cause).unwrap_or_default();
        let now = derived.into_iter().find(|(id, _)| *id == record.command_id);
        let recorded = upcast::newest(&command.kind, &payload);
        if let (Some((_, now)), Ok((_, before))) = (now, recorded)
            && let Some(difference) = differs(&before, &now)
        {
            findings.reaction(record, command.kind.as_str(), difference);
        }
        Ok(())
    }

    /// Ids that came are still in the order; both are held to the limit.
    fn forget(&mut self) {
        while self.order.len() > WAITING_MAX {
            if let Some(oldest) = self.order.pop_front() {
                self.waiting.remove(&oldest);
            }
        }
    }
}

/// Digest of a command's wire name and payload.
fn digest(kind: &str, payload: &[u8]) -> Id {
    Id::derive("payload", &[kind.as_bytes(), payload])
}

/// What `event` means to everyone, as the inboxes would send it.
fn derive(entities: &[EntityType], event: &Recorded) -> Result<Vec<(Id, WireCommand)>, String> {
    let mut all = Vec::new();
    for entity in entities.iter().filter(|entity| entity.reacts_to.contains(&event.kind.as_str())) {
        let commands =
            (entity.react)(event).map_err(|e| format!("{} cannot read it: {e}", entity.category))?;
        let identified = identified(event, entity.actor, commands);
        all.extend(identified.into_iter().map(|(_, command, id)| (id, command)));
    }
    Ok(all)
}

fn differs(recorded: &[u8], now: &WireCommand) -> Option<Difference> {
    let value = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap_or_default();
    first_difference(&value(recorded), &value(&now.payload))
}
