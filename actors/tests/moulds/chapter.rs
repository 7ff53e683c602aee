//! The lives of a chapter, through every mould.

use hydra_actors::moulds::Story;
use hydra_events::vocabulary::chapter::{ChapterCommand, ChapterSource, Fill, PlannedScene, SceneState};
use hydra_events::vocabulary::effect::FailureKind;

use crate::table::picture::{hash, stream};

hydra_actors::entity_moulds!(stories());

fn stories() -> Vec<Story> {
    vec![
        planned("clean").tell(&record("a", 1, closed(0))).tell(&record("b", 1, closed(0))),
        completed("reopened and completed again").tell(&record("b", 1, SceneState::Open {})).tell(&record(
            "b",
            1,
            closed(1),
        )),
        completed("a gap that is filled").tell(&record("b", 1, closed(1))).tell(&record("b", 1, closed(0))),
        asked("revised while it is planned")
            .tell(&request("second"))
            .work("plan-2", &plan(&["a=1"]))
            .tell(&record("a", 2, closed(0))),
        completed("revised once it was completed")
            .tell(&request("second"))
            .work("plan-2", &plan(&["a=1", "b=2", "c=1"]))
            .tell(&record("b", 2, closed(0)))
            .tell(&record("c", 2, closed(0))),
        completed("revised, and every scene is as it was")
            .tell(&request("second"))
            .work("plan-2", &plan(&["b=1"])),
        planned("a scene closes while the chapter is planned again")
            .tell(&request("second"))
            .tell(&record("a", 1, closed(0)))
            .work("plan-2", &plan(&["a=1", "b=1"]))
            .tell(&record("b", 1, closed(0))),
        asked("cancelled while it is planned").tell(&cancel()),
        planned("cancelled while it is made").tell(&record("a", 1, closed(0))).tell(&cancel()),
        completed("cancelled and asked for again")
            .tell(&cancel())
            .tell(&request("first"))
            .work("plan-2", &plan(&["a=1"]))
            .tell(&record("a", 2, closed(0))),
        asked("parked, unparked, planned")
            .fail("plan-1", FailureKind::Transient)
            .fail("plan-1", FailureKind::Permanent)
            .unpark()
            .work("plan-1", &plan(&["a=1"]))
            .tell(&record("a", 1, closed(0))),
        asked("parked, and a mended screenplay is sent")
            .fail("plan-1", FailureKind::Permanent)
            .tell(&request("second"))
            .work("plan-2", &plan(&["a=1"]))
            .tell(&record("a", 2, closed(0))),
        asked("parked, dropped and cancelled")
            .fail("plan-1", FailureKind::Permanent)
            .drop_parked()
            .tell(&cancel()),
    ]
}

fn asked(name: &'static str) -> Story {
    Story::new(name, "chapter-harbour").tell(&request("first"))
}

fn planned(name: &'static str) -> Story {
    asked(name).work("plan-1", &plan(&["a=1", "b=1"]))
}

fn completed(name: &'static str) -> Story {
    planned(name).tell(&record("a", 1, closed(0))).tell(&record("b", 1, closed(0)))
}

fn request(screenplay: &str) -> ChapterCommand {
    let (screenplay, cast, fill) = (hash(screenplay), hash("cast"), Fill::No);
    let source = ChapterSource { stem: "harbour".into(), screenplay, cast, fill, candidates: 1 };
    ChapterCommand::RequestChapter { title: "Harbour".into(), source }
}

/// Scenes by name and specification, such as `a=1`.
fn plan(scenes: &[&str]) -> ChapterCommand {
    let planned = |scene: &&str| PlannedScene {
        scene: named(scene.split('=').next().unwrap_or_default()),
        spec: hash(scene),
    };
    let scenes = scenes.iter().map(planned).collect();
    ChapterCommand::AcceptPlan { plan: hash("plan"), scenes }
}

fn named(scene: &str) -> hydra_events::StreamName {
    stream(&format!("scene-harbour_{scene}"))
}

fn record(scene: &str, revision: u32, state: SceneState) -> ChapterCommand {
    ChapterCommand::RecordScene { scene: named(scene), revision, state }
}

fn closed(missing: u32) -> SceneState {
    SceneState::Closed { missing }
}

fn cancel() -> ChapterCommand {
    ChapterCommand::CancelChapter { reason: "no longer wanted".into() }
}
