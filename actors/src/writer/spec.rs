//! What the Writer is given of a scene: everything it needs, and nothing that changes when another scene is edited.
//!
//! There is no number and no line here, so that a specification's hash says whether the scene is still the same.

use hydra_events::vocabulary::chapter::Fill;
use serde::{Deserialize, Serialize};

use crate::director::plan::CastMember;
use crate::fountain::Side;
use crate::screenplay::{self, Expression, Interior, Presence, TimeOfDay};

/// A scene to be written, as JSON in the content store.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SceneSpec {
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
    /// What happens, in order.
    pub beats: Vec<SceneBeat>,
    /// Those who speak in it, by id; where lines are to be filled in, then those who are mentioned.
    pub cast: Vec<CastMember>,
    /// Whether a scene without dialogue gets some.
    pub fill: Fill,
    /// Pictures made of each subject.
    pub candidates: u32,
}

/// One thing that happens in a scene. Texts have their emphasis marks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SceneBeat {
    /// One box of narration.
    Narration {
        /// Unique in the chapter.
        id: String,
        /// As shown.
        text: String,
    },
    /// Something said.
    Line(SaidLine),
    /// A breath.
    Pause {},
    /// `CUT TO:`.
    Transition {
        /// As written.
        text: String,
    },
    /// A title card.
    Centered {
        /// As written.
        text: String,
    },
    /// Something sung.
    Lyrics {
        /// Unique in the chapter.
        id: String,
        /// Who sings, when anybody does.
        speaker: Option<String>,
        /// As shown, one verse per line.
        text: String,
    },
}

/// A line of dialogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaidLine {
    /// Unique in the chapter: made of scene, speaker, text and occurrence.
    pub id: String,
    /// The character's id.
    pub speaker: String,
    /// The name as written.
    pub speaker_name: String,
    /// As shown, with line breaks.
    pub text: String,
    /// As spoken: one line, no marks.
    pub spoken: String,
    /// How they look while saying it.
    pub expression: Expression,
    /// What the parentheticals say beyond expressions and pauses.
    pub directions: Vec<String>,
    /// Whether they are seen.
    pub presence: Presence,
    /// Their side, when two speak at once.
    pub dual: Option<Side>,
}

impl SceneBeat {
    /// The beat without its place in the text.
    pub fn of(beat: &screenplay::Beat) -> Self {
        match beat.clone() {
            screenplay::Beat::Narration { id, text, .. } => Self::Narration { id, text },
            screenplay::Beat::Line {
                id,
                speaker,
                speaker_name,
                text,
                spoken,
                expression,
                directions,
                presence,
                dual,
                ..
            } => Self::Line(SaidLine {
                id,
                speaker,
                speaker_name,
                text,
                spoken,
                expression,
                directions,
                presence,
                dual,
            }),
            screenplay::Beat::Pause { .. } => Self::Pause {},
            screenplay::Beat::Transition { text, .. } => Self::Transition { text },
            screenplay::Beat::Centered { text, .. } => Self::Centered { text },
            screenplay::Beat::Lyrics { id, speaker, text, .. } => Self::Lyrics { id, speaker, text },
        }
    }

    /// Who is heard in it.
    pub fn speaker(&self) -> Option<&str> {
        match self {
            Self::Line(line) => Some(&line.speaker),
            Self::Lyrics { speaker, .. } => speaker.as_deref(),
            Self::Narration { .. } | Self::Pause {} | Self::Transition { .. } | Self::Centered { .. } => None,
        }
    }

    /// Has `member` speak it, if anybody does.
    pub fn give_to(&mut self, member: String) {
        match self {
            Self::Line(line) => line.speaker = member,
            Self::Lyrics { speaker, .. } => *speaker = Some(member),
            Self::Narration { .. } | Self::Pause {} | Self::Transition { .. } | Self::Centered { .. } => {}
        }
    }

    /// Its dialogue, if it is any.
    pub fn line(&self) -> Option<&SaidLine> {
        match self {
            Self::Line(line) => Some(line),
            Self::Narration { .. }
            | Self::Pause {}
            | Self::Transition { .. }
            | Self::Centered { .. }
            | Self::Lyrics { .. } => None,
        }
    }
}

impl SceneSpec {
    /// The character called `id`.
    pub fn member(&self, id: &str) -> Option<&CastMember> {
        self.cast.iter().find(|member| member.id == id)
    }
}
