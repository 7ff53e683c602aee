//! Chapters, scenes, orders and characters.

use hydra_events::StreamName;
use hydra_events::record::Recorded;
use hydra_events::vocabulary::chapter::{ChapterEvent, PlannedScene};
use hydra_events::vocabulary::character::CharacterEvent;
use hydra_events::vocabulary::order::OrderEvent;
use hydra_events::vocabulary::scene::SceneEvent;
use hydra_events::wire::WireError;
use serde_json::{Value, json};

use super::EdgeKind;
use super::link::{End, link, link_with, linked, recalls, unlink};
use super::talk::{silence_after, talks};
use crate::view::{ViewOp, json, typed};

pub(super) fn chapter(event: &Recorded) -> Result<Vec<ViewOp>, WireError> {
    let chapter = End::stream(&event.stream);
    Ok(match typed(event)? {
        Some(ChapterEvent::ChapterRequested { title, source, revision }) => {
            let screenplay = End::file("screenplay", &source.screenplay);
            let mut ops =
                link_with(&chapter, EdgeKind::MadeFrom, &screenplay, json!({ "revision": revision }));
            ops.extend(link(&chapter, EdgeKind::CastFrom, &End::file("cast", &source.cast)));
            ops.extend([screenplay.labelled(source.stem), chapter.labelled(title).set("state", "requested")]);
            ops
        }
        Some(ChapterEvent::ChapterPlanned { scenes, dropped, .. }) => {
            let mut ops = planned(&chapter, &scenes);
            for scene in dropped {
                let scene = End::stream(&scene);
                ops.extend([unlink(&chapter, EdgeKind::HasScene, &scene), first(&scene)]);
            }
            ops.push(chapter.row().set("state", "planned"));
            ops
        }
        Some(ChapterEvent::ChapterCompleted { .. }) => vec![chapter.row().set("state", "completed")],
        Some(ChapterEvent::ChapterReopened { .. }) => vec![chapter.row().set("state", "planned")],
        Some(ChapterEvent::ChapterCancelled { .. }) => vec![chapter.row().set("state", "cancelled")],
        Some(
            ChapterEvent::PlanWithdrawn { .. }
            | ChapterEvent::ChapterSceneClosed { .. }
            | ChapterEvent::ChapterSceneReopened { .. },
        )
        | None => Vec::new(),
    })
}

/// The scenes of a chapter, each after the one before.
fn planned(chapter: &End, scenes: &[PlannedScene]) -> Vec<ViewOp> {
    let (mut ops, mut before): (Vec<ViewOp>, Option<End>) = (Vec::new(), None);
    for (place, planned) in (1_u64..).zip(scenes) {
        let scene = End::stream(&planned.scene);
        ops.extend(link_with(chapter, EdgeKind::HasScene, &scene, json!({ "place": place })));
        ops.extend(link(&scene, EdgeKind::SpecifiedBy, &End::file("specification", &planned.spec)));
        ops.push(scene.labelled(planned.scene.id()));
        match &before {
            Some(before) => {
                ops.extend(linked(follows(&scene), &scene, EdgeKind::Follows, before, 1, Value::Null));
            }
            None => ops.push(first(&scene)),
        }
        before = Some(scene);
    }
    ops
}

/// A scene comes after one other at most, whichever that is.
fn follows(scene: &End) -> String {
    format!("{} {}", EdgeKind::Follows.name(), scene.id())
}

/// A scene comes after no other.
fn first(scene: &End) -> ViewOp {
    ViewOp::delete("edges", follows(scene))
}

