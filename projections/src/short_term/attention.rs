//! What needs somebody: dead letters, approvals, incidents.

use hydra_events::record::Recorded;
use hydra_events::vocabulary::approval::ApprovalEvent;
use hydra_events::vocabulary::effect::EffectEvent;
use hydra_events::vocabulary::image::ImageEvent;
use hydra_events::vocabulary::incident::IncidentEvent;
use hydra_events::wire::WireError;

use crate::view::{ViewOp, json, typed};

/// What was parked, and what is missing without being parked.
pub(super) fn dead(event: &Recorded) -> Result<Vec<ViewOp>, WireError> {
    if let Some(fact) = typed::<EffectEvent>(event)? {
        return Ok(of_effect(event, fact));
    }
    match event.stream.category() {
        "image" => Ok(typed::<ImageEvent>(event)?.map(|fact| of_image(event, fact)).unwrap_or_default()),
        _ => Ok(Vec::new()),
    }
}

fn of_effect(event: &Recorded, fact: EffectEvent) -> Vec<ViewOp> {
    let key = |effect: &str| format!("{}/{effect}", event.stream);
    match fact {
        EffectEvent::EffectParked { effect, attempts, reason } => {
            vec![row(event, key(&effect), "parked", reason).set("effect", effect).set("attempts", attempts)]
        }
        EffectEvent::EffectUnparked { effect } | EffectEvent::EffectDropped { effect } => {
            vec![ViewOp::delete("dead", key(&effect))]
        }
        EffectEvent::AttemptStarted { .. }
        | EffectEvent::AttemptFailed { .. }
        | EffectEvent::AttemptLost { .. }
        | EffectEvent::OutcomeRefused { .. } => Vec::new(),
    }
}

fn of_image(event: &Recorded, fact: ImageEvent) -> Vec<ViewOp> {
    let key = event.stream.as_str();
    match fact {
        ImageEvent::ImageRejected { reasons, quality_try, .. } => {
            let reason = format!("rejected at try {quality_try}: {}", reasons.join("; "));
            vec![row(event, key.to_owned(), "missing", reason).set("attempts", quality_try)]
        }
        ImageEvent::BriefRefused { reason } => vec![row(event, key.to_owned(), "missing", reason)],
        ImageEvent::RenderReopened { .. }
        | ImageEvent::ImageApproved { .. }
        | ImageEvent::ImageCancelled { .. } => {
            vec![ViewOp::delete("dead", key)]
        }
        ImageEvent::ImageRequested { .. }
        | ImageEvent::RequesterAdded { .. }
        | ImageEvent::ImageRendered { .. }
        | ImageEvent::ImageSupplied { .. }
        | ImageEvent::ImageMissing { .. }
        | ImageEvent::PictureGivenUp { .. }
        | ImageEvent::RequesterReleased { .. } => Vec::new(),
    }
}

fn row(event: &Recorded, key: String, kind: &str, reason: String) -> ViewOp {
    let op = ViewOp::put("dead", key).set("stream", event.stream.as_str()).set("kind", kind);
    op.set("reason", reason).set("since", event.time.0).set("position", event.position)
}

pub(super) fn approval(event: &Recorded) -> Result<Vec<ViewOp>, WireError> {
    let Some(fact) = typed::<ApprovalEvent>(event)? else { return Ok(Vec::new()) };
    let op = ViewOp::put("approvals", &event.stream);
    Ok(vec![match fact {
        ApprovalEvent::ApprovalRequested {
            review,
            image,
            quality_try,
            blob,
            scores,
            reasons,
            default,
            chapter,
        } => op
            .set("review", review.as_str())
            .set("image", image.as_str())
            .set("quality_try", quality_try)
            .set("blob", json(&blob))
            .set("scores", json(&scores))
            .set("reasons", json(&reasons))
            .set("default_verdict", json(&default))
            .set("chapter", chapter)
            .set("state", "open")
            .set("asked_at", event.time.0),
        ApprovalEvent::ApprovalAnswered { verdict, by, note, .. } => op
            .set("state", "answered")
            .set("verdict", json(&verdict))
            .set("decided_by", json(&by))
            .set("note", note)
            .set("answered_at", event.time.0),
        ApprovalEvent::ApprovalWithdrawn { reason } => op.set("state", "withdrawn").set("note", reason),
    }])
}

pub(super) fn incident(event: &Recorded) -> Result<Vec<ViewOp>, WireError> {
    let Some(fact) = typed::<IncidentEvent>(event)? else { return Ok(Vec::new()) };
    let op = ViewOp::put("incidents", event.stream.id());
    Ok(vec![match fact {
        IncidentEvent::IncidentOpened { kind, subject, reason, occurrence } => op
            .set("kind", json(&kind))
            .set("subject", subject.as_str())
            .set("reason", reason)
            .set("occurrences", occurrence)
            .set("since", event.time.0)
            .set("state", "open"),
        IncidentEvent::IncidentResolved { how } => op.set("state", "resolved").set("how", how),
    }])
}
