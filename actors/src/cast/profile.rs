//! A character's profile as it travels in commands and events: names are stable, all fields are public.
//!
//! Values that arrive by another way than [`super::parse`] are checked with [`Profile::check`].

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::rules::{self, ProfileProblem};

/// Who a character is to the studio: looks, style, references and voice.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Profile {
    /// The name as the script spells it, in any case.
    pub name: String,
    /// Other names the script uses for the same person.
    pub aliases: Vec<String>,
    /// What pictures show of the person.
    pub looks: Looks,
    /// How pictures of the person are lit and felt.
    pub style: Style,
    /// Further outfits by name, each described for a picture.
    pub outfits: BTreeMap<String, String>,
    /// Reference images, each with provenance and consent.
    pub references: References,
    /// How the person sounds.
    pub voice: Voice,
}

/// What pictures show of a character.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Looks {
    /// Lasting traits, such as `grey eyes`.
    pub traits: Vec<String>,
    /// What the character wears when no outfit is named.
    pub clothing: String,
    /// Colours as `#rrggbb`, in lower case.
    pub palette: Vec<String>,
}

/// How pictures of a character are lit and felt.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Style {
    /// Such as `low evening sun`.
    pub lighting: String,
    /// Such as `guarded`.
    pub mood: String,
}

/// Reference images of a character.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct References {
    /// The face that likeness is measured against.
    pub face_ref: Option<Reference>,
    /// References by outfit name.
    pub outfit_refs: BTreeMap<String, Reference>,
    /// References by pose name.
    pub pose_refs: BTreeMap<String, Reference>,
}

/// One reference image and the right to use it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reference {
    /// Path relative to the characters file's folder, with `/`, never leaving it.
    pub file: String,
    /// Where the image is from, such as `drawn by the author, 2025`.
    pub source: String,
    /// Under which licence it is used, such as `CC0-1.0`.
    pub licence: String,
    /// Whom it shows, and by whose leave.
    pub consent: Consent,
}

/// Whom a reference shows; a real person only with a recorded consent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "subject", rename_all = "snake_case")]
pub enum Consent {
    /// An invented character.
    Fictional,
    /// No person at all: a place, a coat, a dog.
    NotAPerson,
    /// A living or once living person who allowed this use.
    RealPerson {
        /// Who gave the consent: the person, or who may speak for them.
        given_by: String,
        /// The day it was given, `YYYY-MM-DD`.
        date: String,
        /// What it covers, such as `portraits in this story`.
        scope: String,
    },
}

/// How a character sounds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Voice {
    /// The engine's name of the voice, such as `af_bella`; none leaves the choice to the engine.
    pub voice_id: Option<String>,
    /// Factor on the speaking rate: 1.0 is normal, 0.25 to 4.0.
    pub speed: f64,
    /// Percent by which the voice is higher (`10`) or lower (`-10`), -50 to 100.
    pub pitch_shift: i32,
    /// What changes with an emotion, by one of the ten names.
    pub emotion_mapping: BTreeMap<String, EmotionVoice>,
}

/// What an emotion changes. A value here replaces the voice's own; one left out keeps it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct EmotionVoice {
    /// Factor on the speaking rate, 0.25 to 4.0.
    pub speed: Option<f64>,
    /// Percent, -50 to 100.
    pub pitch: Option<i32>,
}

/// The voice for one line, after its emotion is taken into account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VoiceSetting {
    /// The engine's name of the voice, if one is chosen.
    pub voice_id: Option<String>,
    /// Factor on the speaking rate.
    pub speed: f64,
    /// Percent higher or lower.
    pub pitch_shift: i32,
}

impl Default for Voice {
    fn default() -> Self {
        Self { voice_id: None, speed: 1.0, pitch_shift: 0, emotion_mapping: BTreeMap::new() }
    }
}

impl Profile {
    /// The name, then the aliases.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.name.as_str()).chain(self.aliases.iter().map(String::as_str))
    }

    /// The voice for a line spoken with `emotion`; an emotion without an entry keeps the voice's own values.
    #[must_use]
    pub fn voice_for(&self, emotion: &str) -> VoiceSetting {
        let change = self.voice.emotion_mapping.get(emotion).cloned().unwrap_or_default();
        VoiceSetting {
            voice_id: self.voice.voice_id.clone(),
            speed: change.speed.unwrap_or(self.voice.speed),
            pitch_shift: change.pitch.unwrap_or(self.voice.pitch_shift),
        }
    }

    /// What the character wears in the outfit of that name, or without one; case and spaces do not matter.
    #[must_use]
    pub fn clothing_in(&self, outfit: &str) -> &str {
        let wanted = super::name_key(outfit);
        let named = self.outfits.iter().find(|(name, _)| super::name_key(name) == wanted);
        named.map_or(self.looks.clothing.as_str(), |(_, clothing)| clothing.as_str())
    }

    /// Checks everything [`super::parse`] checks of a profile, for one that came by another way.
    ///
    /// # Errors
    /// The first rule that is broken.
    pub fn check(&self) -> Result<(), ProfileProblem> {
        rules::profile(self)
    }
}

impl References {
    /// Every reference: the face, then outfits and poses by name.
    pub fn all(&self) -> impl Iterator<Item = &Reference> {
        self.face_ref.iter().chain(self.outfit_refs.values()).chain(self.pose_refs.values())
    }
}
