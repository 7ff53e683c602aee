//! The long-term memory: where characters, pictures, lines and passages of documents were placed among others, by the
//! vectors of what they say.
//!
//! A row is one source and has its newest vector: another one replaces it. Nothing here asks a model; what stands in the
//! log is copied. A picture is in the memory from its request on, and found while its last round ended with an approval.

use hydra_events::record::Recorded;
use hydra_events::vocabulary::embedding::{About, Embedded, EmbeddingEvent};
use hydra_events::vocabulary::image::ImageEvent;
use hydra_events::vocabulary::knowledge::{KnowledgeEvent, Passage};
use hydra_events::wire::WireError;
use hydra_events::{ContentHash, StreamName};
use serde_json::Value;

use crate::view::Kind::{Integer, Text, Time, Vector};
use crate::view::Lasts::Always;
use crate::view::{Kind, Table, View, ViewOp, json, typed};

/// The view.
pub static VIEW: View = View {
    name: "long_term",
    version: 2,
    tables: &[CHARACTERS, IMAGES, DIALOGUE, KNOWLEDGE],
    edges: None,
    apply,
};

/// Columns whose values may be asked for.
const INDEXES: &[&str] = &["character"];

/// The columns of every table, and further ones.
macro_rules! placed {
    ($($further:expr),*) => {
        &[
            ("event", Text),
            ("at", Time),
            ("chapter", Text),
            ("scene", Text),
            ("character", Text),
            ("outfit", Text),
            ("emotion", Text),
            ("owner", Text),
            ("visibility", Text),
            ("text", Text),
            ("model", Text),
            ("dimension", Integer),
            ("vector", Vector),
            $($further),*
        ]
    };
}

const COLUMNS: &[(&str, Kind)] = placed!();
const KNOWLEDGE_COLUMNS: &[(&str, Kind)] =
    placed!(("document", Text), ("splitter", Text), ("place", Integer));
const IMAGE_COLUMNS: &[(&str, Kind)] = placed!(("approved", Integer), ("blob", Text));

/// Characters, by their appearance and manner.
pub(crate) static CHARACTERS: Table =
    Table { name: "character_vectors", columns: COLUMNS, indexes: INDEXES, lasts: Always };
/// Pictures, by what they show.
pub(crate) static IMAGES: Table =
    Table { name: "image_vectors", columns: IMAGE_COLUMNS, indexes: INDEXES, lasts: Always };
/// Lines, by their words.
pub(crate) static DIALOGUE: Table =
    Table { name: "dialogue_vectors", columns: COLUMNS, indexes: INDEXES, lasts: Always };
/// Passages of documents, by their words.
pub(crate) static KNOWLEDGE: Table =
    Table { name: "knowledge_vectors", columns: KNOWLEDGE_COLUMNS, indexes: &["document"], lasts: Always };

fn apply(event: &Recorded) -> Result<Vec<ViewOp>, WireError> {
    Ok(match event.stream.category() {
        "embedding" => typed(event)?.and_then(|fact| embedding(event, fact)).into_iter().collect(),
        "image" => typed(event)?.and_then(|fact| image(event, fact)).into_iter().collect(),
        "knowledge" => typed(event)?.map(|fact| knowledge(event, fact)).unwrap_or_default(),
        _ => Vec::new(),
    })
}

fn embedding(event: &Recorded, fact: EmbeddingEvent) -> Option<ViewOp> {
    match fact {
        EmbeddingEvent::TextEmbedded { source, about, embedded, .. } => {
            Some(placed(row(&source)?, event, about, embedded))
        }
        EmbeddingEvent::EmbeddingWithdrawn { source } => Some(forgotten(row(&source)?)),
        EmbeddingEvent::EmbeddingRequested { .. } | EmbeddingEvent::EmbeddingSuperseded { .. } => None,
    }
}

fn row(source: &StreamName) -> Option<ViewOp> {
    let table = match source.category() {
        "character" => CHARACTERS.name,
        "image" => IMAGES.name,
        "line" => DIALOGUE.name,
        "passage" => KNOWLEDGE.name,
        _ => return None,
    };
    Some(ViewOp::put(table, source))
}

