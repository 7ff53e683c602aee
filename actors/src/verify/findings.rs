//! What a check found, as it is shown and written as JSON.

use std::collections::BTreeMap;

use hydra_events::StreamName;
use hydra_events::record::{Position, Recorded};
use serde::Serialize;
use serde_json::Value;

use super::difference::Difference;

/// How many findings of one sort are listed; the others are counted.
pub const LISTED_MAX: usize = 1_000;
/// The longest value that is shown whole, in bytes of JSON.
const VALUE_BYTES_MAX: usize = 2_000;

/// Everything a check found.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Findings {
    /// The last position that was checked.
    pub head: Position,
    /// Records that could be read.
    pub events: u64,
    /// Streams they belong to.
    pub streams: usize,
    /// Decisions that were decided again.
    pub decisions: u64,
    /// Decisions that were not, because a record before them in their stream cannot be trusted.
    pub undecided: u64,
    /// Reactions that were derived again and compared with the recorded command.
    pub reactions_checked: u64,
    /// Records that are not what was recorded.
    pub broken: Vec<Broken>,
    /// Decisions that today's code takes differently, one each.
    pub divergences: Vec<Divergence>,
    /// Reactions that today's code derives differently, one each.
    pub reactions: Vec<Divergence>,
    /// Appends after which today's code is of another opinion on whether the stream owes.
    pub owes: Vec<OwesDiffers>,
    /// Findings beyond the first [`LISTED_MAX`] of their sort.
    pub unlisted: u64,
    /// By the hash of the source that decided.
    pub codes: BTreeMap<String, CodeCount>,
}

/// What was found about the decisions of one source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CodeCount {
    /// Decisions that were decided again.
    pub decisions: u64,
    /// Those that differ.
    pub divergences: u64,
}

/// A record that is not what was recorded, or is not there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Broken {
    /// Its place in the log.
    pub position: Position,
    /// Its stream, where that can be told.
    pub stream: Option<StreamName>,
    /// What does not fit.
    pub what: String,
}

/// The first difference between what was decided and what today's code decides.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Divergence {
    /// The event's place in the log.
    pub position: Position,
    /// Its stream.
    pub stream: StreamName,
    /// The actor that decided.
    pub actor: String,
    /// Hash of the source that decided.
    pub code: String,
    /// Wire name of the command.
    pub command: String,
    /// Wire name of the recorded event.
    pub event: String,
    /// What differs: `rejection`, `events` (their number), `type`, `effect`, or the path of a field of the payload.
    pub field: String,
    /// What was recorded.
    pub recorded: Value,
    /// What today's code decides.
    pub decided: Value,
}

/// A stream that owed after an append, and today does not; or the other way round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OwesDiffers {
    /// The last event of the append.
    pub position: Position,
    /// The stream.
    pub stream: StreamName,
    /// The recorded opinion.
    pub recorded: bool,
    /// Today's.
    pub decided: bool,
}

impl Findings {
    /// Whether nothing was found.
    pub fn is_clean(&self) -> bool {
        self.broken.is_empty()
            && self.divergences.is_empty()
            && self.reactions.is_empty()
            && self.owes.is_empty()
    }

    pub(super) fn broken(
        &mut self,
        position: Position,
        stream: Option<&StreamName>,
        what: impl Into<String>,
    ) {
        let broken = Broken { position, stream: stream.cloned(), what: what.into() };
        push(&mut self.broken, broken, &mut self.unlisted);
    }

    /// Says which stream a broken record belongs to; false when no record at `position` is broken.
    pub(super) fn name_broken(&mut self, position: Position, stream: &StreamName) -> bool {
        let known = self.broken.iter_mut().find(|broken| broken.position == position);
        let Some(broken) = known else { return false };
        broken.stream.get_or_insert_with(|| stream.clone());
        true
    }

    /// Counts a decision of the source `code` that was decided again.
    pub(super) fn decided(&mut self, code: &str) {
        self.decisions += 1;
        self.codes.entry(code.to_owned()).or_default().decisions += 1;
    }

    pub(super) fn diverged(&mut self, event: &Recorded, command: &str, difference: Difference) {
        self.codes.entry(event.code.as_ref().to_owned()).or_default().divergences += 1;
        push(&mut self.divergences, divergence(event, command, difference), &mut self.unlisted);
    }

    pub(super) fn reaction(&mut self, event: &Recorded, command: &str, difference: Difference) {
        push(&mut self.reactions, divergence(event, command, difference), &mut self.unlisted);
    }

    pub(super) fn owing(&mut self, last: &Recorded, decided: bool) {
        let (position, stream) = (last.position, last.stream.clone());
        let differs = OwesDiffers { position, stream, recorded: last.owes, decided };
        push(&mut self.owes, differs, &mut self.unlisted);
    }
}

fn push<T>(list: &mut Vec<T>, finding: T, unlisted: &mut u64) {
    if list.len() < LISTED_MAX {
        list.push(finding);
    } else {
        *unlisted += 1;
    }
}

fn divergence(event: &Recorded, command: &str, difference: Difference) -> Divergence {
    let Difference { field, recorded, decided } = difference;
    Divergence {
        position: event.position,
        stream: event.stream.clone(),
        actor: event.actor.as_ref().to_owned(),
        code: event.code.as_ref().to_owned(),
        command: command.to_owned(),
        event: event.kind.to_string(),
        field,
        recorded: shown(recorded),
        decided: shown(decided),
    }
}

/// A value, or the beginning of a long one.
fn shown(value: Value) -> Value {
    let text = value.to_string();
    if text.len() <= VALUE_BYTES_MAX {
        return value;
    }
    let beginning: String = text.chars().take(VALUE_BYTES_MAX / 4).collect();
    Value::String(format!("{beginning}… ({} bytes)", text.len()))
}
