//! What a run shows of itself on standard error: a line a scene, image and line, as they come.

use hydra_actors::registry::typed;
use hydra_bus::{Reader, ReaderError};
use hydra_events::StreamName;
use hydra_events::log::LogError;
use hydra_events::record::Recorded;
use hydra_events::vocabulary::chapter::ChapterEvent;
use hydra_events::vocabulary::effect::EffectEvent;
use hydra_events::vocabulary::image::ImageEvent;
use hydra_events::vocabulary::line::LineEvent;
use hydra_events::vocabulary::scene::SceneEvent;
use hydra_events::vocabulary::terms::{Score, ScoreName, Shows};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::app::AWAY;
use crate::print;

const BATCH: usize = 256;

/// Shows what `reader` reads until `stop`.
pub fn show(mut reader: Reader, stop: CancellationToken) -> JoinHandle<()> {
    #[expect(clippy::disallowed_methods, reason = "joined by its caller")]
    tokio::spawn(async move {
        let mut counts = Counts::default();
        loop {
            let events = tokio::select! {
                () = stop.cancelled() => return,
                events = reader.next(BATCH) => events,
            };
            match events {
                Ok(events) => {
                    let lines = events.iter().filter_map(|event| line(event, &mut counts));
                    lines.for_each(print::progress);
                }
                Err(ReaderError::Log(LogError::Store(error))) => {
                    tracing::info!(%error, "progress is shown again when the log is back");
                    tokio::time::sleep(AWAY).await;
                }
                Err(ReaderError::Log(error)) => {
                    tracing::warn!(%error, "progress is not shown");
                    return;
                }
                Err(ReaderError::Bus(_)) => return,
            }
        }
    })
}

#[derive(Default)]
struct Counts {
    scenes: usize,
    closed: usize,
    images: usize,
    lines: usize,
}

/// What `event` means to somebody who waits.
fn line(event: &Recorded, counts: &mut Counts) -> Option<String> {
    match event.stream.category() {
        "chapter" => of_chapter(typed(event).ok()?, counts),
        "scene" => of_scene(&event.stream, typed(event).ok()?),
        "image" => match typed(event) {
            Ok(fact) => of_image(&event.stream, fact, counts),
            Err(_) => of_effect(event),
        },
        "line" => match typed(event) {
            Ok(fact) => of_line(&event.stream, fact, counts),
            Err(_) => of_effect(event),
        },
        _ => of_effect(event),
    }
}

fn of_chapter(fact: ChapterEvent, counts: &mut Counts) -> Option<String> {
    match fact {
        ChapterEvent::ChapterPlanned { scenes, .. } => {
            counts.scenes = scenes.len();
            Some(format!("planned   {} scenes", scenes.len()))
        }
        ChapterEvent::ChapterSceneClosed { scene, missing } => {
            counts.closed += 1;
            let (closed, scenes) = (counts.closed, counts.scenes.max(counts.closed));
            let gaps = if missing == 0 { String::new() } else { format!(", {missing} missing") };
            Some(format!("closed    scene {closed}/{scenes} {}{gaps}", scene.id()))
        }
        ChapterEvent::ChapterReopened { reason } => Some(format!("reopened  {reason}")),
        ChapterEvent::ChapterCancelled { reason, .. } => Some(format!("cancelled {reason}")),
        ChapterEvent::ChapterRequested { .. }
        | ChapterEvent::PlanWithdrawn { .. }
        | ChapterEvent::ChapterSceneReopened { .. }
        | ChapterEvent::ChapterCompleted { .. } => None,
    }
}

fn of_scene(scene: &StreamName, fact: SceneEvent) -> Option<String> {
    match fact {
        SceneEvent::SceneWritten { images, lines, .. } => {
            Some(format!("written   {}: {} images, {} lines", scene.id(), images.len(), lines.len()))
        }
        SceneEvent::SceneOpened { .. }
        | SceneEvent::DraftWithdrawn { .. }
        | SceneEvent::SceneAssetSupplied { .. }
        | SceneEvent::SceneAssetMissing { .. }
        | SceneEvent::SceneAssetReopened { .. }
        | SceneEvent::SceneClosed { .. }
        | SceneEvent::SceneReopened { .. }
        | SceneEvent::SceneCancelled { .. } => None,
    }
}

fn of_image(image: &StreamName, fact: ImageEvent, counts: &mut Counts) -> Option<String> {
    match fact {
        ImageEvent::ImageApproved { scores, shows, .. } => {
            counts.images += 1;
            Some(format!("image {:>3} {}  {}", counts.images, shown(&shows), scored(&scores)))
        }
        ImageEvent::ImageRejected { reasons, quality_try, .. } => {
            Some(format!("rejected  {} (try {quality_try}): {}", image.id(), reasons.join("; ")))
        }
        ImageEvent::ImageMissing { reason, .. } => Some(format!("missing   {}: {reason}", image.id())),
        ImageEvent::ImageRequested { .. }
        | ImageEvent::RequesterAdded { .. }
        | ImageEvent::ImageRendered { .. }
        | ImageEvent::BriefRefused { .. }
        | ImageEvent::RenderReopened { .. }
        | ImageEvent::ImageSupplied { .. }
        | ImageEvent::RequesterReleased { .. }
        | ImageEvent::PictureGivenUp { .. }
        | ImageEvent::ImageCancelled { .. } => None,
    }
}

fn of_line(line: &StreamName, fact: LineEvent, counts: &mut Counts) -> Option<String> {
    match fact {
        LineEvent::LineSpoken { character, length_ms, made, .. } => {
            counts.lines += 1;
            let seconds = length_ms as f64 / 1000.0;
            Some(format!("line {:>4} {character}, {seconds:.1} s by {}", counts.lines, made.engine))
        }
        LineEvent::LineMissing { reason, .. } => Some(format!("missing   {}: {reason}", line.id())),
        LineEvent::LineRequested { .. }
        | LineEvent::TakeWithdrawn { .. }
        | LineEvent::RecordingReplaced { .. }
        | LineEvent::LineReopened { .. }
        | LineEvent::LineCancelled { .. } => None,
    }
}

fn of_effect(event: &Recorded) -> Option<String> {
    match typed::<EffectEvent>(event).ok()? {
        EffectEvent::AttemptFailed { effect, attempt, message, .. } => {
            Some(format!("failed    {} {effect}, attempt {attempt}: {message}", event.stream))
        }
        EffectEvent::EffectParked { effect, reason, .. } => {
            Some(format!("parked    {} {effect}: {reason} (see `hydra dead list`)", event.stream))
        }
        EffectEvent::AttemptStarted { .. }
        | EffectEvent::AttemptLost { .. }
        | EffectEvent::EffectUnparked { .. }
        | EffectEvent::EffectDropped { .. }
        | EffectEvent::OutcomeRefused { .. } => None,
    }
}

fn shown(shows: &Shows) -> String {
    let parts = [shows.subject.as_str(), &shows.outfit, &shows.expression];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

fn scored(scores: &[Score]) -> String {
    let value = |name| scores.iter().find(|score| score.name == name).and_then(|score| score.value);
    let shown = |name, label: &str| value(name).map(|value| format!("{label} {value:.1}"));
    let both = [shown(ScoreName::Aesthetic, "aesthetic"), shown(ScoreName::Technical, "technical")];
    both.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
