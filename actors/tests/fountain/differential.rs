//! What every text is read as, written down by hand from the specification, and what another parser makes of it;
//! where the two differ, the reason is written down here.
//!
//! What is compared is the kind and the words of everything that a reader would see: emphasis, spaces, empty lines
//! and the way lines are grouped are left out, as are notes, boneyard, sections and synopses.

use hydra_actors::fountain::{Kind, parse, plain};

/// Kind and words.
type Pieces = Vec<(&'static str, String)>;

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Joins neighbours that only differ in how lines are grouped.
fn grouped(pieces: Pieces) -> Vec<String> {
    let mut grouped = Pieces::new();
    for (kind, text) in pieces {
        let text = words(&text);
        match grouped.last_mut() {
            Some((last, before)) if *last == kind && matches!(kind, "action" | "dialogue" | "lyrics") => {
                *before = words(&format!("{before} {text}"));
            }
            _ if text.is_empty() && kind != "page_break" => {}
            _ => grouped.push((kind, text)),
        }
    }
    let shown = |(kind, text): (&str, String)| format!("{kind}: {text}").trim_end().to_owned();
    grouped.into_iter().map(shown).collect()
}

fn ours(text: &str) -> Vec<String> {
    let elements = parse(text).elements.into_iter();
    grouped(elements.filter_map(|element| Some((kind(&element.kind)?, plain(&element.text)))).collect())
}

fn kind(kind: &Kind) -> Option<&'static str> {
    match kind {
        Kind::SceneHeading { .. } => Some("scene_heading"),
        Kind::Action | Kind::Centered => Some("action"),
        Kind::Character { .. } => Some("character"),
        Kind::Parenthetical => Some("parenthetical"),
        Kind::Dialogue => Some("dialogue"),
        Kind::Lyrics => Some("lyrics"),
        Kind::Transition => Some("transition"),
        Kind::PageBreak => Some("page_break"),
        Kind::Section { .. } | Kind::Synopsis | Kind::Note | Kind::Boneyard => None,
    }
}

fn jumpcut(text: &str) -> Vec<String> {
    let mut pieces = Pieces::new();
    for element in jumpcut::parse(text).elements {
        jumpcut_element(element, &mut pieces);
    }
    grouped(pieces)
}

fn jumpcut_element(element: jumpcut::Element, pieces: &mut Pieces) {
    use jumpcut::Element;
    let (kind, text) = match element {
        Element::Action(text, _)
        | Element::ColdOpening(text, _)
        | Element::NewAct(text, _)
        | Element::EndOfAct(text, _) => ("action", text),
        Element::Character(text, _) => ("character", text),
        Element::SceneHeading(text, _) => ("scene_heading", text),
        Element::Lyric(text, _) => ("lyrics", text),
        Element::Parenthetical(text, _) => ("parenthetical", text),
        Element::Dialogue(text, _) => ("dialogue", text),
        Element::Transition(text, _) => ("transition", text),
        Element::PageBreak => return pieces.push(("page_break", String::new())),
        Element::DialogueBlock(block) | Element::DualDialogueBlock(block) => {
            return block.into_iter().for_each(|element| jumpcut_element(element, pieces));
        }
        Element::Section(..) | Element::Synopsis(_) => return,
    };
    pieces.push((kind, text.plain_text()));
}

/// Whole texts and what they are read as by both.
const WHOLE: [(&str, &[&str]); 7] = [
    ("INT. HOUSE - DAY\n\nShe waits.\n", &["scene_heading: INT. HOUSE - DAY", "action: She waits."]),
    ("ext. brick's pool - day\n\nWater.\n", &["scene_heading: ext. brick's pool - day", "action: Water."]),
    ("INT HOUSE - DAY\n\nShe waits.\n", &["scene_heading: INT HOUSE - DAY", "action: She waits."]),
    ("INT. A #1A#\n\nHi.\n", &["scene_heading: INT. A", "action: Hi."]),
    (".SNIPER SCOPE POV\n\nNear.\n", &["scene_heading: SNIPER SCOPE POV", "action: Near."]),
    (
        "EXT. CIRCUS - NIGHT\n\n...where it is parked.\n",
        &["scene_heading: EXT. CIRCUS - NIGHT", "action: ...where it is parked."],
    ),
    ("INTERNAL AFFAIRS\n\nHi.\n", &["action: INTERNAL AFFAIRS Hi."]),
];

