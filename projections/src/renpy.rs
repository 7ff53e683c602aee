//! A chapter as a Ren'Py project that plays: script, options, own screens, pictures and voices.
//!
//! [`project`] is a pure function from what a chapter is to the files it needs. Whatever titles, names and
//! texts contain, it stays text: names in the script are slugs with a prefix of ours, everything shown is
//! escaped, line ids are pinned. What is missing leaves a game that can be played: no bust, no voice, a
//! plain background. Files have names from the story (never content hashes), so a picture that is made
//! again changes one file and no line.
//!
//! `scripts/renpy.sh lint|play` proves that the real engine agrees.

mod assets;
mod cast;
mod emphasis;
mod escape;
mod names;
mod options;
mod script;
mod stage;

/// A chapter, ready to be played.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Novel {
    /// The title, any text.
    pub title: String,
    /// Where saves go and what line ids begin with: a slug, unique among the user's games.
    pub save_name: String,
    /// Width and height of the stage in pixels; held between 640×360 and 7680×4320.
    pub size: (u32, u32),
    /// Who speaks. A speaker that is not listed gets its id as its name.
    pub characters: Vec<NovelCharacter>,
    /// The story in order.
    pub scenes: Vec<NovelScene>,
    /// The closing: what the chapter still lacks, one readable line each. Listed in the script's head and
    /// on the game's About page.
    pub missing: Vec<String>,
}

/// Somebody who speaks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NovelCharacter {
    /// Unique in the chapter.
    pub id: String,
    /// What the player reads.
    pub name: String,
    /// The name's colour as `#rgb` or `#rrggbb`; anything else, or none, takes one from a palette.
    pub colour: Option<String>,
}

/// One scene.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NovelScene {
    /// Unique in the chapter.
    pub id: String,
    /// As in the screenplay, such as `INT. LAMP ROOM - NIGHT`.
    pub heading: String,
    /// Without one the scene plays before a plain colour.
    pub background: Option<Picture>,
    /// What happens, in order.
    pub beats: Vec<NovelBeat>,
}

/// A picture (PNG), by the caller's content key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Picture {
    /// Such as a blob hash; it never appears in the script.
    pub key: String,
}

/// One thing that happens. Texts may carry Fountain's emphasis (`*` `**` `_`) and line breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NovelBeat {
    /// Told without a speaker.
    Narration {
        /// Unique in the chapter.
        id: String,
        /// What is told.
        text: String,
    },
    /// Somebody speaks.
    Line(NovelLine),
    /// Two speak at the same time (Fountain's `^`).
    Together {
        /// Shown on the left; its voice is the line's voice.
        left: NovelLine,
        /// Shown on the right; its voice sounds on a second channel.
        right: NovelLine,
    },
    /// A breath of one second.
    Pause,
    /// How one picture becomes the next: `FADE TO BLACK:`, `SMASH CUT TO:`. Not shown as text.
    Transition {
        /// As in the screenplay.
        text: String,
    },
    /// A card in the middle of the picture.
    Centered {
        /// Unique in the chapter.
        id: String,
        /// What it says.
        text: String,
    },
    /// Sung words.
    Lyrics {
        /// Unique in the chapter.
        id: String,
        /// Who sings, if anybody is named.
        character: Option<String>,
        /// What is sung.
        text: String,
    },
}

/// A spoken line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NovelLine {
    /// Unique in the chapter.
    pub id: String,
    /// A character's id.
    pub character: String,
    /// What is said; a line without words is shown as `…`.
    pub text: String,
    /// One word; it names the bust's file.
    pub expression: String,
    /// The speaker as seen in this line (PNG with alpha). Without one, whoever stands there keeps standing.
    pub bust: Option<Picture>,
    /// The content key of the voice (WAV, 16-bit PCM).
    pub voice: Option<String>,
    /// Whether the speaker is seen.
    pub presence: Presence,
}

/// Whether a speaker is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Presence {
    /// In the picture.
    #[default]
    OnScreen,
    /// `(O.S.)`: in the scene, outside the picture.
    OffScreen,
    /// `(V.O.)`: not in the scene.
    VoiceOver,
}

/// One file of the project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectFile {
    /// Relative, under `game/`, with `/` between the parts; lower-case ASCII.
    pub path: String,
    /// What belongs there.
    pub content: FileContent,
}

/// What belongs into a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileContent {
    /// UTF-8 text.
    Text(String),
    /// The bytes behind a content key of the caller's.
    Asset(String),
}

/// Own screens, the same for every chapter: sizes and colours come from the options.
const SCREENS: &str = include_str!("renpy/screens.rpy");

/// The project's files, sorted by path; the same novel gives the same files, byte for byte.
pub fn project(novel: &Novel) -> Vec<ProjectFile> {
    let cast = cast::Cast::of(novel);
    let assets = assets::Assets::of(novel, &cast);
    let script = script::write(novel, &cast, &assets);
    let mut files = vec![
        text_file("game/options.rpy", options::write(novel, &assets)),
        text_file("game/screens.rpy", SCREENS.to_owned()),
        text_file("game/script.rpy", script),
    ];
    files.extend(assets.into_files());
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

fn text_file(path: &str, text: String) -> ProjectFile {
    ProjectFile { path: path.to_owned(), content: FileContent::Text(text) }
}

/// The lines a beat holds: none, one or two.
fn lines_of(beat: &NovelBeat) -> Vec<&NovelLine> {
    match beat {
        NovelBeat::Line(line) => vec![line],
        NovelBeat::Together { left, right } => vec![left, right],
        NovelBeat::Narration { .. }
        | NovelBeat::Pause
        | NovelBeat::Transition { .. }
        | NovelBeat::Centered { .. }
        | NovelBeat::Lyrics { .. } => Vec::new(),
    }
}
