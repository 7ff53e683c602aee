//! A scene as it was written: what `dialogue.json` and the playable chapter are made from.

use hydra_events::StreamName;
use serde::{Deserialize, Serialize};

use super::spec::SceneBeat;
use crate::screenplay::{Interior, TimeOfDay};

/// A finished scene, as JSON behind `SceneWritten`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SceneScript {
    /// The chapter's id.
    pub chapter: String,
    /// The scene's id in the chapter.
    pub scene: String,
    /// As written; empty for the text before the first heading.
    pub heading: String,
    /// Where it plays; empty when nobody says.
    pub place: String,
    /// When it plays.
    pub time_of_day: TimeOfDay,
    /// Inside or outside.
    pub interior: Interior,
    /// The streams of its background, one per candidate; the best that is approved is used.
    pub background: Vec<StreamName>,
    /// What happens, in order.
    pub beats: Vec<ScriptBeat>,
}

/// One thing that happens, with what is seen and heard of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScriptBeat {
    /// What happens.
    #[serde(flatten)]
    pub beat: SceneBeat,
    /// Where it comes from.
    pub origin: Origin,
    /// The streams of the speaker's picture, one per candidate; none for those who are not seen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bust: Vec<StreamName>,
    /// The stream of the recording; none where nothing can be spoken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voice: Option<StreamName>,
}

/// Who wrote a beat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// It stands in the screenplay.
    Screenplay,
    /// The Writer filled it in, for an author to replace.
    Placeholder,
}
