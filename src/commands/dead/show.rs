//! `hydra dead show`: one stream whole, with what failed.

use anyhow::Result;
use hydra_actors::registry::{self, typed};
use hydra_events::StreamName;
use hydra_events::log::PAGE_EVENTS_MAX;
use hydra_events::record::Recorded;
use hydra_events::vocabulary::effect::EffectEvent;
use serde::Serialize;
use serde_json::Value;

use super::super::Setting;
use super::{Entry, entries};
use crate::app::Reading;
use crate::exit::{BadInput, Exit};
use crate::print;

/// Failures shown, the newest.
const FAILURES_MAX: usize = 10;

/// A stream with its troubles.
#[derive(Serialize)]
struct Shown {
    stream: StreamName,
    version: u64,
    state: Value,
    dead: Vec<Entry>,
    failures: Vec<Failure>,
}

/// One attempt that came to nothing.
#[derive(Serialize)]
struct Failure {
    position: u64,
    at: String,
    effect: String,
    attempt: u32,
    what: String,
}

/// Shows `stream`.
pub async fn run(setting: &Setting, reading: &Reading, stream: &StreamName) -> Result<Exit> {
    let dead = entries(reading).await?.into_iter().filter(|entry| entry.concerns(Some(stream))).collect();
    let shown = fold(reading, stream, dead).await?;
    if setting.json {
        print::json(&shown)?;
        return Ok(Exit::Done);
    }
    print::line(format!("{stream} at version {}", shown.version))?;
    for entry in &shown.dead {
        print::line(format!("  {}", entry.cells()[1..].join("  ")))?;
    }
    if !shown.failures.is_empty() {
        print::line("attempts that came to nothing:")?;
    }
    for Failure { position, at, effect, attempt, what } in &shown.failures {
        print::line(format!("  {at}  event {position}  {effect}, attempt {attempt}: {what}"))?;
    }
    print::line("state:")?;
    print::line(serde_json::to_string_pretty(&shown.state)?)?;
    Ok(Exit::Done)
}

/// The stream's state from all of its events.
async fn fold(reading: &Reading, stream: &StreamName, dead: Vec<Entry>) -> Result<Shown> {
    let Some(entity) = registry::entity(stream.category()) else {
        return Err(BadInput(format!("no entity is called {:?}", stream.category())).into());
    };
    let (mut aggregate, mut version, mut failures) = ((entity.fresh)(), 0, Vec::new());
    loop {
        let events = reading.log.read_stream(stream, version, PAGE_EVENTS_MAX).await?;
        for event in &events {
            aggregate.evolve(event)?;
            failures.extend(failure(event));
        }
        match events.last() {
            Some(last) => version = last.version,
            None if version == 0 => return Err(BadInput(format!("{stream} has no events")).into()),
            None => break,
        }
    }
    failures.drain(..failures.len().saturating_sub(FAILURES_MAX));
    Ok(Shown { stream: stream.clone(), version, state: aggregate.state(), dead, failures })
}

fn failure(event: &Recorded) -> Option<Failure> {
    let (effect, attempt, what) = match typed::<EffectEvent>(event).ok()? {
        EffectEvent::AttemptFailed { effect, attempt, message, .. } => (effect, attempt, message),
        EffectEvent::AttemptLost { effect, attempt, evidence, .. } => {
            (effect, attempt, format!("lost: {evidence}"))
        }
        EffectEvent::OutcomeRefused { effect, attempt, reason, .. } => {
            (effect, attempt, format!("refused: {reason}"))
        }
        EffectEvent::AttemptStarted { .. }
        | EffectEvent::EffectParked { .. }
        | EffectEvent::EffectUnparked { .. }
        | EffectEvent::EffectDropped { .. } => return None,
    };
    Some(Failure { position: event.position, at: event.time.to_string(), effect, attempt, what })
}