fn placed(op: ViewOp, event: &Recorded, about: About, embedded: Embedded) -> ViewOp {
    let About { chapter, scene, character, outfit } = about;
    let Embedded { text, emotion, model, dimension, vector } = embedded;
    op.set("event", event.id.to_string())
        .set("at", event.time.0)
        .set("chapter", chapter)
        .set("scene", scene)
        .set("character", character)
        .set("outfit", outfit)
        .set("emotion", emotion)
        .set("owner", event.owner.as_ref())
        .set("visibility", json(&event.visibility))
        .set("text", text.to_string())
        .set("model", model)
        .set("dimension", dimension)
        .set("vector", vector.to_string())
}

/// The source may come back: the row stays, and is not found.
fn forgotten(op: ViewOp) -> ViewOp {
    ["event", "text", "model", "dimension", "vector"]
        .into_iter()
        .fold(op, |op, column| op.set(column, Value::Null))
}

/// Where each passage stands in its document. One that is dropped stands nowhere, and is not found from then on.
fn knowledge(event: &Recorded, fact: KnowledgeEvent) -> Vec<ViewOp> {
    let row = |passage: &StreamName| ViewOp::put(KNOWLEDGE.name, passage);
    let (splitter, passages, dropped) = match fact {
        KnowledgeEvent::DocumentSplit { splitter, passages, dropped, .. } => (splitter, passages, dropped),
        KnowledgeEvent::DocumentForgotten { dropped } => (String::new(), Vec::new(), dropped),
        KnowledgeEvent::DocumentKept { .. } | KnowledgeEvent::SplitSuperseded { .. } => return Vec::new(),
    };
    let stands = |(place, passage): (i64, &Passage)| {
        let op = row(&passage.name).set("document", event.stream.id());
        op.set("splitter", splitter.clone()).set("place", place)
    };
    let stands_nowhere = |passage: &StreamName| {
        let op = ["document", "splitter", "place"]
            .into_iter()
            .fold(row(passage), |op, column| op.set(column, Value::Null));
        forgotten(op)
    };
    (1..).zip(&passages).map(stands).chain(dropped.iter().map(stands_nowhere)).collect()
}

/// Whether a picture may be shown as one that was approved.
fn image(event: &Recorded, fact: ImageEvent) -> Option<ViewOp> {
    approval(&fact).map(|approval| approved(event, approval.file()))
}

/// What becomes of the approval of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Approval {
    /// It is approved as this file.
    Given(ContentHash),
    /// It is no longer.
    Withdrawn,
}

impl Approval {
    /// The file it is approved as.
    pub(crate) fn file(self) -> Option<ContentHash> {
        match self {
            Self::Given(file) => Some(file),
            Self::Withdrawn => None,
        }
    }
}

/// What `fact` means for the approval of its picture, if anything.
pub(crate) fn approval(fact: &ImageEvent) -> Option<Approval> {
    match fact {
        ImageEvent::ImageApproved { made, .. } => Some(Approval::Given(made.blob)),
        // Only where those who wait have been told otherwise.
        ImageEvent::RenderReopened { requesters, .. } if requesters.is_empty() => None,
        ImageEvent::RenderReopened { .. }
        | ImageEvent::ImageMissing { .. }
        | ImageEvent::ImageCancelled { .. } => Some(Approval::Withdrawn),
        ImageEvent::ImageRequested { .. }
        | ImageEvent::RequesterAdded { .. }
        | ImageEvent::ImageRendered { .. }
        | ImageEvent::BriefRefused { .. }
        | ImageEvent::ImageRejected { .. }
        | ImageEvent::ImageSupplied { .. }
        | ImageEvent::RequesterReleased { .. }
        | ImageEvent::PictureGivenUp { .. } => None,
    }
}

fn approved(event: &Recorded, blob: Option<ContentHash>) -> ViewOp {
    let op = ViewOp::put(IMAGES.name, &event.stream).set("approved", blob.is_some());
    op.set("blob", blob.map_or(Value::Null, |blob| blob.to_string().into()))
}
