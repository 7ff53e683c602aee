//! The life of a character, through every mould.

use hydra_actors::moulds::Story;
use hydra_events::vocabulary::character::{CharacterCommand, Consent, Reference};

use crate::table::picture::hash;

hydra_actors::entity_moulds!(stories());

fn stories() -> Vec<Story> {
    let defined = |name| Story::new(name, "character-keeper").tell(&define("oilskin", Vec::new()));
    vec![
        defined("clean"),
        defined("defined otherwise").tell(&define("coat", Vec::new())),
        defined("defined otherwise and as before")
            .tell(&define("coat", Vec::new()))
            .tell(&define("oilskin", Vec::new())),
        defined("with references").tell(&define("oilskin", vec![drawn(), photographed()])),
    ]
}

fn define(profile: &str, references: Vec<Reference>) -> CharacterCommand {
    CharacterCommand::DefineCharacter { name: "Keeper".into(), profile: hash(profile), references }
}

fn drawn() -> Reference {
    reference("drawn by the author", Consent::Fictional {})
}

fn photographed() -> Reference {
    let (given_by, date, scope) = ("Ada".into(), "2026-01-31".into(), "this chapter".into());
    reference("photographed by the author", Consent::RealPerson { given_by, date, scope })
}

fn reference(source: &str, consent: Consent) -> Reference {
    let (source, licence) = (source.to_owned(), "CC0-1.0".to_owned());
    Reference { purpose: "face".into(), blob: hash(&source), source, licence, consent }
}
