//! A memory: one view of the log. It remembers which of its rows were found apart from the log, so that an audit which
//! comes by again does not tell the same twice. It owes nothing.

use std::collections::BTreeMap;

use hydra_events::Id;
use hydra_events::vocabulary::memory::{MemoryCommand, MemoryEvent};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::decider::{Decider, Given, Life, NoEffect};

/// Rows a memory remembers as drifted; beyond that the same may be told again.
const DRIFTED_MAX: usize = 1_000;

/// The entity.
pub struct Memory;

/// What a memory remembers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MemoryState {
    /// The rows that were found apart from the log and not mended, with what was seen.
    pub drifted: BTreeMap<String, Id>,
}

/// A memory takes whatever is reported.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum MemoryRejection {}

impl Decider for Memory {
    const CATEGORY: &'static str = "memory";
    const ACTOR: &'static str = "archivist";
    const LIFE: Life = Life::Endless;

    type Command = MemoryCommand;
    type Event = MemoryEvent;
    type Rejection = MemoryRejection;
    type Effect = NoEffect;
    type State = MemoryState;

    fn decide(
        state: &MemoryState,
        command: MemoryCommand,
        _: Given<'_>,
    ) -> Result<Vec<MemoryEvent>, MemoryRejection> {
        let MemoryCommand::ReportDrift { table, key, position, is, should, mended } = command;
        let is_known = state.drifted.get(&place(&table, &key)) == Some(&seen(&is, &should));
        let mut events = Vec::new();
        if !is_known {
            let (table, key) = (table.clone(), key.clone());
            events.push(MemoryEvent::DriftFound { table, key, position, is, should });
        }
        if mended {
            events.push(MemoryEvent::DriftMended { table, key });
        }
        Ok(events)
    }

    fn evolve(state: &mut MemoryState, event: &MemoryEvent) {
        match event {
            MemoryEvent::DriftFound { table, key, is, should, .. } => {
                let place = place(table, key);
                if state.drifted.len() < DRIFTED_MAX || state.drifted.contains_key(&place) {
                    state.drifted.insert(place, seen(is, should));
                }
            }
            MemoryEvent::DriftMended { table, key } => {
                state.drifted.remove(&place(table, key));
            }
        }
    }
}

fn place(table: &str, key: &str) -> String {
    format!("{table}/{key}")
}

fn seen(is: &Value, should: &Value) -> Id {
    Id::derive("drift", &[is.to_string().as_bytes(), should.to_string().as_bytes()])
}