pub(super) fn scene(event: &Recorded) -> Result<Vec<ViewOp>, WireError> {
    let scene = End::stream(&event.stream);
    Ok(match typed(event)? {
        Some(SceneEvent::SceneOpened { chapter, spec, draft, .. }) => {
            let mut ops = link(&scene, EdgeKind::SpecifiedBy, &End::file("specification", &spec));
            ops.push(scene.labelled(event.stream.id()).set("state", "opened"));
            ops.push(scene.row().set("details", json!({ "chapter": chapter, "draft": draft })));
            ops
        }
        Some(SceneEvent::SceneWritten {
            chapter, script, images, lines, draft, released, recalled, ..
        }) => {
            let mut ops: Vec<ViewOp> = releases(&scene, &released).collect();
            ops.extend(recalls(&scene, recalled));
            let details = json!({ "draft": draft });
            ops.extend(link_with(&scene, EdgeKind::WrittenAs, &End::file("script", &script), details));
            let assets =
                images.iter().map(|wanted| &wanted.image).chain(lines.iter().map(|wanted| &wanted.line));
            ops.extend(wants(&scene, assets));
            ops.extend(images.iter().flat_map(|wanted| {
                let subject = super::link::subject(&wanted.shows);
                link_with(&End::stream(&wanted.image), EdgeKind::Shows, &subject, json(&wanted.shows))
            }));
            ops.extend(lines.iter().flat_map(|wanted| {
                let speaker = End::named("character", &wanted.character);
                link(&speaker, EdgeKind::Speaks, &End::stream(&wanted.line))
            }));
            ops.extend(talks(&event.stream, &chapter, &lines, &images));
            ops.push(scene.row().set("state", "written"));
            ops
        }
        Some(SceneEvent::SceneClosed { .. }) => vec![scene.row().set("state", "closed")],
        Some(SceneEvent::SceneReopened { .. }) => vec![scene.row().set("state", "written")],
        Some(SceneEvent::SceneCancelled { released, .. }) => {
            let gone = releases(&scene, &released).chain(silence_after(&event.stream, 0));
            gone.chain([scene.row().set("state", "cancelled")]).collect()
        }
        Some(
            SceneEvent::DraftWithdrawn { .. }
            | SceneEvent::SceneAssetSupplied { .. }
            | SceneEvent::SceneAssetMissing { .. }
            | SceneEvent::SceneAssetReopened { .. },
        )
        | None => Vec::new(),
    })
}

pub(super) fn order(event: &Recorded) -> Result<Vec<ViewOp>, WireError> {
    let order = End::stream(&event.stream);
    Ok(match typed(event)? {
        Some(OrderEvent::OrderPlaced { character, scene, images, chapter, .. }) => {
            let mut ops = link(&order, EdgeKind::Portrays, &End::named("character", character));
            ops.extend(wants(&order, images.iter().map(|wanted| &wanted.image)));
            if let Some(chapter) = chapter {
                ops.extend(link(&order, EdgeKind::OrderedFor, &End::named("chapter", chapter)));
            }
            ops.push(order.labelled(scene).set("state", "placed"));
            ops
        }
        Some(OrderEvent::OrderFilled { .. }) => vec![order.row().set("state", "filled")],
        Some(OrderEvent::OrderCancelled { released, .. }) => {
            releases(&order, &released).chain([order.row().set("state", "cancelled")]).collect()
        }
        Some(
            OrderEvent::OrderImageSupplied { .. }
            | OrderEvent::OrderImageMissing { .. }
            | OrderEvent::OrderImageReopened { .. },
        )
        | None => Vec::new(),
    })
}

pub(super) fn character(event: &Recorded) -> Result<Vec<ViewOp>, WireError> {
    let Some(fact) = typed::<CharacterEvent>(event)? else { return Ok(Vec::new()) };
    let CharacterEvent::CharacterDefined { name, profile, references, edition } = fact;
    let character = End::stream(&event.stream);
    let details = json!({ "edition": edition });
    let mut ops = link_with(&character, EdgeKind::DescribedBy, &End::file("profile", &profile), details);
    for reference in references {
        let file = End::file("reference", &reference.blob);
        ops.push(file.labelled(reference.purpose.clone()));
        // Where it comes from and who agreed stands with it.
        let details = json!({ "edition": edition, "reference": json(&reference) });
        ops.extend(link_with(&character, EdgeKind::KnownBy, &file, details));
    }
    ops.push(character.labelled(name).set("details", json!({ "edition": edition })));
    Ok(ops)
}

/// What a scene or an order wants, in that order.
fn wants<'a>(requester: &End, assets: impl Iterator<Item = &'a StreamName>) -> Vec<ViewOp> {
    let wants = |(place, asset): (u64, &StreamName)| {
        link_with(requester, EdgeKind::Wants, &End::stream(asset), json!({ "place": place }))
    };
    (1..).zip(assets).flat_map(wants).collect()
}

fn releases<'a>(requester: &'a End, released: &'a [StreamName]) -> impl Iterator<Item = ViewOp> + 'a {
    released.iter().map(move |asset| unlink(requester, EdgeKind::Wants, &End::stream(asset)))
}
