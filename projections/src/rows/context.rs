//! What is known for an hour: what every actor is doing, and what a chapter is being made with.

use hydra_events::{ContentHash, StreamName};
use serde::{Deserialize, Serialize};

/// What an actor did last.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DoingRow {
    /// The actor.
    pub id: String,
    /// The stream it decided about.
    pub stream: StreamName,
    /// What it decided.
    pub event: String,
    /// The effect that was about.
    pub effect: Option<String>,
    /// What happened to the effect.
    pub role: Option<String>,
    /// Which attempt it was.
    pub attempt: Option<u32>,
    /// When, in microseconds since 1970.
    pub at: i64,
}

/// Where the making of a chapter or of an order stands.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ContextRow {
    /// Its id.
    pub id: String,
    /// Its title, where it was asked for within the hour.
    pub title: Option<String>,
    /// Its revision.
    pub revision: Option<u32>,
    /// `requested`, `planned`, `completed`, `reopened` or `cancelled`.
    pub state: Option<String>,
    /// The scene at hand.
    pub scene: Option<StreamName>,
    /// Which writing of the scene.
    pub draft: Option<u32>,
    /// The picture or line that was last given to an engine.
    pub asset: Option<StreamName>,
    /// What it was given with, in the content store.
    pub prompt: Option<ContentHash>,
    /// What happened last.
    pub event: String,
    /// When, in microseconds since 1970.
    pub at: i64,
}

/// What an engine was last given for a picture or a line. What was said more than an hour before the last event is not
/// known any more.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PromptRow {
    /// The picture or line.
    pub id: StreamName,
    /// The id of its chapter, or of its order.
    pub chapter: String,
    /// Who asked for it.
    pub requester: Option<StreamName>,
    /// `bust`, `background` or `line`.
    pub kind: String,
    /// Who or what it shows, or who speaks.
    pub subject: String,
    /// The brief or the speech, in the content store.
    pub prompt: Option<ContentHash>,
    /// Which try.
    pub take: u32,
    /// `pending`, `rendered`, `made`, `rejected`, `refused` or `missing`.
    pub state: String,
    /// Why it is asked for again, or was not taken.
    pub note: Option<String>,
    /// When it last changed, in microseconds since 1970.
    pub at: i64,
    /// The event that changed it.
    pub position: u64,
}
