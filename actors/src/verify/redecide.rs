//! Deciding again: each append's command on the state its stream had, under the policy that was in force.

use std::collections::BTreeMap;

use hydra_events::StreamName;
use hydra_events::log::{EventLog, LogError, PAGE_EVENTS_MAX};
use hydra_events::record::{Draft, Meta, Recorded, Version};
use hydra_events::upcast;
use serde_json::Value;

use super::difference::{Difference, compare_event};
use super::findings::Findings;
use super::integrity::Trust;
use crate::aggregate::{Aggregate, DecideError, WireCommand};
use crate::decider::Given;
use crate::policy::Policy;
use crate::registry::EntityType;
use crate::steward::policy::MAIN;

/// The streams as the deciders saw them.
pub(super) struct Redecide<'a> {
    entities: &'a [EntityType],
    streams: BTreeMap<StreamName, Live>,
    policies: BTreeMap<Version, Policy>,
    append: Vec<Recorded>,
    /// Whether the last events of the append may be among what cannot be read.
    cut: bool,
}

/// A stream up to the append that is looked at.
enum Live {
    /// Today's code has decided everything so far as it was decided.
    Agreed(Box<dyn Aggregate>),
    /// It has not: it decides on a copy, and the recorded events are folded.
    Differed(Box<dyn Aggregate>),
    /// Something in the stream cannot be trusted or read.
    Lost,
}

/// What becomes of a stream's state after a decision.
enum Then {
    /// The aggregate has moved on just as the log has.
    Note,
    /// The recorded events are to be folded into it.
    Fold,
    /// The aggregate has moved on in another way than the log: it has to be folded anew.
    Reload,
}

impl<'a> Redecide<'a> {
    pub(super) fn of(entities: &'a [EntityType]) -> Self {
        let policies = BTreeMap::from([(0, Policy::default())]);
        Self { entities, streams: BTreeMap::new(), policies, append: Vec::new(), cut: false }
    }

    /// Whether `record` belongs to the append that is being gathered.
    pub(super) fn continues(&self, record: &Recorded) -> bool {
        self.append.last().is_some_and(|last| {
            record.command.is_none()
                && record.command_id == last.command_id
                && record.stream == last.stream
                && record.version == last.version + 1
        })
    }

    /// Something cannot be read that may belong to the append that is being gathered.
    pub(super) fn interrupt(&mut self) {
        self.cut |= !self.append.is_empty();
    }

    /// Takes a record into the append it belongs to.
    pub(super) fn take(&mut self, record: &Recorded, trust: Trust, findings: &mut Findings) {
        if trust != Trust::Sound {
            let begun = !self.append.is_empty() || record.command.is_some();
            findings.undecided += u64::from(begun);
            self.lose(&record.stream);
        } else if !self.is_lost(&record.stream) {
            if self.append.is_empty() && record.command.is_none() {
                let what = "the first event of an append stands without its command";
                findings.broken(record.position, Some(&record.stream), what);
                self.lose(&record.stream);
            } else {
                self.append.push(record.clone());
            }
        } else {
            findings.undecided += u64::from(record.command.is_some());
        }
    }

    /// Decides the gathered append again.
    pub(super) async fn finish(
        &mut self,
        log: &dyn EventLog,
        findings: &mut Findings,
    ) -> Result<(), LogError> {
        let append = std::mem::take(&mut self.append);
        let cut = std::mem::take(&mut self.cut);
        let (Some(first), Some(last)) = (append.first(), append.last()) else { return Ok(()) };
        let stream = first.stream.clone();
        let Some(entity) = self.entities.iter().find(|entity| entity.category == stream.category()) else {
            findings.undecided += 1;
            let what = format!("this hydra has no entity called {:?}", stream.category());
            findings.diverged(first, "", Difference::new("entity", stream.category(), what));
            self.lose(&stream);
            return Ok(());
        };
        let (command, meta) = match command_of(first) {
            Ok(command) => command,
            Err(what) => {
                findings.broken(first.position, Some(&stream), what);
                self.lose(&stream);
                return Ok(());
            }
        };
        let mut live = self.streams.remove(&stream).unwrap_or_else(|| Live::Agreed((entity.fresh)()));
        if let Some(policy) = self.policies.get(&meta.policy).filter(|_| !cut) {
            let given = Given { stream: &stream, meta: &meta, policy };
            let (difference, then) = live.decide(&command, given, &append);
            findings.decided(&first.code);
            if let Some((event, difference)) = difference {
                findings.diverged(event, command.kind.as_str(), difference);
            }
            live = live.follow(then, entity, &append, log, findings).await?;
        } else {
            findings.undecided += 1;
            live = live.follow(Then::Fold, entity, &append, log, findings).await?;
        }
        if let Some(aggregate) = live.aggregate() {
            let owes = aggregate.owes();
            if owes != last.owes && !cut {
                findings.owing(last, owes);
            }
            self.note_policy(last, live.aggregate());
        }
        self.streams.insert(stream, live);
        Ok(())
    }

    fn note_policy(&mut self, last: &Recorded, aggregate: Option<&dyn Aggregate>) {
        if last.stream.category() == "policy" && last.stream.id() == MAIN {
            let state = aggregate.map(|aggregate| aggregate.state()).unwrap_or_default();
            let policy = serde_json::from_value(state["state"]["policy"].clone()).unwrap_or_default();
            self.policies.insert(last.version, policy);
        }
    }

