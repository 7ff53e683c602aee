//! What a person should see to: what was given up, questions, and incidents.

use hydra_events::vocabulary::review::Verdict;
use hydra_events::vocabulary::terms::{DecidedBy, Score};
use hydra_events::{ContentHash, StreamName};
use serde::{Deserialize, Serialize};

/// Something given up or parked.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DeadRow {
    /// The stream.
    pub stream: StreamName,
    /// `parked` or `missing`.
    pub kind: String,
    /// The parked effect.
    pub effect: Option<String>,
    /// Attempts or tries made.
    #[serde(default)]
    pub attempts: u32,
    /// Why.
    pub reason: String,
    /// Since when, in microseconds since 1970.
    pub since: i64,
    /// The event that says so.
    pub position: u64,
}

/// A question to a person.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ApprovalRow {
    /// Its stream.
    pub id: StreamName,
    /// The picture.
    pub image: StreamName,
    /// The review.
    pub review: StreamName,
    /// The quality try.
    pub quality_try: u32,
    /// The chapter's id, or the order's.
    pub chapter: String,
    /// The file, in the content store.
    pub blob: ContentHash,
    /// What was measured.
    pub scores: Vec<Score>,
    /// Which scores are too close to call.
    pub reasons: Vec<String>,
    /// What applies when nobody answers.
    pub default_verdict: String,
    /// `open`, `answered` or `withdrawn`.
    pub state: String,
    /// The answer.
    pub verdict: Option<String>,
    /// Who gave it.
    pub decided_by: Option<DecidedBy>,
    /// When it was asked, in microseconds since 1970.
    pub asked_at: i64,
}

impl ApprovalRow {
    /// What applies when nobody answers.
    pub fn default(&self) -> Verdict {
        if self.default_verdict == "reject" { Verdict::Reject } else { Verdict::Approve }
    }
}

/// Something a person should know.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct IncidentRow {
    /// The id of its stream.
    pub id: String,
    /// What kind of thing.
    pub kind: String,
    /// The stream it happened to.
    pub subject: StreamName,
    /// What went wrong.
    pub reason: String,
    /// How often.
    pub occurrences: u32,
}
