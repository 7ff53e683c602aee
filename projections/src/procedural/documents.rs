//! Documents about the world of a story.

use hydra_events::record::Recorded;
use hydra_events::vocabulary::knowledge::KnowledgeEvent;
use hydra_events::wire::WireError;

use crate::view::{ViewOp, typed};

pub(super) fn document(event: &Recorded) -> Result<Vec<ViewOp>, WireError> {
    let Some(fact) = typed::<KnowledgeEvent>(event)? else { return Ok(Vec::new()) };
    let row = ViewOp::put("documents", event.stream.id());
    Ok(match fact {
        KnowledgeEvent::DocumentKept { title, text, .. } => {
            let row = row.set("title", title).set("text", text.to_string()).set("state", "splitting");
            vec![row.set("owner", event.owner.as_ref()).set("kept_at", event.time.0)]
        }
        KnowledgeEvent::SplitSuperseded { .. } => Vec::new(),
        KnowledgeEvent::DocumentSplit { splitter, passages, .. } => {
            vec![row.set("state", "split").set("splitter", splitter).set("passages", passages.len())]
        }
        KnowledgeEvent::DocumentForgotten { .. } => {
            vec![row.set("state", "forgotten").set("passages", 0)]
        }
    })
}
