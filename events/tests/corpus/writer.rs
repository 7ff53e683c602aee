//! Scenes.

use hydra_events::vocabulary::scene::{SceneCommand, SceneEvent};
use hydra_events::vocabulary::terms::Supply;

use super::samples::{blob, image, stream, text, wanted_images, wanted_lines};
use super::{Words, words};

pub fn all() -> Vec<Words> {
    vec![words("commands", "scene", &commands()), words("events", "scene", &events())]
}

fn commands() -> Vec<SceneCommand> {
    vec![
        SceneCommand::WriteScene { chapter: stream("chapter-lighthouse"), spec: blob("spec"), revision: 2 },
        SceneCommand::AcceptScript {
            script: blob("script"),
            images: wanted_images(),
            lines: wanted_lines(),
            placeholders: 1,
            recalled: None,
        },
        SceneCommand::RecordSupply { asset: image(), supply: Supply::Supplied { blob: blob("result") } },
        SceneCommand::CancelScene { reason: text("cut") },
    ]
}

fn events() -> Vec<SceneEvent> {
    let chapter = || stream("chapter-lighthouse");
    vec![
        SceneEvent::SceneOpened { chapter: chapter(), spec: blob("spec"), revision: 2, draft: 2 },
        SceneEvent::DraftWithdrawn { draft: 1 },
        SceneEvent::SceneWritten {
            chapter: chapter(),
            script: blob("script"),
            images: wanted_images(),
            lines: wanted_lines(),
            placeholders: 1,
            draft: 2,
            released: vec![image()],
            recalled: None,
        },
        SceneEvent::SceneAssetSupplied { asset: image(), blob: blob("result") },
        SceneEvent::SceneAssetMissing { asset: image(), reason: text("parked") },
        SceneEvent::SceneAssetReopened { asset: image() },
        SceneEvent::SceneClosed { chapter: chapter(), revision: 2, supplied: 2, missing: 1, closing: 1 },
        SceneEvent::SceneReopened { chapter: chapter(), revision: 2 },
        SceneEvent::SceneCancelled { reason: text("cut"), released: vec![image()] },
    ]
}
