//! Lines of dialogue, and what each was spoken from, by whom and how.

use hydra_events::record::Recorded;
use hydra_events::vocabulary::line::LineEvent;
use hydra_events::wire::WireError;
use serde_json::json;

use super::EdgeKind;
use super::images::{attempt, product};
use super::link::{End, link};
use crate::view::{ViewOp, json, typed};

pub(super) fn line(event: &Recorded) -> Result<Vec<ViewOp>, WireError> {
    let line = End::stream(&event.stream);
    let state = |state: &str| vec![line.row().set("state", state)];
    let Some(fact) = typed::<LineEvent>(event)? else { return attempt(event) };
    Ok(match fact {
        LineEvent::LineRequested { scene, chapter, speech, character, .. } => {
            let speaker = End::named("character", &character);
            let mut ops = link(&speaker, EdgeKind::Speaks, &line);
            ops.extend(link(&End::stream(&scene), EdgeKind::Wants, &line));
            ops.extend(link(&line, EdgeKind::WordedAs, &End::file("speech", &speech)));
            ops.push(speaker.labelled(character));
            let details = json!({ "chapter": chapter, "scene": scene });
            ops.push(line.labelled(event.stream.id()).set("state", "requested").set("details", details));
            ops
        }
        LineEvent::LineSpoken { made, voice, length_ms, take, .. } => {
            let recording = End::named("recording", format!("{}/{take}", event.stream.id()));
            let mut ops = link(&line, EdgeKind::RecordedAs, &recording);
            ops.extend(product(event, &recording, &made));
            ops.extend(link(&recording, EdgeKind::SpokenIn, &End::named("voice", voice)));
            let details = json!({ "take": take, "length_ms": length_ms, "made": json(&made) });
            ops.push(recording.labelled(format!("take {take}")).set("details", details));
            ops.push(line.row().set("state", "spoken"));
            ops
        }
        LineEvent::LineMissing { .. } => state("missing"),
        LineEvent::LineReopened { .. } => state("requested"),
        LineEvent::LineCancelled { .. } => state("cancelled"),
        LineEvent::TakeWithdrawn { .. } | LineEvent::RecordingReplaced { .. } => Vec::new(),
    })
}
