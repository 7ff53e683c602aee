//! The policy in its one stream, `policy-main`. It listens to nobody and owes nothing.
//!
//! What can go wrong: somebody sets a key there is none of, or a value that makes no sense. Keys and ranges are
//! [`crate::policy`]'s; a key recorded by a newer hydra is kept, and cannot be set.

use std::collections::BTreeMap;

use hydra_events::StreamName;
use hydra_events::vocabulary::policy::{PolicyCommand, PolicyEvent};
use serde::{Deserialize, Serialize};

use crate::decider::{Decider, Given, Life, NoEffect};
use crate::policy::{KeyFacts, Policy, PolicyKey};

/// The id of the one stream that keeps the policy.
pub const MAIN: &str = "main";

/// The entity.
pub struct PolicyKeeper;

/// What the policy remembers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PolicyState {
    /// The recorded values.
    pub policy: Policy,
}

/// Why the policy says no.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum PolicyRejection {
    /// There is only one policy.
    #[error("the policy is kept in policy-{MAIN}, not in {0}")]
    OtherStream(StreamName),
    /// There is no such key.
    #[error("there is no policy {key:?}: {nearest} comes nearest among {}", known())]
    UnknownKey {
        /// The key that was asked for.
        key: String,
        /// The key it resembles most.
        nearest: &'static str,
    },
    /// The value makes no sense.
    #[error("{key} cannot be {value}: {min} to {max} is its range ({meaning})")]
    OutOfRange {
        /// The key.
        key: &'static str,
        /// The value that was asked for.
        value: f64,
        /// The least value that makes sense.
        min: f64,
        /// The largest value that makes sense.
        max: f64,
        /// What the key means.
        meaning: &'static str,
    },
}

/// Every key of this program with its default.
pub fn defaults() -> BTreeMap<String, f64> {
    PolicyKey::ALL.into_iter().map(|key| (key.facts().name.to_owned(), key.facts().default)).collect()
}

impl Decider for PolicyKeeper {
    const CATEGORY: &'static str = "policy";
    const ACTOR: &'static str = "steward";
    const LIFE: Life = Life::Endless;

    type Command = PolicyCommand;
    type Event = PolicyEvent;
    type Rejection = PolicyRejection;
    type Effect = NoEffect;
    type State = PolicyState;

    fn decide(
        state: &PolicyState,
        command: PolicyCommand,
        given: Given<'_>,
    ) -> Result<Vec<PolicyEvent>, PolicyRejection> {
        if given.stream.id() != MAIN {
            return Err(PolicyRejection::OtherStream(given.stream.clone()));
        }
        match command {
            PolicyCommand::RecordDefaults { values } => state.record_defaults(values),
            PolicyCommand::SetPolicy { key, value } => state.set(key, value),
        }
    }

    fn evolve(state: &mut PolicyState, event: &PolicyEvent) {
        match event {
            PolicyEvent::DefaultsRecorded { values } => {
                state.policy.values.extend(values.iter().map(|(key, value)| (key.clone(), *value)));
            }
            PolicyEvent::PolicySet { key, to, .. } => {
                state.policy.values.insert(key.clone(), *to);
            }
        }
    }
}

impl PolicyState {
    fn record_defaults(
        &self,
        mut values: BTreeMap<String, f64>,
    ) -> Result<Vec<PolicyEvent>, PolicyRejection> {
        for (key, value) in &values {
            check(key, *value)?;
        }
        values.retain(|key, _| !self.policy.values.contains_key(key));
        let new = (!values.is_empty()).then_some(PolicyEvent::DefaultsRecorded { values });
        Ok(new.into_iter().collect())
    }

    fn set(&self, key: String, to: f64) -> Result<Vec<PolicyEvent>, PolicyRejection> {
        let from = self.policy.get(check(&key, to)?);
        let changed = (from != to).then_some(PolicyEvent::PolicySet { key, from, to });
        Ok(changed.into_iter().collect())
    }
}

fn check(name: &str, value: f64) -> Result<PolicyKey, PolicyRejection> {
    let unknown = || PolicyRejection::UnknownKey { key: name.to_owned(), nearest: nearest(name) };
    let known = PolicyKey::named(name).ok_or_else(unknown)?;
    let KeyFacts { name: key, min, max, meaning, .. } = known.facts();
    // NaN is in no range.
    match (min..=max).contains(&value) {
        true => Ok(known),
        false => Err(PolicyRejection::OutOfRange { key, value, min, max, meaning }),
    }
}

fn known() -> String {
    PolicyKey::ALL.map(|key| key.facts().name).join(", ")
}

fn nearest(name: &str) -> &'static str {
    let names = PolicyKey::ALL.map(|key| key.facts().name);
    names.into_iter().min_by_key(|known| distance(name, known)).unwrap_or_default()
}

/// How many letters must be added, dropped or replaced to turn `a` into `b` (Levenshtein 1966). Only the beginning of
/// a long text is looked at.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.chars().take(100).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, other) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *other);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
