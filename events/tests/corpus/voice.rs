//! Lines.

use hydra_events::vocabulary::line::{LineCommand, LineEvent};

use super::samples::{blob, made, stream, text};
use super::{Words, words};

pub fn all() -> Vec<Words> {
    vec![words("commands", "line", &commands()), words("events", "line", &events())]
}

fn commands() -> Vec<LineCommand> {
    vec![
        LineCommand::RequestLine {
            scene: stream("scene-lighthouse_1"),
            chapter: text("lighthouse"),
            speech: blob("speech"),
            character: text("Käthe"),
        },
        LineCommand::AcceptSpeech { made: made("audio/wav"), voice: text("warm"), length_ms: 2_300 },
        LineCommand::RetryLine { note: text("slower") },
        LineCommand::ReleaseLine { scene: stream("scene-lighthouse_1") },
    ]
}

fn events() -> Vec<LineEvent> {
    let scene = || stream("scene-lighthouse_1");
    vec![
        LineEvent::LineRequested {
            scene: scene(),
            chapter: text("lighthouse"),
            speech: blob("speech"),
            character: text("Käthe"),
            take: 2,
        },
        LineEvent::TakeWithdrawn { take: 2 },
        LineEvent::LineReopened { scene: scene(), take: 3, note: text("slower") },
        LineEvent::LineSpoken {
            scene: scene(),
            chapter: text("lighthouse"),
            character: text("Käthe"),
            made: made("audio/wav"),
            voice: text("warm"),
            length_ms: 2_300,
            take: 2,
        },
        LineEvent::RecordingReplaced { blob: blob("other result") },
        LineEvent::LineMissing { scene: scene(), reason: text("parked") },
        LineEvent::LineCancelled { blob: Some(blob("result")) },
    ]
}
