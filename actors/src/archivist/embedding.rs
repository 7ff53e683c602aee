//! The embedding of what a character, a picture, a line or a passage says in words, in a stream named after it. It listens
//! to definitions, requests and splits, which name the document the text is taken from; it owes the vector of the newest one.
//!
//! Nobody waits for it: a chapter is made whether or not its texts are embedded, and one that cannot be is parked, told as
//! an incident. A document that comes again is not embedded again. What can go wrong: the model is away, the document is
//! missing, or the model gives what is no vector.

mod text;

use hydra_events::record::Recorded;
use hydra_events::stream::join_id;
use hydra_events::vocabulary::character::CharacterEvent;
use hydra_events::vocabulary::embedding::{About, Embedded, EmbeddingCommand, EmbeddingEvent};
use hydra_events::vocabulary::image::ImageEvent;
use hydra_events::vocabulary::knowledge::{KnowledgeEvent, Passage};
use hydra_events::vocabulary::line::LineEvent;
use hydra_events::vocabulary::terms::{ShownKind, Shows};
use hydra_events::wire::WireError;
use hydra_events::{ContentHash, StreamName};
use serde::{Deserialize, Serialize};

use super::knowledge::PASSAGE;
use crate::decider::{Decider, Given, Need, Owed, Reaction};
use crate::ports::DIMENSION_MAX;
use crate::registry::typed;

pub use text::{Told, told};

/// The categories of what says something in words.
pub const SOURCES: [&str; 4] = ["character", "image", "line", PASSAGE];

/// The entity.
pub struct Embedding;

/// What an embedding remembers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EmbeddingState {
    /// Where it stands.
    pub status: Status,
    /// What was asked for last; absent with the embedding itself.
    pub request: Option<Request>,
    /// How often the model was to be asked.
    pub ordinal: u32,
    /// What the model said last.
    pub known: Option<Known>,
}

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// What the text belongs to.
    pub source: StreamName,
    /// The document it is taken from.
    pub document: ContentHash,
    /// What it is about.
    pub about: About,
}

/// What the model said of a document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Known {
    /// The document.
    pub document: ContentHash,
    /// The text, the model and the vector.
    pub embedded: Embedded,
}

/// Where an embedding stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// Nothing was ever asked for.
    #[default]
    Absent,
    /// The model is asked.
    Embedding,
    /// Something newer is about to take its place.
    Superseded,
    /// The text has its vector.
    Embedded,
    /// The source no longer has a text.
    Withdrawn,
}

/// What an embedding owes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Embed {
    /// What the text belongs to.
    pub source: StreamName,
    /// The document it is taken from.
    pub document: ContentHash,
    /// The text and the model of the vector there is: it still holds where neither is another one now.
    pub known: Option<(ContentHash, String)>,
}

/// Why an embedding says no.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum EmbeddingRejection {
    /// Nothing was ever asked for.
    #[error("nothing was ever to be embedded here")]
    Unknown,
    /// The source is none of those that say something.
    #[error("{0} says nothing in words: a character, an image, a line or a passage does")]
    Wordless(StreamName),
    /// The source has a stream of its own.
    #[error("the embedding of {0} is kept in another stream")]
    OtherSource(StreamName),
    /// No text is being embedded.
    #[error("no text is being embedded: the last request was {0}")]
    NotUnderWay(u32),
    /// There is no vector yet.
    #[error("there is no vector that could be kept")]
    NothingToKeep,
    /// What the model gave cannot be compared with anything.
    #[error("{0} gave no vector of {1} numbers, not all of them zero")]
    NoVector(String, u32),
}

impl Embedding {
    /// The stream of what `source` says.
    pub fn stream_of(source: &StreamName) -> Option<StreamName> {
        StreamName::try_new(Self::CATEGORY, &join_id(&[source.category(), source.id()])).ok()
    }
}

