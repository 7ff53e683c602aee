//! Pictures, and what each was drawn from, by whom and how.

use hydra_events::record::Recorded;
use hydra_events::vocabulary::effect::EffectEvent;
use hydra_events::vocabulary::image::ImageEvent;
use hydra_events::vocabulary::terms::Made;
use hydra_events::wire::WireError;
use serde_json::json;

use super::EdgeKind;
use super::link::{End, link, link_with, recalls, subject, unlink};
use crate::view::{ViewOp, json, typed};

pub(super) fn image(event: &Recorded) -> Result<Vec<ViewOp>, WireError> {
    let image = End::stream(&event.stream);
    let state = |state: &str| vec![image.row().set("state", state)];
    let Some(fact) = typed::<ImageEvent>(event)? else { return attempt(event) };
    Ok(match fact {
        ImageEvent::ImageRequested { requester, chapter, brief, shows, recalled, .. } => {
            let mut ops = link(&End::stream(&requester), EdgeKind::Wants, &image);
            ops.extend(recalls(&image, recalled));
            ops.extend(link_with(&image, EdgeKind::Shows, &subject(&shows), json(&shows)));
            ops.extend(link(&image, EdgeKind::DrawnFrom, &End::file("brief", &brief)));
            ops.push(subject(&shows).labelled(shows.subject));
            let details = json!({ "chapter": chapter });
            ops.push(image.labelled(event.stream.id()).set("state", "requested").set("details", details));
            ops
        }
        ImageEvent::RequesterAdded { requester, .. } => {
            link(&End::stream(&requester), EdgeKind::Wants, &image)
        }
        ImageEvent::RequesterReleased { requester } => {
            vec![unlink(&End::stream(&requester), EdgeKind::Wants, &image)]
        }
        ImageEvent::ImageRendered { quality_try, made, seed, brief, .. } => {
            let render = render(event.stream.id(), quality_try);
            let mut ops = link(&image, EdgeKind::RenderedAs, &render);
            ops.extend(product(event, &render, &made));
            ops.extend(link(&render, EdgeKind::PromptedBy, &End::file("brief", &brief)));
            ops.extend(link(&render, EdgeKind::SeededWith, &End::named("seed", seed)));
            // As a text: a seed has more digits than some readers of numbers.
            let details = json!({ "try": quality_try, "seed": seed.to_string(), "made": json(&made) });
            ops.push(render.labelled(format!("try {quality_try}")).set("details", details));
            ops.push(image.row().set("state", "rendered"));
            ops
        }
        ImageEvent::ImageApproved { quality_try, made, .. } => {
            let (file, details) = (End::file("file", &made.blob), json!({ "try": quality_try }));
            let mut ops = link_with(&image, EdgeKind::ApprovedAs, &file, details);
            ops.push(image.row().set("state", "approved"));
            ops
        }
        ImageEvent::BriefRefused { .. } => state("refused"),
        ImageEvent::ImageRejected { .. } => state("rejected"),
        ImageEvent::RenderReopened { .. } => state("requested"),
        ImageEvent::ImageMissing { .. } => state("missing"),
        ImageEvent::ImageCancelled { .. } => state("cancelled"),
        ImageEvent::ImageSupplied { .. } | ImageEvent::PictureGivenUp { .. } => Vec::new(),
    })
}

/// The node of one drawing of a picture.
pub(super) fn render(image: &str, quality_try: u32) -> End {
    End::named("render", format!("{image}/{quality_try}"))
}

/// What an engine made, the file it came to, and the attempt that succeeded.
pub(super) fn product(event: &Recorded, product: &End, made: &Made) -> Vec<ViewOp> {
    let Made { blob, media_type, engine, engine_version, request, .. } = made;
    let file = End::file("file", blob);
    let (by, model) =
        (End::named("engine", engine), End::named("model", format!("{engine} {engine_version}")));
    let mut ops = link(&file, EdgeKind::MadeIn, product);
    ops.extend(link(product, EdgeKind::MadeBy, &by));
    ops.extend(link(product, EdgeKind::RanModel, &model));
    ops.extend(link(product, EdgeKind::AskedWith, &End::file("request", request)));
    ops.extend([file.labelled(media_type.clone()), by.labelled(engine.clone())]);
    ops.push(model.labelled(engine_version.clone()));
    if let Some(mark) = &event.effect {
        let attempt = tried(event, &mark.effect, mark.attempt);
        ops.extend(link(product, EdgeKind::After, &attempt));
    }
    ops
}

/// What became of an attempt at a picture or a line.
pub(super) fn attempt(event: &Recorded) -> Result<Vec<ViewOp>, WireError> {
    let tried = |effect: &str, attempt| tried(event, effect, attempt);
    Ok(match typed(event)? {
        Some(EffectEvent::AttemptStarted { effect, attempt, worker, instance, epoch, .. }) => {
            let tried = tried(&effect, attempt);
            let details = json!({ "worker": worker, "instance": instance, "epoch": epoch });
            let mut ops = link(&End::stream(&event.stream), EdgeKind::TriedIn, &tried);
            let row = tried.labelled(format!("{effect} {attempt}"));
            ops.push(row.set("state", "started").set("details", details));
            ops
        }
        Some(EffectEvent::AttemptFailed { effect, attempt, .. }) => {
            vec![tried(&effect, attempt).row().set("state", "failed")]
        }
        Some(EffectEvent::AttemptLost { effect, attempt, .. }) => {
            vec![tried(&effect, attempt).row().set("state", "lost")]
        }
        Some(EffectEvent::EffectParked { .. }) => {
            vec![End::stream(&event.stream).row().set("state", "parked")]
        }
        Some(
            EffectEvent::EffectUnparked { .. }
            | EffectEvent::EffectDropped { .. }
            | EffectEvent::OutcomeRefused { .. },
        )
        | None => Vec::new(),
    })
}

fn tried(event: &Recorded, effect: &str, attempt: u32) -> End {
    End::named("attempt", format!("{}/{effect}/{attempt}", event.stream))
}
