//! The policy: every threshold, limit and time-out, in the one stream `policy-main`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::wire::Vocabulary;

/// What may be asked of the policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PolicyCommand {
    /// These keys exist, with these defaults. Keys that have a value keep it.
    RecordDefaults {
        /// Value by key.
        values: BTreeMap<String, f64>,
    },
    /// A key gets a value.
    SetPolicy {
        /// The key.
        key: String,
        /// The value.
        value: f64,
    },
}

impl Vocabulary for PolicyCommand {}

/// What can become of the policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PolicyEvent {
    /// These keys got their defaults.
    DefaultsRecorded {
        /// Value by key.
        values: BTreeMap<String, f64>,
    },
    /// A key got a value.
    PolicySet {
        /// The key.
        key: String,
        /// The value it had.
        from: f64,
        /// The value it has.
        to: f64,
    },
}

impl Vocabulary for PolicyEvent {}
