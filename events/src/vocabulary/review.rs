//! The review of one picture: measured, decided by policy, or by a person where the measure is undecided.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::terms::{DecidedBy, Score, Shows};
use crate::content::ContentHash;
use crate::stream::StreamName;
use crate::wire::Vocabulary;

/// A yes or a no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Good enough.
    Approve,
    /// Not good enough.
    Reject,
}

/// What may be asked of a review.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReviewCommand {
    /// A picture was drawn.
    OpenReview {
        /// The picture.
        image: StreamName,
        /// Its quality try.
        quality_try: u32,
        /// The file, in the content store.
        blob: ContentHash,
        /// The brief it was drawn from.
        brief: ContentHash,
        /// What it shows.
        shows: Shows,
        /// The chapter it belongs to.
        chapter: String,
    },
    /// The scorer has measured it.
    AcceptScores {
        /// What was measured.
        scores: Vec<Score>,
        /// How long it took, in milliseconds.
        duration_ms: u64,
    },
    /// The gate refused the picture itself.
    RefusePicture {
        /// What was found.
        reason: String,
    },
    /// Nobody wants the picture any more.
    WithdrawReview {
        /// Why.
        reason: String,
    },
    /// A person has spoken, or the default answer applies.
    RecordVerdict {
        /// The quality try it is about.
        quality_try: u32,
        /// The verdict.
        verdict: Verdict,
        /// Who decided.
        by: DecidedBy,
        /// What the person added.
        note: String,
    },
}

impl Vocabulary for ReviewCommand {}

/// What can become of a review.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReviewEvent {
    /// A picture is to be measured.
    ReviewOpened {
        /// The picture.
        image: StreamName,
        /// Its quality try.
        quality_try: u32,
        /// The file, in the content store.
        blob: ContentHash,
        /// The brief it was drawn from.
        brief: ContentHash,
        /// What it shows.
        shows: Shows,
        /// The chapter it belongs to.
        chapter: String,
    },
    /// A try that was not measured yet is no longer of interest: the picture was drawn again.
    ReviewSuperseded {
        /// The try that is never measured.
        quality_try: u32,
    },
    /// A try that was not decided yet is no longer of interest: nobody wants the picture any more.
    ReviewWithdrawn {
        /// The picture.
        image: StreamName,
        /// The try that is never decided.
        quality_try: u32,
        /// Why.
        reason: String,
    },
    /// It was measured.
    PictureScored {
        /// Its quality try.
        quality_try: u32,
        /// What was measured.
        scores: Vec<Score>,
        /// How long it took, in milliseconds.
        duration_ms: u64,
    },
    /// The gate refused the picture itself.
    PictureRefused {
        /// Its quality try.
        quality_try: u32,
        /// What was found.
        reason: String,
    },
    /// Good enough.
    ReviewApproved {
        /// The picture.
        image: StreamName,
        /// Its quality try.
        quality_try: u32,
        /// What was measured.
        scores: Vec<Score>,
        /// Who decided.
        by: DecidedBy,
        /// The version of the policy that was in force.
        policy: u64,
    },
    /// Not good enough.
    ReviewRejected {
        /// The picture.
        image: StreamName,
        /// Its quality try.
        quality_try: u32,
        /// What was measured.
        scores: Vec<Score>,
        /// Why.
        reasons: Vec<String>,
        /// Who decided.
        by: DecidedBy,
        /// The version of the policy that was in force.
        policy: u64,
    },
    /// Too close to a threshold to be left to the measure.
    ReviewUndecided {
        /// The picture.
        image: StreamName,
        /// Its quality try.
        quality_try: u32,
        /// The file, in the content store.
        blob: ContentHash,
        /// What was measured.
        scores: Vec<Score>,
        /// Which scores are too close to call.
        reasons: Vec<String>,
        /// What applies when nobody answers.
        default: Verdict,
        /// The chapter it belongs to.
        chapter: String,
    },
}

impl Vocabulary for ReviewEvent {}
