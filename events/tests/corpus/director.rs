//! Chapters, characters and orders.

use hydra_events::vocabulary::chapter::{
    ChapterCommand, ChapterEvent, ChapterSource, Fill, PlannedScene, SceneState,
};
use hydra_events::vocabulary::character::{CharacterCommand, CharacterEvent, Consent, Reference};
use hydra_events::vocabulary::order::{OrderCommand, OrderEvent};
use hydra_events::vocabulary::terms::Supply;

use super::samples::{blob, image, stream, text, wanted_images};
use super::{Words, words};

pub fn all() -> Vec<Words> {
    vec![
        words("commands", "chapter", &chapter_commands()),
        words("events", "chapter", &chapter_events()),
        words("commands", "character", &character_commands()),
        words("events", "character", &character_events()),
        words("commands", "order", &order_commands()),
        words("events", "order", &order_events()),
    ]
}

fn source() -> ChapterSource {
    ChapterSource {
        stem: text("lighthouse"),
        screenplay: blob("screenplay"),
        cast: blob("cast"),
        fill: Fill::Placeholders,
        candidates: 2,
    }
}

fn planned() -> Vec<PlannedScene> {
    vec![PlannedScene { scene: stream("scene-lighthouse_1"), spec: blob("spec") }]
}

fn chapter_commands() -> Vec<ChapterCommand> {
    let scene = stream("scene-lighthouse_1");
    vec![
        ChapterCommand::RequestChapter { title: text("The Lighthouse"), source: source() },
        ChapterCommand::AcceptPlan { plan: blob("plan"), scenes: planned() },
        ChapterCommand::RecordScene { scene, revision: 2, state: SceneState::Closed { missing: 1 } },
        ChapterCommand::CancelChapter { reason: text("not tonight") },
    ]
}

fn chapter_events() -> Vec<ChapterEvent> {
    let scene = stream("scene-lighthouse_1");
    let dropped = vec![stream("scene-lighthouse_9")];
    vec![
        ChapterEvent::ChapterRequested { title: text("The Lighthouse"), source: source(), revision: 2 },
        ChapterEvent::PlanWithdrawn { revision: 1 },
        ChapterEvent::ChapterPlanned { plan: blob("plan"), scenes: planned(), dropped, revision: 2 },
        ChapterEvent::ChapterSceneClosed { scene: scene.clone(), missing: 1 },
        ChapterEvent::ChapterSceneReopened { scene: scene.clone() },
        ChapterEvent::ChapterCompleted { missing: 1, completion: 2 },
        ChapterEvent::ChapterReopened { reason: text("a scene waits again") },
        ChapterEvent::ChapterCancelled { reason: text("not tonight"), scenes: vec![scene] },
    ]
}

fn references() -> Vec<Reference> {
    let (given_by, date, scope) = (text("Käthe"), text("2026-03-01"), text("this chapter"));
    let reference = |purpose: &str, consent| Reference {
        purpose: text(purpose),
        blob: blob(purpose),
        source: text("drawn for this"),
        licence: text("CC0-1.0"),
        consent,
    };
    vec![
        reference("face", Consent::Fictional {}),
        reference("outfit.coat", Consent::RealPerson { given_by, date, scope }),
        reference("voice", Consent::Unrecorded {}),
    ]
}

fn character_commands() -> Vec<CharacterCommand> {
    let (name, profile) = (text("Käthe"), blob("profile"));
    vec![CharacterCommand::DefineCharacter { name, profile, references: references() }]
}

fn character_events() -> Vec<CharacterEvent> {
    let (name, profile) = (text("Käthe"), blob("profile"));
    vec![CharacterEvent::CharacterDefined { name, profile, references: references(), edition: 3 }]
}

fn order_commands() -> Vec<OrderCommand> {
    vec![
        OrderCommand::PlaceOrder {
            character: text("keeper"),
            scene: String::new(),
            images: wanted_images(),
            priority: -1,
            chapter: None,
        },
        OrderCommand::RecordSupply { asset: image(), supply: Supply::Reopened {} },
        OrderCommand::CancelOrder { reason: text("changed my mind") },
    ]
}

fn order_events() -> Vec<OrderEvent> {
    vec![
        OrderEvent::OrderPlaced {
            character: text("keeper"),
            scene: text("lighthouse_1"),
            images: wanted_images(),
            priority: 5,
            chapter: Some(text("lighthouse")),
        },
        OrderEvent::OrderImageSupplied { asset: image(), blob: blob("result") },
        OrderEvent::OrderImageMissing { asset: image(), reason: text("parked") },
        OrderEvent::OrderImageReopened { asset: image() },
        OrderEvent::OrderFilled { supplied: 1, missing: 1, filling: 2 },
        OrderEvent::OrderCancelled { reason: text("changed my mind"), released: vec![image()] },
    ]
}
