//! The rows of the views, as they are read.

use hydra_events::vocabulary::plan::PlannedAction;
use hydra_events::vocabulary::review::Verdict;
use hydra_events::vocabulary::terms::{DecidedBy, Score, WantedImage, WantedLine};
use hydra_events::{ContentHash, StreamName};
use serde::{Deserialize, Serialize};

/// A chapter.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ChapterRow {
    /// The id of its stream.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The name of its screenplay's file.
    pub stem: String,
    /// `planning`, `producing`, `completed` or `cancelled`.
    pub state: String,
    /// How often it was asked for with a new source.
    pub revision: u32,
    /// Its plan, in the content store.
    pub plan: Option<ContentHash>,
    /// Its scenes' streams, in story order.
    pub scene_order: Vec<StreamName>,
    /// How many scenes it has.
    pub scenes: u32,
    /// How many assets were missing when it was last completed.
    pub missing: u32,
    /// How often it was completed.
    pub completion: u32,
    /// Its report, in the content store.
    pub report: Option<ContentHash>,
    /// When it was asked for, in microseconds since 1970.
    pub requested_at: i64,
    /// When it was completed.
    pub completed_at: Option<i64>,
}

/// A scene.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SceneRow {
    /// Its stream.
    pub id: StreamName,
    /// The chapter's id.
    #[serde(default)]
    pub chapter: String,
    /// The finished dialogue, in the content store.
    pub script: Option<ContentHash>,
    /// `writing`, `waiting`, `closed` or `cancelled`.
    #[serde(default)]
    pub state: String,
    /// The pictures it wants.
    #[serde(default)]
    pub images: Vec<WantedImage>,
    /// The lines it wants.
    #[serde(default)]
    pub lines: Vec<WantedLine>,
    /// How many lines are placeholders.
    #[serde(default)]
    pub placeholders: u32,
    /// How many assets were missing when it last closed.
    #[serde(default)]
    pub missing: u32,
}

/// An asset a scene or an order has asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SceneAssetRow {
    /// Who asked.
    pub scene: StreamName,
    /// The asset's stream.
    pub asset: StreamName,
    /// `waiting`, `supplied` or `missing`; absent before anything was heard.
    pub state: Option<String>,
    /// The file, in the content store.
    pub blob: Option<ContentHash>,
    /// Why it is missing.
    pub reason: Option<String>,
}

/// An event, as evidence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// Its id.
    pub id: String,
    /// Its position.
    pub position: u64,
    /// Its wire name.
    #[serde(rename = "type")]
    pub kind: String,
}

/// A rejected try.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RejectionRow {
    /// The try.
    pub quality_try: u32,
    /// Why.
    pub reasons: Vec<String>,
    /// Who decided.
    pub by: DecidedBy,
}

/// A picture.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ImageRow {
    /// Its stream.
    pub id: StreamName,
    /// The chapter's id, or the order's.
    #[serde(default)]
    pub chapter: String,
    /// `bust` or `background`.
    #[serde(default)]
    pub kind: String,
    /// The character or the place.
    #[serde(default)]
    pub subject: String,
    /// The outfit, or the time of day.
    #[serde(default)]
    pub outfit: String,
    /// The expression.
    #[serde(default)]
    pub expression: String,
    /// The ordinal among pictures of the same subject.
    #[serde(default)]
    pub candidate: u32,
    /// `rendering`, `in_review`, `approved`, `rejected`, `refused` or `cancelled`.
    #[serde(default)]
    pub state: String,
    /// The brief, in the content store.
    pub brief: Option<ContentHash>,
    /// The quality try the file is of.
    #[serde(default)]
    pub quality_try: u32,
    /// Quality tries so far.
    #[serde(default)]
    pub tries: u32,
    /// The file, in the content store.
    pub blob: Option<ContentHash>,
    /// The engine that drew it.
    #[serde(default)]
    pub engine: String,
    /// Its version.
    #[serde(default)]
    pub engine_version: String,
    /// The seed.
    pub seed: Option<u64>,
    /// How long the engine took, in milliseconds.
    #[serde(default)]
    pub duration_ms: u64,
    /// The exact request, in the content store.
    pub request: Option<ContentHash>,
    /// The exact response, in the content store.
    pub response: Option<ContentHash>,
    /// What was measured.
    #[serde(default)]
    pub scores: Vec<Score>,
    /// Who approved it.
    pub decided_by: Option<DecidedBy>,
    /// The version of the policy it was approved under.
    pub policy: Option<u64>,
    /// The rejected tries.
    #[serde(default)]
    pub rejections: Vec<RejectionRow>,
    /// Why it is missing.
    pub missing_reason: Option<String>,
    /// Its events.
    #[serde(default)]
    pub events: Vec<Evidence>,
    /// Attempts at its effects.
    #[serde(default)]
    pub attempts: u32,
    /// Attempts lost with their process.
    #[serde(default)]
    pub crash_attempts: u32,
}