impl Decider for Embedding {
    const CATEGORY: &'static str = "embedding";
    const ACTOR: &'static str = "archivist";
    const REACTS_TO: &'static [&'static str] = &[
        "character.character_defined.v1",
        "image.image_requested.v1",
        "line.line_requested.v1",
        "line.line_cancelled.v1",
        "knowledge.document_split.v1",
        "knowledge.document_forgotten.v1",
    ];
    const OUTCOMES: &'static [&'static str] = &["accept_embedding", "keep_embedding"];

    type Command = EmbeddingCommand;
    type Event = EmbeddingEvent;
    type Rejection = EmbeddingRejection;
    type Effect = Embed;
    type State = EmbeddingState;

    fn decide(
        state: &EmbeddingState,
        command: EmbeddingCommand,
        given: Given<'_>,
    ) -> Result<Vec<EmbeddingEvent>, EmbeddingRejection> {
        match command {
            EmbeddingCommand::RequestEmbedding { source, document, about } => {
                check_address(given.stream, &source)?;
                Ok(state.request(Request { source, document, about }))
            }
            EmbeddingCommand::AcceptEmbedding { embedded } => state.accept(embedded),
            EmbeddingCommand::KeepEmbedding {} => state.keep(),
            EmbeddingCommand::WithdrawEmbedding { source } => {
                check_address(given.stream, &source)?;
                state.withdraw(source)
            }
        }
    }

    fn evolve(state: &mut EmbeddingState, event: &EmbeddingEvent) {
        match event {
            EmbeddingEvent::EmbeddingRequested { source, document, about, ordinal } => {
                let (source, about) = (source.clone(), about.clone());
                state.request = Some(Request { source, document: *document, about });
                state.ordinal = *ordinal;
                state.status = Status::Embedding;
            }
            EmbeddingEvent::EmbeddingSuperseded { .. } => state.status = Status::Superseded,
            EmbeddingEvent::TextEmbedded { source, document, about, embedded, .. } => {
                let (source, document, about) = (source.clone(), *document, about.clone());
                state.request = Some(Request { source, document, about });
                state.known = Some(Known { document, embedded: embedded.clone() });
                state.status = Status::Embedded;
            }
            EmbeddingEvent::EmbeddingWithdrawn { .. } => state.status = Status::Withdrawn,
        }
    }

    fn owed(state: &EmbeddingState) -> Vec<Owed<Embed>> {
        let (Status::Embedding, Some(request)) = (state.status, &state.request) else { return Vec::new() };
        let Request { source, document, .. } = request.clone();
        let known = state.known.as_ref().map(|known| &known.embedded);
        let known = known.map(|embedded| (embedded.text, embedded.model.clone()));
        let effect = Embed { source, document, known };
        vec![Owed { key: format!("embed-{}", state.ordinal), need: Need::Light, effect }]
    }

    fn react(event: &Recorded) -> Result<Vec<Reaction<EmbeddingCommand>>, WireError> {
        let source = &event.stream;
        let one =
            |command: Option<EmbeddingCommand>| command.map(|command| (source.clone(), command)).into_iter();
        let asked: Vec<_> = match source.category() {
            "character" => one(of_character(source, typed::<CharacterEvent>(event)?)).collect(),
            "image" => one(of_image(source, typed::<ImageEvent>(event)?)).collect(),
            "knowledge" => of_document(typed::<KnowledgeEvent>(event)?),
            _ => one(of_line(source, typed::<LineEvent>(event)?)).collect(),
        };
        Ok(asked
            .into_iter()
            .filter_map(|(source, command)| Some((Self::stream_of(&source)?, command)))
            .collect())
    }
}

impl EmbeddingState {
    fn request(&self, wanted: Request) -> Vec<EmbeddingEvent> {
        let is_known = matches!(self.status, Status::Embedding | Status::Embedded);
        if is_known && self.request.as_ref() == Some(&wanted) {
            return Vec::new();
        }
        let Request { source, document, about } = wanted;
        let next = match self.known.as_ref().filter(|known| known.document == document) {
            Some(Known { embedded, .. }) => {
                let (ordinal, embedded) = (self.ordinal, embedded.clone());
                EmbeddingEvent::TextEmbedded { source, document, about, ordinal, embedded }
            }
            None => {
                let ordinal = self.ordinal + 1;
                EmbeddingEvent::EmbeddingRequested { source, document, about, ordinal }
            }
        };
        self.superseded().into_iter().chain([next]).collect()
    }

    fn accept(&self, embedded: Embedded) -> Result<Vec<EmbeddingEvent>, EmbeddingRejection> {
        let Request { source, document, about } = self.under_way()?;
        if !is_sound(&embedded) {
            return Err(EmbeddingRejection::NoVector(embedded.model, embedded.dimension));
        }
        let ordinal = self.ordinal;
        Ok(vec![EmbeddingEvent::TextEmbedded { source, document, about, ordinal, embedded }])
    }

    /// The text of a changed document is the one before, and so is its vector.
    fn keep(&self) -> Result<Vec<EmbeddingEvent>, EmbeddingRejection> {
        let Some(known) = &self.known else { return Err(EmbeddingRejection::NothingToKeep) };
        self.accept(known.embedded.clone())
    }

    fn withdraw(&self, source: StreamName) -> Result<Vec<EmbeddingEvent>, EmbeddingRejection> {
        match self.status {
            Status::Absent => Err(EmbeddingRejection::Unknown),
            Status::Withdrawn => Ok(Vec::new()),
            Status::Embedding | Status::Superseded | Status::Embedded => {
                let withdrawn = EmbeddingEvent::EmbeddingWithdrawn { source };
                Ok(self.superseded().into_iter().chain([withdrawn]).collect())
            }
        }
    }

