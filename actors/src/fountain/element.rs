//! What a screenplay consists of.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// One piece of a screenplay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Element {
    /// What it is, with what only this kind has.
    #[serde(flatten)]
    pub kind: Kind,
    /// The text as written, without the marks that the syntax removes; several lines are joined by `\n`.
    /// Emphasis marks stay, notes and boneyard are taken out.
    pub text: String,
    /// The line of its first visible character, from 1.
    pub line: u32,
    /// The column of that character, in characters from 1.
    pub column: u32,
    /// How many empty lines stand directly before it.
    pub blank_lines_before: u32,
    /// The bytes of the input from its first to behind its last visible character, marks included.
    /// Only a note or boneyard can lie within the range of another element.
    pub source: Range<usize>,
}

/// The kinds of elements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Kind {
    /// `INT. HOUSE - DAY #1A#`, or forced by one period.
    SceneHeading {
        /// What stands between the `#` at its end.
        scene_number: Option<String>,
    },
    /// Description: whatever is nothing else.
    Action,
    /// The cue of a speaker; its text has the extensions, but neither `@` nor caret.
    Character {
        /// The name without extensions.
        name: String,
        /// What stands in parentheses behind the name, without them.
        extensions: Vec<String>,
        /// Its side, when two speak at once.
        dual: Option<Side>,
    },
    /// A parenthetical inside dialogue, with its parentheses.
    Parenthetical,
    /// What is spoken; an empty line that was kept by two spaces is an empty line here.
    Dialogue,
    /// Lines that begin with `~`.
    Lyrics,
    /// `CUT TO:`, or forced by `>`.
    Transition,
    /// `>text<`.
    Centered,
    /// A structural mark of the writer, `#`.
    Section {
        /// How many `#`.
        depth: u32,
    },
    /// A remark of the writer on the story, `=`.
    Synopsis,
    /// `[[text]]`.
    Note,
    /// `/* text */`.
    Boneyard,
    /// Three or more `=`; its text is empty.
    PageBreak,
}

/// Where a cue stands in dual dialogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The first of the two.
    Left,
    /// The second, marked by the caret.
    Right,
}

/// One field of the title page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TitleField {
    /// The key as written, without the colon.
    pub key: String,
    /// Its values as written: the one behind the colon, then one per indented line.
    pub values: Vec<String>,
    /// The line of the key, from 1.
    pub line: u32,
    /// The bytes of the input from the key to behind the last value.
    pub source: Range<usize>,
}

impl Element {
    pub(super) fn new(kind: Kind, text: String, source: Range<usize>) -> Self {
        Self { kind, text, line: 0, column: 0, blank_lines_before: 0, source }
    }
}
