//! The lives of a scene, through every mould.

use hydra_actors::moulds::Story;
use hydra_events::vocabulary::effect::FailureKind;
use hydra_events::vocabulary::scene::SceneCommand;
use hydra_events::vocabulary::terms::{Supply, WantedImage, WantedLine};

use crate::table::picture::{hash, made, shows, stream};

hydra_actors::entity_moulds!(stories());

fn stories() -> Vec<Story> {
    vec![
        written("clean").tell(&record("image-a", come())).tell(&record("line-a", come())),
        planned("nothing is wanted").work("write-1", &script(&[], "yes")),
        written("closed with a gap, reopened, mended")
            .tell(&record("image-a", come()))
            .tell(&record("line-a", missing()))
            .tell(&record("line-a", Supply::Reopened {}))
            .tell(&record("line-a", come())),
        closed("a gap that is filled without a word")
            .tell(&record("image-a", missing()))
            .tell(&record("image-a", come())),
        planned("planned otherwise while it is written")
            .tell(&write(2))
            .work("write-2", &script(&["a"], "yes"))
            .tell(&record("image-a", come()))
            .tell(&record("line-a", come())),
        closed("planned otherwise once it is closed")
            .tell(&write(2))
            .tell(&record("image-a", missing()))
            .work("write-2", &script(&["a", "b"], "no"))
            .tell(&record("image-b", come()))
            .tell(&record("line-a", come())),
        closed("planned otherwise, and everything is there already")
            .tell(&write(2))
            .work("write-2", &script(&["a"], "yes")),
        planned("cancelled while it is written").tell(&cancel()),
        written("cancelled while it waits").tell(&record("image-a", come())).tell(&cancel()),
        closed("cancelled and planned again")
            .tell(&cancel())
            .tell(&write(1))
            .work("write-2", &script(&["a"], "yes"))
            .tell(&cancel()),
        planned("parked, unparked, written")
            .fail("write-1", FailureKind::Transient)
            .fail("write-1", FailureKind::Permanent)
            .unpark()
            .work("write-1", &script(&[], "yes")),
        planned("parked and planned otherwise")
            .fail("write-1", FailureKind::Permanent)
            .tell(&write(2))
            .work("write-2", &script(&[], "yes")),
        planned("parked, dropped and cancelled")
            .fail("write-1", FailureKind::Permanent)
            .drop_parked()
            .tell(&cancel()),
    ]
}

fn planned(name: &'static str) -> Story {
    Story::new(name, "scene-harbour_1").tell(&write(1))
}

fn written(name: &'static str) -> Story {
    planned(name).work("write-1", &script(&["a"], "yes"))
}

fn closed(name: &'static str) -> Story {
    written(name).tell(&record("image-a", come())).tell(&record("line-a", come()))
}

/// Planned for `revision`, whose specification nobody else has.
fn write(revision: u32) -> SceneCommand {
    let (chapter, spec) = (stream("chapter-harbour"), hash(&format!("spec {revision}")));
    SceneCommand::WriteScene { chapter, spec, revision }
}

/// A script with `pictures` and, where there are any, a line with the words `words`.
fn script(pictures: &[&str], words: &str) -> SceneCommand {
    let image = |name: &&str| WantedImage {
        image: stream(&format!("image-{name}")),
        brief: hash(name),
        shows: shows(),
        recalled: None,
    };
    let images: Vec<_> = pictures.iter().map(image).collect();
    let line = WantedLine { line: stream("line-a"), speech: hash(words), character: "keeper".into() };
    let lines = images.iter().take(1).map(|_| line.clone()).collect();
    SceneCommand::AcceptScript { script: hash("script"), images, lines, placeholders: 0, recalled: None }
}

fn record(asset: &str, supply: Supply) -> SceneCommand {
    SceneCommand::RecordSupply { asset: stream(asset), supply }
}

fn come() -> Supply {
    Supply::Supplied { blob: made(1).blob }
}

fn missing() -> Supply {
    Supply::Missing { reason: "every seed was rejected".into() }
}

fn cancel() -> SceneCommand {
    SceneCommand::CancelScene { reason: "the chapter no longer has it".into() }
}
