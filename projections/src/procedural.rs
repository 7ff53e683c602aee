//! The procedural memory: chapters, scenes, pictures, lines and orders with their outcomes, tasks and quality over time.

mod chapters;
mod documents;
mod images;
mod lines;
mod orders;
mod outcomes;

use hydra_events::record::{EffectRole, Recorded};
use hydra_events::vocabulary::character::CharacterEvent;
use hydra_events::vocabulary::effect::EffectEvent;
use hydra_events::vocabulary::policy::PolicyEvent;
use hydra_events::vocabulary::report::ReportEvent;
use hydra_events::wire::WireError;
use serde_json::json;

use crate::view::Kind::{Integer, Json, Real, Text, TextOr, Time};
use crate::view::Lasts::Always;
use crate::view::{Table, View, ViewOp, json, typed};

/// The view.
pub static VIEW: View = View { name: "procedural", version: 3, tables: TABLES, edges: None, apply };

const TABLES: &[Table] = &[
    Table {
        name: "chapters",
        columns: &[
            ("title", Text),
            ("stem", Text),
            ("screenplay", Text),
            ("cast_document", Text),
            ("revision", Integer),
            ("state", Text),
            ("plan", Text),
            ("scene_order", Json),
            ("scenes", Integer),
            ("scenes_closed", Integer),
            ("missing", Integer),
            ("completion", Integer),
            ("report", Text),
            ("requested_at", Time),
            ("completed_at", Time),
        ],
        indexes: &[],
        lasts: Always,
    },
    Table {
        name: "scenes",
        columns: &[
            ("chapter", Text),
            ("spec", Text),
            ("script", Text),
            ("state", Text),
            ("draft", Integer),
            ("images", Json),
            ("lines", Json),
            ("placeholders", Integer),
            ("supplied", Integer),
            ("missing", Integer),
        ],
        indexes: &["chapter"],
        lasts: Always,
    },
    Table {
        name: "scene_assets",
        columns: &[("scene", Text), ("asset", Text), ("state", Text), ("blob", Text), ("reason", Text)],
        indexes: &["scene", "asset"],
        lasts: Always,
    },
    Table {
        name: "images",
        columns: &[
            ("chapter", Text),
            ("kind", Text),
            ("subject", Text),
            ("outfit", Text),
            ("expression", Text),
            ("candidate", Integer),
            ("state", Text),
            ("brief", Text),
            ("quality_try", Integer),
            ("tries", Integer),
            ("blob", Text),
            ("media_type", Text),
            ("engine", Text),
            ("engine_version", Text),
            ("seed", Integer),
            ("duration_ms", Integer),
            ("request", Text),
            ("response", Text),
            ("scores", Json),
            ("decided_by", Json),
            ("policy", Integer),
            ("rejections", Json),
            ("missing_reason", Text),
            ("events", Json),
            ("attempts", Integer),
            ("crash_attempts", Integer),
        ],
        indexes: &["chapter", "blob"],
        lasts: Always,
    },
    Table {
        name: "lines",
        columns: &[
            ("chapter", Text),
            ("scene", Text),
            ("character", Text),
            ("state", Text),
            ("speech", Text),
            ("take", Integer),
            ("blob", Text),
            ("media_type", Text),
            ("engine", Text),
            ("engine_version", Text),
            ("voice", Text),
            ("length_ms", Integer),
            ("duration_ms", Integer),
            ("request", Text),
            ("response", Text),
            ("missing_reason", Text),
            ("events", Json),
            ("attempts", Integer),
            ("crash_attempts", Integer),
        ],
        indexes: &["chapter", "blob"],
        lasts: Always,
    },
    Table {
        name: "orders",
        columns: &[
            ("character", Text),
            ("scene", Text),
            ("chapter", Text),
            ("priority", Integer),
            ("images", Json),
            ("state", Text),
            ("supplied", Integer),
            ("missing", Integer),
            ("placed_at", Time),
            ("filled_at", Time),
        ],
        indexes: &[],
        lasts: Always,
    },
    Table {
        name: "characters",
        columns: &[("name", Text), ("profile", Text), ("edition", Integer), ("reference_count", Integer)],
        indexes: &[],
        lasts: Always,
    },
    Table {
        name: "documents",
        columns: &[
            ("title", Text),
            ("text", Text),
            ("state", Text),
            ("splitter", Text),
            ("passages", Integer),
            ("owner", Text),
            ("kept_at", Time),
        ],
        indexes: &[],
        lasts: Always,
    },
    Table {
        name: "generation_tasks",
        columns: &[
            ("character", Text),
            ("prompt", Text),
            ("workflow_id", Text),
            ("status", TextOr("pending")),
            ("aesthetic_score", Real),
            ("technical_score", Real),
            ("face_similarity", Real),
            ("output_path", Text),
            ("created_at", Time),
            ("completed_at", Time),
        ],
        indexes: &["character", "status"],
        lasts: Always,
    },
    Table {
        name: "quality_metrics",
        columns: &[
            ("task_id", Text),
            ("metric_type", Text),
            ("score", Real),
            ("details", Json),
            ("created_at", Time),
        ],
        indexes: &["task_id", "metric_type"],
        lasts: Always,
    },
    Table {
        name: "task_outcomes",
        columns: &[
            ("task_id", Text),
            ("quality_try", Integer),
            ("outcome", Text),
            ("reason", Text),
            ("created_at", Time),
        ],
        indexes: &["task_id", "outcome"],
        lasts: Always,
    },
    Table {
        name: "policies",
        columns: &[("value", Real), ("version", Integer), ("set_at", Time)],
        indexes: &[],
        lasts: Always,
    },
    Table {
        name: "policy_changes",
        columns: &[("key", Text), ("value", Real), ("version", Integer), ("set_at", Time)],
        indexes: &["key"],
        lasts: Always,
    },
];

