//! Pictures, their tasks, and what was measured on them.

use hydra_events::record::Recorded;
use hydra_events::vocabulary::image::ImageEvent;
use hydra_events::vocabulary::review::ReviewEvent;
use hydra_events::vocabulary::terms::{Score, ScoreName};
use hydra_events::wire::WireError;
use serde_json::{Value, json as object};

use super::made;
use crate::view::{ViewOp, json, typed};

pub(super) fn image(event: &Recorded) -> Result<Vec<ViewOp>, WireError> {
    let Some(fact) = typed::<ImageEvent>(event)? else { return Ok(Vec::new()) };
    let row = || ViewOp::put("images", &event.stream);
    let task = || ViewOp::put("generation_tasks", &event.stream);
    Ok(match fact {
        ImageEvent::ImageRequested { chapter, brief, shows, .. } => {
            let op = row().set("chapter", chapter).set("brief", json(&brief)).set("state", "rendering");
            let op = op.set("kind", json(&shows.kind)).set("subject", shows.subject.clone());
            let op = op.set("outfit", shows.outfit).set("expression", shows.expression);
            let op = op.set("candidate", shows.candidate).set("tries", 1);
            let task = task().set("character", shows.subject).set("prompt", json(&brief));
            vec![op, task.set("status", "pending").set("created_at", event.time.0)]
        }
        ImageEvent::ImageRendered { quality_try, made: product, seed, .. } => {
            let op = made(row(), &product).set("quality_try", quality_try).set("seed", seed);
            let task = task().set("workflow_id", format!("{} {}", product.engine, product.engine_version));
            vec![op.set("state", "in_review"), task.set("status", "in_review")]
        }
        ImageEvent::BriefRefused { reason } => {
            vec![row().set("state", "refused").set("missing_reason", reason), task().set("status", "refused")]
        }
        ImageEvent::ImageRejected { quality_try, reasons, by } => {
            let rejection = object!({ "quality_try": quality_try, "reasons": reasons, "by": by });
            vec![
                row().set("state", "rejected").push("rejections", rejection),
                task().set("status", "rejected"),
            ]
        }
        ImageEvent::RenderReopened { quality_try, .. } => {
            let op =
                row().set("state", "rendering").set("tries", quality_try).set("missing_reason", Value::Null);
            vec![op, task().set("status", "pending").set("completed_at", Value::Null)]
        }
        ImageEvent::ImageApproved { quality_try, made: product, seed, scores, by, policy, .. } => {
            let op = made(row(), &product).set("quality_try", quality_try).set("seed", seed);
            let op = op.set("scores", json(&scores)).set("decided_by", json(&by)).set("policy", policy);
            let task =
                scored(task(), &scores).set("status", "approved").set("output_path", json(&product.blob));
            vec![op.set("state", "approved"), task.set("completed_at", event.time.0)]
        }
        ImageEvent::ImageMissing { reason, .. } => {
            vec![
                row().set("missing_reason", reason),
                task().set("status", "missing").set("completed_at", event.time.0),
            ]
        }
        ImageEvent::ImageCancelled { .. } => {
            vec![
                row().set("state", "cancelled"),
                task().set("status", "cancelled").set("completed_at", event.time.0),
            ]
        }
        ImageEvent::RequesterAdded { .. }
        | ImageEvent::ImageSupplied { .. }
        | ImageEvent::PictureGivenUp { .. }
        | ImageEvent::RequesterReleased { .. } => Vec::new(),
    })
}

pub(super) fn review(event: &Recorded) -> Result<Vec<ViewOp>, WireError> {
    Ok(match typed::<ReviewEvent>(event)? {
        Some(ReviewEvent::PictureScored { quality_try, scores, duration_ms }) => {
            let image = format!("image-{}", event.stream.id());
            let measured = scores.iter().filter(|score| score.value.is_some());
            let metric = |score: &Score| {
                let name = json(&score.name);
                let key = format!("{}/{}", event.id, name.as_str().unwrap_or_default());
                let details =
                    object!({ "metric": score.metric, "version": score.version, "quality_try": quality_try });
                let op = ViewOp::put("quality_metrics", key)
                    .set("task_id", image.clone())
                    .set("metric_type", name);
                op.set("score", json(&score.value)).set("details", details).set("created_at", event.time.0)
            };
            let image_row = ViewOp::put("images", &image).set("scores", json(&scores));
            let task = scored(ViewOp::put("generation_tasks", &image), &scores);
            let time = ViewOp::put("quality_metrics", format!("{}/duration", event.id))
                .set("task_id", image.clone())
                .set("metric_type", "scoring_ms")
                .set("score", duration_ms as f64)
                .set("details", object!({ "quality_try": quality_try }))
                .set("created_at", event.time.0);
            measured.map(metric).chain([image_row, task, time]).collect()
        }
        Some(_) | None => Vec::new(),
    })
}

fn scored(op: ViewOp, scores: &[Score]) -> ViewOp {
    let value = |name| json(&scores.iter().find(|score| score.name == name).and_then(|score| score.value));
    op.set("aesthetic_score", value(ScoreName::Aesthetic))
        .set("technical_score", value(ScoreName::Technical))
        .set("face_similarity", value(ScoreName::Likeness))
}
