//! The shape of an understood screenplay.

use serde::{Deserialize, Serialize};

use super::Expression;
use crate::fountain::{Problem, Side};

/// A screenplay as a chapter sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Script {
    /// From the title page, else from the file name.
    pub title: String,
    /// In story order.
    pub scenes: Vec<Scene>,
    /// In the order of their first words.
    pub cast: Vec<CastEntry>,
    /// Those of the parser and those of the story, ordered by place.
    pub problems: Vec<Problem>,
}

/// One who speaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CastEntry {
    /// The slug of the name.
    pub id: String,
    /// The name as first written, without extensions.
    pub name: String,
    /// How many lines are theirs.
    pub lines: u32,
    /// Other spellings that mean the same character.
    pub aliases_seen: Vec<String>,
}

/// One scene.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Scene {
    /// The slug of the heading, with `_2` and so on for its further occurrences.
    pub id: String,
    /// Its place in the story, from 1.
    pub number: usize,
    /// The heading as written, without scene number; empty for the text before the first heading.
    pub heading: String,
    /// Where it plays: the heading without prefix and time of day.
    pub place: String,
    /// When it plays; `CONTINUOUS` and `SAME` mean the time of the scene before.
    pub time_of_day: TimeOfDay,
    /// Inside or outside.
    pub interior: Interior,
    /// What happens, in order.
    pub beats: Vec<Beat>,
    /// The line of the heading, from 1.
    pub line: u32,
}

/// When a scene plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeOfDay {
    /// From morning to afternoon.
    Day,
    /// Night and midnight.
    Night,
    /// Dawn and sunrise.
    Dawn,
    /// Dusk, sunset and evening.
    Dusk,
    /// The heading does not say.
    #[default]
    Unspecified,
}

/// Where a scene plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Interior {
    /// `INT`.
    Interior,
    /// `EXT` and `EST`.
    Exterior,
    /// `INT./EXT`, `I/E`.
    Both,
    /// The heading does not say.
    #[default]
    Unspecified,
}

/// Whether a speaker is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// Seen.
    #[default]
    OnScreen,
    /// `(O.S.)`, `(O.C.)`: there, but not seen.
    OffScreen,
    /// `(V.O.)`: not there.
    VoiceOver,
}

/// One thing that happens. `line` is a line of the text, from 1; `text` has its emphasis marks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Beat {
    /// One box of narration.
    Narration {
        /// `n` and 16 hex digits.
        id: String,
        /// At most about [`super::BOX_CHARS_MAX`] characters as shown.
        text: String,
        /// Where the paragraph begins.
        line: u32,
    },
    /// Something said.
    Line {
        /// `l` and 16 hex digits.
        id: String,
        /// The id of the character.
        speaker: String,
        /// The name as written in this cue, without extensions.
        speaker_name: String,
        /// As shown, with line breaks.
        text: String,
        /// As spoken: one line, no marks.
        spoken: String,
        /// How they look while saying it.
        expression: Expression,
        /// What the parentheticals say beyond expressions and pauses.
        directions: Vec<String>,
        /// Whether they are seen.
        presence: Presence,
        /// Their side, when two speak at once.
        dual: Option<Side>,
        /// Where the line begins.
        line: u32,
    },
    /// `(beat)`, `(pause)`.
    Pause {
        /// Where it stands.
        line: u32,
    },
    /// `CUT TO:`, `FADE IN:`.
    Transition {
        /// As written.
        text: String,
        /// Where it stands.
        line: u32,
    },
    /// Centred text, a title card.
    Centered {
        /// As written.
        text: String,
        /// Where it stands.
        line: u32,
    },
    /// Something sung.
    Lyrics {
        /// `s` and 16 hex digits.
        id: String,
        /// Who sings, when it stands inside dialogue.
        speaker: Option<String>,
        /// As shown, one verse per line.
        text: String,
        /// As sung: one line, no marks.
        spoken: String,
        /// Where it begins.
        line: u32,
    },
}
