//! What a chapter understands from a screenplay: scenes, beats, who speaks and how.
//!
//! Pure and total: the same text gives the same script, byte for byte, and a text of which no
//! chapter can be made gives problems of severity `Error` beside whatever was understood.
//!
//! - Action is narration, split into boxes; notes, synopses, sections, boneyard and page breaks
//!   never reach the player. `FADE IN:` and its like, alone in a paragraph, are transitions.
//! - Text before the first heading is a scene of its own, `opening`; transitions and centred text
//!   there belong to the first scene.
//! - A parenthetical sets the expression until another one does, and gives the direction of the
//!   next line only.

mod boxes;
mod cast;
mod customs;
mod expression;
mod heading;
mod identity;
mod notes;
mod reader;
mod script;

use crate::fountain::{Kind, Screenplay, plain};

pub use boxes::BOX_CHARS_MAX;
pub use expression::{Expression, VOCABULARY};
pub use identity::{ID_CHARS_MAX, slug};
pub use script::{Beat, CastEntry, Interior, Presence, Scene, Script, TimeOfDay};

/// The most scenes of one script; what follows is not read, with an error.
pub const SCENES_MAX: usize = 500;
/// The most beats of one script; what follows is not read, with an error.
pub const BEATS_MAX: usize = 20_000;
/// The most characters of one script; what follows is not read, with an error.
pub const CHARACTERS_MAX: usize = 200;
/// The longest name, in characters; a longer one is an error.
pub const NAME_CHARS_MAX: usize = 60;

/// Understands a screenplay; `stem` is the file name without extension, the title where none is written.
#[must_use]
pub fn understand(screenplay: &Screenplay, stem: &str) -> Script {
    let title = title(screenplay, stem);
    let mut reader = reader::Reader::default();
    for element in &screenplay.elements {
        reader.element(element);
    }
    let has_heading =
        screenplay.elements.iter().any(|element| matches!(element.kind, Kind::SceneHeading { .. }));
    let (scenes, cast, notes) = reader.finish(has_heading);
    let (cast, warnings) = cast.finish();
    let mut problems = screenplay.problems.clone();
    problems.extend(notes);
    problems.extend(warnings);
    problems.sort_by_key(|problem| (problem.line, problem.column));
    Script { title, scenes, cast, problems }
}

fn title(screenplay: &Screenplay, stem: &str) -> String {
    let written = screenplay.title_page.iter().find(|field| field.key.eq_ignore_ascii_case("title"));
    let written = written.map(|field| words(&plain(&field.values.join(" ")))).unwrap_or_default();
    if !written.is_empty() {
        return written;
    }
    let mut letters = stem.chars().map(|letter| if matches!(letter, '_' | '-') { ' ' } else { letter });
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    let from_stem = words(&(first + &letters.collect::<String>()));
    if from_stem.is_empty() { "Untitled".to_owned() } else { from_stem }
}

/// A text with single spaces between its words and none around.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
