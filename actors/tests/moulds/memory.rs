//! The lives of a memory, through every mould.

use hydra_actors::moulds::Story;
use hydra_events::vocabulary::memory::MemoryCommand;
use serde_json::json;

hydra_actors::entity_moulds!(stories());

fn stories() -> Vec<Story> {
    vec![
        story("found, and mended later").tell(&report("a", 1, false)).tell_anew(&report("a", 1, true)),
        story("found in two rows, of which one drifts on")
            .tell(&report("a", 1, false))
            .tell(&report("b", 1, false))
            .tell(&report("a", 2, false)),
    ]
}

fn story(name: &'static str) -> Story {
    Story::new(name, "memory-procedural")
}

fn report(key: &str, is: u32, mended: bool) -> MemoryCommand {
    let (is, should) = (json!({ "owes": is }), json!({ "owes": 0 }));
    MemoryCommand::ReportDrift { table: "tasks".into(), key: key.into(), position: 7, is, should, mended }
}
