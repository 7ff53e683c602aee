//! The lives of an incident, through every mould.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use hydra_actors::moulds::Story;
use hydra_actors::steward::incident::Incident;
use hydra_events::vocabulary::incident::{IncidentCommand, IncidentKind};

use crate::table::picture::stream;

hydra_actors::entity_moulds!(stories());

const SUBJECT: &str = "image-keeper_coat_happy_1";

fn stories() -> Vec<Story> {
    vec![
        opened("clean").tell(&resolve()),
        opened("it is over, stands still, and goes missing")
            .tell(&resolve())
            .tell(&open(IncidentKind::Stalled, "nothing has moved for an hour"))
            .tell(&open(IncidentKind::AssetMissing, "every seed was rejected"))
            .tell(&resolve()),
        opened("it happens again")
            .tell(&resolve())
            .tell(&open(IncidentKind::AssetMissing, "every seed was rejected"))
            .tell(&resolve()),
        opened("the same for another reason, and nobody resolves it")
            .tell(&open(IncidentKind::EffectParked, "the engine answers nonsense")),
    ]
}

fn opened(name: &'static str) -> Story {
    let address = Incident::stream_of(&stream(SUBJECT)).expect("an address is derived for every subject");
    Story::new(name, address.as_str()).tell(&open(IncidentKind::EffectParked, "the engine does not answer"))
}

fn open(kind: IncidentKind, reason: &str) -> IncidentCommand {
    IncidentCommand::OpenIncident { kind, subject: stream(SUBJECT), reason: reason.into() }
}

fn resolve() -> IncidentCommand {
    IncidentCommand::ResolveIncident { how: "it is drawn again".into(), only: None }
}