/// A line of dialogue.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LineRow {
    /// Its stream.
    pub id: StreamName,
    /// The chapter's id.
    #[serde(default)]
    pub chapter: String,
    /// The scene's stream.
    pub scene: Option<StreamName>,
    /// The character who speaks.
    #[serde(default)]
    pub character: String,
    /// `speaking`, `spoken`, `missing` or `cancelled`.
    #[serde(default)]
    pub state: String,
    /// The speech, in the content store.
    pub speech: Option<ContentHash>,
    /// How often it was spoken.
    #[serde(default)]
    pub take: u32,
    /// The recording, in the content store.
    pub blob: Option<ContentHash>,
    /// The engine that spoke it.
    #[serde(default)]
    pub engine: String,
    /// Its version.
    #[serde(default)]
    pub engine_version: String,
    /// The voice.
    #[serde(default)]
    pub voice: String,
    /// How long the recording lasts, in milliseconds.
    #[serde(default)]
    pub length_ms: u64,
    /// How long the engine took, in milliseconds.
    #[serde(default)]
    pub duration_ms: u64,
    /// The exact request, in the content store.
    pub request: Option<ContentHash>,
    /// The exact response, in the content store.
    pub response: Option<ContentHash>,
    /// Why it is missing.
    pub missing_reason: Option<String>,
    /// Its events.
    #[serde(default)]
    pub events: Vec<Evidence>,
    /// Attempts at its effects.
    #[serde(default)]
    pub attempts: u32,
    /// Attempts lost with their process.
    #[serde(default)]
    pub crash_attempts: u32,
}

/// An order.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OrderRow {
    /// The id of its stream.
    pub id: String,
    /// The character.
    pub character: String,
    /// What the pictures show.
    pub scene: String,
    /// The chapter whose folder they go to.
    pub chapter: Option<String>,
    /// Higher goes first.
    pub priority: i32,
    /// The pictures it wants.
    #[serde(default)]
    pub images: Vec<WantedImage>,
    /// `open`, `filled` or `cancelled`.
    pub state: String,
    /// How many pictures came.
    #[serde(default)]
    pub supplied: u32,
    /// How many are missing.
    #[serde(default)]
    pub missing: u32,
}

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

/// Waiting or running work.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct QueueRow {
    /// The task.
    pub id: String,
    /// The stream it is for.
    pub stream: Option<StreamName>,
    /// The effect's key.
    #[serde(default)]
    pub effect: String,
    /// The kind of work.
    #[serde(default)]
    pub kind: String,
    /// Higher goes first.
    #[serde(default)]
    pub priority: i32,
    /// `waiting` or `running`.
    pub state: String,
    /// Where it runs.
    pub node: Option<String>,
    /// Why it was granted.
    pub because: Option<String>,
}

/// A plan.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PlanRow {
    /// The id of its stream.
    pub id: String,
    /// When it fires, as five fields.
    pub cron: String,
    /// The time zone of the fields.
    pub timezone: String,
    /// What it does.
    pub action: PlannedAction,
    /// When it fires next, in microseconds since 1970.
    pub next_due: Option<i64>,
    /// When it fired last.
    pub last_fired: Option<i64>,
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

/// What a stream did last.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ActivityRow {
    /// The stream.
    pub id: StreamName,
    /// The actor.
    pub actor: String,
    /// The event.
    pub event: String,
    /// When, in microseconds since 1970.
    pub at: i64,
    /// The effect it was about.
    pub effect: Option<String>,
    /// What happened to the effect.
    pub role: Option<String>,
}

/// A key of the policy.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PolicyRow {
    /// The key.
    pub id: String,
    /// Its value.
    pub value: f64,
    /// The version of the policy that set it.
    pub version: u64,
}

/// A connection.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EdgeRow {
    /// Where from.
    pub source: String,
    /// Where to.
    pub target: String,
    /// What it means.
    pub kind: String,
    /// How often it was recorded.
    pub weight: i64,
}