    fn lose(&mut self, stream: &StreamName) {
        if self.append.first().is_some_and(|first| first.stream == *stream) {
            self.append.clear();
        }
        self.streams.insert(stream.clone(), Live::Lost);
    }

    fn is_lost(&self, stream: &StreamName) -> bool {
        matches!(self.streams.get(stream), Some(Live::Lost))
    }
}

impl Live {
    fn aggregate(&self) -> Option<&dyn Aggregate> {
        match self {
            Self::Agreed(aggregate) | Self::Differed(aggregate) => Some(aggregate.as_ref()),
            Self::Lost => None,
        }
    }

    /// Decides `command` again and compares. A stream that has always agreed decides without a copy, because an equal
    /// decision leaves the state that folding the recorded events would; lifted events are the exception.
    fn decide<'r>(
        &mut self,
        command: &WireCommand,
        given: Given<'_>,
        append: &'r [Recorded],
    ) -> (Option<(&'r Recorded, Difference)>, Then) {
        let lifted = |event: &Recorded| upcast::STEPS.iter().any(|step| step.is_for(&event.kind));
        match self {
            Self::Agreed(aggregate) if !append.iter().any(lifted) => {
                let decided = aggregate.decide(command, given);
                // A rejection leaves the state as it was.
                let untouched = decided.is_err();
                match compare(decided, append) {
                    None => (None, Then::Note),
                    Some(difference) if untouched => (Some(difference), Then::Fold),
                    Some(difference) => (Some(difference), Then::Reload),
                }
            }
            Self::Agreed(aggregate) | Self::Differed(aggregate) => {
                (compare(aggregate.copy().decide(command, given), append), Then::Fold)
            }
            Self::Lost => (None, Then::Fold),
        }
    }

    /// Moves the state on to what was recorded.
    async fn follow(
        self,
        then: Then,
        entity: &EntityType,
        append: &[Recorded],
        log: &dyn EventLog,
        findings: &mut Findings,
    ) -> Result<Self, LogError> {
        let (Self::Agreed(mut aggregate) | Self::Differed(mut aggregate)) = self else {
            return Ok(Self::Lost);
        };
        match then {
            Then::Note => {
                aggregate.note(append);
                Ok(Self::Agreed(aggregate))
            }
            Then::Fold => Ok(fold(aggregate, append, findings)),
            Then::Reload => match before(append, entity, log).await? {
                Some(aggregate) => Ok(fold(aggregate, append, findings)),
                None => Ok(Self::Lost),
            },
        }
    }
}

fn fold(mut aggregate: Box<dyn Aggregate>, append: &[Recorded], findings: &mut Findings) -> Live {
    for event in append {
        if let Err(error) = aggregate.evolve(event) {
            let difference = Difference::new("unreadable", event.kind.as_str(), error.to_string());
            findings.diverged(event, "", difference);
            return Live::Lost;
        }
    }
    Live::Differed(aggregate)
}

/// The stream as it was before `append`, from the log.
async fn before(
    append: &[Recorded],
    entity: &EntityType,
    log: &dyn EventLog,
) -> Result<Option<Box<dyn Aggregate>>, LogError> {
    let Some(first) = append.first() else { return Ok(None) };
    let mut aggregate = (entity.fresh)();
    let mut version = 0;
    while version + 1 < first.version {
        // Not one more: what stands behind may be damaged.
        let wanted = usize::try_from(first.version - 1 - version).unwrap_or(PAGE_EVENTS_MAX);
        let events = log.read_stream(&first.stream, version, wanted.min(PAGE_EVENTS_MAX)).await?;
        if events.is_empty() {
            return Ok(None);
        }
        for event in &events {
            if aggregate.evolve(event).is_err() {
                return Ok(None);
            }
            version = event.version;
        }
    }
    Ok(Some(aggregate))
}

fn command_of(first: &Recorded) -> Result<(WireCommand, Meta), String> {
    let read = first.command().map_err(|e| format!("its command cannot be read: {e}"))?;
    let (record, meta) = read.ok_or("the first event of an append stands without its command")?;
    let lifted = upcast::newest(&record.kind, record.payload.get().as_bytes());
    let (kind, payload) = lifted.map_err(|e| format!("its command cannot be lifted: {e}"))?;
    Ok((WireCommand { kind, payload: payload.into_owned() }, meta))
}

/// The first difference, with the recorded event it is about.
fn compare(decided: Result<Vec<Draft>, DecideError>, append: &[Recorded]) -> Option<(&Recorded, Difference)> {
    let (first, last) = (append.first()?, append.last()?);
    let drafts = match decided {
        Ok(drafts) => drafts,
        Err(DecideError::Rejected(rejection)) => {
            let decided = format!("{}: {}", rejection.rule, rejection.reason);
            return Some((first, Difference::new("rejection", Value::Null, decided)));
        }
        Err(DecideError::Wire(error)) => {
            return Some((first, Difference::new("unreadable", Value::Null, error.to_string())));
        }
    };
    let pairs = append.iter().zip(&drafts);
    let mut different =
        pairs.filter_map(|(event, draft)| Some((event, compare_event(event, draft, upcast::STEPS)?)));
    if append.len() == drafts.len() {
        return different.next();
    }
    let at = different.next().map_or(append.get(drafts.len()).unwrap_or(last), |(event, _)| event);
    let recorded: Vec<&str> = append.iter().map(|event| event.kind.as_str()).collect();
    let decided: Vec<&str> = drafts.iter().map(|draft| draft.kind.as_str()).collect();
    Some((at, Difference::new("events", recorded, decided)))
}
