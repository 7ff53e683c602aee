//! Lines of dialogue and their tasks.

use hydra_events::record::Recorded;
use hydra_events::vocabulary::line::LineEvent;
use hydra_events::wire::WireError;
use serde_json::Value;

use super::made;
use crate::view::{ViewOp, json, typed};

pub(super) fn line(event: &Recorded) -> Result<Vec<ViewOp>, WireError> {
    let Some(fact) = typed::<LineEvent>(event)? else { return Ok(Vec::new()) };
    let row = || ViewOp::put("lines", &event.stream);
    let task = || ViewOp::put("generation_tasks", &event.stream);
    Ok(match fact {
        LineEvent::LineRequested { scene, chapter, speech, character, take } => {
            let op = row().set("scene", scene.as_str()).set("chapter", chapter).set("speech", json(&speech));
            let op = op.set("character", character.clone()).set("take", take).set("state", "speaking");
            let task =
                task().set("character", character).set("prompt", json(&speech)).set("status", "pending");
            vec![op.set("missing_reason", Value::Null), task.set("created_at", event.time.0)]
        }
        LineEvent::LineSpoken { made: product, voice, length_ms, take, .. } => {
            let op = made(row(), &product).set("voice", voice).set("length_ms", length_ms).set("take", take);
            let task = task().set("workflow_id", format!("{} {}", product.engine, product.engine_version));
            let task = task.set("status", "spoken").set("output_path", json(&product.blob));
            vec![op.set("state", "spoken"), task.set("completed_at", event.time.0)]
        }
        LineEvent::LineMissing { reason, .. } => {
            let op = row().set("state", "missing").set("missing_reason", reason);
            vec![op, task().set("status", "missing").set("completed_at", event.time.0)]
        }
        LineEvent::TakeWithdrawn { .. } | LineEvent::RecordingReplaced { .. } => Vec::new(),
        LineEvent::LineReopened { .. } => {
            let op = row().set("state", "speaking").set("missing_reason", Value::Null);
            vec![op, task().set("status", "pending")]
        }
        LineEvent::LineCancelled { .. } => {
            vec![
                row().set("state", "cancelled"),
                task().set("status", "cancelled").set("completed_at", event.time.0),
            ]
        }
    })
}