fn apply(event: &Recorded) -> Result<Vec<ViewOp>, WireError> {
    let mut ops = match event.stream.category() {
        "chapter" => chapters::chapter(event)?,
        "scene" => chapters::scene(event)?,
        "image" => images::image(event)?,
        "review" => images::review(event)?,
        "line" => lines::line(event)?,
        "order" => orders::order(event)?,
        "character" => character(event)?,
        "policy" => policy(event)?,
        "knowledge" => documents::document(event)?,
        "report" => report(event)?,
        _ => Vec::new(),
    };
    ops.extend(attempts(event)?);
    ops.extend(outcomes::outcome(event)?);
    Ok(ops)
}

/// Attempts and the evidence of every event, for pictures and lines.
fn attempts(event: &Recorded) -> Result<Option<ViewOp>, WireError> {
    let table = match event.stream.category() {
        "image" => "images",
        "line" => "lines",
        _ => return Ok(None),
    };
    let evidence = json!({ "id": event.id, "position": event.position, "type": event.kind });
    let op = ViewOp::put(table, &event.stream).push("events", evidence);
    let started = event.effect.as_ref().is_some_and(|mark| mark.role == EffectRole::Attempt);
    let op = if started { op.add("attempts", 1) } else { op };
    Ok(Some(match typed::<EffectEvent>(event)? {
        Some(EffectEvent::AttemptLost { .. }) => op.add("crash_attempts", 1),
        Some(
            EffectEvent::AttemptStarted { .. }
            | EffectEvent::AttemptFailed { .. }
            | EffectEvent::EffectParked { .. }
            | EffectEvent::EffectUnparked { .. }
            | EffectEvent::EffectDropped { .. }
            | EffectEvent::OutcomeRefused { .. },
        )
        | None => op,
    }))
}

fn character(event: &Recorded) -> Result<Vec<ViewOp>, WireError> {
    let Some(fact) = typed::<CharacterEvent>(event)? else { return Ok(Vec::new()) };
    let CharacterEvent::CharacterDefined { name, profile, references, edition } = fact;
    let op =
        ViewOp::put("characters", event.stream.id()).set("name", name).set("profile", profile.to_string());
    Ok(vec![op.set("edition", edition).set("reference_count", references.len())])
}

fn policy(event: &Recorded) -> Result<Vec<ViewOp>, WireError> {
    let Some(fact) = typed::<PolicyEvent>(event)? else { return Ok(Vec::new()) };
    let values: Vec<(String, f64)> = match fact {
        PolicyEvent::DefaultsRecorded { values } => values.into_iter().collect(),
        PolicyEvent::PolicySet { key, to, .. } => vec![(key, to)],
    };
    let value = |op: ViewOp, value: f64| {
        op.set("value", value).set("version", event.version).set("set_at", event.time.0)
    };
    let changes = values.into_iter().flat_map(|(key, to)| {
        let change = ViewOp::put("policy_changes", format!("{key}/{}", event.version));
        [value(ViewOp::put("policies", &key), to), value(change.set("key", key), to)]
    });
    Ok(changes.collect())
}

fn report(event: &Recorded) -> Result<Vec<ViewOp>, WireError> {
    Ok(match typed::<ReportEvent>(event)? {
        Some(ReportEvent::ReportCompiled { report, .. }) => {
            vec![ViewOp::put("chapters", event.stream.id()).set("report", report.to_string())]
        }
        Some(ReportEvent::ReportRequested { .. } | ReportEvent::ReportSuperseded { .. }) | None => Vec::new(),
    })
}

/// The common cells of a finished file.
fn made(op: ViewOp, made: &hydra_events::vocabulary::terms::Made) -> ViewOp {
    op.set("blob", json(&made.blob))
        .set("media_type", made.media_type.clone())
        .set("engine", made.engine.clone())
        .set("engine_version", made.engine_version.clone())
        .set("request", json(&made.request))
        .set("response", json(&made.response))
        .set("duration_ms", made.duration_ms)
}
