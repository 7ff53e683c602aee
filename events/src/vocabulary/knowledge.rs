//! A document about the world of a story, and the passages it is split into, which are found by what they say.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::content::ContentHash;
use crate::stream::StreamName;
use crate::wire::Vocabulary;

/// A part of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Passage {
    /// What it is called: after its document and what it says, so that it keeps its name when others change.
    pub name: StreamName,
    /// What it says and where in its document, as JSON in the content store.
    pub content: ContentHash,
}

/// What may be asked of a document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KnowledgeCommand {
    /// The document says this from now on. The same again changes nothing, unless texts are split otherwise now.
    KeepDocument {
        /// What people call it.
        title: String,
        /// Its text, plain or Markdown in UTF-8, in the content store.
        text: ContentHash,
    },
    /// The text was split.
    AcceptPassages {
        /// What has split it, with its version.
        splitter: String,
        /// The content of each passage, in the order of the text.
        passages: Vec<ContentHash>,
    },
    /// Nothing of it is known any more.
    ForgetDocument {},
}

impl Vocabulary for KnowledgeCommand {}

/// What can become of a document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KnowledgeEvent {
    /// A text is to be split.
    DocumentKept {
        /// What people call it.
        title: String,
        /// Its text, in the content store.
        text: ContentHash,
        /// How often one was to be split, from 1.
        ordinal: u32,
    },
    /// A text that was not split yet is no longer of interest.
    SplitSuperseded {
        /// Which one.
        ordinal: u32,
    },
    /// The text is split.
    DocumentSplit {
        /// What has split it, with its version.
        splitter: String,
        /// Its passages, in the order of the text; one that occurs twice is there once.
        passages: Vec<Passage>,
        /// The passages of the text before that are none of this one.
        dropped: Vec<StreamName>,
        /// Which text.
        ordinal: u32,
    },
    /// Nothing of it is known any more.
    DocumentForgotten {
        /// The passages it had.
        dropped: Vec<StreamName>,
    },
}

impl Vocabulary for KnowledgeEvent {}
