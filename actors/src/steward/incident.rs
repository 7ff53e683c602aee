//! An incident: something went wrong that a person should know. It listens to parked effects of every stream but its
//! own kind's, and to assets that are missing and come after all. It owes nothing.
//!
//! Each subject has one incident for life, opened and resolved as often as need be, so that one problem is one
//! incident: a parked effect also makes its asset missing, and only the first of the two is recorded.

use hydra_events::record::Recorded;
use hydra_events::vocabulary::effect::EffectEvent;
use hydra_events::vocabulary::image::ImageEvent;
use hydra_events::vocabulary::incident::{IncidentCommand, IncidentEvent, IncidentKind};
use hydra_events::vocabulary::line::LineEvent;
use hydra_events::wire::WireError;
use hydra_events::{Id, StreamName};
use serde::{Deserialize, Serialize};

use crate::decider::{Decider, Given, NoEffect, Reaction};
use crate::registry::typed;

/// The entity.
pub struct Incident;

/// What an incident remembers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct IncidentState {
    /// Where it stands.
    pub status: Status,
    /// How often it has happened.
    pub occurrences: u32,
}

/// Where an incident stands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Status {
    /// It never happened.
    #[default]
    Absent,
    /// A person should know.
    Open {
        /// What kind of thing.
        kind: IncidentKind,
        /// What went wrong.
        reason: String,
    },
    /// It is over.
    Resolved,
}

/// Why an incident says no.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum IncidentRejection {
    /// A subject has one incident, at a derived address.
    #[error("{stream} is not the incident of {subject}: {expected} is")]
    OtherSubject {
        /// The stream the command went to.
        stream: StreamName,
        /// What it is about.
        subject: StreamName,
        /// The stream it should have gone to.
        expected: String,
    },
    /// An incident of an incident would have no end.
    #[error("{0} is an incident itself, and causes none")]
    OfIncident(StreamName),
}

impl Incident {
    /// The stream of what goes wrong with `subject`.
    pub fn stream_of(subject: &StreamName) -> Option<StreamName> {
        StreamName::try_new(Self::CATEGORY, &id_of(subject)).ok()
    }
}

/// The fates of effects in `$categories`, and then `$others`.
macro_rules! effects_and {
    ([$($category:literal),*], [$($other:literal),*]) => {
        &[
            $(
                concat!($category, ".effect_parked.v1"),
                concat!($category, ".effect_unparked.v1"),
                concat!($category, ".effect_dropped.v1"),
            )*
            $($other,)*
        ]
    };
}

impl Decider for Incident {
    const CATEGORY: &'static str = "incident";
    const ACTOR: &'static str = "steward";
    const REACTS_TO: &'static [&'static str] = effects_and!(
        [
            "chapter",
            "character",
            "order",
            "scene",
            "image",
            "review",
            "line",
            "asset",
            "report",
            "cluster",
            "plan",
            "approval",
            "policy"
        ],
        [
            "image.image_missing.v1",
            "image.render_reopened.v1",
            "image.image_approved.v1",
            "image.image_cancelled.v1",
            "line.line_missing.v1",
            "line.line_requested.v1",
            "line.line_reopened.v1",
            "line.line_spoken.v1",
            "line.line_cancelled.v1"
        ]
    );

    type Command = IncidentCommand;
    type Event = IncidentEvent;
    type Rejection = IncidentRejection;
    type Effect = NoEffect;
    type State = IncidentState;

    fn decide(
        state: &IncidentState,
        command: IncidentCommand,
        given: Given<'_>,
    ) -> Result<Vec<IncidentEvent>, IncidentRejection> {
        match command {
            IncidentCommand::OpenIncident { kind, subject, reason } => {
                check_address(given.stream, &subject)?;
                Ok(state.open(kind, subject, reason))
            }
            IncidentCommand::ResolveIncident { how } => Ok(state.resolve(how)),
        }
    }

    fn evolve(state: &mut IncidentState, event: &IncidentEvent) {
        match event {
            IncidentEvent::IncidentOpened { kind, reason, occurrence, .. } => {
                state.status = Status::Open { kind: *kind, reason: reason.clone() };
                state.occurrences = *occurrence;
            }
            IncidentEvent::IncidentResolved { .. } => state.status = Status::Resolved,
        }
    }

    fn react(event: &Recorded) -> Result<Vec<Reaction<IncidentCommand>>, WireError> {
        let subject = &event.stream;
        let command = match (event.kind.name(), event.kind.category()) {
            ("effect_parked" | "effect_unparked" | "effect_dropped", _) => {
                of_effect(subject, typed::<EffectEvent>(event)?)
            }
            (_, "image") => of_image(subject, typed::<ImageEvent>(event)?),
            _ => of_line(subject, typed::<LineEvent>(event)?),
        };
        Ok(Self::stream_of(subject).zip(command).into_iter().collect())
    }
}

