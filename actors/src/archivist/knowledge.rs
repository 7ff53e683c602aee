//! A document about the world of a story: a place's history, a family, how magic works. It listens to nobody; it owes
//! the split of its newest text into passages, which the embeddings listen to.
//!
//! A passage is named after its document and what it says: where a document is changed, only the passages that are
//! new are embedded. What can go wrong: the text is missing, is no text, says what the content gate refuses, or comes to
//! more passages than an event holds.

mod split;

use std::collections::BTreeSet;

use hydra_events::stream::join_id;
use hydra_events::vocabulary::knowledge::{KnowledgeCommand, KnowledgeEvent, Passage};
use hydra_events::{ContentHash, StreamName};
use serde::{Deserialize, Serialize};

use crate::decider::{Decider, Given, Need, Owed};

pub use split::{
    PASSAGE_CHARS_MAX, PASSAGE_CHARS_MIN, PassageText, SPLITTER, TEXT_BYTES_MAX, TextProblem, split,
};

/// The category of passages, which are embedded and have no stream.
pub const PASSAGE: &str = "passage";
/// The most passages of a document: one record holds their names, those that are dropped for them, and the command.
pub const PASSAGES_MAX: usize = 600;
/// The longest title, in characters.
pub const TITLE_CHARS_MAX: usize = 200;
/// Digits of a passage's hash in its name.
const DIGITS: usize = 16;

/// The entity.
pub struct Knowledge;

/// What a document remembers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnowledgeState {
    /// Where it stands.
    pub status: Status,
    /// What it says; absent with the document itself.
    pub document: Option<Document>,
    /// How often a text was to be split.
    pub ordinal: u32,
    /// What has split it last; empty before.
    pub splitter: String,
    /// The passages that are known.
    pub passages: Vec<StreamName>,
}

/// What a document says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// What people call it.
    pub title: String,
    /// Its text.
    pub text: ContentHash,
}

/// Where a document stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// There never was one.
    #[default]
    Absent,
    /// Its text is being split.
    Splitting,
    /// Another text is about to take its place.
    Superseded,
    /// Its passages are known.
    Split,
    /// It is no longer known.
    Forgotten,
}

/// What a document owes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Split {
    /// What it says.
    pub document: Document,
}

/// Why a document says no.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum KnowledgeRejection {
    /// There never was one.
    #[error("there is no such document")]
    Unknown,
    /// It has no title, or one that is none.
    #[error("a title has 1 to {TITLE_CHARS_MAX} characters, all in one line")]
    Title,
    /// No text is being split.
    #[error("no text is being split: the last one was {0}")]
    NotUnderWay(u32),
    /// The text came to nothing, or to more than is kept.
    #[error("{0} passages, where 1 to {PASSAGES_MAX} are kept of one document")]
    Passages(usize),
}

impl Decider for Knowledge {
    const CATEGORY: &'static str = "knowledge";
    const ACTOR: &'static str = "archivist";
    const OUTCOMES: &'static [&'static str] = &["accept_passages"];

    type Command = KnowledgeCommand;
    type Event = KnowledgeEvent;
    type Rejection = KnowledgeRejection;
    type Effect = Split;
    type State = KnowledgeState;

    fn decide(
        state: &KnowledgeState,
        command: KnowledgeCommand,
        given: Given<'_>,
    ) -> Result<Vec<KnowledgeEvent>, KnowledgeRejection> {
        match command {
            KnowledgeCommand::KeepDocument { title, text } => state.keep(Document { title, text }),
            KnowledgeCommand::AcceptPassages { splitter, passages } => {
                state.accept(given.stream, splitter, &passages)
            }
            KnowledgeCommand::ForgetDocument {} => state.forget(),
        }
    }

    fn evolve(state: &mut KnowledgeState, event: &KnowledgeEvent) {
        match event {
            KnowledgeEvent::DocumentKept { title, text, ordinal } => {
                state.document = Some(Document { title: title.clone(), text: *text });
                state.ordinal = *ordinal;
                state.status = Status::Splitting;
            }
            KnowledgeEvent::SplitSuperseded { .. } => state.status = Status::Superseded,
            KnowledgeEvent::DocumentSplit { splitter, passages, .. } => {
                state.splitter.clone_from(splitter);
                state.passages = passages.iter().map(|passage| passage.name.clone()).collect();
                state.status = Status::Split;
            }
            KnowledgeEvent::DocumentForgotten { .. } => {
                state.passages.clear();
                state.status = Status::Forgotten;
            }
        }
    }

    fn owed(state: &KnowledgeState) -> Vec<Owed<Split>> {
        let (Status::Splitting, Some(document)) = (state.status, &state.document) else { return Vec::new() };
        let effect = Split { document: document.clone() };
        vec![Owed { key: format!("split-{}", state.ordinal), need: Need::Light, effect }]
    }
}

