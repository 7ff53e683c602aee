//! An incident: something went wrong that a person should know. It listens to parked effects of every stream but its
//! own kind's and to what ends them, and to assets that are missing and come after all. It owes nothing. That a stream
//! stands still is no event: whoever sweeps the owing streams sends it ([`super::stall`]).
//!
//! Each subject has one incident for life, opened and resolved as often as need be, so that one problem is one
//! incident: a parked effect also makes its asset missing, and only the first of the two is recorded.

use hydra_events::record::{EffectMark, EffectRole, Recorded};
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
    /// The stream it happens to; absent with the incident itself.
    pub subject: Option<StreamName>,
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
            "memory",
            "embedding",
            "knowledge",
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
            "line.line_cancelled.v1",
            // What may end an effect that is parked, and with it the reason to tell anybody.
            "chapter.plan_withdrawn.v1",
            "chapter.chapter_cancelled.v1",
            "scene.draft_withdrawn.v1",
            "scene.scene_cancelled.v1",
            "review.review_approved.v1",
            "review.review_rejected.v1",
            "review.review_superseded.v1",
            "review.review_withdrawn.v1",
            "asset.drop_withdrawn.v1",
            "report.report_superseded.v1",
            "embedding.embedding_superseded.v1",
            "knowledge.split_superseded.v1",
            "plan.plan_removed.v1"
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
            IncidentCommand::ResolveIncident { how, only } => Ok(state.resolve(how, only)),
        }
    }

    fn evolve(state: &mut IncidentState, event: &IncidentEvent) {
        match event {
            IncidentEvent::IncidentOpened { kind, subject, reason, occurrence } => {
                state.subject = Some(subject.clone());
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
            (_, "line") => of_line(subject, typed::<LineEvent>(event)?),
            _ => of_end(event.effect.as_ref()),
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
    /// go missing once more; and what is known to be wrong explains why nothing moves.
    fn is_known(&self, kind: IncidentKind, reason: &str) -> bool {
        let Status::Open { kind: known, reason: why } = &self.status else { return false };
        let explained = match (kind, known) {
            (IncidentKind::AssetMissing, IncidentKind::EffectParked | IncidentKind::AssetMissing) => true,
            (IncidentKind::Stalled, known) => *known != IncidentKind::Stalled,
            (
                IncidentKind::AssetMissing | IncidentKind::EffectParked | IncidentKind::DeliveryParked,
                IncidentKind::AssetMissing
                | IncidentKind::EffectParked
                | IncidentKind::DeliveryParked
                | IncidentKind::Stalled,
            ) => false,
        };
        explained || why == reason
    }

    fn resolve(&self, how: String, only: Option<IncidentKind>) -> Vec<IncidentEvent> {
        match self.status {
            Status::Open { kind, .. } if only.is_none_or(|only| only == kind) => {
                vec![IncidentEvent::IncidentResolved { how }]
            }
            Status::Open { .. } | Status::Absent | Status::Resolved => Vec::new(),
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
    Some(IncidentCommand::ResolveIncident { how: how.to_owned(), only: None })
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

/// An effect that is owed no longer stays parked no longer.
fn of_end(mark: Option<&EffectMark>) -> Option<IncidentCommand> {
    let EffectMark { effect, .. } = mark.filter(|mark| mark.role == EffectRole::Close)?;
    resolved(&format!("{effect} is no longer owed"))
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
        | ImageEvent::PictureGivenUp { .. }
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
