//! The associative memory: who and what is connected with what, from chapter to blob.

use hydra_events::record::Recorded;
use hydra_events::vocabulary::chapter::ChapterEvent;
use hydra_events::vocabulary::image::ImageEvent;
use hydra_events::vocabulary::line::LineEvent;
use hydra_events::vocabulary::review::ReviewEvent;
use hydra_events::vocabulary::scene::SceneEvent;
use hydra_events::vocabulary::terms::{Made, ShownKind, Shows};
use hydra_events::wire::WireError;

use crate::view::Kind::{Integer, Text};
use crate::view::{Table, View, ViewOp, typed};

/// The view.
pub static VIEW: View = View { name: "associative", version: 1, tables: TABLES, apply };

const TABLES: &[Table] = &[
    Table { name: "nodes", columns: &[("kind", Text), ("label", Text)], indexes: &["kind"] },
    Table {
        name: "edges",
        columns: &[("source", Text), ("target", Text), ("kind", Text), ("weight", Integer)],
        indexes: &["source", "target"],
    },
];

fn apply(event: &Recorded) -> Result<Vec<ViewOp>, WireError> {
    Ok(match event.stream.category() {
        "chapter" => typed(event)?.map(|fact| chapter(event, fact)).unwrap_or_default(),
        "scene" => typed(event)?.map(|fact| scene(event, fact)).unwrap_or_default(),
        "image" => typed(event)?.map(|fact| image(event, fact)).unwrap_or_default(),
        "line" => typed(event)?.map(|fact| line(event, fact)).unwrap_or_default(),
        "review" => typed(event)?.map(|fact| review(event, fact)).unwrap_or_default(),
        _ => Vec::new(),
    })
}

fn node(id: impl ToString, kind: &str, label: impl Into<String>) -> ViewOp {
    ViewOp::put("nodes", id).set("kind", kind).set("label", label.into())
}

fn edge(source: impl ToString, kind: &str, target: impl ToString) -> ViewOp {
    let (source, target) = (source.to_string(), target.to_string());
    let op = ViewOp::put("edges", format!("{source} {kind} {target}")).set("kind", kind);
    op.set("source", source).set("target", target).add("weight", 1)
}

fn chapter(event: &Recorded, fact: ChapterEvent) -> Vec<ViewOp> {
    match fact {
        ChapterEvent::ChapterRequested { title, source, .. } => {
            let screenplay = format!("blob-{}", source.screenplay);
            vec![
                node(&event.stream, "chapter", title),
                node(&screenplay, "screenplay", source.stem),
                edge(&event.stream, "made_from", screenplay),
            ]
        }
        ChapterEvent::ChapterPlanned { scenes, .. } => {
            scenes.into_iter().map(|planned| edge(&event.stream, "has_scene", planned.scene)).collect()
        }
        ChapterEvent::PlanWithdrawn { .. }
        | ChapterEvent::ChapterSceneClosed { .. }
        | ChapterEvent::ChapterSceneReopened { .. }
        | ChapterEvent::ChapterCompleted { .. }
        | ChapterEvent::ChapterReopened { .. }
        | ChapterEvent::ChapterCancelled { .. } => Vec::new(),
    }
}

fn scene(event: &Recorded, fact: SceneEvent) -> Vec<ViewOp> {
    match fact {
        SceneEvent::SceneWritten { images, lines, .. } => {
            let images = images.into_iter().map(|wanted| edge(&event.stream, "wants", wanted.image));
            let lines = lines.into_iter().map(|wanted| edge(&event.stream, "wants", wanted.line));
            std::iter::once(node(&event.stream, "scene", event.stream.id()))
                .chain(images)
                .chain(lines)
                .collect()
        }
        SceneEvent::SceneOpened { .. }
        | SceneEvent::DraftWithdrawn { .. }
        | SceneEvent::SceneAssetSupplied { .. }
        | SceneEvent::SceneAssetMissing { .. }
        | SceneEvent::SceneAssetReopened { .. }
        | SceneEvent::SceneClosed { .. }
        | SceneEvent::SceneReopened { .. }
        | SceneEvent::SceneCancelled { .. } => Vec::new(),
    }
}

fn image(event: &Recorded, fact: ImageEvent) -> Vec<ViewOp> {
    match fact {
        ImageEvent::ImageRequested { brief, shows, .. } => {
            let brief = format!("blob-{brief}");
            let (subject, kind) = subject(&shows);
            vec![
                node(&event.stream, "image", event.stream.id()),
                node(&subject, kind, shows.subject),
                node(&brief, "brief", "brief"),
                edge(&event.stream, "shows", subject),
                edge(&event.stream, "drawn_from", brief),
            ]
        }
        ImageEvent::ImageRendered { made, .. } => product(event, &made),
        ImageEvent::ImageApproved { made, .. } => {
            vec![edge(&event.stream, "approved_as", format!("blob-{}", made.blob))]
        }
        ImageEvent::RequesterAdded { .. }
        | ImageEvent::BriefRefused { .. }
        | ImageEvent::ImageRejected { .. }
        | ImageEvent::RenderReopened { .. }
        | ImageEvent::ImageSupplied { .. }
        | ImageEvent::ImageMissing { .. }
        | ImageEvent::RequesterReleased { .. }
        | ImageEvent::PictureGivenUp { .. }
        | ImageEvent::ImageCancelled { .. } => Vec::new(),
    }
}

fn line(event: &Recorded, fact: LineEvent) -> Vec<ViewOp> {
    match fact {
        LineEvent::LineRequested { character, .. } => {
            let speaker = format!("character-{character}");
            vec![
                node(&event.stream, "line", event.stream.id()),
                node(&speaker, "character", character),
                edge(speaker, "speaks", &event.stream),
            ]
        }
        LineEvent::LineSpoken { made, .. } => product(event, &made),
        LineEvent::TakeWithdrawn { .. }
        | LineEvent::RecordingReplaced { .. }
        | LineEvent::LineMissing { .. }
        | LineEvent::LineReopened { .. }
        | LineEvent::LineCancelled { .. } => Vec::new(),
    }
}

fn review(event: &Recorded, fact: ReviewEvent) -> Vec<ViewOp> {
    match fact {
        ReviewEvent::ReviewApproved { image, .. } => vec![edge(&event.stream, "approved", image)],
        ReviewEvent::ReviewRejected { image, .. } => vec![edge(&event.stream, "rejected", image)],
        ReviewEvent::ReviewOpened { .. }
        | ReviewEvent::ReviewSuperseded { .. }
        | ReviewEvent::ReviewWithdrawn { .. }
        | ReviewEvent::PictureScored { .. }
        | ReviewEvent::PictureRefused { .. }
        | ReviewEvent::ReviewUndecided { .. } => Vec::new(),
    }
}

/// A file came from an engine.
fn product(event: &Recorded, made: &Made) -> Vec<ViewOp> {
    let (blob, engine) =
        (format!("blob-{}", made.blob), format!("engine-{} {}", made.engine, made.engine_version));
    vec![
        node(&blob, "blob", made.media_type.clone()),
        node(&engine, "engine", made.engine.clone()),
        edge(&event.stream, "became", &blob),
        edge(blob, "made_by", engine),
    ]
}

fn subject(shows: &Shows) -> (String, &'static str) {
    match shows.kind {
        ShownKind::Bust => (format!("character-{}", shows.subject), "character"),
        ShownKind::Background => (format!("place-{}", shows.subject), "place"),
    }
}
