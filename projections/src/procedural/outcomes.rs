//! What became of every try at a picture or a line, in order: the history that the task itself only ends with.

use hydra_events::record::Recorded;
use hydra_events::vocabulary::effect::EffectEvent;
use hydra_events::vocabulary::image::ImageEvent;
use hydra_events::vocabulary::line::LineEvent;
use hydra_events::wire::WireError;

use crate::view::{ViewOp, typed};

/// The row that an event of a task adds to its history.
pub(super) fn outcome(event: &Recorded) -> Result<Option<ViewOp>, WireError> {
    let category = event.stream.category();
    if !matches!(category, "image" | "line") {
        return Ok(None);
    }
    if let Some(fact) = typed::<EffectEvent>(event)? {
        return Ok(of_attempt(event, fact));
    }
    if category == "line" {
        return Ok(typed::<LineEvent>(event)?.and_then(|fact| of_take(event, fact)));
    }
    Ok(typed::<ImageEvent>(event)?.and_then(|fact| of_try(event, fact)))
}

fn of_try(event: &Recorded, fact: ImageEvent) -> Option<ViewOp> {
    let row = |outcome| row(event, outcome);
    Some(match fact {
        ImageEvent::ImageRequested { .. } => row("requested"),
        ImageEvent::ImageRendered { quality_try, .. } => row("rendered").set("quality_try", quality_try),
        ImageEvent::BriefRefused { reason } => row("refused").set("reason", reason),
        ImageEvent::ImageRejected { quality_try, reasons, .. } => {
            row("rejected").set("quality_try", quality_try).set("reason", reasons.join("; "))
        }
        ImageEvent::RenderReopened { quality_try, note, .. } => {
            row("reopened").set("quality_try", quality_try).set("reason", note)
        }
        ImageEvent::ImageApproved { quality_try, .. } => row("approved").set("quality_try", quality_try),
        ImageEvent::ImageMissing { reason, .. } => row("missing").set("reason", reason),
        ImageEvent::PictureGivenUp { .. } => row("given_up"),
        ImageEvent::ImageCancelled { .. } => row("cancelled"),
        ImageEvent::RequesterAdded { .. }
        | ImageEvent::ImageSupplied { .. }
        | ImageEvent::RequesterReleased { .. } => return None,
    })
}

/// A take is to a line what a try is to a picture.
fn of_take(event: &Recorded, fact: LineEvent) -> Option<ViewOp> {
    let row = |outcome| row(event, outcome);
    Some(match fact {
        LineEvent::LineRequested { take, .. } => row("requested").set("quality_try", take),
        LineEvent::TakeWithdrawn { take } => row("withdrawn").set("quality_try", take),
        LineEvent::LineReopened { take, note, .. } => {
            row("reopened").set("quality_try", take).set("reason", note)
        }
        LineEvent::LineSpoken { take, .. } => row("spoken").set("quality_try", take),
        LineEvent::LineMissing { reason, .. } => row("missing").set("reason", reason),
        LineEvent::LineCancelled { .. } => row("cancelled"),
        LineEvent::RecordingReplaced { .. } => return None,
    })
}

fn of_attempt(event: &Recorded, fact: EffectEvent) -> Option<ViewOp> {
    Some(match fact {
        EffectEvent::AttemptFailed { message, .. } => row(event, "attempt_failed").set("reason", message),
        EffectEvent::AttemptLost { evidence, .. } => row(event, "attempt_lost").set("reason", evidence),
        EffectEvent::EffectParked { reason, .. } => row(event, "parked").set("reason", reason),
        EffectEvent::EffectDropped { .. } => row(event, "dropped"),
        EffectEvent::AttemptStarted { .. }
        | EffectEvent::EffectUnparked { .. }
        | EffectEvent::OutcomeRefused { .. } => return None,
    })
}

fn row(event: &Recorded, outcome: &str) -> ViewOp {
    ViewOp::put("task_outcomes", event.id)
        .set("task_id", event.stream.as_str())
        .set("outcome", outcome)
        .set("created_at", event.time.0)
}