impl KnowledgeState {
    fn keep(&self, wanted: Document) -> Result<Vec<KnowledgeEvent>, KnowledgeRejection> {
        if !is_title(&wanted.title) {
            return Err(KnowledgeRejection::Title);
        }
        let is_known = match self.status {
            Status::Splitting => true,
            Status::Split => self.splitter == SPLITTER,
            Status::Absent | Status::Superseded | Status::Forgotten => false,
        };
        if is_known && self.document.as_ref() == Some(&wanted) {
            return Ok(Vec::new());
        }
        let Document { title, text } = wanted;
        let kept = KnowledgeEvent::DocumentKept { title, text, ordinal: self.ordinal + 1 };
        Ok(self.superseded().into_iter().chain([kept]).collect())
    }

    fn accept(
        &self,
        stream: &StreamName,
        splitter: String,
        contents: &[ContentHash],
    ) -> Result<Vec<KnowledgeEvent>, KnowledgeRejection> {
        match self.status {
            Status::Splitting => {}
            Status::Absent => return Err(KnowledgeRejection::Unknown),
            Status::Superseded | Status::Split | Status::Forgotten => {
                return Err(KnowledgeRejection::NotUnderWay(self.ordinal));
            }
        }
        let mut names = BTreeSet::new();
        let named = contents.iter().filter_map(|content| Some((passage(stream, *content)?, *content)));
        let passages: Vec<Passage> = named
            .filter(|(name, _)| names.insert(name.clone()))
            .map(|(name, content)| Passage { name, content })
            .collect();
        if !(1..=PASSAGES_MAX).contains(&passages.len()) {
            return Err(KnowledgeRejection::Passages(passages.len()));
        }
        let dropped = self.passages.iter().filter(|name| !names.contains(name)).cloned().collect();
        let ordinal = self.ordinal;
        Ok(vec![KnowledgeEvent::DocumentSplit { splitter, passages, dropped, ordinal }])
    }

    fn forget(&self) -> Result<Vec<KnowledgeEvent>, KnowledgeRejection> {
        match self.status {
            Status::Absent => Err(KnowledgeRejection::Unknown),
            Status::Forgotten => Ok(Vec::new()),
            Status::Splitting | Status::Superseded | Status::Split => {
                let forgotten = KnowledgeEvent::DocumentForgotten { dropped: self.passages.clone() };
                Ok(self.superseded().into_iter().chain([forgotten]).collect())
            }
        }
    }

    /// The end of what is still owed: what follows is another effect, or none.
    fn superseded(&self) -> Option<KnowledgeEvent> {
        let ordinal = self.ordinal;
        (self.status == Status::Splitting).then_some(KnowledgeEvent::SplitSuperseded { ordinal })
    }
}

/// Whether a document can be called so.
pub fn is_title(text: &str) -> bool {
    (1..=TITLE_CHARS_MAX).contains(&text.chars().count()) && !text.contains(char::is_control)
}

/// What a passage of `document` with this content is called.
fn passage(document: &StreamName, content: ContentHash) -> Option<StreamName> {
    let digest = content.to_string();
    StreamName::try_new(PASSAGE, &join_id(&[document.id(), &digest[..DIGITS]])).ok()
}
