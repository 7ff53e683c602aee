//! The lives of a report, through every mould.

use hydra_actors::moulds::Story;
use hydra_events::vocabulary::effect::FailureKind;
use hydra_events::vocabulary::report::ReportCommand;

use crate::table::picture::{hash, stream};

hydra_actors::entity_moulds!(stories());

fn stories() -> Vec<Story> {
    vec![
        asked("clean").work("compile-1", &compiled()),
        asked("completed again")
            .work("compile-1", &compiled())
            .tell(&request(2))
            .work("compile-2", &compiled()),
        asked("overtaken").tell(&request(2)).work("compile-2", &compiled()),
        asked("parked, unparked, compiled")
            .fail("compile-1", FailureKind::Permanent)
            .unpark()
            .work("compile-1", &compiled()),
        asked("parked and overtaken")
            .fail("compile-1", FailureKind::Permanent)
            .tell(&request(2))
            .work("compile-2", &compiled()),
    ]
}

fn asked(name: &'static str) -> Story {
    Story::new(name, "report-harbour").tell(&request(1))
}

fn request(completion: u32) -> ReportCommand {
    ReportCommand::RequestReport { chapter: stream("chapter-harbour"), completion, position: 7 }
}

fn compiled() -> ReportCommand {
    ReportCommand::AcceptReport { report: hash("report") }
}
