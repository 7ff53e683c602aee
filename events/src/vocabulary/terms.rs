//! Words that several entities share.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::content::ContentHash;
use crate::record::Position;
use crate::stream::StreamName;

/// The kinds of heavy work, fixed: each needs a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WorkKind {
    /// A language model.
    Language,
    /// A picture.
    Image,
    /// A moving picture.
    Video,
    /// Speech.
    Speech,
    /// A voice learned from a reference.
    Cloning,
    /// A model learned from references.
    Training,
    /// Measuring a result.
    Scoring,
    /// A vector for a text or picture.
    Embedding,
}

impl WorkKind {
    /// Every kind, in the order they are listed to people.
    pub const ALL: [Self; 8] = [
        Self::Language,
        Self::Image,
        Self::Video,
        Self::Speech,
        Self::Cloning,
        Self::Training,
        Self::Scoring,
        Self::Embedding,
    ];

    /// The word used in subjects, labels and events.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Language => "language",
            Self::Image => "image",
            Self::Video => "video",
            Self::Speech => "speech",
            Self::Cloning => "cloning",
            Self::Training => "training",
            Self::Scoring => "scoring",
            Self::Embedding => "embedding",
        }
    }
}

/// One picture a scene or an order wants.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WantedImage {
    /// The stream of the picture.
    pub image: StreamName,
    /// The brief, a [`Brief`] as JSON in the content store.
    pub brief: ContentHash,
    /// What the picture shows.
    pub shows: Shows,
    /// What was recalled for its prompt, if anything was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recalled: Option<Recalled>,
}

/// What somebody who writes a prompt found in the memory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Recalled {
    /// Where the log ended that the memory was asked about.
    pub position: Position,
    /// The question and its answer, as JSON in the content store.
    pub facts: ContentHash,
    /// Where the facts are from, the nearest first: scenes, or pictures.
    pub from: Vec<StreamName>,
}

/// What a picture shows: with the chapter, its whole identity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Shows {
    /// The character, or the place for a background.
    pub subject: String,
    /// Whether it is a character or a place.
    pub kind: ShownKind,
    /// The outfit of a character; the time of day of a place.
    pub outfit: String,
    /// The expression of a character; empty for a place.
    pub expression: String,
    /// The ordinal among pictures of the same subject, from 1.
    pub candidate: u32,
}

/// Whether a picture is of a character or of a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ShownKind {
    /// A character, on a transparent ground.
    Bust,
    /// A place.
    Background,
}

/// Everything that shapes a picture besides its seed. Kept in the content store.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Brief {
    /// What it shows.
    pub shows: Shows,
    /// The prompt in words.
    pub prompt: String,
    /// Lasting traits of a character.
    #[serde(default)]
    pub traits: Vec<String>,
    /// What a character wears.
    #[serde(default)]
    pub clothing: String,
    /// Colours, as CSS names or `#rrggbb`.
    #[serde(default)]
    pub palette: Vec<String>,
    /// How it is lit.
    #[serde(default)]
    pub lighting: String,
    /// Its mood.
    #[serde(default)]
    pub mood: String,
    /// For a place: `interior`, `exterior`, `both` or empty.
    #[serde(default)]
    pub interior: String,
    /// Reference pictures with recorded consent, in the content store.
    #[serde(default)]
    pub references: Vec<ContentHash>,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

/// One line of speech a scene wants.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WantedLine {
    /// The stream of the line.
    pub line: StreamName,
    /// The [`Speech`] as JSON in the content store.
    pub speech: ContentHash,
    /// The character who speaks.
    pub character: String,
}

/// Everything that shapes a spoken line. Kept in the content store.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Speech {
    /// The character who speaks.
    pub character: String,
    /// The words, without any mark-up.
    pub text: String,
    /// The emotion.
    pub emotion: String,
    /// The voice, in the name space of whichever engine speaks.
    #[serde(default)]
    pub voice_id: Option<String>,
    /// Tempo as a factor, 1.0 being normal.
    pub speed: f64,
    /// Pitch in percent: +10 is a tenth higher.
    pub pitch_shift: f64,
}

/// Which engine made something, and from what: the evidence that lets it be made again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Made {
    /// The result, in the content store.
    pub blob: ContentHash,
    /// Media type of the result.
    pub media_type: String,
    /// The engine's name.
    pub engine: String,
    /// The engine's version, with the digest of its model where it has one.
    pub engine_version: String,
    /// The exact request, in the content store.
    pub request: ContentHash,
    /// The exact response, in the content store; often the result itself.
    pub response: ContentHash,
    /// How long the engine took, in milliseconds.
    pub duration_ms: u64,
}

/// What a requester is told about an asset it waits for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Supply {
    /// It is there.
    Supplied {
        /// The file, in the content store.
        blob: ContentHash,
    },
    /// It will not come unless somebody retries it.
    Missing {
        /// Why.
        reason: String,
    },
    /// It is being made again.
    Reopened {},
}

/// Who decided, in the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DecidedBy {
    /// The policy, by the scores alone.
    Policy {},
    /// A person.
    Person {
        /// The person's name.
        name: String,
    },
    /// The default answer, because nobody was asked or answered.
    Default {},
}

/// One measurement. A score that could not be measured has no value and gates nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Score {
    /// What was measured.
    pub name: ScoreName,
    /// The value, in the metric's own range.
    pub value: Option<f64>,
    /// The metric that measured it.
    pub metric: String,
    /// The metric's version.
    pub version: String,
}

/// What is measured on a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScoreName {
    /// 0 to 10.
    Aesthetic,
    /// 0 to 100.
    Technical,
    /// Cosine with the character's references, -1 to 1.
    Likeness,
    /// Cosine with the style sheet, -1 to 1.
    Style,
}
