//! The associative memory: who speaks with whom, what a story is made of, and what every file came from.
//!
//! One graph of nodes and connections. The story leads from chapter to scene to picture and line; the origins lead from a
//! file or picture back to render, prompt, seed, engine, model, reference, attempt, review, scores, policy and approval.
//! What has a stream is called as the stream is; a file is `blob-HASH`, and the rest is called after its kind:
//! `character-NAME`, `render-IMAGE/TRY`, `review-IMAGE/TRY`, `engine-NAME`. Everything here is set or deleted and never
//! counted up, so that events may be folded again.

mod images;
mod kind;
mod lines;
mod link;
mod reviews;
mod story;
mod talk;

use hydra_events::record::Recorded;
use hydra_events::wire::WireError;

use crate::view::Kind::{Integer, Json, Text};
use crate::view::Lasts::Always;
use crate::view::{Edges, Table, View, ViewOp};

pub use kind::EdgeKind;
pub(crate) use talk::{Conversation, conversations};

/// The view.
pub static VIEW: View = View { name: "associative", version: 3, tables: TABLES, edges: Some(EDGES), apply };

const TABLES: &[Table] = &[
    Table {
        name: "nodes",
        columns: &[("kind", Text), ("label", Text), ("state", Text), ("details", Json)],
        indexes: &["kind"],
        lasts: Always,
    },
    Table {
        name: "edges",
        columns: &[
            ("source", Text),
            ("target", Text),
            ("kind", Text),
            ("weight", Integer),
            ("details", Json),
        ],
        indexes: &["source", "target"],
        lasts: Always,
    },
];

const EDGES: Edges = Edges {
    table: "edges",
    nodes: "nodes",
    source: "source",
    target: "target",
    kind: "kind",
    kinds: kind::NAMES,
    walked: kind::WALKED,
    origins: kind::ORIGINS,
};

fn apply(event: &Recorded) -> Result<Vec<ViewOp>, WireError> {
    match event.stream.category() {
        "chapter" => story::chapter(event),
        "scene" => story::scene(event),
        "order" => story::order(event),
        "character" => story::character(event),
        "image" => images::image(event),
        "line" => lines::line(event),
        "review" => reviews::review(event),
        "approval" => reviews::approval(event),
        _ => Ok(Vec::new()),
    }
}
