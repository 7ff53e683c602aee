//! The commands a stream has accepted: how a repeat is answered with the recorded events, for ever and without an
//! index.

use std::collections::{BTreeMap, VecDeque};

use hydra_events::Id;
use hydra_events::record::{Recorded, Version, Visibility};
use serde::{Deserialize, Serialize};

/// What an accepted command led to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcceptedCommand {
    /// The version of its first event.
    pub first: Version,
    /// How many events it led to.
    pub count: u32,
}

/// Where an open effect comes from: its outcome inherits this.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The event that opened or last attempted it.
    pub event: Id,
    /// The command everything began with.
    pub correlation: Id,
    /// Who asked.
    pub principal: String,
    /// Whose data it is.
    pub owner: String,
    /// Who may see it.
    pub visibility: Visibility,
    /// W3C `traceparent`.
    pub trace: Option<String>,
}

/// The accepted commands of one stream.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Accepted {
    by_id: BTreeMap<Id, AcceptedCommand>,
    order: VecDeque<Id>,
}

impl Accepted {
    /// What `command` led to, if it was accepted.
    pub fn get(&self, command: Id) -> Option<&AcceptedCommand> {
        self.by_id.get(&command)
    }

    /// Remembers the command `event` belongs to, forgetting the oldest beyond `limit`.
    pub fn note(&mut self, event: &Recorded, limit: Option<usize>) {
        if let Some(known) = self.by_id.get_mut(&event.command_id) {
            known.count += 1;
            return;
        }
        self.by_id.insert(event.command_id, AcceptedCommand { first: event.version, count: 1 });
        self.order.push_back(event.command_id);
        while limit.is_some_and(|limit| self.order.len() > limit) {
            if let Some(oldest) = self.order.pop_front() {
                self.by_id.remove(&oldest);
            }
        }
    }
}

impl Origin {
    /// The origin an event gives to the effect it opens or attempts.
    pub fn of(event: &Recorded) -> Self {
        Self {
            event: event.id,
            correlation: event.correlation_id,
            principal: event.principal.as_ref().to_owned(),
            owner: event.owner.as_ref().to_owned(),
            visibility: event.visibility,
            trace: event.trace.clone(),
        }
    }
}
