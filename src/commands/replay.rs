//! `hydra replay`: a stream as it was, folded from its events and nothing else; or, with `--publish`, events told
//! again on the bus. Never has effects.

#[cfg(feature = "full")]
mod pace;
#[cfg(feature = "full")]
mod publish;

use anyhow::{Context, Result};
use hydra_actors::aggregate::{Aggregate, Obligation};
use hydra_actors::book::Phase;
use hydra_actors::decider::Need;
use hydra_actors::registry;
use hydra_events::record::{Position, Recorded, Version};
use hydra_events::{EventLog, StreamName};
use serde::Serialize;
use serde_json::{Value, json};

use super::Setting;
use super::events::{self, asset};
use crate::cli::Replay;
use crate::exit::{BadInput, Exit};
use crate::print;

/// Runs the command.
pub async fn run(setting: &Setting, arguments: Replay) -> Result<Exit> {
    if arguments.publish {
        return publish(setting, &arguments).await;
    }
    let log = events::open(setting).await?;
    let stream = arguments.stream.as_deref().unwrap_or_default();
    let stream = asset::resolve(setting, log.as_ref(), stream).await?.stream;
    let until = Until::of(&arguments, log.as_ref()).await?;
    let then = fold(log.as_ref(), stream, until).await?;
    if setting.json {
        print::json(&then)?;
    } else {
        print::line(serde_json::to_string_pretty(&then)?)?;
    }
    Ok(Exit::Done)
}

#[cfg(feature = "full")]
async fn publish(setting: &Setting, arguments: &Replay) -> Result<Exit> {
    publish::run(setting, arguments.stream.as_deref(), &arguments.publishing).await
}

#[cfg(not(feature = "full"))]
async fn publish(_: &Setting, _: &Replay) -> Result<Exit> {
    let remedy = "build it with `cargo install --path . --features full`";
    let reason =
        format!("this hydra was built for the embedded backends alone and knows no NATS bus: {remedy}");
    Err(BadInput(reason).into())
}

/// Up to where a stream is folded.
#[derive(Clone, Copy)]
enum Until {
    Now,
    Position(Position),
    Version(Version),
}

impl Until {
    async fn of(arguments: &Replay, log: &dyn EventLog) -> Result<Self> {
        let head = log.head().await?;
        match (arguments.at, arguments.version) {
            (Some(position), _) if position > head => {
                Err(BadInput(format!("position {position} is not there yet: the log ends at {head}")).into())
            }
            (Some(position), _) => Ok(Self::Position(position)),
            (None, Some(version)) => Ok(Self::Version(version)),
            (None, None) => Ok(Self::Now),
        }
    }

    /// Whether the event at `version` could be included.
    fn may_include(self, version: Version) -> bool {
        match self {
            Self::Now | Self::Position(_) => true,
            Self::Version(last) => version <= last,
        }
    }

    fn includes(self, event: &Recorded) -> bool {
        match self {
            Self::Now => true,
            Self::Position(position) => event.position <= position,
            Self::Version(version) => event.version <= version,
        }
    }
}

/// A stream as it was.
#[derive(Serialize)]
struct Then {
    stream: StreamName,
    /// Its version; 0 before its first event.
    version: Version,
    /// Where its last event stands in the log.
    position: Position,
    /// When its last event was recorded.
    time: Option<String>,
    state: Value,
    /// The book of its effects.
    effects: Value,
    owed: Vec<Value>,
    parked: Vec<Value>,
}

async fn fold(log: &dyn EventLog, stream: StreamName, until: Until) -> Result<Then> {
    let entity = registry::entity(stream.category())
        .with_context(|| BadInput(format!("this hydra has no entity called {:?}", stream.category())))?;
    let mut aggregate = (entity.fresh)();
    let (mut version, mut position, mut time) = (0, 0, None);
    'pages: while until.may_include(version + 1) {
        let page = events::next_of(log, &stream, version).await?;
        if page.is_empty() {
            break;
        }
        for event in &page {
            if !until.includes(event) {
                break 'pages;
            }
            let place = || format!("{stream} cannot be folded beyond version {version}");
            aggregate.evolve(event).with_context(place)?;
            (version, position, time) = (event.version, event.position, Some(event.time.to_string()));
        }
    }
    if let Until::Version(wanted) = until
        && wanted > version
    {
        return Err(BadInput(format!("{stream} has no version {wanted}: its last one is {version}")).into());
    }
    let mut state = aggregate.state();
    let (effects, state) = (state["effects"].take(), state["state"].take());
    let (owed, parked) = (owed(aggregate.as_ref()), parked(aggregate.as_ref()));
    Ok(Then { stream, version, position, time, state, effects, owed, parked })
}

fn owed(aggregate: &dyn Aggregate) -> Vec<Value> {
    let shown = |Obligation { key, need, entry, .. }: Obligation| {
        let need = match need {
            Need::Timer(due) => json!({ "timer": due.to_string() }),
            Need::Light => json!("light"),
            Need::Heavy { kind, priority } => json!({ "heavy": { "kind": kind, "priority": priority } }),
        };
        let stands = match entry.phase {
            Phase::Waiting(_) => "waiting",
            Phase::InFlight { .. } => "in flight",
            Phase::Parked(_) => "parked",
            Phase::Dropped => "dropped",
        };
        json!({ "effect": key, "need": need, "attempts": entry.attempts, "stands": stands })
    };
    aggregate.obligations().into_iter().map(shown).collect()
}

fn parked(aggregate: &dyn Aggregate) -> Vec<Value> {
    let shown =
        |(effect, attempts, reason)| json!({ "effect": effect, "attempts": attempts, "reason": reason });
    aggregate.parked().into_iter().map(shown).collect()
}
