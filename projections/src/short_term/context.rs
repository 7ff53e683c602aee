//! What is over after an hour: what every actor is doing, and what a chapter is being made with: the scene at hand, the
//! prompts that were last given to the engines, and which of them are pending.

use hydra_events::StreamName;
use hydra_events::record::Recorded;
use hydra_events::vocabulary::chapter::ChapterEvent;
use hydra_events::vocabulary::image::ImageEvent;
use hydra_events::vocabulary::line::LineEvent;
use hydra_events::vocabulary::scene::SceneEvent;
use hydra_events::vocabulary::terms::Shows;
use hydra_events::wire::WireError;
use serde_json::Value;

use crate::view::{ViewOp, json, typed};

/// What the actor that decided this event is doing.
pub(super) fn doing(event: &Recorded) -> ViewOp {
    let mark = event.effect.as_ref();
    now(event, ViewOp::put("doing", &event.actor))
        .set("stream", event.stream.as_str())
        .set("event", event.kind.name())
        .set("effect", mark.map_or(Value::Null, |mark| mark.effect.clone().into()))
        .set("role", mark.map_or(Value::Null, |mark| mark.role.as_str().into()))
        .set("attempt", mark.map_or(Value::Null, |mark| mark.attempt.into()))
}

pub(super) fn chapter(event: &Recorded) -> Result<Vec<ViewOp>, WireError> {
    let Some(fact) = typed::<ChapterEvent>(event)? else { return Ok(Vec::new()) };
    let op = context(event, event.stream.id());
    Ok(vec![match fact {
        ChapterEvent::ChapterRequested { title, revision, .. } => {
            op.set("title", title).set("revision", revision).set("state", "requested")
        }
        ChapterEvent::ChapterPlanned { revision, .. } => op.set("revision", revision).set("state", "planned"),
        ChapterEvent::ChapterSceneClosed { scene, .. } | ChapterEvent::ChapterSceneReopened { scene } => {
            op.set("scene", scene.as_str())
        }
        ChapterEvent::ChapterCompleted { .. } => op.set("state", "completed"),
        ChapterEvent::ChapterReopened { .. } => op.set("state", "reopened"),
        ChapterEvent::ChapterCancelled { .. } => op.set("state", "cancelled"),
        ChapterEvent::PlanWithdrawn { .. } => op,
    }])
}

pub(super) fn scene(event: &Recorded) -> Result<Vec<ViewOp>, WireError> {
    let Some(fact) = typed::<SceneEvent>(event)? else { return Ok(Vec::new()) };
    let at_hand = |chapter: &StreamName| context(event, chapter.id()).set("scene", event.stream.as_str());
    Ok(match fact {
        SceneEvent::SceneOpened { chapter, revision, draft, .. } => {
            vec![at_hand(&chapter).set("revision", revision).set("draft", draft)]
        }
        SceneEvent::SceneWritten { chapter, draft, .. } => vec![at_hand(&chapter).set("draft", draft)],
        SceneEvent::SceneClosed { chapter, .. } | SceneEvent::SceneReopened { chapter, .. } => {
            vec![at_hand(&chapter)]
        }
        SceneEvent::DraftWithdrawn { .. }
        | SceneEvent::SceneAssetSupplied { .. }
        | SceneEvent::SceneAssetMissing { .. }
        | SceneEvent::SceneAssetReopened { .. }
        | SceneEvent::SceneCancelled { .. } => Vec::new(),
    })
}

pub(super) fn image(event: &Recorded) -> Result<Vec<ViewOp>, WireError> {
    let Some(fact) = typed::<ImageEvent>(event)? else { return Ok(Vec::new()) };
    let shown = |op: ViewOp, shows: &Shows| op.set("kind", json(&shows.kind)).set("subject", &*shows.subject);
    let (op, asset) = (prompt(event), event.stream.as_str());
    Ok(match fact {
        ImageEvent::ImageRequested { requester, chapter, brief, shows, .. } => {
            let given = context(event, &chapter).set("asset", asset).set("prompt", json(&brief));
            let op = shown(op, &shows).set("chapter", chapter).set("requester", requester.as_str());
            vec![given, op.set("prompt", json(&brief)).set("take", 1).set("state", "pending")]
        }
        ImageEvent::ImageRendered { quality_try, brief, shows, chapter, .. } => {
            let op = shown(op, &shows).set("chapter", chapter).set("prompt", json(&brief));
            vec![op.set("take", quality_try).set("state", "rendered")]
        }
        ImageEvent::ImageApproved { quality_try, shows, chapter, .. } => {
            let op = shown(op, &shows).set("chapter", chapter);
            vec![op.set("take", quality_try).set("state", "made")]
        }
        ImageEvent::RenderReopened { quality_try, note, .. } => {
            vec![op.set("take", quality_try).set("note", note).set("state", "pending")]
        }
        ImageEvent::ImageRejected { reasons, .. } => {
            vec![op.set("note", reasons.join("; ")).set("state", "rejected")]
        }
        ImageEvent::BriefRefused { reason } => vec![op.set("note", reason).set("state", "refused")],
        ImageEvent::ImageMissing { reason, .. } => vec![op.set("note", reason).set("state", "missing")],
        ImageEvent::ImageCancelled { .. } => vec![ViewOp::delete("generation_prompts", asset)],
        ImageEvent::RequesterAdded { .. }
        | ImageEvent::ImageSupplied { .. }
        | ImageEvent::PictureGivenUp { .. }
        | ImageEvent::RequesterReleased { .. } => Vec::new(),
    })
}

pub(super) fn line(event: &Recorded) -> Result<Vec<ViewOp>, WireError> {
    let Some(fact) = typed::<LineEvent>(event)? else { return Ok(Vec::new()) };
    let (op, asset) = (prompt(event).set("kind", "line"), event.stream.as_str());
    Ok(match fact {
        LineEvent::LineRequested { scene, chapter, speech, character, take } => {
            let given = context(event, &chapter).set("asset", asset).set("prompt", json(&speech));
            let op = op.set("chapter", chapter).set("requester", scene.as_str()).set("subject", character);
            vec![given, op.set("prompt", json(&speech)).set("take", take).set("state", "pending")]
        }
        LineEvent::LineSpoken { scene, chapter, character, take, .. } => {
            let op = op.set("chapter", chapter).set("requester", scene.as_str()).set("subject", character);
            vec![op.set("take", take).set("state", "made")]
        }
        LineEvent::LineReopened { take, note, .. } => {
            vec![op.set("take", take).set("note", note).set("state", "pending")]
        }
        LineEvent::LineMissing { reason, .. } => vec![op.set("note", reason).set("state", "missing")],
        LineEvent::LineCancelled { .. } => vec![ViewOp::delete("generation_prompts", asset)],
        LineEvent::TakeWithdrawn { .. } | LineEvent::RecordingReplaced { .. } => Vec::new(),
    })
}

/// What is known of the chapter, or of the order, with this id.
fn context(event: &Recorded, id: &str) -> ViewOp {
    now(event, ViewOp::put("generation_contexts", id)).set("event", event.kind.name())
}

/// What is known of the prompt of the picture or line that this event is about.
fn prompt(event: &Recorded) -> ViewOp {
    now(event, ViewOp::put("generation_prompts", &event.stream))
}

fn now(event: &Recorded, op: ViewOp) -> ViewOp {
    op.set("at", event.time.0).set("position", event.position)
}