    fn under_way(&self) -> Result<Request, EmbeddingRejection> {
        match (self.status, &self.request) {
            (Status::Embedding, Some(request)) => Ok(request.clone()),
            (_, None) => Err(EmbeddingRejection::Unknown),
            (Status::Absent | Status::Superseded | Status::Embedded | Status::Withdrawn, Some(_)) => {
                Err(EmbeddingRejection::NotUnderWay(self.ordinal))
            }
        }
    }

    /// The end of what is still owed: what follows is another effect, or none.
    fn superseded(&self) -> Option<EmbeddingEvent> {
        let ordinal = self.ordinal;
        (self.status == Status::Embedding).then_some(EmbeddingEvent::EmbeddingSuperseded { ordinal })
    }
}

fn check_address(stream: &StreamName, source: &StreamName) -> Result<(), EmbeddingRejection> {
    if !SOURCES.contains(&source.category()) {
        return Err(EmbeddingRejection::Wordless(source.clone()));
    }
    if Embedding::stream_of(source).as_ref() != Some(stream) {
        return Err(EmbeddingRejection::OtherSource(source.clone()));
    }
    Ok(())
}

/// Whether vectors can be compared with this one.
fn is_sound(embedded: &Embedded) -> bool {
    let dimension = embedded.vector.dimension();
    let is_told = u32::try_from(dimension).is_ok_and(|dimension| dimension == embedded.dimension);
    is_told && dimension <= DIMENSION_MAX && embedded.vector.has_direction()
}

fn requested(source: &StreamName, document: ContentHash, about: About) -> Option<EmbeddingCommand> {
    Some(EmbeddingCommand::RequestEmbedding { source: source.clone(), document, about })
}

fn of_character(character: &StreamName, fact: CharacterEvent) -> Option<EmbeddingCommand> {
    let CharacterEvent::CharacterDefined { profile, .. } = fact;
    let about = About { character: character.id().to_owned(), ..About::default() };
    requested(character, profile, about)
}

fn of_image(image: &StreamName, fact: ImageEvent) -> Option<EmbeddingCommand> {
    match fact {
        ImageEvent::ImageRequested { chapter, brief, shows, .. } => {
            let Shows { subject, kind, outfit, .. } = shows;
            let character = match kind {
                ShownKind::Bust => subject,
                ShownKind::Background => String::new(),
            };
            // Scenes share it, and which of them asks first is a matter of timing.
            let about = About { chapter, scene: String::new(), character, outfit };
            requested(image, brief, about)
        }
        ImageEvent::RequesterAdded { .. }
        | ImageEvent::ImageRendered { .. }
        | ImageEvent::BriefRefused { .. }
        | ImageEvent::ImageRejected { .. }
        | ImageEvent::RenderReopened { .. }
        | ImageEvent::ImageApproved { .. }
        | ImageEvent::ImageSupplied { .. }
        | ImageEvent::ImageMissing { .. }
        | ImageEvent::RequesterReleased { .. }
        | ImageEvent::PictureGivenUp { .. }
        | ImageEvent::ImageCancelled { .. } => None,
    }
}

fn of_line(line: &StreamName, fact: LineEvent) -> Option<EmbeddingCommand> {
    match fact {
        LineEvent::LineRequested { scene, chapter, speech, character, .. } => {
            let scene = scene.to_string();
            let about = About { chapter, scene, character, ..About::default() };
            requested(line, speech, about)
        }
        LineEvent::LineCancelled { .. } => Some(EmbeddingCommand::WithdrawEmbedding { source: line.clone() }),
        LineEvent::TakeWithdrawn { .. }
        | LineEvent::LineReopened { .. }
        | LineEvent::LineSpoken { .. }
        | LineEvent::RecordingReplaced { .. }
        | LineEvent::LineMissing { .. } => None,
    }
}

fn of_document(fact: KnowledgeEvent) -> Vec<(StreamName, EmbeddingCommand)> {
    let (passages, dropped) = match fact {
        KnowledgeEvent::DocumentSplit { passages, dropped, .. } => (passages, dropped),
        KnowledgeEvent::DocumentForgotten { dropped } => (Vec::new(), dropped),
        KnowledgeEvent::DocumentKept { .. } | KnowledgeEvent::SplitSuperseded { .. } => return Vec::new(),
    };
    let placed = passages.into_iter().filter_map(|Passage { name, content }| {
        Some((name.clone(), requested(&name, content, About::default())?))
    });
    let withdrawn = dropped.into_iter().map(|source| {
        let command = EmbeddingCommand::WithdrawEmbedding { source: source.clone() };
        (source, command)
    });
    placed.chain(withdrawn).collect()
}
