//! The lives of a spoken line, through every mould.

use hydra_actors::moulds::Story;
use hydra_events::vocabulary::effect::FailureKind;
use hydra_events::vocabulary::line::LineCommand;

use crate::table::picture::{SCENE, hash, made, stream};

hydra_actors::entity_moulds!(stories());

fn stories() -> Vec<Story> {
    vec![
        asked("clean").work("speak-1", &spoken(1)),
        asked("other words while it is spoken").tell(&request("no")).work("speak-2", &spoken(2)),
        asked("other words once it was spoken")
            .work("speak-1", &spoken(1))
            .tell(&request("no"))
            .work("speak-2", &spoken(2))
            .tell(&release()),
        asked("parked, unparked, spoken")
            .fail("speak-1", FailureKind::Transient)
            .fail("speak-1", FailureKind::Permanent)
            .unpark()
            .work("speak-1", &spoken(1)),
        asked("parked and retried")
            .fail("speak-1", FailureKind::Permanent)
            .tell(&retry())
            .work("speak-2", &spoken(2)),
        asked("parked, dropped, retried")
            .fail("speak-1", FailureKind::Permanent)
            .drop_parked()
            .tell(&retry())
            .work("speak-2", &spoken(2)),
        asked("released and wanted again").tell(&release()).tell(&request("yes")).work("speak-2", &spoken(2)),
    ]
}

fn asked(name: &'static str) -> Story {
    Story::new(name, "line-harbour_1_1").tell(&request("yes"))
}

fn request(words: &str) -> LineCommand {
    let (scene, chapter, character) = (stream(SCENE), "harbour".into(), "keeper".into());
    LineCommand::RequestLine { scene, chapter, speech: hash(words), character }
}

fn spoken(take: u32) -> LineCommand {
    LineCommand::AcceptSpeech { made: made(take), voice: "alto".into(), length_ms: 900 }
}

fn retry() -> LineCommand {
    LineCommand::RetryLine { note: "once more".into() }
}

fn release() -> LineCommand {
    LineCommand::ReleaseLine { scene: stream(SCENE) }
}
