//! What the entities declare of themselves, against their vocabulary.

use std::collections::BTreeSet;

use hydra_actors::decider::Life;
use hydra_actors::registry::ENTITIES;
use hydra_events::vocabulary::{CATEGORIES, variant_names};
use schemars::SchemaGenerator;

#[test]
fn every_entity_that_performs_names_its_reports_and_they_are_commands_of_its_own() {
    for entity in ENTITIES {
        assert_eq!(entity.perform.is_some(), !entity.outcomes.is_empty(), "{}", entity.category);
        let mut generator = SchemaGenerator::default();
        for category in CATEGORIES.iter().filter(|category| category.name == entity.category) {
            (category.commands)(&mut generator);
        }
        let definitions = generator.definitions();
        let commands = definitions.iter().filter(|(name, _)| name.ends_with("Command"));
        let names: BTreeSet<String> = commands.flat_map(|(_, schema)| variant_names(schema)).collect();
        for outcome in entity.outcomes {
            assert!(names.contains(*outcome), "{} has no command {outcome}", entity.category);
        }
    }
}

#[test]
fn the_streams_that_never_end_are_the_memories_the_cluster_the_plans_and_the_policy() {
    let endless = ENTITIES.iter().filter(|entity| entity.life == Life::Endless);
    let names: Vec<&str> = endless.map(|entity| entity.category).collect();
    assert_eq!(names, ["memory", "cluster", "plan", "policy"]);
}