impl IncidentState {
    fn open(&self, kind: IncidentKind, subject: StreamName, reason: String) -> Vec<IncidentEvent> {
        if self.is_known(kind, &reason) {
            return Vec::new();
        }
        let occurrence = self.occurrences.saturating_add(1);
        vec![IncidentEvent::IncidentOpened { kind, subject, reason, occurrence }]
    }

    /// Whether nothing new went wrong. What is missing already, or is not made because its effect is parked, cannot
    /// go missing once more.
    fn is_known(&self, kind: IncidentKind, reason: &str) -> bool {
        match &self.status {
            Status::Absent | Status::Resolved => false,
            Status::Open { kind: IncidentKind::EffectParked | IncidentKind::AssetMissing, .. }
                if kind == IncidentKind::AssetMissing =>
            {
                true
            }
            Status::Open { reason: known, .. } => known == reason,
        }
    }

    fn resolve(&self, how: String) -> Vec<IncidentEvent> {
        match self.status {
            Status::Open { .. } => vec![IncidentEvent::IncidentResolved { how }],
            Status::Absent | Status::Resolved => Vec::new(),
        }
    }
}

fn id_of(subject: &StreamName) -> String {
    Id::derive("incident", &[subject.as_str().as_bytes()]).to_string()
}

fn check_address(stream: &StreamName, subject: &StreamName) -> Result<(), IncidentRejection> {
    if subject.category() == Incident::CATEGORY {
        return Err(IncidentRejection::OfIncident(subject.clone()));
    }
    let expected = id_of(subject);
    if stream.id() == expected {
        return Ok(());
    }
    let expected = format!("{}-{expected}", Incident::CATEGORY);
    Err(IncidentRejection::OtherSubject { stream: stream.clone(), subject: subject.clone(), expected })
}

fn opened(kind: IncidentKind, subject: &StreamName, reason: String) -> Option<IncidentCommand> {
    Some(IncidentCommand::OpenIncident { kind, subject: subject.clone(), reason })
}

fn resolved(how: &str) -> Option<IncidentCommand> {
    Some(IncidentCommand::ResolveIncident { how: how.to_owned() })
}

fn of_effect(subject: &StreamName, fact: EffectEvent) -> Option<IncidentCommand> {
    match fact {
        EffectEvent::EffectParked { effect, attempts, reason } => {
            let reason = format!("{effect} was parked after attempt {attempts}: {reason}");
            opened(IncidentKind::EffectParked, subject, reason)
        }
        EffectEvent::EffectUnparked { effect } => resolved(&format!("{effect} is tried again")),
        EffectEvent::EffectDropped { effect } => resolved(&format!("{effect} was given up")),
        EffectEvent::AttemptStarted { .. }
        | EffectEvent::AttemptFailed { .. }
        | EffectEvent::AttemptLost { .. }
        | EffectEvent::OutcomeRefused { .. } => None,
    }
}

fn of_image(subject: &StreamName, fact: ImageEvent) -> Option<IncidentCommand> {
    match fact {
        ImageEvent::ImageMissing { reason, .. } => opened(IncidentKind::AssetMissing, subject, reason),
        // Only who had been told that it was missing is told that it is drawn again.
        ImageEvent::RenderReopened { requesters, .. } if requesters.is_empty() => None,
        ImageEvent::RenderReopened { .. } => resolved("it is drawn again"),
        ImageEvent::ImageApproved { .. } => resolved("it was approved"),
        ImageEvent::ImageCancelled { .. } => resolved("nobody wants it any more"),
        ImageEvent::ImageRequested { .. }
        | ImageEvent::RequesterAdded { .. }
        | ImageEvent::ImageRendered { .. }
        | ImageEvent::BriefRefused { .. }
        | ImageEvent::ImageRejected { .. }
        | ImageEvent::ImageSupplied { .. }
        | ImageEvent::RequesterReleased { .. } => None,
    }
}

fn of_line(subject: &StreamName, fact: LineEvent) -> Option<IncidentCommand> {
    match fact {
        LineEvent::LineMissing { reason, .. } => opened(IncidentKind::AssetMissing, subject, reason),
        LineEvent::LineRequested { take: 0 | 1, .. } => None,
        LineEvent::LineRequested { .. } | LineEvent::LineReopened { .. } => resolved("it is spoken again"),
        LineEvent::LineSpoken { .. } => resolved("it was spoken"),
        LineEvent::LineCancelled { .. } => resolved("the scene no longer has it"),
        LineEvent::TakeWithdrawn { .. } | LineEvent::RecordingReplaced { .. } => None,
    }
}
