//! A question to a person: is this picture good enough?

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::review::Verdict;
use super::terms::{DecidedBy, Score};
use crate::content::ContentHash;
use crate::stream::StreamName;
use crate::wire::Vocabulary;

/// What may be asked of an approval.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalCommand {
    /// A review is undecided.
    RequestApproval {
        /// The review.
        review: StreamName,
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
    /// The answer. The first one stands.
    AnswerApproval {
        /// The answer.
        verdict: Verdict,
        /// Who gave it.
        by: DecidedBy,
        /// What they added.
        note: String,
    },
    /// The question is moot.
    WithdrawApproval {
        /// Why.
        reason: String,
    },
}

impl Vocabulary for ApprovalCommand {}

/// What can become of an approval.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalEvent {
    /// A person is asked.
    ApprovalRequested {
        /// The review.
        review: StreamName,
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
    /// It was answered.
    ApprovalAnswered {
        /// The review.
        review: StreamName,
        /// The picture's quality try.
        quality_try: u32,
        /// The answer.
        verdict: Verdict,
        /// Who gave it.
        by: DecidedBy,
        /// What they added.
        note: String,
    },
    /// The question is moot: nobody needs to answer it any more.
    ApprovalWithdrawn {
        /// Why.
        reason: String,
    },
}

impl Vocabulary for ApprovalEvent {}
