//! The typed event in a record, whatever its vocabulary.

use hydra_events::Recorded;
use hydra_events::record::EventType;
use hydra_events::upcast;
use hydra_events::vocabulary::approval::ApprovalEvent;
use hydra_events::vocabulary::asset::AssetEvent;
use hydra_events::vocabulary::chapter::ChapterEvent;
use hydra_events::vocabulary::character::CharacterEvent;
use hydra_events::vocabulary::cluster::ClusterEvent;
use hydra_events::vocabulary::effect::EffectEvent;
use hydra_events::vocabulary::embedding::EmbeddingEvent;
use hydra_events::vocabulary::image::ImageEvent;
use hydra_events::vocabulary::incident::IncidentEvent;
use hydra_events::vocabulary::knowledge::KnowledgeEvent;
use hydra_events::vocabulary::line::LineEvent;
use hydra_events::vocabulary::memory::MemoryEvent;
use hydra_events::vocabulary::order::OrderEvent;
use hydra_events::vocabulary::plan::PlanEvent;
use hydra_events::vocabulary::policy::PolicyEvent;
use hydra_events::vocabulary::report::ReportEvent;
use hydra_events::vocabulary::review::ReviewEvent;
use hydra_events::vocabulary::scene::SceneEvent;
use hydra_events::wire::{self, Vocabulary};

/// An event that has been read.
pub struct Typed {
    category: String,
    event: Box<dyn Words>,
}

trait Words {
    fn encode(&self, category: &str) -> (EventType, Vec<u8>);
}

impl<E: Vocabulary> Words for E {
    fn encode(&self, category: &str) -> (EventType, Vec<u8>) {
        wire::encode(category, self).unwrap()
    }
}

impl Typed {
    /// Its wire name and payload.
    pub fn encode(&self) -> (EventType, Vec<u8>) {
        self.event.encode(&self.category)
    }
}

/// Reads `event` as whoever folds it does.
pub fn typed(event: &Recorded) -> Typed {
    let category = event.stream.category();
    let words = match category {
        "approval" => read::<ApprovalEvent>(event),
        "asset" => read::<AssetEvent>(event),
        "chapter" => read::<ChapterEvent>(event),
        "character" => read::<CharacterEvent>(event),
        "cluster" => read::<ClusterEvent>(event),
        "embedding" => read::<EmbeddingEvent>(event),
        "image" => read::<ImageEvent>(event),
        "incident" => read::<IncidentEvent>(event),
        "knowledge" => read::<KnowledgeEvent>(event),
        "line" => read::<LineEvent>(event),
        "memory" => read::<MemoryEvent>(event),
        "order" => read::<OrderEvent>(event),
        "plan" => read::<PlanEvent>(event),
        "policy" => read::<PolicyEvent>(event),
        "report" => read::<ReportEvent>(event),
        "review" => read::<ReviewEvent>(event),
        "scene" => read::<SceneEvent>(event),
        other => panic!("{other} has a vocabulary"),
    };
    Typed { category: category.to_owned(), event: words }
}

fn read<E: Vocabulary + 'static>(event: &Recorded) -> Box<dyn Words> {
    let own = upcast::read::<E>(&event.kind, &event.payload).map(|event| Box::new(event) as Box<dyn Words>);
    own.unwrap_or_else(|_| Box::new(upcast::read::<EffectEvent>(&event.kind, &event.payload).unwrap()))
}
