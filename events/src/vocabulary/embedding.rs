//! The embedding of a text: a vector near those of texts like it. One stream a source, named after it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::content::ContentHash;
use crate::stream::StreamName;
use crate::vector::Vector;
use crate::wire::Vocabulary;

/// What a text is about, for those who look among texts of one kind only; empty where it does not apply.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct About {
    /// The chapter.
    pub chapter: String,
    /// The stream of the scene of a line. Pictures are shared by scenes.
    pub scene: String,
    /// The character.
    pub character: String,
    /// What a character wears, or the time of day of a place.
    pub outfit: String,
}

/// A text, as a model placed it among others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Embedded {
    /// The text that was embedded, in the content store.
    pub text: ContentHash,
    /// The emotion that the document names; empty where it names none.
    pub emotion: String,
    /// The model, with its version: only vectors of one model can be compared.
    pub model: String,
    /// How many components the vector has.
    pub dimension: u32,
    /// The vector.
    pub vector: Vector,
}

/// What may be asked of an embedding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EmbeddingCommand {
    /// A source has this text from now on. The same again changes nothing.
    RequestEmbedding {
        /// What the text belongs to: a character, an image or a line.
        source: StreamName,
        /// The document the text is taken from, in the content store: a profile, a brief or a speech.
        document: ContentHash,
        /// What it is about.
        about: About,
    },
    /// The model has placed the text.
    AcceptEmbedding {
        /// Where.
        embedded: Embedded,
    },
    /// The document says the same text as the one before it, and the model is the same: its vector still holds.
    KeepEmbedding {},
    /// The source no longer has a text.
    WithdrawEmbedding {
        /// What it belonged to.
        source: StreamName,
    },
}

impl Vocabulary for EmbeddingCommand {}

/// What can become of an embedding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EmbeddingEvent {
    /// A text is to be embedded.
    EmbeddingRequested {
        /// What the text belongs to.
        source: StreamName,
        /// The document the text is taken from, in the content store.
        document: ContentHash,
        /// What it is about.
        about: About,
        /// How often one was asked for, from 1.
        ordinal: u32,
    },
    /// One that was not made yet is no longer of interest.
    EmbeddingSuperseded {
        /// Which request it answered.
        ordinal: u32,
    },
    /// The text has its place, whether it was embedded now or before.
    TextEmbedded {
        /// What the text belongs to.
        source: StreamName,
        /// The document the text is taken from, in the content store.
        document: ContentHash,
        /// What it is about.
        about: About,
        /// The last request there was.
        ordinal: u32,
        /// The text, the model and the vector.
        embedded: Embedded,
    },
    /// The source no longer has a text.
    EmbeddingWithdrawn {
        /// What it belonged to.
        source: StreamName,
    },
}

impl Vocabulary for EmbeddingEvent {}