/// What follows a heading, and what it is read as by both.
const IN_A_SCENE: [(&str, &[&str]); 25] = [
    (
        "STEEL\nThe man's a myth!\n\nHe goes.\n",
        &["character: STEEL", "dialogue: The man's a myth!", "action: He goes."],
    ),
    ("R2D2\nBeep.\n", &["character: R2D2", "dialogue: Beep."]),
    ("ÉLODIE\nOui.\n", &["character: ÉLODIE", "dialogue: Oui."]),
    (
        "STEEL\n(low)\nRetirement!\n(beat)\nNo.\n",
        &[
            "character: STEEL",
            "parenthetical: (low)",
            "dialogue: Retirement!",
            "parenthetical: (beat)",
            "dialogue: No.",
        ],
    ),
    ("@McCLANE\nYippie.\n", &["character: McCLANE", "dialogue: Yippie."]),
    ("MOM (V.O.)\nHi.\n", &["character: MOM (V.O.)", "dialogue: Hi."]),
    ("JO (V.O.) (CONT'D)\nHi.\n", &["character: JO (V.O.) (CONT'D)", "dialogue: Hi."]),
    ("A\nHi.\n\nB ^\nHo.\n", &["character: A", "dialogue: Hi.", "character: B", "dialogue: Ho."]),
    ("@Mc (O.S.) ^\nHo.\n", &["character: Mc (O.S.)", "dialogue: Ho."]),
    ("JO\nOne.\n  \nTwo.\n", &["character: JO", "dialogue: One. Two."]),
    ("JO\nI SAID NO\n", &["character: JO", "dialogue: I SAID NO"]),
    ("JO\nHi.\n~La\nHo.\n", &["character: JO", "dialogue: Hi.", "lyrics: La", "dialogue: Ho."]),
    ("LONE CAPITALS\n\nMore.\n", &["action: LONE CAPITALS More."]),
    (
        "They argue.\n\nCUT TO:\n\nINT. B\n\nHi.\n",
        &["action: They argue.", "transition: CUT TO:", "scene_heading: INT. B", "action: Hi."],
    ),
    (
        "They look.\n\n> Burn to White.\n\nINT. B\n\nHi.\n",
        &["action: They look.", "transition: Burn to White.", "scene_heading: INT. B", "action: Hi."],
    ),
    ("FADE OUT.\n\nHi.\n", &["action: FADE OUT. Hi."]),
    ("!SCANNING THE AISLES\nWhere is he?\n", &["action: SCANNING THE AISLES Where is he?"]),
    ("~Willy Wonka!\n", &["lyrics: Willy Wonka!"]),
    ("> END <\n", &["action: END"]),
    ("# Act\n\n= Why.\n\nHi.\n", &["action: Hi."]),
    ("She *runs* and **jumps**.\n", &["action: She runs and jumps."]),
    ("*69 and *23, hm\n", &["action: *69 and *23, hm"]),
    ("Hello /* a\n\nb */ there.\n", &["action: Hello there."]),
    ("JACK[[name?]] drinks.\n", &["action: JACK drinks."]),
    ("The [[note\n\nis broken]] here.\n", &["action: The [[note is broken]] here."]),
];

/// What follows a heading, what it is read as, and why the other, which reads it in another way, is wrong.
const DIFFERENCES: [(&str, &[&str], &str); 9] = [
    (
        "EXT HARBOUR - DAY\nThe sea.\n",
        &["action: EXT HARBOUR - DAY The sea."],
        "what begins like a heading is no speaker",
    ),
    (
        "INT. A\nNo empty line.\n",
        &["action: INT. A No empty line."],
        "a heading needs an empty line behind it, and is no speaker either",
    ),
    ("23\nHi.\n", &["action: 23 Hi."], "a name has at least one letter"),
    ("/* a * b */ there.\n", &["action: there."], "boneyard may hold a single star"),
    ("CUT TO: \n\nHi.\n", &["action: CUT TO: Hi."], "a space behind the colon makes it action"),
    (
        ".38 pistol\nmore.\n",
        &["action: .38 pistol more."],
        "a forced heading too needs an empty line behind it",
    ),
    (
        "Hi.\n\n===\n\nHo.\n",
        &["action: Hi.", "page_break:", "action: Ho."],
        "a page break is an element; there it marks the next one",
    ),
    (
        "some_variable_name\n",
        &["action: some_variable_name"],
        "as in Markdown, an underscore inside a word is a letter",
    ),
    ("**\\*9765\\***\n", &["action: *9765*"], "the specification's own example of escapes"),
];

/// A scene in which `text` stands, and what it then consists of.
fn in_a_scene(text: &str, expected: &[&str]) -> (String, Vec<String>) {
    let pieces = [&["scene_heading: INT. HALL"], expected].concat();
    (format!("INT. HALL\n\n{text}"), pieces.into_iter().map(str::to_owned).collect())
}

#[test]
fn both_read_the_plain_cases_as_the_specification_has_them() {
    let whole = WHOLE.map(|(text, expected)| {
        (text.to_owned(), expected.iter().map(|piece| (*piece).to_owned()).collect::<Vec<_>>())
    });
    for (text, expected) in whole.into_iter().chain(IN_A_SCENE.map(|(text, to)| in_a_scene(text, to))) {
        assert_eq!(ours(&text), expected, "ours reads {text:?} in another way");
        assert_eq!(jumpcut(&text), expected, "jumpcut reads {text:?} in another way");
    }
}

#[test]
fn every_listed_difference_is_one() {
    for (text, expected, reason) in DIFFERENCES {
        let (text, expected) = in_a_scene(text, expected);
        assert_eq!(ours(&text), expected, "{reason}: {text:?}");
        assert_ne!(jumpcut(&text), expected, "both agree now: {text:?}");
    }
}
