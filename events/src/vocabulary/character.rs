//! A character: how it looks, sounds and may be shown.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::content::ContentHash;
use crate::wire::Vocabulary;

/// A reference picture or voice, with where it comes from and who agreed to its use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reference {
    /// What it is for, such as `face` or `outfit.coat`.
    pub purpose: String,
    /// The file, in the content store.
    pub blob: ContentHash,
    /// Where it comes from.
    pub source: String,
    /// The licence it is used under.
    pub licence: String,
    /// Who is shown, and who agreed.
    pub consent: Consent,
}

/// Who a reference shows, and by what right it is used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Consent {
    /// Nobody real is shown.
    Fictional {},
    /// A real person, who agreed.
    RealPerson {
        /// Who gave the consent.
        given_by: String,
        /// When, as a date.
        date: String,
        /// What it covers.
        scope: String,
    },
    /// A real person, of whose consent nothing is recorded: refused.
    Unrecorded {},
}

/// What may be asked of a character.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CharacterCommand {
    /// This is the character from now on. The same profile again changes nothing.
    DefineCharacter {
        /// Its name, as people write it.
        name: String,
        /// Its profile as JSON, in the content store.
        profile: ContentHash,
        /// Its references.
        references: Vec<Reference>,
    },
}

impl Vocabulary for CharacterCommand {}

/// What can become of a character.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CharacterEvent {
    /// It has this profile from now on.
    CharacterDefined {
        /// Its name, as people write it.
        name: String,
        /// Its profile as JSON, in the content store.
        profile: ContentHash,
        /// Its references.
        references: Vec<Reference>,
        /// How often it was defined, from 1.
        edition: u32,
    },
}

impl Vocabulary for CharacterEvent {}
