//! The lives of a document, through every mould.

use hydra_actors::moulds::Story;
use hydra_events::vocabulary::effect::FailureKind;
use hydra_events::vocabulary::knowledge::KnowledgeCommand;

use crate::table::picture::hash;

hydra_actors::entity_moulds!(stories());

fn stories() -> Vec<Story> {
    vec![
        kept("clean").work("split-1", &split(&["x", "y"])),
        kept("said otherwise")
            .work("split-1", &split(&["x", "y"]))
            .tell(&keep("b"))
            .work("split-2", &split(&["y", "z"])),
        kept("overtaken").tell(&keep("b")).work("split-2", &split(&["x"])),
        kept("forgotten in time").tell(&forget()),
        kept("forgotten and wanted again")
            .work("split-1", &split(&["x"]))
            .tell(&forget())
            .tell(&keep("a"))
            .work("split-2", &split(&["x"])),
        kept("the store is away once")
            .fail("split-1", FailureKind::Transient)
            .work("split-1", &split(&["x"])),
        kept("parked and overtaken")
            .fail("split-1", FailureKind::Permanent)
            .tell(&keep("b"))
            .work("split-2", &split(&["x"])),
        kept("parked, unparked, split")
            .fail("split-1", FailureKind::Permanent)
            .unpark()
            .work("split-1", &split(&["x"])),
    ]
}

fn kept(name: &'static str) -> Story {
    Story::new(name, "knowledge-island").tell(&keep("a"))
}

fn keep(text: &str) -> KnowledgeCommand {
    KnowledgeCommand::KeepDocument { title: "Island".into(), text: hash(text) }
}

fn split(passages: &[&str]) -> KnowledgeCommand {
    let passages = passages.iter().map(|passage| hash(passage)).collect();
    KnowledgeCommand::AcceptPassages { splitter: "markdown-1".into(), passages }
}

fn forget() -> KnowledgeCommand {
    KnowledgeCommand::ForgetDocument {}
}
