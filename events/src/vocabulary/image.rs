//! A picture: requested by scenes and orders, rendered, reviewed, supplied.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::terms::{DecidedBy, Made, Recalled, Score, Shows};
use crate::content::ContentHash;
use crate::stream::StreamName;
use crate::wire::Vocabulary;

/// What may be asked of a picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImageCommand {
    /// A scene or an order wants it.
    RequestImage {
        /// Who wants it.
        requester: StreamName,
        /// The chapter it belongs to, or the order for one without a chapter.
        chapter: String,
        /// The brief, in the content store.
        brief: ContentHash,
        /// What it shows.
        shows: Shows,
        /// Higher goes first.
        priority: i32,
        /// What was recalled for its prompt, if anything was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        recalled: Option<Recalled>,
    },
    /// The engine has drawn it.
    AcceptRender {
        /// What was made, by which engine, from what.
        made: Made,
        /// The seed it was drawn with.
        seed: u64,
    },
    /// The gate refused the brief: no engine was asked.
    RefuseBrief {
        /// What was found.
        reason: String,
    },
    /// The review approved it.
    ApproveImage {
        /// The quality try the review is about.
        quality_try: u32,
        /// The scores it was approved with.
        scores: Vec<Score>,
        /// Who decided.
        by: DecidedBy,
    },
    /// The review rejected it.
    RejectImage {
        /// The quality try the review is about.
        quality_try: u32,
        /// Why.
        reasons: Vec<String>,
        /// Who decided.
        by: DecidedBy,
    },
    /// Somebody wants a missing or exhausted picture tried again.
    RetryImage {
        /// Why, for the record.
        note: String,
    },
    /// A requester no longer wants it.
    ReleaseImage {
        /// Who wanted it.
        requester: StreamName,
    },
}

impl Vocabulary for ImageCommand {}

/// What can become of a picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImageEvent {
    /// It was asked for the first time.
    ImageRequested {
        /// Who wants it.
        requester: StreamName,
        /// The chapter it belongs to, or the order for one without a chapter.
        chapter: String,
        /// The brief, in the content store.
        brief: ContentHash,
        /// What it shows.
        shows: Shows,
        /// Higher goes first.
        priority: i32,
        /// What was recalled for its prompt, if anything was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        recalled: Option<Recalled>,
    },
    /// Another requester wants it too.
    RequesterAdded {
        /// Who wants it.
        requester: StreamName,
        /// The priority it has from here on, when this requester is in more of a hurry than those before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        priority: Option<i32>,
    },
    /// The engine has drawn it.
    ImageRendered {
        /// The quality try, from 1.
        quality_try: u32,
        /// What was made, by which engine, from what.
        made: Made,
        /// The seed it was drawn with.
        seed: u64,
        /// The brief it was drawn from.
        brief: ContentHash,
        /// What it shows.
        shows: Shows,
        /// The chapter it belongs to.
        chapter: String,
    },
    /// The gate refused the brief: no engine was asked.
    BriefRefused {
        /// What was found.
        reason: String,
    },
    /// The review rejected this try.
    ImageRejected {
        /// The quality try that was rejected.
        quality_try: u32,
        /// Why.
        reasons: Vec<String>,
        /// Who decided.
        by: DecidedBy,
    },
    /// It is drawn again: with another seed, or after its effect was unparked.
    RenderReopened {
        /// The quality try that follows.
        quality_try: u32,
        /// Why.
        note: String,
        /// Who had been told that it was finished or missing.
        requesters: Vec<StreamName>,
    },
    /// The review approved it.
    ImageApproved {
        /// The quality try that was approved.
        quality_try: u32,
        /// What was made.
        made: Made,
        /// The seed it was drawn with.
        seed: u64,
        /// The scores it was approved with.
        scores: Vec<Score>,
        /// Who decided.
        by: DecidedBy,
        /// The version of the policy that was in force.
        policy: u64,
        /// What it shows.
        shows: Shows,
        /// The chapter it belongs to.
        chapter: String,
    },
    /// One requester has what it asked for.
    ImageSupplied {
        /// Who wanted it.
        requester: StreamName,
        /// The file, in the content store.
        blob: ContentHash,
    },
    /// Those who wait are told: it will not come unless somebody retries it.
    ImageMissing {
        /// Who waits for it.
        requesters: Vec<StreamName>,
        /// Why.
        reason: String,
    },
    /// A requester no longer wants it.
    RequesterReleased {
        /// Who wanted it.
        requester: StreamName,
    },
    /// An approved picture is no longer used: another try has taken its place, or it was given up without one.
    PictureGivenUp {
        /// The file it was, in the content store.
        blob: ContentHash,
    },
    /// Nobody wants it any more.
    ImageCancelled {
        /// The file it had, in the content store.
        blob: Option<ContentHash>,
    },
}

impl Vocabulary for ImageEvent {}
