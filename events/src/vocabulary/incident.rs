//! An incident: something went wrong that a person should know.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::stream::StreamName;
use crate::wire::Vocabulary;

/// What kind of thing went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IncidentKind {
    /// An effect was parked after its last attempt.
    EffectParked,
    /// An asset used up its tries or was refused.
    AssetMissing,
    /// A delivery was set aside.
    DeliveryParked,
    /// A stream has owed the same effect for too long.
    Stalled,
}

/// What may be asked of an incident.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IncidentCommand {
    /// It happened.
    OpenIncident {
        /// What kind of thing.
        kind: IncidentKind,
        /// The stream it happened to.
        subject: StreamName,
        /// What went wrong, for people.
        reason: String,
    },
    /// It is over.
    ResolveIncident {
        /// How.
        how: String,
        /// The kind of thing that is over; whatever it is when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        only: Option<IncidentKind>,
    },
}

impl Vocabulary for IncidentCommand {}

/// What can become of an incident.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IncidentEvent {
    /// It happened, for the first time or again.
    IncidentOpened {
        /// What kind of thing.
        kind: IncidentKind,
        /// The stream it happened to.
        subject: StreamName,
        /// What went wrong, for people.
        reason: String,
        /// How often it has happened.
        occurrence: u32,
    },
    /// It is over.
    IncidentResolved {
        /// How.
        how: String,
    },
}

impl Vocabulary for IncidentEvent {}
