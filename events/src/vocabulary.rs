//! Every command and event there is, one file an entity.
//!
//! A name on the wire is `category.variant_in_snake_case.vN`. What has landed here is for ever: a changed payload is
//! a new version with an upcaster (`crate::upcast`) and a corpus file.

pub mod approval;
pub mod asset;
pub mod chapter;
pub mod character;
pub mod cluster;
pub mod effect;
pub mod embedding;
pub mod image;
pub mod incident;
pub mod knowledge;
pub mod line;
pub mod memory;
pub mod order;
pub mod plan;
pub mod policy;
pub mod report;
pub mod review;
pub mod scene;
pub mod terms;

use schemars::{Schema, SchemaGenerator};

use crate::wire::Vocabulary;

/// The vocabulary of one category of streams.
#[derive(Clone, Copy)]
pub struct Category {
    /// The category, as it stands in stream names and subjects.
    pub name: &'static str,
    /// The actor that owns its streams.
    pub actor: &'static str,
    /// JSON schema of its commands, one variant a command.
    pub commands: fn(&mut SchemaGenerator) -> Schema,
    /// JSON schema of its events, one variant an event.
    pub events: fn(&mut SchemaGenerator) -> Schema,
}

/// Every category, by actor and name.
pub const CATEGORIES: &[Category] = &[
    category::<chapter::ChapterCommand, chapter::ChapterEvent>("chapter", "director"),
    category::<character::CharacterCommand, character::CharacterEvent>("character", "director"),
    category::<order::OrderCommand, order::OrderEvent>("order", "director"),
    category::<scene::SceneCommand, scene::SceneEvent>("scene", "writer"),
    category::<image::ImageCommand, image::ImageEvent>("image", "artist"),
    category::<review::ReviewCommand, review::ReviewEvent>("review", "curator"),
    category::<line::LineCommand, line::LineEvent>("line", "voice"),
    category::<asset::AssetCommand, asset::AssetEvent>("asset", "archivist"),
    category::<embedding::EmbeddingCommand, embedding::EmbeddingEvent>("embedding", "archivist"),
    category::<knowledge::KnowledgeCommand, knowledge::KnowledgeEvent>("knowledge", "archivist"),
    category::<report::ReportCommand, report::ReportEvent>("report", "archivist"),
    category::<memory::MemoryCommand, memory::MemoryEvent>("memory", "archivist"),
    category::<cluster::ClusterCommand, cluster::ClusterEvent>("cluster", "scheduler"),
    category::<plan::PlanCommand, plan::PlanEvent>("plan", "scheduler"),
    category::<approval::ApprovalCommand, approval::ApprovalEvent>("approval", "steward"),
    category::<incident::IncidentCommand, incident::IncidentEvent>("incident", "steward"),
    category::<policy::PolicyCommand, policy::PolicyEvent>("policy", "steward"),
];

const fn category<C: Vocabulary, E: Vocabulary>(name: &'static str, actor: &'static str) -> Category {
    Category {
        name,
        actor,
        commands: SchemaGenerator::subschema_for::<C>,
        events: SchemaGenerator::subschema_for::<E>,
    }
}

/// The names of all categories.
pub fn categories() -> Vec<&'static str> {
    CATEGORIES.iter().map(|category| category.name).collect()
}

/// The names of the events a stream of `category` may hold, those of the effect protocol included.
pub fn event_names(category: &str) -> Vec<String> {
    let mut generator = SchemaGenerator::default();
    let Some(found) = CATEGORIES.iter().find(|known| known.name == category) else { return Vec::new() };
    (found.events)(&mut generator);
    SchemaGenerator::subschema_for::<effect::EffectEvent>(&mut generator);
    let variants = generator.definitions().iter().filter(|(name, _)| name.ends_with("Event"));
    let names = variants.flat_map(|(_, schema)| variant_names(schema));
    names.collect()
}

/// The variants of an externally tagged enum, from its schema.
pub fn variant_names(schema: &serde_json::Value) -> Vec<String> {
    let variants = schema["oneOf"].as_array().map(Vec::as_slice).unwrap_or_default();
    let name = |variant: &serde_json::Value| variant["required"][0].as_str().map(str::to_owned);
    variants.iter().filter_map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_category_names_its_events() {
        assert!(event_names("image").contains(&"image_rendered".to_owned()));
        assert!(event_names("image").contains(&"attempt_started".to_owned()));
        assert!(event_names("nothing").is_empty());
        for category in CATEGORIES {
            assert!(event_names(category.name).len() > 5, "{} has too few events", category.name);
        }
    }
}
