//! Chapters and their scenes.

use hydra_events::record::Recorded;
use hydra_events::vocabulary::chapter::ChapterEvent;
use hydra_events::vocabulary::scene::SceneEvent;
use hydra_events::wire::WireError;
use serde_json::Value;

use crate::view::{ViewOp, json, typed};

pub(super) fn chapter(event: &Recorded) -> Result<Vec<ViewOp>, WireError> {
    let Some(fact) = typed::<ChapterEvent>(event)? else { return Ok(Vec::new()) };
    let row = || ViewOp::put("chapters", event.stream.id());
    Ok(vec![match fact {
        ChapterEvent::ChapterRequested { title, source, revision } => row()
            .set("title", title)
            .set("stem", source.stem)
            .set("screenplay", json(&source.screenplay))
            .set("cast_document", json(&source.cast))
            .set("revision", revision)
            .set("state", "planning")
            .set("requested_at", event.time.0)
            .set("completed_at", Value::Null),
        ChapterEvent::ChapterPlanned { plan, scenes, .. } => row()
            .set("plan", json(&plan))
            .set("scenes", scenes.len())
            .set("scene_order", json(&scenes.iter().map(|planned| &planned.scene).collect::<Vec<_>>()))
            .set("state", "producing"),
        ChapterEvent::PlanWithdrawn { .. } => row(),
        ChapterEvent::ChapterSceneClosed { .. } => row().add("scenes_closed", 1),
        ChapterEvent::ChapterSceneReopened { .. } => row().add("scenes_closed", -1),
        ChapterEvent::ChapterCompleted { missing, completion, .. } => row()
            .set("state", "completed")
            .set("missing", missing)
            .set("completion", completion)
            .set("completed_at", event.time.0),
        ChapterEvent::ChapterReopened { .. } => {
            row().set("state", "producing").set("completed_at", Value::Null)
        }
        ChapterEvent::ChapterCancelled { .. } => row().set("state", "cancelled"),
    }])
}

pub(super) fn scene(event: &Recorded) -> Result<Vec<ViewOp>, WireError> {
    let Some(fact) = typed::<SceneEvent>(event)? else { return Ok(Vec::new()) };
    let row = || ViewOp::put("scenes", &event.stream);
    let asset = |asset: &hydra_events::StreamName, state: &str| {
        let key = format!("{}/{asset}", event.stream);
        let op = ViewOp::put("scene_assets", key).set("scene", event.stream.as_str());
        op.set("asset", asset.as_str()).set("state", state)
    };
    let gone = |asset: &hydra_events::StreamName| {
        ViewOp::delete("scene_assets", format!("{}/{asset}", event.stream))
    };
    Ok(match fact {
        SceneEvent::SceneOpened { chapter, spec, draft, .. } => {
            let op = row().set("chapter", chapter.id()).set("spec", json(&spec)).set("draft", draft);
            vec![op.set("state", "writing")]
        }
        SceneEvent::SceneWritten { script, images, lines, placeholders, released, .. } => {
            let op =
                row().set("script", json(&script)).set("state", "waiting").set("placeholders", placeholders);
            let op = op.set("images", json(&images)).set("lines", json(&lines));
            let wanted = images.iter().map(|w| &w.image).chain(lines.iter().map(|w| &w.line));
            let wanted = wanted.map(|name| {
                let key = format!("{}/{name}", event.stream);
                let op = ViewOp::put("scene_assets", key).set("scene", event.stream.as_str());
                op.set("asset", name.as_str())
            });
            std::iter::once(op).chain(wanted).chain(released.iter().map(gone)).collect()
        }
        SceneEvent::DraftWithdrawn { .. } => Vec::new(),
        SceneEvent::SceneAssetSupplied { asset: name, blob } => {
            vec![asset(&name, "supplied").set("blob", json(&blob)).set("reason", Value::Null)]
        }
        SceneEvent::SceneAssetMissing { asset: name, reason } => {
            vec![asset(&name, "missing").set("blob", Value::Null).set("reason", reason)]
        }
        SceneEvent::SceneAssetReopened { asset: name } => {
            vec![asset(&name, "waiting").set("reason", Value::Null)]
        }
        SceneEvent::SceneClosed { supplied, missing, .. } => {
            vec![row().set("state", "closed").set("supplied", supplied).set("missing", missing)]
        }
        SceneEvent::SceneReopened { .. } => vec![row().set("state", "waiting")],
        SceneEvent::SceneCancelled { released, .. } => {
            std::iter::once(row().set("state", "cancelled")).chain(released.iter().map(gone)).collect()
        }
    })
}
