//! Nodes and connections, as changes of rows.
//!
//! A connection brings both of its ends with it, so that none leads to what nobody knows the kind of.

use hydra_events::vocabulary::terms::{DecidedBy, Recalled, ShownKind, Shows};
use hydra_events::{ContentHash, StreamName};
use serde_json::{Value, json};

use super::EdgeKind;
use crate::view::ViewOp;

/// Something that can be connected.
#[derive(Clone, Debug)]
pub(super) struct End {
    id: String,
    kind: String,
}

impl End {
    pub(super) fn new(kind: &str, id: impl ToString) -> Self {
        Self { id: id.to_string(), kind: kind.to_owned() }
    }

    /// What has a stream is called as that is.
    pub(super) fn stream(stream: &StreamName) -> Self {
        Self::new(stream.category(), stream)
    }

    /// A file; what it holds is its kind.
    pub(super) fn file(kind: &str, hash: &ContentHash) -> Self {
        Self::new(kind, format!("blob-{hash}"))
    }

    /// What has no stream is called after its kind.
    pub(super) fn named(kind: &str, name: impl std::fmt::Display) -> Self {
        Self::new(kind, format!("{kind}-{name}"))
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// The change that makes its row say `label`.
    pub(super) fn labelled(&self, label: impl Into<String>) -> ViewOp {
        self.row().set("label", label.into())
    }

    /// A change of its row.
    pub(super) fn row(&self) -> ViewOp {
        ViewOp::put("nodes", &self.id).set("kind", self.kind.clone())
    }
}

/// What a picture shows.
pub(super) fn subject(shows: &Shows) -> End {
    match shows.kind {
        ShownKind::Bust => End::named("character", &shows.subject),
        ShownKind::Background => End::named("place", &shows.subject),
    }
}

/// Who decided.
pub(super) fn decider(by: &DecidedBy) -> End {
    match by {
        DecidedBy::Policy {} => End::named("decider", "policy"),
        DecidedBy::Person { name } => End::named("person", name),
        DecidedBy::Default {} => End::named("decider", "default"),
    }
}

/// The connection and both ends.
pub(super) fn link(source: &End, kind: EdgeKind, target: &End) -> Vec<ViewOp> {
    linked(key(source.id(), kind, target.id()), source, kind, target, 1, Value::Null)
}

/// The connection with more to say, and both ends.
pub(super) fn link_with(source: &End, kind: EdgeKind, target: &End, details: Value) -> Vec<ViewOp> {
    linked(key(source.id(), kind, target.id()), source, kind, target, 1, details)
}

/// A connection under a key of its own, and both ends.
pub(super) fn linked(
    key: String,
    source: &End,
    kind: EdgeKind,
    target: &End,
    weight: u64,
    details: Value,
) -> Vec<ViewOp> {
    let edge = ViewOp::put("edges", key).set("source", source.id()).set("kind", kind.name());
    let edge = edge.set("target", target.id()).set("weight", weight);
    // Who has nothing to say leaves what others said.
    let edge = if details.is_null() { edge } else { edge.set("details", details) };
    vec![source.row(), target.row(), edge]
}

/// What was recalled for a prompt: the answer, and where it is from.
pub(super) fn recalls(source: &End, recalled: Option<Recalled>) -> Vec<ViewOp> {
    let Some(Recalled { position, facts, from }) = recalled else { return Vec::new() };
    let details = json!({ "position": position });
    let facts = link_with(source, EdgeKind::Recalls, &End::file("recall", &facts), details.clone());
    let from = from
        .iter()
        .flat_map(|from| link_with(source, EdgeKind::Recalls, &End::stream(from), details.clone()));
    facts.into_iter().chain(from).collect()
}

/// The end of a connection.
pub(super) fn unlink(source: &End, kind: EdgeKind, target: &End) -> ViewOp {
    ViewOp::delete("edges", key(source.id(), kind, target.id()))
}

fn key(source: &str, kind: EdgeKind, target: &str) -> String {
    format!("{} {source} {target}", kind.name())
}
