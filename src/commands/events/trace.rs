//! `hydra events trace`: from the request to the file, every event that had to happen, as a tree of causes.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use anyhow::Result;
use hydra_events::record::{Position, Recorded};
use hydra_events::{EventLog, Id};
use serde_json::{Value, json};

use super::asset::{self, Asset};
use super::show;
use crate::commands::Setting;
use crate::exit::Exit;
use crate::print;

/// Records held at once while causes are looked for.
const PAGE: usize = 500;

/// Runs the command.
pub async fn run(setting: &Setting, text: &str) -> Result<Exit> {
    let log = super::open(setting).await?;
    let asset = asset::resolve(setting, log.as_ref(), text).await?;
    let trace = Trace::of(log.as_ref(), asset).await?;
    if setting.json {
        print::json(&trace.machine(text)?)?;
    } else {
        trace.show(text)?;
    }
    Ok(Exit::Done)
}

/// The events on the paths to an asset.
struct Trace {
    asset: Asset,
    events: BTreeMap<Position, Recorded>,
    /// The cause of each event; absent where a person or a clock was.
    causes: BTreeMap<Position, Position>,
}

impl Trace {
    async fn of(log: &dyn EventLog, asset: Asset) -> Result<Self> {
        let targets = targets(log, &asset).await?;
        let index = index(log, &targets).await?;
        let (mut events, mut causes) = (BTreeMap::new(), BTreeMap::new());
        let mut open = targets;
        while let Some(event) = open.pop() {
            // A cause comes before what it causes, whatever a damaged log says.
            let cause = index.get(&event.causation_id).filter(|cause| **cause < event.position);
            if let Some(cause) = cause {
                causes.insert(event.position, *cause);
                if !events.contains_key(cause) {
                    open.extend(at(log, *cause).await?);
                }
            }
            events.insert(event.position, event);
        }
        causes.retain(|_, cause| events.contains_key(cause));
        Ok(Self { asset, events, causes })
    }

    fn machine(&self, text: &str) -> Result<Value> {
        let mut events = Vec::new();
        for (event, depth) in self.in_order() {
            let mut shown = serde_json::to_value(show::machine(event))?;
            shown["cause"] = json!(self.causes.get(&event.position));
            shown["depth"] = json!(depth.len());
            shown["command"] = json!(command(event));
            events.push(shown);
        }
        let Asset { stream, hash, .. } = &self.asset;
        let hash = hash.map(|hash| hash.to_string());
        Ok(json!({ "asset": text, "stream": stream.as_str(), "hash": hash, "events": events }))
    }

    fn show(&self, text: &str) -> Result<()> {
        let hash = self.asset.hash.map(|hash| hash.to_string());
        match &hash {
            Some(hash) => print::line(format!("{text}: {}, content {hash}", self.asset.stream))?,
            None => print::line(format!("{text}: {}", self.asset.stream))?,
        }
        for (event, depth) in self.in_order() {
            if depth.is_empty() {
                let asked = command(event).unwrap_or_else(|| "something".into());
                print::line(format!("{} asked for {asked} at {}", event.principal, event.time))?;
            }
            let holds = hash.as_ref().is_some_and(|hash| asset::holds(event, hash));
            let file = if holds { "  <- this file" } else { "" };
            print::line(format!("{}{} {}{file}", branches(&depth), event.position, show::what(event)))?;
        }
        Ok(())
    }

    /// The events, each behind its cause, with a word for every level above: whether more follows there.
    fn in_order(&self) -> Vec<(&Recorded, Vec<Follows>)> {
        let mut caused: BTreeMap<Option<Position>, Vec<Position>> = BTreeMap::new();
        for position in self.events.keys() {
            caused.entry(self.causes.get(position).copied()).or_default().push(*position);
        }
        let mut open: Vec<(Position, Vec<Follows>)> = Vec::new();
        for root in caused.get(&None).into_iter().flatten().rev() {
            open.push((*root, Vec::new()));
        }
        let mut ordered = Vec::with_capacity(self.events.len());
        while let Some((position, depth)) = open.pop() {
            let next = caused.get(&Some(position)).map(Vec::as_slice).unwrap_or_default();
            for (index, child) in next.iter().enumerate().rev() {
                let follows = if index + 1 < next.len() { Follows::More } else { Follows::Nothing };
                open.push((*child, depth.iter().copied().chain([follows]).collect()));
            }
            ordered.extend(self.events.get(&position).map(|event| (event, depth)));
        }
        ordered
    }
}

/// What follows on a level of the tree.
#[derive(Clone, Copy)]
enum Follows {
    More,
    Nothing,
}

fn branches(depth: &[Follows]) -> String {
    let Some((last, above)) = depth.split_last() else { return String::new() };
    let above: String = above
        .iter()
        .map(|level| match level {
            Follows::More => "│ ",
            Follows::Nothing => "  ",
        })
        .collect();
    match last {
        Follows::More => above + "├ ",
        Follows::Nothing => above + "└ ",
    }
}

/// The event that was meant, or all events of the stream.
async fn targets(log: &dyn EventLog, asset: &Asset) -> Result<Vec<Recorded>> {
    if let Some((_, position)) = asset.event {
        return Ok(at(log, position).await?.into_iter().collect());
    }
    let mut events = Vec::new();
    loop {
        let after = events.last().map_or(0, |event: &Recorded| event.version);
        let page = super::next_of(log, &asset.stream, after).await?;
        if page.is_empty() {
            return Ok(events);
        }
        events.extend(page);
    }
}

/// Where the events of the same correlations stand, by id.
async fn index(log: &dyn EventLog, targets: &[Recorded]) -> Result<HashMap<Id, Position>> {
    let correlations: BTreeSet<Id> = targets.iter().map(|event| event.correlation_id).collect();
    let end = targets.iter().map(|event| event.position).max().unwrap_or(0);
    let mut index = HashMap::new();
    let mut after = 0;
    while after < end {
        let page = log.scan(after, PAGE).await?;
        after = page.last().map_or(end, asset::place);
        let related = page.iter().flatten().filter(|event| correlations.contains(&event.correlation_id));
        index.extend(related.map(|event| (event.id, event.position)));
    }
    Ok(index)
}

/// The readable event at `position`.
async fn at(log: &dyn EventLog, position: Position) -> Result<Option<Recorded>> {
    Ok(log.scan(position.saturating_sub(1), 1).await?.pop().and_then(Result::ok))
}

/// The wire name of the command an append answers, on its first event.
fn command(event: &Recorded) -> Option<String> {
    event.command().ok().flatten().map(|(record, _)| record.kind.to_string())
}
